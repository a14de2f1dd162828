"""Twenty deaths of the real process tree under the real init; ``make crash`` has three hundred."""

from __future__ import annotations

import pytest

from drboot.sim import realinit
from tests.crash import kills

pytestmark = [pytest.mark.root, pytest.mark.timeout(900)]


@pytest.mark.parametrize("chain", list(kills.chains(0, 4)), ids=lambda chain: f"{chain.variant}-{chain.number}")
def test_F81_five_deaths_and_a_boot_end_in_the_same_state(chain: kills.Chain) -> None:
    assert realinit.why_not() == ""
    outcome = kills.work(chain)
    assert outcome.wrong == []
    assert len(outcome.killed) == kills.OF_A_CHAIN
    assert {said.split()[0] for said in outcome.killed} == {kills.INIT, kills.WORKER}
