"""The identity property with the run itself, up to its first command that is no reading one, and with lsattr itself.

See test_identity.py; here the cases are those that stamp and systemid let pass, on an LPAR in memory.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections import Counter
from pathlib import Path
from typing import Callable, Dict, Iterator, List, Mapping, Tuple

import pytest

from drboot import boot, gate
from drboot.events import Console
from drboot.runner import Execute, Ran
from drboot.sim.estates import small
from drboot.sim.inprocess import InProcess
from tests.property import identity_cases as cases
from tests.property.identity_cases import Answer, Case
from tests.property.identity_machines import (
    IDS,
    answers_of,
    files_below,
    identity_of,
    only_reads,
    put_captures,
    put_host,
    put_marker,
    put_profiles,
    put_record,
    put_stamp,
    write,
)
from tests.property.identity_table import ACT, EXIT, Facts, decided, outcome
from tests.scenarios import memory
from tests.stub_root import StubRoot

RUNS = 250


class Stopped(BaseException):
    """The first command that is no reading one.  No Exception, so that nobody goes on without it."""


@pytest.fixture(scope="module")
def lpar(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    directory = tmp_path_factory.mktemp("runs")
    directory.chmod(0o755)
    estate = small.make(str(directory))
    memory.arm_at_home(estate)
    made = memory.wake(estate)
    put_captures(Path(made.machine.root))
    yield made


def stopping(lpar: InProcess, case: Case, changing: List[str]) -> Execute:
    """Reads are answered, those of the partition as the case says; anything else ends the run."""
    told = answers_of(case.lpar)
    ask = memory.run_on(lpar)

    def run(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        if not only_reads(argv):
            changing.append(os.path.basename(argv[0]))
            raise Stopped(" ".join(argv))
        line = " ".join((os.path.basename(argv[0]), *argv[1:]))
        if line in told and (line == "uname -L" or case.profile.rehearsal == "vlan"):
            return Ran(argv, "exited", *told[line], "", 0.0)
        return ask(argv, environment, killable, deadline)

    return run


def prepare_files(root: Path, case: Case, rng: random.Random) -> Facts:
    """Stamp, record and profiles; sometimes the profile lists the machine no more, or cannot be read."""
    facts = case.facts
    put_stamp(str(root), case.stamp, "ok")
    put_marker(str(root), case.lpar.marker)
    put_record(str(root), case.record)
    put_host(str(root), case.host)
    ids = {site: facts.sites.get(site) or IDS[site] for site in IDS}
    site = decided(facts).site
    spoilt = rng.choice(("", "", "", "", "unlisted", "damaged")) if site in IDS else ""
    if spoilt == "unlisted" and facts.systemid in ids[site]:
        ids[site] = IDS[site]
        facts = facts._replace(profile="bad")
    put_profiles(root, case.profile, ids)
    if spoilt == "damaged":
        write(root / f"etc/drboot/sites/{site}.yaml", rng.choice((b"", b"version: 1\n", b"{", b"\xff\n", b"- x\n")))
        facts = facts._replace(profile="bad")
    return facts


def resumed(root: Path) -> bool:
    """Whether the run went on where an earlier one of the same event had stopped, as its journal says."""
    [journal] = root.glob("var/adm/drboot/runs/*/journal.jsonl")
    legs = [line for line in map(json.loads, journal.read_text().splitlines()) if line["event"] == "leg"]
    return any(leg.get("resumed") for leg in legs)


def passed_by_the_stamp(rng: random.Random, wanted: int) -> Iterator[Case]:
    while wanted:
        case = cases.make(rng)
        if decided(case.facts).action == ACT:
            wanted -= 1
            yield case


def test_a_run_changes_nothing_where_the_profile_says_so(
    lpar: InProcess, record_property: Callable[[str, object], None]
) -> None:
    rng = random.Random(0)
    root = Path(lpar.machine.root)
    came: Dict[str, int] = Counter()
    console = os.open(os.devnull, os.O_WRONLY)
    for case in passed_by_the_stamp(rng, RUNS):
        shutil.rmtree(root / "var/adm/drboot/runs", ignore_errors=True)
        facts = prepare_files(root, case, rng)
        expected = outcome(facts)
        came[expected.action] += 1
        before = files_below(str(root))
        stamp = gate.read_stamp(str(root))
        assert stamp is not None
        decision = gate.decide(stamp, identity_of(case.answer), case.accept, facts.named)
        changing: List[str] = []
        run_argv = stopping(lpar, case, changing)
        try:
            code = boot.run(str(root), stamp, decision, "operator", Console(console), run_argv)
        except Stopped:
            assert expected.action == ACT, case
            assert set(changing) & {"errlogger", "logger"} == set(), case
            assert resumed(root) == (case.record.phase == "configuring" and counts(case)), case
        else:
            assert (code, changing) == (EXIT[expected.action], []), case
            assert expected.action != ACT, case
            assert files_below(str(root)) == before, case
    os.close(console)
    assert came[ACT] > RUNS * 0.4 and min(came.values()) > RUNS * 0.1
    record_property("identity", {f"runs: {action}": count for action, count in came.items()})


def counts(case: Case) -> bool:
    return case.record.event == (case.facts.systemid, case.facts.arm_id)


# -- lsattr as a process


def script(answer: Answer) -> str:
    """sh that does what became of lsattr; its output stands in the file ``out`` beside it."""
    end = {"signal": "kill -9 $$", "timeout": "exec sleep 5"}.get(answer.how, f"exit {answer.rc}")
    return f'cat "$0.out"\n{end}'


def test_the_query_itself_comes_to_the_same(tmp_path: Path) -> None:
    """What identity_machines.identity_of says of an lsattr is what the gate finds out with one."""
    rng = random.Random(1)
    machine = StubRoot(tmp_path)
    lsattr = Path(str(machine.root) + gate.LSATTR)
    for how in ("exited", "signal", "timeout", "missing"):
        for _ in range(6 if how == "timeout" else 40):
            one = cases.systemid(rng)
            answer = Answer("exited", 0, cases.answer_of(rng, one)) if rng.random() < 0.3 else cases.no_answer(rng, one)
            answer = answer._replace(how=how)
            machine.lsattr(script(answer))
            Path(f"{lsattr}.out").write_bytes(answer.out)
            if how == "missing":
                lsattr.unlink()
            found = gate.query_identity(str(machine.root), 0.2 if how == "timeout" else 30)
            expected = identity_of(answer)
            assert (found.systemid, bool(found.why)) == (expected.systemid, bool(expected.why)), answer
