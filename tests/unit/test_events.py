"""What happens is said once: the journal gets all of it, the console what fits, and the console stops nobody."""

from __future__ import annotations

import contextlib
import os
import stat
import time
from pathlib import Path
from typing import Iterator, List, Tuple

import pytest

from drboot.errors import Problem
from drboot.events import Console, pipeline
from drboot.journal import Journal, read

LONG = "importvg " + "very-long-name " * 30
WHAT = "datavg cannot be imported " * 5
PROBLEM = Problem("vg-pvid-missing", WHAT, "dr.yaml:3", "PV \u00fc\u4e2d is missing " * 9, "cfgmgr")
STEP = {"step": "a", "title": LONG, "evidence": "", "warnings": [LONG], "seconds": 3.14, "over": 7, "of": 31}
EVENTS = (
    ("say", {"text": LONG + "\nand a second line \u00e4"}),
    ("step", {**STEP, "outcome": "done", "problem": None}),
    ("step", {**STEP, "outcome": "changed", "problem": None, "title": "short"}),
    ("step", {**STEP, "outcome": "failed", "problem": PROBLEM._asdict()}),
    ("step", {**STEP, "outcome": "blocked", "problem": PROBLEM._asdict()}),
    ("waiting", {"title": LONG, "why": LONG, "seconds": 2.0}),
    ("problem", {"problem": PROBLEM._asdict()}),
    ("command", {"argv": ["lspv"], "stdout": "\udcff\x00"}),
    ("action", {"action": "importvg"}),
)


@pytest.fixture
def terminal() -> Iterator[Tuple[int, int]]:
    """(what is read, what the console writes to)"""
    ends = os.pipe()
    yield ends
    for end in ends:
        with contextlib.suppress(OSError):
            os.close(end)


def shown(terminal: Tuple[int, int]) -> List[bytes]:
    os.set_blocking(terminal[0], False)
    data = b""
    with contextlib.suppress(BlockingIOError):
        while True:
            data += os.read(terminal[0], 65536)
    return data.splitlines()


def test_lines_are_ascii_and_below_80_columns(terminal: Tuple[int, int]) -> None:
    console = Console(terminal[1])
    tell = pipeline("run", None, console)
    for event, keys in EVENTS:
        tell(event, **keys)
    console.close()
    lines = shown(terminal)
    assert len(lines) > 20
    assert all(line.startswith(b"drboot: ") and len(line) < 80 and line.isascii() for line in lines), lines
    assert b"drboot: [ 7/31] short ... ok 3.1s" in lines
    assert [line for line in lines if line.endswith(b"... BLOCKED")]
    assert [line for line in lines if line.endswith(b"... ok (already)")]
    assert [line for line in lines if line.endswith(b"... FAILED 3.1s")]


def test_the_journal_gets_everything_whole_and_in_order(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.jsonl")
    tell = pipeline("20261121T031500Z-77", Journal(path), None)
    for event, keys in EVENTS:
        tell(event, **keys)
    told = read(path)
    assert [each["event"] for each in told] == [event for event, _ in EVENTS]
    for each, (_, keys) in zip(told, EVENTS):
        assert {key: each[key] for key in keys} == keys
        assert each["run"] == "20261121T031500Z-77"
        assert each["at"].endswith("Z")


@pytest.mark.parametrize(("kind", "outcome", "waits"), [
    ("read", "exited", True),
    ("read", "killed", False),
    ("read", "missing", False),
    ("write", "exited", False),
    ("importvg", "stuck", False),
])  # fmt: skip
def test_what_was_only_read_is_synced_with_the_next_event(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str, outcome: str, waits: bool
) -> None:
    path = str(tmp_path / "journal.jsonl")
    synced: List[int] = []  # lines in the file each time

    def sync(descriptor: int) -> None:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):  # its directory is synced once as well
            synced.append(len(read(path)))

    monkeypatch.setattr(os, "fsync", sync)
    tell = pipeline("run", Journal(path), None)
    tell("action", action="importvg -n -y datavg hdisk2")
    tell("command", argv=["/usr/sbin/x"], kind=kind, outcome=outcome, rc=0, seconds=0.1, stdout="", stderr="")
    assert [each["event"] for each in read(path)] == ["action", "command"]
    tell("action", action="varyonvg datavg")
    assert synced == ([1, 3] if waits else [1, 2, 3])


def test_a_console_that_blocks_stops_nobody(tmp_path: Path, terminal: Tuple[int, int]) -> None:
    """Ctrl-S: nobody reads, the pipe is full, and the journal has every event all the same."""
    console = Console(terminal[1])
    path = str(tmp_path / "journal.jsonl")
    tell = pipeline("run", Journal(path), console)
    started = time.monotonic()
    for number in range(200):
        tell("say", text=f"{number} " + "x" * 60 * 20)
    console.close(patience=0.2)
    assert time.monotonic() - started < 5
    assert len(read(path)) == 200
    os.close(terminal[0])  # whoever writes there is let go, so that the thread ends with the test


def test_what_was_said_is_shown_before_the_run_ends(terminal: Tuple[int, int]) -> None:
    console = Console(terminal[1])
    for number in range(300):
        console.line(f"drboot: {number}")
    console.close()
    assert shown(terminal) == [b"drboot: %d" % number for number in range(300)]


def test_a_console_that_is_gone_is_no_trouble() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    console = Console(writing)
    tell = pipeline("run", None, console)
    for _ in range(5):
        tell("say", text="nobody listens")
    started = time.monotonic()
    console.close(patience=2.0)
    assert time.monotonic() - started < 1.5
    os.close(writing)


def test_nothing_that_a_terminal_would_obey_reaches_it(terminal: Tuple[int, int]) -> None:
    console = Console(terminal[1])
    console.line("garbage \x1b[2J\x07 of a \x9b1m machine")
    console.close()
    assert os.read(terminal[0], 1000) == b"garbage ?[2J? of a ?1m machine\n"
