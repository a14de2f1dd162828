"""lsvg: volume groups, their PVs and their LVs.

Source: transcripts lsvg/*; manual page of lsvg.  Which rows the long form has depends on the AIX level.
"""

from __future__ import annotations

from typing import Callable, List

from drboot.sim import lvm
from drboot.sim.command import Context, Hang, Usage, options
from drboot.sim.commands.lspv import megabytes, padded
from drboot.sim.lvm import LvmError
from drboot.sim.world import OdmVg, Vgda

# Source: lsvg manual page (synopsis).
USAGE = """Usage: lsvg [ -L ] [ -o ]
        lsvg [ -L ] [-n DescriptorPhysicalVolume ] [ -i | -p | -l | -M | -m | -P ] VGname..."""


def lsvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "LoilMmPpn:", USAGE)
    if sum(flag in flags for flag in "lpMmP") > 1:
        raise Usage(USAGE)
    if "i" in flags:
        names = [*names, *ctx.stdin.split()]
    if not names:
        if set(flags) - {"L", "o"}:
            raise Usage(USAGE)
        for name in lvm.varied_on_vgs(ctx.world) if "o" in flags else ctx.world["odm"]["vgs"]:
            ctx.out(name)
        return 0
    if "o" in flags:
        raise Usage(USAGE)
    show: Callable[[Context, OdmVg, Vgda], None] = _form
    for flag, function in (("l", _lvs), ("p", _pvs), ("M", _map), ("m", _pools), ("P", _pools)):
        if flag in flags:
            show = function
    rc = 0
    for name in names:
        _wait_for_lock(ctx, name, "L" in flags)
        try:
            show(ctx, lvm.require_vg(ctx.world, name, ""), lvm.require_active(ctx.world, name))
        except LvmError as error:
            for line in error.lines:
                ctx.err(line)
            rc = 1
    return rc


def _wait_for_lock(ctx: Context, vg: str, ignore: bool) -> None:
    """A locked VG makes lsvg retry for ever.  Source: transcript lsvg/24.  -L does not wait (manual)."""
    if ignore or not ctx.world["kernel"]["varied_on"].get(vg, {}).get("locked"):
        return
    ctx.err(f"0516-1201 lsvg: Warning: Volume group {vg} is locked. This command")
    ctx.err("        will continue retries until lock is free.  If lock is inadvertent")
    ctx.err(f"        and needs to be removed, execute 'chvg -u {vg}'.")
    raise Hang(float(ctx.variant("vg_lock_seconds", "86400")))


def _level(ctx: Context) -> int:
    """5300, 6100, 7100, 7200, 7300: the first four digits of the AIX level."""
    return int(ctx.world["odm"]["oslevel"][:4])


def _form(ctx: Context, entry: OdmVg, vgda: Vgda) -> None:
    """Source: transcripts lsvg/01 (5.3), lsvg/09 (6.1), lsvg/08 and lsvg/20 (7.3, normal and scalable)."""
    level, scalable = _level(ctx), vgda["kind"] == "scalable"
    pvs, lvs = vgda["pvs"], vgda["lvs"]
    total = sum(pv["pps"] for pv in pvs)
    used = sum(lvm.lv_pps(lv) for lv in lvs)
    modes = {"read-only": "read-only", "passive": "passive-only"}
    word = {True: " (Enabled)", False: " (Disabled)"}[vgda["quorum"]] if level >= 6100 else ""
    mode = ctx.world["kernel"]["varied_on"][entry["name"]].get("mode", "active")

    def row(left: str, value: object, right: str = "", other: object = "") -> None:
        text = f"{left + ':':<20}{value}"
        ctx.out(f"{text:<44} {right + ':':<15} {other}" if right else text)

    missing = [pv for pv in pvs if pv["state"] != "active"]
    row("VOLUME GROUP", entry["name"], "VG IDENTIFIER", entry["vgid"])
    row("VG STATE", "active", "PP SIZE", f"{vgda['pp_size']} megabyte(s)")
    row("VG PERMISSION", modes.get(mode, "read/write"), "TOTAL PPs", megabytes(total, vgda))
    row("MAX LVs", vgda["max_lvs"], "FREE PPs", megabytes(total - used, vgda))
    row("LVs", len(lvs), "USED PPs", megabytes(used, vgda))
    row("OPEN LVs", sum(1 for lv in lvs if lvm.is_open(ctx.world, lv)), "QUORUM", f"{lvm.quorum(vgda)}{word}")
    row("TOTAL PVs", len(pvs), "VG DESCRIPTORS", lvm.vgda_count(vgda))
    row("STALE PVs", sum(1 for pv in pvs if pv["stale"]), "STALE PPs", sum(lv["stale_pps"] for lv in lvs))
    row("ACTIVE PVs", len(pvs) - len(missing), "AUTO ON", "yes" if vgda["auto_on"] else "no")
    if vgda["concurrent"]:
        row("Concurrent", "Enhanced-Capable", "Auto-Concurrent", "Disabled")
    if scalable:
        row("MAX PPs per VG", vgda["max_pps"], "MAX PVs", vgda["max_pvs"])
    else:
        row("MAX PPs per VG", vgda["max_pps"])
        row("MAX PPs per PV", vgda["max_pps_per_pv"], "MAX PVs", vgda["max_pvs"])
    row("LTG size (Dynamic)", f"{vgda['ltg']} kilobyte(s)", "AUTO SYNC", vgda["auto_sync"])
    row("HOT SPARE", "no", "BB POLICY", vgda["bb_policy"] + (" " if scalable else ""))
    _later_rows(ctx, vgda, level, scalable, row)


