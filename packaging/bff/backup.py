"""Writing AIX's backup by name format, as ``backup -i`` does and ``restore`` reads.

Everything is little-endian, in units of 8 bytes.  A file is: the volume record, a record for each member, the end
record, and zeros up to a multiple of the block size.  The layout is described in README.md with its sources.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Iterable, List

MAGIC = 0xEA6B
VOLUME, END, MEMBER = 0, 7, 11
BLOCK = 512
WORD_LIMIT = 0x7FFFFFFF
# Source: the volume records of all genuine images.
BY_NAME_LEVEL = 100
IFDIR, IFREG = 0o040000, 0o100000
# Source: the mode of every directory in the genuine images is 0o240755; what the bit says is unknown.
DIRECTORY_BIT = 0x10000
# Source: PkgA.1.0.0.0.bff has this device in every member; restore does not use it.
DEVICE_MAJOR, DEVICE_MINOR = 10, 7
# Source: a directory's own st_size on JFS2, in the genuine images.
DIRECTORY_SIZE = 256
# Source: the last 8 bytes before the tail are these in all genuine images; they do carry the right checksum.
END_RECORD = bytes.fromhex("01076bea840a0100")


@dataclass(frozen=True)
class Member:
    """One file or directory as it travels: name with ``./``, permission bits, numeric owner and group."""

    name: str
    mode: int
    uid: int = 0
    gid: int = 0
    data: bytes = b""
    is_directory: bool = False


def backup(members: Iterable[Member], when: int) -> bytes:
    """The archive of these members, in this order.  ``when``: seconds, used for every date in it."""
    records: List[bytes] = [_volume(when)]
    directories = 0
    for member in members:
        if member.is_directory:
            directories += 1
        records.append(_member(member, when, directories))
    records.append(END_RECORD)
    return _padded(b"".join(records), BLOCK)


def _volume(when: int) -> bytes:
    body = struct.pack("<III16s16s16sHH", when, when, WORD_LIMIT, b"by name", b"by name", b"root", BY_NAME_LEVEL, 0)
    return _header(VOLUME, 1, body)


def _member(member: Member, when: int, directories: int) -> bytes:
    """``directories``: how many directories there have been, this one included; they are numbered down from -1.

    Source: in the genuine images, directories carry 0xffffffff, 0xfffffffe, ... and files of one name carry 0.
    """
    name = member.name.encode("ascii")
    if member.is_directory:
        mode = member.mode | IFDIR | DIRECTORY_BIT
        size, stored, links, number = 0, DIRECTORY_SIZE, 2, 2**32 - directories
    else:
        mode = member.mode | IFREG
        size, stored, links, number = len(member.data), len(member.data), 1, 0
    fields = struct.pack(
        "<14I",
        *(number, mode, member.uid, member.gid, size, when, when, when),
        *(DEVICE_MAJOR, DEVICE_MINOR, 0, 0, stored, 0),
    )
    named = name.ljust((len(name) + 8) // 8 * 8, b"\0")
    return _header(MEMBER, links, fields + named) + _permissions(mode) + _padded(member.data, 8)


def _permissions(mode: int) -> bytes:
    """The two blocks that follow the header, uncounted in its length: base permissions (ACL), then the PCL."""
    special = mode & 0o7000
    acl = struct.pack("<IIHHHH", 16, special, 0, mode >> 6 & 7, mode >> 3 & 7, mode & 7)
    pcl = struct.pack("<IIII", 16, mode, 0, 0)
    return struct.pack("<II", len(acl) // 8, len(pcl) // 8) + acl + pcl


def _header(kind: int, links: int, body: bytes) -> bytes:
    length = (8 + len(body)) // 8
    head = struct.pack("<BBHHH", length, kind, MAGIC, 0, links)
    return struct.pack("<BBHHH", length, kind, MAGIC, checksum(head + body), links) + body


def checksum(header: bytes) -> int:
    """The header's checksum; its own place (bytes 4 and 5) has to be 0."""
    return sum(byte << (byte & 7) for byte in header) & 0xFFFF


def _padded(data: bytes, unit: int) -> bytes:
    return data + bytes(-len(data) % unit)
