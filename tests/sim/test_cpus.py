"""drboot/sim/cpus.py: workers stay on a CPU of their own, and give it back."""

from __future__ import annotations

import multiprocessing
import os
from typing import FrozenSet, Iterator, Set

import pytest

from drboot.sim import cpus

FRESH = multiprocessing.get_context("spawn")


@pytest.fixture(autouse=True)
def not_shared() -> Iterator[None]:
    before = os.sched_getaffinity(0)
    yield
    cpus._free = None
    os.sched_setaffinity(0, before)


def where() -> FrozenSet[int]:
    return frozenset(os.sched_getaffinity(0))


def seen_by_a_worker(_: int) -> FrozenSet[int]:
    with cpus.one():
        return where()


def test_as_many_workers_as_cpus_have_one_each() -> None:
    usable = where()
    count = len(usable)
    tokens = cpus.tokens(FRESH, count)
    assert {tokens.get() for _ in range(count)} == set(usable)


def test_more_workers_than_cpus_stay_where_they_are() -> None:
    count = len(where()) + 1
    tokens = cpus.tokens(FRESH, count)
    cpus.share(tokens)
    before = where()
    for _ in range(count + 1):  # none of them waits
        with cpus.one():
            assert where() == before
    assert {tokens.get() for _ in range(count)} == {None}


def test_no_pool_no_cpu_of_its_own() -> None:
    before = where()
    with cpus.one():
        assert where() == before


def test_what_fails_gives_its_cpu_back() -> None:
    before = where()
    cpus.share(cpus.tokens(FRESH, 1))
    for _ in range(2):  # the second one would wait for ever
        with pytest.raises(ValueError), cpus.one():
            assert len(where()) == 1
            raise ValueError
        assert where() == before


def test_each_worker_of_a_pool_has_one_of_its_own() -> None:
    usable = sorted(where())
    with FRESH.Pool(len(usable), cpus.share, (cpus.tokens(FRESH, len(usable)),), maxtasksperchild=1) as pool:
        found: Set[FrozenSet[int]] = set(pool.map(seen_by_a_worker, range(2 * len(usable)), chunksize=1))
    assert all(len(one) == 1 for one in found)
    assert {cpu for one in found for cpu in one} <= set(usable)
