"""lspv: physical volumes, as the ODM knows them.

Source: transcripts lspv/*; manual page of lspv.  The trailing blanks differ between recordings: variant
``lspv_padding``.
"""

from __future__ import annotations

import uuid
from typing import Dict, List, Set, Tuple

from drboot.sim import lvm
from drboot.sim.command import Context, Usage, options
from drboot.sim.lvm import LvmError
from drboot.sim.world import Lun, Lv, OdmVg, Vgda, VgPv, World

# Source: lspv manual page (synopsis).
USAGE = """Usage: lspv [ -L ] [ -P | [ -l | -p | -M ] [ -n DescriptorPhysicalVolume ]
        [ -v VolumeGroupID ] PhysicalVolume ]
        lspv [ -u ]"""


def lspv(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "LPlpMun:v:", USAGE)
    if len(names) > 1 or sum(flag in flags for flag in "lpMPu") > 1 or (names and ("u" in flags or "P" in flags)):
        raise Usage(USAGE)
    if not names:
        if set(flags) & {"l", "p", "M", "n", "v"}:
            raise Usage(USAGE)
        return _pools(ctx) if "P" in flags else _table(ctx, "u" in flags)
    try:
        return _one(ctx, names[0], flags)
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1


# ---------------------------------------------------------------- all of them


def _vg_by_pvid(world: World) -> Dict[str, str]:
    return {pvid: entry["name"] for entry in world["odm"]["vgs"].values() for pvid in entry["pvids"]}


def _state(world: World, vg: str) -> str:
    """active, concurrent, or "" for a VG that is varied off.  Source: transcripts lspv/09, lspv/16."""
    active = world["kernel"]["varied_on"].get(vg)
    if active is None:
        return ""
    return "concurrent" if active.get("mode") in ("concurrent", "passive") else "active"


def _table(ctx: Context, unique: bool) -> int:
    world = ctx.world
    names = _vg_by_pvid(world)
    padding = ctx.variant("lspv_padding", "none")
    luns = lvm.luns_here(world) if unique else {}
    for hdisk in lvm.disks(world):
        pvid = lvm.odm_pvid(world, hdisk)
        vg = names.get(pvid, "") if pvid else ""
        row = f"{hdisk:<16}{pvid or 'none':<36}{vg or 'None':<16}"
        state = _state(world, vg) if vg else ""
        if unique:
            ctx.out(f"{row}{state:<12}{_unique(world, hdisk, luns)}".rstrip())
        elif padding == "state":
            ctx.out(f"{row}{state:<20}" if state else row.rstrip())
        elif padding == "vg":
            ctx.out(row + state)
        else:
            ctx.out((row + state).rstrip())
    return 0


def _unique(world: World, hdisk: str, luns: Dict[str, Lun]) -> str:
    """UDID and UUID; a long UDID touches the UUID.  Source: transcript lspv/25.

    luns    those that answer, by unique_id
    """
    values = world["odm"]["attributes"].get(hdisk, {}).get("unique_id", [])
    device = world["odm"]["devices"][hdisk]
    udid = values[0] if values else device["lun"]
    if not udid:
        return ""
    lun = luns.get(device["lun"])
    made = str(uuid.uuid5(uuid.NAMESPACE_OID, udid))
    return f"{udid:<52}{(lun['uuid'] if lun else '') or made}"


def _pools(ctx: Context) -> int:
    ctx.out(f"{'Physical Volume':<18}{'Volume Group':<18}Mirror Pool")
    names = _vg_by_pvid(ctx.world)
    for hdisk in lvm.disks(ctx.world):
        vg = names.get(lvm.odm_pvid(ctx.world, hdisk), "")
        if vg:
            ctx.out(f"{hdisk:<18}{vg:<18}")
    return 0


# ---------------------------------------------------------------- one of them


