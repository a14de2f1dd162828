"""The reader takes what is right, and refuses what does not agree with itself, saying where."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Callable, Dict, List, Tuple

import pytest

from bff import Entry, Kind, write
from bff.archive import ArchiveMember, archive
from bff.backup import BLOCK, END_RECORD, Member, backup
from bff.reader import Damaged, read_archive, read_backup, read_package
from bff.tests.images import CONF, RUN, WHEN, demo, one, with_changed, with_members, with_text

LIBRARY, ROOT_LIBRARY = "./usr/lpp/demo/liblpp.a", "./usr/lpp/demo/inst_root/liblpp.a"
CONF_COPY = "./usr/lpp/demo/inst_root/etc/demo/demo.conf"


@pytest.mark.parametrize("archive", ["small", "big"])
def test_it_reads_back_what_was_described(archive: str) -> None:
    package = read_package(write(demo(archive=archive)))
    rte, sim = package.filesets
    assert (package.name, package.backup.when, package.backup.user) == ("demo", WHEN, "root")
    assert (rte.name, rte.level, rte.description) == ("demo.rte", "1.4.0.0", "Demonstration")
    assert package.productid == "demo,1.4"
    assert rte.parts["usr"].files["odmadd"] == b"Demo:\n"
    assert (rte.requisites, sim.requisites, rte.bosboot) == (("*prereq bos.rte 7.2.0.0",), (), False)
    assert (sorted(rte.parts), sorted(sim.parts)) == (["root", "usr"], ["usr"])
    assert package.members["./opt/demo/bin/run"].data == RUN
    assert package.members["./opt/demo/bin/special"].mode == 0o4555
    assert package.members[CONF_COPY].data == CONF
    assert rte.parts["root"].cfgfiles == {"/etc/demo/demo.conf": "preserve"}
    assert rte.parts["root"].apply_list == ("/etc/demo", "/etc/demo/demo.conf", "/etc/demo/samples")
    link = next(entry for entry in rte.parts["usr"].inventory if entry.path == "/usr/bin/demo")
    assert (link.type, link.target, link.mode) == ("SYMLINK", "/opt/demo/bin/run", 0o777)


def changed(name: str, **what: object) -> bytes:
    return with_changed(demo(), name, lambda member: replace(member, **what))  # type: ignore[arg-type]


def without(name: str) -> bytes:
    return with_members(demo(), lambda members: [member for member in members if member.name != name])


def twice(members: List[Member]) -> List[Member]:
    return [*members, members[-1]]


def swapped(members: List[Member]) -> List[Member]:
    return [*members[:-2], members[-1], members[-2]]


def library(old: str, new: str) -> bytes:
    assert len(old) == len(new)
    return with_text(demo(), LIBRARY, old, new)


def root_library(old: str, new: str) -> bytes:
    assert len(old) == len(new)
    return with_text(demo(), ROOT_LIBRARY, old, new)


def lpp_name(old: str, new: str) -> bytes:
    return with_text(demo(), "./lpp_name", old, new)


def relibrary(change: Callable[[List[ArchiveMember]], List[ArchiveMember]], when: int = WHEN) -> bytes:
    """The usr library made anew from changed members."""

    def rewrite(member: Member) -> Member:
        members = [ArchiveMember(file.name, file.data, file.mode) for file in read_archive(member.data)]
        return replace(member, data=archive(change(members), when))

    return with_changed(demo(), LIBRARY, rewrite)


def no_inventory(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return [member for member in members if member.name != "demo.rte.inventory"]


def no_size_of_sim(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return [member for member in members if member.name != "demo.sim.size"]


def half_volatile(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return texts(members, "demo.rte.inventory", "size = 1025", "size = VOLATILE")


def path_twice(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return texts(members, "demo.rte.inventory", "/opt/demo/empty:", "/opt/demo/bin:")


def inventoried_configuration(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return [*members, ArchiveMember("demo.sim.cfgfiles", b"./opt/demo/sim preserve\n")]


def texts(members: List[ArchiveMember], name: str, old: str, new: str) -> List[ArchiveMember]:
    """One text of one member changed, also for a longer one."""
    assert any(old.encode("ascii") in member.data for member in members if member.name == name)
    return sorted(
        (
            replace(member, data=member.data.replace(old.encode("ascii"), new.encode("ascii")))
            if member.name == name
            else member
            for member in members
        ),
        key=lambda member: member.name,
    )


def script_644(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return [replace(member, mode=0o644) if member.name == "demo.rte.post_i" else member for member in members]


def no_interpreter(members: List[ArchiveMember]) -> List[ArchiveMember]:
    return [
        replace(member, data=b"exit 0\n", mode=0o644) if member.name == "demo.rte.post_i" else member
        for member in members
    ]


WRONG: Dict[str, Tuple[Callable[[], bytes], str, str]] = {
    # what: (the image, where it is said to be, what is said)
    "mode of a file": (lambda: changed("./opt/demo/bin/run", mode=0o777), "/opt/demo/bin/run", "mode 777"),
    "lost SUID": (lambda: changed("./opt/demo/bin/special", mode=0o555), "/opt/demo/bin/special", "by the inventory"),
    "owner": (lambda: changed("./opt/demo/bin/run", uid=2), "/opt/demo/bin/run", "uid 2"),
    "group": (lambda: changed("./opt/demo/bin/run", gid=1), "/opt/demo/bin/run", "gid 1"),
    "longer": (lambda: changed("./opt/demo/bin/run", data=RUN + b"x"), "/opt/demo/bin/run", "bytes"),
    "other contents": (lambda: changed("./opt/demo/bin/run", data=RUN.upper()), "/opt/demo/bin/run", "checksum"),
    "file for a directory": (
        lambda: changed("./opt/demo/bin", is_directory=False), "/opt/demo/bin", "not a DIRECTORY",
    ),
    "copy of the configuration": (lambda: changed(CONF_COPY, data=b"level = 9\n"), CONF_COPY[1:], "checksum"),
    "copy's mode": (lambda: changed(CONF_COPY, mode=0o600), CONF_COPY[1:], "mode 600"),
    "mode of liblpp.a": (lambda: changed(LIBRARY, mode=0o600), LIBRARY, "mode 600"),
    "owner of ./": (lambda: changed("./", uid=0), "./", "uid 0"),
    "no lpp_name": (lambda: without("./lpp_name"), "image", "./lpp_name"),
    "no library": (lambda: without(LIBRARY), "image", LIBRARY),
    "no root library": (lambda: without(ROOT_LIBRARY), "demo.rte", "B: not what liblpp.a holds"),
    "no file": (lambda: without("./opt/demo/bin/run"), "image", "without ./opt/demo/bin/run"),
    "no copy": (lambda: without(CONF_COPY), "image", f"without {CONF_COPY}"),
    "one more": (lambda: with_members(demo(), lambda m: [*m, Member("./opt/x", 0o644)]), "image", "with ./opt/x"),
    "twice": (lambda: with_members(demo(), twice), "./opt/demo/sim", "in the archive twice"),
    "another order": (lambda: with_members(demo(), swapped), "image", "not in the order"),
    "level": (lambda: lpp_name("demo.rte 1.4.0.0", "demo.rte 1.4.0"), "lpp_name line 2", "V.R.M.F"),
    "format": (lambda: lpp_name("4 R I", "5 R I"), "lpp_name line 1", "5 R I"),
    "other package": (lambda: lpp_name("I demo {", "I dome {"), "image", "./usr/lpp/dome/liblpp.a"),
    "no end": (lambda: lpp_name("]\n}", "]\n"), "lpp_name", "}"),
    "no requisites' end": (lambda: lpp_name("7.2.0.0\n%", "7.2.0.0"), "lpp_name line 2", "sections"),
    "unknown requisite": (lambda: lpp_name("*prereq", "*please"), "lpp_name line 2", "*please"),
    "something behind the sizes": (lambda: lpp_name("%\n%\n", "%\nx\n%\n"), "lpp_name line 2", "sections"),
    "usr part alone": (lambda: lpp_name(" B en_US", " U en_US"), "demo.rte", "U: not what"),
    "other sizes": (lambda: lpp_name("/opt/demo/bin 16", "/opt/demo/bin 8"), "lpp_name", "other sizes"),
    "fileset without control files": (lambda: lpp_name("demo.sim", "demo.sum"), LIBRARY, "demo.sim.al is of no"),
    "not ASCII": (
        lambda: with_changed(demo(), "./lpp_name", lambda m: replace(m, data=b"\xe4" + m.data)), "lpp_name", "0xe4",
    ),
    "inventory's owner": (lambda: library("owner = bin", "owner = sys"), "/opt/demo/bin/special", "uid 2"),
    "inventory's unknown owner": (lambda: library("owner = bin", "owner = jan"), "/opt/demo/bin/special", "jan"),
    "inventory's unknown group": (lambda: library("group = bin", "group = jan"), "/opt/demo/bin/special", "jan"),
    "inventory's mode": (lambda: library("SUID,555", "SUID,755"), "/opt/demo/bin/special", "4755"),
    "inventory's bits": (lambda: library("SUID,555", "SUIX,555"), "special", "mode SUIX,555"),
    "inventory's size": (lambda: library("size = 1025", "size = 1024"), "/opt/demo/bin/special", "1024"),
    "inventory's checksum": (lambda: library('"00056 ', '"00057 '), "/opt/demo/bin/special", "00057"),
    "inventory's type": (lambda: library("type = FILE", "type = PIPE"), "/opt/demo/bin/run", "PIPE"),
    "inventory's class": (lambda: library("apply,inventory", "apply,inventorx"), "/opt/demo", "class"),
    "inventory's attribute": (lambda: library("owner = ", "owned = "), "/opt/demo", "attributes"),
    "inventory's path": (lambda: library("/opt/demo/empty:", "/opt/demo/emptx:"), "demo.rte", "differ"),
    "inventory's order": (lambda: library("/opt/demo/empty:", "/opt/demo/aaaaa:"), ".inventory", "not sorted"),
    "link's mode": (lambda: library("mode = 777", "mode = 775"), "/usr/bin/demo", "a link of mode 775"),
    "link without target": (lambda: library("target = /opt/demo/bin/run", "target = /opt/demo/bin/r:n"), "demo", "r:n"),
    "list's path": (lambda: library("./opt/demo/empty\n", "./opt/demo/emptx\n"), "demo.rte", "differ"),
    "list's form": (lambda: library("./opt/demo/empty\n", "/opt/demo//empty\n"), ".al", "not like ./path"),
    "list's order": (lambda: library("./opt/demo/empty\n", "./opt/demo/aaaaa\n"), ".al", "not sorted"),
    "configuration's handling": (lambda: root_library("preserve", "conserve"), ".cfgfiles", "conserve"),
    "configuration's path": (
        lambda: root_library("./etc/demo/demo.conf p", "./etc/demo/demo.cong p"), "root part", "demo.cong",
    ),
    "sizes of the library": (lambda: library("/opt/demo/bin 16", "/opt/demo/bin 24"), ".size", "24"),
    "no room in the ODM": (lambda: library("/usr/lib/objrepos 16", "/usr/lib/objrepox 16"), ".size", "objrepos"),
    "half volatile": (lambda: relibrary(half_volatile), "/opt/demo/bin/special", "size VOLATILE"),
    "inventory's double": (lambda: relibrary(path_twice), ".inventory", "a path twice"),
    "configuration that is inventoried": (
        lambda: relibrary(lambda m: sorted(inventoried_configuration(m), key=lambda each: each.name)),
        "demo.sim",
        "its size is not VOLATILE",
    ),
    "no inventory": (lambda: relibrary(no_inventory), "demo.rte", "has no demo.rte.inventory"),
    "no sizes": (lambda: relibrary(no_size_of_sim), "demo.sim", "has no demo.sim.size"),
    "not sorted": (lambda: relibrary(lambda m: m[::-1]), LIBRARY, "not sorted"),
    "member twice": (lambda: relibrary(lambda m: [*m, m[-1]]), LIBRARY, "a second time"),
    "member of nobody": (lambda: relibrary(lambda m: [*m, ArchiveMember("x", b"")]), LIBRARY, "x is of no fileset"),
    "script that is no program": (lambda: relibrary(script_644), "demo.rte.post_i", "mode 644"),
    "script without #!": (lambda: relibrary(no_interpreter), "demo.rte.post_i", "#!"),
    "library of another date": (lambda: relibrary(list, when=7), "demo.rte.al", "date 7"),
}  # fmt: skip


@pytest.mark.parametrize("what", WRONG)
def test_what_does_not_agree_is_refused(what: str) -> None:
    make, where, said = WRONG[what]
    with pytest.raises(Damaged) as damage:
        read_package(make())
    assert where in damage.value.where
    assert said in damage.value.what


def test_what_is_checked_in_an_image_of_ones_own_alone() -> None:
    """AIX's own images have left-over bytes, other orders and sizes: all that is let through when asked for."""
    genuine = bytearray(with_members(demo(), swapped))
    readme = relibrary(lambda members: [*members, ArchiveMember("lpp.README", b"x")])
    unsorted = library("./opt/demo/bin\n./opt/demo/bin/run\n", "./opt/demo/bin/run\n./opt/demo/bin\n")
    for image in (readme, unsorted):
        assert read_package(image, strict=False).name == "demo"
        with pytest.raises(Damaged):
            read_package(image)
    slack = genuine.index(b"./lpp_name\0") + len(b"./lpp_name\0") + 2
    acl = genuine.index(b"\x02\0\0\0\x02\0\0\0", slack) + 16
    genuine[acl : acl + 2] = b"\x34\x12"  # outside the header: no checksum has it
    genuine[-1] = 7
    with pytest.raises(Damaged):
        read_package(bytes(genuine))
    assert read_package(bytes(genuine), strict=False).name == "demo"
    with pytest.raises(Damaged):
        read_package(bytes(with_members(demo(), lambda members: members[:-1])), strict=False)


