"""The LVM of a simulated LPAR: what hdisks hold which volume groups, and who knows about it.

Three places, kept apart as on AIX: the ODM (``odm["vgs"]``: names, major numbers, PVIDs), the disks
(``san["vgdas"][site][vgid]``: everything else) and the kernel (``kernel["varied_on"]``).
Source for all behaviour: the LVM notes of docs/aix-facts.md; what they leave open is a variant.
"""

from __future__ import annotations

import contextlib
import os
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from drboot.sim.command import Context
from drboot.sim.world import Lun, Lv, OdmVg, Vgda, VgPv, World, new_odm_vg

JOURNALED = ("jfs2", "jfs")
LOGS = ("jfs2log", "jfslog")


class LvmError(Exception):
    """An LVM operation is refused.  ``lines`` is what goes to standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class FoundLv(NamedTuple):
    """An LV of a VG that the ODM knows."""

    vg: OdmVg
    vgda: Vgda
    lv: Lv


class PvStatus(NamedTuple):
    """One row of the ``PV Status:`` list: ``hdisk`` is "" when no device of the ODM has the PVID."""

    hdisk: str
    pvid: str
    word: str


# ---------------------------------------------------------------- disks


def disks(world: World, defined: bool = False) -> List[str]:
    """Disk devices in ODM order: the Available ones, and with ``defined`` also the Defined ones.

    Assumed: lspv has no row for a Defined disk (a vanished disk has no row, kb.ictbanking.net id 600).
    """
    found = []
    for name, device in world["odm"]["devices"].items():
        if device["cls"] == "disk" and (defined or device["status"] == 1):
            found.append(name)
    return found


def odm_pvid(world: World, hdisk: str) -> str:
    """The PVID that the ODM has for this disk, 16 hex digits; "" when none.

    Source: CuAt keeps PVID plus 16 zeros (transcript lsattr/07-pvid-F-value).
    """
    values = world["odm"]["attributes"].get(hdisk, {}).get("pvid", [])
    text = values[0] if values else ""
    return "" if text == "none" else text[:16]


def lun_of(world: World, hdisk: str) -> Optional[Lun]:
    """The LUN behind a disk device, when it is mapped to this LPAR and answers."""
    device = world["odm"]["devices"].get(hdisk)
    if device is None or device["status"] != 1 or not device["lun"]:
        return None
    for mapping in world["firmware"]["mappings"]:
        lun = world["san"]["luns"].get(mapping["lun"])
        if lun is not None and lun["unique_id"] == device["lun"] and lun["present"]:
            return lun
    return None


def reserved_elsewhere(world: World, lun: Lun) -> bool:
    """Another host holds a reservation on the LUN, so that opening it fails.  Hosts are told apart by machine id."""
    return lun["reserved_by"] not in ("", world["firmware"]["uname_m"])


def is_readable(world: World, lun: Optional[Lun]) -> bool:
    return lun is not None and not lun["asm"] and not reserved_elsewhere(world, lun)


def name_of_pvid(world: World, pvid: str) -> str:
    """The disk device that LVM opens for a PVID: the first one in the ODM, silently, when several carry it.

    Source: aix4admins on duplicate PVIDs.  Available devices come before Defined ones.
    """
    return names_by_pvid(world).get(pvid, "")


def names_by_pvid(world: World) -> Dict[str, str]:
    """``name_of_pvid`` of every PVID that the ODM has."""
    names: Dict[str, str] = {}
    for hdisk in [*disks(world), *disks(world, defined=True)]:
        pvid = odm_pvid(world, hdisk)
        if pvid:
            names.setdefault(pvid, hdisk)
    return names


def luns_here(world: World) -> Dict[str, Lun]:
    """The LUNs that are mapped to this LPAR and answer, by unique_id."""
    luns = (world["san"]["luns"].get(mapping["lun"]) for mapping in world["firmware"]["mappings"])
    return {lun["unique_id"]: lun for lun in luns if lun is not None and lun["present"]}


def readable_pvs(world: World, vgda: Vgda, writable: bool = False) -> Dict[str, str]:
    """PVID -> disk device, of the PVs of this VG that can be read now, or with ``writable`` also written."""
    names, luns = names_by_pvid(world), luns_here(world)
    found = {}
    for pv in vgda["pvs"]:
        device = world["odm"]["devices"].get(names.get(pv["pvid"], ""))
        lun = luns.get(device["lun"]) if device is not None and device["status"] == 1 else None
        if device is None or lun is None or not is_readable(world, lun) or (writable and not lun["writable"]):
            continue
        if (lun["pvid"], lun["vgid"]) == (pv["pvid"], vgda["vgid"]):
            found[pv["pvid"]] = device["name"]
    return found


# ---------------------------------------------------------------- volume groups


def site_vgdas(world: World) -> Dict[str, Vgda]:
    """The VGDAs on the disks of this LPAR's site, by VGID; not for adding one."""
    return world["san"]["vgdas"].get(world["firmware"]["site"], {})


