"""What counts as an event: the seams between drboot and the machine, watched from outside.

Commands go through ``boot.run``'s own ``run_argv``.  Changes of files go through the ``os`` module, of which every
module of the product gets a stand-in that counts; the product has no switch for it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
import sys
import threading
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Tuple

from drboot.runner import Execute, Ran
from drboot.sim.inprocess import Gone, InProcess

# The console is written last and changes nothing on the machine; the gate and the runner change no file.
UNWATCHED = ("drboot.events", "drboot.sim")
# From here on no process has such a number: whoever died is gone, also where the matrix runs on.
NOBODY = 2**22 + 4711
# Run ids, the arm_id in a name, and how long it took, in what errlogger is told.
PASSING = re.compile(r"\d{8}T\d{6}Z-\d+|(?<=\w-)[0-9a-f]{16}\b|\d+ (s|min)\b")


class Point(NamedTuple):
    """A moment at which drboot may die.  ``when`` is before or after."""

    index: int
    what: str
    when: str

    def __str__(self) -> str:
        return f"{self.index}:{self.when} ({self.what})"


class Events:
    """What happened in a run, in its order, without what differs from run to run."""

    def __init__(self) -> None:
        self._kinds: Dict[str, int] = {}
        self._order = hashlib.sha256()

    def add(self, kind: str, what: str) -> None:
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        self._order.update(PASSING.sub("", what).encode("utf-8", "surrogateescape") + b"\n")

    def by_kind(self) -> Dict[str, int]:
        return dict(self._kinds)

    def order(self) -> str:
        return self._order.hexdigest()


class Watch:
    """Counts the events of one run, one at a time, and stops at both sides of each.

    stop      called at every point while the watch is on
    lpar      what drboot runs on
    process   the number of drboot's process: another one in each of its lives, as after a boot or a kill
    unsynced  files that were written -> how many bytes of them are safe
    """

    def __init__(self, stop: Callable[[Point], None]) -> None:
        self.stop = stop
        self.on = False
        self.process = NOBODY
        self.lpar: InProcess
        self.count = 0
        self.events = Events()
        self.unsynced: Dict[str, int] = {}
        self._lock = threading.RLock()

    @contextlib.contextmanager
    def event(self, what: str, kind: str = "file") -> Iterator[None]:
        """The body is the event.  One that fails has had no effect; a machine that goes down has gone down."""
        if not self.on:
            yield
            return
        with self._lock:
            index = self.count
            self.count += 1
            self.events.add(kind, what)
            self.stop(Point(index, what, "before"))
            try:
                yield
            except Gone:
                self.stop(Point(index, what, "after"))
                raise
            self.stop(Point(index, what, "after"))

    def commands(self, run_argv: Execute) -> Execute:
        """``run_argv`` with every command as an event."""

        def watched(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            with self.event(" ".join((os.path.basename(argv[0]), *argv[1:])), "command"):
                return run_argv(argv, environment, killable, deadline)

        return watched

    @contextlib.contextmanager
    def files(self) -> Iterator[None]:
        """Every change of a file by the product is an event, for the duration of the block."""
        counting = Os(self)
        changed: List[Any] = []
        for name, module in list(sys.modules.items()):
            watched = name.partition(".")[0] == "drboot" and not name.startswith(UNWATCHED)
            if watched and getattr(module, "os", None) is os:
                changed.append(module)
                module.os = counting  # type: ignore[attr-defined]
        try:
            yield
        finally:
            for module in changed:
                module.os = os


class Os:
    """The ``os`` module as the product sees it while it is watched."""

    def __init__(self, watch: Watch) -> None:
        self._watch = watch
        self._files: Dict[int, str] = {}

    def __getattr__(self, name: str) -> Any:
        """Everything that is not below; what changes a file by its path is an event."""
        if name not in ("mkdir", "rmdir", "chmod", "chown", "lchown", "link", "symlink", "truncate", "utime"):
            return getattr(os, name)

        def change(*args: Any, **keywords: Any) -> Any:
            with self._watch.event(f"{name} {self._name(str(args[0]))}"):
                return getattr(os, name)(*args, **keywords)

        return change

    def getpid(self) -> int:
        return self._watch.process

    def open(self, path: str, flags: int, mode: int = 0o777) -> int:
        descriptor = os.open(path, flags, mode)
        if flags & (os.O_WRONLY | os.O_RDWR):
            self._files[descriptor] = path
            self._watch.unsynced.setdefault(path, os.fstat(descriptor).st_size)
        else:
            self._files.pop(descriptor, None)
        return descriptor

    def fsync(self, descriptor: int) -> None:
        path = self._files.get(descriptor)
        if path is None or not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.fsync(descriptor)
            return
        kind = "journal" if path.endswith("/journal.jsonl") else "file"
        with self._watch.event(f"sync {self._name(path)}", kind):
            self._watch.unsynced.pop(path, None)

    def replace(self, source: str, target: str) -> None:
        self._rename(source, target)

    def rename(self, source: str, target: str) -> None:
        self._rename(source, target)

    def _rename(self, source: str, target: str) -> None:
        with self._watch.event(f"rename {self._name(source)} to {self._name(target)}"):
            os.replace(source, target)
            self._watch.unsynced.pop(target, None)
            if source in self._watch.unsynced:
                self._watch.unsynced[target] = self._watch.unsynced.pop(source)

    def unlink(self, path: str) -> None:
        if not os.path.lexists(path):
            os.unlink(path)
        with self._watch.event(f"unlink {self._name(path)}"):
            os.unlink(path)
            self._watch.unsynced.pop(path, None)

    remove = unlink

    def makedirs(self, path: str, mode: int = 0o777, exist_ok: bool = False) -> None:
        if os.path.isdir(path):
            os.makedirs(path, mode, exist_ok)
            return
        with self._watch.event(f"mkdir {self._name(path)}"):
            os.makedirs(path, mode, exist_ok)

    def _name(self, path: str) -> str:
        root = self._watch.lpar.machine.root
        return path[len(root) :] if path.startswith(root + "/") else path
