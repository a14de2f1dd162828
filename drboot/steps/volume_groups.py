"""The volume groups of a site: which are imported, and with what properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot import paths
from drboot.errors import FactUnavailable, Problem, Where
from drboot.facts import bootinfo, devrsrv, hdcryptmgr, lqueryvg, lsattr, lspath, lspv, lsvg, odmget
from drboot.facts.base import Owner
from drboot.facts.types import Hdisk, VgName
from drboot.profile.keys import BOOLEAN, DURATION, HOST_NAME, PVID, VG_NAME, Integer, ListOf, OneOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals, vxvm
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Notice, Own, Retry, Step, Todo, counted

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
    force_varyon: bool
    rename_lvs: bool
    at: Where

    def is_for(self, host: str) -> bool:
        return not self.hosts or host in self.hosts


@dataclass(frozen=True)
class VolumeGroups:
    """``volume_groups:`` of a profile.  wait_writable in seconds, 0 for not at all."""

    take: str
    except_: Tuple[str, ...]
    wait_writable: float
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
            OneOf("none", "preen", "repair", "full"),
            "Check of its file systems before they are mounted.",
            None,
            "as filesystems.fsck says",
            "preen",
        ),
        Key(
            "force_varyon",
            BOOLEAN,
            "Bring it up with disks missing (importvg -f, varyonvg -f); AIX then marks them as removed.",
            default=False,
            example="true",
        ),
        Key(
            "rename_lvs",
            BOOLEAN,
            "Let importvg rename its logical volumes whose names are taken here.",
            default=False,
            example="true",
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
        Key(
            "wait_writable",
            DURATION,
            "How long a volume group that does not come up is tried again: replicas may become writable late.",
            default=0.0,
            shown="not at all",
            example="10m",
        ),
        Key("named", ListOf(NAMED_VG), "Adds a volume group, or overrides what the capture says of it.", (), "none"),
    ),
)


# What importvg gives a logical volume's devices: root, system, 0660 (lslv/10: DEVICE UID 0, GID 0, PERMISSIONS 432).
IMPORTED = (0, 0, 0o660)


# ---------------------------------------------------------------- what is wanted


@dataclass(frozen=True)
class Group:
    """A volume group as it is to be here: the capture's word, overridden by the profile's.

    major   None: any free one.  auto_on, quorum: None leaves what importvg sets
    raw     logical volumes whose raw device was not root's at home, with its owner there
    home    PVID -> what its disk was at home, in words
    lvs     number and name at home of each of its logical volumes; 0 where the capture does not know the number
    kinds   name, type and label at home of each of them
    force   the flag of importvg and varyonvg that the profile allows for it, () for none
    rename  the profile lets importvg rename its logical volumes
    wait    seconds for which it is tried again when it does not come up
    here    GLVM mirrors it, and so many of its disks are at this site; 0 for every other volume group
    """

    name: str
    pvids: Tuple[str, ...]
    auto_on: Optional[bool]
    quorum: Optional[bool]
    major: Optional[int]
    at: str
    raw: Tuple[Tuple[str, Owner], ...] = ()
    home: Tuple[Tuple[str, str], ...] = ()
    lvs: Tuple[Tuple[int, str], ...] = ()
    force: Tuple[str, ...] = ()
    rename: bool = False
    wait: float = 0.0
    encrypted: bool = False
    kinds: Tuple[Tuple[str, str, str], ...] = ()
    here: int = 0

    def step(self, part: str) -> str:
        return f"volume_groups/{self.name}/{part}"

    @property
    def questions(self) -> Tuple[str, ...]:
        """What must be answered before anything of it is touched (steps of glvm).

        Each step that changes something needs all of them itself: what is taken once more at the end of a run goes by
        what is so then, and a volume group that the ODM knows already would be varied on by force.
        """
        return ("copy", "other_site", "rpv_servers") if self.here else ()

    @property
    def before_mounts(self) -> Tuple[str, ...]:
        """The steps that must be done before one of its file systems is checked or mounted."""
        return tuple(self.step(part) for part in (("varyon", "fresh") if self.here else ("varyon",)))

    @property
    def retry(self) -> Optional[Retry]:
        return Retry(self.wait) if self.wait else None

    def disks(self, seen: Seen) -> Dict[str, List[lspv.Pv]]:
        """The disks of each of its PVIDs here, in the order of ``pvids``."""
        found: Dict[str, List[lspv.Pv]] = {pvid: [] for pvid in self.pvids}
        for pv in seen(lspv.PVS):
            if pv.pvid in found:
                found[str(pv.pvid)].append(pv)
        return found

    def renamed(self, seen: Seen) -> Dict[str, str]:
        """Name at home -> name here, of its logical volumes that have another one here.  Raises FactUnavailable.

        The number of an LV in its VG stays when importvg renames it (LV IDENTIFIER, lslv/01).
        """
        if not self.rename:
            return {}
        disk = next((rows[0].name for rows in self.disks(seen).values() if rows), None)
        here = _names_on(seen(lqueryvg.vgda(disk))) if disk else {}
        return {old: here[number] for number, old in self.lvs if here.get(number, old) != old}


def _names_on(vgda: lqueryvg.Vgda) -> Dict[int, str]:
    """The logical volumes of a VGDA, by number."""
    return {int(lv.lv_id.rpartition(".")[2]): lv.name for lv in vgda.logical}


def wanted_groups(wanted: Wanted) -> Tuple[Group, ...]:
    """The volume groups that come up here, in the order of the capture, then of the profile."""
    left = (*left_to_powerha(wanted), *left_to_glvm(wanted))
    settings = wanted.site.volume_groups
    named = {vg.name: vg for vg in settings.named if vg.is_for(wanted.host)}
    names = [vg.name for vg in wanted.capture.volume_groups if settings.take == "captured"]
    names += [name for name in (*named, *_of_glvm(wanted)) if name not in names]
    at_home = {disk.pvid: (disk.pvid, str(disk)) for disk in wanted.capture.disks}
    chosen = [name for name in names if name not in (*settings.except_, *left)]
    return tuple(_group(wanted, name, named.get(name), at_home) for name in chosen)


def left_to_powerha(wanted: Wanted) -> Tuple[str, ...]:
    """The volume groups that PowerHA's resource groups own, unless the profile names them.

    Source   PowerHA at home is clstrmgrES on file (aix/network-and-services.md section 18)
    Assumed  what its resource groups own is not varied on automatically: PowerHA wants AUTO ON no for it
    """
    settings = wanted.site.volume_groups
    if not wanted.capture.powerha or settings.take != "captured":
        return ()
    said = {*settings.except_, *(vg.name for vg in settings.named if vg.is_for(wanted.host)), *_of_glvm(wanted)}
    return tuple(vg.name for vg in wanted.capture.volume_groups if not vg.auto_on and vg.name not in said)


def left_to_glvm(wanted: Wanted) -> Tuple[str, ...]:
    """The volume groups with RPV clients at home, unless the profile names them under glvm.

    Source: a geographically mirrored volume group is brought up by somebody's decision only (glvm white paper,
    "Avoiding Concurrent Access"), so that not even volume_groups.named is enough.
    """
    remote = {pv.pvid for pv in wanted.capture.remote}
    mirrored = [vg.name for vg in wanted.capture.volume_groups if remote & set(vg.pvids)]
    known = {*wanted.site.volume_groups.except_, *_of_glvm(wanted)}
    entries = [name for name in wanted.site.glvm if name not in known]
    return tuple(dict.fromkeys(name for name in (*mirrored, *entries) if name not in known))


def _of_glvm(wanted: Wanted) -> Tuple[str, ...]:
    """The volume groups that the profile has come up from this site's copy, on this host and in this mode."""
    return tuple(name for name, entry in wanted.site.glvm.items() if entry.is_for(wanted.host, wanted.mode))


