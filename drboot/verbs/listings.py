"""What other sides' commands printed, as somebody saved it: read from a file or a pipe, and understood or refused."""

from __future__ import annotations

import argparse
import os
import re
import sys
from typing import Callable, Iterator, Sequence, TypeVar

from drboot.companions.gates import Gate, table
from drboot.errors import EXIT_OK, EXIT_REFUSED, ConfigError, Problem
from drboot.facts.base import ParseError
from drboot.verbs.base import say

STDIN = "-"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
LARGEST = 16 * 1024 * 1024  # bytes; a pool of a thousand disks prints 100 kB
T = TypeVar("T")


def read(path: str) -> str:
    """The file, or standard input for ``-``.  Raises ConfigError."""
    if path == STDIN and sys.stdin is None:
        raise ConfigError(_unreadable("standard input", "it is closed"))
    try:
        if path == STDIN:
            raw = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with open(path, "rb") as file:
                raw = file.read(LARGEST + 1)
    except OSError as error:
        raise ConfigError(_unreadable(path, os.strerror(error.errno or 0))) from None
    if len(raw) > LARGEST:
        raise ConfigError(_unreadable(path, f"it is larger than {LARGEST // 1024 // 1024} MB"))
    return raw.decode("utf-8-sig", "replace")


def saved(path: str, now: float) -> float:
    """Seconds since the listing was saved; 0 for a pipe."""
    return 0.0 if path == STDIN else now - os.stat(path).st_mtime


def parsed(path: str, parse: Callable[[str], T], what: str) -> T:
    """What the listing says.  Raises ConfigError with file and line where it is not the output of ``what``."""
    try:
        return parse(read(path))
    except ParseError as error:
        where = "standard input" if path == STDIN else path
        where = f"{where}:{error.line}" if error.line else where
        problem = Problem(
            "listing-not-understood", f"this is not what {what} prints", where, error.why, f"save: {what}"
        )
        raise ConfigError(problem) from None


def _unreadable(path: str, why: str) -> Problem:
    return Problem("listing-unreadable", "what was saved cannot be read", path, why, "name the file, or - for a pipe")


def duration(text: str) -> float:
    """``10m`` as seconds, for argparse."""
    from drboot.profile.keys import to_seconds

    try:
        return to_seconds(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def words(text: str) -> Sequence[str]:
    """``a,b`` as its parts, none of them empty, for argparse."""
    parts = [part.strip() for part in text.split(",")]
    if not all(parts):
        raise argparse.ArgumentTypeError("a part between the commas is empty")
    return parts


def name(text: str) -> str:
    """A name that goes into a command as it stands: no blank, no quote, no dash in front; or ""; for argparse."""
    if text and not NAME.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name: letters, digits, dot, dash and underscore")
    return text


def names(text: str) -> Sequence[str]:
    """``a,b`` as its names, for argparse."""
    return [name(word) for word in words(text)]


def demand_one_pipe(*paths: str) -> None:
    """Raises ConfigError where two listings are said to come through one standard input."""
    if paths.count(STDIN) > 1:
        why = "whoever reads it second finds nothing"
        cure = "save one of them in a file"
        raise ConfigError(Problem("usage", "only one listing can come through the pipe", STDIN, why, cure))


def said(gates: Sequence[Gate], plan: Iterator[str]) -> int:
    """The gates, and behind them the plan where all are open.  Exit code 0, or 3 where one is shut."""
    for line in table(gates):
        say(line)
    shut = [gate for gate in gates if not gate.holds]
    if shut:
        say(f"drboot: {len(shut)} of {len(gates)} answers forbid it: no plan")
        return EXIT_REFUSED
    for line in plan:
        say(line)
    return EXIT_OK
