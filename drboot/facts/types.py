"""The words of the field as types of their own, so that an hdisk is never passed where a PVID belongs.

The makers take the line that a word stands in, and raise ParseError with it.
"""

from __future__ import annotations

import re
from typing import FrozenSet, Iterable, NewType, Optional

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
_NAME = re.compile(NAME)


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
    if _NAME.fullmatch(word) is None:
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
    plain = dotted(word)
    if plain is None:
        raise line.error(f"{word!r} is not an IPv4 address")
    return Address(plain)


def dotted(text: str) -> Optional[str]:
    """The address in its plain form when it is four decimal numbers up to 255, else None."""
    parts = text.split(".")
    if len(parts) != 4 or not all(re.fullmatch(r"[0-9]{1,3}", part) and int(part) < 256 for part in parts):
        return None
    return ".".join(str(int(part)) for part in parts)


def numbers(text: str) -> FrozenSet[int]:
    """Every IPv4 address, as a number, that this spelling may mean; none when it is no address.

        10.1.5.11   010.001.005.011   0xa.1.5.11   10.1.1291   0x0a01050b   ::ffff:10.1.5.11   ::ffff:a01:50b

    A part with a leading zero is decimal to some programs and octal to others, so it is both.
    Source: inet_addr subroutine: one to four parts, decimal, octal or hexadecimal, the last one filling what is left;
    RFC 4291 2.5.5.2 for the addresses mapped into IPv6.
    """
    text = text.strip().lower()
    if ":" in text:
        mapped = re.fullmatch(
            r"(?:(?:0{1,4}:){5}|::)ffff:(?:(?P<plain>[0-9.]+)|(?P<high>\w{1,4}):(?P<low>\w{1,4}))", text
        )
        if mapped is None:
            return frozenset()
        if mapped.group("plain"):
            return numbers(mapped.group("plain")) if mapped.group("plain").count(".") == 3 else frozenset()
        words = mapped.group("high"), mapped.group("low")
        if not all(re.fullmatch("[0-9a-f]{1,4}", word) for word in words):
            return frozenset()
        return frozenset({int(words[0], 16) << 16 | int(words[1], 16)})
    found = {0}
    parts = text.split(".")
    if len(parts) > 4:
        return frozenset()
    for place, part in enumerate(parts):
        bits = 8 if place < len(parts) - 1 else 8 * (5 - len(parts))
        values = {value for value in _part(part) if value >> bits == 0}
        found = {number << bits | value for number in found for value in values}
    return frozenset(found)


def same_address(one: str, other: str) -> bool:
    """Whether two spellings may mean one address, or one netmask: in doubt they do."""
    return bool(numbers(one) & numbers(other))


def is_among(text: str, addresses: Iterable[str]) -> bool:
    """Whether a stored ``ADDRESS``, or ``ADDRESS,NETMASK``, may mean one of the addresses, however it is spelt."""
    return any(same_address(text.partition(",")[0], address) for address in addresses)


def _part(text: str) -> FrozenSet[int]:
    """The readings of one part of an address."""
    if re.fullmatch("0x[0-9a-f]{1,8}", text):
        return frozenset({int(text, 16)})
    if not re.fullmatch("[0-9]{1,12}", text):
        return frozenset()
    octal = {int(text, 8)} if re.fullmatch("0[0-7]+", text) else set()
    return frozenset({int(text), *octal})


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
