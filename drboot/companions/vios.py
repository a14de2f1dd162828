"""What a Virtual I/O Server prints about a shared storage pool: cluster, lu, pv, lsmap and lspv, as padmin sees them.

    $ lu -list
    POOL_NAME: viopool
    TIER_NAME: SYSTEM
    LU_NAME                 SIZE(MB)    UNUSED(MB)  UDID
    sspdisk1_750lpar11      10240       7251        4f42b83c0ed7e826a4784b204b1c81ea

Blank lines mean nothing, lines of the form ``NAME: value`` are headings.  A udid that was too long for its column ends
in ``~`` and is no udid any more: ``-fmt ,`` prints it whole.

Source: the seed document (its listings of pv, lu, cluster, lsmap and lspv on VIOS 2.2.3); the pages of the commands
cluster, lu, pv, lsmap and lspv in IBM's Power documentation for what the document's copy has lost.
Assumed: pv -list -fmt , has pool, tier, failure group, name, size, state, udid; the seed takes the 7th field as udid.
Assumed: lsmap shows client 0x00000000 where it is not known whose the adapter is: its LPAR is off, or any may have it.
Assumed: lu -list puts snapshots below a line SNAPSHOTS, and a row of four columns below that is a logical unit again.
"""

from __future__ import annotations

import re
from typing import Iterator, List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, lines_of

OK = "OK"
_HEADING = re.compile(r"[A-Z_]+: ?\S.*|[A-Z_]+:")
_NODE = re.compile(r"(?P<name>\S+)\s+(?P<mtm>\S+)\s+(?P<number>\d+)\s+(?P<state>[A-Z_]+)(?:\s+(?P<pool>[A-Z_]+))?")


class Node(NamedTuple):
    """A VIOS of a cluster.  state, pool_state: OK, DOWN, DEGRADED ...; "" where the pool has none."""

    name: str
    mtm: str
    state: str
    pool_state: str


class Cluster(NamedTuple):
    """A cluster.  name, state: "" where their line is missing; the seed's own copy has lost it."""

    name: str
    state: str
    nodes: Tuple[Node, ...]


class Lu(NamedTuple):
    """A logical unit.  size, unused: MB."""

    name: str
    size: int
    unused: int
    udid: str

    @property
    def device(self) -> str:
        """As lsmap names it among the backing devices."""
        return f"{self.name}.{self.udid}"


class PoolDisk(NamedTuple):
    """A disk of a pool.  ``udid`` "" where it was cut off."""

    pool: str
    name: str
    size: int
    state: str
    udid: str


class Backing(NamedTuple):
    """A virtual target device: what backs it, and the server adapter and client partition that it is mapped to.

    client  the number of the partition, 0 where lsmap does not know it
    status  of the virtual target device: Available, or Defined where the client does not see it; "" where not shown
    """

    adapter: str
    client: int
    vtd: str
    device: str
    status: str = ""


class Disk(NamedTuple):
    """A row of lspv.  pvid "" and vg "" for none."""

    name: str
    pvid: str
    vg: str


def answers(text: str) -> str:
    """What a saved session says: without its prompts and the commands behind them, with the line ends of AIX."""
    lines = text.replace("\r\n", "\n").split("\n")
    return "\n".join("" if re.match(r"[$#](?: |$)", line) else line for line in lines)


def _rows(text: str) -> Iterator[Line]:
    """The lines that say something."""
    return (line for line in lines_of(answers(text)) if line.text.strip())


def parse_cluster_status(text: str) -> Cluster:
    """``cluster -status -clustername NAME``.  ParseError where it names no node.

    Source: IBM's page of cluster: the state of a cluster is OK, DEGRADED (not every node is well) or DOWN.
    """
    lines = list(_rows(text))
    start = next((i for i, line in enumerate(lines) if re.match(r"\s*Node Name\s+MTM\s", line.text)), None)
    if start is None:
        raise ParseError("no line of column names with Node Name and MTM: this is not cluster -status")
    name, state = "", ""
    for line in lines[:start]:
        words = line.text.split()
        if words[:2] == ["Cluster", "Name"]:
            continue
        if len(words) != 2:
            raise line.error("not the name of a cluster and its state")
        name, state = words
    found = []
    for line in lines[start + 1 :]:
        match = _NODE.fullmatch(line.text.strip())
        if match is None:
            raise line.error("not node, MTM, partition number, state and pool state")
        found.append(Node(match["name"], match["mtm"], match["state"], match["pool"] or ""))
    if not found:
        raise lines[start].error("no node below it")
    return Cluster(name, state, tuple(found))


