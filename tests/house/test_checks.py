"""Every finding of ``drboot check`` is planted in a test, and every planted one is of the catalogue."""

from __future__ import annotations

from drboot.catalogue import CATALOGUE
from tests.house.source import product, strings
from tests.scenarios.test_check import CASES

# what the command line itself refuses with, before anything is looked at
REFUSALS = {"check-elsewhere"}


def test_every_finding_is_planted() -> None:
    known = {name for name in CATALOGUE if name.startswith("check-")} - REFUSALS
    planted = {case.finding for case in CASES}
    assert sorted(known - planted) == []
    assert sorted(planted - known) == []
    assert len(known) > 40


def test_every_finding_is_made_where_checks_are() -> None:
    made = {text for module in product() if module.path.startswith("drboot/checks/") for text, _ in strings(module)}
    assert sorted({case.finding for case in CASES} - made) == []
