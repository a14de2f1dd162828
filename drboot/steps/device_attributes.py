"""Device attributes of home: queue depths, reservation policies, error recovery, what was set of sys0.

The device reset, and other hardware, leave every device at its defaults; a database on a queue depth of 1 is up and of
no use.  What the capture has is put back by what survives the move (settable.py), before anything is varied on.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Dict, FrozenSet, Iterator, List, Mapping, Sequence, Tuple

from drboot import paths
from drboot.errors import Where
from drboot.facts import lsattr, lspv
from drboot.profile.keys import BOOLEAN, NAME, WORD, ListOf
from drboot.profile.sections import Key, Section, TableOf
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.settable import Pseudo, Settings, customised, devices, effective, find, kind_of, one_of
from drboot.steps import pseudo_adapters, reversals
from drboot.steps.base import Assessment, Back, Done, Step, Todo, counted, first_of

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.capture import Capture
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class DeviceAttributes:
    """``device_attributes:`` of a profile."""

    restore: bool
    only: Tuple[str, ...]
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
            "only",
            ListOf(NAME),
            "Nothing but these is put back: an attribute, or the kind of device with it, as in hdisk.queue_depth.",
            default=(),
            shown="all of them",
            example="[queue_depth, fscsi.fc_err_recov]",
        ),
        Key(
            "leave",
            ListOf(NAME),
            "Attributes that stay as they are here, whatever home had; with the kind of device, of that kind only.",
            default=(),
            shown="none",
            example="[reserve_policy, hdisk.hcheck_interval]",
        ),
        Key(
            "override",
            TableOf(NAME, TableOf(NAME, WORD)),
            "By kind of device (hdisk, fcs, fscsi, vscsi, ent, en, sys0, inet0, lo0): the value of an attribute here, "
            "on every disk of the capture, and on other devices that it was set of at home. It wins over only and "
            "leave. netaddr of ent: what EtherChannels of home ping here before they fail over.",
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
    Reads            odmget CuAt; lspv, lscfg -vl for who is who; lsdev -C; lsattr -El of one device of
                     each type for its default; lsattr -R of one of them for a value that many of a type are to have
    Runs             chdev -l DEVICE -a ATTRIBUTE=VALUE ..., one for each device that differs; with -P where that
                     fails and the device is busy, which counts at the next boot; one for each attribute where both fail
    Undo             the values that were recorded before
    Source           busy disk and adapter attributes fail online, -P stores them for the next boot
                     (aix/boot-and-devices.md section 7)

    What the storage here refuses is reported and keeps nothing from coming up.  Where it refuses a value of many disks,
    that is asked once, and not tried on each: hundreds of refusals would be minutes of the recovery.
    """

    group: str
    settings: Tuple[Settings, ...]
    is_busy: bool
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    pseudo: Tuple[Pseudo, ...] = ()  # of home

    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"device_attributes/{self.group}"

    @property
    def title(self) -> str:
        return f"attributes of {self.group}, {counted(len(self.settings), 'device', 'devices')}"

    def assess(self, seen: Seen) -> Assessment:
        found = _Found(seen, self.settings, self.pseudo)
        if found.differing:
            online = tuple(_chdev(name, _new(values)) for name, values in found.differing)
            stored = tuple(_chdev(name, _new(values), "-P") for name, values in found.differing)
            name, values = found.differing[0]
            first = f"{name} {', '.join(f'{a}={v}' for a, v in _new(values))}"
            more = (
                f" and {counted(len(found.differing) - 1, 'more device', 'more devices')}"
                if found.differing[1:]
                else ""
            )
            is_busy = self.is_busy or not seen.derived(lspv.PVS, _open_disks).isdisjoint(n for n, _ in found.differing)
            why, apart = f"not as at home: {first}{more}", tuple(_apart(*lacks, is_busy) for lacks in found.differing)
            if not is_busy:
                return Todo(online, why, each=True, apart=apart)
            lost = "it counts from the next boot on, since the devices are in use"
            return Todo(online, why, None, stored, lost, each=True, apart=apart)
        return Done(f"as at home on {counted(found.right, 'device', 'devices')}", tuple(found.missing()))

    def undo(self, seen: Seen) -> Back:
        return Back(
            tuple(
                reversals.AttributesWere(name, tuple((attribute, before) for attribute, before, _ in values))
                for name, values in _Found(seen, self.settings, self.pseudo).differing
            )
        )


