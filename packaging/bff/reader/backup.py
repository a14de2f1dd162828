"""Reading the backup by name format.

All numbers are little-endian.  A record starts at a multiple of 8 with: u8 length of the header in units of 8 bytes,
u8 type, u16 magic, u16 checksum, u16 number.  Types: 0 volume label, 11 a file by name, 7 the end.

The checksum is the sum, cut to 16 bits, of each byte of the header shifted left by its own three lowest bits, with the
checksum taken as 0.  Two bytes with one shifted value can stand for each other unnoticed (2 and 8); what a second
statement in the image does not catch, the format leaves unprotected: README.md has the list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import List, Tuple

from bff.reader.damaged import demand

_PLAIN, _PACKED = 60011, 60012
_UNIT = 8


@dataclass(frozen=True)
class BackupMember:
    """A file or directory of the archive.  ``offset``: where its record starts; ``mode``: permission bits alone."""

    name: str
    is_directory: bool
    mode: int
    uid: int
    gid: int
    mtime: int
    data: bytes
    offset: int
    links: int
    device: Tuple[int, int]


@dataclass(frozen=True)
class Backup:
    when: int
    user: str
    members: Tuple[BackupMember, ...]


class _Bytes:
    """The image with a position; nothing is read beyond its end."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, count: int, where: str) -> bytes:
        demand(
            count <= len(self.data) - self.at, where, f"the image ends {self.at + count - len(self.data)} bytes early"
        )
        taken = self.data[self.at : self.at + count]
        self.at += count
        return taken


def read_backup(data: bytes, strict: bool = True) -> Backup:
    """The members of the archive, in order.  Raises Damaged."""
    source = _Bytes(data)
    when, user = _read_volume(source, strict)
    members: List[BackupMember] = []
    seen = set()
    directories = 0
    while True:
        where = f"record at {source.at}"
        kind, header = _read_header(source, where)
        if kind == 7:
            demand(len(header) == 8 and _u16(header, 6) == 1, where, "the end record is not the one that restore knows")
            break
        demand(kind == 11, where, f"type {kind} is neither 11 (a file by name) nor 7 (the end)")
        member, directories = _read_member(source, where, header, directories, strict)
        demand(member.name not in seen, member.name, "in the archive twice")
        seen.add(member.name)
        if strict and members:
            demand(member.device == members[0].device, member.name, "from another device than the members before it")
        members.append(member)
    _read_tail(source, strict)
    return Backup(when, user, tuple(members))


def _read_volume(source: _Bytes, strict: bool) -> Tuple[int, str]:
    kind, header = _read_header(source, "volume record")
    where = "volume record"
    demand(kind == 0 and len(header) == 72, where, "the image does not begin with a volume record of 72 bytes")
    demand(_u16(header, 6) == 1, where, f"volume {_u16(header, 6)} of a set, not volume 1")
    demand(_u32(header, 8) == _u32(header, 12), where, "its two dates differ")
    demand(_u32(header, 16) == 0x7FFFFFFF, where, f"limit {_u32(header, 16):#x} instead of 0x7fffffff")
    for start in (20, 36):
        label = _text(header[start : start + 16], where)
        demand(label == "by name", where, f"labelled {label!r}, not 'by name'")
    user = _text(header[52:68], where)
    demand(user != "" or not strict, where, "no user")
    demand((_u16(header, 68), _u16(header, 70)) == (100, 0), where, "its level is not 100, 0 (by name)")
    return _u32(header, 8), user


def _read_header(source: _Bytes, where: str) -> Tuple[int, bytes]:
    """Type and bytes of the header at the position, its magic and checksum being right."""
    demand(source.at % _UNIT == 0, where, "does not start at a multiple of 8")
    start = source.take(_UNIT, where)
    demand(start[0] >= 1, where, "a header of length 0")
    header = start + source.take(start[0] * _UNIT - _UNIT, where)
    magic = _u16(header, 2)
    demand(magic != _PACKED, where, "its data is packed (magic 60012), which this reader does not unpack")
    demand(magic == _PLAIN, where, f"magic {magic} instead of {_PLAIN}")
    total = 0
    for index, byte in enumerate(header):
        if index not in (4, 5):
            total += byte << (byte % 8)
    demand(total % 65536 == _u16(header, 4), where, "wrong checksum of the header")
    return header[1], header


