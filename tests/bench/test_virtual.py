"""The clock on which DR boots are measured."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import List

import pytest

from drboot.sim.estates import small
from tests.bench import critical, dr
from tests.bench.virtual import VirtualClock
from tests.scenarios import memory


def test_what_runs_side_by_side_takes_as_long_as_the_longest() -> None:
    clock = VirtualClock()
    with ThreadPoolExecutor(3) as pool:
        running = {pool.submit(clock.spend, seconds): seconds for seconds in (5.0, 1.0, 3.0)}
        order: List[float] = []
        while running:
            for future in clock.wait(running, None):
                order.append(running.pop(future))
    assert order == [1.0, 3.0, 5.0]
    assert clock.now() == 5.0


def test_one_after_the_other_adds_up_and_computing_costs_nothing() -> None:
    clock = VirtualClock()

    def work() -> None:
        clock.spend(2.0)
        sum(range(100000))
        clock.spend(2.5)

    with ThreadPoolExecutor(1) as pool:
        assert clock.wait([pool.submit(work)], None)
    assert clock.now() == 4.5


def test_who_waits_for_a_lock_does_not_stop_the_clock() -> None:
    clock, order = VirtualClock(), []  # type: ignore[var-annotated]
    lock = clock.lock()
    inside = threading.Event()

    def first() -> None:
        with lock:
            inside.set()
            clock.spend(4.0)
            order.append("first")

    def second() -> None:
        inside.wait(10)
        with lock:
            clock.spend(1.0)
            order.append("second")

    with ThreadPoolExecutor(2) as pool:
        running = {pool.submit(first), pool.submit(second)}
        while running:
            running -= clock.wait(running, None)
    assert (order, clock.now()) == (["first", "second"], 5.0)


def test_a_pause_ends_before_what_takes_longer() -> None:
    clock = VirtualClock()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(clock.spend, 60.0)
        assert (clock.wait([future], 10.0), clock.now()) == (set(), 10.0)
        assert (clock.wait([future], None), clock.now()) == ({future}, 60.0)
    clock.sleep(1.5)
    clock.spend(0.5)
    assert clock.now() == 62.0, "the scheduler itself"


def test_locks_that_nobody_gives_back_are_an_error() -> None:
    clock = VirtualClock()
    lock = clock.lock()
    lock.__enter__()
    pool = ThreadPoolExecutor(1)
    future = pool.submit(lock.__enter__)
    with pytest.raises(RuntimeError, match="lock"):
        clock.wait([future], None)
    lock.__exit__()
    pool.shutdown()


def test_a_boot_of_small_changes_what_had_to_change_and_keeps_to_the_constraints(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    boot = dr.drboot(estate, 1.0, checked=True)
    assert len(boot.changing) == len(boot.things) > 10
    assert 0 < boot.critical <= boot.last_change <= boot.seconds
    assert {thing.kind for thing in boot.things} >= {"import", "varyon", "mount", "address", "route", "inittab"}
    imports = sorted((call.begin, call.end) for call in boot.commands if call.argv[0].endswith("/importvg"))
    assert all(one[1] <= other[0] for one, other in zip(imports, imports[1:]))
    on = next(call for call in boot.commands if call.argv[0].endswith("/varyonvg"))
    mounted = [call for call in boot.commands if call.argv[0].endswith("/mount") and call.argv[1:]]
    assert len(mounted) == 2 and all(call.begin >= on.end for call in mounted)
    assert mounted[1].begin >= mounted[0].end, "/data/db is below /data"
    assert critical.things(critical.look(estate.dr.directory), estate.dr.directory) == (), "nothing has changed since"
