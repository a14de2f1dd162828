"""Files and special files as they were."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import List, Optional, Tuple

from drboot.facts.base import Owner
from drboot.seen import Seen
from drboot.steps.base import Action, Assessment, Blocked, Done, Move, Own, Remove, Todo, Write
from drboot.steps.reversals.base import AT, Reversal, problem, text_of


@dataclass(frozen=True)
class FileWas(Reversal):
    """A file has its bytes, mode and owner back; ``text`` None: there was none."""

    path: str
    text: Optional[str]
    mode: int = 0o644
    uid: int = 0
    gid: int = 0
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/file{self.path}"

    @property
    def title(self) -> str:
        return f"{self.path} as it was"

    def assess(self, seen: Seen) -> Assessment:
        now, owner = seen(text_of(self.path)), seen.owner(self.path)
        if self.text is None:
            if owner is None:
                return Done(f"{self.path} is not there")
            return Todo((Remove(self.path),), f"{self.path} was not there")
        was = Owner(self.uid, self.gid, self.mode)
        actions: List[Action] = []
        if now != self.text:
            actions.append(Write(self.path, self.text, None if owner == was else self.mode))
        if owner is None or (owner.uid, owner.gid, owner.mode) != (self.uid, self.gid, self.mode):
            actions.append(Own(self.path, was))
        if not actions:
            return Done(f"{self.path} is as it was")
        return Todo(tuple(actions), f"{self.path} was changed")


@dataclass(frozen=True)
class MovedBack(Reversal):
    """A file that was set aside is back at its place.

    over  what the run itself may have left there: texts that give way
    """

    path: str
    aside: str
    over: Tuple[str, ...] = ()
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/moved{self.path}"

    @property
    def title(self) -> str:
        return f"{self.path} back from {self.aside}"

    def assess(self, seen: Seen) -> Assessment:
        here, aside = seen.owner(self.path), seen.owner(self.aside)
        if here is not None and aside is None:
            return Done(f"{self.path} is there")
        if here is None and aside is not None:
            return Todo((Move(self.aside, self.path),), f"it is at {self.aside}")
        if here is not None and aside is not None and seen(text_of(self.path)) in self.over:
            return Todo((Remove(self.path), Move(self.aside, self.path)), f"it is at {self.aside}")
        why = f"both {self.path} and {self.aside} are there" if here else f"neither it nor {self.aside} is there"
        return Blocked(problem(self, why, f"look at both, leave the right one as {self.path}"))


@dataclass(frozen=True)
class OwnerWas(Reversal):
    """A device or file that is still there belongs to whom it belonged."""

    path: str
    uid: int
    gid: int
    mode: int
    vg: str = ""  # the volume group of a raw device
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/owner{self.path}"

    @property
    def title(self) -> str:
        return f"owner of {self.path} as it was"

    def assess(self, seen: Seen) -> Assessment:
        was, now = Owner(self.uid, self.gid, self.mode), seen.owner(self.path)
        if now is None:
            return Done(f"{self.path} is not there")
        if now == was:
            return Done(f"{self.path} is {was}")
        return Todo((Own(self.path, was),), f"{self.path} is {now}")


def file_was(seen: Seen, path: str) -> FileWas:
    """The file as it is now.  Raises FactUnavailable."""
    owner = seen.owner(path)
    if owner is None:
        return FileWas(path, None)
    return FileWas(path, seen(text_of(path)), owner.mode, owner.uid, owner.gid)


def digest(seen: Seen, path: str) -> str:
    """Of what the file says; "" where there is none, or none that can be read."""
    text = seen.or_none(text_of(path))
    return "" if text is None else hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
