"""arm and disarm on a simulated LPAR: the shipped programs, the inittab that init then reads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from drboot.arming import ENTRY
from tests.stub_root import REPOSITORY

OFF = ENTRY.replace(":wait:", ":off:")


class Lpar:
    """The production LPAR of the small estate."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory / "estate"
        self.sim("new", "small")
        self.root = self.directory / "lpars/prod01/root"
        self.inittab = self.root / "etc/inittab"

    def sim(self, verb: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        first = [*arguments, str(self.directory)] if verb == "new" else [str(self.directory), *arguments]
        argv = [sys.executable, "-m", "drboot.sim", verb, *first]
        return subprocess.run(argv, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)

    def drboot(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.sim("exec", "drboot", *arguments)

    def said_at_boot(self) -> List[str]:
        return [line for line in self.sim("boot").stdout.splitlines() if line.startswith("drboot: ")]

    def entries(self) -> List[str]:
        return self.inittab.read_text().splitlines()

    def own(self) -> List[str]:
        return [line for line in self.entries() if line.startswith("drboot:")]


@pytest.fixture
def lpar(tmp_path: Path) -> Lpar:
    lpar = Lpar(tmp_path)
    before = lpar.entries()
    ran = lpar.drboot("arm")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [line for line in lpar.entries() if line not in lpar.own()] == before
    return lpar


def _ids(lines: List[str]) -> List[str]:
    return [line.partition(":")[0] for line in lines]


def test_armed_twice_moved_doubled_and_repaired(lpar: Lpar) -> None:
    good = lpar.entries()
    at = _ids(good).index("drboot")
    assert (_ids(good)[at - 1], "rctcpip" in _ids(good)[at + 1 :]) == ("srcmstr", True)
    arm_id = _arm_id(lpar)
    assert lpar.drboot("arm").returncode == 0
    assert lpar.entries() == good
    assert _arm_id(lpar) != arm_id
    without = [line for line in good if line != ENTRY]
    for broken in ([*without, ENTRY], [*good, ENTRY], [*good[: at + 1], OFF, *good[at + 1 :]], [ENTRY, *without, OFF]):
        lpar.inittab.write_text("".join(line + "\n" for line in broken))
        ran = lpar.drboot("arm")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert lpar.entries() == good


def _arm_id(lpar: Lpar) -> str:
    lines = (lpar.root / "etc/drboot/armed").read_text().splitlines()
    return next(line for line in lines if line.startswith("arm_id="))


def test_what_init_makes_of_it(lpar: Lpar) -> None:
    """Armed: one line on production.  Disarmed: nothing; and an entry that somebody put back goes off again."""
    assert lpar.said_at_boot() == ["drboot: production, site home (IBM,0206F42A0): nothing to do"]
    assert lpar.drboot("disarm").returncode == 0
    assert lpar.own() == [OFF]
    assert lpar.said_at_boot() == []
    lpar.inittab.write_text(lpar.inittab.read_text().replace(OFF, ENTRY))
    assert lpar.said_at_boot() == [
        "drboot: disarmed: nothing to do",
        "drboot: the inittab entry was still live beside a disarmed stamp: it is off now",
    ]
    assert lpar.own() == [OFF]
