"""The storage commands against real output: every transcript is reproduced byte for byte, or listed with its reason."""

from __future__ import annotations

import copy
import re
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence

import pytest

from drboot.sim.command import Hang, run
from drboot.sim.world import new_filesystem, new_world
from tests.sim import replay
from tests.sim.worlds.storage import (
    BLOCKS,
    DATA_VGID,
    VGID,
    Box,
    context,
    data_fs,
    data_vg,
    plain,
    pvid,
    small_rootvg,
)

COMMANDS = (
    "lspv", "lsvg", "lslv", "lqueryvg", "lquerypv", "readvgda", "getlvodm", "importvg", "varyonvg", "chvg", "mkvg",
    "extendvg", "reducevg", "extendlv", "mirrorvg", "mount", "umount", "fsck", "lsfs", "chfs", "crfs", "rmfs", "mkfs",
    "df", "lsps", "sysdumpdev",
)  # fmt: skip


class Case(NamedTuple):
    """A transcript, the world that explains it, the command, its exit status, and what a pipe leaves of the output."""

    transcript: str
    box: Callable[[], Box]
    command: str
    rc: int = 0
    pick: Optional[Callable[[str], str]] = None
    stdin: str = ""


CASES: List[Case] = []
LISTED: Dict[str, str] = {
    # rows or columns whose blanks are not what the command prints, by their note or by comparison with all others
    "lspv/09-varied-off-and-unassigned": "source altered blanks",
    "lspv/10-after-recfgmgr": "source altered blanks",
    "lspv/16-concurrent-and-caavg": "source altered blanks",
    "lspv/20-gpfs-nsd-in-vg-column": "source altered blanks",
    "lspv/24-opt-p-hdisk0": "source altered blanks",
    "lspv/28-altinst-rootvg": "source altered blanks",
    "lspv/34-pv-clear-after": "source altered blanks",
    "lqueryvg/09-opt-Ptp-one-pv": "source altered blanks",
    "lquerypv/05-jfs2-superblock": "source altered blanks",
    "importvg/01-opt-f-two-of-four-pvs": "source altered blanks",
    "varyonvg/01-opt-n-s-pvremoved": "source altered blanks",
    # the VIOS padmin shell, mirrorvg and mkfs
    "lspv/18-vios-header-duplicate-pvid": "command not simulated",
    "mirrorvg/01-quorum-off-1125": "command not simulated",
    "mkfs/01-inline-log-interactive": "command not simulated",
}


def case(
    transcript: str, command: str, rc: int = 0, pick: Optional[Callable[[str], str]] = None, stdin: str = ""
) -> Callable[[Callable[[], Box]], Callable[[], Box]]:
    """Register the world that the decorated function makes for a transcript."""

    def register(box: Callable[[], Box]) -> Callable[[], Box]:
        CASES.append(Case(transcript, box, command, rc, pick, stdin))
        return box

    return register


# ---------------------------------------------------------------- lspv


@case("lspv/01-hdisk0-long-rootvg", "lspv hdisk0")
def lspv_01() -> Box:
    box = Box("6100-07-00-1115")
    vgda = box.vg(
        "rootvg", "00c6ce9d00004c000000014302ee7629", [(box.hdisk("hdisk0", "00c6ce9d4f2c404a"), 543)], pp_size=64
    )
    box.regions(vgda, "00c6ce9d4f2c404a", [101, 109, 108, 49, 7], 17)
    return box


@case("lspv/02-hdisk1-long-varied-off", "lspv hdisk1", 1)
def lspv_02() -> Box:
    box, _ = small_rootvg("6100-07-00-1115")
    disk = box.hdisk("hdisk1", "00c6ce9d53fc4e84")
    box.vg("altinst_rootvg", "00c6ce9d00004c00000001436b015eb8", [(disk, 543)], on=False)
    return box


@case("lspv/04-hdisk3-long-data", "lspv hdisk3")
def lspv_04() -> Box:
    box = Box("6100-07-00-1115")
    disks = [(box.hdisk("hdisk2", pvid(2)), 239), (box.hdisk("hdisk3", "00c6ce9db4ee2922"), 239)]
    vgda = box.vg("vg_apps01", "00c6ce9d00004c000000012e5ad925d2", disks, pp_size=128)
    box.regions(vgda, "00c6ce9db4ee2922", [0, 48, 47, 48, 17], 2)
    return box


@case("lspv/06-none-none", "lspv")
def lspv_06() -> Box:
    return plain("7300-01-01-2246", [("hdisk0", "00fa00d6b552f41b"), ("hdisk1", "")], {"rootvg": (["hdisk0"], True)})


@case("lspv/08-hdisk1-no-pvid-1396", "lspv hdisk1", 1)
def lspv_08() -> Box:
    return lspv_06()


@case("lspv/11-powerpath-hdiskpower", "lspv")
def lspv_11() -> Box:
    disks = [("hdisk0", "00f8c13c29b5f01d"), ("hdisk2", "00f8c13c55eba068")]
    disks += [(f"hdisk{number}", "") for number in range(3, 28)]
    powers = ["00f8c13b330bcfbd", "00f8c13b3301701a", "00f8c13b330502dd", "00f8c13b3303bc10"]
    disks += [(f"hdiskpower{number}", power) for number, power in enumerate(powers)]
    vgs = {
        "rootvg": (["hdisk0", "hdisk2"], True),
        "hbvg": (["hdiskpower0"], False),
        "datavg": (["hdiskpower1", "hdiskpower2", "hdiskpower3"], True),
    }
    return plain("6100-08-00-1241", disks, vgs)


@case("lspv/13-hdisk0-long-mirror-pool-none", "lspv hdisk0")
def lspv_13() -> Box:
    box = Box("6100-08-00-1241")
    disk = box.hdisk("hdisk0", "00c868bfc7fd26e6")
    vgda = box.vg(
        "rootvg", "00c868bf00004c000000000000848812", [(disk, 546), (box.hdisk("hdisk1", pvid(2)), 799)], pp_size=128
    )
    box.regions(vgda, disk, [1, 88, 109, 0, 0], 12)
    return box


@case("lspv/15-after-pv-yes", "lspv")
def lspv_15() -> Box:
    disks = [("hdisk0", "00c0e90dce6c290a"), ("hdisk1", "00c4489d762b6769")]
    return plain("7100-05-00-1731", disks, {"rootvg": (["hdisk0"], True)}, lspv_padding="state")


@case("lspv/21-opt-l-hdisk0", "lspv -l hdisk0")
def lspv_21() -> Box:
    box = Box("6100-08-00-1241")
    disk = box.hdisk("hdisk0", "00082a6a1aa20b3c", size=69888)
    vgda = box.vg("rootvg", VGID, [(disk, 959)], pp_size=128)
    rows = [
        ("hd10opt", "jfs2", 16, "/opt"), ("hd2", "jfs2", 40, "/usr"), ("hd9var", "jfs2", 16, "/var"),
        ("hd3", "jfs2", 16, "/tmp"), ("hd1", "jfs2", 16, "/home"), ("hd5", "boot", 1, "primary_bootlv"),
        ("hd6", "paging", 32, "None"), ("hd8", "jfs2log", 1, "None"), ("hd4", "jfs2", 16, "/"),
        ("lv_logs", "jfs2", 32, "/logs"), ("lv_moteurs", "jfs2", 56, "/moteurs"),
    ]  # fmt: skip
    at = {"outer edge": 1, "outer middle": 193, "center": 385}
    where = {"hd5": "outer edge", "lv_logs": "outer middle", "lv_moteurs": "outer middle"}
    for name, kind, lps, label in rows:
        region = where.get(name, "center")
        box.lv(vgda, name, kind, [[disk, at[region], lps, 1]], label=label)
        at[region] += lps
        if kind == "jfs2":
            box.mount("/dev/" + name, label, "rw,log=/dev/hd8")
    return box


