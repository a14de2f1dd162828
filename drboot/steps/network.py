"""The network of a site: what the roles of hosts.csv mean here, and the static routes."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass, replace
from typing import (
    TYPE_CHECKING,
    ClassVar,
    Collection,
    Dict,
    FrozenSet,
    Iterator,
    List,
    Optional,
    Sequence,
    Tuple,
    Union,
)

from drboot import paths
from drboot.errors import FactUnavailable, Problem, Where
from drboot.facts import arp, entstat, errpt, ifconfig, lsattr, lscfg, lsdev, netstat, ping, route, uname
from drboot.facts.types import is_among, mask_of, same_address
from drboot.profile.keys import (
    ADDRESS6,
    DURATION,
    HOST_ADDRESS,
    NETWORK,
    NETWORK6,
    Integer,
    ListOf,
    OneOf,
    Text,
    in_one_subnet,
    split_network,
    to_name,
    to_number,
)
from drboot.profile.sections import Key, Section, TableOf
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.settable import PARTS, Pseudo, carrier, devices, vlan_device
from drboot.steps import pseudo_adapters, reversals
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Later, Notice, Remove, Step, Todo, Write, counted
from drboot.steps.reversals import odm_value

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.profile.hosts import Alias, HostRow, Match
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class Role:
    """One of ``network.roles``.  mtu in bytes; None leaves the interface's own.  probe_address is "" without one."""

    mtu: Optional[int]
    probe_address: str
    at: Where


@dataclass(frozen=True)
class StaticRoute:
    """One of ``network.static_routes`` or ``network.static_routes6``.

    to   ``10.30.0.0/16``, or an address alone for a host route; ``keys.split_network`` gives address and mask.  An
         IPv6 destination always has its prefix length
    via  the gateway's address
    """

    to: str
    via: str
    at: Where


@dataclass(frozen=True)
class Network:
    """``network:`` of a profile."""

    roles: Dict[str, Role]
    static_routes: Tuple[StaticRoute, ...]
    static_routes6: Tuple[StaticRoute, ...]
    duplicate_watch: float
    pseudo_adapters: str
    owner: str
    at: Where


# Steps of the network that are not a role's: ``network/gateway``.
_NO_ROLES = ("default_route", "gateway", "node_name", "old_routes", "owner", "routes6", "static_routes")


def to_role(text: str) -> str:
    """A name that no step of the network has already."""
    if text in _NO_ROLES:
        raise ValueError("a step of the network has this name")
    return to_name(text)


ROLE_NAME = Text(
    "a role",
    to_role,
    Problem("bad-name", "this cannot be the name of a role", next="take another name, here and in hosts.csv"),
    "[A-Za-z0-9_.][A-Za-z0-9_.-]{0,63}",
)
ROLE = Section(
    "role",
    Role,
    meaning="What is the same for every host's interface of this role.",
    keys=(
        Key(
            "mtu",
            # Assumed: 60 is the least that en devices take, 65394 the most that virtual Ethernet documents.
            Integer(60, 65394),
            "MTU in bytes; without it the interface keeps its own.",
            default=None,
            shown="unchanged",
            example="9000",
        ),
        Key(
            "probe_address",
            HOST_ADDRESS,
            "An address that nobody has: it is up for a moment, to ask whether an address of its subnet is free.",
            default="",
            shown="none",
            example="10.20.5.250",
        ),
    ),
)

STATIC_ROUTE = Section(
    "static_route",
    StaticRoute,
    keys=(
        Key("to", NETWORK, "Destination: a network with its prefix length, or one address.", example="10.30.0.0/16"),
        Key("via", HOST_ADDRESS, "Address of the gateway to it.", example="10.20.0.254"),
    ),
)

STATIC_ROUTE6 = Section(
    "static_route6",
    StaticRoute,
    keys=(
        Key("to", NETWORK6, "Destination: a network with its prefix length, one address, or ::/0.", example='"::/0"'),
        Key("via", ADDRESS6, "Address of the gateway to it.", example='"2001:db8:5::1"'),
    ),
)

