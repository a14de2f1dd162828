"""A mapping of a profile, declared once: parsed into a frozen dataclass, described as JSON Schema and in the docs.

SECTION = Section("boot_list", BootList, keys=(Key("at_most", Integer(1, 5), "paths at most", default=5),))
"""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import Any, Callable, Dict, Iterable, List, Optional, Tuple, TypeVar

from drboot.errors import Problem, Where
from drboot.profile.keys import Kind, Schema, did_you_mean, wrong_shape
from drboot.profile.nodes import Node, Scalar, Table, is_null, spoken

T = TypeVar("T")


class _Required:
    """Stands for "has no default"."""


REQUIRED = _Required()


@dataclass(frozen=True)
class Key:
    """One key of a mapping.

    meaning  one sentence for the reference page and for editors
    default  the value when the key is absent; REQUIRED when it may not be; a Section has its own
    shown    how the reference page and the editor write the default, where the value says it badly
    example  YAML text
    """

    name: str
    kind: Kind[Any]
    meaning: str
    default: Any = REQUIRED
    shown: str = ""
    example: str = ""

    @property
    def attribute(self) -> str:
        """The dataclass's attribute: the key itself, ``except_`` for ``except``."""
        return self.name + "_" if keyword.iskeyword(self.name) else self.name

    @property
    def required(self) -> bool:
        if isinstance(self.kind, Section):
            return self.kind.required
        return self.default is REQUIRED


class Section(Kind[T]):
    """A mapping with known keys.

    make   the frozen dataclass: one attribute per key, and ``at: Where``
    check  further mistakes of the whole: value -> Problems
    """

    def __init__(
        self,
        name: str,
        make: Callable[..., T],
        keys: Tuple[Key, ...],
        meaning: str = "",
        check: Optional[Callable[[T], Iterable[Problem]]] = None,
    ) -> None:
        self.name, self.make, self.keys, self.meaning, self.check = name, make, keys, meaning, check
        self.title = "a mapping"

    @property
    def required(self) -> bool:
        """It may not be left out, since one of its keys may not."""
        return any(key.required for key in self.keys)

    def parse(self, node: Node, problems: List[Problem]) -> Optional[T]:
        values = self.values(node, problems)
        if values is None or any(value is REQUIRED for value in values.values()):
            return None
        return self.made(values, node.at, problems)

    def values(self, node: Node, problems: List[Problem]) -> Optional[Dict[str, Any]]:
        """Attribute -> value; REQUIRED where a key without default is missing or bad.  None for no mapping at all."""
        if is_null(node):
            node = Table((), node.path, node.at)
        if not isinstance(node, Table):
            problems.append(wrong_shape(node, self.title))
            return None
        written = self._written(node, problems)
        return {key.attribute: self._value(key, node, written.get(key.name), problems) for key in self.keys}

    def made(self, values: Dict[str, Any], at: Where, problems: List[Problem]) -> T:
        """The dataclass, after a look at it as a whole."""
        value = self.make(**values, at=at)
        if self.check:
            problems.extend(self.check(value))
        return value

    def _written(self, node: Table, problems: List[Problem]) -> Dict[str, Node]:
        known = [key.name for key in self.keys]
        written: Dict[str, Node] = {}
        for key, value in node.pairs:
            if key.text not in known:
                problems.append(_unknown(key, node, known))
            elif key.text in written:
                problems.append(duplicate(key, value.path))
            else:
                written[key.text] = value
        return written

    def _value(self, key: Key, node: Table, written: Optional[Node], problems: List[Problem]) -> Any:
        """The value of one key; its default when it is absent or bad; REQUIRED when there is neither."""
        if written is None:
            if isinstance(key.kind, Section) and not key.required:
                return key.kind.absent(node.at)
            if key.required:
                problems.append(_missing(key, node))
            return key.default
        value = key.kind.parse(written, problems)
        if value is None:
            return key.kind.absent(node.at) if isinstance(key.kind, Section) and not key.required else key.default
        return value

    def absent(self, at: Where) -> T:
        """What it means that this section, none of whose keys is required, is not written."""
        values: Dict[str, Any] = {}
        for key in self.keys:
            values[key.attribute] = key.kind.absent(at) if isinstance(key.kind, Section) else key.default
        return self.make(**values, at=at)

    def json_schema(self) -> Schema:
        properties = {}
        for key in self.keys:
            schema = dict(key.kind.json_schema())
            schema["description"] = key.meaning
            if not key.shown and isinstance(key.default, (bool, int, str)) and key.default != "":
                schema["default"] = key.default
            properties[key.name] = schema
        required = [key.name for key in self.keys if key.required]
        schema = {"type": ["object", "null"], "additionalProperties": False, "properties": properties}
        if required:
            schema.update({"type": "object", "required": required})
        return schema


class TableOf(Kind[Dict[str, T]]):
    """A mapping whose keys are names that the site chooses, e.g. roles."""

    def __init__(self, name: Kind[str], item: Kind[T]) -> None:
        self.name, self.item = name, item
        self.title = f"a mapping from {name.title} to {item.title}"

    def parse(self, node: Node, problems: List[Problem]) -> Optional[Dict[str, T]]:
        if is_null(node):
            return {}
        if not isinstance(node, Table):
            problems.append(wrong_shape(node, self.title))
            return None
        found: Dict[str, T] = {}
        for key, value in node.pairs:
            name = self.name.parse(key, problems)
            item = self.item.parse(value, problems)
            if name in found:
                problems.append(duplicate(key, value.path))
            elif name is not None and item is not None:
                found[name] = item
        return found

    def json_schema(self) -> Schema:
        names = dict(self.name.json_schema(), type="string")
        return {"type": ["object", "null"], "propertyNames": names, "additionalProperties": self.item.json_schema()}


def _unknown(key: Scalar, node: Table, known: List[str]) -> Problem:
    inside = f"in {node.path}" if node.path else "at the top of a profile"
    return Problem(
        "unknown-key",
        f"there is no key {key.text[:40]!a} {inside}",
        spoken(key.at, node.path),
        "drboot reads no key of this name",
        did_you_mean(key.text, known) or "known are: " + ", ".join(known),
    )


def duplicate(key: Scalar, path: str) -> Problem:
    """A key written twice: YAML readers differ on which one counts."""
    return Problem(
        "duplicate-key",
        f"{key.text[:40]!a} is written twice",
        spoken(key.at, path),
        "the same mapping has this key above",
        "keep one of the two",
    )


def _missing(key: Key, node: Table) -> Problem:
    return Problem(
        "missing-key",
        f"{key.name} is missing",
        spoken(node.at, node.path),
        f"{node.path or 'a profile'} cannot do without it: {key.meaning}",
        f"add {key.name}: {key.example}" if key.example else f"add {key.name}",
    )
