"""The normal boot list: the disks that hold rootvg."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import TYPE_CHECKING, Dict, Iterator, List, Sequence, Tuple

from drboot.errors import Problem, Where
from drboot.facts import bootlist, filesystems, lspath, lsvg, vxdmpadm
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

    Reads   lsvg -p rootvg; lspath; bootlist -m normal -o; vxdmpadm native list where DMP is installed; /etc/filesystems
    Runs    bootlist -m normal hdiskN blv=hd5 pathid=M ... : at most five entries, spread over the adapters
    Undo    the recorded list
    Source  bootlist manual: at most five entries, paths counted; ``-o`` prints one entry a line, ``-`` for a device
            that no longer exists (bootlist/01, 03, 04; boot-and-devices section 13); InfoScale's guide for DMP: the
            boot list of a rootvg under DMP is that of the hdisks below its node; of two instances of multibos the one
            that runs is booted again (multibos manual, "Booting the standby BOS": blv=bos_hd5)
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
        disks, nodes = boot_disks(seen, self.at_most)
        answer = self._assess(seen, disks)
        if not nodes or not isinstance(answer, Done):
            return answer
        return replace(answer, warnings=(_of_dmp(nodes, disks),))

    def _assess(self, seen: Seen, disks: List[str]) -> Assessment:
        if not disks:
            return Blocked(Problem("rootvg-without-disks", "the boot list cannot be set", self.at, "lsvg -p rootvg"))
        # Assumed: bootlist -o may fail where no list was ever set, as on a new LPAR; what is set is read back
        now = seen.or_none(bootlist.NORMAL) or ()
        named = [entry.device or "-" for entry in now]
        if set(named) == set(disks) and len(now) <= self.at_most and all(entry.blv for entry in now):
            if all(entry.path_id for entry in now):
                return Done(f"it holds {', '.join(disks)}, {len(now)} entries")
            if len(now) == len(self._entries(seen, disks)):  # a level that shows no pathid: bootlist/04
                return Done(f"it holds {', '.join(disks)}, {len(now)} entries, without their pathid")
        blv = boot_volume(seen)
        operands = [word for disk, path in self._entries(seen, disks) for word in self._operands(disk, blv, path)]
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
    def _operands(disk: str, blv: str, path_id: str) -> Tuple[str, ...]:
        return (disk, f"blv={blv}") if not path_id else (disk, f"blv={blv}", f"pathid={path_id}")


def boot_volume(seen: Seen) -> str:
    """The boot logical volume of the system that runs: hd5, or bos_hd5 where / is on bos_hd4.

    Assumed: the instance that runs has its own logical volumes in its /etc/filesystems.
    """
    known = seen.or_none(filesystems.FILE)
    root = known.stanza("/") if known is not None else None
    return "bos_hd5" if root is not None and root.dev == "/dev/bos_hd4" else "hd5"


def boot_disks(seen: Seen, most: int) -> Tuple[List[str], Tuple[str, ...]]:
    """The disks that the firmware can boot rootvg from, and the DMP nodes that stand for them in LVM.

    Under DMP every path of a node is an hdisk of its own: the first of each node, then the second, ``most`` in all.
    """
    names = [str(pv.name) for _, pvs in seen(lsvg.pvs(VgName("rootvg"))) for pv in pvs if not pv.is_nameless]
    under = dmp_paths(seen)
    nodes = tuple(name for name in names if name in under)
    if not nodes:
        return names, ()
    ranks = zip_longest(*(under.get(name, [name]) for name in names))
    return [disk for rank in ranks for disk in rank if disk is not None][: max(most, len(names))], nodes


def dmp_paths(seen: Seen) -> Dict[str, List[str]]:
    """The hdisks below each DMP node that LVM may use; nothing where there is no DMP, or it does not answer."""
    found: Dict[str, List[str]] = {}
    if seen.root.has_program("vxdmpadm"):
        for row in seen.or_none(vxdmpadm.NATIVE) or ():
            found.setdefault(row.node, []).append(row.path)
    return found


def _of_dmp(nodes: Tuple[str, ...], disks: Sequence[str]) -> str:
    return (
        f"rootvg is under DMP ({', '.join(nodes)}): the boot list has its paths {', '.join(disks)}; vxdmpadm native "
        "release gives their PVID back to the hdisks, native acquire takes it again; drboot runs neither"
    )


def steps(wanted: Wanted) -> Iterator[Step]:
    settings = wanted.site.boot_list
    if settings.set:
        after = ("stale_definitions/devices",) if wanted.plan_b else ()
        yield BootListSo(settings.at_most, str(settings.at), (), after)
