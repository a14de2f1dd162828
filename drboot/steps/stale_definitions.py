"""Plan B: what the device reset would have removed is removed one by one.

Only where the ODM was seen not to be reset although this is another site (scenario F86).  What is removed is
what the capture of home names: volume group definitions that are not varied on, and devices that are Defined.

Why      production's disks and adapters linger as Defined beside the new ones, their PVIDs with them
         (aix/boot-and-devices.md section 2, "Without reset"; lsdev/05)
Undo     cfgmgr finds again what exists; a definition of what does not exist here is worth nothing here
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Iterator, List, Tuple

from drboot.errors import FactUnavailable
from drboot.facts import lsdev, lsvg, odmget
from drboot.runner import command
from drboot.seen import Seen
from drboot.settable import prefix_of
from drboot.steps.base import Assessment, Back, Done, Step, Todo
from drboot.wanted import Wanted

# Children before parents: what hangs on an adapter goes before the adapter; an interface first, since production's
# address is in it.
ORDER = ("if", "disk", "driver", "adapter")
NETWORK = ("en", "et", "ent")  # no disk hangs on one of these


@dataclass(frozen=True)
class NoStaleGroups(Step):
    """No volume group of home is in the ODM without being varied on.

    Reads   lsvg, lsvg -o
    Runs    exportvg VG: ODM data and stanzas only, disk contents untouched
    Source  exportvg manual; lvm-and-filesystems section 6
    """

    names: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "importvg"

    @property
    def id(self) -> str:
        return "stale_definitions/volume_groups"

    @property
    def title(self) -> str:
        return "remove stale volume group definitions"

    def assess(self, seen: Seen) -> Assessment:
        on = seen(lsvg.VARIED_ON)
        stale = [vg for vg in seen(lsvg.ALL) if vg in self.names and vg not in on]
        if not stale:
            return Done("every volume group of the ODM is varied on")
        return Todo(
            tuple(command("exportvg", vg, kind="importvg", touches="lvm files filesystems") for vg in stale),
            f"{', '.join(stale)} came with the ODM of production",
        )

    def undo(self, seen: Seen) -> Back:
        return Back((), "the definitions of home's volume groups are not put back")


@dataclass(frozen=True)
class NoStaleDevices(Step):
    """No disk, interface or adapter of home is left as Defined.

    Reads   lsdev; odmget -q attribute=unique_id CuAt
    Runs    rmdev -dl DEVICE, children first
    Source  rmdev/01: `hdisk1 deleted`; a Defined disk whose path is merely late looks the same, so only disks that
            carry the unique_id of a LUN of home are removed (boot-and-devices section 9)
    """

    names: Tuple[str, ...]
    unique_ids: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "stale_definitions/devices"

    @property
    def title(self) -> str:
        return "remove stale devices"

    def assess(self, seen: Seen) -> Assessment:
        unread: List[FactUnavailable] = []
        disks: Tuple[str, ...] = ()
        try:
            disks = stale_disks(seen, self.unique_ids)
        except FactUnavailable as error:  # which disks are home's is not known; what none hangs on can go all the same
            unread.append(error)
        stale = [
            d
            for d in seen(lsdev.DEVICES)
            if d.status == "Defined"
            and (d.name in disks if d.cls == "disk" else d.cls in ORDER and d.name in self.names)
            and not (unread and prefix_of(d.name) not in NETWORK)
        ]
        if not stale and unread:
            raise unread[0]
        if not stale:
            return Done("no device of production is left as Defined")
        stale.sort(key=lambda device: ORDER.index(device.cls))
        return Todo(
            tuple(command("rmdev", "-dl", device.name, touches="devices lvm network") for device in stale),
            f"{len(stale)} devices of production are Defined: {', '.join(d.name for d in stale[:4])}",
        )

    def undo(self, seen: Seen) -> Back:
        return Back((), "the definitions of home's devices are not put back")


def stale_disks(seen: Seen, unique_ids: Tuple[str, ...]) -> Tuple[str, ...]:
    """The disks that are Defined and carry one of these unique_ids: LUNs of home, since a replica has its own."""
    ids = odmget.by_device(seen(odmget.attribute("unique_id")))
    defined = [d.name for d in seen(lsdev.DEVICES) if d.cls == "disk" and d.status == "Defined"]
    return tuple(name for name in defined if any(value in unique_ids for value in ids.get(name, ())))


def steps(wanted: Wanted) -> Iterator[Step]:
    if wanted.plan_b:
        at = str(wanted.site.at)
        names = tuple(vg.name for vg in wanted.capture.volume_groups)
        devices = tuple(name for name, _ in wanted.capture.devices)
        fenced = ("fence/addresses",)
        yield NoStaleGroups(names, at, fenced)
        unique_ids = tuple(disk.unique_id for disk in wanted.capture.disks if disk.unique_id)
        # an interface is looked at by fence/addresses6, and must not go meanwhile
        after = ("stale_definitions/volume_groups", "fence/addresses6")
        yield NoStaleDevices(devices, unique_ids, at, fenced, after)
