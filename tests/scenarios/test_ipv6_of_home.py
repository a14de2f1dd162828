"""IPv6 of home in an ODM that was not reset: no address and no route of it is left at DR, now or after a boot."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, Iterator

import pytest

from drboot.sim.estates import fullhouse
from tests import checker
from tests.scenarios import memory

REFUSES = {"program": "/usr/sbin/chdev", "args": "netaddr6=", "kind": "fails"}


def of_home(world: Any) -> Iterator[str]:
    """Where home's prefixes still stand: attributes of devices, addresses and routes of the kernel."""
    for device, attributes in world["odm"]["attributes"].items():
        yield from (f"{device} {name}" for name, values in attributes.items() if "2001:db8" in str(values))
    for interface in world["kernel"]["interfaces"].values():
        yield from (f"{interface['name']} {address}" for address in interface["inet6"] if "2001:db8" in address)
    yield from (f"route {row['destination']}" for row in world["kernel"]["routes"] if "2001:db8" in str(row))


@pytest.mark.parametrize("fault", [None, REFUSES])
def test_F41_nothing_of_it_is_left(tmp_path: Path, fault: Dict[str, str]) -> None:
    estate = fullhouse.make(str(tmp_path))
    memory.arm_at_home(estate)
    with estate.home.edit() as world:
        world["odm"]["attributes"]["sys0"]["ghostdev"] = ["0"]
        assert len(set(of_home(world))) > 5
    lpar = memory.wake(estate)
    assert {"en0 netaddr6", "en0 alias6", "inet0 rout6"} <= set(of_home(lpar.world))
    lpar.world["settings"]["faults"] = [fault] if fault else []
    assert memory.apply(lpar) == 0
    lpar.save()
    assert list(of_home(lpar.world)) == []
    assert checker.differences(estate.dr.directory, estate.expected) == []