SECTION = Section(
    "network",
    Network,
    meaning="The networks of the site. The addresses themselves come from hosts.csv.",
    keys=(
        Key(
            "roles",
            TableOf(ROLE_NAME, ROLE),
            "The roles that rows of hosts.csv may have at this site.",
            default={},
            example="{service: {mtu: 1500}}",
        ),
        Key(
            "static_routes",
            ListOf(STATIC_ROUTE),
            "Static routes; the default route is the gateway column of hosts.csv.",
            default=(),
            example="[{to: 10.30.0.0/16, via: 10.20.0.254}]",
        ),
        Key(
            "static_routes6",
            ListOf(STATIC_ROUTE6),
            "IPv6 routes, the default route among them; none in a rehearsal. The IPv6 addresses come from autoconf6 or "
            "from a program of the site.",
            default=(),
            example='[{to: "2001:db8:31::/48", via: "2001:db8:5::1"}]',
        ),
        Key(
            "duplicate_watch",
            DURATION,
            "How long an address is up alone, and the error log watched, before routes and services follow.",
            default=15.0,
            shown="15s",
            example="15s",
        ),
        Key(
            "pseudo_adapters",
            OneOf("restore", "leave"),
            "restore: EtherChannels and VLAN devices of home are made again where their adapters are here. leave: the "
            "plain adapters are used.",
            default="restore",
            example="restore",
        ),
        Key(
            "owner",
            OneOf("drboot", "vcs", "none"),
            "Who sets names and addresses in a disaster: vcs leaves them to vcs-reconfig of InfoScale, none to nobody. "
            "Where vcs-reconfig is found and this is not said, drboot refuses to.",
            default="",
            shown="drboot, unless vcs-reconfig is here",
            example="drboot",
        ),
    ),
)


# ---------------------------------------------------------------- which interface


def interface_of(seen: Seen, row: HostRow) -> Union[str, Problem]:
    """The enN whose adapter matches the row, or the Problem that none or several do.

    Never assumed from a name: adapters are renumbered in discovery order at DR (aix/boot-and-devices.md section 2).
    enN belongs to entN.  An adapter that is a part of an EtherChannel has no interface of its own: the EtherChannel's
    counts, and a device that was made for the VLAN comes before the adapter below it.
    """
    adapters = [d for d in seen(lsdev.DEVICES) if d.cls == "adapter" and d.is_available and _is_ent(d.name)]
    present = {d.name for d in adapters if d.type not in PARTS}
    if row.match.kind == "vlan":
        vlan = int(row.match.value)
        matching = vlan_device(seen, vlan) or on_vlan(seen, sorted(present), (vlan,))
    else:
        fitting = [vpd.name for vpd in seen(lscfg.ETHERNET_ADAPTERS) if _fits(vpd, row.match)]
        matching = tuple(name for name in fitting if name in present)
    found = sorted({carrier(seen, name) for name in matching})
    if len(found) == 1 and (found[0] in present or any(d.name == "en" + found[0][3:] for d in seen(lsdev.DEVICES))):
        return "en" + found[0][3:]
    if len(found) == 1:  # a pseudo adapter's interface comes with a cfgmgr of its own (boot-and-devices section 8)
        return Problem(
            "adapter-not-found",
            f"{row.match} has no interface",
            str(row.at),
            f"it is {found[0]}, and lsdev knows no en{found[0][3:]}",
            "run cfgmgr, then: drboot --apply",
        )
    return Problem(
        "adapter-ambiguous" if found else "adapter-not-found",
        f"{row.match} is {'more than one adapter' if found else 'no adapter'} of this LPAR",
        str(row.at),
        f"it fits {', '.join(found) or 'none'} of {', '.join(sorted(present)) or 'no Ethernet adapter at all'}",
        "compare with lscfg -vl 'ent*' and entstat -d entN, then correct hosts.csv or the LPAR",
    )


class OnInterface(Step):
    """A step about the interface of one row of hosts.csv."""

    row: HostRow


def awaited(seen: Seen, row: HostRow, coming: Sequence[Pseudo]) -> Optional[Pseudo]:
    """The pseudo adapter that is still to be made, and whose interface the row will mean then.

    coming  as settable.to_come has them
    """
    if row.match.kind == "vlan":
        return next(
            (p for p in coming if p.type == "eth" and dict(p.values).get("vlan_tag_id") == row.match.value), None
        )
    fitting = {vpd.name for vpd in seen(lscfg.ETHERNET_ADAPTERS) if _fits(vpd, row.match)}
    places = {key for (_, key, _), name in devices(seen, {"ent"}).items() if name in fitting}
    channels = (pseudo for pseudo in coming if pseudo.type == "ibm_ech")
    return next((p for p in channels if any(places & set(keys) for _, keys in p.parts)), None)


def _is_ent(name: str) -> bool:
    return name[:3] == "ent" and name[3:].isdigit()


def _fits(vpd: lscfg.Vpd, match: Match) -> bool:
    if match.kind == "mac":
        return vpd.mac == match.value.replace(":", "")
    return match.value in (vpd.slot, vpd.port) or vpd.place.endswith("-" + match.value)


