"""Machine and partition: ``uname -L``, ``-M``, ``-u``, ``-f``, ``-m``, ``-a``, ``-rvp``, ``-W``, ``-n``.

    uname -L    99 lpar1                 partition number, partition name; -1 NULL: not an LPAR
    uname -u    IBM,0211D11C1            system id, the same string as sys0's systemid
    uname -M    IBM,9117-MMB
    uname -f    80000BA02DC00063         16 hex digits, partition number in the low bits
    uname -m    00CCABFD4C00             12 hex digits; the serial number cannot be read from it
    uname -rvp  3 7 powerpc              release, version, processor: AIX 7.3
    uname -a    AIX server02 1 6 00C71A624C00
    uname -W    0                        WPAR id, 0 outside of one

The partition name may hold blanks.  One line always, exit status 0.

Source: uname/01 to 12 (5.1 to 7.3); the unamex subroutine page for ``-1 NULL`` and the order -M, -u, -L.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Pattern

from drboot.facts.base import Line, ParseError, Query, ignore, rows_of

IGNORE = (ignore(r"-1 NULL$", "not an LPAR: None, None"),)


class Partition(NamedTuple):
    """``number`` and ``name``, both None when this is no LPAR."""

    number: Optional[int]
    name: Optional[str]


class Release(NamedTuple):
    """``uname -rvp``: release 3 and version 7 of AIX 7.3."""

    release: int
    version: int
    processor: str


class Everything(NamedTuple):
    """``uname -a``.  ``release`` stands before ``version``."""

    system: str
    node: str
    release: int
    version: int
    machine: str


class System(NamedTuple):
    """``uname -MuL``."""

    model: str
    systemid: str
    partition: Partition


def only_line(text: str) -> Line:
    """The one line that was printed, blanks at its ends taken off.  ParseError for none or more."""
    rows = rows_of(text)
    if len(rows) != 1:
        raise ParseError(f"one line was expected, there are {len(rows)}")
    return rows[0]._replace(text=rows[0].text.strip())


def parse_partition(text: str) -> Partition:
    """``uname -L``."""
    return _partition(only_line(text))


_PARTITION = re.compile(r"(?P<number>-?[0-9]+) +(?P<name>\S.*)")


def _partition(line: Line) -> Partition:
    found = line.match(_PARTITION, "not a partition number and name")
    number, name = int(found.group("number")), found.group("name")
    if number < 0:
        if (number, name) != (-1, "NULL"):
            raise line.error("a negative partition number that is not -1 NULL")
        return Partition(None, None)
    return Partition(number, name)


_SYSTEM = re.compile(r"(?P<model>IBM,\S+) (?P<systemid>IBM,\S+) (?P<partition>\S.*)")


def parse_system(text: str) -> System:
    """``uname -MuL``."""
    line = only_line(text)
    found = line.match(_SYSTEM, "not model, system id and partition")
    partition = _partition(line._replace(text=found.group("partition")))
    return System(found.group("model"), found.group("systemid"), partition)


_RELEASE = re.compile(r"([0-9]+) ([0-9]+) (\S+)")


def parse_release(text: str) -> Release:
    """``uname -rvp``."""
    found = only_line(text).match(_RELEASE, "not release, version and processor")
    return Release(int(found.group(1)), int(found.group(2)), found.group(3))


_EVERYTHING = re.compile(r"(AIX) (\S+) ([0-9]+) ([0-9]+) ([0-9A-F]{12})")


def parse_everything(text: str) -> Everything:
    """``uname -a``."""
    found = only_line(text).match(_EVERYTHING, "not system, node, release, version and machine")
    return Everything(found.group(1), found.group(2), int(found.group(3)), int(found.group(4)), found.group(5))


def _word(text: str, pattern: Pattern[str], what: str) -> str:
    return only_line(text).match(pattern, f"not {what}").group()


_MODEL = re.compile(r"IBM,[0-9A-Z]{4}-[0-9A-Z]{3}|IBM pSeries \(emulated by qemu\)")
_SYSTEMID = re.compile(r"IBM,[0-9A-Z]{9}")
_MACHINE = re.compile(r"[0-9A-F]{12}")
_FULL = re.compile(r"[0-9A-F]{16}")
_NODE = re.compile(r"\S+")


def parse_model(text: str) -> str:
    """``uname -M``."""
    return _word(text, _MODEL, "a model")


def parse_systemid(text: str) -> str:
    """``uname -u``."""
    return _word(text, _SYSTEMID, "a system id")


def parse_machine(text: str) -> str:
    """``uname -m``."""
    return _word(text, _MACHINE, "12 hexadecimal digits")


def parse_full(text: str) -> str:
    """``uname -f``."""
    return _word(text, _FULL, "16 hexadecimal digits")


def parse_node(text: str) -> str:
    """``uname -n``."""
    return _word(text, _NODE, "a node name")


def parse_host(text: str) -> str:
    """``hostname``: the kernel's host name, "" while it has none."""
    return parse_node(text) if text.strip() else ""


def parse_wpar(text: str) -> int:
    """``uname -W``."""
    line = only_line(text)
    return line.whole(line.text, "WPAR id")


PARTITION: Query[Partition] = Query("uname", ("-L",), parse_partition, about="identity")
SYSTEMID: Query[str] = Query("uname", ("-u",), parse_systemid, about="identity")
MODEL: Query[str] = Query("uname", ("-M",), parse_model, about="identity")
MACHINE: Query[str] = Query("uname", ("-m",), parse_machine, about="identity")
RELEASE: Query[Release] = Query("uname", ("-rvp",), parse_release, about="identity")
NODE: Query[str] = Query("uname", ("-n",), parse_node, about="names")
HOST: Query[str] = Query("hostname", (), parse_host, about="names")
WPAR: Query[int] = Query("uname", ("-W",), parse_wpar, about="identity")
