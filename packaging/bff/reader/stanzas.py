"""Reading the texts of a package: lpp_name, .inventory, .al, .cfgfiles, .size."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Dict, List, Optional, Tuple

from bff.reader.damaged import Damaged, demand

_PATH = r"(?:/[!#-&+\-.0-9;<>@A-Z^-~]+)+"
_SPECIAL = {"SUID": 0o4000, "SGID": 0o2000, "SVTX": 0o1000}
_HANDLINGS = ("preserve", "hold_new", "auto_merge", "user_merge", "other")


@dataclass(frozen=True)
class Inventoried:
    """A stanza of an inventory.  ``size`` and ``checksum`` are None where they are VOLATILE, or there are none."""

    path: str
    owner: str
    group: str
    mode: int
    type: str
    size: Optional[int] = None
    checksum: Optional[str] = None
    target: str = ""


@dataclass(frozen=True)
class Contents:
    """A fileset as lpp_name has it.  ``content``: U or B; ``sizes``: directory -> blocks of 512 bytes."""

    name: str
    level: str
    bosboot: bool
    content: str
    description: str
    requisites: Tuple[str, ...]
    size_lines: Tuple[str, ...]


def read_lpp_name(text: str) -> Tuple[str, Tuple[Contents, ...]]:
    """The package and its filesets."""
    lines = _lines(text, "lpp_name")
    head = re.match(r"4 ([RN]) I (\S+) \{\Z", lines[0])
    if head is None:
        raise Damaged("lpp_name line 1", f"{lines[0]!r} is not like: 4 R I PACKAGE {{")
    demand(lines[-1] == "}", "lpp_name", "does not end with }")
    filesets: List[Contents] = []
    at = 1
    while at < len(lines) - 1:
        fileset, at = _fileset(lines, at)
        filesets.append(fileset)
    demand(bool(filesets), "lpp_name", "has no fileset")
    names = [fileset.name for fileset in filesets]
    demand(len(set(names)) == len(names), "lpp_name", "has a fileset twice")
    return head.group(2), tuple(filesets)


def _fileset(lines: List[str], at: int) -> Tuple[Contents, int]:
    where = f"lpp_name line {at + 1}"
    line = re.match(r"(\S+) (\d{1,2}\.\d{1,2}\.\d{1,4}\.\d{1,4}) 01 ([bN]) ([UB]) en_US (\S.*)\Z", lines[at])
    if line is None:
        raise Damaged(where, f"{lines[at]!r} is not like: FILESET V.R.M.F 01 N U en_US DESCRIPTION")
    demand(lines[at + 1] == "[", where, "no [ in the next line")
    demand("]" in lines[at:], where, "no ] ends its sections")
    end = lines.index("]", at)
    sections: List[List[str]] = [[]]
    for text in lines[at + 2 : end]:
        if text == "%":
            sections.append([])
        else:
            sections[-1].append(text)
    demand(len(sections) == 7 and sections[-1] == [], where, f"{len(sections) - 1} sections ended by %, where 6 are")
    demand(not any(sections[2:]), where, "sections behind the sizes are used, which this reader does not know")
    for requisite in sections[0]:
        known = re.match(r"\*(prereq|coreq|ifreq|instreq) \S+( \(\S+\))? \d+(\.\d+){1,3}\Z", requisite)
        demand(known is not None, where, f"requisite {requisite!r}")
    name, level, bosboot, content, description = line.groups()
    return (
        Contents(name, level, bosboot == "b", content, description, tuple(sections[0]), tuple(sections[1])),
        end + 1,
    )


def read_sizes(lines: Tuple[str, ...], where: str) -> Tuple[Dict[str, int], List[str]]:
    """Directory -> blocks; and the other lines: INSTWORK."""
    sizes: Dict[str, int] = {}
    others = []
    for line in lines:
        directory = re.match(rf"({_PATH}) (0|[1-9]\d*)\Z", line)
        if directory is None:
            demand(re.match(r"INSTWORK [1-9]\d* [1-9]\d*\Z", line) is not None, where, f"{line!r} is no size")
            others.append(line)
            continue
        demand(directory.group(1) not in sizes, where, f"{directory.group(1)} twice")
        sizes[directory.group(1)] = int(directory.group(2))
    return sizes, others


def read_inventory(text: str, fileset: str, where: str, in_order: bool = True) -> Tuple[Inventoried, ...]:
    """The stanzas, which have to be sorted by path if ``in_order``."""
    demand(text == "" or text.endswith("\n\n"), where, "does not end with an empty line")
    found: List[Inventoried] = []
    for stanza in text.split("\n\n")[:-1]:
        found.append(_stanza(stanza.split("\n"), fileset, where))
    paths = [entry.path for entry in found]
    _check_paths(paths, where, in_order)
    return tuple(found)


def _stanza(lines: List[str], fileset: str, where: str) -> Inventoried:
    title = re.match(rf"({_PATH}):\Z", lines[0])
    if title is None:
        raise Damaged(where, f"{lines[0]!r} begins no stanza")
    path = title.group(1)
    here = f"{where}, {path}"
    said: Dict[str, str] = {}
    for line in lines[1:]:
        attribute = re.match(r" {10}([a-z]+) = (\S.*)\Z", line)
        if attribute is None:
            raise Damaged(here, f"{line!r} is no attribute")
        demand(attribute.group(1) not in said, here, f"{attribute.group(1)} twice")
        said[attribute.group(1)] = attribute.group(2)
    kind = said.get("type", "")
    wanted = {"FILE": {"size", "checksum"}, "DIRECTORY": set(), "SYMLINK": {"target"}}.get(kind)
    if wanted is None:
        raise Damaged(here, f"type {kind!r}")
    demand(
        said.keys() == {"owner", "group", "mode", "type", "class"} | wanted, here, f"has the attributes {sorted(said)}"
    )
    demand(said["class"] == f"apply,inventory,{fileset}", here, f"class {said['class']}")
    target = said.get("target", "")
    demand(target == "" or re.match(rf"{_PATH}\Z", "/" + target.lstrip("/")) is not None, here, f"target {target!r}")
    size, checksum = _sum(said, here)
    return Inventoried(path, said["owner"], said["group"], _mode(said["mode"], here), kind, size, checksum, target)


def _sum(said: Dict[str, str], here: str) -> Tuple[Optional[int], Optional[str]]:
    if "size" not in said or said["size"] == said["checksum"] == "VOLATILE":
        return None, None
    size = re.match(r"(0|[1-9]\d*)\Z", said["size"])
    checksum = re.match(r'"(\d{5} {0,4}\d+ )"\Z', said["checksum"])
    if size is None or checksum is None:
        raise Damaged(here, f"size {said['size']}, checksum {said['checksum']}")
    return int(size.group(1)), checksum.group(1)


def _mode(text: str, here: str) -> int:
    *names, digits = text.split(",")
    demand(re.match(r"[0-7]{1,3}\Z", digits) is not None, here, f"mode {text}")
    demand(names == [name for name in _SPECIAL if name in names], here, f"mode {text}")
    return int(digits, 8) | sum(_SPECIAL[name] for name in names)


def read_apply_list(text: str, where: str, in_order: bool = True) -> Tuple[str, ...]:
    """The paths, with their leading dot taken off; they have to be sorted if ``in_order``."""
    paths = []
    for line in _lines(text, where) if text else []:
        demand(re.match(rf"\.{_PATH}\Z", line) is not None, where, f"{line!r} is not like ./path")
        paths.append(line[1:])
    _check_paths(paths, where, in_order)
    return tuple(paths)


def _check_paths(paths: List[str], where: str, in_order: bool) -> None:
    demand(len(set(paths)) == len(paths), where, "has a path twice")
    demand(not in_order or paths == sorted(paths, key=lambda path: path.split("/")), where, "is not sorted")


def read_cfgfiles(text: str, where: str) -> Dict[str, str]:
    """Path -> how it is treated."""
    found: Dict[str, str] = {}
    for line in _lines(text, where):
        entry = re.match(rf"\.({_PATH}) ([a-z_]+)\Z", line)
        if entry is None or entry.group(2) not in _HANDLINGS:
            raise Damaged(where, f"{line!r} is not like: ./path preserve")
        demand(entry.group(1) not in found, where, f"{entry.group(1)} twice")
        found[entry.group(1)] = entry.group(2)
    return found


def _lines(text: str, where: str) -> List[str]:
    demand(text.endswith("\n"), where, "does not end with a newline")
    return text[:-1].split("\n")
