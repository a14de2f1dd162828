"""/etc/hosts: names that are known without a name server.

    127.0.0.1       loopback localhost      # the loopback
    10.9.53.130     nodeb nodeb.example.com

An address, IPv4 or IPv6, then names; the first is the official one.  ``#`` starts a comment anywhere in a line.
Absence: no file, no entries.

Source: network-and-services of the reference, section 11 (the hosts file format; ``127.0.0.1 loopback localhost``).
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple, Union

from drboot.facts.base import FileQuery, ignore, lines_of
from drboot.facts.types import address
from drboot.paths import ETC_HOSTS

IGNORE = (ignore(r"#.*$", "comment"),)


class HostEntry(NamedTuple):
    """One line that names an address.  ``line`` counts from 1."""

    address: str
    names: Tuple[str, ...]
    line: int


class Hosts(NamedTuple):
    """The whole file: its entries in order, and every line as it stands."""

    entries: Tuple[HostEntry, ...]
    lines: Tuple[str, ...]

    def addresses(self, host: str) -> Tuple[str, ...]:
        """The addresses that this very name stands for, the first counts for the resolver."""
        return tuple(entry.address for entry in self.entries if host in entry.names)


def parse(text: Union[str, None]) -> Hosts:
    """The file.  ParseError for a line that has no address, or an address without a name."""
    lines = lines_of(text or "")
    found = []
    for line in lines:
        words = line.text.partition("#")[0].split()
        if not words:
            continue
        if len(words) < 2:
            raise line.error("an address without a name")
        if ":" not in words[0]:
            address(words[0], line)
        elif not re.fullmatch(r"[0-9A-Fa-f:.]+(?:%[0-9A-Za-z]+)?", words[0]):
            raise line.error(f"{words[0]!r} is not an address")
        found.append(HostEntry(words[0], tuple(words[1:]), line.number))
    return Hosts(tuple(found), tuple(line.text for line in lines))


FILE: FileQuery[Hosts] = FileQuery(ETC_HOSTS, parse, about="names")
