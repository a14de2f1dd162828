"""What varyonvg and importvg print about the PVs of a VG.  Evidence: lsvg afterwards decides.

    PV Status:      hdisk2  000dd32daa568b07        PVACTIVE
                            000dd31d58ba0ce8        NONAME
    varyonvg: Volume group datavg is varied on.

Printed when ODM and VGDA disagree.  PVACTIVE, PVMISSING, PVREMOVED, PVNOTFND, INVPVID, DUPPVID; NONAME has no hdisk.
The two recordings come from a PDF: blanks and line breaks are lost, so words are read, not columns; in one all states
follow behind the list.  Messages 0516-... may stand in between although the command succeeds (0516-510, 0516-548).

Source: varyonvg/01, importvg/01 (5.3); states PVACTIVE, PVMISSING, PVREMOVED, NONAME: the varyonvg manual page.
Assumed: PVNOTFND, INVPVID and DUPPVID, from the same page's list.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, ignore, rows_of
from drboot.facts.types import Hdisk, Pvid, VgName

IGNORE = (
    ignore(r"^PV Status:", "title"),
    ignore(r"^varyonvg: Volume group|is varied on\.$", "the words around the VG"),
    ignore(r"^0516-[0-9]+ .*\n(?!PV Status:|\S+$).*$", "a message"),
)

STATES = ("PVACTIVE", "PVMISSING", "PVREMOVED", "NONAME", "PVNOTFND", "INVPVID", "DUPPVID")


class PvStatus(NamedTuple):
    """``disk`` is None where no hdisk has this PVID."""

    disk: Optional[Hdisk]
    pvid: Pvid
    state: str


class VaryOn(NamedTuple):
    """``lists``: each PV Status list, in order; ``varied_on``: VGs said to be; ``names``: VGs that importvg names."""

    lists: Tuple[Tuple[PvStatus, ...], ...]
    varied_on: Tuple[VgName, ...]
    names: Tuple[VgName, ...]
    messages: Tuple[str, ...]


_VARIED_ON = re.compile(r"varyonvg: Volume group (?P<vg>\S+) is varied on\.\s*")
_DISK_PVID = re.compile(r"(?:(?P<disk>[A-Za-z_][\w.\-]*)\s+)?(?P<pvid>[0-9a-f]{16})(?:0{16})?(?:\s+(?P<state>[A-Z]+))?")
_MESSAGE = re.compile(r"(?P<id>0516-[0-9]{3,4}) .*")


def parse(text: str) -> VaryOn:
    """``varyonvg VG`` and ``importvg -y VG DISK``.  ParseError for a line of no known shape."""
    lists: List[List[List[Optional[str]]]] = []
    varied_on: List[VgName] = []
    names: List[VgName] = []
    ids: List[str] = []
    in_message = False
    for line in rows_of(text):
        body = line.text.strip()
        if body.startswith("PV Status:"):
            lists.append([])
            body = body[len("PV Status:") :].strip()
            if not body:
                continue
        status = _DISK_PVID.fullmatch(body)
        message = _MESSAGE.fullmatch(body)
        varied = _VARIED_ON.fullmatch(body)
        if message is not None:
            ids.append(message.group("id"))
        elif varied is not None:
            varied_on.append(VgName(varied.group("vg")))
        elif status is not None and lists:
            lists[-1].append([status.group("disk"), status.group("pvid"), status.group("state")])
        elif body in STATES and lists:
            _fill(lists[-1], body, line)
        elif in_message:
            in_message = False
            continue
        else:
            names.append(VgName(line.match(re.compile(r"\s*(\S+)\s*"), "not a line of varyonvg").group(1)))
        in_message = message is not None
    return VaryOn(tuple(_list(rows) for rows in lists), tuple(varied_on), tuple(names), tuple(ids))


def _fill(rows: List[List[Optional[str]]], state: str, line: Line) -> None:
    """The state belongs to the first PV of the list that has none yet."""
    for row in rows:
        if row[2] is None:
            row[2] = state
            return
    raise line.error("a state without a PV")


def _list(rows: List[List[Optional[str]]]) -> Tuple[PvStatus, ...]:
    found = []
    for disk, pvid, state in rows:
        if state not in STATES or pvid is None:
            raise ParseError(f"PV {pvid} has the state {state}")
        found.append(PvStatus(None if disk is None else Hdisk(disk), Pvid(pvid), state))
    return tuple(found)
