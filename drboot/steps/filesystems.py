"""The file systems of a site: which are checked and mounted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, Dict, Iterable, Iterator, List, Mapping, Optional, Tuple

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import filesystems as stanzas
from drboot.facts import lsfs, lsvg, mount
from drboot.profile.keys import PATH, ListOf, OneOf
from drboot.profile.sections import Key, Section
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo, Write
from drboot.steps.network.interfaces import ready
from drboot.steps.volume_groups import Group, locked_lvs, lv_locked, wanted_groups

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.capture import FileSystem
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class Filesystems:
    """``filesystems:`` of a profile; mount points throughout."""

    fsck: str
    except_: Tuple[str, ...]
    nfs: Tuple[str, ...]
    production_nfs: str
    at: Where


SECTION = Section(
    "filesystems",
    Filesystems,
    meaning="How the file systems of the imported volume groups come up.",
    keys=(
        Key(
            "fsck",
            OneOf("none", "preen", "repair", "full"),
            "Check before mounting: none, preen (fsck -p), repair (fsck -p, and fsck -y where the mount then fails) or "
            "full (always fsck -y). A volume group's own fsck wins.",
            default="preen",
            example="preen",
        ),
        Key("except", ListOf(PATH), "Mount points that are not mounted here.", (), "none", "[/scratch]"),
        Key(
            "nfs",
            ListOf(PATH),
            "NFS mount points to mount here; each needs its stanza in /etc/filesystems.",
            default=(),
            shown="none",
            example="[/sapmnt]",
        ),
        Key(
            "production_nfs",
            OneOf("hold", "keep"),
            "NFS stanzas with mount = true that are not under nfs, as production left them: hold sets mount = false.",
            default="hold",
            example="hold",
        ),
    ),
)


@dataclass(frozen=True)
class NfsHeld(Step):
    """No NFS file system of production is mounted at boot here, before anything is mounted.

    Why      a filer that does not answer from this site holds up the boot, and df and umount after it; one that does
             answer is production's
    Reads    /etc/filesystems
    Runs     an atomic replacement of the file, in which only these stanzas have mount = false
    Undo     the recorded text
    Source   NFS stanzas have vfs = nfs... and nodename, mount = true has /etc/rc.nfs mount them
             (network-and-services section 18); rc.nfs runs after rctcpip, and with that after drboot
    """

    wanted: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    # importvg and exportvg rewrite the same file
    lock: ClassVar[str] = "importvg"

    @property
    def id(self) -> str:
        return "stanzas/nfs"

    @property
    def title(self) -> str:
        return "hold the NFS mounts of production"

    def assess(self, seen: Seen) -> Assessment:
        here = seen(stanzas.FILE)
        nfs = [s for s in here.stanzas if (s.get("vfs") or "").startswith("nfs") and s.mount_point not in self.wanted]
        live = [stanza for stanza in nfs if stanza.is_mounted_at_boot]
        if not live:
            return Done(f"none of {len(nfs)} NFS stanzas is mounted at boot" if nfs else "there is no such stanza")
        text = here.with_attributes({stanza.mount_point: {"mount": "false"} for stanza in live})
        shown = ", ".join(f"{stanza.mount_point} of {stanza.get('nodename') or 'an unnamed host'}" for stanza in live)
        return Todo((Write(paths.ETC_FILESYSTEMS, text),), f"{shown} would be mounted at boot")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, paths.ETC_FILESYSTEMS),))


@dataclass(frozen=True)
class StanzasSo(Step):
    """The stanzas of /etc/filesystems say what they said at home, and what is left out here is not mounted at boot.

    What it ensures  every captured stanza on an imported LV has the captured attributes, mount = false for what the
                     profile leaves out, is there once, and stands behind the stanzas of its parents; others stay byte
                     for byte.
                     Attributes that it had not at home are left, and reported
    Why              exportvg and importvg rebuild stanzas from the LVs: what was edited in the file (options, mount)
                     is lost, and a mount point of more than 128 characters has no stanza at all.  They are appended
                     in the order of import, and every later boot mounts in the order of the file: a parent that comes
                     late hides its children
    Reads            /etc/filesystems; lsvg
    Runs             an atomic replacement of the file
    Undo             the recorded text
    Source           importvg manual (imp71); lvm-and-filesystems sections 5, 6, 12 and 14
    """

    captured: Tuple[FileSystem, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    groups: Tuple[Group, ...] = ()

    # importvg and exportvg rewrite the same file
    lock: ClassVar[str] = "importvg"

    @property
    def id(self) -> str:
        return "stanzas"

    @property
    def title(self) -> str:
        return f"{len(self.captured)} stanzas of /etc/filesystems"

    def assess(self, seen: Seen) -> Assessment:
        here = seen(stanzas.FILE)
        known = seen(lsvg.ALL)
        renamed = _renamed(self.groups, seen)
        surplus = _surplus(here, [fs for fs in self.captured if fs.vg in known], renamed)
        here = here.without(surplus)
        differs = [f"{stanza.mount_point} has another stanza" for stanza in surplus]
        more: List[str] = []
        missing = ""
        changes: Dict[str, Dict[str, str]] = {}
        for fs in self.captured:
            stanza = here.stanza(fs.mount_point)
            wanted = {key: _device_here(value, renamed) for key, value in fs.attributes}
            if stanza is None and fs.vg in known:
                rows = "".join(f"\t{key:<15} = {value}\n" for key, value in wanted.items())
                missing += f"\n{fs.mount_point}:\n{rows}"
                differs.append(f"{fs.mount_point} is missing")
            elif stanza is not None and stanza.dev in (fs.device, _device_here(fs.device, renamed)):
                changed = {key: value for key, value in wanted.items() if stanza.get(key) != value}
                changes[fs.mount_point] = changed
                differs += [f"{fs.mount_point} has {key} = {stanza.get(key) or 'nothing'}" for key in changed]
                more += [f"{fs.mount_point} has {key} = {v}" for key, v in stanza.attributes if key not in wanted]
        text = here.with_attributes(changes) + missing
        ordered = stanzas.parse(text).parents_first([fs.mount_point for fs in self.captured])
        if ordered != text:
            text = ordered
            differs.append("a stanza stands before its parent's")
        if not differs:
            warnings = (f"not so at home, and left: {', '.join(more)}",) if more else ()
            return Done("they are as at home" + (", on renamed logical volumes" if renamed else ""), warnings)
        return Todo((Write(paths.ETC_FILESYSTEMS, text),), "; ".join(differs))

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, paths.ETC_FILESYSTEMS),))


def _renamed(groups: Tuple[Group, ...], seen: Seen) -> Dict[str, str]:
    """Name at home -> name here of the logical volumes of these volume groups that importvg has renamed."""
    found: Dict[str, str] = {}
    for group in groups:
        found.update(group.renamed(seen))
    return found


def _surplus(
    here: stanzas.Filesystems, captured: Iterable[FileSystem], renamed: Mapping[str, str]
) -> List[stanzas.Stanza]:
    """The stanzas that stand beside the one of the same mount point that has the right device, or else the first."""
    found: List[stanzas.Stanza] = []
    for fs in captured:
        same = [stanza for stanza in (*here.stanzas, *here.repeated) if stanza.mount_point == fs.mount_point]
        right = [stanza for stanza in same if stanza.dev == _device_here(fs.device, renamed)]
        kept = (*right, *same)[:1]
        found += [stanza for stanza in same if stanza not in kept]
    return found


def _device_here(value: str, renamed: Mapping[str, str]) -> str:
    """A device of home by its name here; anything else as it is."""
    lv = value[5:] if value.startswith("/dev/") else ""
    return f"/dev/{renamed[lv]}" if lv in renamed else value


# preen, then the mount decides: fsck's exit statuses are not published (lvm-and-filesystems section 13)
_ANY_STATUS = tuple(range(256))


@dataclass(frozen=True)
class Mounted(Step):
    """A file system of an imported volume group is mounted where home had it, and hides none of the others.

    What was mounted below it before it, by a boot that met the stanzas in the order of import, is unmounted first; its
    own step mounts it again.

    Reads   mount; /etc/filesystems; hdcryptmgr showlv for an encrypted volume group
    Runs    umount DEVICE of what it hides, or would; fsck -p DEVICE, then mount MOUNT_POINT; fsck -y only where the
            profile says repair or full.  The mount guard is never taken off: a full fsck clears it, and only the
            profile asks for one
    Undo    umount
    Source  importvg's manual says to run fsck before mounting; stanzas are in VGDA order, not in mount order
            (lvm-and-filesystems sections 5, 12 and 13); mountguard: mount/08, lsfs/08.
            Assumed: umount DEVICE finds a mount that another one hides
    """

    mount_point: str
    device: str
    fsck: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()
    group: Optional[Group] = None
    inner: Tuple[str, ...] = ()  # mount points of this site below it

    @property
    def id(self) -> str:
        return f"filesystems{self.mount_point}"

    @property
    def title(self) -> str:
        return f"mount {self.mount_point}"

    def assess(self, seen: Seen) -> Assessment:
        device = self._device(seen)
        rows = seen(mount.MOUNTS)
        here = [row for row in rows if row.over == self.mount_point]
        mine = next((row for row in here if row.mounted == device and not row.node), None)
        hidden = self._hidden(rows, mine)
        if mine and hidden:
            return Todo(hidden, f"{self.mount_point} hides what was mounted before it")
        if mine:
            return Done(f"{device} is mounted on {self.mount_point}")
        if here:
            return Blocked(
                Problem(
                    "mount-point-taken",
                    f"{self.mount_point} cannot be mounted",
                    self.at,
                    f"{here[-1].mounted} is mounted there",
                    f"umount {self.mount_point}, then: drboot --apply",
                )
            )
        mounting = command("mount", self.mount_point, kind="mount", touches="mounts lvm")
        actions = (*hidden, *_check(_BEFORE[self.fsck], device), mounting)
        if not self._is_imported(seen):
            return Later(self.needs[0], tuple(map(str, actions)), "known when its volume group is varied on")
        stanza = seen(stanzas.FILE).stanza(self.mount_point)
        if stanza is None or stanza.dev != device:
            return Blocked(
                Problem(
                    "stanza-missing",
                    f"{self.mount_point} cannot be mounted",
                    self.at,
                    f"/etc/filesystems has no stanza for it with dev = {device}",
                    f"chfs or crfs it as it was at home ({self.at}), then: drboot --apply",
                )
            )
        if self.group and device[5:] in locked_lvs(seen, self.group):
            return Blocked(lv_locked(self.group, [device[5:]]))
        repair = (*_check("-y", device), mounting) if self.fsck == "repair" else ()
        return Todo(actions, f"{device} is not mounted", None, repair, "it was repaired by fsck -y" if repair else "")

    def undo(self, seen: Seen) -> Back:
        kept = "" if self.fsck == "none" else "what fsck repairs stays repaired"
        return Back((reversals.Unmounted(self.mount_point),), kept)

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        """Whether the guard is on can be seen; what else keeps a file system from being mounted is AIX's word."""
        if trouble.name != "command-failed":
            return trouble
        device = self._device(seen)
        if any(fs.item("MountGuard") == "yes" for fs in seen.or_none(lsfs.queried(self.mount_point)) or ()):
            return Problem(
                "filesystem-guarded",
                f"{self.mount_point} is not mounted: it is guarded",
                self.at,
                f"mountguard=yes, and another host may still have it mounted - {trouble.why}",
                f"make sure that home is down; then fsck -y {device}, or mount -o noguard {self.mount_point}",
            )
        return Problem(
            "filesystem-not-mounted",
            f"{self.mount_point} is not mounted after fsck: {self.fsck}",
            self.at,
            trouble.why,
            f"fsck -y {device} is your decision, it may take hours (or filesystems.fsck: repair); drboot --apply",
        )

    def _device(self, seen: Seen) -> str:
        return _device_here(self.device, self.group.renamed(seen) if self.group else {})

    def _hidden(self, rows: Tuple[mount.Mount, ...], mine: Optional[mount.Mount]) -> Tuple[Command, ...]:
        """Unmounts what stands below this file system and was mounted before it, the last one first."""
        before = rows[: rows.index(mine)] if mine else rows
        found = [row.mounted for row in before if row.over in self.inner and not row.node]
        return tuple(command("umount", device, kind="mount", touches="mounts lvm") for device in reversed(found))

    def _is_imported(self, seen: Seen) -> bool:
        vg = self.needs[0].split("/")[1]
        return vg in seen(lsvg.VARIED_ON)


