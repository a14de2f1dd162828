"""Which paths are under a DMP node: ``vxdmpadm native list``.

    PATH                  DMPNODENAME
    ========================================
    hdisk21               emc_clari0_138
    hdisk22               emc_clari0_138

Source: InfoScale's virtualization guide for AIX (columns PATH and DMPNODENAME; LVM then sits on such a name:
        aix/lvm-and-filesystems.md section 21).
Assumed: nothing, or the header alone, where DMP's native support is off; /usr/sbin/vxdmpadm is its path.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from drboot.facts.base import Query, ignore, rows_of

IGNORE = (ignore(r"^PATH +DMPNODENAME *$", "header"), ignore(r"^=+$", "line below the header"))
_DECORATION = re.compile(r"PATH\s+DMPNODENAME\s*|=+\s*")


class NativePath(NamedTuple):
    """An hdisk, and the DMP node that LVM uses in its place."""

    path: str
    node: str


def parse(text: str) -> Tuple[NativePath, ...]:
    """Raises ParseError for a row that is not two names."""
    found = []
    for line in rows_of(text):
        if _DECORATION.fullmatch(line.text):
            continue
        words = line.text.split()
        if len(words) != 2:
            raise line.error("not a path and its DMP node")
        found.append(NativePath(*words))
    return tuple(found)


NATIVE = Query("vxdmpadm", ("native", "list"), parse, about="lvm")
