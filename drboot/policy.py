"""What a failed step means for the run: ``on_failure`` of a profile, one word per kind of step.

stay_armed  the rest goes on; the run is unfinished, and the machine stays armed
tolerate    the rest goes on; the step is reported as failed, and does not keep the machine armed; nor does what was not
            tried only for its sake, but for what a hook or a gate did not let begin
stop        no further step begins, those that save the machine aside; the machine stays armed
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import FrozenSet, Mapping, Sequence, Set

from drboot.errors import Where
from drboot.profile.keys import OneOf
from drboot.profile.sections import Key, Section
from drboot.results import BLOCKED, GOOD, Result
from drboot.steps import REGISTRY, StepInfo
from drboot.steps.base import Step

STAY_ARMED, TOLERATE, STOP = "stay_armed", "tolerate", "stop"
# Kinds of steps that save others, or the machine: they begin whatever failed, and none of their failures is small.
SAVING = frozenset({"fence", "quarantine", "device_flags"})
NOT_TOLERABLE = SAVING | {"duplicates"}
# Programs of the site and the question who owns the network: they bring nothing up themselves, so that bearing their
# failure does not say that the volume groups and addresses may be missing that they did not let begin.
ASKING = frozenset({"hooks", "replication", "network_owner"})
# Somebody else has, or may have, the address: whatever the profile tolerates of the network, not this.
DUPLICATE_ADDRESS = frozenset({"address-duplicate", "address-in-use"})


@dataclass(frozen=True)
class OnFailure:
    """``on_failure:`` of a profile.  ``words``: kind of step -> stay_armed, tolerate or stop."""

    words: Mapping[str, str]
    at: Where

    def of(self, kind: str) -> str:
        return self.words.get(kind, STAY_ARMED)


def _made(at: Where, **words: str) -> OnFailure:
    return OnFailure(words, at)


def _key(info: StepInfo) -> Key:
    words = (STAY_ARMED, STOP) if info.name in NOT_TOLERABLE else (STAY_ARMED, TOLERATE, STOP)
    return Key(info.name, OneOf(*words), info.title + ".", default=STAY_ARMED, example=STAY_ARMED)


SECTION: Section[OnFailure] = Section(
    "on_failure",
    _made,
    meaning="What a failed step of each kind means. stay_armed: the rest goes on, the machine stays armed. tolerate: "
    "it is reported, and does not keep the machine armed, nor does what was not tried only for its sake; but what "
    "hooks, replication or network_owner kept from being tried does, unless its own kind is tolerated as well. stop: "
    "no further step begins.",
    keys=tuple(_key(info) for info in REGISTRY),
)


@dataclass(frozen=True)
class Policy:
    """``on_failure`` for the steps of one machine.  ``kinds``: step id -> row of the registry."""

    on_failure: OnFailure
    kinds: Mapping[str, str]

    @property
    def stopping(self) -> FrozenSet[str]:
        """The steps after whose failure no further step begins."""
        return frozenset(step for step, kind in self.kinds.items() if self.on_failure.of(kind) == STOP)

    @property
    def unstoppable(self) -> FrozenSet[str]:
        """Those that begin all the same: an address that is up is watched, one that asked is taken off again."""
        return frozenset(step for step, kind in self.kinds.items() if kind in NOT_TOLERABLE)

    def tolerated(self, steps: Sequence[Step], results: Mapping[str, Result]) -> FrozenSet[str]:
        """The steps that did not succeed, and do not keep the machine armed.

        What was not tried only because of such a step is one of them: the mount points of a tolerated volume group.
        Not behind a hook or a gate: no run is complete without its volume groups because a program may say no.
        """
        bad = {name for name, result in results.items() if result.outcome not in GOOD}
        found = {name for name in bad if self._may_fail(results[name])}
        while True:
            more = found | {
                step.id
                for step in steps
                if step.id in bad and results[step.id].outcome == BLOCKED and self._only_for(step, bad, found)
            }
            if more == found:
                return frozenset(found)
            found = more

    def _only_for(self, step: Step, bad: Set[str], tolerated: Set[str]) -> bool:
        """Whether it needs something that did not succeed, and all of that is tolerated for it as well."""
        missing = bad & set(step.needs)
        others = {self.kinds.get(need, "") for need in missing} - {self.kinds.get(step.id, "")}
        return bool(missing) and missing <= tolerated and ASKING.isdisjoint(others)

    def _may_fail(self, result: Result) -> bool:
        problem = result.problem.name if result.problem else ""
        return self.on_failure.of(self.kinds.get(result.step, "")) == TOLERATE and problem not in DUPLICATE_ADDRESS


NEUTRAL = Policy(OnFailure({}, Where("")), {})  # nothing stops, nothing is tolerated
