"""The address table, ``/etc/drboot/hosts.csv``: what differs per LPAR.

    host,site,mode,role,match,address,netmask,gateway,aliases
    prod01,dr,disaster,service,slot:C2,10.20.5.11,255.255.255.0,10.20.5.1,10.20.5.12/24

RFC 4180 with a header; lines that begin with # are comments.  This file looks at the table by itself;
what only shows beside the profiles is in ``estate.py``.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import Dict, FrozenSet, Iterator, List, NamedTuple, Optional, Set, Tuple, TypeVar

from drboot.errors import Problem, Where
from drboot.profile.keys import (
    HOST_ADDRESS,
    HOST_NAME,
    NAME,
    NETMASK,
    SITE_NAME,
    OneOf,
    Text,
    did_you_mean,
    to_dotted,
    to_number,
)

T = TypeVar("T")

MODES = ("disaster", "rehearsal")

# column -> what the reference page says about it
COLUMNS: Dict[str, str] = {
    "host": "Production host name, without domain, at most 32 characters.",
    "site": "The site; a profile of this name must exist.",
    "mode": "disaster or rehearsal.",
    "role": "One of the site's network.roles; once per host, site and mode.",
    "match": "The adapter: slot:C2 (or slot:C2-T1), vlan:310, or mac:AA:BB:CC:DD:EE:FF.",
    "address": "The interface's address.",
    "netmask": "Dotted, or a prefix length.",
    "gateway": "The default gateway, in exactly one row of a host, site and mode; empty in the others.",
    "aliases": "Further addresses with ; between them, each with /netmask or /prefix, or without: the row's.",
}


class Match(NamedTuple):
    """How the adapter is found.  kind slot, vlan or mac; value ``C2``, ``310``, ``AA:BB:CC:DD:EE:FF``."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


class Alias(NamedTuple):
    """A further address of an interface; the netmask is dotted."""

    address: str
    netmask: str


@dataclass(frozen=True)
class HostRow:
    """One row: one interface of one host, at one site, in one mode.  gateway is "" when the row has none."""

    host: str
    site: str
    mode: str
    role: str
    match: Match
    address: str
    netmask: str
    gateway: str
    aliases: Tuple[Alias, ...]
    at: Where

    @property
    def group(self) -> Group:
        return Group(self.host, self.site, self.mode)

    @property
    def addresses(self) -> Tuple[str, ...]:
        return (self.address, *(alias.address for alias in self.aliases))


class Group(NamedTuple):
    """The rows that are applied together."""

    host: str
    site: str
    mode: str

    def __str__(self) -> str:
        return f"{self.host} at {self.site} ({self.mode})"


class Table(NamedTuple):
    """All good rows.

    damaged   groups of which a row was bad, so that nothing is said about what they lack
    complete  the table could be read to its end
    """

    rows: Tuple[HostRow, ...]
    damaged: FrozenSet[Group]
    complete: bool


def to_match(text: str) -> Match:
    """``slot:c2`` -> Match(slot, C2).

    Source: lscfg prints the location of a virtual adapter as ...-V3-C2-T1: the slot is C2, its port T1.
    """
    kind, _colon, value = text.partition(":")
    value = value.upper()
    if kind == "slot":
        if value == "?":
            raise ValueError("the import did not know the adapter's slot; look it up with lscfg -vl entN")
        if re.fullmatch(r"C[1-9][0-9]{0,4}(?:-T[0-9]{1,3})?", value):
            return Match(kind, value)
        raise ValueError("a slot is written slot:C2 or slot:C2-T1")
    if kind == "vlan":
        if re.fullmatch(r"[1-9][0-9]{0,3}", value) and int(value) <= 4094:
            return Match(kind, value)
        raise ValueError("a VLAN is written vlan:310, from 1 to 4094")
    if kind == "mac":
        digits = value.replace(":", "").replace("-", "")
        if re.fullmatch(r"[0-9A-F]{12}", digits):
            return Match(kind, ":".join(digits[start : start + 2] for start in range(0, 12, 2)))
        raise ValueError("a MAC address is written mac:AA:BB:CC:DD:EE:FF")
    raise ValueError("it begins with none of slot:, vlan: and mac:")


MATCH = Text(
    "an adapter",
    to_match,
    Problem("bad-match", "this names no adapter", next="write slot:C2, vlan:310 or mac:AA:BB:CC:DD:EE:FF"),
)
MODE = OneOf(*MODES)


