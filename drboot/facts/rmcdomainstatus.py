"""Who RMC is in contact with: ``rmcdomainstatus -s ctrmc``; and as whom, ``/etc/ct_node_id``.

    Peer Domain Status
      I A  0xd34ca9a5ea1e37c6  0001  TESTDB1
      S S  0xe8a76231700ca2eb  0002  TESTDB2

    Management Domain Status: Management Control Points
      I A  0x12b6b4fd1cebb73f  0001  10.126.37.29

Two letters, ``I A`` when the other side is in contact; node id, number, name or address.  A management control point
is an HMC, or the Virtual I/O Server behind which it stands.

Source: rmcdomainstatus/01; ``I A`` = ok: IBM's page on RSCT and RMC in a Power virtual server (network section 19).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from drboot.facts.base import FileQuery, Query, ignore, rows_of

IGNORE = (ignore(r"^(?:Peer Domain Status|Management Domain Status: .*)$", "title of a paragraph: ``managed``"),)


class Contact(NamedTuple):
    """``managed``: a management control point, otherwise a node of a peer domain."""

    managed: bool
    status: str
    node_id: str
    number: int
    name: str

    @property
    def is_up(self) -> bool:
        return self.status == "I A"


_ROW = re.compile(r"\s+(?P<status>\S \S)\s+(?P<node>0x[0-9a-f]{16})\s+(?P<number>[0-9a-f]{4})\s+(?P<name>\S+)\s*")


def parse(text: str) -> Tuple[Contact, ...]:
    """Every row; () when there is none."""
    found = []
    managed = False
    for line in rows_of(text):
        if not line.text[:1].isspace():
            title = line.match(re.compile(r"(?P<title>Peer|Management) Domain Status.*"), "not a title")
            managed = title.group("title") == "Management"
            continue
        row = line.match(_ROW, "not a node")
        number = int(row.group("number"), 16)
        found.append(Contact(managed, row.group("status"), row.group("node"), number, row.group("name")))
    return tuple(found)


# Source: the first line is the node id (cloud-init's cc_reset_rmc.py compares it, network section 19).
NODE_ID = FileQuery("/etc/ct_node_id", lambda text: (text or "").partition("\n")[0].strip())
CONTACTS = Query("rmcdomainstatus", ("-s", "ctrmc"), parse, about="services")
