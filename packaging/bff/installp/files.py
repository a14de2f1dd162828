"""What installing and removing do to files, configuration included; and how files differ from their inventory."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Container, Dict, Iterator, Mapping, Optional, Sequence

from bff.reader import BackupMember, Inventoried, Package, PackagedPart
from bff.reader.package import IDS, bsd_sum

# Source: "Packaging software for installation", from memory: where files of .cfgfiles are saved.
SAVED = {"usr": "/usr/lpp/save.config", "root": "/lpp/save.config"}


def delivered(package: Package, part: str) -> Dict[str, BackupMember]:
    """Path on AIX -> the member of the image that becomes it."""
    before = f"./usr/lpp/{package.name}/inst_root" if part == "root" else "."
    start = len(before)
    return {name[start:]: member for name, member in package.members.items() if name.startswith(before + "/")}


def restore(root: Path, package: Package, part: str, packaged: PackagedPart) -> None:
    """The files and directories of the apply list; those of the root part from their copies.  Raises OSError.

    A directory above them that is missing is made, as restore does; it is in no inventory, and stays.
    """
    members = delivered(package, part)
    for path in packaged.apply_list:
        member = members[path]
        target = at(root, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if member.is_directory:
            target.mkdir(exist_ok=True)
        else:
            remove_file(target)
            target.write_bytes(member.data)
        _own(target, member.uid, member.gid)
        target.chmod(member.mode)


def as_inventoried(root: Path, inventory: Sequence[Inventoried]) -> None:
    """What sysck does: links are made, owner, group and mode set."""
    for entry in inventory:
        target = at(root, entry.path)
        if entry.type == "SYMLINK":
            target.parent.mkdir(parents=True, exist_ok=True)
            remove_file(target)
            target.symlink_to(entry.target)
        elif target.exists():
            _own(target, IDS[entry.owner], IDS[entry.group])
            target.chmod(entry.mode)


def save_configuration(root: Path, part: str, packaged: PackagedPart) -> Dict[str, Path]:
    """Copies the files of .cfgfiles that are there; path -> where the copy is."""
    saved = {}
    for path in packaged.cfgfiles:
        if at(root, path).is_file():
            saved[path] = at(root, SAVED[part] + path)
            saved[path].parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(str(at(root, path)), str(saved[path]))
    return saved


def treat_configuration(root: Path, part: str, packaged: PackagedPart, saved: Mapping[str, Path]) -> None:
    """What .cfgfiles says of each file that was saved.

    preserve             the saved one replaces the new one
    hold_new             likewise, and the new one is saved instead
    auto_merge           post_i has merged the new one into the saved one, which replaces the new one
    user_merge, other    the new one stays, and the saved one where it is
    """
    for path, old in saved.items():
        handling, new = packaged.cfgfiles[path], at(root, path)
        if handling in ("preserve", "auto_merge"):
            os.replace(str(old), str(new))
        elif handling == "hold_new":
            content = new.read_bytes()
            os.replace(str(old), str(new))
            old.write_bytes(content)


def delete(root: Path, inventory: Sequence[Inventoried], others: Container[str]) -> None:
    """The inventoried files, but not those that another fileset has too; directories if they are empty then."""
    for entry in reversed(inventory):
        target = at(root, entry.path)
        if entry.path in others:
            continue
        if entry.type != "DIRECTORY":
            if target.is_symlink() or not target.is_dir():
                remove_file(target)
        elif target.is_dir() and not target.is_symlink() and not any(target.iterdir()):
            target.rmdir()


def faults(root: Path, entry: Inventoried, member: Optional[BackupMember] = None) -> Iterator[str]:
    """How a file differs from its stanza.

    Where it is still what was ``delivered``, the reader has checked size and checksum, which takes long, already.
    """
    target = at(root, entry.path)
    if entry.type == "SYMLINK":
        if not target.is_symlink() or os.readlink(str(target)) != entry.target:
            yield f"{entry.path}: no link to {entry.target}"
        return
    if target.is_symlink() or not (target.is_dir() if entry.type == "DIRECTORY" else target.is_file()):
        yield f"{entry.path}: no {entry.type}"
        return
    mode = target.stat().st_mode & 0o7777
    if mode != entry.mode:
        yield f"{entry.path}: mode {mode:o} instead of {entry.mode:o}"
    if entry.size is not None:
        data = target.read_bytes()
        if member is not None and data == member.data:
            return
        if len(data) != entry.size:
            yield f"{entry.path}: {len(data)} bytes instead of {entry.size}"
        elif bsd_sum(data) != entry.checksum:
            yield f"{entry.path}: checksum {bsd_sum(data)!r} instead of {entry.checksum!r}"


def at(root: Path, path: str) -> Path:
    """Where a path of AIX is below the root."""
    return root / path.lstrip("/")


def remove_file(path: Path) -> None:
    if path.is_symlink() or path.exists():
        path.unlink()


def _own(path: Path, uid: int, gid: int) -> None:
    """Only root can give files away; for anyone else they stay the user's."""
    if os.geteuid() == 0:
        os.chown(str(path), uid, gid)
