"""MPIO paths: ``lspath``, with ``-F`` for the fields that are wanted.

    Enabled hdisk2 vscsi0 810000000000 Available 0

Plain rows: status, disk, parent, each padded; with ``-t`` the path id behind them.  ``-F "a b"`` prints the fields in
that order, ``-F a:b`` with colons between.  Statuses: Enabled, Disabled, Failed, Missing, Defined, Available,
Detected.  connection is ``810000000000`` for vscsi and ``wwpn,lun`` for FC.  No path: nothing printed.

Source: lspath/02, 04, 05, 07 (6100-06), 08, 09; fields and statuses: boot-and-devices of the reference, section 12.
Assumed: Detected, from the manual page.
"""

from __future__ import annotations

import re
from typing import Callable, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, Query, ignore, rows_of
from drboot.facts.types import Device, Hdisk, name

IGNORE = (
    ignore(r"^(?:(?:name|parent|connection|path_id|path_status|status)(?: +|$)){2,}$", "header of -H"),
    ignore(r"^attribute +value +description +user_settable *$", "header of -AH"),
)

STATUSES = ("Enabled", "Disabled", "Failed", "Missing", "Defined", "Available", "Detected")
FIELDS = ("name", "parent", "connection", "path_id", "path_status", "status")


class Path(NamedTuple):
    """One row.  ``path_id`` is "" where it was not asked for."""

    status: str
    disk: Hdisk
    parent: Device
    path_id: str = ""


_HEADER = re.compile(r"status\s+name\s+parent(?:\s+path_id)?\s*")


def parse(text: str) -> Tuple[Path, ...]:
    """``lspath``, ``lspath -l DISK``, ``lspath -t``."""
    found = []
    for at, line in enumerate(rows_of(text)):
        if at == 0 and _HEADER.fullmatch(line.text):
            continue
        words = line.text.split()
        if len(words) not in (3, 4) or words[0] not in STATUSES:
            raise line.error("not a status, a disk and a parent")
        path_id = str(line.whole(words[3], "path id")) if len(words) == 4 else ""
        found.append(
            Path(words[0], Hdisk(name(words[1], line, "disk")), Device(name(words[2], line, "parent")), path_id)
        )
    return tuple(found)


def fields(*names: str, separator: str = " ") -> Callable[[str], Tuple[Tuple[str, ...], ...]]:
    """The parser for ``-F`` with these fields, separated by blanks or by ``separator``."""
    if not set(names) <= set(FIELDS):
        raise ValueError(f"lspath has no field {set(names) - set(FIELDS)}")

    blank = None if separator == " " else separator
    stated, disk = (names.index(key) if key in names else -1 for key in ("status", "name"))

    def parse(text: str) -> Tuple[Tuple[str, ...], ...]:
        return tuple(_split(line, names, blank, stated, disk) for line in rows_of(text) if not _is_header(line, names))

    return parse


def _is_header(line: Line, names: Tuple[str, ...]) -> bool:
    return line.number == 1 and tuple(line.text.split()) == names


def _split(line: Line, names: Tuple[str, ...], blank: Optional[str], stated: int, disk: int) -> Tuple[str, ...]:
    """The fields of a row; ``stated`` and ``disk`` are the places of status and name, -1 for none."""
    row = tuple(word.strip() for word in line.text.split(blank))
    if len(row) != len(names):
        raise line.error(f"{len(names)} fields were expected, there are {len(row)}")
    if stated >= 0 and row[stated] not in STATUSES:
        raise line.error(f"{row[stated]!r} is not a status of a path")
    if disk >= 0:
        name(row[disk], line, "disk")
    return row


PATHS = Query("lspath", (), parse, about="devices")
# name, parent, path id, status of every path.  Source: the colon form of -F, lspath/09.
_IDS = ("name", "parent", "path_id", "status")
IDS = Query("lspath", ("-F", ":".join(_IDS)), fields(*_IDS, separator=":"), about="devices")


def of_disk(disk: Hdisk) -> Query[Tuple[Path, ...]]:
    return Query("lspath", ("-l", disk), parse, about="devices")
