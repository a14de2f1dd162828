"""Subsystems of the SRC: ``lssrc -a``, ``lssrc -g GROUP``, ``lssrc -s SUBSYSTEM``.

    Subsystem         Group            PID          Status
     syslogd          ras              5374382      active
     aso                               4718948      active
     gsclvmd                                        inoperative

Group and PID may be empty, so the columns are fixed: 1, 18, 35 and 48, from 0; a longer name pushes the row and is told
by the shape of its words.  The status is the last word.  The header ends in a blank on some levels.  An unknown
subsystem or group: 0513-085 or 0513-086 and exit status 1.

Source: lssrc/01 (7.3), 03, 04, 06, 07; ``-ls`` 03; status words beyond active and inoperative: network-and-services of
the reference, section 15.
Assumed: ``warned`` may be printed as ``warned to stop``.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import Line, Query, ignore, rows_of

IGNORE = (
    ignore(r"^Subsystem +Group +PID +Status *$", "header"),
    ignore(r"(?<=warned) to stop *$", "one status"),
    ignore(r"^(?:Debug|Signal|Service) .*$|^ SIG[A-Z0-9]+ .*$|^ \S+ +/.*$", "what lssrc -l adds"),
)

STATUSES = ("active", "inoperative", "stopping", "warned", "starting")


class Subsystem(NamedTuple):
    """One row.  ``group`` is "" without one, ``pid`` None when it does not run."""

    name: str
    group: str
    pid: Optional[int]
    status: str

    @property
    def is_active(self) -> bool:
        return self.status == "active"


_HEADER = re.compile(r"Subsystem\s+Group\s+PID\s+Status\s*")
_ROW = re.compile(rf" (?P<name>\S+)(?P<middle>\s.*?)?\s(?P<status>{'|'.join(STATUSES)})(?: to stop)?\s*")
_GROUP_AT, _PID_AT = 18, 35


def parse(text: str) -> Tuple[Subsystem, ...]:
    """Every row, in order.  () when nothing was printed (exit status 1)."""
    rows = rows_of(text)
    return tuple(_subsystem(line) for at, line in enumerate(rows) if at or not _HEADER.fullmatch(line.text))


def _subsystem(line: Line) -> Subsystem:
    row = line.match(_ROW, "not a subsystem and its status")
    words = (row.group("middle") or "").split()
    if len(words) > 2:
        raise line.error("more than a group and a PID")
    group, pid = "", ""
    if len(words) == 2:
        group, pid = words
    elif words:
        at = line.text.index(words[0], row.end("name"))
        pushed = row.end("name") > _GROUP_AT
        is_pid = re.fullmatch("[0-9]+", words[0]) is not None if pushed else at >= _PID_AT
        group, pid = ("", words[0]) if is_pid else (words[0], "")
    number = line.whole(pid, "PID") if pid else None
    return Subsystem(row.group("name"), group, number, row.group("status"))


ALL = Query("lssrc", ("-a",), parse, about="services", speaks=True)  # a header


def subsystem(name: str) -> Query[Tuple[Subsystem, ...]]:
    """``lssrc -s NAME``; () when it is not on file."""
    return Query("lssrc", ("-s", name), parse_one, about="services", empty=(1,))


def parse_one(text: str) -> Tuple[Subsystem, ...]:
    """``lssrc -s NAME``: one row, or none for an unknown one.

    A message (0513-085) counts as none: on which stream it comes is not known.
    """
    return parse("\n".join(line.text for line in rows_of(text) if not re.match(r"0513-08[56]\b", line.text)))


def parse_status(text: str) -> Tuple[Subsystem, ...]:
    """``lssrc -ls NAME``: the row of the subsystem; what -l adds below it is the subsystem's own business."""
    return parse("\n".join(line.text for line in rows_of(text)[:2]))


def group(name: str) -> Query[Tuple[Subsystem, ...]]:
    """``lssrc -g NAME``; () when the group is not on file."""
    return Query("lssrc", ("-g", name), parse_one, about="services", empty=(1,))
