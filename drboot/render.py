"""Text for people: console lines, the plan, the summary.  Plain ASCII, 80 columns."""

from __future__ import annotations

import textwrap
from types import MappingProxyType
from typing import Any, List, Mapping, Optional, Sequence, Tuple

from drboot.errors import Problem, few, render
from drboot.results import RUN_STOPPED
from drboot.steps.base import Assessment, Blocked, Done, Later, Step, Todo
from drboot.untried import WAITING

WIDTH = 79
UNDER = " " * 17  # below a step
MARK = {"done": "ok", "changed": "ok", "failed": "FAILED", "blocked": "BLOCKED"}


def console_line(event: Mapping[str, Any]) -> Optional[str]:
    """What the console shows of an event; None for events that only the journal keeps."""
    name = event["event"]
    if name == "step":
        return _step_line(event)
    if name == "waiting":
        return _cut(f"drboot:   {event['title']}: {event['why']}; looking again in {event['seconds']:.0f} s")
    if name == "still":
        return _cut(f"drboot:   {event['title']}: {event['action']} still runs, {event['seconds']:.0f} s")
    if name == "say":
        return "\n".join("drboot: " + line for line in _wrapped(str(event["text"]), WIDTH - 8))
    if name == "problem":
        lines = render([Problem(**event["problem"])], width=WIDTH - 8).splitlines()
        return "\n".join("drboot: " + line for line in lines)
    return None


def _wrapped(text: str, width: int) -> List[str]:
    """Its lines; a path stays whole, so that it can be copied."""
    return [
        part
        for line in text.splitlines()
        for part in textwrap.wrap(line, width, break_long_words=False, break_on_hyphens=False) or [""]
    ]


def _step_line(event: Mapping[str, Any]) -> Optional[str]:
    problem = Problem(**event["problem"]) if event.get("problem") else None
    if problem and problem.name == RUN_STOPPED and event["outcome"] == "blocked":
        return None  # all that is left: it was said that the run stops, and is counted at its end
    total = len(str(event["of"]))
    head = f"drboot: [{event['over']:>{total}}/{event['of']}] {event['title']}"
    mark = MARK[event["outcome"]]
    tail = f" ... {mark}" if event["outcome"] in ("done", "blocked") else f" ... {mark} {event['seconds']:.1f}s"
    if event["outcome"] == "done":
        tail += " (already)"
    line = head[: WIDTH - len(tail)] + tail
    lines = [line]
    if problem and (problem.name not in WAITING or event["outcome"] == "failed"):
        lines.append(_cut(f"drboot:     {problem.name}: {problem.why or problem.what}"))
    lines.extend(_cut(f"drboot:     warning: {warning}") for warning in few(event.get("warnings", ())))
    return "\n".join(lines)


def plan(
    assessments: Sequence[Tuple[Step, Assessment]],
    verbose: bool = False,
    kept: Mapping[str, str] = MappingProxyType({}),
) -> str:
    """The plan: one line per step that has something to do, with its commands; what is already so is counted.

    kept  by step id: what undo will not bring back
    """
    lines, already = [], 0
    for step, answer in assessments:
        if isinstance(answer, Done):
            already += 1
            if verbose:
                lines.append(_cut(f"  so already   {step.title}: {answer.evidence}"))
        elif isinstance(answer, Todo):
            lines.append(_cut(f"  to do        {step.title}: {answer.why}"))
            actions = tuple(str(action) for action in answer.actions)
            lines.extend(f"                 {action}" for action in (actions if verbose else few(actions)))
            if step.id in kept:
                lines.extend(
                    textwrap.wrap("not undone: " + kept[step.id], WIDTH, initial_indent=UNDER, subsequent_indent=UNDER)
                )
        elif isinstance(answer, Later):
            lines.append(_cut(f"  later        {step.title}: {answer.why}"))
            lines.extend(f"                 {action}" for action in answer.actions)
        elif isinstance(answer, Blocked):
            lines.append(_cut(f"  BLOCKED      {step.title}"))
            lines.extend("    " + line for line in render([answer.problem], width=WIDTH - 4).splitlines())
    lines.append(f"  {already} of {len(assessments)} steps are so already")
    return "\n".join(lines)


def _cut(line: str) -> str:
    return line if len(line) <= WIDTH else line[: WIDTH - 3] + "..."
