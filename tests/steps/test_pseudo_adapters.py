"""EtherChannels and VLAN devices: found by what they stand on, whatever they are called here."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, Optional

import pytest

from drboot.failback import Return
from drboot.settable import Pseudo, carrier, take_pseudo, vlan_device
from drboot.steps.base import Done, Todo
from drboot.steps.pseudo_adapters import PseudoMade, steps
from drboot.steps.reversals import PseudoGone
from tests.steps.canned import PROFILE, Answer, Machine, capture, lines, wanted

CHANNEL = Pseudo("ent4", "ibm_ech", (("adapter_names", ("C2-T1", "C3-T1")),), (("mode", "8023ad"),))
VLAN = Pseudo("ent5", "eth", (("base_adapter", ("=ent4",)),), (("vlan_tag_id", "310"),))
EVERY = (CHANNEL, VLAN)
LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
PLAIN = "ent0:adapter:vdevice:IBM,l-lan:Available:vio0\nent1:adapter:vdevice:IBM,l-lan:Available:vio0\n"
ECH = "ent7:adapter:pseudo:ibm_ech:Available:\n"
ETH = "ent8:adapter:vlan:eth:Available:\n"
ENT = """\
  ent0             U9119.FHB.02F42A0-V11-C3-T1  Virtual I/O Ethernet Adapter (l-lan)
  ent1             U9119.FHB.02F42A0-V11-C2-T1  Virtual I/O Ethernet Adapter (l-lan)
