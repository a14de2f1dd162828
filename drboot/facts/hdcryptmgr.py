"""Encrypted logical volumes: ``hdcryptmgr showlv VG``.

    NAME                 CRYPTO_STATUS    %ENCRYPTED       NOTE
    lv00                 unlocked         100
    lv03                 not_enabled      0
    lv04                 locked           100
    lv02                 uninitialized    0

One row per LV; the note may have several words, or none.  A VG that is not enabled for encryption prints a message
instead.  From 7200-05 on.

Source: hdcryptmgr manual (ssw_aix_72, h_commands/hdcryptmgr), its example.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from drboot.facts.base import ParseError, Query, ignore, rows_of
from drboot.facts.types import LvName, VgName, name

IGNORE = (ignore(r"^NAME +CRYPTO_STATUS +%ENCRYPTED +NOTE.*$", "header"),)


class CryptoLv(NamedTuple):
    """status: unlocked, locked, uninitialized or not_enabled; encrypted: percent."""

    name: LvName
    status: str
    encrypted: int
    note: str

    @property
    def is_locked(self) -> bool:
        return self.status == "locked"


_HEADER = re.compile(r"NAME\s+CRYPTO_STATUS\s.*")
_ROW = re.compile(r"(?P<name>\S+)\s+(?P<status>[a-z_]+)\s+(?P<percent>[0-9]+)(?:\s+(?P<note>\S.*?))?\s*")


def parse(text: str) -> Tuple[CryptoLv, ...]:
    """Every LV, in order.  ParseError without the header: a message is no answer."""
    rows = rows_of(text)
    if not rows or not _HEADER.fullmatch(rows[0].text):
        raise ParseError("the header was expected")
    found = []
    for line in rows[1:]:
        row = line.match(_ROW, "not a row of hdcryptmgr showlv")
        lv = LvName(name(row.group("name"), line, "logical volume"))
        found.append(CryptoLv(lv, row.group("status"), int(row.group("percent")), row.group("note") or ""))
    return tuple(found)


def lvs(vg: VgName) -> Query[Tuple[CryptoLv, ...]]:
    return Query("hdcryptmgr", ("showlv", vg), parse, about="lvm")
