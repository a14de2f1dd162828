"""The generated pages say what the code says, and nothing that the code uses is missing from them."""

from __future__ import annotations

import re

import pytest

from docs import generate
from drboot.paths import PROGRAMS
from tests.house.source import ROOT

# what facts are made of; no output of a command is understood there
NOT_PARSERS = ("__init__", "base", "form", "types")


@pytest.mark.parametrize("name", sorted(generate.PAGES))
def test_the_page_is_current(name: str) -> None:
    assert (generate.DOCS / name).read_text(encoding="utf-8") == generate.page(name), "run `make docs`"


def test_every_program_has_its_row_and_its_reason() -> None:
    text = (generate.DOCS / "programs.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([^`]+)` \| (.+) \|$", text, re.MULTILINE))
    assert set(rows) == set(PROGRAMS.values())
    assert not [path for path, why in rows.items() if "drboot/" not in why]


def test_facts_are_found_in_docstrings_and_in_comments() -> None:
    found = [fact for path in sorted((ROOT / "drboot/facts").glob("*.py")) for fact in generate.facts_of(path)]
    assert {"Source"} <= {fact.kind for fact in found}
    assert len(found) > 10
    assert not [fact for fact in found if len(fact.text) < 5]


def test_every_fact_module_names_its_sources() -> None:
    """A parser without a source would be a guess."""
    modules = [path for path in sorted((ROOT / "drboot/facts").glob("*.py")) if path.stem not in NOT_PARSERS]
    missing = [path.name for path in modules if not list(generate.facts_of(path))]
    assert len(modules) > 5
    assert not missing
