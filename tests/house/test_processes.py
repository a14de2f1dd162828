"""Processes are started in gate.py, runner.py and the simulator, as argv lists, never through a shell."""

from __future__ import annotations

import ast
from typing import List

from tests.house.source import calls, imports, is_sim, modules, product

STARTING_MODULES = ("subprocess", "multiprocessing", "pty", "asyncio.subprocess", "_posixsubprocess")
STARTING_CALLS = (
    "system", "popen", "fork", "forkpty", "posix_spawn", "posix_spawnp", "execl", "execle", "execlp", "execlpe",
    "execv", "execve", "execvp", "execvpe", "spawnl", "spawnle", "spawnlp", "spawnv", "spawnve", "spawnvp", "startfile",
)  # fmt: skip
ALLOWED = {"drboot/gate.py", "drboot/runner.py"}


def _starts() -> List[str]:
    found = []
    for module in modules():
        for name, node in imports(module):
            if name in STARTING_MODULES:
                found.append(module.at(node))
        for name, call in calls(module):
            owner, _, function = name.rpartition(".")
            if owner in ("os", "posix") and function in STARTING_CALLS:
                found.append(module.at(call))
    return found


def test_processes_are_started_in_three_places_only() -> None:
    where = {place.rpartition(":")[0] for place in _starts()}
    assert {path for path in where if not path.startswith("drboot/sim/")} == ALLOWED


def test_no_shell_in_between() -> None:
    wrong = []
    for module in modules():
        for name, call in calls(module):
            if name in ("os.system", "os.popen", "posix.system", "subprocess.getoutput", "subprocess.getstatusoutput"):
                wrong.append(module.at(call))
            for keyword in call.keywords:
                if keyword.arg == "shell" and not (
                    isinstance(keyword.value, ast.Constant) and keyword.value.value is False
                ):
                    wrong.append(module.at(call))
    assert not wrong
    assert _starts(), "nothing starts a process: this test looks for the wrong names"


def test_programs_of_the_site_are_run_by_hooks_their_undo_and_two_gates_alone() -> None:
    """Every other command is one of AIX's, by its name in drboot/paths.py."""
    where = {
        module.path
        for module in product()
        for name, call in calls(module)
        if name.rpartition(".")[2] == "Command"
        and (len(call.args) > 5 or any(keyword.arg == "path" for keyword in call.keywords))
    }
    assert where == {
        "drboot/steps/glvm.py",
        "drboot/steps/hooks.py",
        "drboot/steps/replication.py",
        "drboot/steps/reversals/services.py",
    }


def test_the_product_leaves_the_environment_and_the_exit_alone() -> None:
    """os.environ is never changed, and sys.exit is called only at the edges."""
    edges = {"drboot/cli.py", "drboot/__main__.py", "drboot/gate.py", "drboot/boot.py"}
    wrong, seen = [], 0
    for module in product():
        for node in ast.walk(module.tree):
            if isinstance(node, (ast.Subscript, ast.Attribute)) and "environ" in ast.dump(node):
                changed = isinstance(node, ast.Subscript) and isinstance(node.ctx, (ast.Store, ast.Del))
                if changed or (
                    isinstance(node, ast.Attribute) and node.attr in ("update", "setdefault", "pop", "clear")
                ):
                    wrong.append(module.at(node))
        for name, call in calls(module):
            if name in ("sys.exit", "exit", "quit", "os._exit", "posix._exit"):
                seen += 1
                if module.path not in edges:
                    wrong.append(module.at(call))
    assert not wrong
    assert seen


def test_every_open_handler_says_what_it_catches() -> None:
    handlers = [(m, n) for m in modules() for n in ast.walk(m.tree) if isinstance(n, ast.ExceptHandler)]
    assert not [m.at(handler) for m, handler in handlers if handler.type is None]
    assert [m for m, _ in handlers if is_sim(m)] and [m for m, _ in handlers if not is_sim(m)]
