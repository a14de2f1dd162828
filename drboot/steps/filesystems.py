"""The file systems of a site: which are checked and mounted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, List, Tuple

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import filesystems as stanzas
from drboot.facts import lsvg, mount
from drboot.profile.keys import PATH, ListOf, OneOf
from drboot.profile.sections import Key, Section
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo, Write
from drboot.steps.network import ready
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
    at: Where


SECTION = Section(
    "filesystems",
    Filesystems,
    meaning="How the file systems of the imported volume groups come up.",
    keys=(
        Key(
            "fsck",
            OneOf("none", "preen", "full"),
            "Check before mounting: none, fsck -p, or a full check. A volume group's own fsck wins.",
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
    ),
)


@dataclass(frozen=True)
class StanzasSo(Step):
    """The stanzas of /etc/filesystems say what they said at home.

    What it ensures  every captured stanza on an imported LV has the captured attributes; others stay byte for byte
    Why              exportvg and importvg rebuild stanzas from the LVs: what was edited in the file (options, mount)
                     is lost, and a mount point of more than 128 characters has no stanza at all
    Reads            /etc/filesystems; lsvg
    Runs             an atomic replacement of the file
    Undo             the recorded text
    Source           importvg manual (imp71); lvm-and-filesystems sections 5, 6 and 14
    """

    captured: Tuple[FileSystem, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

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
        text = "".join(line + "\n" for line in here.lines)
        differs: List[str] = []
        for fs in self.captured:
            stanza = here.stanza(fs.mount_point)
            if stanza is None and fs.vg in known:
                text += f"\n{fs.mount_point}:\n" + "".join(f"\t{key:<15} = {value}\n" for key, value in fs.attributes)
                differs.append(f"{fs.mount_point} is missing")
            elif stanza is not None and stanza.dev == fs.device:  # another device: the LV was renamed
                for key, value in fs.attributes:
                    if stanza.get(key) != value:
                        text = stanzas.parse(text).with_attribute(fs.mount_point, key, value)
                        differs.append(f"{fs.mount_point} has {key} = {stanza.get(key) or 'nothing'}")
        if not differs:
            return Done("they are as at home")
        return Todo((Write(paths.ETC_FILESYSTEMS, text),), "; ".join(differs[:3]))

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, paths.ETC_FILESYSTEMS),))


# preen, then the mount decides: fsck's exit statuses are not published (lvm-and-filesystems section 13)
_ANY_STATUS = tuple(range(256))


@dataclass(frozen=True)
class Mounted(Step):
    """A file system of an imported volume group is mounted where home had it.

    Reads   mount; /etc/filesystems
    Runs    fsck -p DEVICE (or a full fsck -y where the profile asks for it), then mount MOUNT_POINT
    Undo    umount
    Source  importvg's manual says to run fsck before mounting; stanzas are in VGDA order, not in mount order
            (lvm-and-filesystems sections 5, 12 and 13)
    """

    mount_point: str
    device: str
    fsck: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"filesystems{self.mount_point}"

    @property
    def title(self) -> str:
        return f"mount {self.mount_point}"

    def assess(self, seen: Seen) -> Assessment:
        here = [row for row in seen(mount.MOUNTS) if row.over == self.mount_point]
        if any(row.mounted == self.device and not row.node for row in here):
            return Done(f"{self.device} is mounted on {self.mount_point}")
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
        stanza = next((s for s in seen(stanzas.FILE).stanzas if s.mount_point == self.mount_point), None)
        actions = (*self._check(), command("mount", self.mount_point, kind="mount", touches="mounts lvm"))
        if stanza is None or dict(stanza.attributes).get("dev") != self.device:
            if self.needs and not self._is_imported(seen):
                return Later(self.needs[0], tuple(map(str, actions)), "known when its volume group is varied on")
            return Blocked(
                Problem(
                    "stanza-missing",
                    f"{self.mount_point} cannot be mounted",
                    self.at,
                    f"/etc/filesystems has no stanza for it with dev = {self.device}",
                    f"chfs or crfs it as it was at home ({self.at}), then: drboot --apply",
                )
            )
        if not self._is_imported(seen):
            return Later(self.needs[0], tuple(map(str, actions)), "known when its volume group is varied on")
        return Todo(actions, f"{self.device} is not mounted")

    def undo(self, seen: Seen) -> Back:
        kept = "" if self.fsck == "none" else "what fsck repairs stays repaired"
        return Back((reversals.Unmounted(self.mount_point),), kept)

    def _is_imported(self, seen: Seen) -> bool:
        vg = self.needs[0].split("/")[1]
        return vg in seen(lsvg.VARIED_ON)

    def _check(self) -> Tuple[Command, ...]:
        if self.fsck == "none":
            return ()
        flag = "-p" if self.fsck == "preen" else "-y"
        return (command("fsck", flag, self.device, kind="fsck", touches="", ok=_ANY_STATUS),)


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
        return f"filesystems/nfs{self.mount_point}"

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
    found = [
        fs
        for fs in wanted.capture.filesystems
        if fs.vg in groups and fs.mounted and fs.mount_point not in settings.except_
    ]
    found.sort(key=lambda fs: (fs.mount_point.count("/"), fs.mount_point))
    points = [fs.mount_point for fs in found]
    stored = tuple(fs for fs in wanted.capture.filesystems if fs.vg in groups)
    if stored:
        imports = tuple(group.step("import") for group in groups.values())
        yield StanzasSo(stored, at, (), imports)
    for fs in found:
        parent = _parent(fs.mount_point, points)
        needs = (groups[fs.vg].step("varyon"), *((f"filesystems{parent}",) if parent else ()))
        inner = tuple(other.mount_point for other in stored if other.mount_point.startswith(fs.mount_point + "/"))
        check = checks.get(fs.vg) or settings.fsck
        yield Mounted(fs.mount_point, fs.device, check, at, needs, (*held, "stanzas"), groups[fs.vg], inner)
    network = ready(wanted.rows)
    for point in settings.nfs:
        yield NfsMounted(point, str(settings.at), network, tuple(f"filesystems{other}" for other in points))


def _parent(point: str, points: List[str]) -> str:
    """The nearest mount point above this one, "" when rootvg's own file systems are."""
    above = [other for other in points if other != point and point.startswith(other.rstrip("/") + "/")]
    return max(above, key=len, default="")
