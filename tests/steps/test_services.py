"""Inittab entries off, subsystems stopped and started."""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot.apply import assess
from drboot.steps.base import Done, Todo
from drboot.steps.services import EntryOff, SubsystemSo, steps
from tests.steps.canned import Answer, Machine, blocked, done, todo, wanted

LINE = "nimclient:2:once:/usr/sbin/nimclient -S running > /dev/console 2>&1 # inform nim we're running"
HEAD = "Subsystem         Group            PID          Status \n"
ACTIVE = HEAD + " snmpd            tcpip            5833142      active\n"
STOPPED = HEAD + " snmpd            tcpip                         inoperative\n"


def inittab(root: Path, answer: Answer) -> Machine:
    return Machine(root, {"lsitab -a": answer})


def test_only_the_action_changes(tmp_path: Path) -> None:
    [command] = todo(EntryOff("nimclient", "").assess(inittab(tmp_path, LINE + "\n").seen()))
    off = LINE.replace(":once:", ":off:").replace("'", "'\\''")
    assert command == f"chitab '{off}'"


@pytest.mark.parametrize("answer", ["init:2:initdefault:\n", LINE.replace("once", "off") + "\n"])
def test_off_or_absent_is_done(tmp_path: Path, answer: Answer) -> None:
    assert done(EntryOff("nimclient", "").assess(inittab(tmp_path, answer).seen()))


@pytest.mark.parametrize("answer", [(1, ""), (0, ""), (0, "\n")])
def test_an_inittab_that_cannot_be_read_is_not_one_without_the_entry(tmp_path: Path, answer: Answer) -> None:
    assert not isinstance(assess(EntryOff("nimclient", ""), inittab(tmp_path, answer).seen()), Done)


def test_colons_in_the_command_stay(tmp_path: Path) -> None:
    line = "nimclient:2:once:/usr/bin/env A=b:c:d /x"
    [command] = todo(EntryOff("nimclient", "").assess(inittab(tmp_path, line + "\n").seen()))
    assert command == "chitab 'nimclient:2:off:/usr/bin/env A=b:c:d /x'"


def test_subsystems(tmp_path: Path) -> None:
    def answer(text: Answer) -> Machine:
        return Machine(tmp_path, {"lssrc -s snmpd": text, "lssrc -a": STOPPED})

    unknown = (1, "0513-085 The snmpd Subsystem is not on file.\n")
    stop, start = SubsystemSo("snmpd", False, ""), SubsystemSo("snmpd", True, "")
    assert todo(stop.assess(answer(ACTIVE).seen())) == ["stopsrc -s snmpd"]
    assert done(stop.assess(answer(STOPPED).seen()))
    assert done(stop.assess(answer(unknown).seen()))
    assert todo(start.assess(answer(STOPPED).seen())) == ["startsrc -s snmpd"]
    assert done(start.assess(answer(ACTIVE).seen()))
    assert blocked(start.assess(answer(unknown).seen())) == "subsystem-unknown"


def test_an_srcmstr_that_does_not_answer_yet_is_asked_again(tmp_path: Path) -> None:
    """Otherwise a subsystem would count as unknown, and so as stopped."""
    dumb = Machine(tmp_path, {"lssrc -s snmpd": (1, ""), "lssrc -a": (1, "")})
    for active, program in ((False, "stopsrc"), (True, "startsrc")):
        answer = SubsystemSo("snmpd", active, "").assess(dumb.seen())
        assert todo(answer) == [f"{program} -s snmpd"]
        assert isinstance(answer, Todo)
        assert answer.retry is not None


def test_what_the_profile_names(tmp_path: Path) -> None:
    assert [step.id for step in steps(wanted(tmp_path))] == [
        "services/inittab/nimclient",
        "services/subsystem/snmpd",
        "services/subsystem/xntpd",
    ]
