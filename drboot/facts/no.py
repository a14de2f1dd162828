"""Network tunables: ``no -a``.

                     arpqsize = 1024
               ndd_event_name = {all}

Name padded to the left, ``=``, value.

Source: no/50 (6.1).
"""

from __future__ import annotations

import re
from typing import Dict, Tuple

from drboot.facts.base import ignore, rows_of

IGNORE = (ignore(r"(?<= )=(?= )", "between name and value"),)

_ROW = re.compile(r"\s*(?P<name>[a-z][a-z0-9_]*) = (?P<value>\S+)\s*")


def parse(text: str) -> Tuple[Tuple[str, str], ...]:
    """Every tunable with its value, in order."""
    found: Dict[str, str] = {}
    for line in rows_of(text):
        row = line.match(_ROW, "not name = value")
        if row.group("name") in found:
            raise line.error(f"{row.group('name')} for the second time")
        found[row.group("name")] = row.group("value")
    return tuple(found.items())
