"""The critical path: no order of the imports can beat it, and some order reaches it."""

from __future__ import annotations

import itertools
import random
from types import SimpleNamespace
from typing import Any, Dict, List, Tuple

import pytest

from tests.bench import critical
from tests.bench.critical import Thing

COSTS = {"importvg": 8.0, "varyonvg": 3.0, "chvg": 1.0, "mount": 0.5, "fsck": 2.0, "chdev": 1.0, "bootlist": 0.3}


def machine(vgs: Dict[str, List[str]]) -> Any:
    """A state with these VGs and the mount points on each."""
    mounts = [
        {"point": point, "device": "/dev/" + point.replace("/", "_")} for points in vgs.values() for point in points
    ]
    odm = {name: {"lvs": [point.replace("/", "_") for point in points]} for name, points in vgs.items()}
    return SimpleNamespace(kernel={"mounts": mounts}, odm={"vgs": odm})


def changed(vgs: Dict[str, List[str]], chvg: Tuple[str, ...] = ()) -> Tuple[Thing, ...]:
    found = [Thing(kind, vg) for vg in vgs for kind in ("import", "varyon")]
    found += [Thing("mount", point) for points in vgs.values() for point in points]
    return (*found, *(Thing("chvg", vg) for vg in chvg))


def test_one_group_takes_import_varyon_and_its_mounts_one_below_the_other() -> None:
    vgs = {"datavg": ["/data", "/data/db", "/data/db/log", "/other"]}
    assert critical._storage(changed(vgs), machine(vgs), COSTS)[0] == 8 + 3 + 3 * 0.5


def test_a_check_comes_between_varyon_and_mount() -> None:
    vgs = {"datavg": ["/data", "/data/db"]}
    with_checks = (*changed(vgs), Thing("fsck", "/data"), Thing("fsck", "/data/db"))
    assert critical._storage(with_checks, machine(vgs), COSTS)[0] == 8 + 3 + 2 + 2 * 0.5


def test_a_mount_waits_for_its_parent_in_another_group() -> None:
    vgs = {"a": ["/data"], "b": ["/data/db"]}
    seconds, why = critical._storage(changed(vgs), machine(vgs), COSTS)
    assert seconds == 16 + 3 + 0.5, "the parent first, so that only the child's mount is left behind the last import"
    assert why == "2 importvg, then 3.5 s for b"


@pytest.mark.parametrize("seed", range(20))
def test_no_order_of_the_imports_is_faster_and_one_is_as_fast(seed: int) -> None:
    drawn = random.Random(seed)
    vgs: Dict[str, List[str]] = {
        f"vg{n}": [f"/m{n}" + "/x" * depth for depth in range(drawn.randrange(4))] for n in range(5)
    }
    chvg = tuple(vg for vg in vgs if drawn.random() < 0.4)
    tails = {vg: 3 + max(0.5 * len(points), 1.0 if vg in chvg else 0.0) for vg, points in vgs.items()}
    best = min(
        max(8.0 * (place + 1) + tails[vg] for place, vg in enumerate(order)) for order in itertools.permutations(vgs)
    )
    assert critical._storage(changed(vgs, chvg), machine(vgs), COSTS)[0] == best


def test_of_one_device_one_chdev_at_a_time() -> None:
    things = (
        Thing("address", "en0"), Thing("alias4", "en0 10.0.0.1,255.0.0.0"), Thing("alias4", "en0 10.0.0.2,255.0.0.0"),
        Thing("attribute", "en1 mtu"), Thing("address", "en1"), Thing("route", "inet0 net,...,10.0.0.9"),
    )  # fmt: skip
    found = {why: seconds for seconds, why in critical._networks(things, COSTS)}
    assert found == {"chdev of en0": 3.0, "chdev of en1": 2.0, "an address, then the routes": 2.0}


def test_an_address_is_one_thing_and_an_alias_one_each() -> None:
    was: Dict[str, List[str]] = {"alias4": ["10.0.0.1,255.0.0.0"], "mtu": ["1500"], "netaddr": ["10.1.1.1"]}
    now = {"netaddr": ["10.2.2.2"], "netmask": ["255.0.0.0"], "state": ["up"], "mtu": ["1500"], "alias4": ["a", "b"]}
    assert critical._attributes("en0", was, now) == [
        Thing("alias4", "en0 10.0.0.1,255.0.0.0"), Thing("alias4", "en0 a"), Thing("alias4", "en0 b"),
        Thing("address", "en0"),
    ]  # fmt: skip
    assert critical._attributes("sys0", {"ghostdev": ["1"]}, {}) == [Thing("attribute", "sys0 ghostdev")]
    assert critical._attributes("en0", was, was) == []
