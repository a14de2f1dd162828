"""Somebody pressed Ctrl-S on the console, or nobody reads it: the machine is recovered all the same."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Optional

from drboot.sim import boot
from drboot.sim.machine import Machine
from tests.scenarios import lpars


def test_dr_boot_with_the_console_stopped(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "small")
    estate.replicate()

    def kind(machine: Machine, echo: Optional[boot.Echo]) -> boot.Running:
        running = boot.Unprivileged(machine, echo)
        running.stops_at = "drboot: DR boot"
        return running

    running = boot.start(estate.dr, kind=kind)
    try:
        until = time.monotonic() + 120
        while lpars.stamp(estate.dr)["phase"] != "disarmed" and time.monotonic() < until:
            time.sleep(0.1)
        assert lpars.stamp(estate.dr)["phase"] == "disarmed", running.console[-5:]
        assert "drboot: DR boot" in running.console[-1], "the console was not stopped"
        running.resume()
        assert running.wait(timeout=120) == "settled"
    finally:
        running.power_loss()
    assert lpars.differences(estate) == []
    assert "Finished starting tcpip daemons." in running.console
