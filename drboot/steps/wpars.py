"""Workload partitions of the site: resolver files and addresses of this site, then started.

In this order: volume groups and mounts (by their own steps), the resolver file inside the WPAR's root, its addresses,
whether somebody else has one of them, startwpar.  A mount that failed stops the steps of that WPAR.

Source: InfoScale virtualization guide for AIX, "Configuring AIX WPARs for disaster recovery" (DNSServers, DNSSearchPath
        and DNSDomain are written inside the WPAR; it depends on its mounts, those on the disk group); manual pages of
        lswpar, chwpar, startwpar and stopwpar (AIX 7.1, 7.2).  The definition is in /etc/wpars, a part of rootvg.
Assumed: startwpar accepts a base directory that is mounted already, as below VCS; /etc/rc.wpars comes late in the
         inittab (inittab/50), so that a WPAR is not started before drboot has been here.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Collection, FrozenSet, Iterator, List, Optional, Sequence, Tuple

from drboot.errors import FactUnavailable, Problem, Where
from drboot.facts import errpt, lswpar, mount
from drboot.facts.types import is_among
from drboot.profile.keys import ADDRESS, BOOLEAN, DOMAIN, HOST_ADDRESS, HOST_NAME, NAME, NETMASK, ListOf, Text
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import filesystems, reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo, Write
from drboot.steps.duplicates import Claim, ask, asked_anew, in_use
from drboot.steps.names import MOST, OPTIONS, Resolver, text_of
from drboot.steps.network.interfaces import duplicate, interface_of, news, ready

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.profile.hosts import HostRow
    from drboot.wanted import Wanted

# Source: chwpar manual: at most 25 bytes, no blanks, none of these symbols, neither - nor 0 in front.
NAME_LIMIT = 25
_NOT_IN_NAMES = set("=:/!;`'\"<>~&()*+[],.^{}|\\ ")


def to_wpar_name(text: str) -> str:
    """A name as mkwpar takes it."""
    if not text or len(text) > NAME_LIMIT or text[0] in "-0" or _NOT_IN_NAMES & set(text) or not text.isascii():
        raise ValueError(f"a WPAR's name has at most {NAME_LIMIT} plain characters and begins with neither - nor 0")
    if not text.isprintable():
        raise ValueError("it has a control character")
    return text


def to_base(text: str) -> str:
    """The base directory of a WPAR, which is never that of the LPAR itself."""
    if text[:1] != "/" or text[:2] in ("/", "//") or os.path.normpath(text) != text or not text.isprintable():
        raise ValueError("it is no absolute path without .. and // below /")
    return text


# ---------------------------------------------------------------- profile


@dataclass(frozen=True)
class WparAddress:
    """One of ``wpars[].interfaces``.  ``role`` is the one of hosts.csv whose interface carries it."""

    role: str
    address: str
    netmask: str
    at: Where


@dataclass(frozen=True)
class Wpar:
    """One of ``wpars:`` of a profile.

    nameservers  () leaves its resolver file as it is
    rehearsal    its addresses in a rehearsal; without them it is not started there
    """

    name: str
    root: str
    hosts: Tuple[str, ...]
    nameservers: Tuple[str, ...]
    domain: str
    search: Tuple[str, ...]
    interfaces: Tuple[WparAddress, ...]
    rehearsal: Tuple[WparAddress, ...]
    start: bool
    at: Where

    def is_for(self, host: str) -> bool:
        return not self.hosts or host in self.hosts

    def of(self, mode: str) -> Tuple[WparAddress, ...]:
        """Its addresses in this mode."""
        return self.rehearsal if mode == "rehearsal" else self.interfaces


WPAR_NAME = Text(
    "a WPAR's name",
    to_wpar_name,
    Problem("bad-wpar-name", "this cannot be a WPAR's name", next="write it as lswpar lists it"),
    "[^ ]{1,25}",
)
BASE = Text(
    "a base directory",
    to_base,
    Problem("bad-wpar-root", "this cannot be the root of a WPAR", next="write the directory that lswpar lists"),
    "/.+",
)

INTERFACE = Section(
    "wpar_interface",
    WparAddress,
    keys=(
        Key("role", NAME, "The role whose interface carries the address.", example="service"),
        Key("address", HOST_ADDRESS, "Address of the WPAR here.", example="10.20.5.31"),
        Key("netmask", NETMASK, "Its netmask.", example="255.255.255.0"),
    ),
)

SECTION = Section(
    "wpar",
    Wpar,
    meaning="Workload partitions that have other names and addresses at this site; see /opt/drboot/doc/infoscale.md.",
    keys=(
        Key("name", WPAR_NAME, "The WPAR's name.", example="web"),
        Key("root", BASE, "Its base directory in the global environment.", example="/wpars/web"),
        Key("hosts", ListOf(HOST_NAME), "Production host names it is for; none means every host.", (), "every host"),
        Key(
            "nameservers",
            ListOf(ADDRESS, most=MOST),
            "nameserver lines of its /etc/resolv.conf; none leaves that file as it is.",
            default=(),
            shown="unchanged",
            example="[10.20.0.53]",
        ),
        Key("domain", DOMAIN, "The domain line; not together with search.", "", "none", "dr.example.com"),
        Key("search", ListOf(DOMAIN, most=6), "The search line.", (), "none", "[dr.example.com]"),
        Key(
            "interfaces",
            ListOf(INTERFACE),
            "All of its addresses at this site; every other one is taken out of its definition.",
            default=(),
            shown="none",
            example="[{role: service, address: 10.20.5.31, netmask: 255.255.255.0}]",
        ),
        Key(
            "rehearsal",
            ListOf(INTERFACE),
            "The same for a rehearsal; without any it has no address there, and is not started.",
            default=(),
            shown="none",
            example="[{role: service, address: 10.99.5.31, netmask: 255.255.255.0}]",
        ),
        Key("start", BOOLEAN, "Start it when all of that is so.", default=True, example="true"),
    ),
)


def check(wpars: Sequence[Wpar], roles: Collection[str]) -> Iterator[Problem]:
    """Mistakes of the list as a whole.  ``roles`` are those of the site's network."""
    taken: List[Tuple[str, str]] = []  # address, mode
    for index, wpar in enumerate(wpars):
        for other in wpars[:index]:
            shared = not wpar.hosts or not other.hosts or set(wpar.hosts) & set(other.hosts)
            if shared and other.name == wpar.name:
                yield _mistake("wpar-named-twice", wpar.name, wpar.at, "two entries count for one host", "keep one")
        if wpar.domain and wpar.search:
            why = "resolv.conf takes one of them; with both, the last one counts"
            yield _mistake("wpar-domain-and-search", wpar.name, wpar.at, why, "keep one of the two")
        if (wpar.domain or wpar.search) and not wpar.nameservers:
            why = "without name servers its file is left as it is"
            yield _mistake("wpar-without-nameservers", wpar.name, wpar.at, why, "name its name servers")
        for mode, addresses in (("disaster", wpar.interfaces), ("rehearsal", wpar.rehearsal)):
            for one in addresses:
                if one.role not in roles:
                    why = f"the site has no role {one.role}"
                    cure = "roles are: " + (", ".join(sorted(roles)) or "none")
                    yield _mistake("wpar-role-unknown", wpar.name, one.at, why, cure)
                if (one.address, mode) in taken:
                    why = f"{one.address} is written twice for mode {mode}"
                    yield _mistake("wpar-address-twice", wpar.name, one.at, why, "give one of the two another address")
                taken.append((one.address, mode))


