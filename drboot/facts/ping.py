"""``ping -c N -w T ADDRESS``: the exit status decides (0 = reached); this is for evidence only.

    PING nodeb: (10.9.53.130): 56 data bytes
    64 bytes from 10.9.53.130: icmp_seq=0 ttl=255 time=0 ms

Source: ping/01 (7.2).  Assumed: the statistics block is the one of BSD; whatever stands behind ``---`` is passed over.
"""

from __future__ import annotations

import re
from typing import Callable, List, NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of
from drboot.facts.types import Address, address

IGNORE = (
    ignore(r"^PING |: 56 data bytes$|^[0-9]+ bytes from |icmp_seq=|ttl=|time=| ms$", "the words around the values"),
    ignore(r"^---(?:.|\n)*", "statistics"),
)


class Ping(NamedTuple):
    """``replies``: sequence number, ttl and milliseconds of each."""

    host: str
    address: Address
    replies: Tuple[Tuple[int, int, int], ...]


_HEAD = re.compile(r"PING (?P<host>\S+?):? \((?P<address>[^)\s]+)\): [0-9]+ data bytes\s*")
_REPLY = re.compile(
    r"[0-9]+ bytes from (?P<address>\S+?): icmp_seq=(?P<seq>[0-9]+) ttl=(?P<ttl>[0-9]+)"
    r" time=(?P<time>[0-9]+)(?:\.[0-9]+)? ms\s*"
)


def parse(text: str) -> Ping:
    """Host, address and replies.  ParseError without the first line."""
    rows = rows_of(text)
    if not rows:
        raise ParseError("nothing was printed")
    head = rows[0].match(_HEAD, "not PING")
    replies: List[Tuple[int, int, int]] = []
    for line in rows[1:]:
        if line.text.startswith("---"):
            break
        reply = line.match(_REPLY, "not a reply")
        replies.append((int(reply.group("seq")), int(reply.group("ttl")), int(reply.group("time"))))
    return Ping(head.group("host"), address(head.group("address"), rows[0]), tuple(replies))


def parse_answered(text: str) -> bool:
    """Whether anything came back; "" stands for an exit status that says no."""
    return bool(text and parse(text).replies)


def answers(address: str, who: str) -> Query[bool]:
    """Whether somebody answers at an address: two packets, at most two seconds of waiting for the last one.

    who  whose question it is: what one step was told is not kept for the next, since the wire changes
    Source: exit status 0 is "reached" (opensvc's check for AIX); without -n nothing is looked up for an address.
    Assumed: 1 or 2 when nobody answers.
    """
    return _packets(2, address, who)


def reached(ask: Callable[[Query[bool]], Optional[bool]], address: str, who: str) -> Optional[bool]:
    """Whether somebody answers who is expected to: the second packet, a second later, only where the first was lost.

    The first one often is where a router has to ask for the address on the wire first.  None where it cannot be seen.
    """
    return ask(answers_at_once(address, who)) or ask(answers(address, who))


def answers_at_once(address: str, who: str) -> Query[bool]:
    """The same with one packet, for whom the ARP table knows as well where that one was lost."""
    return _packets(1, address, who)


def _packets(number: int, address: str, who: str) -> Query[bool]:
    args = ("-n", "-c", str(number), "-w", "2", address)
    return Query("ping", args, parse_answered, about=f"wire/{who}", empty=(1, 2))
