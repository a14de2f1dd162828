"""The process tree below one process of this host, and its end: what an LPAR's power switch does here."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from typing import Dict, List, NamedTuple


class Process(NamedTuple):
    pid: int
    parent: int
    command: str


def table() -> Dict[int, Process]:
    """Every process of the host that can be seen.  Zombies are left out."""
    if not os.path.isdir("/proc/self"):
        text = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,command="], capture_output=True, text=True, check=True
        ).stdout
        rows = [line.split(None, 2) for line in text.splitlines()]
        return {int(row[0]): Process(int(row[0]), int(row[1]), ([*row, ""])[2]) for row in rows if len(row) > 1}
    found = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError, ValueError, IndexError):
                with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                    state, parent = file.read().rpartition(")")[2].split()[:2]
                with open(f"/proc/{name}/cmdline", encoding="utf-8", errors="replace") as file:
                    command = file.read().replace("\0", " ").strip()
                if state != "Z":
                    found[int(name)] = Process(int(name), int(parent), command)
    return found


def below(pid: int) -> List[Process]:
    """All descendants of ``pid``, without itself."""
    everything = table()
    children: Dict[int, List[int]] = {}
    for process in everything.values():
        children.setdefault(process.parent, []).append(process.pid)
    found, waiting = [], list(children.get(pid, []))
    while waiting:
        process = everything[waiting.pop()]
        found.append(process)
        waiting.extend(children.get(process.pid, []))
    return found


def end(pid: int, seconds: float = 5.0) -> None:
    """The process ``pid`` and everything below it are gone, however many sessions they made.

    ``pid`` is stopped first, so that it starts nothing new, and killed last, so that its orphans stay below it.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + seconds
    empty = 0
    # twice: a process whose parent died while the table was read is missing in it
    while empty < 2 and time.monotonic() < until:
        left = below(pid)
        for process in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
        empty = 0 if left else empty + 1
        time.sleep(0.01)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def terminate(pids: List[int], seconds: float) -> None:
    """Ask these processes to end, and give them that long."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + seconds
    while time.monotonic() < until and set(pids) & set(table()):
        time.sleep(0.02)


def adopt_orphans() -> None:
    """This process becomes the parent of what its descendants leave behind, as init is.  Linux only."""
    if sys.platform == "linux":
        pr_set_child_subreaper = 36
        ctypes.CDLL(None).prctl(pr_set_child_subreaper, 1, 0, 0, 0)
