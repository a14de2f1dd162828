"""A DR boot from what the package installed, under Debian's SysV init as PID 1: no checkout, no network, no pip.

The LPAR has the interpreter of its parameter, with site packages that hold psutil or nothing at all; Python's own
library is all that it finds besides.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, NamedTuple, Type

import pytest

from drboot.sim import boot, realinit
from drboot.sim.machine import Machine
from tests.packaging.installers import ByInstallp, ByRpm, Lpar
from tests.packaging.made import REPOSITORY, Packages
from tests.scenarios import lpars

pytestmark = pytest.mark.root
_WHERE = "import sys, sysconfig; print(sys.executable, sys.base_prefix, sysconfig.get_path('stdlib'))"
_PSUTIL = (
    "import sys; sys.path.insert(0, '/opt/drboot/lib'); from drboot import optional; print(bool(optional.psutil()))"
)


class Python(NamedTuple):
    program: str
    prefix: str
    stdlib: str


def pythons() -> Dict[str, Python]:
    """The interpreter of these tests, and the floor where there is one; CI insists on it (make floor)."""
    asked = subprocess.run([str(REPOSITORY / ".ci/find-python"), "floor"], capture_output=True, text=True, check=False)
    found = {"newest": os.path.realpath(sys.executable)}
    if asked.returncode == 0:
        found["3.9"] = os.path.realpath(asked.stdout.strip())
    where = {name: subprocess.run([path, "-c", _WHERE], capture_output=True, text=True) for name, path in found.items()}
    return {name: Python(*ran.stdout.split()) for name, ran in where.items()}


PYTHONS = pythons()


@pytest.mark.parametrize(
    ("name", "way", "psutil"), [("newest", ByInstallp, True), ("3.9", ByRpm, False)][: len(PYTHONS)]
)
def test_dr_boot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lean: Packages, name: str, way: Type[Lpar], psutil: bool
) -> None:
    """Each Python, each format, with psutil and without it; 3.9 without is what an AIX 7.3 without the Toolbox has."""
    site = tmp_path / "site-packages"
    site.mkdir()
    if psutil:
        found = importlib.util.find_spec("psutil")
        assert found and found.origin
        shutil.copytree(os.path.dirname(found.origin), site / "psutil")
    estate = lpars.built(tmp_path / "estate", "small")
    _lend(monkeypatch, PYTHONS[name], site)
    for machine in (estate.home, estate.dr):
        _becomes(machine, PYTHONS[name])
    assert boot.boot(estate.home).state == "settled"
    lpar = way(estate.home, tmp_path)
    lpar.install(lean)
    installed = _below(estate.home, "/opt")
    shown = lpar.run("chroot", lpar.root, "/usr/bin/python3", "-I", "-S", "-B", "-c", _PSUTIL)
    assert shown.stdout == f"{psutil}\n", shown
    for verb in ("capture", "arm"):
        ran = lpar.drboot(verb)
        assert ran.returncode == 0, ran

    estate.replicate()
    outcome = boot.boot(estate.dr, kind=realinit.Real, timeout=200)
    assert outcome.state == "settled", outcome.console[-30:]
    assert lpars.differences(estate) == []
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"
    assert lpars.last_report(estate.dr)["exit_code"] == 0
    assert _below(estate.dr, "/opt") == _below(estate.home, "/opt") == installed, (
        "nothing below /opt is written at run time"
    )


def _lend(monkeypatch: pytest.MonkeyPatch, python: Python, site: Path) -> None:
    """What the host lends the LPAR: this interpreter as well, with these site packages."""
    lent = realinit.lent

    def more(machine: Machine) -> Dict[str, str]:
        extra = {path: path for path in (python.program, python.prefix, python.stdlib) if path != "/usr"}
        return {**lent(machine), **extra, f"{python.stdlib}/site-packages": str(site)}

    monkeypatch.setattr(realinit, "lent", more)


def _becomes(machine: Machine, python: Python) -> None:
    link = Path(machine.root, "usr/bin/python3")
    link.unlink(missing_ok=True)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(python.program)


def _below(machine: Machine, top: str) -> Dict[str, str]:
    """Every file below this directory, with its contents."""
    files = [path for path in Path(machine.root + top).rglob("*") if path.is_file()]
    return {str(path.relative_to(machine.root)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
