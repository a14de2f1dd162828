"""An estate whose DR LPAR has woken, put back before each test as it then was: waking costs more than a copy."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Callable, Dict, Iterable

from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.scenarios import lpars, memory

# short enough for a test, long enough for a busy machine
DEADLINES = """\
deadlines: {read: 4s, write: 6s, cfgmgr: 6s, importvg: 8s, varyonvg: 8s, fsck: 6s, mount: 6s, nfs: 4s, disks: 3s}
"""


class Kept:
    """``estate`` is good until the next ``again``; its LPARs run drboot as a process."""

    def __init__(self, directory: Path, variant: str, prepare: Callable[[Estate], None] = lambda estate: None) -> None:
        self.directory = directory / "estate"
        self.copy = directory / "kept"
        self.estate = lpars.make(self.directory, variant)
        prepare(self.estate)
        lpars.wake_without_drboot(self.estate)
        profile = Path(self.estate.dr.root, "etc/drboot/sites/dr.yaml")
        profile.write_text(profile.read_text() + DEADLINES)
        subprocess.run(["cp", "-a", str(self.directory), str(self.copy)], check=True)

    def again(self) -> Estate:
        shutil.rmtree(self.directory)
        subprocess.run(["cp", "-a", str(self.copy), str(self.directory)], check=True)
        return self.estate


class KeptInMemory:
    """The same without one process: ``again`` gives the DR LPAR for tests/scenarios/memory.py."""

    def __init__(self, directory: Path, variant: str) -> None:
        self.directory = directory / "estate"
        self.copy = directory / "kept"
        self.estate = lpars.built(self.directory, variant)
        memory.arm_at_home(self.estate)
        memory.wake(self.estate)
        subprocess.run(["cp", "-a", str(self.directory), str(self.copy)], check=True)

    def again(self) -> InProcess:
        shutil.rmtree(self.directory)
        subprocess.run(["cp", "-a", str(self.copy), str(self.directory)], check=True)
        return InProcess(self.estate.dr)


def unlike(estate: Estate, *parts: str) -> Dict[str, Iterable[str]]:
    """What is not as expected, by those parts of the checker that have something to say."""
    state = checker.State(estate.dr.directory)
    found = {part: list(getattr(checker, part)(state, estate.expected)) for part in parts}
    return {part: lines for part, lines in found.items() if lines}
