"""The ODM of a simulated LPAR as the device commands see it: customised values merged with predefined ones.

Source: boot-and-devices.md sections 5, 6, 10: only values that differ from the default are in CuAt.
"""

from __future__ import annotations

import copy
import re
from typing import Dict, List, NoReturn, Optional, Set, Tuple

from drboot.sim import predefined
from drboot.sim.command import Context
from drboot.sim.predefined import Attribute, Level, Predefined
from drboot.sim.world import Device, Firmware, Odm, Slot, World

AVAILABLE = 1
DEFINED = 0
ZEROS = "0" * 16  # a PVID in CuAt is 32 digits: the 16 that lspv shows, and zeros


def level(odm: Odm) -> Level:
    return predefined.parse_level(odm["oslevel"])


def row_of(device: Device) -> Predefined:
    return predefined.find(device["cls"], device["subclass"], device["type"])


def description(device: Device) -> str:
    return device["description"] or row_of(device).description


def status_name(device: Device) -> str:
    return "Available" if device["status"] == AVAILABLE else "Defined"


def number_order(name: str) -> Tuple[str, int]:
    """Sort key that puts hdisk2 before hdisk10."""
    found = re.fullmatch(r"(.*?)(\d*)", name)
    assert found is not None
    return (found.group(1), int(found.group(2) or -1))


def children(odm: Odm) -> Dict[str, List[str]]:
    """Device -> devices whose parent, or one of whose paths' parents, it is; pseudo adapters count for their base.

    For all devices at once: an LPAR may have thousands of disks, each with eight paths.
    """
    below: Dict[str, List[str]] = {}
    for device in odm["devices"].values():
        below.setdefault(device["parent"], []).append(device["name"])
    by_path: Dict[str, Set[str]] = {}
    for path in odm["paths"]:
        if path["disk"] in odm["devices"]:
            by_path.setdefault(path["parent"], set()).add(path["disk"])
    for parent, disks in by_path.items():
        held = below.setdefault(parent, [])
        held += sorted(disks.difference(held), key=number_order)
    return below


# ---------------------------------------------------------------- attributes


def attributes_of(world: World, name: str) -> List[Attribute]:
    """The attributes that this device has at this AIX level, in the order of ``lsattr``."""
    odm = world["odm"]
    device = odm["devices"][name]
    rows = predefined.at_level(row_of(device), level(odm))
    if name == "sys0":
        rows = [row for row in rows if row.name not in odm["missing_attributes"]]
    return rows


def attribute_of(world: World, name: str, attribute: str) -> Optional[Attribute]:
    for row in attributes_of(world, name):
        if row.name == attribute:
            return row
    return None


def values(world: World, name: str, row: Attribute) -> List[str]:
    """What ``lsattr -E`` shows: the customised values, else what the hardware says, else the default."""
    stored = world["odm"]["attributes"].get(name, {}).get(row.name)
    if stored:
        return stored
    hardware = _from_hardware(world["firmware"], world["odm"]["devices"][name], row.name)
    return [row.default if hardware is None else hardware]


def value(world: World, name: str, attribute: str) -> str:
    """The first value of an attribute, "" when the device or the attribute does not exist."""
    if name not in world["odm"]["devices"]:
        return ""
    row = attribute_of(world, name, attribute)
    return "" if row is None else values(world, name, row)[0]


def put(odm: Odm, name: str, row: Attribute, new: List[str]) -> None:
    """Customise the attribute; the default, or nothing, leaves no CuAt row."""
    held = odm["attributes"].setdefault(name, {})
    if not new or new == [row.default]:
        held.pop(row.name, None)
    else:
        held[row.name] = new
    if not held:
        del odm["attributes"][name]


def _from_hardware(firmware: Firmware, device: Device, attribute: str) -> Optional[str]:
    """What the configure method takes from firmware.  None: this attribute is not of that kind.

    Source: systemid follows the frame without a reboot after LPM (boot-and-devices.md section 3).
    """
    extra = firmware["extra"]
    if device["cls"] == "sys":
        facts: Dict[str, str] = {
            "systemid": firmware["systemid"],
            "modelname": model_name(firmware),
            "fwversion": extra.get("fwversion", f"IBM,{firmware['firmware_level']}"),
            "realmem": str(firmware["memory"] * 1024),
        }
    elif device["cls"] == "processor":
        facts = {
            "frequency": extra.get("frequency", "3500000000"),
            "smt_threads": str(smt_threads(firmware)),
            "type": extra.get("processor_type", "PowerPC_POWER8"),
        }
    elif device["cls"] == "memory" and device["type"] == "totmem":
        facts = {"size": str(firmware["memory"]), "goodsize": str(firmware["memory"])}
    else:
        return None
    return facts.get(attribute)


