"""Everything that is to be true of this machine at this site: profile, address table and capture in one value."""

from __future__ import annotations

import contextlib
import fnmatch
import os
from dataclasses import dataclass, replace
from typing import Dict, Iterator, NamedTuple, Optional, Sequence, Tuple

from drboot import capture, failback, infoscale, paths
from drboot.capture import Capture
from drboot.errors import ConfigError, FactUnavailable, Problem, Refused
from drboot.facts import lsdev, uname
from drboot.facts.base import ParseError
from drboot.facts.errpt import NOTHING_HEARD, Heard
from drboot.facts.route import parse_inet0_route
from drboot.facts.types import is_among, numbers
from drboot.failback import Return
from drboot.infoscale import InfoScale
from drboot.paths import Root
from drboot.profile.estate import Estate
from drboot.profile.hosts import HostRow
from drboot.profile.nodes import where_of
from drboot.profile.site import Site
from drboot.seen import Seen
from drboot.steps.duplicates import heard
from drboot.steps.network.interfaces import on_vlan
from drboot.steps.quarantine import Quarantine
from drboot.steps.wpars import WparAddress


@dataclass(frozen=True)
class Wanted:
    """What the steps are made from.

    host      production host name
    site      the site that the machine has woken at
    home      name of the configured site
    mode      ``disaster`` or ``rehearsal``
    rows      this host's rows of hosts.csv for site and mode
    foreign   addresses that must not be on the wire here: those of every other site and mode of this host; in a
              rehearsal also what home had beside its ODM.  A disaster may bring such a service address up itself
    capture   what the machine looked like at home
    coming    it comes back to the site that it came from, and what is known of that; None everywhere else
    forgotten it comes back to the site that it came from, and its own capture of that site is not there any more
    plan_b    the ODM was not reset: stale definitions are removed one by one
    heard     what the error log had to say about duplicate addresses before anything is changed
    infoscale what else on this machine may own its network, or knows its disks; read before anything is changed
    systemid, arm_id  the event (state.py); run  id of this run.  "" where nobody needs to know
    """

    host: str
    site: Site
    home: str
    mode: str
    rows: Tuple[HostRow, ...]
    foreign: Tuple[str, ...]
    capture: Capture
    plan_b: bool
    heard: Heard = NOTHING_HEARD
    systemid: str = ""
    arm_id: str = ""
    run: str = ""
    coming: Optional[Return] = None
    infoscale: InfoScale = infoscale.NOTHING
    forgotten: bool = False

    @property
    def hostname(self) -> str:
        return self.site.names.hostname_of(self.host)

    @property
    def addresses(self) -> Tuple[str, ...]:
        """The addresses that this machine is to have here."""
        return tuple(address for row in self.rows for address in row.addresses)

    @property
    def wpar_addresses(self) -> Tuple[str, ...]:
        """The addresses that its WPARs are to have here."""
        wpars = [wpar for wpar in self.site.wpars if wpar.is_for(self.host)]
        return tuple(one.address for wpar in wpars for one in wpar.of(self.mode))

    @property
    def owns_network(self) -> bool:
        """Whether drboot sets names and network of this boot; a rehearsal's are always its own."""
        return self.site.network.owner in ("", "drboot") or self.mode == "rehearsal"

    @property
    def quarantine(self) -> Optional[Quarantine]:
        """What a rehearsal holds back; None in a disaster."""
        return self.site.rehearsal.quarantine if self.mode == "rehearsal" else None


def prepare(
    seen: Seen, estate: Estate, host: str, home: str, site_name: str, plan_b: bool = False, came_from: str = ""
) -> Wanted:
    """Bring profile, address table, capture and the LPAR's own facts together.

    came_from  the site whose own capture counts when the machine wakes there; "" for none

    Raises ConfigError for what is missing or contradictory, Refused where a fact that the site demands of the
    LPAR, or that tells rehearsal from disaster, does not hold or cannot be read.
    """
    site = estate.sites.get(site_name)
    if site is None:
        raise ConfigError(
            Problem(
                "site-without-profile",
                f"there is no profile for site {site_name}",
                paths.SITES,
                "the stamp names the site, and no file there does",
                "restore its profile, then: drboot --apply",
            )
        )
    lpar = _Lpar(seen)
    try:
        _demand(site, lpar)
        mode = _mode(site, lpar)
    except FactUnavailable as error:  # a guess could give a rehearsal the addresses of the disaster
        raise Refused(*error.problems) from error
    returns = came_from == site_name != home and mode == "disaster"
    known = _returning(seen.root, estate, home, site_name) if returns else _Known(capture.load(seen.root, home))
    made = joined(estate, host, known.captured, site, mode, known.coming)
    _demand_own(known.captured, host, home)
    probes = (role.probe_address for role in made.site.network.roles.values() if role.probe_address)
    addresses = (*dict.fromkeys((*made.addresses, *made.wpar_addresses, *made.foreign, *probes)),)
    return replace(
        made,
        plan_b=plan_b,
        heard=heard(seen, addresses),
        infoscale=infoscale.look(seen),
        forgotten=returns and known.coming is None,
    )


