"""chvg, chpv, chlv, syncvg: characteristics of volume groups, physical and logical volumes.

Source: manual pages of the four; transcript chvg/01.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Optional

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.lvm import FoundLv, LvmError
from drboot.sim.world import Vgda

# Source: the manual pages' synopses.
USAGE_VG = """Usage: chvg [-s y|n] [-h hotsparepolicy] [-a y|n] [-Q y|n] [-u] [-x y|n] [-S] [-R y|n]
        [-b y|n] [-C] [-f] [-g] [-L LTGsize] [-t [factor]] [-B] [-G] [-P partitions] [-v LVs] vgname"""
USAGE_PV = "Usage: chpv [-h hotspare] [-a y|n] [-v a|r] [-C] [-c] [-f] [-p mirrorpool] [-P] pvname ..."
USAGE_LV = """Usage: chlv [-a position] [-b y|n] [-d schedpolicy] [-e range] [-L label] [-p r|w] [-R n]
        [-r y|n] [-s y|n|s] [-t type] [-u upperbound] [-v y|n] [-w y|n] [-x maximum] [-T O|F]
        [-U userid] [-G groupid] [-P modes] [-m copy] [-M copy] [-n newlvname] lvname ..."""
USAGE_SYNC = "Usage: syncvg [-f] [-i] [-H] [-P numparallellps] {-l | -p | -v} name ..."


def refused(ctx: Context, action: Callable[..., None], *args: Any, rc: int = 1) -> int:
    """Run ``action(ctx, *args)``; an LvmError becomes its lines on standard error and ``rc``."""
    try:
        action(ctx, *args)
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return rc
    return 0


def yes_no(flags: Dict[str, List[str]], flag: str, usage: str) -> Optional[bool]:
    """What a y|n flag says; None when it is not given.  Raises Usage for any other value."""
    if flag not in flags:
        return None
    if flags[flag][-1] not in ("y", "n"):
        raise Usage(usage)
    return flags[flag][-1] == "y"


# ---------------------------------------------------------------- chvg


def chvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "s:h:a:Q:ux:SR:b:CfgL:t:BGP:v:", USAGE_VG)
    if len(names) != 1 or not flags:
        raise Usage(USAGE_VG)
    return refused(ctx, _change_vg, names[0], flags)


def _change_vg(ctx: Context, vg: str, flags: Dict[str, List[str]]) -> None:
    entry = lvm.require_vg(ctx.world, vg, "getlvodm")
    auto_on, quorum = yes_no(flags, "a", USAGE_VG), yes_no(flags, "Q", USAGE_VG)
    auto_sync = yes_no(flags, "s", USAGE_VG)
    if "u" in flags:
        ctx.world["kernel"]["varied_on"].get(vg, {})["locked"] = False
        if set(flags) == {"u"}:
            return
    vgda = lvm.require_active(ctx.world, vg, "chvg")
    if auto_on is not None:
        vgda["auto_on"] = entry["auto_on"] = auto_on
    if quorum is not None:
        vgda["quorum"] = quorum
    if auto_sync is not None:
        vgda["auto_sync"] = "yes" if auto_sync else "no"
    if "t" in flags:
        _factor(ctx, vg, vgda, flags["t"][-1])
    if "B" in flags:
        vgda["kind"], vgda["max_pvs"], vgda["max_lvs"] = "big", 128, 512
        vgda["max_pps"] = vgda["max_pvs"] * vgda["max_pps_per_pv"]
    if "G" in flags:
        vgda["kind"], vgda["max_pvs"], vgda["max_pps"], vgda["max_pps_per_pv"] = "scalable", 1024, 32768, 0
    if "C" in flags:
        vgda["concurrent"] = True
    if "L" in flags:
        vgda["ltg"] = int(flags["L"][-1])


def _factor(ctx: Context, vg: str, vgda: Vgda, text: str) -> None:
    """-t: so many times 1016 PPs per PV, and so many times fewer PVs.  Source: transcript chvg/01."""
    if not text.isdigit() or not 1 <= int(text) <= (64 if vgda["kind"] == "big" else 16):
        raise Usage(USAGE_VG)
    factor = int(text)
    vgda["max_pps_per_pv"] = 1016 * factor
    vgda["max_pvs"] = (128 if vgda["kind"] == "big" else 32) // factor
    ctx.err(f"0516-1164 chvg: Volume group {vg} changed.  With given characteristics {vg}")
    ctx.err(
        f"        can include up to {vgda['max_pvs']} physical volumes with {1016 * factor} physical partitions each."
    )


# ---------------------------------------------------------------- chpv


def chpv(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "h:a:v:Ccfp:P", USAGE_PV)
    if not names or not flags or flags.get("v", ["a"])[-1] not in ("a", "r"):
        raise Usage(USAGE_PV)
    return max(refused(ctx, _change_pv, name, flags) for name in names)


def _change_pv(ctx: Context, hdisk: str, flags: Dict[str, List[str]]) -> None:
    """Source: chpv manual page: -v a makes a removed or missing PV available, -v r removes one."""
    vg = lvm.vg_of_disk(ctx.world, hdisk)
    if not vg:
        raise LvmError(f"0516-320 getlvodm: Physical volume {hdisk} is not assigned to", "        a volume group.")
    vgda = lvm.require_active(ctx.world, vg, "chpv")
    pvid = lvm.odm_pvid(ctx.world, hdisk)
    pv = next(one for one in vgda["pvs"] if one["pvid"] == pvid)
    allocatable = yes_no(flags, "a", USAGE_PV)
    if allocatable is not None:
        pv["allocatable"] = "yes" if allocatable else "no"
    if "h" in flags:
        pv["hot_spare"] = "yes" if flags["h"][-1] == "y" else "no"
    if "v" in flags and flags["v"][-1] == "r":
        if "f" not in flags and sum(1 for one in vgda["pvs"] if one["state"] == "active") == 1:
            raise LvmError(f"0516-1010 chpv: {hdisk}")  # id only: no public wording
        pv["state"] = "removed"
    elif "v" in flags:
        if pvid not in lvm.readable_pvs(ctx.world, vgda):
            raise LvmError(f"0516-1010 chpv: {hdisk}")
        pv["state"] = "active"


# ---------------------------------------------------------------- chlv

_SIMPLE = {
    "p": ("permission", {"r": "read-only", "w": "read/write"}),
    "v": ("write_verify", {"y": "on", "n": "off"}),
    "b": ("bb_policy", {"y": "relocatable", "n": "non-relocatable"}),
    "r": ("relocatable", {"y": "yes", "n": "no"}),
    "s": ("separate_pv", {"y": "yes", "n": "no", "s": "yes (superstrict)"}),
    "w": ("mwc", {"y": "on/ACTIVE", "a": "on/ACTIVE", "p": "on/PASSIVE", "n": "off"}),
    "d": ("sched", {"p": "parallel", "s": "sequential", "ps": "parallel write/sequential read"}),
    "e": ("inter", {"m": "minimum", "x": "maximum"}),
    "a": ("intra", {"e": "edge", "m": "middle", "c": "center", "ie": "inner edge", "im": "inner middle"}),
}


def chlv(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "a:b:d:e:L:p:R:r:s:t:u:v:w:x:T:U:G:P:m:M:n:", USAGE_LV)
    if not names or not flags or ("n" in flags and len(names) != 1):
        raise Usage(USAGE_LV)
    return max(refused(ctx, _change_lv, name, flags) for name in names)


def require_lv(ctx: Context, name: str, asker: str) -> FoundLv:
    """An LV of a varied-on VG.  Raises LvmError 0516-306 or 0516-010."""
    found = lvm.find_lv(ctx.world, name)
    if found is None:
        raise LvmError(
            f"0516-306 {asker}: Unable to find logical volume {name} in the Device", "\tConfiguration Database."
        )
    lvm.require_active(ctx.world, found.vg["name"], asker)
    return found


def _change_lv(ctx: Context, name: str, flags: Dict[str, List[str]]) -> None:
    found = require_lv(ctx, name, "getlvodm")
    fields: Dict[str, object] = found.lv  # type: ignore[assignment]
    for flag, (field, words) in _SIMPLE.items():
        if flag in flags:
            if flags[flag][-1] not in words:
                raise Usage(USAGE_LV)
            fields[field] = words[flags[flag][-1]]
    for flag, field in (("x", "max_lps"), ("u", "upper_bound")):
        if flag in flags:
            fields[field] = int(flags[flag][-1])
    if "t" in flags:
        found.lv["type"] = flags["t"][-1]
    if "L" in flags:
        found.lv["label"] = flags["L"][-1]
    if set(flags) & {"U", "G", "P"}:
        _change_owner(ctx, found, flags)
    if "n" in flags:
        _rename(ctx, found, flags["n"][-1])


def _change_owner(ctx: Context, found: FoundLv, flags: Dict[str, List[str]]) -> None:
    """-U, -G, -P: recorded in the VGDA and set on the device files; big and scalable VGs only (chlv manual page)."""
    if found.vgda["kind"] == "normal":
        raise LvmError(f"0516-1343 chlv: {found.lv['name']}")  # id only: no public wording
    if "U" in flags:
        found.lv["uid"] = _id_of(ctx, "/etc/passwd", flags["U"][-1])
    if "G" in flags:
        found.lv["gid"] = _id_of(ctx, "/etc/group", flags["G"][-1])
    if "P" in flags:
        found.lv["mode"] = int(flags["P"][-1], 8)
    lvm.make_lv_nodes(ctx, found.vg, found.lv, recorded=True)


def _id_of(ctx: Context, path: str, name: str) -> int:
    """The number of a user or group, from /etc/passwd or /etc/group of this machine; system is 0 on every AIX."""
    if name.isdigit():
        return int(name)
    for line in (ctx.read(path) or "").splitlines():
        words = line.split(":")
        if words[0] == name and len(words) > 2:
            return int(words[2])
    if name in ("root", "system"):
        return 0
    raise LvmError(f"0516-1344 chlv: {name}")  # id only: no public wording


def _rename(ctx: Context, found: FoundLv, new: str) -> None:
    old = found.lv["name"]
    if lvm.is_open(ctx.world, found.lv):
        raise LvmError(f"0516-1010 chlv: {old}")
    if new in lvm.names_in_odm(ctx.world):
        raise LvmError(f"0516-1010 chlv: {new}")
    lvm.remove_lv_nodes(ctx, old)
    found.lv["name"] = new
    found.vg["lvs"] = [new if one == old else one for one in found.vg["lvs"]]
    lvm.make_lv_nodes(ctx, found.vg, found.lv)
    stanza = mounts.find_stanza(ctx, "/dev/" + old)
    if stanza is not None:
        mounts.change_stanza(ctx, stanza.point, {"dev": "/dev/" + new})


# ---------------------------------------------------------------- syncvg


def syncvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "fiHP:lpv", USAGE_SYNC)
    if not names or sum(flag in flags for flag in "lpv") != 1:
        raise Usage(USAGE_SYNC)
    return max(refused(ctx, _sync, name, flags) for name in names)


def _sync(ctx: Context, name: str, flags: Dict[str, List[str]]) -> None:
    """Stale partitions are fresh again where their PVs are active.  No public sample of any output."""
    if "l" in flags:
        found = require_lv(ctx, name, "getlvodm")
        vgda, lvs = found.vgda, [found.lv]
    else:
        vg = name if "v" in flags else lvm.vg_of_disk(ctx.world, name)
        vgda = lvm.require_active(ctx.world, vg, "syncvg")
        lvs = vgda["lvs"]
    active = {pv["pvid"] for pv in vgda["pvs"] if pv["state"] == "active"}
    for lv in lvs:
        if all(extent[0] in active for extent in lv["extents"]):
            lv["stale_pps"] = 0
        elif lv["stale_pps"]:
            raise LvmError(f"0516-932 syncvg: {name}")  # id only: no public wording
    for pv in vgda["pvs"]:
        if pv["pvid"] in active and not any(lv["stale_pps"] for lv in lvs):
            pv["stale"] = 0
