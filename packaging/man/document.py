"""A manual page as a value, and the two forms in which it is shipped.

``roff`` writes it for nroff -man, with the macros and requests of AT&T's man only (AIX's nroff knows no mdoc and none
of GNU's additions).  ``text`` formats it here, for an AIX without the Text Formatting Services (bos.txt.tfs), where
there is no nroff: what man finds in a cat directory it shows as it is.

In a text, `x` is set in bold and {x} in italics; ``verbatim`` keeps both characters as they are.
"""

from __future__ import annotations

import re
import textwrap
import time
from dataclasses import dataclass
from typing import Iterator, List, Tuple, Union

WIDTH = 78
SOURCE_WIDTH = 52  # of a line of roff, before marks become escapes; old formatters dislike long lines
INDENT = 7
DEEPER = 8
NO_BREAK = "\x04"  # a blank at which no line ends


@dataclass(frozen=True)
class Para:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Item:
    """A term, and what is said of it below."""

    term: str
    text: str


@dataclass(frozen=True)
class Code:
    """Lines as they are typed or stand in a file."""

    lines: Tuple[str, ...]


Block = Union[Para, Item, Code]


@dataclass(frozen=True)
class Section:
    """``blocks`` below a title.  ``level`` 2 for one within the section before it."""

    title: str
    blocks: Tuple[Block, ...]
    level: int = 1


@dataclass(frozen=True)
class Page:
    """name    as it is asked for: drboot-arm
    section  1 commands, 5 files
    """

    name: str
    section: int
    summary: str
    sections: Tuple[Section, ...]

    @property
    def file(self) -> str:
        return f"{self.name}.{self.section}"


def verbatim(text: str) -> str:
    """A text of the code, whose characters mean nothing here."""
    return text.replace("`", "\x01").replace("{", "\x02").replace("}", "\x03")


def roff(page: Page, version: str, epoch: int) -> str:
    """The page for nroff -man.  ``epoch``: seconds since 1970 of what it describes."""
    date = time.strftime("%Y-%m-%d", time.gmtime(epoch))
    lines = [
        f'.\\" {page.file}: made from the code of drboot {version}; do not edit.',
        f'.TH {_escaped(page.name.upper())} {page.section} "{date}" "drboot {version}" "drboot"',
        ".SH NAME",
        *textwrap.wrap(
            f"{_escaped(page.name)} \\- {_escaped(page.summary)}",
            SOURCE_WIDTH,
            break_long_words=False,
            break_on_hyphens=False,
        ),
    ]
    for section in page.sections:
        lines.append(f'.{"SH" if section.level == 1 else "SS"} "{_escaped(section.title)}"')
        for at, block in enumerate(section.blocks):
            lines.extend(_roff_block(block, first=at == 0))
    return "\n".join(lines) + "\n"


def _roff_block(block: Block, first: bool) -> Iterator[str]:
    if isinstance(block, Para):
        if not first:
            yield ".PP"
        yield from _roff_text(block.text)
    elif isinstance(block, Item):
        yield f".TP {DEEPER}"
        yield _guarded(_fonts(block.term))
        yield from _roff_text(block.text)
    else:
        if not first:
            yield ".PP"
        yield ".nf"
        yield from (_guarded("    " + _escaped(line)) if line else "" for line in block.lines)
        yield ".fi"


def _roff_text(text: str) -> Iterator[str]:
    """One line for each sentence at least, none too long for an old formatter."""
    for sentence in _sentences(text):
        for line in textwrap.wrap(_joined(sentence), SOURCE_WIDTH, break_long_words=False, break_on_hyphens=False):
            yield _guarded(_fonts(line))


def _sentences(text: str) -> List[str]:
    return re.split(r"(?<=[a-z0-9)`}\x03][.?])\s+(?=[A-Z`{\"])", " ".join(text.split()))


def _joined(text: str) -> str:
    """The text with what stands between two marks as one word, so that no line ends within."""
    return re.sub(r"`[^`]*`|\{[^{}]*\}", lambda found: found.group().replace(" ", NO_BREAK), text)


def _fonts(text: str) -> str:
    """A line's marks as changes of font."""
    parts = []
    for font, piece in _pieces(text):
        parts.append(f"\\f{font}{_escaped(piece)}\\fR" if font != "R" else _escaped(piece))
    return "".join(parts)


def _pieces(text: str) -> List[Tuple[str, str]]:
    """``a `b` {c}`` -> (R, "a "), (B, "b"), (R, " "), (I, "c")."""
    found = []
    for part in re.split(r"(`[^`]*`|\{[^{}]*\})", text):
        if part.startswith("`") and part.endswith("`") and len(part) > 1:
            found.append(("B", part[1:-1]))
        elif part.startswith("{") and part.endswith("}"):
            found.append(("I", part[1:-1]))
        elif part:
            found.append(("R", part))
    return found


def _shown(text: str) -> str:
    """What verbatim has put aside, back."""
    return text.replace("\x01", "`").replace("\x02", "{").replace("\x03", "}").replace(NO_BREAK, " ")


def _escaped(text: str) -> str:
    return _shown(text).replace("\\", "\\e").replace("-", "\\-")


def _guarded(line: str) -> str:
    """A line that begins with a dot or a quote is no request."""
    return "\\&" + line if line.startswith((".", "'")) else line


# ---------------------------------------------------------------- already formatted


def text(page: Page, version: str, epoch: int) -> str:
    """The page as nroff -man would show it, without bold and italics."""
    head = f"{page.name.upper()}({page.section})"
    date = time.strftime("%Y-%m-%d", time.gmtime(epoch))
    lines = [_three(head, "drboot", head), "", "NAME", *_wrapped(f"{page.name} - {page.summary}", INDENT)]
    for section in page.sections:
        lines += ["", section.title if section.level == 1 else "   " + section.title]
        for at, block in enumerate(section.blocks):
            lines += _text_block(block, first=at == 0)
    return "\n".join([*lines, "", _three(f"drboot {version}", date, head)]) + "\n"


def _text_block(block: Block, first: bool) -> List[str]:
    above = [] if first else [""]
    if isinstance(block, Code):
        return [*above, *(" " * (INDENT + 4) + _shown(line) if line else "" for line in block.lines)]
    if isinstance(block, Para):
        return [*above, *_wrapped(block.text, INDENT)]
    term = "".join(piece for _, piece in _pieces(block.term))
    below = _wrapped(block.text, INDENT + DEEPER)
    if len(term) < DEEPER and below:
        return [*above, " " * INDENT + f"{_shown(term):<{DEEPER}}" + below[0].lstrip(), *below[1:]]
    return [*above, " " * INDENT + _shown(term), *below]


def _wrapped(marked: str, indent: int) -> List[str]:
    plain = "".join(piece for _, piece in _pieces(_joined(" ".join(marked.split()))))
    margin = " " * indent
    lines = textwrap.wrap(
        plain, WIDTH, initial_indent=margin, subsequent_indent=margin, break_long_words=False, break_on_hyphens=False
    )
    return [_shown(line) for line in lines]


def _three(left: str, middle: str, right: str) -> str:
    """Left, centred and right on one line."""
    line = left + middle.center(WIDTH - len(left) - len(right)) + right
    return line.rstrip()
