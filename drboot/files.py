"""Files written so that a power loss leaves the old text or the new one, never half of either; and drboot's own
files, opened so that nobody else can have put something in their place.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from typing import Optional

MARK = ".drboot-"  # of a temporary file, before its writer's process number


NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)  # part of POSIX.1-2008, which AIX 7 is certified for


def read_own(path: str) -> bytes:
    """What a file of drboot's own says.

    Raises OSError, also for a symbolic link, for what is no regular file (a FIFO is never waited for), and for one that
    somebody else owns, may write, or has linked to another name.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | NO_FOLLOW)
    with os.fdopen(descriptor, "rb") as file:
        must_be_own(descriptor, path)
        return file.read()


def must_be_own(descriptor: int, path: str) -> None:
    """Raises OSError where the open file is not a regular one that is ours alone."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise OSError(errno.EINVAL, "it is not a regular file", path)
    if status.st_uid != os.geteuid():
        raise OSError(errno.EPERM, f"it belongs to uid {status.st_uid}", path)
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise OSError(errno.EPERM, f"others may write it (mode {stat.S_IMODE(status.st_mode):04o})", path)
    if status.st_nlink > 1:
        raise OSError(errno.EMLINK, "it has another name as well", path)


def make_own_directory(path: str) -> None:
    """The directory is there, and those above it; whoever is not its owner can neither read nor write a new one.

    A power loss does not take a new one away again.  Raises OSError.
    """
    if not os.path.isdir(path):
        above = os.path.dirname(path)
        make_own_directory(above)
        with contextlib.suppress(FileExistsError):
            os.mkdir(path, 0o700)
        sync_directory(above)


def write_atomic(path: str, data: bytes, mode: Optional[int] = None) -> None:
    """Replace the file: temporary file beside it, sync, rename, sync the directory.

    ``mode`` None keeps the mode, owner and group of the file that is there (0644 when there is none).
    A symbolic link is refused, never followed or replaced: whoever made it decides where it points.
    Raises OSError.
    """
    before: Optional[os.stat_result] = None
    with contextlib.suppress(FileNotFoundError):
        before = os.lstat(path)
        if stat.S_ISLNK(before.st_mode):
            raise OSError(errno.ELOOP, "is a symbolic link", path)
    _clear_leftovers(path)
    temporary = f"{path}{MARK}{os.getpid()}"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | NO_FOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            if before is not None and mode is None:
                os.fchmod(file.fileno(), before.st_mode & 0o7777)
                with contextlib.suppress(PermissionError):  # not root: the owner is ourselves anyway
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
            else:
                os.fchmod(file.fileno(), 0o644 if mode is None else mode)
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    sync_directory(os.path.dirname(path))


def _clear_leftovers(path: str) -> None:
    """No writer that was killed, or lost its power, has left a temporary file beside ``path``.

    What a living process is writing stays; after a boot its number may be our own.
    """
    directory, name = os.path.split(path)
    with contextlib.suppress(OSError):
        for entry in os.listdir(directory or "."):
            number = entry[len(name + MARK) :] if entry.startswith(name + MARK) else ""
            if number.isdigit() and (int(number) == os.getpid() or not lives(int(number))):
                os.unlink(os.path.join(directory, entry))


def is_temporary(name: str) -> bool:
    """Whether ``write_atomic`` makes files of such names."""
    _, mark, number = name.rpartition(MARK)
    return bool(mark) and number.isdigit()


def lives(pid: int) -> bool:
    """Whether there is such a process."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True


def says(path: str, text: str) -> bool:
    """Whether the file has exactly this text.  False for one that is not there."""
    with contextlib.suppress(FileNotFoundError), open(path, "rb") as file:
        return file.read() == text.encode("utf-8", "surrogateescape")
    return False


def remove(path: str) -> None:
    """Remove the file durably; one that is not there is gone already.  Raises OSError."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(path)
    sync_directory(os.path.dirname(path))


def sync_directory(directory: str) -> None:
    """Make a rename in this directory durable.  Some file systems refuse to sync a directory; that is no error."""
    with contextlib.suppress(OSError):
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def move(source: str, target: str) -> None:
    """Move a file within its file system; FileExistsError when the target is there already.

    The target's directory is made when it is not there.
    """
    if os.path.lexists(target):
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), target)
    os.makedirs(os.path.dirname(target), mode=0o700, exist_ok=True)
    os.rename(source, target)
    sync_directory(os.path.dirname(target))
