"""Write, check and try out AIX installp images (backup by name format, ".bff") on any machine that has Python 3.9.

Nothing but the standard library is used.  README.md says what is written, on what evidence, and what stays unknown.

An image is described by values and comes out as bytes::

    from pathlib import Path
    from bff import Fileset, Image, Part, Rule, entries_below, write

    entries = entries_below(
        Path("build/stage"),  # build/stage/opt/demo/bin/run becomes /opt/demo/bin/run
        rules=(
            Rule("/etc/demo/*.conf", config="preserve"),  # the administrator's; survives a newer level
            Rule("/opt/demo/bin/*", mode=0o755),
        ),
    )
    fileset = Fileset(
        name="demo.rte",
        level="1.4.0.0",
        description="Demonstration",
        requisites=("*prereq bos.rte 7.2.0.0",),
        copyright="Copyright 2026 the authors\\n",
        usr=Part(entries.usr, scripts={"post_i": b"#!/bin/sh\\nexit 0\\n", "unconfig": b"#!/bin/sh\\nexit 0\\n"}),
        root=Part(entries.root),
    )
    image = Image(package="demo", filesets=(fileset,), when=1767225600)  # seconds: the commit's, never the clock's
    Path("dist", image.file_name).write_bytes(write(image))  # demo.1.4.0.0.I

What comes out depends on nothing else: neither the clock nor who builds, nor the order of directories.  To look at it
again there is :mod:`bff.reader`, which shares no line with the writer, and :mod:`bff.installp`, a small installp that
installs, updates and removes below a directory of your choice.
"""

from __future__ import annotations

from bff.image import write
from bff.model import BadDescription, Entry, Fileset, Image, Kind, Part
from bff.tree import Entries, Rule, entries_below

__all__ = [
    "BadDescription",
    "Entries",
    "Entry",
    "Fileset",
    "Image",
    "Kind",
    "Part",
    "Rule",
    "entries_below",
    "write",
]