"""


def answers(devices: str, names: str = "ent1,ent0", base: str = "ent7") -> Dict[str, Answer]:
    return {
        LSDEV: devices,
        "lscfg -vl ent*": ENT,
        "lsattr -El ent7 -a adapter_names -F value": names + "\n",
        "lsattr -El ent7 -a backup_adapter -F value": "NONE\n",
        "lsattr -El ent8 -a base_adapter -F value": base + "\n",
        "lsattr -El ent8 -a vlan_tag_id -F value": "310\n",
        "ifconfig -a": "en7: flags=1e080863,480<UP,BROADCAST>\n",
        "odmget CuAt": '\nCuAt:\n\tname = "inet0"\n\tattribute = "hostname"\n\tvalue = "prod01"\n\tgeneric = "DU"\n',
    }


@pytest.mark.parametrize("names", ["ent1,ent0", "ent0,ent1"])
def test_it_is_there_under_another_name(tmp_path: Path, names: str) -> None:
    machine = Machine(tmp_path, answers(PLAIN + ECH + "en7:if:EN:en:Available:\n", names))
    assert PseudoMade(CHANNEL, EVERY, "").assess(machine.seen()) == Done("ent7 is over ent1, ent0")


@pytest.mark.parametrize("devices, names", [(PLAIN, ""), (PLAIN + ECH, "ent0"), (PLAIN + ECH, "ent0,ent1,ent9")])
def test_one_over_other_adapters_is_another_one(tmp_path: Path, devices: str, names: str) -> None:
    answer = PseudoMade(CHANNEL, EVERY, "").assess(Machine(tmp_path, answers(devices, names)).seen())
    assert isinstance(answer, Todo)
    made = "mkdev -c adapter -s pseudo -t ibm_ech -a adapter_names=ent1,ent0 -a mode=8023ad"
    assert lines(answer.actions) == [made]


IN_USE = """\
en1: flags=1e080863,480<UP,BROADCAST>
\tinet 10.20.5.11 netmask 0xffffff00 broadcast 10.20.5.255
{more}en0: flags=1e080863,480<UP,BROADCAST>
"""
MADE = "mkdev -c adapter -s pseudo -t ibm_ech -a adapter_names=ent1,ent0 -a mode=8023ad"


def test_F50_a_member_that_an_earlier_run_gave_this_machine_s_address_is_freed_first(tmp_path: Path) -> None:
    """mkdev failed once, and the address went to the plain adapter: no later run could make the EtherChannel."""
    given = {**answers(PLAIN), "ifconfig -a": IN_USE.format(more="")}
    step = PseudoMade(CHANNEL, EVERY, "", own=frozenset(("10.20.5.11", "10.20.5.12")))
    answer = step.assess(Machine(tmp_path, given).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == ["ifconfig en1 down detach", "rmdev -dl en1", MADE]
    assert "en1" in step.undo(Machine(tmp_path, given).seen()).kept


@pytest.mark.parametrize("more", ["\tinet 10.77.0.1 netmask 0xffffff00 broadcast 10.77.0.255\n", None])
def test_F50_a_member_with_another_address_is_left_alone(tmp_path: Path, more: Optional[str]) -> None:
    given = {**answers(PLAIN), "ifconfig -a": IN_USE.format(more=more or "")}
    own = frozenset(("10.20.5.11",)) if more else frozenset(("10.20.5.99",))
    answer = PseudoMade(CHANNEL, EVERY, "", own=own).assess(Machine(tmp_path, given).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == [MADE]


def test_its_interface_is_looked_for(tmp_path: Path) -> None:
    answer = PseudoMade(CHANNEL, EVERY, "").assess(Machine(tmp_path, answers(PLAIN + ECH)).seen())
    assert isinstance(answer, Todo) and lines(answer.actions) == ["cfgmgr"]


def test_a_vlan_device_stands_on_what_the_channel_is_called_here(tmp_path: Path) -> None:
    answer = PseudoMade(VLAN, EVERY, "").assess(Machine(tmp_path, answers(PLAIN + ECH)).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == ["mkdev -c adapter -s vlan -t eth -a base_adapter=ent7 -a vlan_tag_id=310"]
    without = PseudoMade(VLAN, EVERY, "").assess(Machine(tmp_path, answers(PLAIN)).seen())
    assert isinstance(without, Done) and "ent4 is no adapter here" in without.warnings[0]


PINGS = replace(CHANNEL, values=(("mode", "8023ad"), ("netaddr", "10.1.5.1"), ("num_retries", "3")))
TARGET = "device_attributes: {override: {ent: {netaddr: 10.20.5.1}}}\n"


def made_at(tmp_path: Path, profile: str = PROFILE, **changed: Any) -> Todo:
    """What makes an EtherChannel of home whose failover pings the gateway of home."""
    site = wanted(tmp_path, profile=profile, capture=capture(pseudo=(PINGS,)), **changed)
    [step] = steps(site)
    answer = step.assess(Machine(tmp_path, answers(PLAIN)).seen())
    there = step.assess(Machine(tmp_path, answers(PLAIN + ECH + "en7:if:EN:en:Available:\n")).seen())
    assert isinstance(answer, Todo) and isinstance(there, Done)
    return replace(answer, why=" ".join(there.warnings))


def test_an_etherchannel_does_not_ping_the_gateway_of_another_site(tmp_path: Path) -> None:
    """Nobody answers there, and the failover would go from adapter to adapter; the report says what is lacking."""
    answer = made_at(tmp_path)
    assert lines(answer.actions) == [MADE + " -a num_retries=3"]
    assert "10.1.5.1" in answer.why and "device_attributes: {override: {ent: {netaddr: ADDRESS}}}" in answer.why


def test_the_profile_has_the_ping_target_of_its_site(tmp_path: Path) -> None:
    answer = made_at(tmp_path, PROFILE + TARGET)
    assert lines(answer.actions) == [MADE + " -a netaddr=10.20.5.1 -a num_retries=3"]
    assert answer.why == ""


def test_a_rehearsal_pings_neither_of_them_and_home_its_own(tmp_path: Path) -> None:
    assert "netaddr" not in " ".join(lines(made_at(tmp_path, PROFILE + TARGET, mode="rehearsal").actions))
    site = wanted(tmp_path).site
    home = made_at(tmp_path, coming=Return(capture(pseudo=(PINGS,)), site))
    assert lines(home.actions) == [MADE + " -a netaddr=10.1.5.1 -a num_retries=3"]
    assert home.why == ""


def test_which_device_carries_an_address(tmp_path: Path) -> None:
    seen = Machine(tmp_path, answers(PLAIN + ECH + ETH)).seen()
    assert (carrier(seen, "ent0"), carrier(seen, "ent9"), vlan_device(seen, 310)) == ("ent7", "ent9", ("ent8",))
    assert vlan_device(seen, 311) == ()


def test_it_is_captured_from_below(tmp_path: Path) -> None:
    machine = Machine(tmp_path, answers(PLAIN + ETH + ECH))
    assert [pseudo.name for pseudo in take_pseudo(machine.seen())] == ["ent7", "ent8"]
    assert take_pseudo(Machine(tmp_path, {LSDEV: PLAIN}).seen()) == ()


def test_undo_takes_interfaces_and_device_away(tmp_path: Path) -> None:
    back = PseudoMade(CHANNEL, EVERY, "").undo(Machine(tmp_path, answers(PLAIN)).seen())
    assert back.steps == (PseudoGone("ibm_ech", (("adapter_names", ("ent1", "ent0")),)),)
    devices = PLAIN + ECH + "en7:if:EN:en:Available:\net7:if:EN:ie3:Defined:\n"
    answer = back.steps[0].assess(Machine(tmp_path, answers(devices)).seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == ["ifconfig en7 down detach", "rmdev -dl en7", "rmdev -dl et7", "rmdev -dl ent7"]
    assert back.steps[0].assess(Machine(tmp_path, answers(PLAIN)).seen()) == Done("there is none")
