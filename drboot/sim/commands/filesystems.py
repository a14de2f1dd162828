"""lsfs, lsvgfs, chfs, crfs, rmfs: /etc/filesystems and the file systems on LVs.

Source: transcripts lsfs/*, chfs/*, crfs/*, rmfs/*; manual pages of the five.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import Dict, List, Optional, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.chvg import refused
from drboot.sim.commands.mklv import make_lv, remove_lv
from drboot.sim.lvm import FoundLv, LvmError
from drboot.sim.mounts import Stanza
from drboot.sim.world import Filesystem, new_filesystem

# Source: the manual pages' synopses.
USAGE_LS = "Usage: lsfs [-q] [-c | -l] [-a | -v vfstype | -u mountgroup | filesystem ...]"
USAGE_CH = """Usage: chfs [-n nodename] [-m newmtpt] [-u mountgroup] [-A yes|no] [-p ro|rw] [-t yes|no]
        [-a attribute=value]... [-d attribute]... filesystem"""
USAGE_CR = """Usage: crfs -v vfs {-g volumegroup | -d device} [-l logpartitions] -m mountpoint
        [-u mountgroup] [-A yes|no] [-p ro|rw] [-a attribute=value]... [-n nodename] [-t yes|no]"""
USAGE_RM = "Usage: rmfs [-r | -i] filesystem"
USAGE_VGFS = "Usage: lsvgfs vgname"


# ---------------------------------------------------------------- lsfs


def lsfs(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "qclav:u:", USAGE_LS)
    if "c" in flags and "l" in flags:
        raise Usage(USAGE_LS)
    rc, chosen = 0, []
    for stanza in mounts.stanzas(ctx):
        if "v" in flags and stanza.get("vfs") != flags["v"][-1]:
            continue
        if "u" in flags and stanza.get("type") != flags["u"][-1]:
            continue
        chosen.append(stanza)
    if names:
        chosen, rc = _named(ctx, names)
    if chosen and "c" in flags:
        ctx.out("#MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct")
    elif chosen:
        ctx.out("Name            Nodename   Mount Pt               VFS   Size    Options    Auto Accounting")
    for stanza in chosen:
        (_colon_row if "c" in flags else _row)(ctx, stanza)
        if "q" in flags and not _query(ctx, stanza, "c" in flags):
            rc = 1
    return rc


def _named(ctx: Context, names: List[str]) -> Tuple[List[Stanza], int]:
    """The stanzas of these mount points or devices.

    Source: community.general aix_filesystem relies on exit status 1 and "No record matching".
    """
    chosen, rc = [], 0
    for name in names:
        found = mounts.find_stanza(ctx, name)
        if found is None:
            ctx.err(f"lsfs: 0506-915 No record matching {name} was found in {mounts.FILESYSTEMS}.")
            rc = 1
        else:
            chosen.append(found)
    return chosen, rc


def _found(ctx: Context, stanza: Stanza) -> Optional[FoundLv]:
    """The LV behind a stanza, when its VG is varied on and its device file is there."""
    if stanza.get("nodename") or mounts.device_error(ctx, stanza.device):
        return None
    return lvm.find_lv(ctx.world, stanza.device)


def _size(ctx: Context, stanza: Stanza) -> str:
    """512-byte blocks, "" when the device cannot be read."""
    found = _found(ctx, stanza)
    return str(found.lv["fs"]["size"]) if found and found.lv["fs"] else ""


def _yes(value: str) -> str:
    return "yes" if value in ("true", "automatic", "yes") else "no"


def _row(ctx: Context, stanza: Stanza) -> None:
    cells = [
        (stanza.device, 15),
        (stanza.get("nodename") or "--", 10),
        (stanza.point, 22),
        (stanza.get("vfs"), 5),
        (_size(ctx, stanza) or "--", 7),
        (stanza.get("options") or "--", 10),
        (_yes(stanza.get("mount")), 4),
    ]
    ctx.out("".join(f"{text:<{width}} " for text, width in cells) + _yes(stanza.get("account")))


def _colon_row(ctx: Context, stanza: Stanza) -> None:
    """Source: transcripts lsfs/03 and 04: no options read "rw" here, and a pseudo file system has size 0."""
    size = _size(ctx, stanza) or ("0" if not stanza.device.startswith("/dev/") and not stanza.get("nodename") else "")
    fields = [stanza.point, stanza.device, stanza.get("vfs"), stanza.get("nodename"), stanza.get("type"), size]
    fields += [stanza.get("options") or "rw", _yes(stanza.get("mount")), _yes(stanza.get("account"))]
    ctx.out(":".join(fields))


def _query(ctx: Context, stanza: Stanza, colons: bool) -> bool:
    """The -q row; False when a device that must be read cannot be.  Source: transcripts lsfs/04, 07, 08."""
    if stanza.get("vfs") not in lvm.JOURNALED or stanza.get("nodename"):
        return True
    found = _found(ctx, stanza)
    if found is None or found.lv["fs"] is None:
        reason = mounts.device_error(ctx, stanza.device) or mounts.BAD_FORMAT
        ctx.err(f"{stanza.device}: {reason}")
        ctx.err(f"The volume group of {stanza.device}  may be varied off.")
        return False
    pairs = _superblock(ctx, found, found.lv["fs"])
    if colons:
        ctx.out("(" + ":".join(f"{key} {value}" for key, value in pairs) + ")")
    else:
        ctx.out("  (" + ", ".join(f"{key}: {value}" for key, value in pairs) + ")")
    return True


def _superblock(ctx: Context, found: FoundLv, fs: Filesystem) -> List[Tuple[str, object]]:
    lv_size = found.lv["lps"] * found.vgda["pp_size"] * 2048
    rows: List[Tuple[str, object]] = [("lv size", lv_size), ("fs size", fs["size"])]
    if fs["vfs"] == "jfs":
        rows += [("frag size", fs["block_size"]), ("nbpi", 4096), ("compress", "no"), ("bf", "false"), ("ag", 8)]
        return rows
    rows += [("block size", fs["block_size"]), ("sparse files", "yes")]
    rows += [("inline log", "yes" if fs["inline_log"] else "no"), ("inline log size", fs["inline_log"])]
    rows += [("EAformat", fs["ea_format"]), ("Quota", "no"), ("DMAPI", "no"), ("VIX", "yes"), ("EFS", "no")]
    rows += [("ISNAPSHOT", "no"), ("MAXEXT", 0), ("MountGuard", "yes" if fs["guard"] else "no")]
    if int(ctx.world["odm"]["oslevel"][:4]) >= 7200:
        rows.append(("LFF", "no"))
    return rows


def lsvgfs(ctx: Context, args: List[str]) -> int:
    """The mount points of the file systems of a VG.  Source: lsvgfs manual page."""
    if len(args) != 1 or args[0].startswith("-"):
        raise Usage(USAGE_VGFS)
    return refused(ctx, _list_vg, args[0])


def _list_vg(ctx: Context, vg: str) -> None:
    lvm.require_vg(ctx.world, vg, "lsvgfs")
    vgda = lvm.vgda_of(ctx.world, vg)
    devices = {"/dev/" + lv["name"] for lv in vgda["lvs"]} if vgda else set()
    for stanza in mounts.stanzas(ctx):
        if stanza.device in devices:
            ctx.out(stanza.point)


# ---------------------------------------------------------------- sizes


def blocks(text: str, now: int, usage: str) -> int:
    """The size in 512-byte blocks that ``size=`` asks for: +30G, 1G, 163840.  Source: chfs manual page."""
    match = re.fullmatch(r"([+-]?)(\d+)([KMG]?)", text)
    if match is None:
        raise Usage(usage)
    amount = int(match.group(2)) * {"": 1, "K": 2, "M": 2048, "G": 2097152}[match.group(3)]
    return {"": amount, "+": now + amount, "-": now - amount}[match.group(1)]


def _kilobytes(size: int) -> int:
    """What crfs calls total disk space: the size without jfs2's own 204 KB and 4 KB per 128 MB.

    Source: transcript crfs/01 (3 GB leave 3145428 KB); the rule is assumed.
    """
    megabytes = size // 2048
    return size // 2 - 204 - 4 * -(-megabytes // 128)


def _attributes(flags: Dict[str, List[str]], usage: str) -> Dict[str, str]:
    found = {}
    for item in flags.get("a", []):
        key, equals, value = item.partition("=")
        if not equals:
            raise Usage(usage)
        found[key] = value
    return found


def _stanza_changes(flags: Dict[str, List[str]], usage: str) -> Dict[str, str]:
    """What -A, -p, -t, -u and -n make of a stanza's attributes."""
    changes = {}
    for flag, key in (("A", "mount"), ("t", "account")):
        if flag in flags:
            if flags[flag][-1] not in ("yes", "no"):
                raise Usage(usage)
            changes[key] = "true" if flags[flag][-1] == "yes" else "false"
    if "p" in flags:
        if flags["p"][-1] not in ("ro", "rw"):
            raise Usage(usage)
        changes["options"] = flags["p"][-1]
    for flag, key in (("u", "type"), ("n", "nodename")):
        if flag in flags:
            changes[key] = flags[flag][-1]
    return changes