def on_vlan(seen: Seen, adapters: Sequence[str], vlans: Sequence[int]) -> Tuple[str, ...]:
    """Those of the adapters that carry one of these VLANs.

    One that entstat cannot open does not hide the others.  Raises FactUnavailable when there is one, and no other fits.
    """
    found: List[str] = []
    unread: List[FactUnavailable] = []
    for name in adapters:
        try:
            ents = seen(entstat.adapter(name))
        except FactUnavailable as error:
            unread.append(error)
            continue
        if any(ent.port_vlan_id in vlans or set(ent.vlan_tag_ids) & set(vlans) for ent in ents):
            found.append(name)
    if unread and not found:
        raise unread[0]
    return tuple(found)


def kernel_of(seen: Seen, name: str) -> Tuple[Tuple[ifconfig.Inet, ...], bool]:
    """The addresses that the kernel has on the interface, and whether it is up."""
    for interface in seen(ifconfig.INTERFACES):
        if interface.name == name:
            return interface.inet, "UP" in interface.flags
    return (), False


def held(seen: Seen) -> FrozenSet[str]:
    """Every address that the kernel has, up or down."""
    return frozenset(inet.address for interface in seen(ifconfig.INTERFACES) for inet in interface.inet)


def duplicate(at: str, taken: str, address: str, entry: errpt.LogDetail) -> Problem:
    """What is said of an address that the error log calls a duplicate; ``taken``: en0 was taken down."""
    when, mac = entry.value("Date/Time"), errpt.mac_of(entry, address)
    who = f" by MAC {mac}" if mac else ""
    return Problem(
        "address-duplicate",
        f"another machine has {address}: {taken}",
        at,
        f"{entry.label} was logged{f' {when}' if when else ''}{who} while {address} was up here",
        f"find that machine and take {address} off it, then: drboot --apply",
    )


def claims(seen: Seen) -> Tuple[errpt.LogDetail, ...]:
    """What the error log has about duplicate addresses.  Raises FactUnavailable where it cannot be read at all."""
    try:
        return seen(errpt.DUPLICATES)
    except FactUnavailable:
        entries = seen.or_none(errpt.ENTRIES)
        if entries is None:
            raise
        return tuple(entry for entry in entries if entry.label == errpt.DUPLICATE)


def news(seen: Seen, heard: errpt.Heard, addresses: Collection[str]) -> Optional[Tuple[str, errpt.LogDetail]]:
    """One of the addresses and the entry that says that another machine has it, None where there is none.

    An entry about any other address that this machine has is about that one: a WPAR's, or one that only the kernel
    knows.  Raises FactUnavailable, also where what is old could not be read.
    """
    if heard.unread:
        raise FactUnavailable(heard.unread)
    return replace(heard, known=(*heard.known, *held(seen))).news(claims(seen), addresses)


def unless_taken_down(answer: Assessment, seen: Seen, row: HostRow, name: str, heard: errpt.Heard) -> Assessment:
    """The answer; but what was taken down in this run, since another machine has it, is not brought up again by it."""
    if not isinstance(answer, Todo):
        return answer
    try:
        found = news(seen, heard, row.addresses)
    except FactUnavailable:
        return answer
    return Blocked(duplicate(str(row.at), f"{name} was taken down", *found)) if found else answer


# ---------------------------------------------------------------- steps


