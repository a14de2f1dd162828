"""A sample of the crash matrix, spread over all scenarios; ``make crash`` tries every point.

And the matrix itself on trial: a drboot that resumes badly must not get through.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional

import pytest

from drboot import arming, boot, files, gate, state
from drboot.paths import Root
from drboot.runner import Runner
from tests.crash import everything
from tests.crash.events import Point
from tests.crash.matrix import Trial, Verdict
from tests.crash.scenarios import SCENARIOS

EVERY = 130  # of the points of a scenario; the first one is another in each
EVERY_OF = {"bank": 380, "fullhouse": 500}
# where the order of two writes decides
CRITICAL = ("/var/adm/drboot/state.json", "/etc/drboot/armed", "chitab drboot", "clouddev=1", "shutdown")


def tried(name: str, chosen: Callable[[int, Point], bool]) -> List[Verdict]:
    verdicts: List[Verdict] = []
    with everything.scratch() as directory:
        Trial(name, directory, verdicts.append, chosen).run()
    return verdicts


def wrong(verdicts: List[Verdict]) -> Dict[str, List[str]]:
    return {verdict.point: verdict.wrong for verdict in verdicts if verdict.wrong}


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_converges(name: str) -> None:
    every = EVERY_OF.get(name, EVERY)
    first = list(SCENARIOS).index(name) * every // len(SCENARIOS)
    found = tried(name, lambda number, point: number % every == first)
    assert len(found) >= 4
    assert wrong(found) == {}


@pytest.mark.parametrize("name", ["small", "clouddev-bootutil"])
def test_F81_around_every_write_of_state_and_stamp(name: str) -> None:
    found = tried(name, lambda number, point: any(word in point.what for word in CRITICAL))
    assert len(found) >= 10
    assert wrong(found) == {}


# -- a drboot that resumes badly


def _not_atomic(path: str, data: bytes, mode: Optional[int] = None) -> None:
    """Written in place."""
    descriptor = files.os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600 if mode is None else mode)
    files.os.write(descriptor, data)
    files.os.fsync(descriptor)
    files.os.close(descriptor)


def _forgets_the_reset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether the reset was asked for is taken from the record alone, not from the machine."""
    load = state.load

    def forgetful(root: Root, systemid: str, arm_id: str) -> state.Event:
        event = load(root, systemid, arm_id)
        return state.Event(systemid, arm_id) if event.phase == state.RESET_INTENDED else event

    monkeypatch.setattr(state, "load", forgetful)


def _writes_in_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "write_atomic", _not_atomic)


def _disarms_first(monkeypatch: pytest.MonkeyPatch) -> None:
    configure = boot._Run._configure

    def hasty(run: Any, steps: Any) -> Any:
        arming.commit_disarm(run.runner, run.decision.systemid, run.stamp.arm_id, run.run_id)
        return configure(run, steps)

    monkeypatch.setattr(boot._Run, "_configure", hasty)


def _entry_before_stamp(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = arming.commit_disarm
    monkeypatch.setattr(arming, "is_armed", lambda root: False)  # an entry beside an armed stamp stays live

    def reversed_(runner: Runner, *event: Any) -> None:
        arming.entry_off(runner)
        commit(runner, *event)

    monkeypatch.setattr(arming, "commit_disarm", reversed_)


def _gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that was interrupted is taken for one that is over."""
    decide = gate.decide

    def tired(stamp: Any, identity: Any) -> gate.Decision:
        decision = decide(stamp, identity)
        begun = Path(stamp.file).parents[2] / "var/adm/drboot/state.json"
        return gate.Decision("nothing", 0, "event-done", "") if begun.exists() else decision

    monkeypatch.setattr(gate, "decide", tired)


BROKEN = {
    "forgets-the-reset": ("clouddev-nvram", "clouddev=1", _forgets_the_reset),
    "writes-in-place": ("small", "/etc/drboot/armed", _writes_in_place),
    "disarms-first": ("small", "importvg", _disarms_first),
    "entry-before-stamp": ("small", "/etc/drboot/armed", _entry_before_stamp),
    "gives-up": ("small", "importvg", _gives_up),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_resume_does_not_get_through(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Undisturbed, each of them does its job; only the matrix sees what it is."""
    name, what, breaks = BROKEN[kind]
    breaks(monkeypatch)
    found = tried(name, lambda number, point: what in point.what)
    assert found
    assert wrong(found), "nobody noticed"


def test_the_points_of_two_processes_are_those_of_one_run() -> None:
    """A scenario is divided among processes, each of which makes its own run: every point is one of all of them."""
    parts = [everything.work(everything.Job("small", shard, 2, 150, "")) for shard in range(2)]
    whole = everything.together(parts)
    assert (whole.broken, whole.wrong) == ("", [])
    assert all(part.tried for part in parts)


def test_the_last_line_says_how_many_points_of_how_many_scenarios(capsys: pytest.CaptureFixture[str]) -> None:
    assert everything.main(["--jobs", "1", "--every", "200", "small"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == "3 crash points, 1 scenarios: all converged"
    assert any(line.split()[:1] == ["small"] for line in lines[:-1])
