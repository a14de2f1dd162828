"""Routes and interfaces of the kernel: ``netstat -rn``, ``netstat -in``.  Always ``-n``: names can hang with dead DNS.

    Route tree for Protocol Family 2 (Internet):
    default            192.168.234.33    UG       10         0 en0      -      -
    192.168.234.32/29  192.168.234.35    U         7         0 en0      -      -   =>

Columns: destination, gateway, flags, refs, use, interface, exp, groups; ``=>`` when more routes with this key follow.
Destinations are abbreviated (``10.1/23``, ``127/8``); H in the flags is a host.  IPv6 rows overflow their columns and
may have no gateway.  A ``use`` of ten digits touches ``refs``.  Title and header may be translated when the locale is
not C.  ``fe80::...`` rows stand under Protocol Family 24.

``-in`` prints for each interface a row ``link#N`` with the MAC (hex without leading zeros, dots; none for lo0), then a
row per address; ``*`` behind the name is an interface that is down; an IPv6 address stands in the column Network
and the address column is empty.  ``-idn`` adds Drop; newer levels print wider columns.

Source: netstat/04 (5.3, French), 06, 07 (6.1), 09, 10, 13 (7.3), 18, 19 (7100-03); -in 01, 03, 12, 15, 16, 21, 22,
24 (7.3).  Not root: ``Only the root user can specify the Z flag`` in place of ``Route tree for Protocol Family N``
(chef/ohai, spec/unit/plugins/aix/network_spec.rb).
Assumed: 4.3 and 5.1 have a column PMTU before Exp.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, Query, ignore, rows_of
from drboot.facts.types import Address, Interface, Mac, address, mac

IGNORE = (
    ignore(r"^(?:Routing tables|Tables de routage) *$", "title"),
    ignore(r"^Destination +Gateway +Flags +Refs +Use +If(?: +PMTU)? +Exp +Groups *$", "header"),
    ignore(r"^.*(?= \(Internet(?: v6)?\): *$)", "title of a protocol family"),
    ignore(r"\(Internet(?: v6)?\): *$", "title of a protocol family: family 4 or 6"),
    ignore(
        r"(?:(?<=[a-z][0-9])|(?<=[a-z][0-9]{2}))(?: +(?:-|[0-9]+)){2,3}(?: +=>)? *$",
        "expiry, groups, and whether more routes with this key follow",
    ),
    ignore(r"^ =>$", "more routes with this key follow"),
    ignore(r"(?<=[0-9])\*(?= )", "the interface is down: is_down"),
    ignore(r"^Name +Mtu +Network +Address +Ipkts +Ierrs +Opkts +Oerrs +Coll(?: +Drop)? *$", "header of -in"),
    ignore(r"^.*Only the root user can specify the Z flag.*$", "remark to who is not root"),
)


class KernelRoute(NamedTuple):
    """One row of -rn.

    family       4 or 6
    destination  IPv4: the whole network address, 0.0.0.0 for default; IPv6: as printed
    prefix       length of the mask, 32 for a host, 0 for default; None for IPv6 without one
    gateway      as printed; None where the column is empty
    """

    family: int
    printed: str
    destination: str
    prefix: Optional[int]
    gateway: Optional[str]
    flags: str
    refs: int
    use: int
    interface: Interface

    @property
    def is_default(self) -> bool:
        return self.family == 4 and self.destination == "0.0.0.0" and self.prefix == 0  # noqa: S104

    @property
    def is_host(self) -> bool:
        return "H" in self.flags


class InterfaceCounters(NamedTuple):
    """One row of -in.  ``mac`` on link rows, ``address`` on the others; ``network`` as printed."""

    name: Interface
    is_down: bool
    mtu: int
    network: str
    mac: Optional[Mac]
    address: Optional[str]
    counts: Tuple[int, ...]  # ipkts, ierrs, opkts, oerrs, coll and, with -d, drop


_TITLE = re.compile(r"Routing tables\s*|Tables de routage\s*")
_HEADER = re.compile(r"Destination\s+Gateway\s+Flags\s+Refs\s+Use\s+If(?:\s+PMTU)?\s+Exp\s+Groups\s*")
_FAMILY = re.compile(r"(?:.*\b(?P<number>2|24))? \(Internet(?P<six> v6)?\):\s*")
_REMARK = re.compile(r".*Only the root user can specify the Z flag.*")
_ROW = re.compile(
    r"(?P<destination>\S+)\s+(?:(?P<gateway>\S+)\s+)?(?P<flags>[A-Z][A-Za-z0-9]*)"
    r"\s+(?P<refs>[0-9]+?)(?:\s+|(?=[0-9]{10}\s))(?P<use>[0-9]+)\s+(?P<interface>[a-z]+[0-9]+)"
    r"(?:\s+(?:-|[0-9]+)){2,3}(?:\s+=>)?\s*"
)


def parse(text: str) -> Tuple[KernelRoute, ...]:
    """``netstat -rn``: every route of both families, in order.  Before any family title a colon tells IPv6."""
    found: List[KernelRoute] = []
    family: Optional[int] = None
    for line in rows_of(text):
        title = _FAMILY.fullmatch(line.text)
        if title is not None:
            if title.group("number") == ("2" if title.group("six") else "24"):
                raise line.error("a protocol family that is neither Internet nor Internet v6")
            family = 6 if title.group("six") else 4
        elif (
            _HEADER.fullmatch(line.text)
            or _REMARK.fullmatch(line.text)
            or (not found and _TITLE.fullmatch(line.text))
            or (line.text.strip() == "=>" and found)
        ):
            continue
        else:
            found.append(_route(line, family or (6 if ":" in line.text.split()[0] else 4)))
    return tuple(found)


def _route(line: Line, family: int) -> KernelRoute:
    row = line.match(_ROW, "not a row of netstat -rn")
    printed, flags, gateway = row.group("destination"), row.group("flags"), row.group("gateway")
    if family == 6:
        destination, _, length = printed.partition("/")
        prefix = line.whole(length, "prefix length") if length else None
        if not re.fullmatch(r"default|[0-9a-f:.%]+", destination):
            raise line.error(f"{destination!r} is not an IPv6 destination")
    else:
        destination, prefix = destination4(printed, "H" in flags, line)
        if gateway is None:
            raise line.error("an IPv4 route without gateway")
    return KernelRoute(
        family=family,
        printed=printed,
        destination=destination,
        prefix=prefix,
        gateway=gateway,
        flags=flags,
        refs=int(row.group("refs")),
        use=int(row.group("use")),
        interface=Interface(row.group("interface")),
    )


def destination4(printed: str, is_host: bool, line: Line) -> Tuple[Address, int]:
    """``default``, ``10.1/23``, ``127/8``, ``192.168.2.1`` (host): the whole address and the prefix length.

    Assumed: four octets without a length are a host where the row lacks H, unless the last one is zero: inet0 keeps
    host routes as ``net,...`` too (lsattr/61), and one row that nobody can read would hide every route.
    """
    if printed == "default":
        return Address("0.0.0.0"), 0  # noqa: S104
    network, slash, length = printed.partition("/")
    parts = network.split(".")
    whole = address(".".join([*parts, "0", "0", "0"][: max(4, len(parts))]), line)
    if slash:
        prefix = line.whole(length, "prefix length")
        if prefix > 32:
            raise line.error(f"/{prefix} is no prefix length")
        return whole, prefix
    if len(parts) != 4 or not (is_host or int(parts[3])):
        raise line.error(f"{printed!r} is neither a host nor a network with its prefix length")
    return whole, 32


_IN_HEADER = re.compile(r"Name\s+Mtu\s+Network\s+Address\s+Ipkts\s+Ierrs\s+Opkts\s+Oerrs\s+Coll(?P<drop>\s+Drop)?\s*")
_IN_ROW = re.compile(
    r"(?P<name>[a-z]+[0-9]+)(?P<down>\*)?\s+(?P<mtu>[0-9]+)\s+(?P<network>\S+)(?:\s+(?P<address>[0-9A-Za-z.:%]*[.:%]\S*))?"
    r"(?P<counts>(?:\s+[0-9]+){5,6})\s*"
)


def parse_interfaces(text: str) -> Tuple[InterfaceCounters, ...]:
    """``netstat -in``: every row, in order.  ParseError without the header."""
    rows = rows_of(text)
    if not rows:
        raise ParseError("there is no header")
    columns = 6 if rows[0].match(_IN_HEADER, "not the header of netstat -in").group("drop") else 5
    found = []
    for line in rows[1:]:
        row = line.match(_IN_ROW, "not a row of netstat -in")
        counts = tuple(int(word) for word in row.group("counts").split())
        if len(counts) != columns:
            raise line.error(f"{columns} counters were expected")
        is_link, word = row.group("network").startswith("link#"), row.group("address")
        found.append(
            InterfaceCounters(
                name=Interface(row.group("name")),
                is_down=row.group("down") is not None,
                mtu=int(row.group("mtu")),
                network=row.group("network"),
                mac=mac(word, line) if is_link and word and not _IPV4.fullmatch(word) else None,
                address=word if word and (not is_link or _IPV4.fullmatch(word)) else None,
                counts=counts,
            )
        )
    return tuple(found)


_IPV4 = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")

ROUTES = Query("netstat", ("-rn",), parse, about="network", speaks=True)  # a header
COUNTERS = Query("netstat", ("-in",), parse_interfaces, about="network")