def _one(ctx: Context, hdisk: str, flags: Dict[str, List[str]]) -> int:
    world = ctx.world
    pvid = lvm.odm_pvid(world, hdisk)
    if hdisk not in lvm.disks(world, defined=True) or not pvid:
        raise LvmError(f"0516-1396 : The physical volume {hdisk}, was not found in the", "system database.")
    vg = lvm.vg_of_disk(world, hdisk)
    if not vg:
        raise LvmError(f"0516-320 : Physical volume {hdisk} is not assigned to", "        a volume group.")
    entry, vgda = world["odm"]["vgs"][vg], lvm.vgda_of(world, vg)
    pv = next((one for one in vgda["pvs"] if one["pvid"] == pvid), None) if vgda else None
    if vg not in world["kernel"]["varied_on"] or vgda is None or pv is None:
        ctx.err("0516-010 : Volume group must be varied on; use varyonvg command.")
        if not set(flags) & {"l", "p", "M"}:
            _form(ctx, hdisk, entry, _UNKNOWN)
        return 1
    if "l" in flags:
        _lvs(ctx, hdisk, vgda, pv)
    elif "p" in flags:
        _ranges(ctx, hdisk, vgda, pv)
    elif "M" in flags:
        _map(ctx, hdisk, vgda, pv)
    else:
        _form(ctx, hdisk, entry, _facts(vgda, pv))
    return 0


_UNKNOWN: Dict[str, str] = {}


def megabytes(pps: int, vgda: Vgda) -> str:
    return f"{pps} ({pps * vgda['pp_size']} megabytes)"


def _facts(vgda: Vgda, pv: VgPv) -> Dict[str, str]:
    used, free = lvm.used_on(vgda, pv["pvid"]), lvm.free_on(vgda, pv)
    return {
        "PV STATE": pv["state"],
        "STALE PARTITIONS": str(pv["stale"]),
        "ALLOCATABLE": pv["allocatable"],
        "PP SIZE": f"{vgda['pp_size']} megabyte(s)",
        "LOGICAL VOLUMES": str(sum(1 for lv in vgda["lvs"] if lvm.extents_on(lv, pv["pvid"]))),
        "TOTAL PPs": megabytes(pv["pps"], vgda),
        "VG DESCRIPTORS": str(pv["vgdas"]),
        "FREE PPs": megabytes(lvm.total(free), vgda),
        "HOT SPARE": pv["hot_spare"],
        "USED PPs": megabytes(lvm.total(used), vgda),
        "FREE DISTRIBUTION": lvm.distribution_text(lvm.distribution(pv["pps"], free)),
        "USED DISTRIBUTION": lvm.distribution_text(lvm.distribution(pv["pps"], used)),
        "MIRROR POOL": "None",
    }


def _max_request(world: World, hdisk: str) -> str:
    """MAX REQUEST, from the max_transfer attribute of the disk (hex); the default is 0x40000."""
    values = world["odm"]["attributes"].get(hdisk, {}).get("max_transfer", ["0x40000"])
    kilobytes = int(values[0], 16) // 1024
    return f"{kilobytes // 1024} megabyte" if kilobytes % 1024 == 0 else f"{kilobytes} kilobytes"


def _form(ctx: Context, hdisk: str, entry: OdmVg, facts: Dict[str, str]) -> None:
    """The two-column form; a varied-off VG has ??????? where the VGDA would have to be read.

    Source: transcripts lspv/01, lspv/02.  AIX 5.3 has no MIRROR POOL row.
    """

    def row(left: str, right: str = "", value: str = "") -> None:
        shown = value or facts.get(right, "???????")
        text = f"{left + ':':<20}{facts.get(left, '???????')}"
        ctx.out(f"{text:<44} {right + ':':<18}{shown}" if right else text)

    name = f"{'PHYSICAL VOLUME:':<20}{hdisk}"
    ctx.out(f"{name:<44} {'VOLUME GROUP:':<18}{entry['name']}")
    ctx.out(f"{'PV IDENTIFIER:':<20}{lvm.odm_pvid(ctx.world, hdisk)} VG IDENTIFIER     {entry['vgid']}")
    row("PV STATE")
    row("STALE PARTITIONS", "ALLOCATABLE")
    row("PP SIZE", "LOGICAL VOLUMES")
    row("TOTAL PPs", "VG DESCRIPTORS")
    row("FREE PPs", "HOT SPARE")
    row("USED PPs", "MAX REQUEST", _max_request(ctx.world, hdisk))
    row("FREE DISTRIBUTION")
    row("USED DISTRIBUTION")
    if not ctx.world["odm"]["oslevel"].startswith("5"):
        row("MIRROR POOL")


