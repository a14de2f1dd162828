"""ghostdev and clouddev end at 0."""

from __future__ import annotations

from pathlib import Path

from drboot.apply import assess
from drboot.steps.base import Done
from drboot.steps.device_flags import FlagOff, steps
from tests.steps.canned import Answer, Machine, blocked, done, todo, wanted

STEP = FlagOff("clouddev", "dr.yaml:1")


def machine(root: Path, answer: Answer) -> Machine:
    return Machine(root, {"lsattr -El sys0 -a clouddev -F value": answer})


def test_off_already_on_and_missing(tmp_path: Path) -> None:
    assert "is 0" in done(STEP.assess(machine(tmp_path, "0\n").seen()))
    assert todo(STEP.assess(machine(tmp_path, "1\n").seen())) == ["chdev -l sys0 -a clouddev=0"]
    assert "no clouddev" in done(STEP.assess(machine(tmp_path, (255, "")).seen()))


def test_a_flag_that_cannot_be_read_is_not_taken_for_off(tmp_path: Path) -> None:
    answer = assess(STEP, machine(tmp_path, (1, "")).seen())
    assert not isinstance(answer, Done)
    assert blocked(answer) == "fact-unavailable"


def test_both_flags_come_next_to_the_fence_however_that_ends(tmp_path: Path) -> None:
    found = list(steps(wanted(tmp_path)))
    assert [step.id for step in found] == ["device_flags/ghostdev", "device_flags/clouddev"]
    assert all((step.needs, step.after) == ((), ("fence/addresses",)) for step in found)
