"""The forms of LVM: rows of one or two ``KEY:   value``, as lspv, lsvg and lslv print them for one object.

    VG STATE:           active                   PP SIZE:        32 megabyte(s)
    PV IDENTIFIER:      00c6ce9d4f2c404a VG IDENTIFIER     00c6ce9d00004c000000014302ee7629

Rows and keys differ between levels and kinds of VG, so they are found by name and an unknown key is kept as
it stands.  A long value in the first column pushes the second key to one blank behind it; that is read for
the keys that are known to stand in the second column.  ``???????`` is what cannot be read while the VG is
varied off.

Source: lspv/01, 02; lsvg/01, 08, 20; lslv/01, 10.
"""

from __future__ import annotations

import re
from typing import Dict, List, Optional, Sequence, Tuple

from drboot.facts import messages
from drboot.facts.base import Line, ParseError
from drboot.facts.types import NAME as NAME
from drboot.facts.types import MountPoint

UNITS = r"(?<=[0-9] )(?:megabyte\(s\)|kilobyte\(s\)|kilobytes|megabytes?\)?)(?= |$)"
UNKNOWN = "???????"

_KEY = r"[A-Z][A-Za-z0-9()\-]*(?: [A-Za-z0-9()\-]+)*(?: \?)?"
_FIRST = re.compile(rf"(?P<key>{_KEY}):(?:\s+(?P<rest>\S.*?))?\s*")
_SECOND = re.compile(rf"(?:^|\s{{2,}})(?P<key>{_KEY}):(?=\s|$)")


def pairs(lines: Sequence[Line], second_column: Sequence[str]) -> List[Tuple[str, str, Line]]:
    """Every key with its value and line, in order.  ParseError for a row that does not start with a key.

    A message is no row: on which stream one comes is not known.
    """
    known = re.compile(rf"(?:^|\s)(?P<key>{'|'.join(map(re.escape, second_column))}):?(?=\s|$)")
    found = []
    for line in messages.taken_out(lines):
        row = line.match(_FIRST, "not a row of KEY: value")
        key, rest = row.group("key"), row.group("rest") or ""
        second = known.search(rest) or _SECOND.search(rest)
        if second is None:
            found.append((key, rest, line))
            continue
        found.append((key, rest[: second.start()].strip(), line))
        found.append((second.group("key"), rest[second.end() :].strip(), line))
    for _, value, line in found:
        if re.search(r"\s{2,}", value):
            raise line.error("more than two columns")
    return found


def by_key(rows: Sequence[Tuple[str, str, Line]]) -> Dict[str, Tuple[str, Line]]:
    """The rows by their key; ParseError when one stands there twice."""
    found: Dict[str, Tuple[str, Line]] = {}
    for key, value, line in rows:
        if key in found:
            raise line.error(f"{key} for the second time")
        found[key] = (value, line)
    return found


def required(found: Dict[str, Tuple[str, Line]], key: str) -> Tuple[str, Line]:
    if key not in found:
        raise ParseError(f"there is no {key}")
    return found[key]


def text(found: Dict[str, Tuple[str, Line]], key: str) -> Optional[str]:
    """The value, None for ``???????``.  ParseError when the row is missing."""
    value, _ = required(found, key)
    return None if value == UNKNOWN else value


def count(found: Dict[str, Tuple[str, Line]], key: str) -> Optional[int]:
    """The number that the value starts with: ``543 (34752 megabytes)`` is 543.  None for ``???????``."""
    value, line = required(found, key)
    if value == UNKNOWN:
        return None
    number = re.fullmatch(r"([0-9]+)(?: [a-z]+(?:\(s\))?| \([0-9]+ megabytes?\))?", value)
    if number is None:
        raise line.error(f"{key} is not a number")
    return int(number.group(1))


def mount_point(word: str) -> Optional[MountPoint]:
    """None for ``N/A``.  The column is a label of the LV, no proof of a mount (once ``#``: lsvg/23)."""
    return None if word == "N/A" else MountPoint(word)
