"""Everything that a device reset loses, or importvg changes, is there again: two captures side by side.

``fullhouse`` is captured at home, reset, recovered at DR, and captured there; once more without the reset, where drboot
removes what is stale (plan B).  What differs is in the closed lists below, each with its reason; anything else that
differs, and anything listed that does not, fails.
"""

from __future__ import annotations

import fnmatch
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, Set, Tuple

import pytest

from drboot import capture, report, restored
from drboot.capture import Capture
from drboot.paths import Root
from drboot.runner import Runner
from drboot.seen import Seen
from drboot.sim.estates import fullhouse
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.checker import State
from tests.scenarios import memory
from tests.scenarios.administered import administered
from tests.scenarios.captures import Change, differing, flat, leaf

ANYTHING = object()

# Other hardware: numbers in the order of discovery, serials, location codes.  Each of these differs.
HARDWARE = (
    "disks[*].unique_id",
    "adapters[*].location",
    "adapters[*].mac",
    "adapters[*].wwpn",
    "firmware",
    "settings[*].address",
)
# Names that AIX gives anew; some come out as they were.
NUMBERS = (
    "disks[*].hdisk", "disks[*].serial", "adapters[*].name", "interfaces[*].name", "settings[*].name",
    "kernel_routes[*].interface",
)  # fmt: skip
WITHOUT_RESET = ("devices", "pseudo[*].name")  # new numbers are given out while the stale devices have theirs
# The volume groups that a boot without a reset varies on bring these along.
BY_THE_BOOT = {"dump_device", "filesystems", "paging_spaces"}
# The capture itself, and the machine that it was taken on.
RECORD: Dict[str, Change] = {
    "site": ("home", "dr"),
    "systemid": (fullhouse.HOME_ID[4:], fullhouse.DR_ID[4:]),
    "taken": (ANYTHING, ANYTHING),
}
BOOT_DISK = {"reset": "hdisk4", "plan B": "hdisk13"}  # rootvg's disk here, twice: by both of its adapters
# What the profile and hosts.csv say: home -> DR.
PROFILE: Dict[str, Change] = {
    "interfaces[C2-T1].address": ("10.1.5.11", "10.20.5.11"),
    "interfaces[C2-T1].aliases": (
        (("10.1.5.12", "255.255.255.255"), ("10.1.6.1", "255.255.255.0")),
        (("10.20.5.12", "255.255.255.255"), ("10.20.6.1", "255.255.255.0")),
    ),
    "interfaces[C2-T1].address6": ("2001:db8:1::11/64", ""),
    "interfaces[C2-T1].aliases6": (("2001:db8:2::11/48",), ()),
    "interfaces[C3-T1].address": ("10.11.5.11", "10.21.5.11"),
    "interfaces[ibm_ech].address": ("10.12.5.11", "10.22.5.11"),
    "interfaces[eth].address": ("10.13.5.11", "10.23.5.11"),
    "texts": (ANYTHING, ANYTHING),
    "routes": (ANYTHING, ANYTHING),
    "routes6": (ANYTHING, ()),
    "kernel_routes[4 default].gateway": ("10.1.5.1", "10.20.5.1"),
    "kernel_routes[4 10.31.0.0].gateway": ("10.1.5.254", "10.20.5.254"),
    "kernel_routes[4 10.40.1.7].gateway": ("10.11.5.254", "10.21.5.254"),
    **{
        f"kernel_routes[6 {destination}].{key}": (ANYTHING, None)
        for destination in ("default", "2001:db8:31::", "2001:db8:40::7")
        for key in ("family", "destination", "prefix", "gateway", "interface")
    },
    "inittab": (ANYTHING, ANYTHING),
}
# What of the machine itself is other than home's, whether drboot captures it or not.
OF_THE_MACHINE = (
    "hdisk *.unique_id", "hdisk *.lun_id", "hdisk *.ww_name", "hdisk *.node_name",  # the LUN's
    "en *.netaddr", "en C2-T1.alias4", "en C2-T1.alias6", "en C2-T1.netaddr6", "en C2-T1.prefixlen",  # hosts.csv
    "en C2-T1 up: inet6", "inet0.route", "inet0.rout6",  # static_routes
    "/etc/hosts", "/etc/resolv.conf", "/etc/netsvc.conf",  # names
    "/etc/inittab",  # drboot's own entry, and services.inittab_off
    "ent ibm_ech.adapter_names", "ent eth.base_adapter",  # the same adapters have other numbers
    "sys0.ghostdev",  # drboot has set it back to 0
)  # fmt: skip
# What is in fullhouse's capture as an empty value: these need machinery that this LPAR has not.
UNUSED = {
    "powerha": "PowerHA owns its volume groups, and is not part of a recovery",
    "node_id": "RSCT is not simulated on it",
    "unseen": "everything could be read",
    "others": "every device that was set is one that is found again",
    "further_addresses": "every address of it is stored; see tests/unit/test_capture.py",
    **dict.fromkeys(
        ("remote.pvid", "remote.hdisk", "remote.server_addr", "remote.local_addr", "remote.io_timeout"),
        "no disk of it is at another site by GLVM; see test_glvm.py",
    ),
    "volume_groups.encrypted": "its keys are not in the replica; see test_storage_scenarios.py",
}


@dataclass(frozen=True)
class Recovered:
    """The estate after its recovery, and the captures of home and of the machine at DR.  way: reset or plan B."""

    way: str
    estate: Estate
    code: int
    home: Capture
    here: Capture
    lpar: InProcess

    @property
    def report(self) -> Dict[str, Any]:
        root = Root(self.lpar.machine.root)
        made = report.read(root, report.runs(root)[-1])
        assert made is not None
        return made


