"""A production boot: the shipped launcher with all it starts, against the two scripts, each as whole processes.

lsattr is a stub that prints its recorded answer; what it costs is measured alone, and subtracted from both sides as
often as each calls it.  /bin/sh of AIX is a ksh, so the launcher is run by the shell that runs the scripts; what it
costs under this machine's own /bin/sh is shown besides.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List, Tuple

from drboot.sim.estates import small
from tests.bench import baseline
from tests.bench.measure import Cost, in_turn, median, process, ratios
from tests.scenarios import lpars

# Source: transcripts lsattr/17 (-El), lsattr/11 (-EOl): the same answer in both forms.
STUB = f"""\
#!/bin/sh
case $1 in
-EOl) echo "#systemid"; echo "{small.HOME_ID}" ;;
*) echo "systemid {small.HOME_ID} Hardware system identifier False" ;;
esac
"""
CALLS_OF_SCRIPTS = 2  # one in each


def measure(directory: Path, runs: int) -> Tuple[Dict[str, float], List[Tuple[str, str, str]]]:
    """Figures for bench.json, rows for the table."""
    estate = lpars.make(directory / "gate", "small")
    machine = estate.home
    stub = Path(machine.root, "usr/sbin/lsattr")
    stub.write_text(STUB)
    stub.chmod(0o755)
    scripts = baseline.install(machine, small.DR_ID, ("10.1.0.53", "10.1.0.54"), "10.20.0.53")
    around = baseline.environment(machine)
    launcher = (machine.root + "/opt/drboot/inittab/drboot-boot", "--root", machine.root)
    ksh = baseline.shell()

    def alone() -> Cost:
        return process((str(stub), "-El", "sys0", "-a", "systemid"), environment=around)

    def ours() -> Cost:
        return process((ksh, *launcher), environment={})

    def ours_under_sh() -> Cost:
        return process(("/bin/sh", *launcher), environment={})

    def theirs() -> Cost:
        return process(scripts[0], environment=around) + process(scripts[1], environment=around)

    def theirs_at_once() -> Cost:
        return process(*scripts, environment=around)

    stubs, launched, by_sh, scripted, raced = in_turn(runs, alone, ours, ours_under_sh, theirs, theirs_at_once)
    stub_cost = median(stubs)
    net = [cost.less(stub_cost) for cost in launched]
    net_sh = [cost.less(stub_cost) for cost in by_sh]
    net_scripts = [cost.less(stub_cost, CALLS_OF_SCRIPTS) for cost in scripted]
    net_raced = [cost.less(stub_cost, CALLS_OF_SCRIPTS) for cost in raced]
    ratio, sh_ratio, race = (ratios(a, b) for a, b in ((net, net_scripts), (net_sh, net_scripts), (net, net_raced)))
    figures = {
        "gate.cpu_ratio": ratio.cpu,
        "gate.wall_ratio": ratio.wall,
        "gate.cpu_ratio_sh": sh_ratio.cpu,
        "gate.wall_ratio_sh": sh_ratio.wall,
        "gate.wall_ratio_scripts_at_once": race.wall,
        "gate.cpu_ms": 1000 * median(net).cpu,
        "gate.wall_ms": 1000 * median(net).wall,
        "gate.scripts_cpu_ms": 1000 * median(net_scripts).cpu,
        "gate.scripts_wall_ms": 1000 * median(net_scripts).wall,
        "gate.lsattr_stub_cpu_ms": 1000 * stub_cost.cpu,
        "gate.lsattr_stub_wall_ms": 1000 * stub_cost.wall,
        "gate.runs": float(runs),
    }
    rows = [
        ("production boot, CPU: launcher / both scripts", _pair(net, net_scripts, "cpu"), f"{ratio.cpu:.2f}"),
        ("production boot, wall", _pair(net, net_scripts, "wall"), f"{ratio.wall:.2f}"),
        ("  launcher under /bin/sh, CPU", _pair(net_sh, net_scripts, "cpu"), f"{sh_ratio.cpu:.2f}"),
        ("  launcher under /bin/sh, wall", _pair(net_sh, net_scripts, "wall"), f"{sh_ratio.wall:.2f}"),
        ("  wall, the scripts started at once", _pair(net, net_raced, "wall"), f"{race.wall:.2f}"),
        ("  lsattr stub alone, CPU and wall", f"{stub_cost.cpu * 1000:.1f} and {stub_cost.wall * 1000:.1f} ms", ""),
    ]
    return figures, rows


def _pair(ours: List[Cost], theirs: List[Cost], column: str) -> str:
    a, b = (1000 * getattr(median(costs), column) for costs in (ours, theirs))
    return f"{a:.1f} / {b:.1f} ms"
