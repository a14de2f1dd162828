"""Who imports what: the simulator stays apart, YAML stays in one place, no shell is reachable."""

from __future__ import annotations

import re
from typing import Tuple

from tests.house.source import ROOT, imports, modules, product, sim

# The YAML reader is one file; everybody else works with typed values.
YAML = {"drboot/profile/load.py"}


def _named(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


def _importers(package: str) -> Tuple[str, ...]:
    return tuple(sorted({m.path for m in modules() if any(_named(name, package) for name, _ in imports(m))}))


def test_yaml_is_imported_only_by_the_profile_loader() -> None:
    assert set(_importers("yaml")) == YAML


def test_the_product_never_imports_the_simulator() -> None:
    wrong = [m.at(node) for m in product() for name, node in imports(m) if _named(name, "drboot.sim")]
    assert not wrong
    assert _importers("drboot.sim"), "nothing imports drboot.sim: this test looks for the wrong name"


def test_the_product_never_names_the_simulator() -> None:
    """Not in a string, not in a comment: behaviour that depends on being simulated would be worth nothing."""
    word = re.compile(r"simulat|drboot[./-]sim\b|\bsim/", re.IGNORECASE)
    shipped = [ROOT / m.path for m in product()] + [path for path in (ROOT / "inittab").iterdir() if path.is_file()]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in shipped
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if word.search(line)
    ]
    assert not wrong
    assert len(shipped) > 20


# Brings product and simulated LPAR together in one process; no simulated command uses it.
TOGETHER = "drboot/sim/together.py"


def test_the_simulator_imports_nothing_of_the_product() -> None:
    """Both are made from the reference; one derived from the other would share its mistakes."""
    apart = [m for m in sim() if m.path != TOGETHER]
    seen = [(m, name, node) for m in apart for name, node in imports(m) if _named(name, "drboot")]
    wrong = [f"{m.at(node)} {name}" for m, name, node in seen if name != "drboot" and not _named(name, "drboot.sim")]
    assert not wrong
    assert seen


def test_no_simulated_command_depends_on_the_product() -> None:
    """The one file that knows both is imported only where an LPAR is rehearsed with the product."""
    users = _importers("drboot.sim.together")
    assert {path for path in users if path.startswith("drboot/")} <= {"drboot/sim/fleet.py"}


def test_only_declared_third_party_packages_are_imported() -> None:
    """psutil is optional, so drboot/optional.py alone imports it, inside a function."""
    import sys

    declared = {"drboot", "yaml", "structlog", "psutil", "typing_extensions"}
    known = declared | set(sys.stdlib_module_names if sys.version_info >= (3, 10) else ())
    if sys.version_info >= (3, 10):
        wrong = [
            f"{m.at(node)} {name}"
            for m in modules()
            for name, node in imports(m)
            if name and name.partition(".")[0] not in known
        ]
        assert not wrong
    top_level = [m.path for m in modules() for node in m.tree.body if "psutil" in _names(node)]
    assert not top_level
    by_name = [m.path for m in modules() if 'import_module("psutil")' in m.text]
    assert by_name == ["drboot/optional.py"]


def _names(node: object) -> Tuple[str, ...]:
    import ast

    if isinstance(node, ast.Import):
        return tuple(alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom):
        return (node.module or "",)
    return ()
