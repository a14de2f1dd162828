"""What the gate imports at a production boot, beyond what the interpreter itself starts with: pinned.

Every module costs each boot of each LPAR a file to find and to read.  This pins the set and no milliseconds, after
python/cpython Lib/test/test_site.py (StartupImportTests).
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import List, Set

import pytest

from tests.house.source import PACKAGE
from tests.stub_root import DR_ID, HOME_ID, STRANGE_ID, StubRoot

ALLOWED = {"_signal", "posix", "sys", "time"}  # built into the interpreter: no file is read for them
PINNED = {"drboot", "drboot.gate"}

# Runs the launcher's own start text; what is loaded is told when the gate ends its process.
SPY = """
import posix, sys
def told(code):
    if posix.getpid() == me: posix.write(2, repr(sorted(sys.modules)).replace("'", '"').encode())
    end(code)
me, end, posix._exit = posix.getpid(), posix._exit, told
"""


def _start_text(machine: StubRoot) -> str:
    found = re.search(r"^start='(.*?)'$", machine.launcher.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    return found.group(1)


def _loaded(machine: StubRoot, text: str) -> Set[str]:
    lib = str(machine.root / "opt/drboot/lib")
    argv = [sys.executable, "-I", "-S", "-B", "-c", SPY + text, lib, "--boot", "--root", str(machine.root)]
    ran = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    names: List[str] = json.loads(ran.stderr)
    return set(names)


@pytest.mark.parametrize("systemid", [HOME_ID, STRANGE_ID, "", None])
def test_the_gate_imports_nothing_but_itself(tmp_path: Path, systemid: str | None) -> None:
    """On production, where it refuses, and without a stamp.  Runs with whatever interpreter runs the tests."""
    machine = StubRoot(tmp_path)
    if systemid is not None:
        machine.stamp()
        machine.machine_is(systemid)
    bare = _loaded(machine, "posix._exit(0)")
    assert _loaded(machine, _start_text(machine)) - bare == PINNED


def test_the_spy_sees_what_is_imported(tmp_path: Path) -> None:
    machine = StubRoot(tmp_path)
    assert "json" in _loaded(machine, "import json; posix._exit(0)")


def test_the_worker_is_imported_only_to_act(tmp_path: Path) -> None:
    machine = StubRoot(tmp_path)
    machine.stamp()
    machine.machine_is(DR_ID)
    machine.worker("return 0")
    assert "drboot.boot" not in _loaded(machine, _start_text(machine)), "the worker is a process of its own"
    machine.worker("with open(REPORT, 'w') as report: report.write(str('drboot.boot' in sys.modules))\nreturn 0")
    machine.run_launcher()
    assert machine.report.read_text() == "True"


def test_the_gate_file_names_no_other_import() -> None:
    """Nothing at the top but built-in modules, and inside functions only the two doors to the rest of drboot."""
    tree = ast.parse((PACKAGE / "gate.py").read_text())
    top = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    assert top == ALLOWED
    assert top <= set(sys.builtin_module_names)
    inner = {
        f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert inner == {"drboot.boot", "drboot.arming"}
    assert not [node for node in tree.body if isinstance(node, ast.ImportFrom)]


def test_the_package_itself_imports_nothing() -> None:
    tree = ast.parse((PACKAGE / "__init__.py").read_text())
    assert tree.body
    assert not [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
