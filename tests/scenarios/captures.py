"""Two captures side by side: every value under a name that is the same at both sites, whatever AIX calls its device.

disks[00f9e1d20bd88911].hdisk    disks by PVID
interfaces[C2-T1].address        adapters, interfaces and their settings by slot and port
interfaces[eth].mtu              pseudo adapters, and what is on them, by their type
volume_groups[oravg].lvs[orasys].owner
"""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass
from typing import Any, Dict, Iterator, Tuple

from drboot.capture import Adapter, Capture, Disk, FileSystem, Interface, KernelRoute, Lv, PagingSpace, VolumeGroup
from drboot.settable import Pseudo, Settings

Change = Tuple[Any, Any]


def flat(capture: Capture) -> Dict[str, Any]:
    """Every leaf of the capture, by its name here."""
    return dict(_walk(capture, "", _places(capture)))


def leaf(name: str) -> str:
    """``disks[00f9...].hdisk`` -> ``disks.hdisk``, as restored.FATES spells it."""
    return re.sub(r"\[[^]]*\]", "", name)


def differing(home: Capture, here: Capture) -> Dict[str, Change]:
    """What is not the same in both, with both values; None for what is not there."""
    before, after = flat(home), flat(here)
    names = [*before, *(name for name in after if name not in before)]
    return {
        n: (before.get(n), after.get(n))
        for n in names
        if before.get(n) != after.get(n) or (n in before) != (n in after)
    }


def _places(capture: Capture) -> Dict[str, str]:
    """Adapter or interface -> slot and port, or type of the pseudo adapter."""
    found = {adapter.name: place(adapter.location) for adapter in capture.adapters}
    found.update({pseudo.name: pseudo.type for pseudo in capture.pseudo})
    found.update({"en" + name[3:]: where for name, where in found.items() if name.startswith("ent")})
    return found


def place(location: str) -> str:
    """The end of a location code: U9009.42A.79E1D20-V4-C2-T1 -> C2-T1."""
    return re.sub(r"^.*-(?=C[0-9]+)", "", location)


def _walk(value: Any, name: str, places: Dict[str, str]) -> Iterator[Tuple[str, Any]]:
    if is_dataclass(value):
        for field in fields(value):
            yield from _walk(getattr(value, field.name), f"{name}.{field.name}".lstrip("."), places)
    elif isinstance(value, tuple) and value and is_dataclass(value[0]):
        for item in value:
            yield from _walk(item, f"{name}[{_key(item, places)}]", places)
    elif name.endswith(".pvids"):
        yield name, tuple(sorted(value))  # in the order of lspv, which is that of the numbers
    elif name.startswith(("pseudo", "settings")) and name.endswith((".key", ".parts")):
        yield name, _named(value, places)
    elif not (value == () and name in ("disks", "settings", "pseudo", "paging", "kernel_routes")):
        yield name, value


def _named(value: Any, places: Dict[str, str]) -> Any:
    """``=ent4`` -> ``=ibm_ech``."""
    if isinstance(value, tuple):
        return tuple(_named(one, places) for one in value)
    return f"={places[value[1:]]}" if value[:1] == "=" else value


def _key(item: Any, places: Dict[str, str]) -> str:
    if isinstance(item, Disk):
        return item.pvid
    if isinstance(item, (VolumeGroup, Lv, PagingSpace)):
        return item.name
    if isinstance(item, FileSystem):
        return item.mount_point
    if isinstance(item, Adapter):
        return place(item.location)
    if isinstance(item, Interface):
        return places[item.name]
    if isinstance(item, Pseudo):
        return item.type
    if isinstance(item, KernelRoute):
        return f"{item.family} {item.destination}"
    assert isinstance(item, Settings), item
    return f"{item.prefix} {places.get(item.key[1:], item.key)}" if item.key[:1] == "=" else f"{item.prefix} {item.key}"
