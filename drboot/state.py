"""The record of one event on this machine: /var/adm/drboot/state.json.

An event is one waking at one site: the machine's systemid and the arm_id of the stamp.  The file travels
with the replica, so a record counts only where both match (docs/design.md); anything else, and
anything damaged, is as good as no record.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import Optional

from drboot import files, paths
from drboot.paths import Root

FRESH = "fresh"  # nothing was done for this event yet
RESET_INTENDED = "reset-intended"  # about to ask AIX for the device reset
RESET_REQUESTED = "reset-requested"  # asked, read back, about to reboot
CONFIGURING = "configuring"  # the reset was observed, or plan B was chosen; that it is over says the stamp


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
    return event


def load(root: Root, systemid: str, arm_id: str) -> Event:
    """The record of this event; a fresh one when there is none that counts."""
    fresh = Event(systemid, arm_id)
    try:
        event = parse(files.read_own(root.path(paths.STATE)).decode())
    except (OSError, ValueError):
        return fresh
    if event is None or (event.systemid, event.arm_id) != (systemid, arm_id):
        return fresh
    return event


def save(root: Root, event: Event) -> None:
    """Write the record durably.  Raises OSError."""
    path = root.path(paths.STATE)
    files.make_own_directory(os.path.dirname(path))
    files.write_atomic(path, (json.dumps(asdict(event), indent=1) + "\n").encode(), 0o600)


def in_phase(event: Event, phase: str, plan_b: Optional[bool] = None) -> Event:
    """The event in its next phase, not saved yet."""
    return replace(event, phase=phase, plan_b=event.plan_b if plan_b is None else plan_b)


def advanced(root: Root, event: Event, phase: str, plan_b: Optional[bool] = None) -> Event:
    """The event in its next phase, saved before it is returned."""
    event = in_phase(event, phase, plan_b)
    save(root, event)
    return event
