"""A shared storage pool recovered on the VIOS of the DR site: the two files that it needs, the commands in order, and
whether it is right afterwards.

The pool's disks are replicated, its repository is not: a new disk takes that role.  Everything that must not be mixed
up there is asked first, since ``viosbr`` and ``cleandisk`` write on the disks that they are given.

Source: the seed document about SSP and disaster recovery; the page of viosbr in IBM's Power documentation for -dr.
"""

from __future__ import annotations

import fnmatch
from collections import Counter
from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot.companions.flash import by_marker
from drboot.companions.gates import Gate, spoken
from drboot.companions.vios import OK, Backing, Disk, Lu, Node, PoolDisk, one_word
from drboot.facts.odmget import OdmObject
from drboot.profile.estate import Estate

DIRECTORY = "/home/padmin/backups"


@dataclass(frozen=True)
class Recovery:
    """What is to be recovered, with what.

    nodes       VIOS of the DR site, one of which the commands are run on
    disks       the replicas of the pool's disks there, hdisk -> unique_id
    expected    how many disks the pool has in production
    repository  the disk that becomes the repository
    backup      name of viosbr's backup file; ``age`` of it in seconds, None where it is not here to be looked at
    """

    cluster: str
    nodes: Tuple[str, ...]
    disks: Tuple[Tuple[str, str], ...]
    expected: int
    repository: str
    backup: str
    age: Optional[float] = None


@dataclass(frozen=True)
class Around:
    """What else is on the VIOS.

    free    lspv -free: disks that nothing uses
    disks   lspv: every disk
    pools   pv -list: the disks of pools that are there already
    ids     unique_id of other disks, hdisk -> unique_id
    """

    free: Tuple[Disk, ...]
    disks: Tuple[Disk, ...] = ()
    pools: Tuple[PoolDisk, ...] = ()
    ids: Optional[Mapping[str, str]] = None


def unique_ids(objects: Sequence[OdmObject]) -> Dict[str, str]:
    """hdisk -> unique_id, from CuAt; quotes and blanks taken out, as the seed's command does."""
    return {o.text("name"): one_word(o.text("value")) for o in objects if o.text("attribute") == "unique_id"}


def nodelist(recovery: Recovery) -> str:
    return "".join(f"{node}\n" for node in recovery.nodes)


def disklist(recovery: Recovery) -> str:
    return "".join(f"{unique_id}\n" for _, unique_id in recovery.disks)


# ---------------------------------------------------------------- what must be so


def gates(recovery: Recovery, around: Around, max_age: float) -> Tuple[Gate, ...]:
    """Everything that must be so before a file is written."""
    return (*_nodes(recovery), *_disks(recovery, around), *_repository(recovery, around), _backup(recovery, max_age))


def _nodes(recovery: Recovery) -> Iterator[Gate]:
    twice = [node for node, count in Counter(recovery.nodes).items() if count > 1]
    holds = bool(recovery.nodes) and not twice
    answer = f"{', '.join(twice)} twice" if twice else ", ".join(recovery.nodes) or "none is named"
    yield Gate("every node once", holds, answer, "name each VIOS of the DR site once")


def _disks(recovery: Recovery, around: Around) -> Iterator[Gate]:
    names = [name for name, _ in recovery.disks]
    question, count = f"{recovery.expected} disks, as in production", len(names)
    yield Gate(
        question, count == recovery.expected, f"{count} given", "every disk of the pool is replicated, and named"
    )
    without = [name for name, unique_id in recovery.disks if not unique_id]
    yield Gate(
        "each has a unique_id", not without, f"none of {', '.join(without)}" if without else "yes",
        "odmget -q name=hdiskN CuAt, or pv -list -fmt , for each",
    )  # fmt: skip
    ids = Counter(unique_id for _, unique_id in recovery.disks if unique_id)
    same = [name for name, unique_id in recovery.disks if ids[unique_id] > 1]
    named = [name for name, times in Counter(names).items() if times > 1]
    answer = f"{', '.join(same or named)} are the same disk" if same or named else "yes"
    yield Gate("no disk twice", not same and not named, answer, "name each replica once")
    pooled = {disk.name: disk.pool or "another pool" for disk in around.pools}
    pooled_ids = {disk.udid: disk.pool or "another pool" for disk in around.pools if disk.udid}
    taken = [
        f"{name} ({pooled.get(name) or pooled_ids[unique_id]})"
        for name, unique_id in recovery.disks
        if name in pooled or unique_id in pooled_ids
    ]
    answer = ", ".join(taken) or "yes"
    yield Gate("none is in a pool already", not taken, answer, "end that cluster first, or take the right disks")
    yield from _pvids(names, around)