@dataclass(frozen=True)
class AddressSo(OnInterface):
    """The interface of a role has its address, in the ODM and in the kernel, and is up.

    What it ensures  netaddr, netmask and state of enN; for the primary also inet0's host name
    Reads            lsdev, lscfg -vl 'ent*' or entstat -d; lsattr of enN and inet0; ifconfig -a
    Runs             chdev -l enN; for the primary also chdev -l inet0 -a hostname=HOST.  The default route comes later,
                     when the address was seen to be alone
    Undo             the attributes with the values that were recorded before
    Source           chdev of enN and inet0 changes the ODM, then the kernel (network-and-services sections 3, 4).
                     Not mktcpip yet, whose -g adds the route at once (section 1): the address has to be alone first
    """

    row: HostRow
    hostname: str
    mtu: Optional[int]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    foreign: Tuple[str, ...] = ()  # addresses of other sites: undo never puts one back
    heard: errpt.Heard = errpt.NOTHING_HEARD

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"network/{self.row.role}"

    @property
    def title(self) -> str:
        return f"{self.row.role} address {self.row.address}"

    def assess(self, seen: Seen) -> Assessment:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Blocked(name)
        return unless_taken_down(self._assess(seen, name), seen, self.row, name, self.heard)

    def _assess(self, seen: Seen, name: str) -> Assessment:
        row = self.row
        stored = (odm_value(seen, name, "netaddr"), odm_value(seen, name, "netmask"))
        kernel, is_up = kernel_of(seen, name)
        wrong: List[str] = []
        changes: List[Command] = []
        if not (same_address(stored[0], row.address) and same_address(stored[1], row.netmask)):
            wrong.append(f"{name} is configured as {stored[0] or 'nothing'}")
            changes.append(self._chdev(name, f"netaddr={row.address}", f"netmask={row.netmask}", "state=up"))
        if row.gateway and odm_value(seen, "inet0", "hostname") != self.hostname:
            wrong.append(f"the host name is {odm_value(seen, 'inet0', 'hostname') or 'empty'}")
            args = ("-l", "inet0", "-a", f"hostname={self.hostname}")
            changes.append(command("chdev", *args, touches="network devices names"))
        if wrong:
            return Todo(tuple(changes), ", ".join(wrong))
        if self.mtu is not None and odm_value(seen, name, "mtu") != str(self.mtu):
            return Todo((self._chdev(name, f"mtu={self.mtu}"),), f"mtu of {name} is {odm_value(seen, name, 'mtu')}")
        if not is_up or not any((i.address, i.netmask) == (row.address, row.netmask) for i in kernel):
            again = self._chdev(name, f"netaddr={row.address}", f"netmask={row.netmask}", "state=up")
            return Todo((again,), f"{name} is {'up without' if is_up else 'not up with'} {row.address}")
        if odm_value(seen, name, "state") != "up":
            return Todo((self._chdev(name, "state=up"),), f"{name} would not come up at the next boot")
        return Done(f"{name} has {row.address} netmask {row.netmask}")

    def undo(self, seen: Seen) -> Back:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Back()
        netaddr = seen.or_none(lsattr.value(name, "netaddr")) or ("",)
        is_foreign = is_among(netaddr[0], self.foreign)
        kept = f"{netaddr[0]} is another site's and stays off {name}" if is_foreign else ""

        def interface(seen: Seen) -> reversals.Reversal:
            before = reversals.interface_was(seen, name, self.row.address)
            return replace(before, netaddr="", netmask="", state="detach") if is_foreign else before

        if not self.row.gateway:
            return reversals.readable(seen, interface, kept=kept)
        return reversals.readable(
            seen,
            reversals.routes_were,
            lambda seen: reversals.attributes_were(seen, "inet0", "hostname"),
            lambda seen: reversals.HostNameWas(seen(uname.HOST)),
            interface,
            kept=kept,
        )

    @staticmethod
    def _chdev(name: str, *attributes: str) -> Command:
        args = [part for attribute in attributes for part in ("-a", attribute)]
        return command("chdev", "-l", name, *args, touches="network devices")


@dataclass(frozen=True)
class AliasesSo(OnInterface):
    """The aliases of a role are on its interface, in the ODM and in the kernel.

    Reads   lsattr -El enN -a alias4 -F value; ifconfig -a
    Runs    chdev -l enN -a alias4=IP,MASK; ifconfig enN alias where only the kernel lacks one
    Undo    delalias4
    Source  alias4 is multi-valued, one row each; an alias made with ifconfig alone is lost at boot
            (aix/network-and-services.md section 3)
    """

    row: HostRow
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()
    heard: errpt.Heard = errpt.NOTHING_HEARD

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"network/{self.row.role}/aliases"

    @property
    def title(self) -> str:
        return f"{counted(len(self.row.aliases), 'alias', 'aliases')} of {self.row.role}"

    def assess(self, seen: Seen) -> Assessment:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Blocked(name)
        stored = seen(lsattr.value(name, "alias4"))
        kernel = {inet.address for inet in kernel_of(seen, name)[0]}
        actions: List[Command] = []
        for alias in self.row.aliases:
            if not any(_is_alias(value, alias) for value in stored):
                value = f"alias4={alias.address},{alias.netmask}"
                actions.append(command("chdev", "-l", name, "-a", value, touches="network devices"))
            elif alias.address not in kernel:
                args = (name, "alias", alias.address, "netmask", alias.netmask)
                actions.append(command("ifconfig", *args, touches="network"))
        if not actions:
            return Done(f"{name} has {', '.join(alias.address for alias in self.row.aliases)}")
        answer = Todo(tuple(actions), f"{len(actions)} of {len(self.row.aliases)} aliases are missing on {name}")
        return unless_taken_down(answer, seen, self.row, name, self.heard)

    def undo(self, seen: Seen) -> Back:
        name = interface_of(seen, self.row)
        return Back() if isinstance(name, Problem) else Back((reversals.aliases_were(seen, name),))