def _group(wanted: Wanted, name: str, named: Optional[NamedVg], at_home: Mapping[str, Tuple[str, str]]) -> Group:
    """The volume group; ``at_home``: PVID -> itself, and the disk that it was on at home, in words."""
    captured = wanted.capture.volume_group(name)
    at = str(named.at) if named else f"{paths.CAPTURES}/{wanted.home}.json"

    def either(key: str) -> Any:
        said = getattr(named, key) if named else None
        return getattr(captured, key) if said in (None, ()) and captured else said

    lvs = captured.lvs if captured else ()
    raw = tuple((lv.name, Owner(*lv.owner)) for lv in lvs if len(lv.owner) == 3 and lv.owner != IMPORTED)
    pvids = tuple(either("pvids") or ())
    mirrored = wanted.site.glvm[name] if name in _of_glvm(wanted) else None
    returns = mirrored is not None and mirrored.other_site == "returns"
    as_imported = mirrored is not None and not returns
    return Group(
        name,
        pvids,
        None if as_imported else False if returns else either("auto_on"),
        None if as_imported else False if returns else either("quorum"),
        either("major"),
        at,
        raw,
        home=tuple(at_home[pvid] for pvid in pvids if pvid in at_home),
        lvs=tuple((lv.number, lv.name) for lv in lvs),
        force=("-f",) if mirrored is not None or (named is not None and named.force_varyon) else (),
        rename=named is not None and named.rename_lvs,
        wait=wanted.site.volume_groups.wait_writable,
        encrypted=captured is not None and captured.encrypted,
        kinds=tuple((lv.name, lv.type, lv.label) for lv in lvs),
        here=mirrored.disks_here if mirrored is not None else 0,
    )


