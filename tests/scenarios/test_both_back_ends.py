"""The simulator has two back ends, and one run on both ends in the same machine (docs/design.md, section 7).

As processes, every AIX command is a process that reads and writes the LPAR's documents, and drboot is the shipped
command.  In process, drboot's run and all its commands share the memory of the test.  The matrices (a kill after every
command, a fault in every command) run in process, since that is some fifty times faster; what they prove holds for the
machine that is made of processes because of this test.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import List

import pytest

from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory
from tests.scenarios.likeness import SECONDS, files, machine_state
from tests.scenarios.lpars import changing, differences


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
