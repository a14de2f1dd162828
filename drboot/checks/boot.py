"""Whether the replica would start at all, as far as production can tell."""

from __future__ import annotations

import os
import time
from typing import Dict, Iterator, List, Optional

from drboot import paths
from drboot.checks.base import Finding, Production, error, note
from drboot.checks.replication import taken_elsewhere
from drboot.facts import bootlist, lsdev, lspath, lsvg, who
from drboot.facts.types import VgName
from drboot.steps.boot_list import boot_disks

MOST = 5  # entries that the firmware keeps


def check(production: Production) -> Iterator[Finding]:
    seen = production.seen
    entries = seen(bootlist.NORMAL)
    if len(entries) > MOST:
        yield note(
            "check-boot-list-long",
            f"the normal boot list has {len(entries)} entries",
            "bootlist -m normal -o",
            f"the firmware keeps {MOST}",
            "bootlist -m normal with the disks of rootvg, at most five paths in all",
        )
    gone = sum(entry.device is None for entry in entries)
    disks, _ = boot_disks(seen, MOST)
    named = {str(entry.device) for entry in entries if entry.device}
    if gone or (entries and not named & set(disks)):
        why = f"{gone} entries are of devices that do not exist" if gone else f"it holds {', '.join(sorted(named))}"
        kind = error if not named & set(disks) else note
        yield kind(
            "check-boot-list-wrong",
            "the normal boot list is not that of rootvg",
            "bootlist -m normal -o",
            f"{why}; rootvg is on {', '.join(disks)}",
            f"bootlist -m normal {' '.join(disks)}",
        )
    if not any(lv.type == "boot" for _, lvs in seen(lsvg.lvs(VgName("rootvg"))) for lv in lvs):
        yield error(
            "check-no-boot-lv",
            "rootvg has no boot logical volume",
            "lsvg -l rootvg",
            "none of its logical volumes has the type boot",
            "make hd5 and its boot image again (mklv -t boot, bosboot -ad, bootlist), and start this machine once",
        )
    yield from _kernel(production)
    yield from _paths(production)
    yield from _driver(production, disks)


def _kernel(production: Production) -> Iterator[Finding]:
    """The boot image cannot be asked what is in it; when the kernel came, and when this machine was started, can.

    Source: a kernel that was installed is not run before the next boot (https://www.ibm.com/support/pages/node/1165624)
    """
    try:
        kernel = os.stat(production.seen.root.path(paths.KERNEL)).st_mtime
    except OSError:
        return
    booted = boot_time(production.seen(who.BOOT), production.now)
    if booted is not None and kernel > booted + 60:
        day = time.strftime("%Y-%m-%d", time.localtime(kernel))
        yield note(
            "check-boot-image",
            "the boot image has most likely never been started",
            paths.KERNEL,
            f"the kernel is of {day}, this machine was started before; whether bosboot followed shows only at a boot",
            "bosboot -ad /dev/ipldevice, and restart this machine once at home",
        )


def boot_time(said: str, now: float) -> Optional[float]:
    """``Feb 13 23:31``, which has no year, in seconds since the epoch: the last one that is not to come."""
    year = time.localtime(now).tm_year
    for candidate in (year, year - 1):
        try:
            when = time.mktime(time.strptime(f"{candidate} {said}", "%Y %b %d %H:%M"))
        except ValueError:  # 29 February
            continue
        if when <= now + 86400:
            return when
    return None


def _paths(production: Production) -> Iterator[Finding]:
    """What a disk is reached by; of a boot disk the most common reason for LED 554 at DR ([OMNI], [ASGAUR])."""
    seen = production.seen
    groups = taken_elsewhere(production)
    enabled: Dict[str, List[str]] = {}
    down: List[str] = []
    for disk, parent, path_id, status in seen(lspath.IDS):
        if status == "Enabled":
            enabled.setdefault(disk, []).append(parent)
        elif status in ("Failed", "Missing"):
            down.append(f"path {path_id} of {disk} through {parent} is {status}")
    one = [disk for disk in production.fresh.disks if disk.vg in groups and len(enabled.get(disk.hdisk, ())) == 1]
    if one:
        yield note(
            "check-one-path",
            f"{len(one)} of the disks that DR needs have one path",
            "lspath",
            "nothing shows that the DR side reaches their copies by more",
            "zone and map them through a second adapter, here and at DR",
            [f"{disk.hdisk} of {disk.vg}: only {enabled[disk.hdisk][0]} reaches it" for disk in one],
        )
    had = {disk.pvid: disk.paths for disk in production.capture.disks} if production.capture else {}
    fewer = [
        f"{disk.hdisk} of {disk.vg or 'no volume group'} had {had[disk.pvid]} paths, has {disk.paths}"
        for disk in production.fresh.disks
        if disk.paths < had.get(disk.pvid, 0)
    ]
    if fewer or down:
        yield note(
            "check-path-lost",
            "disks have fewer paths than they should",
            "lspath",
            "what has failed here may have failed in what both sites share, and is in nobody's plan for DR",
            "mend the paths; rmpath those that are not to come back; then: drboot capture",
            [*fewer, *down],
        )


def _driver(production: Production, disks: List[str]) -> Iterator[Finding]:
    seen = production.seen
    rows = seen(lspath.IDS)
    drivers = {str(d.name): d.type for d in seen(lsdev.DEVICES) if d.name in disks}
    foreign = sorted(name for name in drivers if not any(row[0] == name for row in rows))
    if foreign:
        yield note(
            "check-multipath-driver",
            "rootvg is not under AIX's own multipathing",
            ", ".join(foreign),
            "; ".join(f"{name}: {drivers[name]}" for name in foreign),
            "have the same driver and its boot support at DR (LED 554 is what it looks like when they are not)",
        )