CONTAINER: Dict[str, Tuple[Callable[[bytes], bytes], str]] = {
    "nothing": (lambda image: b"", "ends 8 bytes early"),
    "a byte short": (lambda image: image[:-1], "multiple of 512"),
    "another block": (lambda image: image + bytes(51200), "more than the last block"),
    "without end": (lambda image: image[: image.index(END_RECORD)] + bytes(BLOCK), "length 0"),
    "packed": (lambda image: image.replace(b"\x6b\xea", b"\x6c\xea", 1), "packed"),
    "other magic": (lambda image: image.replace(b"\x6b\xea", b"\x6f\xea", 1), "magic 60015"),
    "not one": (lambda image: b"\x02ELF" + image[4:], "magic 17996"),
    "begins with a member": (lambda image: image[72:], "does not begin with a volume record"),
    "a second volume record": (lambda image: image[:72] + image, "type 0"),
}


@pytest.mark.parametrize("what", CONTAINER)
def test_a_damaged_container_is_refused(what: str) -> None:
    damage, said = CONTAINER[what]
    image = backup([Member("./", 0o755, is_directory=True), Member("./x", 0o644, data=b"x")], WHEN)
    assert [member.name for member in read_backup(image).members] == ["./", "./x"]
    with pytest.raises(Damaged) as refusal:
        read_backup(damage(image))
    assert said in str(refusal.value)


