"""/etc/inittab: ``lsitab -a``, ``lsitab ID``, and the file itself.

    rctcpip:23456789:wait:/etc/rc.tcpip > /dev/console 2>&1 # Start TCP/IP daemons

id:runlevels:action:command.  The command may hold colons, so a line is split at the first three only; a ``#`` in it is
a comment of the shell.  No runlevel means all of them.  In the file a line that starts with ``:`` is a comment, ``#``
is not one, though administrators put it there: ``#rcnfs:2:once:...`` is an entry with another id, and a line behind a
``#`` that is no entry is passed over; a backslash at the end of a line goes on in the next.  lsitab: an unknown id
prints nothing, exit status not 0.  Order is the order in which init goes through the file.

Source: inittab/50 (7.3 TL4, whole file), 01 to 08, lsitab/01, 02; the inittab file page (id up to 14 characters,
runlevel and action up to 20, comments, continuation, actions).
Assumed: lsitab shows no comments; ids longer than 14 characters are accepted here all the same.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple, Union

from drboot.facts.base import FileQuery, Line, Query, ignore, lines_of
from drboot.paths import ETC_INITTAB

IGNORE = (ignore(r"^:.*$", "comment"),)
_REMARK = re.compile(r"#(?![^:]*:[^:]*:[a-z]+:).*")

ACTIONS = (
    "respawn", "wait", "once", "boot", "bootwait", "powerfail", "powerwait", "off", "ondemand", "hold", "initdefault",
    "sysinit",
)  # fmt: skip


class Entry(NamedTuple):
    """One entry.  ``levels`` is "" for all of them; ``command`` as written, trailing blanks included."""

    id: str
    levels: str
    action: str
    command: str

    def __str__(self) -> str:
        """The line as mkitab and chitab take it."""
        return f"{self.id}:{self.levels}:{self.action}:{self.command}"


_ENTRY = re.compile(r"(?P<id>#[^:]*|[^:\s]+):(?P<levels>[0-9a-zA-Z]{0,20}):(?P<action>[a-z]+):(?P<command>.*)")


def _entry(line: Line) -> Entry:
    found = line.match(_ENTRY, "not id:runlevel:action:command")
    if found.group("action") not in ACTIONS:
        raise line.error(f"{found.group('action')!r} is not an action of init")
    return Entry(found.group("id"), found.group("levels"), found.group("action"), found.group("command"))


def parse(text: str) -> Tuple[Entry, ...]:
    """The file, or ``lsitab -a``: the entries in order, comments left out.  An id that repeats is kept twice."""
    found: List[Entry] = []
    for line in _joined(lines_of(text)):
        if not line.text.strip() or line.text.startswith(":") or _REMARK.fullmatch(line.text):
            continue
        found.append(_entry(line))
    return tuple(found)


def _joined(lines: List[Line]) -> List[Line]:
    """Continued lines put together; each keeps the number of its first line."""
    found: List[Line] = []
    going_on = False
    for line in lines:
        if going_on:
            found[-1] = Line(found[-1].number, found[-1].text[:-1] + line.text)
        else:
            found.append(line)
        going_on = line.text.endswith("\\")
    return found


def parse_file(text: Union[str, None]) -> Tuple[Entry, ...]:
    return () if text is None else parse(text)


def parse_one(text: str) -> Optional[Entry]:
    """``lsitab ID``: the entry, None when nothing was printed."""
    entries = parse(text)
    if len(entries) > 1:
        raise Line(2, str(entries[1])).error("one entry was expected")
    return entries[0] if entries else None


# Source: the inittab file page: without an initdefault entry init asks for a run level, so there is always one.
ENTRIES = Query("lsitab", ("-a",), parse, about="inittab", speaks=True)
FILE: FileQuery[Tuple[Entry, ...]] = FileQuery(ETC_INITTAB, parse_file, about="inittab")


def named(entries: Tuple[Entry, ...], identifier: str) -> Optional[Entry]:
    """The first entry with this id, None when there is none."""
    return next((entry for entry in entries if entry.id == identifier), None)


def entry(identifier: str) -> Query[Optional[Entry]]:
    """``lsitab ID``; None when there is no such entry (exit status not 0).

    Source: lsitab is used this way by puppet and by Ansible's aix_inittab; exit status 1 is assumed.
    """
    return Query("lsitab", (identifier,), parse_one, about="inittab", empty=(1, 255))
