"""File systems as /etc/filesystems has them: ``lsfs``, ``lsfs -c``, ``lsfs -q``, ``lsfs -cq``.

    Name            Nodename   Mount Pt               VFS   Size    Options    Auto Accounting
    /dev/hd4        --         /                      jfs2  20971520 --         yes  no
      (lv size: 20971520, fs size: 20971520, block size: 4096, ..., MountGuard: no, LFF: no)
    /dev/spot1      --         /spot1                 jfs2  --      --         yes  no
    /dev/spot1: A file or directory in the path name does not exist.
    The volume group of /dev/spot1  may be varied off.

``--`` is an absent value.  Sizes in 512-byte blocks.  Long fields push the columns; every field is one word.
``-q`` adds a line in parentheses; for a device that is not there it prints two lines instead, the rest of the list, and
an exit status that is not 0.  ``-c``:

    #MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct
    /home:/dev/hd1:jfs2:::1048576:rw:yes:no

Source: lsfs/03 (6.1), 04 (7.2), 05 to 07 (7.3), 08 (6.1 TL7).
"""

from __future__ import annotations

import re
from typing import List, NamedTuple, Optional, Tuple

from drboot.facts.base import Line, Query, ignore, rows_of
from drboot.facts.types import MountPoint

IGNORE = (
    ignore(r"^Name +Nodename +Mount Pt +VFS +Size +Options +Auto +Accounting *$", "header"),
    ignore(r"^#MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct$", "header of -c"),
    ignore(r"(?<= )--(?= )", "an absent value"),
    ignore(r"^/\S+: (?:A file|There is) .*\nThe volume group of .*$", "the device is not there: is_dead"),
)


class Fs(NamedTuple):
    """One file system.

    node         "" for a local one
    size         512-byte blocks; None where nothing is known, as for NFS and a dead device
    type         the ``type`` of the stanza, shown by -c only
    options      "" for none
    auto         mounted by ``mount all``
    query        with -q: label and value of each item in the parentheses; () otherwise
    is_dead      with -q: the device cannot be opened, its VG may be varied off
    """

    device: str
    node: str
    mount_point: MountPoint
    vfs: str
    size: Optional[int]
    options: str
    auto: bool
    accounting: bool
    type: str = ""
    query: Tuple[Tuple[str, str], ...] = ()
    is_dead: bool = False

    def item(self, label: str) -> Optional[str]:
        return next((value for key, value in self.query if key == label), None)


_HEADER = re.compile(r"Name\s+Nodename\s+Mount Pt\s+VFS\s+Size\s+Options\s+Auto\s+Accounting\s*")
_COLON_HEADER = "#MountPoint:Device:Vfs:Nodename:Type:Size:Options:AutoMount:Acct"
_ROW = re.compile(
    r"(?P<device>\S+)\s+(?P<node>\S+)\s+(?P<mount>\S+)\s+(?P<vfs>[a-z][a-z0-9]*)\s+(?P<size>--|[0-9]+)\s+(?P<options>\S+)"
    r"\s+(?P<auto>yes|no)\s+(?P<accounting>yes|no)\s*"
)
_ITEMS = re.compile(r"\s*\((?P<items>.+)\)\s*")
_DEAD = re.compile(r"(?P<device>/\S+): \S.*|The volume group of (?P<same>/\S+)\s+may be varied off\.\s*")


def parse(text: str) -> Tuple[Fs, ...]:
    """``lsfs`` and ``lsfs -q``: every file system, in the order of the file."""
    found: List[Fs] = []
    for line in rows_of(text):
        row = _ROW.fullmatch(line.text)
        if row is not None:
            found.append(
                Fs(
                    device=row.group("device"),
                    node=_present(row.group("node")),
                    mount_point=MountPoint(row.group("mount")),
                    vfs=row.group("vfs"),
                    size=int(row.group("size")) if row.group("size") != "--" else None,
                    options=_present(row.group("options")),
                    auto=row.group("auto") == "yes",
                    accounting=row.group("accounting") == "yes",
                )
            )
        elif found:
            found[-1] = _more(line, found[-1])
        else:
            line.match(_HEADER, "not the header of lsfs")
    return tuple(found)


def _present(word: str) -> str:
    return "" if word == "--" else word


def _more(line: Line, fs: Fs) -> Fs:
    """The file system with what this line of -q adds to it."""
    items = _ITEMS.fullmatch(line.text)
    if items is not None and not fs.query:
        return fs._replace(query=_items(line, items.group("items")))
    dead = line.match(_DEAD, "not a row of lsfs")
    if (dead.group("device") or dead.group("same")) != fs.device or fs.query:
        raise line.error("a message about another device than the one above")
    return fs._replace(is_dead=True)


def _items(line: Line, text: str) -> Tuple[Tuple[str, str], ...]:
    """``lv size: 1, fs size: 1`` (-q) and ``lv size 1:fs size 1`` (-cq)."""
    found = []
    for item in text.split(", ") if ", " in text else text.split(":"):
        label, _, value = item.rpartition(" ")
        if not label:
            raise line.error(f"{item!r} is not a label and a value")
        found.append((label.rstrip(":"), value))
    return tuple(found)


def parse_colon(text: str) -> Tuple[Fs, ...]:
    """``lsfs -c`` and ``lsfs -cq``.  An option may hold a colon, so fields are counted from both ends."""
    found: List[Fs] = []
    for line in rows_of(text):
        if not found and line.text.rstrip() == _COLON_HEADER:
            continue
        if (found and _ITEMS.fullmatch(line.text)) or (found and _DEAD.fullmatch(line.text)):
            found[-1] = _more(line, found[-1])
            continue
        words = line.text.rstrip().split(":")
        if len(words) < 9 or words[-1] not in ("yes", "no") or words[-2] not in ("yes", "no"):
            raise line.error("not the nine fields of lsfs -c")
        if words[5] and not re.fullmatch("[0-9]+|--", words[5]):
            raise line.error("the size is not a number")
        found.append(
            Fs(
                device=words[1],
                node=words[3],
                mount_point=MountPoint(words[0]),
                vfs=words[2],
                size=int(words[5]) if words[5] not in ("", "--") else None,
                options=":".join(words[6:-2]),
                auto=words[-2] == "yes",
                accounting=words[-1] == "yes",
                type=words[4],
            )
        )
    return tuple(found)


ALL = Query("lsfs", ("-c",), parse_colon, about="filesystems")


def queried(mount_point: str) -> Query[Tuple[Fs, ...]]:
    """``lsfs -q`` of one file system, with its MountGuard where the level has it (lsfs/08).

    Assumed: a device that is not there makes the exit status 1; what is printed stands.
    """
    return Query("lsfs", ("-q", mount_point), parse, about="filesystems", ok=(0, 1))


QUERIED = Query("lsfs", ("-q",), parse, about="filesystems", ok=(0, 1, 255))
