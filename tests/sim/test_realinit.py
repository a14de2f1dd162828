"""Debian's SysV init as PID 1 of a simulated LPAR.  Needs root; a host where it cannot run fails these tests."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Set

import pytest

from drboot.sim import boot, processes, realinit, root
from drboot.sim.estates import clouddev, small
from drboot.sim.init import read
from tests.sim import entry
from tests.sim.test_boot import SET_AND_REBOOT

LOOK = """
echo "root=[$root] args=[$*] parent=$PPID"
for descriptor in 0 1 2; do [ -t $descriptor ] && echo "descriptor $descriptor is a terminal"; done
IFS= read -r name </proc/1/comm; echo "init is $name"
"/usr/sbin/lsitab" drboot
/usr/sbin/lsattr -El sys0 -a systemid
[ -e /etc/debian_version ] && echo "the host's files are here"
: </proc/self/mounts
echo "pids `echo /proc/[0-9]* | wc -w`"
exit 0
"""


def files(directory: str) -> Set[str]:
    return {os.path.join(where, name) for where, below, names in os.walk(directory) for name in [*below, *names]}


def test_derived_table_differs_in_the_identifiers_only() -> None:
    text = ": a comment\n" + root.INITTAB + root.NIM_ENTRIES + entry.ENTRY + "\n"
    derived = realinit.derived_table(text)
    rows = [line for line in derived.splitlines() if not line.startswith("#")]
    before, after = read(text), read("\n".join(rows))
    assert [each[1:] for each in before] == [each[1:] for each in after]
    assert all(0 < len(each.id) <= 4 for each in after)
    assert len({each.id for each in after}) == len(after)
    short = {each.id for each in before if len(each.id) <= 4}
    assert short <= {each.id for each in after}, "an identifier that fits stays"


@pytest.mark.root
def test_launcher_runs_at_its_real_path_below_init_without_a_terminal(tmp_path: Path) -> None:
    assert realinit.why_not() == ""
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, LOOK)
    before = files(estate.home.root)
    outcome = boot.boot(estate.home, kind=realinit.Real, timeout=60)
    console = "\n".join(outcome.console)
    assert outcome.state == "settled", console
    assert "root=[] args=[] parent=1" in console
    assert "init is init" in console
    assert entry.ENTRY in console, "AIX programs see the AIX table, with its identifier of six characters"
    assert "systemid IBM,0206F42A0" in console
    assert "terminal" not in console
    assert "the host's files" not in console
    assert console.index("root=[]") < console.index("Starting tcpip daemons:") < console.index("Console login:")
    left = {path[len(estate.home.root) :] for path in files(estate.home.root) - before}
    assert not [path for path in left if not path.startswith(("/dev/", "/var/"))], "mount points are gone"


@pytest.mark.root
@pytest.mark.parametrize(("variant", "reset"), [("bootutil", "clouddev"), ("nvram", "")])
def test_shutdown_ends_the_namespace_and_the_lpar_is_booted_again(variant: str, reset: str, tmp_path: Path) -> None:
    estate = clouddev.make(str(tmp_path / "e"), variant)
    entry.put(estate, SET_AND_REBOOT)
    boot.power_on(estate.home)
    outcome = estate.failover(kind=realinit.Real, timeout=60)
    assert (outcome.state, outcome.boots, outcome.resets) == ("settled", 2, ("", reset)), outcome.console
    assert "second boot" in outcome.console
    assert "shutdown came back" not in outcome.console


@pytest.mark.root
def test_power_loss_is_a_kill_of_init(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path / "e"))
    entry.put(estate, ": >/tmp/marker\nsleep 600")
    running = boot.start(estate.home, kind=realinit.Real)
    assert isinstance(running, realinit.Real)
    marker = Path(estate.home.root + "/tmp/marker")
    for _ in range(500):
        if marker.exists():
            break
        time.sleep(0.02)
    assert marker.exists(), running.console
    assert running.process is not None
    family = {process.pid for process in processes.below(running.process.pid)}
    assert len(family) > 3
    running.power_loss()
    assert not family & set(processes.table())
