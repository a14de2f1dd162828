"""/etc/niminfo: which NIM master a client belongs to.  It travels with the rootvg, so at DR it is production's.

    #------------------ Network Install Manager ---------------
    export NIM_NAME=rn12402pl
    export NIM_HOSTS=" 127.0.0.1:loopback:localhost  172.27.8.43:rn12402pl.itc.testlab.intranet "

Shell assignments, exported; values sometimes in double quotes.  Comments start with ``#``.  Not a NIM client: no file.

Source: niminfo/01 (7.1, 7.x).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple, Union

from drboot.facts.base import FileQuery, ignore, rows_of
from drboot.paths import ETC_NIMINFO

IGNORE = (ignore(r"^[ \t]*#.*$", "comment"), ignore(r"^export +(?:[A-Z_]+=)?", "the assignment"), ignore(r'"', "quote"))


class Niminfo(NamedTuple):
    """Every variable with its value, quotes and blanks at the ends taken off, in order."""

    rows: Tuple[Tuple[str, str], ...]

    def value(self, variable: str) -> Optional[str]:
        return next((value for key, value in self.rows if key == variable), None)

    @property
    def master(self) -> Optional[str]:
        return self.value("NIM_MASTER_HOSTNAME")


_ROW = re.compile(r"\s*(?:export\s+)?(?P<key>[A-Za-z_]\w*)=(?:\"(?P<quoted>[^\"]*)\"|(?P<bare>[^\s\"]*))\s*")


def parse(text: Union[str, None]) -> Optional[Niminfo]:
    """The file; None when there is none."""
    if text is None:
        return None
    found = []
    for line in rows_of(text):
        if line.text.lstrip().startswith("#"):
            continue
        row = line.match(_ROW, "not export NAME=value")
        value = row.group("quoted") if row.group("quoted") is not None else row.group("bare")
        found.append((row.group("key"), value.strip()))
    return Niminfo(tuple(found))


FILE: FileQuery[Optional[Niminfo]] = FileQuery(ETC_NIMINFO, parse, about="files")