def _later_rows(ctx: Context, vgda: Vgda, level: int, scalable: bool, row: Callable[..., None]) -> None:
    """The rows that later levels append."""

    def fact(name: str, usual: str) -> str:
        return vgda["extra"].get(name, usual)

    if scalable and level >= 6100:
        ctx.out(f"{'MIRROR POOL STRICT:':<20}{fact('MIRROR POOL STRICT', 'off'):<42}")
    if 6100 <= level < 7100:
        row("PV RESTRICTION", fact("PV RESTRICTION", "none"))
    if level >= 7100:
        row("PV RESTRICTION", fact("PV RESTRICTION", "none"), "INFINITE RETRY", fact("INFINITE RETRY", "no"))
        row("DISK BLOCK SIZE", fact("DISK BLOCK SIZE", "512"), "CRITICAL VG", fact("CRITICAL VG", "no"))
    if level >= 7200:
        row("FS SYNC OPTION", fact("FS SYNC OPTION", "no"), "CRITICAL PVs", fact("CRITICAL PVs", "no"))
        row("ENCRYPTION", fact("ENCRYPTION", "no"))


def _lvs(ctx: Context, entry: OdmVg, vgda: Vgda) -> None:
    """Source: transcripts lsvg/03, lsvg/05 (5.3 has narrower columns)."""
    wide = 6 if _level(ctx) < 6100 else 8
    ctx.out(f"{entry['name']}:")
    ctx.out(f"{'LV NAME':<20}{'TYPE':<11}{'LPs':<{wide}}{'PPs':<{wide}}{'PVs':<5}{'LV STATE':<14}MOUNT POINT")
    for lv in vgda["lvs"]:
        state = ("open/" if lvm.is_open(ctx.world, lv) else "closed/") + ("stale" if lvm.is_stale(lv) else "syncd")
        pvs = len({extent[0] for extent in lv["extents"]})
        left = padded(lv["name"], 20) + padded(lv["type"], 11) + padded(str(lv["lps"]), wide)
        right = padded(str(lvm.lv_pps(lv)), wide) + padded(str(pvs), 5) + padded(state, 14)
        ctx.out(left + right + lvm.shown_mount_point(lv))


def _pvs(ctx: Context, entry: OdmVg, vgda: Vgda) -> None:
    """Source: transcripts lsvg/18 (a PV whose disk device is gone), lsvg/19."""
    ctx.out(f"{entry['name']}:")
    ctx.out("PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION")
    names = lvm.names_by_pvid(ctx.world)
    for pv in vgda["pvs"]:
        name = names.get(pv["pvid"], "")
        if not name:
            ctx.err(f"0516-304 : Unable to find device id {pv['pvid']} in the Device")
            ctx.err("       Configuration Database.")
            name = pv["pvid"]
        free = lvm.free_on(vgda, pv)
        where = lvm.distribution_text(lvm.distribution(pv["pps"], free))
        left = padded(name, 18) + padded(pv["state"], 18) + padded(str(pv["pps"]), 12)
        ctx.out(left + padded(str(lvm.total(free)), 12) + where)


def _map(ctx: Context, entry: OdmVg, vgda: Vgda) -> None:
    """PVname:PPnum LVname:LPnum for every PP of the VG.  Source: lsvg manual page (-M)."""
    ctx.out(f"{entry['name']}")
    for pv in vgda["pvs"]:
        name = lvm.name_of_pvid(ctx.world, pv["pvid"])
        if name:
            ctx.raw(ctx.call("/usr/sbin/lspv", "-M", name).out)


def _pools(ctx: Context, entry: OdmVg, vgda: Vgda) -> None:
    """Mirror pools: none are simulated, so every copy is in none.  Source: lsvg manual page (-P, -m)."""
    ctx.out(f"{'Physical Volume':<18}Mirror Pool")
    for pv in vgda["pvs"]:
        ctx.out(f"{lvm.name_of_pvid(ctx.world, pv['pvid']) or pv['pvid']:<18}None")
