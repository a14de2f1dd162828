"""Every step module is a row of the registry, says what it does under fixed headings, and is tested."""

from __future__ import annotations

import importlib
from pathlib import Path

from drboot.steps import REGISTRY
from tests.house.source import PACKAGE, ROOT

NOT_STEPS = {"__init__", "base"}
HEADINGS = ("What it ensures:", "Why:", "Reads:", "Runs:", "Undo:", "Source:")


def _files() -> set[str]:
    return {path.stem for path in (PACKAGE / "steps").glob("*.py")} - NOT_STEPS


def test_every_step_module_is_registered_and_every_row_is_a_module() -> None:
    assert {info.module for info in REGISTRY} == {f"drboot.steps.{name}" for name in _files()}
    assert len(REGISTRY) >= 8


def test_names_are_unique_and_titles_say_something() -> None:
    names = [info.name for info in REGISTRY]
    assert len(set(names)) == len(names) > 0
    assert all(len(info.title.split()) >= 2 for info in REGISTRY)


def test_every_step_module_documents_itself() -> None:
    """docs/steps.md is made from these docstrings."""
    missing = []
    for info in REGISTRY:
        text = importlib.import_module(info.module).__doc__ or ""
        missing += [f"{info.module}: {heading}" for heading in HEADINGS if heading not in text]
    assert not missing


def test_every_step_module_has_its_tests() -> None:
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py")}
    missing = [name for name in sorted(_files()) if not any(name in test for test in tests)]
    assert not missing
    assert Path(ROOT / "tests" / "steps").is_dir()
