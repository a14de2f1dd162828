"""The plug is pulled, or the console is stopped: what goes on running, and what the next start finds on disk."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Optional

from drboot.sim import boot, processes
from drboot.sim.estates import small
from drboot.sim.machine import Machine
from tests.sim import entry

DETACHED = """
"$root/usr/bin/python3" -c '
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        with open(sys.argv[1], "w") as file:
            file.write(str(os.getpid()))
        time.sleep(600)
    os._exit(0)
' "$root/tmp/detached" </dev/null >/dev/null 2>&1
echo detached
sleep 600
"""


def wait_for(path: Path) -> str:
    for _ in range(500):
        if path.exists() and path.read_text():
            return path.read_text()
        time.sleep(0.02)
    raise AssertionError(f"{path} never appeared")


def test_power_loss_ends_every_process_however_it_detached(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, DETACHED)
    running = boot.start(estate.home)
    detached = int(wait_for(Path(estate.home.root + "/tmp/detached")))
    assert running.process is not None
    family = {process.pid for process in processes.below(running.process.pid)}
    assert detached in family
    running.power_loss()
    alive = processes.table()
    assert not [pid for pid in (*family, running.process.pid) if pid in alive]


def test_next_start_finds_the_disk_as_it_was(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, '"$root/usr/bin/errlogger" before; : >"$root/tmp/marker"; sleep 600')
    running = boot.start(estate.home)
    wait_for_file = Path(estate.home.root + "/tmp/marker")
    for _ in range(500):
        if wait_for_file.exists():
            break
        time.sleep(0.02)
    running.power_loss()
    boot.power_on(estate.home)
    log = estate.home.run("/usr/bin/errpt").out
    assert "OPERATOR NOTIFICATION" in log
    assert "SYSTEM SHUTDOWN BY USER" not in log, "nobody shut this machine down"
    assert [mount["point"] for mount in estate.home.load()["kernel"]["mounts"]].count("/data") == 1


def test_console_is_a_plain_file_when_nothing_runs(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    console = estate.home.root + "/dev/console"
    running = boot.start(estate.home)
    running.wait()
    assert not os.path.isfile(console)
    running.power_loss()
    assert os.path.isfile(console), "a writer must not wait for a reader that is gone"


def test_leaving_an_lpar_ends_its_daemons_and_keeps_it_up(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    running = boot.start(estate.home)
    assert running.wait() == "settled"
    running.leave()
    assert estate.home.load()["kernel"]["running"] is True
    assert "active" in estate.home.run("/usr/bin/lssrc", "-s", "inetd").out


def test_a_stopped_console_blocks_its_writers_until_it_is_resumed(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, 'echo before; echo hold; : >"$root/tmp/m1"; sleep 0.5; echo after; : >"$root/tmp/m2"')

    def kind(machine: Machine, echo: Optional[boot.Echo]) -> boot.Running:
        running = boot.Unprivileged(machine, echo)
        running.stops_at = "hold"
        return running

    running = boot.start(estate.home, kind=kind)
    try:
        assert running.wait(timeout=6) == "timeout"
        assert os.path.exists(estate.home.root + "/tmp/m1")
        assert not os.path.exists(estate.home.root + "/tmp/m2")
        assert running.console[-1] == "hold"
        running.resume()
        assert running.wait(timeout=60) == "settled"
    finally:
        running.power_loss()
    assert running.console[running.console.index("hold") + 1] == "after"
    assert os.path.exists(estate.home.root + "/tmp/m2")