# ---------------------------------------------------------------- steps


@dataclass(frozen=True)
class VgImported(Step):
    """The ODM knows the volume group by its name, on exactly its own disks.

    What it ensures  lspv shows the VG's name beside each of its PVIDs
    Why              the device reset removes data VGs from the ODM (seed; boot-and-devices section 2)
    Reads            lspv, lsvg; the VGDA (lqueryvg) and the LVs of the ODM, since importvg renames an LV whose name is
                     taken: refused, unless the profile says rename_lvs
    Runs             importvg -n -y VG [-V major] hdisk: -n because varyon of different VGs may then run side by side.
                     With -f only where disks are missing and the profile says force_varyon
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
        disks = group.disks(seen)
        problem = _missing(group, disks, seen) or _duplicate(group, disks, seen) or _of_vxvm(group, disks, seen)
        if problem:
            return Blocked(problem)
        rows = [found[0] for found in disks.values() if found]
        names = {row.vg for row in rows}
        if names == {group.name}:
            problem = _lost_names(group, seen)
            return Blocked(problem) if problem else self._done(seen, len(rows))
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
        return self._import(seen, rows[0].name, len(rows))

    def _import(self, seen: Seen, disk: Hdisk, present: int) -> Assessment:
        """Import from this disk; with missing disks, force, which the profile has then asked for."""
        group = self.group
        clashes = _clashes(group, disk, seen)
        if clashes and not group.rename:
            return Blocked(_lv_names_taken(group, clashes))
        force = group.force if present < len(group.pvids) else ()
        plain = self._importvg(disk, *force)
        why = f"{group.name} is not in the ODM"
        if force:
            why += f"; {present} of its {len(group.pvids)} disks are here, and the profile asks for force"
        if clashes:
            why += f"; importvg will rename {', '.join(clashes)}"
        if group.major is None:
            return Todo((plain,), why, group.retry)
        # A major number that is taken here must not cost the volume group: NFS clients lose their handles, no more.
        lost = f"its major number is not {group.major}: file handles of NFS clients will be stale"
        return Todo((self._importvg(disk, *force, "-V", str(group.major)),), why, group.retry, (plain,), lost)

    def _done(self, seen: Seen, present: int) -> Done:
        group = self.group
        renamed = group.renamed(seen)
        evidence = f"{present} of {len(group.pvids)} PVIDs belong to {group.name}"
        if not renamed:
            return Done(evidence)
        pairs = [f"{old} is {new} here" for old, new in renamed.items()]
        back = tuple(
            f"{group.name}: {new} was {old} at home: chlv -n {old} {new} before the disks go home"
            for old, new in renamed.items()
        )
        return Done(f"{evidence}; {', '.join(pairs)}", (f"importvg renamed logical volumes: {', '.join(pairs)}",), back)

    def undo(self, seen: Seen) -> Back:
        kept = "logical volumes that importvg renames keep their new names" if self.group.rename else ""
        return Back((reversals.GroupGone(self.group.name),), kept)

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        return _explained(self.group, seen, trouble)

    def _importvg(self, disk: str, *options: str) -> Command:
        args = ("-n", "-y", self.group.name, *options, disk)
        return command("importvg", *args, kind="importvg", touches="lvm files filesystems")


@dataclass(frozen=True)
class VgVariedOn(Step):
    """The volume group is varied on with all of its disks.

    What it ensures  lsvg -o lists it, lsvg counts every PV as active, and it may be written
    Why              importvg -n leaves it off; a boot varies on only what is AUTO ON
    Reads            lsvg -o, lsvg VG; lsvg -p VG where PVs are not active
    Runs             varyonvg VG; with -f only as a second try, where the profile says force_varyon
    Undo             varyoffvg
    Source           varyonvg manual (vary72); without quorum it fails with 0516-052 (varyonvg/02); a forced varyon
                     marks absent PVs as removed, and chpv -v a brings them back (glvm white paper)
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
        varyon = self._varyonvg()
        if name not in seen(lsvg.ALL):
            return Later(self.group.step("import"), (str(varyon),), f"known after importvg {name}")
        if name not in seen(lsvg.VARIED_ON):
            forced = (self._varyonvg(*self.group.force),) if self.group.force else ()
            lost = "it is varied on by force" if forced else ""
            return Todo((varyon,), f"{name} is not varied on", self.group.retry, forced, lost)
        vg = seen(lsvg.vg(name))
        if vg.permission == "read-only":
            off = command("varyoffvg", name, kind="varyonvg", touches="lvm")
            if self.group.retry is None:
                return Blocked(_not_writable(self.group, "lsvg says VG PERMISSION: read-only"))
            return Todo((off, varyon), "it is varied on, but read-only", self.group.retry)
        if vg.active_pvs >= len(self.group.pvids):
            return Done(f"{name} is varied on, {vg.active_pvs} of {vg.total_pvs} PVs active")
        if not self.group.force:
            return Todo((varyon,), f"{vg.active_pvs} of {len(self.group.pvids)} PVs are active")
        return self._partly(seen, name, vg.active_pvs)

    def _partly(self, seen: Seen, name: VgName, active: int) -> Done:
        """Up by force: which PVs are not part of it, and what brings them back."""
        absent = [(pv.name, pv.state) for _, pvs in seen(lsvg.pvs(name)) for pv in pvs if pv.state != "active"]
        shown = ", ".join(f"{disk} {state}" for disk, state in absent)
        warning = f"{name} runs by force with {active} of {len(self.group.pvids)} PVs: {shown}"
        back = tuple(
            f"{name}: {disk} is {state}: when it is there again, chpv -v a HDISK, then varyonvg {name}"
            for disk, state in absent
        )
        return Done(f"{name} is varied on, {active} of {len(self.group.pvids)} PVs active", (warning,), back)

    def undo(self, seen: Seen) -> Back:
        kept = "PVs that a forced varyon marks as removed stay so until chpv -v a" if self.group.force else ""
        return Back((reversals.GroupOff(self.group.name),), kept)

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        return _explained(self.group, seen, trouble)

    def _varyonvg(self, *options: str) -> Command:
        return command("varyonvg", *options, self.group.name, kind="varyonvg", touches="lvm")


