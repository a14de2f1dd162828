"""How long a process has been running: ``ps -o etime= -p PID``, with ``-o args=`` what it runs; rows of ``ps -aef``.

    1148-20:54:50        [[days-]hours:]minutes:seconds

    01:13:02 /bin/ksh /usr/sbin/importvg -y datavg hdisk4

        root 18808894        1   0 00:56:19      -  0:00 sh -c exec /driver/tests/...

An entry of inittab runs as ``sh -c exec <command field>``, parent 1, no terminal.

Source: ps/01, 02 (7.1).  ``args``, ``-p`` and the header that ``=`` leaves out: AIX Commands Reference, ps, X/Open
Standards; a command that is not known any more stands in brackets, its first word only.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from drboot.facts.base import Query, ignore, rows_of
from drboot.facts.uname import only_line

IGNORE = (
    ignore(r"^ *UID +PID +PPID +C +STIME +TTY +TIME +CMD *$", "header"),
    ignore(r"(?<= )-(?= +[0-9]+:[0-9]{2} )", "no terminal"),
)

_ETIME = re.compile(r"(?:(?:(?P<days>[0-9]+)-)?(?P<hours>[0-9]{1,2}):)?(?P<minutes>[0-9]{1,2}):(?P<seconds>[0-9]{2})")


class Process(NamedTuple):
    """``started`` a time or a date as printed; ``terminal`` is "" for none."""

    user: str
    pid: int
    parent: int
    started: str
    terminal: str
    time: str
    command: str


class Running(NamedTuple):
    """``seconds`` since its start, and its command line."""

    seconds: int
    command: str


def running(pid: int) -> Query[Running]:
    """How long this process has been running, and what."""
    return Query("ps", ("-o", "etime=", "-o", "args=", "-p", str(pid)), parse_running, about="processes")


def parse_running(text: str) -> Running:
    """The one row of ``ps -o etime= -o args= -p PID``."""
    row = only_line(text).match(_RUNNING, "not a time and a command")
    return Running(parse_etime(row.group("etime")), row.group("command"))


def parse_etime(text: str) -> int:
    """Seconds since the start."""
    parts = only_line(text).match(_ETIME, "not [[days-]hours:]minutes:seconds").groupdict(default="0")
    days, hours, minutes, seconds = (int(parts[key]) for key in ("days", "hours", "minutes", "seconds"))
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


_RUNNING = re.compile(r"\s*(?P<etime>\S+)\s+(?P<command>\S.*?)\s*")
_ROW = re.compile(
    r"\s*(?P<user>\S+)\s+(?P<pid>[0-9]+)\s+(?P<parent>[0-9]+)\s+[0-9]+\s+(?P<started>[0-9:]+|[A-Z][a-z]{2} [0-9 ][0-9])"
    r"\s+(?P<terminal>\S+)\s+(?P<time>[0-9]+:[0-9]{2})\s+(?P<command>\S.*?)\s*"
)


def parse(text: str) -> Tuple[Process, ...]:
    """``ps -ef``, with or without its header."""
    found = []
    for at, line in enumerate(rows_of(text)):
        if at == 0 and line.text.split() == ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]:
            continue
        row = line.match(_ROW, "not a row of ps")
        terminal = row.group("terminal")
        found.append(
            Process(
                row.group("user"),
                int(row.group("pid")),
                int(row.group("parent")),
                row.group("started"),
                "" if terminal == "-" else terminal,
                row.group("time"),
                row.group("command"),
            )
        )
    return tuple(found)
