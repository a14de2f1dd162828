"""Reading a whole package, and whether all that it says about itself agrees.

What is compared: lpp_name with liblpp.a; the apply lists with the members of the image, in their order; the
inventories with the apply lists and with type, owner, group, mode, size and checksum of the members; the inventory of
the root part with the copies below inst_root; .cfgfiles with the inventory; the sizes with the members.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, List, Mapping, Tuple

from bff.reader.archive import ArchivedFile, read_archive
from bff.reader.backup import Backup, BackupMember, read_backup
from bff.reader.damaged import Damaged, demand
from bff.reader.stanzas import (
    Contents,
    Inventoried,
    read_apply_list,
    read_cfgfiles,
    read_inventory,
    read_lpp_name,
    read_sizes,
)

IDS = {"root": 0, "system": 0, "daemon": 1, "staff": 1, "bin": 2, "sys": 3, "adm": 4}
_OWNERS = ("root", "daemon", "bin", "sys", "adm")
_GROUPS = ("system", "staff", "bin", "sys", "adm")
_SCRIPTS = ("pre_rm", "pre_i", "post_i", "config", "pre_d", "unconfig_d", "unconfig", "unpost_i", "unpre_i")
_NEEDED = ("al", "inventory", "size")
# A sum and up to 255 more -> its 16 bits turned one to the right.  A table, for the sake of images of many MB.
_TURNED = tuple((total % 65536) // 2 + (total % 2) * 32768 for total in range(65536 + 256))
_DATABASES = {"usr": "/usr/lib/objrepos", "root": "/etc/objrepos"}


@dataclass(frozen=True)
class PackagedPart:
    """``files``: suffix -> contents of all its control files, scripts included."""

    apply_list: Tuple[str, ...]
    inventory: Tuple[Inventoried, ...]
    cfgfiles: Mapping[str, str]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class PackagedFileset:
    """``parts``: ``usr``, and ``root`` if there is one."""

    name: str
    level: str
    description: str
    bosboot: bool
    requisites: Tuple[str, ...]
    parts: Mapping[str, PackagedPart]


@dataclass(frozen=True)
class Package:
    name: str
    filesets: Tuple[PackagedFileset, ...]
    productid: str
    backup: Backup

    @property
    def members(self) -> Dict[str, BackupMember]:
        return {member.name: member for member in self.backup.members}


def read_package(data: bytes, strict: bool = True) -> Package:
    """The package in an image, after every comparison above.  Raises Damaged.

    ``strict=False`` is for images that AIX made: it passes over what its unused bytes hold and over the order and
    sizes, of which there is more than one right form.
    """
    backup = read_backup(data, strict)
    members = {member.name: member for member in backup.members}
    demand("./lpp_name" in members, "image", "has no ./lpp_name")
    package, contents = read_lpp_name(_text(members["./lpp_name"].data, "lpp_name"))
    home = f"./usr/lpp/{package}"
    demand(f"{home}/liblpp.a" in members, "image", f"has no {home}/liblpp.a")
    libraries = {"usr": _library(members[f"{home}/liblpp.a"], contents, backup.when, strict)}
    if f"{home}/inst_root/liblpp.a" in members:
        libraries["root"] = _library(members[f"{home}/inst_root/liblpp.a"], contents, backup.when, strict)
    filesets = tuple(_fileset(fileset, libraries, strict) for fileset in contents)
    if strict:
        _check_order(backup, package, filesets, "root" in libraries)
    base = f"/usr/lpp/{package}/inst_root"
    for fileset, content in zip(filesets, contents):
        _check_members(fileset, members)
        if "root" in fileset.parts:
            _check_root_copies(fileset, base, members)
        if strict:
            _check_sizes(fileset, content, base, members)
    productid = libraries["usr"].get("", {}).get("productid", b"")
    return Package(package, filesets, _text(productid, "productid").rstrip("\n"), backup)


def _library(
    member: BackupMember, contents: Tuple[Contents, ...], when: int, strict: bool
) -> Dict[str, Dict[str, bytes]]:
    """Fileset -> suffix -> contents; "" -> name -> contents of what belongs to the whole package: productid."""
    found: Dict[str, Dict[str, bytes]] = {}
    order = []
    for file in read_archive(member.data, strict, member.name):
        # The longest name: demo.rte.post_i is of demo.rte, though there be a fileset demo.
        owners = [fileset.name for fileset in contents if file.name.startswith(fileset.name + ".")]
        if not owners:
            # lpp.README, lpp.acf and the like; the writer makes none.
            demand(not strict or file.name == "productid", member.name, f"{file.name} is of no fileset in lpp_name")
            found.setdefault("", {})[file.name] = file.data
            order.append((len(contents), file.name))
            continue
        owner = max(owners, key=len)
        found.setdefault(owner, {})[file.name[len(owner) + 1 :]] = file.data
        order.append(([fileset.name for fileset in contents].index(owner), file.name))
        if strict:
            _check_archived(file, owner, when, member.name)
    demand(order == sorted(order) or not strict, member.name, "its members are not sorted")
    return found


def _check_archived(file: ArchivedFile, owner: str, when: int, where: str) -> None:
    suffix = file.name[len(owner) + 1 :]
    here = f"{where}, {file.name}"
    is_script = suffix in _SCRIPTS
    demand(file.data.startswith(b"#!") or not is_script, here, "is a script, but has no #! line")
    demand(file.data.endswith(b"\n") or not is_script, here, "is a script, but its last line has no end")
    wanted = 0o755 if file.data.startswith(b"#!") else 0o644
    demand(file.mode == wanted, here, f"mode {file.mode:o} instead of {wanted:o}")
    demand(file.date == when, here, f"date {file.date} is not the image's, {when}")


def _fileset(
    contents: Contents, libraries: Mapping[str, Mapping[str, Mapping[str, bytes]]], strict: bool
) -> PackagedFileset:
    parts: Dict[str, PackagedPart] = {}
    for part, library in libraries.items():
        if contents.name in library:
            parts[part] = _part(contents.name, part, library[contents.name], strict)
    demand("usr" in parts, contents.name, "has no usr part in liblpp.a")
    demand(
        ("root" in parts) == (contents.content == "B"), contents.name, f"{contents.content}: not what liblpp.a holds"
    )
    return PackagedFileset(
        contents.name, contents.level, contents.description, contents.bosboot, contents.requisites, parts
    )


def _part(fileset: str, part: str, files: Mapping[str, bytes], strict: bool) -> PackagedPart:
    where = f"{fileset} ({part} part)"
    for suffix in _NEEDED:
        demand(suffix in files, where, f"has no {fileset}.{suffix}")
    apply_list = read_apply_list(_text(files["al"], where), f"{where} .al", strict)
    inventory = read_inventory(_text(files["inventory"], where), fileset, f"{where} .inventory", strict)
    cfgfiles = read_cfgfiles(_text(files["cfgfiles"], where), f"{where} .cfgfiles") if "cfgfiles" in files else {}
    real = tuple(entry.path for entry in inventory if entry.type != "SYMLINK")
    agree = real == apply_list if strict else sorted(real) == sorted(apply_list)
    demand(agree, where, f".al and .inventory differ: {sorted(set(real) ^ set(apply_list)) or 'order'}")
    entries = {entry.path: entry for entry in inventory}
    for path in cfgfiles:
        demand(path in entries and entries[path].type == "FILE", where, f".cfgfiles has {path}, which is no file of it")
        demand(entries[path].size is None, where, f"{path} is configuration, but its size is not VOLATILE")
    for path in entries:
        in_usr = path.startswith(("/usr/", "/opt/"))
        demand(in_usr == (part == "usr"), where, f"{path} belongs to the other part")
    return PackagedPart(apply_list, inventory, cfgfiles, files)


def _check_order(backup: Backup, package: str, filesets: Tuple[PackagedFileset, ...], with_root: bool) -> None:
    """The members are those that installp needs first, then what the usr apply lists say, and nothing else."""
    home = f"./usr/lpp/{package}"
    wanted = ["./", "./lpp_name", "./usr", "./usr/lpp", home, f"{home}/liblpp.a"]
    if with_root:
        wanted += [f"{home}/inst_root", f"{home}/inst_root/liblpp.a"]
    fixed = tuple(wanted)
    for fileset in filesets:
        wanted += ["." + path for path in fileset.parts["usr"].apply_list]
    wanted = list(dict.fromkeys(wanted))
    names = [member.name for member in backup.members]
    missing, extra = sorted(set(wanted) - set(names)), sorted(set(names) - set(wanted))
    demand(not missing, "image", f"without {', '.join(missing)}, which the apply lists have")
    demand(not extra, "image", f"with {', '.join(extra)}, which no apply list has")
    demand(names == wanted, "image", "its members are not in the order of the apply lists")
    for member in backup.members:
        if member.name in fixed:
            _check_fixed(member, home)


def _check_fixed(member: BackupMember, home: str) -> None:
    """The members that no inventory has."""
    is_file = member.name.endswith(("lpp_name", "liblpp.a"))
    demand(member.is_directory is not is_file, member.name, "a file where a directory is to be, or the reverse")
    demand(member.mode == (0o644 if is_file else 0o755), member.name, f"mode {member.mode:o}")
    owner = 0 if is_file or member.name.startswith(home) else 2
    demand(member.uid == member.gid == owner, member.name, f"uid {member.uid} gid {member.gid} instead of {owner}")


def _check_members(fileset: PackagedFileset, members: Mapping[str, BackupMember]) -> None:
    for part in fileset.parts.values():
        for entry in part.inventory:
            demand(entry.owner in _OWNERS, entry.path, f"owner {entry.owner} is not on every AIX")
            demand(entry.group in _GROUPS, entry.path, f"group {entry.group} is not on every AIX")
            demand(entry.type != "SYMLINK" or entry.mode == 0o777, entry.path, f"a link of mode {entry.mode:o}")
    for entry in fileset.parts["usr"].inventory:
        if entry.type != "SYMLINK":
            demand("." + entry.path in members, entry.path, f"in the inventory of {fileset.name}, not in the image")
            _check_member(entry, members["." + entry.path])


def _check_member(entry: Inventoried, member: BackupMember) -> None:
    demand((entry.type == "DIRECTORY") == member.is_directory, entry.path, f"not a {entry.type} in the image")
    demand(member.uid == IDS[entry.owner], entry.path, f"uid {member.uid}, by the inventory owner {entry.owner}")
    demand(member.gid == IDS[entry.group], entry.path, f"gid {member.gid}, by the inventory group {entry.group}")
    demand(member.mode == entry.mode, entry.path, f"mode {member.mode:o}, by the inventory {entry.mode:o}")
    if entry.size is not None:
        demand(len(member.data) == entry.size, entry.path, f"{len(member.data)} bytes, by the inventory {entry.size}")
        seen = bsd_sum(member.data)
        demand(seen == entry.checksum, entry.path, f"checksum {seen!r}, by the inventory {entry.checksum!r}")


def _check_root_copies(fileset: PackagedFileset, base: str, members: Mapping[str, BackupMember]) -> None:
    root = fileset.parts["root"]
    for entry in root.inventory:
        if entry.type != "SYMLINK":
            demand(f".{base}{entry.path}" in members, entry.path, f"in the root part, without a copy below {base}")
            _check_member(entry, members[f".{base}{entry.path}"])
    ours = set(root.apply_list)
    for path in fileset.parts["usr"].apply_list:
        if path.startswith(base + "/"):
            demand(
                path[len(base) :] in ours or any(mine.startswith(path[len(base) :] + "/") for mine in ours),
                path,
                "a copy for the root part, which has no such file",
            )


def _check_sizes(fileset: PackagedFileset, contents: Contents, base: str, members: Mapping[str, BackupMember]) -> None:
    """The sizes of lpp_name are those of the two .size files together, and they are the members'."""
    together: List[str] = []
    for part, packaged in fileset.parts.items():
        where = f"{fileset.name} ({part} part) .size"
        text = _text(packaged.files["size"], where)
        demand(text.endswith("\n"), where, "does not end with a newline")
        lines = tuple(text[:-1].split("\n"))
        sizes, others = read_sizes(lines, where)
        demand(len(others) == (part == "usr"), where, "INSTWORK is in the usr part, once")
        demand(sizes.pop(_DATABASES[part], 0) > 0, where, f"nothing for {_DATABASES[part]}")
        wanted = _needed(packaged.inventory, "." + base if part == "root" else ".", members)
        demand(sizes == wanted, where, f"says {sizes}, the members need {wanted}")
        together += lines
    demand(sorted(together) == sorted(contents.size_lines), "lpp_name", f"other sizes than the .size of {fileset.name}")


def _needed(inventory: Tuple[Inventoried, ...], before: str, members: Mapping[str, BackupMember]) -> Dict[str, int]:
    """Directory -> blocks of 512 bytes of the files right in it, each rounded up to 4096 bytes."""
    blocks: Dict[str, int] = {}
    for entry in inventory:
        if entry.type == "DIRECTORY":
            blocks.setdefault(entry.path, 0)
        elif entry.type == "FILE":
            above = entry.path[: entry.path.rindex("/")]
            size = len(members[before + entry.path].data)
            blocks[above] = blocks.get(above, 0) + (size + 4095) // 4096 * 8
    return blocks


def bsd_sum(data: bytes) -> str:
    """The text of ``sum -r``: each byte is added after turning the 16-bit sum one bit to the right."""
    total = 0
    for byte in data:
        total = _TURNED[total] + byte
    return f"{total % 65536:05}{-(-len(data) // 1024):5} "


def _text(data: bytes, where: str) -> str:
    try:
        return data.decode("ascii")
    except UnicodeDecodeError as error:
        raise Damaged(where, f"byte {data[error.start]:#x} at {error.start} is not ASCII") from None
