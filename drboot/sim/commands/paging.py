"""lsps, swapon, swapoff, sysdumpdev: paging spaces and dump devices.

Source: transcripts lsps/*, sysdumpdev/01; manual pages of the four.
"""

from __future__ import annotations

from typing import List, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.chvg import refused
from drboot.sim.lvm import FoundLv, LvmError

SWAPSPACES = "/etc/swapspaces"

# Source: the manual pages' synopses.
USAGE_LSPS = "Usage: lsps {-s | [-c | -l] {-a | -t lv|nfs|ps_helper | psname}}"
USAGE_ON = "Usage: swapon {-a | device ...}"
USAGE_OFF = "Usage: swapoff device ..."
USAGE_DUMP = "Usage: sysdumpdev [-P {-p device | -s device}] [-l] [-K | -k] [-D directory | -d directory] [-e]"


def _spaces(ctx: Context) -> List[FoundLv]:
    """Paging LVs of varied-on VGs, the youngest first.  Source: transcripts lsps/05, lsps/06 (order)."""
    found: List[FoundLv] = []
    for entry in ctx.world["odm"]["vgs"].values():
        vgda = lvm.site_vgdas(ctx.world).get(entry["vgid"])
        if vgda is not None and entry["name"] in ctx.world["kernel"]["varied_on"]:
            found.extend(FoundLv(entry, vgda, lv) for lv in vgda["lvs"] if lv["type"] == "paging")
    return found[::-1]


def _megabytes(space: FoundLv) -> int:
    return space.lv["lps"] * space.vgda["pp_size"]


def _is_active(ctx: Context, space: FoundLv) -> bool:
    return space.lv["name"] in ctx.world["kernel"]["active_paging"]


def _automatic(ctx: Context) -> List[str]:
    """Names of the paging spaces that ``swapon -a`` takes: the stanzas of /etc/swapspaces."""
    return [stanza.point for stanza in mounts.parse(ctx.read(SWAPSPACES) or "")]


# ---------------------------------------------------------------- lsps


def lsps(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "aslct:", USAGE_LSPS)
    if "s" in flags:
        if set(flags) != {"s"} or names:
            raise Usage(USAGE_LSPS)
        _summary(ctx)
        return 0
    if bool(names) + ("a" in flags) + ("t" in flags) != 1:
        raise Usage(USAGE_LSPS)
    spaces = _spaces(ctx) if flags.get("t", ["lv"])[-1] == "lv" else []
    if names:
        spaces = [space for space in spaces if space.lv["name"] in names]
        if not spaces:
            ctx.err(f"0517-066 lsps: {names[0]}")  # id only
            return 1
    _table(ctx, spaces, "c" in flags)
    return 0


def _summary(ctx: Context) -> None:
    """Source: transcript lsps/01."""
    active = [space for space in _spaces(ctx) if _is_active(ctx, space)]
    total = sum(_megabytes(space) for space in active)
    used = sum(_used(ctx, space) * _megabytes(space) for space in active)
    ctx.out(" Total Paging Space   Percent Used")
    ctx.out(f"      {total}MB{used // total if total else 0:>16}%")


def _used(ctx: Context, space: FoundLv) -> int:
    return ctx.world["kernel"]["paging_used"].get(space.lv["name"], 0) if _is_active(ctx, space) else 0


def _table(ctx: Context, spaces: List[FoundLv], colons: bool) -> None:
    """Source: transcripts lsps/05 (6.1) and lsps/06 (7.x, wider columns)."""
    wide = int(ctx.world["odm"]["oslevel"][:4]) >= 7100
    if colons:
        ctx.out("#Psname:Pvname:Vgname:Size:Used:Active:Auto:Type:Chksum")
    elif wide:
        ctx.out("Page Space      Physical Volume   Volume Group    Size %Used   Active    Auto    Type   Chksum")
    else:
        ctx.out("Page Space      Physical Volume   Volume Group Size %Used Active  Auto  Type Chksum")
    for space in spaces:
        for pvid in dict.fromkeys(extent[0] for extent in space.lv["extents"]):
            name, hdisk = space.lv["name"], lvm.name_of_pvid(ctx.world, pvid) or pvid
            size = lvm.total(lvm.extents_on(space.lv, pvid)) * space.vgda["pp_size"]
            active = "yes" if _is_active(ctx, space) else "no"
            automatic = "yes" if name in _automatic(ctx) else "no"
            if colons:
                pps = lvm.total(lvm.extents_on(space.lv, pvid))
                used = _used(ctx, space)
                flags = f"{active[0]}:{automatic[0]}"
                ctx.out(f"{name}:{hdisk}:{space.vg['name']}:{pps}:{used}:{flags}:lv:0")
                continue
            width = 8 if wide else 6
            left = f"{name:<16}{hdisk:<18}{space.vg['name']:<12}{str(size) + 'MB':>8}{_used(ctx, space):>6}"
            ctx.out(f"{left}{active:>{width}}{automatic:>{width}}{'lv':>{width}}{0:>{width}}")


# ---------------------------------------------------------------- swapon, swapoff


def swapon(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "a", USAGE_ON)
    if bool(names) == ("a" in flags):
        raise Usage(USAGE_ON)
    known = {space.lv["name"]: space for space in _spaces(ctx)}
    wanted = _automatic(ctx) if "a" in flags else [name.rpartition("/")[2] for name in names]
    rc = 0
    for name in wanted:
        if name not in known:
            ctx.err(f"swapon: 0517-075 /dev/{name}")  # id only
            rc = 1
        elif name not in ctx.world["kernel"]["active_paging"]:
            ctx.world["kernel"]["active_paging"].append(name)
    return rc


def swapoff(ctx: Context, args: List[str]) -> int:
    _, names = options(args, "", USAGE_OFF)
    if not names:
        raise Usage(USAGE_OFF)
    return max(refused(ctx, _swap_off, name.rpartition("/")[2]) for name in names)


def _swap_off(ctx: Context, name: str) -> None:
    active = ctx.world["kernel"]["active_paging"]
    if name not in active:
        raise LvmError(f"swapoff: 0517-082 /dev/{name}")  # id only
    active.remove(name)


# ---------------------------------------------------------------- sysdumpdev

# [key, label, default].  Source: transcript sysdumpdev/01; "dump compression" is ON and the type traditional on 6.1.
_DUMP: Tuple[Tuple[str, str, str], ...] = (
    ("primary", "primary", "/dev/sysdumpnull"),
    ("secondary", "secondary", "/dev/sysdumpnull"),
    ("copy_directory", "copy directory", "/var/adm/ras"),
    ("forced_copy", "forced copy flag", "TRUE"),
    ("always_allow", "always allow dump", "FALSE"),
    ("compression", "dump compression", "ON"),
    ("type", "type of dump", "traditional"),
)


def sysdumpdev(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "Pp:s:lKkD:d:e", USAGE_DUMP)
    if names or not flags:
        raise Usage(USAGE_DUMP)
    dump = ctx.world["odm"]["dump"]
    for flag, key, value in (
        ("p", "primary", ""), ("s", "secondary", ""), ("D", "copy_directory", ""), ("d", "copy_directory", ""),
        ("K", "always_allow", "TRUE"), ("k", "always_allow", "FALSE"),
    ):  # fmt: skip
        if flag in flags:
            dump[key] = value or flags[flag][-1]
    for key, label, default in _DUMP:
        tabs = "\t" if len(label) > 15 else "\t\t"
        ctx.out(f"{label} {tabs}{dump.get(key, default)}")
    return 0
