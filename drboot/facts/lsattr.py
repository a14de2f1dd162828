"""Attributes of devices: ``lsattr -El DEV -a ATTR -F value``, ``lsattr -El DEV``, ``lsattr -EOl DEV``, ``lsattr -Rl``.

``-F value`` prints one value per line: several lines for a multi-valued attribute (route, alias4), an empty
line for an empty value.  An unknown device or attribute: exit status 255, nothing on standard output.

The listing has four columns, attribute, value, description and user_settable, each padded to the widest entry
of this very output, one blank between two of them.  An empty value is blanks, so words say nothing:

    alias4        192.168.203.160,255.255.255.0 IPv4 Alias including Subnet Mask           True
    alias6                                      IPv6 Alias including Prefix Length         True

A grep may take away what a column was padded to: its blanks stay.

user_settable: False, True, or True+ (changeable while the device is open).  ``-H`` puts the column names and an
empty line in front.  Attributes may repeat.  4.3 orders them otherwise and has N/A for descriptions.

``-O`` prints ``#a:b:c`` and then the values, also with colons between.  A value with a colon in it cannot be told
apart there, unless it is the only one.

``-R`` prints what an attribute may be: a value per line, or ``1...256 (+1)``; nothing where it may be anything.

``-E`` is what the ODM says: after ``chdev -P`` the driver may run with something else.

Source: lsattr/02 to 09, 50 to 59 (5.3 to 7.x), 08 and 56 (4.3), 20, 21 (-H), 28 (True+), 30; -O 11, 13, 15 (6.1);
-F 07, 08, 61; -R: the manual alone, no transcript; exit status 255: the aix_devices module of Ansible's
community.general and IBM's cloud-init port read it so (boot-and-devices of the reference, section 5).
"""

from __future__ import annotations

import re
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from drboot.facts.base import Line, ParseError, Query, ignore, lines_of, rows_of

IGNORE = (
    ignore(r"^attribute +value +description +user_settable *$", "header of -H"),
    ignore(r"^#(?=\S)", "mark of the header of -O"),
)

UNKNOWN = (255,)  # exit status for a device or an attribute that is not there


class Attribute(NamedTuple):
    """One row.  ``value`` is "" when empty; ``settable`` is False, True or True+ as printed."""

    name: str
    value: str
    description: str
    settable: str


def parse_values(text: str) -> Tuple[str, ...]:
    """``-F value``: the values, () when the command printed nothing, ("",) for one empty value.

    Assumed: of several values none is empty, so a blank line beside a value is no value.
    """
    values = tuple(line.text.rstrip() for line in lines_of(text))
    return tuple(value for value in values if value) or values[:1]


_HEADER = re.compile(r"(attribute +)(value +)(description +)user_settable\s*")
_SETTABLE = re.compile(r".*\s(?P<flag>True\+?|False)\s*")

_RUN = re.compile(" {2,}")
_NO_FLAG = "the row does not end in True or False"


def parse_listing(text: str) -> Tuple[Attribute, ...]:
    """``lsattr -El DEV``: every row.  ParseError when the columns cannot be told apart."""
    lines = lines_of(text)
    rows = [line for line in lines if line.text.strip()]
    if not rows:
        return ()
    header = _HEADER.fullmatch(rows[0].text)
    if header is not None:
        value_at = header.end(1)
        columns = (value_at, header.end(2))
        return tuple(_attribute(line, *columns, start=0) for line in rows[1:])
    start = min(len(line.text) - len(line.text.lstrip()) for line in rows)
    for line in rows:
        if line.text[start : start + 1].isspace():
            raise line.error("the row does not start where the others do")
    return tuple(_attribute(line, *_columns(rows, start), start=start) for line in rows)