@case("lspv/25-opt-u-vscsi-columns-touch", "lspv -u")
def lspv_25() -> Box:
    box = Box("6100-07-00-1115")
    udid = "533E3E21360170E50202E5A5A0000025E50A12AB20F1746      FAStT03IBMfcp05VDASD03AIXvscsi"
    disk = box.hdisk(
        "hdisk0", "00000000fb8a0572", unique_id=udid, kind="vscsi", uuid="8060a98a-0292-e2c9-0382-b5263f2a7e61"
    )
    box.free_lv(box.vg("rootvg", VGID, [(disk, 319)]), "hd5", "boot", 1)
    return box


@case("lspv/32-two-vgs", "lspv")
def lspv_32() -> Box:
    disks = [("hdisk0", "00082a6a1aa20b3c"), ("hdisk1", "00082a6ae73c7bb6")]
    return plain("6100-08-00-1241", disks, {"rootvg": (["hdisk0"], True), "datavg": (["hdisk1"], True)})


@case("lspv/33-hdisk0-long-full", "lspv hdisk0")
def lspv_33() -> Box:
    box = Box("7200-01-00-1642")
    disk = box.hdisk("hdisk0", "00f9280c31fc0ae6", size=30720)
    vgda = box.vg("rootvg", "00f9280c00004c00000001737084c416", [(disk, 959)], pp_size=32)
    box.regions(vgda, disk, [192, 192, 191, 192, 191], 12)
    return box


# ---------------------------------------------------------------- lsvg


@case("lsvg/01-rootvg-long-no-quorum-word", "lsvg rootvg")
def lsvg_01() -> Box:
    box = Box("5300-12-01-1016")
    disks = [(box.hdisk("hdisk0", pvid(1)), 399), (box.hdisk("hdisk1", pvid(2)), 399)]
    vgda = box.vg("rootvg", "000dda6e0000d600000001119e467657", disks, auto_on=False)
    rows = [(f"lv{number:02d}", "raw", 1, 1, number > 1, "N/A") for number in range(16)]
    box.table(vgda, [*rows, *[(f"big{number}", "raw", 193, 1, True, "N/A") for number in range(3)]])
    vgda["lvs"][0]["extents"].append([pvid(2), 399, 1, 1])
    vgda["lvs"][0]["lps"] += 1
    vgda["lvs"][1]["extents"].append([pvid(2), 398, 1, 1])
    vgda["lvs"][1]["lps"] += 1
    return box


APPS = (
    ("lv_web1", "jfs2", 360, 1, True, "/usr/WebSphere"),
    ("lv_ihs1", "jfs2", 80, 1, True, "/opt/IHS"),
    ("lv_apps1", "jfs2", 8, 1, True, "/home/apps"),
    ("lv_depl", "jfs2", 40, 1, True, "/home/apps/deployments"),
    ("lv_glvmt", "jfs2", 80, 1, True, "/home/apps/glvmt"),
    ("lv_ora1", "jfs2", 48, 1, True, "/opt/oracle"),
    ("lv_pvcs", "jfs2", 8, 1, True, "/opt/pvcs"),
    ("lv_glvpack", "jfs2", 80, 1, True, "/home/apps/glvpack"),
    ("lv_glvsc", "jfs2", 80, 1, True, "/home/apps/glvsc"),
    ("lv_glvlfw", "jfs2", 80, 1, True, "/home/apps/glvlfw"),
)


@case("lsvg/03-opt-l-vg_apps01", "lsvg -l vg_apps01")
def lsvg_03() -> Box:
    box = Box("6100-07-00-1115")
    vgda = box.vg("vg_apps01", VGID, [(box.hdisk("hdisk3", pvid(3)), 999)], pp_size=128)
    box.table(vgda, APPS)
    return box


@case("lsvg/04-opt-l-varied-off-0516-010", "lsvg -l altinst_rootvg", 1)
def lsvg_04() -> Box:
    return lspv_02()


SYSTEM_53 = (
    ("hd5", "boot", 1, 1, False, "N/A"),
    ("hd6", "paging", 100, 1, True, "N/A"),
    ("hd8", "jfs2log", 1, 1, True, "N/A"),
    ("hd4", "jfs2", 5, 1, True, "/"),
    ("hd2", "jfs2", 45, 1, True, "/usr"),
    ("hd9var", "jfs2", 5, 1, True, "/var"),
    ("hd3", "jfs2", 5, 1, True, "/tmp"),
    ("hd1", "jfs2", 1, 1, True, "/home"),
    ("hd10opt", "jfs2", 3, 1, True, "/opt"),
    ("lg_dumplv", "sysdump", 48, 1, True, "N/A"),
    ("loglv05", "jfslog", 1, 1, False, "N/A"),
    ("ptf0-0", "jfs2", 64, 1, True, "/PTF"),
    ("paging00", "paging", 100, 1, True, "N/A"),
    ("paging01", "paging", 100, 1, True, "N/A"),
    ("paging02", "paging", 100, 1, True, "N/A"),
)


@case("lsvg/05-opt-l-rootvg-narrow-columns", "lsvg -l rootvg")
def lsvg_05() -> Box:
    box = Box("5300-12-01-1016")
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 700)])
    box.table(vgda, SYSTEM_53, "hd8")
    return box


@case("lsvg/08-rootvg-long-73", "lsvg rootvg")
def lsvg_08() -> Box:
    box = Box("7300-00-01-2148")
    disk = box.hdisk("hdisk0", "00fa00d6b552f41b", size=20480)
    vgda = box.vg("rootvg", "00fa00d600004c000000017d43623707", [(disk, 639)], ltg=512, extra={"ENCRYPTION": "yes"})
    box.table(vgda, [(f"lv{number:02d}", "raw", 1, 1, number > 0, "N/A") for number in range(12)])
    box.table(vgda, [("big", "raw", 623, 1, True, "N/A")])
    return box


@case("lsvg/09-rootvg-active-pvs-1-of-2", "lsvg rootvg")
def lsvg_09() -> Box:
    box = lspv_13()
    vgda = box.world["san"]["vgdas"]["home"]["00c868bf00004c000000000000848812"]
    vgda["ltg"] = 128
    vgda["pvs"][1]["state"] = "missing"
    box.world["kernel"]["open_lvs"] = [lv["name"] for lv in vgda["lvs"][1:]]
    return box


