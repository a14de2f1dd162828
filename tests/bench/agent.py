"""drboot's own cost of a DR boot of ``bank``: the CPU time and the memory of its process, apart from the commands.

The run is the real one, in a process of its own, with every command as a process: what drboot's process itself used,
starting those commands included, is what the operating system says of it alone.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Dict, List, Tuple

from drboot.sim.boot import power_on
from drboot.sim.estates.build import Estate
from tests.bench.interpreters import interpreters, run_by
from tests.bench.measure import Cost, median
from tests.scenarios import lpars

# Runs in the LPAR's interpreter with the product that is installed there, as the gate's worker does.
WORKER = """
import json, os, resource, sys
root, told = sys.argv[1:]
os.chdir("/")
sys.path.insert(0, root + "/opt/drboot/lib")
from drboot import gate
stamp = gate.read_stamp(root)
decision = gate.decide(stamp, gate.query_identity(root))
code = gate._work(root, stamp, decision)
used = resource.getrusage(resource.RUSAGE_SELF)
peak = used.ru_maxrss
try:
    with open("/proc/self/status") as file:  # ru_maxrss knows of the process that this one was forked from
        peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM:"))
except OSError:
    pass
with open(told, "w") as file:
    json.dump([code, used.ru_utime + used.ru_stime, peak / 1024], file)
"""


def measure(directory: Path, runs: int) -> Tuple[Dict[str, float], List[Tuple[str, str, str]]]:
    """Figures for bench.json, rows for the table."""
    estate = lpars.make(directory / "agent", "bank")
    figures: Dict[str, float] = {}
    rows: List[Tuple[str, str, str]] = []
    for number, interpreter in enumerate(interpreters()):
        version = run_by(estate.home.root, interpreter)
        cost = median([once(estate) for _ in range(runs)])
        key = "agent." if not number else f"agent.{version}."
        figures.update({key + "cpu_s": cost.cpu, key + "peak_mib": cost.peak, key + "runs": float(runs)})
        rows.append((f"drboot's own CPU, DR boot of bank, Python {version}", f"{cost.cpu:.2f} s", ""))
        rows.append(("  its memory, largest", f"{cost.peak:.0f} MiB", ""))
    return figures, rows


def once(estate: Estate) -> Cost:
    """A DR boot from a fresh replica."""
    estate.replicate()
    power_on(estate.dr)
    told = os.path.join(estate.dr.directory, "cost.json")
    argv = [estate.dr.root + "/usr/bin/python3", "-I", "-S", "-B", "-c", WORKER, estate.dr.root, told]
    subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True, env={})
    with open(told, encoding="ascii") as file:
        code, cpu, peak = json.load(file)
    wrong = lpars.differences(estate)
    if code or wrong:
        raise RuntimeError(f"the DR boot of bank ended with {code}: {wrong}")
    return Cost(cpu, 0.0, peak)
