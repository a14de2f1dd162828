"""Devices of the ODM: ``lsdev -C -F FORMAT`` and the table of plain ``lsdev -C``.

``-F 'name:type:description'`` prints the fields with the separators that the format has; a description may hold
a colon of its own, so it is asked for last.  Fields: name status location physloc class subclass type parent
connwhere description.

    ent0:IBM,l-lan:Virtual I/O Ethernet Adapter (l-lan)

The table pads name, status and location to the widest of this output.  Virtual and pseudo devices have no
location, so words cannot be counted:

    hdisk0 Available          Virtual SCSI Disk Drive
    hdisk4 Available 24-T1-01 MPIO FC 2145
    en0 Available  Standard Ethernet Network Interface

Defined = in the ODM, not configured.  A device or class that is not there: nothing printed, exit status 0.

Source: lsdev/03 to 21, 50 to 56 (4.3 to 7.2); field names: the lsparent and lsdev manual pages ("column names
from the Predefined Devices or the Customized Devices object class", with ``description``); empty output: two
Ansible modules depend on it (boot-and-devices of the reference, section 7).
"""

from __future__ import annotations

import re
from typing import Callable, NamedTuple, Tuple

from drboot.facts.base import Line, ParseError, Query, ignore, rows_of
from drboot.facts.types import Device, name

IGNORE = (ignore(r"^name +status +.*description *$", "header of -H"),)

STATUSES = ("Available", "Defined", "Stopped", "Diagnose")


class DeviceRow(NamedTuple):
    """One device of DEVICES.  ``status``: Available, Defined, Stopped, Diagnose; ``parent`` is "" without one."""

    name: Device
    cls: str
    subclass: str
    type: str
    status: str
    parent: str

    @property
    def is_available(self) -> bool:
        return self.status == "Available"


class TableRow(NamedTuple):
    """One row of the table.  ``location`` is "" where the column is blank."""

    name: Device
    status: str
    location: str
    description: str


def fields(*names: str) -> Callable[[str], Tuple[Tuple[str, ...], ...]]:
    """The parser for ``-F`` with these fields and colons between; the last one may hold colons."""

    def parse(text: str) -> Tuple[Tuple[str, ...], ...]:
        return tuple(_split(line, names) for line in rows_of(text))

    return parse


def _split(line: Line, names: Tuple[str, ...]) -> Tuple[str, ...]:
    words = line.text.rstrip().split(":", len(names) - 1)
    if len(words) != len(names):
        raise line.error(f"{len(names)} fields were expected, there are {len(words)}")
    row = dict(zip(names, words))
    if "name" in row:
        name(row["name"], line, "device")
    if "status" in row and row["status"] not in STATUSES:
        raise line.error(f"{row['status']!r} is not a status of a device")
    return tuple(words)


_FIELDS = ("name", "class", "subclass", "type", "status", "parent")


def parse(text: str) -> Tuple[DeviceRow, ...]:
    """``lsdev -F`` with _FIELDS: one DeviceRow per line.  ParseError when a device stands there twice."""
    rows = []
    seen = set()
    for line in rows_of(text):
        words = _split(line, _FIELDS)
        if ":" in words[-1]:
            raise line.error(f"more than {len(_FIELDS)} fields")
        if words[0] in seen:
            raise line.error(f"{words[0]} for the second time")
        seen.add(words[0])
        rows.append(DeviceRow(Device(words[0]), *words[1:]))
    return tuple(rows)


_ROW = re.compile(rf"(?P<head>(?P<name>\S+)\s+(?P<status>{'|'.join(STATUSES)}))(?P<gap>\s+)(?P<rest>\S.*?)\s*")
_LOCATION = re.compile(r"(?P<location>[0-9A-Z]+(?:-[0-9A-Z]+)+(?:,[0-9]+)*)\s+(?P<description>\S.*)")


def parse_table(text: str) -> Tuple[TableRow, ...]:
    """Plain ``lsdev -C``.  A location starts one blank behind the column of statuses and looks like 04-08-00-8,0."""
    lines = rows_of(text)
    if lines and lines[0].text.split() == ["name", "status", "location", "description"]:  # -H
        lines = lines[1:]
    rows = [(line, line.match(_ROW, "not a device and its status")) for line in lines]
    status_end = max((row.end("head") for _, row in rows), default=0)
    found = []
    for line, row in rows:
        location, description = "", row.group("rest")
        if row.start("rest") == status_end + 1:
            split = _LOCATION.fullmatch(description)
            if split is not None:
                location, description = split.group("location"), split.group("description")
        if row.start("rest") < status_end:
            raise line.error("something stands in the column of the status")
        found.append(
            TableRow(Device(name(row.group("name"), line, "device")), row.group("status"), location, description)
        )
    return tuple(found)


def parse_all(text: str) -> Tuple[DeviceRow, ...]:
    """DEVICES: as ``parse``; ParseError for no device at all, since sys0 is always there."""
    rows = parse(text)
    if not rows:
        raise ParseError("sys0 at least was expected")
    return rows


DEVICES = Query("lsdev", ("-C", "-F", ":".join(_FIELDS)), parse_all, about="devices", speaks=True)  # sys0 is there


def of_class(cls: str) -> Query[Tuple[DeviceRow, ...]]:
    """The devices of one class: disk, adapter, if, tape ..."""
    return Query("lsdev", ("-Cc", cls, "-F", ":".join(_FIELDS)), parse, about="devices")


def is_ip_interface(row: DeviceRow) -> bool:
    """Whether it may have an address that others can reach: every interface but the loopback."""
    return row.cls == "if" and not is_loopback(row.name)


def is_loopback(interface: str) -> bool:
    return interface.rstrip("0123456789") == "lo"


def is_ethernet(interface: str) -> bool:
    """Whether it is the standard interface (enN) of an Ethernet adapter, which is what drboot configures."""
    return interface[:2] == "en" and interface[2:].isdecimal()


def status_of(device: Device) -> Query[str]:
    """``Available``, ``Defined`` ..., or "" when there is no such device."""
    return Query("lsdev", ("-Cl", device, "-F", "status"), parse_status, about="devices")


def parse_status(text: str) -> str:
    rows = rows_of(text)
    if len(rows) > 1:
        raise rows[1].error("one status was expected")
    status = rows[0].text.strip() if rows else ""
    if status and status not in STATUSES:
        raise rows[0].error(f"{status!r} is not a status of a device")
    return status


def only(rows: Tuple[DeviceRow, ...], device: str) -> DeviceRow:
    """The row of this very device.  ParseError when it is not there."""
    for row in rows:
        if row.name == device:
            return row
    raise ParseError(f"there is no device {device}")