@case("lsvg/12-opt-o-five", "lsvg -o")
def lsvg_12() -> Box:
    names = ["rootvg", "Nimvg", "testvg_new1", "test_newvg", "testvg"]
    disks = [(f"hdisk{number}", pvid(number)) for number in range(5)]
    return plain("7300-01-01-2246", disks, {name: ([f"hdisk{n}"], True) for n, name in enumerate(names)})


@case("lsvg/13-opt-l-log-closed-fs-open", "lsvg -l testvg")
def lsvg_13() -> Box:
    box = Box()
    vgda = box.vg("testvg", VGID, [(box.hdisk("hdisk2", pvid(2)), 100)], pp_size=512)
    box.table(vgda, [("testloglv", "jfs2log", 1, 1, False, "N/A"), ("testlv", "jfs2", 18, 1, True, "/TEST")])
    vgda["lvs"][1]["fs"] = new_filesystem(size=18 * 512 * BLOCKS, inline_log=36)
    return box


NIM_CLOSED = (
    (9, 9), (11, 6), (12, 1), (13, 8), (14, 11), (15, 8), (16, 3), (17, 2), (18, 1), (19, 1), (20, 2), (21, 13),
    (22, 17), (23, 21), (24, 46), (25, 10), (26, 15), (27, 1), (28, 19), (29, 34), (30, 1), (31, 1), (33, 7), (34, 10),
    (35, 20), (36, 15), (37, 23), (38, 16), (39, 24), (40, 1), (41, 9), (42, 1), (43, 6), (44, 11), (45, 20), (46, 14),
    (47, 30), (48, 16), (49, 17), (50, 1), (51, 12), (53, 1), (54, 3), (55, 8), (56, 11), (57, 6), (58, 8), (59, 24),
    (60, 15), (61, 1), (62, 1),
)  # fmt: skip


@case("lsvg/14-opt-l-55-lvs-many-unmounted", "lsvg -l Nimvg")
def lsvg_14() -> Box:
    box = Box()
    disks = [(box.hdisk(f"hdisk{number}", pvid(number)), 800) for number in (3, 4, 5)]
    vgda = box.vg("Nimvg", VGID, disks, pp_size=256)
    box.table(
        vgda,
        [
            ("Nimloglv", "jfs2log", 1, 1, False, "N/A"),
            ("Nimlv", "jfs2", 500, 3, True, "/nim"),
            ("fslv00", "jfs2", 200, 2, True, "/export/lpp_source"),
            ("spotlv", "jfs2", 320, 2, True, "/export/spot"),
            *[(f"fslv{number:02d}", "jfs2", lps, 1, False, "N/A") for number, lps in NIM_CLOSED],
        ],
        "Nimloglv",
    )
    return box


@case("lsvg/15-opt-l-test_newvg", "lsvg -l test_newvg")
def lsvg_15() -> Box:
    box = Box()
    vgda = box.vg("test_newvg", VGID, [(box.hdisk("hdisk6", pvid(6)), 399)], pp_size=256)
    rows = [("testnewloglv", "jfs2log", 1, 1, True, "N/A"), ("test_newlv", "jfs2", 396, 1, True, "/test_new")]
    box.table(vgda, rows, "testnewloglv")
    return box


SYSTEM_73 = (
    ("hd5", "boot", 1, 1, False, "N/A"),
    ("hd6", "paging", 68, 1, True, "N/A"),
    ("hd8", "jfs2log", 1, 1, True, "N/A"),
    ("hd4", "jfs2", 20, 1, True, "/"),
    ("hd2", "jfs2", 20, 1, True, "/usr"),
    ("hd9var", "jfs2", 20, 1, True, "/var"),
    ("hd3", "jfs2", 40, 1, True, "/tmp"),
    ("hd1", "jfs2", 31, 1, True, "/home"),
    ("hd10opt", "jfs2", 20, 1, True, "/opt"),
    ("hd11admin", "jfs2", 2, 1, True, "/admin"),
    ("lg_dumplv", "sysdump", 26, 1, True, "N/A"),
    ("livedump", "jfs2", 1, 1, True, "/var/adm/ras/livedump"),
    ("loglv00", "jfslog", 1, 1, True, "N/A"),
    ("lv00", "jfs", 1, 1, True, "/var/adm/csd"),
    ("perflv", "jfs2", 100, 1, True, "/perfdata"),
    ("auditlv", "jfs2", 20, 1, True, "/audit"),
    ("violv", "jfs2", 10, 1, True, "/spot_vioa"),
    ("violpplv", "jfs2", 10, 1, True, "/lpp_source_vioa"),
)


@case("lsvg/17-opt-l-rootvg-73-jfs-mixed", "lsvg -l rootvg")
def lsvg_17() -> Box:
    box = Box()
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 700)], pp_size=512)
    box.table(vgda, SYSTEM_73, "hd8")
    return box


@case("lsvg/18-opt-p-vanished-disk-missing", "lsvg -p rootvg")
def lsvg_18() -> Box:
    box = Box("6100-08-00-1241")
    here = box.hdisk("hdisk0", pvid(1))
    gone = box.hdisk("hdisk1", "00ce4b6a01292201", device=False)
    vgda = box.vg("rootvg", VGID, [(here, 2157), (gone, 2157)], pp_size=64)
    vgda["pvs"][1]["state"] = "missing"
    box.regions(vgda, here, [258, 431, 431, 18, 0], names=["lv00"])
    box.regions(vgda, gone, [258, 360, 431, 89, 0], names=["lv01"])
    return box


@case("lsvg/19-opt-p-three-vgs", "lsvg -p rootvg realsyncvg testvg")
def lsvg_19() -> Box:
    box = Box("6100-08-00-1241")
    disks = {
        name: box.hdisk(name, pvid(number))
        for number, name in enumerate(["hdisk0", "hdisk1", "hdisk74", "hdisk105", "hdisk106"], 1)
    }
    root = box.vg("rootvg", VGID, [(disks["hdisk0"], 546), (disks["hdisk1"], 546)])
    box.regions(root, disks["hdisk0"], [110, 109, 109, 109, 109], names=["lv00"])
    box.regions(root, disks["hdisk1"], [110, 109, 109, 88, 17], names=["lv01"])
    real = box.vg("realsyncvg", DATA_VGID, [(disks["hdisk74"], 1999)])
    box.regions(real, disks["hdisk74"], [400, 400, 399, 400, 394], names=["lv02"])
    test = box.vg("testvg", VGID[:-1] + "9", [(disks["hdisk105"], 999), (disks["hdisk106"], 999)])
    box.regions(test, disks["hdisk105"], [0, 161, 0, 0, 0], names=["lv03"])
    box.regions(test, disks["hdisk106"], [0, 200, 199, 1, 0], names=["lv04"])
    return box


@case("lsvg/20-scalable-vg-73", "lsvg testvg")
def lsvg_20() -> Box:
    box = Box()
    disks = [(box.hdisk("hdisk1", pvid(1)), 1275), (box.hdisk("hdisk2", pvid(2)), 1275)]
    box.vg(
        "testvg", VGID, disks, kind="scalable", pp_size=16, max_pps=32768, max_pvs=1024, max_pps_per_pv=0, auto_on=False
    )
    return box


