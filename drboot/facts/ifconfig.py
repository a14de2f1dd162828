"""Interfaces of the running kernel: ``ifconfig -a``, ``ifconfig en0``, ``ifconfig -l``.

    en0: flags=1e080863,480<UP,BROADCAST,...,CHAIN> metric 1
            inet 172.29.174.58 netmask 0xffffc000 broadcast 172.29.191.255
            inet6 ::1%1/0
             tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1

The mask is hexadecimal.  The first ``inet`` is the source address of new connections on its subnet, aliases follow in
the order in which they were added.  One alias without a mask has been seen.  ``-l``: the names on one line.
This is the kernel; the ODM may say something else.  An interface that is not configured does not appear.
Assumed: an IPv6 tunnel (gre0, ctti0) prints ``inet6 ADDRESS --> PEER``; the rest of such a row is
passed over.
A virtual IP address (vi0) has a row ``iflist : en1 en5``, the interfaces that use it.

Source: ifconfig/01 to 10, 12 (6.1), 07 (7.x); meaning of the order: traceroute/01, netstat/15, 16; vi0:
ibm.com/docs/en/aix/7.3.0, "Sample VIPA environment".
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, Query, ignore, rows_of
from drboot.facts.types import Address, Interface, address, prefix_of

IGNORE = (
    ignore(r"\b(?:inet6?|netmask|broadcast|metric)(?= )|-->", "the name of what follows"),
    ignore(r"flags=(?=[0-9a-f])", "the name of what follows"),
    ignore(r"^\s+iflist *:.*$", "the interfaces of a virtual IP address"),
)


class Inet(NamedTuple):
    """An IPv4 address.  ``netmask`` dotted, ``prefix`` its length; both None where no mask is printed."""

    address: Address
    netmask: Optional[Address]
    prefix: Optional[int]
    broadcast: Optional[Address]
    peer: Optional[Address] = None


class InterfaceState(NamedTuple):
    """One interface.  ``inet6`` as printed, with prefix length; ``options`` are the words of the last line."""

    name: Interface
    flag_words: Tuple[str, ...]  # the hexadecimal words as printed
    flags: Tuple[str, ...]
    metric: Optional[int]
    inet: Tuple[Inet, ...]
    inet6: Tuple[str, ...]
    options: Tuple[Tuple[str, int], ...]

    @property
    def is_up(self) -> bool:
        return "UP" in self.flags


_HEAD = re.compile(
    r"(?P<name>[a-z]+[0-9]+): flags=(?P<words>[0-9a-f]+(?:,[0-9a-f]+)*)<(?P<flags>[^<>\s]*)>"
    r"(?: metric (?P<metric>[0-9]+))?\s*"
)
_INET = re.compile(
    r"\s+inet (?P<address>\S+)(?: --> (?P<peer>\S+))?(?: netmask 0x(?P<mask>[0-9a-f]{1,8}))?"
    r"(?: broadcast (?P<broadcast>\S+))?\s*"
)
_INET6 = re.compile(r"\s+inet6 (?P<address>[0-9a-f:.%]+/[0-9]+|[0-9a-f:.%]+(?= -->))(?: .*)?\s*")
_IFLIST = re.compile(r"\s+iflist *:.*")
_OPTIONS = re.compile(r"\s+[a-z_0-9]+ [0-9]+(?: [a-z_0-9]+ [0-9]+)*\s*")


def parse(text: str) -> Tuple[InterfaceState, ...]:
    """``ifconfig -a`` or one interface: in the order of the output.  () when nothing is configured."""
    found: List[InterfaceState] = []
    for line in rows_of(text):
        head = _HEAD.fullmatch(line.text)
        if head is not None:
            if head.group("name") in [state.name for state in found]:
                raise line.error(f"{head.group('name')} for the second time")
            found.append(_state(head))
        elif not found:
            raise line.error("not an interface with its flags")
        else:
            found[-1] = _with(found[-1], line)
    return tuple(found)


def _state(head: re.Match[str]) -> InterfaceState:
    metric = head.group("metric")
    return InterfaceState(
        name=Interface(head.group("name")),
        flag_words=tuple(head.group("words").split(",")),
        flags=tuple(flag for flag in head.group("flags").split(",") if flag),
        metric=None if metric is None else int(metric),
        inet=(),
        inet6=(),
        options=(),
    )


def _with(state: InterfaceState, line: Line) -> InterfaceState:
    if _IFLIST.fullmatch(line.text):
        return state
    inet6 = _INET6.fullmatch(line.text)
    if inet6 is not None:
        return state._replace(inet6=(*state.inet6, inet6.group("address")))
    if _OPTIONS.fullmatch(line.text):
        words = line.text.split()
        return state._replace(options=(*state.options, *((key, int(n)) for key, n in zip(words[::2], words[1::2]))))
    inet = line.match(_INET, "not a row of ifconfig")
    mask, broadcast, peer = inet.group("mask"), inet.group("broadcast"), inet.group("peer")
    netmask = (
        None if mask is None else Address(".".join(str(int(mask.zfill(8)[at : at + 2], 16)) for at in (0, 2, 4, 6)))
    )
    entry = Inet(
        address=address(inet.group("address"), line),
        netmask=netmask,
        prefix=None if netmask is None else prefix_of(netmask, line),
        broadcast=None if broadcast is None else address(broadcast, line),
        peer=None if peer is None else address(peer, line),
    )
    return state._replace(inet=(*state.inet, entry))


def parse_names(text: str) -> Tuple[Interface, ...]:
    """``ifconfig -l``: the names on one line."""
    rows = rows_of(text)
    if len(rows) > 1:
        raise rows[1].error("one line was expected")
    for line in rows:
        line.match(re.compile(r"\s*[a-z]+[0-9]+(?:\s+[a-z]+[0-9]+)*\s*"), "not the names of interfaces")
    return tuple(Interface(word) for line in rows for word in line.text.split())


INTERFACES = Query("ifconfig", ("-a",), parse, about="network", speaks=True)  # Assumed: lo0 is always there
NAMES = Query("ifconfig", ("-l",), parse_names, about="network")


def interface(device: Interface) -> Query[Tuple[InterfaceState, ...]]:
    return Query("ifconfig", (device,), parse, about="network")


def addresses(states: Tuple[InterfaceState, ...]) -> Tuple[Tuple[Interface, Inet], ...]:
    """Every IPv4 address with its interface, the loopback's included."""
    return tuple((state.name, inet) for state in states for inet in state.inet)
