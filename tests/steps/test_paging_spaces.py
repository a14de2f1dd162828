"""Paging spaces of home: swapped on once their volume group is, under the name that they have here."""

from __future__ import annotations

from pathlib import Path
from typing import Optional

import pytest

from drboot.capture import Lv, PagingSpace, VolumeGroup
from drboot.steps import reversals
from drboot.steps.base import Todo
from drboot.steps.paging_spaces import PagingSpaceSo, steps
from drboot.steps.volume_groups import Group
from tests.steps.canned import PROFILE, PV2, PV3, VGID, Machine, blocked, capture, done, later, todo, wanted

HOME = PagingSpace("paging00", "datavg", 8192, True, True)
GROUP = Group("datavg", (PV2, PV3), False, False, 45, "capture")
HEADER = "Page Space      Physical Volume   Volume Group    Size %Used   Active    Auto    Type   Chksum\n"
HD6 = "hd6             hdisk0            rootvg        8192MB     0     yes     yes      lv       0\n"


def row(active: str, auto: str, name: str = "paging00") -> str:
    return f"{name:<16}hdisk4            datavg        8192MB     0{active:>8}{auto:>8}      lv       0\n"


def machine(directory: Path, rows: str, on: str = "rootvg\ndatavg\n") -> Machine:
    return Machine(directory, {"lsvg -o": on, "lsps -a": HEADER + HD6 + rows})


def step(home: PagingSpace = HOME, group: Optional[Group] = GROUP) -> PagingSpaceSo:
    return PagingSpaceSo(home, "capture", (), (), group)


@pytest.mark.parametrize("active, auto, actions", [
    ("no", "yes", ["swapon /dev/paging00"]),
    ("no", "no", ["swapon /dev/paging00", "chps -a y paging00"]),
    ("yes", "no", ["chps -a y paging00"]),
])  # fmt: skip
def test_it_is_swapped_on_and_at_later_boots_as_at_home(
    tmp_path: Path, active: str, auto: str, actions: list[str]
) -> None:
    answer = step().assess(machine(tmp_path, row(active, auto)).seen())
    assert todo(answer) == actions
    assert isinstance(answer, Todo)
    assert answer.each


def test_it_is_so(tmp_path: Path) -> None:
    assert done(step().assess(machine(tmp_path, row("yes", "yes")).seen())) == "paging00 is active, 8192 MB at home"


def test_what_is_in_use_here_is_never_swapped_off(tmp_path: Path) -> None:
    home = PagingSpace("paging00", "datavg", 8192, False, False)
    assert todo(step(home).assess(machine(tmp_path, row("yes", "yes")).seen())) == ["chps -a n paging00"]
    assert done(step(home).assess(machine(tmp_path, row("yes", "no")).seen())) == "paging00 is active, 8192 MB at home"


def test_it_waits_for_its_volume_group(tmp_path: Path) -> None:
    assert later(step().assess(machine(tmp_path, "", "rootvg\n").seen())) == "volume_groups/datavg/varyon"


def test_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert blocked(step().assess(machine(tmp_path, "").seen())) == "paging-space-missing"


def test_one_of_rootvg_needs_no_volume_group(tmp_path: Path) -> None:
    hd6 = PagingSpace("hd6", "rootvg", 8192, True, True)
    assert done(step(hd6, None).assess(machine(tmp_path, "", "rootvg\n").seen()))


def test_F21_one_that_importvg_has_renamed_is_found(tmp_path: Path) -> None:
    group = Group("datavg", (PV2,), None, None, None, "", lvs=((1, "paging00"),), rename=True)
    found = machine(tmp_path, row("no", "no", "paging01"))
    found.answers["lspv"] = f"hdisk4          {PV2}                    datavg          active\n"
    found.answers["lqueryvg -tAp hdisk4"] = (
        f"Logical:        {VGID}.1   paging01 1  \nPhysical:       {PV2}                2   0\n"
    )
    assert todo(step(group=group).assess(found.seen())) == ["swapon /dev/paging01", "chps -a y paging01"]


def test_undo_swaps_off_what_the_run_has_swapped_on(tmp_path: Path) -> None:
    found = machine(tmp_path, row("no", "no"))
    found.file("/etc/swapspaces", "hd6:\n\tdev = /dev/hd6\n")
    back = step().undo(found.seen())
    assert [type(reversal).__name__ for reversal in back.steps] == ["PagingOff", "FileWas"]
    off = back.steps[0]
    assert todo(off.assess(machine(tmp_path, row("yes", "no")).seen())) == ["swapoff /dev/paging00"]
    assert done(off.assess(machine(tmp_path, "").seen())) == "paging00 is not active"
    assert off.id == reversals.PagingOff("paging00").id


def test_undo_leaves_on_what_was_on(tmp_path: Path) -> None:
    found = machine(tmp_path, row("yes", "no"))
    assert [type(reversal).__name__ for reversal in step().undo(found.seen()).steps] == ["FileWas"]


def test_which_steps(tmp_path: Path) -> None:
    spaces = (
        PagingSpace("hd6", "rootvg", 512, True, True), HOME, PagingSpace("paging01", "datavg", 1, True, True),
        PagingSpace("lost", "scratchvg", 1, True, True),
    )  # fmt: skip
    groups = (VolumeGroup("datavg", VGID, (PV2, PV3), True, True, 45, (Lv("paging00", "paging", "", ()),)),)
    captured = capture(paging=spaces, volume_groups=groups)
    profile = PROFILE + "paging_spaces: {except: [paging01]}\n"
    made = list(steps(wanted(tmp_path, profile=profile, capture=captured)))
    assert [(s.id, s.needs) for s in made] == [
        ("paging_spaces/hd6", ()), ("paging_spaces/paging00", ("volume_groups/datavg/varyon",)),
    ]  # fmt: skip
    assert [s.title for s in made] == ["paging space hd6", "paging space paging00"]
    none = PROFILE + "paging_spaces: {restore: false}\n"
    assert list(steps(wanted(tmp_path, profile=none, capture=captured))) == []
