"""``drboot support``: what somebody who helps from afar asks for, in one file, without secrets.

A gzipped tar (USTAR: AIX's own tar reads it behind gzip -dc, and Python reads it everywhere) with drboot's records, the
files that a run manages, what reading commands say, and CONTENTS.txt, which names every item and what became of it.
Nothing of the machine is changed and no profile has to be right: what cannot be had is noted, the rest is there.

Only its owner can read the file.  No link is followed below the root directory, no hook and nothing that a hook has
printed is taken along, no process is listed (arguments hold passwords), and drboot/redact.py goes over every text.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import os
import re
import stat
import sys
import tarfile
import time
from dataclasses import dataclass, replace
from typing import Any, Dict, Iterator, List, Optional, Sequence, Tuple

from drboot import __version__, files, gate, optional, paths
from drboot.clock import Clock
from drboot.errors import ConfigError, DrbootError, Problem, plain
from drboot.facts import (
    bootinfo,
    bootlist,
    errpt,
    ifconfig,
    inittab,
    lparstat,
    lsattr,
    lsdev,
    lsfs,
    lspath,
    lsps,
    lspv,
    lssrc,
    lsvg,
    mount,
    netstat,
    oslevel,
    uname,
    who,
)
from drboot.facts.base import ParseError, Query
from drboot.facts.types import VgName
from drboot.paths import Root
from drboot.profile.trust import check_trusted
from drboot.redact import Secrets, split_lines
from drboot.runner import Command, Runner, command

MOST_BYTES = 32 * 1024 * 1024  # of all items together, unpacked
MOST_OF_ONE = 4 * 1024 * 1024
MOST_RUNS = 10  # the newest
MOST_FILES = 400
MOST_LISTED = 2000  # lines of the list of files
MOST_VGS = 50
COMMAND_DEADLINE = 20.0  # seconds; whoever waits for a bundle waits at a terminal
PATIENCE = 300.0  # seconds for all commands; on a machine where everything hangs the rest is left out

CONTENTS = "CONTENTS.txt"
NODE_NAME = "commands/uname_-n.txt"
TAKEN, CUT, ABSENT, REFUSED, FAILED = "taken", "cut", "not there", "left out", "FAILED"

# What drboot reads or changes outside of its own directories, and the launcher and table that start it.
FILES = (
    paths.ETC_INITTAB, paths.ETC_FILESYSTEMS, paths.ETC_HOSTS, paths.ETC_RESOLV, paths.ETC_NETSVC, paths.ETC_IRS,
    paths.ETC_NIMINFO, paths.ETC_RC_TCPIP, paths.ETC_MOTD, "/etc/ct_node_id",
)  # fmt: skip
# Directories whose files are taken along as a whole; below RUNS the newest runs are.
DIRECTORIES = ("/etc/drboot", paths.SITES, paths.CAPTURES, paths.VAR)
LISTED = ("/etc/drboot", paths.VAR, paths.PRODUCT)
# Of those only what drboot itself writes or reads there; the list of files names the rest.  What hooks print may be a
# secret (drboot/outputs.py), and whatever else somebody has put there is not ours to send away.
_RECORDS = re.compile(
    r"/etc/drboot/(armed|unrecorded|started|claims|hooks-ran\.json|hosts\.csv|interpreter|sites/[^/]+\.ya?ml)"
    rf"|{paths.VAR}/(state\.json|nightly|lock|hosts|last-bug|captures/[^/]+\.json"
    r"|runs/[^/]+/(journal\.jsonl|report\.json|report\.html))"
)

ALL_ENTRIES = command("errpt", "-a", kind="read")
# Source: Puppet's AIX provider calls /usr/bin/lslpp; -qLc is one line of colons per fileset (aix/packaging.md 2.6).
FILESETS = command("lslpp", "-qLc", kind="read")
HARDWARE = command("lscfg", kind="read")
# Assumed: status 1 where root has no table.
JOBS = command("crontab", "-l", kind="read", ok=(0, 1))

QUERIES: Tuple[Query[Any], ...] = (
    uname.SYSTEMID, uname.PARTITION, uname.NODE, oslevel.LEVEL, who.BOOT, who.RUN_LEVEL, lsattr.listing("sys0"),
    lsattr.listing("inet0"), inittab.ENTRIES, bootlist.NORMAL, bootinfo.BOOT_DISK, lspv.PVS, lspv.PV_IDS, lsvg.ALL,
    lsvg.VARIED_ON, lsfs.ALL, mount.MOUNTS, lsps.ALL, ifconfig.INTERFACES, netstat.ROUTES, netstat.COUNTERS, lssrc.ALL,
    errpt.LOG, lparstat.CONFIGURATION, lsdev.DEVICES, lspath.PATHS,
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One thing that was asked for.

    name   where it is in the bundle, below its top directory
    state  TAKEN, CUT, ABSENT, REFUSED or FAILED
    note   why, or what was cut off
    """

    name: str
    state: str = TAKEN
    note: str = ""
    data: bytes = b""


