"""Whether a file can be believed: it and every directory above it is ours, and nobody else may write there."""

from __future__ import annotations

import os
import stat
from typing import List, Optional

from drboot.errors import Problem
from drboot.paths import Root

# Assumed: some AIX levels give / to the system user bin (uid 2), which cannot log in.  It is accepted for the
# root directory alone; if that is wrong for a level, nothing is lost, since only root can become bin.
_BIN = 2


def check_trusted(root: Root, path: str) -> List[Problem]:
    """Nothing, or what is wrong with the file at this AIX path and the directories above it.

    The owner must be the effective uid; group and others may not write; there may be no symbolic links below
    the root directory, since what they lead to is not looked at.  A missing file is no Problem here.
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
        problem = _look_at(real, status, is_root_directory=depth == 0)
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


def _no_program(real: str, why: str, cure: str) -> Problem:
    return Problem("hook-program-missing", f"{real} cannot be started", real, why, cure)


def _look_at(real: str, status: os.stat_result, is_root_directory: bool) -> Optional[Problem]:
    if stat.S_ISLNK(status.st_mode):
        return Problem(
            "file-is-a-link",
            f"{real} is a symbolic link",
            real,
            "what it leads to may belong to somebody else",
            "put the file itself there",
        )
    owner = os.geteuid()
    if status.st_uid != owner and not (is_root_directory and status.st_uid == _BIN and owner == 0):
        return Problem(
            "file-not-ours",
            f"{real} belongs to uid {status.st_uid}",
            real,
            f"drboot runs as uid {owner} and believes only what belongs to it",
            f"look at its contents, then: chown {owner} {real}",
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return Problem(
            "file-writable-by-others",
            f"others may write {real}",
            real,
            f"its mode is {stat.S_IMODE(status.st_mode):04o}",
            f"look at its contents, then: chmod go-w {real}",
        )
    return None
