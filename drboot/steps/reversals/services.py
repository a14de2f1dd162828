"""Inittab entries, subsystems and hooks as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from drboot import hook_record, paths
from drboot.facts import inittab, lssrc
from drboot.hook_record import Event
from drboot.profile.trust import check_program
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Blocked, Done, Remove, Retry, Todo, Write
from drboot.steps.reversals.base import AT, Reversal, problem


@dataclass(frozen=True)
class EntryWas(Reversal):
    """An inittab entry reads as it did."""

    line: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "inittab"

    @property
    def _name(self) -> str:
        return self.line.partition(":")[0]

    @property
    def id(self) -> str:
        return f"undo/inittab/{self._name}"

    @property
    def title(self) -> str:
        return f"inittab entry {self._name} as before"

    def assess(self, seen: Seen) -> Assessment:
        entry = inittab.named(seen(inittab.ENTRIES), self._name)
        if entry is not None and str(entry) == self.line:
            return Done(self.line)
        if entry is None:
            return Blocked(problem(self, f"there is no entry {self._name} any more", f"mkitab '{self.line}'"))
        return Todo((command("chitab", self.line, touches="inittab"),), f"its action is {entry.action}")


@dataclass(frozen=True)
class SubsystemWas(Reversal):
    """An SRC subsystem runs again, or does not."""

    name: str
    active: bool
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/subsystem/{self.name}"

    @property
    def title(self) -> str:
        return f"subsystem {self.name} {'active' if self.active else 'stopped'} again"

    def assess(self, seen: Seen) -> Assessment:
        rows = seen(lssrc.subsystem(self.name))
        if not rows:
            return Done(f"{self.name} is not on file")
        if (rows[0].status == "active") == self.active:
            return Done(f"{self.name} is {rows[0].status}")
        change = command("startsrc" if self.active else "stopsrc", "-s", self.name, touches="services")
        return Todo((change,), f"{self.name} is {rows[0].status}", Retry(60.0))


@dataclass(frozen=True)
class HookUndone(Reversal):
    """A hook that was begun in this event counts as not run any more; its undo program, where it has one, has run."""

    name: str
    program: str
    args: Tuple[str, ...]
    deadline: float
    environment: Tuple[Tuple[str, str], ...]
    systemid: str
    arm_id: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"undo/hook/{self.name}"

    @property
    def title(self) -> str:
        return f"hook {self.name} undone"

    def assess(self, seen: Seen) -> Assessment:
        event = Event(self.systemid, self.arm_id)
        ran = seen(hook_record.RECORD).of(event)
        if self.name not in ran:
            return Done(f"{self.name} has not run in this event")
        rest = {name: said for name, said in ran.items() if name != self.name}
        forget = Write(paths.HOOKS_RAN, hook_record.text(event, rest), 0o600) if rest else Remove(paths.HOOKS_RAN)
        if not self.program:
            return Todo((forget,), f"{self.name} counts as {ran[self.name]}")
        distrusted = check_program(seen.root, self.program)
        if distrusted:
            return Blocked(distrusted[0])
        undo = Command(
            self.name, self.args, "hook", path=self.program, deadline=self.deadline, environment=self.environment
        )
        return Todo((undo, forget), f"{self.name} was {ran[self.name]}")
