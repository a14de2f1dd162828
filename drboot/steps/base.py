"""What a step is: a frozen value that answers one question, *is it so already?*

The one answer serves the plan, the decision to skip, and the verification.  A step never runs, prints,
logs or sleeps, and does not know whether it is being planned, applied or verified.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, FrozenSet, Optional, Sequence, Tuple, Union

from drboot.errors import Problem
from drboot.facts.base import Owner
from drboot.runner import Command
from drboot.seen import Seen


@dataclass(frozen=True)
class Write:
    """Make a file's text so, atomically.  ``mode`` None keeps the file's mode, owner and group.

    lost     what it costs that it cannot be written, where the actions after it are taken all the same, and the rest of
             the run goes by what the file was to say; "" where nothing may follow
    no_undo  what undo is told then, which goes by the file; "" where it need not know
    """

    path: str
    text: str
    mode: Optional[int] = None
    lost: str = ""
    no_undo: str = ""

    def __str__(self) -> str:
        return f"write {self.path}"


@dataclass(frozen=True)
class Move:
    """Move a file aside, or back.  The target is never overwritten."""

    source: str
    target: str

    def __str__(self) -> str:
        return f"move {self.source} to {self.target}"


@dataclass(frozen=True)
class Remove:
    """Remove a file that was not there before."""

    path: str

    def __str__(self) -> str:
        return f"remove {self.path}"


@dataclass(frozen=True)
class Own:
    """Give a file or device its owner, group and permission bits."""

    path: str
    owner: Owner

    def __str__(self) -> str:
        return f"chown {self.owner.uid}:{self.owner.gid} and chmod {self.owner.mode:o} {self.path}"


Action = Union[Command, Write, Move, Own, Remove]


@dataclass(frozen=True)
class Done:
    """It is so.  ``evidence`` says by what, in words an administrator can check.

    warnings  what is not as at home although the step is done; shown in the report
    failback  what has to be done before, or when, this machine's disks go home again
    """

    evidence: str
    warnings: Tuple[str, ...] = ()
    failback: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Retry:
    """Looking again is safe: repeat until ``deadline`` seconds are over, waiting ``pause``, then twice that, ..."""

    deadline: float
    pause: float = 2.0
    longest: float = 60.0


@dataclass(frozen=True)
class Todo:
    """It is not so; these actions, in this order, make it so.

    why      what was seen that makes them necessary
    retry    set when the same actions may be repeated (cfgmgr until the disks have come)
    instead  what to try once when these actions fail (importvg without its major number)
    lost     what it costs that only ``instead`` succeeded, in words for the report
    within   seconds in which the effect may show after the actions have ended well; they are not repeated meanwhile
    each     the actions do not build on each other: one that fails keeps none of the others from being run, and
             ``instead``, where given, has the one to try for each of them
    apart    with ``each``: what an action, and the one in its place, can be taken apart into where both fail; so that
             one value that is refused costs none of the others
    """

    actions: Tuple[Action, ...]
    why: str
    retry: Optional[Retry] = None
    instead: Tuple[Action, ...] = ()
    lost: str = ""
    within: float = 0.0
    each: bool = False
    apart: Tuple[Tuple[Action, ...], ...] = ()


@dataclass(frozen=True)
class Later:
    """Cannot be known before another step has run; only a plan shows this.

    after  id of that step
    """

    after: str
    actions: Tuple[str, ...]
    why: str


@dataclass(frozen=True)
class Blocked:
    """Cannot proceed safely."""

    problem: Problem


Assessment = Union[Done, Todo, Later, Blocked]


@dataclass(frozen=True)
class Back:
    """What undo will do about a step, as seen before the step's first action.

    steps  what was so, as steps that make it so again, in the order in which undo takes them
    kept   what undo leaves as the step made it, and why; "" when nothing.  The plan says it beforehand
    lost   what should be brought back and cannot, since it could not be read; "" when nothing
    """

    steps: Tuple[Step, ...] = ()
    kept: str = ""
    lost: str = ""


class Step(ABC):
    """One thing that is to be so on this machine.  Every kind is a frozen dataclass with these fields.

    needs  ids of the steps that must have succeeded first
    after  ids of the steps that must be over first, however they ended
    at     the place in the profile, address table or capture that asks for it
    """

    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...]

    # what takes it once more, for people
    again: ClassVar[str] = "drboot --apply"
    # steps that share a lock never run at the same time: what AIX cannot bear twice at once
    lock: ClassVar[str] = ""
    # False: what it failed to do is reported, and shows in the steps that it was for; the run may be complete without
    essential: ClassVar[bool] = True
    # False: it is for the time of this run only (to ask something), and not looked at again at the end
    lasting: ClassVar[bool] = True
    # True: it asks what only the day can answer, and changes nothing; by hand, too, what needs it waits for the answer
    asks: ClassVar[bool] = False
    # parts of the machine that change by themselves (the error log): read afresh whenever this step looks again
    watches: ClassVar[FrozenSet[str]] = frozenset()

    @property
    def settle(self) -> float:
        """Seconds for which it has to stay so, looked at again and again, before the run believes it."""
        return 0.0

    @property
    @abstractmethod
    def id(self) -> str:
        """Unique in a plan, stable between runs: ``volume_groups/datavg``."""

    @property
    @abstractmethod
    def title(self) -> str:
        """What the console shows while it runs: ``importvg datavg``."""

    @abstractmethod
    def assess(self, seen: Seen) -> Assessment:
        """Is it so already?  May raise FactUnavailable, which counts as Blocked."""

    @abstractmethod
    def undo(self, seen: Seen) -> Back:
        """How to bring back what is so now.  Asked before the first action, and recorded.

        May raise FactUnavailable: what cannot be read cannot be brought back, and that is said.
        """

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        """What is known of an action of this step that failed, once nothing more is tried: a look, no change.

        May raise FactUnavailable, which leaves the trouble as it is.
        """
        return trouble


def counted(number: int, one: str, many: str) -> str:
    """``1 static route``, ``2 static routes``."""
    return f"{number} {one if number == 1 else many}"


def first_of(names: Sequence[str], most: int) -> str:
    """The first of them, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if names[most:] else "")


class Notice(Step):
    """A step that asks or says something, for the report.  It changes nothing, so that there is nothing to undo.

    A run is complete without it.
    """

    essential: ClassVar[bool] = False

    def undo(self, seen: Seen) -> Back:
        return Back()
