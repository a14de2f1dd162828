"""Facts are shared by steps that run side by side: nobody gets an answer from before his own change."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import List, Mapping, Tuple

import pytest

from drboot.errors import FactUnavailable
from drboot.facts import lsvg
from drboot.facts.base import FileQuery, Query
from drboot.paths import Root
from drboot.runner import Ran, Runner
from drboot.seen import Seen

Execute = Tuple[Tuple[str, ...], Mapping[str, str], bool, float]


def ran(argv: Tuple[str, ...], text: str, rc: int = 0, outcome: str = "exited") -> Ran:
    return Ran(argv, outcome, rc, text, "", 0.0)


def test_an_answer_from_before_a_change_is_not_kept() -> None:
    """lsvg -o of one VG's step is under way while another step's varyonvg ends: that step must ask anew."""
    reading, changed = threading.Event(), threading.Event()
    asked: List[str] = []

    def execute(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        asked.append(argv[0])
        if len(asked) == 1:
            reading.set()
            assert changed.wait(10)
            return ran(argv, "rootvg\n")
        return ran(argv, "rootvg\ndatavg\n")

    seen = Seen(Runner(Root(""), run_argv=execute))
    first: List[Tuple[str, ...]] = []
    thread = threading.Thread(target=lambda: first.append(tuple(seen(lsvg.VARIED_ON))))
    thread.start()
    assert reading.wait(10)
    seen.forget({"lvm"})  # what a varyonvg that has just ended leaves behind
    changed.set()
    assert tuple(seen(lsvg.VARIED_ON)) == ("rootvg", "datavg")
    thread.join(10)
    assert first == [("rootvg",)]
    assert tuple(seen(lsvg.VARIED_ON)) == ("rootvg", "datavg")
    assert len(asked) == 2


def test_a_change_elsewhere_costs_no_second_look() -> None:
    seen: Seen
    asked: List[str] = []

    def execute(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        asked.append(argv[0])
        seen.forget({"network"})
        return ran(argv, "rootvg\n")

    seen = Seen(Runner(Root(""), run_argv=execute))
    assert seen(lsvg.VARIED_ON) == seen(lsvg.VARIED_ON) == ("rootvg",)
    assert len(asked) == 1


def test_a_reader_that_forgets_at_once_takes_no_answer_away() -> None:
    """A thread that has its answer keeps it, whoever forgets what was read in the meantime."""
    seen: Seen

    def execute(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        return ran(argv, "rootvg\n")

    seen = Seen(Runner(Root(""), run_argv=execute))
    stop = threading.Event()
    failures: List[BaseException] = []

    def read() -> None:
        try:
            while not stop.is_set():
                seen(lsvg.VARIED_ON)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for _ in range(3000):
        seen.forget()
    stop.set()
    for thread in threads:
        thread.join(10)
    assert failures == []


def answers(*given: Ran) -> Tuple[Seen, List[Tuple[str, ...]]]:
    left, asked = list(given), []

    def execute(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        asked.append(argv)
        return left.pop(0)

    return Seen(Runner(Root(""), run_argv=execute)), asked


GOOD = ran(("lsvg",), "rootvg\n")


@pytest.mark.parametrize("bad", [ran(("lsvg",), "", 1), ran(("lsvg",), "\0%%%\n"), ran(("lsvg",), "", -9)])
def test_a_reading_command_that_fails_once_is_asked_again(bad: Ran) -> None:
    """It changes nothing, and what is blocked by it is half of a recovery."""
    seen, asked = answers(bad, GOOD)
    assert seen(lsvg.ALL) == ("rootvg",)
    assert len(asked) == 2


def test_a_second_failure_is_the_answer() -> None:
    seen, asked = answers(ran(("lsvg",), "", 1), ran(("lsvg",), "", 1))
    for _ in range(2):
        with pytest.raises(FactUnavailable):
            seen(lsvg.ALL)
    assert len(asked) == 2


@pytest.mark.parametrize("outcome", ["killed", "missing"])
def test_one_that_hangs_or_is_not_there_is_not_asked_again(outcome: str) -> None:
    seen, asked = answers(ran(("lsvg",), "", -1, outcome))
    with pytest.raises(FactUnavailable):
        seen(lsvg.ALL)
    assert len(asked) == 1


def test_no_such_thing_is_an_answer() -> None:
    seen, asked = answers(ran(("lsattr",), "", 255))
    assert seen(Query("lsattr", ("-El", "en9"), lambda text: text, empty=(255,))) == ""
    assert len(asked) == 1


def test_silence_is_no_answer_where_there_is_always_something_to_print() -> None:
    """lsvg that exits with 0 and says nothing has not looked: it is asked again, and then believed to be broken."""
    answers = ["", "rootvg\n", " \n", "\n"]

    def execute(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        return ran(argv, answers.pop(0))

    seen = Seen(Runner(Root(""), run_argv=execute))
    assert tuple(seen(lsvg.VARIED_ON)) == ("rootvg",)
    seen.forget()
    with pytest.raises(FactUnavailable) as caught:
        seen(lsvg.VARIED_ON)
    assert caught.value.problems[0].why == "it printed nothing"
    assert answers == []


def test_two_readers_of_one_file_have_their_own_answers(tmp_path: Path) -> None:
    """Whether it is there, and what it says: the answer to one is not the other's."""
    (tmp_path / "x").write_text("text")
    seen = Seen(Runner(Root(str(tmp_path))))
    assert seen(FileQuery("/x", lambda text: text is not None)) is True
    assert seen(FileQuery("/x", lambda text: text)) == "text"