# What runs before the first mount, by policy.
_BEFORE = {"none": "", "preen": "-p", "repair": "-p", "full": "-y"}


def _check(flag: str, device: str) -> Tuple[Command, ...]:
    """fsck with this flag; none without one."""
    return (command("fsck", flag, device, kind="fsck", touches="", ok=_ANY_STATUS),) if flag else ()


@dataclass(frozen=True)
class LeftOut(Step):
    """A file system that the profile excepts is not mounted: a boot may have met the stanza that importvg wrote.

    Reads   mount
    Runs    umount DEVICE, never forced
    Undo    none: whoever wants it mounts it
    Source  a boot mounts what has mount = true (lvm-and-filesystems section 12)
    """

    mount_point: str
    device: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"left_out{self.mount_point}"

    @property
    def title(self) -> str:
        return f"{self.mount_point} left out"

    def assess(self, seen: Seen) -> Assessment:
        rows = [row for row in seen(mount.MOUNTS) if (row.mounted, row.over) == (self.device, self.mount_point)]
        if any(not row.node for row in rows):
            change = command("umount", self.device, kind="mount", touches="mounts lvm")
            return Todo((change,), f"{self.device} is mounted")
        return Done(f"{self.device} is not mounted")

    def undo(self, seen: Seen) -> Back:
        return Back((), f"{self.mount_point} stays unmounted")


