"""A rehearsal, and its undo: everything as it was before, on every estate."""

from __future__ import annotations

import copy
import hashlib
import json
import os
from pathlib import Path
from typing import Any, Dict, FrozenSet, Iterator, NamedTuple, Set, Tuple

import pytest

from drboot import undo
from drboot.clock import CountedClock
from drboot.paths import MANAGED, STATE, Root
from drboot.sim import boot
from drboot.sim.boot import power_on
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import Gone, InProcess
from tests import checker
from tests.scenarios import lpars, memory

RUNS = "/var/adm/drboot/runs/"
# the error log goes on, the lock file stays; device files of volume groups come with the replica and go with exportvg
NOT_COMPARED = (RUNS, "/var/adm/drboot/lock", "/var/adm/ras/", "/dev/", "/proc/")
NONE: FrozenSet[str] = frozenset()
# A dump device on a VG that is not imported is none to the kernel, and sysdumpdev tells no more than the kernel does.
UNKNOWN = {"fullhouse": frozenset(("/dump/secondary",))}
PLAN_B = ("clouddev-nvram", "clouddev-second")  # their stale definitions of home are removed for good


class Moment(NamedTuple):
    """A machine at one time: path -> digest, mode, owner of its files; its ODM, kernel and firmware."""

    files: Dict[str, Tuple[str, int, int, int]]
    world: Dict[str, Any]


def moment(lpar: InProcess) -> Moment:
    return Moment(files_of(lpar.machine.root), copy.deepcopy(dict(lpar.world)))


def files_of(root: str) -> Dict[str, Tuple[str, int, int, int]]:
    found = {}
    for directory, _, names in os.walk(root):
        for name in names:
            path = os.path.join(directory, name)
            short = path[len(root) :]
            if short.startswith(NOT_COMPARED):
                continue
            status = os.lstat(path)
            link = os.path.islink(path)
            content = os.readlink(path) if link else hashlib.sha256(Path(path).read_bytes()).hexdigest()
            found[short] = (content, status.st_mode, status.st_uid, status.st_gid)
    return found


def differing(before: Any, after: Any, where: str = "") -> Iterator[str]:
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            if before.get(key) != after.get(key):
                yield from differing(before.get(key), after.get(key), f"{where}/{key}")
    else:
        yield where


def rehearse(estate: Estate) -> Tuple[InProcess, Moment]:
    """The rehearsal, and the machine as undo leaves it: its files as the first run found them; the rest, and what is
    remembered of the device reset, as the run found it that configured the machine."""
    power_on(estate.reh)
    lpar = InProcess(estate.reh)
    before = moment(lpar)
    code = memory.apply(lpar)
    if code == 10:
        lpar = memory.rebooted(lpar)
        now = moment(lpar)
        before = Moment({**before.files, STATE: now.files[STATE]}, now.world)
        code = memory.apply(lpar)
    assert code == 0, memory.said(lpar)
    lpar.save()
    return lpar, before


def undone(lpar: InProcess) -> int:
    code = undo.run(
        Root(lpar.machine.root),
        memory.identity(lpar).systemid,
        run_argv=memory.run_on(lpar),
        clock=CountedClock(),
    )
    lpar.save()
    return code


def read(lpar: InProcess, path: str) -> str:
    return Path(lpar.machine.root + path).read_text()


@pytest.mark.parametrize("variant", lpars.VARIANTS)
def test_rehearse_and_undo_leaves_no_difference(tmp_path: Path, variant: str) -> None:
    estate = lpars.built(tmp_path, variant)
    memory.arm_at_home(estate)
    estate.replicate()
    lpar, before = rehearse(estate)
    assert lpars.last_report(estate.reh)["mode"] == "rehearsal"
    assert checker.differences(estate.reh.directory, estate.expected_reh) == []
    assert "REHEARSAL" in read(lpar, "/etc/motd")
    changed = set(differing(before.files, files_of(estate.reh.root)))
    assert len(changed & {"/" + path for path in MANAGED}) >= 5, "there is hardly anything to undo"

    assert undone(lpar) == 0
    after = moment(lpar)
    assert list(differing(before.files, after.files)) == []
    odm = set(differing(before.world["odm"], after.world["odm"]))
    assert all(gone(estate, before, where) for where in odm) if variant in PLAN_B else odm <= UNKNOWN.get(variant, NONE)
    # who answers on the wire is learned, and forgotten again without us; a subsystem that was started had a process id
    kernel = set(differing(before.world["kernel"], after.world["kernel"]))
    assert kernel <= {"/arp", "/next_pid", *UNKNOWN.get(variant, NONE)}
    # a boot list that was empty stays filled; undo says so
    assert set(differing(before.world["firmware"], after.world["firmware"])) <= {"/bootlist/normal"}
    assert any("boot list" in kept for kept in lpars.last_report(estate.reh)["notes"])


