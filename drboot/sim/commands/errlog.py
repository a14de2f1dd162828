"""errpt, errlogger, and the error log itself: a file below the root, so it travels with rootvg.

Each line of /var/adm/ras/errlog is one entry as a JSON object (the fields of ``Entry``), oldest first. AIX's file is
binary; nobody but these commands reads it.

Source: boot-and-devices.md section 19, transcripts errpt/*.
"""

from __future__ import annotations

import json
import time
from typing import List, TypedDict

from drboot.sim.command import Context, options

LOG = "/var/adm/ras/errlog"


class Entry(TypedDict):
    label: str
    id: str  # 8 hex digits
    type: str  # PERM | TEMP | INFO | UNKN | PEND | PERF
    cls: str  # H | S | O | U
    resource: str
    description: str
    detail: str
    at: float  # seconds since the epoch; an entry of the future is not shown yet
    sequence: int
    machine: str  # uname -m of the machine that logged it
    node: str


def log(
    ctx: Context, label: str, id: str, type: str, cls: str, resource: str, description: str, detail: str = "",
    delay: float = 0.0, at: float = 0.0,
) -> None:  # fmt: skip
    """One more entry.  ``delay`` seconds from now it shows; ``at`` gives it an earlier time stamp of its own."""
    entry: Entry = {
        "label": label, "id": id, "type": type, "cls": cls, "resource": resource, "description": description,
        "detail": detail, "at": at or ctx.now() + delay, "sequence": len(entries(ctx)) + 1,
        "machine": ctx.world["firmware"]["uname_m"], "node": ctx.world["kernel"]["nodename"],
    }  # fmt: skip
    ctx.append(LOG, json.dumps(entry) + "\n")


def entries(ctx: Context) -> List[Entry]:
    """Every entry, in the order of logging."""
    return [json.loads(line) for line in (ctx.read(LOG) or "").splitlines()]


def errlogger(ctx: Context, args: List[str]) -> int:
    """``errlogger text``: an OPMSG entry, silently.  Source: boot-and-devices.md section 19."""
    log(ctx, "OPMSG", "AA8AB241", "TEMP", "O", "OPERATOR", "OPERATOR NOTIFICATION", " ".join(args)[:1024])
    return 0


def errpt(ctx: Context, args: List[str]) -> int:
    flags, _ = options(args, "aN:s:e:j:J:l:d:T:", "Usage:\nerrpt -a")
    for entry in reversed(entries(ctx)):
        if entry["at"] <= ctx.now():
            stamp = time.strftime("%m%d%H%M%y", time.gmtime(entry["at"]))
            ctx.out(
                f"{entry['id']}   {stamp} {entry['type'][0]} {entry['cls']} {entry['resource']:<14} {entry['description']}"
            )
    return 0
