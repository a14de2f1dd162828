"""Two runs never work side by side: whatever fills /var, or clears it up, meanwhile."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from drboot import lock, paths
from drboot.paths import Root

AT_HAND, ELSEWHERE = paths.LOCK, paths.SECOND_LOCK


@pytest.fixture
def root(tmp_path: Path) -> Root:
    """A machine that has been armed: it has both directories."""
    made = Root(str(tmp_path))
    for directory in ("/etc/drboot", paths.VAR):
        os.makedirs(made.path(directory), 0o700)
    return made


def another(root: Root) -> str:
    """What a second run comes to: held, or who holds it."""
    program = f"""
import sys
from pathlib import Path
sys.path[:0] = {sys.path!r}
from drboot import lock
from drboot.errors import Busy
from drboot.paths import Root
try:
    with lock.held(Root({root.directory!r})):
        print("held")
except Busy as error:
    print(error.problems[0].where, error.problems[0].why)
"""
    ran = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return ran.stdout.strip()


def full(monkeypatch: pytest.MonkeyPatch, program: str, where: str = "") -> None:
    """``os.<program>`` finds no room, below ``where``."""
    real: Callable[..., Any] = getattr(os, program)

    def fails(first: Any, *args: Any) -> Any:
        if where in str(first):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), where)
        return real(first, *args)

    monkeypatch.setattr(os, program, fails)


def test_the_second_one_is_told_who_holds_it(root: Root) -> None:
    with lock.held(root):
        assert another(root).startswith(f"{root.path(AT_HAND)} process {os.getpid()}")
    assert another(root) == "held"


def test_nothing_of_it_stays_in_etc(root: Root) -> None:
    with lock.held(root):
        assert os.listdir(root.path("/etc/drboot")) == ["lock"]
    assert os.listdir(root.path("/etc/drboot")) == []
    assert os.listdir(root.path(paths.VAR)) == ["lock"]


def test_a_lock_is_held_although_its_pid_cannot_be_written(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, "write")
    with lock.held(root):
        assert "an unknown process holds the lock" in another(root)


def test_where_var_can_hold_no_lock_file_the_one_in_etc_is_enough(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, "open", AT_HAND)
    with lock.held(root):
        monkeypatch.undo()  # there is room again, so the second one gets further than the first
        assert another(root).startswith(root.path(ELSEWHERE))


def test_without_a_directory_in_etc_the_one_in_var_is_enough(root: Root) -> None:
    os.rmdir(root.path("/etc/drboot"))
    with lock.held(root):
        assert another(root).startswith(root.path(AT_HAND))
    assert not os.path.exists(root.path("/etc/drboot"))


def test_where_there_is_no_room_at_all_that_is_said(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    full(monkeypatch, "open")
    with pytest.raises(OSError, match="No space"), lock.held(root):
        pass


@pytest.mark.parametrize("removed", [AT_HAND, ELSEWHERE])
def test_a_lock_file_that_is_removed_lets_nobody_else_in(root: Root, removed: str) -> None:
    """A nightly clean-up of /var, or somebody who took it for a stale one."""
    with lock.held(root):
        os.unlink(root.path(removed))
        other = AT_HAND if removed == ELSEWHERE else ELSEWHERE
        assert another(root).startswith(f"{root.path(other)} process {os.getpid()}")
    assert another(root) == "held"


def test_what_was_opened_just_before_its_holder_removed_it_is_no_lock(
    root: Root, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The holder ends between open and lockf: what is locked then is a file that nobody else can find."""
    lockf, removed = fcntl.lockf, []

    def ended(descriptor: int, operation: int) -> None:
        if not removed:
            os.unlink(root.path(AT_HAND))
            removed.append(AT_HAND)
        lockf(descriptor, operation)

    monkeypatch.setattr(fcntl, "lockf", ended)
    with lock.held(root):
        assert another(root).startswith(f"{root.path(AT_HAND)} process {os.getpid()}")


def test_a_file_that_is_replaced_again_and_again_is_not_waited_for(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    lockf = fcntl.lockf

    def replaced(descriptor: int, operation: int) -> None:
        for path in (AT_HAND, ELSEWHERE):
            if os.path.exists(root.path(path)):
                os.unlink(root.path(path))
        lockf(descriptor, operation)

    monkeypatch.setattr(fcntl, "lockf", replaced)
    with pytest.raises(OSError, match="replaced"), lock.held(root):
        pass
