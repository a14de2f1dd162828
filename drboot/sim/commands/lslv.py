"""lslv: one logical volume, or the LVs of one disk.

Source: transcripts lslv/*; manual page of lslv.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Tuple

from drboot.sim import lvm
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.chvg import refused, require_lv
from drboot.sim.lvm import FoundLv

# Source: lslv manual page (synopsis).
USAGE = """Usage: lslv [ -L ] [ -l | -m ] [ -n PhysicalVolume ] LogicalVolume
        lslv [ -L ] [ -n PhysicalVolume ] -p PhysicalVolume [ LogicalVolume ]"""


def lslv(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "Llmn:p:", USAGE)
    if len(names) != 1 or sum(flag in flags for flag in "lmp") > 1:
        raise Usage(USAGE)
    show = _form
    if "l" in flags:
        show = _distribution
    elif "m" in flags:
        show = _map
    return refused(ctx, _show, show, names[0])


def _show(ctx: Context, show: Callable[[Context, FoundLv], None], name: str) -> None:
    show(ctx, require_lv(ctx, name, ""))


def _form(ctx: Context, found: FoundLv) -> None:
    """Source: transcripts lslv/01 (6.1), lslv/09 (7.3), lslv/10 (7.3, scalable: blanks at the ends of some rows)."""
    lv, vgda = found.lv, found.vgda
    level, scalable = int(ctx.world["odm"]["oslevel"][:4]), vgda["kind"] == "scalable"

    def row(left: str, value: object, right: str = "", other: object = "") -> None:
        text = f"{left + ':':<20}{value}"
        ctx.out(f"{text:<42} {right + ':':<15} {other}" if right else text)

    def wide(left: str, value: str) -> None:
        label = f"{left}: " if len(left) > 18 else f"{left + ':':<20}"
        ctx.out(label + (f"{value:<{46 if left == 'DEVICESUBTYPE' else 39}}" if scalable else value))

    opened = "opened" if lvm.is_open(ctx.world, lv) else "closed"
    point = lvm.shown_mount_point(lv)
    row("LOGICAL VOLUME", lv["name"], "VOLUME GROUP", found.vg["name"])
    ctx.out(f"{'LV IDENTIFIER:':<20}{vgda['vgid']}.{lv['number']} {'PERMISSION:':<15} {lv['permission']}")
    row("VG STATE", "active/complete", "LV STATE", f"{opened}/{'stale' if lvm.is_stale(lv) else 'syncd'}")
    row("TYPE", lv["type"], "WRITE VERIFY", lv["write_verify"])
    row("MAX LPs", lv["max_lps"], "PP SIZE", f"{vgda['pp_size']} megabyte(s)")
    row("COPIES", lv["copies"], "SCHED POLICY", lv["sched"])
    row("LPs", lv["lps"], "PPs", lvm.lv_pps(lv))
    row("STALE PPs", lv["stale_pps"], "BB POLICY", lv["bb_policy"])
    row("INTER-POLICY", lv["inter"], "RELOCATABLE", lv["relocatable"])
    row("INTRA-POLICY", lv["intra"], "UPPER BOUND", lv["upper_bound"])
    row("MOUNT POINT", point, "LABEL", lv["label"])
    if scalable:
        row("DEVICE UID", lv["uid"], "DEVICE GID", lv["gid"])
        wide("DEVICE PERMISSIONS", str(lv["mode"]))
    wide("MIRROR WRITE CONSISTENCY", lv["mwc"])
    wide("EACH LP COPY ON A SEPARATE PV ?", lv["separate_pv"])
    wide("Serialize IO ?", lv["serialize_io"])
    if level >= 7100:
        row("INFINITE RETRY", "no", "PREFERRED READ", "0")
    if scalable and level >= 7100:
        wide("DEVICESUBTYPE", "DS_LVZ")
        for copy in (1, 2, 3):
            wide(f"COPY {copy} MIRROR POOL", "None")
    if level >= 7200:
        row("ENCRYPTION", "no")


def _distribution(ctx: Context, found: FoundLv) -> None:
    """-l: copies per PV, how many lie in the wanted region, and the five regions.  Source: lslv manual page."""
    region = {"edge": 0, "middle": 1, "center": 2, "inner middle": 3, "inner edge": 4}.get(found.lv["intra"], 1)
    ctx.out(f"{found.lv['name']}:{lvm.shown_mount_point(found.lv)}")
    ctx.out("PV                COPIES        IN BAND       DISTRIBUTION  ")
    for pv in found.vgda["pvs"]:
        extents = lvm.extents_on(found.lv, pv["pvid"])
        if not extents:
            continue
        counts = lvm.distribution(pv["pps"], extents)
        copies = [sum(e[2] for e in found.lv["extents"] if e[0] == pv["pvid"] and e[3] == n) for n in (1, 2, 3)]
        shown = ":".join(f"{count:03d}" for count in copies)
        band = f"{100 * counts[region] // sum(counts)}%"
        name = lvm.name_of_pvid(ctx.world, pv["pvid"]) or pv["pvid"]
        ctx.out(f"{name:<18}{shown:<14}{band:<14}{':'.join(f'{count:03d}' for count in counts)} ")


def _map(ctx: Context, found: FoundLv) -> None:
    """-m: for each LP the PP and PV of each copy.  Source: lslv manual page."""
    ctx.out(f"{found.lv['name']}:{lvm.shown_mount_point(found.lv)}")
    ctx.out("LP    PP1  PV1               PP2  PV2               PP3  PV3")
    rows: Dict[int, List[Tuple[int, int, str]]] = {}
    at = {1: 1, 2: 1, 3: 1}
    for pvid, first, count, copy in found.lv["extents"]:
        name = lvm.name_of_pvid(ctx.world, pvid) or pvid
        for number in range(count):
            rows.setdefault(at[copy] + number, []).append((copy, first + number, name))
        at[copy] += count
    for lp in sorted(rows):
        cells = [f"{pp:04d} {name:<18}" for _, pp, name in sorted(rows[lp])]
        ctx.out(f"{lp:04d}  {''.join(cells)}")
