"""Every reader of drboot.facts, on bytes, on damaged recordings and on lines without end: a value or ParseError.

The readers are found by looking into the modules, so a new one is fuzzed by itself.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import random
import re
import time
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, Dict, Iterator, List, Optional, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import drboot.facts
from drboot.errors import FactUnavailable
from drboot.facts import errpt
from drboot.facts.base import LONGEST_LINE, FileQuery, ParseError, Query
from drboot.paths import Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen

Reader = Callable[[str], Any]
TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
# Readers whose recordings lie under another name, or that read a file of which there is none.
RECORDED = {"filesystems": ("lsfs", "mount"), "hosts": ("netstat",), "resolv": ("netstat",), "netsvc": ("no",)}
LONGEST_TIME = 2.0  # seconds for one line of any shape, on a busy machine


def modules() -> Iterator[ModuleType]:
    for info in pkgutil.iter_modules(drboot.facts.__path__):
        yield importlib.import_module(f"drboot.facts.{info.name}")


def readers_of(module: ModuleType) -> Iterator[Tuple[str, Reader]]:
    """The functions called parse..., the Queries, and those that functions make."""
    for name, value in vars(module).items():
        if isinstance(value, (Query, FileQuery)):
            yield name, value.parse
        if not inspect.isfunction(value) or value.__module__ != module.__name__ or name.startswith("_"):
            continue
        made = str(inspect.signature(value).return_annotation)
        if name.split("_")[0] == "parse" and name != "parse_rows":  # that one takes lines
            yield name, value
        elif made.startswith(("Query[", "FileQuery[")):
            yield f"{name}()", called(value, module).parse
        elif made.startswith("Callable[[str]"):
            yield f"{name}()", called(value, module)


def called(function: Callable[..., Any], module: ModuleType) -> Any:
    """The function's value for as many arguments as it must have, and two for ``*names``: names, or nothing seen."""
    names = tuple(getattr(module, "FIELDS", ("attribute", "value")))
    given: List[Any] = []
    for number, parameter in enumerate(inspect.signature(function).parameters.values()):
        if parameter.kind is parameter.VAR_POSITIONAL:
            given += names[:2]
        elif parameter.default is parameter.empty:
            given.append(() if "Tuple[" in str(parameter.annotation) else f"name{number}")
    return function(*given)


def recordings_of(module: str) -> List[str]:
    directories = (module, *RECORDED.get(module, ()))
    paths = sorted(path for directory in directories for path in (TRANSCRIPTS / directory).glob("*.txt"))
    return [path.read_text(encoding="utf-8", errors="surrogateescape").partition("---\n")[2] for path in paths]


SHORT = {module: module.__name__.rpartition(".")[2] for module in modules()}
READERS: List[Tuple[str, str, Reader]] = [
    (f"{short}.{name}", short, read) for module, short in SHORT.items() for name, read in readers_of(module)
]
RECORDINGS: Dict[str, List[str]] = {short: recordings_of(short) for short in SHORT.values()}
LSPV: Reader = {name: read for name, _, read in READERS}["lspv.parse"]
EVERYTHING = [text for texts in RECORDINGS.values() for text in texts]
every_reader = pytest.mark.parametrize(("name", "module", "read"), READERS, ids=[name for name, _, _ in READERS])


def read_all(value: Any) -> None:
    """Look at everything that a value offers: what is worked out when it is asked for must not fail either."""
    if isinstance(value, (list, tuple)):
        for item in value:
            read_all(item)
    for name, member in inspect.getmembers(type(value), lambda member: isinstance(member, property)):
        if type(value).__module__.startswith("drboot."):
            assert member.fget is not None, name
            member.fget(value)


def outcome(read: Reader, text: str) -> Optional[str]:
    """None for a value, else why there is none.  Anything but ParseError is a defect."""
    try:
        read_all(read(text))
    except ParseError as error:
        assert error.why
        return error.why
    return None


def test_they_are_found() -> None:
    found = {name for name, _, _ in READERS}
    assert len(found) > 100
    assert {"lspv.PVS", "lspv.parse", "lsattr.value()", "lsattr.columns()", "hosts.FILE"} <= found
    assert [short for short in RECORDINGS if not RECORDINGS[short] and short not in NOT_RECORDED] == []


# They read no command's output of their own, or that of a command of which the reference has no recording.
NOT_RECORDED = ("base", "form", "messages", "results", "types", "devrsrv", "hdcryptmgr", "lswpar", "vxdmpadm")


@every_reader
@settings(max_examples=25)
@given(data=st.binary(max_size=120))
def test_any_bytes(name: str, module: str, read: Reader, data: bytes) -> None:
    outcome(read, data.decode("utf-8", "surrogateescape"))


# ---- recordings, damaged

WORDS = (
    "", " ", "-", "0", "-1", "9" * 30, "9" * 5000, "0x10", "1e9", "none", "None", ":", "=", "a:b:c", "U8233.E8B", "\t",
    "\u0663", "\u00b2", "\xa0", "\x1b[2J", "\x00", "\r", "\udcff", "hdisk1", "10.1.1.1", "999.1.1.1",
    "00f6f42a0bd88942", "%", "??????", "#", '"', "\\", "U" * 300,
)  # fmt: skip
OPERATIONS = ("drop", "double", "swap", "cut", "word", "column", "insert", "end", "join", "blank")


