"""Is it the same machine?  A simulated LPAR as data, without what differs between any two runs."""

from __future__ import annotations

import json
import os
import re
import stat
from pathlib import Path
from typing import Any, Dict

from drboot.sim.machine import Machine

RUN_ID = re.compile(r"\d{8}T\d{6}Z-\d+")
SECONDS = re.compile(r"\d+ s$")
SINCE = re.compile(r'"since": [\d.]+')
# Of the run itself: when, how long, by which process.
OF_THE_RUN = ("/var/adm/drboot/runs/", "/var/adm/drboot/lock", "/etc/drboot/lock")
ERRLOG = "/var/adm/ras/errlog"
PASSING = ("boot_epoch", "next_pid", "pids", "stopping", "console", "adapters")


def machine_state(machine: Machine) -> Dict[str, Any]:
    """The ODM, the kernel without what differs between any two boots, the SAN, the firmware."""
    world = machine.load()
    kernel: Dict[str, Any] = {key: value for key, value in world["kernel"].items() if key not in PASSING}
    kernel["subsystems"] = sorted(kernel["subsystems"])
    kernel["mounts"] = sorted([m["node"], m["device"], m["point"], m["vfs"], m["options"]] for m in kernel["mounts"])
    kernel["routes"] = sorted([r["destination"], r["gateway"], r["flags"], r["interface"]] for r in kernel["routes"])
    # VGs are varied on side by side
    kernel["varied_on"] = {vg: {**how, "order": 0} for vg, how in kernel["varied_on"].items()}
    kernel["open_lvs"] = sorted(kernel["open_lvs"])
    kernel["interfaces"] = {name: {**interface, "counters": {}} for name, interface in kernel["interfaces"].items()}
    return {"odm": world["odm"], "kernel": kernel, "san": world["san"], "firmware": world["firmware"]}


def files(machine: Machine, programs: bool = True) -> Dict[str, Any]:
    """Every file below the root with its mode, owner and text; times and run ids taken out.

    programs  also those that may be executed, which hold still
    """
    found: Dict[str, Any] = {}
    for directory, _, names in os.walk(machine.root):
        for name in names:
            path = os.path.join(directory, name)
            aix, status = path[len(machine.root) :], os.lstat(path)
            if not stat.S_ISREG(status.st_mode) or aix.startswith(OF_THE_RUN) or "__pycache__" in aix:
                continue
            if not programs and status.st_mode & 0o111:
                continue
            text = Path(path).read_text(encoding="utf-8", errors="surrogateescape")
            if aix == ERRLOG:
                text = "\n".join(SECONDS.sub("", json.loads(line)["detail"]) for line in text.splitlines())
            text = SINCE.sub('"since": 0', RUN_ID.sub("RUN", text))
            found[aix] = (stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid, text)
    return found
