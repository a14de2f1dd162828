"""Without a reset, and with the adapter of the same slot known again, production's address is up at the DR site.

This is what the fence is for: the address is off the wire before anything else, and nowhere at the end.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot.sim import boot, deploy
from drboot.sim.estates import clouddev
from tests.scenarios import lpars

PRODUCTION = "10.1.5.11"


@pytest.mark.parametrize(
    ("variant", "resets"), [("bootutil", ("", "clouddev")), ("nvram", ("", "")), ("second", ("",))]
)
def test_production_address_leaves_the_wire(tmp_path: Path, variant: str, resets: tuple[str, ...]) -> None:
    estate = clouddev.make(str(tmp_path), variant, "slot")
    deploy.install(estate.home.root)
    assert boot.boot(estate.home).state == "settled"
    for verb in ("capture", "arm"):
        assert lpars.drboot(estate.home, verb).rc == 0
    estate.replicate()
    boot.power_on(estate.dr)
    up = [held["address"] for held in estate.dr.load()["kernel"]["interfaces"]["en0"]["addresses"]]
    assert up == [PRODUCTION], "the scenario is about this address being up"
    estate.dr.forget_commands()
    outcome = estate.failover()
    assert (outcome.state, outcome.resets) == ("settled", resets), outcome.console[-30:]
    assert lpars.differences(estate) == []
    first = next(line for line in lpars.changing(estate.dr) if "errlogger" not in line and "chdev" in line)
    assert "-l en0" in first, f"the first change of a device is not the fence: {first}"
