"""The launcher that init runs, under every shell that stands in for AIX's ksh88, and what may hinder it."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import List

import pytest

from drboot import paths
from drboot.arming import ENTRY
from tests.stub_root import DR_ID, HOME_ID, REPOSITORY, StubRoot, row

PRODUCTION = f"drboot: production, site home (IBM,{HOME_ID}): nothing to do\n"
SHELLS = (["sh"], ["dash"], ["mksh"], ["ksh93"])
LAUNCHER = REPOSITORY / "inittab" / "drboot-boot"
FRONT = REPOSITORY / "bin" / "drboot"


@pytest.fixture
def machine(tmp_path: Path) -> StubRoot:
    machine = StubRoot(tmp_path)
    machine.stamp()
    return machine


def _interpreter(machine: StubRoot, path: str, body: str) -> Path:
    target = machine.root / path.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    target.write_text(f"#!/bin/sh\n{body}\n")
    target.chmod(0o755)
    return target


def _good(machine: StubRoot, path: str) -> None:
    _interpreter(machine, path, f'exec "{os.path.realpath(sys.executable)}" "$@"')


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_production_in_every_shell(machine: StubRoot, shell: List[str]) -> None:
    assert shutil.which(shell[0]), f"{shell[0]} is not installed: apt-get install dash mksh ksh93u+m"
    ran = machine.run_launcher(shell)
    assert (ran.returncode, ran.stdout) == (0, PRODUCTION)


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_fallback_in_every_shell(machine: StubRoot, shell: List[str]) -> None:
    machine.stamp(python="/opt/freeware/bin/python3.11")
    ran = machine.run_launcher(shell)
    said = "interpreter /opt/freeware/bin/python3.11 is missing or broken: using /usr/bin/python3; run drboot arm"
    assert ran.returncode == 0
    assert sorted(ran.stdout.splitlines(keepends=True)) == sorted([f"drboot: {said}\n", PRODUCTION])
    assert machine.call_of("/usr/bin/errlogger") == f"/usr/bin/errlogger drboot: {said}"


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_no_stamp_starts_nothing(machine: StubRoot, shell: List[str]) -> None:
    (machine.root / "etc/drboot/armed").unlink()
    _interpreter(machine, "/usr/bin/python3", f'echo started >>"{machine.calls_file}"')
    ran = machine.run_launcher(shell)
    assert (ran.returncode, ran.stdout, machine.calls()) == (0, "drboot: not armed: nothing to do\n", [])


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_no_interpreter_at_all(machine: StubRoot, shell: List[str]) -> None:
    (machine.root / "usr/bin/python3").unlink()
    ran = machine.run_launcher(shell)
    assert ran.returncode == 0
    assert ran.stdout.startswith("drboot: no Python 3.9 or newer (recorded: /usr/bin/python3): machine left alone;")
    assert ran.stdout.count("\n") == 1
    assert machine.call_of("/usr/bin/errlogger").startswith("/usr/bin/errlogger drboot: no Python 3.9 or newer")
    assert len(machine.calls()) == 1


def test_the_shell_starts_nothing_of_its_own_on_production(machine: StubRoot) -> None:
    """A launcher that forks is a launcher that costs: no substitution, no pipe; the rest is behind a failure."""
    code = "\n".join(line for line in LAUNCHER.read_text().splitlines() if not line.lstrip().startswith("#"))
    assert "/bin/sh" not in code
    assert not re.search(r"\$\(|`|[^|]\|[^|].*[^)]$", code.replace("start='", "").replace("/usr/* | /opt/*", "")), code
    _interpreter(machine, "/usr/bin/python3", f'echo "started $*" | head -1 >>"{machine.calls_file}"')
    machine.run_launcher()
    assert [call.partition(" -c")[0] for call in machine.calls()] == ["started -I -S -B"]


@pytest.mark.parametrize(
    "body",
    [
        "echo 'Unknown option: -I' >&2; exit 2",  # Python 2
        "exit 8",  # says of itself that it is older than 3.9
        "echo 'Could not load program' >&2; exit 255",  # a library is gone
        "kill -11 $$",
        "exit 127",
    ],
)
def test_a_broken_interpreter_is_replaced_and_reported(machine: StubRoot, body: str) -> None:
    machine.stamp(python="/opt/freeware/bin/python3.12")
    _interpreter(machine, "/opt/freeware/bin/python3.12", body)
    ran = machine.run_launcher()
    assert ran.returncode == 0
    assert "interpreter /opt/freeware/bin/python3.12 is missing or broken: using /usr/bin/python3" in ran.stdout
    assert PRODUCTION in ran.stdout
    assert "using /usr/bin/python3" in machine.call_of("/usr/bin/errlogger")


def test_an_old_interpreter_is_passed_over(machine: StubRoot) -> None:
    """What is asked is the version, and the answer is the interpreter's own."""
    _interpreter(machine, "/usr/bin/python3", "exit 1")
    _good(machine, "/opt/freeware/bin/python3.9")
    ran = machine.run_launcher()
    assert "using /opt/freeware/bin/python3.9" in ran.stdout
    assert PRODUCTION in ran.stdout


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_the_interpreter_that_the_administrator_names_comes_before_the_known_ones(
    machine: StubRoot, shell: List[str]
) -> None:
    (machine.root / "etc/drboot/interpreter").write_text("# ours\n/tmp/python3\n/opt/own/bin/python3\n")
    machine.stamp(python="/opt/freeware/bin/python3.12")
    _good(machine, "/opt/own/bin/python3")
    _interpreter(machine, "/tmp/python3", f'echo evil >>"{machine.calls_file}"')
    ran = machine.run_launcher(shell)
    assert "using /opt/own/bin/python3" in ran.stdout
    assert PRODUCTION in ran.stdout
    assert "evil" not in machine.calls()


