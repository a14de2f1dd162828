"""Every step module is a row of the registry, says what it does under fixed headings, and is tested."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path
from typing import Dict

from docs import generate
from drboot.steps import REGISTRY
from tests.house.source import PACKAGE, ROOT

NOT_STEPS = {"__init__", "base", "reversals"}


def _files() -> Dict[str, Path]:
    """Name -> the file of a kind of step, or the folder of one that has several."""
    found = {path.stem: path for path in (PACKAGE / "steps").glob("*.py")}
    found.update((path.parent.name, path.parent) for path in (PACKAGE / "steps").glob("*/__init__.py"))
    return {name: path for name, path in found.items() if name not in NOT_STEPS}


def test_every_step_module_is_registered_and_every_row_is_a_module() -> None:
    assert {info.module for info in REGISTRY} == {f"drboot.steps.{name}" for name in _files()}
    assert len(REGISTRY) >= 8


def test_names_are_unique_and_titles_say_something() -> None:
    names = [info.name for info in REGISTRY]
    assert len(set(names)) == len(names) > 0
    assert all(len(info.title.split()) >= 2 for info in REGISTRY)


def test_every_kind_of_step_documents_itself() -> None:
    """docs/steps.md is made from the docstrings of the module and of its kinds of step; either may say it."""
    missing, seen = [], 0
    for info in REGISTRY:
        module = importlib.import_module(info.module)
        for kind in generate.kinds(module):
            seen += 1
            text = f"{module.__doc__}\n{inspect.getdoc(kind)}"
            missing += [
                f"{kind.__name__}: {heading}"
                for heading in ("Reads", "Runs", "Undo")
                if not re.search(rf"^\s*{heading}\s{{2,}}\S", text, re.MULTILINE)
            ]
    assert not missing
    assert seen > len(REGISTRY)


def test_every_step_module_names_its_sources() -> None:
    missing = [
        name
        for name, path in _files().items()
        if not any(list(generate.facts_of(file)) for file in (sorted(path.glob("*.py")) if path.is_dir() else [path]))
    ]
    assert not missing
    assert len(_files()) > 5


def test_every_step_module_has_its_tests() -> None:
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    missing = [name for name in sorted(_files()) if not any(name in test for test in tests)]
    assert not missing
    assert Path(ROOT / "tests" / "steps").is_dir()
