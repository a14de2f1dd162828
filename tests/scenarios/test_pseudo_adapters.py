"""EtherChannels and VLAN devices that the reset has lost are made again, over the adapters in the same slots."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot import capture, report, undo
from drboot.clock import CountedClock
from drboot.paths import Root
from drboot.runner import Ran
from drboot.settable import Pseudo
from drboot.sim import boot
from drboot.sim.estates import bank
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory

HOSTS, SITE = "/etc/drboot/hosts.csv", "/etc/drboot/sites/dr.yaml"
CHANNEL = Pseudo(
    "ent2", "ibm_ech", (("adapter_names", ("C2-T1", "C3-T1")),), (("hash_mode", "src_dst_port"), ("mode", "8023ad"))
)
VLAN = Pseudo("ent3", "eth", (("base_adapter", ("=ent2",)),), (("vlan_tag_id", "410"),))
ADDRESS = "10.20.5.11"


def run(lpar: InProcess, program: str, *args: str) -> Ran:
    ran = memory.run_on(lpar)((lpar.machine.root + program, *args), {}, True, 30.0)
    assert ran.rc == 0, ran
    return ran


def at_home(directory: Path, profile: str = "") -> Estate:
    """A production LPAR whose service address is on an EtherChannel, with a VLAN device over it; captured, armed."""
    estate = bank.make(str(directory))
    boot.power_on(estate.home)
    lpar = InProcess(estate.home)
    for interface in ("en0", "en1"):
        run(lpar, "/usr/sbin/ifconfig", interface, "down", "detach")
        run(lpar, "/usr/sbin/chdev", "-l", interface, "-a", "netaddr=", "-a", "netmask=", "-a", "state=detach")
    channel = ("adapter_names=ent0,ent1", "mode=8023ad", "hash_mode=src_dst_port")
    make(lpar, "pseudo", "ibm_ech", *channel)
    make(lpar, "vlan", "eth", "base_adapter=ent2", "vlan_tag_id=410")
    run(lpar, "/usr/sbin/cfgmgr")
    lpar.save()
    hosts = Path(estate.home.root + HOSTS)
    kept = [line for line in hosts.read_text().splitlines() if ",backup," not in line and "rehearsal" not in line]
    hosts.write_text("\n".join(kept) + "\n")
    site = Path(estate.home.root + SITE)
    text = "".join(line for line in site.read_text().splitlines(keepends=True) if "10.21.5.254" not in line)
    site.write_text(text.replace("network:\n", "network:\n" + profile, 1))
    memory.arm_at_home(estate)
    return estate


def make(lpar: InProcess, subclass: str, type_: str, *attributes: str) -> None:
    args = [part for attribute in attributes for part in ("-a", attribute)]
    run(lpar, "/usr/sbin/mkdev", "-c", "adapter", "-s", subclass, "-t", type_, *args)


def step(lpar: InProcess, name: str) -> Dict[str, Any]:
    root = Root(lpar.machine.root)
    made = report.read(root, report.runs(root)[-1])
    assert made is not None
    found: Dict[str, Any] = next(each for each in made["steps"] if each["step"] == name)
    return found


def interface_with(lpar: InProcess, address: str) -> str:
    names: List[str] = [n for n, i in lpar.world["kernel"]["interfaces"].items() if address in str(i)]
    assert len(names) == 1
    return names[0]


def test_what_it_stands_on_is_captured_by_slot(tmp_path: Path) -> None:
    estate = at_home(tmp_path)
    assert capture.load(Root(estate.home.root), "home").pseudo == (CHANNEL, VLAN)


def test_F50_the_etherchannel_is_made_again_and_carries_the_address(tmp_path: Path) -> None:
    lpar = memory.wake(at_home(tmp_path))
    before = copy.deepcopy(lpar.world["odm"]["devices"])
    assert memory.apply(lpar) == 0
    assert step(lpar, "pseudo_adapters/ent2")["outcome"] == "changed"
    assert interface_with(lpar, ADDRESS) == "en2"
    assert "en2" in step(lpar, "network/service")["evidence"]
    assert run(lpar, "/usr/sbin/lsattr", "-El", "ent2", "-a", "hash_mode", "-F", "value").stdout == "src_dst_port\n"
    assert run(lpar, "/usr/sbin/lsattr", "-El", "ent3", "-a", "base_adapter", "-F", "value").stdout == "ent2\n"
    root = Root(lpar.machine.root)
    clock = CountedClock()
    assert undo.run(root, memory.identity(lpar).systemid, run_argv=memory.run_on(lpar, clock), clock=clock) == 0
    assert lpar.world["odm"]["devices"] == before


def test_F50_without_one_of_its_adapters_the_plain_one_is_used_and_that_is_recorded(tmp_path: Path) -> None:
    estate = at_home(tmp_path)
    with estate.dr.edit() as world:
        world["firmware"]["slots"] = [slot for slot in world["firmware"]["slots"] if slot["slot"] != "C3"]
    lpar = memory.wake(estate)
    assert memory.apply(lpar) == 0
    assert interface_with(lpar, ADDRESS) == "en0"
    assert "C3-T1 is no adapter here; the plain adapter is used" in step(lpar, "pseudo_adapters/ent2")["warnings"][0]
    assert "ent2 is no adapter here" in step(lpar, "pseudo_adapters/ent3")["warnings"][0]


def test_F50_the_profile_may_say_plain(tmp_path: Path) -> None:
    lpar = memory.wake(at_home(tmp_path, "  pseudo_adapters: leave\n"))
    assert memory.apply(lpar) == 0
    assert interface_with(lpar, ADDRESS) == "en1"
    with pytest.raises(StopIteration):
        step(lpar, "pseudo_adapters/ent2")