@dataclass(frozen=True)
class NfsMounted(Step):
    """An NFS mount point that the profile asks for here is mounted; never at the cost of the rest.

    Reads   mount
    Runs    mount MOUNT_POINT, killed at its own short deadline
    Undo    umount
    Source  a dead server blocks df, mount and umount (scenario F39)
    """

    mount_point: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"nfs{self.mount_point}"

    @property
    def title(self) -> str:
        return f"mount {self.mount_point} (NFS)"

    def assess(self, seen: Seen) -> Assessment:
        rows = [row for row in seen(mount.MOUNTS) if row.over == self.mount_point]
        if rows:
            return Done(f"{rows[-1].node}:{rows[-1].mounted} is mounted on {self.mount_point}")
        return Todo((command("mount", self.mount_point, kind="nfs", touches="mounts"),), "it is not mounted")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.Unmounted(self.mount_point),))


def steps(wanted: Wanted) -> Iterator[Step]:
    settings = wanted.site.filesystems
    groups = {group.name: group for group in wanted_groups(wanted)}
    checks = {vg.name: vg.fsck for vg in wanted.site.volume_groups.named if vg.is_for(wanted.host) and vg.fsck}
    at = f"{paths.CAPTURES}/{wanted.home}.json"
    nfs = _nfs_of_home(wanted)
    stored = tuple(fs for fs in wanted.capture.filesystems if fs.vg in groups)
    found = taken(wanted)
    found.sort(key=lambda fs: (fs.mount_point.count("/"), fs.mount_point))
    points = [fs.mount_point for fs in found]
    held: Tuple[str, ...] = ()
    if settings.production_nfs == "hold":
        yield NfsHeld((*settings.nfs, *(fs.mount_point for fs in nfs)), str(settings.at))
        held = ("stanzas/nfs",)
    if stored or nfs:
        imports = tuple(group.step("import") for group in groups.values())
        here = tuple(_here(fs, settings.except_) for fs in (*stored, *nfs))
        yield StanzasSo(here, at, (), (*held, *imports), tuple(groups.values()))
    for fs in stored:
        if fs.mount_point in settings.except_:
            yield LeftOut(fs.mount_point, fs.device, str(settings.at), (), ("stanzas",))
    for fs in found:
        parent = _parent(fs.mount_point, points)
        needs = (*groups[fs.vg].before_mounts, *((f"filesystems{parent}",) if parent else ()))
        inner = tuple(other.mount_point for other in stored if other.mount_point.startswith(fs.mount_point + "/"))
        check = checks.get(fs.vg) or settings.fsck
        yield Mounted(fs.mount_point, fs.device, check, at, needs, (*held, "stanzas"), groups[fs.vg], inner)
    network = ready(wanted.rows)
    for point in settings.nfs:
        yield NfsMounted(point, str(settings.at), network, (*held, *(f"filesystems{other}" for other in points)))


