"""A production boot: the shipped launcher with all it starts, against the two scripts, each as whole processes.

lsattr is a stub that prints its recorded answer; what it costs is measured alone, and subtracted from both sides as
often as each calls it.  /bin/sh of AIX is a ksh, so the launcher is run by the shell that runs the scripts; what it
costs under this machine's own /bin/sh is shown besides.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Tuple

from drboot.sim.estates import small
from tests.bench import baseline
from tests.bench.interpreters import interpreters, run_by
from tests.bench.measure import Cost, in_turn, median, process, ratios
from tests.scenarios import lpars

REPOSITORY = Path(__file__).resolve().parents[2]
# Source: transcripts lsattr/17 (-El), lsattr/11 (-EOl): the same answer in both forms.
STUB = f"""\
#!/bin/sh
case $1 in
-EOl) echo "#systemid"; echo "{small.HOME_ID}" ;;
*) echo "systemid {small.HOME_ID} Hardware system identifier False" ;;
esac
"""
CALLS_OF_SCRIPTS = 2  # one in each
Figures = Dict[str, float]
Rows = List[Tuple[str, str, str]]


class Bed(NamedTuple):
    """A production LPAR with the product and the two scripts on it, and how each is run."""

    root: str
    stub: str
    scripts: List[Tuple[str, ...]]
    around: Dict[str, str]

    def launcher(self, *shell: str) -> Tuple[str, ...]:
        return (*shell, self.root + "/opt/drboot/inittab/drboot-boot", "--root", self.root)

    def check(self) -> None:
        """Both really find that this is production.  Raises RuntimeError."""
        said = subprocess.run(self.launcher(baseline.shell()), env={}, **_TEXT).stdout
        for script in self.scripts:
            said += subprocess.run(script, env=self.around, **_TEXT).stdout
        if "production, site home" not in said or said.count("should only be executed at DR") != len(self.scripts):
            raise RuntimeError(f"this is no production boot: {said}")


_TEXT: Any = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "text": True, "check": True}


def made(directory: Path) -> Bed:
    machine = lpars.make(directory / "gate", "small").home
    stub = Path(machine.root, "usr/sbin/lsattr")
    stub.write_text(STUB)
    stub.chmod(0o755)
    scripts = baseline.install(machine, small.DR_ID, ("10.1.0.53", "10.1.0.54"), "10.20.0.53")
    return Bed(machine.root, str(stub), scripts, baseline.environment(machine))


def measure(directory: Path, runs: int) -> Tuple[Figures, Rows]:
    """Figures for bench.json, rows for the table.  The first interpreter counts."""
    bed = made(directory)
    figures: Figures = {}
    rows: Rows = []
    for number, interpreter in enumerate(interpreters()):
        version = run_by(bed.root, interpreter)
        bed.check()
        found, more = _against_scripts(bed, runs, f"Python {version}")
        figures.update({("gate." if not number else f"gate.{version}.") + key: value for key, value in found.items()})
        rows += more
    return figures, rows


def _against_scripts(bed: Bed, runs: int, name: str) -> Tuple[Figures, Rows]:
    def alone() -> Cost:
        return process((bed.stub, "-El", "sys0", "-a", "systemid"), environment=bed.around)

    def ours() -> Cost:
        return process(bed.launcher(baseline.shell()), environment={})

    def ours_under_sh() -> Cost:
        return process(bed.launcher("/bin/sh"), environment={})

    def theirs() -> Cost:
        return process(bed.scripts[0], environment=bed.around) + process(bed.scripts[1], environment=bed.around)

    def theirs_at_once() -> Cost:
        return process(*bed.scripts, environment=bed.around)

    stubs, launched, by_sh, scripted, raced = in_turn(runs, alone, ours, ours_under_sh, theirs, theirs_at_once)
    stub = median(stubs)
    net, net_sh = ([cost.less(stub) for cost in costs] for costs in (launched, by_sh))
    net_scripts, net_raced = ([cost.less(stub, CALLS_OF_SCRIPTS) for cost in costs] for costs in (scripted, raced))
    ratio, sh_ratio, race = (ratios(a, b) for a, b in ((net, net_scripts), (net_sh, net_scripts), (net, net_raced)))
    figures = {
        "cpu_ratio": ratio.cpu,
        "wall_ratio": ratio.wall,
        "cpu_ratio_sh": sh_ratio.cpu,
        "wall_ratio_sh": sh_ratio.wall,
        "wall_ratio_scripts_at_once": race.wall,
        "cpu_ms": 1000 * median(net).cpu,
        "wall_ms": 1000 * median(net).wall,
        "scripts_cpu_ms": 1000 * median(net_scripts).cpu,
        "scripts_wall_ms": 1000 * median(net_scripts).wall,
        "lsattr_stub_cpu_ms": 1000 * stub.cpu,
        "lsattr_stub_wall_ms": 1000 * stub.wall,
        "runs": float(runs),
    }
    rows = [
        (f"production boot, {name}, CPU: launcher / scripts", _pair(net, net_scripts, "cpu"), f"{ratio.cpu:.2f}"),
        ("  wall", _pair(net, net_scripts, "wall"), f"{ratio.wall:.2f}"),
        ("  launcher under /bin/sh, CPU", _pair(net_sh, net_scripts, "cpu"), f"{sh_ratio.cpu:.2f}"),
        ("  launcher under /bin/sh, wall", _pair(net_sh, net_scripts, "wall"), f"{sh_ratio.wall:.2f}"),
        ("  wall, the scripts started at once", _pair(net, net_raced, "wall"), f"{race.wall:.2f}"),
        ("  lsattr stub alone, CPU and wall", f"{stub.cpu * 1000:.1f} and {stub.wall * 1000:.1f} ms", ""),
    ]
    return figures, rows


def _pair(ours: List[Cost], theirs: List[Cost], column: str) -> str:
    a, b = (1000 * getattr(median(costs), column) for costs in (ours, theirs))
    return f"{a:.1f} / {b:.1f} ms"
