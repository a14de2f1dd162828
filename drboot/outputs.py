"""What hooks print: kept in the run's directory, one file per start, and repeated nowhere else.

    runs/ID/hook-NAME.out, hook-NAME.2.out, ...

Only the owner can read it.  A hook may print what it should not have; so no journal, report, error log or console ever
shows it.
"""

from __future__ import annotations

import os
from typing import Callable

from drboot import files, paths
from drboot.paths import Root
from drboot.runner import Command, Ran

LIMIT = 256 * 1024  # characters of each stream, the last ones
MOST = 100  # files of one hook in one run; a run starts each hook once or twice


def keeper(root: Root, run: str) -> Callable[[Command, Ran], str]:
    """What a Runner's ``keep`` is to be in this run."""

    def keep(wanted: Command, ran: Ran) -> str:
        """Where the output is now, in words for a report; "" when there was none."""
        parts = [_part(name, text) for name, text in (("standard output", ran.stdout), ("error output", ran.stderr))]
        if not any(parts):
            return ""
        directory = f"{paths.RUNS}/{run}"
        for number in range(1, MOST + 1):
            name = f"hook-{wanted.program}{f'.{number}' if number > 1 else ''}.out"
            try:
                _write_new(root.path(f"{directory}/{name}"), "".join(parts))
                return f"its output is in {directory}/{name}"
            except FileExistsError:
                continue
            except OSError as error:
                return f"its output could not be kept: {os.strerror(error.errno or 0)}"
        return "its output was not kept: it has run too often"

    return keep


def _part(name: str, text: str) -> str:
    if not text:
        return ""
    cut = f", the last {LIMIT} of {len(text)} characters" if len(text) > LIMIT else ""
    return f"---- {name}{cut}\n{text[-LIMIT:]}\n"


def _write_new(path: str, text: str) -> None:
    """A file that was not there.  Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | files.NO_FOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text.encode("utf-8", "surrogateescape"))
