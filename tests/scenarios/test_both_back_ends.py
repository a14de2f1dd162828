"""The simulator has two back ends, and one run on both ends in the same machine (docs/design.md, section 7).

As processes, every AIX command is a process that reads and writes the LPAR's documents, and drboot is the shipped
command.  In process, drboot's run and all its commands share the memory of the test.  The matrices (a kill after every
command, a fault in every command) run in process, since that is some fifty times faster; what they prove holds for the
machine that is made of processes because of this test.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot.sim.inprocess import InProcess
from drboot.sim.machine import Machine
from tests.scenarios import lpars, memory
from tests.scenarios.lpars import changing, differences

RUN_ID = re.compile(r"\d{8}T\d{6}Z-\d+")
SECONDS = re.compile(r"\d+ s$")
SINCE = re.compile(r'"since": [\d.]+')
# Of the run itself: when, how long, by which process.
OF_THE_RUN = ("/var/adm/drboot/runs/", "/var/adm/drboot/lock")
ERRLOG = "/var/adm/ras/errlog"
PASSING = ("boot_epoch", "next_pid", "pids", "stopping", "console", "adapters")


def machine_state(machine: Machine) -> Dict[str, Any]:
    """The ODM, the kernel without what differs between any two boots, the SAN, the firmware."""
    world = machine.load()
    kernel: Dict[str, Any] = {key: value for key, value in world["kernel"].items() if key not in PASSING}
    kernel["subsystems"] = sorted(kernel["subsystems"])
    kernel["mounts"] = sorted([m["node"], m["device"], m["point"], m["vfs"], m["options"]] for m in kernel["mounts"])
    kernel["routes"] = sorted([r["destination"], r["gateway"], r["flags"], r["interface"]] for r in kernel["routes"])
    # VGs are varied on side by side
    kernel["varied_on"] = {vg: {**how, "order": 0} for vg, how in kernel["varied_on"].items()}
    kernel["open_lvs"] = sorted(kernel["open_lvs"])
    kernel["interfaces"] = {name: {**interface, "counters": {}} for name, interface in kernel["interfaces"].items()}
    return {"odm": world["odm"], "kernel": kernel, "san": world["san"], "firmware": world["firmware"]}


def files(machine: Machine) -> Dict[str, Any]:
    """Every file below the root with its mode, owner and text; times and run ids taken out."""
    found: Dict[str, Any] = {}
    for directory, _, names in os.walk(machine.root):
        for name in names:
            path = os.path.join(directory, name)
            aix, status = path[len(machine.root) :], os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or aix.startswith(OF_THE_RUN) or "__pycache__" in aix:
                continue
            text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
            if aix == ERRLOG:
                text = "\n".join(SECONDS.sub("", json.loads(line)["detail"]) for line in text.splitlines())
            text = SINCE.sub('"since": 0', RUN_ID.sub("RUN", text))
            found[aix] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, text)
    return found


def plain(commands: List[str]) -> List[str]:
    """Sorted, since VGs are worked on side by side; without how long the run took."""
    return sorted(SECONDS.sub("", command) for command in commands)


class Sleeping:
    """An estate whose DR LPAR can be woken again and again from the same replica."""

    def __init__(self, directory: Path, variant: str) -> None:
        self.estate = lpars.make(directory / "estate", variant)
        self.documents = directory / "documents"
        self.machine = self.estate.dr
        shutil.copytree(self.machine.directory, self.documents, ignore=shutil.ignore_patterns("root*"), symlinks=True)

    def wake(self) -> None:
        for document in self.documents.glob("*.json"):
            shutil.copy(document, self.machine.directory)
        lpars.wake_without_drboot(self.estate)
        self.machine.forget_commands()


@pytest.mark.parametrize("variant", ["small", "bank", "clouddev-second"])
def test_the_same_run_ends_in_the_same_machine(tmp_path: Path, variant: str) -> None:
    sleeping = Sleeping(tmp_path, variant)
    machine = sleeping.machine
    sleeping.wake()
    before = machine_state(machine)
    ran = lpars.drboot(machine, "--apply")
    assert ran.rc == 0, ran
    assert differences(sleeping.estate) == []
    state, texts, commands = machine_state(machine), files(machine), plain(changing(machine))

    sleeping.wake()
    assert machine_state(machine) == before
    lpar = InProcess(machine)
    assert memory.apply(lpar) == 0
    assert machine_state(machine) == before, "a command of the in-process back end wrote the documents"
    lpar.save()
    assert differences(sleeping.estate) == []
    assert plain(changing(machine)) == commands
    assert files(machine) == texts
    assert machine_state(machine) == state
    assert state != before
    # and what comes after it as a process sees that machine
    assert "already done for this event" in lpars.drboot(machine, "--apply").out
