"""The decision table of docs/design.md section 2, written down a second time and from that page alone.

It knows nothing of stamps, of lsattr or of drboot's code: facts in, what may happen out.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Mapping, NamedTuple, Optional, Tuple

NOTHING, ACT, REFUSED, CONFIG = "nothing", "act", "refuse", "config"
EXIT = {NOTHING: 0, ACT: 0, REFUSED: 3, CONFIG: 2}


class Facts(NamedTuple):
    """What is the case, whatever text says it.

    stamp       ``good``, ``none``, or ``bad``: damaged, or others may write it
    phase       ``armed`` or ``disarmed``
    done        the event that the stamp records as completed: (systemid, arm_id), or None
    arm_id      of the stamp
    sites       the systemids of each site, without ``IBM,``
    configured  the configured site; "" when nobody could tell
    systemid    the machine's; None when it could not be read
    accepted    the systemid that the operator typed, None for no such argument or no such id
    named       the site that the operator named, "" for none
    profile     ``good``, ``none`` for the site, ``bad``: not to be read, or it does not list the machine any more
    demands     what the site demands of the LPAR holds; None: it could not be read
    matches     a fact of the LPAR says that it is one for rehearsals; None: it could not be read
    otherwise   what the profile makes of no match: disaster, rehearsal, refuse
    addresses   the modes for which the address table has rows of this host at the site
    capture     there is a capture of home, and it can be read
    """

    stamp: str = "good"
    phase: str = "armed"
    done: Optional[Tuple[str, str]] = None
    arm_id: str = ""
    sites: Mapping[str, Tuple[str, ...]] = MappingProxyType({})
    configured: str = ""
    systemid: Optional[str] = None
    accepted: Optional[str] = None
    named: str = ""
    profile: str = "good"
    demands: Optional[bool] = True
    matches: Optional[bool] = False
    otherwise: str = "disaster"
    addresses: Tuple[str, ...] = ("disaster", "rehearsal")
    capture: bool = True


class Outcome(NamedTuple):
    """action; the site and the mode to act for, "" otherwise."""

    action: str
    site: str = ""
    mode: str = ""


def decided(facts: Facts) -> Outcome:
    """The table proper: what stamp, systemid and operator say."""
    if facts.stamp == "none":
        return Outcome(NOTHING)
    listed = [systemid for ids in facts.sites.values() for systemid in set(ids)]
    if facts.stamp == "bad" or not listed or len(listed) != len(set(listed)):
        return Outcome(CONFIG)
    if facts.phase == "disarmed":
        return Outcome(NOTHING)
    if not facts.sites.get(facts.configured):
        return Outcome(REFUSED)
    if facts.systemid is None:
        return Outcome(REFUSED)
    owner = next((site for site, ids in facts.sites.items() if facts.systemid in ids), None)
    if owner == facts.configured:
        return Outcome(NOTHING)
    if facts.done == (facts.systemid, facts.arm_id):
        return Outcome(NOTHING)
    if owner is not None:
        return Outcome(ACT, owner) if facts.named in ("", owner) else Outcome(REFUSED)
    others = set(facts.sites) - {facts.configured}
    if facts.accepted == facts.systemid and facts.named in others:
        return Outcome(ACT, facts.named)
    return Outcome(REFUSED)


def outcome(facts: Facts) -> Outcome:
    """The table, and what the site's profile asks besides."""
    first = decided(facts)
    if first.action != ACT:
        return first
    if facts.profile != "good":
        return Outcome(CONFIG)
    if not facts.demands or facts.matches is None:
        return Outcome(REFUSED)
    mode = "rehearsal" if facts.matches else facts.otherwise
    if mode == "refuse":
        return Outcome(REFUSED)
    if mode not in facts.addresses or not facts.capture:
        return Outcome(CONFIG)
    return Outcome(ACT, first.site, mode)
