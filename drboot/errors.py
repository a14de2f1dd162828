"""Problem, the one shape of everything that drboot has to complain about; and the exit codes.

Imports nothing of drboot, and nothing that the gate would be slow for.
"""

from __future__ import annotations

from typing import NamedTuple, Sequence, Tuple

INDENT = 9  # columns before what is told of a problem

EXIT_OK = 0  # done, or nothing to do
EXIT_BUG = 1  # a bug of ours
EXIT_CONFIG = 2  # configuration or usage
EXIT_REFUSED = 3  # refused by the decision
EXIT_UNFINISHED = 4  # finished with failed or blocked steps, still armed
EXIT_BUSY = 5  # another run is active
EXIT_DUPLICATE = 6  # duplicate address, interface taken down
EXIT_REBOOT = 10  # reboot requested


class Where(NamedTuple):
    """A place in a file that somebody can open.  ``line`` and ``column`` count from 1; 0 means unknown."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        numbers = [str(number) for number in (self.line, self.column) if number]
        return ":".join([self.file, *numbers])


class Problem(NamedTuple):
    """Something that is not as it must be.

    name   stable kebab-case id; every one is explained in ``drboot/catalogue.py``
    what   what cannot be done or is wrong, one line
    where  the file and line, device or command that it is about
    why    what was observed, never what was guessed
    next   what to do about it
    """

    name: str
    what: str
    where: str = ""
    why: str = ""
    next: str = ""


class DrbootError(Exception):
    """One or more Problems on their way to the edge, where they are rendered once."""

    exit_code = EXIT_UNFINISHED

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(f"{problem.name}: {problem.what}" for problem in problems))
        self.problems: Tuple[Problem, ...] = problems


class ConfigError(DrbootError):
    """Bad input: profiles, address table, stamp, usage.  Exit 2, nothing changed."""

    exit_code = EXIT_CONFIG


class Refused(DrbootError):
    """The decision table says that nothing may be done here.  Exit 3, nothing changed."""

    exit_code = EXIT_REFUSED


class Busy(DrbootError):
    """Another run holds the lock.  Exit 5."""

    exit_code = EXIT_BUSY


class FactUnavailable(DrbootError):
    """Something could not be read: the command failed, timed out, or printed what no AIX prints."""


def render(problems: Sequence[Problem], level: str = "error", width: int = 79) -> str:
    """The problems as an administrator reads them on an 80-column console, plain ASCII.

    A word that is longer than a line (a path) stays whole, so that it can be copied.
    """
    blocks = []
    for problem in problems:
        lines = [*_wrapped(f"{level} {problem.name}:", problem.what, width)]
        for label, text in (("where", problem.where), ("why", problem.why), ("next", problem.next)):
            if text:
                lines.extend(_wrapped(f"  {label + ':':<7}", text, width))
        blocks.append("\n".join(lines))
    return "\n".join(blocks)


def plain(text: str) -> str:
    """ASCII, and nothing that a terminal would obey: what a machine says may hold any character."""
    return "".join(c if " " <= c <= "~" else "?" for c in text)


def _wrapped(label: str, text: str, width: int) -> Sequence[str]:
    lines, line = [], label
    for word in map(plain, text.split()):
        if len(line) + 1 + len(word) > width and line.strip() and line != label:
            lines.append(line)
            line = " " * INDENT
        line += word if line.endswith(" ") else " " + word
    return [*lines, line]


MOST_SHOWN = 20  # lines about one thing that people are shown; programs and the journal have all of them


def few(lines: Sequence[str]) -> Tuple[str, ...]:
    """The lines, or the first of them and how many more there are: nobody reads two thousand chdev."""
    if len(lines) <= MOST_SHOWN:
        return tuple(lines)
    return (*lines[: MOST_SHOWN - 1], f"... and {len(lines) - MOST_SHOWN + 1} more")
