"""What became of a step: the one word for it, and what the report keeps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Dict, Optional, Tuple

from drboot.errors import Problem
from drboot.steps.base import Step

# outcomes of a step
DONE = "done"  # it was so already
CHANGED = "changed"  # it was made so, and looking again confirmed it
FAILED = "failed"  # it was tried
BLOCKED = "blocked"  # it was not tried
GOOD = frozenset({DONE, CHANGED})
NEEDS_FAILED = "step-needs-failed"  # the problem of a step that needs one that did not succeed
RUN_STOPPED = "run-stopped"  # the problem of a step that was not begun since another one failed


@dataclass(frozen=True)
class Result:
    """What became of a step.

    found     what was seen that made it necessary; "" when it was so already
    failback  what has to be done about it before, or when, the disks go home again
    needs     ids of the steps that had to succeed first
    """

    step: str
    title: str
    outcome: str
    evidence: str = ""
    problem: Optional[Problem] = None
    warnings: Tuple[str, ...] = ()
    seconds: float = 0.0
    actions: Tuple[str, ...] = ()
    stuck: bool = False
    essential: bool = True
    found: str = ""
    failback: Tuple[str, ...] = ()
    needs: Tuple[str, ...] = ()


def shown(result: Result) -> Dict[str, Any]:
    """The result as the report keeps it."""
    value = asdict(result)
    value["problem"] = result.problem._asdict() if result.problem else None
    value["seconds"] = round(result.seconds, 3)
    return value


def not_tried(step: Step, needed: Optional[Result]) -> Problem:
    """needed  what it lacks; None where that came about after its last turn"""
    why, cure = "what it needs was there only at the end of this run", step.again
    if needed:
        why = f"it needs {needed.step}, which {'failed' if needed.outcome == FAILED else 'was blocked'}"
        cure = f"mend that first, then: {step.again}"
    return Problem(NEEDS_FAILED, f"{step.title} was not tried", step.at, why, cure)