def _read_member(source: _Bytes, where: str, header: bytes, directories: int, strict: bool) -> Tuple[BackupMember, int]:
    offset = source.at - len(header)
    demand(len(header) >= 72, where, "a header without room for a name")
    name = _member_name(header[64:], where, strict)
    number, mode, uid, gid, size, _, mtime, _ = (_u32(header, 8 + 4 * index) for index in range(8))
    stored = _u32(header, 56)
    form = mode & 0o170000
    demand(form in (0o040000, 0o100000), name, f"mode {mode:o} is neither a file's nor a directory's")
    is_directory = form == 0o040000
    demand(bool(mode & 0x10000) == is_directory or not strict, name, "bit 0x10000 of the mode is for directories")
    demand(not mode & 0x2000000, name, "an extended ACL, which this reader does not take apart")
    demand(not mode & ~(0o177777 | 0x10000), name, f"mode {mode:#x} has bits that no image has")
    demand(_u32(header, 48) == _u32(header, 52) == 0, name, "a device number on what is no device")
    demand(_u32(header, 60) == 0, name, "the last field of the header is not 0")
    if is_directory:
        directories += 1
        demand(size == 0, name, f"a directory of {size} bytes")
        demand(number == 2**32 - directories or not strict, name, f"number {number:#x} of directory {directories}")
        demand(_u16(header, 6) >= 2 or not strict, name, "a directory with fewer than two links")
    else:
        demand(size == stored, name, f"{size} bytes, of which {stored} are stored, though it is not packed")
        demand(number == 0 and _u16(header, 6) == 1, name, "more than one link")
    _read_permissions(source, name, mode, strict)
    data = b"" if is_directory else source.take(size, name)
    padding = b"" if is_directory else source.take(-size % _UNIT, name)
    demand(not any(padding) or not strict, name, "the padding behind its data is not 0")
    device = (_u32(header, 40), _u32(header, 44))
    member = BackupMember(name, is_directory, mode & 0o7777, uid, gid, mtime, data, offset, _u16(header, 6), device)
    return member, directories


def _member_name(field: bytes, where: str, strict: bool) -> str:
    raw, terminator, slack = field.partition(b"\0")
    demand(terminator == b"\0", where, "the name has no end")
    demand(len(field) == (len(raw) // _UNIT + 1) * _UNIT, where, "the field of the name is longer than the name needs")
    demand(not any(slack) or not strict, where, "left-over bytes behind the name")
    demand(all(0x20 < byte < 0x7F for byte in raw), where, f"name {raw!r} is not printable ASCII")
    name = raw.decode("ascii")
    demand(name.startswith("./") or not strict, where, f"name {name} does not start with ./")
    parts = (name[2:] if name.startswith("./") else name).split("/")
    demand(name == "./" or not set(parts) & {"", ".", ".."}, where, f"name {name} has an empty, . or .. part")
    return name


def _read_permissions(source: _Bytes, name: str, mode: int, strict: bool) -> None:
    """The ACL and PCL behind a header; both repeat the mode, and only the plain form is accepted."""
    counts = source.take(8, name)
    demand((_u32(counts, 0), _u32(counts, 4)) == (2, 2), name, "ACL and PCL are not of 2 units each")
    acl, pcl = source.take(16, name), source.take(16, name)
    demand(_u32(acl, 0) == 16 and _u32(pcl, 0) == 16, name, "ACL and PCL do not say that they are 16 bytes")
    demand(_u32(acl, 4) == mode & 0o7000, name, "the ACL's special bits are not the mode's")
    demand(_u16(acl, 8) == 0 or not strict, name, "left-over bytes in the ACL")
    said = tuple(_u16(acl, place) for place in (10, 12, 14))
    wanted = tuple(mode >> shift & 7 for shift in (6, 3, 0))
    demand(said == wanted, name, f"the ACL says {said}, the mode {wanted}")
    demand(_u32(pcl, 4) == mode, name, "the PCL's mode is not the header's")
    demand(not any(pcl[8:]), name, "the PCL is not a plain one")


def _read_tail(source: _Bytes, strict: bool) -> None:
    end = source.at
    tail = source.data[end:]
    demand(len(source.data) % 512 == 0, f"tail at {end}", "the image is no multiple of 512 bytes")
    demand(len(tail) < 51200, f"tail at {end}", f"{len(tail)} bytes behind the end are more than the last block")
    demand(not any(tail) or not strict, f"tail at {end}", "left-over bytes behind the end")


def _u16(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 2], "little")


def _u32(data: bytes, at: int) -> int:
    return int.from_bytes(data[at : at + 4], "little")


def _text(field: bytes, where: str) -> str:
    """A text filled up with NUL, and nothing but NUL behind its first."""
    raw = field.rstrip(b"\0")
    demand(len(raw) < len(field) and all(0x20 <= byte < 0x7F for byte in raw), where, f"text {field!r}")
    return raw.decode("ascii")
