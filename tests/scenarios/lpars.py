"""Simulated LPARs with the product on them, for tests at process level."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Dict, List, NamedTuple

from drboot.sim import boot, deploy, processes
from drboot.sim.estates import bank, clouddev, fullhouse, glvm, small, ssp, wpar
from drboot.sim.estates.build import Estate
from drboot.sim.machine import Machine
from tests import checker

VARIANTS = ("small", "bank", "fullhouse", *(f"clouddev-{name}" for name in (*clouddev.AT_DR, *clouddev.CARRIED)))

# Those of the other documents: whole in the matrices, and tested in files of their own.
OTHERS = ("ssp", "glvm", "wpar")


class Ran(NamedTuple):
    rc: int
    out: str
    err: str


def built(directory: Path, variant: str) -> Estate:
    """The estate alone, its LPARs switched off, without the product."""
    name, _, kind = variant.partition("-")
    if name == "clouddev":
        return clouddev.make(str(directory), kind)
    made = {"small": small, "bank": bank, "fullhouse": fullhouse, "wpar": wpar, "ssp": ssp, "glvm": glvm}[name]
    return made.make(str(directory))


def make(directory: Path, variant: str, psutil: bool = True) -> Estate:
    """The estate with its production LPAR up, captured and armed, ready to be replicated."""
    estate = built(directory, variant)
    deploy.install(estate.home.root, psutil=psutil)
    assert boot.boot(estate.home).state == "settled"
    captured = drboot(estate.home, "capture")
    assert captured.rc == 0, captured
    armed = drboot(estate.home, "arm")
    assert armed.rc == 0, armed
    return estate


def drboot(machine: Machine, *args: str) -> Ran:
    """Run the shipped command on an LPAR."""
    ran = subprocess.run(
        [machine.root + "/opt/drboot/bin/drboot", "--root", machine.root, *args],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        env={"PATH": "/nowhere", "HOME": "/nowhere"},
    )  # fmt: skip
    assert "Traceback" not in ran.stdout + ran.stderr
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def start_drboot(machine: Machine, *args: str) -> subprocess.Popen[str]:
    """The same, left running."""
    return subprocess.Popen(
        [machine.root + "/opt/drboot/bin/drboot", "--root", machine.root, *args],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def wake_without_drboot(estate: Estate) -> None:
    """Start the DR LPAR with drboot's entry off, so that an operator finds it as it woke."""
    estate.replicate()
    boot.power_on(estate.dr)


def changing(machine: Machine) -> List[str]:
    """The commands that changed anything on this LPAR since its log was last forgotten."""
    return [" ".join(entry["argv"]) for entry in machine.commands() if entry["changed"]]


def differences(estate: Estate) -> List[str]:
    return checker.differences(estate.dr.directory, estate.expected)


def fingerprint(machine: Machine) -> Dict[str, str]:
    """Every file below the root with its content, mode and time of change."""
    found = {}
    for directory, names, files in os.walk(machine.root):
        names[:] = [name for name in names if not (directory == machine.root and name in ("proc", "dev"))]
        for name in files:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            content = "" if os.path.islink(path) else hashlib.sha256(Path(path).read_bytes()).hexdigest()
            found[path] = f"{content} {status.st_mode:o} {status.st_mtime_ns}"
    return found


def last_report(machine: Machine) -> Dict[str, Any]:
    runs = sorted(Path(machine.root, "var/adm/drboot/runs").iterdir())
    made: Dict[str, Any] = json.loads((runs[-1] / "report.json").read_text())
    return made


def stamp(machine: Machine) -> Dict[str, str]:
    lines = Path(machine.root, "etc/drboot/armed").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def launcher(machine: Machine) -> Ran:
    """The shipped launcher as init starts it, re-homed."""
    ran = subprocess.run(
        [machine.root + "/opt/drboot/inittab/drboot-boot", "--root", machine.root],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False, env={},
    )  # fmt: skip
    return Ran(ran.returncode, ran.stdout, ran.stderr)


def apply_until_reboot(machine: Machine) -> int:
    """``--apply`` of the leg that ends in a reboot: shutdown does not come back, so the request is awaited instead.

    Returns the exit code that the run recorded.
    """
    process = start_drboot(machine, "--apply")
    power = Path(machine.directory, "power")
    until = time.monotonic() + 120
    while not power.exists() and process.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
    assert power.exists(), process.communicate(timeout=10)[0]
    process.kill()
    process.communicate()
    for left in processes.table().values():  # shutdown does not come back, and has a session of its own
        if machine.root in left.command:
            os.kill(left.pid, signal.SIGKILL)
    code: int = last_report(machine)["exit_code"]
    return code
