"""Software that has a say in storage, network or node identity: what the administrator has to think of at DR.

Source: aix/network-and-services.md sections 14 and 15 (PowerHA's clstrmgrES in SRC), aix/lvm-and-filesystems.md
sections 20 and 21 (PowerHA, VxVM).
"""

from __future__ import annotations

import os
from typing import Iterator

from drboot import paths
from drboot.checks.base import Finding, Production, note
from drboot.facts import lsdev, lspv, lssrc

CAA = "caavg_private"  # Source: lspv of a PowerHA node (aix/lvm-and-filesystems.md section 2)
RSCT_DOMAIN = ("cthags", "cthats")  # Source: aix/network-and-services.md section 18


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
    if any(pv.vg == CAA for pv in seen(lspv.PVS)):
        yield note(
            "check-caa",
            "this machine is a node of a Cluster Aware AIX cluster",
            f"lspv: {CAA}",
            "the repository disk names the nodes of home; at DR it is not to be varied on, cleaned or replicated back",
            "leave it out of the replication, and have the cluster's own DR procedure at hand",
        )
    daemons = [row.name for row in seen(lssrc.ALL) if row.name in RSCT_DOMAIN and row.is_active]
    if daemons:
        yield note(
            "check-rsct-domain",
            "this machine is online in an RSCT peer domain",
            f"lssrc -s {daemons[0]}",
            f"{', '.join(daemons)} is active; the replica has the same node id, and recfgct refuses an online node",
            "services.recfgct is not for this machine; bring the domain up at DR by its own procedure (a hook)",
        )
    remote = sorted(d.name for d in seen(lsdev.DEVICES) if d.cls == "rpvserver" or d.type.startswith("rpv"))
    if remote:
        yield note(
            "check-glvm",
            "volume groups are mirrored by GLVM",
            ", ".join(remote[:3]),
            f"{len(remote)} remote physical volumes; their clients are not to be configured at DR by anybody's script",
            "under glvm of DR's profile, what is to come up there from its own copy; all else is left alone",
            [f"{pv.hdisk}: server {pv.server_addr}, io_timeout {pv.io_timeout} s" for pv in production.fresh.remote],
        )
    if any(d.name.startswith("hdiskpower") for d in seen(lsdev.DEVICES)):
        yield note(
            "check-powerpath",
            "PowerPath is in use",
            "lsdev -Cc disk",
            "PVIDs are on its hdiskpower devices, which exist at DR only once PowerPath is configured there",
            "have the same PowerPath level in the replica, and powermt config run before drboot (a hook)",
        )
    if os.path.exists(seen.root.path(paths.PROGRAMS["vxdisk"])):
        yield note(
            "check-vxvm",
            "Veritas Volume Manager is installed",
            paths.PROGRAMS["vxdisk"],
            "its disk groups are no volume groups: drboot leaves them alone",
            "import them by a hook of the profile",
        )
