"""One run at a time: /var/adm/drboot/lock, held through a record lock that dies with its process."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from typing import Iterator

from drboot import files, optional, paths
from drboot.errors import Busy, Problem
from drboot.paths import Root


@contextlib.contextmanager
def held(root: Root) -> Iterator[None]:
    """Hold the lock.  Raises Busy, naming the holder, when another run has it; OSError when /var is unusable.

    A record lock (lockf) and not flock: AIX emulates the latter.  It ends with the process however that
    ends, so there is no stale lock to remove.
    """
    path = root.path(paths.LOCK)
    files.make_own_directory(os.path.dirname(path))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | files.NO_FOLLOW, 0o600)
    try:
        files.must_be_own(descriptor, path)
        try:
            fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in (errno.EACCES, errno.EAGAIN):
                raise
            raise Busy(_busy(path, _holder(descriptor))) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(descriptor)


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
