"""Dump devices: ``sysdumpdev -l``.

    primary                 /dev/lg_dumplv
    secondary               /dev/sysdumpnull
    forced copy flag        TRUE

Label, a blank, tabs, value.  Never without -l: without any flag the command writes the ODM and NVRAM.

Source: sysdumpdev/01 (6.1); the sysdumpdev manual page (7.2) for the command without flags; ``enable NX GZIP`` of newer
levels: IBM/ansible-power-aix, plugins/modules/lpar_facts.py and its neighbours.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, Query, rows_of

IGNORE = ()


class DumpSettings(NamedTuple):
    rows: Tuple[Tuple[str, str], ...]

    def value(self, label: str) -> Optional[str]:
        return next((value for key, value in self.rows if key == label), None)

    @property
    def primary(self) -> Optional[str]:
        return self.value("primary")


_ROW = re.compile(r"(?P<label>[a-z]+(?: [A-Za-z]+)*)(?: *\t+| {2,})\s*(?P<value>\S.*?)?\s*")


def parse(text: str) -> DumpSettings:
    """``sysdumpdev -l``.  ParseError when there is no primary device."""
    found = []
    for line in rows_of(text):
        row = line.match(_ROW, "not a label and a value")
        found.append((row.group("label"), row.group("value") or ""))
    if "primary" not in dict(found):
        raise ParseError("there is no primary dump device")
    return DumpSettings(tuple(found))


# What the settings are called there.
LABELS = (
    "primary", "secondary", "copy directory", "forced copy flag", "always allow dump", "dump compression",
    "type of dump",
)  # fmt: skip
SETTINGS = Query("sysdumpdev", ("-l",), parse, about="dump")
