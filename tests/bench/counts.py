"""How many commands drboot runs in each phase of an estate's life: what must not creep."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Dict, List, Mapping, Tuple

import drboot.boot as boot_module
from drboot import apply, capture, plan
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.inprocess import InProcess
from drboot.wanted import prepare
from tests.scenarios import lpars, memory

# Programs that ask, or that only note something: whatever they leave behind was not what they were run for.
ASKING = ("ping", "errlogger", "logger")


class Counts:
    """Commands through it, by whether they changed the machine."""

    def __init__(self, run_argv: Execute, lpar: InProcess) -> None:
        self.reads = self.changes = 0
        self._run, self._lpar = run_argv, lpar

    def __call__(self, argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        ran = self._run(argv, environment, killable, deadline)
        changed = self._lpar._log[-1]["changed"] and os.path.basename(argv[0]) not in ASKING
        self.changes += changed
        self.reads += not changed
        return ran


def count(directory: Path, variant: str) -> Dict[str, int]:
    """Commands of each phase; steps are taken one at a time, so that the numbers are the same in every run."""
    estate = lpars.built(directory, variant)
    memory.arm_at_home(estate)
    home = InProcess(estate.home)
    found: Dict[str, int] = {}
    taken = Counts(memory.run_on(home), home)
    root = Root(estate.home.root)
    capture.take(Seen(Runner(root, run_argv=taken)), "home", estate.expected["hostname"], "")
    found["capture"] = taken.reads
    lpar = memory.wake(estate)
    asked = Counts(memory.run_on(lpar), lpar)
    seen = Seen(Runner(Root(estate.dr.root), run_argv=asked))
    apply.verify(plan.build(prepare(seen, load(seen.root), estate.expected["hostname"], "home", "dr")), seen)
    assert not asked.changes
    found["plan"] = asked.reads
    real = boot_module.Apply
    boot_module.Apply = _one_at_a_time  # type: ignore[assignment,misc]
    try:
        for boots in (1, 2):
            code, asked = _applied(lpar)
            found[f"boot {boots}, reads"], found[f"boot {boots}, changes"] = asked.reads, asked.changes
            if code != 10:
                break
            lpar = memory.rebooted(lpar)
    finally:
        boot_module.Apply = real  # type: ignore[misc]
    assert code == 0, memory.said(lpar)
    return found


def _applied(lpar: InProcess) -> Tuple[int, Counts]:
    made: List[Counts] = []

    def through(run_argv: Execute) -> Counts:
        made.append(Counts(run_argv, lpar))
        return made[0]

    return memory.apply(lpar, through), made[0]


def _one_at_a_time(*args: object, **keys: object) -> apply.Apply:
    return apply.Apply(*args, at_once=1, **keys)  # type: ignore[arg-type,misc]


def row(found: Dict[str, int]) -> str:
    """As it stands in test_counts.py."""
    boots = [(found[f"boot {n}, reads"], found[f"boot {n}, changes"]) for n in (1, 2) if f"boot {n}, reads" in found]
    inner = ", ".join(str(boot) for boot in boots) + ("," if len(boots) == 1 else "")
    return f"({found['capture']}, {found['plan']}, ({inner}))"


def main() -> None:
    """Print the rows of test_counts.py as they are now."""
    for variant in lpars.VARIANTS:
        with tempfile.TemporaryDirectory() as directory:
            print(f'    "{variant}": {row(count(Path(directory), variant))},')


if __name__ == "__main__":
    main()