@dataclass(frozen=True)
class LvsUnlocked(Step):
    """The encrypted logical volumes of the volume group are unlocked.

    Why              the keys are in home's platform keystore or key server, and not in the replica
    Reads            hdcryptmgr showlv VG, where the capture says that the VG is encrypted
    Runs             nothing: whoever has the keys unlocks them, and drboot never waits at a prompt
    Undo             nothing
    Source           hdcryptmgr manual: showlv, authunlock; PKS keys are exported and imported by hand
    """

    group: Group
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.group.step("encryption")

    @property
    def title(self) -> str:
        return f"encrypted logical volumes of {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        name = VgName(self.group.name)
        if name not in seen(lsvg.VARIED_ON):
            return Later(self.group.step("varyon"), (), f"known after varyonvg {name}")
        locked = locked_lvs(seen, self.group)
        if locked:
            return Blocked(lv_locked(self.group, locked))
        return Done("none is locked")

    def undo(self, seen: Seen) -> Back:
        return Back()


def locked_lvs(seen: Seen, group: Group) -> Tuple[str, ...]:
    """The LVs of an encrypted VG whose keys are not here; none where AIX has no LV encryption."""
    if not (group.encrypted and seen.root.has_program("hdcryptmgr")):
        return ()
    return tuple(lv.name for lv in seen(hdcryptmgr.lvs(VgName(group.name))) if lv.is_locked)


