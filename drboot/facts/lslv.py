"""One logical volume: ``lslv LV``, a form of ``KEY: value`` (see form.py).

    LOGICAL VOLUME:     hd5                    VOLUME GROUP:   rootvg
    LV IDENTIFIER:      00c6ce9d00004c000000014302ee7629.1 PERMISSION:     read/write
    MOUNT POINT:        N/A                    LABEL:          primary_bootlv

LV IDENTIFIER is the VG's, a dot and a number.  Sizes in MB, counts in LPs and PPs.  MOUNT POINT ``N/A`` and LABEL
``None``: None here.  DEVICE UID, GID and PERMISSIONS (decimal: 432 is 0660) stand there for a scalable VG of 7.3; later
levels append rows.  LV STATE: opened or closed, then syncd or stale.

``lslv -m LV``: for each logical partition the PP and the PV of each copy:

    fslv00:/data
    LP    PP1  PV1               PP2  PV2               PP3  PV3
    0001  0110 hdisk1            0110 hdisk3

Source: lslv/01 to 07 (6.1), 09, 10 (7.3); the manual's example for -m.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts import form
from drboot.facts.base import ParseError, Query, ignore, rows_of
from drboot.facts.types import LvId, LvName, MountPoint, VgName, name

IGNORE = (
    ignore(form.UNITS, "unit, fixed by the key"),
    ignore(r"^LP +PP1 +PV1 +PP2 +PV2 +PP3 +PV3 *$", "header of -m"),
)

SECOND_COLUMN = (
    "VOLUME GROUP", "PERMISSION", "LV STATE", "WRITE VERIFY", "PP SIZE", "SCHED POLICY", "PPs", "BB POLICY",
    "RELOCATABLE", "UPPER BOUND", "LABEL", "DEVICE GID", "PREFERRED READ",
)  # fmt: skip


class Lv(NamedTuple):
    """uid, gid and mode (as in chmod, 0o660) are None where the level does not print them."""

    name: LvName
    vg: VgName
    lv_id: LvId
    type: str
    state: str
    lps: int
    pps: int
    copies: int
    pp_size_mb: int
    stale_pps: int
    mount_point: Optional[MountPoint]
    label: Optional[str]
    uid: Optional[int]
    gid: Optional[int]
    mode: Optional[int]
    rows: Tuple[Tuple[str, str], ...]

    @property
    def is_open(self) -> bool:
        return self.state.startswith("open")


def parse(text: str) -> Lv:
    """``lslv LV``.  ParseError when a row that identifies the LV is missing."""
    rows = form.pairs(rows_of(text), SECOND_COLUMN)
    found = form.by_key(rows)

    def count(key: str) -> int:
        number = form.count(found, key)
        if number is None:
            raise found[key][1].error(f"{key} is unknown")
        return number

    lv_id, line = form.required(found, "LV IDENTIFIER")
    if not re.fullmatch(r"[0-9a-f]{32}\.[0-9]+", lv_id):
        raise line.error("LV IDENTIFIER is not a VG identifier, a dot and a number")
    label = form.required(found, "LABEL")[0]
    return Lv(
        name=LvName(name(*form.required(found, "LOGICAL VOLUME"), "logical volume")),
        vg=VgName(name(*form.required(found, "VOLUME GROUP"), "volume group")),
        lv_id=LvId(lv_id),
        type=form.required(found, "TYPE")[0],
        state=form.required(found, "LV STATE")[0],
        lps=count("LPs"),
        pps=count("PPs"),
        copies=count("COPIES"),
        pp_size_mb=count("PP SIZE"),
        stale_pps=count("STALE PPs"),
        mount_point=form.mount_point(form.required(found, "MOUNT POINT")[0]),
        label=None if label == "None" else label,
        uid=count("DEVICE UID") if "DEVICE UID" in found else None,
        gid=count("DEVICE GID") if "DEVICE GID" in found else None,
        mode=count("DEVICE PERMISSIONS") if "DEVICE PERMISSIONS" in found else None,
        rows=tuple((key, value) for key, value, _ in rows),
    )


def lv(lv_name: LvName) -> Query[Lv]:
    return Query("lslv", (lv_name,), parse, about="lvm")


class Partition(NamedTuple):
    """One logical partition, and the PVs of its copies: hdisks, or PVIDs where no hdisk holds the PV."""

    lp: int
    pvs: Tuple[str, ...]


_PARTITION = re.compile(r"\s*(?P<lp>[0-9]+)(?P<copies>(?:\s+[0-9]+\s+[A-Za-z0-9_.\-]+){1,3})\s*")


def parse_map(text: str) -> Tuple[Partition, ...]:
    """``lslv -m LV``: every logical partition.  ParseError where the two lines on top are missing."""
    rows = rows_of(text)
    if len(rows) < 2 or ":" not in rows[0].text or rows[1].text.split()[:3] != ["LP", "PP1", "PV1"]:
        raise ParseError("the name of the logical volume and the header were expected")
    found = []
    for line in rows[2:]:
        match = line.match(_PARTITION, "not a logical partition and its copies")
        found.append(Partition(int(match.group("lp")), tuple(match.group("copies").split()[1::2])))
    return tuple(found)


def copies(lv_name: LvName) -> Query[Tuple[Partition, ...]]:
    return Query("lslv", ("-m", lv_name), parse_map, about="lvm")
