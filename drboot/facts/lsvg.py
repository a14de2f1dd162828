"""Volume groups: ``lsvg``, ``lsvg -o``, ``lsvg VG``, ``lsvg -p VG...``, ``lsvg -l VG...``.

``lsvg`` prints the name of every VG that the ODM knows, ``lsvg -o`` only those that are varied on, one per
line, in no order to rely on.  ``lsvg VG`` is a form (see form.py).  ``-p`` and ``-l`` print a table for each VG,
without blank line between two of them:

    rootvg:
    PV_NAME           PV STATE          TOTAL PPs   FREE PPs    FREE DISTRIBUTION
    hdisk0            active            546         0           00..00..00..00..00
    0516-304 : Unable to find device id 00ce4b6a01292201 in the Device
           Configuration Database.
    00ce4b6a01292201  missing           2157        1019        174..71..00..342..432

    rootvg:
    LV NAME             TYPE       LPs     PPs     PVs  LV STATE      MOUNT POINT
    hd5                 boot       1       1       1    closed/syncd  N/A

Counts in PPs and LPs.  A PV that no hdisk holds is shown by its PVID, with a message between the rows; on
which stream that message comes is not known, so it is accepted here.  MOUNT POINT is the label of the LV,
``N/A`` (None) without one: no proof of a mount.  PV STATE: active, missing, removed.  LV STATE: open or
closed, then syncd or stale.  For a VG that is not varied on there is no table, only 0516-010 and an exit status
that is not 0.

Source: lsvg/01, 09 (6.1), 08, 20 (7.3); -o 12 (7.3); -p 18, 19; -l 03 (6.1), 05 (narrow columns), 13 to 17 (7.3),
23 (7.2), 26; PV states: lvm-and-filesystems of the reference, from the manual.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Pattern, Tuple, Union

from drboot.facts import form, messages
from drboot.facts.base import Line, ParseError, Query, ignore, rows_of
from drboot.facts.types import Hdisk, LvName, MountPoint, Pvid, Vgid, VgName, name, vgid

IGNORE = (
    ignore(r"^PV_NAME +PV STATE +TOTAL PPs +FREE PPs +FREE DISTRIBUTION *$", "header of -p"),
    ignore(r"^LV NAME +TYPE +LPs +PPs +PVs +LV STATE +MOUNT POINT *$", "header of -l"),
    ignore(r"^0516-304 : Unable to find device id [0-9a-f]+ in the Device\n +Configuration Database\.$", "a message"),
    ignore(form.UNITS, "unit, fixed by the key"),
    ignore(r"\bN/A$", "no mount point: None"),
)


class Vg(NamedTuple):
    """``lsvg VG``.  ``pp_size_mb`` in MB, the other counts in PPs and PVs.

    quorum_enabled  None where the level prints only a number (5.3, 6.1)
    auto_on         varied on at boot
    rows            every KEY and its value as printed, in order
    """

    name: VgName
    vgid: Vgid
    state: str
    permission: str
    pp_size_mb: int
    total_pps: int
    free_pps: int
    used_pps: int
    lvs: int
    open_lvs: int
    quorum: int
    quorum_enabled: Optional[bool]
    total_pvs: int
    active_pvs: int
    stale_pvs: int
    stale_pps: int
    auto_on: bool
    rows: Tuple[Tuple[str, str], ...]

    @property
    def has_quorum(self) -> bool:
        """5.3 and 6.1 print a bare number: 1 is what a VG without quorum asks for."""
        return self.quorum > 1 if self.quorum_enabled is None else self.quorum_enabled


class PvInVg(NamedTuple):
    """One row of lsvg -p.  ``name`` is the PVID when no hdisk holds the PV; counts in PPs."""

    name: Union[Hdisk, Pvid]
    state: str
    total_pps: int
    free_pps: int
    distribution: str

    @property
    def is_nameless(self) -> bool:
        return re.fullmatch("[0-9a-f]{16}", self.name) is not None


class LvInVg(NamedTuple):
    """One row of lsvg -l.  ``label`` is the mount point that the LV's control block names, None without one."""

    name: LvName
    type: str
    lps: int
    pps: int
    pvs: int
    state: str
    label: Optional[MountPoint]

    @property
    def is_open(self) -> bool:
        return self.state.startswith("open")

    @property
    def is_stale(self) -> bool:
        return self.state.endswith("stale")


