"""Paging spaces and dump devices: what is in use, what the next start uses, and what keeps a volume group varied on."""

from __future__ import annotations

from pathlib import Path
from typing import Dict

import pytest

from drboot.sim import lvm, reset
from drboot.sim.command import Result, run
from tests.sim.test_storage import Lpar
from tests.sim.worlds.storage import data_vg

SYSDUMPDEV = "/usr/bin/sysdumpdev"


@pytest.fixture
def lpar(tmp_path: Path) -> Lpar:
    box, vgda = data_vg()
    box.free_lv(vgda, "dumplv", "sysdump", 4)
    return Lpar(box, tmp_path)


def spaces(lpar: Lpar) -> Dict[str, str]:
    """Active and automatic of each paging space."""
    rows = [row.split() for row in lpar.ok("lsps -a").splitlines()[1:]]
    return {row[0]: f"{row[5]} {row[6]} {row[8]}" for row in rows}


def dump(lpar: Lpar, *args: str) -> Result:
    return run(lpar.context(), SYSDUMPDEV, list(args))


def devices(lpar: Lpar) -> str:
    return " ".join(line.split()[-1] for line in dump(lpar, "-l").out.splitlines()[:2])


def test_a_paging_space_is_made_changed_and_removed(lpar: Lpar) -> None:
    assert lpar.ok("mkps -a -n -c 8 -s 4 datavg") == "paging00\n"
    assert lpar.ok("mkps -s 2 datavg") == "paging01\n"
    assert spaces(lpar) == {"paging01": "no no 0", "paging00": "yes yes 8"}
    lpar.ok("chps -a n -s 2 paging00")
    lpar.ok("chps -a y -d 1 -c 16 paging01")
    assert spaces(lpar) == {"paging01": "no yes 16", "paging00": "yes no 8"}
    assert [row.split()[3] for row in lpar.ok("lsps -a").splitlines()[1:]] == ["128MB", "768MB"]
    assert lpar.run("rmps paging00").rc == 1, "it is in use"
    lpar.ok("swapoff /dev/paging00")
    assert lpar.ok("rmps paging00") == "rmlv: Logical volume paging00 is removed.\n"
    assert "paging00" not in lpar.path("/etc/swapspaces").read_text()
    assert "auto" in lpar.path("/etc/swapspaces").read_text()


def test_only_the_automatic_ones_are_in_use_after_a_start(lpar: Lpar) -> None:
    lpar.ok("mkps -a -s 2 datavg")
    lpar.ok("mkps -n -s 2 datavg")
    lpar.world["kernel"]["active_paging"] = []
    lvm.autovaryon(lpar.context())
    assert spaces(lpar) == {"paging01": "no no 0", "paging00": "yes yes 0"}


def test_a_volume_group_in_use_for_paging_or_dumps_stays_varied_on(lpar: Lpar) -> None:
    lpar.ok("mkps -n -s 2 datavg")
    assert lpar.run("varyoffvg datavg").rc == 1
    lpar.ok("swapoff /dev/paging00")
    assert dump(lpar, "-P", "-s", "/dev/dumplv").rc == 0
    assert lpar.run("varyoffvg datavg").rc == 1
    dump(lpar, "-P", "-s", "/dev/sysdumpnull")
    lpar.ok("varyoffvg datavg")


def test_a_dump_device_until_the_next_start_and_for_good(lpar: Lpar) -> None:
    assert dump(lpar, "-s", "/dev/dumplv").rc == 0
    assert devices(lpar) == "/dev/sysdumpnull /dev/dumplv"
    lvm.dump_devices_of_odm(lpar.world)
    assert devices(lpar) == "/dev/sysdumpnull /dev/sysdumpnull"
    assert dump(lpar, "-P", "-p", "/dev/dumplv", "-q").out == ""
    lvm.dump_devices_of_odm(lpar.world)
    assert devices(lpar) == "/dev/dumplv /dev/sysdumpnull"
    assert "copy directory \t\t/dumps\nforced copy flag \tFALSE\n" in dump(lpar, "-d", "/dumps").out
    assert "type of dump \t\tfw-assisted\n" in dump(lpar, "-t", "fw-assisted").out


@pytest.mark.parametrize("shown, expected", [("null", "/dev/sysdumpnull"), ("stored", "/dev/dumplv")])
def test_a_dump_device_whose_volume_group_is_not_there(lpar: Lpar, shown: str, expected: str) -> None:
    dump(lpar, "-P", "-p", "/dev/dumplv")
    lpar.world["settings"]["variants"]["dump_device_lost"] = shown
    del lpar.world["kernel"]["varied_on"]["datavg"]
    lvm.dump_devices_of_odm(lpar.world)
    assert devices(lpar) == f"{expected} /dev/sysdumpnull"
    assert dump(lpar, "-P", "-s", "/dev/dumplv").rc == 1
    lpar.ok("varyonvg datavg")
    assert dump(lpar).rc == 0
    assert devices(lpar) == "/dev/dumplv /dev/sysdumpnull"


@pytest.mark.parametrize("survives", ["yes", "no"])
def test_the_device_reset_and_the_dump_devices(lpar: Lpar, survives: str) -> None:
    dump(lpar, "-P", "-p", "/dev/dumplv")
    lpar.world["settings"]["variants"]["dump_survives"] = survives
    reset.reset_devices(lpar.world)
    assert lpar.world["odm"]["dump"] == ({"primary": "/dev/dumplv"} if survives == "yes" else {})


@pytest.mark.parametrize("command", ["mkps datavg", "mkps -s 0 datavg", "chps paging00", "chps -a x paging00", "rmps"])
def test_a_wrong_call_is_a_usage_error(lpar: Lpar, command: str) -> None:
    result = lpar.run(command)
    assert (result.rc, "Usage: " in result.err) == (1, True)


def test_wrong_calls_of_sysdumpdev(lpar: Lpar) -> None:
    for args in (("-P",), ("-t", "other"), ("-l", "-q"), ("-z9",)):
        assert dump(lpar, *args).err.startswith("Usage: sysdumpdev")
