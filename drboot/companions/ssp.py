"""A shared storage pool recovered on the VIOS of the DR site: the two files that it needs, the commands in order, and
whether it is right afterwards.

The pool's disks are replicated, its repository is not: a new disk takes that role.  Everything that must not be mixed
up there is asked first, since ``viosbr`` and ``cleandisk`` write on the disks that they are given.

Source: the seed document about SSP and disaster recovery; the page of viosbr in IBM's Power documentation for -dr.
"""

from __future__ import annotations

import fnmatch
import shlex
from collections import Counter
from dataclasses import dataclass
from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot.companions.flash import by_marker
from drboot.companions.gates import Gate, spoken
from drboot.companions.vios import OK, Backing, Cluster, Disk, Lu, PoolDisk, answers, one_word, parse_pv_list
from drboot.errors import few
from drboot.facts import odmget
from drboot.facts.base import ParseError
from drboot.profile.estate import Estate

DIRECTORY = "/home/padmin/backups"
CAA = "caavg_private"  # Source: the seed's lspv: the volume group on the repository of the cluster that a VIOS is in


@dataclass(frozen=True)
class Recovery:
    """What is to be recovered, with what.

    nodes       VIOS of the DR site, one of which the commands are run on
    disks       the replicas of the pool's disks there, hdisk -> unique_id
    expected    how many disks the pool has in production
    repository  the disk that becomes the repository
    backup      name of viosbr's backup file; ``age`` of it in seconds, None where it is not here to be looked at
    old         the cluster that is there and has to go first, and its repository; "" and "" for none
    """

    cluster: str
    nodes: Tuple[str, ...]
    disks: Tuple[Tuple[str, str], ...]
    expected: int
    repository: str
    backup: str
    age: Optional[float] = None
    old: Tuple[str, str] = ("", "")


@dataclass(frozen=True)
class Around:
    """What else is on the VIOS.

    free        lspv -free: disks that nothing uses
    disks       lspv: every disk
    pools       pv -list: the disks of a pool that is there already
    ids         unique_id of other disks, hdisk -> unique_id
    production  pv -list of production
    """

    free: Tuple[Disk, ...]
    disks: Tuple[Disk, ...]
    pools: Tuple[PoolDisk, ...] = ()
    ids: Optional[Mapping[str, str]] = None
    production: Tuple[PoolDisk, ...] = ()

    def vg(self, name: str) -> str:
        """The volume group of this disk, "" for none."""
        return next((disk.vg for disk in self.disks if disk.name == name), "")


def unique_ids(text: str) -> Dict[str, str]:
    """hdisk -> unique_id, from CuAt; quotes and blanks taken out, as the seed's command does.

    ParseError where there is none, and where a disk has two: hdisk14 of another VIOS is another disk.
    """
    found: Dict[str, str] = {}
    for item in odmget.parse(answers(text)):
        if item.text("attribute") == "unique_id":
            name, unique_id = item.text("name"), one_word(item.text("value"))
            if found.setdefault(name, unique_id) != unique_id:
                raise ParseError(f"{name} has two unique_ids in it: {found[name]} and {unique_id}")
    if not found:
        raise ParseError("no unique_id in it")
    return found


def pool_ids(disks: Sequence[PoolDisk]) -> Dict[str, str]:
    """The same, from pv -list.  ParseError where two rows have one name."""
    found: Dict[str, str] = {}
    for disk in disks:
        if disk.name in found:
            raise ParseError(f"{disk.name} is listed twice")
        found[disk.name] = disk.udid
    return found


def ids_of(text: str) -> Dict[str, str]:
    """hdisk -> unique_id, from CuAt or from pv -list, whichever it is.  ParseError as theirs."""
    return unique_ids(text) if "CuAt:" in text else pool_ids(parse_pv_list(text))


def nodelist(recovery: Recovery) -> str:
    return "".join(f"{node}\n" for node in recovery.nodes)


def disklist(recovery: Recovery) -> str:
    return "".join(f"{unique_id}\n" for _, unique_id in recovery.disks)


# ---------------------------------------------------------------- what must be so