@dataclass(frozen=True)
class Bundle:
    """What was made.  ``secrets``: how many places were left out of the texts."""

    path: str
    size: int
    items: Tuple[Item, ...]
    secrets: int

    @property
    def failed(self) -> Tuple[Item, ...]:
        return tuple(item for item in self.items if item.state == FAILED)


def make(runner: Runner, output: str = "", clock: Optional[Clock] = None) -> Bundle:
    """Collect and write.  ``output`` "" for drboot's own directory.

    Raises ConfigError for a directory that cannot be used or a machine that is not there, DrbootError where the file
    cannot be written.
    """
    root, now = runner.root, time.time()
    try:
        tree = _Tree(root)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        problem = Problem(
            "usage", "there is no machine here", root.directory, why, "name its root directory: --root DIR"
        )
        raise ConfigError(problem) from error
    with tree:
        return _made(runner, tree, output, now, clock or Clock())


def _made(runner: Runner, tree: _Tree, output: str, now: float, clock: Clock) -> Bundle:
    root = runner.root
    directory = output or _own_directory(root)
    items: List[Item] = [_versions(), *_commands(runner, clock)]
    name = f"drboot-{_host(root, items)}-{time.strftime('%Y%m%dT%H%M%SZ', time.gmtime(now))}"
    items += [*_files(tree), _listing(tree)]
    secrets = Secrets()
    items = [_decided(item, secrets) for item in items]
    items = list(_bounded(_scrubbed(item, secrets) for item in items))
    items.append(_contents(name, items, secrets.count))
    path = os.path.join(directory, name + ".tar.gz")
    return Bundle(path, _write(path, name, items, now), tuple(items), secrets.count)


# ---------------------------------------------------------------- commands


def _commands(runner: Runner, clock: Clock) -> Iterator[Item]:
    """What the reading commands print; which volume groups there are is what lsvg -o has said."""
    until = clock.now() + PATIENCE
    said: Dict[str, str] = {}

    def asked(wanted: Command) -> Item:
        name = "commands/" + _file_name(str(wanted))
        if clock.now() > until:
            return Item(name, FAILED, f"not run: the commands before it took {PATIENCE:.0f} seconds")
        ran = runner.run(replace(wanted, deadline=COMMAND_DEADLINE))
        if ran.outcome == "missing":
            return Item(name, ABSENT, "there is no such program")
        said[str(wanted)] = ran.stdout
        text = ran.stdout + (f"---- error output\n{ran.stderr}" if ran.stderr else "")
        well = ran.outcome == "exited" and ran.rc in wanted.ok
        data, cut = split_lines(text.encode("utf-8", "surrogateescape"), MOST_OF_ONE, keep_end=False)
        if not well:
            return Item(name, FAILED, ran.how(), data)
        return Item(name, CUT if cut else TAKEN, "its beginning" if cut else "", data)

    for query in QUERIES:
        yield asked(_command(query))
    for vg in _names(said.get(str(_command(lsvg.VARIED_ON)), "")):
        for query in (lsvg.vg(vg), lsvg.pvs(vg), lsvg.lvs(vg)):
            yield asked(_command(query))
    for wanted in (FILESETS, HARDWARE, ALL_ENTRIES):
        yield asked(wanted)
    yield _own_lines(asked(JOBS))


