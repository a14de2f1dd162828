"""What a simulated AIX command is: a function of a Context and its arguments.

    def lspv(ctx: Context, args: List[str]) -> int: ...

It reads and changes ``ctx.world`` and the files below ``ctx.root``, prints with ``ctx.out`` and
``ctx.err``, and returns the exit status.  It knows neither processes nor locks: the same function
serves the back end that runs commands as processes and the one that runs them in this process.
"""

from __future__ import annotations

import contextlib
import getopt
import importlib
import os
import time
from typing import Callable, Dict, List, NamedTuple, Optional, Tuple

from drboot.sim.world import World

Function = Callable[["Context", List[str]], int]


class Result(NamedTuple):
    rc: int
    out: str
    err: str


class Usage(Exception):
    """The arguments are not of the manual's form.  Carries the usage text for standard error."""


class PowerOff(Exception):
    """The command ended the machine (shutdown, reboot).  ``action`` is ``reboot`` or ``halt``."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class Hang(Exception):
    """The command waits for something that does not come: an NFS server, a lock.  ``seconds`` until it gives up.

    Raised so that the waiting is done where nobody else's command is kept from running.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(f"waits {seconds} s")
        self.seconds = seconds


class Context:
    """Everything a command may touch.

    world   the machine's state, changed in place
    root    directory that holds rootvg's files; AIX path /etc/x is root + "/etc/x"
    stdin   standard input, for the few commands that read it
    passed  seconds that have passed besides those of the host's clock, where time is counted and not spent
    """

    def __init__(
        self, world: World, root: str, stdin: str = "", env: Optional[Dict[str, str]] = None, passed: float = 0.0
    ) -> None:
        self.world = world
        self.root = root
        self.stdin = stdin
        self.env = dict(env or {})
        self.passed = passed
        self.wrote_files = False
        self._out: List[str] = []
        self._err: List[str] = []
        self._terminal: List[str] = []

    # -- output
    def out(self, line: str = "") -> None:
        """Print one line, without its newline, on standard output."""
        self.raw(line + "\n")

    def err(self, line: str = "") -> None:
        """Print one line, without its newline, on standard error."""
        self._err.append(line + "\n")
        self._terminal.append(line + "\n")

    def raw(self, text: str) -> None:
        """Print text as it is, with whatever newlines it has."""
        self._out.append(text)
        self._terminal.append(text)

    def terminal(self) -> str:
        """Both streams in the order in which they were written, as one terminal shows them."""
        return "".join(self._terminal)

    def result(self, rc: int) -> Result:
        return Result(rc, "".join(self._out), "".join(self._err))

    # -- files of rootvg, by their AIX path
    def path(self, aix_path: str) -> str:
        return self.root + aix_path

    def exists(self, aix_path: str) -> bool:
        return os.path.lexists(self.path(aix_path))

    def read(self, aix_path: str) -> Optional[str]:
        """The file's text, or None when there is no such file."""
        try:
            with open(self.path(aix_path), encoding="utf-8", errors="surrogateescape", newline="") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def write(self, aix_path: str, text: str, mode: Optional[int] = None) -> None:
        """Replace the file's text.  An unchanged file is not touched, so its mtime stays."""
        if self.read(aix_path) == text and mode is None:
            return
        target = self.path(aix_path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        fresh = not os.path.exists(target)
        with open(target, "w", encoding="utf-8", errors="surrogateescape", newline="") as file:
            file.write(text)
        if mode is not None or fresh:
            os.chmod(target, 0o644 if mode is None else mode)
        self.wrote_files = True

    def append(self, aix_path: str, text: str) -> None:
        self.write(aix_path, (self.read(aix_path) or "") + text)

    def remove(self, aix_path: str) -> None:
        if self.exists(aix_path):
            os.unlink(self.path(aix_path))
            self.wrote_files = True

    def own(self, aix_path: str, uid: int, gid: int, mode: int) -> None:
        """Give the file its owner and permission bits.  Only root can give files away; for others the owner stays."""
        os.chmod(self.path(aix_path), mode)
        with contextlib.suppress(PermissionError):
            os.chown(self.path(aix_path), uid, gid)

    # -- the rest of the machine
    def now(self) -> float:
        """The machine's clock, seconds since the epoch."""
        settings = self.world["settings"]
        return (settings["fixed_time"] or time.time() + settings["clock_offset"]) + self.passed

    def variant(self, name: str, default: str) -> str:
        """Which of the plausible behaviours this machine shows where the reference leaves it open."""
        return self.world["settings"]["variants"].get(name, default)

    def call(self, program: str, *args: str) -> Result:
        """Run another command on this machine, as mktcpip runs hostent: its changes stay, its output is returned."""
        inner = Context(self.world, self.root, env=self.env, passed=self.passed)
        result = run(inner, program, list(args))
        self.wrote_files = self.wrote_files or inner.wrote_files
        return result


def options(args: List[str], letters: str, usage: str) -> Tuple[Dict[str, List[str]], List[str]]:
    """Parse flags as AIX's getopt does: ``letters`` as for getopt(3).

    Returns every flag with the list of its values ("" for a flag without one) and the operands.
    A flag that the manual does not have raises Usage(usage).
    """
    try:
        found, operands = getopt.getopt(args, letters)
    except getopt.GetoptError as error:
        raise Usage(usage) from error
    flags: Dict[str, List[str]] = {}
    for flag, value in found:
        flags.setdefault(flag[1:], []).append(value)
    return flags, operands


def find(program: str) -> Optional[Function]:
    """The function behind an AIX path, or None when this AIX has no such program."""
    from drboot.sim.commands import COMMANDS

    where = COMMANDS.get(program)
    if where is None:
        return None
    module, _, name = where.partition(":")
    function: Function = getattr(importlib.import_module("drboot.sim.commands." + module), name)
    return function


def run(ctx: Context, program: str, args: List[str]) -> Result:
    """Run one command in this process.  Usage errors become exit status 1 and the usage text on standard error."""
    function = find(program)
    if function is None:
        return Result(127, "", f"{program}:  not found.\n")
    try:
        return ctx.result(function(ctx, args))
    except Usage as usage:
        ctx.err(str(usage))
        return ctx.result(1)
