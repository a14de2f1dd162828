"""Which interface a row of hosts.csv means here, what the kernel has on it, and whether others claim its address."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Collection, FrozenSet, List, Optional, Sequence, Tuple, Union

from drboot.errors import FactUnavailable, Problem
from drboot.facts import entstat, errpt, ifconfig, lscfg, lsdev
from drboot.seen import Seen
from drboot.settable import PARTS, Pseudo, carrier, devices, vlan_device
from drboot.steps.base import Assessment, Blocked, Step, Todo

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports the steps
    from drboot.profile.hosts import HostRow, Match


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


def ready(rows: Sequence[HostRow]) -> Tuple[str, ...]:
    """Ids of the steps that must be good before anything uses the addresses: these are up, and nobody else's."""
    found = [f"network/{row.role}/alone" for row in rows]
    return (*found, *(f"network/{row.role}/aliases/alone" for row in rows if row.aliases))
