"""Physical volumes: ``lspv``, ``lspv -u``, ``lspv hdiskN``, ``lspv -l hdiskN``, ``lspv -p hdiskN``.

``lspv`` prints one row for each disk that the ODM knows:

    hdisk0          00f939e23e8ab01a                    rootvg          active
    hdisk3          000664cd863d5728                    prodvg
    hdisk9          none                                None

Columns: name, PVID or ``none``, VG or ``None`` (mind the case), state.  The state is empty for a disk
without VG and for a VG that is not varied on.  The VG column is not always a VG: PowerHA's repository
(caavg_private), a Spectrum Scale NSD and altinst_rootvg stand there too.  One PVID may stand on several
rows.  A disk that is not LVM's may have letters beyond f in its PVID (``000000000r508909``).
Columns are read by white space: their widths differ between levels, tabs occur, rows end in blanks.
VIOS prints a header.  No disk at all: no output.  ``-u`` adds UDID and UUID; the UDID may contain blanks and
touch the UUID, which is the last 36 characters where there is one.

``lspv hdiskN`` is a form of two columns of ``KEY: value``; the row of the PV IDENTIFIER breaks the columns
and its ``VG IDENTIFIER`` has no colon.  Sizes in MB, counts in PPs.  In a VG that is not varied on most
values are ``???????`` (None here).

Source: lspv/06 (7.3), 09 and 10 (5.3), 11 (6.1), 16 (7.x), 18 (VIOS 2.2), 20, 25 (6.1 TL7), 28 (7.2), 34;
long form 01, 02, 04, 13 (6.1), 33 (7.2); -l 21 (6.1); -p 24 (7.2); a UDID, and no UUID behind it:
        theunixguide.blogspot.com/2017/03/aix-unique-fcs-id-disk-id-udid.html; the PVID of a repository disk under
        PowerPath: github.com/chhanz, post "[HACMP71] Force remove cluster".
Assumed: state ``locked`` exists; no transcript shows it.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from drboot.facts import form, messages
from drboot.facts.base import Line, ParseError, Query, ignore, lines_of, rows_of
from drboot.facts.types import Hdisk, LvName, MountPoint, Pvid, Vgid, VgName, name, pvid, vgid

IGNORE = (
    ignore(r"^NAME +PVID +VG +STATUS *$", "header, VIOS only"),
    ignore(r"^LV NAME +LPs +PPs +DISTRIBUTION +MOUNT POINT *$", "header of -l"),
    ignore(r"^PP RANGE +STATE +REGION +LV NAME +TYPE +MOUNT POINT *$", "header of -p"),
    ignore(r"(?<=: )\?{7}(?= |$)|(?<= )\?{7}(?= |$)", "what cannot be read while the VG is varied off: None"),
    ignore(form.UNITS, "unit, fixed by the key"),
    ignore(r"\bN/A$", "no mount point: None"),
    ignore(r"(?<=[ \t])None\b", "no VG, or no mirror pool"),
    ignore(r"(?<=[0-9])-(?=[0-9]+ +(?:used|free|stale))", "from PP to PP"),
    ignore(r"(?<= )none\b", "no PVID"),
)

STATES = ("active", "concurrent", "locked")


class Pv(NamedTuple):
    """One row of lspv.  ``pvid`` and ``vg`` are None where AIX says none; ``state`` is "" for not varied on."""

    name: Hdisk
    pvid: Optional[Pvid]
    vg: Optional[VgName]
    state: str

    @property
    def is_active(self) -> bool:
        return self.state == "active"


class PvIds(NamedTuple):
    """One row of lspv -u: the row of lspv, then what the disk calls itself.  "" where nothing is shown."""

    pv: Pv
    udid: str
    uuid: str


class LongPv(NamedTuple):
    """``lspv hdiskN``.  Sizes in MB and PPs; None where the VG is not varied on."""

    name: Hdisk
    vg: VgName
    pvid: Pvid
    vgid: Vgid
    state: Optional[str]
    stale_partitions: Optional[int]
    allocatable: Optional[str]
    pp_size_mb: Optional[int]
    logical_volumes: Optional[int]
    total_pps: Optional[int]
    vg_descriptors: Optional[int]
    free_pps: Optional[int]
    used_pps: Optional[int]
    rows: Tuple[Tuple[str, str], ...]  # every KEY and its value as printed, in order


class LvOnPv(NamedTuple):
    """One row of lspv -l: a logical volume on this disk, counts in LPs and PPs."""

    lv: LvName
    lps: int
    pps: int
    distribution: str
    mount_point: Optional[MountPoint]


class PpRange(NamedTuple):
    """One row of lspv -p: physical partitions ``first`` to ``last``.  ``lv`` and ``type`` are "" when free."""

    first: int
    last: int
    state: str
    region: str
    lv: str
    type: str
    mount_point: Optional[MountPoint]


_OF_NO_LVM = re.compile("[0-9a-z]{16}")  # kept as it stands: one that no volume group has costs no other its disks
_HEADER = re.compile(r"NAME\s+PVID\s+VG\s+STATUS\s*")
_UUID_AT_END = re.compile(r"(?P<uuid>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\s*$")
_UDID_ALONE = re.compile(r"[0-9A-F]{2}(?!.*[0-9a-f]{8}-)\S.*")
_WITH_IDS = re.compile(rf"(?P<row>\S+\s+\S+\s+\S+(?:\s+(?:{'|'.join(STATES)})(?=\s|$))?)(?:\s+(?P<udid>\S.*)|\s*)")


def parse(text: str) -> Tuple[Pv, ...]:
    """``lspv``: one Pv per row, in the order of the output."""
    return _unique([(line, _row(line, line.text.split())) for line in _without_header(text)])


def parse_ids(text: str) -> Tuple[PvIds, ...]:
    """``lspv -u``: one PvIds per row."""
    found = []
    for line in _without_header(text):
        uuid = _UUID_AT_END.search(line.text)
        before = Line(line.number, line.text[: uuid.start()] if uuid else line.text.rstrip())
        row = before.match(_WITH_IDS, "not a row of lspv -u")
        if row.group("udid") and uuid is None and not _UDID_ALONE.fullmatch(before.text, row.start("udid")):
            raise line.error("a UDID without UUID")
        pv = _row(line, row.group("row").split())
        found.append(PvIds(pv, (row.group("udid") or "").rstrip(), uuid.group("uuid") if uuid else ""))
    _unique([(Line(0, ""), entry.pv) for entry in found])
    return tuple(found)


def _without_header(text: str) -> List[Line]:
    rows = messages.taken_out(rows_of(text))
    return rows[1:] if rows and _HEADER.fullmatch(rows[0].text) else rows


def _row(line: Line, words: List[str]) -> Pv:
    if len(words) not in (3, 4):
        raise line.error("a row of lspv has 3 or 4 words")
    state = words[3] if len(words) == 4 else ""
    if state and state not in STATES:
        raise line.error(f"{state!r} is not a state of lspv")
    return Pv(
        Hdisk(name(words[0], line, "physical volume")),
        None if words[1] == "none" else Pvid(words[1]) if _OF_NO_LVM.fullmatch(words[1]) else pvid(words[1], line),
        None if words[2] == "None" else VgName(name(words[2], line, "volume group")),
        state,
    )


def _unique(rows: List[Tuple[Line, Pv]]) -> Tuple[Pv, ...]:
    seen = set()
    for line, pv in rows:
        if pv.name in seen:
            raise ParseError(f"{pv.name} stands on two rows", line.number, line.text)
        seen.add(pv.name)
    return tuple(pv for _, pv in rows)


SECOND_COLUMN = (
    "VOLUME GROUP", "VG IDENTIFIER", "ALLOCATABLE", "LOGICAL VOLUMES", "VG DESCRIPTORS", "HOT SPARE", "MAX REQUEST",
)  # fmt: skip


def parse_long(text: str) -> LongPv:
    """``lspv hdiskN``.  ParseError when it is not the form, or a key that identifies the disk is missing."""
    rows = form.pairs(rows_of(text), SECOND_COLUMN)
    found: Dict[str, Tuple[str, Line]] = form.by_key(rows)

    def word(key: str) -> Tuple[str, Line]:
        return form.required(found, key)

    return LongPv(
        name=Hdisk(name(*word("PHYSICAL VOLUME"), "physical volume")),
        vg=VgName(name(*word("VOLUME GROUP"), "volume group")),
        pvid=pvid(*word("PV IDENTIFIER")),
        vgid=vgid(*word("VG IDENTIFIER")),
        state=form.text(found, "PV STATE"),
        stale_partitions=form.count(found, "STALE PARTITIONS"),
        allocatable=form.text(found, "ALLOCATABLE"),
        pp_size_mb=form.count(found, "PP SIZE"),
        logical_volumes=form.count(found, "LOGICAL VOLUMES"),
        total_pps=form.count(found, "TOTAL PPs"),
        vg_descriptors=form.count(found, "VG DESCRIPTORS"),
        free_pps=form.count(found, "FREE PPs"),
        used_pps=form.count(found, "USED PPs"),
        rows=tuple((key, value) for key, value, _ in rows),
    )


_TITLE = re.compile(rf"(?P<name>{form.NAME}):\s*")
_LV_HEADER = re.compile(r"LV NAME\s+LPs\s+PPs\s+DISTRIBUTION\s+MOUNT POINT\s*")
_DISTRIBUTION = re.compile(r"[0-9]+(?:\.\.[0-9]+){4}")
_PP_HEADER = re.compile(r"PP RANGE\s+STATE\s+REGION\s+LV NAME\s+TYPE\s+MOUNT POINT\s*")
_REGION = r"outer edge|outer middle|center|inner middle|inner edge"
_PP_ROW = re.compile(
    rf"\s*(?P<first>[0-9]+)-(?P<last>[0-9]+)\s+(?P<state>used|free|stale)\s+(?P<region>{_REGION})"
    r"(?:\s+(?P<lv>\S+)\s+(?P<type>\S+)\s+(?P<mount>\S.*?))?\s*"
)


def parse_lvs(text: str) -> Tuple[Hdisk, Tuple[LvOnPv, ...]]:
    """``lspv -l hdiskN``: the disk and the logical volumes on it."""
    disk, rows = _titled(text, _LV_HEADER)
    found = []
    for line in rows:
        words = line.text.split(None, 4)
        if len(words) != 5 or not _DISTRIBUTION.fullmatch(words[3]):
            raise line.error("not a row of lspv -l")
        found.append(
            LvOnPv(
                LvName(name(words[0], line, "logical volume")),
                line.whole(words[1], "LPs"),
                line.whole(words[2], "PPs"),
                words[3],
                form.mount_point(words[4].rstrip()),
            )
        )
    return disk, tuple(found)


def parse_pps(text: str) -> Tuple[Hdisk, Tuple[PpRange, ...]]:
    """``lspv -p hdiskN``: the disk and its partitions, range by range."""
    disk, rows = _titled(text, _PP_HEADER)
    found = []
    for line in rows:
        row = line.match(_PP_ROW, "not a row of lspv -p")
        found.append(
            PpRange(
                line.whole(row.group("first"), "PP"),
                line.whole(row.group("last"), "PP"),
                row.group("state"),
                row.group("region"),
                row.group("lv") or "",
                row.group("type") or "",
                form.mount_point(row.group("mount") or "N/A"),
            )
        )
    return disk, tuple(found)


def _titled(text: str, header: re.Pattern[str]) -> Tuple[Hdisk, List[Line]]:
    rows = [line for line in lines_of(text) if line.text.strip()]
    if len(rows) < 2:
        raise ParseError("a title and a header were expected")
    title = rows[0].match(_TITLE, "not the name of a disk and a colon")
    rows[1].match(header, "not the header")
    return Hdisk(title.group("name")), rows[2:]


PVS = Query("lspv", (), parse, about="lvm", speaks=True)  # the disk that this system runs from
PV_IDS = Query("lspv", ("-u",), parse_ids, about="lvm")


def long(disk: Hdisk) -> Query[LongPv]:
    """``lspv hdiskN``; exit status 1 when the VG is not varied on, although the form is printed.

    Source: lspv/02; 0516-010 goes to stderr (IBM/ansible-power-aix lvm_facts.py).
    """
    return Query("lspv", (disk,), parse_long, about="lvm")


def lvs(disk: Hdisk) -> Query[Tuple[Hdisk, Tuple[LvOnPv, ...]]]:
    return Query("lspv", ("-l", disk), parse_lvs, about="lvm")
