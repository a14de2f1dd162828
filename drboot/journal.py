"""The record of one run: journal.jsonl, appended and synced event by event, each line chained to the last.

A journal line is a JSON object with ``n``, ``at`` (UTC), ``event``, the event's own keys, and ``chain``:
the SHA-256 of the previous line's chain and this line without it.  A torn last line is recognised and
ignored; a line changed later breaks the chain.

What cannot be written (/var is full) is kept in memory and written, in its order, as soon as there is room again:
undo lives on these lines, and one that was lost would take all after it along.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from drboot import files
from drboot.profile.trust import read_record

FIRST = "0" * 64


class Journal:
    """Appends events durably.  Where the file cannot be written the run goes on.

    failure  why what has happened last is not on disk; None when all of it is
    count    events so far
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.failure: Optional[str] = None
        self.count = 0
        self._chain = FIRST
        self._unwritten: List[bytes] = []
        self._lock = threading.Lock()

    def append(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self.count += 1
            line = dict(event, n=self.count)
            self._chain = chained(self._chain, line)
            data = (json.dumps(dict(line, chain=self._chain), sort_keys=True) + "\n").encode("ascii")
            self._unwritten.append(data)
            try:
                self._write()
                self.failure = None
            except OSError as error:
                self.failure = f"{self.path}: {os.strerror(error.errno or 0)}"

    def _write(self) -> None:
        """All that waits; nothing of it stays behind where it does not fit as a whole.  Raises OSError."""
        data = b"".join(self._unwritten)
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | files.NO_FOLLOW, 0o600)
        try:
            size = os.fstat(descriptor).st_size
            try:
                while data:
                    data = data[os.write(descriptor, data) :]
                os.fsync(descriptor)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)
        self._unwritten.clear()


def chained(chain: str, line: Mapping[str, Any]) -> str:
    """The chain value of a line that follows a line with ``chain``."""
    return hashlib.sha256((chain + json.dumps(line, sort_keys=True)).encode("ascii")).hexdigest()


class Records(NamedTuple):
    """What a journal says.

    damaged  the number of the line that breaks the chain although others follow it; 0 where all is whole, or where
             only the last line is torn, as a power loss leaves it
    """

    events: List[Dict[str, Any]]
    damaged: int


def records(path: str) -> Records:
    """The events of a journal up to the first line that is torn or breaks the chain; none when there is no journal.

    Raises ConfigError where somebody else could have written it: its chain proves only that it is whole.
    """
    events: List[Dict[str, Any]] = []
    chain = FIRST
    *lines, _torn = (read_record(path) or b"").decode("ascii", "replace").split("\n")
    for text in lines:
        try:
            line = json.loads(text)
            seal = line.pop("chain")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            return Records(events, len(events) + 1)
        chain = chained(chain, line)
        if seal != chain:
            return Records(events, len(events) + 1)
        events.append(line)
    return Records(events, 0)


def read(path: str) -> List[Dict[str, Any]]:
    """The events of a journal, up to the first line that is torn or breaks the chain.  As ``records``."""
    return records(path).events