def test_what_follows_from_a_fact_is_worked_out_once_for_as_long_as_it_stands() -> None:
    answers = iter(("rootvg\n", "rootvg\ndatavg\n"))
    worked: List[int] = []

    def count(names: Tuple[str, ...]) -> int:
        worked.append(len(names))
        return len(names)

    seen = Seen(Runner(Root(""), run_argv=lambda argv, *how: ran(argv, next(answers))))
    assert [seen.derived(lsvg.ALL, count) for _ in range(3)] == [1, 1, 1]
    seen.forget({"lvm"})
    assert [seen.derived(lsvg.ALL, count) for _ in range(3)] == [2, 2, 2]
    assert worked == [1, 2]
    assert seen.derived(lsvg.ALL, len) == 2


def test_nothing_follows_from_what_cannot_be_read() -> None:
    seen = Seen(Runner(Root(""), run_argv=lambda argv, *how: ran(argv, "", 1)))
    with pytest.raises(FactUnavailable):
        seen.derived(lsvg.ALL, len)


def test_attributes_go_with_the_devices_that_they_are_of_and_not_the_other_way_round() -> None:
    asked: List[str] = []

    def execute(argv: Tuple[str, ...], _environment: Mapping[str, str], _killable: bool, _deadline: float) -> Ran:
        asked.append(argv[-1])
        return ran(argv, "x")

    seen = Seen(Runner(Root(""), run_argv=execute))
    devices, attributes = (Query("odmget", (part,), str, about=part) for part in ("devices", "attributes"))
    for part in (set(), {"attributes"}, {"devices"}):
        seen.forget(part)
        seen(devices)
        seen(attributes)
    assert asked == ["devices", "attributes", "attributes", "devices", "attributes"]


def test_what_is_printed_again_is_not_understood_again() -> None:
    """The same text means the same; another one, and one that is not what AIX prints, is read for what it is."""
    texts = iter(["one\n", "one\n", "two\n", "\n", "two\n"])
    understood: List[str] = []

    def parse(text: str) -> Tuple[str, ...]:
        understood.append(text)
        return tuple(text.split())

    query = Query("lsvg", (), parse, about="lvm", speaks=True)
    seen = Seen(Runner(Root(""), run_argv=lambda argv, *rest: ran(argv, next(texts))))
    found = []
    for _ in range(4):
        found.append(seen.or_none(query))
        seen.forget({"lvm"})
    assert found == [("one",), ("one",), ("two",), ("two",)], "silence is asked once more"
    assert found[0] is found[1], "what was worked out from it stands as well"
    assert understood == ["one\n", "two\n"]
