"""The normal boot list: the disks that hold rootvg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Dict, Iterator, List, Tuple

from drboot.errors import Problem, Where
from drboot.facts import bootlist, lspath, lsvg
from drboot.facts.types import VgName
from drboot.profile.keys import BOOLEAN, Integer
from drboot.profile.sections import Key, Section
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Step, Todo

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class BootList:
    """``boot_list:`` of a profile."""

    set: bool
    at_most: int
    at: Where


SECTION = Section(
    "boot_list",
    BootList,
    meaning="The normal boot list. The disks are found by looking at rootvg and never named here.",
    keys=(
        Key("set", BOOLEAN, "Set it to the disks that hold rootvg.", default=True, example="true"),
        # Source: the bootlist manual; firmware keeps at most five entries.
        Key("at_most", Integer(1, 5), "Entries at most; each path to a disk is one.", default=5, example="5"),
    ),
)


@dataclass(frozen=True)
class BootListSo(Step):
    """The normal boot list holds the disks of rootvg and nothing else, so that the next boot works too.

    Reads   lsvg -p rootvg; lspath; bootlist -m normal -o
    Runs    bootlist -m normal hdiskN blv=hd5 pathid=M ... : at most five entries, spread over the adapters
    Undo    the recorded list
    Source  bootlist manual: at most five entries, paths counted; ``-o`` prints one entry a line, ``-`` for a device
            that no longer exists (bootlist/01, 03, 04; boot-and-devices section 13)
    """

    at_most: int
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "boot_list"

    @property
    def title(self) -> str:
        return "boot list of rootvg"

    def assess(self, seen: Seen) -> Assessment:
        disks = [str(pv.name) for _, pvs in seen(lsvg.pvs(VgName("rootvg"))) for pv in pvs if not pv.is_nameless]
        if not disks:
            return Blocked(Problem("rootvg-without-disks", "the boot list cannot be set", self.at, "lsvg -p rootvg"))
        now = seen(bootlist.NORMAL)
        named = [entry.device or "-" for entry in now]
        if set(named) == set(disks) and len(now) <= self.at_most and all(entry.blv for entry in now):
            if all(entry.path_id for entry in now):
                return Done(f"it holds {', '.join(disks)}, {len(now)} entries")
            if len(now) == len(self._entries(seen, disks)):  # a level that shows no pathid: bootlist/04
                return Done(f"it holds {', '.join(disks)}, {len(now)} entries, without their pathid")
        operands = [word for disk, path in self._entries(seen, disks) for word in self._operands(disk, path)]
        change = command("bootlist", "-m", "normal", *operands, touches="bootlist")
        held = [str(entry.device or "-") + (f" pathid={entry.path_id}" if entry.path_id else "") for entry in now]
        return Todo((change,), f"it holds {', '.join(held) or 'nothing'}; rootvg is on {', '.join(disks)}")

    def undo(self, seen: Seen) -> Back:
        entries = reversals.boot_entries(seen)
        gone = len(seen(bootlist.NORMAL)) - len(entries)
        kept = f"{gone} entries of devices that do not exist here are not put back" if gone else ""
        if not entries:  # an LPAR without a boot list starts from nothing but SMS
            return Back((), "it was empty, and keeps the disks of rootvg")
        return Back((reversals.BootListWas(entries),), kept)

    def _entries(self, seen: Seen, disks: List[str]) -> List[Tuple[str, str]]:
        """Disk and path id of each entry: first one path of every disk, then further adapters, then further paths."""
        ranked: List[Tuple[int, int, str, str]] = []
        for order, disk in enumerate(disks):
            per_parent: Dict[str, int] = {}
            paths = [row for row in seen(lspath.IDS) if row[0] == disk and row[3] == "Enabled"]
            for _, parent, path_id, _ in paths:
                nth = per_parent[parent] = per_parent.get(parent, 0) + 1
                ranked.append((nth, order, disk, path_id))
            if not paths:  # a disk without MPIO has none
                ranked.append((0, order, disk, ""))
        ranked.sort(key=lambda entry: entry[:2])
        chosen = ranked[: self.at_most]
        missing = [disk for disk in disks if disk not in {entry[2] for entry in chosen}]
        for at, disk in enumerate(missing, 1):
            chosen[-at] = next(entry for entry in ranked if entry[2] == disk)
        return [(disk, path_id) for _, _, disk, path_id in sorted(chosen, key=lambda entry: entry[1])]

    @staticmethod
    def _operands(disk: str, path_id: str) -> Tuple[str, ...]:
        return (disk, "blv=hd5") if not path_id else (disk, "blv=hd5", f"pathid={path_id}")


def steps(wanted: Wanted) -> Iterator[Step]:
    settings = wanted.site.boot_list
    if settings.set:
        after = ("stale_definitions/devices",) if wanted.plan_b else ()
        yield BootListSo(settings.at_most, str(settings.at), (), after)
