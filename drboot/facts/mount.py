"""What is mounted: ``mount`` without arguments.

      node       mounted        mounted over    vfs       date        options
    -------- ---------------  ---------------  ------ ------------ ---------------
             /dev/hd4         /                jfs2   Jul 17 13:22 rw,log=/dev/hd8
             -hosts           /net             autofs Nov 29 11:23 nosuid,vers=3,rw,nobrowse,ignore
    192.168.1.11 /stage/middleware1 /stage/middleware2 nfs3   Jul 17 13:24 ro,bg,hard,intr,sec=sys

A local row starts with blanks and has no node.  Long fields push the columns, so they are read from the date, which is
three words (``Jul 17 13:22``), outwards.  Options may be empty.  What is mounted is a device, a directory, ``-hosts``
(autofs) or ``Global`` (WPAR).

Source: mount/02 (5.3), 03 (7.1); Global: lvm-and-filesystems of the reference, section 12.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of
from drboot.facts.types import MountPoint

IGNORE = (
    ignore(r"^ +node +mounted +mounted over +vfs +date +options *$", "header"),
    ignore(r"^-+(?: +-+){5} *$", "rule below the header"),
)


class Mount(NamedTuple):
    """One row.  ``node`` is "" for a local one; ``date`` as printed, without year; ``options`` in their order."""

    node: str
    mounted: str
    over: MountPoint
    vfs: str
    date: str
    options: Tuple[str, ...]

    def option(self, key: str) -> Optional[str]:
        """The value of ``key=value``, "" for a bare option; None when it is not there."""
        for word in self.options:
            name, _, value = word.partition("=")
            if name == key:
                return value
        return None


_HEADER = re.compile(r"\s*node\s+mounted\s+mounted over\s+vfs\s+date\s+options\s*")
_RULE = re.compile(r"-+(?:\s+-+){5}\s*")
_DATE = r"[A-Z][a-z]{2} [ 0-9][0-9] [0-9]{2}:[0-9]{2}"
_ROW = re.compile(
    r"(?P<node>\S+)?\s+(?P<mounted>\S+)\s+(?P<over>\S(?:.*\S)?)\s+(?P<vfs>[a-z][a-z0-9]*)"
    rf"\s+(?P<date>{_DATE})(?:\s+(?P<options>\S+))?\s*"
)


def parse(text: str) -> Tuple[Mount, ...]:
    """Every mount, in the order in which they were made.  ParseError without the header."""
    rows = rows_of(text)
    if len(rows) < 2:
        raise ParseError("the header and its rule were expected")
    rows[0].match(_HEADER, "not the header of mount")
    rows[1].match(_RULE, "not the rule below the header")
    found = []
    for line in rows[2:]:
        row = line.match(_ROW, "not a row of mount")
        over = row.group("over")
        if not over.startswith("/") or re.search(r"\s", over):
            raise line.error("what is mounted over is not a directory")
        options = tuple((row.group("options") or "").split(",")) if row.group("options") else ()
        found.append(
            Mount(
                row.group("node") or "",
                row.group("mounted"),
                MountPoint(over),
                row.group("vfs"),
                row.group("date"),
                options,
            )
        )
    return tuple(found)


MOUNTS = Query("mount", (), parse, about="mounts", speaks=True)  # a header, and /


def at(mounts: Tuple[Mount, ...], mount_point: str) -> Optional[Mount]:
    """The last mount over this directory: the one that is seen there."""
    return next((mount for mount in reversed(mounts) if mount.over == mount_point), None)
