"""EtherChannels and VLAN devices of home, made again over the adapters that are the same ones here.

The device reset removes them, and with them the interface that carried the address.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, FrozenSet, Iterator, Mapping, Sequence, Tuple

from drboot import paths
from drboot.facts import ifconfig, lsdev
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.settable import Pseudo, parts_here, pseudo_over, to_come
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Done, Step, Todo

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports network.py
    from drboot.wanted import Wanted


# Source: aix/network-and-services.md section 10: netaddr is the address that an EtherChannel pings to see its link.
PINGED = "netaddr"


@dataclass(frozen=True)
class PseudoMade(Step):
    """An EtherChannel or VLAN device of home exists here, over the adapters in the same slots.

    What it ensures  such a device is Available, and its interface is known.  Where one of its adapters is not here it
                     is not made, and the report says so: the address then goes to the plain adapter of hosts.csv
    Reads            lsdev; lsattr -El of the pseudo adapters; lscfg -vl 'ent*'
    Runs             mkdev -c adapter -s pseudo -t ibm_ech, or -s vlan -t eth, with -a ATTRIBUTE=VALUE ...; cfgmgr where
                     the interface is not there yet
    Where the failover of an EtherChannel pings an address (netaddr), it is the site's own: of the profile, in
    device_attributes.override; nobody answers at home's, which is left out, and the report says so.  A rehearsal has
    none; at home again it is home's.

    Where an earlier run could not make an EtherChannel, and gave this machine's address to an adapter that is to be
    part of it: ifconfig enN down detach and rmdev -dl enN first; the address has its turn afterwards, on the new one.
    An interface with any other address is left, and mkdev refuses.

    Undo             rmdev -dl of the device and of its interfaces
    Source           aix/network-and-services.md section 10: members must not be in use, so before any address; and
                     section 6: what removes an interface

    every  all pseudo adapters of home, since a VLAN device may stand on an EtherChannel
    own    the addresses that this machine is to have here
    lacks  home's address for the failover to ping, which is left out here; "" for none
    """

    pseudo: Pseudo
    every: Tuple[Pseudo, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    own: FrozenSet[str] = frozenset()
    lacks: str = ""

    lock: ClassVar[str] = "network"
    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return step_id(self.pseudo)

    @property
    def title(self) -> str:
        return f"{'EtherChannel' if self.pseudo.type == 'ibm_ech' else 'VLAN device'} {self.pseudo.name} of home"

    def assess(self, seen: Seen) -> Assessment:
        parts = parts_here(seen, self.pseudo, self.every)
        if isinstance(parts, str):
            why = f"{self.title} is not made: {parts.lstrip('=?')} is no adapter here; the plain adapter is used"
            return Done("not made here", (why,))
        name = pseudo_over(seen, self.pseudo.type, parts)
        over = ", ".join(member for names in parts.values() for member in names)
        if name is None:
            values = {**{key: ",".join(names) for key, names in parts.items()}, **dict(self.pseudo.values)}
            args = [part for key, value in values.items() for part in ("-a", f"{key}={value}")]
            subclass = "pseudo" if self.pseudo.type == "ibm_ech" else "vlan"
            kind = ("-c", "adapter", "-s", subclass, "-t", self.pseudo.type)
            make = command("mkdev", *kind, *args, touches="devices network")
            return Todo((*_removal(self._taken(seen, parts)), make), f"none is over {over}")
        if all(row.name != "en" + name[3:] for row in seen(lsdev.DEVICES)):
            look = command("cfgmgr", kind="cfgmgr", touches="devices network lvm")
            return Todo((look,), f"{name} has no interface yet")
        return Done(f"{name} is over {over}", self._lacking(name))

    def undo(self, seen: Seen) -> Back:
        parts = parts_here(seen, self.pseudo, self.every)
        if isinstance(parts, str):
            return Back()
        gone = reversals.PseudoGone(self.pseudo.type, tuple(parts.items()))
        taken = ", ".join(self._taken(seen, parts))
        return Back((gone,), f"{taken} gets no address again: cfgmgr makes it anew" if taken else "")

    def _lacking(self, name: str) -> Tuple[str, ...]:
        if not self.lacks:
            return ()
        cure = "device_attributes: {override: {ent: {netaddr: ADDRESS}}}"
        why = f"home's ({self.lacks}) is not here; this site's own: {cure}"
        return (f"{name} pings no address before it fails over: {why}",)

    def _taken(self, seen: Seen, parts: Mapping[str, Sequence[str]]) -> Tuple[str, ...]:
        """The interfaces of its members that have nothing but this machine's own addresses: they are taken away."""
        if self.pseudo.type != "ibm_ech" or not self.own:
            return ()
        members = {"en" + name[3:] for names in parts.values() for name in names}
        return tuple(
            row.name
            for row in seen(ifconfig.INTERFACES)
            if row.name in members and row.inet and self.own.issuperset(held.address for held in row.inet)
        )


def _removal(interfaces: Sequence[str]) -> Iterator[Command]:
    for name in interfaces:
        yield command("ifconfig", name, "down", "detach", touches="network")
        yield command("rmdev", "-dl", name, touches="network devices")


def ids(wanted: Wanted) -> Tuple[str, ...]:
    """The steps that have to be over before any interface is looked for."""
    return tuple(map(step_id, _made_again(wanted)))


def step_id(pseudo: Pseudo) -> str:
    return f"pseudo_adapters/{pseudo.name}"


def coming(wanted: Wanted, seen: Seen) -> Tuple[Pseudo, ...]:
    """Those that are to be made here, and are not yet.  Raises FactUnavailable."""
    return to_come(seen, _made_again(wanted))


def _made_again(wanted: Wanted) -> Tuple[Pseudo, ...]:
    return wanted.capture.pseudo if wanted.site.network.pseudo_adapters == "restore" else ()


def _values_here(wanted: Wanted, pseudo: Pseudo) -> Tuple[Tuple[str, str], ...]:
    """The attributes of home, but for the address that the failover of an EtherChannel pings: it is the site's."""
    values, given = dict(pseudo.values), wanted.site.device_attributes
    if wanted.coming is not None or PINGED not in values:
        return pseudo.values
    del values[PINGED]
    target = given.override.get("ent", {}).get(PINGED, "") if given.restore and wanted.mode == "disaster" else ""
    return tuple(sorted({**values, **({PINGED: target} if target else {})}.items()))


def steps(wanted: Wanted) -> Iterator[Step]:
    settled = ("stale_definitions/devices",) if wanted.plan_b else ()
    at, every = f"{paths.CAPTURES}/{wanted.home}.json", wanted.capture.pseudo
    before: Tuple[str, ...] = ("device_attributes/ent", *settled)
    for pseudo in _made_again(wanted):
        values = _values_here(wanted, pseudo)
        lacks = dict(pseudo.values).get(PINGED, "") if PINGED not in dict(values) else ""
        here, own = replace(pseudo, values=values), frozenset(wanted.addresses)
        step = PseudoMade(here, every, at, ("fence/addresses",), before, own, lacks)
        before = (*before, step.id)
        yield step
