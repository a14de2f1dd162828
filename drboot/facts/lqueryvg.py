"""The VGDA on a disk: ``lqueryvg -tAp hdiskN``, imported or not.

    Max LVs:        256
    Conc Autovaryo  0
    Logical:        00ce23da00004c00000001099df94648.3   installlv 1
                    00ce23da00004c00000001099df94648.4   fslv01 1
    Physical:       00ce23da6409b93f                1   1

Label, blanks and a tab, value.  Labels are cut at 14 characters and may lack their colon.  Logical and Physical go
on in rows that start with blanks: LV id, LV name, state; and PVID, number of VGDAs, state of the PV.  PP Size is a
power of two (27: 128 MB).  ``-tT`` prints the time stamp only, 16 hex digits or one less.
A disk without VGDA, or one that cannot be opened: a message and an exit status that is not 0.

Source: lqueryvg/01, 04, 05 (5.3), 09 (7.2); errors 06 to 08.  With -p the VG need not be varied on: reference,
LVM section 4.
Assumed: the second number of a PV is its state; labels of later levels may have a letter as their value.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, Query, ignore, rows_of
from drboot.facts.types import Hdisk, LvId, LvName, Pvid, Vgid, name, pvid

IGNORE = (ignore(r"^(?:Logical|Physical):", "the name of what follows"),)


class LogicalVolume(NamedTuple):
    lv_id: LvId
    name: LvName
    state: int


class PhysicalVolume(NamedTuple):
    pvid: Pvid
    vgdas: int
    state: int


class Vgda(NamedTuple):
    """``values``: every label, without its colon, and what stands behind it."""

    logical: Tuple[LogicalVolume, ...]
    physical: Tuple[PhysicalVolume, ...]
    values: Tuple[Tuple[str, str], ...]

    def value(self, label: str) -> Optional[str]:
        return next((value for key, value in self.values if key == label), None)

    @property
    def pp_size_mb(self) -> Optional[int]:
        exponent = self.value("PP Size")
        return None if exponent is None or int(exponent) < 20 else 2 ** (int(exponent) - 20)

    @property
    def vgid(self) -> Optional[Vgid]:
        """The VG's id as its logical volumes carry it; None for a VG without any."""
        return Vgid(self.logical[0].lv_id.partition(".")[0]) if self.logical else None


_ROW = re.compile(r"(?P<label>[A-Za-z][A-Za-z _()?]*?):?(?:[ \t]*\t|[ ]{2,})(?P<value>\S.*?)\s*")
_MORE = re.compile(r"[ \t]+(?P<value>\S.*?)\s*")
_LOGICAL = re.compile(r"(?P<id>[0-9a-f]{32}\.[0-9]+)\s+(?P<name>\S+)\s+(?P<state>[0-9]+)")
_PHYSICAL = re.compile(r"(?P<pvid>[0-9a-f]{16})\s+(?P<vgdas>[0-9]+)\s+(?P<state>[0-9]+)")


def parse(text: str) -> Vgda:
    """``lqueryvg -t`` with any of -A, -L, -P, -T.  ParseError for a row of no known shape, and for no row at all."""
    logical: List[LogicalVolume] = []
    physical: List[PhysicalVolume] = []
    values: List[Tuple[str, str]] = []
    label = ""
    for line in rows_of(text):
        more = _MORE.fullmatch(line.text)
        if more is None:
            row = line.match(_ROW, "not a label and a value")
            label, value = row.group("label"), row.group("value")
        else:
            value = more.group("value")
        if label == "Logical":
            logical.append(_logical(line, value))
        elif label == "Physical":
            physical.append(_physical(line, value))
        elif more is not None or not re.fullmatch("[0-9a-z]+", value):
            raise line.error("one value was expected behind the label")
        else:
            values.append((label, value))
    if not (logical or physical or values):
        raise ParseError("nothing was printed")
    if any(key == "PP Size" and not re.fullmatch("[0-9]{1,2}", value) for key, value in values):
        raise ParseError("PP Size is the exponent of a power of two, from 20 to some 40")
    return Vgda(tuple(logical), tuple(physical), tuple(values))


def _logical(line: Line, value: str) -> LogicalVolume:
    found = _LOGICAL.fullmatch(value)
    if found is None:
        raise line.error("not an LV id, a name and a state")
    return LogicalVolume(
        LvId(found.group("id")), LvName(name(found.group("name"), line, "logical volume")), int(found.group("state"))
    )


def _physical(line: Line, value: str) -> PhysicalVolume:
    found = _PHYSICAL.fullmatch(value)
    if found is None:
        raise line.error("not a PVID and two numbers")
    return PhysicalVolume(pvid(found.group("pvid"), line), int(found.group("vgdas")), int(found.group("state")))


def vgda(disk: Hdisk) -> Query[Vgda]:
    return Query("lqueryvg", ("-tAp", disk), parse, about="lvm")
