"""What a rehearsal holds back, and what it says at login."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

from drboot import plan
from drboot.cron import SHOUT
from drboot.seen import FILE_LIMIT
from drboot.steps import quarantine, reversals
from drboot.steps.base import Back, Done, Todo
from drboot.steps.fence import ASIDE, ASIDE_IN_REHEARSALS, CronTold
from drboot.steps.quarantine import CronHeld, Herald, Marked, Motd, ShoutPlanned, StartsHeld, Times
from drboot.wanted import Wanted
from tests.steps.canned import PROFILE, Machine, blocked, done, lines, todo, wanted

TIMES = Times("2026-11-21 15:40 UTC", "2026-11-22 15:40 UTC")
RC_TCPIP = """\
#!/bin/ksh
# start /usr/lib/sendmail is only spoken of here
qpi=30m
start /usr/sbin/syslogd "$src_running"
start /usr/lib/sendmail "$src_running" \\
    "-bd -q${qpi}"
start /usr/sbin/sendmail2 "$src_running"
#start /usr/sbin/snmpd "$src_running"
"""
HELD = RC_TCPIP.replace('start /usr/lib/sendmail "$', '#start /usr/lib/sendmail "$').replace('    "-bd', '#    "-bd')
LOGIN_CFG = "* comment\ndefault:\n\tsak_enabled = false\n\nusw:\n\tmaxlogins = 32767\n"
LSSRC = "Subsystem         Group            PID          Status \n"


def rehearsal(root: Path, profile: str = PROFILE) -> Wanted:
    return replace(wanted(root, profile=profile), mode="rehearsal")


def test_a_disaster_holds_nothing_back(tmp_path: Path) -> None:
    assert not list(quarantine.steps(wanted(tmp_path)))


def test_cron_mail_and_banner_are_held_unless_the_profile_says_otherwise(tmp_path: Path) -> None:
    ids = [step.id for step in quarantine.steps(rehearsal(tmp_path))]
    assert ids == [
        "quarantine/cron", "quarantine/cron-told", "quarantine/shout", "quarantine/rc.tcpip",
        "services/subsystem/sendmail", "quarantine/etc/motd", "quarantine/etc/security/login.cfg",
    ]  # fmt: skip
    off = "rehearsal: {quarantine: {cron: false, mail: no, banner: false}}\n"
    assert not list(quarantine.steps(rehearsal(tmp_path, PROFILE + off)))


def test_what_the_services_say_already_is_said_once(tmp_path: Path) -> None:
    more = "rehearsal: {quarantine: {subsystems: [snmpd, aso], inittab_off: [nimclient, dsmcad]}}\n"
    ids = [step.id for step in quarantine.steps(rehearsal(tmp_path, PROFILE + more))]
    assert ids.count("services/subsystem/snmpd") == 0, "services.stop has it"
    assert ids.count("services/subsystem/aso") == 1
    assert [i for i in ids if "inittab" in i] == ["services/inittab/dsmcad"]


def test_what_is_held_is_not_started_whatever_the_services_say_and_the_report_says_so(tmp_path: Path) -> None:
    more = "rehearsal: {quarantine: {subsystems: [aso, snmpd]}}\n"
    profile = PROFILE.replace("[xntpd]", "[xntpd, sendmail, aso]") + more
    made = {step.id: step for step in plan.build(rehearsal(tmp_path, profile))}
    for name in ("sendmail", "aso"):
        stopped = LSSRC + f" {name}   mail                          inoperative\n"
        machine = Machine(tmp_path, {f"lssrc -s {name}": stopped})
        answer = made[f"services/subsystem/{name}"].assess(machine.seen())
        assert isinstance(answer, Done)
        assert [name in warning for warning in answer.warnings] == [True]
        running = Machine(tmp_path, {f"lssrc -s {name}": LSSRC + f" {name}   mail        5833142      active\n"})
        assert todo(made[f"services/subsystem/{name}"].assess(running.seen())) == [f"stopsrc -s {name}"]
    started = LSSRC + " xntpd            tcpip            5833142      active\n"
    machine = Machine(tmp_path, {"lssrc -s xntpd": started})
    assert done(made["services/subsystem/xntpd"].assess(machine.seen()))
    ids = [step.id for step in plan.build(replace(rehearsal(tmp_path, profile), mode="disaster"))]
    assert ids.count("services/subsystem/sendmail") == 1


# ---------------------------------------------------------------- cron


def cron(directory: Path, **tables: str) -> Machine:
    machine = Machine(directory, {})
    for user, text in tables.items():
        machine.file(f"/var/spool/cron/crontabs/{user}", text)
    return machine


def test_every_table_and_job_goes_aside_and_cron_is_told(tmp_path: Path) -> None:
    machine = cron(tmp_path, root="0 1 * * * /x\n", oracle="0 2 * * * /y\n")
    machine.file("/var/spool/cron/atjobs/root.1234.a", "date\n")
    machine.file("/var/spool/cron/crontabs/-odd", "0 3 * * * /z\n")
    answer = CronHeld("").assess(machine.seen())
    assert todo(answer) == [
        *(f"move /var/spool/cron/{name} to /var/adm/drboot/held/rehearsal/{name}" for name in ("crontabs/-odd",)),
        "move /var/spool/cron/crontabs/oracle to /var/adm/drboot/held/rehearsal/crontabs/oracle",
        "move /var/spool/cron/crontabs/root to /var/adm/drboot/held/rehearsal/crontabs/root",
        "move /var/spool/cron/atjobs/root.1234.a to /var/adm/drboot/held/rehearsal/atjobs/root.1234.a",
        "write /var/spool/cron/crontabs/oracle", "write /var/spool/cron/crontabs/root",
    ]  # fmt: skip
    assert "/x" not in repr(answer), "what a crontab says may be secret, and the journal keeps actions"
    back = CronHeld("").undo(machine.seen())
    assert [step.id for step in back.steps][-1] == "undo/moved/var/spool/cron/atjobs/root.1234.a"
    assert len(back.steps) == 4
    assert "starts again" in back.kept


TOLD = CronTold("quarantine", ASIDE_IN_REHEARSALS, "")


def test_cron_is_told_of_each_whatever_becomes_of_the_others(tmp_path: Path) -> None:
    machine = cron(tmp_path, oracle="", root="", own="", sap="0 1 * * * /x\n", **{"-odd": ""})
    machine.file("/var/adm/drboot/held/rehearsal/crontabs/oracle", "0 2 * * * /y\n")
    machine.file("/var/adm/drboot/held/rehearsal/crontabs/-odd", "0 2 * * * /y\n")
    machine.file("/var/adm/drboot/held/rehearsal/crontabs/root", "0 2 * * * /y\n")
    machine.file("/var/adm/drboot/held/crontab.app", "0 2 * * * /y\n")
    machine.file("/var/spool/cron/crontabs/app", "")
    assert todo(CronTold("fence", ASIDE, "").assess(machine.seen())) == ["crontab -r app"], "each speaks of its own"
    answer = TOLD.assess(machine.seen())
    assert todo(answer) == ["crontab -r oracle", "crontab -r root"]
    assert isinstance(answer, Todo) and answer.each
    assert lines(answer.instead) == ["remove /var/spool/cron/crontabs/oracle", "remove /var/spool/cron/crontabs/root"]
    assert "init starts it again" in answer.lost
    assert TOLD.undo(machine.seen()) == Back()
    assert done(TOLD.assess(cron(tmp_path / "2", own="").seen())), "an empty table of its owner"


def test_what_is_no_regular_file_is_nobodys_table_and_keeps_no_other_where_it_is(tmp_path: Path) -> None:
    machine = cron(tmp_path, oracle="0 2 * * * /y\n", large="x")
    crontabs = tmp_path / "var/spool/cron/crontabs"
    (crontabs / "saved").mkdir()
    os.mkfifo(crontabs / "pipe")
    (crontabs / "gone").symlink_to("nowhere")
    os.truncate(crontabs / "large", FILE_LIMIT + 1)
    (tmp_path / "var/spool/cron/atjobs/past").mkdir(parents=True)
    answer = todo(CronHeld("").assess(machine.seen()))
    assert [line.split()[1].rpartition("/")[2] for line in answer] == ["large", "oracle", "large", "oracle"]
    assert [step.id.rpartition("/")[2] for step in CronHeld("").undo(machine.seen()).steps] == ["large", "oracle"]


def test_no_table_is_done(tmp_path: Path) -> None:
    assert done(CronHeld("").assess(cron(tmp_path).seen()))
    assert done(CronHeld("").assess(cron(tmp_path, root=SHOUT).seen())), "the line of our own"


def test_killed_between_the_move_and_telling_cron(tmp_path: Path) -> None:
    machine = cron(tmp_path, oracle="")
    machine.file("/var/adm/drboot/held/rehearsal/crontabs/oracle", "0 2 * * * /y\n")
    assert done(CronHeld("").assess(machine.seen()))
    assert todo(TOLD.assess(machine.seen())) == ["crontab -r oracle"]
    assert not CronHeld("").undo(machine.seen()).steps, "the run that was killed has recorded it"
    aside = "/var/adm/drboot/held/rehearsal/crontabs/oracle"
    was = reversals.MovedBack("/var/spool/cron/crontabs/oracle", aside, ("",))
    assert todo(was.assess(machine.seen()))[0] == "remove /var/spool/cron/crontabs/oracle"


def test_what_a_killed_run_left_beside_a_table_is_nobodys_table(tmp_path: Path) -> None:
    """Power was lost between the temporary file and the rename that makes it oracle's table."""
    machine = cron(tmp_path, **{"root.drboot-4711": ""})
    assert todo(CronHeld("").assess(machine.seen())) == ["remove /var/spool/cron/crontabs/root.drboot-4711"]
    assert CronHeld("").undo(machine.seen()).steps == ()


