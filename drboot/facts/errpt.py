"""The error log: ``errpt`` and ``errpt -a``.

    IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION
    60AFC9E5   0405132517 I O sys0           Partition ID changed since last boot.

Newest first.  Identifier 8 hex digits; time stamp MMDDhhmmYY, no seconds, year without century; type T, P, I or U
(temporary, permanent, information, unknown; ``P`` also pending and performance); class H, S, O, U; resource padded to
14; description cut at 40, perhaps with a trailing blank.  No entries: nothing printed, exit status 0.  ``-a`` prints
for each entry a dashed line, ``LABEL:`` and further keys, then titled paragraphs.  The log travels with the replica, so
an entry says nothing before its time and machine id were looked at.

AIXIF_ARP_DUP_ADDR is logged for each ARP packet that claims an address of this machine; its detail data have the
address as hexadecimal words, ``C000 0209`` for 192.0.2.9, below DUPLICATE IP ADDRESS, and the claimant's MAC as three
words below MAC ADDRESS.

Source: errpt/01 (7.1), 02, 03, 04, 07, 08, 10; -a 06; -t 50; IBM's page "What is the meaning of the
AIXIF_ARP_DUP_ADDR message in errpt"; its titles and the number of words: supportinfoscale.cloud.com, article 100052328.
Assumed: nothing printed and exit status 0 without entries; errdemon counts repetitions within some seconds in one
entry, so an entry that reads differently than before is news as well.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Collection, Dict, FrozenSet, List, NamedTuple, Optional, Sequence, Tuple

from drboot.errors import Problem
from drboot.facts.base import Line, Query, ignore, rows_of
from drboot.facts.types import dotted

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
    try:
        datetime.strptime(stamp, "%m%d%H%M%y")
    except ValueError:  # 30 February, for one
        return False
    return True


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
    for line, following in zip(lines, [*lines[1:], None]):
        if _RULE.fullmatch(line.text) and (not found or following is None or following.text.startswith("LABEL:")):
            found.append((line, []))  # any other rule is somebody's text
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


DUPLICATE = "AIXIF_ARP_DUP_ADDR"
DUPLICATES = Query("errpt", ("-a", "-J", DUPLICATE), parse_detail, about="errlog")
# For an errpt that does not take the label: of its flags only -a, -N and -s are in a transcript (section 19).
ENTRIES = Query("errpt", ("-a",), parse_detail, about="errlog")

# Source: errpt/02 and 10: 9DBCFDEE, ERROR LOGGING TURNED ON, is logged when errdemon starts at a boot.
STARTS = Query("errpt", ("-j", "9DBCFDEE"), parse, about="errlog")


def since_boot(starts: Optional[Tuple[LogEntry, ...]]) -> Query[Tuple[LogDetail, ...]]:
    """The entries about duplicate addresses since this boot; ``starts`` are the rows of ``STARTS``, newest first.

    Five minutes more, since /etc/rc.net brings addresses up before errdemon runs; all of them without a start.
    Assumed: what the kernel logs until then keeps the time at which it happened.
    """
    if not starts:
        return DUPLICATES
    began = datetime.strptime(starts[0].timestamp, "%m%d%H%M%y") - timedelta(minutes=5)
    return detail(DUPLICATE, began.strftime("%m%d%H%M%y"))


def addresses_of(entry: LogDetail) -> FrozenSet[str]:
    """Everything in the paragraphs of an entry that can be an IPv4 address: dotted, 8 hexadecimal digits, 4 and 4.

    Three words that stand alone are a MAC.
    """
    found = set()
    for _, lines in entry.sections:
        for line in lines:
            found |= {word for word in re.findall(r"(?<![\w.])\d+\.\d+\.\d+\.\d+(?![\w.])", line) if dotted(word)}
            words = _hex_words(line)
            if len(words) == 3 and all(words):
                continue
            found |= {_quad(first + second) for first, second in zip(words, words[1:]) if first and second}
    return frozenset(found)


def mac_of(entry: LogDetail, address: str) -> str:
    """The other machine's MAC where the entry has it, or "".

    ``2:0:a:14:5:1``, three words in a line of their own, or the three words after the address.
    """
    for _, lines in entry.sections:
        for line in lines:
            written = re.search(r"(?<![\w:])[0-9A-Fa-f]{1,2}(?::[0-9A-Fa-f]{1,2}){5}(?![\w:])", line)
            if written is not None:
                return ":".join(part.zfill(2) for part in written.group().lower().split(":"))
            words = _hex_words(line)
            if len(words) == 3 and all(words):
                return _with_colons(words)
            for at in range(len(words) - 4):
                if all(words[at : at + 5]) and _quad(words[at] + words[at + 1]) == address:
                    return _with_colons(words[at + 2 : at + 5])
    return ""


def _with_colons(words: Sequence[str]) -> str:
    """``0005 5533 5AC7`` -> ``00:05:55:33:5a:c7``."""
    digits = "".join(words).lower()
    return ":".join(digits[start : start + 2] for start in range(0, 12, 2))


def mark_of(entry: LogDetail) -> str:
    """Tells this entry from any other, for a record: by all of its text.

    Numbers begin anew with a new log, a clock may be set, and one more claim may be counted in an entry that is there.
    """
    return hashlib.sha256(repr(tuple(entry)).encode("utf-8", "surrogateescape")).hexdigest()[:16]


def _hex_words(line: str) -> List[str]:
    """The line's words of four hexadecimal digits, eight of them being two words; "" for any other word."""
    found: List[str] = []
    for word in line.split():
        digits = re.fullmatch(r"(?:0[xX])?([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})?", word)
        found += [part for part in digits.groups() if part] if digits else [""]
    return found


