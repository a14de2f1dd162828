"""Claims of other machines to an address that are no news, where state.json cannot say so: /etc/drboot/claims.

    0211D11C1/1b0af4d5a68fcc21 3f0c51d2a9e04b17 77aa02c6be1f9d35     the event, as systemid/arm_id, and marks

A run that does not know them takes an address down for a duplicate that somebody has put right since.
"""

from __future__ import annotations

from typing import FrozenSet

from drboot import files, paths
from drboot.paths import Root


def of(root: Root, event: str) -> FrozenSet[str]:
    """The marks that are kept for this event; none that somebody else could have written."""
    try:
        words = files.read_own(root.path(paths.CLAIMS)).decode("ascii", "replace").split()
    except OSError:
        return frozenset()
    return frozenset(words[1:] if words[:1] == [event] else ())


def keep(root: Root, event: str, marks: str) -> None:
    """The file has these.  Raises OSError."""
    files.write_atomic(root.path(paths.CLAIMS), f"{event} {marks}\n".encode("ascii", "replace"), 0o600)


def drop(root: Root, event: str) -> None:
    """What is kept for this event is so no more.  Raises OSError."""
    if of(root, event):
        files.remove(root.path(paths.CLAIMS))
