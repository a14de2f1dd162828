"""Whatever is described comes back; whatever is damaged is refused, or is what the format does not protect."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from typing import List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bff import Entry, Fileset, Image, Kind, Part, write
from bff.archive import ArchiveMember, archive
from bff.backup import Member, checksum
from bff.model import GROUPS, HANDLINGS, OWNERS
from bff.reader import Damaged, read_archive, read_package
from bff.tests.images import demo, script, with_members

LIBRARY, ROOT_LIBRARY = "./usr/lpp/demo/liblpp.a", "./usr/lpp/demo/inst_root/liblpp.a"
NAMES = st.text("ab-.+@%_~", min_size=1, max_size=9).filter(lambda name: name not in (".", ".."))
MODES = st.integers(0, 0o7777)
WHO = st.tuples(st.sampled_from(sorted(OWNERS)), st.sampled_from(sorted(GROUPS)))


@st.composite
def entries(draw: st.DrawFn, top: str) -> Tuple[Entry, ...]:
    """A tree of up to a few levels below ``top``, which belongs to AIX."""
    found: List[Entry] = []
    directories = [top]
    for name in draw(st.lists(NAMES, max_size=6)):
        path = f"{draw(st.sampled_from(directories))}/{name}"
        if path in [entry.path for entry in found] or path in ("/opt/bin", "/etc/objrepos"):
            continue
        kind = draw(st.sampled_from(Kind))
        owner, group = draw(WHO)
        if kind is Kind.DIRECTORY:
            found.append(Entry(path, kind, mode=draw(MODES), owner=owner, group=group))
            directories.append(path)
        elif kind is Kind.SYMLINK:
            found.append(Entry(path, kind, owner=owner, group=group, target="../" + draw(NAMES), mode=0o777))
        else:
            config = draw(st.sampled_from(("", *HANDLINGS)))
            volatile = not config and draw(st.booleans())
            data = draw(st.binary(max_size=40)) * draw(st.sampled_from((1, 120)))
            found.append(Entry(path, kind, data, draw(MODES), owner, group, "", config, volatile))
    return tuple(draw(st.permutations(found)))


@st.composite
def images(draw: st.DrawFn) -> Image:
    filesets = []
    for name in draw(st.sampled_from((("p.a",), ("p", "p.a"), ("p.b", "p.a")))):
        usr = draw(entries("/opt")) if not filesets else ()
        root = draw(entries("/etc")) if not filesets else ()
        scripts = draw(st.dictionaries(st.sampled_from(("post_i", "unconfig")), st.just(script()), max_size=2))
        usr_part = Part(usr, scripts, {} if usr or scripts else {"odmadd": b"1"})
        level = draw(st.sampled_from(("1.0.0.0", "99.99.9999.9999")))
        filesets.append(Fileset(name, level, draw(st.sampled_from(("D", "x" * 60))), usr_part, Part(root)))
    return Image("p", tuple(filesets), draw(st.integers(0, 2**31 - 1)), draw(st.sampled_from(("small", "big"))))


@settings(max_examples=60)
@given(images())
def test_every_image_that_can_be_described_is_read_back(image: Image) -> None:
    data = write(image)
    assert data == write(image)
    package = read_package(data)
    assert package.backup.when == image.when
    for described, read in zip(image.filesets, package.filesets):
        assert (described.name, described.level, described.description) == (read.name, read.level, read.description)
        for name, part in described.parts:
            there = {entry.path: entry for entry in read.parts[name].inventory if "/inst_root" not in entry.path}
            assert set(there) == {entry.path for entry in part.entries}
            assert dict(read.parts[name].cfgfiles) == {each.path: each.config for each in part.entries if each.config}
            for entry in part.entries:
                seen = there[entry.path]
                assert (seen.type, seen.owner, seen.group) == (entry.kind.value, entry.owner, entry.group)
                assert (seen.mode, seen.target) == (entry.mode, entry.target)
                assert (seen.size is None) == bool(entry.config or entry.volatile or entry.kind is not Kind.FILE)
                if entry.kind is Kind.FILE:
                    before = f"./usr/lpp/{image.package}/inst_root" if name == "root" else "."
                    assert package.members[before + entry.path].data == entry.data
            for suffix, text in part.scripts.items():
                assert read.parts[name].files[suffix] == text


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.text("abc.", min_size=1, max_size=7), st.binary(max_size=9)), unique_by=lambda each: each[0]),
    st.sampled_from(("small", "big")),
)
def test_every_archive_is_read_back(members: List[Tuple[str, bytes]], kind: str) -> None:
    data = archive([ArchiveMember(*member) for member in members], 1, kind)
    assert [(file.name, file.data) for file in read_archive(data)] == members


GOOD = {kind: write(demo(archive=kind)) for kind in ("small", "big")}
# What the format states once, and no checksum covers: the level, the texts for people, requisites, the bodies of
# scripts, copyright, product identifier and other control files, and of a symbolic link its path and target.
BODIES = (b"Demonstration", b"Rehearsals", b"*prereq bos.rte 7.2.0.0", b"1.4.0.0", script(), b"Demo:\n", b"demo,1.4\n")
BODIES += (b"Copyright 2026 the authors\n", b"/usr/bin/demo:", b"/opt/demo/bin/run\n\n")


def protected(at: int, image: bytes) -> bool:
    """Whether the byte is in none of the texts above."""
    for body in BODIES:
        start = image.find(body)
        while start >= 0:
            if start <= at < start + len(body):
                return False
            start = image.find(body, start + 1)
    return True


@settings(max_examples=400)
@given(st.data(), st.sampled_from(sorted(GOOD)))
def test_a_byte_that_changes_is_noticed(data: st.DataObject, kind: str) -> None:
    """Headers are in test_headers.py, which tries all of them, and the bytes that the checksum cannot tell apart."""
    image = GOOD[kind]
    at = data.draw(st.integers(0, len(image) - 1).filter(lambda at: protected(at, image)))
    bit = data.draw(st.integers(0, 7))
    with pytest.raises(Damaged):
        read_package(image[:at] + bytes([image[at] ^ 1 << bit]) + image[at + 1 :])


@settings(max_examples=150)
@given(st.integers(0, len(GOOD["small"]) - 1), st.booleans())
def test_an_image_that_ends_early_is_refused(end: int, padded: bool) -> None:
    """Also when what is missing is filled up with zeros: the end record is missing then, unless only zeros were cut."""
    image = GOOD["small"]
    cut = image[:end] + (bytes(len(image) - end) if padded else b"")
    if cut == image:
        return
    with pytest.raises(Damaged):
        read_package(cut)


@settings(max_examples=150)
@given(st.data())
def test_bytes_that_are_lost_doubled_or_strange_are_refused_and_nothing_else_happens(data: st.DataObject) -> None:
    image = GOOD["small"]
    at = data.draw(st.integers(0, len(image) - 513))
    size = data.draw(st.sampled_from((1, 8, 40, 512)))
    piece = data.draw(st.sampled_from((b"", image[at : at + size] * 2, data.draw(st.binary(max_size=16)))))
    damaged = image[:at] + piece + image[at + size :]
    if damaged == image:
        return
    for strict in (True, False):
        try:
            read_package(damaged, strict)
        except Damaged:
            continue
        assert not strict or len(damaged) == len(image), "another length, and still an image"


def rechecked(image: bytes, offset: int) -> bytes:
    """The image with the checksum of the header at the offset made right again."""
    header = bytearray(image[offset : offset + image[offset] * 8])
    header[4:6] = b"\0\0"
    return image[: offset + 4] + checksum(bytes(header)).to_bytes(2, "little") + image[offset + 6 :]


@settings(max_examples=80)
@given(st.data())
def test_a_header_that_lies_with_a_right_checksum_is_refused_or_harmless(data: st.DataObject) -> None:
    """Sizes, modes and lengths of any value: never another error than Damaged."""
    image = GOOD["small"]
    members = read_package(image).backup.members
    offset = data.draw(st.sampled_from([0, *(member.offset for member in members)]))
    at = offset + data.draw(st.integers(0, image[offset] * 8 - 1))
    value = data.draw(st.sampled_from((b"\0", b"\xff", b"\x80\x80\x80\x80", b"\xff\xff\xff\x7f", b"\x01", b"\x0b")))
    bad = rechecked(image[:at] + value + image[at + len(value) :], offset)
    for strict in (True, False):
        with contextlib.suppress(Damaged):
            read_package(bad, strict)


PIECES = st.sampled_from(
    (b"", b"\n", b"%\n", b"]\n", b"}", b" ", b"9" * 30, b"/", b"\0", b"\xff", b"VOLATILE", b"\n\n")
)


@settings(max_examples=120)
@given(st.data())
def test_control_files_of_any_contents_are_refused_or_harmless(data: st.DataObject) -> None:
    """Pieces put in and taken out anywhere in lpp_name and liblpp.a, in a container that is right."""
    name = data.draw(st.sampled_from(("./lpp_name", LIBRARY, ROOT_LIBRARY)))

    def change(member: Member) -> Member:
        at = data.draw(st.integers(0, len(member.data)))
        cut = data.draw(st.integers(0, 20))
        piece = data.draw(PIECES)
        return replace(member, data=member.data[:at] + piece + member.data[at + cut :] + b"\n" * (piece == b""))

    bad = with_members(demo(), lambda all_: [change(member) if member.name == name else member for member in all_])
    for strict in (True, False):
        with contextlib.suppress(Damaged):
            read_package(bad, strict)
