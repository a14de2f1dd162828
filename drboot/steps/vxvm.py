"""Disks of Veritas Volume Manager: named, and left alone.

Source: VxVM's administrator's guide, "Handling disks with duplicated identifiers": a replica has the flag
        udid_mismatch, and is imported only when vxdg is told to (aix/lvm-and-filesystems.md section 21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, FrozenSet, Iterator, Tuple

from drboot import paths
from drboot.errors import few
from drboot.facts import vxdisk
from drboot.seen import Seen
from drboot.steps.base import Assessment, Done, Notice, Step
from drboot.steps.boot_list import dmp_paths

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports the steps
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class ClonesNamed(Notice):
    """The report names the disks that VxVM takes for copies.

    Why     their disk groups are imported by the site's own program, or by hand; drboot never does
    Reads   vxdisk list
    Runs    nothing
    Undo    nothing
    """

    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "vxvm/clones"

    @property
    def title(self) -> str:
        return "disks that VxVM calls copies"

    def assess(self, seen: Seen) -> Assessment:
        clones = [f"{disk.device} ({' '.join(disk.status)})" for disk in seen(vxdisk.ALL) if disk.is_clone]
        if not clones:
            return Done("VxVM flags none")
        warning = f"{', '.join(few(clones))}: copies to VxVM, left alone; their disk groups are yours to import (vxdg)"
        return Done(f"left alone: {len(clones)}", (warning,))


def clones(seen: Seen) -> FrozenSet[str]:
    """The hdisks that VxVM flags as copies, by their own name or by that of their DMP node.

    Assumed: a device of vxdisk list that is neither is no disk that LVM knows by name.
    """
    if not seen.root.has_program("vxdisk"):
        return frozenset()
    flagged = {disk.device for disk in seen.or_none(vxdisk.ALL) or () if disk.is_clone}
    under = dmp_paths(seen) if flagged else {}
    return frozenset(flagged | {path for node in flagged for path in under.get(node, ())})


def steps(wanted: Wanted) -> Iterator[Step]:
    if wanted.infoscale.vxvm:
        yield ClonesNamed(
            paths.PROGRAMS["vxdisk"], (), tuple(f"disks/{vg.name}" for vg in wanted.capture.volume_groups)
        )
