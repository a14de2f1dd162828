"""What importvg would stumble over at DR.

Source: importvg manual (imp71): a logical volume whose name is taken is renamed; a mount point of more than 128
characters gets no stanza (aix/lvm-and-filesystems.md sections 5 and 6).
"""

from __future__ import annotations

import os
import stat
from typing import Dict, Iterator, List, Optional

from drboot import paths
from drboot.checks.base import Finding, Production, error, note
from drboot.facts import filesystems as stanzas
from drboot.facts import lqueryvg, lspv, lsvg
from drboot.facts.base import FileQuery
from drboot.facts.types import Hdisk, VgName

MOST = 128  # characters of a mount point that the VGDA keeps


def check(production: Production) -> Iterator[Finding]:
    seen = production.seen
    long = [
        f"{paths.ETC_FILESYSTEMS}:{stanza.first} {stanza.mount_point[:40]}..., {len(stanza.mount_point)} characters"
        for stanza in seen(stanzas.FILE).stanzas
        if len(stanza.mount_point) > MOST and (stanza.get("vfs") or "").startswith("jfs")
    ]
    if long:
        yield note(
            "check-mount-point-long",
            "importvg makes no stanza for mount points that are too long",
            paths.ETC_FILESYSTEMS,
            f"{MOST} characters are kept on the disks",
            "nothing: drboot writes them again from the capture; capture this machine after every change of them",
            long,
        )
    yield from _degraded(production)
    yield from _names(production)
    twice: Dict[str, List[str]] = {}
    for pv in seen(lspv.PVS):
        if pv.pvid:
            twice.setdefault(str(pv.pvid), []).append(pv.name)
    doubled = [f"PVID {pvid} is on {', '.join(disks)}" for pvid, disks in twice.items() if len(disks) > 1]
    if doubled:
        yield error(
            "check-pvid-twice",
            "disks are copies of each other",
            "lspv",
            "one PVID is on several disks; at DR their volume group would be refused",
            "unmap the copy and rmdev -dl its disk",
            doubled,
        )
    yield from _encrypted(production)
    yield from _asm(production)


def _degraded(production: Production) -> Iterator[Finding]:
    """What is missing or stale at home is so in the replica.

    Source: TOTAL PVs against ACTIVE PVs, STALE PVs and STALE PPs of lsvg (aix/lvm-and-filesystems.md section 3).
    """
    items = []
    for name in ("rootvg", *(group.name for group in production.fresh.volume_groups)):
        vg = production.seen.or_none(lsvg.vg(VgName(name)))
        if vg is not None and (vg.active_pvs < vg.total_pvs or vg.stale_pvs or vg.stale_pps):
            items.append(f"{name}: {vg.active_pvs} of {vg.total_pvs} disks active, {vg.stale_pps} partitions stale")
    if items:
        yield note(
            "check-vg-degraded",
            "volume groups have missing disks or stale partitions",
            "lsvg",
            "the replica has the same; where quorum needs those disks, it does not come up at DR",
            "bring the disks back, and synchronise what is stale; then: drboot capture",
            items,
        )


def _names(production: Production) -> Iterator[Finding]:
    """One name, two volume groups: the second to be imported is renamed.

    The ODM of one machine has a name once, so that the two meet only when they are imported: the names that importvg
    reads are those on the disks.  Logs are logical volumes like others.
    """
    seen = production.seen
    owner: Dict[str, str] = {}
    items: List[str] = []
    for vg, lvs in seen(lsvg.lvs(*seen(lsvg.VARIED_ON))):
        here = [str(lv.name) for lv in lvs]
        disk = next((pv.name for pv in seen(lspv.PVS) if pv.vg == vg), None)
        for name in dict.fromkeys((*here, *_names_on(production, disk, vg))):
            other = owner.setdefault(name, vg)
            if other != vg:
                known = "" if name in here else f", by the descriptor on {disk}"
                items.append(f"{name} is in {other} and in {vg}{known}")
    if items:
        yield error(
            "check-lv-name-twice",
            "two volume groups have a logical volume of one name",
            "lsvg -l, lqueryvg",
            "importvg renames the second, and its file system loses its stanza, or its log",
            "chlv -n gives one of them another name; then: drboot capture",
            items,
        )


def _names_on(production: Production, disk: Optional[Hdisk], vg: str) -> List[str]:
    """The names in the volume group's descriptor; rootvg is never imported."""
    vgda = production.seen.or_none(lqueryvg.vgda(disk)) if disk and vg != "rootvg" else None
    return [str(lv.name) for lv in vgda.logical] if vgda else []


def _encrypted(production: Production) -> Iterator[Finding]:
    """Source: the keys are in the partition's keystore or a key server, and hdcryptmgr pksexport writes them to a file
    (hdcryptmgr manual, ssw_aix_72)."""
    groups = [vg.name for vg in production.fresh.volume_groups if vg.encrypted]
    if not groups:
        return
    settings = production.site.check
    names = ", ".join(groups)
    if not settings.keys_exported:
        yield note(
            "check-encrypted",
            "encrypted volume groups come to DR without their keys",
            names,
            "the keys are in the keystore of this partition or on a key server, not on the replicated disks",
            "hdcryptmgr pksexport them, import them at DR, and name the file: check.keys_exported of the profile",
        )
        return
    try:
        status: Optional[os.stat_result] = os.stat(production.seen.root.path(settings.keys_exported))
    except OSError:
        status = None
    if status is None or not stat.S_ISREG(status.st_mode) or production.now - status.st_mtime > settings.keys_age:
        days = settings.keys_age / 86400
        yield error(
            "check-keys-not-exported",
            f"the keys of {names} are not exported, or long ago",
            settings.keys_exported,
            f"the file is not there, or older than the {days:g} days that {settings.at} allows",
            "hdcryptmgr pksexport, and take the file to DR",
        )


def _asm(production: Production) -> Iterator[Finding]:
    """Disks of Oracle ASM are no volume group's.

    Source: /etc/oratab has a line ``+ASM:HOME:N`` for its instance.  Assumed: whoever gave the raw device of a disk
    without volume group to another user than root uses it.
    """
    seen = production.seen
    instances = seen(FileQuery(paths.ETC_ORATAB, _asm_instances))
    owners = {pv.name: seen.owner(f"/dev/r{pv.name}") for pv in seen(lspv.PVS) if not pv.vg}
    items = [f"{disk} belongs to uid {owner.uid}" for disk, owner in owners.items() if owner and owner.uid > 0]
    if instances or items:
        why = f"{paths.ETC_ORATAB} has {instances[0]}" if instances else "its raw device is not root's"
        yield note(
            "check-asm",
            "disks are used without a volume group, most likely by Oracle ASM",
            "lspv",
            f"{why}; drboot imports volume groups, and neither restores the owner of such disks nor touches them",
            "have a hook give their raw devices at DR to the same user, by unique_id and never by hdisk number",
            items,
        )


def _asm_instances(text: Optional[str]) -> List[str]:
    return [line.partition(":")[0] for line in (text or "").splitlines() if line.startswith("+ASM")]