@case("lsvg/23-opt-l-mountpoint-hash", "lsvg -l bkoravg")
def lsvg_23() -> Box:
    box = Box("7200-05-03-2148")
    vgda = box.vg("bkoravg", VGID, [(box.hdisk("hdisk5", pvid(5)), 100)], pp_size=256)
    rows = [
        ("bkorabinlv", "jfs2", 48, 1, False, "#"),
        ("bkoradatalv", "jfs2", 40, 1, True, "/bk/oradata"),
        ("bkloglv00", "jfs2log", 1, 1, True, "N/A"),
    ]
    box.table(vgda, rows, "bkloglv00")
    return box


@case("lsvg/24-locked-0516-1201", "lsvg -l rootvg", 1)
def lsvg_24() -> Box:
    box, _ = small_rootvg("7100-05-00-1731")
    box.world["kernel"]["varied_on"]["rootvg"]["locked"] = True
    return box


@case("lsvg/26-opt-l-new-lv-no-mountpoint", "lsvg -l datavg")
def lsvg_26() -> Box:
    box = Box("7100-05-00-1731")
    vgda = box.vg("datavg", VGID, [(box.hdisk("hdisk1", pvid(1)), 199)], pp_size=256)
    box.table(vgda, [("datalv", "jfs2", 199, 1, False, "N/A")])
    return box


# ---------------------------------------------------------------- lslv

LSLV = (
    # number, name, type, LPs, label, intra, bad blocks, relocatable, write consistency
    (1, "hd5", "boot", 1, "primary_bootlv", "edge", "non-relocatable", "no", "on/ACTIVE"),
    (3, "hd8", "jfs2log", 1, "None", "center", "relocatable", "yes", "off"),
    (16, "lv_tpc", "jfs2", 16, "/opt/IBM/TPC", "middle", "relocatable", "yes", "on/ACTIVE"),
    (14, "fslv00", "jfs2", 2, "/var/adm/perfmgr", "middle", "relocatable", "yes", "on/ACTIVE"),
    (8, "hd1", "jfs2", 8, "/home", "center", "relocatable", "yes", "on/ACTIVE"),
)


@case("lslv/01-hd5", "lslv hd5")
def lslv_01() -> Box:
    box = Box("6100-07-00-1115")
    disk = box.hdisk("hdisk0", "00c6ce9d4f2c404a")
    vgda = box.vg("rootvg", "00c6ce9d00004c000000014302ee7629", [(disk, 543)], pp_size=64)
    at = 1
    for number, name, kind, lps, label, intra, bad, relocatable, mwc in LSLV:
        box.lv(
            vgda, name, kind, [[disk, at, lps, 1]], number=number, label=label, intra=intra, bb_policy=bad,
            relocatable=relocatable, mwc=mwc,
        )  # fmt: skip
        at += lps
        if kind == "jfs2":
            box.mount("/dev/" + name, label, "rw,log=/dev/hd8")
    return box


for _transcript, _lv in (("03-hd8", "hd8"), ("05-lv_tpc", "lv_tpc"), ("06-fslv00", "fslv00"), ("07-hd1", "hd1")):
    CASES.append(Case("lslv/" + _transcript, lslv_01, "lslv " + _lv))


@case("lslv/09-hd1-73", "lslv hd1")
def lslv_09() -> Box:
    box = Box("7300-00-01-2148")
    disk = box.hdisk("hdisk0", "00fa00d6b552f41b")
    vgda = box.vg("rootvg", "00fa00d600004c000000017d43623707", [(disk, 639)])
    box.lv(vgda, "hd1", "jfs2", [[disk, 300, 1, 1]], number=8, label="/home", intra="center")
    box.mount("/dev/hd1", "/home")
    return box


@case("lslv/10-testlv-closed-label-none", "lslv testlv")
def lslv_10() -> Box:
    box = Box()
    disk = box.hdisk("hdisk1", pvid(1))
    vgda = box.vg("testvg", "00f6f42a00004c0000000179c407a0bb", [(disk, 319)], kind="scalable", max_pps=32768)
    box.lv(vgda, "testlv", "jfs2", [[disk, 1, 10, 1]], inter="maximum", upper_bound=1024)
    return box


# ---------------------------------------------------------------- VGDA readers

GLVM_VGID = "00ce23da00004c00000001099df94648"


@case("lqueryvg/01-opt-tA-by-vgid", f"lqueryvg -tA -g {GLVM_VGID}")
def lqueryvg_01() -> Box:
    box = Box("5300-07-00-0000")
    ids = ["00ce23da6409b93f", "00ce23da6409bb88", "00ce23daeca0fb0a"]
    pps = [80, 80, 79]
    disks = [(box.hdisk(f"hdisk{number}", one), pps[number]) for number, one in enumerate(ids)]
    vgda = box.vg("installvg", GLVM_VGID, disks, pp_size=128, ltg=128, auto_sync="yes")
    box.lv(vgda, "installlv", "jfs2", [[ids[0], 1, 80, 1], [ids[1], 1, 75, 1]], number=3, label="/install")
    box.lv(vgda, "fslv01", "jfs2", [[ids[1], 76, 5, 1], [ids[2], 1, 75, 1]], number=4, label="/data")
    return box


CASES += [
    Case("lqueryvg/04-opt-tL-by-vgid", lqueryvg_01, f"lqueryvg -tL -g {GLVM_VGID}"),
    Case("lqueryvg/05-opt-tT-timestamp", lqueryvg_01, f"lqueryvg -tT -g {GLVM_VGID}"),
    Case("lqueryvg/06-vg-not-varied-on", lqueryvg_01, f"lqueryvg -tg -g {GLVM_VGID}", 1),
    Case("lqueryvg/07-device-not-accessible", lqueryvg_01, f"lqueryvg -tp -g {GLVM_VGID}", 1),
    Case("lqueryvg/08-usage", lqueryvg_01, f"lqueryvg -td -g {GLVM_VGID}", 1),
]


@case("lquerypv/01-header-256-bytes", "lquerypv -h /dev/hdisk10")
def lquerypv_01() -> Box:
    box, _ = small_rootvg("5300-12-01-1016")
    box.hdisk("hdisk10", "00066345e9028f43")
    return box


@case("lquerypv/02-pvid-80-10", "lquerypv -h /dev/hdisk7 80 10")
def lquerypv_02() -> Box:
    box, _ = small_rootvg("6100-08-00-1241")
    box.hdisk("hdisk7", "00021ac8e561d594")
    return box


@case("readvgda/01-pv_id", "readvgda hdisk23", pick=replay.grep("pv_id"))
def readvgda_01() -> Box:
    box = Box("7200-05-03-2148")
    box.free_lv(box.vg("datavg", VGID, [(box.hdisk("hdisk23", "00cbe20096a8f09f"), 319)]), "datalv", "raw", 1)
    return box


@case("getlvodm/01-opt-j-not-in-a-vg", "getlvodm -j hdisk1", 1)
def getlvodm_01() -> Box:
    return lspv_15()


# ---------------------------------------------------------------- changes of VGs


@case("varyonvg/02-no-quorum-0516-052", "varyonvg datavg", 1)
def varyonvg_02() -> Box:
    box, _ = small_rootvg("6100-08-00-1241")
    gone = box.hdisk("hdisk1", pvid(2), device=False)
    box.free_lv(box.vg("datavg", DATA_VGID, [(gone, 319)], on=False), "datalv", "raw", 1)
    return box


