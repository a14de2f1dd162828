"""Which LUN is which: what the people who map the replicas need, and at DR what of it has arrived.

    disk     PVID              size MB  volume group  role
    hdisk0   00f6f5d00a4b8c11    40960  rootvg        boot
             unique_id 3E213600A0B80002FC7E10000...; serial 50C1A2F0

A disk is the same disk by its PVID, which the replica carries; unique_id and serial are the home LUN's, so that home's
array administrators find it, and never those of the replica.  Pure; nothing here asks an array.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from drboot.capture import Capture, Disk
from drboot.errors import plain

COLUMNS = ("host", "site", "disk", "pvid", "size_mb", "vg", "role", "unique_id", "serial")
ARRIVED, MISSING, TWICE, OTHER_SIZE, NOT_OURS = "arrived", "MISSING", "TWICE", "OTHER SIZE", "not ours"


class Row(NamedTuple):
    """A disk as it is at home.  size_mb: what LVM uses of it, 0 when not known.  role: boot, data or free."""

    host: str
    site: str
    disk: str
    pvid: str
    size_mb: int
    vg: str
    role: str
    unique_id: str
    serial: str


class Arrival(NamedTuple):
    """What has become of a disk here.

    state  arrived; MISSING; TWICE: two disks here have this PVID; OTHER SIZE; not ours: no disk of home has this PVID
    here   the disks that have the PVID here
    """

    state: str
    row: Row
    here: Tuple[Disk, ...]


def rows(capture: Capture) -> Tuple[Row, ...]:
    """The disks of a capture: rootvg's first, then by volume group and PVID; those of no volume group last."""
    made = [_row(capture, disk) for disk in capture.disks]
    return tuple(sorted(made, key=lambda row: (row.role != "boot", row.role != "data", row.vg, row.pvid)))


def _row(capture: Capture, disk: Disk) -> Row:
    role = "boot" if disk.vg == "rootvg" else "data" if disk.vg else "free"
    return Row(capture.host, capture.site, disk.hdisk, disk.pvid, disk.size, disk.vg, role, disk.unique_id, disk.serial)


def arrivals(home: Capture, here: Sequence[Disk]) -> Tuple[Arrival, ...]:
    """Every disk of home with what is here of it; then the disks here that home does not know.

    Home's free disks are looked for as well, and said to be missing: whether they are replicated is for people to know.
    The size is compared where LVM shows one on both sides, which it does once the volume group is varied on.
    """
    found: Dict[str, List[Disk]] = {}
    for disk in here:
        found.setdefault(disk.pvid, []).append(disk)
    known = rows(home)
    made = [Arrival(_state(row, found.get(row.pvid, [])), row, tuple(found.get(row.pvid, ()))) for row in known]
    strangers = [disk for disk in here if disk.pvid not in {row.pvid for row in known}]
    made += [Arrival(NOT_OURS, _row(home, disk)._replace(site="", role="free"), (disk,)) for disk in strangers]
    return tuple(made)


def _state(row: Row, here: Sequence[Disk]) -> str:
    if not here:
        return MISSING
    if len(here) > 1:
        return TWICE
    return OTHER_SIZE if row.size_mb and here[0].size and row.size_mb != here[0].size else ARRIVED


def is_complete(made: Sequence[Arrival]) -> bool:
    """Whether every disk of a volume group of home is here, once, as large as it was."""
    return all(one.state in (ARRIVED, NOT_OURS) or one.row.role == "free" for one in made)


def table(known: Sequence[Row]) -> Iterator[str]:
    """For people, within 80 columns but for a unique_id that is longer."""
    yield f"{'disk':<8} {'PVID':<16} {'size MB':>9}  {'volume group':<15} role"
    for row in known:
        size = str(row.size_mb or "-")
        yield f"{row.disk:<8} {row.pvid:<16} {size:>9}  {row.vg or '-':<15} {row.role}"
        yield from _lun(row.unique_id, row.serial)


def _lun(unique_id: str, serial: str) -> Iterator[str]:
    if unique_id:
        yield f"{'':<8} unique_id {plain(unique_id)}"
    if serial:
        yield f"{'':<8} serial {plain(serial)}"


def arrival_table(made: Sequence[Arrival]) -> Iterator[str]:
    """For people: what is wrong first."""
    yield f"{'at home':<8} {'PVID':<16} {'volume group':<15} {'here':<15} state"
    for one in sorted(made, key=lambda one: one.state in (ARRIVED, NOT_OURS)):
        row = one.row
        home, here = row.disk if row.site else "-", " ".join(disk.hdisk for disk in one.here) or "-"
        yield f"{home:<8} {row.pvid:<16} {row.vg or '-':<15} {here:<15} {one.state}"
        if one.state in (MISSING, OTHER_SIZE):
            sizes = f"size {row.size_mb} MB" + (f" at home, {one.here[0].size} MB here" if one.here else "")
            yield f"{'':<8} {sizes if row.size_mb else 'size not known'}"
            yield from _lun(row.unique_id, row.serial)
    count = Counter(one.state for one in made)
    yield ", ".join(f"{number} {state}" for state, number in count.items())


def as_csv(known: Sequence[Row]) -> str:
    """One line per disk below a line of column names."""
    return _csv(COLUMNS, known)


def arrivals_csv(made: Sequence[Arrival]) -> str:
    """The same, with the state and the names here in front."""
    rows = [(one.state, " ".join(disk.hdisk for disk in one.here), *one.row) for one in made]
    return _csv(("state", "here", *COLUMNS), rows)


def _csv(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_inert(value) for value in row] for row in rows)
    return out.getvalue()


def _inert(value: object) -> object:
    """ASCII, and what a spreadsheet would take for a formula behind a quote: serials and ids are what arrays answer.

    Source: the csv module of Python 3.9 leaves a carriage return unquoted, and cannot read it back.
    """
    if not isinstance(value, str):
        return value
    text = plain(value)
    return f"'{text}" if text.startswith(("=", "+", "-", "@")) else text