@pytest.mark.parametrize("python", ["/tmp/python3", "/usr/../tmp/python3", "python3", "", "/home/x/bin/python3"])
def test_an_interpreter_elsewhere_is_not_run(machine: StubRoot, python: str) -> None:
    """The launcher reads the stamp before anybody has checked who wrote it."""
    machine.stamp(python=python)
    _interpreter(machine, "/tmp/python3", f'echo evil >>"{machine.calls_file}"')
    _interpreter(machine, "/home/x/bin/python3", f'echo evil >>"{machine.calls_file}"')
    ran = machine.run_launcher()
    assert ran.returncode == 0
    assert "evil" not in machine.calls()
    assert "interpreter (none recorded) is missing or broken: using /usr/bin/python3" in ran.stdout


def test_the_gate_is_never_run_twice(machine: StubRoot) -> None:
    """An interpreter that works and ends oddly may have acted already."""
    machine.machine_is(DR_ID)
    machine.worker("with open(REPORT, 'a') as report: report.write('once ')\nreturn 77")
    ran = machine.run_launcher()
    assert ran.returncode == 0
    assert "drboot: the gate ended with status 77: see drboot status\n" in ran.stdout
    assert machine.report.read_text() == "once "


@pytest.mark.parametrize("damage", ["missing", "cut off"])
def test_a_damaged_product_is_reported_without_a_traceback(machine: StubRoot, damage: str) -> None:
    if damage == "missing":
        machine.gate.unlink()
    else:
        machine.gate.write_text(machine.gate.read_text()[:5000] + "\n(")
    ran = machine.run_launcher()
    lib = machine.root / "opt/drboot/lib"
    said = f"the files below {lib} are missing or damaged: machine left alone; install drboot again"
    assert (ran.returncode, ran.stdout) == (0, f"drboot: {said}\n")
    assert machine.call_of("/usr/bin/errlogger") == f"/usr/bin/errlogger drboot: {said}"
    assert len(machine.calls()) == 1


