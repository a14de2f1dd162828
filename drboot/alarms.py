"""What has to be said of a machine that is up away from home, before anything else: it rehearses, it does so for too
long (F73), or its disks are being taken away under it (F74).  Looks, and changes nothing.
"""

from __future__ import annotations

import time
from typing import Iterator, List, NamedTuple, Tuple

from drboot import state
from drboot.facts import errpt, lspv, lsvg
from drboot.paths import Root
from drboot.seen import Seen
from drboot.steps.quarantine import spoken

CORRECTION = 3600.0  # seconds by which a clock may be set back without a word
REPLICATION = "DO NOT RESUME THE REPLICATION while it runs: its disks would be lost."


def of_rehearsal(event: state.Event, now: float) -> Tuple[str, ...]:
    """Lines about a rehearsal that runs; the first begins with OVERDUE when it has run too long.

    now  seconds since 1970
    """
    if event.mode != "rehearsal":
        return ()
    if _is_set_back(event, now):
        return (
            f"REHEARSAL since {spoken(event.since)}, and the clock was set back since:",
            "nobody can tell whether it runs too long. End it now, or set the clock.",
            REPLICATION,
        )
    late = now - event.until
    if late <= 0:
        return (f"REHEARSAL since {spoken(event.since)}, has to end by {spoken(event.until)}.", REPLICATION)
    hours, days = int(late // 3600), int(late // 86400)
    how_late = f"{days} days" if days > 1 else f"{hours} h" if hours else f"{int(late // 60)} min"
    return (
        f"OVERDUE: a REHEARSAL has run since {spoken(event.since)}.",
        f"It had to end by {spoken(event.until)}, {how_late} ago: end it now.",
        REPLICATION,
    )


def _is_set_back(event: state.Event, now: float) -> bool:
    """Whether the clock stands so far before the beginning that it was not only corrected (NTP, a first boot)."""
    return now < event.since - CORRECTION


def of_disks(seen: Seen, event: state.Event) -> Tuple[str, ...]:
    """Lines about disks that can no longer be written; none where there is no sign of it, or nothing can be read.

    Nothing is written to find out: the signs are those that AIX shows by itself.
    Source   lsvg VG: VG STATE, VG PERMISSION, STALE PVs, ACTIVE PVs (aix/lvm-and-filesystems.md sections 4 and 17);
             errpt rows: class H, resource LVDD for a disk that LVM gave up (transcript errpt/01-lvm-disk-lost)
    Assumed  errors of a disk stand in the log under its own name, class H; errpt shows UTC where no TZ is set
    """
    if event.phase != state.CONFIGURING:
        return ()
    certain = list(_lost_groups(seen))
    errors = list(_disk_errors(seen, event.since))
    certain += [line for resource, line in errors if resource == "LVDD"]
    suspicious = [line for resource, line in errors if resource != "LVDD"]
    if certain:
        head = "REPLICA LOST WRITE ACCESS: stop this LPAR now. Never fsck, never varyon -f."
    elif suspicious:
        head = "THE REPLICA MAY HAVE LOST WRITE ACCESS: if so, stop this LPAR. Never fsck."
    else:
        return ()
    return (head, *(f"  {line}" for line in (*certain, *suspicious)))


def _lost_groups(seen: Seen) -> Iterator[str]:
    for name in seen.or_none(lsvg.VARIED_ON) or ():
        vg = seen.or_none(lsvg.vg(name))
        if vg is None:
            continue
        if vg.permission != "read/write":
            yield f"{name}: VG PERMISSION is {vg.permission}"
        if vg.stale_pvs:
            yield f"{name}: {vg.stale_pvs} of {vg.total_pvs} disks are stale"
        if vg.active_pvs < vg.total_pvs:
            yield f"{name}: {vg.total_pvs - vg.active_pvs} of {vg.total_pvs} disks are not active"


def _disk_errors(seen: Seen, since: float) -> Iterator[Tuple[str, str]]:
    """(resource, what to show) for LVM and for each disk of a volume group that has errors since the event began."""
    began = time.strftime("%y%m%d%H%M", time.gmtime(since))
    disks = {pv.name for pv in seen.or_none(lspv.PVS) or () if pv.vg}
    found: List[str] = []
    for entry in seen.or_none(errpt.LOG) or ():
        is_new_error = entry.cls == "H" and entry.type != "I" and entry.minute >= began
        if is_new_error and (entry.resource == "LVDD" or entry.resource in disks):
            found.append(entry.resource)
    for resource in dict.fromkeys(found):
        yield resource, f"error log: {found.count(resource)} entries about {resource}: errpt -N {resource}"


class Alarms(NamedTuple):
    """``urgent``: somebody has to act now; ``rehearsal``: this machine rehearses."""

    urgent: bool
    rehearsal: bool
    lines: Tuple[str, ...]


NONE = Alarms(False, False, ())


def look(root: Root, seen: Seen, systemid: str, arm_id: str, now: float) -> Alarms:
    """Everything that is to be said; nothing where the record is not of this event, as at home."""
    event = state.load(root, systemid, arm_id)
    disks, rehearsal = of_disks(seen, event), of_rehearsal(event, now)
    is_late = bool(rehearsal) and (now > event.until or _is_set_back(event, now))
    return Alarms(bool(disks) or is_late, bool(rehearsal), (*disks, *rehearsal))