def _mistake(name: str, wpar: str, at: Where, why: str, cure: str) -> Problem:
    return Problem(name, f"WPAR {wpar} cannot be as it is written", where_of(wpar, at), why, cure)


# ---------------------------------------------------------------- steps


def _row(seen: Seen, name: str) -> Optional[lswpar.Wpar]:
    return next((row for row in seen(lswpar.ALL) if row.name == name), None)


class OfWpar(Step):
    """A step about one WPAR of the profile."""

    wpar: Wpar
    at: str

    def _stands_in_the_way(self, seen: Seen) -> Optional[Assessment]:
        """Why nothing of the WPAR may be changed now; None when it is there and stopped."""
        row = _row(seen, self.wpar.name)
        if row is None:
            why = f"lswpar knows no {self.wpar.name}"
            return Blocked(self._problem("wpar-missing", why, f"look for /etc/wpars/{self.wpar.name}.cf; mkwpar"))
        if row.directory != self.wpar.root:
            why = f"its directory is {row.directory}, the profile says {self.wpar.root}"
            return Blocked(self._problem("wpar-elsewhere", why, "correct wpars.root in the profile"))
        if row.state != lswpar.DEFINED:
            why = f"its state is {row.state}, and it is changed only while it is stopped (D)"
            return Blocked(self._problem("wpar-not-stopped", why, f"stopwpar {self.wpar.name}"))
        return None

    def _problem(self, name: str, why: str, cure: str) -> Problem:
        return Problem(name, f"WPAR {self.wpar.name} is left as it is", self.at, why, f"{cure}, then: drboot --apply")


