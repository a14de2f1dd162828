"""Paging spaces: ``lsps -a`` and ``lsps -s``.

    Page Space      Physical Volume   Volume Group Size %Used Active  Auto  Type Chksum
    hd6             hdisk0            rootvg        8704MB     1   yes   yes    lv     0

     Total Paging Space   Percent Used
          9216MB               1%

Chksum is missing on old levels and on the VIOS.  The percentage of ``-s`` may be blank, that of a paging space over NFS
is NaNQ.

Source: lsps/01 (5.3), 05 (6.1), 06 (7.x); the blank percentage: lvm-and-filesystems of the reference, section 15;
NaNQ: github.com/shirou/gopsutil, mem/mem_aix_nocgo.go and its test.
Assumed: sizes in GB or TB, which that test has as well; every recording has MB.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of
from drboot.facts.types import LvName, VgName, name

IGNORE = (
    ignore(r"^Page Space +Physical Volume +Volume Group +Size +%Used +Active +Auto +Type(?: +Chksum)? *$", "header"),
    ignore(r"^ *Total Paging Space +Percent Used *$", "header of -s"),
    ignore(r"(?<= )NaNQ(?= )", "no percentage: None"),
)


class PagingSpace(NamedTuple):
    """Size in MB.  ``disk`` is a server's name for type nfs, whose percentage may be None."""

    name: LvName
    disk: str
    vg: VgName
    size_mb: int
    used_percent: Optional[int]
    active: bool
    auto: bool
    type: str
    checksum: Optional[int]


class Summary(NamedTuple):
    size_mb: int
    used_percent: Optional[int]


_HEADER = re.compile(
    r"Page Space\s+Physical Volume\s+Volume Group\s+Size\s+%Used\s+Active\s+Auto\s+Type(?:\s+Chksum)?\s*"
)
_MEGABYTES = {"M": 1, "G": 1024, "T": 1024 * 1024}
_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<disk>\S+)\s+(?P<vg>\S+)\s+(?P<size>[0-9]+)(?P<unit>[MGT])B\s+(?P<used>[0-9]+|NaNQ)\s+(?P<active>yes|no)"
    r"\s+(?P<auto>yes|no)\s+(?P<type>[a-z]+)(?:\s+(?P<checksum>[0-9]+))?\s*"
)


def parse(text: str) -> Tuple[PagingSpace, ...]:
    """``lsps -a``."""
    rows = rows_of(text)
    if not rows:
        raise ParseError("there is no header")
    rows[0].match(_HEADER, "not the header of lsps -a")
    found = []
    for line in rows[1:]:
        row = line.match(_ROW, "not a row of lsps -a")
        found.append(
            PagingSpace(
                LvName(name(row.group("name"), line, "paging space")),
                row.group("disk"),
                VgName(row.group("vg")),
                int(row.group("size")) * _MEGABYTES[row.group("unit")],
                None if row.group("used") == "NaNQ" else int(row.group("used")),
                row.group("active") == "yes",
                row.group("auto") == "yes",
                row.group("type"),
                int(row.group("checksum")) if row.group("checksum") else None,
            )
        )
    return tuple(found)


_SUMMARY_HEADER = re.compile(r"\s*Total Paging Space\s+Percent Used\s*")
_SUMMARY = re.compile(r"\s*(?P<size>[0-9]+)MB(?:\s+(?P<used>[0-9]+)?%)?\s*")


def parse_summary(text: str) -> Summary:
    """``lsps -s``."""
    rows = rows_of(text)
    if len(rows) != 2:
        raise ParseError("a header and a row were expected")
    rows[0].match(_SUMMARY_HEADER, "not the header of lsps -s")
    row = rows[1].match(_SUMMARY, "not a size and a percentage")
    return Summary(int(row.group("size")), int(row.group("used")) if row.group("used") else None)


ALL = Query("lsps", ("-a",), parse, about="lvm")
