"""Whether a file can be believed: it and every directory above it is ours, and nobody else may write there.

Asked of everything that is read as root: profiles and address table, the site's programs, and drboot's own records
below /var/adm/drboot.  The gate asks the same of the stamp, in its own words, since it may import nothing.
"""

from __future__ import annotations

import os
import stat
from typing import Iterator, List, Optional, Sequence

from drboot import files
from drboot.errors import ConfigError, Problem
from drboot.paths import CAPTURES, HOOKS_RAN, LOCK, RUNS, STATE, VAR, Root

# Directories that AIX itself gives to the system user bin (uid 2), which cannot log in, and to whom most of AIX's own
# programs belong that root runs anyway.  Assumed: no public text lists them, and some levels give them to root. Where
# that is wrong nothing is lost, since only root can become bin.
_BIN = 2
_BINS = frozenset({"/", "/home", "/usr", "/usr/local", "/var"})
# Assumed: AIX ships /var/adm as root's, writable for the group adm (gid 4), for accounting; nobody but root and bin
# is in it unless an administrator puts him there.  Whoever is may rename what is in /var/adm, though not write into
# what is root's: drboot's own directory below it must be root's alone, and is looked at before each use
# (docs/threat-model.md).  Refusing would leave no machine on which drboot runs.
_ADM = 4
_ADMS = frozenset({"/var/adm"})
_SYSTEMS = (0, 2)  # groups of AIX's own programs, see check_code

OWN_DIRECTORIES = (VAR, CAPTURES, RUNS)
OWN_FILES = (STATE, LOCK, HOOKS_RAN)


def check_trusted(root: Root, path: str) -> List[Problem]:
    """Nothing, or what is wrong with the file at this AIX path and the directories above it.

    The owner must be the effective uid; group and others may not write; there may be no symbolic links below
    the root directory, since what they lead to is not looked at.  What AIX itself ships otherwise is excepted, see
    above.  A missing file is no Problem here.
    """
    problems: List[Problem] = []
    parts = [part for part in path.split("/") if part]
    for depth in range(len(parts) + 1):
        shown = "/" + "/".join(parts[:depth])
        real = root.path(shown) if depth else root.directory or "/"
        try:
            status = os.lstat(real) if depth else os.stat(real)
        except OSError:
            break
        problem = _look_at(real, status, shown)
        if problem:
            problems.append(problem)
    return problems


def check_program(root: Root, path: str) -> List[Problem]:
    """Nothing, or why the program of the site at this AIX path is not started.

    Asked at load where the program is there, and again just before each start: between that look and the start nobody
    else can change it, since nobody else may write it or a directory above it.
    """
    real = root.path(path)
    problems = check_trusted(root, path)
    if problems:
        return problems
    try:
        status = os.lstat(real)
    except OSError as error:
        return [_no_program(real, os.strerror(error.errno or 0), "put it there, or correct its path in the profile")]
    if not stat.S_ISREG(status.st_mode):
        return [_no_program(real, "it is not a regular file", "correct its path in the profile")]
    if not os.access(real, os.X_OK):
        return [_no_program(real, "it may not be executed", f"chmod u+x {real}")]
    return []


def check_code(root: Root, paths: Sequence[str]) -> Optional[Problem]:
    """None, or that others could change the programs at these AIX paths, which root runs: the files and directories
    below them, what links lead to, and every directory above.

    What is not there is no Problem here, nor what a link leads to outside of the root directory.
    Assumed: AIX gives its own programs to root or bin, and where a group may write, to that of one of them (system,
    gid 0, or bin, gid 2), in which nobody is who could not be root.
    """
    changeable = {real: why for path in paths for real in _parts(root, root.path(path)) for why in _changeable(real)}
    if not changeable:
        return None
    real, why = next(iter(changeable.items()))
    return Problem(
        "code-not-ours",
        "others than root could change what runs as root at the next boot",
        real,
        why + (f"; {len(changeable) - 1} more are like it" if changeable.keys() - {real} else ""),
        "find out who could, install it again, or: chown root, chmod go-w",
    )


