"""The JSON Schema for editors: made from the declarations, current, and of one mind with the loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Iterator, Tuple

import jsonschema
import pytest
import yaml

from drboot.errors import Problem
from drboot.profile import reference
from drboot.profile.keys import ListOf
from drboot.profile.load import load, read_yaml
from drboot.profile.schema import STORED, schema, text
from drboot.profile.sections import Key, Section, TableOf
from drboot.profile.site import SECTION
from tests.unit.profile.machine import HEADER, root_with

ROOT = Path(__file__).parents[3]


def test_the_stored_schema_is_current() -> None:
    assert (ROOT / STORED).read_text(encoding="utf-8") == text(), "run `make docs`"


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("name", ["example", "home"])
def test_F79_it_takes_the_shipped_profiles(name: str) -> None:
    path = ROOT / f"etc/sites/{name}.yaml"
    stored = json.loads((ROOT / STORED).read_text(encoding="utf-8"))
    for each in (schema(), stored):
        jsonschema.validate(yaml.safe_load(path.read_text(encoding="utf-8")), each)


def test_the_example_has_every_key() -> None:
    """It is said to be complete; a new key belongs into it."""
    example = yaml.safe_load((ROOT / "etc/sites/example.yaml").read_text(encoding="utf-8"))
    missing = sorted(set(_paths(SECTION)) - set(_written(example)))
    assert missing == ["names.domain"], "domain excludes search, which the example has"


def _paths(section: Section[Any], prefix: str = "") -> Iterator[str]:
    for key in section.keys:
        kind = key.kind
        inner = kind.item if isinstance(kind, (ListOf, TableOf)) else kind
        yield prefix + key.name
        if isinstance(inner, Section):
            yield from _paths(inner, f"{prefix}{key.name}.{'*.' if isinstance(kind, TableOf) else ''}")


def _written(node: Any, prefix: str = "") -> Iterator[str]:
    if isinstance(node, list):
        for item in node:
            yield from _written(item, prefix)
    elif isinstance(node, dict):
        for key, value in node.items():
            label = "*" if prefix in ("network.roles.", "glvm.") else key
            yield prefix + label
            yield from _written(value, f"{prefix}{label}.")


def _examples() -> Iterator[Tuple[str, Key]]:
    def below(section: Section[Any], prefix: str) -> Iterator[Tuple[str, Key]]:
        for key in section.keys:
            kind = key.kind
            inner = kind.item if isinstance(kind, (ListOf, TableOf)) else kind
            if key.example:
                yield prefix + key.name, key
            if isinstance(inner, Section):
                yield from below(inner, f"{prefix}{key.name}.")

    return below(SECTION, "")


@pytest.mark.parametrize(("path", "key"), list(_examples()), ids=[path for path, _ in _examples()])
def test_the_examples_of_the_reference_page_are_good(path: str, key: Key, tmp_path: Path) -> None:
    """To the loader and to the schema alike."""
    problems: list[Problem] = []
    node = read_yaml(key.example, "example", problems)
    assert node is not None
    assert key.kind.parse(node, problems) is not None
    assert not problems
    jsonschema.validate(yaml.safe_load(key.example), key.kind.json_schema())


def test_every_key_is_on_the_reference_page() -> None:
    page = reference.text()
    for path in _paths(SECTION):
        assert f"| `{path.rpartition('.')[2]}` |" in page


def test_editors_show_what_a_key_means() -> None:
    def described(part: Dict[str, Any]) -> Iterator[bool]:
        for value in part.get("properties", {}).values():
            yield len(value.get("description", "")) > 3
            yield from described(value)

    found = list(described(schema()))
    assert len(found) > 40
    assert all(found)


def test_a_profile_that_the_schema_takes_and_the_loader_reads(tmp_path: Path) -> None:
    written = {"version": 1, "site": "dr", "systemids": ["IBM,0211D11C1"], "device_reset": "none", "names": None}
    jsonschema.validate(written, schema())
    assert load(root_with(tmp_path, {"dr": json.dumps(written)}, HEADER)).sites["dr"].device_reset == "none"
