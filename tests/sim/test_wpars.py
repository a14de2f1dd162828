"""The simulator's workload partitions: what the four commands print and refuse."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from drboot.sim.command import Context, Result, run
from drboot.sim.world import Device, new_device, new_interface, new_world, new_wpar


class Lpar:
    """A world with one WPAR whose root is there, and an interface that is up."""

    def __init__(self, root: Path) -> None:
        world = new_world()
        address = {"interface": "en0", "address": "10.1.5.31", "netmask": "255.255.255.0"}
        world["odm"]["wpars"]["web"] = new_wpar("web", network=[address])
        device: Device = new_device("en0", "if", "EN", "en")
        world["odm"]["devices"]["en0"] = device
        world["kernel"]["interfaces"]["en0"] = new_interface("en0")
        (root / "wpars/web/etc").mkdir(parents=True)
        self.root, self.world = root, world

    def __call__(self, program: str, *args: str) -> Result:
        return run(Context(self.world, str(self.root)), f"/usr/sbin/{program}", list(args))

    def up(self) -> List[str]:
        return [held["address"] for held in self.world["kernel"]["interfaces"]["en0"]["addresses"]]


@pytest.fixture
def lpar(tmp_path: Path) -> Lpar:
    return Lpar(tmp_path)


def test_the_delimited_listings(lpar: Lpar) -> None:
    assert lpar("lswpar", "-c", "-q").out == "web:D:S:web:/wpars/web:no\n"
    assert lpar("lswpar", "-c").out.splitlines()[0].startswith("name:state:type:hostname:directory")
    # as a public script shows it
    assert lpar("lswpar", "-N", "-c").out == (
        "name:interface:address:mask_prefix:broadcast\nweb:en0:10.1.5.31:255.255.255.0:10.1.5.255\n"
    )
    assert lpar("lswpar", "web").out.splitlines()[-1].split() == ["web", "D", "S", "web", "/wpars/web", "no"]
    assert lpar("lswpar", "none").rc == 1
    assert lpar("lswpar", "-Z").rc == 1


def test_whether_it_starts_by_itself_is_listed(lpar: Lpar) -> None:
    def auto() -> str:
        header, row = (line.split(":") for line in lpar("lswpar", "-c", "-G").out.splitlines())
        return dict(zip(header, row))["auto"]

    assert auto() == "no"
    assert (lpar("chwpar", "-A", "web").rc, auto()) == (0, "yes")
    assert "Auto:                    yes" in lpar("lswpar", "-G", "web").out.splitlines()
    assert (lpar("chwpar", "-K", "-A", "web").rc, auto()) == (0, "no")
    assert lpar("lswpar", "-G", "-N").rc == 1


def test_an_active_wpar_has_its_addresses_on_the_wire(lpar: Lpar) -> None:
    assert (lpar("startwpar", "web").rc, lpar.up()) == (0, ["10.1.5.31"])
    assert lpar("lswpar", "-c", "-q").out.split(":")[1] == "A"
    assert lpar("startwpar", "web").rc == 1
    assert lpar("chwpar", "-N", "interface=en0", "address=10.1.5.32", "netmask=255.255.255.0", "web").rc == 0
    assert lpar("chwpar", "-K", "-N", "address=10.1.5.31", "web").rc == 0
    assert lpar.up() == ["10.1.5.32"]
    assert (lpar("stopwpar", "web").rc, lpar.up()) == (0, [])
    assert lpar("stopwpar", "web").rc == 1


def test_a_stopped_one_only_in_its_definition(lpar: Lpar) -> None:
    assert lpar("chwpar", "-N", "interface=en0", "address=10.1.5.32", "netmask=255.255.255.0", "web").rc == 0
    assert lpar.up() == []
    assert lpar("lswpar", "-N", "-c", "-q").out.count("\n") == 2
    assert lpar("chwpar", "-A", "web").rc == 0
    assert lpar.world["odm"]["wpars"]["web"]["auto"]


@pytest.mark.parametrize(
    "line",
    [
        "chwpar -K -N address=10.9.9.9 web",
        "chwpar -N interface=en7 address=10.1.5.32 web",
        "chwpar -N interface=en0 address=10.1.5.999 web",
        "chwpar -N address=10.1.5.32 web",
        "chwpar -Q web",
        "chwpar -h name none",
        "startwpar none",
        "startwpar",
        "stopwpar none",
    ],
)
def test_what_is_refused_changes_nothing(lpar: Lpar, line: str) -> None:
    before = str(lpar.world)
    program, *args = line.split()
    assert lpar(program, *args).rc == 1
    assert str(lpar.world) == before


def test_no_start_without_its_root_or_with_its_interface_down(lpar: Lpar) -> None:
    lpar.world["kernel"]["interfaces"]["en0"]["up"] = False
    assert lpar("startwpar", "web").rc == 1
    lpar.world["kernel"]["interfaces"]["en0"]["up"] = True
    (lpar.root / "wpars/web/etc").rmdir()
    assert lpar("startwpar", "web").rc == 1
    assert lpar.world["kernel"]["wpars"] == []
