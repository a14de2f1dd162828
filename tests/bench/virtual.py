"""A DR boot on virtual time: commands take what the latency table says, side by side where drboot runs them so.

The threads of one run share a clock that stands still while any of them computes.  When every one of them waits, for a
command, for a lock or for another step, the clock goes on to the moment at which the first command ends.  So a boot of
minutes is measured in a second, and what this machine does besides does not count.
"""

from __future__ import annotations

import contextlib
import heapq
import itertools
import threading
from concurrent.futures import Future
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, Callable, Collection, Iterator, List, Mapping, NamedTuple, Optional, Set, Tuple

from drboot import seen
from drboot.clock import Clock
from drboot.runner import Execute, Ran
from drboot.sim import latency
from drboot.sim.inprocess import InProcess
from drboot.sim.world import World

Price = Callable[[str, List[str]], float]  # program, arguments -> seconds


class Spent(NamedTuple):
    """A command on the clock: ``begin`` and ``end`` in seconds since the run began."""

    argv: Tuple[str, ...]
    begin: float
    end: float


class VirtualClock(Clock):
    """The time of one run.  Made in the thread that schedules; its steps run in threads of a pool."""

    def __init__(self) -> None:
        self._now = 0.0
        self._changed = threading.Condition()
        self._asleep: List[Tuple[float, int, List[bool]]] = []  # (until, number, [woken])
        self._number = itertools.count()
        self._kept_waiting = 0  # threads that wait for a lock
        self._watched: Set[Future[Any]] = set()
        self._scheduler = threading.get_ident()

    def now(self) -> float:
        return self._now

    def sleep(self, seconds: float) -> None:
        """Whoever calls this way is the scheduler, and nothing runs."""
        self._now += seconds

    def spend(self, seconds: float) -> None:
        """The calling thread is busy for so long; the others go on meanwhile."""
        if threading.get_ident() == self._scheduler:
            self._now += seconds
            return
        with self._changed:
            woken = [False]
            heapq.heappush(self._asleep, (self._now + seconds, next(self._number), woken))
            self._changed.notify_all()
            while not woken[0]:
                self._changed.wait()

    def wait(self, running: Collection[Future[Any]], seconds: Optional[float]) -> Set[Future[Any]]:
        until = float("inf") if seconds is None else self._now + seconds
        for future in set(running) - self._watched:
            self._watched.add(future)
            future.add_done_callback(self._over)
        with self._changed:
            while True:
                over = {future for future in running if future.done()}
                if over:
                    return over
                if len(running) == len(self._asleep) + self._kept_waiting:
                    if not self._asleep:
                        raise RuntimeError("every step waits for a lock that no command will give back")
                    if until < self._asleep[0][0]:
                        self._now = until
                        return set()
                    self._now, _, woken = heapq.heappop(self._asleep)
                    woken[0] = True
                    self._changed.notify_all()
                self._changed.wait()

    def _over(self, future: Future[Any]) -> None:
        with self._changed:
            self._changed.notify_all()

    def lock(self) -> _Lock:
        """A lock whose waiting threads this clock knows of."""
        return _Lock(self)


class _Lock:
    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self._held = False
        self._waiting: List[List[bool]] = []

    def __enter__(self) -> None:
        clock = self._clock
        with clock._changed:
            if not self._held:
                self._held = True
                return
            mine = [False]
            self._waiting.append(mine)
            clock._kept_waiting += 1
            clock._changed.notify_all()
            while not mine[0]:
                clock._changed.wait()

    def __exit__(self, *raised: object) -> None:
        clock = self._clock
        with clock._changed:
            if not self._waiting:
                self._held = False
                return
            self._waiting.pop(0)[0] = True  # it stays held, by another thread
            clock._kept_waiting -= 1
            clock._changed.notify_all()


@contextlib.contextmanager
def known_to(clock: VirtualClock) -> Iterator[None]:
    """The locks of what drboot has seen are of this clock: a step that waits for another's look is no step at work."""
    module: Any = seen
    real = module.threading
    module.threading = SimpleNamespace(Lock=clock.lock)
    try:
        yield
    finally:
        module.threading = real


def price(world: World, scale: Mapping[str, float]) -> Price:
    """What a command takes by the latency table; ``scale`` multiplies those of single programs (``importvg``).

    What importvg without -n takes to vary the VG on is varyonvg's, and is not multiplied.
    """

    def seconds(program: str, args: List[str]) -> float:
        name = program.rpartition("/")[2]
        apart = latency.VARYON if name == "importvg" and "-n" not in args else 0.0
        return (latency.cost(world, program, args) - apart) * scale.get(name, 1.0) + apart

    return seconds


def run_on(lpar: InProcess, clock: VirtualClock, costs: Price, spent: List[Spent]) -> Execute:
    """What drboot's runner calls: the command takes its time on the clock, and has its effect at the end of it."""

    def run_argv(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        begin = clock.now()
        program = argv[0][len(lpar.machine.root) :]
        clock.spend(costs(program, list(argv[1:])))
        lpar.passed = clock.now()
        ran = Ran(*lpar.execute(argv, environment, killable, deadline))
        if ran.seconds:  # what nobody answered
            clock.spend(ran.seconds)
        spent.append(Spent((program, *argv[1:]), begin, clock.now()))
        return replace(ran, seconds=clock.now() - begin)

    return run_argv
