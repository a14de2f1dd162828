"""No mutating command where the table of docs/design.md section 2 says that nothing happens: 100,000 combinations.

Three depths, each against the table as ``identity_table.py`` writes it down:

    every case    the stamp off a real file, lsattr's answer, the decision; where that is to act, what the site's
                  profile demands of the LPAR, its mode, addresses and capture; the record of the event
    250           of those that the stamp lets pass: boot.run up to its first command that is no reading one
    126           lsattr as a process (both in test_identity_runs.py)
"""

from __future__ import annotations

import os
import random
import tempfile
from collections import Counter
from pathlib import Path
from typing import Callable, Dict, Iterator, Optional

import pytest

from drboot import gate, state
from drboot.errors import DrbootError
from drboot.paths import Root
from drboot.wanted import prepare
from tests.property import identity_cases as cases
from tests.property.identity_cases import Case, Profile
from tests.property.identity_machines import Machine, identity_of, put_host, put_marker, put_record, put_stamp
from tests.property.identity_table import ACT, CONFIG, EXIT, NOTHING, REFUSED, Outcome, outcome

ALL, CHUNKS = 100_000, 10
BY_EXIT_CODE = {2: CONFIG, 3: REFUSED}

Machines = Callable[[Profile], Machine]


@pytest.fixture(scope="session")
def machines() -> Iterator[Machines]:
    """A root directory per profile, made when it is first asked for; in memory where there is such a file system."""
    memory = "/dev/shm"
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as name:
        yield _machines(Path(name))


def _machines(directory: Path) -> Machines:
    made: Dict[Profile, Machine] = {}

    def machine(asks: Profile) -> Machine:
        if asks not in made:
            made[asks] = Machine(directory / str(len(made)), asks)
        return made[asks]

    return machine


def decide(machine: Machine, case: Case, ask_always: bool) -> tuple[Optional[gate.Stamp], gate.Decision]:
    try:
        stamp = gate.read_stamp(machine.root)
    except gate.StampDamaged as error:
        return None, gate.config_error(error)
    asked = stamp is not None and (stamp.phase == "armed" or ask_always)
    identity = identity_of(case.answer) if asked else None
    return stamp, gate.decide(stamp, identity, accept=case.accept, site=case.facts.named)


def product(machine: Machine, case: Case, ask_always: bool) -> Outcome:
    """What drboot makes of the case, without one command that is no reading one."""
    put_stamp(machine.root, case.stamp, case.trust)
    stamp, decision = decide(machine, case, ask_always)
    if decision.action != ACT or stamp is None:
        assert decision.exit_code == EXIT[decision.action]
        return Outcome(decision.action)
    assert decision.systemid == case.facts.systemid
    put_record(machine.root, case.record)
    put_host(machine.root, case.host)
    put_marker(machine.root, case.lpar.marker)
    check_record(machine, case, decision.systemid, stamp.arm_id)
    try:
        made = prepare(machine.seen(case.lpar), machine.estate, stamp.host, stamp.configured_site, decision.site)
    except DrbootError as error:
        assert error.problems
        return Outcome(BY_EXIT_CODE[error.exit_code])
    return Outcome(ACT, made.site.site, made.mode)


def check_record(machine: Machine, case: Case, systemid: str, arm_id: str) -> None:
    """The record counts where it is of this machine and this stamp, and nowhere else."""
    event = state.load(Root(machine.root), systemid, arm_id)
    counts = case.record.event == (systemid, arm_id)
    expected = (case.record.phase, case.record.plan_b) if counts else (state.FRESH, False)
    assert (event.systemid, event.arm_id, event.phase, event.plan_b) == (systemid, arm_id, *expected), case.record


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_nothing_happens_where_the_table_says_so(
    chunk: int, machines: Machines, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(chunk)
    came: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for number in range(ALL // CHUNKS):
        case = cases.make(rng)
        expected = outcome(case.facts)
        assert (expected.action == ACT) == (case.missed == "") or case.missed is None, case
        assert product(machines(case.profile), case, ask_always=number % 2 == 0) == expected, case
        came[expected.action] += 1
        missed[case.missed or ""] += 1
    by_one_fact = sum(count for name, count in missed.items() if name)
    assert came[ACT] >= 0.2 * ALL / CHUNKS
    assert by_one_fact >= 0.4 * ALL / CHUNKS
    assert set(missed) == {"", *cases.MISSES}
    assert min(missed.values()) > 100 and min(came[action] for action in (NOTHING, REFUSED, CONFIG)) > 1000
    record_property("identity", {"all": sum(came.values()), "missed by one fact": by_one_fact, **came})
