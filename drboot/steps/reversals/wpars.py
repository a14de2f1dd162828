"""Workload partitions as they were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Tuple

from drboot.facts import lswpar
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Blocked, Done, Todo
from drboot.steps.reversals.base import AT, Reversal, problem


@dataclass(frozen=True)
class WparStopped(Reversal):
    """A WPAR that the run has started is stopped again.  Source: stopwpar manual; never forced."""

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "wpars"

    @property
    def id(self) -> str:
        return f"undo/wpar/{self.name}/start"

    @property
    def title(self) -> str:
        return f"stopwpar {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        row = next((row for row in seen(lswpar.ALL) if row.name == self.name), None)
        if row is None or row.state == lswpar.DEFINED:
            return Done(f"{self.name} is not active")
        return Todo((command("stopwpar", self.name, kind="wpar", touches="wpars network mounts"),), "it is active")


@dataclass(frozen=True)
class WparAddressesWere(Reversal):
    """The definition of a WPAR has the addresses that it had.  ``addresses``: interface, address, netmask of each."""

    name: str
    addresses: Tuple[Tuple[str, str, str], ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "wpars"

    @property
    def id(self) -> str:
        return f"undo/wpar/{self.name}/network"

    @property
    def title(self) -> str:
        return f"addresses of WPAR {self.name} as they were"

    def assess(self, seen: Seen) -> Assessment:
        changes = lswpar.changes(seen(lswpar.NETWORK), self.name, self.addresses)
        if not changes:
            return Done(f"its definition has {', '.join(address for _, address, _ in self.addresses) or 'no address'}")
        row = next((row for row in seen(lswpar.ALL) if row.name == self.name), None)
        if row is not None and row.state != lswpar.DEFINED:
            return Blocked(problem(self, f"its state is {row.state}: its addresses would go up at once", "stopwpar it"))
        return Todo(tuple(command("chwpar", *args, touches="wpars") for args in changes), "they were changed")
