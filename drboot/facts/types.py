"""The words of the field as types of their own, so that an hdisk is never passed where a PVID belongs.

The makers take the line that a word stands in, and raise ParseError with it.
"""

from __future__ import annotations

import re
from typing import NewType

from drboot.facts.base import Line

Pvid = NewType("Pvid", str)  # 16 hexadecimal digits, lower case
Vgid = NewType("Vgid", str)  # 32 hexadecimal digits, lower case
Hdisk = NewType("Hdisk", str)  # the name of a physical volume: hdisk4, hdiskpower1, emc_clari0_138
VgName = NewType("VgName", str)
LvName = NewType("LvName", str)
LvId = NewType("LvId", str)  # VGID, a dot, a number
Device = NewType("Device", str)  # ent0, vscsi0, sys0
Interface = NewType("Interface", str)  # en0, lo0
MountPoint = NewType("MountPoint", str)
Mac = NewType("Mac", str)  # 12 hexadecimal digits, upper case
Address = NewType("Address", str)  # dotted IPv4

NAME = r"[A-Za-z0-9_][A-Za-z0-9_.\-+]*"


def pvid(word: str, line: Line) -> Pvid:
    """The PVID in ``word``; 16 trailing zeros, as lsattr and synclvodm print them, are taken off."""
    found = re.fullmatch(r"([0-9a-f]{16})(0{16})?", word)
    if found is None:
        raise line.error(f"{word!r} is not a PVID")
    return Pvid(found.group(1))


def vgid(word: str, line: Line) -> Vgid:
    if not re.fullmatch(r"[0-9a-f]{32}", word):
        raise line.error(f"{word!r} is not a VG identifier")
    return Vgid(word)


def name(word: str, line: Line, what: str) -> str:
    """A name as the ODM takes it: no blank, no colon, no slash."""
    if not re.fullmatch(NAME, word):
        raise line.error(f"{word!r} is not the name of a {what}")
    return word


def mac(word: str, line: Line) -> Mac:
    """``00:15:5e:..``, ``a.c6.24.39.41.3``, ``6e:87:70:0:40:3`` or ``D213C0153A04``: 12 digits in upper case."""
    if re.fullmatch(r"[0-9A-Fa-f]{12}", word):
        return Mac(word.upper())
    if not re.fullmatch(r"[0-9A-Fa-f]{1,2}([:.\-])[0-9A-Fa-f]{1,2}(\1[0-9A-Fa-f]{1,2}){4}", word):
        raise line.error(f"{word!r} is not a MAC address")
    return Mac("".join(part.zfill(2) for part in re.split(r"[:.\-]", word)).upper())


def address(word: str, line: Line) -> Address:
    """A dotted IPv4 address, each part 0 to 255."""
    parts = word.split(".")
    if len(parts) != 4 or not all(re.fullmatch(r"[0-9]{1,3}", part) and int(part) < 256 for part in parts):
        raise line.error(f"{word!r} is not an IPv4 address")
    return Address(".".join(str(int(part)) for part in parts))


def prefix_of(mask: str, line: Line) -> int:
    """The prefix length of a dotted mask; ParseError when its ones are not in one piece."""
    value = 0
    for part in address(mask, line).split("."):
        value = value * 256 + int(part)
    length = bin(value).count("1")
    if value != (0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF:
        raise line.error(f"{mask!r} is not a netmask")
    return length


def mask_of(prefix: int) -> Address:
    """The dotted mask of a prefix length from 0 to 32."""
    value = (0xFFFFFFFF << (32 - prefix)) & 0xFFFFFFFF
    return Address(".".join(str(value >> shift & 255) for shift in (24, 16, 8, 0)))
