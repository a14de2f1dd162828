"""The names of the LPAR at a site: host name, name servers, domain, order of lookup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Tuple

from drboot.errors import Problem, Where
from drboot.profile.keys import ADDRESS, DOMAIN, HOST_TEMPLATE, WORD, ListOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section


@dataclass(frozen=True)
class Names:
    """``names:`` of a profile.  Empty means that this part of the machine's names stays as it is."""

    hostname: str
    nameservers: Tuple[str, ...]
    domain: str
    search: Tuple[str, ...]
    options: Tuple[str, ...]
    netsvc: Tuple[str, ...]
    at: Where

    def hostname_of(self, host: str) -> str:
        """The host name here of the LPAR that production knows as ``host``."""
        return self.hostname.replace("{host}", host)


def _check(names: Names) -> Iterator[Problem]:
    if names.domain and names.search:
        yield Problem(
            "domain-and-search",
            "names has both domain and search",
            f"{where_of(names.domain, names.at)} and {where_of(names.search[0], names.at)}",
            "resolv.conf takes one of them; with both, the last one counts",
            "keep search, with the domain as its first entry, or keep domain",
        )


# Source: IBM's resolv.conf file format: domain or search, at most 6 search names, at most 3 nameserver lines.
SECTION = Section(
    "names",
    Names,
    meaning="What the LPAR is called at this site, and who answers its questions about names.",
    check=_check,
    keys=(
        Key(
            "hostname",
            HOST_TEMPLATE,
            "Host name and node name; {host} stands for the production host name.",
            default="{host}",
            example='"{host}"',
        ),
        Key(
            "nameservers",
            ListOf(ADDRESS, most=3),
            "Name servers in order; none leaves /etc/resolv.conf as it is.",
            default=(),
            example="[10.20.0.53]",
        ),
        Key("domain", DOMAIN, "The domain line of resolv.conf; not together with search.", "", example="example.com"),
        Key(
            "search",
            ListOf(DOMAIN, most=6),
            "The search line of resolv.conf; not together with domain.",
            default=(),
            example="[dr.example.com, example.com]",
        ),
        Key(
            "options",
            ListOf(WORD),
            "The options line of resolv.conf, one word each.",
            default=(),
            example='["timeout:1", "attempts:2"]',
        ),
        Key(
            "netsvc",
            ListOf(WORD),
            "The order after hosts = in /etc/netsvc.conf; none leaves the file as it is.",
            default=(),
            example="[local4, bind4]",
        ),
    ),
)
