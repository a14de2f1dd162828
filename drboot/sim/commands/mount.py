"""mount, umount.

Source: manual pages of both; transcripts mount/*, umount/*.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List

from drboot.sim import mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.mounts import MountFailed, Stanza
from drboot.sim.world import Mount

# Source: mount manual page (synopsis).
USAGE = """Usage: mount [-fipr] [-n node] [-o options] [-t type] [-v vfstype]
        [all | -a | device | node:directory] [directory]"""
# Source: umount manual page (synopsis).
USAGE_OFF = """Usage: umount [-fs] {all | allr | -a | -n node | -t type | device | directory ...}"""


def mount(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "afn:io:prt:v:", USAGE)
    if len(names) > 2:
        raise Usage(USAGE)
    if not names and not set(flags) & {"a", "t", "v", "n"}:
        if flags:
            raise Usage(USAGE)
        _table(ctx)
        return 0
    if "a" in flags or names in ([], ["all"]):
        return _several(ctx, _chosen(ctx, flags, names), flags)
    return _attempt(ctx, _one, names, flags)


def _table(ctx: Context) -> None:
    """Source: transcripts mount/02, mount/03."""
    ctx.out("  node       mounted        mounted over    vfs       date        options")
    ctx.out("-------- ---------------  ---------------  ------ ------------ ---------------")
    for row in ctx.world["kernel"]["mounts"]:
        left = f"{row['node']:<8} {row['device']:<16} {row['point']:<16} {row['vfs']:<6} {row['date']:<12}"
        ctx.out(f"{left} {row['options']}".rstrip())


def _attempt(ctx: Context, action: Callable[..., None], *args: Any) -> int:
    try:
        action(ctx, *args)
    except MountFailed as failed:
        for line in failed.lines:
            ctx.err(line)
        return 1
    return 0


def _more(flags: Dict[str, List[str]]) -> str:
    words = [value for value in flags.get("o", []) if value]
    return ",".join([*words, "ro"] if "r" in flags else words)


def _chosen(ctx: Context, flags: Dict[str, List[str]], names: List[str]) -> List[Stanza]:
    """The stanzas of ``mount all``, narrowed by -t, -v and -n.

    -t alone mounts those that have that type, whatever their ``mount`` says; a group mounted that way needs no ``all``.
    """
    everything = "a" in flags or names == ["all"]
    found = []
    for stanza in mounts.stanzas(ctx):
        if everything and "t" not in flags and stanza.get("mount") != "true":
            continue
        if "t" in flags and stanza.get("type") != flags["t"][-1]:
            continue
        if "v" in flags and stanza.get("vfs") != flags["v"][-1]:
            continue
        if "n" in flags and stanza.get("nodename") != flags["n"][-1]:
            continue
        found.append(stanza)
    return found


def _several(ctx: Context, stanzas: List[Stanza], flags: Dict[str, List[str]]) -> int:
    """One after the other, in file order; an already mounted one makes the whole command fail.

    Source: aixoss/cloud-init cc_restore_volume_groups.py on mount all.
    """
    rc = 0
    for stanza in stanzas:
        rc = max(rc, _attempt(ctx, mounts.mount_stanza, stanza, _more(flags)))
    return rc


def _one(ctx: Context, names: List[str], flags: Dict[str, List[str]]) -> None:
    what = names[0]
    node, colon, directory = what.partition(":")
    if "n" in flags:
        node, colon, directory = flags["n"][-1], ":", what
    if colon and len(names) == 2:
        mounts.mount_nfs(ctx, node, directory, names[1], _more(flags))
        return
    stanza = mounts.find_stanza(ctx, what)
    if stanza is None and colon:
        known = mounts.stanzas(ctx)
        stanza = next((one for one in known if (one.get("nodename"), one.device) == (node, directory)), None)
    if stanza is None and len(names) == 1:
        # Id only: no public wording
        raise MountFailed(f"mount: 0506-334 {what}")
    if len(names) == 1 and stanza is not None:
        mounts.mount_stanza(ctx, stanza, _more(flags))
        return
    attributes = stanza.attributes if stanza else {}
    vfs = flags["v"][-1] if "v" in flags else attributes.get("vfs", "jfs2")
    mounts.mount_local(ctx, what, names[1], vfs, _more(flags), attributes.get("log", ""))


# ---------------------------------------------------------------- umount


def umount(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "afsn:t:", USAGE_OFF)
    everything = "a" in flags or names in (["all"], ["allr"])
    if not names and not everything and not set(flags) & {"n", "t"}:
        raise Usage(USAGE_OFF)
    if not everything and names:
        rc = 0
        for name in names:
            rc = max(rc, _unmount_named(ctx, name, "f" in flags))
        return rc
    rc = 0
    for row in reversed(_rows(ctx, flags, names == ["allr"])):
        rc = max(rc, _attempt(ctx, mounts.unmount, row, "f" in flags))
    return rc


def _unmount_named(ctx: Context, name: str, force: bool) -> int:
    found = [row for row in ctx.world["kernel"]["mounts"] if name in _names_of(row)]
    if not found:
        ctx.err("umount: 0506-347 Cannot find anything to unmount.")
        return 1
    return _attempt(ctx, mounts.unmount, found[-1], force)


def _names_of(row: Mount) -> List[str]:
    device = f"{row['node']}:{row['device']}" if row["node"] else row["device"]
    return [row["point"], device]


def _rows(ctx: Context, flags: Dict[str, List[str]], remote: bool) -> List[Mount]:
    """What ``umount all``, -n and -t mean; all leaves the file systems that AIX itself lives on.

    Source: umount manual page (all: except those mounted automatically).
    """
    kept = {"/", "/usr", "/var"}
    kept.update(stanza.point for stanza in mounts.stanzas(ctx) if stanza.get("mount") == "automatic")
    rows = []
    for row in ctx.world["kernel"]["mounts"]:
        stanza = mounts.find_stanza(ctx, row["point"])
        if "n" in flags and row["node"] != flags["n"][-1]:
            continue
        if "t" in flags and (stanza is None or stanza.get("type") != flags["t"][-1]):
            continue
        if (remote and not row["node"]) or row["point"] in kept or row["vfs"] == "procfs":
            continue
        rows.append(row)
    return rows
