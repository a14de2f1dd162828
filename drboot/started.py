"""The processes of a run, as its journal tells of them; what that has no room for: /etc/drboot/started.

    {"systemid": "0211D11C1", "event": "started", "pid": 4711, "argv": [...], "kind": ..., "lock": ..., "at": ...}

A line says what the journal would, for a later run (left_running.py); it goes when the process has ended, and when a
later run no longer finds it.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from typing import Callable, Dict, Sequence, Tuple

from drboot import files, paths
from drboot.errors import ConfigError
from drboot.journal import Journal
from drboot.paths import Root
from drboot.profile.trust import read_record
from drboot.runner import Command, Ran


class Started:
    """Tells of each process that a runner begins and that comes to its end.  Safe for several threads.

    The file has what this run, and those before it, could not say otherwise.  Where /etc cannot be written either
    nothing is kept: the run goes on, and says that it cannot be recorded.

    tell  ``events.pipeline`` of the journal
    """

    def __init__(self, root: Root, systemid: str, journal: Journal, tell: Callable[..., None]) -> None:
        self._path = root.path(paths.STARTED)
        self._systemid = systemid
        self._journal = journal
        self._tell = tell
        self._lines: Dict[int, str] = {}
        self._guard = threading.Lock()

    def only(self, pids: Sequence[int]) -> None:
        """Of what earlier runs have left in the file these still live, and the rest goes."""
        with self._guard, contextlib.suppress(ConfigError):
            data = (read_record(self._path) or b"").decode("ascii", "replace")
            for text in data.splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
                    pid = json.loads(text)["pid"]
                    if pid in pids:
                        self._lines[pid] = text
            if data:
                self._write()

    def begun(self, wanted: Command, argv: Tuple[str, ...], lock: str, pid: int) -> None:
        """As ``Runner.begun``."""
        self._tell("started", pid=pid, argv=list(argv), kind=wanted.kind, lock=lock)
        self.add(pid, argv, wanted.kind, lock)

    def ran(self, wanted: Command, ran: Ran) -> None:
        """As ``Runner.listen``."""
        self._tell(
            "command", argv=list(ran.argv), kind=wanted.kind, outcome=ran.outcome, rc=ran.rc,
            seconds=round(ran.seconds, 3), stdout=ran.stdout[-4000:], stderr=ran.stderr[-4000:], pid=ran.pid,
        )  # fmt: skip
        if ran.outcome == "exited":
            self.over(ran.pid)

    def add(self, pid: int, argv: Tuple[str, ...], kind: str, lock: str) -> None:
        """The journal was told of it; where that could not be written the file has it."""
        if self._journal.failure is None:
            return
        told = {"systemid": self._systemid, "event": "started", "pid": pid, "argv": list(argv), "kind": kind}
        at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        with self._guard:
            self._lines[pid] = json.dumps({**told, "lock": lock, "at": at})
            self._write()

    def over(self, pid: int) -> None:
        """It has ended."""
        with self._guard:
            if self._lines.pop(pid, None) is not None:
                self._write()

    def _write(self) -> None:
        with contextlib.suppress(OSError):
            if self._lines:
                files.write_atomic(self._path, "".join(f"{line}\n" for line in self._lines.values()).encode(), 0o600)
            else:
                files.remove(self._path)