def lv_locked(group: Group, locked: Sequence[str]) -> Problem:
    return Problem(
        "lv-locked",
        f"{', '.join(locked)} of {group.name} cannot be opened",
        group.at,
        "hdcryptmgr showlv says locked: keys not at this site",
        f"hdcryptmgr pksimport, or hdcryptmgr authunlock {locked[0]}; then: drboot --apply",
    )


@dataclass(frozen=True)
class VgSettings(Step):
    """AUTO ON and QUORUM are as they were at home, or as the profile says.

    Why              importvg sets AUTO ON to yes and enables quorum, whatever they were (seed glvm-white-paper)
    Reads            lsvg VG; lsvg -l VG
    Runs             chvg -a y|n -Q y|n VG
    Undo             chvg with the values that were recorded before
    Source           chvg manual; glvm white paper, `chvg -a n -Q n` after importvg

    Logical volumes that the capture does not know, or knows otherwise, are named and left: their control blocks came
    with the replica, and are newer than the capture.
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
            others = tuple(f"{name}: {difference}" for difference in self._others(seen))
            return Done(
                f"AUTO ON {'yes' if vg.auto_on else 'no'}, quorum {'enabled' if quorum else 'disabled'}", others
            )
        return Todo((command("chvg", *options, name, touches="lvm"),), " and ".join(differs))

    def _others(self, seen: Seen) -> Iterator[str]:
        """In what its logical volumes are not as the capture has them; nothing where that cannot be read."""
        try:
            tables = seen(lsvg.lvs(VgName(self.group.name))) if self.group.kinds else ()
            renamed = self.group.renamed(seen)
        except FactUnavailable:
            return
        here = {str(row.name): (row.type, row.label or "") for _, rows in tables for row in rows}
        for home, kind, label in self.group.kinds:
            name = renamed.get(home, home)
            now = here.pop(name, None)
            if now is None:
                yield f"logical volume {home} of home is not on the replica"
            elif now != (kind, label):
                yield f"logical volume {name} is {now[0]}, label {now[1] or 'none'}; at home {kind}, {label or 'none'}"
        if here and self.group.kinds:
            yield f"logical volumes that the capture does not know: {', '.join(here)}"

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
        renamed = self.group.renamed(seen)
        for lv, owner in self.group.raw:
            for device in ("/dev/r" + renamed.get(lv, lv), "/dev/" + renamed.get(lv, lv)):
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
        renamed = self.group.renamed(seen)
        devices = [device + renamed.get(lv, lv) for lv, _ in self.group.raw for device in ("/dev/r", "/dev/")]
        before = [(device, owner) for device in devices for owner in [seen.owner(device)] if owner is not None]
        return Back(tuple(reversals.OwnerWas(device, o.uid, o.gid, o.mode, self.group.name) for device, o in before))


def _problem(group: Group, name: str, why: str, next_: str = "look at lspv, then: drboot --apply") -> Problem:
    return Problem(name, f"volume group {group.name} cannot be imported", group.at, why, next_)


def _missing(group: Group, disks: Mapping[str, Sequence[lspv.Pv]], seen: Seen) -> Optional[Problem]:
    """Disks that are not here, as they were at home; None where the profile does without them."""
    missing = [pvid for pvid, rows in disks.items() if not rows]
    if not missing or (group.force and len(missing) < len(disks)):
        return None
    at_home = dict(group.home)
    shown = "; ".join(f"{pvid} ({at_home[pvid]})" if pvid in at_home else pvid for pvid in missing)
    blank = [pv.name for pv in seen(lspv.PVS) if not pv.pvid]
    why = f"PVID {shown} is on none of the {len(seen(lspv.PVS))} disks that lspv lists"
    if blank:  # a disk that cannot be opened has none in a fresh ODM; nothing is asked of it, it may be an ASM disk
        more = f" and {len(blank) - 3} more" if len(blank) > 3 else ""
        why += f"; {', '.join(blank[:3])}{more} show no PVID: a SCSI reserve of another host hides it"
    cure = "map the replica to this LPAR (or, to do without it, set force_varyon: true); then: drboot --apply"
    return _problem(group, "vg-pvid-missing", why, cure)


def _duplicate(group: Group, disks: Mapping[str, Sequence[lspv.Pv]], seen: Seen) -> Optional[Problem]:
    """Several disks with one PVID: LVM would take the first silently (lvm-and-filesystems section 5)."""
    twice = {pvid: rows for pvid, rows in disks.items() if len(rows) > 1}
    if not twice:
        return None
    found = [f"{pvid} is on {', '.join(_looks(seen, row.name) for row in rows)}" for pvid, rows in twice.items()]
    return _problem(
        group,
        "vg-pvid-duplicate",
        f"PVID {'; '.join(found)}",
        "leave one copy mapped, rmdev -dl the others, then: drboot --apply",
    )


def _of_vxvm(group: Group, disks: Mapping[str, Sequence[lspv.Pv]], seen: Seen) -> Optional[Problem]:
    """Disks that VxVM flags as copies are not LVM's to import, whatever PVID they show."""
    flagged = [str(row.name) for rows in disks.values() for row in rows if row.name in vxvm.clones(seen)]
    if not flagged:
        return None
    why = f"vxdisk list flags {', '.join(flagged)} udid_mismatch or clone_disk: VxVM takes it for a copy of its own"
    return _problem(group, "vg-vxvm-clone", why, "look at vxdisk list, take the disk out of one of the two")


