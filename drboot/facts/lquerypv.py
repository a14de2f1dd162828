"""Bytes of a disk or LV: ``lquerypv -h /dev/hdiskN 80 10``.

    00000080   00021AC8 E561D594 00000000 00000000  |.....a..........|

Offset, four words of four bytes in hexadecimal, the same as text between bars.  The PVID stands at 0x80, eight bytes.
``4A324653`` (J2FS) at 0x8000 of an LV marks jfs2.

Source: lquerypv/01, 05 (blanks narrower), 02.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, ignore, rows_of
from drboot.facts.types import Pvid

IGNORE = (ignore(r"\|[^|\n]{16}\|$", "the bytes once more, as text"),)


class Bytes(NamedTuple):
    """``words``: four bytes each, as 8 hexadecimal digits in upper case."""

    offset: int
    words: Tuple[str, ...]


_ROW = re.compile(r"(?P<offset>[0-9A-F]{8})\s+(?P<words>[0-9A-F]{8}(?: [0-9A-F]{8}){3})\s+\|.{16}\|\s*")


def parse(text: str) -> Tuple[Bytes, ...]:
    """Every row."""
    found = []
    for line in rows_of(text):
        row = line.match(_ROW, "not an offset and 16 bytes")
        found.append(Bytes(int(row.group("offset"), 16), tuple(row.group("words").split())))
    return tuple(found)


def parse_pvid(text: str) -> Optional[Pvid]:
    """``lquerypv -h DISK 80 10``: the PVID on the disk itself, None when there is none (zeros)."""
    rows = parse(text)
    if len(rows) != 1 or rows[0].offset != 0x80:
        raise ParseError("one row at offset 80 was expected")
    pvid = "".join(rows[0].words[:2]).lower()
    return Pvid(pvid) if pvid.strip("0") else None
