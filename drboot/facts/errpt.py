"""The error log: ``errpt`` and ``errpt -a``.

    IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION
    60AFC9E5   0405132517 I O sys0           Partition ID changed since last boot.

Newest first.  Identifier 8 hex digits; time stamp MMDDhhmmYY, no seconds, year without century; type T, P, I or U
(temporary, permanent, information, unknown; ``P`` also pending and performance); class H, S, O, U; resource padded to
14; description cut at 40, perhaps with a trailing blank.  No entries: nothing printed, exit status 0.  ``-a`` prints
for each entry a dashed line, ``LABEL:`` and further keys, then titled paragraphs.  The log travels with the replica, so
an entry says nothing before its time and machine id were looked at.

Source: errpt/01 (7.1), 02, 03, 04, 07, 08, 10; -a 06; -t 50.
Assumed: nothing printed and exit status 0 without entries.
"""

from __future__ import annotations

import re
from typing import Dict, List, NamedTuple, Tuple

from drboot.facts.base import Line, Query, ignore, rows_of

IGNORE = (
    ignore(r"^IDENTIFIER +TIMESTAMP +T +C +RESOURCE_NAME +DESCRIPTION *$", "header"),
    ignore(r"^-{20,}$", "rule between entries"),
    ignore(
        r"^(?:LABEL|IDENTIFIER|Date/Time|Sequence Number|Machine Id|Node Id|Class|Type|WPAR|Resource \w+|Location"
        r"|VPD):",
        "key",
    ),
)


class LogEntry(NamedTuple):
    """One row of errpt.  ``timestamp`` as printed: MMDDhhmmYY."""

    identifier: str
    timestamp: str
    type: str
    cls: str
    resource: str
    description: str

    @property
    def minute(self) -> str:
        """YYMMDDhhmm: sorts by time."""
        return self.timestamp[8:] + self.timestamp[:8]


class LogDetail(NamedTuple):
    """One entry of errpt -a.  ``sections``: title and its lines, in order; ``rows``: every key and value."""

    label: str
    identifier: str
    rows: Tuple[Tuple[str, str], ...]
    sections: Tuple[Tuple[str, Tuple[str, ...]], ...]

    def value(self, key: str) -> str:
        """What stands behind the key, "" when it is not there."""
        return next((value for found, value in self.rows if found == key), "")


_HEADER = re.compile(r"IDENTIFIER\s+TIMESTAMP\s+T\s+C\s+RESOURCE_NAME\s+DESCRIPTION\s*")
_ROW = re.compile(
    r"(?P<identifier>[0-9A-F]{8})\s+(?P<timestamp>[0-9]{10})\s+(?P<type>[TPIU])\s+(?P<cls>[HSOU])"
    r"\s+(?P<resource>\S+)(?:\s+(?P<description>\S.*?))?\s*"
)


def parse(text: str) -> Tuple[LogEntry, ...]:
    """``errpt``: every row, newest first; () when nothing was printed."""
    found = []
    for at, line in enumerate(rows_of(text)):
        if at == 0 and _HEADER.fullmatch(line.text):
            continue
        row = line.match(_ROW, "not a row of errpt")
        if not _is_time(row.group("timestamp")):
            raise line.error("the time stamp is not MMDDhhmmYY")
        found.append(
            LogEntry(
                row.group("identifier"),
                row.group("timestamp"),
                row.group("type"),
                row.group("cls"),
                row.group("resource"),
                row.group("description") or "",
            )
        )
    return tuple(found)


def _is_time(stamp: str) -> bool:
    month, day, hour, minute = (int(stamp[at : at + 2]) for at in (0, 2, 4, 6))
    return 1 <= month <= 12 and 1 <= day <= 31 and hour < 24 and minute < 60


_RULE = re.compile(r"-{20,}\s*")
_KEYS = "LABEL|IDENTIFIER|Date/Time|Sequence Number|Machine Id|Node Id|Class|Type|WPAR|Resource (?:Name|Class|Type)"
_KEY = re.compile(rf"(?P<key>{_KEYS}|Location|VPD):(?:\s+(?P<value>\S.*?))?\s*")
_TITLE = re.compile(
    r"(?P<title>Description|(?:Probable|Possible|User|Install|Failure) Causes|Recommended Actions|Detail Data"
    r"|Duplicates)\s*"
)


def parse_detail(text: str) -> Tuple[LogDetail, ...]:
    """``errpt -a``: every entry.  ParseError when one has no label or identifier."""
    found: List[LogDetail] = []
    for rule, rows in _entries(rows_of(text)):
        keys: Dict[str, str] = {}
        sections: List[Tuple[str, Tuple[str, ...]]] = []
        for line in rows:
            key, title = _KEY.fullmatch(line.text), _TITLE.fullmatch(line.text)
            if title is not None and keys:
                sections.append((title.group("title"), ()))
            elif sections:
                sections[-1] = (sections[-1][0], (*sections[-1][1], line.text.strip()))
            elif key is not None:
                keys[key.group("key")] = key.group("value") or ""
            elif "VPD" in keys:
                keys["VPD"] = f"{keys['VPD']}\n{line.text.strip()}".strip()
            else:
                raise line.error("neither a key nor the title of a paragraph")
        if "LABEL" not in keys or not re.fullmatch("[0-9A-F]{8}", keys.get("IDENTIFIER", "")):
            raise rule.error("an entry without LABEL or IDENTIFIER")
        found.append(LogDetail(keys["LABEL"], keys["IDENTIFIER"], tuple(keys.items()), tuple(sections)))
    return tuple(found)


def _entries(lines: List[Line]) -> List[Tuple[Line, List[Line]]]:
    found: List[Tuple[Line, List[Line]]] = []
    for line in lines:
        if _RULE.fullmatch(line.text):
            found.append((line, []))
        elif not found:
            raise line.error("not the rule before an entry")
        else:
            found[-1][1].append(line)
    return found


LOG = Query("errpt", (), parse, about="errlog")


def since(stamp: str) -> Query[Tuple[LogEntry, ...]]:
    """The entries from ``stamp`` (MMDDhhmmYY) on."""
    return Query("errpt", ("-s", stamp), parse, about="errlog")


def detail(label: str, stamp: str) -> Query[Tuple[LogDetail, ...]]:
    """The entries with this label from ``stamp`` on, in full.

    Assumed: -J takes a label (boot-and-devices of the reference, section 19).
    """
    return Query("errpt", ("-a", "-J", label, "-s", stamp), parse_detail, about="errlog")
