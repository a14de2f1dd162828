"""Which hooks have run in this event: /etc/drboot/hooks-ran.json.

    {"systemid": "0211D11C1", "arm_id": "0123456789abcdef", "hooks": {"cluster-stop": "done"}}

A hook that names no health probe cannot be asked whether what it does is so already; this record is what answers for
it.  It is a file of its own and not a look into the runs' journals: one small file answers for all runs of the event,
and it is there when old runs were cleaned up.  It is in /etc, whose file system has the ODM as well: where that is
full AIX itself can be given no device and no address, while a /var that is full is any log's work.  It counts only for
the systemid and arm_id that it was written for; what is damaged, or could not be written, is as good as no record, so a
hook may run twice, and never not at all.

``begun`` is written before a hook starts, ``done`` after it has ended with status 0: a hook that a power loss
interrupted is known, and undo knows what to undo.  A hook with a health probe is only ever ``begun``: whether it came
to its end is asked of the probe.
"""

from __future__ import annotations

import json
from typing import Mapping, NamedTuple, Optional

from drboot import paths
from drboot.facts.base import FileQuery

BEGUN = "begun"
DONE = "done"
MODE = 0o600


Hooks = Mapping[str, str]


class Event(NamedTuple):
    """One waking at one site; see state.py."""

    systemid: str
    arm_id: str


class Record(NamedTuple):
    """What the file says, and of which event."""

    event: Event
    hooks: Hooks

    def of(self, event: Event) -> Hooks:
        """Hook -> ``begun`` or ``done`` in this event."""
        return self.hooks if self.event == event else {}


def text(event: Event, hooks: Hooks) -> str:
    """What the file says for these hooks; the same hooks are always the same bytes."""
    value = {"systemid": event.systemid, "arm_id": event.arm_id, "hooks": dict(sorted(hooks.items()))}
    return json.dumps(value, indent=1) + "\n"


def _parsed(text: Optional[str]) -> Record:
    try:
        value = json.loads(text or "{}")
        hooks = {name: said for name, said in value["hooks"].items() if said in (BEGUN, DONE)}
        return Record(Event(value["systemid"], value["arm_id"]), hooks)
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return Record(Event("", ""), {})


RECORD: FileQuery[Record] = FileQuery(paths.HOOKS_RAN, _parsed)
