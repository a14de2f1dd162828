"""/etc/filesystems, and what mount and umount do, for the commands and for the boot alike.

Files of a data file system lie in ESTATE/trees/TREE and stay there.  While it is mounted, its mount point
is a symbolic link to that directory; what the mount point held before is set aside beside the LPAR's root.
So a power loss loses nothing, and a replica of the SAN is complete at any time.  Links that a power loss
left behind are removed at the next boot (``forget_trees``) and whenever a tree is mounted.
"""

from __future__ import annotations

import os
import shutil
import time
from typing import Dict, Iterator, List, Optional

from drboot.sim import lvm
from drboot.sim.command import Context, Hang
from drboot.sim.commands import reach
from drboot.sim.world import Filesystem, Lv, Mount, World

FILESYSTEMS = "/etc/filesystems"

# Endings that AIX takes from errno.  Source: transcripts mount/05, mount/07, umount/01, lsfs/07.
NO_FILE = "A file or directory in the path name does not exist."
NO_DEVICE = "There is a request to a device or address that does not exist."
BUSY = "The requested resource is busy."
LOCKED = "The file access permissions do not allow the specified action."  # Assumed: EACCES, for an LV without its key
BAD_FORMAT = "The media is not formatted or the format is not correct."


# ---------------------------------------------------------------- /etc/filesystems


class Stanza:
    """One mount point of /etc/filesystems.  ``first`` and ``last`` are the indices of its lines.

    No dataclass: each command is a process, and importing that module is a fifth of what it costs.
    """

    def __init__(self, point: str, attributes: Dict[str, str], first: int, last: int) -> None:
        self.point = point
        self.attributes = attributes
        self.first = first
        self.last = last

    def get(self, key: str) -> str:
        return self.attributes.get(key, "")

    @property
    def device(self) -> str:
        return self.get("dev")

    @property
    def is_automatic(self) -> bool:
        return self.get("mount") in ("true", "automatic")


def parse(text: str) -> List[Stanza]:
    """The stanzas of /etc/filesystems in file order.

    Source: a mount point and a colon at column 0, indented ``key = value``, comments start with ``*``.
    """
    found: List[Stanza] = []
    for number, line in enumerate(text.splitlines()):
        if line.startswith("*") or not line.strip():
            continue
        if not line[0].isspace():
            found.append(Stanza(line.rstrip().rstrip(":"), {}, number, number))
        elif found and "=" in line:
            key, _, value = line.partition("=")
            found[-1].attributes[key.strip()] = value.strip().strip('"')
            found[-1].last = number
    return found


def stanzas(ctx: Context) -> List[Stanza]:
    return parse(ctx.read(FILESYSTEMS) or "")


def find_stanza(ctx: Context, name: str) -> Optional[Stanza]:
    """The stanza of this mount point or device."""
    known = stanzas(ctx)
    for stanza in known:
        if stanza.point == name:
            return stanza
    return next((stanza for stanza in known if name and stanza.device == name), None)


def stanza_text(point: str, attributes: Dict[str, str]) -> str:
    rows = [f"{point}:"]
    for key, value in attributes.items():
        rows.append(f"\t{key}" + ("\t\t" if len(key) < 8 else "\t") + f"= {value}")
    return "\n".join(rows) + "\n"


def add_stanza(ctx: Context, point: str, attributes: Dict[str, str], file: str = FILESYSTEMS) -> None:
    text = ctx.read(file) or ""
    if text and not text.endswith("\n"):
        text += "\n"
    ctx.write(file, text + ("\n" if text else "") + stanza_text(point, attributes))


def remove_stanza(ctx: Context, point: str, file: str = FILESYSTEMS) -> None:
    """The stanza is gone, and the blank lines before it."""
    lines = (ctx.read(file) or "").splitlines(keepends=True)
    for stanza in parse("".join(lines)):
        if stanza.point == point:
            first = stanza.first
            while first and not lines[first - 1].strip():
                first -= 1
            del lines[first : stanza.last + 1]
            ctx.write(file, "".join(lines))
            return


def change_stanza(
    ctx: Context, point: str, changes: Dict[str, str], new_point: str = "", file: str = FILESYSTEMS
) -> None:
    """Attributes of a stanza are as given; an empty value removes one.  Other lines keep their text."""
    lines = (ctx.read(file) or "").splitlines(keepends=True)
    for stanza in parse("".join(lines)):
        if stanza.point != point:
            continue
        body = []
        for line in lines[stanza.first + 1 : stanza.last + 1]:
            if line.partition("=")[0].strip() not in changes or line.startswith("*"):
                body.append(line)
        added = {key: value for key, value in changes.items() if value}
        rows = stanza_text(new_point or point, added).splitlines(keepends=True)
        lines[stanza.first : stanza.last + 1] = [rows[0], *body, *rows[1:]]
        ctx.write(file, "".join(lines))
        return