def _is_alias(stored: str, alias: Alias) -> bool:
    address, _, netmask = stored.partition(",")
    return same_address(address, alias.address) and same_address(netmask, alias.netmask)


@dataclass(frozen=True)
class OldRoutesGone(Step):
    """No stored route of another site is left, before this site's is added beside it.

    Reads   lsattr -El inet0 -a route -F value
    Runs    chdev -l inet0 -a delroute=STORED, character for character
    Undo    route= with the recorded string
    Source  delroute takes the stored string; spellings differ, so meanings are compared
            (aix/network-and-services.md section 4; lsattr/61)
    """

    kept: Tuple[Tuple[str, Optional[int], str], ...]
    old: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return "network/old_routes"

    @property
    def title(self) -> str:
        return "routes of other sites away"

    def assess(self, seen: Seen) -> Assessment:
        stored = [r for r in seen(route.STORED) if (r.is_default or r.stored in self.old) and not self._is_kept(r)]
        if not stored:
            return Done("no route of another site is stored")
        gone = tuple(
            command("chdev", "-l", "inet0", "-a", f"delroute={r.stored}", touches="network devices") for r in stored
        )
        return Todo(gone, f"{len(stored)} stored routes are not this site's: {stored[0].stored}")

    def undo(self, seen: Seen) -> Back:
        return Back((), "routes of another site stay away")

    def _is_kept(self, stored: route.Route) -> bool:
        return (stored.destination, stored.prefix, stored.gateway) in self.kept


@dataclass(frozen=True)
class DefaultRouteSo(OnInterface):
    """Exactly one default route, in the ODM and in the kernel.

    Reads   lsattr -El inet0 -a route -F value; netstat -rn
    Runs    mktcpip -h HOST -a IP -m MASK -i enN -g GATEWAY once the address was seen to be alone, and /etc/hosts as it
            was before, kept aside meanwhile; where mktcpip fails, and where the interface has aliases already, behind
            which it would put the address, chdev -l inet0 -a route=...; delroute=...; route add, route delete where
            only the kernel differs
    Undo    the recorded routes, and /etc/hosts
    Source  mktcpip is how TCP/IP is configured; each call with -h rewrites the host name, so one call only, and its
            hostent takes comments and further names off the own line of /etc/hosts (aix/network-and-services.md
            sections 1, 3 and 11; S002-3); it is a sequence of commands without rollback.  Two default rows are both
            used (netstat/04); IV46819: a change of address may drop the default route
    """

    row: HostRow
    hostname: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()
    kept: str = paths.HOSTS_KEPT  # the copy of this event
    heard: errpt.Heard = errpt.NOTHING_HEARD

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return "network/default_route"

    @property
    def title(self) -> str:
        return f"default route {self.gateway}"

    @property
    def gateway(self) -> str:
        return self.row.gateway

    def assess(self, seen: Seen) -> Assessment:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Blocked(name)
        return unless_taken_down(self._answer(seen, name), seen, self.row, name, self.heard)

    def _answer(self, seen: Seen, name: str) -> Assessment:
        hosts = seen(reversals.text_of(self.kept))
        if hosts is not None:
            back = (Write(paths.ETC_HOSTS, hosts), Remove(self.kept))
            return Todo(back, f"mktcpip was interrupted: {paths.ETC_HOSTS} as it was before is in {self.kept}")
        stored = [r for r in seen(route.STORED) if r.is_default]
        right = [r for r in stored if r.gateway == self.gateway]
        if not right:
            add = command("chdev", "-l", "inet0", "-a", f"route={default_route(self.gateway)}", touches=_BOTH)
            why = "no default route through it is stored"
            if any(not same_address(inet.address, self.row.address) for inet in kernel_of(seen, name)[0]):
                return Todo((add,), why)
            return Todo(self._mktcpip(seen, name), why, None, (add,))
        surplus = [r for r in stored if r is not right[0]]
        if surplus:
            away = tuple(command("chdev", "-l", "inet0", "-a", f"delroute={r.stored}", touches=_BOTH) for r in surplus)
            return Todo(away, f"{len(stored)} default routes are stored")
        kernel = [r.gateway or "" for r in seen(netstat.ROUTES) if r.is_default]
        if kernel == [self.gateway]:
            return Done(f"one default route, through {self.gateway}")
        fix = [
            command("route", "delete", "0", gateway, touches="network") for gateway in _surplus(kernel, self.gateway)
        ]
        if self.gateway not in kernel:
            fix.append(command("route", "add", "0", self.gateway, touches="network"))
        return Todo(tuple(fix), f"the kernel's default routes go through {', '.join(kernel) or 'nothing'}")

    def _mktcpip(self, seen: Seen, name: str) -> Tuple[Action, ...]:
        row = self.row
        args = ("-h", self.hostname, "-a", row.address, "-m", row.netmask, "-i", name, "-g", row.gateway)
        hosts = seen(reversals.text_of(paths.ETC_HOSTS))
        change = command("mktcpip", *args, touches="network devices files names")
        if hosts is None:
            return (change,)
        return (Write(self.kept, hosts, 0o600), change, Write(paths.ETC_HOSTS, hosts), Remove(self.kept))

    def undo(self, seen: Seen) -> Back:
        away = reversals.FileWas(self.kept, None)
        return Back((reversals.routes_were(seen), reversals.file_was(seen, paths.ETC_HOSTS), away))


