"""Every byte of every header: what the reader does not notice is what the format leaves unprotected, and is listed."""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Iterator, List, Set, Tuple

from bff import write
from bff.reader import Damaged, read_package
from bff.tests.images import small

# Field -> why.  The checksum sees a change of these too, but where the other byte has the same value in it: 2 and 8.
UNPROTECTED = {
    "atime": "stated once",
    "mtime": "stated once; AIX's own images have other dates than the volume's",
    "ctime": "stated once",
    "links of a directory": "stated once; any number from 2 on is right",
}
# offset in the header -> field
FIELDS = {0: "start", 6: "links", 8: "number to size", 28: "atime", 32: "mtime", 36: "ctime", 40: "others"}


def twins() -> Dict[int, List[int]]:
    """Byte -> the other bytes that the checksum cannot tell from it."""
    same: Dict[int, List[int]] = {}
    for byte in range(256):
        same.setdefault(byte << (byte & 7), []).append(byte)
    return {byte: [twin for twin in group if twin != byte] for group in same.values() for byte in group}


def changes(image: bytes) -> Iterator[Tuple[int, bytes]]:
    """Offset, and the image with the byte there changed: each bit, and each byte of the same value in the checksum."""
    others = twins()
    for at, byte in enumerate(image):
        for value in {*(byte ^ 1 << bit for bit in range(8)), *others[byte]}:
            yield at, image[:at] + bytes([value]) + image[at + 1 :]


def test_no_byte_of_a_header_can_change_unnoticed_but_those_listed() -> None:
    image = write(replace(small(), when=0x02020202))
    members = read_package(image).backup.members
    data_at = [(_header_end(member.offset, image) + 40, len(member.data)) for member in members]
    inside = {at for start, size in data_at for at in range(start, start + size)}
    unnoticed: Set[str] = set()
    tried = 0
    for at, bad in changes(image[: image.rindex(b"\x01\x07\x6b\xea") + 8]):
        if at in inside:
            continue
        tried += 1
        try:
            read_package(bad + image[len(bad) :])
        except Damaged:
            continue
        member = [member for member in members if member.offset <= at][-1]
        start = max(start for start in FIELDS if start <= at - member.offset)
        unnoticed.add(FIELDS[start] + (" of a directory" if FIELDS[start] == "links" and member.is_directory else ""))
    assert tried > 7000
    assert unnoticed == set(UNPROTECTED)


def test_no_byte_between_the_data_and_behind_the_end_can_change_unnoticed() -> None:
    image = write(small())
    for at in range(image.rindex(b"\x01\x07\x6b\xea"), len(image)):
        for value in (image[at] ^ 1, image[at] ^ 0x80):
            bad = image[:at] + bytes([value]) + image[at + 1 :]
            try:
                read_package(bad)
            except Damaged:
                continue
            raise AssertionError(f"byte {at} of {len(image)}")


def _header_end(offset: int, image: bytes) -> int:
    return offset + image[offset] * 8