OVER_PSEUDO = "en_over_pseudo"  # the group of interfaces that exist only once their pseudo adapter is made again
MOST = 5  # devices that are named one by one in a warning
MANY = 4  # devices of one type: trying takes longer than asking what they take


class _Found:
    """The devices of a group as they are here.

    differing  device here, and of what it lacks (attribute, value now, value at home)
    gone       of home that are no device here
    unknown    attribute -> devices here that have none of that name: another kind of storage, or another driver
    refused    attribute and value -> devices here that do not take it
    """

    def __init__(self, seen: Seen, every: Tuple[Settings, ...], pseudo: Tuple[Pseudo, ...]) -> None:
        self.differing: List[Tuple[str, Tuple[Tuple[str, str, str], ...]]] = []
        self.gone: List[Settings] = []
        self.unknown: Dict[str, List[str]] = {}
        self.refused: Dict[Tuple[str, str], List[str]] = {}
        here = devices(seen, {settings.prefix for settings in every}, pseudo)
        now = effective(seen, customised(seen))
        for settings in every:
            name = find(here, settings)
            if name is None:
                self.gone.append(settings)
                continue
            lacks = []
            for attribute, value in settings.values:
                before = now(name, attribute)
                if before is None:
                    self.unknown.setdefault(attribute, []).append(name)
                elif before != value:
                    lacks.append((attribute, before, value))
            if lacks:
                self.differing.append((name, tuple(lacks)))
        for kind, (attribute, value) in _many(seen, self.differing):
            self._leave_refused(seen, kind, attribute, value)
        left = {name for names in self.refused.values() for name in names}
        self.right = len(every) - len(self.gone) - len(left)

    def _leave_refused(self, seen: Seen, kind: Tuple[str, ...], attribute: str, value: str) -> None:
        """What the devices of a type do not take is not tried on them.

        An answer by which the value of now would be none either is no answer: then it is tried.
        """
        takes = seen.or_none(lsattr.allowed(one_of(seen, kind), attribute))
        if takes is None or takes.admits(value):
            return
        of_kind = {name for name, _ in self.differing if kind_of(seen, name) == kind}
        now = {before for name, lacks in self.differing if name in of_kind for a, before, _ in lacks if a == attribute}
        if not all(takes.admits(before) for before in now):
            return
        kept = []
        for name, lacks in self.differing:
            left = tuple(lack for lack in lacks if name not in of_kind or (lack[0], lack[2]) != (attribute, value))
            if left != lacks:
                self.refused.setdefault((attribute, value), []).append(name)
            if left:
                kept.append((name, left))
        self.differing = kept

    def missing(self) -> Iterator[str]:
        """What there is to say of it, in few lines however many devices it is about."""
        for settings in self.gone[:MOST]:
            yield f"{settings.name} of home ({settings.key}) is no device here"
        if self.gone[MOST:]:
            yield f"{len(self.gone) - MOST} more devices of home are none here"
        for attribute, names in self.unknown.items():
            yield f"{attribute} was set at home; here there is none on {first_of(names, MOST)}"
        for (attribute, value), names in self.refused.items():
            which = first_of(names, MOST)
            yield f"{attribute}={value} was set at home; lsattr -R says that it cannot be here, on {which}"