def imported_stanza(lv: Lv, log: str) -> Dict[str, str]:
    """What importvg (imfs) writes for an LV, from its LVCB."""
    attributes = {"dev": "/dev/" + lv["name"], "vfs": lv["type"]}
    if log:
        attributes["log"] = log
    for key, value in lv["stanza"].items():
        attributes[key] = value
    attributes["dev"] = "/dev/" + lv["name"]
    return attributes


# ---------------------------------------------------------------- trees


def trees(root: str) -> str:
    """The store of all file systems' files in the estate of this LPAR; a replica's tree has a name of its own."""
    return os.path.join(lvm.estate_of(root), "trees")


def tree_of(ctx: Context, fs: Filesystem) -> str:
    """Where the files of a file system are."""
    return os.path.join(trees(ctx.root), fs["tree"])


def _covered(root: str, point: str) -> str:
    return os.path.join(root + ".covered", point.strip("/").replace("/", "\x01"))


def _links(directory: str, store: str) -> Iterator[str]:
    """Every symbolic link below ``directory`` that leads into the store of trees of any estate."""
    for where, directories, _ in os.walk(directory):
        for name in directories:
            path = os.path.join(where, name)
            if os.path.islink(path) and os.sep + os.path.basename(store) + os.sep in os.readlink(path):
                yield path


def _clear_links(directory: str, store: str) -> bool:
    links = list(_links(directory, store))
    for path in links:
        os.unlink(path)
        os.mkdir(path)
    return bool(links)


def forget_trees(ctx: Context) -> None:
    """After a power loss, or in a replica of a running rootvg: no mount point leads into a tree any more."""
    if _clear_links(ctx.root, trees(ctx.root)):
        ctx.wrote_files = True
    aside = ctx.root + ".covered"
    for name in os.listdir(aside) if os.path.isdir(aside) else []:
        target = ctx.path("/" + name.replace("\x01", "/"))
        if os.path.isdir(target) and not os.listdir(target):
            os.rmdir(target)
            os.rename(os.path.join(aside, name), target)


def _attach(ctx: Context, point: str, source: str) -> None:
    """The files of the tree are to be seen under the mount point."""
    os.makedirs(source, exist_ok=True)
    _clear_links(source, trees(ctx.root))
    target = ctx.path(point)
    if os.path.islink(target):
        os.unlink(target)
    elif os.listdir(target):
        os.makedirs(ctx.root + ".covered", exist_ok=True)
        os.rename(target, _covered(ctx.root, point))
    else:
        os.rmdir(target)
    os.symlink(source, target)
    ctx.wrote_files = True


def _detach(ctx: Context, point: str) -> None:
    target = ctx.path(point)
    if not os.path.islink(target):
        return
    os.unlink(target)
    if os.path.isdir(_covered(ctx.root, point)):
        os.rename(_covered(ctx.root, point), target)
    else:
        os.mkdir(target)
    ctx.wrote_files = True


def drop_tree(ctx: Context, fs: Filesystem) -> None:
    """The file system is removed or made anew: its files are gone."""
    if fs["tree"]:
        shutil.rmtree(tree_of(ctx, fs), ignore_errors=True)


# ---------------------------------------------------------------- mount


