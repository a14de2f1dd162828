"""What the writer writes, byte by byte where bytes of AIX are known, and as others read it."""

from __future__ import annotations

import re
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from bff import Fileset, Image, Part, write
from bff.archive import ArchiveMember, archive
from bff.backup import END_RECORD, Member, backup, checksum
from bff.control import cfgfiles, inventory, sum_r
from bff.image import members
from bff.tests.images import demo, directory


def output(*argv: str) -> str:
    return subprocess.run(argv, check=True, capture_output=True, text=True).stdout


def member(image: Image, name: str) -> Member:
    return next(member for member in members(image) if member.name == name)


def test_the_same_description_gives_the_same_bytes_in_whatever_order() -> None:
    image = demo()
    rte, sim = image.filesets
    usr = Part(tuple(reversed(rte.usr.entries)), dict(reversed(list(rte.usr.scripts.items()))), rte.usr.controls)
    assert write(image) == write(demo()) == write(replace(image, filesets=(replace(rte, usr=usr), sim)))


def test_file_recognises_the_image(tmp_path: Path) -> None:
    image = tmp_path / demo().file_name
    image.write_bytes(write(demo()))
    assert output("file", "--brief", str(image)) == "AIX backup/restore format file\n"


def test_the_name_is_bffcreates() -> None:
    assert demo().file_name == "demo.1.4.0.0.I"


def test_a_member_is_as_in_a_genuine_image() -> None:
    """./lpp_name of PkgA.1.0.0.0.bff (AIX, 2013), but for its dates, the checksum, and two bytes of garbage."""
    genuine = (
        (
            "0a0b6bea ......01 00 00000000 a4810000 00000000 00000000 9f000000 (........){3}"
            "0a000000 07000000 00000000 00000000 9f000000 00000000"
            "2e2f6c70705f6e616d65 000000000000 02000000 02000000"
            "10000000 00000000 .... 0600 0400 0400 10000000 a4810000 00000000 00000000"
        )
        .replace(" ", "")
        .replace("......01", "....01")
    )
    image = backup([Member("./", 0o755, 2, 2, is_directory=True), Member("./lpp_name", 0o644, data=b"x" * 159)], 0)
    at = 0xB8  # as in the genuine image
    record = image[at : at + 0x78 + 160]
    assert re.match(genuine, record.hex())
    assert record.endswith(b"x" * 159 + b"\0")


def test_the_checksum_is_that_of_the_end_record_of_all_genuine_images() -> None:
    assert checksum(END_RECORD[:4] + b"\0\0" + END_RECORD[6:]) == int.from_bytes(END_RECORD[4:6], "little")


def test_lpp_name() -> None:
    assert (
        member(demo(), "./lpp_name").data.decode("ascii")
        == """\
4 R I demo {
demo.rte 1.4.0.0 01 N B en_US Demonstration
[
*prereq bos.rte 7.2.0.0
%
/opt/demo 0
/opt/demo/bin 16
/usr/lpp/demo/inst_root 0
/usr/lpp/demo/inst_root/etc 0
/usr/lpp/demo/inst_root/etc/demo 16
/usr/lib/objrepos 16
/etc/demo 16
/etc/objrepos 8
INSTWORK 16 16
%
%
%
%
%
]
demo.sim 1.4.0.0 01 N U en_US Rehearsals
[
%
/opt/demo 8
/usr/lib/objrepos 8
INSTWORK 16 16
%
%
%
%
%
]
}
"""
    )


def test_the_inventory() -> None:
    rte = demo().filesets[0]
    text = inventory("demo.rte", rte.usr.sorted)
    assert (
        """\
/opt/demo/bin/special:
          owner = bin
          group = bin
          mode = SUID,555
          type = FILE
          class = apply,inventory,demo.rte
          size = 1025
          checksum = "00056    2 "

"""
        in text
    )
    assert (
        """\
/usr/bin/demo:
          owner = root
          group = system
          mode = 777
          type = SYMLINK
          class = apply,inventory,demo.rte
          target = /opt/demo/bin/run

"""
        in text
    )
    root = inventory("demo.rte", rte.root.sorted)
    assert root.count("VOLATILE") == 2, "the administrator's file has neither size nor checksum"
    assert cfgfiles(rte.root.sorted) == "./etc/demo/demo.conf preserve\n"


