"""Attributes of devices that somebody has set, and how to find the same device again on other hardware.

The ODM class CuAt has what is not the default, and its field ``generic`` says with a U what a user may change.  One
command reads all of it, however many devices there are.

    disk       found again by its PVID
    adapter    fcs, fscsi, vscsi, ent, en: by slot and port, the end of its location code (C5-T1)
    system     sys0: by its name

Source: CuAt holds values that are not the default only (transcripts odmget/01, 50: generic = "DU";
aix/boot-and-devices.md section 10); the device reset drops them (section 2); a location code at DR differs in all but
slot and port (lscfg/01).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterator, List, Mapping, Optional, Set, Tuple

from drboot.facts import lscfg, lsdev, lspv, odmget
from drboot.seen import Seen

# What belongs to the place, or to another step: addresses and routes (network), reset flags (device_flags).
NOT_OURS: Mapping[str, FrozenSet[str]] = {
    "en": frozenset(
        ("netaddr", "netmask", "broadcast", "state", "mtu", "alias4", "alias6", "netaddr6", "prefixlen", "authority")
    ),
    "sys0": frozenset(("ghostdev", "clouddev")),
    "hdisk": frozenset(("location", "size_in_mb")),
}
ADAPTERS = ("fcs", "fscsi", "vscsi", "ent", "en")
CUSTOMISED = odmget.objects("CuAt")


@dataclass(frozen=True)
class Settings:
    """The attributes that were set of one device.

    kind    disk, adapter or system
    key     PVID; slot and port; name
    prefix  the device's name without its number: hdisk, fcs, sys0
    name    what it was called there
    """

    kind: str
    key: str
    prefix: str
    name: str
    values: Tuple[Tuple[str, str], ...]


def customised(seen: Seen) -> Dict[str, Dict[str, str]]:
    """By device, the attributes that a user may change and that are not the default.  One command."""
    found: Dict[str, Dict[str, str]] = {}
    for item in seen(CUSTOMISED):
        device, attribute = item.text("name"), item.text("attribute")
        if "U" in item.text("generic") and attribute not in NOT_OURS.get(prefix_of(device), ()):
            found.setdefault(device, {})[attribute] = item.text("value")
    return found


def take(seen: Seen) -> Tuple[Settings, ...]:
    """What was set of the devices that can be found again.  Raises FactUnavailable."""
    values = customised(seen)
    keys = {name: key for key, name in devices(seen, {prefix_of(name) for name in values}).items()}
    return tuple(
        Settings(*keys[name], name, tuple(sorted(values[name].items())))
        for name in sorted(values, key=_numbered)
        if name in keys
    )


def devices(seen: Seen, prefixes: Set[str]) -> Dict[Tuple[str, str, str], str]:
    """(kind, key, prefix) -> the device's name here, for devices of these prefixes.  A key that is not unique is none.

    One command for the disks, and one for each kind of adapter.  Raises FactUnavailable.
    """
    found: Dict[Tuple[str, str, str], List[str]] = {}
    for kind, key, name in _all(seen, prefixes):
        found.setdefault((kind, key, prefix_of(name)), []).append(name)
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _all(seen: Seen, prefixes: Set[str]) -> Iterator[Tuple[str, str, str]]:
    if "sys0" in prefixes:
        yield "system", "sys0", "sys0"
    if "hdisk" in prefixes:
        for pv in seen(lspv.PVS):
            if pv.pvid:
                yield "disk", str(pv.pvid), str(pv.name)
    rows = [row for row in seen(lsdev.DEVICES) if row.is_available and prefix_of(row.name) in prefixes]
    for row in rows:
        place = _place(seen, row)
        if place:
            yield "adapter", place, str(row.name)


def _place(seen: Seen, row: lsdev.DeviceRow) -> str:
    """Slot and port of an adapter, or of the adapter that an interface or protocol driver belongs to."""
    prefix = prefix_of(row.name)
    if prefix not in ADAPTERS:
        return ""
    adapter = {"en": "ent" + row.name[2:], "fscsi": row.parent}.get(prefix, str(row.name))
    for vpd in seen(lscfg.vpd(prefix_of(adapter) + "*")):
        if vpd.name == adapter:
            found = re.search(r"-(C[0-9]+(?:-T[0-9]+)?)$", vpd.location)
            return found.group(1) if found else ""
    return ""


def find(here: Mapping[Tuple[str, str, str], str], settings: Settings) -> Optional[str]:
    """What the device is called here, None when it cannot be told."""
    return here.get((settings.kind, settings.key, settings.prefix))


def prefix_of(device: str) -> str:
    """``hdisk`` of hdisk12; sys0 and inet0 exist once and stay whole."""
    return device if device in ("sys0", "inet0") else device.rstrip("0123456789")


def _numbered(device: str) -> Tuple[str, int]:
    prefix = device.rstrip("0123456789")
    return prefix, int(device[len(prefix) :] or 0)
