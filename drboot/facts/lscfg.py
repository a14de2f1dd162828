"""Vital product data: ``lscfg -vl 'ent*'``, ``lscfg -vpl hdisk4``.

    ent0             U8233.E8B.10086CP-V3-C4-T1  Virtual I/O Ethernet Adapter (l-lan)

          Network Address.............D213C0153A04
          Displayable Message.........Virtual I/O Ethernet Adapter (l-lan)
          Hardware Location Code......U8233.E8B.10086CP-V3-C4-T1

A device row: two blanks (three at 5.3), name, location code, two blanks, description; a long location pushes the
description to the next line, a long description goes on there (4.3).  Rows of data: eight blanks, a label filled
with dots to 28 columns, the value; an empty value is nothing.  A long value goes on below itself, after 36 blanks.
A title with a colon may stand between.  ``-p`` adds PLATFORM SPECIFIC with ``Name:  disk`` rows.  4.3 prints a header,
and location codes of the form 10-80.

A virtual adapter's location is type.model.serial-V<partition>-C<slot>-T<port>: at DR all but the slot changes.

Source: lscfg/01, 06, 10 (6.1), 07, 09, 52, 53 (5.3), 05, 55 (4.3), 12, 14 (7.1), 50; a value of several lines:
github.com/fusioninventory/fusioninventory-agent, resources/aix/lscfg/aix-6.1b-sysplanar0.
"""

from __future__ import annotations

import re
from itertools import takewhile
from typing import List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, Query, ignore, lines_of
from drboot.facts.types import Device, Mac, name

IGNORE = (
    ignore(r"^ +DEVICE +LOCATION +DESCRIPTION *$", "header of 4.3"),
    ignore(r"\.{2,}", "dots that fill the label"),
)

_LABEL_END = 36  # 8 blanks, and 28 columns of label and dots


class Vpd(NamedTuple):
    """One device.  ``location`` is "" for sys0 and the like; ``rows`` are all labels with their values, in order.

    Titles stand among the rows with an empty value; rows of PLATFORM SPECIFIC are among them as well.  Further lines of
    a long value are rows with the label "".
    """

    name: Device
    location: str
    description: str
    rows: Tuple[Tuple[str, str], ...]

    def value(self, label: str) -> Optional[str]:
        """What stands behind the label, "" when nothing does; None when the label is not there."""
        at = next((at for at, (key, _) in enumerate(self.rows) if key == label), None)
        if at is None:
            return None
        return self.rows[at][1] + "".join(more for _, more in takewhile(lambda row: not row[0], self.rows[at + 1 :]))

    @property
    def mac(self) -> Optional[Mac]:
        """The ``Network Address`` of an Ethernet adapter; None without one, and for the WWPN of a fcs."""
        address = self.value("Network Address")
        if address is None or not re.fullmatch("[0-9A-Fa-f]{12}", address):
            return None
        return Mac(address.upper())

    @property
    def wwpn(self) -> Optional[str]:
        """The ``Network Address`` of a Fibre Channel adapter, 16 hex digits in upper case; None without one."""
        address = self.value("Network Address")
        if address is None or not re.fullmatch("[0-9A-Fa-f]{16}", address):
            return None
        return address.upper()

    @property
    def place(self) -> str:
        """The location behind type, model and serial: ``V3-C4-T1``, ``P1-C6-T3``; "" for other spellings."""
        found = re.fullmatch(r"U[0-9A-Z]+\.[0-9A-Z]+\.[0-9A-Z]+-(.+)", self.location)
        return found.group(1) if found else ""

    @property
    def slot(self) -> str:
        """``C4`` of U8233.E8B.10086CP-V3-C4-T1; "" where the location has no slot.

        Two ports of one physical adapter have one slot; ``place`` tells them apart.
        """
        found = re.search(r"-(C[0-9]+)(?:-|$)", self.location)
        return found.group(1) if found else ""

    @property
    def port(self) -> str:
        """``C4-T1``, ``C11-T1``, ``P1-T6``: slot and port, as ``port_of`` has them."""
        return port_of(self.location)

    @property
    def is_virtual(self) -> bool:
        return re.match(r"V[0-9]+-C", self.place) is not None


