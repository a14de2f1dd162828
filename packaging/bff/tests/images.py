"""The images that the tests build."""

from __future__ import annotations

from bff import Entry, Fileset, Image, Kind, Part

RUN = b"#!/bin/sh\necho running\n"
CONF = b"level = 1\n"


def script(*lines: str) -> bytes:
    return "\n".join(["#!/bin/sh", *lines, "exit 0", ""]).encode("ascii")


def demo(level: str = "1.4.0.0", archive: str = "small", when: int = 1767225600) -> Image:
    """A package with everything in it: both parts, configuration, a link, special modes, two filesets."""
    rte = Fileset(
        name="demo.rte",
        level=level,
        description="Demonstration",
        requisites=("*prereq bos.rte 7.2.0.0",),
        copyright="Copyright 2026 the authors\n",
        usr=Part(
            (
                Entry("/opt/demo", Kind.DIRECTORY, mode=0o755),
                Entry("/opt/demo/bin", Kind.DIRECTORY, mode=0o755),
                Entry("/opt/demo/bin/run", data=RUN, mode=0o755),
                Entry("/opt/demo/bin/special", data=b"x" * 1025, mode=0o4555, owner="bin", group="bin"),
                Entry("/opt/demo/empty", mode=0o600),
                Entry("/usr/bin/demo", Kind.SYMLINK, target="/opt/demo/bin/run"),
            ),
            scripts={"post_i": script(), "unconfig": script()},
            controls={"productid": b"demo\n"},
        ),
        root=Part(
            (
                Entry("/etc/demo", Kind.DIRECTORY, mode=0o750),
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
        usr=Part((Entry("/opt/demo", Kind.DIRECTORY, mode=0o755), Entry("/opt/demo/sim", data=b"sim\n"))),
    )
    return Image("demo", (rte, sim), when, archive)