def parse_lu_list(text: str) -> Tuple[Lu, ...]:
    """``lu -list``; () for a pool without logical units.  Snapshots, which stand below their own line, are left out."""
    found: List[Lu] = []
    columns = snapshots = False
    for line in _rows(text):
        words = line.text.split()
        if words[0] == "LU_NAME":
            columns, snapshots = True, False
        elif line.text.strip() == "SNAPSHOTS":
            snapshots = True
        elif columns and len(words) == 4 and words[1].isdigit():
            found.append(Lu(words[0], line.whole(words[1], "size"), line.whole(words[2], "unused"), words[3]))
        elif not snapshots and not _HEADING.fullmatch(line.text.strip()):
            raise line.error("not name, size, unused and udid of a logical unit")
    return tuple(found)


def parse_pv_list(text: str) -> Tuple[PoolDisk, ...]:
    """``pv -list``, or ``pv -list -fmt ,``, which has whole udids.  ParseError where it shows no disk."""
    found: List[PoolDisk] = []
    pool, columns = "", False
    for line in _rows(text):
        words = line.text.split()
        parts = [part.strip() for part in line.text.split(",")]
        if words[0] == "POOL_NAME:":
            pool = " ".join(words[1:])
        elif words[0] == "PV_NAME":
            columns = True
        elif _HEADING.fullmatch(line.text.strip()):
            continue
        elif len(parts) == 7:
            found.append(PoolDisk(parts[0], parts[3], line.whole(parts[4], "size"), parts[5], one_word(parts[6])))
        elif columns and len(words) >= 4:
            udid = "" if words[-1].endswith("~") else "".join(words[3:])
            found.append(PoolDisk(pool, words[0], line.whole(words[1], "size"), words[2], udid))
        else:
            raise line.error("not a disk of a pool: name, size, state and udid")
    if not found:
        raise ParseError("no disk of a pool in it")
    return tuple(found)


def one_word(udid: str) -> str:
    """A unique_id as the seed's command leaves it: quotes and blanks taken out (FAStT's has six of them)."""
    return udid.replace('"', "").replace(" ", "")


def parse_lsmap(text: str) -> Tuple[Backing, ...]:
    """``lsmap -vadapter vhostN`` or ``lsmap -all``: the virtual target devices that have a backing device."""
    found: List[Backing] = []
    adapter, client, vtd, status = "", 0, "", ""
    is_head = False
    for line in _rows(text):
        head = re.fullmatch(r"(vhost\d+)\s+(\S+)\s+0x([0-9a-fA-F]{8})", line.text.strip())
        row = re.fullmatch(r"(VTD|Status|Backing device)\s*(.*)", line.text.strip())
        if head:
            adapter, client, vtd, status = head.group(1), int(head.group(3), 16), "", ""
        elif is_head or line.text.split()[0].startswith("vhost"):
            # what follows would be taken for the adapter's above, and so for another LPAR's
            raise line.error("not an adapter, its location and its client partition")
        is_head = re.fullmatch(r"-+\s+-+\s+-+", line.text.strip()) is not None
        if line.text.split()[0] == "SVSA":
            adapter, vtd = "", ""
        if head or is_head:
            continue
        if row and row.group(1) == "VTD":
            vtd, status = row.group(2), ""
        elif row and row.group(1) == "Status":
            status = row.group(2)
        elif row and row.group(2):
            if not adapter or not vtd:
                raise line.error("a backing device without adapter and VTD above it")
            found.append(Backing(adapter, client, vtd, row.group(2), status))
    if not adapter or is_head:
        raise ParseError("no vhost below the line of column names: this is not lsmap, or not all of it")
    return tuple(found)


def parse_lspv(text: str) -> Tuple[Disk, ...]:
    """``lspv`` or ``lspv -free`` of a VIOS, or lspv of its root shell; () where it has column names and no disk.

    ParseError where it says nothing at all: that is a pipe in which something has failed.
    """
    found = []
    lines = list(_rows(text))
    if not lines:
        raise ParseError("it is empty: not even the names of the columns")
    for line in lines:
        words = line.text.split()
        if words[0] == "NAME":
            continue
        if len(words) < 2 or not re.fullmatch(r"none|[0-9a-f]{16}", words[1]):
            raise line.error("not a disk and its PVID")
        # lspv -free has the size in the third column, and its disks are in no volume group
        is_free = len(words) == 3 and words[2].isdigit()
        vg: Optional[str] = None if len(words) < 3 or is_free or words[2] == "None" else words[2]
        found.append(Disk(words[0], "" if words[1] == "none" else words[1], vg or ""))
    return tuple(found)
