"""Is every word of an output read?  A word counts as read when it is found in a value of the parse result, or when an
IGNORE rule of the module covers it.

Values are compared as words, as numbers, and through the transformations declared here, nothing else.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Iterator, List, Sequence, Set, Tuple

from drboot.facts import types
from drboot.facts.base import Ignore, Line, ParseError
from drboot.facts.netstat import destination4

SEPARATORS = re.compile(r"[,:;=()<>\"'|+]")


def unread(body: str, value: Any, rules: Sequence[Ignore]) -> List[str]:
    """``line N: word`` for every word that is neither in the value nor covered by a rule."""
    covered = _covered(body, rules)
    known = _words(value)
    found = []
    for match in re.finditer(r"\S+", body):
        remaining = "".join(" " if at in covered else body[at] for at in range(match.start(), match.end()))
        if not all(_is_known(word, known) for word in remaining.split()):
            found.append(f"line {body.count(chr(10), 0, match.start()) + 1}: {match.group()}")
    return found


def _covered(body: str, rules: Sequence[Ignore]) -> Set[int]:
    return {at for rule in rules for found in rule.pattern.finditer(body) for at in range(*found.span())}


def _words(value: Any) -> Set[str]:
    found: Set[str] = set()
    for word in _flat(value):
        found.add(word)
        found.update(word.split())
        found.update(piece for part in word.split() for piece in SEPARATORS.split(part) if piece)
    return found


def _flat(value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield from ("yes", "Enabled") if value else ("no", "Disabled")
    elif isinstance(value, (str, int)):
        yield str(value)
    elif isinstance(value, dict):
        yield from _flat(tuple(value.items()))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _flat(item)
    elif value is not None:
        raise TypeError(f"a fact holds a {type(value).__name__}")


def _number(word: str) -> str:
    """012 and 12 are one number; a unit or percent sign behind it is the column's."""
    found = re.fullmatch(r"(-?[0-9]+)(?:%|MB)?", word)
    if found is None:
        raise ValueError(word)
    return str(int(found.group(1)))


def _megabytes(word: str) -> str:
    found = re.fullmatch("([0-9]+)([GT])B", word)
    if found is None:
        raise ValueError(word)
    return str(int(found.group(1)) * {"G": 1024, "T": 1024 * 1024}[found.group(2)])


def _mac(word: str) -> str:
    return types.mac(word, Line(0, word))


def _hexadecimal_mask(word: str) -> str:
    found = re.fullmatch("0x([0-9a-f]{8})", word)
    if found is None:
        raise ValueError(word)
    return ".".join(str(part) for part in bytes.fromhex(found.group(1)))


def _destination(word: str) -> str:
    return destination4(word, False, Line(0, word))[0]


def _hexadecimal(word: str) -> str:
    return str(int(word, 16)) if re.fullmatch("[0-9A-F]{8}", word) else word


def _elapsed(word: str) -> str:
    days, hours, minutes, seconds = map(int, re.split("[-:]", word))
    return str(((days * 24 + hours) * 60 + minutes) * 60 + seconds)


def _touching(word: str, known: Set[str]) -> bool:
    """A UDID that touches its UUID, 36 characters (lspv/25)."""
    return len(word) > 36 and word[-36:] in known and word[:-36] in known


TRANSFORMATIONS: Tuple[Callable[[str], str], ...] = (
    _number,
    _megabytes,
    _mac,
    _hexadecimal_mask,
    _destination,
    _hexadecimal,
    _elapsed,
)


def _is_known(word: str, known: Set[str]) -> bool:
    if word in known or _touching(word, known):
        return True
    for transformation in TRANSFORMATIONS:
        try:
            if transformation(word) in known:
                return True
        except (ValueError, ParseError):
            continue
    pieces = [piece for piece in SEPARATORS.split(word) if piece]
    if re.fullmatch("[0-9]{4}(-[0-9]{2}){2}(-[0-9]{4})?", word):  # an AIX level
        pieces = word.split("-")
    return pieces != [word] and all(_is_known(piece, known) for piece in pieces)
