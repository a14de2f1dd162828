"""Reading an AIX archive, small or big.

    file header    magic (8), then offsets in ASCII: small 5 of 12 characters (member table, symbols, first member,
                   last member, free list), big 6 of 20 (a second symbol table behind the first)
    member header  size, next, previous (12 or 20 each), date, uid, gid, mode in octal (12 each), length of the name
                   (4), name, one more byte if that is odd, grave accent and newline, data, one more byte if odd
    member table   a member without name, date, owner and mode, whose data is the count of members and the offset of
                   each (12 or 20 each), then the names, each with a NUL

The chain of next and previous, and the table, have to tell the same; and all bytes have to belong to something.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Tuple

from bff.reader.damaged import Damaged, demand

# Magic -> width of an offset; count of offsets in the file header; which is the first member's (the last member's
# follows); which are the symbol tables' and the free list's.
_FORMS: Dict[bytes, Tuple[int, int, int, Tuple[int, ...]]] = {
    b"<aiaff>\n": (12, 5, 2, (1, 4)),
    b"<bigaf>\n": (20, 6, 3, (1, 2, 5)),
}


@dataclass(frozen=True)
class ArchivedFile:
    name: str
    mode: int
    uid: int
    gid: int
    date: int
    data: bytes


@dataclass(frozen=True)
class _Link:
    """A member with where it is and what it says of its neighbours."""

    file: ArchivedFile
    start: int
    end: int
    following: int
    previous: int


def read_archive(data: bytes, strict: bool = True, where: str = "archive") -> Tuple[ArchivedFile, ...]:
    """The members in the order of the chain.  Raises Damaged."""
    form = _FORMS.get(data[:8])
    if form is None:
        raise Damaged(where, f"starts with {data[:8]!r}, the magic of no AIX archive")
    width, count, first_at, unused = form
    heads = [_number(data, 8 + width * index, width, where) for index in range(count)]
    demand(not any(heads[index] for index in unused), where, "has a symbol table or a free list; a liblpp.a has none")
    table_offset, first, last = heads[0], heads[first_at], heads[first_at + 1]
    start = 8 + width * count
    chain = _chain(data, width, first, last, table_offset, where)
    table = _link(data, width, table_offset, where)
    _check_table(table, chain, width, where)
    expected = start
    for link in [*chain, table]:
        slack = link.start - expected
        demand(slack == 0 or (not strict and 0 < slack <= 2), where, f"{slack} bytes before {link.start} are nobody's")
        expected = link.end
    demand(expected == len(data), where, f"ends at {expected}, but has {len(data)} bytes")
    if strict:
        _check_owners(chain, table, where)
    return tuple(link.file for link in chain)


def _chain(data: bytes, width: int, first: int, last: int, table: int, where: str) -> List[_Link]:
    chain: List[_Link] = []
    names = set()
    at, previous = first, 0
    while first and at != table:
        link = _link(data, width, at, where)
        demand(link.previous == previous, f"{where} at {at}", "does not point back at the member before it")
        demand(link.file.name != "", f"{where} at {at}", "a member without a name")
        demand(link.file.name not in names, f"{where} at {at}", f"{link.file.name} a second time")
        demand(link.following > at, f"{where} at {at}", "the chain runs backwards")
        names.add(link.file.name)
        chain.append(link)
        at, previous = link.following, at
    demand((chain[-1].start if chain else 0) == last, where, "the last member is not the one that the header says")
    return chain


def _link(data: bytes, width: int, at: int, where: str) -> _Link:
    here = f"{where} at {at}"
    demand(at % 2 == 0, here, "starts at an odd offset")
    size, following, previous = (_number(data, at + width * index, width, here) for index in range(3))
    place = at + 3 * width
    date, uid, gid = (_number(data, place + 12 * index, 12, here) for index in range(3))
    mode = _number(data, place + 36, 12, here, base=8)
    length = _number(data, place + 48, 4, here)
    place += 52
    raw = data[place : place + length]
    demand(re.match(rb"[A-Za-z0-9_.+-]*\Z", raw) is not None and len(raw) == length, here, f"name {raw!r}")
    place += length
    if length % 2:
        demand(data[place : place + 1] == b"\0", here, "the byte behind the odd name is not NUL")
        place += 1
    demand(data[place : place + 2] == b"`\n", here, "the header does not end with ` and newline")
    place += 2
    demand(place + size <= len(data), here, f"{size} bytes of data reach beyond the end")
    contents = data[place : place + size]
    place += size
    if size % 2:
        demand(data[place : place + 1] in (b"\0", b"\n"), here, "the byte behind odd data is neither NUL nor newline")
        place += 1
    return _Link(ArchivedFile(raw.decode("ascii"), mode, uid, gid, date, contents), at, place, following, previous)


def _check_table(table: _Link, chain: List[_Link], width: int, where: str) -> None:
    here = f"{where}, member table"
    file = table.file
    demand(file.name == "" and file.date == file.uid == file.gid == file.mode == 0, here, "is not one")
    demand(table.following == 0, here, "points at something behind it")
    demand(table.previous == (chain[-1].start if chain else 0), here, "does not point back at the last member")
    count = _number(file.data, 0, width, here)
    demand(count == len(chain), here, f"counts {count} members where there are {len(chain)}")
    offsets = [_number(file.data, width * (index + 1), width, here) for index in range(count)]
    demand(offsets == [link.start for link in chain], here, "has other offsets than the chain")
    names = file.data[width * (count + 1) :]
    wanted = b"".join(link.file.name.encode("ascii") + b"\0" for link in chain)
    # binutils counts the table's own padding in its size.
    demand(
        names == wanted or (len(wanted) % 2 == 1 and names == wanted + b"\0"), here, "has other names than the chain"
    )


def _check_owners(chain: List[_Link], table: _Link, where: str) -> None:
    for link in chain:
        here = f"{where}, {link.file.name}"
        demand(link.file.uid == link.file.gid == 0, here, "is not owned by root.system")
        demand(link.file.mode in (0o644, 0o755), here, f"mode {link.file.mode:o} is neither 644 nor 755")
        demand(link.file.date == chain[0].file.date, here, "is of another date than the members before it")


def _number(data: bytes, at: int, width: int, where: str, base: int = 10) -> int:
    """An ASCII number, left-justified, without leading zeros, padded with blanks."""
    field = data[at : at + width]
    text = field.rstrip(b" ")
    digits = rb"0|[1-7][0-7]*" if base == 8 else rb"0|[1-9][0-9]*"
    if len(field) < width or not re.match(rb"(?:" + digits + rb")\Z", text):
        # GNU ar fills unused places with NUL.
        demand(len(field) == width and not any(field), where, f"{field!r} at {at} is no number")
        return 0
    return int(text, base)
