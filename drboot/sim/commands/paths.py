"""lspath, lsmpio, chpath, rmpath: the paths between disks and adapters.

Source: boot-and-devices.md section 12; transcripts lspath/*, lsmpio/01, chpath/01, rmpath/*.
"""

from __future__ import annotations

from typing import Dict, List

from drboot.sim import columns
from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Path

LSPATH_USAGE = (
    "Usage:\n"
    "    lspath [-F Format | -t] [-H] [-l Name] [-p Parent] [-s Status] [-w Connection] [-i PathID]\n"
    "    lspath -A -E -l Name -p Parent [-w Connection] [-i PathID] [-a Attribute] [-F Format | -O] [-H]"
)
LSMPIO_USAGE = "Usage:\n    lsmpio [-l Name]"
CHPATH_USAGE = (
    "Usage:\n    chpath -l Name {-s enable | disable | -a Attribute=Value [-P]} [-p Parent] [-w Connection] [-i PathID]"
)
RMPATH_USAGE = "Usage:\n    rmpath {-l Name | -p Parent} [-l Name] [-p Parent] [-w Connection] [-i PathID] [-d]"
FIELDS = ("status", "name", "parent", "connection", "path_id", "path_status")
ATTRIBUTES = ("attribute", "value", "description", "user_settable")


def chosen(ctx: Context, flags: Dict[str, List[str]]) -> List[Path]:
    """The paths that -l, -p, -s, -w, -i select, ordered by disk, then as in the ODM."""
    status = flags.get("s", [""])[-1].lower()
    found = []
    for path in ctx.world["odm"]["paths"]:
        wanted = {"l": path["disk"], "p": path["parent"], "w": path["connection"], "i": str(path["path_id"])}
        same = all(flags[letter][-1] == held for letter, held in wanted.items() if letter in flags)
        if same and (not status or path["status"].lower().startswith(status)):
            found.append(path)
    return sorted(found, key=lambda path: cuat.number_order(path["disk"]))


def _known(ctx: Context, flags: Dict[str, List[str]], command: str) -> bool:
    """Whether the devices of -l and -p exist.  Source: transcript lspath/09."""
    for letter in "lp":
        name = flags.get(letter, [""])[-1]
        if name and name not in ctx.world["odm"]["devices"]:
            ctx.err(f"{command}: 0514-546 Invalid parameter - {name}.")
            return False
    return True


def lspath(ctx: Context, args: List[str]) -> int:
    """One row per path; -A shows the attributes of one path."""
    flags, operands = options(args, "F:tHl:p:s:w:i:AEDRa:Of:", LSPATH_USAGE)
    if operands or ("A" in flags and ("E" not in flags or "l" not in flags or "p" not in flags)):
        raise Usage(LSPATH_USAGE)
    if not _known(ctx, flags, "lspath"):
        return 1
    paths = chosen(ctx, flags)
    if "A" in flags:
        return _path_attributes(ctx, paths, flags)
    form = flags.get("F", ["status name parent path_id" if "t" in flags else "status name parent"])[-1]
    names = columns.fields_of(form)
    if any(name not in FIELDS for name in names):
        raise Usage(LSPATH_USAGE)
    rows = [[_field(path, name) for name in names] for path in paths]
    for line in columns.formatted(form, rows, names if "H" in flags else None):
        ctx.out(line)
    return 0


def _field(path: Path, name: str) -> str:
    """path_status is the state of the path object, not of the path.  Source: transcript lspath/08."""
    if name == "path_status":
        return "Defined" if path["status"] == "Defined" else "Available"
    held = {
        "status": path["status"],
        "name": path["disk"],
        "parent": path["parent"],
        "connection": path["connection"],
        "path_id": str(path["path_id"]),
    }
    return held[name]


