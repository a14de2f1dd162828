"""Told apart by the LPAR alone; said while it runs; what the report has of promises and licences."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot import cli
from drboot.sim import boot, deploy
from drboot.sim.command import Context
from drboot.sim.commands import errlog
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from drboot.sim.world import new_subsystem
from tests import checker
from tests.scenarios import lpars, memory

STATE = "var/adm/drboot/state.json"
CLIENT = "nimclient:2:once:/usr/sbin/nimclient -S running > /dev/console 2>&1 # inform nim we're running"


def armed(directory: Path, variant: str = "small") -> Estate:
    estate = lpars.built(directory, variant)
    memory.arm_at_home(estate)
    return estate


def rehearsing(estate: Estate) -> InProcess:
    estate.replicate()
    boot.power_on(estate.reh)
    return InProcess(estate.reh)


def profile(estate: Estate, old: str, new: str) -> None:
    """The DR profile of home, changed before anything is replicated."""
    path = Path(estate.home.root, "etc/drboot/sites/dr.yaml")
    text = path.read_text()
    assert text.count(old) == 1
    path.write_text(text.replace(old, new))


def command(lpar: InProcess, capsys: pytest.CaptureFixture[str], *args: str) -> str:
    """What the shipped command line prints."""
    lpar.save()
    capsys.readouterr()
    cli.main(["--root", lpar.machine.root, *args])
    return capsys.readouterr().out


def state_of(lpar: InProcess) -> Dict[str, Any]:
    found: Dict[str, Any] = json.loads(Path(lpar.machine.root, STATE).read_text())
    return found


# ---------------------------------------------------------------- a disaster is a disaster


def test_a_replica_that_was_copied_while_a_rehearsal_ran_is_a_disaster(tmp_path: Path) -> None:
    """As processes, on one frame: the same systemid, the same arm_id, another LPAR."""
    estate = lpars.built(tmp_path, "small")
    deploy.install(estate.home.root)
    memory.arm_at_home(estate)
    estate.replicate()
    boot.power_on(estate.reh)
    rehearsed = lpars.drboot(estate.reh, "--apply", "--rehearsal")
    assert rehearsed.rc == 0, rehearsed
    assert lpars.last_report(estate.reh)["mode"] == "rehearsal"
    estate.replicate()
    boot.power_on(estate.dr)
    asked = lpars.drboot(estate.dr, "--apply", "--rehearsal")
    assert asked.rc == 3, asked
    assert "not-a-rehearsal" in asked.err
    applied = lpars.drboot(estate.dr, "--apply")
    assert applied.rc == 0, applied
    assert lpars.last_report(estate.dr)["mode"] == "disaster"
    assert checker.differences(estate.dr.directory, estate.expected) == []
    assert "REHEARSAL" not in Path(estate.dr.root, "etc/motd").read_text()


def test_what_a_rehearsal_left_on_the_disks_makes_no_rehearsal(tmp_path: Path) -> None:
    """Stamp, state and journal of a rehearsal that came to no end, on the LPAR of the disaster on the same frame."""
    estate = armed(tmp_path)
    reh = rehearsing(estate)
    reh.world["settings"]["faults"].append({"program": "/usr/sbin/importvg", "kind": "fails", "rc": 1})
    assert memory.apply(reh) == 4
    reh.save()
    assert state_of(reh)["mode"] == "rehearsal"
    dr = memory.wake(estate)
    for path in ("var/adm/drboot", "etc/drboot", "etc"):
        shutil.copytree(Path(reh.machine.root, path), Path(dr.machine.root, path), dirs_exist_ok=True)
    assert memory.apply(dr) == 0
    dr.save()
    report = lpars.last_report(estate.dr)
    assert report["mode"] == "disaster"
    assert checker.differences(estate.dr.directory, estate.expected) == []
    assert any("have been through a rehearsal" in note for note in report["notes"])
    assert state_of(dr)["mode"] == "disaster"


def test_nothing_that_is_set_at_home_makes_a_rehearsal(tmp_path: Path) -> None:
    """Marks of every sort travel with the replica; the LPAR's own name, number and VLAN do not."""
    estate = armed(tmp_path)
    root = Path(estate.home.root)
    record = {"systemid": "0211D11C1", "arm_id": lpars.stamp(estate.home)["arm_id"], "mode": "rehearsal"}
    (root / STATE).write_text(json.dumps(record))
    (root / "etc/drboot/rehearsal").write_text("yes\n")
    stamp = root / "etc/drboot/armed"
    stamp.write_text(stamp.read_text().replace("sha256=", "mode=rehearsal\nrehearsal=yes\nsha256="))
    dr = memory.wake(estate)
    dr.world["kernel"]["nodename"] = dr.world["kernel"]["hostname"] = "prod01_reh"
    assert memory.apply(dr) == 0
    dr.save()
    assert lpars.last_report(estate.dr)["mode"] == "disaster"
    assert checker.differences(estate.dr.directory, estate.expected) == []