class _Known(NamedTuple):
    """What the captures say of this machine.  coming: of its coming home, None where it does not, or where its own
    capture of that site is gone."""

    captured: Capture
    coming: Optional[Return] = None


def _returning(root: Root, estate: Estate, away: str, site: str) -> _Known:
    """It comes back to this site, and from ``away``, where perhaps nobody ever captured it."""
    if not _is_uncaptured(root, away, site):
        captured = capture.load(root, away)
        return _Known(captured, coming_home(root, estate, captured, site))
    captured = failback.uncaptured(capture.load(root, site), away)
    coming = coming_home(root, estate, captured, site)
    return _Known(captured, replace(coming, blind=True) if coming else None)


def _demand_own(captured: Capture, host: str, home: str) -> None:
    """A capture of another machine would bring that one's volume groups, attributes and stanzas here."""
    if captured.host != host:
        raise ConfigError(
            Problem(
                "capture-other-host",
                f"the capture of site {home} is not of {host}",
                f"{paths.CAPTURES}/{home}.json",
                f"it is of {captured.host}",
                f"restore the one of {host} from a backup; at home: drboot capture",
            )
        )


def joined(
    estate: Estate, host: str, captured: Capture, site: Site, mode: str, coming: Optional[Return] = None
) -> Wanted:
    """Profile, address table and capture, as they are wanted at a site whatever the LPAR there looks like.

    Raises ConfigError for what is missing or contradictory.
    """
    home = captured.site
    rows = estate.rows(host, site.site, mode)
    if coming is not None:
        captured = failback.merged(captured, coming.own, coming.left)
        site, rows = failback.as_captured(site, coming.own, rows)
    if not rows:
        raise ConfigError(
            Problem(
                "host-without-addresses",
                f"{host} has no addresses for site {site.site}, mode {mode}",
                paths.HOSTS_CSV,
                "no row has this host, site and mode",
                f"add a row: {host},{site.site},{mode},...",
            )
        )
    wpars = tuple(one for wpar in site.wpars if wpar.is_for(host) for one in wpar.of(mode))
    if mode == "rehearsal":
        site = _rehearsing(site)
        problems = tuple(overlaps(rows, wpars, captured))
        if problems:
            raise ConfigError(*problems)
    mine = [*(address for row in rows for address in row.addresses), *(one.address for one in wpars)]
    others = [
        address
        for row in estate.hosts
        if row.host == host and (row.site, row.mode) != (site.site, mode)
        for address in row.addresses
    ]
    of_home = (*captured.addresses(), *(captured.further_addresses if mode == "rehearsal" else ()))
    foreign = tuple(a for a in dict.fromkeys((*of_home, *others)) if not is_among(a, mine))
    return Wanted(host, site, home, mode, rows, foreign, captured, False, coming=coming)


def _is_uncaptured(root: Root, away: str, site: str) -> bool:
    """Whether the machine was captured at the site that it comes back to, and never at the other one."""
    there, here = (os.path.lexists(root.path(f"{paths.CAPTURES}/{name}.json")) for name in (away, site))
    return here and not there


def coming_home(root: Root, estate: Estate, captured: Capture, site: str) -> Optional[Return]:
    """What the machine was when it was last at this site; None where that is not known.  Never for a rehearsal.

    Raises ConfigError for a capture that cannot be used.
    """
    left = estate.sites.get(captured.site)
    if left is None or not os.path.lexists(root.path(f"{paths.CAPTURES}/{site}.json")):
        return None
    own = capture.load(root, site)
    return Return(own, left, failback.given_up(captured, own, left))


def _rehearsing(site: Site) -> Site:
    """The site as a rehearsal sees it, whose network is another.

    Routes of its own, name servers if it has any, and no probe_address: that one is the disaster's to take.
    """
    rehearsal = site.rehearsal
    names = replace(site.names, nameservers=rehearsal.nameservers) if rehearsal.nameservers else site.names
    roles = {name: replace(role, probe_address="") for name, role in site.network.roles.items()}
    network = replace(site.network, roles=roles, static_routes=rehearsal.static_routes, static_routes6=())
    return replace(site, names=names, network=network)


