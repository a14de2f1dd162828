"""ghostdev and clouddev end at 0."""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot.steps.device_flags import FlagOff, steps
from tests.steps.canned import Answer, Machine, done, todo, wanted

STEP = FlagOff("clouddev", "dr.yaml:1")


def machine(root: Path, answer: Answer) -> Machine:
    return Machine(root, {"lsattr -El sys0 -a clouddev -F value": answer})


def test_off_already_on_and_missing(tmp_path: Path) -> None:
    assert "is 0" in done(STEP.assess(machine(tmp_path, "0\n").seen()))
    assert todo(STEP.assess(machine(tmp_path, "1\n").seen())) == ["chdev -l sys0 -a clouddev=0"]
    assert "no clouddev" in done(STEP.assess(machine(tmp_path, (255, "")).seen()))


@pytest.mark.parametrize("answer", [(1, ""), (0, ""), (0, "\x00\n")])
def test_a_flag_that_cannot_be_read_is_set_to_0_all_the_same(tmp_path: Path, answer: Answer) -> None:
    """Nothing may end with a flag that resets the ODM at the next boot, and silence is no 0."""
    assert todo(STEP.assess(machine(tmp_path, answer).seen())) == ["chdev -l sys0 -a clouddev=0"]


def test_both_flags_come_next_to_the_fence_however_that_ends(tmp_path: Path) -> None:
    found = list(steps(wanted(tmp_path)))
    assert [step.id for step in found] == ["device_flags/ghostdev", "device_flags/clouddev"]
    assert all((step.needs, step.after) == ((), ("fence/addresses",)) for step in found)