def vgda_of(world: World, vg: str) -> Optional[Vgda]:
    """What is on disk of a VG that the ODM knows by this name."""
    entry = world["odm"]["vgs"].get(vg)
    return site_vgdas(world).get(entry["vgid"]) if entry else None


def require_vg(world: World, vg: str, asker: str) -> OdmVg:
    """The ODM entry of a VG.  Raises LvmError 0516-306 for one that the ODM does not know.

    Source: the error stands under the name getlvodm (aix-chef/aixlvm tests).
    """
    entry = world["odm"]["vgs"].get(vg)
    if entry is None:
        raise LvmError(f"0516-306 {asker}: Unable to find volume group {vg} in the Device", "\tConfiguration Database.")
    return entry


def require_active(world: World, vg: str, asker: str = "") -> Vgda:
    """The VGDA of a varied-on VG.  Raises LvmError 0516-010 for one that is varied off."""
    require_vg(world, vg, "getlvodm")
    vgda = vgda_of(world, vg)
    if vg not in world["kernel"]["varied_on"] or vgda is None:
        raise LvmError(f"0516-010 {asker}: Volume group must be varied on; use varyonvg command.")
    return vgda


def vg_of_disk(world: World, hdisk: str) -> str:
    """The VG that the ODM has this disk's PVID in; "" when it is in none."""
    pvid = odm_pvid(world, hdisk)
    if pvid:
        for entry in world["odm"]["vgs"].values():
            if pvid in entry["pvids"]:
                return entry["name"]
    return ""


def varied_on_vgs(world: World) -> List[str]:
    """Names of the varied-on VGs, the most recently varied on first.  Source: transcript lsvg/12-opt-o-five."""
    active = world["kernel"]["varied_on"]
    return sorted(active, key=lambda name: -int(active[name].get("order", 0)))


def find_lv(world: World, name: str) -> Optional[FoundLv]:
    """The LV with this name (or ``/dev/`` path) in any VG that the ODM knows."""
    if name.startswith("/dev/"):
        name = name[5:]
    for entry in world["odm"]["vgs"].values():
        vgda = site_vgdas(world).get(entry["vgid"])
        for lv in vgda["lvs"] if vgda else []:
            if lv["name"] == name:
                return FoundLv(entry, vgda, lv) if vgda else None
    return None


def vgda_count(vgda: Vgda) -> int:
    return sum(pv["vgdas"] for pv in vgda["pvs"])


def quorum(vgda: Vgda) -> int:
    """How many VGDAs must be readable: more than half of them, or 1 when quorum is off."""
    return vgda_count(vgda) // 2 + 1 if vgda["quorum"] else 1


def spread_vgdas(vgda: Vgda) -> None:
    """Give every PV its number of VGDA copies: 2 on a lone PV, 2 and 1 on a pair, 1 each from three on.

    Source: VG DESCRIPTORS of transcripts lsvg/08 (one PV, 2), lsvg/20 (two PVs, 3); IBM nonquorum VG page.
    """
    copies = {1: [2], 2: [2, 1]}.get(len(vgda["pvs"]), [1] * len(vgda["pvs"]))
    for number, (pv, count) in enumerate(zip(vgda["pvs"], copies), 1):
        pv["vgdas"], pv["number"] = count, number