def gone(estate: Estate, before: Moment, where: str) -> bool:
    """Whether it is something that home left in the ODM: a device that was only Defined, or a route of home."""
    part, name = [*where.split("/"), ""][1:3]
    stale: Set[str] = {name for name, device in before.world["odm"]["devices"].items() if device["status"] == 0}
    return name in stale or part == "paths" or where in ("/attributes/inet0/route", "/attributes/en0")


def test_a_rehearsal_can_be_repeated(tmp_path: Path) -> None:
    """Undo leaves the machine armed, and the next run finds it as the first one did."""
    estate = lpars.built(tmp_path, "small")
    memory.arm_at_home(estate)
    estate.replicate()
    lpar, before = rehearse(estate)
    assert undone(lpar) == 0
    assert memory.apply(lpar) == 0
    lpar.save()
    assert checker.differences(estate.reh.directory, estate.expected_reh) == []
    assert undone(lpar) == 0
    assert list(differing(before.files, moment(lpar).files)) == []


def test_what_is_held_back(tmp_path: Path) -> None:
    """The bank's profile names two subsystems and an inittab entry on top of what is held anyway."""
    estate = lpars.built(tmp_path, "bank")
    for path, text in (("crontabs/oracle", "0 2 * * * /home/oracle/alarm\n"), ("atjobs/oracle.1.a", "mail all\n")):
        Path(estate.home.root, "var/spool/cron", path).write_text(text)
    memory.arm_at_home(estate)
    estate.replicate()
    lpar, _ = rehearse(estate)
    spool = Path(estate.reh.root, "var/spool/cron")
    assert sorted(os.listdir(spool / "crontabs")) == ["root"]
    assert (spool / "crontabs/root").read_text().count("\n") == 1
    assert "drboot status --shout" in (spool / "crontabs/root").read_text()
    assert os.listdir(spool / "atjobs") == []
    starts = [line for line in read(lpar, "/etc/rc.tcpip").splitlines() if line.startswith("start ")]
    assert starts == ['start /usr/sbin/portmap "$src_running"', 'start /usr/sbin/inetd "$src_running"']
    running = lpar.world["kernel"]["subsystems"]
    assert not {"sendmail", "syslogd", "snmpmibd"} & set(running)
    assert (
        "alarm"
        not in Path(estate.reh.root, RUNS[1:], os.listdir(estate.reh.root + RUNS)[0], "journal.jsonl").read_text()
    )
    assert undone(lpar) == 0
    assert sorted(os.listdir(spool / "crontabs")) == ["oracle", "root"]
    assert os.listdir(spool / "atjobs") == ["oracle.1.a"]


def test_a_disaster_holds_nothing_back_and_has_no_banner(tmp_path: Path) -> None:
    estate = lpars.built(tmp_path, "small")
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    before = moment(lpar)
    assert memory.apply(lpar) == 0
    after = moment(lpar)
    for path in ("/etc/motd", "/etc/security/login.cfg", "/etc/rc.tcpip", "/var/spool/cron/crontabs/root"):
        assert before.files[path] == after.files[path], path


def test_a_rehearsal_by_init_is_held_in_this_very_boot(tmp_path: Path) -> None:
    """As processes: init, the launcher, rc.tcpip after drboot, the shipped command for undo."""
    estate = lpars.make(tmp_path, "small")
    estate.replicate()
    before = before_first_boot(estate)
    assert boot.boot(estate.reh).state == "settled"
    assert checker.differences(estate.reh.directory, estate.expected_reh) == []
    report = lpars.last_report(estate.reh)
    assert (report["mode"], report["outcome"], report["by"]) == ("rehearsal", "complete", "init")
    running = estate.reh.load()["kernel"]["subsystems"]
    assert "sendmail" not in running
    assert "inetd" in running, "rc.tcpip came to nothing at all"
    planned = lpars.drboot(estate.reh, "undo", "--plan")
    assert planned.rc == 0, planned
    ended = lpars.drboot(estate.reh, "undo")
    assert ended.rc == 0, ended
    now = files_of(estate.reh.root)
    for path in MANAGED:
        assert now.get(path) == before.get(path), path
    assert now["/var/spool/cron/crontabs/root"] == before["/var/spool/cron/crontabs/root"]


def before_first_boot(estate: Estate) -> Dict[str, Tuple[str, int, int, int]]:
    """The files as they come out of the replica: those of home."""
    return files_of(estate.home.root)


def test_values_of_a_rehearsal_are_apart(tmp_path: Path) -> None:
    """Routes and name servers are those of the fenced network; the disaster's are nowhere."""
    estate = lpars.built(tmp_path, "small")
    memory.arm_at_home(estate)
    estate.replicate()
    lpar, _ = rehearse(estate)
    assert "10.20.0.53" not in read(lpar, "/etc/resolv.conf")
    assert "10.20.5" not in json.dumps(lpar.world["kernel"]) + json.dumps(lpar.world["odm"])


