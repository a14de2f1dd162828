"""The boot list of the firmware: ``bootlist -m normal -o``.

    hdisk0 blv=hd5 pathid=0
    hdisk0 blv=hd5 pathid=1

One entry per line, five at most.  Before 6100-06 there is no pathid and the line repeats per path.  ``-`` stands for an
entry whose device no longer exists, and behind a disk for a boot logical volume that is not found.  A network
adapter carries ``client=... bserver=... gateway=...``.  Absence: an empty list prints nothing.

Source: bootlist/01 (6100-06), 03 (7.x), 04; ``-`` and network entries: boot-and-devices of the reference, section 13.
Assumed: nothing is printed for an empty list; ``hdisk1 -``.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple

from drboot.facts.base import Query, ignore, rows_of
from drboot.facts.types import Device, name

IGNORE = (
    ignore(r"\b(?:blv|pathid)=", "the name of what follows"),
    ignore(r"^-(?= |$)", "a device that no longer exists: None"),
)


class BootEntry(NamedTuple):
    """One entry.  ``device`` is None for ``-``; ``options`` are key=value in order, blv and pathid among them."""

    device: Optional[Device]
    options: Tuple[Tuple[str, str], ...]

    def option(self, key: str) -> Optional[str]:
        return next((value for found, value in self.options if found == key), None)

    @property
    def blv(self) -> Optional[str]:
        return self.option("blv")

    @property
    def path_id(self) -> Optional[str]:
        return self.option("pathid")


_OPTION = re.compile(r"(?P<key>[a-z][a-z0-9_-]*)=(?P<value>\S*)")


def parse(text: str) -> Tuple[BootEntry, ...]:
    """The entries in the order in which the firmware tries them."""
    found = []
    for line in rows_of(text):
        first, *words = line.text.split()
        options = [_OPTION.fullmatch(word) for word in words if word != "-"]
        if None in options:
            raise line.error("not a device with its key=value pairs")
        pairs = tuple((option.group("key"), option.group("value")) for option in options if option)
        found.append(BootEntry(None if first == "-" else Device(name(first, line, "device")), pairs))
    return tuple(found)


NORMAL = Query("bootlist", ("-m", "normal", "-o"), parse, about="bootlist")