def port_of(location: str) -> str:
    """Slot and port, which are the same on other hardware; the slot where there is no port, "" for other spellings.

        C4-T1    U8233.E8B.10086CP-V3-C4-T1            virtual
        P1-T6    U9009.42A.7800B5C-P1-T6               on the board
        C11-T1   U78AA.001.VYRGU0Q-P1-C11-T1-S1        a logical port of SR-IOV, whose number is another there

    Source: the last one: powercampus.de, adding logical SR-IOV ports (lpar lssriov).
    """
    found = re.search(r"-(C[0-9]+(?:-T[0-9]+)?|P[0-9]+-T[0-9]+)(?:-S[0-9]+)?$", location)
    return found.group(1) if found else ""


_LOCATION = r"[0-9A-Z]+(?:[-.][0-9A-Z]+)+(?:,[0-9]+)*"
_DEVICE = re.compile(
    rf" {{2,3}}(?P<name>[a-z]\S*|L2cache[0-9]+) +(?:(?P<location>{_LOCATION})(?= |$))? *(?P<description>\S.*?)?\s*"
)
_HEADER = re.compile(r" +DEVICE +LOCATION +DESCRIPTION\s*")
_TITLE = re.compile(r" {6}(?P<title>\S.*?)\s*:\s*")
_ROW = re.compile(r" {8}(?P<label>[A-Z].*)")
_WRAPPED = re.compile(r"(?: {8}|\t| {20,})(?P<text>\S.*?)\s*")
_FURTHER = re.compile(rf" {{{_LABEL_END}}}(?P<value>\S.*?)\s*")
_PLATFORM = re.compile(r" +(?P<label>Name|Model|Node|Device Type|Physical Location):\s+(?P<value>\S.*?)\s*")


def parse(text: str) -> Tuple[Vpd, ...]:
    """Every device of the output, in its order (which is not the order of the names).  () for no device."""
    found: List[Vpd] = []
    rows: List[Tuple[str, str]] = []
    for line in lines_of(text):
        if not line.text.strip() or (not found and _HEADER.fullmatch(line.text)):
            continue
        device = _DEVICE.fullmatch(line.text)
        if device is not None:
            rows = []
            found.append(_device(line, device.group("name"), device.group("location"), device.group("description")))
            continue
        if not found:
            raise line.error("not a device")
        wrapped = _WRAPPED.fullmatch(line.text)
        if wrapped is not None and not rows and (not found[-1].description or _label(line) is None):
            description = f"{found[-1].description} {wrapped.group('text')}".strip()
            found[-1] = found[-1]._replace(description=description)
            continue
        rows.append(_row(line))
        found[-1] = found[-1]._replace(rows=tuple(rows))
    return tuple(found)


def _device(line: Line, device: str, location: Optional[str], description: Optional[str]) -> Vpd:
    return Vpd(Device(name(device, line, "device")), location or "", description or "", ())


def _label(line: Line) -> Optional[Tuple[str, str]]:
    """Label and value of a row of data; None when the line is not one."""
    row = _ROW.fullmatch(line.text)
    if row is None:
        return None
    cell, value = line.text[8:_LABEL_END], line.text[_LABEL_END:]
    if len(cell) == _LABEL_END - 8 and cell.endswith("."):
        return cell.rstrip("."), value.strip()
    cut = re.fullmatch(r"[A-Z][\w /]*\.\([^)]*", cell)  # "Product Specific.(y" (lscfg/53)
    return (cell, "") if cut else None


def _row(line: Line) -> Tuple[str, str]:
    if line.text.strip() == "PLATFORM SPECIFIC":
        return "PLATFORM SPECIFIC", ""
    further = _FURTHER.fullmatch(line.text)
    if further is not None:
        return "", further.group("value")
    platform = _PLATFORM.fullmatch(line.text)
    if platform is not None:
        return platform.group("label"), platform.group("value")
    row = _label(line)
    if row is not None:
        return row
    return line.match(_TITLE, "neither a label with dots, nor a title").group("title"), ""


def vpd(pattern: str) -> Query[Tuple[Vpd, ...]]:
    """``lscfg -vl 'ent*'``: the devices of the pattern.

    Assumed: a device that is only Defined may make the exit status 1; what is printed of the others stands.
    """
    return Query("lscfg", ("-vl", pattern), parse_some, about="devices", ok=(0, 1))


def parse_some(text: str) -> Tuple[Vpd, ...]:
    """As ``parse``; ParseError for no device at all, which with exit status 1 is no answer."""
    found = parse(text)
    if not found:
        raise ParseError("there is no device")
    return found


ETHERNET_ADAPTERS = vpd("ent*")
FIBRE_ADAPTERS = vpd("fcs*")
DISKS = vpd("hdisk*")
