"""What was not tried, gathered by its cause: one line that says why for seventeen steps that wait for one.

The report keeps the problem of every step; this is how people are told of them.
"""

from __future__ import annotations

from typing import Any, Dict, List, Mapping, NamedTuple, Tuple

from drboot.errors import Problem
from drboot.results import BLOCKED, FAILED, GOOD, NEEDS_FAILED, RUN_STOPPED
from drboot.steps.base import first_of

# Problems of a step that was not begun, and is none itself: what keeps it from beginning is told.
WAITING = frozenset({NEEDS_FAILED, RUN_STOPPED, "step-lock-stuck"})


class Untried(NamedTuple):
    """Steps that one cause kept from being begun.

    cause   ``for want of importvg datavg, which failed``
    titles  of these steps, in the order of the plan
    """

    cause: str
    titles: Tuple[str, ...]

    def line(self, most: int = 0) -> str:
        """What is told of them.  ``most``: so many titles; 0: all of them."""
        number = len(self.titles)
        head = "1 step was" if number == 1 else f"{number} steps were"
        return f"{head} not tried ({self.cause}): {first_of(self.titles, most or number)}"


def gathered(report: Mapping[str, Any]) -> Tuple[Tuple[Problem, ...], Tuple[Untried, ...]]:
    """The problems that are told one by one, and all others by cause."""
    steps = {step["step"]: step for step in report["steps"]}
    causes: Dict[str, List[str]] = {}
    waiting: List[Problem] = []
    for step in report["steps"]:
        if step["outcome"] == BLOCKED and _waits(step):
            causes.setdefault(_cause(step, steps), []).append(step["title"])
            waiting.append(Problem(**step["problem"]))
    told = (Problem(**problem) for problem in report["problems"])
    return (
        tuple(problem for problem in told if problem not in waiting),
        tuple(Untried(cause, tuple(titles)) for cause, titles in causes.items()),
    )


def _waits(step: Mapping[str, Any]) -> bool:
    return bool(step["problem"]) and step["problem"]["name"] in WAITING


def _cause(step: Mapping[str, Any], steps: Mapping[str, Mapping[str, Any]]) -> str:
    """Behind all that wait for one another."""
    while step["problem"] and step["problem"]["name"] == NEEDS_FAILED:
        needs = (steps[need] for need in step.get("needs", ()) if need in steps)
        lacking = next((need for need in needs if need["outcome"] not in GOOD), None)
        if lacking is None:
            break
        step = lacking
    if _waits(step):
        return str(step["problem"]["why"])
    return f"for want of {step['title']}, which {'failed' if step['outcome'] == FAILED else 'was blocked'}"
