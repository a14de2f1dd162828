"""Rows as the device commands print them: every column as wide as its widest entry, one blank between.

Source: transcripts lsattr/09, 31, lsdev/05, 15, 55, lspath/05.
"""

from __future__ import annotations

from typing import List, Optional, Sequence


def aligned(rows: Sequence[Sequence[str]]) -> List[str]:
    """The rows as lines; the last column is not padded."""
    if not rows:
        return []
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return [" ".join([*(entry.ljust(width) for entry, width in zip(row, widths)), row[len(widths)]]) for row in rows]


def fields_of(text: str) -> List[str]:
    """The names in a ``-F`` format: separated by colons or blanks."""
    return text.replace(":", " ").split()


def formatted(text: str, rows: Sequence[Sequence[str]], header: Optional[Sequence[str]] = None) -> List[str]:
    """The rows as ``-F text`` asks: joined by colons, or in columns when the names are separated by blanks."""
    if ":" in text:
        return [":".join(row) for row in ([header] if header else []) + list(rows)]
    return aligned(([header] if header else []) + list(rows))
