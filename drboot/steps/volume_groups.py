"""The volume groups of a site: which are imported, and with what properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Iterator, List, Optional, Tuple

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import lsattr, lspv, lsvg
from drboot.facts.base import Owner
from drboot.facts.types import VgName
from drboot.profile.keys import BOOLEAN, HOST_NAME, PVID, VG_NAME, Integer, ListOf, OneOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Own, Step, Todo, counted

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class NamedVg:
    """One of ``volume_groups.named``.  None and () mean: as the capture says."""

    name: str
    hosts: Tuple[str, ...]
    pvids: Tuple[str, ...]
    auto_on: Optional[bool]
    quorum: Optional[bool]
    major: Optional[int]
    fsck: Optional[str]
    at: Where

    def is_for(self, host: str) -> bool:
        return not self.hosts or host in self.hosts


@dataclass(frozen=True)
class VolumeGroups:
    """``volume_groups:`` of a profile."""

    take: str
    except_: Tuple[str, ...]
    named: Tuple[NamedVg, ...]
    at: Where


def _check(groups: VolumeGroups) -> Iterator[Problem]:
    yield from _check_rootvg(groups)
    for index, vg in enumerate(groups.named):
        for other in groups.named[:index]:
            if _share_a_host(vg, other):
                yield from _check_pair(other, vg)
        for name in groups.except_:
            if name == vg.name:
                yield Problem(
                    "vg-named-and-excepted",
                    f"volume group {vg.name} is both wanted and not wanted",
                    f"{where_of(vg.name, vg.at)} and {where_of(name, groups.at)}",
                    "it is under named and under except",
                    "take it out of one of the two",
                )


def _check_rootvg(groups: VolumeGroups) -> Iterator[Problem]:
    for name in (*(vg.name for vg in groups.named), *groups.except_):
        if name == "rootvg":
            yield Problem(
                "rootvg-in-profile",
                "rootvg is no volume group to import or to leave out",
                where_of(name, groups.at),
                "the machine has booted from it",
                "take the entry out",
            )


def _check_pair(first: NamedVg, second: NamedVg) -> Iterator[Problem]:
    """Two entries that count for the same host."""
    if first.name == second.name:
        yield Problem(
            "vg-named-twice",
            f"volume group {second.name} is named twice for one host",
            f"{where_of(second.name, second.at)} and {where_of(first.name, first.at)}",
            "two entries with this name count for the same host",
            "make one entry of the two, or give each its own hosts",
        )
        return
    for pvid in second.pvids:
        if pvid in first.pvids:
            other = first.pvids[first.pvids.index(pvid)]
            yield Problem(
                "pvid-in-two-vgs",
                f"PVID {pvid} is in {first.name} and in {second.name}",
                f"{where_of(pvid, second.at)} and {where_of(other, first.at)}",
                "a disk belongs to one volume group",
                "look it up in lspv on the production host, and keep the right one",
            )


def _share_a_host(first: NamedVg, second: NamedVg) -> bool:
    return not first.hosts or not second.hosts or bool(set(first.hosts) & set(second.hosts))


NAMED_VG = Section(
    "named_vg",
    NamedVg,
    keys=(
        Key("name", VG_NAME, "Name of the volume group.", example="datavg"),
        Key("hosts", ListOf(HOST_NAME), "Production host names it is for; none means every host.", (), "every host"),
        Key(
            "pvids",
            ListOf(PVID),
            "PVIDs of its disks; none means those of the capture.",
            default=(),
            shown="as captured",
            example="[00f6f42a0bd88942]",
        ),
        Key("auto_on", BOOLEAN, "Varied on by every later boot (AUTO ON).", None, "as captured", "true"),
        Key("quorum", BOOLEAN, "Quorum enabled.", None, "as captured", "true"),
        # Assumed: AIX prints no upper limit for a VG's major number; 65535 only rules out slips of the finger.
        Key("major", Integer(1, 65535), "Major number for importvg -V.", None, "as captured", "45"),
        Key(
            "fsck",
            OneOf("none", "preen", "full"),
            "Check of its file systems before they are mounted.",
            None,
            "as filesystems.fsck says",
            "preen",
        ),
    ),
)

SECTION = Section(
    "volume_groups",
    VolumeGroups,
    meaning="Which volume groups come up at this site. rootvg is never among them.",
    check=_check,
    keys=(
        Key(
            "take",
            OneOf("captured", "named"),
            "captured: all of the capture, and those under named. named: only those under named.",
            default="captured",
            example="captured",
        ),
        Key("except", ListOf(VG_NAME), "Volume groups that are left alone here.", (), "none", "[scratchvg]"),
        Key("named", ListOf(NAMED_VG), "Adds a volume group, or overrides what the capture says of it.", (), "none"),
    ),
)


# What importvg gives a logical volume's devices: root, system, 0660 (lslv/10: DEVICE UID 0, GID 0, PERMISSIONS 432).
IMPORTED = (0, 0, 0o660)


# ---------------------------------------------------------------- what is wanted


@dataclass(frozen=True)
class Group:
    """A volume group as it is to be here: the capture's word, overridden by the profile's.

    major  None: any free one.  auto_on, quorum: None leaves what importvg sets
    raw    logical volumes whose raw device was not root's at home, with its owner there
    """

    name: str
    pvids: Tuple[str, ...]
    auto_on: Optional[bool]
    quorum: Optional[bool]
    major: Optional[int]
    at: str
    raw: Tuple[Tuple[str, Owner], ...] = ()

    def step(self, part: str) -> str:
        return f"volume_groups/{self.name}/{part}"


def wanted_groups(wanted: Wanted) -> Tuple[Group, ...]:
    """The volume groups that come up here, in the order of the capture, then of the profile."""
    settings = wanted.site.volume_groups
    named = {vg.name: vg for vg in settings.named if vg.is_for(wanted.host)}
    names = [vg.name for vg in wanted.capture.volume_groups if settings.take == "captured"]
    names += [name for name in named if name not in names]
    return tuple(_group(wanted, name, named.get(name)) for name in names if name not in settings.except_)


def _group(wanted: Wanted, name: str, named: Optional[NamedVg]) -> Group:
    captured = wanted.capture.volume_group(name)
    at = str(named.at) if named else f"{paths.CAPTURES}/{wanted.home}.json"

    def either(key: str) -> Any:
        said = getattr(named, key) if named else None
        return getattr(captured, key) if said in (None, ()) and captured else said

    lvs = captured.lvs if captured else ()
    raw = tuple((lv.name, Owner(*lv.owner)) for lv in lvs if len(lv.owner) == 3 and lv.owner != IMPORTED)
    return Group(name, tuple(either("pvids") or ()), either("auto_on"), either("quorum"), either("major"), at, raw)


# ---------------------------------------------------------------- steps


@dataclass(frozen=True)
class VgImported(Step):
    """The ODM knows the volume group by its name, on exactly its own disks.

    What it ensures  lspv shows the VG's name beside each of its PVIDs
    Why              the device reset removes data VGs from the ODM (seed; boot-and-devices section 2)
    Reads            lspv, lsvg
    Runs             importvg -n -y VG [-V major] hdisk: -n because varyon of different VGs may then run side by side
    Undo             exportvg, which touches the ODM and /etc/filesystems only
    Source           importvg manual (imp71): one PV identifies the VG, the others are found by PVID; without -y the
                     name is made up; parallel importvg is not documented to be safe, so one at a time.
    """

    group: Group
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "importvg"

    @property
    def id(self) -> str:
        return self.group.step("import")

    @property
    def title(self) -> str:
        return f"importvg {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        group = self.group
        if not group.pvids:
            return Blocked(_problem(group, "vg-without-pvids", "neither capture nor profile name its disks"))
        disks: Dict[str, List[lspv.Pv]] = {pvid: [] for pvid in group.pvids}
        for pv in seen(lspv.PVS):
            if pv.pvid in disks:
                disks[str(pv.pvid)].append(pv)
        problem = _missing(group, disks, seen) or _duplicate(group, disks, seen)
        if problem:
            return Blocked(problem)
        rows = [rows[0] for rows in disks.values()]
        names = {row.vg for row in rows}
        if names == {group.name}:
            return Done(f"{len(rows)} of {len(rows)} PVIDs belong to {group.name}")
        others = sorted(str(name) for name in names - {None, group.name})
        if others:
            return Blocked(_problem(group, "vg-disk-taken", f"its disks belong to {', '.join(others)} here"))
        known = group.name in seen(lsvg.ALL)
        strangers = [pv.name for pv in seen(lspv.PVS) if pv.vg == group.name and pv.pvid not in disks]
        if known and ((names == {None} and strangers) or group.name in seen(lsvg.VARIED_ON)):
            return Blocked(_problem(group, "vg-name-taken", f"another volume group is called {group.name} here"))
        if known:  # an importvg that was interrupted knows some of the disks: begin again
            clean = command("exportvg", group.name, kind="importvg", touches="lvm files filesystems")
            own = sum(row.vg == group.name for row in rows)
            return Todo((clean,), f"{group.name} is in the ODM with {own} of its {len(rows)} disks")
        disk = rows[0].name
        plain = self._importvg(disk)
        if group.major is None:
            return Todo((plain,), f"{group.name} is not in the ODM")
        # A major number that is taken here must not cost the volume group: NFS clients lose their handles, no more.
        return Todo((self._importvg(disk, "-V", str(group.major)),), f"{group.name} is not in the ODM", None, (plain,))

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.GroupGone(self.group.name),))

    def _importvg(self, disk: str, *options: str) -> Command:
        args = ("-n", "-y", self.group.name, *options, disk)
        return command("importvg", *args, kind="importvg", touches="lvm files filesystems")


@dataclass(frozen=True)
class VgVariedOn(Step):
    """The volume group is varied on with all of its disks.

    What it ensures  lsvg -o lists it, and lsvg counts every PV as active
    Why              importvg -n leaves it off; a boot varies on only what is AUTO ON
    Reads            lsvg -o, lsvg VG
    Runs             varyonvg VG, never with -f
    Undo             varyoffvg
    Source           varyonvg manual (vary72); without quorum it fails with 0516-052 (varyonvg/02)
    """

    group: Group
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.group.step("varyon")

    @property
    def title(self) -> str:
        return f"varyonvg {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        name = VgName(self.group.name)
        varyon = command("varyonvg", name, kind="varyonvg", touches="lvm")
        if name not in seen(lsvg.ALL):
            return Later(self.group.step("import"), (str(varyon),), f"known after importvg {name}")
        if name not in seen(lsvg.VARIED_ON):
            return Todo((varyon,), f"{name} is not varied on")
        vg = seen(lsvg.vg(name))
        if vg.active_pvs < len(self.group.pvids):
            return Todo((varyon,), f"{vg.active_pvs} of {len(self.group.pvids)} PVs are active")
        return Done(f"{name} is varied on, {vg.active_pvs} of {vg.total_pvs} PVs active")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.GroupOff(self.group.name),))


@dataclass(frozen=True)
class VgSettings(Step):
    """AUTO ON and QUORUM are as they were at home, or as the profile says.

    Why              importvg sets AUTO ON to yes and enables quorum, whatever they were (seed glvm-white-paper)
    Reads            lsvg VG
    Runs             chvg -a y|n -Q y|n VG
    Undo             chvg with the values that were recorded before
    Source           chvg manual; glvm white paper, `chvg -a n -Q n` after importvg
    """

    group: Group
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.group.step("settings")

    @property
    def title(self) -> str:
        return f"chvg {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        name = VgName(self.group.name)
        if name not in seen(lsvg.VARIED_ON):
            return Later(self.group.step("varyon"), (f"chvg {name}, if need be",), f"known after varyonvg {name}")
        vg = seen(lsvg.vg(name))
        quorum = vg.has_quorum
        options: List[str] = []
        differs: List[str] = []
        if self.group.auto_on is not None and vg.auto_on != self.group.auto_on:
            options += ["-a", "y" if self.group.auto_on else "n"]
            differs.append(f"AUTO ON is {'yes' if vg.auto_on else 'no'}")
        if self.group.quorum is not None and quorum != self.group.quorum:
            options += ["-Q", "y" if self.group.quorum else "n"]
            differs.append(f"quorum is {'enabled' if quorum else 'disabled'}")
        if not options:
            return Done(f"AUTO ON {'yes' if vg.auto_on else 'no'}, quorum {'enabled' if quorum else 'disabled'}")
        return Todo((command("chvg", *options, name, touches="lvm"),), " and ".join(differs))

    def undo(self, seen: Seen) -> Back:
        vg = seen(lsvg.vg(VgName(self.group.name)))
        return Back((reversals.GroupWas(self.group.name, vg.auto_on, vg.has_quorum),))


@dataclass(frozen=True)
class RawOwners(Step):
    """The raw devices of the volume group belong to whom they belonged at home.

    Why              importvg makes them root's, and a database that opens them does not start ([ORA-raw])
    Reads            owner, group and permission bits of /dev/rLV
    Runs             chown and chmod of /dev/rLV and /dev/LV
    Undo             the recorded owner
    Source           importvg manual: without -R, and for volume groups of the original format, owners are not kept
    """

    group: Group
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.group.step("owners")

    @property
    def title(self) -> str:
        return f"owners of {counted(len(self.group.raw), 'raw device', 'raw devices')} of {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        if self.group.name not in seen(lsvg.VARIED_ON):
            names = tuple(f"chown /dev/r{lv}, if need be" for lv, _ in self.group.raw)
            return Later(self.group.step("varyon"), names, f"known after varyonvg {self.group.name}")
        actions: List[Own] = []
        differs: List[str] = []
        for lv, owner in self.group.raw:
            for device in ("/dev/r" + lv, "/dev/" + lv):
                now = seen.owner(device)
                if now is None:
                    return Blocked(_problem(self.group, "raw-device-missing", f"{device} does not exist"))
                if now != owner:
                    actions.append(Own(device, owner))
                    differs.append(f"{device} is {now}")
        if not actions:
            return Done(", ".join(f"{lv} {owner}" for lv, owner in self.group.raw))
        return Todo(tuple(actions), "; ".join(differs[:3]))

    def undo(self, seen: Seen) -> Back:
        devices = [device + lv for lv, _ in self.group.raw for device in ("/dev/r", "/dev/")]
        before = [(device, owner) for device in devices for owner in [seen.owner(device)] if owner is not None]
        return Back(tuple(reversals.OwnerWas(device, o.uid, o.gid, o.mode, self.group.name) for device, o in before))


def _problem(group: Group, name: str, why: str, next_: str = "look at lspv, then: drboot --apply") -> Problem:
    return Problem(name, f"volume group {group.name} cannot be imported", group.at, why, next_)


def _missing(group: Group, disks: Dict[str, List[lspv.Pv]], seen: Seen) -> Optional[Problem]:
    missing = [pvid for pvid, rows in disks.items() if not rows]
    if not missing:
        return None
    why = f"PVID {', '.join(missing)} is on none of the {len(seen(lspv.PVS))} disks that lspv lists"
    return _problem(group, "vg-pvid-missing", why, "map the replica to this LPAR, run cfgmgr, then: drboot --apply")


def _duplicate(group: Group, disks: Dict[str, List[lspv.Pv]], seen: Seen) -> Optional[Problem]:
    """Several disks with one PVID: LVM would take the first silently (lvm-and-filesystems section 5)."""
    twice = [rows for rows in disks.values() if len(rows) > 1]
    if not twice:
        return None
    found = []
    for row in (row for rows in twice for row in rows):
        unique_id = seen.or_none(lsattr.value(row.name, "unique_id")) or ("",)
        found.append(f"{row.name} ({unique_id[0]})")
    why = f"PVID {', '.join(str(rows[0].pvid) for rows in twice)} is on {', '.join(found)}"
    return _problem(
        group, "vg-pvid-duplicate", why, "leave one copy mapped, rmdev -dl the others, then: drboot --apply"
    )


def steps(wanted: Wanted) -> Iterator[Step]:
    after = ("stale_definitions/volume_groups",) if wanted.plan_b else ()
    for group in wanted_groups(wanted):
        yield VgImported(group, group.at, (), (f"disks/{group.name}", *after))
    for group in wanted_groups(wanted):
        yield VgVariedOn(group, group.at, (group.step("import"),))
        yield VgSettings(group, group.at, (group.step("varyon"),))
        if group.raw:
            yield RawOwners(group, group.at, (group.step("varyon"),))