@dataclass(frozen=True)
class GatewayAnswers(Notice):
    """The default gateway is there; where it is not, the network is degraded, and the report says so.

    Why     nothing on this LPAR can be done about it, so it keeps nothing from being finished, and is not waited for
    Reads   netstat -rn; ping -n -c 1 -w 2 GATEWAY; arp -an
    Runs    nothing
    Undo    nothing
    Source  a router that lets no ping through has its MAC in the ARP table (aix/network-and-services.md section 14)
    """

    gateway: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "network/gateway"

    @property
    def title(self) -> str:
        return f"gateway {self.gateway} answers"

    def assess(self, seen: Seen) -> Assessment:
        if not has_default_route(seen):
            return Later("network/default_route", (), "it is asked once the route is there")
        answered = seen.or_none(ping.answers_at_once(self.gateway, self.id))
        if answered:
            return Done(f"{self.gateway} answers")
        table = seen.or_none(arp.neighbours(self.id))
        if any(row.address == self.gateway and row.mac for row in table or ()):
            return Done(f"{self.gateway} answers ARP, and no ping")
        if answered is None:
            return Done("whether it answers cannot be seen: ping does not work")
        return Blocked(
            Problem(
                "gateway-silent",
                f"the network is degraded: gateway {self.gateway} does not answer",
                self.at,
                "no answer to ping, and none to ARP; what is in other networks cannot be reached",
                "look at the router and the VLAN; this machine needs no further change",
            )
        )


@dataclass(frozen=True)
class StaticRoutesSo(Step):
    """The static routes of the site through gateways of one network are stored and in the kernel.

    role    the network of the gateways; "" for gateways that are in none of this machine's

    They wait for that network, and for no other: route refuses a gateway that cannot be reached.

    Reads   lsattr -El inet0 -a route -F value; netstat -rn
    Runs    chdev -l inet0 -a route=...; route add where only the kernel lacks one
    Undo    delroute
    Source  aix/network-and-services.md sections 4 and 8; lsattr/61 for the spelling
    """

    routes: Tuple[Tuple[str, int, str], ...]  # destination, prefix, gateway
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()
    role: str = ""

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"network/{self.role}/static_routes" if self.role else "network/static_routes"

    @property
    def title(self) -> str:
        return counted(len(self.routes), "static route", "static routes") + (f" of {self.role}" if self.role else "")

    def assess(self, seen: Seen) -> Assessment:
        stored = {(r.destination, r.prefix, r.gateway) for r in seen(route.STORED)}
        # A stored host route may leave the prefix to AIX.
        stored |= {(r.destination, 32, r.gateway) for r in seen(route.STORED) if r.prefix is None}
        kernel = {(r.destination, r.prefix, r.gateway) for r in seen(netstat.ROUTES)}
        actions: List[Command] = []
        for wanted in self.routes:
            if wanted not in stored:
                args = ("-l", "inet0", "-a", f"route={static_route(*wanted)}")
                actions.append(command("chdev", *args, touches=_BOTH))
            elif wanted not in kernel:
                actions.append(command("route", "add", *_operands(*wanted), touches="network"))
        if not actions:
            return Done(", ".join(f"{to}/{prefix} through {via}" for to, prefix, via in self.routes))
        return Todo(tuple(actions), f"{len(actions)} of {len(self.routes)} static routes are missing")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.routes_were(seen),))


