"""The record of one event on this machine: /var/adm/drboot/state.json.

An event is one waking at one site: the machine's systemid and the arm_id of the stamp.  The file travels
with the replica, so a record counts only where both match (docs/design.md); anything else, and
anything damaged, is as good as no record.  Where it cannot be written claims.py keeps what a later run must not forget.
"""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import Optional

from drboot import claims, files, paths
from drboot.paths import Root

FRESH = "fresh"  # nothing was done for this event yet
RESET_INTENDED = "reset-intended"  # about to ask AIX for the device reset
RESET_REQUESTED = "reset-requested"  # asked, read back, about to reboot
CONFIGURING = "configuring"  # the reset was observed, or plan B was chosen; that it is over says the stamp

LATEST = 253402300799.0  # seconds since 1970; no calendar of Python has a later one


@dataclass(frozen=True)
class Event:
    """Where this event stands.

    plan_b       the ODM was not reset, stale definitions are removed one by one
    boots_saved  1 when the ODM was already clean on the first DR boot of clouddev-at-dr
    run          id of the last run
    mode         what the first run of this event found the LPAR to be: disaster, rehearsal; "" before.  Never asked
                 what a later run is: that is a fact of the LPAR
    since        when that was, in seconds since 1970; until  when a rehearsal has to be over
    claims       marks of the claims of other machines to an address that are no news to a later run, a blank between:
                 facts/errpt.py has them
    """

    systemid: str
    arm_id: str
    phase: str = FRESH
    plan_b: bool = False
    boots_saved: int = 0
    run: str = ""
    mode: str = ""
    since: float = 0.0
    until: float = 0.0
    claims: str = ""


def parse(text: Optional[str]) -> Optional[Event]:
    """The record in the file; None when there is none, or a damaged one."""
    fresh = Event("", "")
    try:
        event = Event(**json.loads(text or ""))
    except (ValueError, TypeError, RecursionError):
        return None
    if any(type(getattr(event, field.name)) is not type(getattr(fresh, field.name)) for field in fields(Event)):
        return None
    return event if all(0.0 <= when <= LATEST for when in (event.since, event.until)) else None


def load(root: Root, systemid: str, arm_id: str) -> Event:
    """The record of this event; a fresh one when there is none that counts."""
    event = _loaded(root, systemid, arm_id)
    kept = claims.of(root, f"{systemid}/{arm_id}")
    return replace(event, claims=" ".join(sorted(kept.union(event.claims.split())))) if kept else event


def _loaded(root: Root, systemid: str, arm_id: str) -> Event:
    fresh = Event(systemid, arm_id)
    try:
        event = parse(files.read_own(root.path(paths.STATE)).decode())
    except (OSError, ValueError):
        return fresh
    if event is None or (event.systemid, event.arm_id) != (systemid, arm_id):
        return fresh
    return event


def save(root: Root, event: Event) -> None:
    """Write the record durably.  Raises OSError; the claims are kept all the same."""
    path, name = root.path(paths.STATE), f"{event.systemid}/{event.arm_id}"
    try:
        files.make_own_directory(os.path.dirname(path))
        files.write_atomic(path, (json.dumps(asdict(event), indent=1) + "\n").encode(), 0o600)
    except OSError:
        if event.claims:
            with contextlib.suppress(OSError):
                claims.keep(root, name, event.claims)
        raise
    with contextlib.suppress(OSError):  # then it says once more what the record says
        claims.drop(root, name)


def in_phase(event: Event, phase: str, plan_b: Optional[bool] = None) -> Event:
    """The event in its next phase, not saved yet."""
    return replace(event, phase=phase, plan_b=event.plan_b if plan_b is None else plan_b)


def advanced(root: Root, event: Event, phase: str, plan_b: Optional[bool] = None) -> Event:
    """The event in its next phase, saved before it is returned."""
    event = in_phase(event, phase, plan_b)
    save(root, event)
    return event
