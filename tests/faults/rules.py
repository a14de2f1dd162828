"""What a fault may do, command by command, and what it never may: the matrix judges by these tables alone.

A command that none of them names is a violation: whoever makes drboot run it says here what it is for.
"""

from __future__ import annotations

import re
from typing import Dict, FrozenSet, NamedTuple, Tuple

# Parts of a machine, as tests/checker.py has them.
PARTS = (
    "names",
    "network",
    "routes",
    "storage",
    "mounts",
    "boot_list",
    "inittab",
    "subsystems",
    "flags",
    "raw",
    "wpars",
)
# Steps whose failure explains that a part is not as it must be, by the beginning of their ids.
STEPS_OF: Dict[str, Tuple[str, ...]] = {
    "names": ("names/", "network/", "fence/"),
    "network": ("network/", "fence/", "stale_definitions/devices", "pseudo_adapters/"),
    "routes": ("network/", "fence/"),
    "storage": ("volume_groups/", "stale_definitions/", "device_attributes/"),
    "mounts": ("filesystems/", "volume_groups/"),
    "boot_list": ("boot_list",),
    "inittab": ("services/",),
    "subsystems": ("services/",),
    "flags": ("device_flags/",),
    "raw": ("volume_groups/",),
    "wpars": ("wpars/", "filesystems/", "volume_groups/", "network/", "names/", "fence/", "stale_definitions/"),
}


class Rule(NamedTuple):
    """What a command of drboot's is for.

    harms    parts that may be wrong when it does not work; every other part is as it must be, always
    refuses  without its answer nothing may be done: exit 3, and the machine as it woke
    locks    parts that may be wrong besides when it is left running, since two of its sort at once are not safe
    costs    False: whatever it does, the run ends as if nothing had happened
    fences   it takes production's addresses off the wire, or is needed to see them
    holds    where it is left running nothing is begun beside it: the run says so, with the problem of this name
    """

    harms: FrozenSet[str] = frozenset()
    locks: FrozenSet[str] = frozenset()
    refuses: bool = False
    costs: bool = True
    fences: bool = False
    holds: str = ""


def _harms(*parts: str, locks: Tuple[str, ...] = (), fences: bool = False) -> Rule:
    """A WPAR waits for what it is on, and for the network: whatever harms those may keep it from being started."""
    above = ("wpars",) if {"mounts", "network"} & set(parts) else ()
    return Rule(frozenset((*parts, *above)), frozenset(locks), fences=fences)


NETWORK = ("names", "network", "routes")
STORAGE = ("storage", "mounts", "raw")
NOTHING = Rule(costs=False)

