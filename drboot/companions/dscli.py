"""What the DS8000's command line prints: ``lsflash -l``, and what resyncflash and mkflash say of each pair.

    ID,SrcLSS,SequenceNum,Timeout,ActiveCopy,Recording,Persistent,isTgtSE,DateSynced,State
    ======================================================================================
    0001:0002,00,0,60,Disabled,Enabled,Enabled,Unknown,Thu Sep 18 23:04:04 CEST 2014,Valid

    CMUC00168I resyncflash: FlashCopy volume pair 0001:0002 successfully resynchronized.

Columns are found by their names in the line above ``===``, never by number: releases add some.

Source: the seed document (its log of resyncflash, CMUC00168I); the names ID, Recording, Persistent, State, isTgtSE and
DateSynced, the values Enabled, Disabled, Valid and ESE, the form of the date and ``setenv -format delim`` are those
that OpenSVC's driver ibmdssnap reads.
Source: CMUC00137I mkflash: FlashCopy pair 0111:0110 successfully created (GDPS redbook examples).
Assumed: other columns may be there or not, in any order; a date is in English whatever the locale.
"""

from __future__ import annotations

import calendar
import re
import time
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from drboot.facts.base import LONGEST_LINE, Line, ParseError, lines_of

NEEDED = ("ID", "Recording", "Persistent", "State", "DateSynced")
RESYNCED, CREATED = "CMUC00168I", "CMUC00137I"
NONE_FOUND = re.compile(r"CMUC\d{5}I lsflash: No Flash Copy (?:instances )?found", re.IGNORECASE)
_ERROR = re.compile(r"CM[A-Z]{2}\d{5}E ")
PAIR = re.compile(r"\b[0-9A-Fa-f]{4}:[0-9A-Fa-f]{4}\b")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DATE = re.compile(
    r"(?:[A-Z][a-z]{2} )?(?P<month>[A-Z][a-z]{2}) +(?P<day>\d{1,2}) (?P<h>\d{2}):(?P<m>\d{2}):(?P<s>\d{2}) "
    r"(?P<zone>[A-Z]{1,5}) (?P<year>\d{4})"
)
# Hours that a clock is ahead of UTC.  Names that several zones have in common (CST, IST) are missing on purpose.
_ZONES = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 1, "BST": 1, "CET": 1, "MET": 1, "CEST": 2, "MEST": 2, "EET": 2,
    "EEST": 3, "MSK": 3, "SGT": 8, "HKT": 8, "JST": 9, "KST": 9, "AEST": 10, "AEDT": 11, "EDT": -4, "EST": -5,
    "CDT": -5, "MDT": -6, "MST": -7, "PDT": -7, "PST": -8,
}  # fmt: skip


class Pair(NamedTuple):
    """A FlashCopy pair.

    id         SOURCE:TARGET, two volume ids of four hexadecimal digits, upper case
    synced     seconds since 1970, None where the date cannot be read; ``date`` is the date as it was printed
    is_ese     the target is space efficient: it takes -tgtse
    """

    id: str
    recording: bool
    persistent: bool
    state: str
    is_ese: bool
    synced: Optional[float]
    date: str


def pair_id(word: str) -> str:
    """``0001:0a02`` as the array prints it.  Raises ValueError."""
    if not PAIR.fullmatch(word):
        raise ValueError(f"{word!r} is not SOURCE:TARGET, two volume ids of four hexadecimal digits each")
    return word.upper()