KILLS = (
    ("/usr/bin/crontab", 1),  # telling cron that root's table is gone
    ("/usr/bin/crontab", 2),  # the hourly look
    ("/usr/sbin/chitab", 1),
    ("/usr/sbin/importvg", 1),
)


def killed(estate: Estate, program: str, nth: int) -> Tuple[InProcess, Moment]:
    """A rehearsal whose run was killed when it came to the n-th call of a program."""
    estate.replicate()
    power_on(estate.reh)
    lpar = InProcess(estate.reh)
    before = moment(lpar)
    lpar.world["settings"]["faults"].append({"program": program, "kind": "dies", "nth": nth})
    with pytest.raises(Gone):
        memory.apply(lpar)
    lpar.world["settings"]["faults"].clear()
    lpar.live_again()
    return lpar, before


@pytest.mark.parametrize(("program", "nth"), KILLS)
@pytest.mark.parametrize("goes_on", [True, False])
def test_a_rehearsal_that_was_killed_can_be_undone(tmp_path: Path, program: str, nth: int, goes_on: bool) -> None:
    """Half way, or after a second run that came to its end: the same machine as before."""
    estate = lpars.built(tmp_path, "small")
    memory.arm_at_home(estate)
    lpar, before = killed(estate, program, nth)
    if goes_on:
        assert memory.apply(lpar) == 0
        lpar.save()
        assert checker.differences(estate.reh.directory, estate.expected_reh) == []
        assert os.listdir(lpar.machine.root + "/var/spool/cron/crontabs") == ["root"]
    assert undone(lpar) == 0, lpars.last_report(lpar.machine)["problems"]
    assert list(differing(before.files, moment(lpar).files)) == []


@pytest.mark.parametrize("kind", ["fails", "missing"])
def test_without_a_crontab_command_the_tables_are_aside_all_the_same(tmp_path: Path, kind: str) -> None:
    estate = lpars.built(tmp_path, "small")
    profile = Path(estate.home.root, "etc/drboot/sites/dr.yaml")
    profile.write_text(profile.read_text().replace("services:\n", "services:\n  hold_cron: [oracle]\n"))
    Path(estate.home.root, "var/spool/cron/crontabs/oracle").write_text("0 2 * * * /alarm\n")
    memory.arm_at_home(estate)
    estate.replicate()
    power_on(estate.reh)
    lpar = InProcess(estate.reh)
    before = moment(lpar)
    if kind == "missing":
        os.unlink(lpar.machine.root + "/usr/bin/crontab")
    else:
        lpar.world["settings"]["faults"].append({"program": "/usr/bin/crontab", "kind": "fails", "rc": 1})
    assert memory.apply(lpar) == 0
    crontabs = Path(lpar.machine.root, "var/spool/cron/crontabs")
    assert os.listdir(crontabs) == ["root"]
    assert "--shout" in (crontabs / "root").read_text()
    assert any("crontab" in text for step in lpars.last_report(estate.reh)["steps"] for text in step["warnings"])
    assert undone(lpar) == 0
    found = set(differing(before.files, moment(lpar).files))
    assert found <= {"//usr/bin/crontab"}


def test_one_table_that_cron_refuses_to_hear_of_keeps_no_other_one_alive(tmp_path: Path) -> None:
    """By hand, while cron runs: it is told of every table by crontab -r, those that the profile holds included."""
    estate = lpars.built(tmp_path, "small")
    profile = Path(estate.home.root, "etc/drboot/sites/dr.yaml")
    profile.write_text(profile.read_text().replace("services:\n", "services:\n  hold_cron: [oracle, root]\n"))
    for user in ("oracle", "aaa", "sap", "root"):
        Path(estate.home.root, "var/spool/cron/crontabs", user).write_text("0 2 * * * /bill\n")
    Path(estate.home.root, "var/spool/cron/crontabs/saved").mkdir()
    memory.arm_at_home(estate)
    estate.replicate()
    power_on(estate.reh)
    lpar = InProcess(estate.reh)
    before = moment(lpar)
    lpar.world["settings"]["faults"].append({"program": "/usr/bin/crontab", "args": "-r aaa", "kind": "fails", "rc": 1})
    assert memory.apply(lpar) == 0
    lpar.save()
    told = [entry["argv"][-1] for entry in estate.reh.commands() if entry["argv"][-2:-1] == ["-r"]]
    assert {"oracle", "aaa", "sap", "root"} <= set(told)
    crontabs = Path(lpar.machine.root, "var/spool/cron/crontabs")
    assert sorted(os.listdir(crontabs)) == ["root", "saved"]
    warnings = {step["step"]: step["warnings"] for step in lpars.last_report(estate.reh)["steps"]}
    assert any("crontabs/aaa" in text for text in warnings["quarantine/cron-told"])
    assert undone(lpar) == 0
    assert list(differing(before.files, moment(lpar).files)) == []
