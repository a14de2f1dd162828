"""Volume groups that GLVM mirrors: nothing starts them by itself, every copy has its site, no name is taken there.

Source: glvm white paper: "Volume Group Configuration" (chvg -a n, chfs -A no, names, super strict allocation),
"Quorum", "Installation" (rpv 6192/tcp in /etc/services), "Security Considerations".
"""

from __future__ import annotations

import re
from typing import Dict, Iterator, List, Optional, Set, Tuple

from drboot import capture, paths
from drboot.capture import VolumeGroup
from drboot.checks.base import Finding, Production, error, note
from drboot.errors import ConfigError
from drboot.facts import lslv
from drboot.facts.base import FileQuery
from drboot.facts.types import LvName

PORT = "6192"
SEPARATE = "EACH LP COPY ON A SEPARATE PV ?"
SUPER_STRICT = "superstrict"


def check(production: Production) -> Iterator[Finding]:
    remote = {pv.pvid for pv in production.fresh.remote}
    groups = [vg for vg in production.fresh.volume_groups if remote & set(vg.pvids)]
    yield from _disks(production, remote)
    if not groups:
        return
    yield from _boot(production, groups)
    yield from _copies(production, groups, remote)
    yield from _names(production, groups)
    if not production.seen(FileQuery(paths.ETC_SERVICES, has_port)):
        yield note(
            "check-glvm-port",
            "/etc/services has no entry of GLVM",
            paths.ETC_SERVICES,
            f"rpv {PORT}/tcp is missing: the installation of glvm.rpv.server adds it",
            f"add: rpv {PORT}/tcp; and have {PORT}/tcp open between the sites",
        )


def _disks(production: Production, remote: Set[str]) -> Iterator[Finding]:
    """Whether DR would find as many disks of each volume group as its profile says."""
    items: List[str] = []
    for site in production.others:
        for vg in production.fresh.volume_groups:
            entry = site.glvm.get(vg.name)
            there = len(remote & set(vg.pvids))
            if entry is not None and entry.is_for(production.host, "disaster") and entry.disks_here != there:
                items.append(
                    f"{vg.name}: disks_here of {site.site} is {entry.disks_here}, its RPV clients here: {there}"
                )
    if items:
        yield error(
            "check-glvm-disks",
            "DR would refuse a volume group of GLVM",
            "glvm of the profile; lsdev -C -c disk",
            "it is imported there only from exactly the disks that are RPV clients here",
            "correct disks_here, or the RPV clients; then: drboot capture",
            items,
        )


def _boot(production: Production, groups: List[VolumeGroup]) -> Iterator[Finding]:
    """A boot that varies it on by itself, after the other site has taken over, works on old data."""
    items: List[str] = []
    for vg in groups:
        items += [f"{vg.name} has AUTO ON yes: chvg -a n {vg.name}"] if vg.auto_on else []
        items += [f"{vg.name} has quorum enabled: chvg -Q n {vg.name}"] if vg.quorum else []
    names = {vg.name for vg in groups}
    for fs in production.fresh.filesystems:
        if fs.vg in names and dict(fs.attributes).get("mount") in ("true", "automatic"):
            items.append(f"{fs.mount_point} is mounted at boot: chfs -A no {fs.mount_point}")
    if items:
        yield error(
            "check-glvm-boot",
            "a boot may bring up a volume group of GLVM by itself",
            "lsvg, /etc/filesystems",
            "once DR has taken over, this site's copy is old, and two sites would write apart",
            "the command behind each; then: drboot capture",
            items,
        )


def _copies(production: Production, groups: List[VolumeGroup], remote: Set[str]) -> Iterator[Finding]:
    """Every logical partition has a copy on either side, and the policy keeps it so."""
    disks = {disk.hdisk: disk.pvid for disk in production.fresh.disks}
    items: List[str] = []
    for vg in groups:
        for lv in vg.lvs:
            detail = production.seen(lslv.lv(LvName(lv.name)))
            if SUPER_STRICT not in dict(detail.rows).get(SEPARATE, "").replace(" ", ""):
                items.append(f"{lv.name} of {vg.name} is not super strict: chlv -s s -u {detail.copies} {lv.name}")
            wrong = lacking(production.seen(lslv.copies(LvName(lv.name))), disks, remote)
            if wrong:
                items.append(f"{lv.name} of {vg.name}: {wrong}")
    if items:
        yield error(
            "check-glvm-copies",
            "not every logical volume has a copy of its own at each site",
            "lslv, lslv -m",
            "what has no copy at the other site is lost with this one",
            "give each a copy on the other site's disks (mklvcopy), and chlv -s s",
            items,
        )


def lacking(rows: Tuple[lslv.Partition, ...], disks: Dict[str, str], remote: Set[str]) -> str:
    """What the partitions lack of one copy at each site; "" where they lack nothing.

    disks   hdisk -> PVID
    remote  PVIDs of the other site
    """
    for row in rows:
        there = [disks.get(pv, pv) in remote for pv in row.pvs]
        if True not in there:
            return f"logical partition {row.lp} has no copy at the other site"
        if False not in there:
            return f"logical partition {row.lp} has no copy at this site"
    return ""


def _names(production: Production, groups: List[VolumeGroup]) -> Iterator[Finding]:
    """A name that another volume group has at the other site: importvg would rename, and the stanza be another's."""
    items: List[str] = []
    for site in production.others:
        try:
            there = capture.load(production.seen.root, site.site)
        except ConfigError:  # nobody has brought its capture here; the import at DR looks for itself
            continue
        taken = {lv.name: vg.name for vg in there.volume_groups for lv in vg.lvs}
        for vg in groups:
            for lv in vg.lvs:
                other = taken.get(lv.name, vg.name)
                items += [f"{lv.name} of {vg.name} is in {other} at {site.site}"] if other != vg.name else []
    if items:
        yield error(
            "check-glvm-names",
            "logical volumes of GLVM have names that are taken at the other site",
            paths.CAPTURES,
            "importvg there would rename them, and their file systems lose their stanzas",
            "chlv -n gives one of them another name; then: drboot capture",
            items,
        )


def has_port(text: Optional[str]) -> bool:
    """Whether /etc/services names port 6192/tcp."""
    return bool(re.search(rf"^\s*[^#\s]\S*\s+{PORT}/tcp\b", text or "", re.MULTILINE))
