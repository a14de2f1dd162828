"""mkvg, extendvg, reducevg: volume groups made, made larger, made smaller.

Source: manual pages of the three; transcripts mkvg/*, extendvg/*, reducevg/*.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

from drboot.sim import lvm
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.chvg import refused
from drboot.sim.commands.mklv import remove_lv
from drboot.sim.lvm import FoundLv, LvmError, Varyon
from drboot.sim.world import Lun, Vgda, new_odm_vg, new_vg_pv, new_vgda

# Source: the manual pages' synopses.
USAGE_MK = """Usage: mkvg [-d maxpvs] [-B | -S | -I] [-C] [-c] [-x] [-f] [-i] [-L ltgsize] [-m maxpvsize | -t factor]
        [-n] [-O] [-P partitions] [-s size] [-V majornum] [-v lvs] [-y vgname] [-p mirrorpool] pvname ..."""
USAGE_EX = "Usage: extendvg [-f] [-p mirrorpool] vgname pvname ..."
USAGE_RE = "Usage: reducevg [-d] [-f] vgname pvname ..."

_LIMITS: Dict[str, Tuple[int, int, int, int]] = {
    # kind: max PVs, max LVs, PPs per PV (0: no such limit), PPs per VG.  Source: mkvg manual page
    "normal": (32, 256, 1016, 32512),
    "big": (128, 512, 1016, 130048),
    "scalable": (1024, 256, 0, 32768),
}


def _words(args: List[str]) -> List[str]:
    """The arguments as a shell script that splits them again sees them.

    Assumed: mkvg, extendvg and reducevg are ksh scripts on AIX.  community.general's aix_lvg passes empty elements
    and "-s 32" as one, and works.
    """
    return " ".join(args).split()


# ---------------------------------------------------------------- disks


def _open_disk(ctx: Context, hdisk: str, command: str) -> Lun:
    """The LUN of a disk that is in no VG and can be written.  Source: transcript mkvg/01."""
    failed = {"mkvg": "0516-862 mkvg: Unable to create volume group."}
    last = failed.get(command, f"0516-792 {command}: Unable to extend volume group.")
    if hdisk not in lvm.disks(ctx.world):
        raise LvmError(f"0516-306 {command}: {hdisk}", last)
    if lvm.vg_of_disk(ctx.world, hdisk):
        raise LvmError(f"0516-1398 {command}: {hdisk}", last)
    lun = lvm.lun_of(ctx.world, hdisk)
    if lun is None or not lun["writable"] or lvm.reserved_elsewhere(ctx.world, lun):
        raise LvmError(f"0516-1184 {command}: IO failure on {hdisk}.", last)
    return lun


def _pvid(ctx: Context, hdisk: str, lun: Lun, command: str) -> str:
    """The disk has a PVID, on it and in the ODM.  Source: transcripts mkvg/02, extendvg/01."""
    if not lun["pvid"]:
        taken = {one["pvid"] for one in ctx.world["san"]["luns"].values()}
        start = int(ctx.now()) & 0xFFFFFFFF
        made = (
            f"{ctx.world['firmware']['uname_m'][:8].lower():0>8}{start + more & 0xFFFFFFFF:08x}"
            for more in range(10**6)
        )
        lun["pvid"] = next(pvid for pvid in made if pvid not in taken)
    if lvm.odm_pvid(ctx.world, hdisk) != lun["pvid"]:
        ctx.world["odm"]["attributes"].setdefault(hdisk, {})["pvid"] = [lun["pvid"] + "0" * 16]
        ctx.err(f"0516-1254 {command}: Changing the PVID in the ODM.")
    return lun["pvid"]


def _add_pv(vgda: Vgda, lun: Lun) -> None:
    lun["vgid"] = vgda["vgid"]
    # one PP's worth of the disk holds the VGDA
    vgda["pvs"].append(new_vg_pv(lun["pvid"], pps=max(1, lun["size"] // vgda["pp_size"] - 1)))
    lvm.spread_vgdas(vgda)


# ---------------------------------------------------------------- mkvg


def mkvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(_words(args), "d:BSICcxfiL:m:t:nOP:s:V:v:y:p:", USAGE_MK)
    if not names or ("B" in flags and "S" in flags):
        raise Usage(USAGE_MK)
    return refused(ctx, _make, flags, names)


def _make(ctx: Context, flags: Dict[str, List[str]], hdisks: List[str]) -> None:
    world = ctx.world
    taken = world["odm"]["vgs"]
    vg = flags["y"][-1] if "y" in flags else next(f"vg{n:02d}" for n in range(1000) if f"vg{n:02d}" not in taken)
    if vg in taken or vg in world["odm"]["devices"] or len(vg) > 15:
        raise LvmError(f"0516-360 mkvg: {vg}", "0516-862 mkvg: Unable to create volume group.")
    luns = [_open_disk(ctx, hdisk, "mkvg") for hdisk in hdisks]
    for hdisk, lun in zip(hdisks, luns):
        if lun["vgid"] and "f" not in flags and lun["vgid"] in lvm.site_vgdas(world):
            # a disk of a VG that is not varied on here needs -f (mkvg manual page); id only
            raise LvmError(f"0516-1339 mkvg: {hdisk}", "0516-862 mkvg: Unable to create volume group.")
    kind = "scalable" if "S" in flags else "big" if "B" in flags else "normal"
    pvs, lvs, per_pv, per_vg = _LIMITS[kind]
    pp_size = int(flags["s"][-1]) if "s" in flags else _pp_size(max(lun["size"] for lun in luns), per_pv)
    if pp_size & (pp_size - 1):
        raise Usage(USAGE_MK)
    for hdisk, lun in zip(hdisks, luns):
        _pvid(ctx, hdisk, lun, "mkvg")
    vgid = f"{world['firmware']['uname_m'][:8].lower():0>8}00004c00{_stamp(ctx)}"
    vgda = new_vgda(
        vgid, kind=kind, pp_size=pp_size, max_pvs=pvs, max_lvs=lvs, max_pps_per_pv=per_pv, max_pps=per_vg,
        auto_on="n" not in flags, concurrent="C" in flags or "c" in flags, timestamp=_stamp(ctx),
    )  # fmt: skip
    for lun in luns:
        _add_pv(vgda, lun)
    world["san"]["vgdas"].setdefault(world["firmware"]["site"], {})[vgid] = vgda
    major = int(flags["V"][-1]) if "V" in flags else lvm.free_major(world)
    taken[vg] = new_odm_vg(vg, vgid, major=major, auto_on=vgda["auto_on"], pvids=[pv["pvid"] for pv in vgda["pvs"]])
    if not vgda["concurrent"]:
        lvm.vary_on(ctx, vg, Varyon())
    ctx.out(vg)


def _stamp(ctx: Context) -> str:
    """16 hex digits that have not been a VGID's second half here: seconds and a count."""
    seconds = int(ctx.now()) & 0xFFFFFFFF
    known = {vgid[16:] for vgdas in ctx.world["san"]["vgdas"].values() for vgid in vgdas}
    return next(f"{seconds:08x}{n:08x}" for n in range(10**6) if f"{seconds:08x}{n:08x}" not in known)


