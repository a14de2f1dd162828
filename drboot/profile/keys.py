"""The value types of profiles and address table: what may be written, and what drboot makes of it.

A Kind does two things from one declaration: it parses a node into a value, adding a Problem for every
mistake, and it says as JSON Schema what it accepts.  The functions from text to value raise ValueError with
the reason; the address table uses them too.
"""

from __future__ import annotations

import ipaddress
import re
from functools import lru_cache
from typing import Any, Callable, Dict, Generic, List, Optional, Sequence, Tuple, TypeVar, cast

from drboot.errors import Problem
from drboot.profile.nodes import Listing, Node, Scalar, Table, Written, is_null, spoken

T = TypeVar("T")
Schema = Dict[str, Any]

HOST_NAME_LIMIT = 32
VG_NAME_LIMIT = 15


class Kind(Generic[T]):
    """A type of value.  ``title`` is what the reference page calls it."""

    title: str

    def parse(self, node: Node, problems: List[Problem]) -> Optional[T]:
        """The value, or None and at least one more Problem."""
        raise NotImplementedError

    def json_schema(self) -> Schema:
        raise NotImplementedError


# ---- text -> value -----------------------------------------------------------------------------


def to_systemid(text: str) -> str:
    """``IBM,0211D11C1`` or ``0211d11c1`` -> ``0211D11C1``.

    Source: lsattr -El sys0 -a systemid prints ``IBM,``, two digits (01, 02 and 03 seen), then plant and serial, seven
    characters, letters possible (0306C090G).
    """
    upper = text.upper()
    bare = upper[4:] if upper.startswith("IBM,") else upper
    if not bare:
        raise ValueError("it is empty, and an unreadable id would match it")
    if not re.fullmatch(r"[0-9]{2}[0-9A-Z]{7}", bare):
        raise ValueError("a systemid is two digits and seven letters or digits, with or without IBM, in front")
    return bare


def to_pvid(text: str) -> str:
    """``00F6F42A0BD88942`` -> ``00f6f42a0bd88942``.

    Source: lspv prints 16 hexadecimal digits in lower case; the ODM keeps 32 of which the last 16 are zero.
    """
    lower = text.lower()
    if not re.fullmatch(r"[0-9a-f]+", lower):
        raise ValueError("a PVID is hexadecimal digits only")
    if len(lower) == 32 and lower.endswith("0" * 16):
        lower = lower[:16]
    if len(lower) != 16:
        raise ValueError(f"it has {len(lower)} digits, a PVID has 16")
    if not lower.strip("0"):
        raise ValueError("it is all zeros, which is how AIX writes that a disk has no PVID")
    return lower


def to_vg_name(text: str) -> str:
    """A name that importvg -y takes.

    Source: importvg manual, 1 to 15 characters.  Assumed: letters, digits, _ - and . are the characters; a VG with
    others in its name would have to come by way of the capture, which does not pass here.
    """
    if not 1 <= len(text) <= VG_NAME_LIMIT:
        raise ValueError(f"it has {len(text)} characters, a VG name has 1 to {VG_NAME_LIMIT}")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+", text):
        raise ValueError("a VG name is letters, digits, _ - and . only")
    return text


@lru_cache(maxsize=8192)  # the checks of hosts.csv come back to each address several times
def to_number(address: str) -> int:
    """``10.20.5.11`` -> 169084171.  Strict: four decimal numbers, no leading zeros (some read those as octal)."""
    parts = address.split(".")
    if len(parts) != 4:
        raise ValueError("an IPv4 address is four decimal numbers with dots between them")
    number = 0
    for part in parts:
        if not (part.isascii() and part.isdigit()):
            raise ValueError(f"{_shown(part)} is not a decimal number")
        if len(part) > 1 and part[0] == "0":
            raise ValueError(f"{_shown(part)} has a leading zero, which some programs read as octal")
        if len(part) > 3 or int(part) > 255:
            raise ValueError(f"{part[:20]} is more than 255")
        number = number << 8 | int(part)
    return number


def in_one_subnet(one: str, other: str, netmask: str) -> bool:
    """Whether two addresses are in the same subnet of this netmask.  All three dotted."""
    mask = to_number(netmask)
    return to_number(one) & mask == to_number(other) & mask


def to_dotted(number: int) -> str:
    return ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))


def to_address(text: str) -> str:
    """The address itself, when it is one."""
    to_number(text)
    return text


def to_host_address(text: str) -> str:
    """An address that an interface or a gateway can have: unicast, and not loopback."""
    first = to_number(text) >> 24
    if first in (0, 127) or first >= 224:
        raise ValueError(f"no interface can have an address that begins with {first}")
    return text


