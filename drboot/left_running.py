"""Commands that run on without the drboot that started them: past their deadline, or because that drboot was killed.

A command that writes the ODM is never interrupted, and a hook lives on when drboot is killed.  What must not run beside
one of them does not begin while it lives: in the rest of this run, in every later run on this machine, and in undo.

    started  pid, argv, kind, lock     journal, as soon as it has a process
    left     the same                  journal, when it passed its deadline
    command  pid, outcome exited       journal, at its end

None of the three is waited for: a power loss that takes such a line ends the process too.  Where /var has no room for
it, /etc has (started.py).
"""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import datetime, timezone
from typing import Any, Callable, Dict, Iterator, List, Mapping, NamedTuple, Optional, Sequence, Tuple

from drboot import paths, report
from drboot.errors import ConfigError, Problem
from drboot.facts import ps
from drboot.profile.trust import read_record
from drboot.seen import Seen

ANYTHING = "*"  # the lock of what nothing may run beside
NO_OLDER = 60.0  # seconds by which a clock may be wrong, and a line come later than the process that it tells of


class Writer(NamedTuple):
    """A process that still runs.

    lock  what must not run beside it: the named lock of its step, or the step's id where it has none
    wait  seconds that a step waits for its end; 0 for one that has passed its deadline in this very run
    """

    pid: int
    argv: Tuple[str, ...]
    lock: str
    wait: float = 0.0

    def __str__(self) -> str:
        return f"{' '.join((os.path.basename(self.argv[0]), *self.argv[1:]))} (process {self.pid})"


class LeftRunning:
    """What drboot left running on this machine.  One for all that a run does; safe for several threads.

    tell   told "left" with pid, argv, kind and lock of what is left by this run
    keep   called with the same: what keeps it where the journal cannot
    alone  nothing at all may run beside what is left: undo, whose steps are others than those that were left
    """

    def __init__(
        self,
        tell: Callable[..., Any] = lambda event, **keys: None,
        keep: Callable[[int, Tuple[str, ...], str, str], None] = lambda pid, argv, kind, lock: None,
        alone: bool = False,
    ) -> None:
        self._tell = tell
        self._keep = keep
        self._alone = alone
        self._writers: List[Writer] = []
        self._is_settled = True
        self._ended = 0
        self._guard = threading.Lock()

    def lock_of(self, *locks: str) -> str:
        """Under which lock a command is recorded: the first of these that is not ""."""
        return ANYTHING if self._alone else next(filter(None, locks), "")

    def take(self, writers: Sequence[Writer]) -> None:
        """These are left from earlier runs."""
        with self._guard:
            self._writers.extend(writers)
            self._is_settled &= not writers

    def add(self, pid: int, argv: Tuple[str, ...], kind: str, lock: str) -> None:
        """This one has passed its deadline just now."""
        self._tell("left", pid=pid, argv=list(argv), kind=kind, lock=lock)
        self._keep(pid, argv, kind, lock)
        self.take((Writer(pid, argv, lock),))

    def living(self) -> Tuple[Writer, ...]:
        """Those that still run; what has ended is forgotten."""
        with self._guard:
            living = [writer for writer in self._writers if lives(writer.pid)]
            self._ended += len(self._writers) - len(living)
            self._is_settled &= living == self._writers
            self._writers = living
            return tuple(living)

    def beside(self, *locks: str) -> Optional[Writer]:
        """One that still runs, and beside which nothing with one of these locks may."""
        return next((w for w in self.living() if self._alone or w.lock == ANYTHING or w.lock in locks), None)

    def ended(self) -> int:
        """How many have come to their end so far: what was read before one of them did is out of date."""
        self.living()
        return self._ended

    def settle(self) -> None:
        """From here on it counts what is left, and what comes to its end."""
        self.living()
        self._is_settled = True

    @property
    def is_settled(self) -> bool:
        """Nothing was left and nothing has ended since ``settle``: what was read in between holds."""
        return self._is_settled


