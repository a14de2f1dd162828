"""``bootinfo -b``: the disk of the last boot, alone on a line; ``bootinfo -s hdiskN``: its size in MB, likewise.

Source: bootinfo/01.  Assumed: nothing is printed after a boot from the network; -s, which has no manual page, prints
a whole number of MB.
"""

from __future__ import annotations

from typing import Optional

from drboot.facts.base import ParseError, Query, rows_of
from drboot.facts.types import Hdisk, name

IGNORE = ()


def parse(text: str) -> Optional[Hdisk]:
    """The disk, None when nothing was printed."""
    rows = rows_of(text)
    if len(rows) > 1:
        raise rows[1].error("one line was expected")
    return Hdisk(name(rows[0].text.strip(), rows[0], "disk")) if rows else None


BOOT_DISK = Query("bootinfo", ("-b",), parse, about="bootlist")


def parse_size(text: str) -> int:
    """``bootinfo -s hdiskN``: MB."""
    rows = rows_of(text)
    if len(rows) != 1:
        raise ParseError("one number was expected")
    return rows[0].whole(rows[0].text.strip(), "size")


def size_of(disk: Hdisk) -> Query[int]:
    return Query("bootinfo", ("-s", disk), parse_size, about="devices")