# ---------------------------------------------------------------- physical partitions

REGIONS = ("outer edge", "outer middle", "center", "inner middle", "inner edge")
# Which regions take the partitions that do not divide by five, in this order.
# Source: 271 PPs lspv/24, 546 lspv/13, 2157 lsvg/18, 543 lspv/01, 959 lspv/33 (remainders 1, 1, 2, 3, 4).
_EXTRA_REGION = (0, 4, 1, 3)


def regions(pps: int) -> List[int]:
    """How many PPs each of the five regions of a disk with so many PPs has, outer edge first."""
    sizes = [pps // 5] * 5
    for region in _EXTRA_REGION[: pps % 5]:
        sizes[region] += 1
    return sizes


def distribution(pps: int, taken: List[Tuple[int, int]]) -> List[int]:
    """How many of the PPs in ``taken`` ([first, count] from 1) lie in each region."""
    counts, start = [], 1
    for size in regions(pps):
        end = start + size
        counts.append(sum(max(0, min(first + count, end) - max(first, start)) for first, count in taken))
        start = end
    return counts


def distribution_text(counts: List[int]) -> str:
    return "..".join(f"{count:02d}" for count in counts)


def extents_on(lv: Lv, pvid: str) -> List[Tuple[int, int]]:
    """[first PP, count] of every extent that the LV has on a PV."""
    return [(int(first), int(count)) for on, first, count, _ in lv["extents"] if on == pvid]


def used_on(vgda: Vgda, pvid: str) -> List[Tuple[int, int]]:
    """[first PP, count] of everything that is allocated on a PV, in order."""
    return sorted(extent for lv in vgda["lvs"] for extent in extents_on(lv, pvid))


def free_on(vgda: Vgda, pv: VgPv) -> List[Tuple[int, int]]:
    """[first PP, count] of the free ranges of a PV, in order."""
    free, at = [], 1
    for first, count in used_on(vgda, pv["pvid"]):
        if first > at:
            free.append((at, first - at))
        at = max(at, first + count)
    if at <= pv["pps"]:
        free.append((at, pv["pps"] - at + 1))
    return free


def total(extents: List[Tuple[int, int]]) -> int:
    return sum(count for _, count in extents)


def lv_pps(lv: Lv) -> int:
    """How many PPs the LV takes: as its extents say, or LPs times copies where none are given."""
    return sum(int(extent[2]) for extent in lv["extents"]) or lv["lps"] * lv["copies"]


def allocate(vgda: Vgda, lv: Lv, lps: int, on: Optional[List[str]] = None) -> None:
    """Add ``lps`` LPs to the LV from the free PPs of its VG, or of the PVIDs in ``on``.

    Raises LvmError 0516-787 past the LV's maximum, 0516-404 when there are not enough free PPs.
    Source: transcripts extendlv/01, chfs/04.
    """
    if lv["lps"] + lps > lv["max_lps"]:
        raise LvmError(
            f"0516-787 extendlv: Maximum allocation for logical volume {lv['name']}", f"\tis {lv['max_lps']}."
        )
    taken: List[List[object]] = []
    for copy in range(1, lv["copies"] + 1):
        wanted = lps
        for pv in vgda["pvs"]:
            usable = pv["state"] == "active" and pv["allocatable"] == "yes" and (on is None or pv["pvid"] in on)
            if not usable or any(extent[3] != copy and extent[0] == pv["pvid"] for extent in taken):
                continue
            for first, count in free_on(vgda, pv):
                count = min(count, wanted)
                if count:
                    taken.append([pv["pvid"], first, count, copy])
                    wanted -= count
        if wanted:
            raise LvmError(
                "0516-404 allocp: This system cannot fulfill the allocation request.",
                "\tThere are not enough free partitions or not enough physical volumes ",
                "\tto keep strictness and satisfy allocation requests.  The command",
                "\tshould be retried with different allocation characteristics.",
            )
    lv["extents"].extend(taken)
    lv["lps"] += lps


def release(lv: Lv, lps: int) -> None:
    """Take the last ``lps`` LPs from the LV."""
    for copy in range(1, lv["copies"] + 1):
        left = lps
        for extent in [one for one in reversed(lv["extents"]) if one[3] == copy]:
            taken = min(left, extent[2])
            extent[2] -= taken
            left -= taken
    lv["extents"] = [extent for extent in lv["extents"] if extent[2]]
    lv["lps"] -= lps


# ---------------------------------------------------------------- open, closed


def log_of(options: str) -> str:
    """The log device named in a mount's options, "" when none or inline."""
    for option in options.split(","):
        if option.startswith("log=/dev/"):
            return option[4:]
    return ""


def open_devices(world: World) -> List[str]:
    """Every ``/dev/`` path of an LV that something holds open: mounts, their logs, paging, applications."""
    kernel = world["kernel"]
    held = [*kernel["open_lvs"], *kernel["active_paging"], *dump_devices(world)]
    names = [name if name.startswith("/dev/") else "/dev/" + name for name in held]
    for mount in kernel["mounts"]:
        if not mount["node"]:
            names.append(mount["device"])
            names.append(log_of(mount["options"]))
    return [name for name in names if name]


def is_open(world: World, lv: Lv) -> bool:
    return "/dev/" + lv["name"] in open_devices(world)


def is_stale(lv: Lv) -> bool:
    return lv["stale_pps"] > 0


def shown_mount_point(lv: Lv) -> str:
    """The MOUNT POINT column: the label of a journaled file system's LV, which need not be mounted.

    Source: transcripts lsvg/14 (no label: N/A), lsvg/23 (a damaged label), lslv/01 (a boot LV's label is not one).
    """
    if lv["type"] in JOURNALED and lv["label"] not in ("", "None"):
        return lv["label"]
    return "N/A"


# ---------------------------------------------------------------- major numbers and device files


def used_majors(world: World) -> List[int]:
    return [entry["major"] for entry in world["odm"]["vgs"].values()]


def free_major(world: World) -> int:
    """The lowest free major number.  Assumed: rootvg has 10 and data VGs start at 33, as on real LPARs."""
    used = used_majors(world)
    return next(number for number in range(33, 512) if number not in used)


def node_text(kind: str, major: int, minor: int) -> str:
    """What stands in the file that takes the place of a device node: no user of a laptop can make real ones."""
    return f"{kind} major={major} minor={minor}\n"


def node_facts(ctx: Context, path: str) -> Dict[str, int]:
    """major and minor of a device node; empty when there is no such node."""
    words = (ctx.read(path) or "").split()[1:]
    return {key: int(value) for key, value in (word.split("=") for word in words)}


def _make_node(ctx: Context, path: str, text: str, uid: int = 0, gid: int = 0, mode: int = 0o660) -> None:
    if ctx.read(path) != text:
        ctx.write(path, text, mode)
    ctx.own(path, uid, gid, mode)


def make_lv_nodes(ctx: Context, entry: OdmVg, lv: Lv, recorded: bool = False) -> None:
    """/dev/LV and /dev/rLV exist; owned by root:system with mode 660, or with ``recorded`` as the LVCB says.

    Source: importvg manual (-R); chlv -U, -G, -P.
    """
    owner = (lv["uid"], lv["gid"], lv["mode"]) if recorded else (0, 0, 0o660)
    _make_node(ctx, "/dev/" + lv["name"], node_text("b", entry["major"], lv["number"]), *owner)
    _make_node(ctx, "/dev/r" + lv["name"], node_text("c", entry["major"], lv["number"]), *owner)


def make_missing_nodes(ctx: Context, vg: str) -> None:
    """The VG's and its LVs' device files exist.  Those that do already stay as they are."""
    entry, vgda = ctx.world["odm"]["vgs"][vg], vgda_of(ctx.world, vg)
    if not ctx.exists("/dev/" + vg):
        _make_node(ctx, "/dev/" + vg, node_text("c", entry["major"], 0))
    for lv in vgda["lvs"] if vgda else []:
        if not (ctx.exists("/dev/" + lv["name"]) and ctx.exists("/dev/r" + lv["name"])):
            make_lv_nodes(ctx, entry, lv)


def remove_lv_nodes(ctx: Context, name: str) -> None:
    ctx.remove("/dev/" + name)
    ctx.remove("/dev/r" + name)


# ---------------------------------------------------------------- LV names

_PREFIX = {"jfs2": "fslv", "jfs": "lv", "jfs2log": "loglv", "jfslog": "loglv", "paging": "paging"}


def names_in_odm(world: World) -> List[str]:
    """Every LV name that the ODM knows."""
    names = [name for entry in world["odm"]["vgs"].values() for name in entry["lvs"]]
    for entry in world["odm"]["vgs"].values():
        vgda = site_vgdas(world).get(entry["vgid"])
        names.extend(lv["name"] for lv in (vgda["lvs"] if vgda else []))
    return names


def new_lv_name(world: World, kind: str, avoid: Iterator[str]) -> str:
    """The name that LVM makes for an LV of this type: fslv00, loglv00, paging00, lv00 ..."""
    taken = {*names_in_odm(world), *avoid}
    prefix = _PREFIX.get(kind, "lv")
    return next(name for name in (f"{prefix}{number:02d}" for number in range(1000)) if name not in taken)


# ---------------------------------------------------------------- varyon


class Varyon(NamedTuple):
    """How varyonvg was asked to do it."""

    force: bool = False
    read_only: bool = False
    management: bool = False
    no_sync: bool = False
    break_reserve: bool = False
    concurrent: bool = False
    passive: bool = False


def vary_on(ctx: Context, vg: str, how: Varyon) -> List[PvStatus]:
    """The VG is varied on.  Returns the state of its PVs when LVM and ODM disagree, otherwise [].

    Raises LvmError 0516-052 without a quorum.  Quorum on: more than half of the VGDAs must be readable.
    Quorum off: the sources conflict (variant ``nonquorum_varyon``).  -f: one readable VGDA is enough.
    Source: varyonvg manual, IBM nonquorum VG page, kb.ictbanking.net id 584.
    """
    world = ctx.world
    entry = require_vg(world, vg, "getlvodm")
    vgda = site_vgdas(world).get(entry["vgid"])
    if how.break_reserve:
        _break_reservations(world, entry)
    if vgda is None:
        raise LvmError(*_NO_QUORUM)
    # a write-protected disk can only be opened with -r
    present = readable_pvs(world, vgda, writable=not how.read_only)
    # a PV that a forced varyon has removed stays out until `chpv -v a`
    working = [pv for pv in vgda["pvs"] if pv["pvid"] in present and pv["state"] != "removed"]
    if not _may_vary_on(ctx, vgda, working, how):
        raise LvmError(*_NO_QUORUM)
    for pv in vgda["pvs"]:
        _settle(pv, pv in working, how)
    _mark_varied_on(world, vg, vgda, how)
    make_missing_nodes(ctx, vg)
    entry["pvids"] = [pv["pvid"] for pv in vgda["pvs"]]
    return _statuses(world, vgda)


_NO_QUORUM = (
    "0516-052 varyonvg: Volume group cannot be varied on without a",
    "       quorum. More physical volumes in the group must be active.",
)


def _break_reservations(world: World, entry: OdmVg) -> None:
    for pvid in entry["pvids"]:
        lun = lun_of(world, name_of_pvid(world, pvid))
        if lun is not None:
            lun["reserved_by"] = ""


def _may_vary_on(ctx: Context, vgda: Vgda, working: List[VgPv], how: Varyon) -> bool:
    readable = sum(pv["vgdas"] for pv in working)
    if not readable:
        return False
    if how.force:
        return True
    expected = [pv for pv in vgda["pvs"] if pv["state"] != "removed"]
    # Assumed: the VGDAs of removed PVs do not count any more
    majority = readable > sum(pv["vgdas"] for pv in expected) / 2
    if vgda["quorum"]:
        return majority
    if len(working) == len(expected):
        return True
    if ctx.env.get("MISSINGPV_VARYON") == "TRUE":
        return majority
    return ctx.variant("nonquorum_varyon", "all") == "majority" and majority


def _settle(pv: VgPv, present: bool, how: Varyon) -> None:
    """What the varyon writes into the VGDA about one PV."""
    if how.read_only:
        return
    if present:
        if pv["state"] == "missing":
            pv["state"] = "active"
    elif pv["state"] != "removed":
        pv["state"] = "removed" if how.force else "missing"


def _mark_varied_on(world: World, vg: str, vgda: Vgda, how: Varyon) -> None:
    active = world["kernel"]["varied_on"]
    mode = "active"
    if how.concurrent:
        mode = "concurrent"
    elif how.passive:
        mode = "passive"
    elif how.read_only:
        mode = "read-only"
    elif how.management:
        mode = "management"
    before = active.get(vg)
    order = before["order"] if before else 1 + max([int(one.get("order", 0)) for one in active.values()], default=0)
    active[vg] = {"mode": mode, "order": order, "locked": bool(before and before.get("locked"))}
    # what is stale is copied from the current copy, which may be on a disk that is not here
    if not how.read_only and not how.no_sync and all(pv["state"] == "active" for pv in vgda["pvs"]):
        for lv in vgda["lvs"]:
            lv["stale_pps"] = 0
        for pv in vgda["pvs"]:
            pv["stale"] = 0


def _statuses(world: World, vgda: Vgda) -> List[PvStatus]:
    """Rows of ``PV Status:``; PVs without a device come last, in reverse order.

    Source: transcripts varyonvg/01, importvg/01.
    """
    words = {"active": "PVACTIVE", "missing": "PVMISSING", "removed": "PVREMOVED"}
    named, nameless, names = [], [], names_by_pvid(world)
    for pv in vgda["pvs"]:
        hdisk = names.get(pv["pvid"], "")
        if hdisk:
            named.append(PvStatus(hdisk, pv["pvid"], words[pv["state"]]))
        else:
            nameless.append(PvStatus("", pv["pvid"], "NONAME"))
    rows = [*named, *reversed(nameless)]
    return [] if all(row.word == "PVACTIVE" for row in rows) else rows


def vary_off(ctx: Context, vg: str) -> None:
    """The VG is varied off.  Raises LvmError while one of its LVs is open.

    The refusals' wording is not publicly known: ids 0516-012 and 0516-942 only.
    """
    vgda = require_active(ctx.world, vg, "varyoffvg")
    if any(is_open(ctx.world, lv) for lv in vgda["lvs"]):
        raise LvmError("0516-012 lvaryoffvg", f"0516-942 varyoffvg: {vg}")
    del ctx.world["kernel"]["varied_on"][vg]


# ---------------------------------------------------------------- dump devices

NO_DUMP = "/dev/sysdumpnull"
# Source: transcript sysdumpdev/01 (6.1): compression is ON and the type traditional; the manual page for the devices
_DUMP_DEFAULTS = {
    "primary": NO_DUMP, "secondary": NO_DUMP, "copy_directory": "/var/adm/ras", "forced_copy": "TRUE",
    "always_allow": "FALSE", "compression": "ON", "type": "traditional",
}  # fmt: skip


def dump_setting(world: World, key: str) -> str:
    """What ``sysdumpdev -l`` shows: what the kernel uses, which may be another device than the one of the ODM."""
    return world["kernel"]["dump"].get(key) or world["odm"]["dump"].get(key) or _DUMP_DEFAULTS[key]


def dump_devices(world: World) -> List[str]:
    """The LVs that the kernel holds open to dump to."""
    devices = [dump_setting(world, key) for key in ("primary", "secondary")]
    return [device for device in devices if device != NO_DUMP]


def can_dump_to(world: World, device: str) -> bool:
    """No device at all, or an LV of a varied-on VG.  Source: lvm notes, section 15: invalid until import ([I])."""
    found = find_lv(world, device)
    return device == NO_DUMP or (found is not None and found.vg["name"] in world["kernel"]["varied_on"])


def dump_devices_of_odm(world: World) -> None:
    """The kernel dumps to what the ODM says, and to nothing where that is no device: variant ``dump_device_lost``."""
    running = world["kernel"]["dump"]
    running.clear()
    for key in ("primary", "secondary"):
        lost = not can_dump_to(world, world["odm"]["dump"].get(key, NO_DUMP))
        if lost and world["settings"]["variants"].get("dump_device_lost", "null") == "null":
            running[key] = NO_DUMP


# ---------------------------------------------------------------- importing


def check_import(ctx: Context, hdisk: str, learning: str = "") -> Vgda:
    """The VGDA on this disk, when it can be imported.

    Raises LvmError: the disk cannot be read, is write-protected, has no VGDA, or its VG is in the ODM already
    under a name other than ``learning``.  Ids only: no public wording (0516-024, 0516-776, 0516-780, 0516-622).
    """
    world = ctx.world
    failed = f"0516-780 importvg: {hdisk}"
    if hdisk not in disks(world):
        raise LvmError("0516-320", failed)
    lun = lun_of(world, hdisk)
    if lun is None or not is_readable(world, lun):
        raise LvmError(f"0516-024 lqueryvg: {hdisk}", failed)
    if lun["pvid"] and not odm_pvid(world, hdisk):
        # Assumed: importvg reads the PVID as mkvg and extendvg do (transcripts mkvg/02, extendvg/01)
        world["odm"]["attributes"].setdefault(hdisk, {})["pvid"] = [lun["pvid"] + "0" * 16]
        ctx.err("0516-1254 importvg: Changing the PVID in the ODM.")
    # LVM opens the VG by PVID: the first disk device of the ODM that carries it, not the one that was named
    opened = name_of_pvid(world, odm_pvid(world, hdisk)) or hdisk
    lun = lun_of(world, opened)
    vgda = site_vgdas(world).get(lun["vgid"]) if lun else None
    if lun is None or not is_readable(world, lun) or vgda is None or lun["pvid"] != odm_pvid(world, opened):
        raise LvmError("0516-062 lqueryvg", failed)
    for entry in world["odm"]["vgs"].values():
        if entry["vgid"] == vgda["vgid"] and entry["name"] != learning:
            raise LvmError("0516-776", failed)
    if not lun["writable"]:
        raise LvmError("0516-622", failed)
    return vgda


def define_vg(ctx: Context, vg: str, vgda: Vgda, major: int = 0) -> OdmVg:
    """The ODM knows the VG; AUTO ON is yes and quorum is on, whatever they were.

    Source: GLVM white paper; importvg manual.
    """
    entry = new_odm_vg(
        vg,
        vgda["vgid"],
        major=major or free_major(ctx.world),
        pvids=[pv["pvid"] for pv in vgda["pvs"]],
        lvs=[lv["name"] for lv in vgda["lvs"]],
    )
    ctx.world["odm"]["vgs"][vg] = entry
    vgda["auto_on"] = True
    vgda["quorum"] = True
    return entry


def rename_colliding_lvs(ctx: Context, vgda: Vgda) -> List[Tuple[str, str]]:
    """LVs whose names are in the ODM already have new ones; their stanzas follow, ``log=`` of others does not.

    Call before the VG is defined.  Returns [old, new].  Source: importvg manual.
    """
    taken = set(names_in_odm(ctx.world))
    renamed = []
    for lv in vgda["lvs"]:
        if lv["name"] in taken:
            old = lv["name"]
            lv["name"] = new_lv_name(ctx.world, lv["type"], iter(one["name"] for one in vgda["lvs"]))
            if lv["stanza"].get("dev") == "/dev/" + old:
                lv["stanza"]["dev"] = "/dev/" + lv["name"]
            renamed.append((old, lv["name"]))
    return renamed


# ---------------------------------------------------------------- boot and power


def ipl_varyon(ctx: Context, hdisk: str) -> None:
    """rootvg of the disk that was booted from is in the ODM and varied on.

    AIX does this in phase 1 and 2 of rc.boot; a reset of the ODM has removed the entry.
    """
    world = ctx.world
    lun = lun_of(world, hdisk)
    vgda = site_vgdas(world).get(lun["vgid"]) if lun else None
    if vgda is None:
        raise LvmError(f"no VGDA on the boot disk {hdisk}")
    entry = world["odm"]["vgs"].get("rootvg")
    if entry is None or entry["vgid"] != vgda["vgid"]:
        entry = new_odm_vg("rootvg", vgda["vgid"], major=10, auto_on=vgda["auto_on"])
        # rootvg stands first in the ODM, as it was defined first
        world["odm"]["vgs"] = {"rootvg": entry, **{k: v for k, v in world["odm"]["vgs"].items() if k != "rootvg"}}
    entry["pvids"] = [pv["pvid"] for pv in vgda["pvs"]]
    entry["lvs"] = [lv["name"] for lv in vgda["lvs"]]
    vary_on(ctx, "rootvg", Varyon(force=True))


def autovaryon(ctx: Context) -> List[str]:
    """What ``cfgvg`` does in rc.boot: rootvg and the VGs in the ODM with AUTO ON are varied on.

    Returns what it would print on the console.  A VG without quorum stays off and does not stop the boot.
    Mount points that a power loss left pointing at their file systems' files are put right first.
    """
    from drboot.sim import mounts

    mounts.forget_trees(ctx)
    said: List[str] = []
    entries = sorted(ctx.world["odm"]["vgs"].values(), key=lambda entry: entry["name"] != "rootvg")
    for entry in entries:
        vgda = site_vgdas(ctx.world).get(entry["vgid"])
        if entry["name"] in ctx.world["kernel"]["varied_on"] or not entry["auto_on"]:
            continue
        if vgda is not None and vgda["concurrent"]:
            continue
        try:
            vary_on(ctx, entry["name"], Varyon())
        except LvmError as error:
            said.extend(error.lines)
    _swap_on(ctx)
    dump_devices_of_odm(ctx.world)
    return said


SWAPSPACES = "/etc/swapspaces"


def automatic_paging(ctx: Context) -> List[str]:
    """The paging spaces that ``swapon -a`` takes: the stanzas of /etc/swapspaces, but those with ``auto = no``.

    Source: IBM, Paging space file, commands, and options: a stanza of the former format has no ``auto``.
    """
    from drboot.sim import mounts

    return [stanza.point for stanza in mounts.parse(ctx.read(SWAPSPACES) or "") if stanza.get("auto") != "no"]


def _swap_on(ctx: Context) -> None:
    """rc.boot swaps on hd6, /etc/rc every automatic paging space.  Source: lsps notes ([I]: swapon -a)."""
    wanted = ["hd6", *automatic_paging(ctx)]
    active = ctx.world["kernel"]["active_paging"]
    for name in wanted:
        found = find_lv(ctx.world, name)
        if found and found.vg["name"] in ctx.world["kernel"]["varied_on"] and name not in active:
            active.append(name)


def mount_all(ctx: Context) -> List[str]:
    """What rc.boot and /etc/rc mount: first the automatic stanzas, then ``mount all``.  Returns console lines."""
    from drboot.sim import mounts

    return mounts.mount_at_boot(ctx)


def shut_down(ctx: Context) -> None:
    """What shutdown does to storage: everything is unmounted, data VGs are varied off, nothing stays dirty."""
    from drboot.sim import mounts

    mounts.unmount_everything(ctx)
    ctx.world["kernel"]["active_paging"].clear()
    ctx.world["kernel"]["open_lvs"].clear()
    ctx.world["kernel"]["dump"] = dict.fromkeys(("primary", "secondary"), NO_DUMP)
    with contextlib.suppress(LvmError):
        for vg in varied_on_vgs(ctx.world):
            vary_off(ctx, vg)


def estate_of(root: str) -> str:
    """The estate that an LPAR's root directory ESTATE/lpars/NAME/root lies in; beside the root when it lies in none."""
    lpars = os.path.dirname(os.path.dirname(root))
    return os.path.dirname(lpars) if os.path.basename(lpars) == "lpars" else root + ".estate"
