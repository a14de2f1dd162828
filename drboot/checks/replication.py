"""Whether the array copies every disk that DR needs, by the list of replicated LUNs that the storage side keeps.

    # PVID, serial number or unique_id; what stands behind it is for people
    00f6f42a0bd88942   datavg, pair 17
    75BALB11011
    33213600507680C80800210000000000004214503IBMfcp

Source: the PVID is the same on the replica; serial number and unique_id are the home LUN's own, and not every array
prints a serial (SVC: 2145 for all) (aix/lvm-and-filesystems.md section 10).
"""

from __future__ import annotations

import re
from collections import Counter
from typing import FrozenSet, Iterator, List, Optional, Set, Tuple

from drboot.capture import Disk
from drboot.checks.base import Finding, Production, error
from drboot.facts.base import FileQuery

ROOTVG = "rootvg"


def check(production: Production) -> Iterator[Finding]:
    path = production.site.check.replicated
    if not path:
        return
    listed = production.seen(FileQuery(path, _listed))
    at = str(production.site.check.at)
    if not listed:
        why = "there is no such file" if listed is None else "it names no LUN"
        what = "the list of replicated LUNs says nothing"
        yield error("check-replication-list", what, path, f"{why}; {at} names it", "have the storage side write it")
        return
    groups = taken_elsewhere(production)
    serials = Counter(disk.serial.lower() for disk in production.fresh.disks)
    missing: List[str] = []
    for disk in production.fresh.disks:
        if disk.vg in groups and not {name.lower() for name in _names(disk) if serials[name.lower()] < 2} & listed:
            missing.append(f"{disk.hdisk} of {disk.vg}: PVID {disk.pvid}{_serial(disk)}")
    if missing:
        lost = sorted({line.split()[2].rstrip(":") for line in missing})
        yield error(
            "check-not-replicated",
            f"disks are not in the list of replicated LUNs: {len(missing)}",
            path,
            f"volume groups that would be missing at DR, or be refused there: {', '.join(lost)}",
            "have them replicated, consistently with the other disks of their volume group, and put them into the list",
            missing,
        )


def taken_elsewhere(production: Production) -> FrozenSet[str]:
    """rootvg, and the volume groups that come up at some other site; those of GLVM have their copy by GLVM."""
    found = {ROOTVG}
    remote = {pv.pvid for pv in production.fresh.remote}
    mirrored = {vg.name for vg in production.fresh.volume_groups if remote & set(vg.pvids)}
    for site in production.others:
        groups = site.volume_groups
        names = [vg.name for vg in production.fresh.volume_groups] if groups.take == "captured" else []
        names += [vg.name for vg in groups.named if vg.is_for(production.host)]
        found.update(name for name in names if name not in groups.except_ and name not in mirrored)
    return frozenset(found)


def _listed(text: Optional[str]) -> Optional[FrozenSet[str]]:
    """The first word of each line, and the line, since a unique_id may have blanks; lower case.  None for no file."""
    if text is None:
        return None
    found: Set[str] = set()
    for line in text.splitlines():
        words = [line.split("#")[0].strip(), *re.split(r"[\s,;]", line.split("#")[0].strip())[:1]]
        found.update(word.strip("\"'").lower() for word in words if word.strip("\"'"))
    return frozenset(found)


def _names(disk: Disk) -> Tuple[str, ...]:
    return tuple(filter(None, (disk.pvid, disk.serial, disk.unique_id)))


def _serial(disk: Disk) -> str:
    return f", serial {disk.serial}" if disk.serial else ""