@case("chvg/01-opt-t-1164", "chvg -t 16 rootvg")
def chvg_01() -> Box:
    return small_rootvg()[0]


@case("mkvg/01-io-failure-1184", "mkvg -y datavg hdisk10", 1)
def mkvg_01() -> Box:
    box, _ = small_rootvg("5300-12-01-1016")
    box.hdisk("hdisk10", "00066345e9028f43", writable=False)
    return box


@case("mkvg/02-ok-with-1254", "mkvg -S -y datavg hdisk1")
def mkvg_02() -> Box:
    box, _ = small_rootvg("7200-05-03-2148")
    box.hdisk("hdisk1")
    return box


@case("extendvg/01-too-many-pps-1162", "extendvg rootvg hdisk1", 1)
def extendvg_01() -> Box:
    box, _ = small_rootvg()
    box.hdisk("hdisk1", size=102400)
    return box


@case("reducevg/01-not-in-vg-1782", "reducevg datavg hdisk0", 2)
def reducevg_01() -> Box:
    return data_vg()[0]


@case("extendlv/01-max-lps-0516-787", "extendlv hd1 512", 1)
def extendlv_01() -> Box:
    box, vgda = small_rootvg(pps=639)
    box.free_lv(vgda, "hd1", "jfs2", 1, label="/home")
    return box


@case("extendlv/02-missing-pv-warning", "extendlv oralv 240")
def extendlv_02() -> Box:
    box, _ = small_rootvg("6100-08-00-1241")
    disks = [(box.hdisk("hdisk1", pvid(2)), 400), (box.hdisk("hdisk2", pvid(3)), 400)]
    vgda = box.vg("oravg", DATA_VGID, disks)
    vgda["pvs"][1]["state"] = "missing"
    box.lv(vgda, "oralv", "jfs2", [[pvid(2), 1, 24, 1]], label="/oracle")
    return box


# ---------------------------------------------------------------- mount, umount, fsck


@case("mount/02-with-autofs-and-nfs-no-options", "mount")
def mount_02() -> Box:
    box = Box("5300-12-01-1016")
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 319)])
    box.free_lv(vgda, "hd8", "jfs2log", 1)
    rows = [
        ("hd4", "/", "22"),
        ("hd2", "/usr", "22"),
        ("hd9var", "/var", "22"),
        ("hd3", "/tmp", "23"),
        ("hd1", "/home", "23"),
    ]
    late = [("hd10opt", "/opt", "23"), ("lv_logs", "/logs", "23"), ("lv_moteurs", "/moteurs", "23")]
    for name, point, minute in [*rows, *late]:
        if name == "hd10opt":
            box.mount("/proc", "/proc", "rw", "procfs", date="Nov 29 11:23")
        box.free_lv(vgda, name, "jfs2", 2, label=point)
        box.mount("/dev/" + name, point, "rw,log=/dev/hd8", date=f"Nov 29 11:{minute}")
    box.mount("-hosts", "/net", "nosuid,vers=3,rw,nobrowse,ignore", "autofs", date="Nov 29 11:23")
    box.mount("/install/outils", "/mnt", "", "nfs3", "x64lmwbief4", "Dec 07 11:53")
    return box


@case("mount/03-lpar-with-nfs", "mount")
def mount_03() -> Box:
    box = Box("7100-05-00-1731")
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 319)])
    box.free_lv(vgda, "hd8", "jfs2log", 1)
    rows = [("hd4", "/"), ("hd2", "/usr"), ("hd9var", "/var"), ("hd3", "/tmp"), ("hd1", "/home")]
    for name, point in [*rows, ("hd11admin", "/admin"), ("", "/proc"), ("hd10opt", "/opt")]:
        if not name:
            box.mount("/proc", "/proc", "rw", "procfs", date="Jul 17 13:22")
            continue
        box.free_lv(vgda, name, "jfs2", 2, label=point)
        box.mount("/dev/" + name, point, "rw,log=/dev/hd8", date="Jul 17 13:22")
    server, options = "192.168.1.11", "ro,bg,hard,intr,sec=sys"
    box.mount("/stage/middleware1", "/stage/middleware2", options, "nfs3", server, "Jul 17 13:24")
    return box


def with_point(box: Box, *points: str) -> Box:
    """The mount points exist in rootvg."""
    for point in points:
        box.files[point + "/.sim-empty"] = ""
    return box


@case("mount/05-jfs2-dirty-0506-324-342", "mount /u2", 1)
def mount_05() -> Box:
    return with_point(data_fs("fslv00", "/u2", "5300-12-01-1016", state="dirty"), "/u2")


@case("mount/07-nested-mount-point-missing", "mount /oracle/home", 1)
def mount_07() -> Box:
    box = data_fs("oralv", "/oracle", "6100-08-00-1241")
    vgda = box.world["san"]["vgdas"]["home"][DATA_VGID]
    box.free_lv(vgda, "orhomelv", "jfs2", 4, label="/oracle/home")
    box.stanza("/oracle/home", "/dev/orhomelv", log="/dev/loglv00")
    return with_point(box, "/oracle")


@case("mount/08-guarded-0506-365", "mount /bk/d01/app/oracle", 1)
def mount_08() -> Box:
    point = "/bk/d01/app/oracle"
    return with_point(data_fs("bkoraarchlv", point, guard=True, guarded_by="00F6F42B4C00"), point)


@case("mount/09-log-null-0506-323", "mount -o log=NULL /dev/hdisk10 /data", 1)
def mount_09() -> Box:
    box, _ = small_rootvg("5300-12-01-1016")
    box.hdisk("hdisk10", "00066345e9028f43")
    return with_point(box, "/data")


@case("umount/01-busy-0506-349", "umount /home", 1)
def umount_01() -> Box:
    box = lslv_01()
    vgda = box.world["san"]["vgdas"]["home"]["00c6ce9d00004c000000014302ee7629"]
    box.free_lv(vgda, "appslv", "jfs2", 2, label="/home/apps")
    box.mount("/dev/appslv", "/home/apps", "rw,log=/dev/hd8")
    return box


@case("fsck/01-jfs2-after-dirty-mount", "fsck /u2", stdin="y\ny\n")
def fsck_01() -> Box:
    return mount_05()


# ---------------------------------------------------------------- file systems