@dataclass(frozen=True)
class Routes6So(Step):
    """The IPv6 routes of the site are stored and in the kernel, and those of home are not stored any more.

    Reads    lsattr -El inet0 -a rout6 -F value; netstat -rn
    Runs     chdev -l inet0 -a delrout6=STORED, character for character; chdev -l inet0 -a rout6=...; route add -inet6
             where only the kernel lacks one
    Undo     delrout6; home's routes stay away
    Source   chginet manual: rout6 = type,[args,],destination,gateway; route manual: -inet6, -prefixlen.  The default
             route's spelling is that of IBM's cloud-init (aix/network-and-services.md section 4)
    Assumed  a network's prefix length is given with -prefixlen among the args, as route takes it; what is stored in
             another spelling is understood, and read back by its meaning

    Where no address of this machine is in a gateway's network the kernel refuses the route, and that is reported: the
    addresses themselves are autoconf6's, or the site's.
    """

    routes: Tuple[Tuple[str, int, str], ...]  # destination, prefix, gateway
    old: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"
    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return "network/routes6"

    @property
    def title(self) -> str:
        return counted(len(self.routes), "IPv6 route", "IPv6 routes")

    def assess(self, seen: Seen) -> Assessment:
        held = seen(route.STORED6)
        away = [r.stored for r in held if r.stored in self.old and _meaning6(r) not in self.routes]
        stored = {_meaning6(r) for r in held}
        kernel = {_meaning6(r) for r in seen(netstat.ROUTES) if r.family == 6} if self.routes else set()
        actions = [command("chdev", "-l", "inet0", "-a", f"delrout6={value}", touches=_BOTH) for value in away]
        for wanted in self.routes:
            if wanted not in stored:
                args = ("-l", "inet0", "-a", f"rout6={static_route6(*wanted)}")
                actions.append(command("chdev", *args, touches=_BOTH))
            elif wanted not in kernel:
                actions.append(command("route", "add", "-inet6", *_operands6(*wanted), touches="network"))
        if not actions:
            return Done(
                ", ".join(f"{to}/{prefix} through {via}" for to, prefix, via in self.routes) or "none is home's"
            )
        return Todo(
            tuple(actions), f"{len(away)} stored IPv6 routes are home's, {len(actions) - len(away)} are missing"
        )

    def undo(self, seen: Seen) -> Back:
        stored = tuple(r.stored for r in seen(route.STORED6) if r.stored not in self.old)
        return Back((reversals.Routes6Were(stored),), "IPv6 routes of home stay away" if self.old else "")


def _meaning6(row: Union[route.Route, netstat.KernelRoute]) -> Tuple[str, int, str]:
    """Destination in its shortest spelling, prefix length, gateway: the same for every spelling of one route.

    netstat prints a host without its length, and the default route as a word (netstat/13).
    """
    if row.destination == "default" or row.prefix == 0:
        return "::", 0, row.gateway or ""
    base = row.destination.partition("%")[0]
    with contextlib.suppress(ValueError):
        base = str(ipaddress.IPv6Address(base))
    return base, 128 if row.prefix is None else row.prefix, row.gateway or ""


def static_route6(destination: str, prefix: int, gateway: str) -> str:
    """inet0's spelling of an IPv6 route."""
    if not prefix:
        return f"net,-hopcount,0,,,::,{gateway}"
    if prefix == 128:
        return f"host,-hopcount,0,,,{destination},{gateway}"
    return f"net,-hopcount,0,-prefixlen,{prefix},,,{destination},{gateway}"


def _operands6(destination: str, prefix: int, gateway: str) -> Tuple[str, ...]:
    if prefix == 128:
        return ("-host", destination, gateway)
    return ("-net", destination, "-prefixlen", str(prefix), gateway)


@dataclass(frozen=True)
class NodeNameSo(Step):
    """The node name is the host name without its domain.

    Reads   uname -n
    Runs    uname -S NAME
    Undo    uname -S with the recorded name
    Source  cloud-init sets it with uname -S beside inet0's hostname; 32 characters at most
            (aix/network-and-services.md section 11)
    """

    name: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "network/node_name"

    @property
    def title(self) -> str:
        return f"node name {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(uname.NODE)
        if now == self.name:
            return Done(f"uname -n says {now}")
        return Todo((command("uname", "-S", self.name, touches="names"),), f"uname -n says {now}")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.NodeNameWas(seen(uname.NODE)),))


_BOTH = "network devices"


def has_default_route(seen: Seen) -> bool:
    """Whether the kernel has one: before, nobody beyond the subnet can be asked."""
    return any(row.is_default for row in seen(netstat.ROUTES))


def default_route(gateway: str) -> str:
    """inet0's spelling of a default route. Source: lsattr/61, `net,-hopcount,0,,0,GW`."""
    return f"net,-hopcount,0,,0,{gateway}"


def static_route(destination: str, prefix: int, gateway: str) -> str:
    """inet0's spelling of a static route. Source: lsattr/61; chginet manual for a host."""
    if prefix == 32:
        return f"host,-hopcount,0,,,,,,-static,{destination},{gateway}"
    return f"net,-hopcount,0,-netmask,{mask_of(prefix)},,,,,-static,{destination},{gateway}"