def test_the_fact_that_cannot_be_read_decides_nothing(tmp_path: Path) -> None:
    """A guess could give a rehearsal the addresses of the disaster."""
    estate = armed(tmp_path)
    reh = rehearsing(estate)
    reh.world["settings"]["faults"].append({"program": "/usr/bin/uname", "kind": "fails", "rc": 1})
    reh.save()
    before = lpars.fingerprint(estate.reh)
    assert memory.apply(reh) == 3
    assert lpars.changing(estate.reh) == []
    assert lpars.fingerprint(estate.reh) == before


def test_F72_a_profile_that_overlaps_changes_nothing(tmp_path: Path) -> None:
    estate = armed(tmp_path)
    table = Path(estate.home.root, "etc/drboot/hosts.csv")
    table.write_text(table.read_text().replace("10.99.5.11,", "010.020.005.011,"))
    reh = rehearsing(estate)
    reh.save()
    before = lpars.fingerprint(estate.reh)
    assert memory.apply(reh) == 2
    assert lpars.fingerprint(estate.reh) == before
    assert "hosts.csv:4" in memory.said(reh).replace("\n", "")


# ---------------------------------------------------------------- while it runs


def test_F73_a_rehearsal_left_running_is_complained_about(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reh = rehearsing(armed(tmp_path))
    assert memory.apply(reh) == 0
    told = command(reh, capsys, "status")
    assert "*** REHEARSAL since" in told
    assert "DO NOT RESUME THE REPLICATION" in told
    assert command(reh, capsys, "status", "--shout") == "", "cron is silent while all is well"
    assert "has to end by" in Path(reh.machine.root, "etc/motd").read_text()

    path = Path(reh.machine.root, STATE)
    path.write_text(json.dumps({**state_of(reh), "since": time.time() - 90000, "until": time.time() - 3700}))
    for verb in (["status"], [], ["status", "--shout"]):
        told = command(reh, capsys, *verb)
        assert "OVERDUE: a REHEARSAL has run since" in told, verb
        assert "1 h ago" in told
        assert "DO NOT RESUME THE REPLICATION" in told
        assert max(map(len, told.splitlines())) <= 79
        assert "next:      drboot undo" in told or verb
    assert "OVERDUE" in Path(reh.machine.root, "var/adm/ras/errlog").read_text()


def test_F73_any_further_run_complains(tmp_path: Path) -> None:
    reh = rehearsing(armed(tmp_path))
    reh.world["settings"]["faults"].append({"program": "/usr/sbin/importvg", "kind": "fails", "rc": 1})
    assert memory.apply(reh) == 4
    path = Path(reh.machine.root, STATE)
    late = {"since": time.time() - 90000, "until": time.time() - 3700}
    path.write_text(json.dumps({**state_of(reh), **late}))
    assert memory.apply(reh) == 4
    assert "OVERDUE" in memory.said(reh)
    assert any("OVERDUE" in note for note in lpars.last_report(reh.machine)["notes"])
    assert state_of(reh)["since"] == late["since"], "the second run took the time for its own"


def test_F74_disks_that_go_away_under_a_live_lpar(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The replication was resumed: LVM gives a disk up.  Seen without one write."""
    estate = armed(tmp_path)
    dr = memory.wake(estate)
    assert memory.apply(dr) == 0
    assert "WRITE ACCESS" not in command(dr, capsys, "status")
    with estate.dr.edit() as world:
        ctx = Context(world, estate.dr.root)
        errlog.log(ctx, "LVM_MISSPVADDED", "F7DDA124", "UNKN", "H", "LVDD", "PHYSICAL VOLUME DECLARED MISSING")
    dr = InProcess(estate.dr)
    told = command(dr, capsys, "status")
    assert "*** REPLICA LOST WRITE ACCESS: stop this LPAR now. Never fsck" in told
    assert "stop this LPAR now" in command(dr, capsys, "status", "--shout")


# ---------------------------------------------------------------- the report


def test_F71_licences_are_listed_and_nothing_fails(tmp_path: Path) -> None:
    estate = armed(tmp_path)
    profile(
        estate,
        "names:\n",
        "licences: [{name: Oracle, tied_to: uname -m}, {name: MQ}]\nnames:\n",
    )
    reh = rehearsing(estate)
    assert memory.apply(reh) == 0
    notes = lpars.last_report(estate.reh)["notes"]
    assert "Licence to look after: Oracle (uname -m)." in notes
    assert "Licence to look after: MQ." in notes


@pytest.mark.parametrize(("rto", "verdict"), [("4h", ", within the 4:00:00"), ("0.001s", "NOT within the 0:00:00")])
def test_F75_promised_and_needed_time(tmp_path: Path, rto: str, verdict: str) -> None:
    estate = armed(tmp_path)
    profile(estate, "names:\n", f"rto: {rto}\nnames:\n")
    dr = memory.wake(estate)
    assert memory.apply(dr) == 0
    report = lpars.last_report(estate.dr)
    [said] = [note for note in report["notes"] if note.startswith("Recovery time:")]
    assert verdict in said
    assert "Outside drboot" in said
    assert "TTL" in said
    assert report["rto"] > 0
    assert all(step["seconds"] >= 0 for step in report["steps"])


# ---------------------------------------------------------------- NIM client


FORMS = {
    "as shipped": CLIENT,
    "other format": "nimclient:23456789:wait:/usr/sbin/nimclient -S running >/dev/null 2>&1",
    "colons in the command": "nimclient:2:once:/usr/bin/env A=b:c /usr/sbin/nimclient -S running",
    "off already": CLIENT.replace(":once:", ":off:"),
    "absent": "",
}


@pytest.mark.parametrize("line", FORMS.values(), ids=list(FORMS))
def test_F67_the_nim_client_is_off_in_every_form_and_comes_back(tmp_path: Path, line: str) -> None:
    from tests.scenarios.test_rehearse_and_undo import undone

    estate = lpars.built(tmp_path, "small")
    table = Path(estate.home.root, "etc/inittab")
    rows: List[str] = [row for row in table.read_text().splitlines() if not row.startswith("nimclient:")]
    table.write_text("\n".join([*rows, *([line] if line else [])]) + "\n")
    memory.arm_at_home(estate)
    reh = rehearsing(estate)
    inittab = Path(reh.machine.root, "etc/inittab")
    before = inittab.read_bytes()
    assert memory.apply(reh) == 0
    found = [row for row in inittab.read_text().splitlines() if row.startswith("nimclient:")]
    fields = line.split(":", 3)
    assert found == ([":".join([fields[0], fields[1], "off", fields[3]])] if line else [])
    assert undone(reh) == 0
    assert inittab.read_bytes() == before


# ---------------------------------------------------------------- PowerHA


def test_F70_volume_groups_of_a_cluster_are_left_to_it(tmp_path: Path) -> None:
    estate = lpars.built(tmp_path, "bank")
    with estate.home.edit() as world:
        world["odm"]["subsystems"]["clstrmgrES"] = new_subsystem("clstrmgrES", "cluster", path="/usr/es/sbin/cluster")
    memory.arm_at_home(estate)
    dr = memory.wake(estate)
    assert memory.apply(dr) == 0
    report = lpars.last_report(estate.dr)
    warnings = [text for step in report["steps"] for text in step["warnings"]]
    assert any("PowerHA was at home: stagevg (" in text for text in warnings)
    on = dr.world["kernel"]["varied_on"]
    assert "stagevg" not in on, "a volume group with AUTO ON no"
    assert "backupvg" in on, "the profile names it"
    assert "dbvg" in on
