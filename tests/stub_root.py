"""A root directory with the shipped launcher and gate, and AIX programs that are a few lines of sh.

For tests of what happens before drboot touches the machine: every call of a program is counted, and a snapshot
tells whether any file changed.  The worker behind the gate is a stand-in that each test writes itself.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Dict, List, Optional, Sequence, Tuple

REPOSITORY = Path(__file__).resolve().parents[1]
HOME_ID = "017268B60"
DR_ID = "0211D11C1"
STRANGE_ID = "0306C090G"
ARM_ID = "0123456789abcdef"
PROGRAMS = (
    "/usr/sbin/chdev",
    "/usr/sbin/chitab",
    "/usr/sbin/lsitab",
    "/usr/bin/errlogger",
    "/usr/bin/logger",
    "/usr/sbin/shutdown",
)

Snapshot = Dict[str, Tuple[int, int, bytes]]


def row(systemid: str) -> str:
    """What lsattr prints (transcripts/lsattr/17)."""
    return f"systemid {systemid} Hardware system identifier False"


def stamp_values(**changes: Optional[str]) -> Dict[str, str]:
    """A good stamp; ``changes`` replace values, None takes one away; ``__`` stands for the dot of a key."""
    values: Dict[str, Optional[str]] = {
        "version": "1",
        "arm_id": ARM_ID,
        "phase": "armed",
        "host": "prod01",
        "configured_site": "home",
        "ids.home": HOME_ID,
        "ids.dr": DR_ID,
        "python": "/usr/bin/python3",
    }
    values.update({key.replace("__", "."): value for key, value in changes.items()})
    values.setdefault("sha256", "ab" * 32)
    return {key: value for key, value in values.items() if value is not None}


def stamp_text(**changes: Optional[str]) -> str:
    return "".join(f"{key}={value}\n" for key, value in stamp_values(**changes).items())


class StubRoot:
    """``root`` is what --root names; ``calls`` is kept beside it, so that the snapshot does not see it."""

    def __init__(self, directory: Path) -> None:
        directory.chmod(0o755)
        self.root = directory / "machine"
        self.calls_file = directory / "calls"
        self.report = directory / "worker"
        for below in ("etc/drboot", "usr/bin", "usr/sbin", "opt/drboot/inittab", "opt/drboot/lib/drboot"):
            (self.root / below).mkdir(parents=True, mode=0o755)
        for path in (self.root, self.root / "etc", self.root / "etc/drboot"):
            path.chmod(0o755)
        self.launcher = self.root / "opt/drboot/inittab/drboot-boot"
        shutil.copy(REPOSITORY / "inittab/drboot-boot", self.launcher)
        for name in ("__init__.py", "gate.py"):
            shutil.copy(REPOSITORY / "drboot" / name, self.root / "opt/drboot/lib/drboot" / name)
        self.gate = self.root / "opt/drboot/lib/drboot/gate.py"
        (self.root / "usr/bin/python3").symlink_to(os.path.realpath(sys.executable))
        for program in PROGRAMS:
            self.program(program, "exit 0")
        self.lsattr(f"echo '{row('IBM,' + HOME_ID)}'")

    def program(self, path: str, body: str) -> None:
        """An AIX program that counts its call and then does ``body``."""
        target = self.root / path.lstrip("/")
        target.write_text(f'#!/bin/sh\necho "{path} $*" >>"{self.calls_file}"\n{body}\n')
        target.chmod(0o755)

    def lsattr(self, body: str) -> None:
        self.program("/usr/sbin/lsattr", body)

    def machine_is(self, systemid: str) -> None:
        self.lsattr(f"echo '{row('IBM,' + systemid)}'")

    def stamp(self, text: Optional[str] = None, **changes: Optional[str]) -> Path:
        path = self.root / "etc/drboot/armed"
        path.write_text(stamp_text(**changes) if text is None else text)
        path.chmod(0o600)
        return path

    def worker(self, body: str, module: str = "boot", signature: str = "run(root, stamp, decision)") -> None:
        """The stand-in behind the gate; ``report`` is the file that it may write to."""
        lines = "\n".join("    " + line for line in body.splitlines())
        text = f"import os, sys, time\nREPORT = {str(self.report)!r}\ndef {signature}:\n{lines}\n"
        (self.root / f"opt/drboot/lib/drboot/{module}.py").write_text(text)

    def calls(self) -> List[str]:
        """What was called, in order; waits for nothing."""
        return self.calls_file.read_text().splitlines() if self.calls_file.exists() else []

    def call_of(self, program: str) -> str:
        """The first call of this program; waits a while, since the launcher waits for nobody.  "" when none comes."""
        end = time.monotonic() + 5
        while time.monotonic() < end:
            for call in self.calls():
                if call.partition(" ")[0] == program:
                    return call
            time.sleep(0.02)
        return ""

    def snapshot(self) -> Snapshot:
        """Modification time, mode and content of everything below the root."""
        found: Snapshot = {}
        for path in sorted(self.root.rglob("*")):
            status = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            found[str(path.relative_to(self.root))] = (status.st_mtime_ns, status.st_mode, content)
        return found

    def run_gate(self, flag: str = "--boot", timeout: float = 30) -> subprocess.CompletedProcess[str]:
        """The gate as a script."""
        argv = [sys.executable, "-I", "-S", "-B", str(self.gate), flag, "--root", str(self.root)]
        return self._run(argv, timeout)

    def run_launcher(
        self, shell: Sequence[str] = ("sh",), timeout: float = 30, environment: Optional[Dict[str, str]] = None
    ) -> subprocess.CompletedProcess[str]:
        """The launcher as init runs it: nothing in the environment, no terminal; waits until its output ends."""
        return self._run([*shell, str(self.launcher), "--root", str(self.root)], timeout, environment or {})

    def _run(
        self, argv: Sequence[str], timeout: float, environment: Optional[Dict[str, str]] = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            env=environment,
            check=False,
        )