class MountFailed(Exception):
    """A mount or umount is refused.  ``lines`` go to standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def mounted_at(world: World, point: str) -> Optional[Mount]:
    """What is mounted over this directory, the most recent first."""
    return next((mount for mount in reversed(world["kernel"]["mounts"]) if mount["point"] == point), None)


def is_mounted(world: World, device: str, node: str = "") -> bool:
    return any(mount["device"] == device and mount["node"] == node for mount in world["kernel"]["mounts"])


def date_text(epoch: float) -> str:
    return time.strftime("%b %d %H:%M", time.localtime(epoch))


def device_error(ctx: Context, device: str) -> str:
    """Why this block device cannot be opened; "" when it can.

    Source: transcript lsfs/07: one text when the special file is missing, the other when the VG is varied off.
    """
    found = lvm.find_lv(ctx.world, device)
    active = ctx.world["kernel"]["varied_on"].get(found.vg["name"]) if found is not None else None
    if found is not None and found.lv["crypto"] == "locked":
        return LOCKED
    if active is not None and active.get("mode") != "management":  # varyonvg -s: LVs cannot be opened (manual)
        return ""
    return NO_DEVICE if ctx.exists(device) else NO_FILE


def _parent_without_tree(ctx: Context, point: str) -> Optional[Stanza]:
    """The deepest other data file system around the mount point, when it has no files of its own in the estate.

    Directories of such a file system are taken to be there when it is mounted, and not otherwise.
    """
    around = [stanza for stanza in stanzas(ctx) if point.startswith(stanza.point.rstrip("/") + "/")]
    around = [stanza for stanza in around if stanza.device.startswith("/dev/") and stanza.point != point]
    if not around:
        return None
    parent = max(around, key=lambda stanza: len(stanza.point))
    found = lvm.find_lv(ctx.world, parent.device)
    if found is None or found.vg["name"] == "rootvg" or found.lv["fs"] is None or found.lv["fs"]["tree"]:
        return None
    return parent


def _require_mount_point(ctx: Context, device: str, point: str) -> None:
    parent = _parent_without_tree(ctx, point)
    if parent is not None and mounted_at(ctx.world, parent.point):
        os.makedirs(ctx.path(point), exist_ok=True)
    elif parent is not None or not os.path.isdir(ctx.path(point)):
        raise MountFailed(f"mount: 0506-324 Cannot mount {device} on {point}: {NO_FILE}")


def _options_text(options: str, log: str, read_only: bool) -> str:
    """The options column: the given ones, rw or ro first, and the log last.  Source: transcript mount/02."""
    words = [word for word in options.split(",") if word and not word.startswith("log=")]
    words = [word for word in words if word not in ("rw", "ro", "noguard")]
    words.insert(0, "ro" if read_only else "rw")
    if log:
        words.append("log=" + log)
    return ",".join(words)


def mount_local(ctx: Context, device: str, point: str, vfs: str, options: str, log: str) -> None:
    """A local file system is mounted.  Prints ``Replaying log``; raises MountFailed."""
    world = ctx.world
    cannot = f"mount: 0506-324 Cannot mount {device} on {point}:"
    words = options.split(",")
    read_only = "ro" in words
    named = [word[4:] for word in words if word.startswith("log=")]
    if named:
        log = named[-1]
        _checked_log(ctx, log)  # before the device is looked at: transcript mount/09
    reason = device_error(ctx, device) if device.startswith("/dev/") else ""
    if reason:
        raise MountFailed(f"{cannot} {reason}")
    if is_mounted(world, device):
        raise MountFailed(f"{cannot} {BUSY}")
    _require_mount_point(ctx, device, point)
    found = lvm.find_lv(world, device)
    fs = found.lv["fs"] if found else None
    if found is not None and vfs in lvm.JOURNALED:
        if fs is None or fs["state"] == "corrupt":
            raise MountFailed(f"{cannot} {BAD_FORMAT}")
        log = _checked_log(ctx, "INLINE" if fs["inline_log"] else log)
        _check_guard(ctx, fs, device, point, words)
        _replay(ctx, fs, device, cannot, read_only)
    world["kernel"]["mounts"].append(
        {
            "node": "", "device": device, "point": point, "vfs": vfs, "date": date_text(ctx.now()),
            "options": _options_text(options, log, read_only),
        }
    )  # fmt: skip
    if fs is not None and not read_only:
        fs["state"] = "replay"  # until a clean umount
        if fs["guard"]:
            fs["guarded_by"] = world["firmware"]["uname_m"]
    if fs is not None and fs["tree"]:
        _attach(ctx, point, tree_of(ctx, fs))


def _checked_log(ctx: Context, log: str) -> str:
    """The log as the options column shows it.  Source: transcript mount/09 for a log that is none."""
    if log.upper() == "INLINE" or not log:
        return log.upper()
    found = lvm.find_lv(ctx.world, log) if log.startswith("/dev/") else None
    if found is None or found.lv["type"] not in lvm.LOGS or device_error(ctx, log):
        raise MountFailed(f"mount: 0506-323 Cannot get information about log device {log}.")
    return log


def _check_guard(ctx: Context, fs: Filesystem, device: str, point: str, options: List[str]) -> None:
    """Source: transcript mount/08 for the message, with two blanks before "on"."""
    elsewhere = fs["guarded_by"] not in ("", ctx.world["firmware"]["uname_m"])
    if fs["guard"] and elsewhere and "noguard" not in options:
        raise MountFailed(
            f"mount: {device}  on {point}",
            "0506-365 Cannot mount guarded filesystem.",
            "The filesystem is potentially mounted on another node.",
        )


def _replay(ctx: Context, fs: Filesystem, device: str, cannot: str, read_only: bool) -> None:
    """The log is replayed when the file system was not unmounted.  Source: transcript mount/05."""
    if fs["state"] == "clean" or (read_only and fs["state"] == "replay"):
        return
    ctx.out(f"Replaying log for {device}.")
    if fs["state"] == "dirty":
        raise MountFailed(
            f"{cannot} {BAD_FORMAT}", f"0506-342 The superblock on {device} is dirty. Run a full fsck to fix."
        )
    fs["state"] = "clean"


def nfs_server(ctx: Context, node: str) -> bool:
    """An NFS server with this name or address answers at this site, and the way to it is up."""
    address = node
    for line in (ctx.read("/etc/hosts") or "").splitlines():
        words = line.partition("#")[0].split()
        if node in words[1:]:
            address = words[0]
    prefix = ctx.world["firmware"]["site"] + "/"
    for network, hosts in ctx.world["san"]["networks"].items():
        for host in hosts if network.startswith(prefix) else []:
            if host["address"] == address and "nfs" in host["services"]:
                return reach.reachable(ctx, address)
    return False


def mount_nfs(ctx: Context, node: str, directory: str, point: str, options: str) -> None:
    """A directory of an NFS server is mounted; a server that does not answer lets a hard mount wait for ever.

    ``bg`` gives up the foreground after the first attempt, and ``soft`` the whole attempt.  How long "for ever"
    is here: variant ``nfs_hang_seconds``.
    """
    world = ctx.world
    if is_mounted(world, directory, node) and mounted_at(world, point):
        raise MountFailed(f"mount: 0506-324 Cannot mount {node}:{directory} on {point}: {BUSY}")
    _require_mount_point(ctx, f"{node}:{directory}", point)
    words = options.split(",")
    if not nfs_server(ctx, node):
        if "bg" in words or "soft" in words:
            raise MountFailed(f"mount: {node}:{directory}")
        raise Hang(float(ctx.variant("nfs_hang_seconds", "86400")))
    world["kernel"]["mounts"].append(
        {
            "node": node, "device": directory, "point": point, "vfs": "nfs3", "date": date_text(ctx.now()),
            "options": options,
        }
    )  # fmt: skip


def mount_stanza(ctx: Context, stanza: Stanza, more_options: str = "") -> None:
    """What the stanza describes is mounted, with further options."""
    options = ",".join(word for word in (stanza.get("options"), more_options) if word)
    if stanza.get("nodename"):
        mount_nfs(ctx, stanza.get("nodename"), stanza.device, stanza.point, options)
    else:
        mount_local(ctx, stanza.device, stanza.point, stanza.get("vfs") or "jfs2", options, stanza.get("log"))


# ---------------------------------------------------------------- umount


def unmount(ctx: Context, mount: Mount, force: bool = False) -> None:
    """It is unmounted, cleanly.  Raises MountFailed 0506-349 while something is mounted below it, or it is in use."""
    kernel = ctx.world["kernel"]
    inside = mount["point"].rstrip("/") + "/"
    below = any(other["point"].startswith(inside) for other in kernel["mounts"] if other is not mount)
    used = not mount["node"] and mount["device"] in kernel["open_lvs"]
    if below or (used and not force):
        raise MountFailed(f"umount: 0506-349 Cannot unmount {mount['device']}: {BUSY}")
    kernel["mounts"].remove(mount)
    found = lvm.find_lv(ctx.world, mount["device"]) if not mount["node"] else None
    fs = found.lv["fs"] if found else None
    if fs is None:
        return
    if not mount["options"].startswith("ro"):
        fs["state"] = "clean"
        fs["guarded_by"] = ""
    if fs["tree"]:
        _detach(ctx, mount["point"])


# ---------------------------------------------------------------- boot and power


def mount_at_boot(ctx: Context) -> List[str]:
    """rc.boot mounts the automatic stanzas and /etc/rc runs ``mount all``.  Returns what the console shows.

    An NFS server that does not answer does not stop this: /etc/rc.nfs mounts those in the background.
    """
    said: List[str] = []
    for wanted in ("automatic", "true"):
        for stanza in stanzas(ctx):
            if stanza.get("mount") != wanted or mounted_at(ctx.world, stanza.point) or stanza.get("nodename"):
                continue
            inner = Context(ctx.world, ctx.root, env=ctx.env)
            try:
                mount_stanza(inner, stanza)
            except MountFailed as failed:
                said.extend(failed.lines)
            said[:0] = inner.result(0).out.splitlines()
            ctx.wrote_files = ctx.wrote_files or inner.wrote_files
    return said


def unmount_everything(ctx: Context) -> None:
    """All file systems are unmounted, the deepest first, whatever uses them."""
    mounts = ctx.world["kernel"]["mounts"]
    for mount in sorted(mounts, key=lambda one: -one["point"].rstrip("/").count("/")):
        unmount(ctx, mount, force=True)
    mounts.clear()
