"""Whoever starts drboot may have any environment: none of it reaches a command, a hook, or the interpreter."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Dict, List

import pytest

from drboot.runner import LOCAL_NAMES
from drboot.sim.machine import Machine
from tests.scenarios.kept import Kept
from tests.scenarios.lpars import last_report

COMMANDS = ("/usr/sbin/lsattr", "/usr/sbin/lspv", "/usr/sbin/importvg", "/usr/sbin/chdev", "/usr/bin/errlogger")
# what the shell of the wrapper itself adds
SHELLS_OWN = {"PWD", "OLDPWD", "SHLVL", "_"}


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("hostile"), "small")


def hostile(directory: Path) -> Dict[str, str]:
    """An environment that would run a file of ``directory``, each of which leaves a mark there."""
    directory.mkdir()
    mark = f"#!/bin/sh\ntouch {directory}/marked.$$\nexit 1\n"
    for name in ("lsattr", "lspv", "python3", "errlogger", "env", "env.sh", "echo", "sleep"):
        (directory / name).write_text(mark)
        (directory / name).chmod(0o755)
    for name in ("sitecustomize.py", "drboot.py", "posix.py", "yaml.py", "structlog.py"):
        (directory / name).write_text(f"open({str(directory / ('marked.' + name))!r}, 'w')\nraise SystemExit(1)\n")
    evil = str(directory)
    return {
        "PATH": evil, "PYTHONPATH": evil, "PYTHONHOME": evil, "PYTHONSTARTUP": evil + "/sitecustomize.py",
        "PYTHONINSPECT": "1", "LD_PRELOAD": evil + "/evil.so", "LD_LIBRARY_PATH": evil, "LIBPATH": evil,
        "LDR_PRELOAD": evil + "/evil.so", "LDR_PRELOAD64": evil + "/evil.so", "ODMDIR": evil, "IFS": "/r",
        "ENV": evil + "/env.sh", "BASH_ENV": evil + "/env.sh", "CDPATH": evil, "LC_ALL": "de_DE", "LANG": "ja_JP",
        "TMPDIR": evil, "HOME": evil, "NLSPATH": evil + "/%N", "DRBOOT_ROOT": evil, "SECRET": "Open-Sesame-4711",
    }  # fmt: skip


def wrapped(machine: Machine) -> Path:
    """Some of the commands, and a hook, tell what environment they get.  Returns where."""
    notes = Path(machine.directory, "environments")
    notes.mkdir()
    for program in COMMANDS:
        shim = Path(machine.root + program)
        real = notes / (shim.name + ".real")
        real.write_text(shim.read_text())
        real.chmod(0o755)
        shim.write_text(f'#!/bin/sh\n/usr/bin/env > {notes}/{shim.name}.$$.env\nexec {real} "$@"\n')
    hook = Path(machine.root, "etc/drboot/hooks/tells")
    hook.parent.mkdir(mode=0o755)
    hook.write_text(f"#!/bin/sh\n/usr/bin/env > {notes}/hook.$$.env\n")
    hook.chmod(0o755)
    profile = Path(machine.root, "etc/drboot/sites/dr.yaml")
    profile.write_text(profile.read_text() + "hooks: [{name: tells, program: /etc/drboot/hooks/tells}]\n")
    return notes


@pytest.mark.parametrize(
    "started", [["/opt/drboot/inittab/drboot-boot"], ["/opt/drboot/bin/drboot", "--apply"]], ids=["launcher", "apply"]
)
def test_a_hostile_environment_reaches_no_child(kept: Kept, tmp_path: Path, started: List[str]) -> None:
    machine = kept.again().dr
    notes = wrapped(machine)
    evil = tmp_path / "evil"
    ran = subprocess.run(
        [machine.root + started[0], "--root", machine.root, *started[1:]],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False, env=hostile(evil),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert last_report(machine)["outcome"] == "complete"
    assert not list(evil.glob("marked.*")), "something in there was run"
    assert ran.stderr.count("evil.so") <= 1, "only the shell that the launcher itself is may have looked for it"
    asked = {path.name.split(".")[0] for path in notes.glob("*.env")}
    assert asked == {*(Path(program).name for program in COMMANDS), "hook"}
    for path in notes.glob("*.env"):
        told = dict(line.split("=", 1) for line in path.read_text().splitlines() if "=" in line)
        assert str(evil) not in path.read_text(), path
        assert "Open-Sesame" not in path.read_text(), path
        unknown = set(told) - set(LOCAL_NAMES) - SHELLS_OWN - {name for name in told if name.startswith("DRBOOT_")}
        assert not unknown, path
        assert told["LC_ALL"] == "C"
        assert told["ODMDIR"] == "/etc/objrepos"
        if not path.name.startswith("hook."):
            assert not [name for name in told if name.startswith("DRBOOT_")], path
