"""The machine at a glance: ``prtconf`` (= ``lsconf``).  Slow: it walks lscfg; never called during a boot.

    System Model: IBM,9009-22A
    Machine Serial Number: 7835450
    LPAR Info: 41 lpar1-pvm1

    Network Information
            Host Name: lpar1-pvm1
            Name Server:

``Key: value`` rows; then titled blocks of indented rows (network, paging space), tables of volume groups, and the list
of resources: a mark, a name, a location or blanks, a description.  ``Not Available`` where the firmware says nothing.

Source: prtconf/01, 03, 04, 50 (7.3), 06 (QEMU, 7.2), 07.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, ParseError, ignore, rows_of

IGNORE = (
    ignore(r"^={20,}$|^(?:Network|Paging Space|Volume Groups) Information$|^(?:In)?[Aa]ctive VGs$", "title or rule"),
    ignore(r"^INSTALLED RESOURCE LIST$|^The following resources are installed on the machine\.$", "title"),
    ignore(r"^\+/- = Added or deleted from Resource List\.$|^\*   = Diagnostic support not available\.$", "legend"),
    ignore(r"^PV_NAME +PV STATE +.*$|^[\w.-]+:?$|^\S+ +(?:active|missing|removed) .*$", "volume groups: lsvg"),
    ignore(r"^[+*-](?= )", "mark of a resource"),
)


class Resource(NamedTuple):
    name: str
    location: str
    description: str


class Prtconf(NamedTuple):
    """``rows``: every key with its value; a key of a block has the title in front, ``Network Information: Gateway``."""

    rows: Tuple[Tuple[str, str], ...]
    resources: Tuple[Resource, ...]

    def value(self, key: str) -> Optional[str]:
        return next((value for found, value in self.rows if found == key), None)


_KEY = re.compile(r"(?P<indent>\s*)(?P<key>[A-Z][A-Za-z \-]*[A-Za-z]):(?:\s+(?P<value>\S.*?))?\s*")
_BLOCK = re.compile(r"(?P<title>Network|Paging Space|Volume Groups) Information\s*")
_LIST = re.compile(r"INSTALLED RESOURCE LIST\s*")
_RESOURCE = re.compile(
    r"[+*\-] (?P<name>\S+)(?:\s+(?P<location>[0-9A-Z]+(?:[-.][0-9A-Z]+)+)(?=\s{2}))?\s{2,}(?P<description>\S.*?)\s*"
)
_PASSED_OVER = re.compile(
    r"={20,}|(?:Ina|A)ctive VGs|[\w.\-]+:?|PV_NAME\s.*|\S+\s+(?:active|missing|removed)\s.*"
    r"|The following resources .*|\+/- = .*|\*   = .*|[\w.\-]+:",
    re.ASCII,
)


def parse(text: str) -> Prtconf:
    """The whole output, its head only, or rows of it.  ParseError for a line of no known shape."""
    found: Dict[str, str] = {}
    resources: List[Resource] = []
    block = ""
    for line in rows_of(text):
        title, resource, key = _BLOCK.fullmatch(line.text), _RESOURCE.fullmatch(line.text), _KEY.fullmatch(line.text)
        if title is not None:
            block = title.group("title")
        elif _LIST.fullmatch(line.text):
            block = "Resources"
        elif resource is not None:
            resources.append(
                Resource(resource.group("name"), resource.group("location") or "", resource.group("description"))
            )
        elif key is not None and not (block == "Volume Groups" and not key.group("value")):
            inside = key.group("indent") and block not in ("", "Resources")
            name = f"{block} Information: {key.group('key')}" if inside else key.group("key")
            _add(found, name, key.group("value") or "", line)
        elif not (block and _PASSED_OVER.fullmatch(line.text.rstrip())):
            raise line.error("not a row of prtconf")
    if not found and not resources:
        raise ParseError("nothing was printed")
    return Prtconf(tuple(found.items()), tuple(resources))


def _add(found: Dict[str, str], key: str, value: str, line: Line) -> None:
    if key in found:
        raise line.error(f"{key} for the second time")
    found[key] = value
