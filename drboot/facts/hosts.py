"""/etc/hosts: names that are known without a name server.

    127.0.0.1       loopback localhost      # the loopback
    10.9.53.130     nodeb nodeb.example.com

An address, IPv4 or IPv6, then names; the first is the official one.  ``#`` starts a comment anywhere in a line.
Absence: no file, no entries.

Source: network-and-services of the reference, section 11 (the hosts file format; ``127.0.0.1 loopback localhost``).
"""

from __future__ import annotations

import ipaddress
from typing import NamedTuple, Tuple, Union

from drboot.facts.base import FileQuery, ignore, lines_of
from drboot.paths import ETC_HOSTS

IGNORE = (ignore(r"#.*$", "comment"),)


class HostEntry(NamedTuple):
    """One line that names an address.  ``line`` counts from 1."""

    address: str
    names: Tuple[str, ...]
    line: int


class Hosts(NamedTuple):
    """The whole file: its entries in order, and every line as it stands.

    unread  numbers of the lines that are neither entry nor comment; the resolver passes over them as well
    """

    entries: Tuple[HostEntry, ...]
    unread: Tuple[int, ...]
    lines: Tuple[str, ...]

    def addresses(self, host: str) -> Tuple[str, ...]:
        """The addresses that this very name stands for, the first counts for the resolver."""
        return tuple(entry.address for entry in self.entries if host in entry.names)


def parse(text: Union[str, None]) -> Hosts:
    """The file.  A line that has no address, or an address without a name, is named in ``unread``."""
    lines = lines_of(text or "")
    found, unread = [], []
    for line in lines:
        words = line.text.partition("#")[0].split()
        if not words:
            continue
        if len(words) > 1 and _is_address(words[0]):
            found.append(HostEntry(words[0], tuple(words[1:]), line.number))
        else:
            unread.append(line.number)
    return Hosts(tuple(found), tuple(unread), tuple(line.text for line in lines))


def _is_address(word: str) -> bool:
    try:
        ipaddress.ip_address(word.partition("%")[0])
    except ValueError:
        return False
    return True


FILE: FileQuery[Hosts] = FileQuery(ETC_HOSTS, parse, about="names")
