"""The list of mutants that no test can tell from the original: each has a reason, and a line that still is there."""

from __future__ import annotations

import sys
from typing import Dict, List

import pytest

from tests.house.source import ROOT

LIST = ROOT / "tests/mutants/survivors.toml"
KEYS = {"file", "definition", "before", "after", "why"}


def survivors() -> List[Dict[str, str]]:
    if sys.version_info < (3, 11):
        pytest.fail("this one is run on the newest interpreter only")
    import tomllib

    rows: List[Dict[str, str]] = tomllib.loads(LIST.read_text(encoding="utf-8"))["survivor"]
    return rows


def test_every_survivor_is_explained_and_its_line_is_there() -> None:
    rows = survivors()
    for row in rows:
        assert set(row) == KEYS
        lines = {line.strip() for line in (ROOT / row["file"]).read_text(encoding="utf-8").splitlines()}
        assert set(row["before"].split(" / ")) <= lines, row["before"]
        assert row["after"] != row["before"]
        assert len(row["why"].split()) > 4, row
    assert len({(row["file"], row["definition"], row["before"], row["after"]) for row in rows}) == len(rows)
    assert rows
