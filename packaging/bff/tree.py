"""From a staging directory to the entries of a fileset."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import List, Optional, Tuple

from bff.model import SYSTEM_DIRECTORIES, BadDescription, Entry, Kind


@dataclass(frozen=True)
class Rule:
    """What differs for the paths that match ``pattern`` (of fnmatch: ``*`` takes ``/`` too); None leaves it alone."""

    pattern: str
    mode: Optional[int] = None
    owner: Optional[str] = None
    group: Optional[str] = None
    config: Optional[str] = None
    volatile: Optional[bool] = None


@dataclass(frozen=True)
class Entries:
    usr: Tuple[Entry, ...]
    root: Tuple[Entry, ...]


def entries_below(directory: Path, rules: Tuple[Rule, ...] = ()) -> Entries:
    """Everything below a staging directory, which stands for ``/``, divided into the two parts.

    Modes are those of the staged files, without the write bits of group and others, so that the builder's umask
    leaves no trace.  Owner and group are root and system, whoever builds.  Then each rule that matches is applied, in
    their order; a rule about files only (``config``, ``volatile``) passes directories and links over.
    Directories of AIX itself are left out.  Raises BadDescription for what installp cannot carry, for two names of one
    file, and for a rule that matches nothing.
    """
    found: List[Entry] = []
    used = set()
    for name in _names_below(directory):
        path = "/" + name
        if path in SYSTEM_DIRECTORIES:
            continue
        entry = _entry(directory / name, path)
        for rule in rules:
            if fnmatchcase(path, rule.pattern):
                used.add(rule)
                entry = _changed(entry, rule)
        found.append(entry)
    for rule in rules:
        if rule not in used:
            raise BadDescription(f"rule {rule.pattern}: matches nothing below {directory}")
    return Entries(
        usr=tuple(entry for entry in found if entry.in_usr), root=tuple(entry for entry in found if not entry.in_usr)
    )


def _names_below(directory: Path) -> List[str]:
    names = []
    for above, directories, files in os.walk(str(directory)):
        relative = os.path.relpath(above, str(directory))
        for name in directories + files:
            names.append(os.path.normpath(os.path.join(relative, name)))
    if not names:
        raise BadDescription(f"{directory}: nothing is staged there")
    return sorted(names, key=lambda name: name.split("/"))


def _entry(staged: Path, path: str) -> Entry:
    status = staged.lstat()
    mode = stat.S_IMODE(status.st_mode) & ~0o022
    if stat.S_ISLNK(status.st_mode):
        return Entry(path, Kind.SYMLINK, mode=0o777, target=os.readlink(str(staged)))
    if stat.S_ISDIR(status.st_mode):
        return Entry(path, Kind.DIRECTORY, mode=mode)
    if not stat.S_ISREG(status.st_mode):
        raise BadDescription(f"{path}: neither a file, a directory nor a symbolic link")
    if status.st_nlink > 1:
        raise BadDescription(f"{path}: has a second name (hard link); stage a copy, or a symbolic link")
    return Entry(path, Kind.FILE, staged.read_bytes(), mode)


def _changed(entry: Entry, rule: Rule) -> Entry:
    if rule.mode is not None and entry.kind is not Kind.SYMLINK:
        entry = replace(entry, mode=rule.mode)
    if rule.owner is not None:
        entry = replace(entry, owner=rule.owner)
    if rule.group is not None:
        entry = replace(entry, group=rule.group)
    if entry.kind is Kind.FILE:
        if rule.config is not None:
            entry = replace(entry, config=rule.config)
        if rule.volatile is not None:
            entry = replace(entry, volatile=rule.volatile)
    return entry
