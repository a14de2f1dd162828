"""The file systems of a site: which are checked and mounted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from drboot.errors import Where
from drboot.profile.keys import PATH, ListOf, OneOf
from drboot.profile.sections import Key, Section


@dataclass(frozen=True)
class Filesystems:
    """``filesystems:`` of a profile; mount points throughout."""

    fsck: str
    except_: Tuple[str, ...]
    nfs: Tuple[str, ...]
    at: Where


SECTION = Section(
    "filesystems",
    Filesystems,
    meaning="How the file systems of the imported volume groups come up.",
    keys=(
        Key(
            "fsck",
            OneOf("none", "preen", "full"),
            "Check before mounting: none, fsck -p, or a full check. A volume group's own fsck wins.",
            default="preen",
            example="preen",
        ),
        Key("except", ListOf(PATH), "Mount points that are not mounted here.", (), "none", "[/scratch]"),
        Key(
            "nfs",
            ListOf(PATH),
            "NFS mount points to mount here; each needs its stanza in /etc/filesystems.",
            default=(),
            shown="none",
            example="[/sapmnt]",
        ),
    ),
)