def damaged(text: str, rng: random.Random, times: int) -> str:
    """The text after some of OPERATIONS."""
    for _ in range(times):
        lines = text.split("\n")
        at, other = rng.randrange(len(lines)), rng.randrange(len(lines))
        operation = rng.choice(OPERATIONS)
        if operation == "drop":
            del lines[at]
        elif operation == "double":
            lines.insert(other, lines[at])
        elif operation == "swap":
            lines[at], lines[other] = lines[other], lines[at]
        elif operation == "cut":
            lines[at] = lines[at][: rng.randrange(len(lines[at]) + 1)]
        elif operation in ("word", "column"):
            lines[at] = _with_another_word(lines[at], rng, keep=operation == "word")
        elif operation == "insert":
            place = rng.randrange(len(lines[at]) + 1)
            lines[at] = lines[at][:place] + rng.choice(WORDS) + lines[at][place:]
        elif operation == "end":
            return text[: rng.randrange(len(text) + 1)]
        elif operation == "join":
            lines[at : at + 2] = ["".join(lines[at : at + 2])]
        else:
            lines[at] = rng.choice(("", " ", "\t", "    "))
        text = "\n".join(lines)
    return text


def _with_another_word(line: str, rng: random.Random, keep: bool) -> str:
    """One of its words replaced, or the word and the blanks behind it gone."""
    words = list(re.finditer(r"\S+\s*", line))
    if not words:
        return line
    word = rng.choice(words)
    return line[: word.start()] + (rng.choice(WORDS) + " " if keep else "") + line[word.end() :]


@every_reader
@settings(max_examples=40)
@given(seed=st.integers(0, 2**32), times=st.integers(1, 6), own=st.booleans())
def test_damaged_recordings(name: str, module: str, read: Reader, seed: int, times: int, own: bool) -> None:
    rng = random.Random(seed)
    texts = RECORDINGS[module] if own and RECORDINGS[module] else EVERYTHING
    outcome(read, damaged(rng.choice(texts), rng, times))


def test_damage_is_done_and_some_of_it_is_noticed() -> None:
    """Lest the test above looks at nothing: of lspv's own recordings, damaged, most are refused, and not all."""
    rng = random.Random(0)
    refused = [outcome(LSPV, damaged(rng.choice(RECORDINGS["lspv"]), rng, 3)) is not None for _ in range(400)]
    assert 40 < sum(refused) < 400


# ---- lines without end

PIECES = (
    " ",
    "a",
    "A ",
    "0",
    "0 ",
    ":",
    "A: ",
    "a  ",
    ".",
    "1.",
    "=",
    '"',
    "\t",
    "hdisk1 ",
    "# ",
    "\\",
    "True ",
    "( ",
    "/x ",
)


@every_reader
def test_a_line_of_any_length_costs_little(name: str, module: str, read: Reader) -> None:
    """Neither a run of the same piece nor a recorded line with one in its middle: no pattern runs wild."""
    rng = random.Random(name)
    texts = [edge + piece * (LONGEST_LINE // len(piece) - 2) + edge for piece in PIECES for edge in ("", "x")]
    for _ in range(6 if RECORDINGS[module] else 0):
        text = rng.choice(RECORDINGS[module])
        at, piece = rng.randrange(len(text) + 1), rng.choice(PIECES)
        texts.append(text[:at] + piece * (3500 // len(piece)) + text[at:])
    for text in texts:
        begin = time.process_time()
        outcome(read, text)
        assert time.process_time() - begin < LONGEST_TIME, text[:80]


def test_a_longer_line_is_refused_and_not_quoted_whole() -> None:
    with pytest.raises(ParseError) as caught:
        LSPV("hdisk0\n" + "9" * 100_000 + "\n")
    assert (caught.value.line, caught.value.why) == (2, "a line of 100000 characters")
    assert len(str(caught.value)) < 200


@given(month=st.integers(0, 13), day=st.integers(0, 32))
def test_a_time_of_the_error_log_is_one_that_the_calendar_has(month: int, day: int) -> None:
    row = f"9DBCFDEE   {month:02}{day:02}100026 T O errdemon       ERROR LOGGING TURNED ON\n"
    try:
        found = errpt.parse(row)
    except ParseError:
        return
    assert errpt.since_boot(found).program == "errpt"


# ---- behind Seen, where the product meets it


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), rc=st.sampled_from((0, 0, 0, 1, 255, -9)))
def test_whoever_asks_gets_a_fact_or_is_told_that_there_is_none(seed: int, rc: int) -> None:
    rng = random.Random(seed)
    text = damaged(rng.choice(EVERYTHING), rng, rng.randrange(4))

    def answer(argv: Tuple[str, ...], *_: Any) -> Ran:
        return Ran(argv, "exited", rc, text, "", 0.0)

    queries = [value for module in SHORT for value in vars(module).values() if isinstance(value, Query)]
    seen = Seen(Runner(Root("/nowhere"), run_argv=answer))
    for query in rng.sample(queries, 8):
        try:
            seen(query)
        except FactUnavailable as error:
            assert error.problems[0].name and error.problems[0].where
