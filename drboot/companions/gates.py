"""A question that has to be answered before a plan is given out, and how answers are shown."""

from __future__ import annotations

from typing import Iterator, NamedTuple, Sequence


class Gate(NamedTuple):
    """A question that must be answered with yes before anything is done.

    warning  it is open, and somebody has to look
    """

    question: str
    holds: bool
    answer: str
    next: str = ""
    warning: bool = False


def table(gates: Sequence[Gate]) -> Iterator[str]:
    """A line for each, and what to do below those that are not open.  Within 80 columns where the answers allow it."""
    for gate in gates:
        mark = "ok" if gate.holds and not gate.warning else "look" if gate.holds else "NO"
        yield f"  {mark:<4} {gate.question}: {gate.answer}"
        if not gate.holds and gate.next:
            yield f"       next: {gate.next}"


def spoken(seconds: float) -> str:
    """``90 min``; hours and days where it is long."""
    minutes = int(seconds // 60)
    if minutes >= 2880:
        return f"{minutes // 1440} days"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 120 else f"{minutes} min"
