"""The profile of one site, ``/etc/drboot/sites/SITE.yaml``: every key, and the dataclasses they become.

The parts that belong to a step are declared in that step's own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Dict, Tuple

from drboot import policy
from drboot.errors import Where
from drboot.profile.keys import (
    ADDRESS,
    DURATION,
    PATH,
    PATTERN,
    SITE_NAME,
    SPOKEN,
    VG_NAME,
    Integer,
    ListOf,
    OneOf,
    SystemIds,
)
from drboot.profile.sections import Key, Section, TableOf
from drboot.steps import (
    boot_list,
    device_attributes,
    dump_device,
    filesystems,
    glvm,
    hooks,
    names,
    network,
    network_owner,
    paging_spaces,
    quarantine,
    replication,
    services,
    volume_groups,
    wpars,
)

DEVICE_RESETS = ("ghostdev", "clouddev-carried", "clouddev-at-dr", "none")

# Source: IEEE 802.1Q, VLAN ids are 12 bits of which 0 and 4095 are reserved.
# Assumed: partition ids are 1 to 65535; a wider range would only let more slips of the finger through.
PARTITION_NUMBER = Integer(1, 65535)
VLAN = Integer(1, 4094)


@dataclass(frozen=True)
class Requires:
    """``requires:`` of a profile: facts that must hold besides the systemid.  Empty ones ask for nothing."""

    partition_name: Tuple[str, ...]
    partition_number: Tuple[int, ...]
    marker: str
    at: Where


@dataclass(frozen=True)
class Rehearsal:
    """``rehearsal:`` of a profile: any match makes this event a rehearsal.

    otherwise      what no match means: disaster, rehearsal or refuse
    limit          seconds after which a rehearsal that still runs is complained about
    nameservers    instead of those of ``names``; empty: the same
    static_routes  instead of those of ``network``: their gateways are in networks that the rehearsal is not in
    """

    partition_name: Tuple[str, ...]
    partition_number: Tuple[int, ...]
    vlan: Tuple[int, ...]
    otherwise: str
    limit: float
    nameservers: Tuple[str, ...]
    static_routes: Tuple[network.StaticRoute, ...]
    quarantine: quarantine.Quarantine
    at: Where


@dataclass(frozen=True)
class Licence:
    """One of ``licences:`` of a profile: what an application's licence is tied to, for the report and nothing else."""

    name: str
    tied_to: str
    at: Where


@dataclass(frozen=True)
class Check:
    """``check:`` of a profile.

    capture_age   seconds that the capture of this site may be old
    replicated    AIX path of the list of replicated LUNs; "" where there is none
    keys_exported AIX path of the keys of encrypted volume groups, as hdcryptmgr pksexport wrote them; "" for none
    keys_age      seconds that those may be old
    """

    capture_age: float
    replicated: str
    keys_exported: str
    keys_age: float
    at: Where


@dataclass(frozen=True)
class Deadlines:
    """``deadlines:`` of a profile, in seconds: how long one command, or one wait, of each sort may take."""

    read: float
    write: float
    cfgmgr: float
    importvg: float
    varyonvg: float
    fsck: float
    mount: float
    nfs: float
    wpar: float
    hook: float
    disks: float
    reboot: float
    at: Where


@dataclass(frozen=True)
class Site:
    """One site.  ``systemids`` are canonical: without ``IBM,``, upper case; durations are seconds."""

    site: str
    systemids: Tuple[str, ...]
    device_reset: str
    boot_hold: float
    requires: Requires
    rehearsal: Rehearsal
    licences: Tuple[Licence, ...]
    rto: float
    deadlines: Deadlines
    check: Check
    names: names.Names
    network: network.Network
    replication: replication.Replication
    volume_groups: volume_groups.VolumeGroups
    glvm: Dict[str, glvm.GlvmVg]
    filesystems: filesystems.Filesystems
    device_attributes: device_attributes.DeviceAttributes
    paging_spaces: paging_spaces.PagingSpaces
    dump_device: dump_device.DumpDevice
    boot_list: boot_list.BootList
    services: services.Services
    wpars: Tuple[wpars.Wpar, ...]
    on_failure: policy.OnFailure
    hooks: Tuple[hooks.Hook, ...]
    at: Where
    version: int = 1


