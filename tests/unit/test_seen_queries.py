"""Facts: read once however many ask, forgotten by what they are about, failures kept like answers."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Dict, List, Mapping, Optional, Tuple

import pytest

from drboot.errors import FactUnavailable
from drboot.facts.base import FileQuery, ParseError, Query
from drboot.paths import Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen


def words(text: str) -> Tuple[str, ...]:
    if "garbage" in text:
        raise ParseError("a word is expected", 2, "garbage" * 20)
    return tuple(text.split())


PVS = Query("lspv", (), words, about="lvm")
DEVICES = Query("lsdev", ("-C",), words, about="devices")
ATTRIBUTE = Query("lsattr", ("-El", "sys0"), words, about="devices", ok=(0, 3), empty=(255,))


class Aix:
    """Answers (outcome, exit status, text) by program, and counts."""

    def __init__(self, root: Path) -> None:
        self.answers: Dict[str, Tuple[str, int, str]] = {}
        self.ran: List[str] = []
        self.begun, self.go = threading.Event(), threading.Event()
        self.go.set()
        self.seen = Seen(Runner(Root(str(root)), run_argv=self.execute))

    def execute(self, argv: Tuple[str, ...], _environment: Mapping[str, str], killable: bool, _deadline: float) -> Ran:
        assert killable, "a reading command may be killed"
        program = os.path.basename(argv[0])
        self.ran.append(program)
        self.begun.set()
        assert self.go.wait(10)
        outcome, rc, text = self.answers.get(program, ("exited", 0, program))
        return Ran(argv, outcome, rc, text, "0516-000 said so", 1.0)


@pytest.fixture
def aix(tmp_path: Path) -> Aix:
    return Aix(tmp_path)


def problem(seen: Seen, query: Query[Tuple[str, ...]]) -> Tuple[str, str]:
    with pytest.raises(FactUnavailable) as raised:
        seen(query)
    return raised.value.problems[0].name, raised.value.problems[0].why


def test_a_query_runs_once_for_many_threads_and_others_do_not_wait_for_it(aix: Aix) -> None:
    aix.go.clear()
    with ThreadPoolExecutor(8) as pool:
        many = [pool.submit(aix.seen, PVS) for _ in range(6)]
        assert aix.begun.wait(10)
        other = pool.submit(aix.seen, DEVICES)
        while len(aix.ran) < 2:  # the other one has begun although the first has no answer yet
            threading.Event().wait(0.001)
        aix.go.set()
        assert [each.result(10) for each in many] == [("lspv",)] * 6
        assert other.result(10) == ("lsdev",)
    assert sorted(aix.ran) == ["lsdev", "lspv"]


def test_only_what_was_touched_is_forgotten(aix: Aix) -> None:
    for _ in range(2):
        aix.seen(PVS)
        aix.seen(DEVICES)
    assert aix.ran == ["lspv", "lsdev"]
    aix.seen.forget({"lvm", "network"})
    aix.seen(PVS)
    aix.seen(DEVICES)
    assert aix.ran == ["lspv", "lsdev", "lspv"]
    aix.seen.forget(())
    aix.seen(PVS)
    assert len(aix.ran) == 3
    aix.seen.forget()
    aix.seen(PVS)
    aix.seen(DEVICES)
    assert len(aix.ran) == 5


@pytest.mark.parametrize(
    ("answer", "name", "why"),
    [
        (("exited", 1, "lspv"), "fact-unavailable", "exit status 1"),
        (("exited", -9, ""), "fact-unavailable", "exit status -9"),
        (("killed", -1, ""), "fact-unavailable", "killed after 1 s"),
        (("missing", 127, ""), "fact-unavailable", "no such program"),
        (("exited", 0, "garbage"), "fact-not-understood", "a word is expected"),
    ],
)
def test_a_failure_is_kept_like_an_answer(aix: Aix, answer: Tuple[str, int, str], name: str, why: str) -> None:
    aix.answers["lspv"] = answer
    for _ in range(3):
        found = problem(aix.seen, PVS)
        assert found[0] == name
        assert why in found[1]
        assert aix.seen.or_none(PVS) is None
    # what ended by itself is asked once more, by whoever came first
    assert len(aix.ran) == (2 if answer[0] == "exited" else 1)
    aix.answers.clear()
    aix.seen.forget({"lvm"})
    assert aix.seen(PVS) == ("lspv",)


def test_exit_statuses_that_are_answers(aix: Aix) -> None:
    aix.answers["lsattr"] = ("exited", 255, "whatever it prints then")
    assert aix.seen(ATTRIBUTE) == ()
    aix.seen.forget()
    aix.answers["lsattr"] = ("exited", 3, "noisy")
    assert aix.seen(ATTRIBUTE) == ("noisy",)
    aix.seen.forget()
    aix.answers["lsattr"] = ("killed", 255, "")
    assert problem(aix.seen, ATTRIBUTE)[0] == "fact-unavailable"


def test_files_are_read_by_their_aix_path(aix: Aix, tmp_path: Path) -> None:
    hosts: FileQuery[Optional[str]] = FileQuery("/etc/hosts", lambda text: text)
    assert aix.seen(hosts) is None
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/hosts").write_bytes(b"127.0.0.1\tloopback\xff\r\n")
    assert aix.seen(hosts) is None, "an absence is a fact, and kept"
    aix.seen.forget({"files"})
    assert aix.seen(hosts) == "127.0.0.1\tloopback\udcff\r\n"
    directory: FileQuery[Optional[str]] = FileQuery("/etc", lambda text: text)
    with pytest.raises(FactUnavailable) as raised:
        aix.seen(directory)
    assert raised.value.problems[0].name == "fact-unreadable"
    assert aix.ran == []


def test_owners_are_looked_at_each_time(aix: Aix, tmp_path: Path) -> None:
    assert aix.seen.owner("/rlv00") is None
    (tmp_path / "rlv00").write_text("")
    for mode in (0o600, 0o660):
        (tmp_path / "rlv00").chmod(mode)
        owner = aix.seen.owner("/rlv00")
        assert owner is not None
        assert (owner.uid, owner.mode) == (os.getuid(), mode)
    with pytest.raises(FactUnavailable):
        aix.seen.owner("/rlv00/below")


def test_a_command_that_gave_no_answer_is_to_be_run_by_hand(aix: Aix) -> None:
    aix.answers["lspv"] = ("exited", 1, "")
    with pytest.raises(FactUnavailable) as caught:
        aix.seen(PVS)
    assert caught.value.problems[0].next == "run it by hand: lspv"
