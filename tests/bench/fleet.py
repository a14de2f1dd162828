"""A fleet of generated LPARs boots at DR, as ``drboot-sim fleet`` does it; some of them also as processes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List, Tuple

LPARS = 1000
VERIFIED = 10  # docs/performance.md says how to run fifty
WORKERS = 2


def measure(
    directory: Path, lpars: int = LPARS, verified: int = VERIFIED
) -> Tuple[Dict[str, float], List[Tuple[str, str, str]]]:
    """Figures for bench.json, rows for the table."""
    whole = run(directory / "fleet.json", "--lpars", str(lpars))
    drawn = ("--sample", str(verified), "--verify", str(verified))
    some = run(directory / "verified.json", "--lpars", str(lpars), *drawn)
    per_1000 = whole["seconds"] * 1000 / lpars
    figures = {
        "fleet.seconds_per_1000": per_1000,
        "fleet.up": whole["up"],
        "fleet.lpars": whole["count"],
        "fleet.cpu_s_per_lpar": sum(one["seconds"] for one in whole["lpars"]) / lpars,
        "fleet.verified_as_processes": some["verified"],
        "fleet.verified_of": float(verified),
        "fleet.workers": float(WORKERS),
    }
    return figures, [
        (f"fleet of {lpars} LPARs at DR, {WORKERS} workers", f"{whole['seconds']:.0f} s", ""),
        ("  up", f"{whole['up']} of {lpars}", ""),
        ("  as processes, with the same final machine", f"{some['verified']} of {verified}", ""),
    ]


def run(results: Path, *arguments: str) -> Dict[str, Any]:
    """The results of a fleet.  Raises RuntimeError when any LPAR is not up."""
    argv = [sys.executable, "-m", "drboot.sim", "fleet", "--jobs", str(WORKERS), "--json", str(results), *arguments]
    ran = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise RuntimeError(f"the fleet ended with {ran.returncode}: {ran.stdout[-2000:]} {ran.stderr[-2000:]}")
    read: Dict[str, Any] = json.loads(results.read_text())
    return read
