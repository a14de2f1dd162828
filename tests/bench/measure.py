"""What a process costs: the operating system's own account of it and of everything it waited for."""

from __future__ import annotations

import os
import statistics
import time
from typing import Callable, Dict, List, NamedTuple, Sequence, Tuple

MIB = 1024.0  # ru_maxrss is in KiB on Linux


class Cost(NamedTuple):
    """CPU and wall time in seconds; the largest of its processes in MiB."""

    cpu: float
    wall: float
    peak: float = 0.0

    def __add__(self, other: object) -> Cost:
        assert isinstance(other, Cost)
        return Cost(self.cpu + other.cpu, self.wall + other.wall, max(self.peak, other.peak))

    def less(self, other: Cost, times: int = 1) -> Cost:
        return Cost(self.cpu - times * other.cpu, self.wall - times * other.wall, self.peak)


def process(*commands: Tuple[str, ...], environment: Dict[str, str]) -> Cost:
    """Start the commands at once, wait for all of them; their output is thrown away.

    Raises RuntimeError for one that does not end with 0: a figure of what failed says nothing.
    """
    nothing = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    begin = time.perf_counter()
    started = [os.posix_spawn(argv[0], argv, environment, file_actions=nothing) for argv in commands]
    ended = [os.wait4(pid, 0) for pid in started]
    wall = time.perf_counter() - begin
    for argv, (_, status, _) in zip(commands, ended):
        if status:
            raise RuntimeError(f"{' '.join(argv)} ended with {os.waitstatus_to_exitcode(status)}")
    used = [usage for _, _, usage in ended]
    cpu = sum(usage.ru_utime + usage.ru_stime for usage in used)
    return Cost(cpu, wall, max(usage.ru_maxrss for usage in used) / MIB)


def in_turn(runs: int, *what: Callable[[], Cost]) -> Tuple[List[Cost], ...]:
    """Each in turn, A B C A B C ..., after one turn that does not count: so that a machine's drift hits all alike."""
    counted: Tuple[List[Cost], ...] = tuple([] for _ in what)
    for turn in range(runs + 1):
        for costs, one in zip(counted, what):
            cost = one()
            if turn:
                costs.append(cost)
    return counted


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each column."""
    return Cost(*(statistics.median(column) for column in zip(*costs)))


def ratios(ours: Sequence[Cost], theirs: Sequence[Cost]) -> Cost:
    """The median of the ratios, pair by pair."""
    return median([Cost(a.cpu / b.cpu, a.wall / b.wall) for a, b in zip(ours, theirs)])
