"""Paging spaces and dump devices on a data volume group, in whole runs: refused, lost, and left by the profile."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, List

from drboot.sim.boot import power_on
from drboot.sim.estates import fullhouse
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.scenarios import lpars, memory

SITE = "/etc/drboot/sites/dr.yaml"


def woken(directory: Path, profile: str = "", *faults: Dict[str, Any], code: int = 0) -> Estate:
    """fullhouse after a run at DR with these lines more in its profile, and these faults of commands.

    code  what the run ends with
    """
    estate = fullhouse.make(str(directory))
    if profile:
        with open(estate.home.root + SITE, "a", encoding="utf-8") as file:
            file.write(profile)
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    lpar.world["settings"]["faults"] = list(faults)
    assert memory.apply(lpar) == code
    lpar.save()
    return estate


def step(estate: Estate, name: str) -> Dict[str, Any]:
    found: List[Dict[str, Any]] = lpars.last_report(estate.dr)["steps"]
    return next(one for one in found if one["step"] == name)


def active(estate: Estate) -> List[str]:
    names: List[str] = estate.dr.load()["kernel"]["active_paging"]
    return sorted(names)


def test_what_is_refused_leaves_the_machine_armed_and_keeps_nothing_from_coming_up(tmp_path: Path) -> None:
    no_paging = {"program": "/usr/sbin/swapon", "kind": "fails"}
    no_dump = {"program": "/usr/bin/sysdumpdev", "args": "-P -s", "kind": "fails"}
    estate = woken(tmp_path, "", no_paging, no_dump, code=4)
    assert active(estate) == ["hd6"]
    made = lpars.last_report(estate.dr)
    failed = {one["step"]: one["problem"]["name"] for one in made["steps"] if one["outcome"] == "failed"}
    assert set(failed) == {"paging_spaces/paging00", "dump_device/secondary"}
    assert set(failed.values()) == {"command-failed"}
    assert {one["outcome"] for one in made["steps"] if one["step"] not in failed} <= {"done", "changed"}
    assert made["outcome"] == "unfinished"
    assert "phase=armed" in Path(estate.dr.root + "/etc/drboot/armed").read_text()


def test_a_boot_on_which_it_is_not_refused_any_more_finishes(tmp_path: Path) -> None:
    estate = woken(tmp_path, "", {"program": "/usr/sbin/swapon", "kind": "fails"}, code=4)
    lpar = InProcess(estate.dr)
    lpar.world["settings"]["faults"] = []
    assert memory.apply(lpar) == 0
    lpar.save()
    assert active(estate) == ["hd6", "paging00"]
    assert "phase=disarmed" in Path(estate.dr.root + "/etc/drboot/armed").read_text()


def test_the_profile_leaves_both(tmp_path: Path) -> None:
    estate = woken(tmp_path, "paging_spaces: {except: [paging00]}\ndump_device: {restore: false}\n")
    assert active(estate) == ["hd6"]
    steps = [one["step"] for one in lpars.last_report(estate.dr)["steps"]]
    assert "paging_spaces/hd6" in steps
    assert not [name for name in steps if name.startswith(("paging_spaces/paging00", "dump_device/"))]


def test_both_come_back_when_the_reset_takes_the_dump_device(tmp_path: Path) -> None:
    """What SWservAt says after it is nowhere written down."""
    estate = fullhouse.make(str(tmp_path))
    memory.arm_at_home(estate)
    estate.replicate()
    with estate.dr.edit() as world:
        world["settings"]["variants"].update({"dump_survives": "no", "dump_device_lost": "stored"})
    power_on(estate.dr)
    lpar = InProcess(estate.dr)
    assert lpar.world["odm"]["dump"].get("secondary", "/dev/sysdumpnull") != "/dev/dumplv"
    assert memory.apply(lpar) == 0
    lpar.save()
    assert lpar.world["odm"]["dump"]["secondary"] == "/dev/dumplv"
    assert step(estate, "dump_device/secondary")["actions"] == ["sysdumpdev -P -s /dev/dumplv"]
    assert active(estate) == ["hd6", "paging00"]
    assert checker.differences(estate.dr.directory, estate.expected) == []