def smt_threads(firmware: Firmware) -> int:
    return int(firmware["extra"].get("smt_threads", "4"))


def model_name(firmware: Firmware) -> str:
    """IBM,9119-FHB; a machine that is not IBM's says something else (transcript prtconf/06)."""
    return firmware["extra"].get("modelname", "IBM," + firmware["model"])


def machine_serial(firmware: Firmware) -> str:
    """IBM,0206F42A0 -> 06F42A0: what is left after ``IBM,`` and the two digits before the plant."""
    return firmware["systemid"].rpartition(",")[2][2:]


# ---------------------------------------------------------------- disks and adapters


def pvid_of(odm: Odm, disk: str) -> str:
    """The PVID in CuAt, 16 digits, "" when there is none."""
    stored = odm["attributes"].get(disk, {}).get("pvid", ["none"])[0]
    return "" if stored == "none" else stored[:16]


def open_disks(world: World) -> Set[str]:
    """Disks that belong to a varied-on VG, so that their driver holds them open."""
    odm = world["odm"]
    pvids: Set[str] = set()
    for vg in world["kernel"]["varied_on"]:
        if vg in odm["vgs"]:
            pvids.update(odm["vgs"][vg]["pvids"])
    return {
        name
        for name, device in odm["devices"].items()
        if device["cls"] == "disk" and device["status"] == AVAILABLE and pvid_of(odm, name) in pvids
    }


def slot_at(firmware: Firmware, device: Device) -> Optional[Slot]:
    """The firmware slot behind an adapter, by its connection."""
    for slot in firmware["slots"]:
        if slot["slot"] == device["connwhere"]:
            return slot
    return None


def slot_below(world: World, name: str) -> str:
    """The slot through which a device is reached: its own, or that of the adapter above it.  "" for none."""
    devices = world["odm"]["devices"]
    slots = {slot["slot"] for slot in world["firmware"]["slots"]}
    while name in devices:
        if devices[name]["cls"] in ("adapter", "driver") and devices[name]["connwhere"] in slots:
            return devices[name]["connwhere"]
        name = devices[name]["parent"]
    return ""


# ---------------------------------------------------------------- the boot image's copy


def save_base(ctx: Context, name: str, before: Dict[str, List[str]]) -> bool:
    """Copy the change of this device to the boot image.  False: hd5 or /dev/ipldevice is broken.

    The ODM then has the new values and the boot image still the old ones; ``saved_base`` keeps those, and the next
    boot brings them back.  Source: boot-and-devices.md section 6, transcripts rmdev/04, 50.
    """
    odm = ctx.world["odm"]
    if odm["boot_lv_ok"]:
        odm["saved_base"].clear()
        return True
    odm["saved_base"].setdefault(name, copy.deepcopy(before))
    ctx.err("0514-508 Cannot save the base customized information on /dev/ipldevice.")
    ctx.err("0514-609 Unable to save the base customized information on /dev/ipldevice.")
    return False


def restore_base(odm: Odm) -> None:
    """What a boot finds: the attributes of the boot image, wherever a change did not reach it."""
    for name, held in odm["saved_base"].items():
        if name in odm["devices"]:
            odm["attributes"][name] = copy.deepcopy(held)
            if not held:
                del odm["attributes"][name]
    odm["saved_base"].clear()


# ---------------------------------------------------------------- errors


class MethodError(Exception):
    """A device method refused.  ``lines`` is everything that goes to standard error."""

    def __init__(self, *lines: str) -> None:
        super().__init__(lines[0])
        self.lines = lines


def busy(method: str, *rows: Attribute) -> NoReturn:
    """0514-062.  Source: transcript chdev/02-pv-busy-0514-062."""
    raise MethodError(
        f"Method error (/usr/lib/methods/{method}):",
        "        0514-062 Cannot perform the requested function because the",
        "                 specified device is busy.",
        *_named(rows),
    )


def not_valid(method: str, *rows: Attribute) -> NoReturn:
    """0514-018.  Source: transcript chdev/03-error-0514-018, laid out as chdev/02-pv-busy."""
    raise MethodError(
        f"Method error (/usr/lib/methods/{method}):",
        "        0514-018 The values specified for the following attributes",
        "                 are not valid:",
        *_named(rows),
    )


def _named(rows: Tuple[Attribute, ...]) -> List[str]:
    lines = [f"     {row.name}    {row.description}" for row in rows]
    return [*lines, ""] if rows else []
