"""Reservations of a disk: ``devrsrv -c query -l hdiskN``.

    Device Reservation State Information
    ==================================================
    Device Name                     :  hdisk0
    Device Open On Current Host?    :  YES
    ODM Reservation Policy          :  SINGLE PATH RESERVE
    Device Reservation State        :  SINGLE PATH RESERVE
    Path Id of Reserved Path        :  0

Title, rule, then a label, a colon and a value.  Asked only about disks that could not be opened, so that a query which
opens the disk takes nothing from anybody.

Source: devrsrv manual (ssw_aix_72, d_commands/devrsrv); the form, from ahix.fr article 1250.
Assumed: the state of a disk that nobody has reserved has the words NO RESERVE in it.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of
from drboot.facts.types import Hdisk

IGNORE = (ignore(r"^Device Reservation State Information *$|^=+$", "title and rule"), ignore(r"(?<= ):(?= )", "colon"))


class Reservation(NamedTuple):
    """``rows``: every label with its value, in order."""

    disk: Hdisk
    is_open: bool
    state: str
    rows: Tuple[Tuple[str, str], ...]

    @property
    def is_reserved_elsewhere(self) -> bool:
        """Reserved although this host does not have it open."""
        return not self.is_open and "NO RESERVE" not in self.state.upper()


_ROW = re.compile(r"(?P<label>[A-Za-z][\w /?]*?)\s*:\s*(?P<value>.*?)\s*")


def parse(text: str) -> Reservation:
    """``devrsrv -c query``.  ParseError when name, open or state is missing."""
    rows: List[Tuple[str, str]] = []
    for line in rows_of(text):
        if set(line.text.strip()) == {"="} or line.text.strip() == "Device Reservation State Information":
            continue
        row = line.match(_ROW, "not a label, a colon and a value")
        rows.append((row.group("label"), row.group("value")))
    found = dict(rows)
    try:
        return Reservation(
            Hdisk(found["Device Name"]),
            found["Device Open On Current Host?"] == "YES",
            found["Device Reservation State"],
            tuple(rows),
        )
    except KeyError as missing:
        raise ParseError(f"there is no row {missing}") from None


def of_disk(disk: Hdisk) -> Query[Reservation]:
    return Query("devrsrv", ("-c", "query", "-l", disk), parse, about="lvm")
