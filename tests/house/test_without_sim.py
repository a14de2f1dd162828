"""The product is complete without drboot/sim: the packages for AIX leave it out."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from tests.house.source import PACKAGE, ROOT

VERBS = ("plan", "capture", "arm", "disarm", "status", "report", "import")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The product as the packages for AIX install it: no simulator."""
    target = tmp_path_factory.mktemp("product")
    shutil.copytree(PACKAGE, target / "drboot", ignore=shutil.ignore_patterns("sim", "__pycache__"))
    shutil.copytree(ROOT / "inittab", target / "inittab")
    assert not (target / "drboot" / "sim").exists() and (PACKAGE / "sim").is_dir()
    return target


def _run(where: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run the interpreter in the copy; only its own directory and the third-party packages can be imported."""
    return subprocess.run(
        [sys.executable, *argv], cwd=where, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60
    )


def _root(path: Path) -> Path:
    """A machine that nobody has prepared: no stamp, no profiles."""
    (path / "etc").mkdir()
    return path


def test_the_gate_passes_a_machine_that_is_not_armed(installed: Path, tmp_path: Path) -> None:
    ran = _run(installed, "-I", "-S", "-B", "drboot/gate.py", "--decide", "--root", str(_root(tmp_path)))
    assert (ran.returncode, "Traceback" in ran.stdout) == (0, False), ran.stdout
    assert "drboot" in ran.stdout


@pytest.mark.parametrize("verb", ["", *VERBS])
def test_every_verb_explains_itself(installed: Path, verb: str) -> None:
    ran = _run(installed, "-m", "drboot", *([verb] if verb else []), "--help")
    assert (ran.returncode, "usage: drboot" in ran.stdout) == (0, True), ran.stdout


def test_every_module_can_be_imported(installed: Path) -> None:
    names: List[str] = []
    for path in sorted((installed / "drboot").rglob("*.py")):
        parts = path.relative_to(installed).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    names = [name for name in names if not name.endswith("__main__")]
    assert len(names) > 20
    script = f"import importlib\nfor name in {names!r}: importlib.import_module(name)"
    ran = _run(installed, "-c", script)
    assert ran.returncode == 0, ran.stdout


def test_status_of_a_machine_that_is_not_armed(installed: Path, tmp_path: Path) -> None:
    ran = _run(installed, "-m", "drboot", "--root", str(_root(tmp_path)))
    assert "Traceback" not in ran.stdout
    assert ran.returncode in (0, 2, 3), ran.stdout
