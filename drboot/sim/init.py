"""The unprivileged init of a simulated LPAR: one process that runs /etc/inittab below a root, as AIX's init does.

It reads the table when it starts.  Entries without a run level or with level 2 count: first sysinit, then boot and
bootwait, then the rest in the order of the file; ``wait`` and ``bootwait`` are waited for, ``once`` and ``boot`` are
only started, ``respawn`` is started again when it ends, ``off`` and everything else is left alone.  A command runs as
``sh -c "exec ..."`` in a session of its own, with the environment of /etc/environment, no terminal, and
standard streams that can be neither read nor written.

Absolute AIX paths in a command are re-homed below the root, /dev/null excepted; drboot's launcher gets ``--root ROOT``
as well.  An entry whose program is not below the root is skipped.

Source: boot-and-devices.md section 16.  Zombies are never left: this process adopts what its children leave behind.

``main`` takes three arguments: the root; a file for the status, which gets ``up``, then ``settled``; and the value of
the variant ``inittab_off``.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import signal
import sys
import time
from typing import Dict, List, NamedTuple, Optional, Set

LAUNCHER = "/opt/drboot/inittab/drboot-boot"
LEVEL = "2"
PATHS = re.compile(r"(?<![^\s<>|&;'\"=])(/[A-Za-z][\w.+/-]*)")
KILL_AFTER = 20.0  # seconds
RESPAWN_LIMIT = 5  # Assumed: AIX's init pauses an entry that ends too often; the number is not known


class Entry(NamedTuple):
    id: str
    levels: str
    action: str
    command: str

    @property
    def program(self) -> str:
        return self.command.split()[0] if self.command.split() else ""


def read(text: str) -> List[Entry]:
    """The entries of an inittab.  A line that starts with a colon is a comment, a backslash at its end continues it."""
    entries = []
    for line in text.replace("\\\n", "").splitlines():
        fields = line.split(":", 3)
        if fields[0].strip() and len(fields) == 4:
            entries.append(Entry(*fields))
    return entries


def in_order(entries: List[Entry]) -> List[Entry]:
    """What the boot to level 2 runs, in the order in which init comes to it."""
    here = [e for e in entries if not e.levels or LEVEL in e.levels]
    early = [e for e in here if e.action == "sysinit"]
    boot = [e for e in here if e.action in ("boot", "bootwait")]
    return early + boot + [e for e in here if e.levels and e.action in ("wait", "once", "respawn")]


def rehome(entry: Entry, root: str) -> str:
    """The command as it must be run on this host so that it means the simulated machine."""

    def home(match: re.Match[str]) -> str:
        return match[1] if match[1] == "/dev/null" else shlex.quote(root + match[1])

    command = PATHS.sub(home, entry.command)
    if entry.program == LAUNCHER:
        launcher = shlex.quote(root + LAUNCHER)
        command = command.replace(launcher, f"{launcher} --root {shlex.quote(root)}", 1)
    return command


def environment(root: str) -> Dict[str, str]:
    """What /etc/environment of the machine says."""
    with open(root + "/etc/environment", encoding="utf-8") as file:
        pairs = [line.rstrip("\n").partition("=") for line in file if "=" in line and not line.startswith("#")]
    return {name: value for name, _, value in pairs}


class Init:
    """The running init: its children, and what it still has to do."""

    def __init__(self, root: str, status: str, off_at_once: bool = False) -> None:
        self.root = root
        self.off_at_once = off_at_once
        self.status = status
        self.environment = environment(root)
        self.respawning: Dict[int, Entry] = {}
        self.respawned: Dict[str, int] = {}
        self.ended: Set[int] = set()

    def table(self) -> List[Entry]:
        with open(self.root + "/etc/inittab", encoding="utf-8", errors="surrogateescape") as file:
            return read(file.read())

    def run(self) -> None:
        for entry in in_order(self.table()):
            if os.access(self.root + entry.program, os.X_OK):
                self.start(entry)
        self.say("up")
        settled = False
        while True:
            self.reap()
            if not settled and not self.others():
                self.say("settled")
                settled = True
            time.sleep(0.02)

    def start(self, entry: Entry) -> None:
        pid = spawn(rehome(entry, self.root), self.environment)
        if entry.action == "respawn":
            self.respawning[pid] = entry
        warned = 0.0
        while entry.action in ("wait", "bootwait", "sysinit") and pid not in self.ended:
            if not self.reap():
                time.sleep(0.002 if not self.off_at_once else 0.02)
                warned = self.end_if_off(entry, pid, warned)
        self.ended.discard(pid)

    def end_if_off(self, entry: Entry, pid: int, warned: float) -> float:
        """The command of an entry that now says off gets TERM, and after 20 s KILL.  Returns when it was warned.

        Source: boot-and-devices.md section 16.  When AIX looks is open: variant ``inittab_off``.
        """
        now = time.monotonic()
        if not self.off_at_once or (warned and now < warned + KILL_AFTER):
            return warned
        if any(each.id == entry.id and each.action == "off" for each in self.table()):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL if warned else signal.SIGTERM)
            return now
        return warned

    def reap(self) -> bool:
        """Take note of one child that ended; start it again if its entry says respawn.  False when none has."""
        pid = self.next_dead()
        if pid is None:
            return False
        entry = self.respawning.pop(pid, None)
        if entry is None:
            self.ended.add(pid)
            return True
        self.respawned[entry.id] = self.respawned.get(entry.id, 0) + 1
        if self.respawned[entry.id] < RESPAWN_LIMIT:
            self.start(entry)
        return True

    def next_dead(self) -> Optional[int]:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return None
        return pid or None

    def others(self) -> bool:
        """Whether anything but respawning daemons still runs below this init."""
        from drboot.sim.processes import below

        daemons = set(self.respawning)
        return any(p.pid not in daemons and p.parent not in daemons for p in below(os.getpid()))

    def say(self, word: str) -> None:
        with open(self.status, "a", encoding="ascii") as file:
            file.write(word + "\n")


def spawn(command: str, environment: Dict[str, str]) -> int:
    """Start ``sh -c "exec command"`` in a session of its own; its pid.  The streams are open the wrong way round."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_WRONLY), 0)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 1)
        os.dup2(1, 2)
        os.closerange(3, 256)
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.execve("/bin/sh", ["sh", "-c", "exec " + command], environment)
    finally:
        os._exit(127)


def main() -> None:
    from drboot.sim.processes import adopt_orphans

    root, status = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.umask(0o022)
    adopt_orphans()
    os.chdir(root)
    Init(root, status, off_at_once=sys.argv[3] == "at_once").run()
