"""Writing an AIX archive (``ar``), small ``<aiaff>`` or big ``<bigaf>``: the format of liblpp.a.

Numbers are ASCII decimal (the mode octal), left-justified and padded with blanks; everything starts at an even offset.
Members form a chain by offsets; the last one points at the member table, a member without a name which lists offsets
and names of all.  Source: AIX Files Reference, "ar File Format (Small)" and "(Big)"; genuine archives of both kinds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Sequence, Tuple

END_OF_HEADER = b"`\n"


@dataclass(frozen=True)
class ArchiveMember:
    name: str
    data: bytes
    mode: int = 0o644


@dataclass(frozen=True)
class _Form:
    magic: bytes
    width: int  # of an offset and of a size
    offsets: int  # in the file header
    first: int  # which of them is the first member's; the last member's follows

    @property
    def start(self) -> int:
        return len(self.magic) + self.offsets * self.width


FORMS = {
    # member table, symbols, first, last, free
    "small": _Form(b"<aiaff>\n", 12, 5, 2),
    # member table, symbols, 64-bit symbols, first, last, free
    "big": _Form(b"<bigaf>\n", 20, 6, 3),
}


def archive(members: Sequence[ArchiveMember], when: int, kind: str = "small") -> bytes:
    """The archive of these members, in this order, owned by uid and gid 0.  ``when``: their time, seconds."""
    form = FORMS[kind]
    places = _places(form, members)
    parts: List[bytes] = []
    for at, member in enumerate(members):
        following, previous = places[at + 1], places[at - 1] if at else 0
        parts.append(_member(form, member.name, member.data, member.mode, when, following, previous))
    table, last = places[-1], places[-2] if members else 0
    parts.append(_table(form, members, places[:-1], last))
    offsets = [0] * form.offsets
    offsets[0] = table
    if members:
        offsets[form.first], offsets[form.first + 1] = places[0], last
    return form.magic + b"".join(_number(offset, form.width) for offset in offsets) + b"".join(parts)


def _places(form: _Form, members: Sequence[ArchiveMember]) -> Tuple[int, ...]:
    """Where each member starts, and the table behind them."""
    places = [form.start]
    for member in members:
        places.append(places[-1] + len(_member(form, member.name, member.data, 0, 0, 0, 0)))
    return tuple(places)


def _member(form: _Form, name: str, data: bytes, mode: int, when: int, following: int, previous: int) -> bytes:
    encoded = name.encode("ascii")
    head = b"".join(_number(value, form.width) for value in (len(data), following, previous))
    head += b"".join(_number(value, 12) for value in (when, 0, 0)) + b"%-12o" % mode + _number(len(encoded), 4)
    return head + _even(encoded) + END_OF_HEADER + _even(data)


def _table(form: _Form, members: Sequence[ArchiveMember], places: Sequence[int], last: int) -> bytes:
    body = b"".join(_number(value, form.width) for value in (len(members), *places))
    body += b"".join(member.name.encode("ascii") + b"\0" for member in members)
    return _member(form, "", body, 0, 0, 0, last)


def _number(value: int, width: int) -> bytes:
    return str(value).encode("ascii").ljust(width)


def _even(data: bytes) -> bytes:
    return data + bytes(len(data) % 2)
