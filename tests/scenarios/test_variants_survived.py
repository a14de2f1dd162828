"""Where the reference leaves open what AIX does, drboot reaches the expected state whatever it does.

Every value of drboot/sim/variants.py that is not the default is met by at least one DR boot here; values that do not
meet in one command share a boot.  The default values are those of test_estates.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Dict, FrozenSet, List, NamedTuple, Tuple

import pytest

from drboot.sim.estates.build import Estate
from drboot.sim.variants import VARIANTS
from tests.scenarios import lpars


class Boot(NamedTuple):
    """estate: a name of lpars.make; boots: that the DR LPAR takes until it is settled; plan_b: how it came there."""

    estate: str
    variants: Dict[str, str]
    boots: int = 1
    plan_b: bool = False


BOOTS: Dict[str, Boot] = {
    "printing": Boot(
        "small",
        {
            "lspv_padding": "vg", "netstat_route_tree": "Tree", "netstat_trailing_blanks": "no",
            "netstat_interface_width": "29", "bootlist_empty": "dash", "hostname_prints": "no",
            "mktcpip_columns": "old", "src_error_stream": "stdout", "sys0_survives": "yes", "entstat_errno": "13",
            "inittab_off": "at_once", "nonquorum_varyon": "majority", "fsck_exit": "bits", "fsck_preen": "repairs",
            "dup_addr_detail": "none",
        },
    ),
    "services": Boot(
        "small",
        {
            "lspv_padding": "state", "srcmstr_delay": "3", "stopsrc_seconds": "2", "stopsrc_inoperative_rc": "0",
            "nim_connect_seconds": "5", "fsck_exit": "zero", "nfs_hang_seconds": "1", "vg_lock_seconds": "1",
            "dup_addr_delay": "2", "namerslv_duplicate": "silent", "namerslv_absent": "silent",
            "dup_addr_detail": "mac",
        },
    ),
    "production-odm": Boot(
        "clouddev-second",
        {
            "adapter_identity": "slot", "alias4_duplicate": "silent", "delalias4_absent": "silent",
            "route_duplicate": "silent", "delroute_absent": "silent", "state_down_exit": "1", "chdev_error_exit": "255",
            "routes_on_address_change": "default-lost", "ifconfig_address_delete": "leaves-route",
            "mktcpip_second_default": "replace", "dump_survives": "no", "dump_device_lost": "stored",
        },
        plan_b=True,
    ),
    "production-odm-append": Boot("clouddev-second", {"route_duplicate": "append"}, plan_b=True),
    "every-boot": Boot("clouddev-every_boot", {"clouddev_mode": "every_boot", "clouddev_chdev": "leaves"}, 2),
    "no-reboot": Boot("clouddev-bootutil", {"rc_shutdown_rc": "1", "clouddev_chdev": "leaves"}, plan_b=True),
}  # fmt: skip


def not_default() -> FrozenSet[Tuple[str, str]]:
    return frozenset((name, value) for name, variant in VARIANTS.items() for value in variant.values[1:])


def test_every_value_is_met() -> None:
    met = {(name, value) for boot in BOOTS.values() for name, value in boot.variants.items()}
    assert not_default() - met == frozenset()
    assert all(value in VARIANTS[name].values for name, value in met)


def prepare(estate: Estate, boot: Boot) -> None:
    """What some of the variants are about: a dirty file system, subsystems to stop and start, a failing rc.shutdown."""
    profile = Path(estate.home.root, "etc/drboot/sites/dr.yaml")
    text = profile.read_text().replace("services:\n", "services:\n  stop: [snmpd]\n  start: [xntpd]\n")
    profile.write_text(text)
    assert "xntpd" in text
    with estate.home.edit() as world:  # only a full fsck, or a preen that repairs, makes it mountable again
        for vgda in world["san"]["vgdas"]["home"].values():
            for lv in vgda["lvs"]:
                if lv["name"] == "fslv01" and boot.variants.get("fsck_preen") == "repairs":
                    lv["fs"]["state"] = "dirty"
    script = Path(estate.home.root, "etc/rc.shutdown")
    script.write_text("#!/usr/bin/ksh\nexit 1\n")
    script.chmod(0o755)


@pytest.mark.parametrize("name", BOOTS)
def test_the_expected_state_is_reached(tmp_path: Path, name: str) -> None:
    boot = BOOTS[name]
    estate = lpars.make(tmp_path, boot.estate)
    prepare(estate, boot)
    with estate.dr.edit() as world:
        world["settings"]["variants"].update(boot.variants)
    outcome = estate.failover(timeout=200)
    assert (outcome.state, outcome.boots) == ("settled", boot.boots), outcome.console[-30:]
    report: Dict[str, Any] = lpars.last_report(estate.dr)
    assert (report["outcome"], report["exit_code"]) == ("complete", 0), report["problems"]
    assert ("plan B" in report["path"]) is boot.plan_b
    found: List[str] = lpars.differences(estate)
    assert found == []
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"
    assert not any("Traceback" in line for line in outcome.console)
