"""What a failed step means, by its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Tuple

import pytest

from drboot.errors import Problem, Where
from drboot.policy import DUPLICATE_ADDRESS, NOT_TOLERABLE, SECTION, OnFailure, Policy
from drboot.profile.load import read_yaml
from drboot.results import BLOCKED, CHANGED, FAILED, Result
from drboot.seen import Seen
from drboot.steps import REGISTRY
from drboot.steps.base import Assessment, Back, Done, Step

AT = Where("dr.yaml", 9)


@dataclass(frozen=True)
class Some(Step):
    name: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    at: str = ""

    @property
    def id(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        return self.name

    def assess(self, seen: Seen) -> Assessment:
        return Done("")

    def undo(self, seen: Seen) -> Back:
        return Back()


KINDS = {
    "vg/import": "volume_groups", "fs/data": "filesystems", "fs/data/db": "filesystems", "net": "network",
    "hook": "hooks", "next/hook": "hooks", "vg/next": "volume_groups", "gate": "replication", "owner": "network_owner",
    "vg/gated": "volume_groups", "net/owned": "network",
}  # fmt: skip
STEPS = (
    Some("vg/import"), Some("net"), Some("fs/data", ("vg/import",)), Some("fs/data/db", ("fs/data", "net")),
    Some("hook"), Some("next/hook", ("hook",)), Some("vg/next", ("hook",)), Some("gate"), Some("vg/gated", ("gate",)),
    Some("owner"), Some("net/owned", ("owner",)),
)  # fmt: skip


def tolerated(words: Dict[str, str], name: str = "command-failed", **outcomes: str) -> List[str]:
    results = {step.id: Result(step.id, step.id, CHANGED) for step in STEPS}
    for step, outcome in outcomes.items():
        known = step.replace("__", "/")
        results[known] = Result(known, known, outcome, problem=Problem(name, ""))
    return sorted(Policy(OnFailure(words, AT), KINDS).tolerated(STEPS, results))


def parsed(text: str) -> Tuple[OnFailure, List[str]]:
    problems: List[Problem] = []
    node = read_yaml(text, "dr.yaml", problems)
    assert node is not None
    found = SECTION.parse(node, problems)
    assert found is not None
    return found, [problem.name for problem in problems]


def test_every_kind_of_step_has_a_word_and_stays_armed_by_default() -> None:
    assert [key.name for key in SECTION.keys] == [info.name for info in REGISTRY]
    assert {SECTION.absent(AT).of(info.name) for info in REGISTRY} == {"stay_armed"}


def test_what_saves_the_machine_is_never_tolerated() -> None:
    for kind in NOT_TOLERABLE:
        assert parsed(f"{kind}: stop\n")[1] == []
        assert parsed(f"{kind}: tolerate\n")[1] == ["bad-choice"]
    assert parsed("names: tolerate\n")[0].of("names") == "tolerate"


def test_tolerated_with_all_that_was_not_tried_only_for_it() -> None:
    assert tolerated({"volume_groups": "tolerate"}, vg__import=FAILED, fs__data=BLOCKED) == ["fs/data", "vg/import"]
    assert tolerated({"network": "tolerate"}, vg__import=FAILED, fs__data=BLOCKED) == []


def test_not_tolerated_where_something_else_is_missing_too() -> None:
    outcomes = {"vg__import": FAILED, "fs__data": BLOCKED, "fs__data__db": BLOCKED, "net": FAILED}
    assert tolerated({"volume_groups": "tolerate"}, **outcomes) == ["fs/data", "vg/import"]
    assert tolerated({"volume_groups": "tolerate"}, vg__import=FAILED, fs__data=FAILED) == ["vg/import"]


@pytest.mark.parametrize(
    ("kind", "asks", "behind"),
    [("hooks", "hook", "vg__next"), ("replication", "gate", "vg__gated"), ("network_owner", "owner", "net__owned")],
)
def test_what_a_hook_or_gate_kept_from_being_tried_is_not_tolerated_for_it(kind: str, asks: str, behind: str) -> None:
    """The volume groups are not up, whatever the site bears of the program that did not let them."""
    kept = behind.replace("__", "/")
    assert tolerated({kind: "tolerate"}, **{asks: FAILED, behind: BLOCKED}) == [asks]
    assert tolerated({kind: "tolerate", KINDS[kept]: "tolerate"}, **{asks: FAILED, behind: BLOCKED}) == sorted(
        (asks, kept)
    )


def test_a_hook_that_was_not_started_for_another_one_is_tolerated_with_it() -> None:
    assert tolerated({"hooks": "tolerate"}, hook=FAILED, next__hook=BLOCKED) == ["hook", "next/hook"]


@pytest.mark.parametrize("name", sorted(DUPLICATE_ADDRESS))
def test_an_address_that_somebody_else_has_is_not_tolerated(name: str) -> None:
    assert tolerated({"network": "tolerate"}, net=FAILED) == ["net"]
    assert tolerated({"network": "tolerate"}, name, net=FAILED) == []


def test_which_step_stops_the_rest_and_which_begins_anyway() -> None:
    policy = Policy(OnFailure({"names": "stop"}, AT), {"names/etc/hosts": "names", "fence/addresses": "fence"})
    assert policy.stopping == {"names/etc/hosts"}
    assert policy.unstoppable == {"fence/addresses"}


def test_what_watches_an_address_begins_although_the_run_is_stopped() -> None:
    kinds = {**KINDS, "fence/addresses": "fence", "network/service/alone": "duplicates"}
    assert Policy(OnFailure({}, AT), kinds).unstoppable == {"fence/addresses", "network/service/alone"}