def taken(wanted: Wanted) -> List[FileSystem]:
    """The file systems that are mounted here: those that were mounted when home was captured, and those of a WPAR whose
    resolver file is edited; if it was stopped at home nobody had mounted them, and startwpar does so too late.
    """
    groups = {group.name for group in wanted_groups(wanted)}
    roots = [wpar.root for wpar in wanted.site.wpars if wpar.nameservers and wpar.is_for(wanted.host)]

    def is_of_wpar(point: str) -> bool:
        return any(point == root or point.startswith(root + "/") for root in roots)

    except_ = wanted.site.filesystems.except_
    stored = [fs for fs in wanted.capture.filesystems if fs.vg in groups and fs.mount_point not in except_]
    return [fs for fs in stored if fs.mounted or is_of_wpar(fs.mount_point)]


def _nfs_of_home(wanted: Wanted) -> Tuple[FileSystem, ...]:
    """The NFS file systems that a machine which comes home had here; their stanzas were held at the other site."""
    if wanted.coming is None:
        return ()
    here = {fs.mount_point for fs in wanted.coming.own.filesystems}
    return tuple(fs for fs in wanted.capture.filesystems if fs.vfs.startswith("nfs") and fs.mount_point in here)


def _here(fs: FileSystem, except_: Tuple[str, ...]) -> FileSystem:
    """The file system with the stanza that it has at this site."""
    if fs.mount_point not in except_:
        return fs
    attributes = ((key, "false" if key == "mount" and value == "true" else value) for key, value in fs.attributes)
    return replace(fs, attributes=tuple(attributes))


def _parent(point: str, points: List[str]) -> str:
    """The nearest mount point above this one, "" when rootvg's own file systems are."""
    above = [other for other in points if other != point and point.startswith(other.rstrip("/") + "/")]
    return max(above, key=len, default="")
