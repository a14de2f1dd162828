"""Workload partitions as they were."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import ClassVar, Optional, Tuple

from drboot.facts import lswpar, mount
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Blocked, Done, Todo
from drboot.steps.reversals.base import AT, Reversal, problem
from drboot.steps.reversals.files import FileWas


def link_inside(seen: Seen, base: str, path: str) -> str:
    """The first symbolic link on the way from a WPAR's root to a file in it; "" where there is none."""
    place = base
    for part in path[len(base) :].strip("/").split("/"):
        place = f"{place}/{part}"
        if os.path.islink(seen.root.path(place)):
            return place
    return ""


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
class WparFileWas(Reversal):
    """A file inside the root of a WPAR has its bytes back.  While the WPAR is stopped, and through no symbolic link.

    Its root had the time since to put a link anywhere below ``base``, and while it is active could do so again between
    a look and the write.

    name, base  of the WPAR
    points      the mount points that its root is on: once they are unmounted there is nothing to write to, and undo
                unmounts them after this
    """

    name: str
    base: str
    path: str
    text: Optional[str]
    mode: int
    uid: int
    gid: int
    points: Tuple[str, ...]
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    # at the end of an undo its file system is unmounted, which says nothing of whether the file was brought back
    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"undo/wpar{self.path}"

    @property
    def title(self) -> str:
        return f"{self.path} as it was"

    def assess(self, seen: Seen) -> Assessment:
        mounted = {row.over for row in seen(mount.MOUNTS)}
        off = [point for point in self.points if point not in mounted]
        if off:
            return Done(f"{off[0]} is not mounted")
        link = link_inside(seen, self.base, self.path)
        if link:
            why = f"{link} is a symbolic link, which may lead out of the WPAR"
            return Blocked(problem(self, why, "make it a file of the WPAR, as it was"))
        row = next((row for row in seen(lswpar.ALL) if row.name == self.name), None)
        if row is not None and row.state != lswpar.DEFINED:
            return Blocked(problem(self, f"the state of {self.name} is {row.state}", f"stopwpar {self.name}"))
        return FileWas(self.path, self.text, self.mode, self.uid, self.gid, self.at).assess(seen)


@dataclass(frozen=True)
class WparStartsItself(Reversal):
    """A WPAR has auto start, as it had.  Source: chwpar manual, -A."""

    name: str
    at: str = AT
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "wpars"

    @property
    def id(self) -> str:
        return f"undo/wpar/{self.name}/auto_start"

    @property
    def title(self) -> str:
        return f"auto start of WPAR {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        if lswpar.Start(self.name, False) not in seen(lswpar.STARTS):
            return Done(f"/etc/rc.wpars starts {self.name}, or there is none")
        return Todo((command("chwpar", "-A", self.name, touches="wpars"),), "it had auto start")


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
