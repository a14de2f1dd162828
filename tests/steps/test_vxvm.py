"""DMP below rootvg, and disks that VxVM flags as copies (S001-6, S001-7, S001-16)."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Mapping

import pytest

from drboot.facts import vxdisk, vxdmpadm
from drboot.facts.base import ParseError, Query
from drboot.paths import PROGRAMS
from drboot.steps.base import Blocked, Done, Todo
from drboot.steps.boot_list import BootListSo
from drboot.steps.volume_groups import Group, VgImported
from drboot.steps.vxvm import ClonesNamed
from tests.house.source import product, strings
from tests.steps.canned import PV2, Answer, Machine

TRANSCRIPTS = Path(__file__).parents[1] / "transcripts"
NODE = "emc_clari0_138"
NATIVE = f"""\
PATH                  DMPNODENAME
========================================
hdisk21               {NODE}
hdisk22               {NODE}
hdisk30               emc_clari0_139
"""
LISTED = """\
DEVICE          TYPE            DISK         GROUP        STATUS
disk_0          auto:LVM        -            -            LVM
ams_wms0_4      auto:cdsdisk    d01          nadg         online
hdisk1          auto:cdsdisk    -            -            online udid_mismatch
hdisk7          auto:cdsdisk    -            (olddg)      online clone_disk
"""
ROOTVG = f"rootvg:\nPV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION\n{NODE:17} active            639         254         127..00..00..00..127\n"  # noqa: E501
PATHS = "".join(f"hdisk{n}:fscsi0:0:Enabled\n" for n in (21, 22, 30))


def machine(tmp_path: Path, answers: Mapping[str, Answer], *programs: str) -> Machine:
    made = Machine(tmp_path, answers)
    for name in programs:
        made.file(PROGRAMS[name], "")
        Path(str(tmp_path) + PROGRAMS[name]).chmod(0o755)
    return made


def under_dmp(tmp_path: Path, boot_list: str, native: str = NATIVE, most: int = 5) -> object:
    answers: Dict[str, Answer] = {
        "lsvg -p rootvg": ROOTVG,
        "vxdmpadm native list": native,
        "lspath -F name:parent:path_id:status": PATHS,
        "bootlist -m normal -o": boot_list,
    }
    return BootListSo(most, "at").assess(machine(tmp_path, answers, "vxdmpadm").seen())


def test_S001_6_the_native_list_of_dmp_is_read() -> None:
    rows = vxdmpadm.parse(NATIVE)
    assert [(row.path, row.node) for row in rows][:2] == [("hdisk21", NODE), ("hdisk22", NODE)]
    assert vxdmpadm.parse("") == ()
    with pytest.raises(ParseError):
        vxdmpadm.parse("hdisk21 emc_clari0_138 more\n")


def test_S001_6_nothing_of_dmp_and_vxvm_is_ever_changed() -> None:
    """Both programs are known to two queries that list, and to nothing else; vxdg is not known at all."""
    assert isinstance(vxdmpadm.NATIVE, Query) and isinstance(vxdisk.ALL, Query)
    users = {
        (module.path.rpartition("/")[2], text)
        for module in product()
        for text, _ in strings(module)
        if text in ("vxdisk", "vxdmpadm", "vxddladm", "vxdg") and not module.path.endswith("paths.py")
    }
    assert {name for name, _ in users if name.startswith("vx")} == {"vxdisk.py", "vxdmpadm.py", "vxvm.py"}
    assert "vxdg" not in {text for _, text in users} | set(PROGRAMS)
    assert vxdmpadm.NATIVE.args == ("native", "list") and vxdisk.ALL.args == ("list",)


def test_S001_7_the_boot_list_is_set_from_the_hdisks_below_the_node(tmp_path: Path) -> None:
    answer = under_dmp(tmp_path, "hdisk0 blv=hd5 pathid=0\n")
    assert isinstance(answer, Todo)
    (command,) = answer.actions
    assert str(command) == ("bootlist -m normal hdisk21 blv=hd5 pathid=0 hdisk22 blv=hd5 pathid=0")


def test_S001_7_the_report_has_what_release_and_acquire_do(tmp_path: Path) -> None:
    answer = under_dmp(tmp_path, "hdisk21 blv=hd5 pathid=0\nhdisk22 blv=hd5 pathid=0\n")
    assert isinstance(answer, Done)
    (warning,) = answer.warnings
    assert "native release" in warning and "native acquire" in warning and NODE in warning


def test_S001_7_no_more_entries_than_the_firmware_keeps(tmp_path: Path) -> None:
    many = "".join(f"hdisk{n} {NODE}\n" for n in range(40, 48))
    answer = under_dmp(tmp_path, "hdisk0 blv=hd5 pathid=0\n", many, 3)
    assert isinstance(answer, Todo)
    assert str(answer.actions[0]).split()[3:] == ["hdisk40", "blv=hd5", "hdisk41", "blv=hd5", "hdisk42", "blv=hd5"]


def test_S001_16_the_flags_of_vxdisk_list_are_read() -> None:
    assert [disk.device for disk in vxdisk.parse(LISTED) if disk.is_clone] == ["hdisk1", "hdisk7"]
    with pytest.raises(ParseError):
        vxdisk.parse("disk_0 auto:LVM\n")


def test_S001_16_flagged_disks_are_reported(tmp_path: Path) -> None:
    answer = ClonesNamed("at").assess(machine(tmp_path, {"vxdisk list": LISTED}, "vxdisk").seen())
    assert isinstance(answer, Done)
    assert "hdisk1" in answer.warnings[0] and "hdisk7" in answer.warnings[0]
    none = ClonesNamed("at").assess(machine(tmp_path, {"vxdisk list": LISTED.splitlines()[0] + "\n"}, "vxdisk").seen())
    assert isinstance(none, Done) and not none.warnings


@pytest.mark.parametrize("name, rows", [("01-list-unknown-on-vios", 7), ("02-list-lvm-disks", 2)])
def test_S001_16_what_was_recorded_has_no_copies(name: str, rows: int) -> None:
    recorded = (TRANSCRIPTS / "vxdisk" / f"{name}.txt").read_text()
    disks = vxdisk.parse(recorded.partition("---\n")[2])
    assert len(disks) == rows
    assert not any(disk.is_clone for disk in disks)


@pytest.mark.parametrize("device", ["hdisk1", NODE])
def test_S001_16_a_flagged_disk_is_not_imported_with_lvms_commands(tmp_path: Path, device: str) -> None:
    listed = f"{device} auto:cdsdisk - - online udid_mismatch\n"
    answers: Dict[str, Answer] = {
        "lspv": f"hdisk1          {PV2}                    None\n",
        "vxdisk list": listed,
        "vxdmpadm native list": f"hdisk1 {NODE}\n",
    }
    step = VgImported(Group("datavg", (PV2,), None, None, None, "at"), "at")
    answer = step.assess(machine(tmp_path, answers, "vxdisk", "vxdmpadm").seen())
    assert isinstance(answer, Blocked)
    assert answer.problem.name == "vg-vxvm-clone"