@dataclass(frozen=True)
class ResolverSo(OfWpar):
    """The resolver file inside the WPAR's root is this site's.

    What it ensures  nameserver, search and domain lines as the profile has them
    Why              its name servers are those of home, since its root is a replica
    Reads            lswpar -c -q; mount; the file below the WPAR's root
    Runs             an atomic replacement of the file, while the WPAR is stopped and its base is mounted.  Nothing is
                     written through a symbolic link: root of the WPAR could lead it out of the WPAR
    Undo             the recorded text
    """

    wpar: Wpar
    points: Tuple[str, ...]
    edit: Resolver
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"wpars/{self.wpar.name}/resolver"

    @property
    def title(self) -> str:
        return f"name servers of WPAR {self.wpar.name}"

    @property
    def path(self) -> str:
        return self.wpar.root + "/etc/resolv.conf"

    def assess(self, seen: Seen) -> Assessment:
        mounted = {row.over for row in seen(mount.MOUNTS)}
        for point in self.points:
            if point not in mounted:
                return Later(f"filesystems{point}", (f"write {self.path}",), f"nothing is mounted on {point} yet")
        link = reversals.link_inside(seen, self.wpar.root, self.path)
        if link:
            why = f"{link} is a symbolic link, which may lead out of the WPAR"
            return Blocked(self._problem("wpar-resolver-linked", why, "make it a file of the WPAR"))
        if not os.path.isdir(seen.root.path(self.wpar.root + "/etc")):
            why = f"there is no {self.wpar.root}/etc: this is not the root of a WPAR"
            return Blocked(self._problem("wpar-base-empty", why, "look at what is mounted there"))
        text = seen(text_of(self.path))
        new = self.edit.apply(text)
        if new == text:
            return Done(f"{self.path}: {self.edit}")
        return self._stands_in_the_way(seen) or Todo((Write(self.path, new),), f"{self.path} is not that of this site")

    def undo(self, seen: Seen) -> Back:
        was = reversals.file_was(seen, self.path)
        back = reversals.WparFileWas(
            self.wpar.name, self.wpar.root, was.path, was.text, was.mode, was.uid, was.gid, self.points
        )
        return Back((back,))


@dataclass(frozen=True)
class AddressesSo(OfWpar):
    """The definition of the WPAR has its addresses of this site, and no other one.

    Why      its definition came with rootvg, and has production's addresses; startwpar puts them on the wire
    Reads    lswpar -c -q; lswpar -N -c -q; which interface carries each role
    Runs     chwpar -K -N address=OLD NAME; chwpar -N interface=enN address=NEW netmask=MASK NAME; while it is stopped
    Undo     the recorded addresses
    """

    wpar: Wpar
    addresses: Tuple[Tuple[WparAddress, HostRow], ...]
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()
    lacking: Tuple[str, ...] = ()  # roles of its addresses that this host has no row for

    lock: ClassVar[str] = "wpars"

    @property
    def id(self) -> str:
        return f"wpars/{self.wpar.name}/network"

    @property
    def title(self) -> str:
        return f"addresses of WPAR {self.wpar.name}"

    def assess(self, seen: Seen) -> Assessment:
        if self.lacking:
            why = (
                f"hosts.csv has no row of this host for role {', '.join(self.lacking)}, whose interface is to carry one"
            )
            return Blocked(self._problem("wpar-role-unknown", why, "add the row, or correct wpars.interfaces"))
        found = self.wanted(seen)
        changes = lswpar.changes(seen(lswpar.NETWORK), self.wpar.name, found)
        if not changes:
            shown = ", ".join(f"{address} on {interface}" for interface, address, _ in found)
            return Done(f"its definition has {shown or 'no address'}")
        now = [row.address for row in seen(lswpar.NETWORK) if row.wpar == self.wpar.name]
        why = f"its definition has {', '.join(now) or 'no address'}"
        return self._stands_in_the_way(seen) or Todo(
            tuple(command("chwpar", *args, touches="wpars") for args in changes), why
        )

    def wanted(self, seen: Seen) -> Tuple[Tuple[str, str, str], ...]:
        """Interface, address and netmask of each.  Raises FactUnavailable where an interface is not to be found."""
        found = []
        for one, row in self.addresses:
            name = interface_of(seen, row)
            if isinstance(name, Problem):
                raise FactUnavailable(name)
            found.append((name, one.address, one.netmask))
        return tuple(found)

    def undo(self, seen: Seen) -> Back:
        return _addresses_back(seen, self.wpar.name)


