"""Software that has a say in storage, network or node identity: what the administrator has to think of at DR.

Source: aix/network-and-services.md sections 14 and 15 (PowerHA's clstrmgrES in SRC), aix/lvm-and-filesystems.md
sections 20 and 21 (PowerHA, VxVM).
"""

from __future__ import annotations

import os
from typing import Iterator

from drboot import paths
from drboot.checks.base import Finding, Production, note
from drboot.facts import lsdev, lssrc


def check(production: Production) -> Iterator[Finding]:
    seen = production.seen
    if any(row.name == "clstrmgrES" for row in seen(lssrc.ALL)):
        yield note(
            "check-powerha",
            "PowerHA is installed here",
            "lssrc -s clstrmgrES",
            "volume groups of its resource groups are its own to vary on, and its repository disk is not replicated",
            "leave those volume groups out (volume_groups.except), and have the cluster's own DR procedure at hand",
        )
    if any(d.name.startswith("hdiskpower") for d in seen(lsdev.DEVICES)):
        yield note(
            "check-powerpath",
            "PowerPath is in use",
            "lsdev -Cc disk",
            "PVIDs are on its hdiskpower devices, which exist at DR only once PowerPath is configured there",
            "have the same PowerPath level in the replica, and powermt config run before drboot (a hook)",
        )
    if os.path.exists(seen.root.path(paths.VXDISK)):
        yield note(
            "check-vxvm",
            "Veritas Volume Manager is installed",
            paths.VXDISK,
            "its disk groups are no volume groups: drboot leaves them alone",
            "import them by a hook of the profile",
        )
