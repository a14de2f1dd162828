"""The main job: every estate reaches the state that its profile asks for, by init and by hand.

The machine is judged by tests/checker.py, which imports nothing of drboot.
"""

from __future__ import annotations

import json
import re
import time
from pathlib import Path

import pytest

from drboot.sim import boot
from drboot.sim.estates.build import Estate
from tests.scenarios import lpars
from tests.scenarios.lpars import VARIANTS, changing, differences, drboot

# fullhouse takes more than five hundred commands: tests/scenarios/test_fullhouse.py recovers it in memory
BY_PROCESS = tuple(variant for variant in VARIANTS if variant != "fullhouse")
BOOTS = {"clouddev-bootutil": 2, "clouddev-nvram": 2, "clouddev-every_boot": 2}
PLAN_B = {"clouddev-nvram", "clouddev-second"}


def check_recovered(estate: Estate, variant: str) -> None:
    assert differences(estate) == []
    report = lpars.last_report(estate.dr)
    assert (report["outcome"], report["exit_code"]) == ("complete", 0), report["problems"]
    assert ("plan B" in report["path"]) is (variant in PLAN_B)
    assert {step["outcome"] for step in report["steps"]} <= {"done", "changed"}
    stamp = lpars.stamp(estate.dr)
    assert stamp["phase"] == "disarmed"
    assert stamp["event"] == f"{report['systemid']}/{stamp['arm_id']}"


def check_nothing_more_to_do(estate: Estate) -> None:
    """A second apply, and a second boot, change nothing."""
    estate.dr.forget_commands()
    files = lpars.fingerprint(estate.dr)
    again = drboot(estate.dr, "--apply")
    assert (again.rc, changing(estate.dr)) == (0, [])
    assert "already done for this event" in again.out
    assert lpars.fingerprint(estate.dr) == files
    armed = drboot(estate.dr, "arm", "--site", "home", "--host", stamp_host(estate))
    assert armed.rc == 0
    estate.dr.forget_commands()
    anew = drboot(estate.dr, "--apply")
    assert anew.rc == 0, anew
    assert [line for line in changing(estate.dr) if not re.search(r"chitab drboot|errlogger|logger", line)] in (
        [],
        # arm sets the flag that the profile asks for, and the apply takes it back
        ["/usr/sbin/chdev -l sys0 -a ghostdev=0"],
        ["/usr/sbin/chdev -l sys0 -a clouddev=0"],
    )


def stamp_host(estate: Estate) -> str:
    return lpars.stamp(estate.dr)["host"]


@pytest.mark.parametrize("variant", BY_PROCESS)
def test_by_init(tmp_path: Path, variant: str) -> None:
    estate = lpars.make(tmp_path, variant)
    outcome = estate.failover()
    assert (outcome.state, outcome.boots) == ("settled", BOOTS.get(variant, 1)), outcome.console[-30:]
    check_recovered(estate, variant)
    assert not estate.dr.load()["kernel"]["contacts"], "the NIM master was contacted"
    console = [line for line in outcome.console if line.startswith("drboot:")]
    assert max(map(len, console)) < 80
    assert all(line.isascii() for line in console)
    check_nothing_more_to_do(estate)


@pytest.mark.floor
@pytest.mark.parametrize("variant", ["small", "bank", "clouddev-bootutil"])
def test_one_boot_of_each_estate(tmp_path: Path, variant: str) -> None:
    """What also runs on the oldest Python."""
    estate = lpars.make(tmp_path, variant, psutil=False)
    assert estate.failover().state == "settled"
    check_recovered(estate, variant)


@pytest.mark.parametrize("variant", BY_PROCESS)
def test_by_hand(tmp_path: Path, variant: str) -> None:
    """An operator at the console: plan changes nothing, apply does what init does, with a reboot where one is due."""
    estate = lpars.make(tmp_path, variant)
    lpars.wake_without_drboot(estate)
    estate.dr.forget_commands()
    files = lpars.fingerprint(estate.dr)
    planned = drboot(estate.dr, "plan")
    assert planned.rc == 0, planned
    assert changing(estate.dr) == []
    assert lpars.fingerprint(estate.dr) == files
    for _ in range(BOOTS.get(variant, 1) - 1):
        assert lpars.apply_until_reboot(estate.dr) == 10
        boot.power_on(estate.dr)
    applied = drboot(estate.dr, "--apply", "--site", "dr")
    assert applied.rc == 0, applied.out[-3000:]
    check_recovered(estate, variant)


