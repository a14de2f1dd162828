"""lsps, mkps, chps, rmps, swapon, swapoff, sysdumpdev: paging spaces and dump devices.

Source: transcripts lsps/*, sysdumpdev/01; manual pages of the seven.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.chvg import refused
from drboot.sim.commands.mklv import make_lv, remove_lv
from drboot.sim.lvm import FoundLv, LvmError

SWAPSPACES = lvm.SWAPSPACES

# Source: the manual pages' synopses.
USAGE_LSPS = "Usage: lsps {-s | [-c | -l] {-a | -t lv|nfs|ps_helper | psname}}"
USAGE_MK = "Usage: mkps [-t lv] [-a] [-n] [-c ChksumSize] -s LogicalPartitions VolumeGroup [PhysicalVolume]"
USAGE_CH = "Usage: chps [-s LogicalPartitions | -d LogicalPartitions] [-f] [-c ChksumSize] [-a {y | n}] PagingSpace"
USAGE_RM = "Usage: rmps PagingSpace"
USAGE_ON = "Usage: swapon {-a | device ...}"
USAGE_OFF = "Usage: swapoff device ..."
USAGE_DUMP = """Usage: sysdumpdev -P {-p device | -s device} [-q] [-i]
       sysdumpdev [-p device | -s device] [-q]
       sysdumpdev [-d directory | -D directory | -e | [-k | -K] | -l | -q]
       sysdumpdev -t {traditional | fw-assisted}"""


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
    return lvm.automatic_paging(ctx)


def _checksum(ctx: Context, name: str) -> str:
    for stanza in mounts.parse(ctx.read(SWAPSPACES) or ""):
        if stanza.point == name:
            return stanza.get("checksum_size") or "0"
    return "0"


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
            checksum = _checksum(ctx, name)
            if colons:
                pps = lvm.total(lvm.extents_on(space.lv, pvid))
                used = _used(ctx, space)
                flags = f"{active[0]}:{automatic[0]}"
                ctx.out(f"{name}:{hdisk}:{space.vg['name']}:{pps}:{used}:{flags}:lv:{checksum}")
                continue
            width = 8 if wide else 6
            left = f"{name:<16}{hdisk:<18}{space.vg['name']:<12}{str(size) + 'MB':>8}{_used(ctx, space):>6}"
            ctx.out(f"{left}{active:>{width}}{automatic:>{width}}{'lv':>{width}}{checksum:>{width}}")


# ---------------------------------------------------------------- mkps, chps, rmps


def mkps(ctx: Context, args: List[str]) -> int:
    """A paging LV, and its stanza in /etc/swapspaces; -a: also used after a restart, -n: used from now on."""
    flags, names = options(args, "t:anc:s:", USAGE_MK)
    amount = flags.get("s", [""])[-1]
    if not names or not amount.isdigit() or not int(amount) or flags.get("t", ["lv"])[-1] != "lv":
        raise Usage(USAGE_MK)
    return refused(ctx, _make, names[0], int(amount), flags)


def _make(ctx: Context, vg: str, lps: int, flags: Dict[str, List[str]]) -> None:
    name = make_lv(ctx, vg, "", "paging", lps).lv["name"]
    stanza = {"dev": "/dev/" + name, "auto": "yes" if "a" in flags else "no"}
    stanza["checksum_size"] = flags.get("c", ["0"])[-1]
    mounts.add_stanza(ctx, name, stanza, SWAPSPACES)
    if "n" in flags:
        ctx.world["kernel"]["active_paging"].append(name)
    ctx.out(name)


def chps(ctx: Context, args: List[str]) -> int:
    """Source: chps manual page: -a y|n changes /etc/swapspaces, and not what is in use now."""
    flags, names = options(args, "t:s:d:fc:a:", USAGE_CH)
    if len(names) != 1 or not flags or flags.get("a", ["y"])[-1] not in ("y", "n"):
        raise Usage(USAGE_CH)
    return refused(ctx, _change, names[0], flags)


def _change(ctx: Context, name: str, flags: Dict[str, List[str]]) -> None:
    space = _known(ctx, name, "chps")
    changes = {}
    if "a" in flags:
        changes["auto"] = "yes" if flags["a"][-1] == "y" else "no"
    if "c" in flags:
        changes["checksum_size"] = flags["c"][-1]
    if all(stanza.point != name for stanza in mounts.parse(ctx.read(SWAPSPACES) or "")):
        mounts.add_stanza(ctx, name, {"dev": "/dev/" + name, "auto": "no"}, SWAPSPACES)
    mounts.change_stanza(ctx, name, changes, file=SWAPSPACES)
    if "s" in flags:
        lvm.allocate(space.vgda, space.lv, int(flags["s"][-1]))
    if "d" in flags:
        lvm.release(space.lv, int(flags["d"][-1]))


def rmps(ctx: Context, args: List[str]) -> int:
    """Source: rmps manual page: an inactive one only; its LV and its stanza go."""
    names = options(args, "", USAGE_RM)[1]
    if len(names) != 1:
        raise Usage(USAGE_RM)
    return refused(ctx, _remove, names[0])


def _remove(ctx: Context, name: str) -> None:
    space = _known(ctx, name, "rmps")
    remove_lv(ctx, space)
    mounts.remove_stanza(ctx, name, SWAPSPACES)
    ctx.out(f"rmlv: Logical volume {name} is removed.")


def _known(ctx: Context, name: str, command: str) -> FoundLv:
    for space in _spaces(ctx):
        if space.lv["name"] == name:
            return space
    raise LvmError(f"{command}: 0517-066 {name}")  # id only


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

# [key, label].  Source: transcript sysdumpdev/01.
_DUMP: Tuple[Tuple[str, str], ...] = (
    ("primary", "primary"),
    ("secondary", "secondary"),
    ("copy_directory", "copy directory"),
    ("forced_copy", "forced copy flag"),
    ("always_allow", "always allow dump"),
    ("compression", "dump compression"),
    ("type", "type of dump"),
)


def sysdumpdev(ctx: Context, args: List[str]) -> int:
    """-p and -s change what the kernel uses until the next start, with -P also what every later start uses.

    Without a flag the kernel uses what the ODM (SWservAt) says.  Source: sysdumpdev manual page.
    Assumed: a device that is no LV, or is in a VG that is not varied on, is refused; no text of that is public.
    """
    flags, names = options(args, "Pp:s:lKkD:d:eqit:", USAGE_DUMP)
    if names or ("P" in flags and not {"p", "s"} & set(flags)) or ("q" in flags and "l" in flags):
        raise Usage(USAGE_DUMP)
    if flags.get("t", ["traditional"])[-1] not in ("traditional", "fw-assisted"):
        raise Usage(USAGE_DUMP)
    chosen = {key: flags[flag][-1] for flag, key in (("p", "primary"), ("s", "secondary")) if flag in flags}
    for device in chosen.values():
        if not lvm.can_dump_to(ctx.world, device):
            ctx.err(f"sysdumpdev: {device}")
            return 1
    stored, running = ctx.world["odm"]["dump"], ctx.world["kernel"]["dump"]
    if not flags:
        lvm.dump_devices_of_odm(ctx.world)
    for key, device in chosen.items():
        running[key] = device
        if "P" in flags:
            stored[key] = device
        if device == stored.get(key, lvm.NO_DUMP):
            del running[key]
    for flag, key, value in (
        ("D", "copy_directory", ""), ("d", "copy_directory", ""), ("K", "always_allow", "TRUE"),
        ("k", "always_allow", "FALSE"), ("t", "type", ""),
    ):  # fmt: skip
        if flag in flags:
            stored[key] = value or flags[flag][-1]
    if "D" in flags or "d" in flags:
        stored["forced_copy"] = "TRUE" if "D" in flags else "FALSE"
    if "q" not in flags:
        for key, label in _DUMP:
            tabs = "\t" if len(label) > 15 else "\t\t"
            ctx.out(f"{label} {tabs}{lvm.dump_setting(ctx.world, key)}")
    return 0
