"""How a command is started: in whatever way, it has a process group of its own, is in /, and inherits its output alone.

drboot starts commands by posix_spawn where it is in / itself, and by subprocess elsewhere; both have to do the same.
"""

from __future__ import annotations

import contextlib
import os
import pty
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, List

import pytest

from drboot import left_running, runner
from drboot.paths import Root
from drboot.runner import ENVIRONMENT, Command, Ran, Runner, execute


@pytest.fixture(params=["spawned", "forked", "no-posix_spawn"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """What posix_spawn does, what subprocess does, and what is done where Python has no posix_spawn."""
    name: str = request.param
    monkeypatch.chdir(tmp_path if name == "forked" else "/")
    monkeypatch.setattr(runner, "_has_terminal", lambda: False)  # as the boot's worker, whoever runs the tests
    real = subprocess.Popen.__init__
    begun: List[Any] = []

    def counted(self: Any, *args: Any, **keys: Any) -> None:
        begun.append(args)
        real(self, *args, **keys)

    monkeypatch.setattr(subprocess.Popen, "__init__", counted)
    if name == "no-posix_spawn":
        monkeypatch.delattr(os, "posix_spawn")
    ran = execute(("/bin/true",), ENVIRONMENT, True, 10.0)
    assert (ran.outcome, bool(begun)) == ("exited", name != "spawned"), "the way that is meant"
    return name


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "program"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return str(path)


def run(tmp_path: Path, text: str, killable: bool = True, deadline: float = 20.0) -> Ran:
    return execute((script(tmp_path, text), "an argument", ""), ENVIRONMENT, killable, deadline)


@pytest.mark.usefixtures("way")
def test_it_is_what_it_was_asked_to_be(tmp_path: Path) -> None:
    ran = run(tmp_path, 'pwd; echo "$#" "$1" "$2"; echo "$PATH" "$ODMDIR"; echo wrong >&2; cat; exit 7\n')
    assert (ran.outcome, ran.rc, ran.stderr) == ("exited", 7, "wrong\n")
    assert ran.stdout == f"/\n2 an argument \n{ENVIRONMENT['PATH']} /etc/objrepos\n", "and its input is empty"


@pytest.mark.usefixtures("way")
def test_it_is_the_leader_of_a_process_group_and_hears_of_no_signal_of_ours(tmp_path: Path) -> None:
    ran = run(tmp_path, "/usr/bin/cat /proc/$$/stat; /usr/bin/grep SigIgn /proc/$$/status; echo $$\n")
    stat, ignored, pid = ran.stdout.splitlines()
    group = stat.rpartition(")")[2].split()[2]
    assert group == pid == str(ran.pid)
    mask = int(ignored.split()[1], 16)
    assert not [name for name in (signal.SIGPIPE, signal.SIGXFSZ) if mask & 1 << name - 1], (
        "Python ignores these itself"
    )


def test_it_inherits_no_descriptor_of_who_started_drboot(way: str, tmp_path: Path) -> None:
    inherited = os.open(os.devnull, os.O_RDONLY)
    os.set_inheritable(inherited, True)
    runner._closes_descriptors.cache_clear()  # as if drboot had begun now
    try:
        ran = run(tmp_path, "echo /proc/$$/fd/*\n")
    finally:
        os.close(inherited)
        runner._closes_descriptors.cache_clear()
    open_there = {int(name.rpartition("/")[2]) for name in ran.stdout.split()}
    assert open_there - {10} <= {0, 1, 2, 3}, way  # the shell reads the script by one of its own, 10 of a dash
    assert inherited > 3 and inherited not in open_there - {10}


ON_A_TERMINAL = """
import os, sys
sys.path.insert(0, sys.argv[1])
from drboot.runner import ENVIRONMENT, execute
os.close(os.open("/dev/tty", os.O_RDWR))
os.chdir(sys.argv[2])
ran = execute(("/bin/sh", "-c", "read word </dev/tty && echo $word"), ENVIRONMENT, True, 5.0)
print("outcome", ran.outcome, ran.rc != 0)
"""


@pytest.mark.parametrize("directory", ["/", "/usr"])
def test_by_hand_no_command_gets_the_terminal_of_whoever_typed_it(directory: str) -> None:
    """It would be stopped at once, and a writer then counts as stuck.  root's home is / on AIX."""
    pid, terminal = pty.fork()
    if pid == 0:
        repository = str(Path(runner.__file__).parents[1])
        os.execv(sys.executable, [sys.executable, "-B", "-c", ON_A_TERMINAL, repository, directory])
    said = b""
    with contextlib.suppress(OSError), os.fdopen(terminal, "rb", buffering=0) as shown:
        while piece := shown.read(1024):  # EIO at the end
            said += piece
    os.waitpid(pid, 0)
    assert said.split() == [b"outcome", b"exited", b"True"]


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("program", ["/nowhere/lspv", "/etc/hosts", "/"])
def test_what_cannot_be_started_is_missing(program: str) -> None:
    ran = execute((program,), ENVIRONMENT, True, 10.0)
    assert (ran.outcome, ran.rc) == ("missing", 127)
    assert ran.stderr


@pytest.mark.usefixtures("way")
def test_what_ends_by_a_signal_tells_it(tmp_path: Path) -> None:
    assert run(tmp_path, "kill -TERM $$\n").rc == -signal.SIGTERM


@pytest.mark.usefixtures("way")
def test_what_did_not_fit_where_output_is_kept_is_noticed(tmp_path: Path) -> None:
    """Most commands end with 0 whether they could print or not."""
    text = "trap '' XFSZ\n/usr/bin/head -c 10000 /dev/zero\nexit 0\n"
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        ran = run(tmp_path, text)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert (ran.outcome, ran.rc, len(ran.stdout), ran.cut) == ("exited", 0, 4096, True)
    runner._SCRATCH._small = frozenset()
    ran = run(tmp_path, text)
    assert (len(ran.stdout), ran.cut) == (10000, False)
    assert not run(tmp_path, "exit 0\n").cut


@pytest.mark.usefixtures("way")
def test_a_reader_is_killed_at_its_deadline_with_its_children(tmp_path: Path) -> None:
    ran = run(tmp_path, "trap '' TERM HUP\n/usr/bin/sleep 60 &\necho $!\nwait\n", deadline=0.5)
    assert (ran.outcome, ran.rc) == ("killed", -1)
    child = Path(f"/proc/{int(ran.stdout)}/stat")
    until = time.monotonic() + 5
    while child.exists() and child.read_text().rpartition(")")[2].split()[0] != "Z":
        assert time.monotonic() < until, "the child was left"
        time.sleep(0.02)


@pytest.mark.usefixtures("way")
def test_a_writer_is_left_alone_and_waited_for(tmp_path: Path) -> None:
    ran = run(tmp_path, f"echo begun\n/usr/bin/sleep 1\necho ended >{tmp_path}/ended\n", killable=False, deadline=0.3)
    assert (ran.outcome, ran.rc, ran.stdout) == ("stuck", -1, "begun\n")
    until = time.monotonic() + 10
    while Path(f"/proc/{ran.pid}").exists():
        assert time.monotonic() < until, "it stays as a zombie"
        time.sleep(0.05)
    assert (tmp_path / "ended").read_text() == "ended\n"


@pytest.mark.parametrize(("kind", "lock", "is_told"), [
    ("importvg", "importvg", True), ("hook", "hooks", True), ("read", "importvg", False), ("importvg", "", False),
])  # fmt: skip
def test_what_may_outlive_drboot_is_told_as_soon_as_it_has_a_process(
    tmp_path: Path, kind: str, lock: str, is_told: bool
) -> None:
    """The journal has it before drboot can be killed beside it; see left_running.py."""
    told: List[Any] = []
    wanted = Command("importvg", ("-y", "datavg"), kind, path=script(tmp_path, "exec /usr/bin/sleep 1\n"), deadline=0.2)
    made = Runner(Root())
    made.begun = lambda *args: told.append((*args, left_running.lives(args[-1])))
    ran = made.run(wanted, lock)
    assert told == ([(wanted, ran.argv, lock, ran.pid, True)] if is_told else [])
    until = time.monotonic() + 10
    while left_running.lives(ran.pid):
        assert time.monotonic() < until, "what has ended does not live"
        time.sleep(0.05)


def test_what_has_children_left_is_not_over(tmp_path: Path) -> None:
    ran = run(tmp_path, "/usr/bin/sleep 60 >/dev/null 2>&1 &\n", killable=False)
    assert ran.outcome == "exited"
    assert not left_running.lives(ran.pid)
    assert left_running.has_descendants(ran.pid)
    os.killpg(ran.pid, signal.SIGKILL)


@pytest.mark.usefixtures("way")
def test_where_no_thread_can_be_started_it_is_waited_for_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(runner._thread, "start_new_thread", refuse)
    assert run(tmp_path, "echo here; exit 3\n").rc == 3
    assert run(tmp_path, "exec /usr/bin/sleep 60\n", deadline=0.2).outcome == "killed"


def test_no_descriptor_of_ours_takes_the_place_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Where drboot was started with 1 closed, a file for output may be 1 itself, which posix_spawn may mishandle."""
    monkeypatch.chdir("/")
    spawned: List[Any] = []
    monkeypatch.setattr(os, "posix_spawn", lambda *args, **keys: spawned.append(args))
    program = script(tmp_path, "")
    with open(os.devnull, "r+b") as file:
        assert runner._spawned((program,), ENVIRONMENT, 1, file.fileno()) == 0
        assert runner._spawned((program,), ENVIRONMENT, file.fileno(), 2) == 0
    assert not spawned
