"""The control files: lpp_name, and what liblpp.a holds for each part of a fileset.

Each function gives the text of one file.  Formats: README.md, section 2.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Dict, Iterable, List, Tuple

from bff.model import SYSTEM_DIRECTORIES, Entry, Fileset, Image, Kind, in_order

# Source: sizes are counted in blocks of 512 bytes, and a file system gives out 4096 at least (a file of 42 bytes is 8).
BLOCK, FRAGMENT = 512, 4096
# Assumed: enough for an entry of the inventory in the ODM, key index included; the fileset itself is one more.
ODM_BYTES_PER_ENTRY = 512
# Source: PkgA.1.0.0.0.bff, a fileset of three control files.
LEAST_INSTWORK = 16


def apply_list(entries: Iterable[Entry]) -> str:
    """FILESET.al: what to restore, one ``./path`` a line.  Source: links are not in it; the inventory makes them."""
    return "".join(f".{entry.path}\n" for entry in entries if entry.kind is not Kind.SYMLINK)


def inventory(fileset: str, entries: Iterable[Entry]) -> str:
    """FILESET.inventory: a stanza for each entry, as sysck and lppchk read it."""
    return "".join(_stanza(fileset, entry) for entry in entries)


def _stanza(fileset: str, entry: Entry) -> str:
    lines = [
        f"{entry.path}:",
        f"          owner = {entry.owner}",
        f"          group = {entry.group}",
        f"          mode = {inventory_mode(entry)}",
        f"          type = {entry.kind.value}",
        f"          class = apply,inventory,{fileset}",
    ]
    if entry.kind is Kind.SYMLINK:
        lines.append(f"          target = {entry.target}")
    elif entry.kind is Kind.FILE and (entry.config or entry.volatile):
        lines += ["          size = VOLATILE", "          checksum = VOLATILE"]
    elif entry.kind is Kind.FILE:
        lines += [f"          size = {len(entry.data)}", f'          checksum = "{sum_r(entry.data)}"']
    return "\n".join(lines) + "\n\n"


def inventory_mode(entry: Entry) -> str:
    """``755``, or ``SUID,SGID,555``: the special bits by name.  Source: AIX, sysck command, "mode"."""
    if entry.kind is Kind.SYMLINK:
        return "777"
    names = [name for bit, name in ((0o4000, "SUID"), (0o2000, "SGID"), (0o1000, "SVTX")) if entry.mode & bit]
    return ",".join([*names, f"{entry.mode & 0o777:o}"])


def sum_r(data: bytes) -> str:
    """What ``sum -r`` prints of standard input: rotating 16-bit sum, count of 1024-byte blocks.

    >>> sum_r(b"abc")
    '16556     1 '
    """
    value = 0
    for byte in data:
        value = ((value >> 1) + ((value & 1) << 15) + byte) & 0xFFFF
    return f"{value:05d}{(len(data) + 1023) // 1024:5d} "


def cfgfiles(entries: Iterable[Entry]) -> str:
    """FILESET.cfgfiles: the administrator's files, and how each is treated when a newer level comes."""
    return "".join(f".{entry.path} {entry.config}\n" for entry in entries if entry.config)


def with_root_copies(image: Image, fileset: Fileset) -> Tuple[Entry, ...]:
    """The entries of the usr part as they travel: its own, and below inst_root the root part's files.

    Source: root files are restored to /usr/lpp/PACKAGE/inst_root and copied to / from there, on this machine and on
    every client and WPAR that shares its /usr.
    """
    if not fileset.root:
        return fileset.usr.sorted
    base = f"/usr/lpp/{image.package}/inst_root"
    copies: Dict[str, Entry] = {base: Entry(base, Kind.DIRECTORY, mode=0o755)}
    for entry in fileset.root.sorted:
        if entry.kind is Kind.SYMLINK:
            continue
        above = entry.path.rpartition("/")[0]
        while above and base + above not in copies:
            assert above in SYSTEM_DIRECTORIES, above
            copies[base + above] = Entry(base + above, Kind.DIRECTORY, mode=0o755)
            above = above.rpartition("/")[0]
        # The copy is as it was delivered, so that lppchk can check it, whatever becomes of the file in use.
        copies[base + entry.path] = replace(entry, path=base + entry.path, config="", volatile=False)
    return in_order((*fileset.usr.entries, *copies.values()))


def sizes(entries: Iterable[Entry]) -> Dict[str, int]:
    """Directory -> blocks of 512 bytes for what lies right in it; described directories without files have 0."""
    needed: Dict[str, int] = {}
    for entry in entries:
        if entry.kind is Kind.DIRECTORY:
            needed.setdefault(entry.path, 0)
        elif entry.kind is Kind.FILE:
            directory = entry.path.rpartition("/")[0]
            needed[directory] = needed.get(directory, 0) + _blocks(len(entry.data))
    return dict(sorted(needed.items()))


def size_lines(entries: Tuple[Entry, ...], database: str, control_bytes: int) -> List[str]:
    """The size section of one part: its directories, its ODM, and for the usr part room for the control files.

    ``INSTWORK permanent temporary`` counts the control files: kept for the removal, and unpacked while installing.
    """
    lines = [f"{directory} {blocks}" for directory, blocks in sizes(entries).items()]
    lines.append(f"{database} {_blocks((1 + len(entries)) * ODM_BYTES_PER_ENTRY)}")
    if control_bytes:
        work = max(LEAST_INSTWORK, _blocks(control_bytes))
        lines.append(f"INSTWORK {work} {work}")
    return lines


def lpp_name(image: Image, size_sections: Dict[str, List[str]]) -> str:
    """The table of contents that installp reads first.

    Line 1: format 4, platform R (POWER), type I (an installation, no update), the package.  Then for each fileset its
    name, level, disk 01, bosboot wanted or not (b, N), content U (usr) or B (usr and root), language and description;
    and between brackets the sections, each ended by %: requisites, sizes, supersedes, licences, fixes.
    Source: PkgA.1.0.0.0.bff, which has six %.
    """
    lines = [f"4 R I {image.package} {{"]
    for fileset in image.filesets:
        bosboot, content = "b" if fileset.bosboot else "N", "B" if fileset.root else "U"
        lines.append(f"{fileset.name} {fileset.level} 01 {bosboot} {content} en_US {fileset.description}")
        lines += ["[", *fileset.requisites, "%", *size_sections[fileset.name], "%", "%", "%", "%", "%", "]"]
    return "\n".join([*lines, "}"]) + "\n"


def _blocks(size: int) -> int:
    return -(-size // FRAGMENT) * (FRAGMENT // BLOCK)