def test_a_table_that_is_aside_already_is_never_overwritten(tmp_path: Path) -> None:
    machine = cron(tmp_path, oracle="0 2 * * * /new\n")
    machine.file("/var/adm/drboot/held/rehearsal/crontabs/oracle", "0 2 * * * /y\n")
    assert "oracle.2" in todo(CronHeld("").assess(machine.seen()))[0]


def test_the_limit_is_looked_at_by_cron(tmp_path: Path) -> None:
    answer = ShoutPlanned("").assess(cron(tmp_path).seen())
    assert todo(answer)[-1] == "crontab /var/adm/drboot/shout"
    assert isinstance(answer, Todo)
    assert lines(answer.instead) == ["write /var/spool/cron/crontabs/root"]
    assert done(ShoutPlanned("").assess(cron(tmp_path, root=SHOUT).seen()))
    assert "status --shout > /dev/console" in SHOUT


def test_the_hourly_look_needs_no_table_that_was_there(tmp_path: Path) -> None:
    """Where nothing was set aside its own directory is there all the same."""
    first = ShoutPlanned("").assess(cron(tmp_path).seen())
    assert todo(first)[0] == "write /var/adm/drboot/shout"


def test_the_hourly_look_goes_with_the_rehearsal(tmp_path: Path) -> None:
    """It gives way to root's own table; where root had none it is taken away."""
    none_before = ShoutPlanned("").undo(cron(tmp_path).seen())
    assert none_before.steps[0].id == "undo/file/var/spool/cron/crontabs/root"
    machine = cron(tmp_path, root=SHOUT)
    machine.file("/var/adm/drboot/held/rehearsal/crontabs/root", "0 1 * * * /x\n")
    assert [step.id for step in ShoutPlanned("").undo(machine.seen()).steps] == ["undo/file/var/adm/drboot/shout"]
    aside = "/var/adm/drboot/held/rehearsal/crontabs/root"
    own = reversals.MovedBack("/var/spool/cron/crontabs/root", aside, ("", SHOUT))
    assert len(todo(own.assess(machine.seen()))) == 2
    machine.file("/var/spool/cron/crontabs/root", "somebody's own\n")
    assert blocked(own.assess(machine.seen())) == "undo-blocked"


