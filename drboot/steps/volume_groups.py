"""The volume groups of a site: which are imported, and with what properties."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Optional, Tuple

from drboot.errors import Problem, Where
from drboot.profile.keys import BOOLEAN, HOST_NAME, PVID, VG_NAME, Integer, ListOf, OneOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section


@dataclass(frozen=True)
class NamedVg:
    """One of ``volume_groups.named``.  None and () mean: as the capture says."""

    name: str
    hosts: Tuple[str, ...]
    pvids: Tuple[str, ...]
    auto_on: Optional[bool]
    quorum: Optional[bool]
    major: Optional[int]
    fsck: Optional[str]
    at: Where

    def is_for(self, host: str) -> bool:
        return not self.hosts or host in self.hosts


@dataclass(frozen=True)
class VolumeGroups:
    """``volume_groups:`` of a profile."""

    take: str
    except_: Tuple[str, ...]
    named: Tuple[NamedVg, ...]
    at: Where


def _check(groups: VolumeGroups) -> Iterator[Problem]:
    yield from _check_rootvg(groups)
    for index, vg in enumerate(groups.named):
        for other in groups.named[:index]:
            if _share_a_host(vg, other):
                yield from _check_pair(other, vg)
        for name in groups.except_:
            if name == vg.name:
                yield Problem(
                    "vg-named-and-excepted",
                    f"volume group {vg.name} is both wanted and not wanted",
                    f"{where_of(vg.name, vg.at)} and {where_of(name, groups.at)}",
                    "it is under named and under except",
                    "take it out of one of the two",
                )


def _check_rootvg(groups: VolumeGroups) -> Iterator[Problem]:
    for name in (*(vg.name for vg in groups.named), *groups.except_):
        if name == "rootvg":
            yield Problem(
                "rootvg-in-profile",
                "rootvg is no volume group to import or to leave out",
                where_of(name, groups.at),
                "the machine has booted from it",
                "take the entry out",
            )


def _check_pair(first: NamedVg, second: NamedVg) -> Iterator[Problem]:
    """Two entries that count for the same host."""
    if first.name == second.name:
        yield Problem(
            "vg-named-twice",
            f"volume group {second.name} is named twice for one host",
            f"{where_of(second.name, second.at)} and {where_of(first.name, first.at)}",
            "two entries with this name count for the same host",
            "make one entry of the two, or give each its own hosts",
        )
        return
    for pvid in second.pvids:
        if pvid in first.pvids:
            other = first.pvids[first.pvids.index(pvid)]
            yield Problem(
                "pvid-in-two-vgs",
                f"PVID {pvid} is in {first.name} and in {second.name}",
                f"{where_of(pvid, second.at)} and {where_of(other, first.at)}",
                "a disk belongs to one volume group",
                "look it up in lspv on the production host, and keep the right one",
            )


def _share_a_host(first: NamedVg, second: NamedVg) -> bool:
    return not first.hosts or not second.hosts or bool(set(first.hosts) & set(second.hosts))


NAMED_VG = Section(
    "named_vg",
    NamedVg,
    keys=(
        Key("name", VG_NAME, "Name of the volume group.", example="datavg"),
        Key("hosts", ListOf(HOST_NAME), "Production host names it is for; none means every host.", (), "every host"),
        Key(
            "pvids",
            ListOf(PVID),
            "PVIDs of its disks; none means those of the capture.",
            default=(),
            shown="as captured",
            example="[00f6f42a0bd88942]",
        ),
        Key("auto_on", BOOLEAN, "Varied on by every later boot (AUTO ON).", None, "as captured", "true"),
        Key("quorum", BOOLEAN, "Quorum enabled.", None, "as captured", "true"),
        # Assumed: AIX prints no upper limit for a VG's major number; 65535 only rules out slips of the finger.
        Key("major", Integer(1, 65535), "Major number for importvg -V.", None, "as captured", "45"),
        Key(
            "fsck",
            OneOf("none", "preen", "full"),
            "Check of its file systems before they are mounted.",
            None,
            "as filesystems.fsck says",
            "preen",
        ),
    ),
)

SECTION = Section(
    "volume_groups",
    VolumeGroups,
    meaning="Which volume groups come up at this site. rootvg is never among them.",
    check=_check,
    keys=(
        Key(
            "take",
            OneOf("captured", "named"),
            "captured: all of the capture, and those under named. named: only those under named.",
            default="captured",
            example="captured",
        ),
        Key("except", ListOf(VG_NAME), "Volume groups that are left alone here.", (), "none", "[scratchvg]"),
        Key("named", ListOf(NAMED_VG), "Adds a volume group, or overrides what the capture says of it.", (), "none"),
    ),
)