def gates(recovery: Recovery, around: Around, max_age: float) -> Tuple[Gate, ...]:
    """Everything that must be so before a file is written."""
    return (*_nodes(recovery), *_disks(recovery, around), *_repository(recovery, around), _backup(recovery, max_age))


def _nodes(recovery: Recovery) -> Iterator[Gate]:
    """Host names do not distinguish upper and lower case."""
    twice = [node for node, count in Counter(node.lower() for node in recovery.nodes).items() if count > 1]
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
        "each has a unique_id", not without, f"none of {', '.join(few(without))}" if without else "yes",
        "odmget -q name=hdiskN CuAt, or pv -list -fmt , for each",
    )  # fmt: skip
    ids = Counter(unique_id for _, unique_id in recovery.disks if unique_id)
    same = [name for name, unique_id in recovery.disks if ids[unique_id] > 1]
    named = [name for name, times in Counter(names).items() if times > 1]
    answer = f"{', '.join(same or named)} are the same disk" if same or named else "yes"
    yield Gate("no disk twice", not same and not named, answer, "name each replica once")
    yield _unused(names, around)
    yield from _unmapped(names, around)
    yield _replicas(recovery, around)
    yield from _pool(recovery, around)
    yield from _pvids(recovery, around)


def _unused(names: Sequence[str], around: Around) -> Gate:
    """What viosbr is given as a disk of the pool is the pool's: the VIOS's own rootvg must not be among it."""
    vgs = {disk.name: disk.vg for disk in around.disks}
    used = [f"{name} is in {vgs[name]}" for name in names if vgs.get(name)]
    used += [f"lspv does not show {name}" for name in names if name not in vgs]
    cure = "name the replicas, as they are called on this VIOS"
    return Gate("none is in a volume group", not used, ", ".join(few(used)) or "yes", cure)


def _unmapped(names: Sequence[str], around: Around) -> Iterator[Gate]:
    """A disk that is mapped to an LPAR is in no volume group of the VIOS either; lspv -free leaves it out.

    Source: IBM's page of lspv of the VIOS: -free lists what is available as a backing device.
    Assumed: whether it shows replicas of a pool's disks differs, so that this is looked at and not refused.
    """
    free = {disk.name for disk in around.free}
    others = [name for name in names if name not in free]
    if others:
        why = f"lspv -free does not show {', '.join(few(others))}: ask lsmap -all whose they are"
        yield Gate("no LPAR has one of them", True, why, warning=True)


def _replicas(recovery: Recovery, around: Around) -> Gate:
    """A pool that is made again on production's own disks ends production."""
    own = {disk.udid: disk.name for disk in around.production if disk.udid}
    same = [f"{name} is {own[unique_id]} of production" for name, unique_id in recovery.disks if unique_id in own]
    question, cure = "they are replicas, not production's own", "take those LUNs away from this VIOS at once"
    if same or own:
        return Gate(question, not same, ", ".join(few(same)) or "yes", cure)
    why = "cannot be told without whole unique_ids of production: --production with pv -list -fmt ,"
    return Gate(question, True, why, warning=True)


def _pool(recovery: Recovery, around: Around) -> Iterator[Gate]:
    """The pool that the VIOS has already: its disks are not the new one's, and its cluster has to go first."""
    pooled = {disk.name: disk.pool or "another pool" for disk in around.pools}
    pooled_ids = {disk.udid: disk.pool or "another pool" for disk in around.pools if disk.udid}
    taken = [
        f"{name} ({pooled.get(name) or pooled_ids[unique_id]})"
        for name, unique_id in recovery.disks
        if name in pooled or unique_id in pooled_ids
    ]
    answer = ", ".join(few(taken)) or "yes"
    yield Gate("none is in a pool already", not taken, answer, "end that cluster first, or take the right disks")
    yield _no_cluster(recovery, around)
    yield from _old_repository(recovery, around)


