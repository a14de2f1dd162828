"""What had to change on an LPAR, and how soon AIX lets it be changed: a checker, which knows no plan of drboot's.

It reads the LPAR's documents (tests/checker.py) before and after a boot.  A *thing* is what one changing command of AIX
can do and two cannot share; ``things`` lists those whose state differs.  The *critical path* is a lower bound: no tool
that keeps the constraints below, and pays what the latency table says, can be ready before.
"""

from __future__ import annotations

import os
from typing import Dict, FrozenSet, List, Mapping, NamedTuple, Set, Tuple

from tests.checker import State

# What AIX forbids or orders, and the source; whatever is not named here may happen at the same time.
CONSTRAINTS: Tuple[Tuple[str, str], ...] = (
    ("importvg: one at a time", "it allocates a major number and rewrites ODM and /etc/filesystems; no IBM statement "
     "that two at once are safe (lvm-and-filesystems section 10 of the reference)"),
    ("cfgmgr: one at a time", "it configures the whole device tree; assumed"),
    ("varyonvg after importvg of the VG", "importvg manual page: varyonvg needs a known VG"),
    ("chvg after varyonvg of the VG", "chvg manual page; importvg leaves AUTO ON and quorum on (GLVM white paper)"),
    ("mount after varyonvg of its VG", "mount manual page: the LV's device must be open"),
    ("fsck after varyonvg of the VG, before the mount", "fsck manual page; only where the profile asks for it"),
    ("mount after the mount of its parent directory", "mounted the other way round, the parent hides the child"),
    ("chdev: one at a time per device", "the device's ODM objects are locked meanwhile; assumed"),
    ("aliases after the interface's own address", "the address that is set last is the primary one otherwise; assumed"),
    ("routes after the address of their network", "route manual page: the gateway must be reachable"),
)  # fmt: skip

# Seconds of the shortest command that does it; ``importvg`` is scaled by whoever asks.
Costs = Mapping[str, float]


class Thing(NamedTuple):
    """``kind`` names what it is (import, varyon, mount ...), ``name`` which."""

    kind: str
    name: str


class Before(NamedTuple):
    """An LPAR's state, kept from before a boot: its documents are changed in place."""

    odm_attributes: Dict[str, Dict[str, List[str]]]
    vgs: FrozenSet[str]
    varied_on: FrozenSet[str]
    mounts: FrozenSet[str]
    nodename: str
    bootlist: Tuple[str, ...]
    inittab: Dict[str, str]


def look(directory: str) -> Before:
    """The state now of the LPAR whose documents are in ``directory``."""
    state = State(directory)
    entries = state.firmware["bootlist"].get("normal", [])
    return Before(
        {device: {name: list(values) for name, values in found.items()}
         for device, found in state.odm["attributes"].items()},
        frozenset(state.odm["vgs"]),
        frozenset(state.kernel["varied_on"]),
        frozenset(mount["point"] for mount in state.kernel["mounts"]),
        state.kernel["nodename"],
        tuple(f"{entry.get('lun')} {entry.get('slot')} {entry.get('target')}" for entry in entries),
        _inittab(state),
    )  # fmt: skip


def _inittab(state: State) -> Dict[str, str]:
    rows = [line.split(":", 3) for line in state.text("/etc/inittab").splitlines()]
    return {row[0]: ":".join(row) for row in rows if len(row) == 4 and row[0]}


def things(before: Before, directory: str, checked: bool = False) -> Tuple[Thing, ...]:
    """Everything that is not as it was, and that a command of AIX makes so.

    checked  the profile asks for a check of each file system before it is mounted
    """
    state, now = State(directory), look(directory)
    found = [Thing("import", vg) for vg in sorted(now.vgs - before.vgs)]
    found += [Thing("varyon", vg) for vg in sorted(now.varied_on - before.varied_on)]
    found += [Thing("chvg", vg) for vg in sorted(now.vgs - before.vgs) if _not_as_imported(state, vg)]
    for kind in ("fsck", "mount") if checked else ("mount",):
        found += [Thing(kind, point) for point in sorted(now.mounts - before.mounts)]
    for device in sorted(set(before.odm_attributes) | set(now.odm_attributes)):
        was, new = (side.odm_attributes.get(device, {}) for side in (before, now))
        found += _attributes(device, was, new)
    if now.nodename != before.nodename:
        found.append(Thing("nodename", now.nodename))
    if now.bootlist != before.bootlist:
        found.append(Thing("boot list", "normal"))
    found += [Thing("inittab", name) for name in now.inittab if now.inittab[name] != before.inittab.get(name)]
    return tuple(found)


