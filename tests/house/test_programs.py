"""Every AIX program that the product runs is a row of paths.PROGRAMS, and every row is run by something."""

from __future__ import annotations

import ast
import re
from typing import Dict, List, Set

from drboot.paths import INTERPRETERS, LAUNCHER, PROGRAMS
from tests.house.source import Module, calls, product, strings

# The gate may import nothing, so it holds its one program itself; the value is compared below.
LITERALS_ALLOWED = {"drboot/paths.py", "drboot/gate.py"}
PROGRAM_PATH = re.compile(r"^(/usr)?(/ucb|/s?bin|/lib/boot|/lib/methods)/\S+$")
MAKERS = {"command", "Command", "Query", "has_program", "root.program", "runner.command"}


def test_programs_are_named_by_path_in_one_list_only() -> None:
    wrong, seen = [], set()
    for module in product():
        for text, node in strings(module):
            if PROGRAM_PATH.match(text) and text not in INTERPRETERS:
                seen.add(module.path)
                if module.path not in LITERALS_ALLOWED:
                    wrong.append(f"{module.at(node)} {text}")
    assert not wrong
    assert "drboot/paths.py" in seen


def test_the_gates_own_program_is_the_one_of_the_list() -> None:
    from drboot import gate

    assert PROGRAMS["lsattr"] == gate.LSATTR
    own = {text for module in product() if module.name == "drboot.gate" for text, _ in strings(module)}
    assert {text for text in own if PROGRAM_PATH.match(text)} <= set(PROGRAMS.values())


def _literal_programs(module: Module) -> Dict[str, ast.Call]:
    """Program names given as literals to what makes commands and queries."""
    found = {}
    for name, call in calls(module):
        maker = name if name in MAKERS else name.rpartition(".")[2]
        if maker in MAKERS or maker in ("program", "has_program"):
            for given in [*call.args[:1], *(k.value for k in call.keywords if k.arg == "program")]:
                for value in (given.body, given.orelse) if isinstance(given, ast.IfExp) else (given,):
                    if isinstance(value, ast.Constant) and isinstance(value.value, str):
                        found[value.value] = call
    return found


def test_every_command_and_query_names_a_program_of_the_list() -> None:
    wrong: List[str] = []
    used: Set[str] = set()
    for module in product():
        for name, call in _literal_programs(module).items():
            used.add(name)
            if name not in PROGRAMS:
                wrong.append(f"{module.at(call)} {name}")
    assert not wrong
    assert {"lspv", "lsvg", "importvg"} <= used


def test_every_program_of_the_list_is_used() -> None:
    """docs/programs.md is made from the list: an entry that nothing runs would tell auditors an untruth."""
    words = {text for module in product() if module.path != "drboot/paths.py" for text, _ in strings(module)}
    unused = sorted(set(PROGRAMS) - words)
    assert not unused


def test_paths_are_absolute_and_not_of_this_machine() -> None:
    assert all(path == LAUNCHER or path.startswith(("/usr/", "/etc/")) for path in PROGRAMS.values())
    assert all(path.rpartition("/")[2] == name for name, path in PROGRAMS.items())
