"""The main job, to be watched: an LPAR at home, captured and armed; its replica started at the DR site by init alone.

Plain text of 80 columns.  Everything happens in one directory, which stays for a look around.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from typing import Dict, List, Optional

from drboot.sim import boot, deploy, estates
from drboot.sim.estates.build import Estate
from drboot.sim.machine import Machine
from drboot.sim.root import PACKAGE_PARENT
from drboot.sim.world import World

WIDTH = 80
LABEL, COLUMN = 17, 20
ORDER = ("systemid", "host name", "default route", "nameservers", "volume groups", "mounted", "boot list")


def run(name: str = "small", directory: str = "", kind: boot.Kind = boot.Unprivileged) -> int:
    """Play the main job on the estate ``name``.  0 when the DR LPAR came up and drboot disarmed, else 4."""
    started = time.monotonic()
    directory = directory or tempfile.mkdtemp(prefix="drboot-demo-")
    _heading("1. An LPAR at home")
    estate = estates.make(name, directory)
    deploy.install(estate.home.root)
    facts = estate.home.load()["firmware"]
    _say(f"{facts['partition_name']} on {facts['model']}, systemid {facts['systemid']}; it lives below {directory}")
    boot.boot(estate.home)
    _say("booted; its administrator runs, once:")
    for verb in ("capture", "arm"):
        if drboot(estate.home, verb):
            return 4
    _heading("2. A production boot, now that it is armed")
    outcome = boot.boot(estate.home)
    for line in outcome.console:
        if line.startswith("drboot"):
            _console(line)
    _heading("3. The SAN replicates, and somebody presses start at the DR site")
    copies = estate.replicate()
    facts = estate.dr.load()["firmware"]
    _say(f"{len(copies)} LUNs copied; {facts['partition_name']} on {facts['model']}, systemid {facts['systemid']}")
    woke: List[Dict[str, str]] = []

    def watched(machine: Machine, echo: Optional[boot.Echo]) -> boot.Running:
        woke.append(looks_like(machine))
        return kind(machine, echo)

    outcome = boot.boot(estate.dr, _console, watched)
    _heading("4. The machine before and after")
    _table(looks_like(estate.home), woke[0], looks_like(estate.dr))
    return _result(estate, outcome, time.monotonic() - started)


def drboot(machine: Machine, *arguments: str) -> int:
    """Run the drboot that is installed on this LPAR, as an administrator would."""
    print(f"  # drboot {' '.join(arguments)}", flush=True)
    program = machine.root + deploy.PRODUCT + "/bin/drboot"
    done = subprocess.run(
        [program, "--root", machine.root, *arguments], capture_output=True, text=True, check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    for line in (done.stdout + done.stderr).splitlines():
        _console(line)
    return done.returncode


def looks_like(machine: Machine) -> Dict[str, str]:
    """What an administrator would look at first, as text; "-" for what is not there."""
    world = machine.load()
    kernel, odm = world["kernel"], world["odm"]
    routes = [route["gateway"] for route in kernel["routes"] if route["destination"] == "default"]
    actions = {line.split(":")[0]: line.split(":")[2] for line in _lines(machine, "/etc/inittab") if line[:1] != ":"}
    data = [mount["point"] for mount in kernel["mounts"] if not mount["device"].startswith(("/dev/hd", "/proc"))]
    flags = odm["attributes"].get("sys0", {})
    rows = {
        "systemid": world["firmware"]["systemid"],
        "host name": kernel["hostname"],
        "default route": " ".join(routes),
        "volume groups": " ".join(kernel["varied_on"]),
        "mounted": " ".join(data),
        "nameservers": " ".join(
            line.split()[1] for line in _lines(machine, "/etc/resolv.conf") if "nameserver" in line
        ),
        "boot list": _boot_list(world),
        "ghostdev": flags.get("ghostdev", ["0"])[0],
        "clouddev": flags.get("clouddev", ["0"])[0],
        "niminfo": "there" if os.path.exists(machine.root + "/etc/niminfo") else "",
    }
    for name, interface in kernel["interfaces"].items():
        if name != "lo0":
            rows[name] = " ".join(held["address"] for held in interface["addresses"])
    for name in ("nimclient", "nimsh", "drboot"):
        rows["inittab " + name[:9]] = actions.get(name, "")
    return rows


def _lines(machine: Machine, path: str) -> List[str]:
    with open(machine.root + path, encoding="utf-8") as file:
        return [line for line in file.read().splitlines() if line.strip()]


def _boot_list(world: World) -> str:
    """The disks that the boot list leads to, by PVID: names differ between the sites."""
    luns = world["san"]["luns"]
    found = [luns[entry["lun"]]["pvid"] for entry in world["firmware"]["bootlist"].get("normal", [])]
    return " ".join(sorted(set(found)))


def _table(home: Dict[str, str], woke: Dict[str, str], now: Dict[str, str]) -> None:
    _row("", "home", "DR, as it woke", "DR, after drboot")
    print("-" * (WIDTH - 1))
    rest = sorted({*home, *woke, *now} - set(ORDER))
    for label in [*ORDER, *rest]:
        _row(label, *(column.get(label) or "-" for column in (home, woke, now)))


def _row(label: str, *cells: str) -> None:
    wrapped = [textwrap.wrap(cell, COLUMN - 1) or [""] for cell in cells]
    for number in range(max(map(len, wrapped))):
        texts = [column[number] if number < len(column) else "" for column in wrapped]
        line = f"{label if not number else '':<{LABEL}} " + " ".join(f"{text:<{COLUMN - 1}}" for text in texts)
        print(line.rstrip())


def _result(estate: Estate, outcome: boot.Outcome, seconds: float) -> int:
    _heading("5. The report")
    runs = os.path.join(estate.dr.root, "var/adm/drboot/runs")
    print(f"  below {estate.directory}:")
    for name in sorted(os.listdir(runs) if os.path.isdir(runs) else []):
        for report in ("report.html", "report.json"):
            if os.path.exists(os.path.join(runs, name, report)):
                print("  " + os.path.relpath(os.path.join(runs, name, report), estate.directory))
    done = outcome.state == "settled" and looks_like(estate.dr)["inittab drboot"] == "off"
    boots = "boot" if outcome.boots == 1 else "boots"
    print(f"\n  {'Up and disarmed' if done else 'NOT FINISHED'} after {outcome.boots} {boots}; {seconds:.0f} s in all.")
    print(f"  Look around, for example:\n    D={estate.directory}")
    simulator = _command()
    for command in ("df", "lsvg -o", "drboot status", "drboot report"):
        print(f"    {simulator} exec $D --lpar dr {command}")
    return 0 if done else 4


def _command() -> str:
    """How this simulator is called again: from where a package put it, by its name, or as a module of the checkout."""
    packaged = os.path.join(os.path.dirname(PACKAGE_PARENT), "bin", "drboot-sim")
    if os.path.exists(packaged):
        return packaged
    python = min(sys.executable, os.path.relpath(sys.executable), key=len)
    return "drboot-sim" if shutil.which("drboot-sim") else f"{python} -m drboot.sim"


def _heading(text: str) -> None:
    print(f"\n{text}\n{'=' * len(text)}", flush=True)


def _say(text: str) -> None:
    print(textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  "), flush=True)


def _console(line: str) -> None:
    """A line of a console, cut where an 80-column terminal would go on in the next line."""
    for start in range(0, max(len(line), 1), WIDTH):
        print(line[start : start + WIDTH], flush=True)
