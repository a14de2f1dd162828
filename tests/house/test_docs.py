"""The generated pages say what the code says, and nothing that the code uses is missing from them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, List

import pytest

from docs import generate
from drboot.paths import PROGRAMS
from tests.house.source import ROOT, product

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


def test_no_text_sends_anybody_to_a_verb_that_does_not_exist() -> None:
    """Every ``drboot VERB`` of pages, messages, launchers and examples is one of the command line."""
    from drboot.verbs import VERBS

    known = {verb.name for verb in VERBS}
    said: Dict[str, List[str]] = {}
    texts = {str(path): path.read_text(encoding="utf-8") for path in _texts()}
    for where, text in texts.items():
        # as a command: in backquotes, behind "next:" or "then:", or alone on an indented line
        for verb in re.findall(r"(?:`|next: +|then: +|run |^ {4,})drboot ([a-z][a-z-]*)", text, re.MULTILINE):
            said.setdefault(verb, []).append(where)
    assert {"arm", "capture", "report"} <= set(said)
    assert not {verb: places for verb, places in said.items() if verb not in known}


def _texts() -> List[Path]:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md"), *(ROOT / "packaging").glob("*.md")]
    shipped = [path for name in ("etc", "inittab", "bin") for path in (ROOT / name).rglob("*") if path.is_file()]
    return [*pages, *shipped, *(ROOT / module.path for module in product())]


def test_the_house_page_names_every_module_of_the_product() -> None:
    page = (generate.DOCS / "design.md").read_text(encoding="utf-8")
    modules = [path.name for path in sorted((ROOT / "drboot").glob("[a-z]*.py"))]
    missing = [name for name in modules if not re.search(rf"(?<![\w]){re.escape(name)}", page)]
    assert len(modules) > 20
    assert not missing


def test_every_scenario_has_a_test_or_a_reason() -> None:
    found = generate.scenario_tests()
    assert not set(found) - set(generate.SCENARIOS)
    untested = [name for name, scenario in generate.SCENARIOS.items() if name not in found and not scenario.elsewhere]
    excused = [name for name, scenario in generate.SCENARIOS.items() if name in found and scenario.elsewhere]
    assert (untested, excused) == ([], [])
