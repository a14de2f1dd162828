"""Running the scripts of a fileset."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Mapping, NamedTuple, Sequence


@dataclass(frozen=True)
class ScriptRun:
    """One script that is to run.  Paths in ``environment`` are those inside the root; ``script`` is outside."""

    fileset: str
    level: str
    part: str
    name: str
    script: Path
    root: Path
    environment: Mapping[str, str]


class Outcome(NamedTuple):
    status: int
    output: str


Runner = Callable[[ScriptRun], Outcome]


def run_with_prefix(shell: Sequence[str] = ("/bin/sh",), path: str = "/usr/bin:/bin", timeout: float = 60) -> Runner:
    """Run a script outside the root: INUROOT is the root, and the other paths of the environment have it in front.

    As installp does, without a terminal and with nothing on standard input.  For scripts that name absolute paths the
    caller needs a runner of its own, which makes the root its ``/``.
    """

    def run(what: ScriptRun) -> Outcome:
        environment = {
            name: f"{what.root}{value}" if value.startswith("/") else value for name, value in what.environment.items()
        }
        environment.update(INUROOT=str(what.root), PATH=path, LC_ALL="C")
        done = subprocess.run(
            [*shell, str(what.script)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=environment["INULIBDIR"], env=environment, timeout=timeout, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout.decode("utf-8", "replace"))

    return run
