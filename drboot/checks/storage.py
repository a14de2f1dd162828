"""What importvg would stumble over at DR.

Source: importvg manual (imp71): a logical volume whose name is taken is renamed; a mount point of more than 128
characters gets no stanza (aix/lvm-and-filesystems.md sections 5 and 6).
"""

from __future__ import annotations

from typing import Dict, Iterator, List

from drboot import paths
from drboot.checks.base import Finding, Production, error, note
from drboot.facts import filesystems as stanzas
from drboot.facts import lspv, lsvg

MOST = 128  # characters of a mount point that the VGDA keeps


def check(production: Production) -> Iterator[Finding]:
    seen = production.seen
    for stanza in seen(stanzas.FILE).stanzas:
        if len(stanza.mount_point) > MOST:
            yield note(
                "check-mount-point-long",
                f"importvg makes no stanza for {stanza.mount_point[:40]}...",
                f"{paths.ETC_FILESYSTEMS}:{stanza.first}",
                f"its mount point has {len(stanza.mount_point)} characters, {MOST} are kept on the disks",
                "nothing: drboot writes it again from the capture; capture this machine after every change of it",
            )
    yield from _names(production)
    twice: Dict[str, List[str]] = {}
    for pv in seen(lspv.PVS):
        if pv.pvid:
            twice.setdefault(str(pv.pvid), []).append(pv.name)
    for pvid, disks in twice.items():
        if len(disks) > 1:
            yield error(
                "check-pvid-twice",
                f"PVID {pvid} is on {len(disks)} disks",
                "lspv",
                f"{', '.join(disks)}; at DR their volume group would be refused",
                "unmap the copy and rmdev -dl its disk",
            )


def _names(production: Production) -> Iterator[Finding]:
    """One name, two volume groups: the second to be imported is renamed."""
    seen = production.seen
    owner: Dict[str, str] = {}
    for vg, lvs in seen(lsvg.lvs(*seen(lsvg.VARIED_ON))):
        for lv in lvs:
            other = owner.setdefault(lv.name, vg)
            if other != vg:
                yield error(
                    "check-lv-name-twice",
                    f"two volume groups have a logical volume {lv.name}",
                    f"{other} and {vg}",
                    "importvg renames the second, and its file system loses its stanza and its log",
                    "chlv -n gives one of them another name",
                )
