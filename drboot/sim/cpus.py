"""A CPU of its own for each worker process that runs LPARs in memory.

The threads of one run hand on to each other thousands of times.  On one CPU that costs little; across CPUs each time
wakes another one, which made a rehearsal cost a quarter more CPU (docs/performance.md).
"""

from __future__ import annotations

import contextlib
import os
from multiprocessing.context import BaseContext
from multiprocessing.queues import SimpleQueue
from typing import TYPE_CHECKING, Iterator, Optional

if TYPE_CHECKING:
    Tokens = SimpleQueue[Optional[int]]

_free: Optional[Tokens] = None  # what this worker takes its CPU from


def tokens(context: BaseContext, workers: int) -> Tokens:
    """One per worker: the CPU that its holder may have, or None where there are not enough, or the system cannot."""
    usable = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    queue: Tokens = context.SimpleQueue()
    for worker in range(workers):
        queue.put(usable[worker] if workers <= len(usable) else None)
    return queue


def share(free: Tokens) -> None:
    """The ``initializer`` of a pool of workers."""
    global _free
    _free = free


@contextlib.contextmanager
def one() -> Iterator[None]:
    """This process, and all that it starts, stay on one CPU meanwhile.  Without ``share`` they stay where they are."""
    if _free is None:
        yield
        return
    cpu = _free.get()
    try:
        if cpu is None:
            yield
        else:
            before = os.sched_getaffinity(0)
            os.sched_setaffinity(0, {cpu})
            try:
                yield
            finally:
                os.sched_setaffinity(0, before)
    finally:
        _free.put(cpu)
