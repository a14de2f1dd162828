"""Inittab entries off, subsystems stopped and started."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

import pytest

from drboot.apply import assess
from drboot.steps.base import Done, Todo
from drboot.steps.services import EntryOff, SubsystemsCompared, SubsystemSo, inactive, listed, steps
from tests.steps.canned import PROFILE, Answer, Machine, blocked, capture, done, todo, wanted

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


def rows(*found: Tuple[str, str, str]) -> str:
    """Name, group and status of each."""
    return HEAD + "".join(f" {n:<16} {g:<16} {'4711' if s == 'active' else '':<12} {s}\n" for n, g, s in found)


def test_what_ran_at_home_and_does_not_run_here_is_said_and_not_started(tmp_path: Path) -> None:
    found = rows(("inetd", "tcpip", "active"), ("lpd", "spooler", "inoperative"), ("mq", "", "active"))
    seen = Machine(tmp_path, {"lssrc -a": found}).seen()
    answer = SubsystemsCompared(("inetd", "lpd", "mq", "orders"), "").assess(seen)
    assert isinstance(answer, Done)
    assert answer.warnings == ("active at home, and not here: lpd, orders",)
    answer = SubsystemsCompared(("inetd", "mq"), "").assess(seen)
    assert answer == Done("2 that ran at home are active")


@pytest.mark.parametrize("said", [(1, ""), rows(("inetd", "tcpip", "inoperative"), ("portmap", "portmap", "active"))])
def test_during_the_boot_there_is_nothing_to_compare(tmp_path: Path, said: Answer) -> None:
    answer = SubsystemsCompared(("inetd",), "").assess(Machine(tmp_path, {"lssrc -a": said}).seen())
    assert answer == Done("the boot has not started them yet; drboot status compares")


def test_many_are_counted(tmp_path: Path) -> None:
    names = tuple(f"daemon{n}" for n in range(11))
    seen = Machine(tmp_path, {"lssrc -a": rows(("inetd", "tcpip", "active"))}).seen()
    assert inactive(seen, names) == names
    assert listed(names).endswith("daemon7 and 3 more")
    assert inactive(Machine(tmp_path, {"lssrc -a": (1, "")}).seen(), names) == ()


def test_what_the_profile_stops_is_not_missed(tmp_path: Path) -> None:
    made = list(steps(wanted(tmp_path, capture=capture(subsystems=("snmpd", "xntpd", "inetd")))))
    [compared] = [step for step in made if isinstance(step, SubsystemsCompared)]
    assert (compared.home, compared.after) == (("xntpd", "inetd"), ("services/subsystem/xntpd",))
    assert compared.undo(Machine(tmp_path, {}).seen()).steps == ()


def test_what_a_rehearsal_holds_is_not_missed(tmp_path: Path) -> None:
    held = PROFILE + "rehearsal: {quarantine: {subsystems: [mq]}}\n"
    captured = capture(subsystems=("mq", "sendmail", "inetd"))
    made = steps(wanted(tmp_path, profile=held, capture=captured, mode="rehearsal"))
    assert [step.home for step in made if isinstance(step, SubsystemsCompared)] == [("inetd",)]