def _no_cluster(recovery: Recovery, around: Around) -> Gate:
    """Source: the seed deletes the cluster of its VIOS before the restore; lspv | grep caa shows that there is one."""
    signs = [f"{disk.name} is in {CAA}" for disk in around.disks if disk.vg == CAA]
    if around.pools:
        signs.append(f"pv -list shows {around.pools[0].name} of {around.pools[0].pool or 'a pool'}")
    question = "the VIOS is in no cluster"
    if not signs:
        return Gate(question, True, f"no {CAA} in lspv")
    if recovery.old[0]:
        return Gate(question, True, f"{', '.join(signs)}: {recovery.old[0]} has to go first", warning=True)
    cure = "is it the right VIOS? then name what has to go: --old-cluster, --old-repository, and --pools"
    return Gate(question, False, ", ".join(signs), cure)


def _old_repository(recovery: Recovery, around: Around) -> Iterator[Gate]:
    """cleandisk destroys whatever it is given: it must not be a replica, nor in use for anything else."""
    name = recovery.old[1]
    if not name:
        return
    why = _replica_of(recovery, around, name)
    if name not in {disk.name for disk in around.disks}:
        why = f"lspv does not show {name}"
    elif around.vg(name) not in ("", CAA):
        why = f"{name} is in {around.vg(name)}"
    elif name in {disk.name for disk in around.pools}:
        why = f"{name} is a disk of the pool, and not its repository"
    elif not why and not around.vg(name) and name not in {disk.name for disk in around.free}:
        why = f"{name} is neither in {CAA} nor in lspv -free: it may be an LPAR's"
    yield Gate("the old repository may be scrubbed", not why, why or name, "lspv shows the repository in " + CAA)


def _replica_of(recovery: Recovery, around: Around, name: str) -> str:
    """Why this disk is one of the replicas, or "": by its name or its unique_id; _pvids looks at the PVID."""
    unique_id, replicas = dict(around.ids or {}).get(name, ""), dict(recovery.disks)
    if name in replicas or (unique_id and unique_id in replicas.values()):
        return f"{name} is one of the replicas"
    return ""


def _pvids(recovery: Recovery, around: Around) -> Iterator[Gate]:
    """Copies of one LUN side by side: somebody has mapped too much, and which is which cannot be told by the PVID."""
    ours = {name for name, _ in recovery.disks} | {recovery.repository, recovery.old[1]}
    by_pvid: Dict[str, List[str]] = {}
    for disk in around.disks:
        if disk.pvid:
            by_pvid.setdefault(disk.pvid, []).append(disk.name)
    for pvid, same in by_pvid.items():
        if len(same) > 1:
            holds = not set(same) & ours
            answer = f"{', '.join(same)} all have {pvid}"
            yield Gate("no PVID twice", holds, answer, "unmap the copies that do not belong here", warning=holds)


def _repository(recovery: Recovery, around: Around) -> Iterator[Gate]:
    name = recovery.repository
    why = _replica_of(recovery, around, name)
    yield Gate("the repository is a new disk", not why, why or name, "it is not replicated: take an empty one")
    question, cure = "the repository is free", "take a disk that lspv -free shows"
    used = around.vg(name)
    if used == CAA and name == recovery.old[1]:
        yield Gate(question, True, f"{name} is, once {recovery.old[0]} is gone", warning=True)
    elif used:
        yield Gate(question, False, f"{name} is in {used}", cure)
    elif name in {disk.name for disk in around.pools}:
        yield Gate(question, False, f"{name} is in a pool", cure)
    elif name in {disk.name for disk in around.free}:
        yield Gate(question, True, f"{name} is in lspv -free")
    else:
        yield Gate(question, False, f"lspv -free does not show {name}", cure)


def _backup(recovery: Recovery, max_age: float) -> Gate:
    """The backup is of this cluster, and of not too long ago: what was mapped since is not in it."""
    question = f"a backup of {recovery.cluster}, at most {spoken(max_age)} old"
    name = recovery.backup.rpartition("/")[2]
    if not name.endswith(f".{recovery.cluster}.tar.gz") or name == f".{recovery.cluster}.tar.gz":
        why = f"{name} is not called NAME.{recovery.cluster}.tar.gz"
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
    cure = "once production is seen to be down:"
    return Gate("production is down", evidence.holds, evidence.text, cure, commands=(f"touch {shlex.quote(marker)}",))


# ---------------------------------------------------------------- the commands


