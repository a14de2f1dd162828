"""Whether the replica would start at all, as far as production can tell."""

from __future__ import annotations

from typing import Iterator, List

from drboot.checks.base import Finding, Production, error, note
from drboot.facts import bootlist, lsdev, lspath, lsvg
from drboot.facts.types import VgName

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
    disks = [str(pv.name) for _, pvs in seen(lsvg.pvs(VgName("rootvg"))) for pv in pvs if not pv.is_nameless]
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
    yield from _paths(production, disks)


def _paths(production: Production, disks: List[str]) -> Iterator[Finding]:
    """What a boot disk is reached by: the most common reason for LED 554 at DR ([OMNI], [ASGAUR])."""
    seen = production.seen
    rows = seen(lspath.IDS)
    for disk in disks:
        enabled = [row for row in rows if row[0] == disk and row[3] == "Enabled"]
        if len(enabled) == 1:
            yield note(
                "check-one-path",
                f"rootvg's {disk} has one path",
                "lspath",
                f"only {enabled[0][1]} reaches it; nothing shows that the DR side reaches its copy by more",
                "zone and map it through a second adapter",
            )
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