# For a profile in which a key without default is missing: good for finding its other mistakes, and for nothing else.
STAND_INS: Dict[str, object] = {"version": 1, "site": "", "systemids": (), "device_reset": "none"}

_NAME_PATTERNS = ListOf(PATTERN)
_NUMBERS = ListOf(PARTITION_NUMBER)

REQUIRES = Section(
    "requires",
    Requires,
    meaning="Further facts of the LPAR that must hold before anything is changed here.",
    keys=(
        Key("partition_name", _NAME_PATTERNS, "Shell patterns; one must match.", (), "any", '["prod*"]'),
        Key("partition_number", _NUMBERS, "Partition numbers; one must match.", (), "any", "[7]"),
        Key("marker", PATH, "A file that must exist.", "", "none", "/etc/drboot/dr-declared"),
    ),
)

REHEARSAL = Section(
    "rehearsal",
    Rehearsal,
    meaning="How an LPAR that rehearses is told from one that recovers; any match makes it a rehearsal.",
    keys=(
        Key("partition_name", _NAME_PATTERNS, "Shell patterns of partition names.", (), "none", '["*_reh"]'),
        Key("partition_number", _NUMBERS, "Partition numbers.", (), "none", "[99]"),
        Key("vlan", ListOf(VLAN), "VLAN ids that one of its adapters is in.", (), "none", "[3999]"),
        Key(
            "otherwise",
            OneOf("disaster", "rehearsal", "refuse"),
            "What no match means.",
            default="disaster",
            example="disaster",
        ),
        Key(
            "limit",
            DURATION,
            "How long a rehearsal may run before drboot complains.",
            default=86400.0,
            shown="24h",
            example="24h",
        ),
        Key(
            "nameservers",
            ListOf(ADDRESS, most=3),
            "Name servers of the fenced network, in order; none means those of names.",
            default=(),
            shown="those of names",
            example="[10.99.5.53]",
        ),
        Key(
            "static_routes",
            ListOf(network.STATIC_ROUTE),
            "Static routes of a rehearsal; those under network are not taken, their gateways are elsewhere.",
            default=(),
            shown="none",
            example="[{to: 10.30.0.0/16, via: 10.99.5.254}]",
        ),
        Key("quarantine", quarantine.SECTION, quarantine.SECTION.meaning),
    ),
)

LICENCE = Section(
    "licence",
    Licence,
    meaning="A licence that is tied to the hardware; the report lists it, and nothing fails for it.",
    keys=(
        Key("name", SPOKEN, "What is licensed.", example="Oracle Database"),
        Key("tied_to", SPOKEN, "What the licence is tied to, and whom to ask.", "", "", '"uname -m; key from vendor"'),
    ),
)


CHECK = Section(
    "check",
    Check,
    meaning="What drboot check wants of the machines that are configured for this site.",
    keys=(
        Key(
            "capture_age",
            DURATION,
            "How old their capture may be.",
            default=172800.0,
            shown="2d",
            example="2d",
        ),
        Key(
            "replicated",
            PATH,
            "A file that lists the replicated LUNs, one a line: PVID, serial number or unique_id, and whatever behind "
            "it; every disk of a volume group that comes up elsewhere must be in it.",
            default="",
            shown="not compared",
            example="/etc/drboot/replicated",
        ),
        Key(
            "keys_exported",
            PATH,
            "Where hdcryptmgr pksexport puts the keys of encrypted volume groups, which are not in the replica.",
            default="",
            shown="not looked at",
            example="/etc/drboot/pks_keys",
        ),
        Key("keys_age", DURATION, "How old those may be.", default=2592000.0, shown="30d", example="30d"),
    ),
)


def _deadline(name: str, seconds: float, shown: str, meaning: str) -> Key:
    return Key(name, DURATION, meaning, default=seconds, shown=shown, example=shown)


