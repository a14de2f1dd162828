"""The staged filesets as one installp image, written by packaging/bff/."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Sequence, Tuple

import bff

from stage.tree import GROUP, OWNER, Item, Staged, script

# Required is only what every AIX has: a requisite on python3.9.base would block 7.2, where Python is the Toolbox's.
BOS = "*prereq bos.rte 7.1.0.0"
COPYRIGHT = "drboot\n\nLicensed under the Apache License, Version 2.0; what it brings along: /opt/drboot/doc/licences\n"
# script -> functions of lifecycle.sh; on removal the root part comes before the usr part, so the command is still there
USR: Dict[str, Tuple[str, ...]] = {
    "pre_rm": ("refuse_active",),
    "pre_i": ("refuse_active", "refuse_beside_rpm"),
    "post_i": ("add_menus",),
    "unpost_i": ("remove_menus",),
}
ROOT: Dict[str, Tuple[str, ...]] = {
    "config": ("return_configuration",),
    "pre_d": ("refuse_removal",),
    "unconfig": ("keep_configuration", "leave_machine"),
    "unpre_i": ("purge",),
}


def build(filesets: Sequence[Staged], target: Path) -> Path:
    """The image, below TARGET, named as mkinstallp names it."""
    first = filesets[0]
    made = tuple(_fileset(each) for each in filesets)
    image = bff.Image("drboot", made, when=first.epoch, productid=f"drboot,{first.version}")
    target.mkdir(parents=True, exist_ok=True)
    path = target / f"drboot.{first.level}.bff"
    path.write_bytes(bff.write(image))
    return path


def _fileset(staged: Staged) -> bff.Fileset:
    parts = {
        part: bff.Part(
            tuple(_entry(staged, item) for item in staged.items if item.part == part),
            {name: script(staged.functions, *calls).encode("ascii") for name, calls in scripts.items()},
        )
        for part, scripts in (("usr", USR if staged.functions else {}), ("root", ROOT if staged.functions else {}))
    }
    return bff.Fileset(
        name=staged.fileset.name,
        level=staged.level,
        description=staged.fileset.description,
        requisites=(BOS, *(f"*prereq {need} {staged.level}" for need in staged.fileset.needs)),
        copyright=COPYRIGHT,
        usr=parts["usr"],
        root=parts["root"],
    )


def _entry(staged: Staged, item: Item) -> bff.Entry:
    data = (staged.root / item.path.lstrip("/")).read_bytes() if item.kind == "file" else b""
    kind = {"file": bff.Kind.FILE, "directory": bff.Kind.DIRECTORY, "link": bff.Kind.SYMLINK}[item.kind]
    config = "preserve" if item.config else ""
    return bff.Entry(item.path, kind, data, item.mode, OWNER, GROUP, item.target, config)
