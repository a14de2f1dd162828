"""One run at a time: held through record locks, which die with their process.

There are two lock files, and every run takes both, in the same order: /var/adm/drboot/lock, which stays, and
/etc/drboot/lock, which is there only while it is held.  One is enough to keep others out, so neither a full /var nor
a clean-up that removes the file there lets a second run in.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import Iterator, List, Tuple

from drboot import files, optional, paths
from drboot.errors import Busy, Problem
from drboot.paths import Root

TRIES = 20  # a holder that ends removes its file; who opened it just before has to open the next one


@contextlib.contextmanager
def held(root: Root) -> Iterator[None]:
    """Hold the lock.  Raises Busy, naming the holder, when another run has it; OSError when neither file can be had.

    A record lock (lockf) and not flock: AIX emulates the latter.  It ends with the process however that
    ends, so there is no stale lock to remove.
    """
    unusable: List[OSError] = []
    with contextlib.ExitStack() as stack:
        for take in (_stays, _passes):
            try:
                stack.enter_context(take(root))
            except OSError as error:
                unusable.append(error)
        if len(unusable) > 1:
            raise unusable[0]
        yield


@contextlib.contextmanager
def _stays(root: Root) -> Iterator[None]:
    path = root.path(paths.LOCK)
    files.make_own_directory(os.path.dirname(path))
    descriptor = _locked(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # the number of a process that holds it no more could mislead the packages
            os.ftruncate(descriptor, 0)
        os.close(descriptor)


@contextlib.contextmanager
def _passes(root: Root) -> Iterator[None]:
    """Its directory is the one of the stamp: where there is none, nothing was ever armed."""
    path = root.path(paths.SECOND_LOCK)
    descriptor = _locked(path)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # gone already, or it stays: a file that nobody has locked keeps nobody out
            if _is_at(descriptor, path):
                os.unlink(path)
        os.close(descriptor)


def _locked(path: str) -> int:
    """The lock file, open and locked.  Raises Busy, OSError."""
    for _ in range(TRIES):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | files.NO_FOLLOW, 0o600)
        try:
            files.must_be_own(descriptor, path)
            _lock(descriptor, path)
            if _is_at(descriptor, path):
                _sign(descriptor)
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise OSError(errno.EBUSY, "it is replaced again and again", path)


def _lock(descriptor: int, path: str) -> None:
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EAGAIN):
            raise
        raise Busy(_busy(path, _holder(descriptor))) from error


def _is_at(descriptor: int, path: str) -> bool:
    """Whether the open file is the one that others find there."""
    try:
        there = os.lstat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(os.fstat(descriptor), there)


def _sign(descriptor: int) -> None:
    """The holder's number, for people; where there is no room for it the lock is held all the same."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())


def signed(root: Root) -> Tuple[str, ...]:
    """The numbers in the lock files of processes that live: who says to hold the lock.  Only looked at, not locked."""
    found = []
    for path in (paths.LOCK, paths.SECOND_LOCK):
        with contextlib.suppress(OSError), open(root.path(path), "rb") as file:
            number = file.read(32).decode("ascii", "replace").strip()
            if number.isdigit() and files.lives(int(number)):
                found.append(number)
    return tuple(found)


def _holder(descriptor: int) -> str:
    """Who holds the lock, as far as the file and psutil can tell."""
    text = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
    if not text.isdigit():
        return "an unknown process"
    psutil = optional.psutil()
    if psutil is None:
        return f"process {text}"
    try:
        process = psutil.Process(int(text))
        return f"process {text} ({' '.join(process.cmdline())[:60]}, user {process.username()})"
    except Exception:  # psutil on AIX raises more than psutil.Error; the name is only a courtesy
        return f"process {text}"


def _busy(path: str, holder: str) -> Problem:
    return Problem(
        "run-active",
        "another run of drboot is active on this machine",
        path,
        f"{holder} holds the lock",
        "wait for it, or look at what it does: drboot status",
    )