def _record(ctx: Context, point: str) -> None:
    """The LVCB follows the stanza, as far as its VG is varied on."""
    stanza = mounts.find_stanza(ctx, point)
    found = _found(ctx, stanza) if stanza else None
    if stanza is not None and found is not None:
        found.lv["label"] = point
        found.lv["stanza"] = {key: value for key, value in stanza.attributes.items() if key != "dev"}


# ---------------------------------------------------------------- chfs


def chfs(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "n:m:u:A:p:t:a:d:", USAGE_CH)
    if len(names) != 1 or not flags:
        raise Usage(USAGE_CH)
    return refused(ctx, _change, names[0], flags)


def _change(ctx: Context, name: str, flags: Dict[str, List[str]]) -> None:
    stanza = mounts.find_stanza(ctx, name)
    if stanza is None:
        raise LvmError(f"chfs: 0506-915 No record matching {name} was found in {mounts.FILESYSTEMS}.")
    attributes = _attributes(flags, USAGE_CH)
    changes = _stanza_changes(flags, USAGE_CH)
    changes.update(dict.fromkeys(flags.get("d", []), ""))
    size, guard = attributes.pop("size", ""), attributes.pop("mountguard", "")
    changes.update({"log" if key == "logname" else key: value for key, value in attributes.items()})
    point = stanza.point
    new_point = flags["m"][-1] if "m" in flags else point
    if changes or new_point != point:
        mounts.change_stanza(ctx, point, changes, new_point)
        _record(ctx, new_point)
    if guard:
        _guard(ctx, stanza, new_point, guard)
    if size:
        _resize(ctx, stanza, size)


