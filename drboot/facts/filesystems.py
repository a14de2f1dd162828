"""/etc/filesystems: the stanzas from which mount, fsck and varyonvg's callers work.

    * a comment
    /data/oracle:
            dev             = /dev/oralv
            vfs             = jfs2
            log             = INLINE
            mount           = true
            options         = rw
            account         = false

A stanza: the mount point and a colon in column 0, attributes indented, ``key = value``, the value sometimes in double
quotes.  Comments start with ``*``.  Several stanzas of one mount point: the first counts, the others are ``repeated``.
Lines are kept as they are, so that an edit changes nothing else.

Source: lvm-and-filesystems of the reference, section 14 (the filesystems file page); NFS keys: network-and-services,
section 18.  No transcript shows the file.
Assumed: of several stanzas of one mount point AIX takes the first, and so of several lines with one attribute; an
attribute that somebody wrote in column 0 is one.  What importvg does where one stands there already
is not publicly known (sections 5 and 22): it may complain, replace it, or append another.
"""

from __future__ import annotations

import re
from typing import Collection, Dict, List, Mapping, NamedTuple, Optional, Tuple, Union

from drboot.facts.base import FileQuery, Line, ignore, lines_of
from drboot.facts.types import MountPoint
from drboot.paths import ETC_FILESYSTEMS

IGNORE = (ignore(r"^[ \t]*\*.*$", "comment"), ignore(r"(?<=[ \t])=(?=[ \t]|$)", "between key and value"))


class Stanza(NamedTuple):
    """One file system.  ``first`` and ``last`` are the line numbers of its title and its last attribute."""

    mount_point: MountPoint
    attributes: Tuple[Tuple[str, str], ...]
    first: int
    last: int

    def get(self, key: str) -> Optional[str]:
        """The value, None when the stanza does not name the attribute."""
        return next((value for name, value in self.attributes if name == key), None)

    @property
    def dev(self) -> Optional[str]:
        return self.get("dev")

    @property
    def is_mounted_at_boot(self) -> bool:
        """``mount = true`` or ``automatic``."""
        return self.get("mount") in ("true", "automatic")


class Filesystems(NamedTuple):
    """The whole file: stanzas in order, and the lines they were read from; those with the title of an earlier apart."""

    stanzas: Tuple[Stanza, ...]
    lines: Tuple[str, ...]
    repeated: Tuple[Stanza, ...] = ()

    def stanza(self, mount_point: str) -> Optional[Stanza]:
        return next((stanza for stanza in self.stanzas if stanza.mount_point == mount_point), None)

    def without(self, surplus: Collection[Stanza]) -> Filesystems:
        """The file without these stanzas; comments between them stay."""
        gone = {number for stanza in surplus for number in range(stanza.first, stanza.last + 1)}
        kept = (line for number, line in enumerate(self.lines, 1) if number not in gone)
        return parse("".join(line + "\n" for line in kept))

    def of_device(self, dev: str) -> Tuple[Stanza, ...]:
        return tuple(stanza for stanza in self.stanzas if stanza.dev == dev)

    def with_attributes(self, changes: Mapping[str, Mapping[str, str]]) -> str:
        """The text of the file with these attributes, key -> value, in the stanzas of these mount points.

        What has no stanza is passed over.
        """
        lines = list(self.lines)
        for stanza in reversed(self.stanzas):  # from the end, so that the numbers of the lines above stay right
            added = []
            for key, value in changes.get(stanza.mount_point, {}).items():
                row = f"\t{key:<15} = {value}"
                at = next((at for at in range(stanza.first, stanza.last) if _key(lines[at]) == key), None)
                if at is None:
                    added.append(row)
                else:
                    lines[at] = row
            lines[stanza.last : stanza.last] = added
        return "".join(line + "\n" for line in lines)

    def parents_first(self, among: Collection[str]) -> str:
        """The text of the file with these mount points' stanzas such that none stands before one of its parents.

        They change places among themselves, by depth; everything else stays where it is, comments between them too.
        The text as it is where the order is right already.
        """
        placed = [stanza for stanza in self.stanzas if stanza.mount_point in among]
        points = [stanza.mount_point for stanza in placed]
        if not any(_is_below(points[at], later) for at in range(len(points)) for later in points[at + 1 :]):
            return "".join(line + "\n" for line in self.lines)
        lines: List[str] = []
        done = 0
        for place, moved in zip(placed, sorted(placed, key=lambda stanza: stanza.mount_point.count("/"))):
            lines += [*self.lines[done : place.first - 1], *self.lines[moved.first - 1 : moved.last]]
            done = place.last
        return "".join(line + "\n" for line in (*lines, *self.lines[done:]))


def _is_below(point: str, parent: str) -> bool:
    return point != parent and point.startswith(parent.rstrip("/") + "/")


_TITLE = re.compile(r"(?P<mount_point>[/#]\S*|\S+):\s*")
_ATTRIBUTE = re.compile(r"\s*(?P<key>[A-Za-z_][\w\-]*)\s*=\s*(?P<value>\S.*?)?\s*")


def _key(line: str) -> Optional[str]:
    found = _ATTRIBUTE.fullmatch(line)
    return found.group("key") if found else None


def parse(text: Union[str, None]) -> Filesystems:
    """The file.  ParseError for a line that is no title, attribute, comment or blank."""
    lines = lines_of(text or "")
    found: List[Stanza] = []
    attributes: Dict[str, str] = {}
    for line in lines:
        if not line.text.strip() or line.text.lstrip().startswith("*"):
            continue
        attribute = _ATTRIBUTE.fullmatch(line.text)
        if attribute is None:
            mount_point = line.match(_TITLE, "neither a title, nor key = value").group("mount_point")
            attributes = {}
            found.append(Stanza(MountPoint(mount_point), (), line.number, line.number))
            continue
        found[-1:] = [_with(found, attributes, attribute.group("key"), attribute.group("value") or "", line)]
    first = {stanza.mount_point: stanza for stanza in reversed(found)}
    repeated = tuple(stanza for stanza in found if stanza is not first[stanza.mount_point])
    stanzas = tuple(stanza for stanza in found if stanza is first[stanza.mount_point])
    return Filesystems(stanzas, tuple(line.text for line in lines), repeated)


def _with(found: List[Stanza], attributes: Dict[str, str], key: str, value: str, line: Line) -> Stanza:
    if not found:
        raise line.error("an attribute before any stanza")
    if key == "dev" and key in attributes:
        raise line.error(f"{key} for the second time")
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    attributes.setdefault(key, value)
    return found[-1]._replace(attributes=tuple(attributes.items()), last=line.number)


FILE: FileQuery[Filesystems] = FileQuery(ETC_FILESYSTEMS, parse, about="filesystems")
