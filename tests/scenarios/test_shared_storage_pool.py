"""An LPAR on logical units of a shared storage pool comes up at DR, and nothing in it had to know (S000-1, S000-2)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot.report import headline
from drboot.sim.boot import power_on
from drboot.sim.estates import small, ssp
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.scenarios import lpars, memory


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    made = ssp.make(str(tmp_path))
    memory.arm_at_home(made)
    return made


def unique_ids(lpar: InProcess) -> Dict[str, str]:
    """PVID -> unique_id, as the ODM has it."""
    luns: List[Any] = list(lpar.world["san"]["luns"].values())
    return {lun["pvid"]: lun["unique_id"] for lun in luns if lun["site"] == lpar.world["firmware"]["site"]}


def test_S000_1_it_comes_up_with_no_step_of_its_own(estate: Estate) -> None:
    dr = memory.wake(estate)
    assert memory.apply(dr) == 0, memory.said(dr)[-3000:]
    dr.save()
    assert lpars.differences(estate) == []
    profile = Path(estate.dr.root, "etc/drboot/sites/dr.yaml").read_text()
    assert profile == small.DR_PROFILE, "the profile of an LPAR with NPIV"
    steps = {step["step"] for step in lpars.last_report(estate.dr)["steps"]}
    assert not [step for step in steps if "ssp" in step or "vios" in step]


def test_S000_2_other_unique_ids_and_the_same_pvids(estate: Estate) -> None:
    home, dr = unique_ids(InProcess(estate.home)), unique_ids(memory.wake(estate))
    assert home.keys() == dr.keys()
    assert all(home[pvid] != dr[pvid] and dr[pvid].endswith("vscsi") for pvid in home)
    captured = json.loads(Path(estate.home.root, "var/adm/drboot/captures/home.json").read_text())
    assert {disk["pvid"]: disk["unique_id"] for disk in captured["disks"]} == home


def test_S000_8_three_disks_with_one_pvid_keep_their_volume_group_from_being_imported(estate: Estate) -> None:
    """As in the seed's lspv: somebody has mapped more copies of one LUN than one; the others come up all the same."""
    estate.replicate()
    with estate.dr.edit() as world:
        for number in (7, 8):
            copy = {**world["san"]["luns"]["dr:0001"], "id": f"dr:000{number}", "unique_id": f"COPY{number}"}
            world["san"]["luns"][copy["id"]] = copy
            row = {"lun": copy["id"], "slot": "C20", "target": "", "lun_number": f"9{number}" + 14 * "0"}
            world["firmware"]["mappings"].append(row)
    power_on(estate.dr)
    dr = InProcess(estate.dr)
    assert memory.apply(dr) == 4
    dr.save()
    report = lpars.last_report(estate.dr)
    assert "vg-pvid-duplicate" in {problem["name"] for problem in report["problems"]}
    assert not any(line.startswith("/usr/sbin/importvg") for line in lpars.changing(estate.dr))
    assert list(checker.network(checker.State(estate.dr.directory), estate.expected)) == []


def test_S000_13_a_copy_of_the_pool_started_for_a_rehearsal_is_one(estate: Estate) -> None:
    """And never a disaster, whatever was set at home: the name of the LPAR says so."""
    estate.replicate()
    power_on(estate.reh)
    reh = InProcess(estate.reh)
    assert memory.apply(reh) == 0, memory.said(reh)[-3000:]
    reh.save()
    assert lpars.last_report(estate.reh)["mode"] == "rehearsal"
    assert checker.differences(estate.reh.directory, estate.expected_reh) == []


def test_S000_15_the_report_has_the_time_of_the_lpar_alone(estate: Estate) -> None:
    dr = memory.wake(estate)
    assert memory.apply(dr) == 0
    dr.save()
    report = lpars.last_report(estate.dr)
    longest = max(step["seconds"] for step in report["steps"])
    assert 0 < longest <= report["seconds"] < 600, "of the LPAR, and not of what the VIOS took before it"
    assert f", {report['seconds']:.0f} s" in headline(report)