def _many(
    seen: Seen, differing: Sequence[Tuple[str, Tuple[Tuple[str, str, str], ...]]]
) -> List[Tuple[Tuple[str, ...], Tuple[str, str]]]:
    """Type of device, attribute and value that more than a few devices of the type are to have."""
    counts = Counter(
        (kind_of(seen, name), (attribute, value)) for name, lacks in differing for attribute, _, value in lacks
    )
    return [asked for asked, number in counts.items() if number > MANY]


def _open_disks(pvs: Tuple[lspv.Pv, ...]) -> FrozenSet[str]:
    """The disks of volume groups that are varied on, whoever did that before this run."""
    return frozenset(str(pv.name) for pv in pvs if pv.state)


def _apart(name: str, values: Tuple[Tuple[str, str, str], ...], is_busy: bool) -> Tuple[Command, ...]:
    """One command for each attribute, since one that is refused has chdev change none; () for one alone."""
    options = ("-P",) if is_busy else ()
    return tuple(_chdev(name, (pair,), *options) for pair in _new(values)) if values[1:] else ()


def _new(values: Tuple[Tuple[str, str, str], ...]) -> Tuple[Tuple[str, str], ...]:
    return tuple((attribute, value) for attribute, _, value in values)


def _chdev(device: str, values: Tuple[Tuple[str, str], ...], *options: str) -> Command:
    args = [part for attribute, value in values for part in ("-a", f"{attribute}={value}")]
    return command("chdev", "-l", device, *args, *options, touches="attributes")


def steps(wanted: Wanted) -> Iterator[Step]:
    settings = wanted.site.device_attributes
    if not settings.restore:
        return
    at = f"{paths.CAPTURES}/{wanted.home}.json"
    vg_of = {disk.pvid: disk.vg or "disks without a volume group" for disk in wanted.capture.disks}
    groups: Dict[str, List[Settings]] = {}
    for captured in _every(wanted.capture, settings):
        values = _wanted_values(captured, settings)
        if values:
            groups.setdefault(_group(captured, vg_of), []).append(replace(captured, values=values))
    for group, members in groups.items():
        is_disk = members[0].kind == "disk"
        first: Tuple[str, ...] = (f"disks/{group}",) if is_disk else ()
        if group == "en":
            first = ("fence/addresses6",)
        if group == OVER_PSEUDO:
            first = pseudo_adapters.ids(wanted)
        if wanted.plan_b:
            first = (*first, "stale_definitions/devices")
        # where the ODM was not reset, a boot may have varied on the volume groups already
        busy = group == "rootvg" or not is_disk or wanted.plan_b
        yield AttributesSo(group, tuple(members), busy, at, (), first, wanted.capture.pseudo)


def _group(captured: Settings, vg_of: Mapping[str, str]) -> str:
    if captured.kind == "disk":
        return vg_of.get(captured.key, "disks")
    return OVER_PSEUDO if captured.key[:1] == "=" else captured.prefix


def _every(capture: Capture, settings: DeviceAttributes) -> Iterator[Settings]:
    """What was set at home; and the disks of which nothing was, where the profile has a value for them."""
    yield from capture.settings
    if "hdisk" in settings.override:
        known = {captured.key for captured in capture.settings if captured.kind == "disk"}
        for disk in capture.disks:
            if disk.pvid not in known:
                yield Settings("disk", disk.pvid, "hdisk", disk.hdisk, ())


def _wanted_values(captured: Settings, settings: DeviceAttributes) -> Tuple[Tuple[str, str], ...]:
    """What the device is to have here: home's values that the profile lets through, and the profile's own."""
    override = settings.override.get(captured.prefix, {})
    values = {
        name: value
        for name, value in captured.values
        if not settings.only or _is_named(captured.prefix, name, settings.only)
        if not _is_named(captured.prefix, name, settings.leave)
    }
    of_home = dict(captured.values)
    values.update({n: value for n, value in override.items() if captured.kind == "disk" or n in of_home})
    return tuple(sorted(values.items()))


def _is_named(prefix: str, attribute: str, names: Sequence[str]) -> bool:
    return attribute in names or f"{prefix}.{attribute}" in names
