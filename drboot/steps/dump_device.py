"""Where a system dump goes: the devices and settings of home.

A dump device on a volume group that is not imported yet cannot be used by the boot that finds it missing, and what the
reset of the ODM leaves of it is nowhere written down.  A machine that crashes without one leaves no trace of why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, Optional, Tuple

from drboot import paths
from drboot.errors import Where
from drboot.facts import lsvg, odmget, sysdumpdev
from drboot.profile.keys import BOOLEAN
from drboot.profile.sections import Key, Section
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Done, Later, Step, Todo
from drboot.steps.volume_groups import Group, wanted_groups

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.capture import Dump
    from drboot.wanted import Wanted

NOWHERE = "/dev/sysdumpnull"


@dataclass(frozen=True)
class DumpDevice:
    """``dump_device:`` of a profile."""

    restore: bool
    at: Where


SECTION = Section(
    "dump_device",
    DumpDevice,
    meaning="Where a system dump goes.",
    keys=(Key("restore", BOOLEAN, "The devices and the copy directory of home.", default=True, example="true"),),
)


@dataclass(frozen=True)
class DumpDeviceSo(Step):
    """The primary or secondary dump device is home's, where that logical volume is here.

    Reads    sysdumpdev -l; lsvg -o and odmget CuDv for whether the logical volume is here
    Runs     sysdumpdev -P -p|-s DEVICE
    Undo     sysdumpdev -P with the device of before
    Source   sysdumpdev manual: -P makes it last beyond the next start; -l shows what is in use.
             A dump device in a data VG is not valid before the import (aix/lvm-and-filesystems.md section 15); whether
             the reset loses it is unclear (aix/boot-and-devices.md section 2), so that it is compared
    Assumed  a device that is no logical volume (a tape, a disk, a server) has another name here, and is left

    group  None for rootvg
    """

    which: str  # primary or secondary
    device: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    group: Optional[Group] = None

    lock: ClassVar[str] = "dump"

    @property
    def id(self) -> str:
        return f"dump_device/{self.which}"

    @property
    def title(self) -> str:
        return f"{self.which} dump device {self.device}"

    def assess(self, seen: Seen) -> Assessment:
        if self.group and self.group.name not in seen(lsvg.VARIED_ON):
            what = (str(self._change(self.device)),)
            return Later(self.group.step("varyon"), what, f"known after varyonvg {self.group.name}")
        device = self._device(seen)
        now = seen(sysdumpdev.SETTINGS).value(self.which) or "nothing"
        if not _is_here(seen, device):
            rest = f"it is {now}" if now != device else "a dump would go nowhere"
            return Done(f"it is {now}", (f"{self.title} of home is no logical volume here: {rest}",))
        if now == device:
            return Done(f"it is {now}")
        return Todo((self._change(device),), f"it is {now}")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.DumpDeviceWas(self.which, seen(sysdumpdev.SETTINGS).value(self.which) or NOWHERE),))

    def _device(self, seen: Seen) -> str:
        """What importvg calls it here."""
        renamed = self.group.renamed(seen) if self.group else {}
        lv = self.device[len("/dev/") :]
        return f"/dev/{renamed[lv]}" if lv in renamed else self.device

    def _change(self, device: str) -> Command:
        return command("sysdumpdev", "-P", reversals.DUMP_FLAGS[self.which], device, touches="dump")


def _is_here(seen: Seen, device: str) -> bool:
    """Whether it is a logical volume of a volume group that is varied on, or the device that takes nothing."""
    if device == NOWHERE:
        return True
    group = seen(odmget.LOGICAL_VOLUMES).get(device[len("/dev/") :])
    return group is not None and group in seen(lsvg.VARIED_ON)


@dataclass(frozen=True)
class DumpSettingsSo(Step):
    """A dump is copied at boot to home's directory, and may be forced, as at home.

    Reads   sysdumpdev -l
    Runs    sysdumpdev -D DIRECTORY, or -d where the forced copy flag is FALSE; sysdumpdev -K or -k
    Undo    the same with the values of before
    Source  sysdumpdev manual; bosinst.data, dump stanza: FORCECOPY is -D or -d, ALWAYS_ALLOW is -K or -k
    """

    home: Dump
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "dump"

    @property
    def id(self) -> str:
        return "dump_device/settings"

    @property
    def title(self) -> str:
        return f"dumps are copied to {self.home.copy_directory or 'nowhere'}"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(sysdumpdev.SETTINGS)
        changes = reversals.dump_changes(now, self.home.copy_directory, self.home.forced_copy, self.home.always_allow)
        if changes:
            return Todo(changes, f"{now.value('copy directory') or 'no directory'} and its flags are others", each=True)
        return Done(f"copy directory {self.home.copy_directory}, forced copy {self.home.forced_copy}")

    def undo(self, seen: Seen) -> Back:
        now = seen(sysdumpdev.SETTINGS)
        directory, forced, always = (
            now.value(label) or "" for label in ("copy directory", "forced copy flag", "always allow dump")
        )
        return Back((reversals.DumpSettingsWere(directory, forced, always),))


def steps(wanted: Wanted) -> Iterator[Step]:
    dump = wanted.capture.dump
    if not (wanted.site.dump_device.restore and dump.primary):
        return
    at = f"{paths.CAPTURES}/{wanted.home}.json"
    groups = {group.name: group for group in wanted_groups(wanted)}
    vg_of = {"/dev/" + lv.name: vg.name for vg in wanted.capture.volume_groups for lv in vg.lvs}
    for which, device in (("primary", dump.primary), ("secondary", dump.secondary)):
        group = groups.get(vg_of.get(device, ""))
        if device:
            yield DumpDeviceSo(which, device, at, (group.step("varyon"),) if group else (), (), group)
    if dump.copy_directory:
        yield DumpSettingsSo(dump, at)