def to_netmask(text: str) -> str:
    """``255.255.255.0``, ``24`` or ``/24`` -> ``255.255.255.0``."""
    if re.fullmatch(r"/?[0-9]{1,2}", text):
        prefix = int(text.lstrip("/"))
        if not 1 <= prefix <= 32:
            raise ValueError("a prefix length is 1 to 32")
        return to_dotted((1 << 32) - (1 << 32 - prefix))
    mask = to_number(text)
    if not mask:
        raise ValueError("a netmask of zeros makes everything local")
    inverse = mask ^ 0xFFFFFFFF
    if inverse & (inverse + 1):
        raise ValueError("its one bits are not all in front, so it is no netmask")
    return text


def to_network(text: str) -> str:
    """The destination of a static route: ``10.30.0.0/16``, or a plain address for a host route."""
    address, slash, mask = text.partition("/")
    number = to_number(address)
    if not slash:
        return to_host_address(address)
    netmask = to_number(to_netmask(mask))
    if number & ~netmask & 0xFFFFFFFF:
        raise ValueError(f"it has host bits; the network is {to_dotted(number & netmask)}/{bin(netmask).count('1')}")
    if not number:
        raise ValueError("the default route comes from the gateway column of hosts.csv")
    return f"{address}/{bin(netmask).count('1')}"


def split_network(network: str) -> Tuple[str, str]:
    """``10.30.0.0/16`` -> (``10.30.0.0``, ``255.255.0.0``); a host has the mask ``255.255.255.255``."""
    address, _slash, prefix = network.partition("/")
    return address, to_netmask(prefix or "32")


def to_address6(text: str) -> str:
    """An IPv6 address in its shortest spelling."""
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        raise ValueError("an IPv6 address is written as in 2001:db8:5::1") from None


def to_network6(text: str) -> str:
    """The destination of an IPv6 route with its prefix length; one address has 128, the default route is ::/0."""
    try:
        return str(ipaddress.IPv6Network(text))
    except ValueError as error:
        raise ValueError(str(error)) from None


def to_seconds(text: str) -> float:
    """``90``, ``90s``, ``15m``, ``1h``, ``1d`` -> seconds."""
    found = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)([smhd]?)", text)
    if not found:
        raise ValueError("a duration is a number and s, m, h or d, as in 15m")
    seconds = float(found.group(1)) * {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}[found.group(2)]
    if not 0 < seconds <= 30 * 86400:
        raise ValueError("a duration is more than nothing and at most 30 days")
    return seconds


def to_pattern(text: str) -> str:
    """A shell pattern: ``prod*``.  Matched with case."""
    if not text or not text.isprintable():
        raise ValueError("a pattern is at least one printable character")
    return text


def to_path(text: str) -> str:
    """An absolute path without ``.``, ``..`` or doubled slashes.

    Source: /etc/filesystems names file systems by absolute path; a different spelling is a different name.
    """
    if not text.startswith("/"):
        raise ValueError("a path begins with /")
    if not text.isprintable() or any(character in text for character in " \t"):
        raise ValueError("a path here has no blanks and no control characters")
    if text != "/" and any(part in ("", ".", "..") for part in text[1:].split("/")):
        raise ValueError("a path here has no empty part, no . and no ..")
    return text


def to_host_name(text: str) -> str:
    """A short host name: letters, digits and -, no dots, at most 32 characters.

    Source: the node name of ``uname -S`` is cut to 32 characters by cloud-init's AIX port; IBM's notes want the
    unqualified name below 32 characters and without dots.  Assumed: exactly 32 are still kept.
    """
    if not 1 <= len(text) <= HOST_NAME_LIMIT:
        raise ValueError(f"it has {len(text)} characters, a node name has 1 to {HOST_NAME_LIMIT}")
    if "." in text:
        raise ValueError("a host name has no dots; the domain belongs to names.domain")
    if not re.fullmatch(r"[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?", text):
        raise ValueError("a host name is letters, digits and -, and begins and ends with a letter or digit")
    return text


def to_host_template(text: str) -> str:
    """A host name, or one with ``{host}`` in it, which stands for the production host name."""
    rest = text.replace("{host}", "x")
    if "{" in rest or "}" in rest:
        raise ValueError("{host} is all that is replaced in it")
    to_host_name(rest)
    return text


def to_domain(text: str) -> str:
    """``dr.example.com``."""
    label = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
    if len(text) > 255 or not re.fullmatch(rf"{label}(?:\.{label})*", text):
        raise ValueError("a domain is names of letters, digits and - with dots between them")
    return text


