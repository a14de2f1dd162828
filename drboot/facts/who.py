"""When the machine was booted, and its run level: ``who -b``, ``who -r``.

       .        system boot Feb 13 23:31
       .        run-level 2 Aug 19 09:49       2    0    S

No year; trailing blanks.

Source: who/01 (7.3), 03 (blanks collapsed by the page).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from drboot.facts.base import Query, ignore
from drboot.facts.uname import only_line

IGNORE = (ignore(r"^ *\. +(?:system boot|run-level)", "the kind of record"),)

_TIME = r"[A-Z][a-z]{2} +[0-9]{1,2} [0-9]{2}:[0-9]{2}"
_BOOT = re.compile(rf"\.\s+system boot\s+(?P<when>{_TIME})")
_LEVEL = re.compile(
    rf"\.\s+run-level (?P<level>\S)\s+(?P<when>{_TIME})\s+(?P<now>\S)\s+(?P<times>[0-9]+)\s+(?P<last>\S)"
)


class RunLevel(NamedTuple):
    """``times``: how often this level was entered since the boot; ``last`` the level before."""

    level: str
    when: str
    now: str
    times: int
    last: str


def parse_boot(text: str) -> str:
    """``who -b``: the words of the boot time, with single blanks."""
    return " ".join(only_line(text).match(_BOOT, "not the time of the boot").group("when").split())


def parse_run_level(text: str) -> RunLevel:
    """``who -r``."""
    found = only_line(text).match(_LEVEL, "not the run level")
    when = " ".join(found.group("when").split())
    return RunLevel(found.group("level"), when, found.group("now"), int(found.group("times")), found.group("last"))


BOOT = Query("who", ("-b",), parse_boot, about="identity")
RUN_LEVEL = Query("who", ("-r",), parse_run_level, about="identity")
