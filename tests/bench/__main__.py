"""``make bench``: measure, print a table, write build/bench.json.

python -m tests.bench [--runs N] [--only PART ...] [--to FILE]
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable, Dict, List, Tuple

from tests.bench import agent, dr, fleet, gate, scale

Measured = Tuple[Dict[str, float], List[Tuple[str, str, str]]]
PARTS: Dict[str, Callable[[Path, int], Measured]] = {
    "gate": lambda directory, runs: gate.measure(directory, 8 * runs),
    "dr": lambda directory, runs: dr.measure(directory),
    "agent": lambda directory, runs: agent.measure(directory, min(runs, 2)),
    "scale": lambda directory, runs: scale.measure(directory),
    "fleet": lambda directory, runs: fleet.measure(directory),
}
# key of bench.json -> (the goal, whether a figure reaches it)
GOALS: Dict[str, Tuple[str, Callable[[float], bool]]] = {
    "gate.cpu_ratio": ("at most 1.0", lambda figure: figure <= 1.0),
    "gate.wall_ratio": ("at most 1.0", lambda figure: figure <= 1.0),
    "dr.over_critical_path": ("at most 1.05", lambda figure: figure <= 1.05),
    "dr.speedup_over_scripts": ("at least 4", lambda figure: figure >= 4),
    "agent.cpu_s": ("under 0.4 s", lambda figure: figure < 0.4),
    "scale.more_reads_for_more_disks.capture": ("0", lambda figure: figure == 0),
    "scale.more_reads_for_more_disks.plan": ("0", lambda figure: figure == 0),
    "scale.more_reads_for_more_disks.verify": ("0", lambda figure: figure == 0),
    "scale.plan_cpu_per_disk_growth": ("at most 1.25", lambda figure: figure <= 1.25),
    "scale.4000_disks_200_vgs.plan_cpu_s": ("under 1 s", lambda figure: figure < 1),
    "scale.table_of_1000_hosts_s": ("under 0.5 s", lambda figure: figure < 0.5),
    "fleet.seconds_per_1000": ("under 180 s", lambda figure: figure < 180),
    "agent.peak_mib": ("under 60 MiB", lambda figure: figure < 60),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description="what drboot costs, against what it replaces")
    parser.add_argument("--runs", type=int, default=5, help="how often what varies is measured (5)")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS), metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--to", default="build/bench.json", metavar="FILE", help="default: build/bench.json")
    given = parser.parse_args()
    begin = time.monotonic()
    load = os.getloadavg()[0]
    figures: Dict[str, float] = {}
    rows: List[Tuple[str, str, str]] = []
    with tempfile.TemporaryDirectory(prefix="drboot-bench-") as directory:
        for part in given.only:
            found, more = PARTS[part](Path(directory), given.runs)
            figures.update(found)
            rows += more
            for row in more:
                show(row)
    print(f"\nmeasured in {time.monotonic() - begin:.0f} s on {os.cpu_count()} CPUs, load {load:.1f} at the start")
    reached = goals(figures)
    write(Path(given.to), figures, load)
    return 0 if reached else 1


def show(row: Tuple[str, str, str]) -> None:
    """A line of the table: what, how much, the ratio."""
    what, amount, ratio = row
    print(f"{what:<52} {amount:>20} {ratio:>6}".rstrip(), flush=True)


def goals(figures: Dict[str, float]) -> bool:
    """Every goal with its figure; whether all that was measured is reached."""
    print("\ngoal")
    reached = True
    for key, (goal, reaches) in GOALS.items():
        if key in figures:
            good = reaches(figures[key])
            reached = reached and good
            print(f"  {key:<40} {figures[key]:>9.3f}   {goal:<14} {'reached' if good else 'NOT REACHED'}")
    return reached


def write(file: Path, figures: Dict[str, float], load: float) -> None:
    """bench.json: every figure, and what they were measured on."""
    about = {"python": platform.python_version(), "machine": platform.machine(), "cpus": os.cpu_count(), "load": load}
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({**figures, "about": about}, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    sys.exit(main())