def test_an_empty_stamp(machine: StubRoot) -> None:
    machine.stamp("")
    ran = machine.run_launcher()
    assert ran.returncode == 0
    assert "version= is missing: nothing was changed" in ran.stdout


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_descriptors(machine: StubRoot, shell: List[str], closed: str) -> None:
    ran = subprocess.run(
        ["sh", "-c", f'exec {shell[0]} "$0" --root "$1" {closed}', str(machine.launcher), str(machine.root)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=30,
        env={"PATH": os.environ["PATH"]},
    )
    assert ran.returncode == 0
    assert ran.stdout == ("" if ">&-" in closed.replace("2>&-", "") else PRODUCTION)
    assert machine.calls() == ["/usr/sbin/lsattr -El sys0 -a systemid"]


def test_a_worker_behind_closed_descriptors_owns_them(machine: StubRoot) -> None:
    machine.machine_is(DR_ID)
    machine.worker(
        "with open(REPORT, 'w') as report: print([os.fstat(n).st_rdev == os.stat('/dev/null').st_rdev"
        " for n in (0, 1, 2)], report.fileno() > 2, file=report)\nreturn 0"
    )
    argv = ["sh", "-c", 'exec "$0" --root "$1" <&- >&- 2>&-', str(machine.launcher), str(machine.root)]
    assert subprocess.run(argv, timeout=30).returncode == 0
    assert machine.report.read_text() == "[True, True, True] True\n"


def _full_pipe() -> tuple[int, int]:
    """A console that somebody stopped: a pipe that takes no byte more and that nobody reads."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    try:
        while True:
            os.write(writer, b"x" * 4096)
    except BlockingIOError:
        pass
    try:
        while True:
            os.write(writer, b"x")
    except BlockingIOError:
        os.set_blocking(writer, True)
    return reader, writer


@pytest.mark.parametrize("systemid", [HOME_ID, DR_ID, "0306C090G"])
def test_a_stopped_console_holds_nothing_up(machine: StubRoot, systemid: str) -> None:
    machine.machine_is(systemid)
    machine.worker("os.set_blocking(1, False)\nreturn 0")
    reader, writer = _full_pipe()
    try:
        process = subprocess.Popen(
            [str(machine.launcher), "--root", str(machine.root)], stdin=subprocess.DEVNULL, stdout=writer, stderr=writer
        )
        assert process.wait(timeout=15) == 0
        assert os.get_blocking(writer) == (systemid != DR_ID), "as it was, unless a worker goes on with it"
    finally:
        os.close(reader)
        os.close(writer)


def test_a_stopped_console_does_not_hold_up_the_bad_news_either(machine: StubRoot) -> None:
    (machine.root / "usr/bin/python3").unlink()
    reader, writer = _full_pipe()
    try:
        process = subprocess.Popen([str(machine.launcher), "--root", str(machine.root)], stdout=writer, stderr=writer)
        assert process.wait(timeout=15) == 0
    finally:
        os.close(reader)
        os.close(writer)


def test_nobody_reads_the_console(machine: StubRoot) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    ran = subprocess.run([str(machine.launcher), "--root", str(machine.root)], stdout=writer, stderr=writer, timeout=15)
    os.close(writer)
    assert ran.returncode == 0
    assert machine.calls() == ["/usr/sbin/lsattr -El sys0 -a systemid"]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def _gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while _alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    return not _alive(pid)


def test_a_hanging_lsattr_is_killed_with_all_its_children(machine: StubRoot, tmp_path: Path) -> None:
    machine.stamp(deadline="1")
    machine.lsattr(f'sleep 300 & echo $! $$ >"{tmp_path}/pids"; trap "" TERM; sleep 301')
    started = time.monotonic()
    ran = machine.run_gate()
    assert ran.returncode == 3
    assert "did not answer within 1 s, and was killed" in ran.stdout
    assert time.monotonic() - started < 10
    assert all(_gone(int(pid)) for pid in (tmp_path / "pids").read_text().split())


def test_a_grandchild_that_keeps_the_pipe_open_does_not_delay_the_answer(machine: StubRoot, tmp_path: Path) -> None:
    machine.lsattr(f"sleep 300 & echo $! >\"{tmp_path}/pids\"; echo '{row('IBM,' + HOME_ID)}'")
    started = time.monotonic()
    ran = machine.run_launcher()
    assert ran.stdout == PRODUCTION
    assert time.monotonic() - started < 10
    assert _gone(int((tmp_path / "pids").read_text()))


def test_a_worker_outlives_what_init_does_to_its_entry(machine: StubRoot) -> None:
    """init signals the process group of an entry that is set to off; drboot does that to its own entry."""
    machine.machine_is(DR_ID)
    machine.worker(
        "open(REPORT + '.started', 'w').close()\ntime.sleep(1.5)\n"
        "with open(REPORT, 'w') as report: report.write('done')\nreturn 0"
    )
    process = subprocess.Popen(
        ["sh", "-c", f'exec "{machine.launcher}" --root "{machine.root}" </dev/null >/dev/null 2>&1 # comment'],
        start_new_session=True,
    )
    started = machine.report.with_name("worker.started")
    end = time.monotonic() + 15
    while not started.exists() and time.monotonic() < end:
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGTERM)
    assert process.wait(timeout=10) == -signal.SIGTERM
    while not machine.report.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert machine.report.read_text() == "done"


def test_a_requested_reboot_keeps_the_boot_waiting(machine: StubRoot) -> None:
    """Returning would let init start rctcpip with the addresses of production."""
    machine.machine_is(DR_ID)
    machine.worker("return 10")
    process = subprocess.Popen([str(machine.launcher), "--root", str(machine.root)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        lines = [process.stdout.readline(), process.stdout.readline()]
        assert lines[1] == "drboot: the machine is being rebooted; the boot is held until then\n"
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(timeout=1)
    finally:
        gate = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        process.kill()
        for pid in gate:
            os.kill(int(pid), signal.SIGKILL)
        process.wait(timeout=10)


# -- the command, which finds its interpreter the same way


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
@pytest.mark.parametrize(("name", "module"), [("drboot", "drboot"), ("drboot-sim", "drboot.sim")])
def test_the_command_starts_what_it_is_called_with_the_interpreter_that_is_named(
    machine: StubRoot, shell: List[str], name: str, module: str
) -> None:
    command = machine.root / "opt/drboot/bin" / name
    command.parent.mkdir()
    shutil.copy(FRONT, command)
    lib = machine.root / "opt/drboot/lib"
    (lib / "drboot/__main__.py").touch()
    for path in ("/opt/own/bin/python3", "/opt/freeware/bin/python3.12"):
        _interpreter(machine, path, f'echo "{path} $1 $2 $3 $6 $7 $8"')
    machine.stamp(python="/opt/freeware/bin/python3.12")
    shown = []
    for setting in ("# none\n", "/opt/own/bin/python3"):
        (machine.root / "etc/drboot/interpreter").write_text(setting)
        argv = [*shell, str(command), "--root", str(machine.root)]
        shown.append(subprocess.run(argv, capture_output=True, text=True, env={}, timeout=20, check=False).stdout)
    assert shown == [
        f"{path} -I -S -B {lib} {module} --root\n" for path in ("/opt/freeware/bin/python3.12", "/opt/own/bin/python3")
    ]


# -- the files as they are shipped


def test_the_candidates_are_those_of_the_product() -> None:
    for script in (LAUNCHER, FRONT):
        words = re.findall(r'^candidates="(?:\$candidates )?([^"]*)"$', script.read_text(), re.MULTILINE)
        assert tuple(" ".join(words).split()) == paths.INTERPRETERS, script


def test_the_shipped_entry_is_the_one_that_arm_writes() -> None:
    lines = (REPOSITORY / "inittab" / "drboot.inittab").read_text().splitlines()
    assert [line for line in lines if not line.startswith(":")] == [ENTRY]
    identifier, level, action, command = ENTRY.split(":", 3)
    assert len(identifier) <= 14
    assert ":" not in command, "there are tools that split at every colon"
    assert len(ENTRY) <= 1024
    assert (level, action) == ("2", "wait")
    assert command.split()[0] == paths.LAUNCHER


def test_shellcheck_has_nothing_to_say() -> None:
    assert shutil.which("shellcheck"), "shellcheck is not installed: apt-get install shellcheck"
    ran = subprocess.run(["shellcheck", str(LAUNCHER), str(FRONT)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")


# -- bin/drboot


def _front(machine: StubRoot, *arguments: str, shell: str = "sh") -> subprocess.CompletedProcess[str]:
    target = machine.root / "opt/drboot/bin/drboot"
    target.parent.mkdir(exist_ok=True)
    shutil.copy(FRONT, target)
    (machine.root / "opt/drboot/lib/drboot/__main__.py").write_text(
        "import sys\nprint('main', sys.argv[1:], sys.flags.isolated, sys.path[0])\nsys.exit(3)\n"
    )
    argv = [shell, str(target), *arguments]
    return subprocess.run(argv, capture_output=True, text=True, timeout=30, env={"PATH": os.environ["PATH"]})


@pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])
def test_the_cli_gets_its_arguments_as_they_are(machine: StubRoot, shell: List[str]) -> None:
    ran = _front(machine, "check", "a b", "", "--root", str(machine.root), shell=shell[0])
    assert ran.returncode == 3
    assert ran.stdout == f"main ['check', 'a b', '', '--root', '{machine.root}'] 1 {machine.root}/opt/drboot/lib\n"
    assert ran.stderr == ""


def test_the_cli_says_when_there_is_no_interpreter(machine: StubRoot) -> None:
    (machine.root / "usr/bin/python3").unlink()
    ran = _front(machine, f"--root={machine.root}")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith(f"drboot: no Python 3.9 or newer below {machine.root}: looked for /usr/bin/python3 ")
