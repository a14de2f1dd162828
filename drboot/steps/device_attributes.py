"""Device attributes of home: queue depths, reservation policies, error recovery, what was set of sys0.

The device reset, and other hardware, leave every device at its defaults; a database on a queue depth of 1 is up and of
no use.  What the capture has is put back by what survives the move (settable.py), before anything is varied on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Dict, Iterator, List, Optional, Tuple

from drboot import paths
from drboot.errors import Where
from drboot.facts import lsattr
from drboot.profile.keys import BOOLEAN, NAME, WORD, ListOf
from drboot.profile.sections import Key, Section, TableOf
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.settable import Settings, customised, devices, find
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Done, Step, Todo, counted

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class DeviceAttributes:
    """``device_attributes:`` of a profile."""

    restore: bool
    leave: Tuple[str, ...]
    override: Dict[str, Dict[str, str]]
    at: Where


SECTION = Section(
    "device_attributes",
    DeviceAttributes,
    meaning="Attributes of disks, adapters and sys0 that were set at home; the device reset leaves the defaults.",
    keys=(
        Key("restore", BOOLEAN, "Put back what the capture has.", default=True, example="true"),
        Key(
            "leave",
            ListOf(WORD),
            "Attributes that stay as they are here, whatever home had.",
            default=(),
            shown="none",
            example="[reserve_policy, hcheck_interval]",
        ),
        Key(
            "override",
            TableOf(NAME, TableOf(NAME, WORD)),
            "By kind of device (hdisk, fcs, fscsi, vscsi, ent, en, sys0): the value that an attribute which was set "
            "at home has here.",
            default={},
            shown="none",
            example="{hdisk: {queue_depth: '16'}}",
        ),
    ),
)


@dataclass(frozen=True)
class AttributesSo(Step):
    """The devices of a group have the attributes that were set at home.

    What it ensures  each device that is found again has each captured value; one that is not there is named
    Reads            odmget CuAt; lspv, lscfg -vl for who is who; lsattr -El only of a device that differs
    Runs             chdev -l DEVICE -a ATTRIBUTE=VALUE ..., one for each device that differs; with -P where that
                     fails and the device is busy, which counts at the next boot
    Undo             the values that were recorded before
    Source           busy disk and adapter attributes fail online, -P stores them for the next boot
                     (aix/boot-and-devices.md section 7)

    What the storage here refuses is reported and keeps nothing from coming up.
    """

    group: str
    settings: Tuple[Settings, ...]
    is_busy: bool
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"device_attributes/{self.group}"

    @property
    def title(self) -> str:
        return f"attributes of {self.group}, {counted(len(self.settings), 'device', 'devices')}"

    def assess(self, seen: Seen) -> Assessment:
        differing, missing = self._differing(seen)
        if differing:
            online = tuple(_chdev(name, values) for name, values in differing)
            stored = tuple(_chdev(name, values, "-P") for name, values in differing)
            first = f"{differing[0][0]} {', '.join(f'{a}={v}' for a, v in differing[0][1])}"
            more = f" and {len(differing) - 1} more devices" if differing[1:] else ""
            lost = "it counts from the next boot on, since the devices are in use"
            return Todo(online, f"not as at home: {first}{more}", None, stored if self.is_busy else (), lost, each=True)
        warnings = tuple(f"{s.name} of home ({s.key}) is no device here" for s in missing)
        return Done(f"as at home on {counted(len(self.settings) - len(missing), 'device', 'devices')}", warnings)

    def undo(self, seen: Seen) -> Back:
        differing, _ = self._differing(seen)
        names = [(name, [attribute for attribute, _ in values]) for name, values in differing]
        return Back(tuple(reversals.attributes_were(seen, name, *attributes) for name, attributes in names))

    def _differing(self, seen: Seen) -> Tuple[List[Tuple[str, Tuple[Tuple[str, str], ...]]], List[Settings]]:
        """Devices here with the values that they lack; and those of home that are not here."""
        here = devices(seen, {settings.prefix for settings in self.settings})
        stored = customised(seen)
        differing, missing = [], []
        for settings in self.settings:
            name = find(here, settings)
            if name is None:
                missing.append(settings)
                continue
            set_here = stored.get(name, {})
            lacks = tuple(
                (attribute, value)
                for attribute, value in settings.values
                if set_here.get(attribute) != value and _default(seen, name, attribute, set_here) != value
            )
            if lacks:
                differing.append((name, lacks))
        return differing, missing


def _default(seen: Seen, device: str, attribute: str, set_here: Dict[str, str]) -> Optional[str]:
    """The effective value of what nobody has set; None where somebody has, or the device has no such attribute."""
    if attribute in set_here:
        return None
    values = seen(lsattr.value(device, attribute))
    return values[0] if values else None


def _chdev(device: str, values: Tuple[Tuple[str, str], ...], *options: str) -> Command:
    args = [part for attribute, value in values for part in ("-a", f"{attribute}={value}")]
    return command("chdev", "-l", device, *args, *options, touches="devices")


def steps(wanted: Wanted) -> Iterator[Step]:
    settings = wanted.site.device_attributes
    if not settings.restore:
        return
    at = f"{paths.CAPTURES}/{wanted.home}.json"
    vg_of = {disk.pvid: disk.vg or "disks without a volume group" for disk in wanted.capture.disks}
    groups: Dict[str, List[Settings]] = {}
    for captured in wanted.capture.settings:
        values = _wanted_values(captured, settings)
        if values:
            group = vg_of.get(captured.key, "disks") if captured.kind == "disk" else captured.prefix
            made = Settings(captured.kind, captured.key, captured.prefix, captured.name, values)
            groups.setdefault(group, []).append(made)
    for group, members in groups.items():
        is_disk = members[0].kind == "disk"
        first = [f"disks/{group}"] if is_disk else []
        first += ["stale_definitions/devices"] if wanted.plan_b else []
        yield AttributesSo(group, tuple(members), group == "rootvg" or not is_disk, at, (), tuple(first))


def _wanted_values(captured: Settings, settings: DeviceAttributes) -> Tuple[Tuple[str, str], ...]:
    override = settings.override.get(captured.prefix, {})
    return tuple((name, override.get(name, value)) for name, value in captured.values if name not in settings.leave)
