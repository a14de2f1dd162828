"""Routes: the strings that inet0 keeps of them, and ``route -n get 0``.

``lsattr -El inet0 -a route -F value`` prints one stored route per line.  One route has many spellings:

    net,-hopcount,0,,0,10.20.225.1
    net,,0,10.20.225.1
    net,-hopcount,0,-netmask,255.255.255.0,,,,,-static,10.0.1.0,10.22.160.5
    net,-hopcount,0,-netmask,255.255.255.0,-if,en1,,,,-static,10.0.5.0,10.22.160.5
    net,10.0.1.0,-netmask,255.255.255.0,10.22.160.5
    net,-hopcount,0,,,::,fe80::1                              (rout6)

Type (net or host), flags with their values, empty fields as padding, destination (0 or default: the default
route), gateway, and perhaps a metric.  ``delroute`` wants the stored string back, character by character: it is kept.

Source: lsattr/61, odmget/01, 50; the chginet manual page (``host,-hopcount,2,-if,en0,192.9.200.5,bcroom``);
network-and-services of the reference, section 4.
Assumed: a network without mask has the mask of its address class when its host part is zero; otherwise its prefix
is unknown (None).

``route -n get 0``: ``key: value`` rows, then a header and a row of numbers.  No such route: exit status not 0.
Source: route/01.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from drboot.facts import lsattr
from drboot.facts.base import Line, ParseError, Query, ignore, rows_of
from drboot.facts.types import Interface, prefix_of

IGNORE = (
    ignore(r"^ *(?:route to|destination|mask|gateway|interface|interf addr|flags):(?= )", "the name of what follows"),
    ignore(r"^ *recvpipe +sendpipe +ssthresh +rtt,msec +rttvar +hopcount +mtu +expire *$", "header"),
)


class Route(NamedTuple):
    """A stored route, whatever its spelling.

    kind         net or host
    destination  address, 0.0.0.0 or :: for a default route
    prefix       length of the mask, None when the string leaves it to AIX
    gateway      address or host name
    interface    None when the string names none
    metric       the hop count or trailing metric, None without one
    stored       the string itself
    """

    kind: str
    destination: str
    prefix: Optional[int]
    gateway: str
    interface: Optional[Interface]
    metric: Optional[int]
    stored: str

    @property
    def is_default(self) -> bool:
        return self.prefix == 0

    @property
    def meaning(self) -> Tuple[str, Optional[int], str, Optional[Interface]]:
        """What two spellings of one route have in common."""
        return (self.destination, self.prefix, self.gateway, self.interface)


_VALUED = ("-hopcount", "-netmask", "-if", "-metric", "-prefixlen", "-genmask")
_BARE = ("-static", "-net", "-host", "-interface", "-inet", "-inet6")


def parse_inet0_route(value: str) -> Route:
    """A value of inet0's ``route`` or ``rout6``.  ParseError when it is no route in any known spelling."""
    line = Line(1, value)
    kind, *rest = value.strip().split(",")
    if kind not in ("net", "host"):
        raise line.error("a stored route starts with net or host")
    flags: Dict[str, str] = {}
    words: List[str] = []
    strange = False
    while rest:
        word = rest.pop(0)
        if word in _VALUED:
            if not rest or not rest[0] or rest[0].startswith("-"):
                raise line.error(f"{word} has no value")
            flags[word] = rest.pop(0)
        elif word.startswith("-") and word not in _BARE:
            strange = True  # a flag of another level, perhaps with a value: destination and gateway are the last two
        elif word and word not in _BARE:
            words.append(word)
    if strange:
        words = words[-2:]
    if len(words) == 3:
        flags["-metric"] = words.pop()
    if len(words) != 2:
        raise line.error("a destination and a gateway were expected")
    metric = flags.get("-metric", flags.get("-hopcount"))
    destination, prefix = _destination(kind, words[0], flags, line)
    if not re.fullmatch(r"[0-9A-Za-z_.:%\-]+", words[1]):
        raise line.error(f"{words[1]!r} is no gateway")
    return Route(
        kind=kind,
        destination=destination,
        prefix=prefix,
        gateway=words[1],
        interface=Interface(flags["-if"]) if "-if" in flags else None,
        metric=None if metric is None else line.whole(metric, "metric"),
        stored=value,
    )


