"""The images that the tests build."""

from __future__ import annotations

from dataclasses import replace
from typing import Callable, List, Mapping, Sequence

from bff import Entry, Fileset, Image, Kind, Part
from bff.backup import Member, backup
from bff.image import members

RUN = b"#!/bin/sh\necho running\n"
CONF = b"level = 1\n"
WHEN = 1767225600


def script(*lines: str) -> bytes:
    return "\n".join(["#!/bin/sh", *lines, "exit 0", ""]).encode("ascii")


def directory(path: str, mode: int = 0o755) -> Entry:
    return Entry(path, Kind.DIRECTORY, mode=mode)


def demo(level: str = "1.4.0.0", archive: str = "small", when: int = WHEN) -> Image:
    """A package with everything in it: both parts, configuration, a link, special modes, two filesets."""
    rte = Fileset(
        name="demo.rte",
        level=level,
        description="Demonstration",
        requisites=("*prereq bos.rte 7.2.0.0",),
        copyright="Copyright 2026 the authors\n",
        usr=Part(
            (
                directory("/opt/demo"),
                directory("/opt/demo/bin"),
                Entry("/opt/demo/bin/run", data=RUN, mode=0o755),
                Entry("/opt/demo/bin/special", data=b"x" * 1025, mode=0o4555, owner="bin", group="bin"),
                Entry("/opt/demo/empty", mode=0o600),
                Entry("/usr/bin/demo", Kind.SYMLINK, target="/opt/demo/bin/run"),
            ),
            scripts={"post_i": script(), "unconfig": script()},
            controls={"odmadd": b"Demo:\n"},
        ),
        root=Part(
            (
                directory("/etc/demo", 0o750),
                Entry("/etc/demo/demo.conf", data=CONF, config="preserve"),
                Entry("/etc/demo/samples", data=b"example\n"),
            ),
            scripts={"config": script()},
        ),
    )
    sim = Fileset(
        name="demo.sim",
        level=level,
        description="Rehearsals",
        usr=Part((directory("/opt/demo"), Entry("/opt/demo/sim", data=b"sim\n"))),
    )
    return Image("demo", (rte, sim), when, archive, "demo,1.4")


def small() -> Image:
    """Few bytes, and still each kind of record: for tests that try every byte."""
    usr = Part((directory("/opt/d"), Entry("/opt/d/run", data=RUN, mode=0o755)))
    return Image("d", (Fileset("d.r", "1.0.0.0", "Demo", usr),), WHEN)


def one(
    *entries: Entry,
    level: str = "1.0.0.0",
    scripts: Mapping[str, bytes] = {},  # only read
    root: Sequence[Entry] = (),
    root_scripts: Mapping[str, bytes] = {},
    requisites: Sequence[str] = (),
    name: str = "one.rte",
) -> Image:
    """An image of one fileset; it has a directory /opt/one, whatever else it has."""
    fileset = Fileset(
        name, level, "One", Part((directory("/opt/one"), *entries), scripts), Part(tuple(root), root_scripts),
        tuple(requisites),
    )  # fmt: skip
    return Image(name.partition(".")[0], (fileset,), WHEN)


def with_changed(image: Image, name: str, change: Callable[[Member], Member]) -> bytes:
    """The image, except that the change was made to one member of the backup, before the checksums were."""
    changed = [change(member) if member.name == name else member for member in members(image)]
    assert changed != list(members(image)), name
    return backup(changed, image.when)


def with_members(image: Image, change: Callable[[List[Member]], List[Member]]) -> bytes:
    """The image with the list of its members changed."""
    return backup(change(list(members(image))), image.when)


def with_text(image: Image, name: str, old: str, new: str) -> bytes:
    """The image with one text changed in one member, for another of the same length if in an archive."""

    def change(member: Member) -> Member:
        assert member.data.count(old.encode("ascii")) >= 1, f"{old!r} is not in {name}"
        return replace(member, data=member.data.replace(old.encode("ascii"), new.encode("ascii"), 1))

    return with_changed(image, name, change)
