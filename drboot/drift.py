"""What differs between two captures, item by item: last night's and now, or home's and DR's.

Nothing here knows what a capture holds.  Fields are compared one by one, the items of a list by what identifies them
(PVID, VGID, name ...), so that a field that is added to the capture is compared without a line here; what the tables
below say is only what to call things, what is of no consequence, and what is told first.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot.arming import ENTRY_ID  # of drboot's own line, which arm and disarm change, and check looks at by itself
from drboot.capture import Capture

Identity = Tuple[str, ...]  # names of the fields that tell which item this is

# Class -> what identifies its items: the first of these that every item has and that no two share.  A class that is
# not here goes by the first of USUAL that it has, else by its first field.
IDENTITIES: Mapping[str, Tuple[Identity, ...]] = {
    "Lv": (("number",), ("name",)),  # a new name keeps the number
    "VolumeGroup": (("vgid",), ("name",)),
    "Adapter": (("location",), ("slot",), ("name",)),
    "Settings": (("kind", "key", "prefix"),),
    "KernelRoute": (("family", "destination", "prefix"), ("family", "destination", "prefix", "gateway")),
}
USUAL = ("pvid", "vgid", "key", "mount_point", "name", "device", "id", "destination", "to")
# Fields of lists of text in which an item has a name of its own in front.
NAMED_LINES: Mapping[str, Callable[[str], str]] = {"inittab": lambda line: line.partition(":")[0]}
IN_ORDER = ("inittab", "bootlist")  # lists of text whose order matters

# What one calls an item, and what of it one says: (word in front, field with its name).
CALLED: Mapping[str, Tuple[str, str]] = {
    "Lv": ("LV", "name"),
    "FileSystem": ("file system", "mount_point"),
    "Disk": ("disk", "hdisk"),
    "Settings": ("", "name"),
    "Pseudo": ("", "name"),
}
ONE_OF: Mapping[str, str] = {"inittab": "inittab entry", "bootlist": "boot list entry", "aliases": "alias"}
# Fields of (name, value) pairs that are left out of what is said: "queue_depth of hdisk4", not "value queue_depth".
PLAIN_PAIRS = ("values", "attributes")

# About the capture itself, not about the machine.
# Or what a WPAR, or a service address of a cluster, changes each time that it is started somewhere else.
NOT_COMPARED: FrozenSet[str] = frozenset(
    {"version", "site", "host", "systemid", "taken", "unseen", "further_addresses"}
)
# Where one of the two does not know, there is no difference.
SAID_TWICE: FrozenSet[Tuple[str, str]] = frozenset({("FileSystem", "device"), ("FileSystem", "vfs")})  # as attributes
MAYBE_UNKNOWN: FrozenSet[Tuple[str, str]] = frozenset(
    {("Lv", "number"), ("Disk", "size"), ("Disk", "serial"), ("Disk", "unique_id"), ("VolumeGroup", "major")}
)

# Fields of the capture in the order in which they matter; what is named in neither list stands between the two.
FIRST = ("volume_groups", "filesystems", "disks", "settings", "pseudo", "interfaces", "routes")
LAST = (
    "adapters", "hostname", "powerha", "node_id", "kernel_routes", "bootup_option", "subsystems", "level", "firmware",
    "inittab", "bootlist", "devices",
)  # fmt: skip
# Told, but nothing that a recovery would get wrong: it travels with rootvg, or depends on the hardware.
MINOR: FrozenSet[str] = frozenset(LAST)
MINOR_PARTS: FrozenSet[Tuple[str, str]] = frozenset(
    {("Disk", "hdisk"), ("Disk", "size"), ("Disk", "paths"), ("Settings", "name"), ("FileSystem", "mounted")}
)


@dataclass(frozen=True)
class Difference:
    """One item or attribute that is not the same.

    path   where it is in the capture: ("volume_groups", "datavg", "lvs", "fslv00", "owner")
    change added, removed, changed, renamed, or reordered
    was, now  the values as JSON has them; None where there is none
    text   the sentence about it
    minor  nothing that a recovery would get wrong
    """

    path: Tuple[str, ...]
    change: str
    was: Any
    now: Any
    text: str
    minor: bool

    def __str__(self) -> str:
        return self.text


def compare(was: Capture, now: Capture) -> Tuple[Difference, ...]:
    """Every difference, those that matter most first."""
    found = [
        difference
        for field in fields(Capture)
        if field.name not in NOT_COMPARED
        for difference in _field("Capture", _Item((), "", field.name in MINOR), field.name, was, now)
    ]
    return tuple(sorted(found, key=lambda difference: (difference.minor, _rank(difference.path[0]))))


def _rank(field: str) -> int:
    if field in FIRST:
        return FIRST.index(field)
    return len(FIRST) + (1 + LAST.index(field) if field in LAST else 0)


@dataclass(frozen=True)
class _Item:
    """What is being looked at: its path, what it is called (LV fslv00 of volume group datavg), whether it is minor."""

    path: Tuple[str, ...]
    called: str
    minor: bool

    def of(self) -> str:
        return f" of {self.called}" if self.called else ""

    def part(self, *path: str, called: str = "", minor: bool = False) -> _Item:
        return _Item((*self.path, *path), called or self.called, self.minor or minor)

    def difference(self, change: str, was: Any, now: Any, text: str) -> Difference:
        return Difference(self.path, change, _plain(was), _plain(now), text, self.minor)


def _field(kind: str, item: _Item, name: str, was: Any, now: Any) -> Iterator[Difference]:
    """One field of two objects of one class."""
    before, after = getattr(was, name), getattr(now, name)
    if before == after or (kind, name) in SAID_TWICE or ((kind, name) in MAYBE_UNKNOWN and not (before and after)):
        return
    part = item.part(name, minor=(kind, name) in MINOR_PARTS)
    if item.called and name == _name_field(was):
        yield part.difference("renamed", before, after, f"{item.called} is now called {_shown(after)}")
    else:
        yield from _value(part, name, before, after)


def _value(item: _Item, name: str, was: Any, now: Any) -> Iterator[Difference]:
    """Two values of a field, or of one item of it, that are not the same."""
    if _is_list(was) and _is_list(now):
        yield from _list(item, name, was, now)
    elif is_dataclass(was) and type(was) is type(now):
        named = item if item.called else item.part(called=_words(name))
        for field in fields(was):
            yield from _field(type(was).__name__, named, field.name, was, now)
    else:
        before, after = (_owner(value) if name == "owner" else _shown(value) for value in (was, now))
        yield item.difference("changed", was, now, f"{_words(name)}{item.of()} was {before}, is {after}")


def _is_list(value: Any) -> bool:
    """A list of items, and not one value of several numbers (an owner is uid, gid and mode)."""
    return isinstance(value, tuple) and all(isinstance(part, (str, tuple)) or is_dataclass(part) for part in value)


def _list(item: _Item, name: str, was: Tuple[Any, ...], now: Tuple[Any, ...]) -> Iterator[Difference]:
    every = (*was, *now)
    if all(is_dataclass(part) for part in every):
        identity = _identity(was, now)
        if identity:
            yield from _objects(item, was, now, identity)
            return
    elif all(_is_pair(part) for part in every) and _distinct(was, _first) and _distinct(now, _first):
        yield from _pairs(item, name, dict(was), dict(now))
        return
    elif name in NAMED_LINES and _distinct(was, NAMED_LINES[name]) and _distinct(now, NAMED_LINES[name]):
        key = NAMED_LINES[name]
        was, now = (tuple(line for line in lines if key(line) != ENTRY_ID) for lines in (was, now))
        yield from _pairs(item, name, {key(line): line for line in was}, {key(line): line for line in now})
        yield from _order(item, name, [key(line) for line in was], [key(line) for line in now])
        return
    yield from _bag(item, name, was, now)


def _objects(item: _Item, was: Sequence[Any], now: Sequence[Any], identity: Identity) -> Iterator[Difference]:
    """Items with an identity: gone, new, or the same one changed."""
    before, after = ({_key(thing, identity): thing for thing in things} for things in (was, now))
    for key, thing in before.items():
        called = _called(thing, identity) + item.of()
        part = item.part(_spoken(thing), called=called)
        if key not in after:
            yield part.difference("removed", thing, None, f"{called} is no longer there")
        elif after[key] != thing:
            for field in fields(thing):
                yield from _field(type(thing).__name__, part, field.name, thing, after[key])
    for key, thing in after.items():
        if key not in before:
            called = _called(thing, identity) + item.of()
            yield item.part(_spoken(thing)).difference("added", None, thing, f"{called} is new")


def _pairs(item: _Item, name: str, was: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[Difference]:
    """Values with a name each: attributes of a device, entries of the inittab."""
    word = "" if name in PLAIN_PAIRS else ONE_OF.get(name, _singular(name)) + " "
    for key in dict.fromkeys((*was, *now)):
        part, what = item.part(key), f"{word}{key}{item.of()}"
        before, after = was.get(key), now.get(key)
        if before == after:
            continue
        if before is None:
            yield part.difference("added", None, after, f"{what} is new: {_shown(after)}")
        elif after is None:
            yield part.difference("removed", before, None, f"{what} was {_shown(before)}, is no longer there")
        elif _is_list(before) and _is_list(after):
            yield from _list(part, key, before, after)
        else:
            yield part.difference("changed", before, after, f"{what} was {_shown(before)}, is {_shown(after)}")


def _bag(item: _Item, name: str, was: Tuple[Any, ...], now: Tuple[Any, ...]) -> Iterator[Difference]:
    """Values that have no name: each is there or not."""
    word = ONE_OF.get(name, _singular(name))
    before, after = Counter(was), Counter(now)
    for value in (before - after).elements():
        yield item.difference("removed", value, None, f"{word} {_shown(value)}{item.of()} is no longer there")
    for value in (after - before).elements():
        yield item.difference("added", None, value, f"{word} {_shown(value)}{item.of()} is new")
    yield from _order(item, name, was, now)


def _order(item: _Item, name: str, was: Sequence[Any], now: Sequence[Any]) -> Iterator[Difference]:
    """The same items in another order, where that means something."""
    both = set(was) & set(now)
    before, after = [x for x in was if x in both], [x for x in now if x in both]
    if name in IN_ORDER and before != after and sorted(before) == sorted(after):
        moved = next(late for early, late in zip(before, after) if early != late)
        text = f"order of {_words(name)}{item.of()} has changed, first at {_shown(moved)}"
        yield item.difference("reordered", tuple(was), tuple(now), text)


# ---------------------------------------------------------------- which item it is


def _identity(was: Sequence[Any], now: Sequence[Any]) -> Optional[Identity]:
    """The fields by which the items of both lists are told apart; None where nothing does."""
    kind = type((*was, *now)[0])
    names = [field.name for field in fields(kind)]
    usual = tuple((name,) for name in USUAL if name in names)
    for identity in IDENTITIES.get(kind.__name__, (*usual, (names[0],))):

        def key(thing: Any, identity: Identity = identity) -> Any:
            return _key(thing, identity)

        if all(any(key(thing)) for thing in (*was, *now)) and _distinct(was, key) and _distinct(now, key):
            return identity
    return None


def _key(thing: Any, identity: Identity) -> Tuple[Any, ...]:
    return tuple(getattr(thing, name) for name in identity)


def _distinct(things: Sequence[Any], key: Callable[[Any], Any]) -> bool:
    return len({key(thing) for thing in things}) == len(things)


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str)


def _first(pair: Tuple[Any, ...]) -> Any:
    return pair[0]


# ---------------------------------------------------------------- what it is called


def _name_field(thing: Any) -> str:
    kind = type(thing)
    if kind.__name__ in CALLED:
        return CALLED[kind.__name__][1]
    names = [field.name for field in fields(kind)]
    return next((name for name in ("name", *USUAL) if name in names), names[0])


def _spoken(thing: Any) -> str:
    return str(getattr(thing, _name_field(thing)))


def _called(thing: Any, identity: Identity) -> str:
    """``volume group datavg``, ``hdisk4 (PVID 00f6f42a0bd88942)``."""
    kind = type(thing).__name__
    word = CALLED[kind][0] if kind in CALLED else re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).lower()
    name = _spoken(thing)
    known_by = [part for part in identity if part in ("pvid", "key", "location")]
    behind = "".join(f" ({_spoken_id(str(getattr(thing, part)))})" for part in known_by if getattr(thing, part) != name)
    return f"{word} {name}{behind}".strip()


def _spoken_id(text: str) -> str:
    return f"PVID {text}" if re.fullmatch("[0-9a-f]{16}", text) else text


def _words(name: str) -> str:
    return name.replace("_", " ") if name not in ("auto_on",) else "AUTO ON"


def _singular(name: str) -> str:
    return _words(name[:-1] if name.endswith("s") else name)


def _shown(value: Any) -> str:
    """A value in a sentence."""
    if value is None or value == "" or value == ():
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    if is_dataclass(value) and not isinstance(value, type):
        return _spoken(value)
    return str(value)


def _owner(value: Tuple[int, ...]) -> str:
    """uid, gid and permission bits as ``chown`` and ``chmod`` take them."""
    return f"{value[0]}:{value[1]} {value[2]:o}" if len(value) == 3 else "nobody's"


def _plain(value: Any) -> Any:
    """A value as JSON can have it: an object by its fields."""
    if is_dataclass(value) and not isinstance(value, type):
        made: Dict[str, Any] = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return made
    if isinstance(value, tuple):
        parts: List[Any] = [_plain(part) for part in value]
        return parts
    return value