def _destination(kind: str, word: str, flags: Dict[str, str], line: Line) -> Tuple[str, Optional[int]]:
    if ":" in word:
        base, _, length = word.partition("/")
        text = length or flags.get("-prefixlen", "")
        if not re.fullmatch(r"[0-9a-fA-F:.%]+", base):
            raise line.error(f"{word!r} is no destination")
        if text:
            return base, line.whole(text, "prefix length")
        return base, 0 if base == "::" else None
    if word in ("0", "default", "0.0.0.0"):  # noqa: S104
        return "0.0.0.0", 0  # noqa: S104
    base, slash, length = word.partition("/")
    parts = base.split(".")
    if not all(re.fullmatch("[0-9]{1,3}", part) and int(part) < 256 for part in parts) or len(parts) > 4:
        if kind == "host" and re.fullmatch(r"[A-Za-z][A-Za-z0-9_.\-]*", word):
            return word, 32
        raise line.error(f"{word!r} is no destination")
    numbers = [int(part) for part in parts] + [0] * (4 - len(parts))
    whole = ".".join(map(str, numbers))
    if kind == "host":
        return whole, 32
    if slash:
        prefix = line.whole(length, "prefix length")
        if prefix > 32:
            raise line.error(f"/{prefix} is no prefix length")
        return whole, prefix
    if "-netmask" in flags:
        return whole, prefix_of(flags["-netmask"], line)
    octets = 1 if numbers[0] < 128 else 2 if numbers[0] < 192 else 3
    return whole, None if any(numbers[octets:]) else 8 * octets


def parse_routes(text: str) -> Tuple[Route, ...]:
    """``lsattr -El inet0 -a route -F value``; () for the empty line of no route."""
    return tuple(parse_inet0_route(value) for value in lsattr.parse_values(text) if value)


STORED = Query("lsattr", ("-El", "inet0", "-a", "route", "-F", "value"), parse_routes, "devices", empty=lsattr.UNKNOWN)
STORED6 = Query("lsattr", ("-El", "inet0", "-a", "rout6", "-F", "value"), parse_routes, "devices", empty=lsattr.UNKNOWN)


class Got(NamedTuple):
    """``route -n get``.  ``numbers`` belong to recvpipe, sendpipe, ssthresh, rtt, rttvar, hopcount, mtu, expire."""

    destination: str
    mask: Optional[str]
    gateway: Optional[str]
    interface: Interface
    interface_address: Optional[str]
    flags: Tuple[str, ...]
    numbers: Tuple[int, ...]


_KEY = re.compile(r"\s*(?P<key>route to|destination|mask|gateway|interface|interf addr|flags): (?P<value>\S+)\s*")
_NUMBERS_HEADER = re.compile(r"\s*recvpipe\s+sendpipe\s+ssthresh\s+rtt,msec\s+rttvar\s+hopcount\s+mtu\s+expire\s*")


def parse_get(text: str) -> Got:
    """``route -n get 0``.  ParseError when destination or interface is missing."""
    found: Dict[str, str] = {}
    numbers: Tuple[int, ...] = ()
    rows = rows_of(text)
    for at, line in enumerate(rows):
        if _NUMBERS_HEADER.fullmatch(line.text):
            if len(rows) != at + 2 or not re.fullmatch(r"(?:\s+-?[0-9]+){8}\s*", " " + rows[-1].text):
                raise line.error("eight numbers were expected below")
            numbers = tuple(int(word) for word in rows[-1].text.split())
            break
        row = line.match(_KEY, "not a row of route get")
        found[row.group("key")] = row.group("value")
    if "destination" not in found or "interface" not in found:
        raise ParseError("there is no destination or no interface")
    return Got(
        destination=found["destination"],
        mask=found.get("mask"),
        gateway=found.get("gateway"),
        interface=Interface(found["interface"]),
        interface_address=found.get("interf addr"),
        flags=tuple(found.get("flags", "").strip("<>").split(",")) if found.get("flags", "<>") != "<>" else (),
        numbers=numbers,
    )


DEFAULT = Query("route", ("-n", "get", "0"), parse_get, about="network")
