"""A strict reader of AIX installp images, written from the description of the format and apart from the writer.

Nothing here imports anything of the writer, so the two can be wrong only in the same way where the description is.
Three layers, each usable alone::

    from bff.reader import read_archive, read_backup, read_package

    backup = read_backup(data)      # the container: volume, members, end, tail
    members = read_archive(library) # liblpp.a, either kind
    package = read_package(data)    # all of it, and that everything in it agrees with everything else

Each raises :class:`Damaged` with the place and what is wrong there.  ``strict=False`` lets through what AIX itself was
seen to write and the format gives no meaning: left-over bytes in unused places, other numbers for directories.
"""

from __future__ import annotations

from bff.reader.archive import ArchivedFile, read_archive
from bff.reader.backup import Backup, BackupMember, read_backup
from bff.reader.damaged import Damaged
from bff.reader.package import Package, PackagedFileset, PackagedPart, read_package
from bff.reader.stanzas import Inventoried

__all__ = [
    "ArchivedFile",
    "Backup",
    "BackupMember",
    "Damaged",
    "Inventoried",
    "Package",
    "PackagedFileset",
    "PackagedPart",
    "read_archive",
    "read_backup",
    "read_package",
]