def _looks(seen: Seen, disk: Hdisk) -> str:
    """What tells this disk from another with its PVID: unique_id, size and paths."""
    unique_id = seen.or_none(lsattr.value(disk, "unique_id")) or ("no unique_id",)
    size = seen.or_none(bootinfo.size_of(disk))
    paths_of = [row for row in seen.or_none(lspath.IDS) or () if row[0] == disk]
    shown = [unique_id[0], "size unknown" if size is None else f"{size} MB", counted(len(paths_of), "path", "paths")]
    return f"{disk} ({', '.join(shown)})"


def _clashes(group: Group, disk: Hdisk, seen: Seen) -> Dict[str, str]:
    """LVs of the VG whose names are taken here, each with the VG that has it: importvg would rename them.

    What cannot be read predicts nothing; the names are compared again after the import.
    """
    vgda = seen.or_none(lqueryvg.vgda(disk))
    taken = seen.or_none(odmget.LOGICAL_VOLUMES)
    if vgda is None or taken is None:
        return {}
    return {lv.name: taken[lv.name] for lv in vgda.logical if taken.get(lv.name, group.name) != group.name}


def _lv_names_taken(group: Group, clashes: Mapping[str, str]) -> Problem:
    shown = ", ".join(f"{lv} is a logical volume of {vg or 'another VG'}" for lv, vg in clashes.items())
    return _problem(
        group,
        "vg-lv-name-taken",
        f"{shown} here, so importvg would give that of {group.name} another name",
        f"rename one of the two with chlv -n, or set rename_lvs: true for {group.name}; then: drboot --apply",
    )


def _lost_names(group: Group, seen: Seen) -> Optional[Problem]:
    """LVs that had these names at home and gave them up, since LVs of other VGs have them here.

    Their stanzas, and a mount by the old device, would reach the other VG's.
    """
    if group.rename:
        return None
    taken = seen.or_none(odmget.LOGICAL_VOLUMES) or {}
    lost = [f"{lv} of home is an LV of {taken[lv]}" for _, lv in group.lvs if taken.get(lv, group.name) != group.name]
    if not lost:
        return None
    return Problem(
        "vg-lv-renamed",
        f"logical volumes of {group.name} have other names here",
        group.at,
        f"{', '.join(lost)} here, so importvg has given that of {group.name} another name",
        f"mend names and stanzas (lsvg -l {group.name}), or set rename_lvs: true for it; then: drboot --apply",
    )


def _explained(group: Group, seen: Seen, trouble: Problem) -> Problem:
    """Why importvg or varyonvg failed, as far as looking at the disks can tell.  May raise FactUnavailable."""
    if trouble.name not in ("command-failed", "step-without-effect"):
        return trouble
    disks = [rows[0].name for rows in group.disks(seen).values() if rows]
    reserved = [disk for disk in disks if _is_reserved(seen, disk)]
    if reserved:
        return _reserved(group, "vg-disk-reserved", f"another host has reserved {', '.join(reserved)}", trouble)
    unread = [disk for disk in disks if seen.or_none(lqueryvg.vgda(disk)) is None]
    if unread:
        shown = ", ".join(f"{disk} (reserve_policy {_policy(seen, disk)})" for disk in unread)
        why = f"{shown} cannot be opened: a SCSI reserve of another host looks like that"
        return _reserved(group, "vg-disk-unreadable", why, trouble)
    if trouble.name == "command-failed" and len(disks) == len(group.pvids):
        return _not_writable(group, f"{trouble.what}: {trouble.why}")
    return trouble


