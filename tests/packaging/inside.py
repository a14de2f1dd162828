"""The root directory of a simulated LPAR as ``/``, for what must run at real paths: rpm's and installp's scripts.

Without the init of sim/realinit.py, but with the same mounts, in namespaces of its own: nothing of it outlasts a call,
and there is no network.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import List

from drboot.sim import realinit
from drboot.sim.machine import Machine

# Programs of every AIX that the scripts of a package call, besides those that the boot needs.
UTILITIES = ("cmp", "cp", "env", "mv")


class Inside:
    """What is run here sees the host, with the LPAR's root mounted as the real init would have it."""

    def __init__(self, machine: Machine) -> None:
        assert realinit.why_not() == ""
        self.machine = machine
        self.root = machine.root
        self._mounts = self._prepare()

    def _prepare(self) -> List[str]:
        lines = []
        lent = {**realinit.lent(self.machine), self.machine.estate: self.machine.estate}
        for name in UTILITIES:
            host = shutil.which(name, path="/usr/bin:/bin")
            assert host, name
            lent["/usr/bin/" + name] = os.path.realpath(host)
        for path, host in lent.items():
            point = Path(self.root + path)
            point.parent.mkdir(parents=True, exist_ok=True)
            if os.path.isdir(host):
                point.mkdir(exist_ok=True)
            else:
                point.touch()
            lines.append(f"mount --bind {shlex.quote(host)} {shlex.quote(str(point))}")
        for device in realinit.DEVICES:
            Path(self.root + device).touch()
            lines.append(f"mount --bind {device} {shlex.quote(self.root + device)}")
        return [*lines, f"mount -t proc proc {shlex.quote(self.root)}/proc"]

    def run(self, *argv: str) -> subprocess.CompletedProcess[str]:
        namespaces = ["unshare", "--mount", "--pid", "--fork", "--net", "--propagation", "private"]
        script = "\n".join((*self._mounts, 'exec "$@"'))
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nowhere", "LC_ALL": "C"}
        return subprocess.run(
            [*namespaces, "sh", "-euc", script, "sh", *argv],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, env=environment, check=False,
        )  # fmt: skip
