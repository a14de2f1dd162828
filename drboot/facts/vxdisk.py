"""Disks as Veritas Volume Manager sees them: ``vxdisk list``.

    DEVICE          TYPE            DISK         GROUP        STATUS
    disk_0          auto:LVM        -            -            LVM
    ams_wms0_5      auto:cdsdisk    -            -            online udid_mismatch

The status may be several words.  A device is called by its enclosure, or as the hdisk.

Source: vxdisk/01 and 02; udid_mismatch and clone_disk: VxVM's administrator's guide, "Handling disks with duplicated
        identifiers" (sort.veritas.com), and a technote with the second row (aix/lvm-and-filesystems.md section 21).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of

IGNORE = (
    ignore(r"^DEVICE +TYPE +DISK +GROUP +STATUS *$", "header"),
    ignore(r"(?<=\s)-(?=\s)", "no disk or no group: empty"),
)
CLONE = frozenset({"udid_mismatch", "clone_disk"})
_HEADER = re.compile(r"DEVICE\s+TYPE\s+DISK\s+GROUP\s+STATUS\s*")


class VxDisk(NamedTuple):
    """``disk`` and ``group`` are "" for ``-``; a deported group stands in parentheses, which are kept."""

    device: str
    type: str
    disk: str
    group: str
    status: Tuple[str, ...]

    @property
    def is_clone(self) -> bool:
        """Its identity is not that of its LUN: a replica, which VxVM imports only when it is told to."""
        return bool(CLONE & set(self.status))


def parse(text: str) -> Tuple[VxDisk, ...]:
    """Raises ParseError for a row that is none; nothing at all is no disk."""
    found = []
    for line in rows_of(text):
        if _HEADER.fullmatch(line.text):
            continue
        words = line.text.split()
        if len(words) < 5:
            raise ParseError("a row has a device, its type, disk, group and status", line.number, line.text)
        disk, group = ("" if word == "-" else word for word in words[2:4])
        found.append(VxDisk(words[0], words[1], disk, group, tuple(words[4:])))
    return tuple(found)


ALL = Query("vxdisk", ("list",), parse, about="lvm")
