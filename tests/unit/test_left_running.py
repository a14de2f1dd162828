"""What runs on without the drboot that started it: how it is found again, and what waits for it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, ClassVar, Dict, List, Optional, Set, Tuple

import pytest

from drboot import left_running, paths
from drboot.clock import CountedClock
from drboot.journal import Journal
from drboot.left_running import ANYTHING, LeftRunning, Writer
from drboot.results import BLOCKED, CHANGED, FAILED
from drboot.runner import DEADLINES
from drboot.steps.base import Assessment, Done
from drboot.verification import Verification
from tests.steps.canned import Answer, Machine
from tests.unit.test_apply import Locked, Plain, World

HERE, ELSEWHERE = "0211D11C1", "0206F42A0"
IMPORT = ["/usr/sbin/importvg", "-y", "datavg", "hdisk1"]
PS = "ps -o etime= -o args= -p 4711"
DATAVG = Writer(4711, tuple(IMPORT), "importvg", 900.0)


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Set[int]:
    """The processes there are."""
    pids: Set[int] = {4711}
    monkeypatch.setattr(left_running, "lives", pids.__contains__)
    return pids


def line(event: str, pid: int = 4711, ago: float = 600.0, **changed: Any) -> Dict[str, Any]:
    at = datetime.now(timezone.utc) - timedelta(seconds=ago)
    told = {"event": event, "pid": pid, "argv": IMPORT, "kind": "importvg", "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")}
    return {**told, **({"outcome": "exited"} if event == "command" else {"lock": "importvg"}), **changed}


def found(
    root: Path, *lines: Dict[str, Any], systemid: str = HERE, run: str = "new", ps: Optional[Answer] = None
) -> Tuple[Writer, ...]:
    """What run ``new`` finds of run ``old``, whose journal has these lines."""
    directory = root / paths.RUNS.lstrip("/") / "old"
    directory.mkdir(parents=True)
    journal = Journal(str(directory / "journal.jsonl"))
    for told in ({"event": "run", "systemid": systemid, "at": "2026-11-20T01:00:00Z"}, *lines):
        journal.append(told)
    machine = Machine(root, {PS: (1, "") if ps is None else ps})
    return left_running.earlier(machine.seen(), HERE, run, DEADLINES)


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("lines", [
    [line("started")],
    [line("left")],
    [line("started"), line("command", outcome="stuck")],
    [line("started"), line("command", outcome="killed")],
    [line("started"), line("command", pid=4712)],
    [line("started"), line("command", ago=500), line("started", ago=400)],
])  # fmt: skip
def test_what_has_no_end_in_the_journal_and_lives_still_runs(tmp_path: Path, lines: List[Dict[str, Any]]) -> None:
    assert found(tmp_path, *lines) == (DATAVG,)


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize("lines", [
    [],
    [line("started"), line("command")],
    [line("started", pid=4712)],
    [{**line("started"), "pid": "4711x"}],
    [{"event": "started", "pid": 4711}],
    [line("started", argv=[])],
    [line("started", argv=[1])],
    [line("started", at=None)],
    [line("left", lock=["importvg"])],
    [{**line("started"), "pid": float("inf")}],
    [line("started", pid=10**30)],
    [line("started", argv={"0": "importvg"})],
    [line("started", argv="importvg")],
])  # fmt: skip
def test_what_has_ended_or_is_not_there_does_not(tmp_path: Path, lines: List[Dict[str, Any]]) -> None:
    assert found(tmp_path, *lines) == ()


@pytest.mark.usefixtures("alive")
def test_a_process_of_another_machine_or_of_this_run_is_none(tmp_path: Path) -> None:
    assert found(tmp_path, line("started"), systemid=ELSEWHERE) == ()
    assert found(tmp_path / "2", line("started"), run="old") == ()


@pytest.mark.usefixtures("alive")
@pytest.mark.parametrize(("ps", "same"), [
    ("      09:58 /bin/ksh /usr/sbin/importvg -y datavg hdisk1\n", True),
    ("      00:07 importvg\n", True),  # the clock was set in between
    ("      00:07 [importvg]\n", True),
    ("      09:58 /usr/bin/dbstart -v\n", True),  # it was there then, and is something else by exec
    ("      00:07 /usr/sbin/syslogd\n", False),
    ("    00:00 <defunct>\n", False),
    ("1-00:00:07 /usr/sbin/syslogd\n", True),
    ("???\n", True),
    ((1, ""), True),
])  # fmt: skip
def test_a_process_id_that_was_given_anew_is_another_process(tmp_path: Path, ps: Answer, same: bool) -> None:
    assert found(tmp_path, line("started"), ps=ps) == ((DATAVG,) if same else ())


def test_a_journal_that_anybody_could_have_written_says_nothing(tmp_path: Path, alive: Set[int]) -> None:
    directory = tmp_path / paths.RUNS.lstrip("/") / "old"
    directory.mkdir(parents=True)
    (directory / "journal.jsonl").write_text(json.dumps({"systemid": HERE}) + "\n" + json.dumps(line("started")) + "\n")
    (directory / "journal.jsonl").chmod(0o666)
    assert left_running.earlier(Machine(tmp_path, {}).seen(), HERE, "new", DEADLINES) == ()


def test_this_process_lives_where_it_leads_its_group_and_pid_0_never(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    group = os.getpgrp()
    assert left_running.lives(group)
    assert not left_running.lives(0)
    assert not left_running.lives(10**30), "a number that no process can have"
    monkeypatch.setattr(os, "getpgid", lambda pid: group + 1)
    assert not left_running.lives(group)


# -- the scheduler


class Passing(CountedClock):
    """Counted time in which a process ends by itself."""

    def __init__(self, alive: Set[int], ends: float) -> None:
        super().__init__()
        self.alive, self.ends = alive, ends

    def pass_by(self, seconds: float) -> None:
        super().pass_by(seconds)
        if self.now() >= self.ends:
            self.alive.clear()


class OtherLock(Plain):
    lock: ClassVar[str] = "network"


def test_what_must_not_run_beside_it_waits_for_its_end(tmp_path: Path, alive: Set[int]) -> None:
    world, left, clock = World(str(tmp_path)), LeftRunning(), Passing(alive, 100.0)
    left.take((DATAVG,))
    results = world.apply(
        Locked(world, "import"), OtherLock(world, "other"), Plain(world, "none"), clock=clock, left=left
    )
    assert {result.outcome for result in results.values()} == {CHANGED}
    assert world.ran[-1] == "import"
    assert 100.0 <= clock.now() < 110.0
    (waiting,) = [keys for event, keys in world.events if event == "waiting"]
    assert (waiting["step"], waiting["why"]) == ("import", "importvg -y datavg hdisk1 (process 4711) still runs")


@pytest.mark.parametrize(("lock", "blocked"), [("importvg", "import"), ("none", "none"), (ANYTHING, "other")])
def test_and_is_not_tried_where_that_does_not_end(tmp_path: Path, alive: Set[int], lock: str, blocked: str) -> None:
    """A step without a named lock goes by its id."""
    world, left, clock = World(str(tmp_path)), LeftRunning(), CountedClock()
    left.take((DATAVG._replace(lock=lock),))
    results = world.apply(
        Locked(world, "import"), OtherLock(world, "other"), Plain(world, "none"), clock=clock, left=left
    )
    problem = results[blocked].problem
    assert problem is not None
    assert (results[blocked].outcome, problem.name) == (BLOCKED, "step-lock-stuck")
    assert "importvg -y datavg hdisk1 (process 4711) still runs" in problem.why
    assert blocked not in world.ran
    assert 900.0 <= clock.now() < 910.0
    assert len(world.ran) == (0 if lock == ANYTHING else 2)


@pytest.mark.usefixtures("alive")
def test_what_this_run_has_left_is_in_the_way_of_what_it_does_next(tmp_path: Path) -> None:
    world, left = World(str(tmp_path), stuck=("import", "none")), LeftRunning()
    clock = CountedClock()
    first = world.apply(Locked(world, "import"), Plain(world, "none"), left=left, clock=clock)
    assert {result.outcome for result in first.values()} == {FAILED}
    again = world.apply(Locked(world, "second"), Plain(world, "none"), Plain(world, "free"), left=left, clock=clock)
    assert [again[name].outcome for name in ("second", "none", "free")] == [BLOCKED, BLOCKED, CHANGED]
    assert clock.now() < 1, "it has had its deadline"
    told = [(keys["pid"], keys["lock"]) for event, keys in world.events if event == "left"]
    assert told == []
    assert sorted(writer.lock for writer in left.living()) == ["importvg", "none"]


def test_nothing_is_believed_to_be_so_beside_it(tmp_path: Path, alive: Set[int]) -> None:
    """What it still does may undo what reads well now; when it has ended all is looked at once more."""
    world, left = World(str(tmp_path), stuck=("a",)), LeftRunning()
    step = Locked(world, "a")
    results = tuple(world.apply(step, left=left).values())
    looked: List[int] = []

    def look(steps: Any) -> List[Tuple[Any, Assessment]]:
        looked.append(1)
        if len(looked) == 2:
            alive.clear()
        return [(one, Done("it reads well")) for one in steps]

    def judge() -> str:
        made = Verification(look, lambda again: (), lambda event, **keys: None, left).of((step,), results)
        return made[0].outcome

    assert (judge(), len(looked)) == (FAILED, 1)
    assert (judge(), len(looked)) == (CHANGED, 3)


def test_undo_runs_beside_nothing(alive: Set[int]) -> None:
    told: List[Dict[str, Any]] = []
    left = LeftRunning(lambda event, **keys: told.append({"event": event, **keys}), alone=True)
    assert left.beside("network") is None
    left.add(4711, ("/usr/sbin/exportvg", "datavg"), "write", left.lock_of("importvg", "undo/datavg"))
    assert told == [
        {"event": "left", "pid": 4711, "argv": ["/usr/sbin/exportvg", "datavg"], "kind": "write", "lock": "*"}
    ]
    assert left.beside("network") is not None
    later = LeftRunning()
    later.take(left.living())
    assert later.beside("", "names/hosts") is not None, "and no run beside what it has left"
    alive.clear()
    assert later.beside("", "names/hosts") is None
