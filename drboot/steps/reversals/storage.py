"""Volume groups and mounts as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from drboot.facts import lsvg, mount
from drboot.facts.types import VgName
from drboot.runner import command
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


def _yes(value: bool) -> str:
    return "yes" if value else "no"