def parse_names(text: str) -> Tuple[VgName, ...]:
    """``lsvg`` and ``lsvg -o``: the names in the order of the output.  ParseError for none: rootvg is always there."""
    found: List[VgName] = []
    for line in messages.taken_out(rows_of(text)):
        vg = VgName(name(line.text.strip(), line, "volume group"))
        if vg in found:
            raise line.error(f"{vg} for the second time")
        found.append(vg)
    if not found:
        raise ParseError("rootvg at least was expected")
    return tuple(found)


SECOND_COLUMN = (
    "VG IDENTIFIER", "PP SIZE", "TOTAL PPs", "FREE PPs", "USED PPs", "QUORUM", "VG DESCRIPTORS", "STALE PPs", "AUTO ON",
    "MAX PVs", "AUTO SYNC", "BB POLICY", "INFINITE RETRY", "CRITICAL VG", "CRITICAL PVs",
)  # fmt: skip


def parse_vg(text: str) -> Vg:
    """``lsvg VG``.  ParseError when a row that a plan needs is missing or unreadable."""
    rows = form.pairs(rows_of(text), SECOND_COLUMN)
    found: Dict[str, Tuple[str, Line]] = form.by_key(rows)

    def count(key: str) -> int:
        number = form.count(found, key)
        if number is None:
            raise found[key][1].error(f"{key} is unknown")
        return number

    quorum, quorum_line = form.required(found, "QUORUM")
    quorum_parts = re.fullmatch(r"([0-9]+)(?: \((Enabled|Disabled)\))?", quorum)
    if quorum_parts is None:
        raise quorum_line.error("QUORUM is not a number, with Enabled or Disabled behind it")
    auto_on, auto_line = form.required(found, "AUTO ON")
    if auto_on not in ("yes", "no"):
        raise auto_line.error("AUTO ON is neither yes nor no")
    return Vg(
        name=VgName(name(*form.required(found, "VOLUME GROUP"), "volume group")),
        vgid=vgid(*form.required(found, "VG IDENTIFIER")),
        state=form.required(found, "VG STATE")[0],
        permission=form.required(found, "VG PERMISSION")[0],
        pp_size_mb=count("PP SIZE"),
        total_pps=count("TOTAL PPs"),
        free_pps=count("FREE PPs"),
        used_pps=count("USED PPs"),
        lvs=count("LVs"),
        open_lvs=count("OPEN LVs"),
        quorum=int(quorum_parts.group(1)),
        quorum_enabled=None if quorum_parts.group(2) is None else quorum_parts.group(2) == "Enabled",
        total_pvs=count("TOTAL PVs"),
        active_pvs=count("ACTIVE PVs"),
        stale_pvs=count("STALE PVs"),
        stale_pps=count("STALE PPs"),
        auto_on=auto_on == "yes",
        rows=tuple((key, value) for key, value, _ in rows),
    )


_TITLE = re.compile(rf"(?P<vg>{form.NAME}):\s*")
_PV_HEADER = re.compile(r"PV_NAME\s+PV STATE\s+TOTAL PPs\s+FREE PPs\s+FREE DISTRIBUTION\s*")
_PV_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<state>active|missing|removed)\s+(?P<total>[0-9]+)\s+(?P<free>[0-9]+)"
    r"\s+(?P<distribution>[0-9]+(?:\.\.[0-9]+){4})\s*"
)
_LV_HEADER = re.compile(r"LV NAME\s+TYPE\s+LPs\s+PPs\s+PVs\s+LV STATE\s+MOUNT POINT\s*")
_LV_ROW = re.compile(
    r"(?P<name>\S+)\s+(?P<type>\S+)\s+(?P<lps>[0-9]+)\s+(?P<pps>[0-9]+)\s+(?P<pvs>[0-9]+)"
    r"\s+(?P<state>(?:open(?:ed)?|closed)/(?:syncd|stale))\s+(?P<label>\S.*?)\s*"
)


