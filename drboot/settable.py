"""Attributes of devices that somebody has set, and how to find the same device again on other hardware.

The ODM class CuAt has what is not the default, and its field ``generic`` says with a U what a user may change.  One
command reads all of it, however many devices there are.

    disk       found again by its PVID
    adapter    fcs, fscsi, vscsi, ent, en: by slot and port, the end of its location code (C5-T1; P1-T6 where it is on
               the board); where no adapter is
               there, by its MAC or WWPN, which an LPAR profile may carry over; an interface over an EtherChannel or
               VLAN device by what that one stands on
    system     sys0, inet0, lo0: by its name

Source: CuAt holds values that are not the default only (transcripts odmget/01, 50: generic = "DU";
aix/boot-and-devices.md section 10); the device reset drops them (section 2); a location code at DR differs in all but
slot and port (lscfg/01).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Set, Tuple, Union

from drboot.errors import FactUnavailable, Problem
from drboot.facts import lsattr, lscfg, lsdev, lspv, odmget
from drboot.seen import Seen

# What belongs to the place, or to another step: addresses and routes (network), reset flags (device_flags).  A MAC that
# somebody chose is an address too: production may use it while this is a rehearsal.
NOT_OURS: Mapping[str, FrozenSet[str]] = {
    "en": frozenset(
        ("netaddr", "netmask", "broadcast", "state", "mtu", "alias4", "alias6", "netaddr6", "prefixlen", "authority")
    ),
    "ent": frozenset(("alt_addr", "use_alt_addr")),
    "lo0": frozenset(("netaddr", "netmask", "broadcast", "state", "netaddr6", "prefixlen", "alias4", "alias6")),
    # os_uuid names this very instance of AIX (transcript lsattr/20): a rehearsal is another one beside it
    "sys0": frozenset(("ghostdev", "clouddev", "os_uuid")),
    # bootup_option=yes would have the next boot take home's addresses from /etc/rc.bsdnet
    "inet0": frozenset(("hostname", "gateway", "route", "delroute", "rout6", "delrout6", "bootup_option")),
    # First row: the last three are of an RPV client of GLVM; where its disk is at home, this is the disk itself (glvm
    # white paper).  Second: what the LUN is, for no user to change (lsattr/27, 28), whatever ``generic`` says of it.
    "hdisk": frozenset(
        (
            *("location", "size_in_mb", "pvid", "server_addr", "local_addr", "io_timeout"),
            *("unique_id", "lun_id", "scsi_id", "ww_name", "node_name"),
        )
    ),
    # Source: lsattr/30, user_settable False.
    "fscsi": frozenset(("attach", "scsi_id")),
}
ADAPTERS = ("fcs", "fscsi", "vscsi", "ent", "en")
SYSTEM = ("sys0", "inet0", "lo0")
ADDRESS = "address"  # the kind of a key that is a MAC or WWPN
# A part of its own: a disk that gets another queue depth is the same disk, and nothing else has to be read anew.
CUSTOMISED = replace(odmget.objects("CuAt"), about="attributes")


@dataclass(frozen=True)
class Settings:
    """The attributes that were set of one device.

    kind     disk, adapter or system
    key      PVID; slot and port; =entN for the interface over a pseudo adapter of that name at home; name
    prefix   the device's name without its number: hdisk, fcs, sys0
    name     what it was called there
    address  MAC or WWPN of the adapter that it is, or belongs to; "" without one
    """

    kind: str
    key: str
    prefix: str
    name: str
    values: Tuple[Tuple[str, str], ...]
    address: str = ""


@dataclass(frozen=True)
class Pseudo:
    """An EtherChannel or a VLAN device, and what it stands on.

    type    ibm_ech or eth
    parts   attribute -> its adapters, each by slot and port; one that is a pseudo device itself by ``=NAME`` at home
    values  the other attributes that were set
    """

    name: str
    type: str
    parts: Tuple[Tuple[str, Tuple[str, ...]], ...]
    values: Tuple[Tuple[str, str], ...]


# The attributes of a pseudo adapter that name adapters.  Source: aix/network-and-services.md section 10; the names of a
# VLAN's are [I] there.
PARTS: Mapping[str, Tuple[str, ...]] = {"ibm_ech": ("adapter_names", "backup_adapter"), "eth": ("base_adapter",)}


def take_pseudo(seen: Seen) -> Tuple[Pseudo, ...]:
    """The pseudo adapters, and what they stand on; lower ones first.  Raises FactUnavailable."""
    rows = _pseudo_rows(seen)
    if not rows:
        return ()
    places = {name: key for key, name in _places(seen).items()}
    names = {str(row.name) for row in rows}
    values = _all_that_is_set(seen)
    made = []
    for row in rows:
        parts = tuple(
            (attribute, tuple(f"={name}" if name in names else places.get(name, f"?{name}") for name in members))
            for attribute, members in _parts_of(seen, row).items()
            if members
        )
        others = {key: value for key, value in values.get(row.name, {}).items() if key not in PARTS[row.type]}
        made.append(Pseudo(str(row.name), row.type, parts, tuple(sorted(others.items()))))
    return tuple(sorted(made, key=lambda pseudo: any(key[:1] == "=" for _, keys in pseudo.parts for key in keys)))


def _places(seen: Seen) -> Dict[str, str]:
    """Slot and port -> Ethernet adapter."""
    return {key: name for (kind, key, _), name in devices(seen, {"ent"}).items() if kind == "adapter"}


def parts_here(seen: Seen, pseudo: Pseudo, every: Tuple[Pseudo, ...]) -> Union[Dict[str, Tuple[str, ...]], str]:
    """Attribute -> the adapters here that the pseudo adapter is to stand on; or what of them is not here."""
    places = _places(seen)
    found: Dict[str, Tuple[str, ...]] = {}
    for attribute, keys in pseudo.parts:
        names = []
        for key in keys:
            lower = next((other for other in every if key == "=" + other.name), None)
            name = places.get(key) if lower is None else pseudo_here(seen, lower, every)
            if name is None:
                return key
            names.append(name)
        found[attribute] = tuple(names)
    return found


def pseudo_here(seen: Seen, pseudo: Pseudo, every: Tuple[Pseudo, ...]) -> Optional[str]:
    """The pseudo adapter of this LPAR that stands on the same adapters, None where there is none."""
    wanted = parts_here(seen, pseudo, every)
    return None if isinstance(wanted, str) else pseudo_over(seen, pseudo.type, wanted)


def to_come(seen: Seen, every: Tuple[Pseudo, ...]) -> Tuple[Pseudo, ...]:
    """Those that are not here and can be made, one after the other; lower ones first.  Raises FactUnavailable."""
    places = {key for _, key, _ in devices(seen, {"ent"})}
    found: List[Pseudo] = []
    for pseudo in every:
        if pseudo_here(seen, pseudo, every) is not None:
            places.add("=" + pseudo.name)
        elif all(key in places for _, keys in pseudo.parts for key in keys):
            places.add("=" + pseudo.name)
            found.append(pseudo)
    return tuple(found)


def pseudo_over(seen: Seen, type_: str, parts: Mapping[str, Sequence[str]]) -> Optional[str]:
    """The pseudo adapter of this type that stands on exactly these adapters."""
    wanted = {attribute: set(names) for attribute, names in parts.items()}
    for row in _pseudo_rows(seen):
        if row.type == type_ and {a: set(names) for a, names in _parts_of(seen, row).items() if names} == wanted:
            return str(row.name)
    return None


def carrier(seen: Seen, adapter: str) -> str:
    """The EtherChannel that the adapter is a part of; the adapter itself where it is part of none."""
    for row in _pseudo_rows(seen):
        if row.type == "ibm_ech" and any(adapter in names for names in _parts_of(seen, row).values()):
            return str(row.name)
    return adapter


def vlan_device(seen: Seen, vlan: int) -> Tuple[str, ...]:
    """The VLAN devices that were made for this VLAN id."""
    rows = [row for row in _pseudo_rows(seen) if row.type == "eth"]
    return tuple(str(row.name) for row in rows if str(vlan) in seen(lsattr.value(row.name, "vlan_tag_id")))


def _pseudo_rows(seen: Seen) -> List[lsdev.DeviceRow]:
    return [row for row in seen(lsdev.DEVICES) if row.cls == "adapter" and row.type in PARTS and row.is_available]


def _parts_of(seen: Seen, row: lsdev.DeviceRow) -> Dict[str, Tuple[str, ...]]:
    """Attribute -> names of adapters; () for none, which ibm_ech spells NONE."""
    found = {}
    for attribute in PARTS[row.type]:
        words = [word for value in seen(lsattr.value(row.name, attribute)) for word in value.split(",")]
        found[attribute] = tuple(word for word in words if word and word != "NONE")
    return found


def customised(seen: Seen) -> Dict[str, Dict[str, str]]:
    """By device, the attributes that a user may change and that are not the default.  One command."""
    return seen.derived(CUSTOMISED, _by_device)


def _all_that_is_set(seen: Seen) -> Dict[str, Dict[str, str]]:
    """``customised``, for a capture: a CuAt without any object is no answer, since PVIDs at least stand there."""
    if not seen(CUSTOMISED):
        why = "it printed nothing, and PVIDs at least stand there"
        raise FactUnavailable(Problem("fact-unavailable", f"{CUSTOMISED} gave no answer", str(CUSTOMISED), why))
    return customised(seen)


def _by_device(objects: Tuple[odmget.OdmObject, ...]) -> Dict[str, Dict[str, str]]:
    found: Dict[str, Dict[str, str]] = {}
    for item in objects:
        device, attribute = item.text("name"), item.text("attribute")
        if "U" in item.text("generic") and attribute not in NOT_OURS.get(prefix_of(device), ()):
            found.setdefault(device, {})[attribute] = item.text("value")
    return found


def _disks(pvs: Tuple[lspv.Pv, ...]) -> Dict[Tuple[str, str, str], str]:
    """The key of each disk that has a PVID to itself -> its name."""
    found: Dict[Tuple[str, str, str], List[str]] = {}
    for pv in pvs:
        if pv.pvid:
            found.setdefault(("disk", str(pv.pvid), prefix_of(pv.name)), []).append(str(pv.name))
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _kinds(rows: Tuple[lsdev.DeviceRow, ...]) -> Dict[str, Tuple[str, ...]]:
    return {str(row.name): (row.cls, row.subclass, row.type) for row in rows}


def _members(rows: Tuple[lsdev.DeviceRow, ...]) -> Dict[Tuple[str, ...], Tuple[str, ...]]:
    """Class, subclass and type -> the devices that are there, the last one first."""
    found: Dict[Tuple[str, ...], List[str]] = {}
    for row in reversed([row for row in rows if row.is_available]):
        found.setdefault((row.cls, row.subclass, row.type), []).append(str(row.name))
    return {kind: tuple(names) for kind, names in found.items()}


def take(seen: Seen) -> Tuple[Settings, ...]:
    """What was set of the devices that can be found again.  Raises FactUnavailable."""
    values = _all_that_is_set(seen)
    here = devices(seen, {prefix_of(name) for name in values}, take_pseudo(seen))
    keys = {name: key for key, name in here.items() if key[0] != ADDRESS}
    addresses = {name: key[1] for key, name in here.items() if key[0] == ADDRESS}
    return tuple(
        Settings(*keys[name], name, tuple(sorted(values[name].items())), addresses.get(name, ""))
        for name in sorted(values, key=_numbered)
        if name in keys
    )


# Devices of LVM: their attributes come from the VGDA and the control blocks.
LVM = ("logical_volume", "lvm")


def take_others(
    seen: Seen, found: Tuple[Settings, ...], pseudo: Tuple[Pseudo, ...]
) -> Tuple[Tuple[str, str, str], ...]:
    """(device, attribute, value) of what was set of devices that ``take`` and ``take_pseudo`` do not have.

    A disk without PVID, an adapter that shares its slot and port, a kind of device that drboot does not know: nobody
    can tell which one it is on other hardware.  Raises FactUnavailable.
    """
    known = {settings.name for settings in found} | {one.name for one in pseudo}
    rows = {str(row.name) for row in seen(lsdev.DEVICES) if row.cls not in LVM}
    return tuple(
        (device, attribute, value)
        for device, values in sorted(_all_that_is_set(seen).items(), key=lambda item: _numbered(item[0]))
        for attribute, value in sorted(values.items())
        if device in rows and device not in known
    )


def devices(seen: Seen, prefixes: Set[str], every: Tuple[Pseudo, ...] = ()) -> Mapping[Tuple[str, str, str], str]:
    """(kind, key, prefix) -> the device's name here, for devices of these prefixes.  A key that is not unique is none.

    Adapters are there twice: by slot and port, and of kind ADDRESS by their MAC or WWPN.  One command for the disks,
    and one for each kind of adapter.  Raises FactUnavailable.

    every  the pseudo adapters of home: the interface over one of them has its name there as the key, ``=ent4``
    """
    others = prefixes & {*ADAPTERS, *SYSTEM}
    disks = seen.derived(lspv.PVS, _disks) if prefixes - others else {}  # hdiskpower0 of PowerPath is one, too
    if not others:
        return disks
    found: Dict[Tuple[str, str, str], List[str]] = {}
    for kind, key, name in (*_all(seen, others), *_over_pseudo(seen, others, every)):
        found.setdefault((kind, key, prefix_of(name)), []).append(name)
    return {**disks, **{key: names[0] for key, names in found.items() if len(names) == 1}}


def _all(seen: Seen, prefixes: Set[str]) -> Iterator[Tuple[str, str, str]]:
    for name in SYSTEM:
        if name in prefixes:
            yield "system", name, name
    rows = [row for row in seen(lsdev.DEVICES) if row.is_available and prefix_of(row.name) in prefixes]
    for row in rows:
        vpd = _adapter(seen, row)
        if vpd and vpd.port:
            yield "adapter", vpd.port, str(row.name)
        if vpd and (vpd.mac or vpd.wwpn):
            yield ADDRESS, str(vpd.mac or vpd.wwpn), str(row.name)


def _over_pseudo(seen: Seen, prefixes: Set[str], every: Tuple[Pseudo, ...]) -> Iterator[Tuple[str, str, str]]:
    known = {row.name for row in seen(lsdev.DEVICES) if row.is_available} if every and "en" in prefixes else set()
    for pseudo in every if known else ():
        name = pseudo_here(seen, pseudo, every)
        if name and "en" + name[3:] in known:
            yield "adapter", "=" + pseudo.name, "en" + name[3:]


def _adapter(seen: Seen, row: lsdev.DeviceRow) -> Optional[lscfg.Vpd]:
    """The adapter that this device is, or that this interface or protocol driver belongs to."""
    prefix = prefix_of(row.name)
    if prefix not in ADAPTERS:
        return None
    adapter = {"en": "ent" + row.name[2:], "fscsi": row.parent}.get(prefix, str(row.name))
    return next((vpd for vpd in seen(lscfg.vpd(prefix_of(adapter) + "*")) if vpd.name == adapter), None)


def effective(seen: Seen, set_here: Mapping[str, Mapping[str, str]]) -> Callable[[str, str], Optional[str]]:
    """(device, attribute) -> the value here; None where the device has no such attribute.

    Devices of one class, subclass and type have one default (ODM class PdAt), so one of them is asked for all:
    thousands of disks need no thousands of commands.  Raises FactUnavailable.

    set_here  by device, what is not the default, as ``customised`` has it
    """
    kinds, members = seen.derived(lsdev.DEVICES, _kinds), seen.derived(lsdev.DEVICES, _members)
    found: Dict[Tuple[Tuple[str, ...], str], Optional[str]] = {}

    def value(device: str, attribute: str) -> Optional[str]:
        set_value = set_here.get(device, {}).get(attribute)
        if set_value is not None:
            return set_value
        kind = kinds.get(device, (device,))
        key = (kind, attribute)
        if key not in found:
            # the last of its kind: its turn to be changed comes last, and until then it is the one that all ask for
            asked = next((name for name in members.get(kind, ()) if attribute not in set_here.get(name, ())), device)
            values = seen(lsattr.value(asked, attribute))
            found[key] = values[0] if values else None
        return found[key]

    return value


def kind_of(seen: Seen, device: str) -> Tuple[str, ...]:
    """Class, subclass and type: devices that share them have one set of attributes, defaults and ranges (ODM class
    PdAt).  Raises FactUnavailable."""
    return seen.derived(lsdev.DEVICES, _kinds).get(device, (device,))


def one_of(seen: Seen, kind: Tuple[str, ...]) -> str:
    """The device that is asked for all of its kind; the first word of the kind where none is there.  Raises
    FactUnavailable."""
    return next(iter(seen.derived(lsdev.DEVICES, _members).get(kind, kind)))


def find(here: Mapping[Tuple[str, str, str], str], settings: Settings) -> Optional[str]:
    """What the device is called here, None when it cannot be told.  What is in its slot comes first."""
    in_slot = here.get((settings.kind, settings.key, settings.prefix))
    return in_slot or here.get((ADDRESS, settings.address, settings.prefix))


def prefix_of(device: str) -> str:
    """``hdisk`` of hdisk12; sys0 and inet0 exist once and stay whole."""
    return device if device in SYSTEM else device.rstrip("0123456789")


def _numbered(device: str) -> Tuple[str, int]:
    prefix = device.rstrip("0123456789")
    return prefix, int(device[len(prefix) :] or 0)
