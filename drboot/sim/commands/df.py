"""df: how full the mounted file systems are.

Source: transcripts df/*; manual page of df.
"""

from __future__ import annotations

from typing import Dict, List, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Mount

# Source: df manual page (synopsis).
USAGE = "Usage: df [-P] | [-IMitvns] [-gkm] [-T vfs] [filesystem ...] [file ...]"

# unit: [header, width of the first number, 512-byte blocks per unit]
_UNITS: Dict[str, Tuple[str, int, int]] = {
    "": ("512-blocks", 10, 1),
    "k": ("1024-blocks", 11, 2),
    "m": ("MB blocks", 9, 2048),
    "g": ("GB blocks", 9, 2097152),
}


def df(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "PIMitvnsgkmT:", USAGE)
    if "P" in flags and set(flags) & set("IMitvs"):
        raise Usage(USAGE)
    unit = next((letter for letter in "gmk" if letter in flags), "")
    rows = list(ctx.world["kernel"]["mounts"])
    if "T" in flags:
        rows = [row for row in rows if row["vfs"] == flags["T"][-1]]
    rc = 0
    if names:
        rows, rc = _named(ctx, names)
    header, width, _ = _UNITS[unit]
    if "P" in flags:
        ctx.out(f"{'Filesystem':<13} {header:>{width}}      Used Available Capacity Mounted on")
    elif "I" in flags:
        ctx.out(f"{'Filesystem':<13} {header:>{width}}      Used      Free %Used Mounted on")
    else:
        ctx.out(f"{'Filesystem':<13} {header:>{width}}      Free %Used    Iused %Iused Mounted on")
    for row in rows:
        ctx.out(_row(ctx, row, unit, flags))
    return rc


def _named(ctx: Context, names: List[str]) -> Tuple[List[Mount], int]:
    """The mounts that hold these files, or that are these devices."""
    chosen, rc = [], 0
    for name in names:
        found = [row for row in ctx.world["kernel"]["mounts"] if name in (row["device"], row["point"])]
        if not found:
            inside = [
                row for row in ctx.world["kernel"]["mounts"] if (name + "/").startswith(row["point"].rstrip("/") + "/")
            ]
            found = sorted(inside, key=lambda row: len(row["point"]))
            if not ctx.exists(name):
                found = []
        if found:
            chosen.append(found[-1])
        else:
            ctx.err(f"df: {name}: {mounts.NO_FILE}")
            rc = 1
    return chosen, rc


def percent(part: int, whole: int) -> int:
    """Rounded up, as df does.  Source: transcript df/06 (728 of 262144 blocks are 1%)."""
    return -(-part * 100 // whole) if whole else 0


def _amount(size: int, unit: str) -> str:
    per = _UNITS[unit][2]
    return f"{size / per:.2f}" if unit in ("m", "g") else str(size // per)


def _row(ctx: Context, row: Mount, unit: str, flags: Dict[str, List[str]]) -> str:
    width = _UNITS[unit][1]
    device = f"{row['node']}:{row['device']}" if row["node"] else row["device"]
    found = lvm.find_lv(ctx.world, row["device"]) if not row["node"] else None
    fs = found.lv["fs"] if found else None
    if fs is None:
        return _pseudo(ctx, row, device, width, flags)
    size, used = fs["size"], fs["used"]
    left = f"{device:<13} {_amount(size, unit):>{width}}"
    share = f"{percent(used, size)}%"
    if "P" in flags:
        return f"{left} {_amount(used, unit):>9} {_amount(size - used, unit):>9} {share:>8} {row['point']}"
    if "I" in flags:
        return f"{left} {_amount(used, unit):>9} {_amount(size - used, unit):>9} {share:>5} {row['point']}"
    files, most = fs["inodes"]
    # Assumed where the world gives no maximum: an inode for every free 4 KB block
    share_of_files = f"{percent(files, most or files + (size - used) // 8)}%"
    return f"{left} {_amount(size - used, unit):>9} {share:>5} {files:>8} {share_of_files:>6} {row['point']}"


def _pseudo(ctx: Context, row: Mount, device: str, width: int, flags: Dict[str, List[str]]) -> str:
    """A file system without blocks has dashes, which stand one column further left.

    Source: transcripts df/02, df/04 (6.1), df/06 (7.2, where the columns after them move left too).
    """
    left = f"{device:<13} {'-':>{width}} {'-':>9}"
    if "P" in flags:
        return f"{left} {'-':>9} {'- ':>8} {row['point']}"
    if "I" in flags:
        return f"{left} {'-':>9} {'- ':>5} {row['point']}"
    files = row.get("files", [])
    count, share = (str(files[0]), f"{percent(files[0], files[1])}%") if files else ("-", "-")
    if int(ctx.world["odm"]["oslevel"][:4]) >= 7200:
        return f"{left}{'-':>5}{count:>9}{share:>7} {row['point']}"
    return f"{left}{'-':>5}{count:>10}{share:>6}  {row['point']}"
