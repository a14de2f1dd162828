"""Puts an installp image together: the control files, the archives around them, and the backup around all."""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

from bff import control
from bff.archive import ArchiveMember, archive
from bff.backup import Member, backup
from bff.model import GROUPS, OWNERS, Entry, Fileset, Image, Kind

# Assumed: as AIX has these directories itself (PkgA.1.0.0.0.bff: "./" with uid and gid 2).  installp restores by name
# what the apply lists say, so nobody's /usr changes its owner; `restore -x` of everything would leave it as it is.
ABOVE = ("./", "./usr", "./usr/lpp")
BIN = 2


def write(image: Image) -> bytes:
    """The bytes of the image; the same for the same description, wherever and whenever it is written."""
    return backup(members(image), image.when)


def members(image: Image) -> Iterator[Member]:
    """In the order of the genuine images: what installp needs first comes first."""
    usr, root, sections = _libraries(image)
    home = f"./usr/lpp/{image.package}"
    yield _directory(ABOVE[0], BIN)
    yield Member("./lpp_name", 0o644, data=control.lpp_name(image, sections).encode("ascii"))
    for name in ABOVE[1:]:
        yield _directory(name, BIN)
    yield _directory(home)
    yield Member(f"{home}/liblpp.a", 0o644, data=archive(usr, image.when, image.archive))
    if root:
        yield _directory(f"{home}/inst_root")
        yield Member(f"{home}/inst_root/liblpp.a", 0o644, data=archive(root, image.when, image.archive))
    written = {home, f"{home}/inst_root"}
    for fileset in image.filesets:
        for entry in control.with_root_copies(image, fileset):
            name = "." + entry.path
            if entry.kind is not Kind.SYMLINK and name not in written:
                written.add(name)
                yield _payload(entry)


def _directory(name: str, owner: int = 0) -> Member:
    return Member(name, 0o755, owner, owner, is_directory=True)


def _payload(entry: Entry) -> Member:
    return Member(
        "." + entry.path, entry.mode, OWNERS[entry.owner], GROUPS[entry.group], entry.data,
        is_directory=entry.kind is Kind.DIRECTORY,
    )  # fmt: skip


def _libraries(image: Image) -> Tuple[List[ArchiveMember], List[ArchiveMember], Dict[str, List[str]]]:
    """The members of the two liblpp.a, and fileset -> lines of the size section for lpp_name."""
    usr: List[ArchiveMember] = []
    root: List[ArchiveMember] = []
    sections: Dict[str, List[str]] = {}
    for fileset in image.filesets:
        copied = control.with_root_copies(image, fileset)
        usr_files = _control_files(fileset, "usr", copied)
        root_files = _control_files(fileset, "root", fileset.root.sorted) if fileset.root else {}
        control_bytes = sum(len(data) for data in (*usr_files.values(), *root_files.values()))
        usr_sizes = control.size_lines(copied, "/usr/lib/objrepos", control_bytes)
        root_sizes = control.size_lines(fileset.root.sorted, "/etc/objrepos", 0) if fileset.root else []
        usr_files["size"] = _text(usr_sizes)
        if root_files:
            root_files["size"] = _text(root_sizes)
        # INSTWORK is the last line, as in the genuine images.
        sections[fileset.name] = [*usr_sizes[:-1], *root_sizes, usr_sizes[-1]]
        usr += _archived(fileset, usr_files)
        root += _archived(fileset, root_files)
    if image.productid:
        # Source: Microsoft's SCX and OMI for AIX (aixlpp.py): the member has no fileset's name before it.
        usr.append(ArchiveMember("productid", _text([image.productid])))
    return usr, root, sections


def _control_files(fileset: Fileset, name: str, entries: Tuple[Entry, ...]) -> Dict[str, bytes]:
    """Suffix -> contents of the control files of one part, its size file apart."""
    part = dict(fileset.parts)[name]
    files = {**part.controls, **part.scripts}
    files["al"] = control.apply_list(entries).encode("ascii")
    files["inventory"] = control.inventory(fileset.name, entries).encode("ascii")
    configuration = control.cfgfiles(entries)
    if configuration:
        files["cfgfiles"] = configuration.encode("ascii")
    if fileset.copyright and name == "usr":
        files["copyright"] = fileset.copyright.encode("ascii")
    return files


def _archived(fileset: Fileset, files: Dict[str, bytes]) -> List[ArchiveMember]:
    """Sorted by name; scripts (by their first line) may be executed.  Source: buildaix, scripts have mode 0755."""
    return [
        ArchiveMember(f"{fileset.name}.{suffix}", data, 0o755 if data.startswith(b"#!") else 0o644)
        for suffix, data in sorted(files.items())
    ]


def _text(lines: List[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode("ascii")