@pytest.mark.parametrize("size", [0, 1, 1024, 1025, 70000])
def test_the_checksum_of_a_file_is_that_of_sum(tmp_path: Path, size: int) -> None:
    data = bytes(index * 7 % 251 for index in range(size))
    file = tmp_path / "data"
    file.write_bytes(data)
    with file.open("rb") as stream:
        said = subprocess.run(["sum", "-r"], stdin=stream, check=True, capture_output=True, text=True).stdout
    assert sum_r(data).split() == said.split()


def test_the_root_part_travels_below_inst_root() -> None:
    names = [each.name for each in members(demo())]
    assert names[:8] == [
        "./", "./lpp_name", "./usr", "./usr/lpp", "./usr/lpp/demo", "./usr/lpp/demo/liblpp.a",
        "./usr/lpp/demo/inst_root", "./usr/lpp/demo/inst_root/liblpp.a",
    ]  # fmt: skip
    assert "./usr/lpp/demo/inst_root/etc/demo/demo.conf" in names
    assert not [name for name in names if name.startswith("./etc")]
    assert "./usr/bin/demo" not in names, "links are in the inventory alone"


def test_a_root_part_may_be_scripts_alone() -> None:
    fileset = Fileset("s.rte", "1.0.0.0", "S", Part((directory("/opt/s"),)), Part((), {"config": b"#!/bin/sh\n"}))
    image = Image("s", (fileset,))
    assert b" B en_US " in member(image, "./lpp_name").data
    assert b"s.rte.config" in member(image, "./usr/lpp/s/inst_root/liblpp.a").data


MEMBERS = (
    ArchiveMember("demo.rte.al", b"./opt/demo\n"),  # odd length of name, odd length of data
    ArchiveMember("demo.rte.post_i", b"#!/bin/sh\nexit 0\n", 0o755),
    ArchiveMember("demo.rte.size", b""),
    ArchiveMember("lpp.README", b"\x00\xff" * 700),
)
READERS = [("llvm-ar-16", "big"), ("ar", "big"), ("ar", "small")]


@pytest.mark.parametrize(("program", "kind"), READERS)
def test_archivers_that_are_not_ours_read_liblpp(tmp_path: Path, program: str, kind: str) -> None:
    file = tmp_path / "liblpp.a"
    file.write_bytes(archive(MEMBERS, 1767225600, kind))
    listed = [line.split() for line in output(program, "tv", str(file)).splitlines()]
    assert [(row[0], row[1], row[2], row[-1]) for row in listed] == [
        ("rw-r--r--", "0/0", "11", "demo.rte.al"),
        ("rwxr-xr-x", "0/0", "17", "demo.rte.post_i"),
        ("rw-r--r--", "0/0", "0", "demo.rte.size"),
        ("rw-r--r--", "0/0", "1400", "lpp.README"),
    ]
    for each in MEMBERS:
        printed = subprocess.run([program, "p", str(file), each.name], check=True, capture_output=True).stdout
        assert printed == each.data


@pytest.mark.parametrize(("program", "kind"), READERS)
def test_archivers_that_are_not_ours_read_the_liblpp_of_an_image(tmp_path: Path, program: str, kind: str) -> None:
    file = tmp_path / "liblpp.a"
    for library in ("./usr/lpp/demo/liblpp.a", "./usr/lpp/demo/inst_root/liblpp.a"):
        file.write_bytes(member(demo(archive=kind), library).data)
        assert "demo.rte.inventory" in output(program, "t", str(file)).split()


@pytest.mark.parametrize(("kind", "said"), [("small", "archive"), ("big", "archive (big format)")])
def test_file_recognises_the_archive(tmp_path: Path, kind: str, said: str) -> None:
    file = tmp_path / "liblpp.a"
    file.write_bytes(archive(MEMBERS, 0, kind))
    assert output("file", "--brief", str(file)) == said + "\n"
