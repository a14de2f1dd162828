"""The partition's configuration: ``lparstat -i``.

    Partition Name                             : sample2
    Partition Number                           : 61
    Shared Pool ID                             : -

Key padded to 42, colon, value; ``-`` where it does not apply (kept as it is).  Which rows there are depends on level
and mode; the colon may stand one column off, and values may end in a blank: a line is split at its first colon.

Source: lparstat/02, 03, 05, 06 (5.3, 6.1), 07 (7.2).
"""

from __future__ import annotations

import re
from typing import Dict, NamedTuple, Optional, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of

IGNORE = (ignore(r"(?<=[ a-zA-Z)]):(?= )", "between key and value"),)


class Lparstat(NamedTuple):
    """Every key with its value, in order."""

    rows: Tuple[Tuple[str, str], ...]

    def value(self, key: str) -> Optional[str]:
        """What stands behind the key; None when it is not there or says ``-``."""
        value = dict(self.rows).get(key)
        return None if value == "-" else value

    @property
    def partition_name(self) -> Optional[str]:
        return self.value("Partition Name")

    @property
    def partition_number(self) -> Optional[int]:
        value = self.value("Partition Number")
        return None if value is None else int(value)


_ROW = re.compile(r"(?P<key>[A-Z][^:]*?[\w)])\s*:(?:\s+(?P<value>\S.*?))?\s*")


def parse(text: str) -> Lparstat:
    """``lparstat -i``.  ParseError for a row that is not key and value, and when there is no row."""
    found: Dict[str, str] = {}
    for line in rows_of(text):
        row = line.match(_ROW, "not a key and a value")
        if row.group("key") in found:
            raise line.error(f"{row.group('key')} for the second time")
        found[row.group("key")] = row.group("value") or ""
        if row.group("key") == "Partition Number" and row.group("value") != "-":
            line.whole(row.group("value") or "", "Partition Number")
    if not found:
        raise ParseError("nothing was printed")
    return Lparstat(tuple(found.items()))


CONFIGURATION = Query("lparstat", ("-i",), parse, about="identity")
