"""What a check is given, and what it yields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Optional, Sequence, Tuple

from drboot import gate
from drboot.capture import Capture
from drboot.errors import Problem
from drboot.profile.estate import Estate
from drboot.profile.site import Site
from drboot.seen import Seen


class Finding(NamedTuple):
    """is_error: with it, the next disaster does not go well; without, it is something to know.

    items  what it is about, one by one, the most important first; () where the problem says it all
    """

    is_error: bool
    problem: Problem
    items: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Production:
    """The machine at its configured site, and what is said of it.

    site     the profile of the configured site
    others   the profiles of the sites at which this host has addresses
    stamp    None: never armed
    capture  None: never captured
    fresh    what a capture says of this machine now
    now      seconds since the epoch, by this machine's clock
    """

    seen: Seen
    estate: Estate
    site: Site
    host: str
    others: Tuple[Site, ...]
    stamp: Optional[gate.Stamp]
    capture: Optional[Capture]
    fresh: Capture
    now: float


def error(name: str, what: str, where: str, why: str, next_: str, items: Sequence[str] = ()) -> Finding:
    return Finding(True, Problem(name, what, where, why, next_), tuple(items))


def note(name: str, what: str, where: str, why: str, next_: str, items: Sequence[str] = ()) -> Finding:
    return Finding(False, Problem(name, what, where, why, next_), tuple(items))