def overlaps(rows: Sequence[HostRow], wpars: Sequence[WparAddress], captured: Capture) -> Iterator[Problem]:
    """A rehearsal takes no address that production was seen with, whatever the address table says (F72).

    The loader has compared rows and WPARs with each other; what an administrator set at home and never wrote down only
    the capture knows.  lsattr shows an address as it was typed, so the capture's are read in every way that it could
    be.  The same *gateway* is no overlap, as the loader has it; production's as one's own address is.
    """
    real = _of_production(captured)
    host = captured.host
    taken = [
        (f"the rehearsal of {row.host}", address, f"{row.at} address") for row in rows for address in row.addresses
    ]
    taken += [(f"the rehearsal of a WPAR of {host}", one.address, where_of(one.address, one.at)) for one in wpars]
    for who, address, where in taken:
        why = next((real[number] for number in sorted(numbers(address)) if number in real), "")
        if why:
            yield Problem(
                "rehearsal-uses-real-address",
                f"{who} would use {address}",
                f"{where} and {paths.CAPTURES}/{captured.site}.json",
                why,
                "give the rehearsal an address of its own",
            )


def _of_production(captured: Capture) -> Dict[int, str]:
    """What production had or talked to when it was captured: each address as a number, and what it is."""
    gateways = [_gateway_of(stored) for stored in captured.routes]
    gateways += [route.gateway for route in captured.kernel_routes]
    routed = f"it was a gateway of {captured.site} when that was captured"
    found = {number: routed for gateway in gateways for number in numbers(gateway)}
    for address in (*captured.addresses(), *captured.further_addresses):
        found.update(dict.fromkeys(numbers(address), f"production had it at {captured.site} when it was captured"))
    return found


def _gateway_of(stored: str) -> str:
    """Of a route as inet0 stores it; the last word where its spelling is not known."""
    with contextlib.suppress(ParseError):
        return parse_inet0_route(stored).gateway
    return stored.rpartition(",")[2]


class _Lpar:
    """The LPAR's own facts, read only when a profile asks for them."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen

    def is_named(self, patterns: Sequence[str]) -> bool:
        name = self._seen(uname.PARTITION).name or ""
        return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)

    def is_numbered(self, numbers: Sequence[int]) -> bool:
        return self._seen(uname.PARTITION).number in numbers

    def is_on_vlan(self, vlans: Sequence[int]) -> bool:
        """Raises FactUnavailable, also where no Ethernet adapter can say it."""
        adapters = [d.name for d in self._seen(lsdev.DEVICES) if d.is_available and d.name[:3] == "ent"]
        if not adapters:
            what, why = "the VLAN of this LPAR is not known", "no Ethernet adapter is Available"
            raise FactUnavailable(
                Problem("fact-unavailable", what, str(lsdev.DEVICES), why, "cfgmgr; lsdev -Cc adapter")
            )
        return bool(on_vlan(self._seen, adapters, vlans))

    def has_file(self, path: str) -> bool:
        return os.path.exists(self._seen.root.path(path))


def _demand(site: Site, lpar: _Lpar) -> None:
    """The further facts that a site demands; Refused when one does not hold or cannot be read."""
    requires = site.requires
    misses = []
    if requires.partition_name and not lpar.is_named(requires.partition_name):
        misses.append("the partition's name is not one of partition_name")
    if requires.partition_number and not lpar.is_numbered(requires.partition_number):
        misses.append("the partition's number is not one of partition_number")
    if requires.marker and not lpar.has_file(requires.marker):
        misses.append(f"the marker {requires.marker} does not exist")
    if misses:
        raise Refused(
            Problem(
                "requires-not-met",
                f"site {site.site} asks for more than the systemid, and it does not hold here",
                str(requires.at),
                "; ".join(misses),
                "start the right LPAR, or correct the profile, then: drboot --apply",
            )
        )


def _mode(site: Site, lpar: _Lpar) -> str:
    """``disaster`` or ``rehearsal``, told apart by a fact of the LPAR and never by a date."""
    rehearsal = site.rehearsal
    if (
        (rehearsal.partition_name and lpar.is_named(rehearsal.partition_name))
        or (rehearsal.partition_number and lpar.is_numbered(rehearsal.partition_number))
        or (rehearsal.vlan and lpar.is_on_vlan(rehearsal.vlan))
    ):
        return "rehearsal"
    if rehearsal.otherwise == "refuse":
        raise Refused(
            Problem(
                "neither-rehearsal-nor-disaster",
                "this LPAR is not one for rehearsals, and the profile says to refuse any other",
                str(rehearsal.at),
                "no partition name, number or VLAN of `rehearsal` matches",
                "start the right LPAR, or set otherwise: disaster",
            )
        )
    return rehearsal.otherwise
