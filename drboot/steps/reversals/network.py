"""Interfaces, routes and names as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, List, Tuple

from drboot.facts import ifconfig, lsattr, route, uname
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Done, Todo
from drboot.steps.reversals.base import AT, Reversal, is_gone, odm_value


@dataclass(frozen=True)
class InterfaceWas(Reversal):
    """An interface is configured as before, and the addresses that runs gave it are off the wire.

    Source   chdev of enN changes the ODM first, then the kernel (network-and-services section 3); full removal:
             ifconfig enN down detach; rmdev -dl enN; cfgmgr (section 6, IBM Cloud docs)
    Assumed  chdev takes an empty netaddr and netmask; where it does not, the full removal leaves the interface as
             cfgmgr first makes it
    """

    name: str
    netaddr: str
    netmask: str
    state: str
    mtu: str
    addresses: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"undo/interface/{self.name}"

    @property
    def title(self) -> str:
        return f"{self.name} as before, {self.netaddr or 'without address'}"

    def assess(self, seen: Seen) -> Assessment:
        if is_gone(seen, self.name):
            return Done(f"there is no {self.name} any more")
        wanted = {"netaddr": self.netaddr, "netmask": self.netmask, "state": self.state, "mtu": self.mtu}
        differs = [(name, value) for name, value in wanted.items() if odm_value(seen, self.name, name) != value]
        kernel = [i.address for row in seen(ifconfig.INTERFACES) if row.name == self.name for i in row.inet]
        actions: List[Command] = []
        given = [address for address in self.addresses if address in kernel and address != self.netaddr]
        if given:
            actions.append(command("ifconfig", self.name, "down", "detach", touches="network"))
        if self.netaddr and self.state == "up" and self.netaddr not in kernel:
            differs = differs or [("netaddr", self.netaddr), ("netmask", self.netmask), ("state", "up")]
        if differs:
            args = [part for name, value in differs for part in ("-a", f"{name}={value}")]
            actions.append(command("chdev", "-l", self.name, *args, touches="network devices"))
        if not actions:
            return Done(f"{self.name} is configured as {self.netaddr or 'nothing'}, {self.state or 'no state'}")
        why = (
            f"{self.name} has {', '.join(given)}" if given else f"{', '.join(n for n, _ in differs)} of it was changed"
        )
        return Todo(tuple(actions), why, None, self._instead())

    def _instead(self) -> Tuple[Command, ...]:
        if self.netaddr:
            return ()
        return (
            command("ifconfig", self.name, "down", "detach", touches="network"),
            command("rmdev", "-dl", self.name, touches="network devices"),
            command("cfgmgr", kind="cfgmgr", touches="network devices lvm"),
        )


@dataclass(frozen=True)
class AliasesWere(Reversal):
    """An interface has the aliases in the ODM that it had.  Source: delalias4, network-and-services section 3."""

    name: str
    stored: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"undo/aliases/{self.name}"

    @property
    def title(self) -> str:
        return f"aliases of {self.name} as before"

    def assess(self, seen: Seen) -> Assessment:
        if is_gone(seen, self.name):
            return Done(f"there is no {self.name} any more")
        now = tuple(value for value in seen(lsattr.value(self.name, "alias4")) if value)
        return _multi(self.name, "alias4", "delalias4", self.stored, now)


@dataclass(frozen=True)
class RoutesWere(Reversal):
    """inet0 stores the routes that it stored.  Source: delroute, network-and-services section 4."""

    stored: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return "undo/routes"

    @property
    def title(self) -> str:
        return "stored routes as before"

    def assess(self, seen: Seen) -> Assessment:
        return _multi("inet0", "route", "delroute", self.stored, tuple(r.stored for r in seen(route.STORED)))


@dataclass(frozen=True)
class Routes6Were(Reversal):
    """inet0 stores the IPv6 routes that it stored.  Source: chginet manual, rout6 and delrout6."""

    stored: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return "undo/routes6"

    @property
    def title(self) -> str:
        return "stored IPv6 routes as before"

    def assess(self, seen: Seen) -> Assessment:
        return _multi("inet0", "rout6", "delrout6", self.stored, tuple(r.stored for r in seen(route.STORED6)))


@dataclass(frozen=True)
class NodeNameWas(Reversal):
    """uname -n says what it said."""

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "undo/node_name"

    @property
    def title(self) -> str:
        return f"node name {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(uname.NODE)
        if now == self.name:
            return Done(f"uname -n says {now}")
        return Todo((command("uname", "-S", self.name, touches="names"),), f"uname -n says {now}")


@dataclass(frozen=True)
class HostNameWas(Reversal):
    """The kernel's host name is what it was: inet0 may store none, and the kernel then has one all the same.

    name  "" where it had none, which the kernel cannot be given back

    Source: hostname manual, `hostname NAME` sets the name of the running system only.
    """

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "undo/host_name"

    @property
    def title(self) -> str:
        return f"host name {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(uname.HOST)
        if now == self.name or not self.name:  # a name cannot be taken away from the kernel; its next boot has none
            return Done(f"hostname says {now or 'nothing'}")
        return Todo((command("hostname", self.name, touches="names"),), f"hostname says {now or 'nothing'}")


def interface_was(seen: Seen, name: str, address: str) -> InterfaceWas:
    """The interface as it is before the run gives it ``address``."""
    netaddr, netmask, state, mtu = (
        odm_value(seen, name, attribute) for attribute in ("netaddr", "netmask", "state", "mtu")
    )
    return InterfaceWas(name, netaddr, netmask, state, mtu, (address,))


def aliases_were(seen: Seen, name: str) -> AliasesWere:
    return AliasesWere(name, tuple(value for value in seen(lsattr.value(name, "alias4")) if value))


def routes_were(seen: Seen) -> RoutesWere:
    return RoutesWere(tuple(r.stored for r in seen(route.STORED)))


def _multi(device: str, add: str, remove: str, was: Tuple[str, ...], now: Tuple[str, ...]) -> Assessment:
    """An attribute with several values, which has one name to add a value and another to take one away."""

    def change(name: str, value: str) -> Command:
        return command("chdev", "-l", device, "-a", f"{name}={value}", touches="network devices")

    surplus = [change(remove, value) for value in now if value not in was]
    missing = [change(add, value) for value in was if value not in now]
    if not surplus and not missing:
        return Done(f"{len(was)} stored, as before")
    return Todo((*surplus, *missing), f"{len(surplus)} were added, {len(missing)} taken away")