@pytest.fixture(scope="module", params=BOOT_DISK)
def recovered(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recovered:
    way: str = request.param
    estate = fullhouse.make(str(tmp_path_factory.mktemp("fullhouse")))
    memory.arm_at_home(estate)
    if way == "plan B":
        with estate.home.edit() as world:  # somebody took the flag back after it was armed
            world["odm"]["attributes"]["sys0"]["ghostdev"] = ["0"]
    lpar = memory.wake(estate)
    code = memory.apply(lpar)
    lpar.save()
    seen = Seen(Runner(Root(lpar.machine.root), run_argv=memory.run_on(lpar)))
    here = capture.take(seen, "dr", fullhouse.HOST, fullhouse.DR_ID[4:])
    return Recovered(way, estate, code, capture.load(Root(estate.home.root), "home"), here, lpar)


def numbers(way: str) -> Tuple[str, ...]:
    return (*NUMBERS, *WITHOUT_RESET) if way == "plan B" else NUMBERS


def listed(name: str, way: str) -> bool:
    return any(fnmatch.fnmatchcase(name, _escaped(pattern)) for pattern in (*HARDWARE, *numbers(way)))


def _escaped(pattern: str) -> str:
    """The brackets of a name mean themselves."""
    return pattern.replace("[", "[[]")


def alike(wanted: Change, found: Change) -> bool:
    return all(one is ANYTHING or one == other for one, other in zip(wanted, found))


def test_the_recovery_is_complete(recovered: Recovered) -> None:
    assert recovered.code == 0
    assert checker.differences(recovered.estate.dr.directory, recovered.estate.expected) == []
    assert (recovered.home.unseen, recovered.here.unseen) == ((), ())


def test_the_two_captures_differ_in_nothing_else(recovered: Recovered) -> None:
    found = differing(recovered.home, recovered.here)
    named = {**RECORD, **PROFILE, "bootlist": (("hdisk0",) * 2, (BOOT_DISK[recovered.way],) * 2)}
    others = {name: change for name, change in found.items() if not listed(name, recovered.way)}
    assert {name: change for name, change in others.items() if name not in named} == {}
    assert {
        name: found.get(name) for name, wanted in named.items() if not alike(wanted, found.get(name, ("", "")))
    } == {}


def test_all_hardware_is_other_hardware(recovered: Recovered) -> None:
    """Were it the same, nothing would show that disks and adapters are found again by what survives."""
    found = differing(recovered.home, recovered.here)
    alike_here = [
        name
        for name, value in flat(recovered.home).items()
        for pattern in HARDWARE
        if value and name not in found and fnmatch.fnmatchcase(name, _escaped(pattern))
    ]
    assert alike_here == []
    given = numbers(recovered.way)
    assert {p for p in given for name in found if fnmatch.fnmatchcase(name, _escaped(p))} == set(given)


def test_the_machine_itself_is_as_home_s_is(recovered: Recovered) -> None:
    """Were something lost that is not captured either, the captures would not tell."""
    home, here = (administered(State(machine.directory)) for machine in (recovered.estate.home, recovered.estate.dr))
    found = {key for key in {**home, **here} if home.get(key) != here.get(key)}
    assert {key for key in found if not any(fnmatch.fnmatchcase(key, pattern) for pattern in OF_THE_MACHINE)} == set()
    idle = [pattern for pattern in OF_THE_MACHINE if not fnmatch.filter(found, pattern)]
    assert idle == (["ent eth.base_adapter"] if recovered.way == "reset" else ["sys0.ghostdev"])


def test_the_inittab_is_home_s_but_for_drboot_and_what_the_profile_turns_off(recovered: Recovered) -> None:
    def entries(taken: Capture) -> Dict[str, str]:
        return {line.partition(":")[0]: line for line in taken.inittab}

    home, here = entries(recovered.home), entries(recovered.here)
    assert {name for name in {**home, **here} if home.get(name) != here.get(name)} == {"drboot", "nimclient", "nimsh"}
    assert list(home) == [name for name in here if name != "drboot"], "their order"


def test_what_a_step_or_the_replica_brings_back_is_equal(recovered: Recovered) -> None:
    """The table of drboot/restored.py is true: only what it gives to the profile or to the hardware differs."""
    expected = {"bootlist": "step", "inittab": "travels"}
    found = {leaf(name) for name in differing(recovered.home, recovered.here)}
    hows = {key: restored.FATES[key].how for key in found if restored.FATES[key].how in ("step", "travels")}
    assert hows == expected


def test_every_kind_of_step_that_restores_had_something_to_do(recovered: Recovered) -> None:
    changed = {step["step"].split("/")[0] for step in recovered.report["steps"] if step["outcome"] == "changed"}
    idle = {fate.by for fate in restored.FATES.values() if fate.how == "step"} - changed
    assert idle == (BY_THE_BOOT if recovered.way == "plan B" else set())


def test_fullhouse_uses_every_key(recovered: Recovered) -> None:
    used: Set[str] = {
        leaf(name) for name, value in flat(recovered.home).items() if value not in (None, "", (), 0, False)
    }
    assert set(restored.leaves(Capture)) - used == set(UNUSED)


def test_home_s_capture_is_not_touched(recovered: Recovered) -> None:
    home, here = (Path(m.root, "var/adm/drboot/captures") for m in (recovered.estate.home, recovered.estate.dr))
    assert [path.name for path in here.iterdir()] == ["home.json"]
    assert json.loads((here / "home.json").read_text()) == json.loads((home / "home.json").read_text())