def _pp_size(size: int, per_pv: int) -> int:
    """The smallest power of two (MB) with which the largest disk has at most 1016 PPs.  Source: mkvg manual page."""
    pp_size = 4
    while size // pp_size > (per_pv or 1016):
        pp_size *= 2
    return pp_size


# ---------------------------------------------------------------- extendvg, reducevg


def extendvg(ctx: Context, args: List[str]) -> int:
    names = options(_words(args), "fp:", USAGE_EX)[1]
    if len(names) < 2:
        raise Usage(USAGE_EX)
    return refused(ctx, _extend, names[0], names[1:])


def _extend(ctx: Context, vg: str, hdisks: List[str]) -> None:
    """Source: transcript extendvg/01."""
    vgda = lvm.require_active(ctx.world, vg, "extendvg")
    last = "0516-792 extendvg: Unable to extend volume group."
    for hdisk in hdisks:
        lun = _open_disk(ctx, hdisk, "extendvg")
        _pvid(ctx, hdisk, lun, "extendvg")
        pps, limit = lun["size"] // vgda["pp_size"], vgda["max_pps_per_pv"]
        if limit and pps > limit:
            raise LvmError(
                f"0516-1162 extendvg: The Physical Partition Size of {vgda['pp_size']} requires the creation of",
                f"        {pps} partitions for {hdisk}.  The limitation for volume group {vg} is",
                f"        {limit} physical partitions per physical volume.  Use chvg command with -t",
                "        option to attempt to change the maximum Physical Partitions per Physical",
                "        volume for this volume group.",
                last,
            )
        if len(vgda["pvs"]) >= vgda["max_pvs"]:
            raise LvmError(f"0516-1163 extendvg: {vg}", last)  # id only
        _add_pv(vgda, lun)
        ctx.world["odm"]["vgs"][vg]["pvids"].append(lun["pvid"])


def reducevg(ctx: Context, args: List[str]) -> int:
    """Exit status 2 for a disk that is not in the VG.  Source: transcript reducevg/01."""
    flags, names = options(_words(args), "df", USAGE_RE)
    if len(names) < 2:
        raise Usage(USAGE_RE)
    return max(refused(ctx, _reduce, names[0], one, flags, rc=2) for one in names[1:])


def _reduce(ctx: Context, vg: str, hdisk: str, flags: Dict[str, List[str]]) -> None:
    vgda = lvm.require_active(ctx.world, vg, "reducevg")
    last = f"0516-884 reducevg: Unable to remove physical volume {hdisk}."
    pvid = lvm.odm_pvid(ctx.world, hdisk) or hdisk[:16]
    pv = next((one for one in vgda["pvs"] if one["pvid"] == pvid), None)
    if pv is None:
        raise LvmError(f"0516-1782 reducevg: Physical volume {hdisk} is not part of volume group {vg}.", last)
    entry = ctx.world["odm"]["vgs"][vg]
    for lv in [one for one in vgda["lvs"] if lvm.extents_on(one, pvid)]:
        if "d" not in flags or lvm.is_open(ctx.world, lv):
            raise LvmError(f"0516-016 ldeletepv: {hdisk}", last)  # id only
        remove_lv(ctx, FoundLv(entry, vgda, lv))
    lun = lvm.lun_of(ctx.world, hdisk)
    if lun is not None:
        lun["vgid"] = ""
    vgda["pvs"].remove(pv)
    entry["pvids"].remove(pvid)
    if vgda["pvs"]:
        lvm.spread_vgdas(vgda)
        return
    # the last disk takes the VG with it
    del ctx.world["kernel"]["varied_on"][vg]
    del ctx.world["odm"]["vgs"][vg]
    del lvm.site_vgdas(ctx.world)[vgda["vgid"]]
    ctx.remove("/dev/" + vg)