DEADLINES = Section(
    "deadlines",
    Deadlines,
    meaning="How long a command may take. One that only reads is ended; one that changes is reported as stuck.",
    keys=(
        _deadline("read", 30.0, "30s", "A command that only reads."),
        _deadline("write", 120.0, "2m", "A changing command that has no deadline of its own here."),
        _deadline("cfgmgr", 900.0, "15m", "cfgmgr."),
        _deadline("importvg", 900.0, "15m", "importvg of one volume group."),
        _deadline("varyonvg", 600.0, "10m", "varyonvg of one volume group."),
        _deadline("fsck", 3600.0, "1h", "fsck of one file system."),
        _deadline("mount", 300.0, "5m", "mount of one local file system."),
        _deadline("nfs", 30.0, "30s", "mount of one NFS file system."),
        _deadline("wpar", 600.0, "10m", "startwpar or stopwpar of one workload partition."),
        _deadline("hook", 600.0, "10m", "A program of the site that names none of its own."),
        _deadline("disks", 600.0, "10m", "Waiting for disks that are not there yet."),
        _deadline("reboot", 600.0, "10m", "From shutdown -Fr until init ends drboot."),
    ),
)

SECTION: Section[Site] = Section(
    "profile",
    Site,
    meaning="The profile of one site.",
    check=lambda site: (
        *hooks.check(site.hooks, site.network.roles),
        *network_owner.check(site.network, site.hooks),
        *wpars.check(site.wpars, site.network.roles),
    ),
    keys=(
        Key("version", Integer(1, 1), "The version of this format.", example="1"),
        Key("site", SITE_NAME, "The site; the same as the file's name without .yaml.", example="dr"),
        Key(
            "systemids",
            SystemIds(),
            "The systemids of the site's machines, with or without IBM, in front.",
            example="[IBM,0211D11C1]",
        ),
        Key(
            "device_reset",
            OneOf(*DEVICE_RESETS),
            "How stale devices leave the ODM when the replica first boots here.",
            example="ghostdev",
        ),
        Key(
            "boot_hold",
            DURATION,
            "How long the boot waits for drboot at most.",
            default=900.0,
            shown="15m",
            example="15m",
        ),
        Key("requires", REQUIRES, REQUIRES.meaning),
        Key("rehearsal", REHEARSAL, REHEARSAL.meaning),
        Key("licences", ListOf(LICENCE), LICENCE.meaning, (), "none", "[{name: Oracle Database}]"),
        Key(
            "rto",
            DURATION,
            "The recovery time that the site promises; the report compares.",
            default=0.0,
            shown="none",
            example="4h",
        ),
        Key("deadlines", DEADLINES, DEADLINES.meaning),
        Key("check", CHECK, CHECK.meaning),
        Key("names", names.SECTION, names.SECTION.meaning),
        Key("network", network.SECTION, network.SECTION.meaning),
        Key("replication", replication.SECTION, replication.SECTION.meaning),
        Key("volume_groups", volume_groups.SECTION, volume_groups.SECTION.meaning),
        Key("glvm", TableOf(VG_NAME, glvm.SECTION), glvm.SECTION.meaning, {}, "none", "{datavg: {disks_here: 2}}"),
        Key("filesystems", filesystems.SECTION, filesystems.SECTION.meaning),
        Key("device_attributes", device_attributes.SECTION, device_attributes.SECTION.meaning),
        Key("paging_spaces", paging_spaces.SECTION, paging_spaces.SECTION.meaning),
        Key("dump_device", dump_device.SECTION, dump_device.SECTION.meaning),
        Key("boot_list", boot_list.SECTION, boot_list.SECTION.meaning),
        Key("services", services.SECTION, services.SECTION.meaning),
        Key("wpars", ListOf(wpars.SECTION), wpars.SECTION.meaning, (), "none"),
        Key("on_failure", policy.SECTION, policy.SECTION.meaning),
        Key("hooks", ListOf(hooks.SECTION), hooks.SECTION.meaning, (), "none"),
    ),
)
