"""The console is stopped with Ctrl-S, or init ends an entry that was set to off: the machine is recovered still."""

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


def test_dr_boot_with_an_init_that_ends_an_entry_as_soon_as_it_is_off(tmp_path: Path) -> None:
    """drboot sets its own entry to off while init still waits for the process of that entry."""
    estate = lpars.make(tmp_path, "small")
    with estate.dr.edit() as world:
        world["settings"]["variants"]["inittab_off"] = "at_once"
    outcome = estate.failover(timeout=120)
    assert outcome.state == "settled", outcome.console[-20:]
    assert lpars.differences(estate) == []
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"
    assert lpars.last_report(estate.dr)["outcome"] == "complete"