def _path_attributes(ctx: Context, paths: List[Path], flags: Dict[str, List[str]]) -> int:
    """Source: transcript lspath/01, which has no empty line after the header.  Assumed: the value of scsi paths."""
    rows = [["priority", "1", "Priority", "True"] for _ in paths[:1]]
    wanted = flags.get("a", ["priority"])[-1]
    if wanted != "priority":
        ctx.err(f"lspath: 0514-528 {wanted}")
        return 1
    if "O" in flags:
        for row in rows:
            ctx.out("#" + row[0])
            ctx.out(row[1])
        return 0
    names = columns.fields_of(flags.get("F", [" ".join(ATTRIBUTES)])[-1])
    if any(name not in ATTRIBUTES for name in names):
        raise Usage(LSPATH_USAGE)
    table = [[row[ATTRIBUTES.index(name)] for name in names] for row in rows]
    form = flags.get("F", [" "])[-1]
    for line in columns.formatted(form, table, names if "H" in flags else None):
        ctx.out(line)
    return 0


def lsmpio(ctx: Context, args: List[str]) -> int:
    """Paths of the MPIO disks as their PCM sees them: columns as wide as their widest entry, two blanks between.

    Source: transcript lsmpio/01: Sel for a path of an open disk, Clo for a closed one.
    """
    flags, operands = options(args, "l:", LSMPIO_USAGE)
    if operands:
        raise Usage(LSMPIO_USAGE)
    if not _known(ctx, flags, "lsmpio"):
        return 1
    opened = cuat.open_disks(ctx.world)
    rows = [["name", "path_id", "status", "path_status", "parent", "connection"]]
    for path in chosen(ctx, flags):
        state = path["path_status"] if path["disk"] in opened else "Clo"
        rows.append([path["disk"], str(path["path_id"]), path["status"], state, path["parent"], path["connection"]])
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    for row in rows:
        ctx.out("  ".join([*(text.ljust(width) for text, width in zip(row, widths)), row[5]]))
    return 0


def chpath(ctx: Context, args: List[str]) -> int:
    """Paths are enabled or disabled.  Source: transcript chpath/01."""
    flags, operands = options(args, "l:s:p:w:i:a:P", CHPATH_USAGE)
    word = flags.get("s", [""])[-1].lower()
    if operands or "l" not in flags or (word not in ("enable", "disable") and "a" not in flags):
        raise Usage(CHPATH_USAGE)
    if not _known(ctx, flags, "chpath"):
        return 1
    which = {letter: texts for letter, texts in flags.items() if letter in "lpwi"}
    paths = chosen(ctx, which)
    if not paths:
        ctx.err("chpath: 0514-546")
        return 1
    for path in paths:
        if path["status"] in ("Enabled", "Disabled") and word:
            path["status"] = "Enabled" if word == "enable" else "Disabled"
    ctx.out("paths Changed")
    return 0


def rmpath(ctx: Context, args: List[str]) -> int:
    """Paths are Defined, or with -d gone; the last one of a disk stays.  Source: transcripts rmpath/01, 02."""
    flags, operands = options(args, "l:p:w:i:d", RMPATH_USAGE)
    if operands or not ("l" in flags or "p" in flags):
        raise Usage(RMPATH_USAGE)
    if not _known(ctx, flags, "rmpath"):
        return 1
    paths = chosen(ctx, {letter: texts for letter, texts in flags.items() if letter in "lpwi"})
    odm = ctx.world["odm"]
    gone = {id(path) for path in paths}
    left = {path["disk"] for path in odm["paths"] if id(path) not in gone}
    if any(path["disk"] not in left for path in paths):
        ctx.err("Method error (/usr/lib/methods/undefine):")
        ctx.err("        0514-076 Cannot perform the requested function because the")
        ctx.err("                 specified paths include all paths for the device.")
        return 1
    if "d" in flags:
        odm["paths"][:] = [path for path in odm["paths"] if id(path) not in gone]
    for path in paths:
        path["status"] = "Defined"
    noun = "path" if len(paths) == 1 else "paths"
    ctx.out(f"{noun} {'Deleted' if 'd' in flags else 'Defined'}")
    return 0
