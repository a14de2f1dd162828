"""What the matrix runs: an estate with one way of its device reset, and how drboot dies in it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Tuple

from drboot.sim.boot import power_on
from drboot.sim.estates import bank, clouddev, fullhouse, glvm, small, ssp, wpar
from drboot.sim.estates.build import HOME, Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import homeward, memory

DR_PROFILE = "etc/drboot/sites/dr.yaml"
POWER_LOSS, KILLED = "power loss", "killed"


@dataclass(frozen=True)
class Scenario:
    """One run that is to survive its death at every point.

    make      makes the estate in a directory
    variants  behaviour of the DR machine where the reference leaves it open (drboot/sim/variants.py)
    meanwhile what happens at home after it was armed
    rehearses it is the LPAR that rehearses
    returns   it is the way home, from a recovery at DR: device_reset of home's profile
    death     ``power loss``: everything is gone, and the machine is started.  ``killed``: drboot alone is gone, the
              machine stays up, and somebody types ``drboot --apply``
    at_once   steps that run side by side.  1: the events come in the same order in every run
    also      variants with which an undisturbed run leaves another machine that is right here too
    """

    make: Callable[[str], Estate]
    variants: Mapping[str, str] = field(default_factory=dict)
    meanwhile: Callable[[Estate], None] = lambda estate: None
    rehearses: bool = False
    returns: str = ""
    death: str = POWER_LOSS
    at_once: int = 1
    also: Tuple[Mapping[str, str], ...] = ()


def _clouddev(kind: str, adapter_identity: str = "location") -> Callable[[str], Estate]:
    return lambda directory: clouddev.make(directory, kind, adapter_identity)


# -- what is changed at home


def _no_reset(estate: Estate) -> None:
    """Somebody took ghostdev back after it was armed, as a restored ODM would."""
    with estate.home.edit() as world:
        world["odm"]["attributes"]["sys0"]["ghostdev"] = ["0"]
        world["odm"]["saved_base"] = {}


def _edit_profile(estate: Estate, old: str, new: str) -> None:
    profile = Path(estate.home.root, DR_PROFILE)
    text = profile.read_text()
    assert old in text, f"{estate.name}: no {old!r} in the profile"
    profile.write_text(text.replace(old, new))


def _dirty_and_busy(estate: Estate) -> None:
    """A file system that needs a preen, subsystems to be stopped and started."""
    _edit_profile(estate, "services:\n", "services:\n  stop: [snmpd]\n  start: [xntpd]\n")
    with estate.home.edit() as world:
        for vgda in world["san"]["vgdas"]["home"].values():
            for lv in vgda["lvs"]:
                if lv["name"] == "fslv01":
                    lv["fs"]["state"] = "dirty"


def _hooks(estate: Estate) -> None:
    """Programs of the site in every phase, one with a health probe; each may be started twice."""
    directory = Path(estate.home.root, "etc/drboot/hooks")
    directory.mkdir(mode=0o755)
    for name, script in (("app", 'touch "$DRBOOT_ROOT/tmp/$DRBOOT_HOOK"'), ("up", 'test -f "$DRBOOT_ROOT/tmp/db"')):
        (directory / name).write_text(f"#!/bin/sh\n{script}\n")
        (directory / name).chmod(0o755)
    profile = Path(estate.home.root, DR_PROFILE)
    rows = (
        "{name: split, program: APP, phase: before_storage}",
        "{name: db, program: APP, phase: after_storage, needs: [datavg], health: {program: /etc/drboot/hooks/up}}",
        "{name: mail, program: APP, phase: after_network, on_failure: continue}",
        "{name: end, program: APP}",
    )
    text = "".join(f"  - {row.replace('APP', '/etc/drboot/hooks/app')}\n" for row in rows)
    profile.write_text(profile.read_text() + "hooks:\n" + text)


def _rc_shutdown(estate: Estate) -> None:
    """The site has an /etc/rc.shutdown; whether it fails, and with it the reboot, is the variant rc_shutdown_rc."""
    script = Path(estate.home.root, "etc/rc.shutdown")
    script.write_text("#!/usr/bin/ksh\nexit 1\n")
    script.chmod(0o755)


PRODUCTION_ODM = {
    "adapter_identity": "slot", "alias4_duplicate": "silent", "delalias4_absent": "silent",
    "route_duplicate": "silent", "delroute_absent": "silent", "state_down_exit": "1", "chdev_error_exit": "255",
    "routes_on_address_change": "default-lost", "ifconfig_address_delete": "leaves-route",
    "mktcpip_second_default": "replace",
}  # fmt: skip

_RUNS: Dict[str, Scenario] = {
    "small": Scenario(small.make),
    "bank": Scenario(bank.make),
    "ssp": Scenario(ssp.make),
    "fullhouse": Scenario(fullhouse.make),
    "wpar": Scenario(wpar.make),
    "glvm": Scenario(glvm.make),
    **{f"clouddev-{kind}": Scenario(_clouddev(kind)) for kind in (*clouddev.AT_DR, *clouddev.CARRIED)},
    "small-no-reset": Scenario(small.make, meanwhile=_no_reset),
    "small-dirty": Scenario(small.make, {"fsck_preen": "repairs", "fsck_exit": "bits"}, _dirty_and_busy),
    "small-hooks": Scenario(small.make, meanwhile=_hooks),
    "small-rehearsal": Scenario(small.make, rehearses=True),
    "clouddev-bootutil-rehearsal": Scenario(_clouddev("bootutil"), rehearses=True),
    "small-failback": Scenario(small.make, returns="none"),
    "small-failback-ghostdev": Scenario(small.make, returns="ghostdev"),
    "small-side-by-side": Scenario(small.make, at_once=6),
    "clouddev-second-odm": Scenario(_clouddev("second", "slot"), PRODUCTION_ODM),
    "clouddev-second-append": Scenario(_clouddev("second"), {"route_duplicate": "append"}),
    "clouddev-no-reboot": Scenario(
        # what is switched off and on after it has asked has been reset after all
        _clouddev("bootutil"), {"rc_shutdown_rc": "1"}, _rc_shutdown, also=({"rc_shutdown_rc": "0"},),
    ),
    "clouddev-every_boot-slot": Scenario(_clouddev("every_boot", "slot"), {"sys0_survives": "yes"}),
}  # fmt: skip


def _all() -> Dict[str, Scenario]:
    found = dict(_RUNS)
    for name in ("small", "clouddev-bootutil", "clouddev-second"):
        run = replace(_RUNS[name], death=KILLED)
        if name == "clouddev-bootutil":
            # asked by hand, without a reboot in between, there was no reset: plan B
            run = replace(run, meanwhile=_rc_shutdown, also=({"rc_shutdown_rc": "1"},))
        found[name + ", killed"] = run
    return found


SCENARIOS = _all()


# -- from an estate to a machine that has just woken


def _of_home(expected: Dict[str, Any]) -> Dict[str, Any]:
    """``small`` at home, as it was captured there."""
    return {
        **expected,
        "interfaces": {"C2": [["10.1.5.11", "255.255.255.0"]]},
        "default_route": "10.1.5.1",
        "static_routes": [],
        "nameservers": ["10.1.0.53", "10.1.0.54"],
        "domain": "example.com",
        "hosts": [["10.1.5.11", "prod01"]],
        "inittab": {"drboot": "off", "nimclient": "once", "nimsh": "wait"},
        "foreign_addresses": ["10.20.5.11"],
    }


class Woken:
    """The DR LPAR of a scenario, up from a fresh replica, drboot not started yet."""

    def __init__(self, directory: str, scenario: Scenario) -> None:
        self.estate = scenario.make(directory)
        self.machine = self.estate.reh if scenario.rehearses else self.estate.dr
        self.expected = self.estate.expected_reh if scenario.rehearses else self.estate.expected
        memory.arm_at_home(self.estate)
        scenario.meanwhile(self.estate)
        with self.machine.edit() as world:
            world["settings"]["variants"].update(scenario.variants)
        self.estate.replicate()
        power_on(self.machine)
        if scenario.returns:
            self._go_home(scenario.returns)

    def _go_home(self, reset: str) -> None:
        """The LPAR at home has woken from the disks that came back."""
        homeward.edit_profile(self.machine, HOME, "device_reset: none", "device_reset: " + reset)
        homeward.leave(homeward.to_the_end(InProcess(self.machine)), self.estate)
        self.machine, self.expected = self.estate.home, _of_home(self.expected)
        homeward.wake_at_home(self.estate)


def names(patterns: List[str]) -> List[str]:
    """The scenarios whose names these are, or begin with them; all when there is none."""
    if not patterns:
        return list(SCENARIOS)
    return [name for name in SCENARIOS if name in patterns] or [
        name for name in SCENARIOS if name.startswith(tuple(patterns))
    ]
