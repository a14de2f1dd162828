"""/etc/resolv.conf: whom the resolver asks.

    domain   example.com
    search   example.com dr.example.com
    nameserver 10.1.1.53
    options timeout:1

At most three name servers; domain or search, the last of them counts; up to six search names.  Comments start with
``#`` or ``;``.  No file: the resolver is not used, only the hosts file and what netsvc.conf says.

Source: network-and-services of the reference, section 12 (the resolv.conf file format page).
"""

from __future__ import annotations

from typing import List, NamedTuple, Tuple, Union

from drboot.facts.base import FileQuery, ignore, rows_of
from drboot.paths import ETC_RESOLV

IGNORE = (ignore(r"^[ \t]*[#;].*$", "comment"), ignore(r"^[ \t]*(?:domain|search|nameserver|options)\b", "keyword"))


class Resolver(NamedTuple):
    """``exists`` is whether there is a file at all; domain and search are "" and () when not set."""

    exists: bool
    domain: str
    search: Tuple[str, ...]
    nameservers: Tuple[str, ...]
    options: Tuple[str, ...]


def parse(text: Union[str, None]) -> Resolver:
    """The file.  ParseError for a keyword that the resolver does not have, or one without its value."""
    domain, search = "", ()  # type: str, Tuple[str, ...]
    nameservers: List[str] = []
    options: List[str] = []
    for line in rows_of(text or ""):
        if line.text.lstrip()[0] in "#;":
            continue
        keyword, *words = line.text.split()
        if not words:
            raise line.error(f"{keyword} has no value")
        if keyword == "nameserver" and len(words) == 1:
            nameservers.append(words[0])
        elif keyword == "domain" and len(words) == 1:
            domain = words[0]
        elif keyword == "search":
            search = tuple(words)
        elif keyword == "options":
            options.extend(words)
        else:
            raise line.error("not domain, search, nameserver or options")
    return Resolver(text is not None, domain, search, tuple(nameservers), tuple(options))


FILE: FileQuery[Resolver] = FileQuery(ETC_RESOLV, parse, about="names")