@dataclass(frozen=True)
class AddressesFree(OfWpar):
    """Nobody answers at the WPAR's addresses, as far as one can ask before startwpar puts them on the wire.

    Reads   as the same question about the LPAR's own addresses: ifconfig -a, ping, arp; from an address of the LPAR
            that is up in the WPAR's subnet
    Runs    nothing; or arp -d ADDRESS, as there
    Undo    nothing
    """

    wpar: Wpar
    addresses: Tuple[WparAddress, ...]
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"wpars/{self.wpar.name}/unused"

    @property
    def title(self) -> str:
        return f"nobody has the addresses of WPAR {self.wpar.name} yet"

    def assess(self, seen: Seen) -> Assessment:
        askers, claims = self._ask(seen)
        if claims:
            return asked_anew(claims, self.id) or Blocked(self._in_use(claims))
        if not askers:
            return Done("no interface is up in their subnets to ask from, or they are up here already")
        return Done(f"nobody answered {', '.join(askers)}")

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        _, claims = self._ask(seen)
        return self._in_use(claims) if claims else trouble

    def _ask(self, seen: Seen) -> Tuple[Tuple[str, ...], Tuple[Claim, ...]]:
        """Who could ask, and what was claimed."""
        return ask(seen, tuple(one.address for one in self.addresses), self.id)

    def _in_use(self, claims: Sequence[Claim]) -> Problem:
        return in_use(claims[0], self.at, f"WPAR {self.wpar.name} was not started")

    def undo(self, seen: Seen) -> Back:
        return Back()


@dataclass(frozen=True)
class Started(OfWpar):
    """The WPAR is active.

    Reads   lswpar -c -q
    Runs    startwpar NAME
    Undo    stopwpar NAME
    Source  startwpar manual: it mounts what the WPAR's definition names, brings its addresses up, starts its init
    """

    wpar: Wpar
    vcs: bool
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    heard: errpt.Heard = errpt.NOTHING_HEARD
    addresses: Tuple[WparAddress, ...] = ()

    lock: ClassVar[str] = "wpars"

    @property
    def id(self) -> str:
        return f"wpars/{self.wpar.name}/start"

    @property
    def title(self) -> str:
        return f"startwpar {self.wpar.name}"

    def assess(self, seen: Seen) -> Assessment:
        row = _row(seen, self.wpar.name)
        if row is not None and row.state == lswpar.ACTIVE:
            return Done(f"{self.wpar.name} is active", self._of_vcs())
        with contextlib.suppress(FactUnavailable):  # the step that watches says so
            claimed = _claimed(seen, self.heard, self.wpar, self.addresses, self.at)
            if claimed:  # it was stopped for that in this run
                return Blocked(claimed)
        start = command("startwpar", self.wpar.name, kind="wpar", touches="wpars network mounts")
        return self._stands_in_the_way(seen) or Todo((start,), f"{self.wpar.name} is stopped")

    def _of_vcs(self) -> Tuple[str, ...]:
        """Source: InfoScale guide, hawparsetup and hawparverify; they need answers that only the administrator has."""
        if not self.vcs:
            return ()
        rerun = f"WPAR {self.wpar.name}: VCS is here and knows its old network: run hawparsetup again"
        return (rerun, f"WPAR {self.wpar.name}: check what VCS made of it with hawparverify")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.WparStopped(self.wpar.name),))