@pytest.mark.parametrize("name", ["x", "/x", "./../x", "./x//y", ".", "./x/", "./x\n"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(Damaged):
        read_backup(backup([Member(name, 0o644)], 0))


def test_a_backup_that_is_no_package_may_have_other_names() -> None:
    """Output of backup -i of "backup/file.txt".  Source: resources/test of ponchofiesta/bffextract-rs."""
    image = backup([Member("backup", 0o755, is_directory=True), Member("backup/file.txt", 0o644)], 0)
    assert [member.name for member in read_backup(image, strict=False).members] == ["backup", "backup/file.txt"]
    for name in ("/etc/passwd", "../x", "x//y", "."):
        with pytest.raises(Damaged):
            read_backup(backup([Member(name, 0o644)], 0), strict=False)


@pytest.mark.parametrize("kind", ["small", "big"])
@pytest.mark.parametrize("count", [0, 1, 3])
def test_an_archive_is_read_back(kind: str, count: int) -> None:
    members = [ArchiveMember(f"m{index}" * index + "x", b"d" * index, 0o755) for index in range(count)]
    read = read_archive(archive(members, 9, kind))
    assert [(file.name, file.data, file.mode, file.date) for file in read] == [
        (member.name, member.data, member.mode, 9) for member in members
    ]


@pytest.mark.parametrize("kind", ["small", "big"])
def test_no_byte_of_an_archive_can_change_unnoticed_but_data_date_and_mode(kind: str) -> None:
    """The data are checked by what reads them; date and mode by read_package."""
    good = archive([ArchiveMember("ab", b"DATA"), ArchiveMember("c", b"DAT")], 1234567890, kind)
    before = [(file.name, file.uid, file.gid, len(file.data)) for file in read_archive(good)]
    for at in range(len(good)):
        for bit in range(8):
            bad = bytearray(good)
            bad[at] ^= 1 << bit
            try:
                read = read_archive(bytes(bad))
            except Damaged:
                continue
            assert [(file.name, file.uid, file.gid, len(file.data)) for file in read] == before, f"{at}, bit {bit}"


def test_archives_that_are_not_ours_are_read(tmp_path: Path) -> None:
    """In those of binutils unused numbers are NUL, and the table counts its padding."""
    for name, data in (("demo.rte.al", b"./opt\n"), ("odd", b"x")):
        (tmp_path / name).write_bytes(data)
    argv = ["ar", "--target=aix5coff64-rs6000", "rcD", "x.a", "demo.rte.al", "odd"]
    subprocess.run(argv, cwd=str(tmp_path), check=True)
    read = read_archive((tmp_path / "x.a").read_bytes(), strict=False)
    assert [(file.name, file.data) for file in read] == [("demo.rte.al", b"./opt\n"), ("odd", b"x")]
    argv = ["llvm-ar-16", "--format=bigarchive", "rcD", "y.a", "demo.rte.al", "odd"]
    subprocess.run(argv, cwd=str(tmp_path), check=True)
    assert [file.name for file in read_archive((tmp_path / "y.a").read_bytes())] == ["demo.rte.al", "odd"]


def test_an_empty_root_entry_is_no_mistake() -> None:
    image = one(root=(Entry("/etc/one", Kind.DIRECTORY, mode=0o755), Entry("/etc/one/link", Kind.SYMLINK, target="x")))
    root = read_package(write(image)).filesets[0].parts["root"]
    assert root.apply_list == ("/etc/one",)
    assert [entry.type for entry in root.inventory] == ["DIRECTORY", "SYMLINK"]
