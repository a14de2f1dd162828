"""``drboot ssp-files``: the files and commands with which a shared storage pool is recovered at the DR site."""

from __future__ import annotations

import argparse
import os
import re
import stat
import sys
import time
from typing import Dict, Iterator, List, Optional, Tuple

from drboot import files
from drboot.companions import ssp, vios
from drboot.companions.gates import Gate, table
from drboot.companions.ssp import Around, Recovery
from drboot.companions.vios import PoolDisk
from drboot.errors import EXIT_OK, EXIT_REFUSED, EXIT_UNFINISHED, ConfigError, Problem
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, print_json, say
from drboot.verbs.listings import NAME, STDIN, demand_one_pipe, duration, name, names, parsed, said, words

_CUAT = "odmget -q name=hdiskN CuAt"
_PV_LIST = "pv -list -fmt ,"


def _clients(text: str) -> Dict[str, int]:
    found: Dict[str, int] = {}
    for word in words(text):
        unit, _, number = word.rpartition("=")
        if not unit or not re.fullmatch(r"[1-9][0-9]{0,4}", number) or unit in found:
            raise argparse.ArgumentTypeError(f"{word!r} is not LU=PARTITION_NUMBER, each LU once")
        found[name(unit)] = int(number)
    return found


def _add(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--cluster", metavar="NAME", type=name, default="", help="the cluster in production, and at DR")
    sub.add_argument("--nodelist", metavar="VIOS,...", type=names, default=[], help="host names of the VIOS at DR")
    sub.add_argument("--disks", metavar="HDISK,...", type=names, default=[], help="replicas of the pool's disks there")
    sub.add_argument("--cuat", metavar="FILE", default="", help=f"what each printed for: {_CUAT}; else a pipe")
    sub.add_argument("--pv", metavar="FILE", default="", help=f"or what the VIOS printed for: {_PV_LIST}")
    sub.add_argument("--count", metavar="N", type=int, default=0, help="how many disks the pool has in production")
    production = f"or what a VIOS of production printed for: {_PV_LIST}"
    sub.add_argument("--production", metavar="FILE", default="", help=production)
    new = "a new disk, which becomes the repository"
    sub.add_argument("--repository", metavar="HDISK", type=name, default="", help=new)
    sub.add_argument("--free", metavar="FILE", default="", help="what the VIOS at DR printed for: lspv -free")
    sub.add_argument("--lspv", metavar="FILE", default="", help="what it printed for: lspv")
    sub.add_argument("--pools", metavar="FILE", default="", help="what it printed for: pv -list, if it has a pool")
    sub.add_argument("--backup", metavar="FILE", default="", help="viosbr's backup of the cluster")
    sub.add_argument("--max-age", metavar="TIME", type=duration, default=7 * 86400.0, help="of the backup; 7d")
    sub.add_argument("--site", metavar="SITE", default="", help="site whose profile the LPARs use")
    sub.add_argument("--lpars", metavar="NAME,...", type=words, default=[], help="LPARs that rehearse from it")
    sub.add_argument("--disaster", metavar="MARKER", default="", help="no rehearsal: this file says so")
    how = "today's viosbr -dr, or the script of VIOS 2.2.3"
    sub.add_argument("--how", choices=("viosbr-dr", "customize"), default="viosbr-dr", help=how)
    old = "a cluster that has to go there first"
    sub.add_argument("--old-cluster", metavar="NAME", type=name, default="", help=old)
    sub.add_argument("--old-repository", metavar="HDISK", type=name, default="", help="and its repository")
    sub.add_argument("--output", metavar="DIR", default="", help="where nodelist and disklist are written")
    sub.add_argument("--verify", action="store_true", help="is it right now? with --status, --lu, --lsmap, --clients")
    sub.add_argument("--status", metavar="FILE", default="", help="what the VIOS printed for: cluster -status")
    sub.add_argument("--lu", metavar="FILE", default="", help="what it printed for: lu -list")
    sub.add_argument("--lsmap", metavar="FILE", default="", help="what it printed for: lsmap -all")
    sub.add_argument(
        "--clients", metavar="LU=N,...", type=_clients, default={}, help="partition number of each unit's LPAR"
    )


def _call(options: Arguments) -> int:
    """0; 3 where a question forbids it; with --verify 4 where something is not right."""
    return _verify(options) if options.verify else _files(options)


def _demand(options: Arguments, *names: str) -> None:
    missing = ", ".join(f"--{name}" for name in names if not getattr(options, name.replace("-", "_")))
    if missing:
        raise ConfigError(Problem("usage", f"this needs {missing}", "", "", "drboot ssp-files --help"))


def _verify(options: Arguments) -> int:
    _demand(options, "status", "lu", "lsmap", "clients")
    demand_one_pipe(options.status, options.lu, options.lsmap)
    cluster = parsed(options.status, vios.parse_cluster_status, "cluster -status")
    units = parsed(options.lu, vios.parse_lu_list, "lu -list")
    mapped = parsed(options.lsmap, vios.parse_lsmap, "lsmap -all")
    found = ssp.verified(cluster, units, mapped, options.clients, options.nodelist)
    code = EXIT_OK if all(gate.holds for gate in found) else EXIT_UNFINISHED
    if options.json:
        print_json({"gates": [gate._asdict() for gate in found], "exit_code": code})
    else:
        say("\n".join(table(found)))
    return code


def _files(options: Arguments) -> int:
    _demand(options, "cluster", "nodelist", "disks", "repository", "free", "lspv", "backup")
    if options.old_cluster or options.old_repository:
        _demand(options, "old-cluster", "old-repository")
    listings = (options.cuat or options.pv or STDIN, options.production, options.free, options.lspv, options.pools)
    demand_one_pipe(*listings)
    ids = _ids(options)
    production = parsed(options.production, vios.parse_pv_list, _PV_LIST) if options.production else ()
    recovery = _recovery(options, ids, production)
    found = (_purpose(options), *ssp.gates(recovery, _around(options, ids, production), options.max_age))
    is_open = all(gate.holds for gate in found)
    written = _written(options.output, recovery) if is_open and options.output else []
    plan = list(_plan(options, recovery, written))
    if options.json:
        shown = {"gates": [gate._asdict() for gate in found], "written": written, "plan": plan if is_open else []}
        nodes, ids_of_disks = ssp.nodelist(recovery).split(), ssp.disklist(recovery).split()
        print_json({**shown, "nodelist": nodes if is_open else [], "disklist": ids_of_disks if is_open else []})
        return EXIT_OK if is_open else EXIT_REFUSED
    say(f"drboot: the shared storage pool of {recovery.cluster} on {', '.join(recovery.nodes)}")
    return said(found, iter(plan))


def _ids(options: Arguments) -> Dict[str, str]:
    """hdisk -> unique_id of the VIOS at DR."""
    if options.cuat:
        return parsed(options.cuat, ssp.unique_ids, _CUAT)
    if options.pv:
        return parsed(options.pv, lambda text: ssp.pool_ids(vios.parse_pv_list(text)), _PV_LIST)
    if sys.stdin is not None and sys.stdin.isatty():
        raise ConfigError(Problem("usage", "the unique_ids are needed", "", "", f"--cuat FILE ({_CUAT}), or --pv FILE"))
    return parsed(STDIN, ssp.ids_of, f"{_CUAT}, or {_PV_LIST}")


def _recovery(options: Arguments, ids: Dict[str, str], production: Tuple[PoolDisk, ...]) -> Recovery:
    expected = len(production) or options.count
    if expected < 1:
        why = "without it nobody can tell whether a disk is missing"
        raise ConfigError(Problem("usage", "how many disks has the pool?", "", why, "--production FILE, or --count N"))
    if options.count and options.count != expected:
        why = f"{options.production} shows {expected}, and --count says {options.count}"
        cure = "save all that pv -list prints, or correct --count"
        raise ConfigError(Problem("usage", "how many disks has the pool?", "--count", why, cure))
    disks = tuple((disk, ids.get(disk, "")) for disk in options.disks)
    nodes, old = tuple(options.nodelist), (options.old_cluster, options.old_repository)
    age = _age(options.backup)
    return Recovery(options.cluster, nodes, disks, expected, options.repository, options.backup, age, old)


def _age(backup: str) -> Optional[float]:
    """Of the backup in seconds, None where it is not here.  Raises ConfigError where it can be none."""
    base = os.path.basename(backup)
    if not NAME.fullmatch(base):
        cure = "its name goes into a command: letters, digits, dot, dash and underscore"
        raise ConfigError(Problem("usage", f"{base!r} is no name of a backup", "--backup", "", cure))
    try:
        status = os.stat(backup)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or not status.st_size:
        why = "it is empty" if stat.S_ISREG(status.st_mode) else "it is not a regular file"
        raise ConfigError(Problem("listing-unreadable", "this is no backup", backup, why, "copy it again"))
    return max(0.0, time.time() - status.st_mtime)


def _around(options: Arguments, ids: Dict[str, str], production: Tuple[PoolDisk, ...]) -> Around:
    free = parsed(options.free, vios.parse_lspv, "lspv -free")
    disks = parsed(options.lspv, vios.parse_lspv, "lspv")
    pools = parsed(options.pools, vios.parse_pv_list, "pv -list") if options.pools else ()
    return Around(free, disks, pools, ids, production)


def _purpose(options: Arguments) -> Gate:
    from drboot.profile.load import load

    if options.disaster:
        return ssp.declared(options.disaster, time.time())
    return ssp.fenced(load(Root(options.root)), options.site, options.lpars)


def _written(directory: str, recovery: Recovery) -> List[str]:
    texts: Tuple[Tuple[str, str], ...] = (("nodelist", ssp.nodelist(recovery)), ("disklist", ssp.disklist(recovery)))
    paths = [(os.path.join(directory, called), text) for called, text in texts]
    for path, _ in paths:
        if os.path.lexists(path) and not stat.S_ISREG(os.lstat(path).st_mode):
            raise _not_written(path, "it is there, and not a regular file")
    for path, text in paths:
        try:
            files.write_atomic(path, text.encode(), 0o644)
        except OSError as error:
            raise _not_written(path, os.strerror(error.errno or 0)) from None
    return [path for path, _ in paths]


def _not_written(path: str, why: str) -> ConfigError:
    what = f"{os.path.basename(path)} was not written"
    return ConfigError(Problem("ssp-files-not-written", what, path, why, "name another --output"))


def _plan(options: Arguments, recovery: Recovery, written: List[str]) -> Iterator[str]:
    yield from (f"written: {path}" for path in written)
    if not written:
        yield "nodelist:"
        yield from (f"  {node}" for node in recovery.nodes)
        yield "disklist:"
        yield from (f"  {unique_id}" for _, unique_id in recovery.disks)
    yield from ssp.commands(recovery, options.how, options.clients)


VERB = Verb("ssp-files", "recover a shared storage pool on other VIOS", _add, _call)