class _Texts(NamedTuple):
    """The cells of one row as they are written, the columns of COLUMNS; None where the table has no such column."""

    host: Optional[str]
    site: Optional[str]
    mode: Optional[str]
    role: Optional[str]
    match: Optional[str]
    address: Optional[str]
    netmask: Optional[str]
    gateway: Optional[str]
    aliases: Optional[str]


class _Record(NamedTuple):
    """One row of the table, as many fields as the header has.

    raw      its first line as it stands in the file
    columns  name of each column -> its place
    whole    it had that many to begin with
    """

    file: str
    line: int
    raw: str
    columns: Dict[str, int]
    fields: Tuple[str, ...]
    texts: _Texts
    whole: bool

    def where(self, column: str) -> _Cell:
        return _Cell(self, column)

    def at(self, column: str = "") -> Where:
        if column not in self.columns or '"' in self.raw:
            return Where(self.file, self.line)
        before = self.fields[: self.columns[column]]
        return Where(self.file, self.line, 1 + sum(len(field) + 1 for field in before))


class _Cell(NamedTuple):
    """The ``where`` of a Problem about one cell, as a string: ``hosts.csv:12:47 netmask``."""

    record: _Record
    column: str

    def __str__(self) -> str:
        return f"{self.record.at(self.column)} {self.column}"


def parse_table(text: str, file: str, problems: List[Problem]) -> Table:
    """The rows of the table, and one Problem per mistake."""
    rows: List[HostRow] = []
    damaged: Set[Group] = set()
    complete = True
    lines = _Lines(text)
    try:
        for record in _records(lines, file, problems):
            row = _row(record, problems)
            if row:
                rows.append(row)
            else:
                damaged.add(Group(record.texts.host or "", record.texts.site or "", record.texts.mode or ""))
    except csv.Error as error:
        complete = False
        problems.append(
            Problem(
                "hosts-syntax",
                "the address table cannot be read to its end",
                str(Where(file, lines.first or 1)),
                f"the CSV reader says: {error}",
                "look for a quote that is not closed",
            )
        )
    return Table(tuple(rows), frozenset(damaged), complete)


class _Lines:
    """The lines that are no comments, and the number of the first one since it was last asked."""

    def __init__(self, text: str) -> None:
        self.lines = enumerate(io.StringIO(text, newline=""), 1)
        self.first = 0
        self.raw = ""

    def __iter__(self) -> Iterator[str]:
        for number, line in self.lines:
            if line.lstrip().startswith("#"):
                continue
            if not self.first:
                self.first, self.raw = number, line
            yield line


def _records(lines: _Lines, file: str, problems: List[Problem]) -> Iterator[_Record]:
    header: Tuple[str, ...] = ()
    columns: Dict[str, int] = {}
    places: List[int] = []
    for fields in csv.reader(lines, strict=True):
        line, raw, lines.first = lines.first, lines.raw, 0
        if not any(map(str.strip, fields)):
            continue
        if not header:
            header = tuple(field.strip().lower() for field in fields)
            columns = {column: header.index(column) for column in header}
            places = [columns.get(column, -1) for column in _Texts._fields]
            _check_header(header, Where(file, line), problems)
            continue
        whole = len(fields) == len(header)
        if not whole:
            problems.append(_wrong_count(Where(file, line), len(fields), len(header)))
            fields = [*fields, *[""] * len(header)][: len(header)]
        texts = _Texts._make([fields[place].strip() if place >= 0 else None for place in places])
        yield _Record(file, line, raw, columns, tuple(fields), texts, whole)
    if not header:
        problems.append(_no_header(file))


def _check_header(header: Tuple[str, ...], at: Where, problems: List[Problem]) -> None:
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        problems.append(
            Problem(
                "hosts-column-missing",
                "the address table lacks " + ", ".join(missing),
                str(at),
                "its first line names no such column",
                "the first line is: " + ",".join(COLUMNS),
            )
        )
    for number, column in enumerate(header):
        if column not in COLUMNS:
            problems.append(
                Problem(
                    "hosts-column-unknown",
                    f"the address table has a column {column[:40]!a}",
                    str(at),
                    "drboot reads no column of this name",
                    did_you_mean(column, missing or list(COLUMNS)) or "take it out",
                )
            )
        elif column in header[:number]:
            problems.append(
                Problem(
                    "hosts-column-twice",
                    f"the address table has two columns {column}",
                    str(at),
                    "only one of them can count",
                    "take one out",
                )
            )


def _no_header(file: str) -> Problem:
    return Problem(
        "hosts-empty",
        "the address table is empty",
        f"{file}:1",
        "it has no header line",
        "begin it with: " + ",".join(COLUMNS),
    )