def _lvs(ctx: Context, hdisk: str, vgda: Vgda, pv: VgPv) -> None:
    """Source: transcript lspv/21."""
    ctx.out(f"{hdisk}:")
    ctx.out("LV NAME               LPs     PPs     DISTRIBUTION          MOUNT POINT")
    for lv in vgda["lvs"]:
        extents = lvm.extents_on(lv, pv["pvid"])
        if extents:
            pps = lvm.total(extents)
            lps = len(_logical_partitions(lv, pv["pvid"]))
            where = lvm.distribution_text(lvm.distribution(pv["pps"], extents))
            left = padded(lv["name"], 22) + padded(str(lps), 8) + padded(str(pps), 8)
            ctx.out(left + padded(where, 22) + lvm.shown_mount_point(lv))


def padded(text: str, width: int) -> str:
    """A column that a long value pushes to the right: at least one blank stays."""
    return f"{text:<{width - 1}} "


def _logical_partitions(lv: Lv, pvid: str) -> List[int]:
    """Numbers (from 1) of the LPs that have a copy on the PV."""
    found: Set[int] = set()
    at = {1: 1, 2: 1, 3: 1}
    for on, _, count, copy in lv["extents"]:
        if on == pvid:
            found.update(range(at[copy], at[copy] + count))
        at[copy] += count
    return sorted(found)


def _ranges(ctx: Context, hdisk: str, vgda: Vgda, pv: VgPv) -> None:
    """Source: transcript lspv/24: free and used ranges, cut at the regions' borders."""
    ctx.out(f"{hdisk}:")
    ctx.out("PP RANGE  STATE   REGION        LV NAME             TYPE       MOUNT POINT")
    used: List[Tuple[int, int, Lv]] = []
    for lv in vgda["lvs"]:
        used.extend((first, count, lv) for first, count in lvm.extents_on(lv, pv["pvid"]))
    spans = [(first, count, lv) for first, count, lv in used]
    rows = sorted(
        [(first, count, lv["name"], lv["type"], lvm.shown_mount_point(lv)) for first, count, lv in spans]
        + [(first, count, "", "", "") for first, count in lvm.free_on(vgda, pv)]
    )
    for first, count, name, kind, point in rows:
        for start, end, region in _cut(pv["pps"], first, count):
            span = f"{start}-{end}"
            left = f"{span:>7}   {'used' if name else 'free':<7} {region:<14}"
            ctx.out(f"{left}{padded(name, 20)}{padded(kind, 11)}{point}" if name else left.rstrip())


def _cut(pps: int, first: int, count: int) -> List[Tuple[int, int, str]]:
    """The range in pieces [first, last, region name] that do not cross a region's border."""
    pieces, border = [], 0
    for size, region in zip(lvm.regions(pps), lvm.REGIONS):
        start, end = max(first, border + 1), min(first + count - 1, border + size)
        if start <= end:
            pieces.append((start, end, region))
        border += size
    return pieces


def _map(ctx: Context, hdisk: str, vgda: Vgda, pv: VgPv) -> None:
    """PVname:PPnum [LVname:LPnum [:Copynum]].  Source: lspv manual page."""
    rows: Dict[int, str] = {}
    for lv in vgda["lvs"]:
        at = {1: 1, 2: 1, 3: 1}
        for on, first, count, copy in lv["extents"]:
            for number in range(count):
                if on == pv["pvid"]:
                    copies = f":{copy}" if lv["copies"] > 1 else ""
                    rows[first + number] = f"{hdisk}:{first + number}\t{lv['name']}:{at[copy] + number}{copies}"
            at[copy] += count
    for first, count in lvm.free_on(vgda, pv):
        rows[first] = f"{hdisk}:{first}-{first + count - 1}"
    for number in sorted(rows):
        ctx.out(rows[number])
