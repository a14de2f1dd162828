"""mklv, rmlv, extendlv: logical volumes made, removed, made larger.

Source: manual pages of the three; transcripts extendlv/*, rmfs/01.
"""

from __future__ import annotations

from typing import Dict, List, Optional

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.chvg import refused, require_lv
from drboot.sim.lvm import FoundLv, LvmError
from drboot.sim.world import new_lv

# Source: the manual pages' synopses.
USAGE_MK = """Usage: mklv [-a position] [-b y|n] [-c copies] [-d schedpolicy] [-e range] [-i] [-L label]
        [-m mapfile] [-o y|n] [-r y|n] [-s y|n|s] [-t type] [-u upperbound] [-v y|n] [-w y|n]
        [-x maximum] [-y newlvname | -Y prefix] [-S stripsize] [-U userid] [-G groupid] [-P modes]
        vgname number [pvname ...]"""
USAGE_RM = "Usage: rmlv [-B] [-f] [-p physicalvolume] lvname ..."
USAGE_EX = "Usage: extendlv [-a position] [-e range] [-m mapfile] [-s y|n|s] [-u upperbound] lvname number [pvname ...]"


def make_lv(ctx: Context, vg: str, name: str, kind: str, lps: int, copies: int = 1) -> FoundLv:
    """A new LV in a varied-on VG; LVM makes the name when it is "".  Raises LvmError."""
    vgda = lvm.require_active(ctx.world, vg, "mklv")
    entry = ctx.world["odm"]["vgs"][vg]
    if name in lvm.names_in_odm(ctx.world):
        raise LvmError(f"0516-360 mklv: {name}")  # id only
    name = name or lvm.new_lv_name(ctx.world, kind, iter(()))
    number = 1 + max([lv["number"] for lv in vgda["lvs"]], default=0)
    lv = new_lv(name, number=number, type=kind, lps=0, copies=copies, max_lps=max(512, lps))
    lvm.allocate(vgda, lv, lps)
    vgda["lvs"].append(lv)
    entry["lvs"].append(name)
    lvm.make_lv_nodes(ctx, entry, lv)
    return FoundLv(entry, vgda, lv)


def remove_lv(ctx: Context, found: FoundLv) -> None:
    """The LV and what is on it are gone.  Raises LvmError while it is open."""
    name = found.lv["name"]
    if lvm.is_open(ctx.world, found.lv):
        raise LvmError(f"0516-1008 rmlv: {name}")  # id only
    if found.lv["fs"] is not None:
        mounts.drop_tree(ctx, found.lv["fs"])
    found.vgda["lvs"].remove(found.lv)
    found.vg["lvs"] = [one for one in found.vg["lvs"] if one != name]
    lvm.remove_lv_nodes(ctx, name)


def _lps(ctx: Context, vg: str, text: str, usage: str) -> int:
    """A number of LPs, or a size such as 512M or 2G rounded up to whole ones.  Source: mklv manual page."""
    unit = {"M": 1, "G": 1024}.get(text[-1:].upper())
    number = text[:-1] if unit else text
    if not number.isdigit() or int(number) == 0:
        raise Usage(usage)
    if unit is None:
        return int(number)
    return -(-int(number) * unit // lvm.require_active(ctx.world, vg, "mklv")["pp_size"])


def mklv(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "a:b:c:d:e:iL:m:o:r:s:t:u:v:w:x:y:Y:S:U:G:P:", USAGE_MK)
    if len(names) < 2:
        raise Usage(USAGE_MK)

    return refused(ctx, _make, names[0], names[1], flags)


def _make(ctx: Context, vg: str, amount: str, flags: Dict[str, List[str]]) -> None:
    name = flags["y"][-1] if "y" in flags else ""
    copies = int(flags["c"][-1]) if "c" in flags else 1
    kind = flags["t"][-1] if "t" in flags else "jfs"
    found = make_lv(ctx, vg, name, kind, _lps(ctx, vg, amount, USAGE_MK), copies)
    if "L" in flags:
        found.lv["label"] = flags["L"][-1]
    if "x" in flags:
        found.lv["max_lps"] = int(flags["x"][-1])
    ctx.out(found.lv["name"])


def rmlv(ctx: Context, args: List[str]) -> int:
    flags, names = options([one for one in args if one], "Bfp:", USAGE_RM)
    if not names:
        raise Usage(USAGE_RM)
    answers = iter(ctx.stdin.split())

    return max(refused(ctx, _remove, name, "f" in flags or next(answers, "n") in ("y", "yes")) for name in names)


def _remove(ctx: Context, name: str, agreed: bool) -> None:
    found = require_lv(ctx, name, "getlvodm")
    if not agreed:
        raise LvmError(f"rmlv: {name}")
    remove_lv(ctx, found)
    ctx.out(f"rmlv: Logical volume {name} is removed.")


def extendlv(ctx: Context, args: List[str]) -> int:
    names = options(args, "a:e:m:s:u:", USAGE_EX)[1]
    if len(names) < 2:
        raise Usage(USAGE_EX)
    return refused(ctx, _extend, names[0], names[1], names[2:])


def _extend(ctx: Context, name: str, amount: str, hdisks: List[str]) -> None:
    """Source: transcript extendlv/02: absent PVs are told of and left out."""
    found = require_lv(ctx, name, "getlvodm")
    for pv in found.vgda["pvs"]:
        if pv["state"] != "active":
            hdisk = lvm.name_of_pvid(ctx.world, pv["pvid"]) or pv["pvid"]
            ctx.err(f"lquerypv: Warning, physical volume {hdisk} is excluded since it may be")
            ctx.err("        either missing or removed.")
    on: Optional[List[str]] = [lvm.odm_pvid(ctx.world, hdisk) for hdisk in hdisks] or None
    lvm.allocate(found.vgda, found.lv, _lps(ctx, found.vg["name"], amount, USAGE_EX), on)