def _wrong_count(at: Where, found: int, wanted: int) -> Problem:
    return Problem(
        "hosts-row-fields",
        f"this row has too {'many' if found > wanted else 'few'} fields",
        str(at),
        f"it has {found}, the header {wanted}",
        "count the commas; aliases have ; between them",
    )


def _row(record: _Record, problems: List[Problem]) -> Optional[HostRow]:
    """The row, or None after a Problem for everything that is wrong with it by itself."""
    if not record.whole:
        return None
    before = len(problems)
    texts = record.texts
    host = _cell(record, "host", texts.host, HOST_NAME, problems)
    site = _cell(record, "site", texts.site, SITE_NAME, problems)
    mode = texts.mode
    if mode is not None and mode not in MODES:
        mode = MODE.read(mode, record.where("mode"), problems)
    role = _cell(record, "role", texts.role, NAME, problems)
    match = _cell(record, "match", texts.match, MATCH, problems)
    address = _cell(record, "address", texts.address, HOST_ADDRESS, problems)
    netmask = _cell(record, "netmask", texts.netmask, NETMASK, problems)
    gateway = _cell(record, "gateway", texts.gateway or None, HOST_ADDRESS, problems)
    aliases = _aliases(record, texts.aliases, address, netmask, problems) if texts.aliases else ()
    if address and netmask:
        _check_host_part(record, "address", address, netmask, problems)
        if gateway:
            _check_gateway(record, address, netmask, gateway, problems)
    if len(problems) > before or None in (host, site, mode, role, match, address, netmask):
        return None
    return HostRow(
        host or "",
        site or "",
        mode or "",
        role or "",
        match or Match("", ""),
        address or "",
        netmask or "",
        gateway or "",
        aliases,
        record.at(),
    )


def _cell(record: _Record, column: str, text: Optional[str], kind: Text[T], problems: List[Problem]) -> Optional[T]:
    if text is None:
        return None
    try:
        return kind.of(text)
    except ValueError:
        return kind.read(text, record.where(column), problems)  # which says what is wrong with it


def _aliases(
    record: _Record, text: str, address: Optional[str], netmask: Optional[str], problems: List[Problem]
) -> Tuple[Alias, ...]:
    """The good ones; one without a mask takes the row's."""
    found: List[Alias] = []
    where = record.where("aliases")
    for written in text.split(";"):
        alias_text, slash, mask_text = written.strip().partition("/")
        alias = HOST_ADDRESS.read(alias_text, where, problems)
        mask = NETMASK.read(mask_text, where, problems) if slash else netmask
        if alias is None or mask is None:
            continue
        if alias == address:
            problems.append(
                Problem(
                    "alias-is-address",
                    f"{alias} is the interface's address and its alias",
                    str(where),
                    "an interface has an address once",
                    "take it out of the aliases",
                )
            )
        _check_host_part(record, "aliases", alias, mask, problems)
        found.append(Alias(alias, mask))
    return tuple(found)


def _check_host_part(record: _Record, column: str, address: str, netmask: str, problems: List[Problem]) -> None:
    """The first and the last address of a subnet are nobody's; subnets of one or two addresses have neither."""
    number, mask = to_number(address), to_number(netmask)
    wild = mask ^ 0xFFFFFFFF
    if wild < 3 or number & wild not in (0, wild):
        return
    which = "the network itself" if number & wild == 0 else "the broadcast address"
    problems.append(
        Problem(
            "address-not-a-host",
            f"{address} cannot be the address of an interface",
            str(record.where(column)),
            f"with netmask {netmask} it is {which}",
            "correct the address or the netmask",
        )
    )


def _check_gateway(record: _Record, address: str, netmask: str, gateway: str, problems: List[Problem]) -> None:
    number, mask, own = to_number(gateway), to_number(netmask), to_number(address)
    if number & mask != own & mask:
        problems.append(
            Problem(
                "gateway-outside-subnet",
                f"gateway {gateway} cannot be reached from {address}",
                str(record.where("gateway")),
                f"the subnet of the address is {to_dotted(own & mask)} netmask {netmask}",
                "correct the gateway, the address or the netmask",
            )
        )
    elif number == own:
        problems.append(
            Problem(
                "gateway-is-own-address",
                f"{gateway} is the interface's address and its gateway",
                str(record.where("gateway")),
                "a machine is not its own way out",
                "write the router's address",
            )
        )
    else:
        _check_host_part(record, "gateway", gateway, netmask, problems)