# The first that fits counts.
RULES: Tuple[Tuple[str, Rule], ...] = (
    (r"lsattr -El sys0 -a systemid", Rule(refuses=True)),
    (r"uname -L", Rule(refuses=True)),
    (r"(errlogger|logger) .*|lssrc -s syslogd", NOTHING),
    # who is on the wire: nobody is asked before in these estates, and the gateway's answer is for the report
    (r"(ping|arp) .*|errpt -j .*", NOTHING),
    (r"rmcdomainstatus .*", NOTHING),
    (r"errpt -a .*", _harms("network", "routes")),
    # the leg that asks for the reset: plan B is there for whatever it does not do
    (r"bootutil -c|chdev -l sys0 -a clouddev=1", Rule()),
    # a reboot must not come in the middle of an importvg
    (r"shutdown -Fr", Rule(holds="reboot-overdue")),
    (r"(lsattr -El sys0 -a|chdev -l sys0 -a) (ghostdev|clouddev).*", _harms("flags")),
    (r"lsvg -p rootvg|lspath .*|bootlist .*", _harms("boot_list")),
    (r"(lspv|lsvg|lqueryvg|importvg|exportvg|varyonvg|chvg|devrsrv|hdcryptmgr)( .*)?", _harms(*STORAGE)),
    (r"(lsattr|chdev|rmdev|mkdev) -E?l rpvserver.*", _harms(*STORAGE)),
    # disks; and the interface of a pseudo adapter, so that one which is left running stands in the way of the network
    # it also makes the interface of an EtherChannel
    (r"cfgmgr( .*)?", _harms(*STORAGE, "network", locks=NETWORK)),
    (r"(mount|fsck|umount|lsfs|chfs)( .*)?", _harms("mounts")),
    (r"lsdev .*|ifconfig .*|(lsattr -El|chdev -l) IF .*|rmdev -dl IF", _harms(*NETWORK, fences=True)),
    (r"(lsattr -El|chdev -l) inet0 -a (route|delroute)(=.*| .*)?", _harms("routes", locks=NETWORK)),
    (r"netstat .*|route .*", _harms("routes", locks=NETWORK)),
    (r"uname -[nS].*", _harms("names")),
    (r"(lscfg|entstat|mktcpip|hostname)( .*)?|(lsattr -El|chdev -l) inet0 .*", _harms(*NETWORK)),
    (r"mkdev -c adapter .*|lsattr -El DEV -a (adapter_names|backup_adapter|base_adapter|vlan_tag_id) .*",
     _harms(*NETWORK)),
    # what devices were set to, where it swaps and dumps to: the checker does not look, and nothing waits for it
    (r"(lsattr -El|chdev -l) (DISK|DEV|sys0) .*|(lsps|swapon|chps|sysdumpdev)( .*)?", _harms()),
    (r"lsattr -R .*", NOTHING),
    (r"odmget .*|rmdev .*", _harms()),
    (r"lswpar -c -G|chwpar -K -A .*", _harms()),
    (r"(lswpar|chwpar|startwpar|stopwpar)( .*)?", _harms("wpars")),
    (r"(lsitab|chitab|mkitab|rmitab) .*", _harms("inittab")),
    (r"(lssrc|startsrc|stopsrc) .*", _harms("subsystems")),
)  # fmt: skip


# By variant, before the others.  A volume group of GLVM is brought up by force only where all devices were seen.
RULES_OF: Dict[str, Tuple[Tuple[str, Rule], ...]] = {
    "glvm": ((r"lsdev .*", _harms(*NETWORK, *STORAGE, fences=True)),),
}


def rule_for(form: str, variant: str = "") -> Rule:
    """Raises KeyError where no rule says what the command is for."""
    for pattern, rule in (*RULES_OF.get(variant, ()), *RULES):
        if re.fullmatch(pattern, form):
            return rule
    raise KeyError(form)


# Faults, as the columns of the table.  The first seven are those of every command line; the others are what else
# AIX may do to who calls it.
KINDS: Dict[str, Dict[str, object]] = {
    "fails": {"kind": "fails", "rc": 1, "text": "0514-000 refused\n"},
    "hangs": {"kind": "hangs"},
    "garbage": {"kind": "garbage"},
    "empty": {"kind": "empty"},
    "noise": {"kind": "noise"},
    "slow": {"kind": "slow", "seconds": 20},
    "partial": {"kind": "partial"},
    "lies": {"kind": "lies"},
    "signal": {"kind": "fails", "rc": -11},
    "late": {"kind": "slow", "seconds": 4000},
}
# Faults after which a command that may not be killed is left running.
LEFT_RUNNING = ("hangs", "late")
# Faults that cost nothing but time, whatever they hit.
HARMLESS = ("noise", "slow")
# A reading command that did this once is asked again, at once or when all else is done.
ASKED_AGAIN = ("fails", "hangs", "garbage", "signal", "late")


def costs_nothing(rule: Rule, kind: str, once: bool, reads: bool) -> bool:
    """Whether the run must end with 0 and the machine as expected."""
    if rule.refuses:
        return kind in HARMLESS
    return not rule.costs or kind in HARMLESS or (once and reads and kind in ASKED_AGAIN)