# mount point, LV, type, 512-byte blocks, accounting
LSFS_61 = (
    ("/", "hd4", "bootfs", 1048576, False),
    ("/home", "hd1", "", 1048576, False),
    ("/usr", "hd2", "bootfs", 6291456, False),
    ("/var", "hd9var", "bootfs", 2097152, False),
    ("/tmp", "hd3", "", 8388608, False),
    ("/admin", "hd11admin", "", 262144, False),
    ("/proc", "", "", 0, False),
    ("/opt", "hd10opt", "", 4194304, False),
    ("/var/adm/ras/livedump", "livedump", "", 524288, False),
    ("/opt/DoOnceAIX", "dooncelv", "", 655360, False),
    ("/var/adm/perfmgr", "fslv00", "", 262144, False),
    ("/var/log/eprise", "lv_auditlog", "", 262144, False),
    ("/usr/WebSphere", "lv_web1", "", 94371840, False),
    ("/opt/IHS", "lv_ihs1", "", 20971520, False),
    ("/home/apps", "lv_apps1", "", 2097152, False),
    ("/home/apps/deployments", "lv_depl", "", 10485760, False),
    ("/opt/oracle", "lv_ora1", "", 12582912, False),
    ("/opt/pvcs", "lv_pvcs", "", 2097152, False),
    ("/opt/IBM/TPC", "lv_tpc", "", 2097152, False),
    ("/home/apps/glvmt", "lv_glvmt", "", 20971520, True),
    ("/home/apps/glvpack", "lv_glvpack", "", 20971520, True),
    ("/home/apps/glvsc", "lv_glvsc", "", 20971520, True),
    ("/home/apps/glvlfw", "lv_glvlfw", "", 20971520, True),
    ("/opt/best1", "fslv01", "", 2097152, False),
)


@case("lsfs/03-opt-c-61", "lsfs -c")
def lsfs_03() -> Box:
    box = Box("6100-07-00-1115")
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 5000)], pp_size=64)
    for point, name, kind, size, account in LSFS_61:
        if not name:
            box.stanza(point, point, "procfs")
            continue
        box.free_lv(vgda, name, "jfs2", size // BLOCKS // 64, label=point)
        more = {"type": kind} if kind else {}
        box.stanza(point, "/dev/" + name, **more, account="true" if account else "false")
    return box


def lsfs_world(
    aix: str,
    point: str,
    lv: str,
    size: int,
    pp_size: int,
    vg: str = "datavg",
    fs: Optional[Dict[str, object]] = None,
    **stanza: str,
) -> Box:
    box, vgda = data_vg(aix, pp_size, name=vg)
    made = box.free_lv(vgda, lv, "jfs2", size // BLOCKS // pp_size, label=point)
    assert made["fs"] is not None
    made["fs"].update(fs or {})  # type: ignore[typeddict-item]
    box.stanza(point, "/dev/" + lv, log="/dev/loglv00", **stanza)
    return box


@case("lsfs/04-opt-cq-one", "lsfs -cq /tmp/issue76")
def lsfs_04() -> Box:
    return lsfs_world("7200-05-03-2148", "/tmp/issue76", "fslv00", 10485760, 128, type="test_mount", options="rw")


@case("lsfs/05-one-device", "lsfs /tmp/testfs")
def lsfs_05() -> Box:
    return lsfs_world("7300-01-01-2246", "/tmp/testfs", "testlv", 163840, 16, mount="false")


@case("lsfs/06-one-nfs", "lsfs /tmp/clientnfs")
def lsfs_06() -> Box:
    box, _ = small_rootvg()
    box.stanza("/tmp/clientnfs", "/tmp/lp4nfs", "nfs", "false", nodename="carribean-lp4", options="intr")
    return box


@case("lsfs/08-opt-q-mountguard", "lsfs -q /mountpoint")
def lsfs_08() -> Box:
    guard = {"guard": True}
    return lsfs_world("7100-01-00-1140", "/mountpoint", "fslv34", 4194304, 128, fs=guard, mount="false", options="rw")


# mount point, LV, LPs of 256 MB (0: the LV is not there), inline log MB, options; the VG of those that are not there
LSFS_73 = (
    ("/", "hd4", 40, 0, ""), ("/home", "hd1", 62, 0, ""), ("/usr", "hd2", 40, 0, ""), ("/var", "hd9var", 40, 0, ""),
    ("/tmp", "hd3", 80, 0, ""), ("/admin", "hd11admin", 4, 0, ""), ("/proc", "/proc", 0, 0, ""),
    ("/opt", "hd10opt", 40, 0, ""), ("/var/adm/ras/livedump", "livedump", 2, 0, ""), ("/var/adm/csd", "lv00", 2, 0, ""),
    ("/perfdata", "perflv", 200, 0, ""), ("/cdrom", "cd0", 0, 0, "ro"), ("/audit", "auditlv", 40, 0, ""),
    ("/nim", "Nimlv", 500, 0, ""), ("/export/lpp_source", "fslv00", 200, 200, "rw"), ("/spot1", "spot1", 0, 0, ""),
    ("/export/spot", "spotlv", 320, 320, "rw"), ("#/acltest", "fslv02", 0, 0, ""),
    ("/Infi_Net_Test", "infinettestlv", 0, 1, ""), ("/TEST", "testlv", 36, 36, "rw"),
    ("/spot_vioa", "violv", 20, 20, "rw"), ("/lpp_source_vioa", "violpplv", 20, 20, "rw"),
    ("/TEST1", "test1lv", 0, 1, "rw"), ("/TEST2", "test2lv", 0, 1, "rw"), ("/users1", "users1lv", 0, 0, ""),
    ("/users", "userslv", 0, 0, ""), ("/mksysb-backup", "nfs", 0, 0, ""), ("/test_new", "test_newlv", 396, 0, "rw"),
    ("/testfs_new1", "testlv_new1", 396, 0, ""),
)  # fmt: skip


@case("lsfs/07-opt-q-with-dead-devices", "lsfs -q", 1)
def lsfs_07() -> Box:
    """LVs of 0 LPs are gone; those with a 1 in the next column have left their device file behind."""
    box = Box()
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 3000)], pp_size=256)
    for point, name, lps, more, options in LSFS_73:
        attributes = {"options": options} if options else {}
        if name in ("/proc", "cd0"):
            kind = {"/proc": "procfs", "cd0": "cdrfs"}[name]
            box.stanza(
                point, "/dev/cd0" if name == "cd0" else name, kind, "true" if name == "/proc" else "false", **attributes
            )
        elif name == "nfs":
            nfs = "rw,bg,soft,intr,nodev,nosuid,sec=sys"
            box.stanza(point, "/vol19N/mksysb_backup/", "nfs", nodename="10.240.5.179", options=nfs)
        else:
            kind = "jfs" if name == "lv00" else "jfs2"
            box.stanza(point, "/dev/" + name, kind, **attributes)
            if lps:
                lv = box.free_lv(vgda, name, kind, lps, label=point)
                assert lv["fs"] is not None
                lv["fs"]["inline_log"] = more
            elif more:
                box.files["/dev/" + name] = "b major=40 minor=1\n"
    return box


@case("chfs/01-size", "chfs -a size=+30G /oracle")
def chfs_01() -> Box:
    return data_fs("oralv", "/oracle", "6100-08-00-1241", lps=24)


@case("chfs/02-mountguard-yes", "chfs -a mountguard=yes /mountpoint")
def chfs_02() -> Box:
    return data_fs("fslv34", "/mountpoint", "7100-01-00-1140")


@case("chfs/03-mountguard-no", "chfs -a mountguard=no /mountpoint")
def chfs_03() -> Box:
    return data_fs("fslv34", "/mountpoint", "7100-01-00-1140", guard=True)