def _columns(rows: Sequence[Line], start: int) -> Tuple[int, int]:
    """Where values and descriptions begin, found from what all rows have in common."""
    names_end = max(len(line.text[start:].split()[0]) + start for line in rows)
    bodies = [line.text[: line.match(_SETTABLE, _NO_FLAG).start("flag")].rstrip() for line in rows]
    width = max(len(body) for body in bodies)
    first = next((at for at in range(names_end, width) if any(body[at : at + 1].strip() for body in bodies)), width)
    if first in (names_end, width):
        raise rows[0].error("the names of the attributes run into the next column, or there is none")
    starts = [at for at in range(first, width) if all(_starts(body, at) for body in bodies)]
    if not starts:
        raise ParseError("the rows have no description in common")
    gap = first - names_end
    if starts[0] != first:  # some values are empty, so the first thing that all have is the description
        return first, starts[0]
    if len(rows) == 1:
        return _columns_of_one(rows[0], bodies[0], first, gap)
    if len(starts) == 1:  # no row has a value
        if gap == 1:
            raise rows[0].error("a row has an attribute, a value, a description and user_settable")
        return first - 1, first
    if gap == 2 and not _are_values(bodies, first, starts[1]):
        raise ParseError("whether the values are empty cannot be told")
    return first, starts[1]


def _columns_of_one(row: Line, body: str, first: int, gap: int) -> Tuple[int, int]:
    """The columns of a single row: of a device with one attribute, or what a grep has left of more.

    A grep leaves the blanks behind a value that is not the widest.  Assumed: only a unique_id has two blanks in itself.
    """
    runs = list(_RUN.finditer(body, first))
    if not runs and gap == 2:  # no value
        return first - 1, first
    if not runs and " " in body[first:]:
        return first, body.index(" ", first) + 1
    if len(runs) == 1 and " " not in body[first : runs[0].start()] and row.text.split()[0] != "unique_id":
        return first, runs[0].end()
    raise row.error("where the value of a single row ends cannot be told")


def _are_values(bodies: Sequence[str], first: int, description_at: int) -> bool:
    """Whether what stands first in the rows is one word each, padded to a column: values, behind names cut out.

    An empty value leaves two blanks in front of the description, and so does a grep that takes the longest name away.
    """
    cells = [body[first:description_at].rstrip() for body in bodies]
    return all(" " not in cell for cell in cells) and min(map(len, cells)) < description_at - first - 1


def _starts(body: str, at: int) -> bool:
    """Whether a column may start here: behind a blank, with a word or with nothing at all up to the end."""
    return not body[at - 1 : at].strip() and (at >= len(body) or not body[at].isspace())


def _attribute(line: Line, value_at: int, description_at: int, start: int) -> Attribute:
    flag = line.match(_SETTABLE, _NO_FLAG).group("flag")
    body = line.text.rstrip()[: -len(flag)]
    name = body[start:value_at].strip()
    if not re.fullmatch(r"[\w.\-]+", name):
        raise line.error("the row does not start with the name of an attribute")
    for at in (value_at, description_at):
        if at - 1 < len(body) and not body[at - 1].isspace():
            raise line.error(f"something stands between the columns, at {at}")
    return Attribute(name, body[value_at:description_at].strip(), body[description_at:].strip(), flag)


def parse_colon(text: str) -> Tuple[Tuple[str, str], ...]:
    """``lsattr -EO``: each attribute with its value, in the order of the header; () for no output."""
    lines = lines_of(text)
    if not lines:
        return ()
    if not lines[0].text.startswith("#"):
        raise lines[0].error("not a header that starts with #")
    if len(lines) != 2:
        raise ParseError(f"one line of values was expected behind the header, there are {len(lines) - 1}")
    names = lines[0].text[1:].split(":")
    values = [lines[1].text] if len(names) == 1 else lines[1].text.split(":")
    if len(values) != len(names):
        raise lines[1].error(f"{len(names)} values were expected, there are {len(values)}")
    return tuple(zip(names, values))


