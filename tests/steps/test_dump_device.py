"""Dump devices of home: put back where their logical volumes are here, and said where they are not."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from drboot.capture import Dump, Lv, VolumeGroup
from drboot.steps.base import Done
from drboot.steps.dump_device import DumpDeviceSo, DumpSettingsSo, steps
from drboot.steps.volume_groups import Group
from tests.steps.canned import PROFILE, PV2, PV3, VGID, Machine, capture, done, later, todo, wanted

HOME = Dump("/dev/lg_dumplv", "/dev/dumplv2", "/var/adm/ras", "TRUE", "FALSE", "ON", "traditional")
GROUP = Group("datavg", (PV2, PV3), False, False, 45, "capture")


def settings(primary: str = "/dev/sysdumpnull", secondary: str = "/dev/sysdumpnull", **changed: str) -> str:
    said = {"directory": "/var/adm/ras", "forced": "TRUE", "always": "FALSE", **changed}
    return (
        f"primary \t\t{primary}\nsecondary \t\t{secondary}\ncopy directory \t\t{said['directory']}\n"
        f"forced copy flag \t{said['forced']}\nalways allow dump \t{said['always']}\ndump compression \tON\n"
        "type of dump \t\ttraditional\n"
    )


def cudv(**parents: str) -> str:
    return "".join(f'\nCuDv:\n\tname = "{name}"\n\tparent = "{vg}"\n' for name, vg in parents.items())


def machine(directory: Path, now: str, on: str = "rootvg\ndatavg\n", **lvs: str) -> Machine:
    return Machine(directory, {
        "sysdumpdev -l": now, "lsvg -o": on,
        "odmget -q PdDvLn='logical_volume/lvsubclass/lvtype' CuDv": cudv(**lvs),
    })  # fmt: skip


def step(which: str = "primary", device: str = "/dev/lg_dumplv", group: Optional[Group] = None) -> DumpDeviceSo:
    return DumpDeviceSo(which, device, "capture", (), (), group)


def test_a_lost_one_is_put_back(tmp_path: Path) -> None:
    found = machine(tmp_path, settings(), lg_dumplv="rootvg")
    assert todo(step().assess(found.seen())) == ["sysdumpdev -P -p /dev/lg_dumplv"]
    second = step("secondary", "/dev/dumplv2", GROUP)
    found = machine(tmp_path, settings(), dumplv2="datavg")
    assert todo(second.assess(found.seen())) == ["sysdumpdev -P -s /dev/dumplv2"]


def test_it_is_so(tmp_path: Path) -> None:
    found = machine(tmp_path, settings("/dev/lg_dumplv"), lg_dumplv="rootvg")
    assert step().assess(found.seen()) == Done("it is /dev/lg_dumplv")


def test_it_points_to_what_is_not_there_any_more(tmp_path: Path) -> None:
    answer = step().assess(machine(tmp_path, settings("/dev/lg_dumplv")).seen())
    assert isinstance(answer, Done)
    assert answer.warnings == (
        "primary dump device /dev/lg_dumplv of home is no logical volume here: a dump would go nowhere",
    )


def test_home_had_none(tmp_path: Path) -> None:
    found = machine(tmp_path, settings("/dev/hd6"), hd6="rootvg")
    assert todo(step(device="/dev/sysdumpnull").assess(found.seen())) == ["sysdumpdev -P -p /dev/sysdumpnull"]


@pytest.mark.parametrize("device", ["/dev/lg_dumplv", "/dev/rmt0", "/dev/hdisk7"])
def test_one_that_is_no_logical_volume_here_is_said_and_left(tmp_path: Path, device: str) -> None:
    answer = step(device=device).assess(machine(tmp_path, settings("/dev/hd6"), hd6="rootvg").seen())
    assert isinstance(answer, Done)
    [warning] = answer.warnings
    assert device in warning
    assert "/dev/hd6" in warning


def test_a_volume_group_that_is_not_varied_on_takes_no_dump(tmp_path: Path) -> None:
    answer = step(device="/dev/dumplv2").assess(machine(tmp_path, settings(), "rootvg\n", dumplv2="datavg").seen())
    assert isinstance(answer, Done)
    assert answer.warnings


def test_it_waits_for_its_volume_group(tmp_path: Path) -> None:
    answer = step("secondary", "/dev/dumplv2", GROUP).assess(machine(tmp_path, settings(), "rootvg\n").seen())
    assert later(answer) == "volume_groups/datavg/varyon"


@pytest.mark.parametrize("changed, actions", [
    ({}, []),
    ({"directory": "/tmp/dumps"}, ["sysdumpdev -D /var/adm/ras"]),
    ({"forced": "FALSE"}, ["sysdumpdev -D /var/adm/ras"]),
    ({"always": "TRUE"}, ["sysdumpdev -k"]),
    ({"directory": "/x", "always": "TRUE"}, ["sysdumpdev -D /var/adm/ras", "sysdumpdev -k"]),
])  # fmt: skip
def test_where_it_is_copied(tmp_path: Path, changed: dict[str, str], actions: list[str]) -> None:
    answer = DumpSettingsSo(HOME, "capture").assess(machine(tmp_path, settings(**changed)).seen())
    assert (todo(answer) if actions else [done(answer)][1:]) == actions


def test_flags_of_home_that_are_the_other_way_round(tmp_path: Path) -> None:
    home = Dump("/dev/hd6", "", "/dumps", "FALSE", "TRUE")
    answer = DumpSettingsSo(home, "capture").assess(machine(tmp_path, settings()).seen())
    assert todo(answer) == ["sysdumpdev -d /dumps", "sysdumpdev -K"]


def test_undo_has_what_was_there(tmp_path: Path) -> None:
    [back] = step().undo(machine(tmp_path, settings("/dev/hd6")).seen()).steps
    after = machine(tmp_path, settings("/dev/lg_dumplv"))
    assert todo(back.assess(after.seen())) == ["sysdumpdev -P -p /dev/hd6"]
    assert done(back.assess(machine(tmp_path, settings("/dev/hd6")).seen())) == "it is /dev/hd6"
    [back] = DumpSettingsSo(HOME, "").undo(machine(tmp_path, settings(directory="/x", forced="FALSE")).seen()).steps
    assert todo(back.assess(machine(tmp_path, settings()).seen())) == ["sysdumpdev -d /x"]
    assert done(back.assess(machine(tmp_path, settings(directory="/x", forced="FALSE")).seen()))


def test_which_steps(tmp_path: Path) -> None:
    groups = (VolumeGroup("datavg", VGID, (PV2, PV3), True, True, 45, (Lv("dumplv2", "sysdump", "", ()),)),)
    captured = capture(dump=HOME, volume_groups=groups)
    made = list(steps(wanted(tmp_path, capture=captured)))
    assert [(s.id, s.needs) for s in made] == [
        ("dump_device/primary", ()), ("dump_device/secondary", ("volume_groups/datavg/varyon",)),
        ("dump_device/settings", ()),
    ]  # fmt: skip
    assert all(s.title for s in made)
    profile = PROFILE + "dump_device: {restore: false}\n"
    assert list(steps(wanted(tmp_path, profile=profile, capture=captured))) == []
    assert list(steps(wanted(tmp_path, capture=capture()))) == []  # a capture of an earlier drboot
