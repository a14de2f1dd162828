"""One logical volume: ``lslv LV``, a form of ``KEY: value`` (see form.py).

    LOGICAL VOLUME:     hd5                    VOLUME GROUP:   rootvg
    LV IDENTIFIER:      00c6ce9d00004c000000014302ee7629.1 PERMISSION:     read/write
    MOUNT POINT:        N/A                    LABEL:          primary_bootlv

LV IDENTIFIER is the VG's, a dot and a number.  Sizes in MB, counts in LPs and PPs.  MOUNT POINT ``N/A`` and LABEL
``None``: None here.  DEVICE UID, GID and PERMISSIONS (decimal: 432 is 0660) stand there for a scalable VG of 7.3; later
levels append rows.  LV STATE: opened or closed, then syncd or stale.

Source: lslv/01 to 07 (6.1), 09, 10 (7.3).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts import form
from drboot.facts.base import Query, ignore, rows_of
from drboot.facts.types import LvId, LvName, MountPoint, VgName, name

IGNORE = (ignore(form.UNITS, "unit, fixed by the key"),)

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
