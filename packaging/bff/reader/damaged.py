"""The one error of the reader."""

from __future__ import annotations


class Damaged(ValueError):
    """Not an image as the format has it.  ``where``: member or offset; ``what``: seen, and what was to be there."""

    def __init__(self, where: str, what: str) -> None:
        super().__init__(f"{where}: {what}")
        self.where = where
        self.what = what


def demand(true: bool, where: str, what: str) -> None:
    """Raise :class:`Damaged` unless it is true."""
    if not true:
        raise Damaged(where, what)
