"""The plan of a machine whose addresses belong on an EtherChannel and a VLAN device that are still to be made."""

from __future__ import annotations

from typing import Dict

import pytest

from drboot import plan
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Runner
from drboot.seen import Seen
from drboot.sim.estates import fullhouse
from drboot.sim.inprocess import InProcess
from drboot.steps.base import Assessment, Blocked, Done, Later, Todo
from drboot.wanted import prepare
from tests.scenarios import memory

CHANNEL, VLAN = "pseudo_adapters/ent4", "pseudo_adapters/ent5"


@pytest.fixture(scope="module")
def woken(tmp_path_factory: pytest.TempPathFactory) -> InProcess:
    estate = fullhouse.make(str(tmp_path_factory.mktemp("fullhouse")))
    memory.arm_at_home(estate)
    return memory.wake(estate)


def planned(lpar: InProcess) -> Dict[str, Assessment]:
    root = Root(lpar.machine.root)
    seen = Seen(Runner(root, run_argv=memory.run_on(lpar)))
    wanted = prepare(seen, load(root), memory.decide(lpar)[0].host, "home", "dr")
    return {step.id: answer for step, answer in plan.assessed(wanted, seen)}


def test_what_goes_onto_them_is_known_later_and_the_rest_now(woken: InProcess) -> None:
    """As a plan showed it before: blocked, and an address on an adapter that was to become a part of the channel."""
    answers = planned(woken)
    assert [step for step, answer in answers.items() if isinstance(answer, Blocked)] == []
    assert isinstance(answers[CHANNEL], Todo)
    waits = {step: answer.after for step, answer in answers.items() if isinstance(answer, Later)}
    assert waits[VLAN] == CHANNEL
    roles = {step: after for step, after in waits.items() if after in (CHANNEL, VLAN) and step.count("/") == 1}
    assert set(roles.values()) == {CHANNEL, VLAN}
    plain = [step for step, answer in answers.items() if step.startswith("network/") and isinstance(answer, Todo)]
    assert "network/service" in plain, "its adapter is here already"


def test_afterwards_nothing_waits(woken: InProcess) -> None:
    assert memory.apply(woken) == 0, memory.said(woken)[-3000:]
    answers = planned(woken)
    odd = {step: answer for step, answer in answers.items() if not isinstance(answer, Done)}
    assert not [step for step, answer in odd.items() if isinstance(answer, (Later, Blocked))], odd