def _operands(destination: str, prefix: int, gateway: str) -> Tuple[str, ...]:
    if prefix == 32:
        return ("-host", destination, gateway)
    return ("-net", destination, "-netmask", mask_of(prefix), gateway)


def _surplus(gateways: List[str], wanted: str) -> List[str]:
    """The gateways to delete: every other one, and repetitions of the wanted one."""
    rest = list(gateways)
    if wanted in rest:
        rest.remove(wanted)
    return rest


def ready(rows: Sequence[HostRow]) -> Tuple[str, ...]:
    """Ids of the steps that must be good before anything uses the addresses: these are up, and nobody else's."""
    found = [f"network/{row.role}/alone" for row in rows]
    return (*found, *(f"network/{row.role}/aliases/alone" for row in rows if row.aliases))


def _carrying(gateway: str, rows: Sequence[HostRow]) -> Optional[HostRow]:
    """The row in whose subnet, or that of one of its aliases, the gateway is; None where it is in nobody's."""
    for row in rows:
        for address, netmask in ((row.address, row.netmask), *row.aliases):
            if in_one_subnet(gateway, address, netmask):
                return row
    return None


def steps(wanted: Wanted) -> Iterator[Step]:
    network = wanted.site.network
    primary = next(row for row in wanted.rows if row.gateway)
    static = tuple(_parts(entry) for entry in network.static_routes)
    kept = (("0.0.0.0", 0, primary.gateway), *static)  # noqa: S104
    fenced = ("fence/addresses",)
    # attributes of an adapter cannot be set while its interface is up (aix/network-and-services.md section 3)
    settled = (
        "device_attributes/ent",
        "device_attributes/en",
        *pseudo_adapters.ids(wanted),
        "device_attributes/en_over_pseudo",
        *(("stale_definitions/devices",) if wanted.plan_b else ()),
    )
    yield OldRoutesGone(kept, wanted.capture.routes, str(network.at), fenced)
    for row in sorted(wanted.rows, key=lambda row: row is not primary):
        role, of = network.roles.get(row.role), f"network/{row.role}"
        names = (f"names{paths.ETC_RESOLV}", f"names{paths.ETC_NETSVC}", f"names{paths.ETC_HOSTS}")
        needs = (*fenced, f"{of}/unused")
        after = ("fence/addresses6", *settled, *names, "network/old_routes", f"{of}/asking_over")
        mtu = role.mtu if role else None
        yield AddressSo(row, wanted.hostname, mtu, str(row.at), needs, after, wanted.foreign, wanted.heard)
        if row.aliases:
            # the primary's come after mktcpip, which would put the address behind them
            last = ("network/default_route",) if row is primary else ()
            yield AliasesSo(row, str(row.at), (f"{of}/alone",), last, wanted.heard)
    every, first = ready(wanted.rows), ready((primary,))
    addresses = tuple(f"network/{row.role}/alone" for row in wanted.rows)
    kept_hosts = f"{paths.HOSTS_KEPT}-{wanted.systemid}-{wanted.arm_id}"
    yield DefaultRouteSo(primary, wanted.hostname, str(primary.at), first[:1], addresses, kept_hosts, wanted.heard)
    yield GatewayAnswers(primary.gateway, str(primary.at), ("network/default_route",))
    for over in (*wanted.rows, None):
        routes = tuple(entry for entry in static if _carrying(entry[2], wanted.rows) is over)
        if routes:
            carried = ready((over or primary,))
            yield StaticRoutesSo(routes, str(network.at), carried, every, over.role if over else "")
    six = tuple(_parts6(entry) for entry in network.static_routes6)
    if six or wanted.capture.routes6:
        own = wanted.coming.own.interfaces if wanted.coming else ()
        addressed = tuple(f"failback/ipv6/{one.name}" for one in own if one.address6 or one.aliases6)
        yield Routes6So(six, wanted.capture.routes6, str(network.at), fenced, (*every, *addressed))
    short = wanted.hostname.partition(".")[0][:32]
    yield NodeNameSo(short, str(wanted.site.names.at), (), (f"network/{primary.role}",))


def _parts(entry: StaticRoute) -> Tuple[str, int, str]:
    destination, mask = split_network(entry.to)
    prefix = bin(to_number(mask)).count("1")
    return destination, prefix, entry.via


def _parts6(entry: StaticRoute) -> Tuple[str, int, str]:
    destination, _, prefix = entry.to.partition("/")
    return destination, int(prefix), entry.via
