"""The ARP table: ``arp -an``.

      ? (172.29.131.16) at 6e:87:70:0:40:3 [ethernet] stored in bucket 16

    bucket:    0     contains:    0 entries
    There are 6 entries in the arp table.

Bytes of the MAC without leading zeros.  An entry without answer is ``(incomplete)`` in the place of the MAC.

Source: arp/01.  Assumed: ``(incomplete)``, and ``permanent``, ``published`` behind the type, as in BSD; another medium
has its own word in the brackets.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import Query, ignore, rows_of
from drboot.facts.types import Address, Mac, address, mac

IGNORE = (
    ignore(r"^ *\S+(?= \()|\bat\b|\[ethernet\]|\bstored in bucket [0-9]+ *$", "the words around address and MAC"),
    ignore(r"^bucket: .*$|^There are [0-9]+ entries in the arp table\.$", "summary"),
)


class Neighbour(NamedTuple):
    """``mac`` is None for an address that did not answer."""

    address: Address
    mac: Optional[Mac]


_ROW = re.compile(
    r"\s*\S+ \((?P<address>[^)\s]+)\) at (?:(?P<mac>[0-9a-f:]+) \[(?P<medium>\w+)\]|\(incomplete\))(?: permanent)?"
    r"(?: published)?(?: stored(?: in bucket [0-9]+)?| in bucket [0-9]+)?\s*"
)
_SUMMARY = re.compile(
    r"bucket:\s+[0-9]+\s+contains:\s+[0-9]+ entries\s*|There (?:are|is) [0-9]+ entr(?:ies|y) in the arp table\.\s*"
)


def parse(text: str) -> Tuple[Neighbour, ...]:
    """Every entry of an Ethernet, in the order of the output."""
    found = []
    for line in rows_of(text):
        if _SUMMARY.fullmatch(line.text):
            continue
        row = line.match(_ROW, "not an entry of the ARP table")
        hardware = row.group("mac")
        if row.group("medium") not in (None, "ethernet"):
            continue  # the address of an InfiniBand port is no MAC, and none of ours is asked for there
        found.append(Neighbour(address(row.group("address"), line), None if hardware is None else mac(hardware, line)))
    return tuple(found)


def neighbours(who: str) -> Query[Tuple[Neighbour, ...]]:
    """The table as it is when this step asks: whoever was talked to is in it, also one that lets no ping through."""
    return Query("arp", ("-an",), parse, about=f"wire/{who}")