def _is_reserved(seen: Seen, disk: Hdisk) -> bool:
    if not seen.root.has_program("devrsrv"):
        return False
    found = seen.or_none(devrsrv.of_disk(disk))
    return found is not None and found.is_reserved_elsewhere


def _policy(seen: Seen, disk: Hdisk) -> str:
    return (seen.or_none(lsattr.value(disk, "reserve_policy")) or ("unknown",))[0]


def _reserved(group: Group, name: str, why: str, trouble: Problem) -> Problem:
    return Problem(
        name,
        f"volume group {group.name} does not come up",
        group.at,
        f"{why} - {trouble.why}",
        "shut down the host that holds the disks, or release them (devrsrv -f -l HDISK); then: drboot --apply",
    )


def _not_writable(group: Group, why: str) -> Problem:
    return Problem(
        "replica-not-writable",
        f"volume group {group.name} does not come up: its replica is most likely not writable yet",
        group.at,
        f"every disk of it can be read, and none is known to be reserved - {why}",
        "split the pair, or make the replica primary, on the storage; never fsck it before; then: drboot --apply",
    )


@dataclass(frozen=True)
class LeftToPowerha(Notice):
    """The volume groups of PowerHA's resource groups are left to it, and that is said.

    Why      its cluster manager varies them on, on the node that it chooses; its repository disk is not replicated
    Reads    nothing: the capture says that PowerHA is at home, and which volume groups have AUTO ON no
    Runs     nothing
    Undo     nothing
    """

    names: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "volume_groups/powerha"

    @property
    def title(self) -> str:
        return "volume groups left to PowerHA"

    def assess(self, seen: Seen) -> Assessment:
        which = ", ".join(self.names)
        warning = (
            f"PowerHA was at home: {which} (AUTO ON no) may be in its resource groups and were not brought up; if they "
            "are to be, name them under volume_groups.named"
        )
        return Done(f"left alone: {which}", (warning,))


def _longest_first(wanted: Wanted) -> List[Group]:
    """The volume groups in the order in which they are imported: those with most to do behind it first.

    One is imported at a time, and what comes behind an import runs beside the others'; so what the last one has behind
    it is what the recovery waits for.  Those whose LVs may be renamed come after all that must keep their names.
    """
    behind: Dict[str, int] = {}
    for fs in wanted.capture.filesystems:
        behind[fs.vg] = behind.get(fs.vg, 0) + 1

    def steps_behind(group: Group) -> Tuple[bool, int]:
        settings = group.auto_on is False or group.quorum is False
        return not group.rename, behind.get(group.name, 0) + settings + bool(group.raw)

    return sorted(wanted_groups(wanted), key=steps_behind, reverse=True)


def steps(wanted: Wanted) -> Iterator[Step]:
    left = left_to_powerha(wanted)
    if left:
        yield LeftToPowerha(left, f"{paths.CAPTURES}/{wanted.home}.json")
    # a boot that is cut off in an importvg, which may take long, must not find a flag that resets the ODM anew
    after: Tuple[str, ...] = ("device_flags/ghostdev", "device_flags/clouddev")
    if wanted.plan_b:
        after = ("stale_definitions/volume_groups", *after)
    for group in _longest_first(wanted):
        if group.here:
            continue  # its import is a step of glvm, behind the questions that come before it
        # a reservation policy counts from the first time that the disk is opened
        yield VgImported(group, group.at, (), (f"disks/{group.name}", f"device_attributes/{group.name}", *after))
    for group in wanted_groups(wanted):
        yield VgVariedOn(group, group.at, (group.step("import"), *(group.step(part) for part in group.questions)))
        yield VgSettings(group, group.at, (group.step("varyon"),))
        if group.encrypted:
            yield LvsUnlocked(group, group.at, (group.step("varyon"),))
        if group.raw:
            yield RawOwners(group, group.at, (group.step("varyon"),))