def _quad(digits: str) -> str:
    """``C0000209`` -> ``192.0.2.9``."""
    return ".".join(str(int(digits[start : start + 2], 16)) for start in (0, 2, 4, 6))


@dataclass(frozen=True)
class Heard:
    """What the error log had to say about duplicate addresses before this run could be the cause.

    entries  these are no news: they travelled with the replica, or are of earlier runs
    judged   nor are those with one of these marks: an earlier run of this event took them for old, or has acted on them
    known    every address that this machine may hold, so that an entry about one is not taken for another's
    unread   why the log could not be read then, which makes all that it says later useless
    """

    entries: FrozenSet[LogDetail] = frozenset()
    known: Tuple[str, ...] = ()
    unread: Optional[Problem] = None
    judged: FrozenSet[str] = frozenset()

    def news(self, now: Tuple[LogDetail, ...], addresses: Collection[str]) -> Optional[Tuple[str, LogDetail]]:
        """One of the addresses and the newest entry that says that another machine has it; None when there is none.

        An entry that names no address that is known is about any of them: what its text looks like is not known.
        """
        for entry in now:
            if entry in self.entries or (self.judged and mark_of(entry) in self.judged):
                continue
            named = addresses_of(entry)
            for address in addresses:
                if address in named or not named & {*self.known, *addresses}:
                    return address, entry
        return None

    def after(self, marks: str) -> Heard:
        """The same, and the claims with these marks are no news."""
        return replace(self, judged=frozenset(marks.split()))

    def marks(self, now: Tuple[LogDetail, ...] = (), up: Collection[str] = ()) -> str:
        """What a later run of this event has to know: what is no news to this one, and of what the log says ``now`` all
        that is about none of the addresses that are ``up``.  It has been acted on; where one of them comes up again,
        it is watched anew, and not taken down for the old entry.
        """
        old = (*self.entries, *(entry for entry in now if not self.news((entry,), up)))
        return " ".join(sorted({*self.judged, *map(mark_of, old)}))


NOTHING_HEARD = Heard()