_SOURCES = {
    "customize": ("source: the document about SSP and DR, VIOS 2.2.3; not today's way",),
    "viosbr-dr": (
        "source: IBM's page of viosbr, Power10.  The two names in -typeInputs are",
        "assumed: compare with viosbr -h first.  --how customize: as in VIOS 2.2.3",
    ),
}


def commands(recovery: Recovery, how: str, clients: Mapping[str, int]) -> Iterator[str]:
    """In order, for a person.  ``how``: ``viosbr-dr``, today's, or ``customize``, the script of the seed document.

    The names in them are words that need no quotes; ``clients`` as in ``verified``.

    Source   customize: the seed, its steps in its order
    Source   viosbr-dr: syntax of viosbr -dr -clustername -file -type -typeInputs name:value -repopvs (IBM Power10 docs)
    Assumed  the two names of -typeInputs, hostnames_file and pooldisks_file: see viosbr -h on the VIOS
    """
    cluster, name = recovery.cluster, recovery.backup.rpartition("/")[2]
    first = recovery.nodes[0]
    stem = name[: -len(f".{cluster}.tar.gz")]
    yield "On a VIOS of production, while there is one (every night):"
    yield f"  $ viosbr -backup -clustername {cluster} -file {stem}"
    yield "Copy nodelist, disklist and"
    yield f"  {name} to {first}:{DIRECTORY}"
    if recovery.old[0]:
        yield from destroyed(first, *recovery.old)
    yield f"On {first}:"
    yield from (f"    {line}" for line in _SOURCES[how])
    if how == "customize":
        yield f"  $ updateios -install -dev {DIRECTORY}/ifix -accept   # every node"
        yield "  $ oem_setup_env"
        yield "  # emgr -l                                            # the fix is there"
        yield f"  # cd {DIRECTORY}"
        yield f"  # ./customize_ssp_backup {name} nodelist disklist"
        yield "  # exit"
    yield f"  $ lspv -free                                         # {recovery.repository} is in it"
    if how == "customize":
        yield f"  $ viosbr -restore -clustername {cluster} -repopvs {recovery.repository} \\"
        yield f"        -file {DIRECTORY}/{stem}_NEW.{cluster}.tar.gz \\"
        yield "        -type cluster_remote"
    else:
        yield f"  $ viosbr -dr -clustername {cluster} -repopvs {recovery.repository} \\"
        yield f"        -file {DIRECTORY}/{name} -type cluster \\"
        yield f"        -typeInputs hostnames_file:{DIRECTORY}/nodelist,\\"
        yield f"pooldisks_file:{DIRECTORY}/disklist"
    yield "  $ echo $?                                            # 0, or stop here"
    yield f"  $ cluster -status -clustername {cluster}"
    yield "  $ lu -list"
    for unit, client in sorted(clients.items()):
        yield f"  $ lu -map -lu {unit} -vadapter vhostN  # of LPAR {client}"
    if not clients:
        yield "  $ lu -map -lu LU -vadapter vhostN                    # for each client"
    yield "  $ lsmap -all"
    yield "Keep what these say, and: drboot ssp-files --verify --help"


