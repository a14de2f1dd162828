"""importvg, exportvg: the ODM learns a volume group from one of its disks, and forgets it.

Source: manual pages of both; transcript importvg/01; GLVM white paper (AUTO ON and quorum after an import).
Where no public text exists only the message id is printed.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.varyonvg import show_status
from drboot.sim.lvm import LvmError, PvStatus, Varyon
from drboot.sim.world import Lv, OdmVg, Vgda

# Source: importvg manual page (synopsis).
USAGE = """Usage: importvg [-V majornum] [-y vgname] [-f] [-c] [-x] | [-L vgname] [-n] [-F]
        [-R] [-I] [-O] pvname"""
# Source: exportvg manual page (synopsis).
USAGE_EXPORT = "Usage: exportvg [-b] vgname"


def importvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "V:y:fcxL:nFRIO", USAGE)
    if len(names) != 1 or ("L" in flags and set(flags) & set("Vyfcx")):
        raise Usage(USAGE)
    try:
        if "L" in flags:
            return _learn(ctx, flags["L"][-1], _hdisk(ctx, names[0]))
        return _import(ctx, flags, _hdisk(ctx, names[0]))
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1


def _hdisk(ctx: Context, name: str) -> str:
    """The disk device with this name, or with this PVID.  Source: importvg manual page (PhysicalVolume)."""
    if name in lvm.disks(ctx.world):
        return name
    return lvm.name_of_pvid(ctx.world, name[:16]) or name


def _import(ctx: Context, flags: Dict[str, List[str]], hdisk: str) -> int:
    world = ctx.world
    vg = flags["y"][-1] if "y" in flags else _made_name(ctx)
    major = _major(ctx, flags)
    # Source: VG names are 1 to 15 characters, not the name of a device; the refusals' wording is not public
    if not 1 <= len(vg) <= 15:
        raise LvmError(f"0516-780 importvg: {hdisk}")
    if vg in world["odm"]["vgs"]:
        raise LvmError(f"0516-360 importvg: {vg}", f"0516-780 importvg: {hdisk}")
    if vg in world["odm"]["devices"]:
        raise LvmError(f"0516-1287 importvg: {vg}", f"0516-780 importvg: {hdisk}")
    if "O" in flags:
        _release(ctx, hdisk)
    vgda = lvm.check_import(ctx, hdisk)
    was = (vgda["auto_on"], vgda["quorum"])
    renamed = lvm.rename_colliding_lvs(ctx, vgda)
    entry = lvm.define_vg(ctx, vg, vgda, major)
    if vgda["concurrent"] or "c" in flags:
        vgda["concurrent"] = True
        vgda["auto_on"] = entry["auto_on"] = "x" in flags
    statuses: List[PvStatus] = []
    if not vgda["concurrent"]:
        try:
            # the ODM is filled through a varied-on VG, whether it stays varied on or not
            statuses = lvm.vary_on(ctx, vg, Varyon(force="f" in flags))
        except LvmError as error:
            _forget(ctx, vg)
            vgda["auto_on"], vgda["quorum"] = was
            raise LvmError(*error.lines, f"0516-780 importvg: {hdisk}") from error
    _report_renames(ctx, renamed, vgda)
    _write_stanzas(ctx, vgda)
    for lv in vgda["lvs"]:
        lvm.make_lv_nodes(ctx, entry, lv, recorded="R" in flags and vgda["kind"] != "normal")
    show_status(ctx, vg, statuses)
    _report_absent(ctx, vg, vgda)
    ctx.out(vg)
    if "n" in flags and vg in world["kernel"]["varied_on"]:
        lvm.vary_off(ctx, vg)
    else:
        show_status(ctx, vg, statuses)
    return 0


def _made_name(ctx: Context) -> str:
    taken = ctx.world["odm"]["vgs"]
    return next(name for name in (f"vg{number:02d}" for number in range(1000)) if name not in taken)


def _major(ctx: Context, flags: Dict[str, List[str]]) -> int:
    """The major number asked for, 0 for a free one.  No public wording for one that is in use."""
    text = flags["V"][-1] if "V" in flags else "0"
    if not text.isdigit():
        raise Usage(USAGE)
    if int(text) in lvm.used_majors(ctx.world):
        raise LvmError(f"0516-1167 importvg: {text}")
    return int(text)


def _release(ctx: Context, hdisk: str) -> None:
    """-O breaks the reservation of another host on the disks of the VG."""
    lun = lvm.lun_of(ctx.world, hdisk)
    vgda = lvm.site_vgdas(ctx.world).get(lun["vgid"]) if lun else None
    for pv in vgda["pvs"] if vgda else []:
        other = lvm.lun_of(ctx.world, lvm.name_of_pvid(ctx.world, pv["pvid"]))
        if other is not None:
            other["reserved_by"] = ""


def _report_renames(ctx: Context, renamed: List[Tuple[str, str]], vgda: Vgda) -> None:
    """On standard error, as the manual says.  Ids 0516-530 and 0516-712; their wording is not public."""
    for old, new in renamed:
        ctx.err(f"0516-530 synclvodm: {old} {new}")
        if any(lv["name"] == new and lv["type"] in lvm.LOGS for lv in vgda["lvs"]):
            ctx.err(f"0516-712 synclvodm: {old} {new}")


def _report_absent(ctx: Context, vg: str, vgda: Vgda) -> None:
    """Source: transcript importvg/01."""
    absent = [pv["pvid"] for pv in vgda["pvs"] if not lvm.name_of_pvid(ctx.world, pv["pvid"])]
    for pvid in absent:
        ctx.err("0516-510 synclvodm: Physical volume not found for physical volume")
        ctx.err(f"        identifier {pvid:0<32}.")
    if absent:
        ctx.err("0516-548 synclvodm: Partially successful with updating volume")
        ctx.err(f"        group {vg}.")


def _write_stanzas(ctx: Context, vgda: Vgda) -> None:
    """Stanzas are appended in VGDA order, from the LVCBs; existing ones for the same mount point stay.

    Source: IBM T1010981 (order); importvg manual (mount points over 128 characters are not in the LVCB).
    The line that imfs prints for an existing stanza is not public, and nothing is printed.
    """
    log = next((lv["name"] for lv in vgda["lvs"] if lv["type"] in lvm.LOGS), "")
    for lv in vgda["lvs"]:
        point = lvm.shown_mount_point(lv)
        if not point.startswith("/") or len(point) > 128 or lv["fs"] is None:
            continue
        if any(stanza.point == point for stanza in mounts.stanzas(ctx)):
            continue
        inline = "INLINE" if lv["fs"]["inline_log"] else ""
        mounts.add_stanza(ctx, point, mounts.imported_stanza(lv, inline or (log and "/dev/" + log)))


def _learn(ctx: Context, vg: str, hdisk: str) -> int:
    """-L: a known, varied-off VG learns what has changed on its disks.  Source: importvg manual page."""
    entry = lvm.require_vg(ctx.world, vg, "getlvodm")
    if vg in ctx.world["kernel"]["varied_on"]:
        raise LvmError(f"0516-1202 importvg: {vg}")
    vgda = lvm.check_import(ctx, hdisk, learning=vg)
    if vgda["vgid"] != entry["vgid"]:
        raise LvmError(f"0516-780 importvg: {hdisk}")
    entry["pvids"] = [pv["pvid"] for pv in vgda["pvs"]]
    known = set(entry["lvs"])
    entry["lvs"] = [lv["name"] for lv in vgda["lvs"]]
    for lv in vgda["lvs"]:
        if lv["name"] not in known:
            lvm.make_lv_nodes(ctx, entry, lv)
    _write_stanzas(ctx, vgda)
    ctx.out(vg)
    return 0


# ---------------------------------------------------------------- exportvg


def exportvg(ctx: Context, args: List[str]) -> int:
    _, names = options(args, "b", USAGE_EXPORT)
    if len(names) != 1:
        raise Usage(USAGE_EXPORT)
    vg = names[0]
    try:
        entry = lvm.require_vg(ctx.world, vg, "getlvodm")
        if vg in ctx.world["kernel"]["varied_on"] or vg == "rootvg":
            raise LvmError(f"0516-764 exportvg: {vg}")
        _remove(ctx, entry)
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1
    return 0


def _remove(ctx: Context, entry: OdmVg) -> None:
    """ODM data, stanzas and device files are gone; the disks keep everything."""
    devices = {"/dev/" + name for name in _lv_names(ctx, entry)}
    for stanza in mounts.stanzas(ctx):
        if stanza.device in devices:
            mounts.remove_stanza(ctx, stanza.point)
    _forget(ctx, entry["name"])


def _lv_names(ctx: Context, entry: OdmVg) -> List[str]:
    vgda = lvm.site_vgdas(ctx.world).get(entry["vgid"])
    on_disk: List[Lv] = vgda["lvs"] if vgda else []
    return entry["lvs"] or [lv["name"] for lv in on_disk]


def _forget(ctx: Context, vg: str) -> None:
    entry = ctx.world["odm"]["vgs"].pop(vg)
    ctx.world["kernel"]["varied_on"].pop(vg, None)
    for name in _lv_names(ctx, entry):
        lvm.remove_lv_nodes(ctx, name)
    ctx.remove("/dev/" + vg)
