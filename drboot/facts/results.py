"""The line of a command that changed a device: ``en2 changed``, ``hdisk1 deleted``, ``ent4 Available``.

Evidence for reports only: exit status and read-back decide.  ``rmdev -R`` prints a line per device, children first;
``mkvdev`` of a VIOS the new interfaces behind it; ``chpath`` and ``rmpath`` say ``paths Changed``, ``path Deleted``.

Source: chdev/01, 02, 50; mkdev/01, 02; rmdev/01, 03; chpath/01; rmpath/02.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple

from drboot.facts.base import rows_of

IGNORE = ()


class Result(NamedTuple):
    """``word``: changed, Available, Defined, deleted, Changed, Deleted; "" where only a name was printed."""

    name: str
    word: str


_ROW = re.compile(r"(?P<name>[A-Za-z0-9_][\w.\-]*)(?: (?P<word>changed|Available|Defined|deleted|Changed|Deleted))?\s*")


def parse(text: str) -> Tuple[Result, ...]:
    """Every line."""
    rows = [line.match(_ROW, "not a name and what became of it") for line in rows_of(text)]
    return tuple(Result(row.group("name"), row.group("word") or "") for row in rows)