class Allowed(NamedTuple):
    """What an attribute may be.  lines: as printed, values and ranges; ranges: lowest, highest, step."""

    lines: Tuple[str, ...]
    ranges: Tuple[Tuple[int, int, int], ...]

    def admits(self, value: str) -> bool:
        """Whether chdev may take it.  True also where nothing is said, and for a word where numbers are asked for."""
        if value in self.lines or not self.lines:
            return True
        try:
            number = int(value, 0)
        except ValueError:
            return bool(self.ranges)
        return any(low <= number <= high and (number - low) % step == 0 for low, high, step in self.ranges)


_RANGE = re.compile(r"\s*(?P<low>\w+)\.\.\.(?P<high>\w+) +\(\+(?P<step>\w+)\)\s*")


def parse_allowed(text: str) -> Allowed:
    """``lsattr -Rl DEV -a ATTR``.  ParseError for a range that is none."""
    rows = rows_of(text)
    ranges: List[Tuple[int, int, int]] = []
    for line in rows:
        if "..." not in line.text:
            continue
        found = line.match(_RANGE, "a range is low...high (+step)")
        try:
            low, high, step = (int(found.group(part), 0) for part in ("low", "high", "step"))
        except ValueError:
            raise line.error("a range is of numbers") from None
        if not (low <= high and step > 0):
            raise line.error("nothing is in the range")
        ranges.append((low, high, step))
    return Allowed(tuple(line.text.strip() for line in rows), tuple(ranges))


def columns(*names: str) -> Callable[[str], Tuple[Tuple[str, ...], ...]]:
    """The parser for ``-F "attribute value"``: rows of that many words, the last of them may be empty."""

    def parse(text: str) -> Tuple[Tuple[str, ...], ...]:
        found: List[Tuple[str, ...]] = []
        for line in rows_of(text):
            words = line.text.split(None, len(names) - 1)
            if len(words) < len(names) - 1:
                raise line.error(f"{' '.join(names)} were expected")
            found.append(tuple(word.rstrip() for word in [*words, ""][: len(names)]))
        return tuple(found)

    return parse


def value(device: str, attribute: str) -> Query[Tuple[str, ...]]:
    """The values of one attribute; () when there is no such device or attribute.

    Assumed: an attribute of sys0 has a value, so silence is no answer there; of others it may be an empty one.
    """
    args = ("-El", device, "-a", attribute, "-F", "value")
    return Query("lsattr", args, parse_values, about="devices", empty=UNKNOWN, speaks=device == "sys0")


def allowed(device: str, attribute: str) -> Query[Allowed]:
    """What the device takes for an attribute that it has."""
    return Query("lsattr", ("-R", "-l", device, "-a", attribute), parse_allowed, about="devices")


def listing(device: str) -> Query[Tuple[Attribute, ...]]:
    """All attributes of one device; () when there is no such device."""
    return Query("lsattr", ("-El", device), parse_listing, about="devices", empty=UNKNOWN)


def colon(device: str, *attributes: str) -> Query[Tuple[Tuple[str, str], ...]]:
    """The values of some attributes of one device in one line.  Not for values that may hold a colon."""
    asked = ("-a", ":".join(attributes)) if attributes else ()
    return Query("lsattr", ("-EOl", device, *asked), parse_colon, about="devices", empty=UNKNOWN)


def by_name(attributes: Sequence[Attribute]) -> Dict[str, Tuple[str, ...]]:
    """The values by attribute, several for one that repeats."""
    found: Dict[str, Tuple[str, ...]] = {}
    for attribute in attributes:
        found[attribute.name] = (*found.get(attribute.name, ()), attribute.value)
    return found


def first(values: Sequence[str]) -> Optional[str]:
    """The only value, "" for an empty one, None when the attribute is not there.

    ParseError when there are several: one of them would be a guess.
    """
    if len(values) > 1:
        raise ParseError(f"one value was expected, there are {len(values)}")
    return values[0] if values else None
