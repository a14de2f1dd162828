"""Runs that have changed what is not on record: /etc/drboot/unrecorded, far from the /var that was full.

    0211D11C1/1b0af4d5a68fcc21 20261122T020453Z-17066       the event, as systemid/arm_id, and the run

A line is written before the first such change, and goes when the run's journal is whole again.  Undo lives on journals,
and refuses while there is a line of its event.  Lines of another event, which travel with a replica, count for nobody.
"""

from __future__ import annotations

from typing import List, Sequence, Tuple

from drboot import files, paths
from drboot.paths import Root
from drboot.profile.trust import read_record


def runs(root: Root, event: str) -> Tuple[str, ...]:
    """The runs of this event that the file names.  Raises ConfigError where somebody else could have written it."""
    return tuple(line.split()[1] for line in _lines(root) if line.split()[0] == event)


def add(root: Root, event: str, run: str) -> None:
    """The file names this run; lines of other events go.  Raises OSError, ConfigError."""
    mine = f"{event} {run}"
    _write(root, [*(line for line in _lines(root) if line.split()[0] == event and line != mine), mine])


def drop(root: Root, run: str) -> None:
    """The file does not name this run.  Raises OSError, ConfigError."""
    lines = _lines(root)
    left = [line for line in lines if line.split()[1] != run]
    if left:
        _write(root, left)
    elif lines:
        files.remove(root.path(paths.UNRECORDED))


def _lines(root: Root) -> List[str]:
    text = (read_record(root.path(paths.UNRECORDED)) or b"").decode("ascii", "surrogateescape")
    return [line for line in text.splitlines() if len(line.split()) == 2]


def _write(root: Root, lines: Sequence[str]) -> None:
    text = "".join(line + "\n" for line in lines)
    files.write_atomic(root.path(paths.UNRECORDED), text.encode("ascii", "surrogateescape"), 0o600)
