"""What cannot be read tonight is taken from last night's capture, and said: a DR boot believes what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot.sim.estates.build import Estate
from tests.scenarios import lpars
from tests.scenarios.lpars import drboot


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    estate = lpars.make(tmp_path_factory.mktemp("capture"), "small")
    assert drboot(estate.home, "capture").rc == 0  # once more: arm has changed the inittab
    return estate


def captured(estate: Estate) -> Dict[str, Any]:
    found: Dict[str, Any] = json.loads(Path(estate.home.root, "var/adm/drboot/captures/home.json").read_text())
    return {key: value for key, value in found.items() if key not in ("taken", "unseen")}


FAULTS: List[Dict[str, Any]] = [
    {"program": "/usr/sbin/lsvg", "args": "", "kind": "empty"},
    {"program": "/usr/sbin/lsvg", "args": "datavg", "kind": "fails"},
    {"program": "/usr/sbin/lsvg", "args": "-l datavg", "kind": "garbage"},
    {"program": "/usr/sbin/lspv", "args": "", "kind": "garbage"},
    {"program": "/usr/sbin/mount", "args": "", "kind": "garbage"},
    {"program": "/usr/sbin/lsattr", "args": "en0", "kind": "fails"},
]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault['program'][10:]} {fault['args']} {fault['kind']}")
def test_nothing_is_lost_of_the_capture_before(home: Estate, fault: Dict[str, Any]) -> None:
    before = captured(home)
    assert [vg["name"] for vg in before["volume_groups"]] == ["datavg"]
    assert any(fs["mounted"] for fs in before["filesystems"] if fs["vg"] == "datavg")
    with home.home.edit() as world:
        world["settings"]["faults"] = [fault]
    ran = drboot(home.home, "capture")
    with home.home.edit() as world:
        world["settings"]["faults"] = []
    assert ran.rc == 4, ran
    assert "not seen" in ran.err
    assert captured(home) == before


def test_an_unreadable_capture_is_made_anew(home: Estate) -> None:
    before = captured(home)
    Path(home.home.root, "var/adm/drboot/captures/home.json").write_text("{")
    assert drboot(home.home, "capture").rc == 0
    assert captured(home) == before
