"""What a fact is: one reading command, or one file, and the pure function that understands it.

    PVS = Query("lspv", (), parse)

A parser takes the text and returns a value; text that AIX does not print raises ParseError with the
line.  Parsers never look at message texts to decide; exit status and shape do.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Callable, Generic, List, Match, NamedTuple, Pattern, Tuple, TypeVar, Union

T = TypeVar("T")

# Characters.  Assumed: no AIX command prints a longer line; the longest of all recordings has 224.  Some patterns take
# time with the square of a line, and int() takes no more than 4,300 digits: neither matters up to here.
LONGEST_LINE = 4096
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class ParseError(Exception):
    """The text is not what the command prints.

    why   what was expected
    line  number of the offending line, from 1; 0 when it is about the whole text
    text  that line
    """

    def __init__(self, why: str, line: int = 0, text: str = "") -> None:
        super().__init__(f"line {line}: {why}: {text!r}" if line else why)
        self.why = why
        self.line = line
        self.text = text


@dataclass(frozen=True)
class Output:
    """What a command did: both streams, decoded, and its exit status."""

    stdout: str
    stderr: str = ""
    rc: int = 0


@dataclass(frozen=True)
class Query(Generic[T]):
    """A reading command and what its output means.

    program  a name of paths.PROGRAMS
    args     its arguments
    parse    standard output -> value; raises ParseError
    about    which part of the machine it reads (``lvm``, ``devices``, ``network``, ``inittab`` ...):
             a change that touches this part makes the answer stale
    ok       exit statuses with which the output is to be believed
    empty    exit statuses that mean "there is no such thing": parse("") is the value then
    speaks   it always has something to print where it works: silence is no answer, and not "there is none"
    """

    program: str
    args: Tuple[str, ...]
    parse: Callable[[str], T] = field(compare=False)
    about: str = "devices"
    ok: Tuple[int, ...] = (0,)
    empty: Tuple[int, ...] = ()
    speaks: bool = False

    def __str__(self) -> str:
        return " ".join((self.program, *self.args))


@dataclass(frozen=True)
class FileQuery(Generic[T]):
    """A file and what it means; ``parse(None)`` is the value when there is no such file.

    Two readers of one file are two queries: to one a line matters, to the other that the file is there at all.
    """

    path: str
    parse: Callable[[Union[str, None]], T]
    about: str = "files"

    def __str__(self) -> str:
        return self.path


class Owner(NamedTuple):
    """Who owns a file, by number, and its permission bits."""

    uid: int
    gid: int
    mode: int

    def __str__(self) -> str:
        return f"{self.uid}:{self.gid} {self.mode:o}"


@dataclass(frozen=True)
class Ignore:
    """Words of a command's output that carry no fact: headers, decoration, columns that nothing needs.

    The transcript tests allow only declared words to stay unread, so a new column is noticed.
    """

    text: str
    why: str

    @property
    def pattern(self) -> Pattern[str]:
        """Compiled for who asks: a hundred of them would be a tenth of what it costs to start drboot."""
        return re.compile(self.text, re.MULTILINE)


def ignore(pattern: str, why: str) -> Ignore:
    return Ignore(pattern, why)


class Line(NamedTuple):
    """One line of an output, without its newline; ``number`` counts from 1."""

    number: int
    text: str

    def error(self, why: str) -> ParseError:
        return ParseError(why, self.number, self.text)

    def match(self, pattern: Pattern[str], why: str) -> Match[str]:
        """The whole line read by the pattern; ParseError(why) when it is anything else."""
        found = pattern.fullmatch(self.text)
        if found is None:
            raise self.error(why)
        return found

    def whole(self, word: str, what: str) -> int:
        """A decimal number without sign.  ParseError when the word is anything else."""
        if not re.fullmatch("[0-9]+", word):
            raise self.error(f"{what} is not a number")
        return int(word)


def lines_of(text: str) -> List[Line]:
    """Every line, the empty ones too.  ParseError for lines and characters that no AIX command prints."""
    lines = [Line(number, line) for number, line in enumerate(text.split("\n"), 1)]
    if lines and not lines[-1].text:
        lines.pop()
    if _ODD.search(text) is None and all(len(line.text) <= LONGEST_LINE for line in lines):
        return lines  # thirty thousand paths are looked through once and not line by line
    for line in lines:
        if len(line.text) > LONGEST_LINE:
            raise Line(line.number, line.text[:60]).error(f"a line of {len(line.text)} characters")
        odd = _ODD.search(line.text)
        if odd is not None:
            raise line.error(f"a control character {odd.group()!r} in column {odd.start() + 1}")
    return lines


def rows_of(text: str) -> List[Line]:
    """The lines that are not blank."""
    return [line for line in lines_of(text) if line.text.strip()]
