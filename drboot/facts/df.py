"""Space: ``df``, ``df -g``, ``df -k``, ``df -P``.

    Filesystem    GB blocks      Free %Used    Iused %Iused Mounted on
    /dev/hd4           0.25      0.07   74%    10612    40% /
    /proc                 -         -    -         -     -  /proc

    Filesystem    1024-blocks      Used Available Capacity Mounted on
    /dev/hd4          2097152    219796   1877356      11% /

Names may overflow their column; a mount point may have blanks in it.  ``-`` where a count makes no sense.

Source: df/02 (7.1), 04 (6.1), 06 (7.2).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, ignore, rows_of
from drboot.facts.types import MountPoint

IGNORE = (
    ignore(r"^Filesystem +(?:\S+|GB|MB) ?blocks +.*Mounted on *$", "header; its unit is read"),
    ignore(r"(?<= )-(?= )", "no count"),
)


class Space(NamedTuple):
    """One row.  Counts in the unit of ``Table``; None for ``-``.  -P prints no inodes: None."""

    filesystem: str
    blocks: Optional[str]
    used: Optional[str]
    free: Optional[str]
    used_percent: Optional[int]
    inodes_used: Optional[int]
    inodes_percent: Optional[int]
    mounted_on: MountPoint


class Table(NamedTuple):
    """``unit`` as the header says: 512, 1024, GB or MB."""

    unit: str
    rows: Tuple[Space, ...]


_HEADER = re.compile(
    r"Filesystem\s+(?P<unit>[0-9]+|GB|MB)[- ]blocks\s+"
    r"(?:Free\s+%Used\s+Iused\s+%Iused|(?P<posix>Used\s+Available\s+Capacity))\s+Mounted on\s*"
)
_COUNT = r"(?:-|[0-9]+(?:\.[0-9]+)?)"
_PERCENT = r"(?:-|[0-9]+%)"
_PLAIN = re.compile(
    rf"(?P<fs>\S+)\s+(?P<blocks>{_COUNT})\s+(?P<free>{_COUNT})\s+(?P<percent>{_PERCENT})"
    rf"\s+(?P<iused>-|[0-9]+)\s+(?P<ipercent>{_PERCENT})\s+(?P<on>/.*?)\s*"
)
_POSIX = re.compile(
    rf"(?P<fs>\S+)\s+(?P<blocks>{_COUNT})\s+(?P<used>{_COUNT})\s+(?P<free>{_COUNT})\s+(?P<percent>{_PERCENT})\s+(?P<on>/.*?)\s*"
)


def parse(text: str) -> Table:
    """The table with its unit.  ParseError without the header."""
    rows = rows_of(text)
    if not rows:
        raise ParseError("there is no header")
    header = rows[0].match(_HEADER, "not the header of df")
    pattern = _POSIX if header.group("posix") else _PLAIN
    found = []
    for line in rows[1:]:
        row = line.match(pattern, "not a row of df").groupdict()
        found.append(
            Space(
                row["fs"],
                _count(row["blocks"]),
                _count(row.get("used")),
                _count(row["free"]),
                _percent(row["percent"]),
                _percent(row.get("iused")),
                _percent(row.get("ipercent")),
                MountPoint(row["on"]),
            )
        )
    return Table(header.group("unit"), tuple(found))


def _count(word: Optional[str]) -> Optional[str]:
    return None if word in (None, "-") else word


def _percent(word: Optional[str]) -> Optional[int]:
    return None if word is None or word == "-" else int(word.rstrip("%"))