def _tables(text: str, header: Pattern[str]) -> List[Tuple[VgName, List[Line]]]:
    """Each VG with the lines of its table, title and header taken off."""
    lines = messages.taken_out(rows_of(text))
    found: List[Tuple[VgName, List[Line]]] = []
    for line, following in zip(lines, [*lines[1:], None]):
        if header.fullmatch(line.text):
            if not found or found[-1][1]:
                raise line.error("a header without a title before it")
            found[-1][1].append(line)
        elif following is not None and header.fullmatch(following.text):
            found.append((VgName(line.match(_TITLE, "not a VG and a colon").group("vg")), []))
        elif not found:
            raise line.error("not a VG and a colon, followed by the header")
        else:
            found[-1][1].append(line)
    if not found:
        raise ParseError("there is no table of a volume group")
    names = [vg for vg, _ in found]
    if len(names) != len(set(names)):
        raise ParseError("a volume group stands there twice")
    return [(vg, rows[1:]) for vg, rows in found]


def parse_pvs(text: str) -> Tuple[Tuple[VgName, Tuple[PvInVg, ...]], ...]:
    """``lsvg -p VG...``: each VG with its PVs, in order."""
    return tuple((vg, tuple(_pv(line) for line in rows)) for vg, rows in _tables(text, _PV_HEADER))


def _pv(line: Line) -> PvInVg:
    row = line.match(_PV_ROW, "not a row of lsvg -p")
    return PvInVg(
        Hdisk(name(row.group("name"), line, "physical volume")),
        row.group("state"),
        int(row.group("total")),
        int(row.group("free")),
        row.group("distribution"),
    )


def parse_lvs(text: str) -> Tuple[Tuple[VgName, Tuple[LvInVg, ...]], ...]:
    """``lsvg -l VG...``: each VG with its LVs, in order."""
    return tuple((vg, tuple(_lv(line) for line in rows)) for vg, rows in _tables(text, _LV_HEADER))


def _lv(line: Line) -> LvInVg:
    row = line.match(_LV_ROW, "not a row of lsvg -l")
    return LvInVg(
        LvName(name(row.group("name"), line, "logical volume")),
        row.group("type"),
        int(row.group("lps")),
        int(row.group("pps")),
        int(row.group("pvs")),
        row.group("state"),
        form.mount_point(row.group("label")),
    )


# What lsvg lists and nobody imports: the running system, copies of it (alt_disk_copy, after a boot from one), and the
# repository of a cluster.  Source: aix/lvm-and-filesystems.md section 2.
NOT_DATA = ("rootvg", "altinst_rootvg", "old_rootvg", "caavg_private")
ALL = Query("lsvg", (), parse_names, about="lvm", speaks=True)  # rootvg is there
VARIED_ON = Query("lsvg", ("-o",), parse_names, about="lvm", speaks=True)


def vg(vg_name: VgName) -> Query[Vg]:
    return Query("lsvg", (vg_name,), parse_vg, about="lvm")


def pvs(*vg_names: VgName) -> Query[Tuple[Tuple[VgName, Tuple[PvInVg, ...]], ...]]:
    """The PVs of these VGs, which must be varied on, in one command."""
    return Query("lsvg", ("-p", *vg_names), parse_pvs, about="lvm")


def lvs(*vg_names: VgName) -> Query[Tuple[Tuple[VgName, Tuple[LvInVg, ...]], ...]]:
    """The LVs of these VGs, which must be varied on, in one command."""
    return Query("lsvg", ("-l", *vg_names), parse_lvs, about="lvm")