def test_without_psutil(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "small", psutil=False)
    assert not Path(estate.home.root, "opt/drboot/lib/psutil").exists()
    estate.failover()
    check_recovered(estate, "small")


def test_a_production_boot_runs_one_aix_command_and_changes_no_file(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "small")
    estate.home.forget_commands()
    files = lpars.fingerprint(estate.home)
    ran = lpars.launcher(estate.home)
    assert ran.rc == 0
    assert ran.out.count("\n") == 1
    assert "production, site home" in ran.out
    assert [entry["argv"] for entry in estate.home.commands()] == [
        ["/usr/sbin/lsattr", "-El", "sys0", "-a", "systemid"]
    ]
    assert lpars.fingerprint(estate.home) == files
    by_hand = drboot(estate.home, "--apply")
    assert by_hand.rc == 0
    assert changing(estate.home) == []


def test_a_second_run_ends_with_5_and_names_the_holder(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "small")
    lpars.wake_without_drboot(estate)
    with estate.dr.edit() as world:
        world["settings"]["faults"] = [{"program": "/usr/sbin/varyonvg", "kind": "slow", "seconds": 6}]
    first = lpars.start_drboot(estate.dr, "--apply")
    lock = Path(estate.dr.root, "var/adm/drboot/lock")
    until = time.monotonic() + 20
    while not (lock.exists() and lock.read_text().strip()) and time.monotonic() < until:
        time.sleep(0.05)
    started = time.monotonic()
    second = drboot(estate.dr, "--apply")
    assert second.rc == 5, second
    assert time.monotonic() - started < 5
    assert f"process {first.pid}" in second.out
    out, _ = first.communicate(timeout=60)
    assert first.returncode == 0, out
    assert differences(estate) == []
    assert len(list(Path(estate.dr.root, "var/adm/drboot/runs").iterdir())) == 1


def test_F80_without_arguments_on_80_by_24(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "bank")
    for machine in (estate.home, estate.dr):
        if machine is estate.dr:
            lpars.wake_without_drboot(estate)
        machine.forget_commands()
        said = drboot(machine)
        lines = said.out.splitlines()
        assert said.rc == 0, said
        assert len(lines) <= 24
        assert max(map(len, lines)) < 80
        assert said.out.isascii()
        assert lines[-1].startswith("next:")
        assert changing(machine) == []
    assert "plan:" in lines
    assert "drboot --apply" in lines[-1]


def test_records_that_travelled_with_the_replica_do_not_count(tmp_path: Path) -> None:
    """A state file of production, and one of another DR test, lie in the replica: this event is none of theirs."""
    estate = lpars.make(tmp_path, "clouddev-bootutil")
    state = Path(estate.home.root, "var/adm/drboot/state.json")
    for systemid, arm_id in (("0206F42A0", lpars.stamp(estate.home)["arm_id"]), ("0211D11C1", "0123456789abcdef")):
        state.write_text(json.dumps({"systemid": systemid, "arm_id": arm_id, "phase": "configuring", "plan_b": False}))
        state.chmod(0o600)
        outcome = estate.failover()
        assert outcome.boots == 2, "the reset was not asked for: somebody else's record was believed"
        check_recovered(estate, "clouddev-bootutil")


def test_the_reset_is_asked_for_once_even_where_nothing_comes_of_it(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "clouddev-nvram")
    outcome = estate.failover()
    asked = [line for line in changing(estate.dr) if "clouddev=1" in line]
    assert (outcome.boots, len(asked)) == (2, 1)
    check_recovered(estate, "clouddev-nvram")


def test_the_same_lpar_serves_a_second_test(tmp_path: Path) -> None:
    """After the first test the NVRAM says false; the fresh replica is production's ODM again."""
    estate = lpars.make(tmp_path, "clouddev-first")
    assert estate.failover().resets == ("clouddev",)
    check_recovered(estate, "clouddev-first")
    with estate.dr.edit() as world:
        world["kernel"]["running"] = False
    assert estate.failover().resets == ("",)
    check_recovered(estate, "clouddev-second")
