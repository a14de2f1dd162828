"""The AIX level: ``oslevel -s`` and ``oslevel``.

    7300-03-00-2446      version and release, technology level, service pack, year and week of its build
    5300-05-04           older levels print no build
    7.1.0.0              plain oslevel: the base level only

Source: oslevel/01 (7.3), 02 (7.2), 04 (5.3), 06 (7.1).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from drboot.facts.base import Query
from drboot.facts.uname import only_line

IGNORE = ()


class Level(NamedTuple):
    """``build`` is "" where none is printed.  Comparable: (7300, 3, 0) is newer than (7200, 5, 10)."""

    release: int
    technology_level: int
    service_pack: int
    build: str = ""

    def __str__(self) -> str:
        words = [str(self.release), f"{self.technology_level:02}", f"{self.service_pack:02}"]
        return "-".join([*words, self.build] if self.build else words)


_LEVEL = re.compile(r"(?P<release>[0-9]{4})-(?P<tl>[0-9]{2})-(?P<sp>[0-9]{2})(?:-(?P<build>[0-9]{4}))?")
_BASE = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")


def parse(text: str) -> Level:
    """``oslevel -s``."""
    found = only_line(text).match(_LEVEL, "not a level")
    return Level(
        int(found.group("release")), int(found.group("tl")), int(found.group("sp")), found.group("build") or ""
    )


def parse_base(text: str) -> str:
    """``oslevel``."""
    return only_line(text).match(_BASE, "not a base level").group()


LEVEL = Query("oslevel", ("-s",), parse, about="identity")