def _pvids(names: Sequence[str], around: Around) -> Iterator[Gate]:
    """Copies of one LUN side by side: somebody has mapped too much, and which is which cannot be told by the PVID."""
    by_pvid: Dict[str, List[str]] = {}
    for disk in around.disks:
        if disk.pvid:
            by_pvid.setdefault(disk.pvid, []).append(disk.name)
    for pvid, same in by_pvid.items():
        if len(same) > 1:
            holds = not set(same) & set(names)
            answer = f"{', '.join(same)} all have {pvid}"
            yield Gate("no PVID twice", holds, answer, "unmap the copies that do not belong here", warning=holds)


def _repository(recovery: Recovery, around: Around) -> Iterator[Gate]:
    name = recovery.repository
    ids = dict(around.ids or {})
    replicas, unique_id = dict(recovery.disks), ids.get(name, "")
    is_replica = name in replicas or (unique_id != "" and unique_id in replicas.values())
    answer = f"{name} is one of the replicas" if is_replica else name
    yield Gate("the repository is a new disk", not is_replica, answer, "it is not replicated: take an empty one")
    free = {disk.name for disk in around.free}
    pooled = {disk.name for disk in around.pools}
    used = next((disk.vg for disk in around.disks if disk.name == name and disk.vg), "")
    is_free = name in free and name not in pooled and not used
    if used:
        answer = f"{name} is in {used}"
    elif name in pooled:
        answer = f"{name} is in a pool"
    else:
        answer = f"{name} is in lspv -free" if is_free else f"lspv -free does not show {name}"
    yield Gate("the repository is free", is_free, answer, "take a disk that lspv -free shows")


def _backup(recovery: Recovery, max_age: float) -> Gate:
    """The backup is of this cluster, and of not too long ago: what was mapped since is not in it."""
    question = f"a backup of {recovery.cluster}, at most {spoken(max_age)} old"
    name = recovery.backup.rpartition("/")[2]
    if not name.endswith(f".{recovery.cluster}.tar.gz"):
        why = f"{name} does not end in .{recovery.cluster}.tar.gz"
        return Gate(question, False, why, "viosbr names it so: take the backup of this cluster")
    if recovery.age is None:
        return Gate(question, True, "it is not here to be looked at", warning=True)
    if recovery.age > max_age:
        return Gate(question, True, f"it is {spoken(recovery.age)} old: what changed since is missing", warning=True)
    return Gate(question, True, f"{spoken(recovery.age)} old")


def fenced(estate: Estate, site: str, lpars: Sequence[str]) -> Gate:
    """Whoever boots from the copy of a pool takes himself for a rehearsal: production runs meanwhile."""
    question = "the LPARs that boot from it are for rehearsals"
    profile = estate.sites.get(site)
    if profile is None:
        return Gate(question, False, f"there is no profile for site {site}", "name a site that has one: --site")
    patterns = profile.rehearsal.partition_name
    others = [name for name in lpars if not any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)]
    if not lpars or others:
        answer = f"{', '.join(others)} would wake as a disaster" if others else "none is named"
        return Gate(question, False, answer, "name LPARs of rehearsal.partition_name, or --disaster MARKER")
    return Gate(question, True, ", ".join(lpars))


def declared(marker: str, now: float) -> Gate:
    """Somebody has looked at production, and says that it is down."""
    evidence = by_marker(marker, now)
    cure = f"once production is seen to be down: touch {marker}"
    return Gate("production is down", evidence.holds, evidence.text, cure)


# ---------------------------------------------------------------- the commands


