"""errpt, errlogger, and the error log itself: a file below the root, so it travels with rootvg.

Each line of /var/adm/ras/errlog is one entry as a JSON object (the fields of ``Entry``), oldest first.  AIX's file is
binary; nobody but these commands reads it.

    IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION
    F7DDA124   1209160521 U H LVDD           PHYSICAL VOLUME DECLARED MISSING

Source: boot-and-devices.md section 19, transcripts errpt/*; IBM's errpt page for the flags.
"""

from __future__ import annotations

import json
import re
import time
from typing import Dict, List, Tuple, TypedDict

from drboot.sim.command import Context, Usage, options

LOG = "/var/adm/ras/errlog"
SHUTDOWN_TIME = "last-shutdown"  # key in the firmware's NVRAM: the epoch of an orderly shutdown of this LPAR
WIDTH = 40  # of a description in the short form
# Assumed: the wording of the usage texts.
USAGE = "Usage: errpt [-a | -A] [-t] [-d Class] [-T Type] [-N Resource] [-j Id] [-J Label] [-k Id] [-K Label]\n" \
        "       [-l Sequence] [-s mmddhhmmyy] [-e mmddhhmmyy] [-c]"  # fmt: skip
ERRLOGGER_USAGE = "Usage: errlogger Message"


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
    past = entries(ctx)
    entry: Entry = {
        "label": label, "id": id, "type": type, "cls": cls, "resource": resource, "description": description,
        "detail": detail, "at": at or ctx.now() + delay, "sequence": past[-1]["sequence"] + 1 if past else 1,
        "machine": ctx.world["firmware"]["uname_m"], "node": ctx.world["kernel"]["nodename"],
    }  # fmt: skip
    ctx.append(LOG, json.dumps(entry) + "\n")


def entries(ctx: Context) -> List[Entry]:
    """Every entry, in the order of logging."""
    return [json.loads(line) for line in (ctx.read(LOG) or "").splitlines()]


def starts(ctx: Context) -> None:
    """What errdemon logs at a boot: that it runs, and the orderly shutdown before, if there was one.

    REBOOT_ID comes second although its stamp is earlier.  Source: section 19, transcript errpt/02.
    """
    log(ctx, "ERRLOG_ON", "9DBCFDEE", "TEMP", "O", "errdemon", "ERROR LOGGING TURNED ON")
    went = ctx.world["firmware"]["nvram"].pop(SHUTDOWN_TIME, "")
    if went:
        log(ctx, "REBOOT_ID", "2BFA76F6", "TEMP", "S", "SYSPROC", "SYSTEM SHUTDOWN BY USER", at=float(went))


def errlogger(ctx: Context, args: List[str]) -> int:
    """``errlogger text``: an OPMSG entry, silently; at most 1024 bytes.  Source: section 19."""
    if not args:
        raise Usage(ERRLOGGER_USAGE)
    text = " ".join(args)[:1024]
    log(ctx, "OPMSG", "AA8AB241", "TEMP", "O", "OPERATOR", "OPERATOR NOTIFICATION", text)
    return 0


def errpt(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "aActd:T:N:j:J:k:K:l:s:e:", USAGE)
    if operands or "c" in flags:  # -c follows the log and never ends: not for a script
        raise Usage(USAGE)
    chosen = [e for e in reversed(entries(ctx)) if e["at"] <= ctx.now() and _wanted(ctx, e, flags)]
    if "t" in flags:
        _templates(ctx, chosen)
    elif "a" in flags or "A" in flags:
        for entry in chosen:
            _detail(ctx, entry, terse="A" in flags)
    elif chosen:
        ctx.out("IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION")
        for entry in chosen:
            stamp = time.strftime("%m%d%H%M%y", _local(ctx, entry))
            ctx.out(
                f"{entry['id']}   {stamp} {entry['type'][0]} {entry['cls']} {entry['resource']:<14} "
                f"{entry['description'][:WIDTH]}"
            )
    return 0


def _wanted(ctx: Context, entry: Entry, flags: Dict[str, List[str]]) -> bool:
    """The selection flags; several values of one flag are separated by commas."""

    def listed(letter: str) -> List[str]:
        return flags[letter][-1].split(",")

    stamp = time.strftime("%y%m%d%H%M", _local(ctx, entry))
    return not (
        ("d" in flags and entry["cls"] not in listed("d"))
        or ("T" in flags and entry["type"] not in listed("T"))
        or ("N" in flags and entry["resource"] not in listed("N"))
        or ("j" in flags and entry["id"] not in listed("j"))
        or ("J" in flags and entry["label"] not in listed("J"))
        or ("k" in flags and entry["id"] in listed("k"))
        or ("K" in flags and entry["label"] in listed("K"))
        or ("l" in flags and str(entry["sequence"]) not in listed("l"))
        or ("s" in flags and stamp < _sortable(flags["s"][-1]))
        or ("e" in flags and stamp > _sortable(flags["e"][-1]))
    )


def _sortable(text: str) -> str:
    """mmddhhmmyy -> yymmddhhmm."""
    if len(text) != 10 or not text.isdigit():
        raise Usage(USAGE)
    return text[8:] + text[:8]


def _detail(ctx: Context, entry: Entry, terse: bool) -> None:
    """Source: transcript errpt/06; what follows the description there is not publicly known for these labels, so a
    ``Detail Data`` block stands for it (its heading is in section 19)."""
    when = _local(ctx, entry)
    ctx.out("-" * 75)
    ctx.out(f"LABEL:          {entry['label']}")
    if not terse:
        ctx.out(f"IDENTIFIER:     {entry['id']}")
        ctx.out()
    ctx.out(f"Date/Time:       {time.strftime('%a %b', when)} {when.tm_mday:2d} "
            f"{time.strftime('%H:%M:%S', when)} {_zone(ctx)[0]} {when.tm_year}")  # fmt: skip
    if not terse:
        ctx.out(f"Sequence Number: {entry['sequence']}")
        ctx.out(f"Machine Id:      {entry['machine']}")
        ctx.out(f"Node Id:         {entry['node']}")
        ctx.out(f"Class:           {entry['cls']}")
    ctx.out(f"Type:            {entry['type']}")
    if not terse:
        ctx.out("WPAR:            Global")
    ctx.out(f"Resource Name:   {entry['resource']}")
    ctx.out()
    ctx.out("Description")
    ctx.out(entry["description"])
    if entry["detail"]:
        ctx.out()
        ctx.out("Detail Data")
        ctx.out(entry["detail"])


def _zone(ctx: Context) -> Tuple[str, float]:
    """Name of the caller's time zone and seconds that it is ahead of UTC: TZ in the POSIX form that AIX uses, EET-2.

    A rule for summer time is not followed.  Assumed: a caller without TZ gets UTC.
    """
    zone = re.match(r"([A-Za-z]{3,})([-+]?\d+)", ctx.env.get("TZ", ""))
    return (zone.group(1), -3600.0 * int(zone.group(2))) if zone else ("UTC", 0.0)


def _local(ctx: Context, entry: Entry) -> time.struct_time:
    return time.gmtime(entry["at"] + _zone(ctx)[1])


def _templates(ctx: Context, chosen: List[Entry]) -> None:
    """Source: transcript errpt/50: id, label, type, class, description.  Only labels that were logged are known."""
    for entry in sorted({e["label"]: e for e in chosen}.values(), key=lambda e: e["id"]):
        ctx.out(f"{entry['id']} {entry['label']:<19} {entry['type']:<4} {entry['cls']}  {entry['description']}")
