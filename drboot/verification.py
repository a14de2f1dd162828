"""The end of a run: every step is looked at again, on fresh facts, and judged by what is found.

Exit statuses count no more.  What was done and is no longer so has failed; what a command that was left running has
done meanwhile is done.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Callable, Iterator, Mapping, Sequence, Set, Tuple

from drboot.errors import Problem
from drboot.left_running import LeftRunning
from drboot.results import BLOCKED, CHANGED, DONE, FAILED, GOOD, NEEDS_FAILED, RUN_STOPPED, Result, not_tried
from drboot.steps.base import Assessment, Blocked, Done, Step

Answers = Sequence[Tuple[Step, Assessment]]


@dataclass(frozen=True)
class Verification:
    """look   every step's answer, on fresh facts
    take   takes steps once more
    tell   called with an event name and its keys
    left   what still runs: what was not done is not believed to be so beside it
    """

    look: Callable[[Sequence[Step]], Answers]
    take: Callable[[Sequence[Step]], Sequence[Result]]
    tell: Callable[..., Any]
    left: LeftRunning

    def of(self, steps: Sequence[Step], results: Sequence[Result]) -> Tuple[Result, ...]:
        """The results as they stand at the end; all over again where a process that was left running has ended
        meanwhile."""
        while True:
            self.left.settle()
            results = self._judged(steps, results)
            if self.left.living() or self.left.is_settled:
                return tuple(results)

    def _judged(self, steps: Sequence[Step], results: Sequence[Result]) -> Sequence[Result]:
        """Where not all is as it should be, some steps are taken once more, and all are looked at a second time."""
        by_id = {result.step: result for result in results}
        answers = self._answers(steps, by_id)
        if not all(isinstance(answer, Done) for _, answer in answers):
            repeated = once_more(answers, by_id)
            if repeated:
                self.tell("again", steps=[step.id for step in repeated])
                by_id.update((result.step, _joined(by_id[result.step], result)) for result in self.take(repeated))
            answers = self._answers(steps, by_id)
        final = [self._judge(step, answer, by_id[step.id]) for step, answer in answers]
        self.tell("verified", steps={result.step: result.outcome for result in final})
        return list(_still_so(steps, final))

    def _judge(self, step: Step, answer: Assessment, result: Result) -> Result:
        if isinstance(answer, Done) and (result.outcome in GOOD or not self.left.beside(step.lock, step.id)):
            return _as_found(result, answer)
        if result.outcome in GOOD:
            return replace(result, outcome=FAILED, problem=_undone(step, answer))
        return result

    def _answers(self, steps: Sequence[Step], results: Mapping[str, Result]) -> Answers:
        """Every step's answer on fresh facts; what was for the time of the run only stands as it ended."""
        fresh = {step.id: answer for step, answer in self.look([step for step in steps if step.lasting])}
        return tuple((step, fresh.get(step.id) or _as_it_ended(results[step.id])) for step in steps)


def _as_found(result: Result, answer: Done) -> Result:
    """The result of a step that is found to be so at the end, whatever became of its commands."""
    if result.outcome in GOOD:
        outcome = result.outcome
    else:
        unbegun = result.problem is not None and result.problem.name == RUN_STOPPED and not result.actions
        outcome = DONE if unbegun else CHANGED
    warnings = result.warnings
    if result.problem and result.outcome == FAILED:  # a command that was left running has done its work
        warnings = (*warnings, f"{result.problem.what}: {result.problem.why}")
    warnings = (*warnings, *(warning for warning in answer.warnings if warning not in warnings))
    return replace(
        result, outcome=outcome, evidence=answer.evidence, problem=None, warnings=warnings, failback=answer.failback
    )


def _still_so(steps: Sequence[Step], results: Sequence[Result]) -> Iterator[Result]:
    """What was not tried for a reason that is gone by now (a command that was left running has done its work) is told
    with the one that holds."""
    by_id = {result.step: result for result in results}
    for step, result in zip(steps, results):
        lacking = next((by_id[need] for need in step.needs if need in by_id and by_id[need].outcome not in GOOD), None)
        told = result.problem is not None and result.problem.name == NEEDS_FAILED and result.outcome == BLOCKED
        yield replace(result, problem=not_tried(step, lacking)) if told else result


def _as_it_ended(result: Result) -> Assessment:
    if result.problem and result.outcome not in GOOD:
        return Blocked(result.problem)
    return Done(result.evidence, (), result.failback)


def once_more(answers: Answers, results: Mapping[str, Result]) -> Tuple[Step, ...]:
    """What a later step undid, and what was not tried for a reason that is gone (a reading command that hung once).

    With it goes what comes after it and had nothing to do, or was not tried: the address on a VLAN device that is made
    only now.  Not what was tried and failed, but for what could not be read in between; nothing beside a command that
    was left running, nothing where the run was stopped.
    """
    if any(result.problem and result.problem.name == RUN_STOPPED for result in results.values()):
        return ()
    stuck = {step.lock for step, _ in answers if step.lock and results[step.id].stuck}
    so = {step.id for step, answer in answers if isinstance(answer, Done)}
    free = [pair for pair in answers if pair[0].lock not in stuck]
    chosen: Set[str] = set()
    while True:
        known = so | chosen
        more = {
            step.id
            for step, answer in free
            if all(need in known or need not in results for need in step.needs)
            and (_may_begin(step, answer, results[step.id]) or _had_its_turn_too_early(step, results[step.id], chosen))
        }
        if more <= chosen:
            return tuple(step for step, _ in answers if step.id in chosen)
        chosen |= more


def _may_begin(step: Step, answer: Assessment, result: Result) -> bool:
    name = result.problem.name if result.problem else ""
    unread = name.startswith("fact-")
    if isinstance(answer, Done) or (result.outcome == FAILED and not unread):
        return False
    if step.lasting:
        return not isinstance(answer, Blocked)
    # asked once, in its turn: again where it had no turn, or could not read what it asks
    return name == NEEDS_FAILED or unread


def _had_its_turn_too_early(step: Step, result: Result, chosen: Set[str]) -> bool:
    """It did nothing, and comes after a step that is taken only now: what it finds before that says nothing."""
    may = (DONE, BLOCKED) if step.lasting else (BLOCKED,)
    return result.outcome in may and not chosen.isdisjoint((*step.needs, *step.after))


def _joined(first: Result, second: Result) -> Result:
    """What became of a step in both of its turns."""
    outcome = CHANGED if first.actions and second.outcome == DONE else second.outcome
    return replace(
        second, outcome=outcome, actions=(*first.actions, *second.actions), seconds=first.seconds + second.seconds
    )


def _undone(step: Step, answer: Any) -> Problem:
    if isinstance(answer, Blocked):
        return answer.problem
    why = getattr(answer, "why", "")
    return Problem(
        "step-undone",
        f"{step.title} was done, and is no longer so at the end of the run",
        step.at,
        why,
        f"look who changed it: the journal has every command; then: {step.again}",
    )
