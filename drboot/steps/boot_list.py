"""The normal boot list: the disks that hold rootvg."""

from __future__ import annotations

from dataclasses import dataclass

from drboot.errors import Where
from drboot.profile.keys import BOOLEAN, Integer
from drboot.profile.sections import Key, Section


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