def _not_as_imported(state: State, vg: str) -> bool:
    """importvg leaves AUTO ON yes and quorum on; whoever wants it otherwise has to say so, in one chvg."""
    vgda = state.san["vgdas"][state.firmware["site"]][state.odm["vgs"][vg]["vgid"]]
    return not (vgda["auto_on"] and vgda["quorum"])


ADDRESS = ("netaddr", "netmask", "state")  # one chdev sets all three


def _attributes(device: str, was: Dict[str, List[str]], now: Dict[str, List[str]]) -> List[Thing]:
    """An address is one thing; an alias and a route are one each, since chdev takes one at a time."""
    found: List[Thing] = []
    for name in sorted(set(was) | set(now)):
        old, new = was.get(name, []), now.get(name, [])
        if old == new:
            continue
        if name in ADDRESS:
            found.append(Thing("address", device))
        elif name in ("alias4", "route"):
            found += [Thing(name, f"{device} {value}") for value in sorted(set(old) ^ set(new))]
        else:
            found.append(Thing("attribute", f"{device} {name}"))
    return list(dict.fromkeys(found))


# ---------------------------------------------------------------- the critical path


def critical_path(changed: Tuple[Thing, ...], directory: str, costs: Costs) -> Tuple[float, str]:
    """Seconds below which nobody can be ready, and the chain that makes it so."""
    chains = [_storage(changed, State(directory), costs), *_networks(changed, costs)]
    chains.append((costs["bootlist"] if any(thing.kind == "boot list" for thing in changed) else 0.0, "bootlist"))
    return max(chains)


def _storage(changed: Tuple[Thing, ...], state: State, costs: Costs) -> Tuple[float, str]:
    """Imports one after the other; behind each, what its VG still needs.

    The order that ends first begins with the VG that has the longest tail (Jackson's rule for one machine with
    delivery times), so no other order can beat what this finds.
    """
    named: Dict[str, Set[str]] = {}
    for thing in changed:
        named.setdefault(thing.kind, set()).add(thing.name)
    points = named.get("mount", set())
    devices = {mount["point"]: os.path.basename(mount["device"]) for mount in state.kernel["mounts"]}
    tails = {}
    for vg in named.get("import", set()):
        lvs = set(state.odm["vgs"][vg]["lvs"])
        own = [point for point in points if devices[point] in lvs]
        check = costs["fsck"] if "fsck" in named else 0.0  # of all of them at once
        after = [check + costs["mount"] * _depth(point, points) for point in own]
        after.append(costs["chvg"] if vg in named.get("chvg", set()) else 0.0)
        tails[vg] = (costs["varyonvg"] if vg in named.get("varyon", set()) else 0.0) + max(after)
    end, passed, why = 0.0, 0.0, "no VG is imported"
    for number, (vg, tail) in enumerate(sorted(tails.items(), key=lambda row: -row[1]), 1):
        passed += costs["importvg"]
        if passed + tail > end:
            end, why = passed + tail, f"{number} importvg, then {tail:g} s for {vg}"
    return end, why


def _depth(point: str, points: Set[str]) -> int:
    """How many mounts come one after the other from this one down."""
    below = [other for other in points if other.startswith(point.rstrip("/") + "/")]
    return 1 + max((_depth(other, points) for other in below), default=0)


def _networks(changed: Tuple[Thing, ...], costs: Costs) -> List[Tuple[float, str]]:
    """Per interface its address and aliases, and the routes of inet0, one chdev at a time."""
    found = []
    for device in sorted({thing.name for thing in changed if thing.kind == "address"}):
        chdevs = [
            thing for thing in changed if thing.name.split(" ")[0] == device and thing.kind in ("alias4", "attribute")
        ]
        found.append((costs["chdev"] * (1 + len(chdevs)), f"chdev of {device}"))
    routes = [thing for thing in changed if thing.kind == "route"]
    found.append((costs["chdev"] * (bool(found) + len(routes)), "an address, then the routes"))
    return found
