"""The names of the LPAR at a site: host name, name servers, domain, order of lookup."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, List, Protocol, Sequence, Tuple

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import ping
from drboot.facts.base import FileQuery
from drboot.facts.types import is_among
from drboot.profile.keys import ADDRESS, DOMAIN, HOST_TEMPLATE, WORD, ListOf, OneOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo, Write
from drboot.steps.network.routes import has_default_route

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class Names:
    """``names:`` of a profile.  Empty means that this part of the machine's names stays as it is."""

    hostname: str
    nameservers: Tuple[str, ...]
    domain: str
    search: Tuple[str, ...]
    options: Tuple[str, ...]
    netsvc: Tuple[str, ...]
    probe: str
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


MOST = 3  # nameserver lines
MOST_STATED = 6
OPTIONS = ("timeout:1", "attempts:2")

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
            ListOf(ADDRESS, most=MOST_STATED),
            "Name servers in order; the first three are written, those that answer first. None leaves resolv.conf "
            "as it is.",
            default=(),
            example="[10.20.0.53]",
        ),
        Key(
            "probe",
            OneOf("ping", "none"),
            "How a name server is asked whether it is alive, once the network is up; none asks nobody.",
            default="ping",
            example="ping",
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
            "The options line of resolv.conf, one word each; one that does not answer shall cost a second, not many.",
            default=OPTIONS,
            shown='["timeout:1", "attempts:2"]',
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


# ---------------------------------------------------------------- steps


@dataclass(frozen=True)
class TextSo(Step):
    """A file reads as wanted; what the step does not care about stays byte for byte.

    Reads   the file
    Runs    an atomic replacement of the file
    Undo    the recorded text
    """

    path: str
    what: str
    edit: Edit
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"names{self.path}"

    @property
    def title(self) -> str:
        return self.what

    def assess(self, seen: Seen) -> Assessment:
        text = seen(reversals.text_of(self.path)) or ""
        new = self.edit.apply(text)
        if new == text:
            return Done(f"{self.path}: {self.edit}")
        return Todo((Write(self.path, new),), f"{self.path} does not say: {self.edit}")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, self.path),))


def text_of(path: str) -> FileQuery[str]:
    """The file's text, "" when there is none."""
    return FileQuery(path, lambda found: found or "")


class Edit(Protocol):
    """How a file's text becomes what it must be.  Applying it twice changes nothing the second time."""

    def apply(self, text: str) -> str: ...


@dataclass(frozen=True)
class Resolver:
    """/etc/resolv.conf as a whole: a dead name server of home among the live ones stalls every look-up.

    Any three of the name servers will do, in any order: which of them come first is for LiveFirst to say.
    Source: resolv.conf file format: at most 3 nameserver lines, domain or search, an options line.
    """

    nameservers: Tuple[str, ...]
    domain: str
    search: Tuple[str, ...]
    options: Tuple[str, ...]

    def __str__(self) -> str:
        return "nameserver " + ", ".join(self.nameservers)

    def apply(self, text: str) -> str:
        found = [line.split() for line in text.splitlines() if line.strip() and line.lstrip()[0] not in "#;"]
        servers = [words[1] for words in found if words[0] == "nameserver" and len(words) == 2]
        chosen = tuple(dict.fromkeys(address for address in servers if address in self.nameservers))
        if len(chosen) == len(servers) == min(MOST, len(self.nameservers)):
            said = [line.split() for line in self.written(chosen).splitlines()]
            if found == said:
                return text
        return self.written(self.nameservers)

    def written(self, nameservers: Sequence[str]) -> str:
        """The file with the first three of these."""
        lines = [f"domain {self.domain}"] if self.domain else []
        lines += [f"search {' '.join(self.search)}"] if self.search else []
        lines += [f"nameserver {address}" for address in nameservers[:MOST]]
        lines += [f"options {' '.join(self.options)}"] if self.options else []
        return "".join(line + "\n" for line in lines)


@dataclass(frozen=True)
class LookupOrder:
    """The ``hosts =`` line of /etc/netsvc.conf.

    Source: netsvc.conf format, ``hosts = local , bind4``; local before bind, or every command that resolves a name
    waits for dead servers (aix/network-and-services.md section 12).
    """

    order: Tuple[str, ...]

    def __str__(self) -> str:
        return "hosts = " + ", ".join(self.order)

    def apply(self, text: str) -> str:
        line = f"hosts = {', '.join(self.order)}\n"
        kept, done = [], False
        for old in text.splitlines(keepends=True):
            if not re.match(r"\s*hosts\s*=", old):
                kept.append(old)
            elif not done:
                done = True
                said = [word.strip() for word in old.partition("=")[2].split(",")]
                kept.append(old if said == list(self.order) else line)
        if kept and not kept[-1].endswith("\n"):
            kept[-1] += "\n"
        return "".join(kept) + ("" if done else line)


