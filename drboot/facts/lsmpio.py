"""MPIO paths with their state: ``lsmpio``.

    name    path_id  status   path_status  parent  connection
    hdisk4  0        Enabled  Clo          fscsi0  500507180120c1c4,2000000000000

path_status: words such as Sel, Opt, Non, Clo, Deg, Fai, joined by commas; empty for a failed or missing path.

Source: lsmpio/01 (7.1).  Assumed: path_status may be empty.
"""

from __future__ import annotations

from typing import NamedTuple, Tuple

from drboot.facts.base import ParseError, ignore, rows_of
from drboot.facts.lspath import STATUSES
from drboot.facts.types import Device, Hdisk, name

IGNORE = (ignore(r"^name +path_id +status +path_status +parent +connection *$", "header"),)


class MpioPath(NamedTuple):
    disk: Hdisk
    path_id: int
    status: str
    path_status: Tuple[str, ...]
    parent: Device
    connection: str


_HEADER = ["name", "path_id", "status", "path_status", "parent", "connection"]


def parse(text: str) -> Tuple[MpioPath, ...]:
    """Every path.  ParseError without the header."""
    rows = [line for line in rows_of(text) if line.text.strip("= ")]
    if not rows or rows[0].text.split() != _HEADER:
        raise ParseError("there is no header of lsmpio")
    found = []
    for line in rows[1:]:
        words = line.text.split()
        if len(words) == 5:
            words.insert(3, "")
        if len(words) != 6 or words[2] not in STATUSES:
            raise line.error("not a row of lsmpio")
        found.append(
            MpioPath(
                Hdisk(name(words[0], line, "disk")),
                line.whole(words[1], "path id"),
                words[2],
                tuple(word for word in words[3].split(",") if word),
                Device(name(words[4], line, "parent")),
                words[5],
            )
        )
    return tuple(found)
