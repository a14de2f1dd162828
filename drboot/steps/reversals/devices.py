"""Devices, their attributes in the ODM, and the boot list as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from drboot import settable
from drboot.facts import bootlist, ifconfig, lsdev, lsvg
from drboot.facts.types import Device
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Blocked, Done, Todo
from drboot.steps.reversals.base import AT, Reversal, is_gone, odm_value, problem

# Devices that are in use as long as rootvg is varied on, or an interface is up.
MAY_BE_BUSY = ("hdisk", "fcs", "fscsi", "vscsi", "ent")


@dataclass(frozen=True)
class AttributesWere(Reversal):
    """Attributes of a device have their values in the ODM back.

    Source: a disk or adapter in use refuses, and -P stores the value for the next boot (boot-and-devices.md section 6)
    """

    device: str
    values: Tuple[Tuple[str, str], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/attributes/{self.device}/" + ",".join(name for name, _ in self.values)

    @property
    def title(self) -> str:
        return f"{', '.join(name for name, _ in self.values)} of {self.device} as before"

    def assess(self, seen: Seen) -> Assessment:
        differs = [(name, value) for name, value in self.values if odm_value(seen, self.device, name) != value]
        if not differs:
            return Done(", ".join(f"{name}={value}" for name, value in self.values))
        if self.device not in settable.SYSTEM and is_gone(seen, self.device):
            return Done(f"{self.device} is gone, and its attributes with it")
        args = [part for name, value in differs for part in ("-a", f"{name}={value}")]
        change = command("chdev", "-l", self.device, *args, touches="devices network names")
        why = ", ".join(f"{name} was {value or 'empty'}" for name, value in differs)
        if settable.prefix_of(self.device) not in MAY_BE_BUSY:
            return Todo((change,), why)
        stored = command("chdev", "-l", self.device, *args, "-P", touches="devices")
        return Todo((change,), why, instead=(stored,), lost="it counts from the next boot on, since it is in use")


@dataclass(frozen=True)
class ServerServes(Reversal):
    """An RPV server serves its disk to the other site again; never while the volume group is varied on here.

    Source: glvm white paper, "Taking Down Disaster Recovery Site": varyoffvg, then mkdev -l rpvserverN
    """

    device: str
    vg: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/rpv_server/{self.device}"

    @property
    def title(self) -> str:
        return f"mkdev {self.device}"

    def assess(self, seen: Seen) -> Assessment:
        if is_gone(seen, self.device):
            return Done(f"{self.device} is gone")
        if seen(lsdev.status_of(Device(self.device))) == "Available":
            return Done(f"{self.device} is Available")
        if self.vg in seen(lsvg.VARIED_ON):
            return Blocked(problem(self, f"{self.vg} is still varied on", "end what uses it, then: drboot undo"))
        return Todo((command("mkdev", "-l", self.device, touches="devices"),), f"{self.device} is Defined")


@dataclass(frozen=True)
class PseudoGone(Reversal):
    """No EtherChannel or VLAN device is over these adapters.

    Source: ifconfig enN down detach; rmdev -dl enN (aix/network-and-services.md section 6), then etN and the adapter.
    """

    type: str
    parts: Tuple[Tuple[str, Tuple[str, ...]], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"undo/pseudo/{self.type}/" + ",".join(name for _, names in self.parts for name in names)

    @property
    def title(self) -> str:
        return f"no {self.type} over {', '.join(name for _, names in self.parts for name in names)}"

    def assess(self, seen: Seen) -> Assessment:
        name = settable.pseudo_over(seen, self.type, dict(self.parts))
        if name is None:
            return Done("there is none")
        en, et = "en" + name[3:], "et" + name[3:]
        known = {row.name for row in seen(lsdev.DEVICES)}
        off = [
            command("ifconfig", i.name, "down", "detach", touches="network")
            for i in seen(ifconfig.INTERFACES)
            if i.name == en
        ]
        away = [command("rmdev", "-dl", d, touches="network devices") for d in (en, et, name) if d in known]
        return Todo((*off, *away), f"{name} is there")


@dataclass(frozen=True)
class BootListWas(Reversal):
    """The normal boot list holds what it held.  An entry is its device, with ``blv=`` and ``pathid=`` behind it."""

    entries: Tuple[Tuple[str, ...], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "undo/boot_list"

    @property
    def title(self) -> str:
        return "boot list as before"

    def assess(self, seen: Seen) -> Assessment:
        if boot_entries(seen) == self.entries:
            return Done(", ".join(entry[0] for entry in self.entries))
        words = [word for entry in self.entries for word in entry]
        return Todo((command("bootlist", "-m", "normal", *words, touches="bootlist"),), "it was changed")


def attributes_were(seen: Seen, device: str, *names: str) -> AttributesWere:
    return AttributesWere(device, tuple((name, odm_value(seen, device, name)) for name in names))


def boot_entries(seen: Seen) -> Tuple[Tuple[str, ...], ...]:
    """The normal boot list as bootlist takes it: the entries whose device exists."""
    return tuple(
        (entry.device, *(f"{key}={value}" for key, value in entry.options if key in ("blv", "pathid")))
        for entry in seen(bootlist.NORMAL)
        if entry.device
    )
