"""AIX messages: what a command that failed says about it.  Evidence for reports; nothing decides on it.

    0516-010 : Volume group must be varied on; use varyonvg command.
    mount: 0506-324 Cannot mount /dev/orhomelv on /oracle/home: A file or directory in the path name does not exist.
    Method error (/usr/lib/methods/chgdisk):
            0514-062 Cannot perform the requested function because the
                     specified device is busy.

A message starts with its id, four digits, a dash and three or four more, sometimes behind the name of the
command; text goes on in the following lines.  Absence: no message, exit status 0.

Source: lsvg/04, 18, 24; lspv/08; mount/05 to 09; chdev/02; entstat/03; lspath/09; lqueryvg/06 to 08.
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Sequence, Tuple

from drboot.facts.base import Line, ParseError, rows_of

_ID = re.compile(r"\s*(?:[\w./\-]+: )?(?P<id>[0-9]{4}-[0-9]{3,4})(?=[\s:])(?P<text>.*)")
_METHOD = re.compile(r"Method error ?\((?P<method>/[\w./\-]+)\):\s*")
_PREFACE = re.compile(r"Replaying log for /\S+\.\s*|mount: /\S+\s+on /\S+\s*")  # mount/05, 08
_USAGE = re.compile(r"[\w./\-]+: illegal option -- \S\s*|[Uu]sage: .*")


class Message(NamedTuple):
    """``id`` is ``0516-010``, or "" for a method error, a usage line and what mount says first.

    ``text`` has single blanks.
    """

    id: str
    text: str


def taken_out(lines: Sequence[Line]) -> List[Line]:
    """The lines without messages: the line with an id, and the indented ones that carry on with its text."""
    kept: List[Line] = []
    inside = False
    for line in lines:
        if _ID.fullmatch(line.text) and not line.text[:1].isspace():
            inside = True
        elif not (inside and line.text[:1] in (" ", "\t")):
            inside = False
            kept.append(line)
    return kept


def parse(text: str) -> Tuple[Message, ...]:
    """All messages of an output that holds nothing else.  ParseError when it does not start with one."""
    found: List[Message] = []
    for line in rows_of(text):
        message = _ID.fullmatch(line.text)
        method = _METHOD.fullmatch(line.text)
        if message is not None:
            found.append(Message(message.group("id"), " ".join(line.text.split())))
        elif method is not None or _PREFACE.fullmatch(line.text) or _USAGE.fullmatch(line.text):
            found.append(Message("", " ".join(line.text.split())))
        elif found:
            found[-1] = Message(found[-1].id, f"{found[-1].text} {' '.join(line.text.split())}")
        else:
            raise line.error("not an AIX message")
    if not found:
        raise ParseError("no message at all")
    return tuple(found)
