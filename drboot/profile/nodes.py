"""A profile's text as a tree in which everything knows its place.

``load.py`` makes these from YAML; the value types in ``keys.py`` and ``sections.py`` understand them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple, Union

from drboot.errors import Where


@dataclass(frozen=True)
class Scalar:
    """One value as it is written, e.g. ``024`` and never 20: what YAML makes of it is not asked.

    path   logical path: ``volume_groups.named[0].pvids[1]``
    plain  written without quotes
    """

    text: str
    path: str
    at: Where
    plain: bool = True

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null", "Null", "NULL")


@dataclass(frozen=True)
class Table:
    """``key: value`` pairs in their order, duplicates included."""

    pairs: Tuple[Tuple[Scalar, Node], ...]
    path: str
    at: Where


@dataclass(frozen=True)
class Listing:
    """``- item`` or ``[item, item]``."""

    items: Tuple[Node, ...]
    path: str
    at: Where


Node = Union[Scalar, Table, Listing]


def is_null(node: Node) -> bool:
    """Nothing is written where a value could be."""
    return isinstance(node, Scalar) and node.is_null


def spoken(at: Where, path: str) -> str:
    """The ``where`` of a Problem: ``/etc/drboot/sites/dr.yaml:31:5 volume_groups.named[2].pvids[0]``."""
    return f"{at} {path}" if path else str(at)


class Written(str):
    """A text value that knows where it was written, so that checks across files can name both places.

    It compares, hashes and prints like the plain text; ``where`` is "" for a default.
    """

    where: str

    def __new__(cls, text: str, where: str = "") -> Written:
        made = super().__new__(cls, text)
        made.where = where
        return made


def where_of(text: str, otherwise: object) -> str:
    """Where a value was written; a default was written nowhere, so its section's place stands for it."""
    return getattr(text, "where", "") or str(otherwise)