def commands(recovery: Recovery, how: str) -> Iterator[str]:
    """In order, for a person.  ``how``: ``viosbr-dr``, today's, or ``customize``, the script of the seed document.

    Source   customize: the seed, its steps in its order
    Source   viosbr-dr: syntax of viosbr -dr -clustername -file -type -typeInputs name:value -repopvs (IBM Power10 docs)
    Assumed  the two names of -typeInputs, hostnames_file and pooldisks_file: see viosbr -h on the VIOS
    """
    cluster, name = recovery.cluster, recovery.backup.rpartition("/")[2]
    first = recovery.nodes[0]
    stem = name[: -len(f".{cluster}.tar.gz")]
    yield "On a VIOS of production, while there is one (every night):"
    yield f"  $ viosbr -backup -clustername {cluster} -file {stem}"
    yield f"Copy {name}, nodelist and disklist to {first}:{DIRECTORY}"
    yield f"On {first}:"
    if how == "customize":
        yield f"  $ updateios -install -dev {DIRECTORY}/ifix -accept    # on every node"
        yield "  $ oem_setup_env"
        yield "  # emgr -l                                            # the fix for remote restore is there"
        yield f"  # cd {DIRECTORY}; ./customize_ssp_backup {name} nodelist disklist"
        yield "  # exit"
    yield f"  $ lspv -free                                         # {recovery.repository} is in it"
    if how == "customize":
        yield f"  $ viosbr -restore -clustername {cluster} -repopvs {recovery.repository} \\"
        yield f"        -file {DIRECTORY}/{stem}_NEW.{cluster}.tar.gz -type cluster_remote"
    else:
        yield f"  $ viosbr -dr -clustername {cluster} -file {DIRECTORY}/{name} -type cluster \\"
        yield f"        -typeInputs hostnames_file:{DIRECTORY}/nodelist,pooldisks_file:{DIRECTORY}/disklist \\"
        yield f"        -repopvs {recovery.repository}"
    yield "  $ echo $?                                            # 0, or stop here"
    yield f"  $ cluster -status -clustername {cluster}"
    yield "  $ lu -list"
    yield "  $ lu -map -lu LU -vadapter vhostN                    # for each client"
    yield "  $ lsmap -all"
    yield "Keep what these say, and: drboot ssp-files --verify --help"


def destroyed(cluster: str, repository: str) -> Iterator[str]:
    """What ends a pool that is there already.  Printed in a box, and run by nobody but a person."""
    lines = (
        "THESE TWO DESTROY WHAT IS ON THE DISKS.  drboot never runs them.",
        f"  $ cluster -delete -clustername {cluster}",
        f"  $ cleandisk -r {repository}",
        f"Pool of cluster {cluster}: all its logical units are gone afterwards.",
        f"{repository}: whatever cluster uses it is destroyed, wherever that is.",
    )
    width = max(map(len, lines))
    yield "*" * (width + 4)
    yield from (f"* {line:<{width}} *" for line in lines)
    yield "*" * (width + 4)


# ---------------------------------------------------------------- afterwards


def verified(
    nodes: Sequence[Node], units: Sequence[Lu], backings: Sequence[Backing], clients: Mapping[str, int]
) -> Tuple[Gate, ...]:
    """Whether the cluster is well, every logical unit there, and each mapped to its client and to no other.

    clients  logical unit -> partition number of the LPAR that boots from it
    """
    ill = [node for node in nodes if (node.state, node.pool_state) != (OK, OK)]
    shown = ", ".join(f"{node.name} {node.state}/{node.pool_state or 'no pool'}" for node in ill or nodes)
    made = [Gate("every node and its pool is OK", not ill, shown, "cluster -status -verbose; errlog")]
    known = {unit.name: unit for unit in units}
    made += [_mapped(name, client, known, backings) for name, client in sorted(clients.items())]
    return tuple(made)


def _mapped(name: str, client: int, known: Mapping[str, Lu], backings: Sequence[Backing]) -> Gate:
    question = f"{name} is mapped to LPAR {client}"
    unit = known.get(name)
    if unit is None:
        return Gate(question, False, "lu -list does not show it", "is the backup older than it?")
    device = f"{unit.name}.{unit.udid}"
    mapped = sorted({backing.client for backing in backings if backing.device == device})
    others = [backing for backing in backings if backing.device.startswith(name + ".") and backing.device != device]
    if mapped == [client]:
        return Gate(question, True, device)
    if others:
        return Gate(question, False, f"{others[0].vtd} has another {name}, not {device}", "map the one of this pool")
    if not mapped:
        return Gate(question, False, "it is mapped to none", f"lu -map -lu {name} -vadapter vhostN")
    where = ", ".join(map(str, mapped))
    return Gate(
        question, False, f"it is mapped to LPAR {where}", "two LPARs on one disk destroy it: unmap the wrong one"
    )
