"""Time as a run spends it: real, or counted and not spent, in rehearsals within one process."""

from __future__ import annotations

import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Collection, Optional, Set


class Clock:
    """The machine's own monotonic time, in seconds."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)

    def wait(self, running: Collection[Future[Any]], seconds: Optional[float]) -> Set[Future[Any]]:
        """Those of ``running`` that are over, as soon as one is, or after ``seconds``; None waits for one."""
        return wait(running, timeout=seconds, return_when=FIRST_COMPLETED)[0]


class CountedClock(Clock):
    """Time that is counted: sleeping costs none of the real one.  Commands add theirs with ``pass_by``."""

    def __init__(self) -> None:
        self._now = 0.0
        self._guard = threading.Lock()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        self.pass_by(seconds)

    def pass_by(self, seconds: float) -> None:
        """Something took this long.  Safe for several threads."""
        with self._guard:
            self._now += seconds

    def wait(self, running: Collection[Future[Any]], seconds: Optional[float]) -> Set[Future[Any]]:
        """What runs is waited for; only then does anybody's pause go on."""
        return wait(running, return_when=FIRST_COMPLETED)[0]


REAL = Clock()
