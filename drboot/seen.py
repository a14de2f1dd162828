"""What has been seen of a machine: facts, each read when it is first asked for and kept until something
touches what it is about.  Reading lives here, changing lives in apply.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import threading
from typing import Any, Callable, Dict, Iterable, Optional, Tuple, TypeVar, Union

from drboot.errors import FactUnavailable, Problem
from drboot.facts.base import FileQuery, Owner, ParseError, Query
from drboot.runner import Command, Ran, Runner

T = TypeVar("T")
D = TypeVar("D")
AnyQuery = Union[Query[T], FileQuery[T]]
FILE_LIMIT = 4 * 1024 * 1024  # bytes; /etc/filesystems of a large machine is some 100 KB


class Seen:
    """Answers queries about one machine.  Safe for several threads; a query runs once however many ask.

    runner  runs the reading commands and knows the root
    """

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.root = runner.root
        self._answers: Dict[Any, Tuple[Any]] = {}
        self._locks: Dict[Any, threading.Lock] = {}
        self._derived: Dict[Any, Tuple[Any, Any]] = {}  # (query, work) -> answer, what follows from it
        self._last: Dict[Any, Tuple[str, Any]] = {}  # query -> what was printed last, its meaning
        self._changes: Dict[str, int] = {}  # part of the machine -> how often it was forgotten; "" for everything
        self._standing: Dict[str, str] = {}  # file -> what it was to say
        self._guard = threading.Lock()

    def __call__(self, query: AnyQuery[T]) -> T:
        """The fact.  Raises FactUnavailable when it cannot be read; that answer is kept as well."""
        with self._guard:
            lock = self._locks.setdefault(query, threading.Lock())
        with lock:
            with self._guard:
                kept = self._answers.get(query)
                changes = self._changes_of(query)
            answer: Any = kept[0] if kept else self._look(query)
            with self._guard:
                # what was read while another step changed it is good for who asked, and for nobody after him
                if changes == self._changes_of(query):
                    self._answers[query] = (answer,)
        if isinstance(answer, FactUnavailable):
            raise answer
        value: T = answer
        return value

    def derived(self, query: AnyQuery[T], work: Callable[[T], D]) -> D:
        """What follows from a fact, worked out once for as long as the fact stands.  Raises FactUnavailable.

        work  a function of a module: it is part of the key.  A table of thousands of disks that each of two hundred
              volume groups looks at is made once, and not two hundred times
        """
        answer = self(query)
        with self._guard:
            kept = self._derived.get((query, work))
        if kept is None or kept[0] is not answer:
            kept = (answer, work(answer))
            with self._guard:
                self._derived[query, work] = kept
        value: D = kept[1]
        return value

    def owner(self, aix_path: str) -> Optional[Owner]:
        """Who owns the file or device now; None when it is not there.  Raises FactUnavailable.

        Never kept: a look costs less than remembering.
        """
        path = self.root.path(aix_path)
        try:
            status = os.stat(path)
        except FileNotFoundError:
            return None
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise FactUnavailable(Problem("fact-unreadable", f"{aix_path} cannot be read", path, why)) from error
        return Owner(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode))

    def is_file(self, aix_path: str) -> bool:
        """Whether a regular file is there now; what cannot be looked at may be one.  Never kept."""
        try:
            return stat.S_ISREG(os.stat(self.root.path(aix_path)).st_mode)
        except FileNotFoundError:
            return False
        except OSError:
            return True

    def written(self, aix_path: str) -> Optional[float]:
        """When the file was last written, in seconds since 1970; None when it is not there.  Never kept."""
        try:
            return os.stat(self.root.path(aix_path)).st_mtime
        except OSError:
            return None

    def probe(self, wanted: Command) -> Ran:
        """How a reading program of the site ended, just now.  Never kept: what it is about changes by itself."""
        return self.runner.run(wanted)

    def names(self, aix_directory: str) -> Tuple[str, ...]:
        """The names in a directory now, sorted; none where there is no such directory.  Raises FactUnavailable."""
        path = self.root.path(aix_directory)
        try:
            return tuple(sorted(os.listdir(path)))
        except FileNotFoundError:
            return ()
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise FactUnavailable(Problem("fact-unreadable", f"{aix_directory} cannot be read", path, why)) from error

    def or_none(self, query: AnyQuery[T]) -> Optional[T]:
        """The fact, or None when it cannot be read: for evidence that nothing depends on."""
        with contextlib.suppress(FactUnavailable):
            return self(query)
        return None

    def stand_in(self, aix_path: str, text: Optional[str]) -> None:
        """What the file was to say, and could not be written, counts as read from it; None: the file itself again."""
        with self._guard:
            self._standing.pop(aix_path, None)
            if text is not None:
                self._standing[aix_path] = text

    def forget(self, about: Optional[Iterable[str]] = None) -> None:
        """Drop what was read about these parts of the machine; everything when ``about`` is None."""
        parts = None if about is None else set(about)
        if parts and "devices" in parts:
            parts.add("attributes")  # those of a device come and go with it
        with self._guard:
            for part in {""} if parts is None else parts:
                self._changes[part] = self._changes.get(part, 0) + 1
            for query in [q for q in self._answers if parts is None or q.about in parts]:
                del self._answers[query]

    def _changes_of(self, query: AnyQuery[T]) -> int:
        return self._changes.get("", 0) + self._changes.get(query.about, 0)

    def _look(self, query: AnyQuery[T]) -> Any:
        try:
            return self._read(query)
        except FactUnavailable as failure:
            return failure

    def _read(self, query: AnyQuery[T]) -> T:
        return self._read_file(query) if isinstance(query, FileQuery) else self._run(query)

    def _read_file(self, query: FileQuery[T]) -> T:
        path = self.root.path(query.path)
        text: Optional[str] = self._standing.get(query.path)
        if text is not None:
            return self._parsed(query, lambda: query.parse(text), path)
        try:
            with open(path, encoding="utf-8", errors="surrogateescape", newline="", opener=_at_once) as file:
                text = file.read(FILE_LIMIT + 1)
        except FileNotFoundError:
            text = None
        except OSError as error:
            raise FactUnavailable(
                Problem("fact-unreadable", f"{query.path} cannot be read", path, error.strerror or str(error))
            ) from error
        if text is not None and len(text) > FILE_LIMIT:
            why = f"it has more than {FILE_LIMIT} characters"
            raise FactUnavailable(Problem("fact-unreadable", f"{query.path} is not read", path, why))
        return self._parsed(query, lambda: query.parse(text), path)

    def _run(self, query: Query[T]) -> T:
        """The answer.  A command that ended by itself and gave none is asked once more.

        Assumed: a locked ODM, or a device that is being configured, lets a reading command fail for a moment.
        """
        ran = self.runner.run(Command(query.program, query.args, "read"))
        try:
            return self._understood(query, ran)
        except FactUnavailable:
            if ran.outcome != "exited":
                raise
        return self._understood(query, self.runner.run(Command(query.program, query.args, "read")))

    def _understood(self, query: Query[T], ran: Ran) -> T:
        if ran.outcome == "exited" and ran.rc in query.empty:
            return self._parsed(query, lambda: query.parse(""), str(query))
        if ran.outcome != "exited" or ran.rc not in query.ok:
            raise FactUnavailable(_failed(query, ran))
        last = self._last.get(query)
        if last is None or last[0] != ran.stdout:
            last = ran.stdout, self._parsed(query, lambda: query.parse(_spoken(query, ran.stdout)), str(query))
            self._last[query] = last
        value: T = last[1]  # most that is read afresh has not changed, and need not be understood again
        return value

    @staticmethod
    def _parsed(query: AnyQuery[T], parse: Callable[[], T], where: str) -> T:
        try:
            return parse()
        except ParseError as error:
            raise FactUnavailable(
                Problem(
                    "fact-not-understood",
                    f"the output of {query} is not what AIX prints",
                    f"{where}:{error.line}" if error.line else where,
                    f"{error.why}: {error.text[:60]!r}" if error.text else error.why,
                    "run it by hand and compare; the run's directory keeps the output",
                )
            ) from error


def _spoken(query: Query[T], text: str) -> str:
    """The text.  ParseError where there is none, and there always is some."""
    if query.speaks and not text.strip():
        raise ParseError("it printed nothing")
    return text


def _at_once(path: str, flags: int) -> int:
    """Open a regular file; nobody waits for a FIFO or a terminal that stands in its place.  Raises OSError."""
    descriptor = os.open(path, flags | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    return descriptor


def _failed(query: Query[T], ran: Ran) -> Problem:
    what = f"{query} gave no answer"
    why = " ".join(filter(None, (ran.how(), ran.said(2))))
    return Problem("fact-unavailable", what, " ".join(ran.argv), why, f"run it by hand: {query}")