@case("chfs/04-no-space-0516-404", "chfs -a size=1G /tmp", 1)
def chfs_04() -> Box:
    box, vgda = small_rootvg(pps=24)
    box.free_lv(vgda, "hd3", "jfs2", 8, label="/tmp")
    box.stanza("/tmp", "/dev/hd3", log="/dev/hd8")
    return box


@case("crfs/01-ok-oralv", "crfs -v jfs2 -d oralv -A yes -m /oracle")
def crfs_01() -> Box:
    box, vgda = data_vg("6100-08-00-1241")
    box.free_lv(vgda, "oralv", "jfs2", 24)
    vgda["lvs"][-1]["fs"] = None
    return box


@case("rmfs/01-ok", "rmfs -r /usr/sys/inst.images")
def rmfs_01() -> Box:
    return with_point(data_fs("repo00", "/usr/sys/inst.images"))


# ---------------------------------------------------------------- df, paging, dump

# LV, KB, KB used, mount point
DF_WPARS = (
    ("hd4", 2097152, 219796, "/"),
    ("hd2", 5242880, 2416828, "/usr"),
    ("hd9var", 5242880, 395540, "/var"),
    ("hd3", 5242880, 1539508, "/tmp"),
    ("hd1", 10485760, 1972, "/home"),
    ("hd11admin", 131072, 380, "/admin"),
    ("", 0, 0, "/proc"),
    ("hd10opt", 5242880, 1286720, "/opt"),
    ("livedump", 262144, 368, "/var/adm/ras/livedump"),
    ("fslv00", 524288, 45076, "/wpars/sink-thinker-541ba3"),
    ("fslv01", 2097152, 8956, "/wpars/sink-thinker-541ba3/home"),
    ("fslv02", 5242880, 1307352, "/wpars/sink-thinker-541ba3/opt"),
    ("", 0, 0, "/wpars/sink-thinker-541ba3/proc"),
    ("fslv03", 1048576, 168840, "/wpars/sink-thinker-541ba3/tmp"),
    ("fslv04", 5242880, 2725040, "/wpars/sink-thinker-541ba3/usr"),
    ("fslv05", 524288, 76000, "/wpars/sink-thinker-541ba3/var"),
    ("fslv07", 10485760, 130872, "/wpars/toolchain-tester-5c969f"),
    ("fslv08", 5242880, 39572, "/wpars/toolchain-tester-5c969f/home"),
    ("fslv09", 5242880, 1477164, "/wpars/toolchain-tester-5c969f/opt"),
    ("", 0, 0, "/wpars/toolchain-tester-5c969f/proc"),
    ("fslv10", 5242880, 42884, "/wpars/toolchain-tester-5c969f/tmp"),
    ("fslv11", 5242880, 2725048, "/wpars/toolchain-tester-5c969f/usr"),
    ("fslv12", 10485760, 272376, "/wpars/toolchain-tester-5c969f/var"),
)


def df_world(aix: str, pp_size: int, rows: Sequence[Sequence[object]]) -> Box:
    """Rows [LV, 512-byte blocks, blocks used, mount point, inodes used, inodes]; without an LV it is /proc."""
    box = Box(aix)
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), 4000)], pp_size=pp_size)
    for name, size, used, point, *inodes in rows:
        if not name:
            box.mount("/proc", str(point), "rw", "procfs")
            continue
        blocks = int(str(size))
        lv = box.free_lv(vgda, str(name), "jfs2", blocks // BLOCKS // pp_size, label=str(point))
        lv["fs"] = new_filesystem(size=blocks, used=used, inodes=inodes or [4, 0])
        box.mount("/dev/" + str(name), str(point), "rw,log=INLINE")
    return box


@case("df/02-opt-Pk-lpar-with-wpars", "df -Pk")
def df_02() -> Box:
    return df_world("7100-01-00-1140", 64, [(name, 2 * size, 2 * used, point) for name, size, used, point in DF_WPARS])


@case("df/04-opt-g-before-grow", "df -g")
def df_04() -> Box:
    rows = [
        ("hd4", 524288, 386000, "/", 10612, 26700),
        ("hd2", 4718592, 4634706, "/usr", 49260, 62000),
        ("hd9var", 1048576, 650118, "/var", 8223, 52000),
        ("hd3", 20971520, 985662, "/tmp", 748, 2000000),
        ("hd1", 262144, 688, "/home", 5, 30000),
        ("hd11admin", 262144, 688, "/admin", 5, 30000),
        ("", 0, 0, "/proc"),
        ("hd10opt", 1048576, 503316, "/opt", 8748, 70000),
        ("livedump", 524288, 688, "/var/adm/ras/livedump", 4, 60000),
        ("oralv", 6291456, 1576, "/oracle", 4, 700000),
    ]
    return df_world("6100-08-00-1241", 128, rows)


@case("df/06-512-blocks-with-ahafs", "df")
def df_06() -> Box:
    rows = [
        ("hd4", 1966080, 1966080 - 559552, "/", 4107, 60000),
        ("hd2", 27394048, 27394048 - 13732104, "/usr", 49625, 1300000),
        ("hd9var", 3145728, 3145728 - 2580088, "/var", 1340, 300000),
        ("hd3", 655360, 97600, "/tmp", 675, 60000),
        ("hd1", 131072, 760, "/home", 9, 15000),
        ("hd11admin", 262144, 728, "/admin", 5, 30000),
        ("", 0, 0, "/proc"),
        ("hd10opt", 2621440, 2621440 - 1050416, "/opt", 10048, 130000),
        ("livedump", 524288, 736, "/var/adm/ras/livedump", 4, 60000),
        ("testlv", 163840, 688, "/tmp/testfs", 4, 20000),
    ]
    box = df_world("7200-05-03-2148", 16, rows)
    mounts = box.world["kernel"]["mounts"]
    mounts.insert(
        9,
        {"node": "", "device": "/ahafs", "point": "/aha", "vfs": "ahafs", "date": "Jan 05 09:00", "options": "rw",
         "files": [35, 10000]},
    )  # fmt: skip
    return box


def paging(aix: str, spaces: Sequence[Sequence[object]]) -> Box:
    """Rows [LV, hdisk, VG, MB, percent used, active], in the order in which they were made; all start by themselves."""
    box = Box(aix)
    box.files["/etc/swapspaces"] = ""
    for number, (name, hdisk, vg, size, used, active) in enumerate(spaces):
        known = box.world["odm"]["vgs"].get(str(vg))
        disk = box.hdisk(str(hdisk), pvid(number + 1))
        if known is None:
            vgda = box.vg(str(vg), f"{VGID[:-1]}{number}", [(disk, 2000)], pp_size=32)
        else:
            vgda = box.world["san"]["vgdas"]["home"][known["vgid"]]
            vgda["pvs"].append({**vgda["pvs"][0], "pvid": disk, "number": 2})
            known["pvids"].append(disk)
        lps = int(str(size)) // 32
        box.lv(vgda, str(name), "paging", [[disk, 1, lps, 1]])
        box.files["/etc/swapspaces"] += f"{name}:\n\tdev = /dev/{name}\n\n"
        box.world["kernel"]["paging_used"][str(name)] = int(str(used))
        if active:
            box.world["kernel"]["active_paging"].append(str(name))
    return box


@case("lsps/01-opt-s-53c", "lsps -s")
def lsps_01() -> Box:
    return paging("5300-12-01-1016", [("hd6", "hdisk0", "rootvg", 9216, 1, True)])


@case("lsps/05-opt-a-after-grow", "lsps -a")
def lsps_05() -> Box:
    return paging("6100-08-00-1241", [("hd6", "hdisk0", "rootvg", 8704, 1, True)])


@case("lsps/06-opt-a-three-hd6-inactive", "lsps -a")
def lsps_06() -> Box:
    return paging(
        "7100-05-00-1731",
        [
            ("hd6", "hdisk0", "rootvg", 8192, 0, False),
            ("paging00", "hdisk1", "pagingvg", 61344, 0, True),
            ("paging01", "hdisk2", "pagingvg", 61344, 0, True),
        ],
    )


@case("sysdumpdev/01-opt-l-61", "sysdumpdev -l")
def sysdumpdev_01() -> Box:
    box, vgda = small_rootvg("6100-00-03-0808")
    box.free_lv(vgda, "lg_dumplv", "sysdump", 8)
    box.world["kernel"]["open_lvs"].append("lg_dumplv")
    box.world["odm"]["dump"]["primary"] = "/dev/lg_dumplv"
    return box


# ---------------------------------------------------------------- the tests


PATHS = {"mount": "/usr/sbin/mount", "df": "/usr/bin/df", "sysdumpdev": "/usr/bin/sysdumpdev"}


def terminal(box: Box, command: str, root: str, rc: int = 0, stdin: str = "") -> str:
    """What a terminal shows; the command must end with this exit status."""
    program, *args = command.split()
    ctx = context(copy.deepcopy(box), root, stdin)
    try:
        result = run(ctx, PATHS.get(program, "/usr/sbin/" + program), args)
    except Hang:
        result = ctx.result(1)
    assert result.rc == rc, (command, ctx.terminal())
    return ctx.terminal()


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.transcript)
def test_transcript(one: Case, tmp_path: Path) -> None:
    text = terminal(one.box(), one.command, str(tmp_path), one.rc, one.stdin)
    assert (one.pick(text) if one.pick else text) == replay.transcript(one.transcript).text


