"""Routes of inet0 and of the kernel: production's gone, the default route, static routes, those of IPv6."""

from __future__ import annotations

import contextlib
import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, List, Optional, Tuple, Union

from drboot import paths
from drboot.errors import Problem
from drboot.facts import arp, errpt, netstat, ping, route
from drboot.facts.types import mask_of, same_address
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Later, Notice, Remove, Step, Todo, Write, counted
from drboot.steps.network.interfaces import OnInterface, interface_of, kernel_of, unless_taken_down

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports the steps
    from drboot.profile.hosts import HostRow

_BOTH = "network devices"


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
        return counted(len(self.routes), "IPv6 route", "IPv6 routes") if self.routes else "no IPv6 route of home"

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