# ---------------------------------------------------------------- rc.tcpip


def text_after(answer: Any) -> str:
    assert isinstance(answer, Todo)
    [write] = answer.actions
    return str(getattr(write, "text", ""))


def test_only_lines_that_start_what_is_held_become_comments(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {})
    machine.file("/etc/rc.tcpip", RC_TCPIP)
    step = StartsHeld(("sendmail", "snmpd"), "")
    assert text_after(step.assess(machine.seen())) == HELD
    assert step.undo(machine.seen()) == Back((reversals.file_was(machine.seen(), "/etc/rc.tcpip"),))
    machine.file("/etc/rc.tcpip", HELD)
    assert done(step.assess(machine.seen()))


def test_no_rc_tcpip_is_done(tmp_path: Path) -> None:
    assert done(StartsHeld(("sendmail",), "").assess(Machine(tmp_path, {}).seen()))


# ---------------------------------------------------------------- banner


def marked(root: Path, mark: quarantine.Mark, path: str, text: str, state: str = "") -> Any:
    machine = Machine(root, {})
    machine.file(path, text)
    if state:
        machine.file("/var/adm/drboot/state.json", state)
    return Marked(path, mark, "").assess(machine.seen())


def test_the_message_of_the_day_says_it_once(tmp_path: Path) -> None:
    state = (
        '{"systemid": "0211D11C1", "arm_id": "a", "mode": "rehearsal", "since": 1795275600.0, "until": 1795304400.0}'
    )
    made = text_after(marked(tmp_path, Motd("prod01", "dr"), "/etc/motd", "Welcome\n", state))
    assert made.endswith("\nWelcome\n")
    for word in ("REHEARSAL of prod01 at site dr", "since 2026-11-21 15:40 UTC", "by 2026-11-21 23:40 UTC",
                 "DO NOT RESUME THE REPLICATION"):  # fmt: skip
        assert word in made
    assert max(map(len, made.splitlines())) <= 79
    assert made.isascii()
    assert done(marked(tmp_path, Motd("prod01", "dr"), "/etc/motd", made))