def _own_lines(table: Item) -> Item:
    """Of root's crontab only what starts drboot: the other jobs are none of ours, and may hold anything."""
    own = [line for line in table.data.splitlines(keepends=True) if paths.COMMAND.encode() in line]
    note = "drboot's own lines only" if table.state == TAKEN else table.note
    return replace(table, data=b"".join(own), note=note)


def _command(query: Query[Any]) -> Command:
    return Command(query.program, query.args, "read", ok=(*query.ok, *query.empty))


def _names(printed: str) -> Tuple[VgName, ...]:
    with contextlib.suppress(ParseError):
        return tuple(lsvg.VARIED_ON.parse(printed))[:MOST_VGS]
    return ()


def _file_name(command_line: str) -> str:
    """``lsattr -El sys0`` -> ``lsattr_-El_sys0.txt``."""
    return re.sub(r"[^A-Za-z0-9.=,+-]+", "_", command_line)[:80].strip("_") + ".txt"


# ---------------------------------------------------------------- files


class _NotRead(Exception):
    """``state`` and ``note`` of the item in its place."""

    def __init__(self, state: str, note: str) -> None:
        super().__init__(note)
        self.state, self.note = state, note


class _Tree:
    """The machine's files, reached directory by directory, so that no link is ever followed.

    Assumed: openat and fdopendir, on which dir_fd and listing by descriptor rest, are there: they are part of
    POSIX.1-2008, which AIX 7 is certified for.
    """

    def __init__(self, root: Root) -> None:
        self._root = os.open(root.directory or "/", os.O_RDONLY)

    def __enter__(self) -> _Tree:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._root)

    def read(self, aix_path: str, keep_end: bool) -> Tuple[bytes, bool]:
        """What the file says, and whether only a part of it.  Raises _NotRead."""
        with self._parent(aix_path) as (directory, name):
            status = self._look(directory, name)
            if not stat.S_ISREG(status.st_mode):
                raise _NotRead(REFUSED, "not a regular file")
            if status.st_nlink > 1:
                raise _NotRead(REFUSED, f"it has {status.st_nlink} names, and the others are somewhere else")
            descriptor = self._open(directory, name, os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            if not os.path.samestat(os.fstat(descriptor), status):
                raise _NotRead(REFUSED, "somebody put another file in its place just now")
            with self._failing():
                if keep_end and status.st_size > MOST_OF_ONE:
                    file.seek(status.st_size - MOST_OF_ONE - 1)
                data = file.read(MOST_OF_ONE + 1)
        return split_lines(data, MOST_OF_ONE, keep_end)

    def names(self, aix_path: str) -> List[Tuple[str, os.stat_result]]:
        """What is in the directory, sorted by name, with each one's status.  Raises _NotRead."""
        with self._parent(aix_path + "/.") as (directory, _), self._failing():
            found = []
            for name in sorted(os.listdir(directory)):
                with contextlib.suppress(OSError):  # gone since
                    found.append((name, os.stat(name, dir_fd=directory, follow_symlinks=False)))
            return found

    def target(self, aix_path: str) -> str:
        with self._parent(aix_path) as (directory, name), self._failing():
            return os.readlink(name, dir_fd=directory)

    @contextlib.contextmanager
    def _parent(self, aix_path: str) -> Iterator[Tuple[int, str]]:
        """The directory of a path, open, and the last part of the path."""
        *above, name = [part for part in aix_path.split("/") if part]
        directory = os.dup(self._root)
        try:
            for part in above:
                status = self._look(directory, part)
                if not stat.S_ISDIR(status.st_mode):
                    raise _NotRead(REFUSED, f"{part} is not a directory")
                deeper = self._open(directory, part, getattr(os, "O_DIRECTORY", 0))
                os.close(directory)
                directory = deeper
            yield directory, name
        finally:
            os.close(directory)

    def _look(self, directory: int, name: str) -> os.stat_result:
        with self._failing():
            status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        if stat.S_ISLNK(status.st_mode):
            raise _NotRead(REFUSED, f"{name} is a symbolic link, which is not followed")
        return status

    def _open(self, directory: int, name: str, flags: int) -> int:
        with self._failing():
            return os.open(name, os.O_RDONLY | files.NO_FOLLOW | flags, dir_fd=directory)

    @contextlib.contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise _NotRead(ABSENT, "") from None
        except OSError as error:
            raise _NotRead(FAILED, os.strerror(error.errno or 0)) from error


def _files(tree: _Tree) -> Iterator[Item]:
    """drboot's own files, what a run manages, then the newest runs, each with its journal and report."""
    yield from (_file(tree, path) for path in FILES)
    for directory in (*DIRECTORIES, *_runs(tree)):
        try:
            names = tree.names(directory)
        except _NotRead as why:
            yield Item("files" + directory, why.state, why.note)
            continue
        for name, status in names[:MOST_FILES]:
            if not stat.S_ISDIR(status.st_mode):
                yield _file(tree, f"{directory}/{name}")
        if len(names) > MOST_FILES:
            yield Item(f"files{directory}/...", CUT, f"{len(names) - MOST_FILES} more names")


def _runs(tree: _Tree) -> Tuple[str, ...]:
    """The directories of the newest runs, the newest first; their names begin with the time."""
    with contextlib.suppress(_NotRead):
        found = [name for name, status in tree.names(paths.RUNS) if stat.S_ISDIR(status.st_mode)]
        return tuple(f"{paths.RUNS}/{name}" for name in reversed(found[-MOST_RUNS:]))
    return ()


def _file(tree: _Tree, aix_path: str) -> Item:
    name = "files" + plain(aix_path)
    if aix_path not in FILES and not _RECORDS.fullmatch(aix_path):
        return Item(name, REFUSED, "not a record of drboot's own: it may hold secrets")
    try:
        data, cut = tree.read(aix_path, keep_end=aix_path.endswith(".jsonl"))
    except _NotRead as why:
        return Item(name, why.state, why.note)
    if cut:
        return Item(name, CUT, "its end" if aix_path.endswith(".jsonl") else "its beginning", data)
    return Item(name, data=data)


def _listing(tree: _Tree) -> Item:
    """Mode, owner, size, time and path of everything below drboot's directories, as a text."""
    lines: List[str] = []
    waiting = list(LISTED)
    while waiting and len(lines) < MOST_LISTED:
        directory = waiting.pop(0)
        try:
            names = tree.names(directory)
        except _NotRead as why:
            lines.append(f"{why.state:<11} {why.note} {directory}")
            continue
        for name, status in names:
            path = f"{directory}/{name}"
            to = ""
            if stat.S_ISLNK(status.st_mode):
                with contextlib.suppress(_NotRead):
                    to = " -> " + tree.target(path)
            elif stat.S_ISDIR(status.st_mode) and name != "__pycache__":
                waiting.append(path)
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(status.st_mtime))
            owner = f"{status.st_uid}:{status.st_gid}"
            lines.append(plain(f"{stat.filemode(status.st_mode)} {owner:>7} {status.st_size:>9} {at} {path}{to}"))
    cut = len(lines) > MOST_LISTED or bool(waiting)
    text = "\n".join(lines[:MOST_LISTED]) + "\n"
    return Item("listing.txt", CUT if cut else TAKEN, "its beginning" if cut else "", text.encode("ascii"))


