"""Every Problem has a name that stands in the code as it is, and an explanation; no explanation is left over."""

from __future__ import annotations

import ast
import re
from typing import Dict, List

from drboot.catalogue import CATALOGUE
from tests.house.source import calls, product, strings


def _made() -> Dict[str, List[str]]:
    """Name -> where a Problem of this name is made."""
    found: Dict[str, List[str]] = {}
    for module in product():
        for name, call in calls(module):
            if name.rpartition(".")[2] == "Problem" and call.args:
                first = call.args[0]
                either = (first.body, first.orelse) if isinstance(first, ast.IfExp) else (first,)
                for name_given in either:
                    if isinstance(name_given, ast.Constant) and isinstance(name_given.value, str):
                        found.setdefault(name_given.value, []).append(module.at(call))
    return found


def test_every_problem_is_in_the_catalogue() -> None:
    made = _made()
    assert len(made) >= 10
    assert not {name: places for name, places in made.items() if name not in CATALOGUE}


def test_every_explanation_is_of_something_that_can_be_said() -> None:
    """The gate, which imports no Problem, says its names as they are; so any string of the code counts."""
    said = {text for module in product() if module.name != "drboot.catalogue" for text, _ in strings(module)}
    assert not sorted(set(CATALOGUE) - said)


def test_names_are_stable_words() -> None:
    assert not [name for name in CATALOGUE if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)]


def test_explanations_are_sentences_in_plain_ascii() -> None:
    for name, entry in CATALOGUE.items():
        assert "".join(entry).isascii(), name
        assert not entry.title.endswith("."), name
        assert entry.meaning.endswith("."), name
        assert entry.cure.endswith((".", ",aliases")), name