def _parts(root: Root, real: str) -> Iterator[str]:
    """Everything on the way to what is at ``real`` and what that leads to, and below it."""
    top = root.directory or "/"
    for limit, path in ((top, real), (os.path.realpath(top), os.path.realpath(real))):
        if os.path.commonpath((limit, path)) == limit:
            while len(path) > len(limit):
                yield path
                path = os.path.dirname(path)
            yield limit
    for directory, below, programs in os.walk(real):
        for name in (*below, *programs):
            yield os.path.join(directory, name)


def _changeable(real: str) -> Iterator[str]:
    """Why others may change it; nothing where they may not."""
    try:
        status = os.lstat(real)
    except OSError:
        return
    writable = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if status.st_gid in _SYSTEMS:
        writable &= ~stat.S_IWGRP
    if status.st_uid not in (os.geteuid(), 0, _BIN):
        yield f"it belongs to uid {status.st_uid}"
    elif writable and not stat.S_ISLNK(status.st_mode):
        yield f"its mode is {stat.S_IMODE(status.st_mode):04o}"


def _no_program(real: str, why: str, cure: str) -> Problem:
    return Problem("hook-program-missing", f"{real} cannot be started", real, why, cure)


def check_own(root: Root) -> None:
    """Raises ConfigError where drboot's own directory, or what it reads and writes there, is not ours alone.

    On a machine on which it has written nothing yet, where the directory that it will be made in is not: what is taken
    the first time is taken the second.
    """
    if not os.path.lexists(root.path(os.path.dirname(VAR))):
        return
    problems = check_trusted(root, VAR)
    if not problems:
        for path, kind in (
            *((path, stat.S_IFDIR) for path in OWN_DIRECTORIES),
            *((p, stat.S_IFREG) for p in OWN_FILES),
        ):
            problems.extend(_own_problems(root, path, kind))
    if problems:
        raise ConfigError(*problems)


def _own_problems(root: Root, path: str, kind: int) -> List[Problem]:
    real = root.path(path)
    try:
        status = os.lstat(real)
    except OSError:
        return []
    problem = _look_at(real, status, path)
    if problem is None and stat.S_IFMT(status.st_mode) != kind:
        problem = _not_ours(real, "it is not a " + ("directory" if kind == stat.S_IFDIR else "regular file"))
    elif problem is None and kind == stat.S_IFREG and status.st_nlink > 1:
        problem = _not_ours(real, f"it has {status.st_nlink} names, and the others are somewhere else")
    return [problem] if problem else []


def read_record(real: str) -> Optional[bytes]:
    """What a record of ours says; None when there is none.  Raises ConfigError where it need not be ours."""
    try:
        return files.read_own(real)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise ConfigError(_not_ours(real, error.strerror or str(error))) from error


def _not_ours(real: str, why: str) -> Problem:
    cure = "find out who put it there, move it away, and look at the machine: drboot status"
    return Problem("record-untrusted", f"{real} is not a record of drboot's own", real, why, cure)


def _look_at(real: str, status: os.stat_result, shown: str) -> Optional[Problem]:
    """``shown`` is the AIX path of what is at ``real``."""
    if stat.S_ISLNK(status.st_mode):
        return Problem(
            "file-is-a-link",
            f"{real} is a symbolic link",
            real,
            "what it leads to may belong to somebody else",
            "put the file itself there",
        )
    owner = os.geteuid()
    is_bins = status.st_uid == _BIN and owner == 0 and shown in _BINS
    if status.st_uid != owner and not is_bins:
        return Problem(
            "file-not-ours",
            f"{real} belongs to uid {status.st_uid}",
            real,
            f"drboot runs as uid {owner} and believes only what belongs to it",
            f"look at its contents, then: chown {owner} {real}",
        )
    writable = status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if status.st_gid == _ADM and shown in _ADMS:
        writable &= ~stat.S_IWGRP
    if writable:
        return Problem(
            "file-writable-by-others",
            f"others may write {real}",
            real,
            f"its mode is {stat.S_IMODE(status.st_mode):04o}",
            f"look at its contents, then: chmod go-w {real}",
        )
    return None
