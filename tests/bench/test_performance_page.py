"""docs/performance.md says what the bench measures, and against which constraints."""

from __future__ import annotations

import re
from pathlib import Path

from tests.bench import __main__ as bench
from tests.bench import critical

PAGE = (Path(__file__).parents[2] / "docs/performance.md").read_text(encoding="utf-8")


def test_every_constraint_of_the_critical_path_is_published() -> None:
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    assert [row for row in critical.CONSTRAINTS if row not in rows] == []
    assert len(critical.CONSTRAINTS) > 5


def test_every_part_and_every_kind_of_figure_is_explained() -> None:
    for part in bench.PARTS:
        assert f"`{part}.*`" in PAGE, part
    assert {key.partition(".")[0] for key in bench.GOALS} == set(bench.PARTS)