@dataclass(frozen=True)
class OwnLine:
    """The line of /etc/hosts that maps the host's own name.

    The address of a line that names the host is replaced; every other byte of the file stays, comments too.
    A second line that names it loses the name.  Loopback lines are left alone.  The name with a domain behind it, or in
    other letters (PROD01), is the host's own where it stands beside an address that the host has elsewhere:
    production's must not be left there.

    old  addresses of this host at other sites
    """

    address: str
    hostname: str
    old: Tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.address} is {self.hostname}"

    def apply(self, text: str) -> str:
        kept: List[str] = []
        done = False
        for line in text.splitlines(keepends=True):
            body = line.partition("#")[0]
            words = body.split()
            if len(words) < 2 or words[0] in ("127.0.0.1", "::1"):
                kept.append(line)
            elif self.hostname not in words[1:]:
                kept.append(self._with_domain(line))
            elif not done:
                done = True
                kept.append(line if words[0] == self.address else line.replace(words[0], self.address, 1))
            elif len(words) > 2:
                others = " ".join(word for word in words[1:] if word != self.hostname)
                kept.append(self._with_domain(f"{words[0]}\t{others}{line[len(body.rstrip()) :]}"))
        if not done:
            if kept and not kept[-1].endswith("\n"):
                kept[-1] += "\n"
            kept.append(f"{self.address}\t{self.hostname}\n")
        return "".join(kept)

    def _with_domain(self, line: str) -> str:
        address, *names = line.partition("#")[0].split()
        own = self.hostname.lower()
        is_own = any(name.lower() == own or name.lower().startswith(own + ".") for name in names)
        return line.replace(address, self.address, 1) if is_own and is_among(address, self.old) else line


@dataclass(frozen=True)
class LiveFirst(Step):
    """The name servers that answer come first in /etc/resolv.conf; where none does, that is said.

    Why     a dead first name server costs every look-up its timeout; where all are dead /etc/hosts has to do, and the
            order of lookup asks it first
    Reads   netstat -rn; ping -n -c 1 -w 2 ADDRESS for each name server, -c 2 where it is silent; /etc/resolv.conf
    Runs    an atomic replacement of the file
    Undo    the recorded text
    Source  resolv.conf file format: the resolver asks in the order of the lines
    Assumed a name server that is alive lets itself be pinged; one that does not only comes later
    """

    resolver: Resolver
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    essential: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return "names/live"

    @property
    def title(self) -> str:
        return "name servers that answer come first"

    def assess(self, seen: Seen) -> Assessment:
        if not has_default_route(seen):
            return Later("network/default_route", (), "they are asked once the network is up")
        stated = self.resolver.nameservers
        said = {address: ping.reached(seen.or_none, address, self.id) for address in stated}
        if all(answer is None for answer in said.values()):
            return Done("whether they answer cannot be seen: ping does not work")
        live = [address for address in stated if said[address]]
        if not live:
            return Blocked(self._silent())
        order = (*live, *(address for address in stated if address not in live))[:MOST]
        rows = [line.split() for line in seen(text_of(paths.ETC_RESOLV)).splitlines()]
        if [tuple(row[1:2]) for row in rows if row[:1] == ["nameserver"]] == [(address,) for address in order]:
            return Done(f"{len(live)} of {len(stated)} name servers answer, {live[0]} is the first")
        return Todo((Write(paths.ETC_RESOLV, self.resolver.written(order)),), f"{live[0]} answers and is not the first")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, paths.ETC_RESOLV),))

    def _silent(self) -> Problem:
        return Problem(
            "nameservers-silent",
            "the network is degraded: no name server answers",
            self.at,
            f"no answer from {', '.join(self.resolver.nameservers)}; names are those of /etc/hosts",
            "look at the name servers and the way to them; resolv.conf names them, nothing else is to be done",
        )


def steps(wanted: Wanted) -> Iterator[Step]:
    names = wanted.site.names
    at = str(names.at)
    if names.nameservers:
        resolver = Resolver(names.nameservers, names.domain, names.search, names.options)
        yield TextSo(paths.ETC_RESOLV, "name servers", resolver, at)
        if names.probe == "ping":
            yield LiveFirst(resolver, at, ("network/default_route",))
    if names.netsvc:
        yield TextSo(paths.ETC_NETSVC, "order of name lookup", LookupOrder(names.netsvc), at)
    primary = next(row for row in wanted.rows if row.gateway)
    own = OwnLine(primary.address, wanted.hostname, wanted.foreign)
    yield TextSo(paths.ETC_HOSTS, f"{wanted.hostname} in /etc/hosts", own, str(primary.at))
