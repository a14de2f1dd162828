"""A question that has to be answered before a plan is given out, and how answers are shown."""

from __future__ import annotations

import textwrap
from typing import Iterator, NamedTuple, Sequence, Tuple

from drboot.errors import plain

WIDTH = 79  # columns; a console of 80 wraps a line that fills it


class Gate(NamedTuple):
    """A question that must be answered with yes before anything is done.

    warning   it is open, and somebody has to look
    commands  what ``next`` is done with: each in a line of its own, however long, so that it can be copied
    """

    question: str
    holds: bool
    answer: str
    next: str = ""
    warning: bool = False
    commands: Tuple[str, ...] = ()


def table(gates: Sequence[Gate]) -> Iterator[str]:
    """A line for each, and what to do below those that are not open.  Within 80 columns, but for commands and names."""
    for gate in gates:
        mark = "ok" if gate.holds and not gate.warning else "look" if gate.holds else "NO"
        yield from _wrapped(f"{gate.question}: {gate.answer}", f"  {mark:<4} ")
        if not gate.holds and gate.next:
            yield from _wrapped(gate.next, f"{'':<7}next: ")
            yield from (f"{'':<9}{plain(command)}" for command in gate.commands)


def _wrapped(text: str, head: str) -> Iterator[str]:
    """``text`` behind ``head``; a name that is longer than a line stays whole."""
    yield from textwrap.wrap(
        plain(text),
        WIDTH,
        initial_indent=head,
        subsequent_indent=" " * 9,
        break_long_words=False,
        break_on_hyphens=False,
    )


def spoken(seconds: float) -> str:
    """``90 min``; hours and days where it is long."""
    minutes = int(seconds // 60)
    if minutes >= 2880:
        return f"{minutes // 1440} days"
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 120 else f"{minutes} min"
