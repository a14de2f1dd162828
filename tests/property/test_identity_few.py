"""The identity property with a few cases, for `make mutants`, which runs it for every mutant."""

from __future__ import annotations

import random

from tests.property import identity_cases as cases
from tests.property.identity_table import outcome
from tests.property.test_identity import Machines, machines, product

__all__ = ["machines"]  # the fixture


def test_a_few_cases(machines: Machines) -> None:
    rng = random.Random(4711)
    profiles = cases.PROFILES[::3]  # each takes a while to be loaded
    for number in range(2500):
        case = cases.make(rng)
        if case.profile not in profiles:
            continue
        assert product(machines(case.profile), case, ask_always=number % 2 == 0) == outcome(case.facts), case