def _require_fs(ctx: Context, stanza: Stanza) -> Tuple[FoundLv, Filesystem]:
    found = _found(ctx, stanza)
    if found is None or found.lv["fs"] is None:
        reason = mounts.device_error(ctx, stanza.device) or mounts.BAD_FORMAT
        raise LvmError(f"{stanza.device}: {reason}")
    return found, found.lv["fs"]


def _guard(ctx: Context, stanza: Stanza, point: str, value: str) -> None:
    """Source: transcripts chfs/02, chfs/03."""
    if value not in ("yes", "no"):
        raise Usage(USAGE_CH)
    _, fs = _require_fs(ctx, stanza)
    fs["guard"] = value == "yes"
    if value == "yes":
        if mounts.mounted_at(ctx.world, stanza.point):
            fs["guarded_by"] = ctx.world["firmware"]["uname_m"]
        ctx.out(f"{point} is now guarded against concurrent mounts.")
    else:
        fs["guarded_by"] = ""
        ctx.out(f"{point} is no longer guarded against concurrent mounts.")


def _resize(ctx: Context, stanza: Stanza, text: str) -> None:
    """The size is rounded up to whole LPs.  Source: transcript chfs/01; community.general for the unchanged size."""
    found, fs = _require_fs(ctx, stanza)
    per_lp = found.vgda["pp_size"] * 2048
    wanted = blocks(text, fs["size"], USAGE_CH)
    lps = -(-wanted // per_lp)
    size = lps * per_lp
    if size == fs["size"]:
        ctx.out(f"The filesystem size is already {size}.")
        return
    if lps > found.lv["lps"]:
        lvm.allocate(found.vgda, found.lv, lps - found.lv["lps"])
    elif lps < found.lv["lps"]:
        lvm.release(found.lv, found.lv["lps"] - lps)
    fs["size"] = size
    ctx.out(f"Filesystem size changed to {size}")


# ---------------------------------------------------------------- crfs


def crfs(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "v:g:d:l:m:u:A:p:a:n:t:", USAGE_CR)
    if names or "v" not in flags or "m" not in flags or ("g" in flags) == ("d" in flags):
        raise Usage(USAGE_CR)
    return refused(ctx, _create, flags)


def _create(ctx: Context, flags: Dict[str, List[str]]) -> None:
    vfs, point = flags["v"][-1], flags["m"][-1]
    attributes = _attributes(flags, USAGE_CR)
    if vfs not in lvm.JOURNALED or not point.startswith("/"):
        raise Usage(USAGE_CR)
    if any(stanza.point == point for stanza in mounts.stanzas(ctx)):
        raise LvmError(f"crfs: 0506-909 {point}")  # id only
    found = _device(ctx, flags, vfs, attributes)
    log = _log(ctx, found, vfs, attributes)
    size = found.lv["lps"] * found.vgda["pp_size"] * 2048
    inline = max(1, found.lv["lps"] * found.vgda["pp_size"] // 256) if log == "INLINE" else 0
    found.lv["type"] = vfs
    found.lv["fs"] = new_filesystem(
        vfs=vfs, size=size, inline_log=inline, guard=attributes.get("mountguard") == "yes",
        block_size=int(attributes.get("agblksize", "4096")), ea_format=attributes.get("ea", "v1"),
    )  # fmt: skip
    stanza = {"dev": "/dev/" + found.lv["name"], "vfs": vfs, "log": log}
    stanza.update({"mount": "false", "options": "rw", "account": "false", **_stanza_changes(flags, USAGE_CR)})
    mounts.add_stanza(ctx, point, stanza)
    _record(ctx, point)
    target = ctx.path(point)
    with contextlib.suppress(FileExistsError):
        os.makedirs(target)
        ctx.wrote_files = True
    ctx.out("File system created successfully.")
    ctx.out(f"{_kilobytes(size)} kilobytes total disk space.")
    ctx.out(f"New File System size is {size}")


def _device(ctx: Context, flags: Dict[str, List[str]], vfs: str, attributes: Dict[str, str]) -> FoundLv:
    if "d" in flags:
        found = lvm.find_lv(ctx.world, flags["d"][-1])
        if found is None:
            raise LvmError(f"crfs: 0506-908 {flags['d'][-1]}")  # id only
        if lvm.is_open(ctx.world, found.lv):
            raise LvmError(f"crfs: {found.lv['name']}: {mounts.BUSY}")
        return found
    vg = flags["g"][-1]
    vgda = lvm.require_active(ctx.world, vg, "crfs")
    per_lp = vgda["pp_size"] * 2048
    if "l" in flags:
        lps = int(flags["l"][-1])
    elif "size" in attributes:
        lps = -(-blocks(attributes["size"], 0, USAGE_CR) // per_lp)
    else:
        raise Usage(USAGE_CR)
    return make_lv(ctx, vg, "", vfs, lps)


def _log(ctx: Context, found: FoundLv, vfs: str, attributes: Dict[str, str]) -> str:
    """The log device: the named one, else the VG's first, else a new LV of one LP."""
    named = attributes.get("logname", "")
    if named.upper() == "INLINE":
        return "INLINE"
    if named:
        return named if named.startswith("/dev/") else "/dev/" + named
    kind = "jfs2log" if vfs == "jfs2" else "jfslog"
    for lv in found.vgda["lvs"]:
        if lv["type"] == kind:
            return "/dev/" + lv["name"]
    return "/dev/" + make_lv(ctx, found.vg["name"], "", kind, 1).lv["name"]


# ---------------------------------------------------------------- rmfs


def rmfs(ctx: Context, args: List[str]) -> int:
    """Empty arguments are skipped: AIX's rmfs is a shell script (aix_filesystem passes one)."""
    flags, names = options([one for one in args if one], "ri", USAGE_RM)
    if len(names) != 1:
        raise Usage(USAGE_RM)
    return refused(ctx, _delete, names[0], "r" in flags)


def _delete(ctx: Context, name: str, mount_point_too: bool) -> None:
    """Source: transcript rmfs/01."""
    stanza = mounts.find_stanza(ctx, name)
    if stanza is None:
        raise LvmError(f"rmfs: 0506-915 No record matching {name} was found in {mounts.FILESYSTEMS}.")
    if mounts.mounted_at(ctx.world, stanza.point):
        raise LvmError(f"rmfs: 0506-921 {stanza.point}")  # id only
    found = _found(ctx, stanza)
    mounts.remove_stanza(ctx, stanza.point)
    if found is not None:
        remove_lv(ctx, found)
        ctx.out(f"rmlv: Logical volume {found.lv['name']} is removed.")
    if mount_point_too:
        with contextlib.suppress(OSError):  # not empty, or not there: AIX leaves it too
            os.rmdir(ctx.path(stanza.point))
            ctx.wrote_files = True
