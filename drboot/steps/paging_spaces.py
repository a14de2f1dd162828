"""Paging spaces of home: those on imported volume groups are swapped on, and stay so at later boots.

A boot swaps on what /etc/swapspaces names before any data volume group is imported; a database that home gave 60 GB of
paging space starts here with hd6 alone, and dies of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, Optional, Tuple

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import lsps, lsvg
from drboot.profile.keys import BOOLEAN, NAME, ListOf
from drboot.profile.sections import Key, Section
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo
from drboot.steps.volume_groups import Group, wanted_groups

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.capture import PagingSpace
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class PagingSpaces:
    """``paging_spaces:`` of a profile."""

    restore: bool
    except_: Tuple[str, ...]
    at: Where


SECTION = Section(
    "paging_spaces",
    PagingSpaces,
    meaning="Paging spaces that were active at home; a boot finds those on data volume groups not yet imported.",
    keys=(
        Key("restore", BOOLEAN, "Swap them on, and at later boots as at home.", default=True, example="true"),
        Key("except", ListOf(NAME), "Paging spaces that stay as they are here.", (), "none", "[paging07]"),
    ),
)


@dataclass(frozen=True)
class PagingSpaceSo(Step):
    """A paging space is active where it was active at home, and swapped on at boot where it was.

    Reads   lsps -a; lsvg -o
    Runs    swapon /dev/NAME; chps -a y|n NAME.  Never swapoff: what is in use here stays in use
    Undo    swapoff /dev/NAME; /etc/swapspaces byte for byte
    Source  swapon manual: at most 16 are active, -a takes those of /etc/swapspaces; chps manual: -a changes that file
            and nothing that is in use; paging in an imported VG is not active until swapon
            (aix/lvm-and-filesystems.md section 15)
    """

    home: PagingSpace
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    group: Optional[Group] = None  # None for rootvg

    # /etc/swapspaces is rewritten by each chps
    lock: ClassVar[str] = "swapspaces"

    @property
    def id(self) -> str:
        return f"paging_spaces/{self.home.name}"

    @property
    def title(self) -> str:
        return f"paging space {self.home.name}"

    def assess(self, seen: Seen) -> Assessment:
        if self.group and self.group.name not in seen(lsvg.VARIED_ON):
            what = (f"swapon /dev/{self.home.name}",)
            return Later(self.group.step("varyon"), what, f"known after varyonvg {self.group.name}")
        name = self._name(seen)
        rows = [row for row in seen(lsps.ALL) if row.name == name]
        if not rows:
            why = f"lsps -a of this machine does not list {name}"
            next_ = f"lsvg -l {self.home.vg}; then mkps, or paging_spaces.except"
            return Blocked(Problem("paging-space-missing", f"{self.title} is not here", self.at, why, next_))
        actions, differs = [], []
        if self.home.active and not rows[0].active:
            actions.append(command("swapon", f"/dev/{name}", touches="lvm"))
            differs.append("not active")
        if rows[0].auto != self.home.auto:
            actions.append(command("chps", "-a", "y" if self.home.auto else "n", name, touches="lvm files"))
            differs.append(f"{'' if rows[0].auto else 'not '}swapped on at boot")
        if actions:
            return Todo(tuple(actions), f"{name} is {' and '.join(differs)}", each=True)
        state = "active" if rows[0].active else "not active"
        return Done(f"{name} is {state}, {self.home.size} MB at home")

    def undo(self, seen: Seen) -> Back:
        name = self._name(seen)
        was_active = any(row.active for row in seen(lsps.ALL) if row.name == name)
        off = () if was_active or not self.home.active else (reversals.PagingOff(name),)
        return Back((*off, reversals.file_was(seen, paths.ETC_SWAPSPACES)))

    def _name(self, seen: Seen) -> str:
        """What importvg calls it here."""
        renamed = self.group.renamed(seen) if self.group else {}
        return renamed.get(self.home.name, self.home.name)


def steps(wanted: Wanted) -> Iterator[Step]:
    settings = wanted.site.paging_spaces
    if not settings.restore:
        return
    at = f"{paths.CAPTURES}/{wanted.home}.json"
    groups = {group.name: group for group in wanted_groups(wanted)}
    for space in wanted.capture.paging:
        if space.name in settings.except_:
            continue
        if space.vg == "rootvg":
            yield PagingSpaceSo(space, at)
        elif space.vg in groups:
            yield PagingSpaceSo(space, at, (groups[space.vg].step("varyon"),), (), groups[space.vg])