def _versions() -> Item:
    psutil = optional.psutil()
    text = (
        f"drboot {__version__}\nPython {sys.version}\ninterpreter {sys.executable}\nplatform {sys.platform}\n"
        f"psutil {getattr(psutil, '__version__', 'not there')}\n"
    )
    return Item("versions.txt", data=text.encode("ascii", "replace"))


# ---------------------------------------------------------------- what leaves the machine


def _decided(item: Item, secrets: Secrets) -> Item:
    """The item without what looks like a secret in it."""
    text = item.data.decode("utf-8", "surrogateescape")
    cleaned = secrets.cleaned(text, item.name)
    return item if cleaned == text else replace(item, data=cleaned.encode("utf-8", "surrogateescape"))


def _scrubbed(item: Item, secrets: Secrets) -> Item:
    """The item without what was found to be a secret in any of them."""
    text = item.data.decode("utf-8", "surrogateescape")
    return replace(
        item,
        name=secrets.without_known(item.name),
        note=secrets.without_known(item.note),
        data=secrets.without_known(text).encode("utf-8", "surrogateescape"),
    )


def _bounded(items: Iterator[Item]) -> Iterator[Item]:
    """The items; those for which there is no room any more without their contents."""
    left = MOST_BYTES
    for item in items:
        if len(item.data) > left:
            yield replace(item, state=CUT, note="no room: the bundle would be too large", data=b"")
        else:
            left -= len(item.data)
            yield item