def test_without_a_state_the_banner_says_what_it_can(tmp_path: Path) -> None:
    assert "since this boot" in text_after(marked(tmp_path, Motd("prod01", "dr"), "/etc/motd", "", "{damaged"))


def test_the_herald_goes_in_front_of_what_is_there() -> None:
    mark = Herald("prod01", "dr")
    made = mark.put(LOGIN_CFG, TIMES)
    assert made is not None
    assert made.splitlines()[2].startswith('\therald = "\\n\\rREHEARSAL of prod01')
    assert made.splitlines()[2].endswith('login: "')
    assert made.replace(made.splitlines()[2] + "\n", "") == LOGIN_CFG
    assert mark.put(made, TIMES) == made
    own = LOGIN_CFG.replace("\tsak", '\therald = "Bank\\nlogin: "\n\tsak')
    made = mark.put(own, TIMES)
    assert made is not None
    assert made.count("herald") == 1
    assert made.splitlines()[2].endswith('Bank\\nlogin: "')


def test_a_file_without_the_stanza_is_left_alone(tmp_path: Path) -> None:
    for text in ("", "usw:\n\therald = x\n"):
        path = "/etc/security/login.cfg"
        assert "no place" in done(marked(tmp_path, Herald("prod01", "dr"), path, text))


def test_a_held_subsystem_is_stopped(tmp_path: Path) -> None:
    step = next(step for step in quarantine.steps(rehearsal(tmp_path)) if step.id.endswith("/sendmail"))
    running = LSSRC + " sendmail         mail             5833142      active\n"
    assert todo(step.assess(Machine(tmp_path, {"lssrc -s sendmail": running}).seen())) == ["stopsrc -s sendmail"]