def forms(text: str) -> Dict[str, str]:
    """KEY -> value of a two-column form."""
    return {
        key.strip(): value.strip()
        for key, value in re.findall(r"([A-Z][\w ()?]*):\s+(.*?)(?=\s{2,}[A-Z]|$)", text, re.M)
    }


@pytest.mark.parametrize("one", CASES, ids=lambda one: one.transcript)
def test_commands_agree(one: Case, tmp_path: Path) -> None:
    """lsvg, lsvg -l, lsvg -p, lspv, lslv, mount and df tell the same story about the world of each transcript."""
    box = one.box()
    for active in box.world["kernel"]["varied_on"].values():
        active["locked"] = False
    box.world["settings"]["variants"].clear()
    root = str(tmp_path)
    listed = [row.split() for row in terminal(box, "lspv", root).splitlines()]
    known = terminal(box, "lsvg", root).split()
    assert {row[2] for row in listed} - {"None"} <= set(known)
    for vg in terminal(box, "lsvg -o", root).split():
        form = forms(terminal(box, f"lsvg {vg}", root))
        pvs = [row.split() for row in terminal(box, f"lsvg -p {vg}", root).splitlines() if re.search(r"\.\.", row)]
        lvs = [row.split() for row in terminal(box, f"lsvg -l {vg}", root).splitlines()[2:]]
        assert form["TOTAL PVs"] == str(len(pvs))
        assert form["ACTIVE PVs"] == str(sum(row[1] == "active" for row in pvs))
        assert form["TOTAL PPs"].split()[0] == str(sum(int(row[2]) for row in pvs))
        assert form["FREE PPs"].split()[0] == str(sum(int(row[3]) for row in pvs))
        assert form["LVs"] == str(len(lvs))
        assert form["USED PPs"].split()[0] == str(sum(int(row[3]) for row in lvs))
        assert form["OPEN LVs"] == str(sum(row[5].startswith("open/") for row in lvs))
        assert [row[0] for row in listed if row[2] == vg] == [row[0] for row in pvs if row[0].startswith("hdisk")]
        for row in lvs[:3]:
            one_lv = forms(terminal(box, f"lslv {row[0]}", root))
            assert (one_lv["LPs"], one_lv["PPs"], one_lv["TYPE"]) == (row[2], row[3], row[1])
            assert one_lv["LV STATE"].startswith("opened") == row[5].startswith("open/")
    mounted = [row.split() for row in terminal(box, "mount", root).splitlines()[2:]]
    shown = [row.split()[-1] for row in terminal(box, "df", root).splitlines()[1:]]
    assert len(mounted) == len(shown)
    assert all(point in row for row, point in zip(mounted, shown))


def test_every_transcript_is_accounted_for(record_property: Callable[[str, object], None]) -> None:
    cases = [replay.Case(one.transcript, new_world, one.command.split()) for one in CASES]
    counts = replay.account(COMMANDS, cases, LISTED)
    record_property("transcripts", replay.counted(counts))
    assert sum(reproduced for reproduced, _ in counts.values()) == len(CASES)


# ---------------------------------------------------------------- words and order, where only the blanks are lost


def glvm(first_site: bool) -> Box:
    """The VG of the GLVM paper: two PVs at each site.  ``first_site``: all four have devices here."""
    box = Box("5300-07-00-0000")
    box.hdisk("hdisk0", pvid(1))
    box.vg("rootvg", VGID, [(pvid(1), 319)])
    ids = ["000dd31d714bfde2", "000dd31d58ba0ce8", "000dd32daa568b07", "000dd32db9b5ab41"]
    names = ["hdisk1", "hdisk2", "hdisk3", "hdisk4"] if first_site else ["", "", "hdisk2", "hdisk3"]
    for name, one in zip(names, ids):
        box.hdisk(name, one, device=bool(name))
    vgda = box.vg("datavg", DATA_VGID, [(one, 100) for one in ids], on=False, quorum=False)
    box.lv(vgda, "datalv", "raw", [[ids[2], 1, 10, 1]])
    if first_site:
        for pv in vgda["pvs"][:2]:
            pv["state"] = "removed"
    else:
        del box.world["odm"]["vgs"]["datavg"]
    return box


@pytest.mark.parametrize(
    ("transcript", "first_site", "command"),
    [
        ("importvg/01-opt-f-two-of-four-pvs", False, "importvg -f -y datavg hdisk2"),
        ("varyonvg/01-opt-n-s-pvremoved", True, "varyonvg -n -s datavg"),
    ],
)
def test_words_of_text_from_a_pdf(transcript: str, first_site: bool, command: str, tmp_path: Path) -> None:
    """Every word, in the order of the transcript, but for the state words that the PDF's columns moved to the end."""
    real = replay.transcript(transcript).text.split()
    made = terminal(glvm(first_site), command, str(tmp_path)).split()
    assert sorted(made) == sorted(real)
    states = {"PVACTIVE", "PVREMOVED"}
    assert [word for word in made if word not in states] == [word for word in real if word not in states]
    assert [word for word in made if word in states] == [word for word in real if word in states]
