"""What every reversal is, and what several of them read."""

from __future__ import annotations

from typing import ClassVar, Optional, Tuple

from drboot.errors import Problem
from drboot.facts import lsattr, lsdev
from drboot.facts.base import FileQuery
from drboot.seen import Seen
from drboot.steps.base import Back, Step

AT = "the run that is undone"


class Reversal(Step):
    """A step of undo.  Its own reversal is the run that it undoes."""

    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...]

    again: ClassVar[str] = "drboot undo"

    def undo(self, seen: Seen) -> Back:
        return Back((), "drboot --apply does it again")


def text_of(path: str) -> FileQuery[Optional[str]]:
    """What the file says; None when there is none."""
    return FileQuery(path, _as_it_is)


def odm_value(seen: Seen, device: str, attribute: str) -> str:
    """The attribute's first value in the ODM, "" when it is empty or the device has none."""
    values = seen(lsattr.value(device, attribute))
    return values[0] if values else ""


def is_gone(seen: Seen, device: str) -> bool:
    """Whether a device that the run itself made has been removed again."""
    return all(row.name != device for row in seen(lsdev.DEVICES))


def problem(step: Step, why: str, next_: str) -> Problem:
    return Problem("undo-blocked", f"{step.title} cannot be undone", step.at, why, next_)


def _as_it_is(text: Optional[str]) -> Optional[str]:
    return text
