"""The boot list: rootvg's disks, five entries at most, spread over the adapters."""

from __future__ import annotations

from pathlib import Path

from drboot.steps.boot_list import BootListSo, steps
from tests.steps.canned import PROFILE, Machine, blocked, done, todo, wanted

STEP = BootListSo(5, "")


def machine(root: Path, bootlist: str, disks: str = "hdisk3", paths: str = "") -> Machine:
    rows = "".join(
        f"{disk}            active            546         0           00..00..00..00..00\n" for disk in disks.split()
    )
    return Machine(
        root,
        {
            "lsvg -p rootvg": "rootvg:\nPV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION\n"
            + rows,
            "bootlist -m normal -o": bootlist,
            "lspath -F name:parent:path_id:status": paths,
        },
    )


def test_done_when_it_holds_rootvgs_disks_only(tmp_path: Path) -> None:
    assert "hdisk3" in done(STEP.assess(machine(tmp_path, "hdisk3 blv=hd5 pathid=0\nhdisk3 blv=hd5 pathid=1\n").seen()))


def test_F60_hdisk3_and_not_hdisk0_or_hdisk30(tmp_path: Path) -> None:
    paths = "hdisk30:fscsi0:0:Enabled\nhdisk3:fscsi0:0:Enabled\nhdisk3:fscsi1:1:Failed\n"
    for now in ("hdisk0 blv=hd5 pathid=0\n", "hdisk30 blv=hd5\n", "-\nhdisk3 blv=hd5 pathid=0\n", ""):
        found = machine(tmp_path, now, paths=paths)
        assert todo(STEP.assess(found.seen())) == ["bootlist -m normal hdisk3 blv=hd5 pathid=0"]


def test_F59_eight_paths_become_five_over_both_adapters(tmp_path: Path) -> None:
    paths = "".join(f"hdisk3:fscsi{n // 4}:{n}:Enabled\n" for n in range(8))
    [command] = todo(STEP.assess(machine(tmp_path, "", paths=paths).seen()))
    chosen = [word for word in command.split() if word.startswith("pathid=")]
    assert len(chosen) == 5
    assert {int(word[7:]) // 4 for word in chosen} == {0, 1}


def test_a_mirrored_rootvg_keeps_both_disks_in_the_list(tmp_path: Path) -> None:
    paths = "".join(f"hdisk{d}:fscsi0:{n}:Enabled\n" for d in (3, 4) for n in range(6))
    step = BootListSo(1, "")
    [command] = todo(step.assess(machine(tmp_path, "", "hdisk3", paths=paths).seen()))
    assert command == "bootlist -m normal hdisk3 blv=hd5 pathid=0"
    [both] = todo(STEP.assess(machine(tmp_path, "", "hdisk3 hdisk4", paths=paths).seen()))
    assert both.count("hdisk3 ") + both.count("hdisk4 ") == 5
    assert both.startswith("bootlist -m normal hdisk3 blv=hd5 pathid=0 ")
    assert "hdisk4 blv=hd5 pathid=0" in both


def test_of_two_instances_of_multibos_the_one_that_runs_is_booted_again(tmp_path: Path) -> None:
    found = machine(tmp_path, "-\n", paths="hdisk3:fscsi0:0:Enabled\n")
    found.file("/etc/filesystems", "/:\n\tdev = /dev/bos_hd4\n\n/bos_inst:\n\tdev = /dev/hd4\n")
    assert todo(STEP.assess(found.seen())) == ["bootlist -m normal hdisk3 blv=bos_hd5 pathid=0"]
    found.file("/etc/filesystems", "/:\n\tdev = /dev/hd4\n\n/bos_inst:\n\tdev = /dev/bos_hd4\n")
    assert todo(STEP.assess(found.seen())) == ["bootlist -m normal hdisk3 blv=hd5 pathid=0"]


def test_a_disk_without_paths_is_named_alone(tmp_path: Path) -> None:
    assert todo(STEP.assess(machine(tmp_path, "").seen())) == ["bootlist -m normal hdisk3 blv=hd5"]


def test_a_list_that_cannot_be_read_is_set(tmp_path: Path) -> None:
    """What bootlist -o says of a list that was never set is not published; a new LPAR has none."""
    found = machine(tmp_path, "")
    found.answers["bootlist -m normal -o"] = (1, "")
    assert todo(STEP.assess(found.seen())) == ["bootlist -m normal hdisk3 blv=hd5"]


def test_rootvg_without_a_disk_that_has_a_name(tmp_path: Path) -> None:
    nameless = machine(tmp_path, "", "00ce4b6a01292201")
    assert blocked(STEP.assess(nameless.seen())) == "rootvg-without-disks"


def test_the_profile_can_leave_it_alone(tmp_path: Path) -> None:
    assert [step.id for step in steps(wanted(tmp_path))] == ["boot_list"]
    assert not list(steps(wanted(tmp_path, profile=PROFILE + "boot_list: {set: false}\n")))


PATHS = "".join(f"hdisk3:fscsi{n % 2}:{n}:Enabled\n" for n in range(8))


def test_F59_an_entry_without_boot_logical_volume_is_set_anew(tmp_path: Path) -> None:
    found = machine(tmp_path, "hdisk3 blv=hd5 pathid=0\nhdisk3 pathid=1\n", paths=PATHS)
    [line] = todo(STEP.assess(found.seen()))
    assert line.count("blv=hd5 pathid=") == 5


def test_F59_entries_without_a_pathid_are_set_once_and_believed_where_the_level_shows_none(tmp_path: Path) -> None:
    one = machine(tmp_path, "hdisk3 blv=hd5\n", paths=PATHS)
    assert todo(STEP.assess(one.seen()))
    five = machine(tmp_path, "hdisk3 blv=hd5\n" * 5, paths=PATHS)
    assert "without their pathid" in done(STEP.assess(five.seen()))
