"""Volume groups, mounts, paging spaces and dump devices as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, List, Tuple

from drboot.facts import lsps, lsvg, mount, sysdumpdev
from drboot.facts.types import VgName
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Blocked, Done, Retry, Todo
from drboot.steps.reversals.base import AT, Reversal, problem


@dataclass(frozen=True)
class Unmounted(Reversal):
    """What the run mounted there is not mounted any more.

    Never forced.  A file system in use stays, and undo says so: whoever uses it has to end first.
    """

    mount_point: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/mount{self.mount_point}"

    @property
    def title(self) -> str:
        return f"umount {self.mount_point}"

    def assess(self, seen: Seen) -> Assessment:
        here = [row for row in seen(mount.MOUNTS) if row.over == self.mount_point]
        if not here:
            return Done(f"nothing is mounted on {self.mount_point}")
        kind = "nfs" if here[-1].node else "mount"
        change = command("umount", self.mount_point, kind=kind, touches="mounts lvm")
        return Todo((change,), f"{here[-1].mounted} is mounted", Retry(10.0))


@dataclass(frozen=True)
class GroupOff(Reversal):
    """A volume group is not varied on.  Source: varyoffvg manual; its logical volumes must be closed."""

    vg: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/varyon/{self.vg}"

    @property
    def title(self) -> str:
        return f"varyoffvg {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        if self.vg not in seen(lsvg.VARIED_ON):
            return Done(f"{self.vg} is not varied on")
        return Todo((command("varyoffvg", self.vg, kind="varyonvg", touches="lvm"),), f"{self.vg} is varied on")


@dataclass(frozen=True)
class GroupGone(Reversal):
    """A volume group is not in the ODM.  Source: exportvg touches the ODM and stanzas only, not the disks."""

    vg: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "importvg"

    @property
    def id(self) -> str:
        return f"undo/import/{self.vg}"

    @property
    def title(self) -> str:
        return f"exportvg {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        if self.vg not in seen(lsvg.ALL):
            return Done(f"{self.vg} is not in the ODM")
        if self.vg in seen(lsvg.VARIED_ON):
            return Blocked(problem(self, f"{self.vg} is still varied on", "end what uses it, then: drboot undo"))
        change = command("exportvg", self.vg, kind="importvg", touches="lvm files filesystems")
        return Todo((change,), f"{self.vg} is in the ODM")


@dataclass(frozen=True)
class GroupWas(Reversal):
    """AUTO ON and QUORUM of a volume group that is varied on, as they were."""

    vg: str
    auto_on: bool
    quorum: bool
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/settings/{self.vg}"

    @property
    def title(self) -> str:
        return f"chvg {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        if self.vg not in seen(lsvg.VARIED_ON):
            return Done(f"{self.vg} is not varied on")
        vg = seen(lsvg.vg(VgName(self.vg)))
        if vg.auto_on == self.auto_on and vg.has_quorum == self.quorum:
            return Done(f"AUTO ON {_yes(self.auto_on)}, quorum {_yes(self.quorum)}")
        flags = ("-a", _yes(self.auto_on)[0], "-Q", _yes(self.quorum)[0])
        return Todo((command("chvg", *flags, self.vg, touches="lvm"),), "its settings were others")


@dataclass(frozen=True)
class PagingOff(Reversal):
    """A paging space that the run swapped on is not in use, so that its volume group can be varied off.

    Source: swapoff manual; what is paged out there moves to the other paging spaces, and it fails where these are full.
    """

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/paging/{self.name}"

    @property
    def title(self) -> str:
        return f"swapoff {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        if not any(row.name == self.name and row.active for row in seen(lsps.ALL)):
            return Done(f"{self.name} is not active")
        return Todo((command("swapoff", f"/dev/{self.name}", touches="lvm"),), f"{self.name} is active")


# The flag of each dump device.
DUMP_FLAGS = {"primary": "-p", "secondary": "-s"}


@dataclass(frozen=True)
class DumpDeviceWas(Reversal):
    """The primary or secondary dump device is what it was, beyond the next start as well."""

    which: str
    device: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "dump"

    @property
    def id(self) -> str:
        return f"undo/dump_device/{self.which}"

    @property
    def title(self) -> str:
        return f"{self.which} dump device {self.device} again"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(sysdumpdev.SETTINGS).value(self.which)
        if now == self.device:
            return Done(f"it is {now}")
        change = command("sysdumpdev", "-P", DUMP_FLAGS[self.which], self.device, touches="dump")
        return Todo((change,), f"it is {now or 'nothing'}")


@dataclass(frozen=True)
class DumpSettingsWere(Reversal):
    """A dump is copied where it was copied, and as it was."""

    copy_directory: str
    forced_copy: str
    always_allow: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "dump"

    @property
    def id(self) -> str:
        return "undo/dump_device/settings"

    @property
    def title(self) -> str:
        return f"dumps are copied to {self.copy_directory or 'nowhere'} again"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(sysdumpdev.SETTINGS)
        changes = dump_changes(now, self.copy_directory, self.forced_copy, self.always_allow)
        if not changes:
            return Done(f"copy directory {self.copy_directory}")
        return Todo(changes, f"copy directory is {now.value('copy directory') or 'none'}", each=True)


def dump_changes(now: sysdumpdev.DumpSettings, directory: str, forced: str, always: str) -> Tuple[Command, ...]:
    """What makes the settings so; nothing for one of them that is "".  forced, always: TRUE or FALSE.

    Source: sysdumpdev manual; bosinst.data, dump stanza: FORCECOPY is -D or -d, ALWAYS_ALLOW is -K or -k.
    """
    actions: List[Command] = []
    if directory and (now.value("copy directory"), now.value("forced copy flag")) != (directory, forced):
        actions.append(command("sysdumpdev", "-d" if forced == "FALSE" else "-D", directory, touches="dump"))
    if always and now.value("always allow dump") != always:
        actions.append(command("sysdumpdev", "-K" if always == "TRUE" else "-k", touches="dump"))
    return tuple(actions)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