def parse_lsflash(text: str) -> Tuple[Pair, ...]:
    """``lsflash -l -dev IMAGE PAIR...`` behind ``setenv -banner off -header on -format delim``.

    () when it says that there is none.  Raises ParseError for anything else: a list that is cut short would lack pairs.
    """
    lines = lines_of(_unix(text))
    ruler = next((index for index, line in enumerate(lines) if re.fullmatch(r"={3,}", line.text.strip())), None)
    if ruler is None:
        if NONE_FOUND.search(text[:LONGEST_LINE]):
            return ()
        raise ParseError(
            "no line of === below the names of the columns; lsflash needs: setenv -format delim -header on"
        )
    if ruler == 0:
        raise lines[0].error("the names of the columns are missing above it")
    names = [name.strip() for name in lines[ruler - 1].text.split(",")]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise lines[ruler - 1].error(f"no column {', '.join(missing)}; lsflash needs -l")
    found: List[Pair] = []
    for line in lines[ruler + 1 :]:
        if not line.text.strip() or line.text.startswith("Date/Time: "):
            continue
        found.append(_pair(line, names))
        if found[-1].id in {pair.id for pair in found[:-1]}:
            raise line.error("this pair was listed before")
    return tuple(found)


def _pair(line: Line, names: List[str]) -> Pair:
    words = [word.strip() for word in line.text.split(",")]
    if len(words) != len(names):
        raise line.error(f"{len(words)} columns, and {len(names)} names above")
    row: Dict[str, str] = dict(zip(names, words))
    try:
        pair = pair_id(row["ID"])
    except ValueError as error:
        raise line.error(str(error)) from None
    for name in ("Recording", "Persistent"):
        if row[name] not in ("Enabled", "Disabled"):
            raise line.error(f"{name} is neither Enabled nor Disabled")
    recording, persistent = row["Recording"] == "Enabled", row["Persistent"] == "Enabled"
    date = row["DateSynced"]
    return Pair(pair, recording, persistent, row["State"], row.get("isTgtSE") == "ESE", when(date), date)


def when(date: str) -> Optional[float]:
    """``Thu Sep 18 23:04:04 CEST 2014`` in seconds since 1970; None where it is none, or its zone is not known.

    Read without the locale, and by the name of its zone: strptime knows only the zone that this host is in.
    """
    found = _DATE.fullmatch(date.strip())
    if found is None or found["month"] not in _MONTHS:
        return None
    year, month = int(found["year"]), _MONTHS.index(found["month"]) + 1
    day, hour, minute, second = (int(found[key]) for key in ("day", "h", "m", "s"))
    if not (1 <= day <= 31 and hour < 24 and minute < 60 and second < 62):
        return None
    if found["zone"] in _ZONES:
        ahead = 3600 * _ZONES[found["zone"]]
        return float(calendar.timegm((year, month, day, hour, minute, second)) - ahead)
    if found["zone"] in time.tzname:
        try:
            return time.mktime((year, month, day, hour, minute, second, 0, 0, time.tzname.index(found["zone"])))
        except (OverflowError, ValueError):
            return None
    return None


def _unix(text: str) -> str:
    """Without the prompt of a session, and with the ends of lines that a copy by way of Windows has lost."""
    return text.replace("\r\n", "\n").replace("dscli> ", "")


def images(text: str) -> Tuple[str, ...]:
    """The storage images that the banners name: ``Date/Time: ... DS: IBM.2107-75AAA01``; () with -banner off."""
    return tuple(dict.fromkeys(re.findall(r"^\s*Date/Time: .* DS: (\S+)", _unix(text), re.MULTILINE)))


def copied(log: str, code: str) -> Tuple[str, ...]:
    """The pairs of which dscli says, by this message, that they were resynchronised or created; each once, in order.

    Its last word on a pair counts: a log to which every run was appended may end with an error.
    """
    found: Dict[str, None] = {}
    for line in _said(log):
        pairs = [pair.upper() for pair in PAIR.findall(line)]
        if line.startswith(code + " "):
            found.update(dict.fromkeys(pairs))
        elif _ERROR.match(line):
            for pair in pairs:
                found.pop(pair, None)
    return tuple(found)


def _said(log: str) -> Iterator[str]:
    """Its lines.  Any line may be there: dscli echoes a command of six hundred pairs."""
    return (line.strip() for line in _unix(log).split("\n"))


def complaints(log: str) -> Tuple[str, ...]:
    """dscli's errors and warnings (CMUC, CMUN and CMMC messages that end in E or W), as they stand."""
    return tuple(line for line in _said(log) if re.match(r"CM[A-Z]{2}\d{5}[EW] ", line))