def _contents(name: str, items: Sequence[Item], secrets: int) -> Item:
    """CONTENTS.txt."""
    rows = [f"{item.state:<10} {len(item.data):>8}  {item.name}" + (f": {item.note}" if item.note else "")
            for item in items]  # fmt: skip
    text = (
        f"{name}, made by drboot support {__version__}\n\n"
        f"{secrets} places that looked like secrets were left out: behind keys like password or token, private keys,\n"
        "what stands before @ in a URL, the environment of hooks. Hooks and what they have printed are not here at "
        "all.\nA journal in which something was left out no longer agrees with its seals.\n"
        "Addresses, host names and the names of everything are here. Read it before you send it.\n\n"
        f"{'what':<10} {'bytes':>8}  item\n" + "\n".join(plain(row) for row in rows) + "\n"
    )
    return Item(CONTENTS, data=text.encode("ascii"))


def _host(root: Root, items: Sequence[Item]) -> str:
    """The production host name of the stamp, or what this machine calls itself, for the file's name."""
    names = [item.data.decode("ascii", "replace").strip() for item in items if item.name == NODE_NAME]
    with contextlib.suppress(gate.StampDamaged, OSError, ValueError):
        stamp = gate.read_stamp(root.directory)
        if stamp is not None:
            names.insert(0, stamp.host)
    return next((name for name in names if re.fullmatch(r"[A-Za-z0-9-]{1,32}", name)), "lpar")


def _own_directory(root: Root) -> str:
    """drboot's own directory for bundles.  Raises ConfigError where it is not ours alone, or cannot be made."""
    directory = root.path(paths.SUPPORT)
    try:
        problems = check_trusted(root, paths.SUPPORT)
        if not problems:
            files.make_own_directory(directory)
    except OSError as error:
        problems = [_unusable(directory, os.strerror(error.errno or 0))]
    if problems:
        raise ConfigError(*problems, _unusable(directory, "see above"))
    return directory


def _unusable(directory: str, why: str) -> Problem:
    next_ = "name a directory of root's with room: drboot support --output DIR"
    return Problem("support-not-written", "the support bundle cannot be written there", directory, why, next_)


def _write(path: str, name: str, items: Sequence[Item], now: float) -> int:
    """The bundle at a path where nothing is yet; its size.  Half of one is never left behind."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | files.NO_FOLLOW, 0o600)
    except OSError as error:
        raise ConfigError(_unusable(os.path.dirname(path), os.strerror(error.errno or 0))) from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            with (
                gzip.GzipFile("", "wb", 6, file, int(now)) as packed,
                tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar,
            ):
                for item in _unique(items):
                    _add(tar, f"{name}/{item.name}", item.data, int(now))
            file.flush()
            os.fsync(file.fileno())
        return os.stat(path).st_size
    except BaseException as error:
        with contextlib.suppress(OSError):
            os.unlink(path)
        if not isinstance(error, OSError):
            raise
        raise DrbootError(_unusable(os.path.dirname(path), os.strerror(error.errno or 0))) from error


def _unique(items: Sequence[Item]) -> Iterator[Item]:
    """The items that have contents, CONTENTS.txt first, each name once."""
    names: Dict[str, None] = {}
    for item in (*items[-1:], *items[:-1]):
        if (item.data or item.state == TAKEN) and item.name not in names:
            names[item.name] = None
            yield item


def _add(tar: tarfile.TarFile, name: str, data: bytes, now: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(data), now, 0o600
    member.uname, member.gname = "root", "system"
    with contextlib.suppress(ValueError):  # a name too long for USTAR: CONTENTS.txt still has it
        tar.addfile(member, io.BytesIO(data))