@dataclass(frozen=True)
class Alone(OfWpar):
    """No other machine has claimed an address of the WPAR while it was up here; the last look of a run asks again.

    What it ensures  where one has, the WPAR is stopped, and with it the address is off the wire
    Reads            errpt -a -J AIXIF_ARP_DUP_ADDR; ifconfig -a; lswpar -c -q
    Runs             nothing; or stopwpar NAME
    Undo             what the step that starts it undoes
    Source           as for the addresses of the LPAR itself: aix/network-and-services.md section 14
    Assumed          the kernel logs a claim to an address of a WPAR as one to any other
    """

    wpar: Wpar
    addresses: Tuple[WparAddress, ...]
    heard: errpt.Heard
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "wpars"
    watches: ClassVar[FrozenSet[str]] = frozenset({"errlog"})

    @property
    def id(self) -> str:
        return f"wpars/{self.wpar.name}/alone"

    @property
    def title(self) -> str:
        return f"nobody else claims an address of WPAR {self.wpar.name}"

    def assess(self, seen: Seen) -> Assessment:
        claimed = _claimed(seen, self.heard, self.wpar, self.addresses, self.at)
        if claimed is None:
            return Done(f"nobody else claimed {', '.join(one.address for one in self.addresses)}")
        row = _row(seen, self.wpar.name)
        if row is None or row.state != lswpar.ACTIVE:
            return Blocked(claimed)
        stop = command("stopwpar", self.wpar.name, kind="wpar", touches="wpars network mounts")
        return Todo((stop,), claimed.why)

    def undo(self, seen: Seen) -> Back:
        return Back()


def _claimed(
    seen: Seen, heard: errpt.Heard, wpar: Wpar, addresses: Sequence[WparAddress], at: str
) -> Optional[Problem]:
    """That another machine has an address of the WPAR, where the error log says so.  Raises FactUnavailable."""
    found = news(seen, heard, [one.address for one in addresses])
    return duplicate(at, f"WPAR {wpar.name} was stopped", *found) if found else None


@dataclass(frozen=True)
class ProductionsAddressesGone(Step):
    """In a rehearsal: no WPAR has an address in its definition but those that the profile gives it for rehearsals.

    Why      the definitions came with rootvg: whatever starts a WPAR, /etc/rc.wpars too, puts production's address on
             the wire, also of one that the profile does not name, or whose mounts have failed
    Reads    lswpar -N -c -q; lswpar -c -q where an address has to go
    Runs     chwpar -K -N address=OLD NAME, of each WPAR that is stopped
    Undo     the recorded addresses
    Source   chwpar manual: -K with -N address=A takes an address out of the definition; rc.wpars starts those with auto
             start from the inittab (mkwpar manual)
    Assumed  where /etc/wpars has no definition, lswpar that fails has nothing to say
    """

    allowed: Tuple[Tuple[str, Tuple[str, ...]], ...]  # name of a WPAR, its addresses in a rehearsal
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "wpars"

    @property
    def id(self) -> str:
        return "wpars/fenced"

    @property
    def title(self) -> str:
        return "WPARs without production's addresses"

    def assess(self, seen: Seen) -> Assessment:
        surplus = self._surplus(seen)
        if not surplus:
            return Done("no WPAR has an address of production")
        states = {row.name: row.state for row in seen(lswpar.ALL)}
        stopped = [row for row in surplus if states.get(row.wpar) == lswpar.DEFINED]
        if stopped:
            away = (command("chwpar", "-K", "-N", f"address={r.address}", r.wpar, touches="wpars") for r in stopped)
            return Todo(tuple(away), f"production's: {_listed(stopped)}", each=True)
        name = surplus[0].wpar
        return Blocked(
            Problem(
                "wpar-not-stopped",
                f"WPAR {name} has an address of production",
                self.at,
                f"its state is {states.get(name, 'not known')}, and it has {_listed(surplus)}",
                f"stopwpar {name}, then: drboot --apply",
            )
        )

    def _surplus(self, seen: Seen) -> Tuple[lswpar.Address, ...]:
        """The addresses that have to go."""
        if not seen.root.has_program("lswpar"):
            return ()
        rows = seen(lswpar.NETWORK) if lswpar.may_be_any(seen) else seen.or_none(lswpar.NETWORK) or ()
        allowed = dict(self.allowed)
        return tuple(row for row in rows if not is_among(row.address, allowed.get(row.wpar, ())))

    def undo(self, seen: Seen) -> Back:
        backs = [_addresses_back(seen, name) for name in dict.fromkeys(row.wpar for row in self._surplus(seen))]
        kept = "; ".join(back.kept for back in backs if back.kept)
        return Back(tuple(step for back in backs for step in back.steps), kept)


