"""The network of a site: what the roles of hosts.csv mean here; addresses, aliases and the node name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import (
    TYPE_CHECKING,
    ClassVar,
    Dict,
    Iterator,
    List,
    Optional,
    Sequence,
    Tuple,
)

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import errpt, lsattr, uname
from drboot.facts.types import is_among, same_address
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
from drboot.steps import pseudo_adapters, reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Step, Todo, counted
from drboot.steps.network.interfaces import OnInterface, interface_of, kernel_of, ready, unless_taken_down
from drboot.steps.network.routes import DefaultRouteSo, GatewayAnswers, OldRoutesGone, Routes6So, StaticRoutesSo
from drboot.steps.reversals import odm_value

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.profile.hosts import Alias, HostRow
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
        return reversals.NodeNameWas(self.name).assess(seen)

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.NodeNameWas(seen(uname.NODE)),))


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
