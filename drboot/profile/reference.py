"""docs/profile.md: every key of a profile and every column of hosts.csv, from the declarations that parse them."""

from __future__ import annotations

from typing import Any, Iterator, List, Optional

from drboot.profile.hosts import COLUMNS
from drboot.profile.keys import Kind, ListOf
from drboot.profile.sections import Key, Section, TableOf
from drboot.profile.site import SECTION

_TABLE_HEAD = """\
## hosts.csv

`/etc/drboot/hosts.csv` says what differs per LPAR: one row per host, site, mode and role. It is CSV as in RFC 4180 with
a header line; lines that begin with `#` are comments.

| Column | Meaning |
|---|---|
"""


def text() -> str:
    """The generated part of docs/profile.md."""
    parts = list(_section("The profile", SECTION, ""))
    columns = "".join(f"| `{name}` | {meaning} |\n" for name, meaning in COLUMNS.items())
    return "\n".join([*parts, _TABLE_HEAD + columns])


def _section(title: str, section: Section[Any], path: str) -> Iterator[str]:
    """The section's own table, then those of the sections in it."""
    lines: List[str] = [f"## {title}", ""]
    if section.meaning:
        lines += [section.meaning, ""]
    lines += ["| Key | Type | Default | Example | Meaning |", "|---|---|---|---|---|"]
    for key in section.keys:
        example = f"`{key.example}`" if key.example else ""
        lines.append(f"| `{key.name}` | {type_of(key)} | {default_of(key)} | {example} | {key.meaning} |")
    yield "\n".join(lines) + "\n"
    for key in section.keys:
        inner = _inner(key.kind)
        if inner:
            below = f"{path}.{key.name}".lstrip(".") + _suffix(key.kind)
            yield from _section(f"`{below}`", inner, below)


def _inner(kind: Kind[Any]) -> Optional[Section[Any]]:
    if isinstance(kind, (ListOf, TableOf)):
        kind = kind.item
    return kind if isinstance(kind, Section) else None


def _suffix(kind: Kind[Any]) -> str:
    return "[]" if isinstance(kind, ListOf) else ".NAME" if isinstance(kind, TableOf) else ""


def type_of(key: Key) -> str:
    if isinstance(key.kind, Section):
        return "mapping, see below"
    if _inner(key.kind):
        return "list of mappings, see below" if isinstance(key.kind, ListOf) else "mapping of names, see below"
    return key.kind.title


def default_of(key: Key) -> str:
    if key.required:
        return "**required**"
    if key.shown:
        return key.shown
    if isinstance(key.kind, Section):
        return "see below"
    if not key.default:
        return "false" if key.default is False else "none"
    return "true" if key.default is True else f"`{key.default}`"