@dataclass(frozen=True)
class NoneStartsItself(Step):
    """In a rehearsal: no WPAR is started by the boot, with cron, mail and jobs of production inside.

    Why      a WPAR has an init of its own, and what the LPAR holds back is not held back inside it.  Those that the
             profile wants in a rehearsal drboot starts itself
    Reads    lswpar -c -G
    Runs     chwpar -K -A NAME of each that has auto start, whatever its state
    Undo     chwpar -A NAME
    Source   chwpar manual: -A sets the attribute auto to yes, and with -K to no; /etc/rc.wpars goes by it at the next
             boot of the system.  It is late in the inittab (inittab/50), after drboot
    """

    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "wpars"
    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return "wpars/auto_start"

    @property
    def title(self) -> str:
        return "WPARs without auto start"

    def assess(self, seen: Seen) -> Assessment:
        names = self._starting(seen)
        if not names:
            return Done("no WPAR has auto start")
        off = tuple(command("chwpar", "-K", "-A", name, touches="wpars") for name in names)
        return Todo(off, f"/etc/rc.wpars would start {', '.join(names)}", each=True)

    def undo(self, seen: Seen) -> Back:
        return Back(tuple(reversals.WparStartsItself(name) for name in self._starting(seen)))

    def _starting(self, seen: Seen) -> Tuple[str, ...]:
        listed = seen.or_none(lswpar.ALL) if seen.root.has_program("lswpar") else None
        if not listed and not lswpar.may_be_any(seen):
            return ()
        return tuple(row.wpar for row in seen(lswpar.STARTS) if row.auto)


def _listed(rows: Sequence[lswpar.Address]) -> str:
    return ", ".join(f"{row.address} of {row.wpar}" for row in rows)


def _addresses_back(seen: Seen, name: str) -> Back:
    """How the definition of this WPAR has its addresses back.  One of IPv6 cannot be."""
    rows = [row for row in seen(lswpar.NETWORK) if row.wpar == name]
    before = tuple((row.interface, row.address, row.netmask) for row in rows if row.netmask)
    others = [row.address for row in rows if not row.netmask]
    kept = f"{', '.join(others)} is not put back: chwpar -N" if others else ""
    return Back((reversals.WparAddressesWere(name, before),), kept)


def base_mounts(root: str, points: Sequence[str]) -> Tuple[str, ...]:
    """The mount points, of those that this site mounts, on which the WPAR's files are.

    At its root and below; where there is none at the root, the nearest one above.  None: it is on a file system of
    rootvg, or on one that is no matter of ours.
    """
    inside = [point for point in points if point == root or point.startswith(root + "/")]
    above = [point for point in points if root.startswith(point.rstrip("/") + "/")]
    if root not in inside and above:
        inside.append(max(above, key=len))
    return tuple(sorted(inside))


def steps(wanted: Wanted) -> Iterator[Step]:
    site = wanted.site
    points = [fs.mount_point for fs in filesystems.taken(wanted)]
    rows = {row.role: row for row in wanted.rows}
    up = ready(wanted.rows) if wanted.owns_network else ()
    mine = [wpar for wpar in site.wpars if wpar.is_for(wanted.host)]
    fenced: Tuple[str, ...] = ()
    if wanted.mode == "rehearsal":
        allowed = tuple((wpar.name, tuple(one.address for one in wpar.rehearsal)) for wpar in mine)
        first = ProductionsAddressesGone(allowed, str(site.rehearsal.at))
        fenced = (first.id,)
        yield first
        yield NoneStartsItself(str(site.rehearsal.at))
    for wpar in mine:
        base = base_mounts(wpar.root, points)
        needs = tuple(f"filesystems{point}" for point in base)
        own = wpar.of(wanted.mode)
        before: List[str] = []
        if wpar.nameservers:
            servers = site.names.nameservers if wanted.mode == "rehearsal" else wpar.nameservers
            edit = Resolver(servers or wpar.nameservers, wpar.domain, wpar.search, OPTIONS)
            made: Step = ResolverSo(wpar, base, edit, str(wpar.at), needs)
            before.append(made.id)
            yield made
        addresses = tuple((one, rows[one.role]) for one in own if one.role in rows)
        lacking = tuple(dict.fromkeys(one.role for one in own if one.role not in rows))
        made = AddressesSo(wpar, addresses, str(wpar.at), (*needs, *before), fenced, lacking)
        yield made
        if wpar.start and (own or wanted.mode == "disaster"):
            free = AddressesFree(wpar, own, str(wpar.at), up)
            yield free
            needed = (*needs, *before, made.id, *up, free.id)
            started = Started(wpar, wanted.infoscale.vcs, str(wpar.at), needed, (), wanted.heard, own)
            yield started
            if own:
                yield Alone(wpar, own, wanted.heard, str(wpar.at), (started.id,))
