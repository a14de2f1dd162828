"""The record of one run: journal.jsonl, appended and synced event by event, each line chained to the last.

A journal line is a JSON object with ``n``, ``at`` (UTC), ``event``, the event's own keys, and ``chain``:
the SHA-256 of the previous line's chain and this line without it.  A torn last line is recognised and
ignored; a line changed later breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from typing import Any, Dict, List, Mapping, Optional

from drboot import files
from drboot.profile.trust import read_record

FIRST = "0" * 64


class Journal:
    """Appends events durably.  Where the file cannot be written the run goes on and ``failure`` says why."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.failure: Optional[str] = None
        self._chain = FIRST
        self._n = 0
        self._lock = threading.Lock()

    def append(self, event: Mapping[str, Any]) -> None:
        with self._lock:
            self._n += 1
            line = dict(event, n=self._n)
            self._chain = chained(self._chain, line)
            data = (json.dumps(dict(line, chain=self._chain), sort_keys=True) + "\n").encode("ascii")
            try:
                descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | files.NO_FOLLOW, 0o600)
                try:
                    os.write(descriptor, data)
                    os.fsync(descriptor)
                finally:
                    os.close(descriptor)
            except OSError as error:
                self.failure = f"{self.path}: {os.strerror(error.errno or 0)}"


def chained(chain: str, line: Mapping[str, Any]) -> str:
    """The chain value of a line that follows a line with ``chain``."""
    return hashlib.sha256((chain + json.dumps(line, sort_keys=True)).encode("ascii")).hexdigest()


def read(path: str) -> List[Dict[str, Any]]:
    """The events of a journal, up to the first line that is torn or breaks the chain.  [] when there is none.

    Raises ConfigError where somebody else could have written it: its chain proves only that it is whole.
    """
    events: List[Dict[str, Any]] = []
    chain = FIRST
    for text in (read_record(path) or b"").decode("ascii", "replace").split("\n"):
        try:
            line = json.loads(text)
            seal = line.pop("chain")
        except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
            break
        chain = chained(chain, line)
        if seal != chain:
            break
        events.append(line)
    return events
