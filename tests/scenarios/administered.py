"""What administrators have set on a machine, read from its documents and files: nothing of drboot has a part in it.

Devices have names that are the same at both sites: ``hdisk PVID``, ``fcs C10-T1``, ``en ibm_ech``, ``sys0``.
"""

from __future__ import annotations

import re
from typing import Any, Dict

from tests.checker import State

FILES = ("/etc/filesystems", "/etc/swapspaces", "/etc/inittab", "/etc/hosts", "/etc/resolv.conf", "/etc/netsvc.conf")
INTERFACES = {"en": "ent", "et": "ent"}


def administered(state: State) -> Dict[str, Any]:
    """Every attribute of a device, every property of a VG, LV and file system, what is in use, and the files."""
    found: Dict[str, Any] = {path: state.text(path) for path in FILES}
    for name, attributes in state.odm["attributes"].items():
        found.update({f"{device(state, name)}.{key}": values for key, values in attributes.items()})
    for name, entry in state.odm["vgs"].items():
        on_disk = state.san["vgdas"][state.firmware["site"]][entry["vgid"]]
        found.update(_flat(name, {**entry, "disk": on_disk, "pvids": sorted(entry["pvids"])}))
    for path in state.odm["paths"]:
        found.setdefault(f"paths of {device(state, path['disk'])}", []).append(path["status"])
    kernel = state.kernel
    for name, interface in kernel["interfaces"].items():
        for key in ("up", "flags", "mtu", "tail", "inet6"):
            found[f"{device(state, name)} up: {key}"] = interface[key]
    found["mounts"] = sorted((mount["device"], mount["point"], mount["options"]) for mount in kernel["mounts"])
    found["varied on"] = {name: (how["mode"], how["locked"]) for name, how in kernel["varied_on"].items()}
    found.update({key: sorted(kernel[key]) for key in ("active_paging", "subsystems")})
    found.update({key: kernel[key] for key in ("hostname", "nodename", "dump")})
    return {**found, "dump of the ODM": state.odm["dump"], "subsystems on file": state.odm["subsystems"]}


def _flat(name: str, value: Any) -> Dict[str, Any]:
    """VG.disk.lvs.LV.fs.state and the like; LVs by name, PVs by PVID."""
    if isinstance(value, dict):
        return {key: one for part, inner in value.items() for key, one in _flat(f"{name}.{part}", inner).items()}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _flat(name, {one.get("name") or one["pvid"]: one for one in value})
    return {name: value}


def device(state: State, name: str) -> str:
    """The device by what survives the move."""
    prefix = name.rstrip("0123456789")
    if prefix == "hdisk":
        return "hdisk " + (state.attribute(name, "pvid") or [""])[0][:16]
    row = state.odm["devices"].get(INTERFACES.get(prefix, prefix) + name[len(prefix) :])
    place = re.search(r"C[0-9]+-T[0-9]+$", row["physloc"]) if row else None
    if row and row["type"] in ("ibm_ech", "eth"):
        return f"{prefix} {row['type']}"
    return f"{prefix} {place.group()}" if place else name
