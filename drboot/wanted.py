"""Everything that is to be true of this machine at this site: profile, address table and capture in one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from drboot.capture import Capture
from drboot.profile.hosts import HostRow
from drboot.profile.site import Site


@dataclass(frozen=True)
class Wanted:
    """What the steps are made from.

    host      production host name
    site      the site that the machine has woken at
    home      name of the configured site
    mode      ``disaster`` or ``rehearsal``
    rows      this host's rows of hosts.csv for site and mode
    foreign   addresses that must not be on the wire here: those of every other site and mode of this host
    capture   what the machine looked like at home
    plan_b    the ODM was not reset: stale definitions are removed one by one
    """

    host: str
    site: Site
    home: str
    mode: str
    rows: Tuple[HostRow, ...]
    foreign: Tuple[str, ...]
    capture: Capture
    plan_b: bool

    @property
    def hostname(self) -> str:
        return self.site.names.hostname_of(self.host)

    @property
    def addresses(self) -> Tuple[str, ...]:
        """The addresses that this machine is to have here."""
        return tuple(a for row in self.rows for a in (row.address, *(alias.address for alias in row.aliases)))