def to_word(text: str) -> str:
    """One word: no blanks, no control characters."""
    if not text or not text.isprintable() or any(character.isspace() for character in text):
        raise ValueError("it must be one word without blanks")
    return text


def to_spoken(text: str) -> str:
    """Words for people: printable, one line."""
    if not text.strip() or len(text) > 200 or not text.isprintable():
        raise ValueError("it must be 1 to 200 printable characters on one line")
    return text


def to_name(text: str) -> str:
    """A subsystem, user or role: letters, digits, _ . and -, and no dash in front (commands take it for a flag)."""
    if not re.fullmatch(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,63}", text):
        raise ValueError("it must be letters, digits, _ . and - only, and not begin with -")
    return text


def to_inittab_id(text: str) -> str:
    """Source: inittab file format, identifiers of 1 to 14 characters."""
    if len(text) > 14:
        raise ValueError(f"it has {len(text)} characters, an inittab identifier has 1 to 14")
    return to_name(text)


def to_site_name(text: str) -> str:
    """``dr``: the file is named after it, and the stamp keeps it as part of a key."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", text):
        raise ValueError("a site is letters, digits, _ and -, at most 32 of them")
    return text


# ---- kinds -------------------------------------------------------------------------------------


def wrong_shape(node: Node, wanted: str) -> Problem:
    """A list where a word is wanted, and the like."""
    shape = {Scalar: "a single value", Listing: "a list", Table: "a mapping"}[type(node)]
    if is_null(node):
        shape = "empty"
    return Problem(
        "wrong-type",
        f"{node.path or 'the profile'} must be {wanted}",
        spoken(node.at, node.path),
        f"it is {shape}",
        "see the key in /opt/drboot/doc/profile.md",
    )


class Text(Kind[T]):
    """A single value that a function makes out of its text.

    wrong    the Problem of a text that the function refuses: name, what and next
    pattern  for the JSON Schema; "" where only drboot itself can tell
    """

    def __init__(self, title: str, of: Callable[[str], T], wrong: Problem, pattern: str = "") -> None:
        self.title = title
        self.of = lru_cache(maxsize=4096)(
            of
        )  # a table of thousand hosts has the same sites, roles and masks in each row
        self.wrong = wrong
        self.pattern = pattern

    def parse(self, node: Node, problems: List[Problem]) -> Optional[T]:
        if not isinstance(node, Scalar):
            problems.append(wrong_shape(node, self.title))
            return None
        where = spoken(node.at, node.path)
        value = self.read("" if node.is_null else node.text, where, problems)
        return cast(T, Written(value, where)) if isinstance(value, str) else value

    def read(self, text: str, where: object, problems: List[Problem]) -> Optional[T]:
        """``where`` is made a string only for a Problem; that is worth something over thousands of rows."""
        try:
            return self.of(text)
        except ValueError as error:
            problems.append(self.wrong._replace(where=str(where), why=f"{_shown(text)}: {error}"))
            return None

    def json_schema(self) -> Schema:
        schema: Schema = {"type": ["string", "number"]}
        if self.pattern:
            schema["pattern"] = f"^(?:{self.pattern})$"
        return schema


def _shown(text: str) -> str:
    """The text in quotes, ASCII, and not longer than a console line."""
    shown = ascii(text)
    return shown if len(shown) <= 60 else shown[:57] + "..."


_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_ADDRESS = rf"{_OCTET}(?:\.{_OCTET}){{3}}"
_PREFIX = "(?:[1-9]|[12][0-9]|3[0-2])"

SYSTEMID = Text(
    "a systemid",
    to_systemid,
    Problem("bad-systemid", "this is not a systemid", next="write what lsattr -El sys0 -a systemid prints there"),
    "(?:[Ii][Bb][Mm],)?[0-9]{2}[0-9A-Za-z]{7}",
)
PVID = Text(
    "a PVID",
    to_pvid,
    Problem("bad-pvid", "this is not a PVID", next="write the 16 digits of lspv, as in 00f6f42a0bd88942"),
    "[0-9A-Fa-f]{16}(?:0{16})?",
)
VG_NAME = Text(
    "a volume group name",
    to_vg_name,
    Problem("bad-vg-name", "this cannot be a volume group name", next="write the name as lsvg prints it"),
    "[A-Za-z0-9_.-]{1,15}",
)
_WRONG_ADDRESS = Problem("bad-address", "this is not an address", next="write four decimal numbers, as in 10.20.5.11")
ADDRESS = Text("an IPv4 address", to_address, _WRONG_ADDRESS, _ADDRESS)
HOST_ADDRESS = Text("an IPv4 address", to_host_address, _WRONG_ADDRESS, _ADDRESS)
NETMASK = Text(
    "a netmask",
    to_netmask,
    Problem("bad-netmask", "this is not a netmask", next="write 255.255.255.0 or the prefix length 24"),
    rf"/?{_PREFIX}|{_ADDRESS}",
)
NETWORK = Text(
    "a network",
    to_network,
    Problem("bad-network", "this is not the destination of a route", next="write 10.30.0.0/16, or an address alone"),
    rf"{_ADDRESS}(?:/(?:{_PREFIX}|{_ADDRESS}))?",
)
ADDRESS6 = Text(
    "an IPv6 address",
    to_address6,
    Problem("bad-address", "this is not an IPv6 address", next="write it as in 2001:db8:5::1"),
    "[0-9A-Fa-f:.]+",
)
NETWORK6 = Text(
    "an IPv6 network",
    to_network6,
    Problem("bad-network", "this is not the destination of an IPv6 route", next="write 2001:db8:31::/48, or ::/0"),
    "[0-9A-Fa-f:.]+(?:/[0-9]{1,3})?",
)
DURATION = Text(
    "a duration",
    to_seconds,
    Problem("bad-duration", "this is not a duration", next="write seconds, or a number and s, m, h or d, as in 15m"),
    r"[0-9]{1,9}(?:\.[0-9]{1,3})?[smhd]?",
)
PATTERN = Text(
    "a shell pattern",
    to_pattern,
    Problem("bad-pattern", "this is not a pattern", next='write a name with * and ? in it, as in "prod*"'),
    ".+",
)
PATH = Text(
    "an absolute path",
    to_path,
    Problem("bad-path", "this path cannot be used", next="write it from / on, as AIX lists it"),
    "/[^ ]*",
)
_WRONG_HOST = Problem("bad-host-name", "this cannot be a host name", next="write the short name, without the domain")
HOST_NAME = Text("a host name", to_host_name, _WRONG_HOST, "[A-Za-z0-9_][A-Za-z0-9_-]{0,31}")
HOST_TEMPLATE = Text("a host name, {host} in it", to_host_template, _WRONG_HOST, r"[A-Za-z0-9_{}-]+")
DOMAIN = Text(
    "a domain",
    to_domain,
    Problem("bad-domain", "this is not a domain", next="write it without a dot in front, as in dr.example.com"),
    r"[A-Za-z0-9_.-]{1,255}",
)
WORD = Text(
    "a word",
    to_word,
    Problem("bad-word", "this must be one word", next="write it without blanks"),
    r"[^ ]+",
)
SPOKEN = Text(
    "words for people",
    to_spoken,
    Problem("bad-words", "this must be words on one line", next="write at most 200 characters"),
    ".{1,200}",
)
_WRONG_NAME = Problem("bad-name", "this cannot be a name", next="write the name as AIX lists it")
NAME = Text("a name", to_name, _WRONG_NAME, "[A-Za-z0-9_.][A-Za-z0-9_.-]{0,63}")
INITTAB_ID = Text("an inittab identifier", to_inittab_id, _WRONG_NAME, "[A-Za-z0-9_.][A-Za-z0-9_.-]{0,13}")
SITE_NAME = Text("a site", to_site_name, _WRONG_NAME, "[A-Za-z0-9][A-Za-z0-9_-]{0,31}")


class Integer(Kind[int]):
    """A whole number, decimal, between two others."""

    def __init__(self, low: int, high: int) -> None:
        self.low, self.high = low, high
        self.title = f"a number from {low} to {high}" if low < high else f"the number {low}"

    def parse(self, node: Node, problems: List[Problem]) -> Optional[int]:
        if not isinstance(node, Scalar):
            problems.append(wrong_shape(node, self.title))
            return None
        text = node.text
        if node.plain and re.fullmatch(r"0|[1-9][0-9]{0,17}", text) and self.low <= int(text) <= self.high:
            return int(text)
        problems.append(
            Problem(
                "bad-number",
                f"{node.path} must be {self.title}",
                spoken(node.at, node.path),
                f"it is {_shown(text)}",
                "write a decimal number, without quotes and leading zeros",
            )
        )
        return None

    def json_schema(self) -> Schema:
        return {"type": "integer", "minimum": self.low, "maximum": self.high}


class Boolean(Kind[bool]):
    """``true`` or ``false``; ``yes`` and ``no`` as well, since YAML means the same by them."""

    title = "true or false"

    def parse(self, node: Node, problems: List[Problem]) -> Optional[bool]:
        if isinstance(node, Scalar) and node.plain:
            if node.text in ("true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON"):
                return True
            if node.text in ("false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF"):
                return False
        problems.append(
            Problem(
                "bad-boolean",
                f"{node.path} must be true or false",
                spoken(node.at, node.path),
                f"it is {_shown(node.text)}" if isinstance(node, Scalar) else "it is not a single value",
                "write true or false, without quotes",
            )
        )
        return None

    def json_schema(self) -> Schema:
        return {"type": "boolean"}


BOOLEAN = Boolean()


class OneOf(Kind[str]):
    """One word out of a few."""

    def __init__(self, *words: str) -> None:
        self.words = words
        self.title = " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)

    def parse(self, node: Node, problems: List[Problem]) -> Optional[str]:
        if not isinstance(node, Scalar):
            problems.append(wrong_shape(node, self.title))
            return None
        return self.read(node.text, spoken(node.at, node.path), problems)

    def read(self, text: str, where: object, problems: List[Problem]) -> Optional[str]:
        if text in self.words:
            return text
        guess = did_you_mean(text, self.words)
        problems.append(
            Problem(
                "bad-choice",
                "this value is not known here",
                str(where),
                f"it is {_shown(text)}",
                guess or self._known(),
            )
        )
        return None

    def _known(self) -> str:
        return f"write {self.title}"

    def json_schema(self) -> Schema:
        return {"enum": list(self.words)}


class ListOf(Kind[Tuple[T, ...]]):
    """A list of one kind.  Good items are kept when others are bad, so that further mistakes are found.

    repeats  an item may be written twice, as arguments of a program may
    """

    def __init__(self, item: Kind[T], least: int = 0, most: int = 0, repeats: bool = False) -> None:
        self.item, self.least, self.most, self.repeats = item, least, most, repeats
        many = f", at most {most}" if most else ""
        self.title = f"a list{many}, each {item.title}"

    def parse(self, node: Node, problems: List[Problem]) -> Optional[Tuple[T, ...]]:
        items: Sequence[Node]
        if is_null(node):
            items = ()
        elif isinstance(node, Listing):
            items = node.items
        else:
            problems.append(wrong_shape(node, self.title))
            return None
        if len(items) < self.least:
            problems.append(
                Problem(
                    "list-too-short",
                    f"{node.path} needs at least {self.least}",
                    spoken(node.at, node.path),
                    f"it has {len(items)}",
                    f"add {self.item.title}",
                )
            )
        if self.most and len(items) > self.most:
            problems.append(
                Problem(
                    "list-too-long",
                    f"{node.path} may have at most {self.most}",
                    spoken(items[self.most].at, items[self.most].path),
                    f"it has {len(items)}",
                    "keep the ones that matter most",
                )
            )
        if self.repeats:
            parsed = [self.item.parse(item, problems) for item in items]
            return tuple(value for value in parsed if value is not None)
        values: Dict[T, None] = {}
        for item in items:
            value = self.item.parse(item, problems)
            if value in values:
                problems.append(
                    Problem(
                        "list-repeats",
                        f"{item.path} is there already",
                        spoken(item.at, item.path),
                        f"{_shown(str(value))} is written twice in this list",
                        "keep one of the two",
                    )
                )
            elif value is not None:
                values[value] = None
        return tuple(values)

    def json_schema(self) -> Schema:
        schema: Schema = {"type": ["array", "null"], "items": self.item.json_schema()}
        if self.least:
            schema.update({"type": "array", "minItems": self.least})
        if self.most:
            schema["maxItems"] = self.most
        return schema


class SystemIds(ListOf[str]):
    """Systemids as an administrator pastes them: to YAML, ``[IBM,0211D11C1]`` without quotes is a list of two."""

    def __init__(self) -> None:
        super().__init__(SYSTEMID, least=1)

    def parse(self, node: Node, problems: List[Problem]) -> Optional[Tuple[str, ...]]:
        if isinstance(node, Listing):
            before_another = (*(_is_prefix(item) for item in node.items[:-1]), False)
            kept = tuple(item for item, prefix in zip(node.items, before_another) if not prefix)
            node = Listing(kept, node.path, node.at)
        return super().parse(node, problems)

    def json_schema(self) -> Schema:
        schema = super().json_schema()
        schema["items"] = {"anyOf": [schema["items"], {"enum": ["IBM", "ibm"]}]}
        return schema


def _is_prefix(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text.upper() == "IBM"


def did_you_mean(text: str, known: Sequence[str]) -> str:
    """``did you mean hostname?``, or "" when nothing known is near."""
    import difflib

    near = difflib.get_close_matches(text[:64].lower(), known, n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
