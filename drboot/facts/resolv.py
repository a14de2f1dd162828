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
    """``exists`` is whether there is a file at all; domain and search are "" and () when not set.

    unread  numbers of the lines with another keyword or without a value; the resolver passes over them as well
    """

    exists: bool
    domain: str
    search: Tuple[str, ...]
    nameservers: Tuple[str, ...]
    options: Tuple[str, ...]
    unread: Tuple[int, ...] = ()


def parse(text: Union[str, None]) -> Resolver:
    """The file.  A line that the resolver does not know is named in ``unread``."""
    domain = ""
    search: Tuple[str, ...] = ()
    nameservers: List[str] = []
    options: List[str] = []
    unread: List[int] = []
    for line in rows_of(text or ""):
        if line.text.lstrip()[0] in "#;":
            continue
        keyword, *words = line.text.split()
        if keyword == "nameserver" and len(words) == 1:
            nameservers.append(words[0])
        elif keyword == "domain" and len(words) == 1:
            domain = words[0]
        elif keyword == "search" and words:
            search = tuple(words)
        elif keyword == "options" and words:
            options.extend(words)
        else:
            unread.append(line.number)
    return Resolver(text is not None, domain, search, tuple(nameservers), tuple(options), tuple(unread))


FILE: FileQuery[Resolver] = FileQuery(ETC_RESOLV, parse, about="names")
