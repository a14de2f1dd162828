"""The record of one run: journal.jsonl, appended and synced event by event, each line chained to the last.

What a command that only read has said is written at once, and synced with the next event: nothing was changed, and a
sync can take longer than such a command.  So half the lines cost no sync, and a power loss takes nothing that undo or a
later run asks for.

A journal line is a JSON object with ``n``, ``at`` (UTC), ``event``, the event's own keys, and ``chain``:
the SHA-256 of the previous line's chain and this line without it.  A torn last line is recognised and
ignored; a line changed later breaks the chain.

What cannot be written (/var is full) is kept in memory and written, in its order, as soon as there is room again:
undo lives on these lines, and one that was lost would take all after it along.  The same where the directory could not
be made.
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

    failure  why what has happened last is not in the file; None when all of it is
    count    events so far
    written  those of them that are in the file
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.failure: Optional[str] = None
        self.count = 0
        self._chain = FIRST
        self._unwritten: List[bytes] = []
        self._synced = True  # the file has no line that is not on the disk
        self._named = False  # its name is on the disk as well
        self._lock = threading.Lock()

    @property
    def written(self) -> int:
        return self.count - len(self._unwritten)

    def append(self, event: Mapping[str, Any], sync: bool = True) -> None:
        """The event is the next one.  ``sync`` False: a power loss may take it, until the next that is synced."""
        with self._lock:
            self.count += 1
            text = _text(dict(event, n=self.count))
            self._chain = _chained(self._chain, text)
            self._unwritten.append(f'{text[:-1]}, "chain": "{self._chain}"}}\n'.encode("ascii"))
            self._flush(sync)

    def flush(self) -> None:
        """All of it is on the disk, unless it cannot be written."""
        with self._lock:
            self._flush(True)

    def _flush(self, sync: bool) -> None:
        try:
            if self._unwritten or (sync and not self._synced):
                self._synced = False
                self._write(sync)
                self._synced = sync
            self.failure = None
        except OSError as error:
            self.failure = f"{self.path}: {os.strerror(error.errno or 0)}"

    def _write(self, sync: bool) -> None:
        """All that waits; nothing of it stays behind where it does not fit as a whole.  Raises OSError."""
        data = b"".join(self._unwritten)
        descriptor = self._opened()
        try:
            size = os.fstat(descriptor).st_size
            try:
                while data:
                    data = data[os.write(descriptor, data) :]
                if sync:
                    os.fsync(descriptor)
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)
        if sync and not self._named:
            files.sync_directory(os.path.dirname(self.path))
            self._named = True
        self._unwritten.clear()

    def _opened(self) -> int:
        """The file, and its directory where that is not there yet.  Raises OSError."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | files.NO_FOLLOW
        try:
            return os.open(self.path, flags, 0o600)
        except FileNotFoundError:
            files.make_own_directory(os.path.dirname(self.path))
            return os.open(self.path, flags, 0o600)


def chained(chain: str, line: Mapping[str, Any]) -> str:
    """The chain value of a line that follows a line with ``chain``."""
    return _chained(chain, _text(line))


def _text(line: Mapping[str, Any]) -> str:
    return json.dumps(line, sort_keys=True)


def _chained(chain: str, text: str) -> str:
    return hashlib.sha256((chain + text).encode("ascii")).hexdigest()


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
