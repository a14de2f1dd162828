"""The main job under Debian's SysV init as PID 1: shipped launcher, shipped inittab line, at their real paths.

Needs root on Linux; a host that cannot run it fails these tests.  The machine is judged by tests/checker.py.
"""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from drboot.sim import boot, realinit
from tests.scenarios import lpars

pytestmark = pytest.mark.root

RESETS = {
    "small": ("ghostdev",),
    "clouddev-bootutil": ("", "clouddev"),
    "clouddev-nvram": ("", ""),
    "clouddev-every_boot": ("", "clouddev"),
}


@pytest.mark.parametrize("variant", sorted(RESETS))
def test_dr_boot(tmp_path: Path, variant: str) -> None:
    assert realinit.why_not() == ""
    estate = lpars.make(tmp_path, variant)
    outcome = estate.failover(kind=realinit.Real, timeout=200)
    assert (outcome.state, outcome.resets) == ("settled", RESETS[variant]), outcome.console[-30:]
    assert lpars.differences(estate) == []
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"
    console = list(outcome.console)
    banners = [number for number, line in enumerate(console) if "Welcome to AIX" in line]
    if len(banners) > 1:
        assert "Starting tcpip daemons:" not in console[: banners[1]], "the boot went on while a reboot was due"
    up = next(number for number, line in enumerate(console) if "is up and verified" in line)
    assert up < console.index("Starting tcpip daemons:", up), "the boot went on before the machine was right"
    assert not estate.dr.load()["kernel"]["contacts"], "the NIM master was contacted"


def test_production_boot(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "small")
    outcome = boot.boot(estate.home, kind=realinit.Real, timeout=60)
    said = [line for line in outcome.console if line.startswith("drboot")]
    assert len(said) == 1, said
    assert "production, site home" in said[0]
    assert lpars.stamp(estate.home)["phase"] == "armed"


@pytest.mark.parametrize("program", ["importvg", "mktcpip", "chitab"])
def test_power_loss_during_the_run_ends_in_the_same_state(tmp_path: Path, program: str) -> None:
    """PID 1 is killed while drboot runs ``program``; the next boot finishes the job."""
    estate = lpars.make(tmp_path, "small")
    estate.replicate()
    running = boot.start(estate.dr, kind=realinit.Real)
    until = time.monotonic() + 100
    while time.monotonic() < until:
        if any(program in entry["argv"][0] for entry in estate.dr.commands()):
            break
        time.sleep(0.02)
    running.power_loss()
    assert time.monotonic() < until, running.console[-20:]
    outcome = boot.boot(estate.dr, kind=realinit.Real, timeout=200)
    assert outcome.state == "settled", outcome.console[-30:]
    assert lpars.differences(estate) == []
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"
