"""What must not creep: the commands of each phase, for each estate, and that more disks ask no more of them.

A row that no longer holds is looked at, not just raised: each reading command is 20 ms or more of somebody's recovery.
``python -m tests.bench.counts`` prints the rows as they are now.
"""

from __future__ import annotations

from pathlib import Path
from typing import Dict, Tuple

import pytest

from tests.bench import counts, scale
from tests.scenarios import lpars

SPARE = 10  # reads that a phase may have less than is written here before the row has to be corrected

# variant -> reads of capture, reads of plan, and (reads, changes) of each boot.  Changes are exact: another one is a
# command too many, or something that is no longer done.
PINNED: Dict[str, Tuple[int, int, Tuple[Tuple[int, int], ...]]] = {
    "small": (37, 29, ((101, 16),)),
    "bank": (78, 45, ((290, 58),)),
    "fullhouse": (93, 97, ((361, 59),)),
    "clouddev-bootutil": (37, 33, ((22, 2), (103, 14))),
    "clouddev-nvram": (37, 33, ((21, 2), (104, 19))),
    "clouddev-every_boot": (37, 33, ((21, 2), (103, 14))),
    "clouddev-first": (37, 29, ((101, 16),)),
    "clouddev-second": (37, 33, ((111, 20),)),
}


def test_every_estate_is_pinned() -> None:
    assert set(PINNED) == set(lpars.VARIANTS)


@pytest.mark.parametrize("variant", PINNED)
def test_no_phase_runs_more_commands(tmp_path: Path, variant: str) -> None:
    captured, planned, boots = PINNED[variant]
    most = {"capture": captured, "plan": planned}
    changes = {}
    for number, (reads, changing) in enumerate(boots, 1):
        most[f"boot {number}, reads"] = reads
        changes[f"boot {number}, changes"] = changing
    found = counts.count(tmp_path, variant)
    assert {phase: found[phase] for phase in changes} == changes
    assert set(found) == {*most, *changes}
    more = {phase: (found[phase], reads) for phase, reads in most.items() if found[phase] > reads}
    assert not more, "reads now, reads allowed"
    fewer = {phase: (found[phase], reads) for phase, reads in most.items() if found[phase] < reads - SPARE}
    assert not fewer, "it got better: write the new numbers"


def test_no_phase_asks_more_of_a_machine_with_more_disks(tmp_path: Path) -> None:
    few, many = (scale.phases(tmp_path / str(disks), disks, 6) for disks in (30, 180))
    assert {name: phase.reads for name, phase in few.items()} == {name: phase.reads for name, phase in many.items()}
    assert set(few) == {"capture", "plan", "verify"}


def test_what_reads_grow_with_is_the_volume_groups_alone(tmp_path: Path) -> None:
    """By which programs, and how often for each VG: the exceptions that docs/performance.md states."""
    few, many = (scale.phases(tmp_path / str(vgs), 24, vgs) for vgs in (2, 8))
    grown = {
        phase: {
            program: (many[phase].reads[program] - few[phase].reads[program]) / 6
            for program in few[phase].reads
            if many[phase].reads[program] != few[phase].reads[program]
        }
        for phase in few
    }
    assert grown == {"capture": {"lqueryvg": 1, "lsvg": 2}, "plan": {"lqueryvg": 1}, "verify": {"lsvg": 2}}