def destroyed(node: str, cluster: str, repository: str) -> Iterator[str]:
    """What ends a pool that is there already.  Printed in a box, and run by nobody but a person.

    The cluster that is recovered has the name of production's, and so may the old one: the box says where it counts.
    """
    lines = (
        "THESE TWO DESTROY WHAT IS ON THE DISKS.  drboot never runs them.",
        f"On {node} of the DR site, and NEVER in production:",
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


class _Map:
    """Logical units and what they are mapped to, by name: a pool may have ten thousand of them."""

    def __init__(self, units: Sequence[Lu], backings: Sequence[Backing]) -> None:
        self.units: Dict[str, List[Lu]] = {}
        self.backings: Dict[str, List[Backing]] = {}
        for unit in units:
            self.units.setdefault(unit.name, []).append(unit)
            self.units.setdefault(unit.device, []).append(unit)
        for backing in backings:
            self.backings.setdefault(backing.device, []).append(backing)
        # a device is LU.UDID, and the name of a unit may have dots of its own
        self.strangers = {b.device.rpartition(".")[0]: b for b in backings if b.device not in self.units}


def verified(
    cluster: Cluster,
    units: Sequence[Lu],
    backings: Sequence[Backing],
    clients: Mapping[str, int],
    expected: Sequence[str] = (),
) -> Tuple[Gate, ...]:
    """Whether the cluster is well, every logical unit there, and each mapped to its client and to no other.

    clients   logical unit (LU, or LU.UDID where a name is not enough) -> partition number of its LPAR
    expected  nodes that must be in the cluster
    """
    known = _Map(units, backings)
    made = [*_cluster(cluster, expected), *(_mapped(name, clients[name], known) for name in sorted(clients))]
    return (*made, *_others(known, clients))


def _cluster(cluster: Cluster, expected: Sequence[str]) -> Iterator[Gate]:
    if cluster.state:
        cure = "cluster -status -verbose says which node is not well"
        yield Gate(f"cluster {cluster.name} is OK", cluster.state == OK, cluster.state, cure)
    ill = [node for node in cluster.nodes if (node.state, node.pool_state) != (OK, OK)]
    shown = ", ".join(f"{node.name} {node.state}/{node.pool_state or 'no pool'}" for node in ill or cluster.nodes)
    yield Gate("every node and its pool is OK", not ill, shown, "cluster -status -verbose; errlog")
    # a node may be shown with or without its domain
    there = {node.name.partition(".")[0].lower() for node in cluster.nodes}
    missing = [name for name in expected if name.partition(".")[0].lower() not in there]
    if missing:
        answer = f"cluster -status does not show {', '.join(missing)}"
        yield Gate("every node is in the cluster", False, answer, "save all that it prints; else cluster -addnode")


def _mapped(name: str, client: int, known: _Map) -> Gate:
    question = f"{name} is mapped to LPAR {client}"
    units = known.units.get(name, [])
    if not units:
        return Gate(question, False, "lu -list does not show it", "is the backup older than it?")
    if len(units) > 1:
        why = f"{len(units)} have that name: {', '.join(unit.udid for unit in units)}"
        return Gate(question, False, why, f"say which: --clients {name}.UDID={client}, and lu -map -luudid UDID")
    device = units[0].device
    backings = known.backings.get(device, [])
    stranger = known.strangers.get(units[0].name)
    if not backings and stranger:
        why = f"{stranger.vtd} has another {units[0].name}, not {device}"
        return Gate(question, False, why, "map the one of this pool")
    if not backings:
        return Gate(question, False, "it is mapped to none", f"lu -map -lu {name} -vadapter vhostN")
    down = [f"{b.vtd} is {b.status}" for b in backings if b.status not in ("", "Available")]
    if down:
        return Gate(question, False, ", ".join(down), "cfgdev on the VIOS; errlog says why it is not Available")
    mapped = sorted({backing.client for backing in backings})
    if mapped == [client]:
        twice = len({backing.adapter for backing in backings}) < len(backings)
        answer = f"{device}, twice: by two VIOS, or by mistake" if twice else device
        return Gate(question, True, answer, warning=twice)
    if 0 in mapped and set(mapped) <= {0, client}:
        adapters = ", ".join(sorted({backing.adapter for backing in backings if not backing.client}))
        why = f"lsmap does not know the client of {adapters}: its LPAR is off, or any LPAR may have it"
        return Gate(question, False, why, "look on the HMC whose it is; or start the LPAR to SMS, and ask again")
    where = ", ".join(map(str, mapped))
    return Gate(
        question, False, f"it is mapped to LPAR {where}", "two LPARs on one disk destroy it: unmap the wrong one"
    )


def _others(known: _Map, clients: Mapping[str, int]) -> Iterator[Gate]:
    """Units that nobody named, mapped to an LPAR that somebody named: its own second disk, or another LPAR's."""
    named = {unit.device for name in clients for unit in known.units.get(name, [])}
    more: Dict[int, List[str]] = {}
    for device in sorted(device for device in known.backings if device in known.units and device not in named):
        for client in sorted({backing.client for backing in known.backings[device]} & set(clients.values())):
            more.setdefault(client, []).append(device.rpartition(".")[0])
    for client, names in sorted(more.items()):
        yield Gate(f"LPAR {client} has no other unit", True, f"it has {', '.join(few(names))}", warning=True)
