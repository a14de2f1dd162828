"""/etc/netsvc.conf: in which order names are looked up.

    hosts = local, bind

Sources: bind, local, nis, ldap, nis_ldap and these with 4 or 6 behind; ``name=auth`` makes one authoritative.
Comments start with ``#``.  Other keywords (aliases, sendmail's) are kept.  No file, or no ``hosts``: bind first.

Source: network-and-services of the reference, section 12; ``=auth``: the netsvc.conf file format page.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple, Union

from drboot.facts.base import FileQuery, ignore, lines_of
from drboot.paths import ETC_NETSVC

IGNORE = (ignore(r"#.*$", "comment"),)


class Netsvc(NamedTuple):
    """``rows``: each keyword with its sources, in order; ``lines`` as they stand in the file."""

    rows: Tuple[Tuple[str, Tuple[str, ...]], ...]
    lines: Tuple[str, ...]

    @property
    def hosts(self) -> Optional[Tuple[str, ...]]:
        """The order for host names; None when the file does not say."""
        return next((sources for key, sources in self.rows if key == "hosts"), None)


_ROW = re.compile(r"\s*(?P<key>[A-Za-z][\w.\-]*)\s*=\s*(?P<sources>[\w=]+(?:[\s,]+[\w=]+)*)\s*,?\s*")


def parse(text: Union[str, None]) -> Netsvc:
    """The file.  ParseError for a line that is not ``key = source, source``."""
    lines = lines_of(text or "")
    found: List[Tuple[str, Tuple[str, ...]]] = []
    for line in lines:
        bare = line._replace(text=line.text.partition("#")[0])
        if not bare.text.strip():
            continue
        row = bare.match(_ROW, "not key = source, source")
        if row.group("key") in [key for key, _ in found]:
            raise line.error(f"{row.group('key')} for the second time")
        found.append((row.group("key"), tuple(re.split(r"[\s,]+", row.group("sources")))))
    return Netsvc(tuple(found), tuple(line.text for line in lines))


FILE: FileQuery[Netsvc] = FileQuery(ETC_NETSVC, parse, about="names")