def lives(pid: int) -> bool:
    """Whether there is such a process, and it leads a group of its own, as every command of drboot does."""
    try:
        os.kill(pid, 0)
        return pid > 1 and os.getpgid(pid) == pid
    except (OSError, OverflowError):  # a damaged journal may have any number
        return False


def has_descendants(pid: int) -> bool:
    """Whether anything that such a process has started in its group outlives it."""
    try:
        os.killpg(pid, 0)
        return pid > 1
    except OSError:
        return False


def still_running(writers: Sequence[Writer]) -> Problem:
    """What keeps a run from being over although its steps are."""
    one = writers[0]
    return Problem(
        "command-left-running",
        f"{one} still runs" + (f", and {len(writers) - 1} more" if writers[1:] else ""),
        one.argv[0],
        "it is not interrupted, and may yet change what was looked at",
        f"wait for its end (ps -fp {one.pid}), then do this again: drboot --apply, or drboot undo",
    )


def earlier(seen: Seen, systemid: str, run: str, deadlines: Mapping[str, float]) -> Tuple[Writer, ...]:
    """What earlier runs of this machine have left running, and still runs.

    run        the one that asks
    deadlines  seconds by kind
    """
    found: Dict[int, Writer] = {}
    journals = [f"{paths.RUNS}/{name}/journal.jsonl" for name in report.runs(seen.root) if name != run]
    for path in (*journals, paths.STARTED):
        for line in _without_end(seen.root.path(path), systemid):
            if lives(line["pid"]) and _is_the_same(seen, line):
                wait = deadlines.get(line["kind"], deadlines["write"])
                found[line["pid"]] = Writer(line["pid"], tuple(line["argv"]), line["lock"], wait)
    return tuple(found.values())


def _without_end(journal: str, systemid: str) -> Iterator[Dict[str, Any]]:
    """The lines of processes whose end the journal does not have; none of another machine's journal, or a damaged one.

    Whether a journal is whole is nothing that matters here: what it says is compared with the processes there are.
    """
    try:
        data = read_record(journal) or b""
    except ConfigError:  # not ours: undo says so, and cures it
        return
    if json.dumps(systemid).encode() not in data:
        return
    begun: Dict[int, Dict[str, Any]] = {}
    for text in data.splitlines():
        if b'"pid": ' not in text:
            continue
        try:
            line = json.loads(text)
            if line["event"] in ("started", "left"):
                begun[int(line["pid"])] = _checked(line)
            elif line["outcome"] == "exited":
                begun.pop(line["pid"], None)
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
    yield from begun.values()


def _checked(line: Mapping[str, Any]) -> Dict[str, Any]:
    """What is asked of it.  Raises ValueError, KeyError for what ``started`` and ``left`` never say."""
    made = {key: line[key] for key in ("pid", "argv", "kind", "lock", "at")}
    texts = [made["kind"], made["lock"], made["at"], *made["argv"]]
    is_argv = isinstance(made["argv"], list) and made["argv"]
    if type(made["pid"]) is not int or not is_argv or any(not isinstance(text, str) for text in texts):
        raise ValueError("not a line of ours")
    return made


def _is_the_same(seen: Seen, line: Mapping[str, Any]) -> bool:
    """Whether the process with this number is still the one that was recorded; in doubt it is.

    Process ids are given anew, above all by the next boot.  Another program that began later is another process; one
    that was there when the line was written is the same, whatever it runs by now (a hook may exec).
    """
    process = seen.or_none(ps.running(line["pid"]))
    if process is None:
        return True
    words = {os.path.basename(word.strip("[]")) for word in process.command.split()}
    return os.path.basename(line["argv"][0]) in words or process.seconds >= _seconds_since(line["at"]) - NO_OLDER


def _seconds_since(at: str) -> float:
    """Since a time of the journal; it ends with Z, which Python reads from 3.11 on.  Without bounds for no time."""
    try:
        then = datetime.fromisoformat(at.rstrip("Z")).replace(tzinfo=timezone.utc)
    except ValueError:
        return float("inf")
    return time.time() - then.timestamp()
