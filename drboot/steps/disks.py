"""The disks of a volume group are there, or were waited for as long as the profile allows.

What it ensures  every wanted PVID stands on some hdisk, or the deadline is over.
Why              a LUN may be mapped late; cfgmgr finds it then (scenario: LUN late).
Reads            lspv
Runs             cfgmgr, one at a time, with a growing pause between tries
Undo             nothing to undo: it only discovers
Source           cfgmgr is silent and exits 0; two at once are not wise (aix/boot-and-devices.md section 8).

A disk that never comes fails this step, which only reports it: each volume group refuses for itself, so that
those whose disks are complete come up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Iterator, Tuple

from drboot.errors import Problem
from drboot.facts import lspv
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Back, Done, Retry, Step, Todo, counted
from drboot.steps.volume_groups import wanted_groups
from drboot.wanted import Wanted


@dataclass(frozen=True)
class DisksPresent(Step):
    """Every one of the volume group's PVIDs is on a disk.

    deadline  in seconds
    enough    so many are enough, since the others are at another site (GLVM); 0: all
    """

    vg: str
    pvids: Tuple[str, ...]
    deadline: float
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    enough: int = 0

    lock: ClassVar[str] = "cfgmgr"
    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"disks/{self.vg}"

    @property
    def title(self) -> str:
        return f"await {counted(self.enough or len(self.pvids), 'disk', 'disks')} of {self.vg}"

    def assess(self, seen: Seen) -> Assessment:
        here = {pv.pvid for pv in seen(lspv.PVS) if pv.pvid}
        missing = [pvid for pvid in self.pvids if pvid not in here]
        if not missing or 0 < self.enough <= len(self.pvids) - len(missing):
            return Done(f"{len(self.pvids) - len(missing)} of {len(self.pvids)} PVIDs are there")
        shown = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
        look = command("cfgmgr", kind="cfgmgr", touches="devices lvm network")
        return Todo((look,), f"{len(missing)} of {len(self.pvids)} PVIDs missing: {shown}", Retry(self.deadline))

    def undo(self, seen: Seen) -> Back:
        return Back((), "disks that cfgmgr finds stay known")

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        """cfgmgr, which ended well, was not in vain for a fault of its own, and typing it once more helps nobody."""
        answer = self.assess(seen)
        if trouble.name != "step-without-effect" or not isinstance(answer, Todo):
            return trouble
        return Problem(
            "disks-not-found",
            f"{self.title}: they did not come",
            self.at,
            f"{answer.why}, after cfgmgr was run for {self.deadline:g} s",
            f"map the replicas of {self.vg} to this LPAR; then: drboot --apply",
        )


def steps(wanted: Wanted) -> Iterator[Step]:
    after = ("stale_definitions/devices",) if wanted.plan_b else ()
    at = str(wanted.site.volume_groups.at)
    for group in wanted_groups(wanted):
        if group.pvids:
            yield DisksPresent(group.name, group.pvids, wanted.site.deadlines.disks, at, (), after, group.here)
