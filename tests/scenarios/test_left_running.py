"""Commands that outlive the run that started them: no later run, undo or reboot comes in their way."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Set, Tuple

import pytest

from drboot import boot, gate, left_running, report, undo
from drboot.clock import CountedClock
from drboot.errors import EXIT_OK, EXIT_REBOOT, EXIT_UNFINISHED
from drboot.events import Console
from drboot.journal import Journal
from drboot.paths import Root
from drboot.runner import Execute, Ran
from drboot.sim.inprocess import Gone
from tests.scenarios import lpars, memory
from tests.scenarios.test_undo_attacked import Bench
from tests.unit.test_boot import sys0

PID = 4711
CLOUDDEV = "chdev -l sys0 -a clouddev=1"


@pytest.fixture
def alive(monkeypatch: pytest.MonkeyPatch) -> Set[int]:
    """The processes there are, on a machine whose commands are none."""
    pids: Set[int] = set()
    monkeypatch.setattr(left_running, "lives", pids.__contains__)
    return pids


class Late:
    """The first ``line`` passes its deadline; it does its work before the first ``until`` that comes, if that comes.

    ran  the commands of all runs
    """

    def __init__(self, alive: Set[int], line: str, until: str = "-") -> None:
        self.alive, self.line, self.until = alive, line, until
        self.ran: List[str] = []
        self.held: List[Callable[[], Any]] = []

    def through(self, run_argv: Execute) -> Execute:
        def between(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            typed = " ".join((argv[0].rpartition("/")[2], *argv[1:]))
            if self.held and typed.startswith(self.until):
                self.ends()
            self.ran.append(typed)
            if typed.startswith(self.line) and not self.alive and self.ran.count(typed) == 1:
                self.alive.add(PID)
                self.held.append(lambda: run_argv(argv, environment, False, deadline))
                return Ran(argv, "stuck", -1, "", "", deadline, PID)
            return run_argv(argv, environment, killable, deadline)

        return between

    def ends(self) -> None:
        self.alive.clear()
        for work in self.held:
            work()
        self.held.clear()


def last(root: Root) -> Dict[str, Any]:
    made = report.read(root, report.runs(root)[-1])
    assert made is not None
    return made


def problems(root: Root) -> Dict[str, str]:
    return {problem["name"]: problem["why"] for problem in last(root)["problems"]}


def armed(root: Root) -> bool:
    stamp = gate.read_stamp(root.directory)
    return stamp is not None and stamp.phase == "armed"


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("left"))


def test_an_import_that_runs_on_is_not_run_beside_by_the_next_run(bench: Bench, alive: Set[int]) -> None:
    bench.put_back(bench.woken)
    late = Late(alive, "importvg")
    assert memory.apply(bench.lpar, late.through) == EXIT_UNFINISHED
    late.ran.clear()
    assert memory.apply(bench.lpar, late.through) == EXIT_UNFINISHED
    assert not [line for line in late.ran if line.startswith("importvg")]
    assert "(process 4711) still runs" in problems(bench.root)["step-lock-stuck"]
    assert "importvg" in problems(bench.root)["step-lock-stuck"]
    assert armed(bench.root)
    late.ends()
    assert memory.apply(bench.lpar) == EXIT_OK
    assert not armed(bench.root)


def test_the_next_run_waits_for_it_and_goes_on_from_what_it_has_done(
    bench: Bench, alive: Set[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.put_back(bench.woken)
    late = Late(alive, "importvg")
    assert memory.apply(bench.lpar, late.through) == EXIT_UNFINISHED
    looked: List[int] = []

    def lives(pid: int) -> bool:
        looked.append(pid)
        if len(looked) == 20:
            late.ends()
        return pid in alive

    monkeypatch.setattr(left_running, "lives", lives)
    late.ran.clear()
    assert memory.apply(bench.lpar, late.through) == EXIT_OK
    assert not [line for line in late.ran if line.startswith("importvg")], "its work was found done"
    bench.lpar.save()
    assert lpars.differences(bench.estate) == []


def test_undo_does_nothing_beside_it(bench: Bench, alive: Set[int]) -> None:
    bench.put_back(bench.woken)
    late = Late(alive, "importvg")
    assert memory.apply(bench.lpar, late.through) == EXIT_UNFINISHED
    late.ran.clear()
    assert bench.undo(late.through) == EXIT_UNFINISHED
    assert {"step-lock-stuck", "command-left-running"} <= set(problems(bench.root))
    changing = (
        "chdev",
        "rmdev",
        "umount",
        "varyoffvg",
        "exportvg",
        "importvg",
        "chitab",
        "uname -S",
        "bootlist -m normal h",
    )
    assert not [line for line in late.ran if line.startswith(changing)]
    late.ends()
    assert bench.undo() == EXIT_OK
    assert bench.left() == []


def test_a_run_that_is_complete_is_not_over_while_one_runs_on(bench: Bench, alive: Set[int]) -> None:
    """A hook of a run that was killed: the profile has taken it out since, and what it does is not over."""
    bench.put_back(bench.woken)
    journal = Path(bench.root.path("/var/adm/drboot/runs/20260101T000000-1/journal.jsonl"))
    journal.parent.mkdir(mode=0o700, parents=True)
    record = Journal(str(journal))
    record.append({"event": "run", "systemid": memory.identity(bench.lpar).systemid})
    argv = ["/etc/drboot/hooks/app-start"]
    record.append({"event": "started", "pid": PID, "argv": argv, "kind": "hook", "lock": "hooks", "at": "2026-01-01"})
    alive.add(PID)
    assert memory.apply(bench.lpar) == EXIT_UNFINISHED
    assert list(problems(bench.root)) == ["command-left-running"]
    assert {step["outcome"] for step in last(bench.root)["steps"]} <= {"done", "changed"}
    assert armed(bench.root)
    assert "app-start (process 4711) still runs" in memory.said(bench.lpar)
    alive.clear()
    assert memory.apply(bench.lpar) == EXIT_OK


# -- the request for the device reset


class Asking:
    """The DR LPAR of clouddev-at-dr as it woke."""

    def __init__(self, directory: Path) -> None:
        self.estate = lpars.built(directory, "clouddev-bootutil")
        memory.arm_at_home(self.estate)
        self.lpar = memory.wake(self.estate)
        self.root = Root(self.estate.dr.root)

    @property
    def clouddev(self) -> str:
        return sys0(self.lpar, "clouddev")


def test_a_reset_request_that_runs_on_keeps_it_armed_and_there_is_no_reboot(tmp_path: Path, alive: Set[int]) -> None:
    """Its work may come when the run is over, and then a later boot would reset a machine that nobody guards."""
    at_dr, late = Asking(tmp_path), Late(alive, CLOUDDEV)
    assert memory.apply(at_dr.lpar, late.through) == EXIT_UNFINISHED
    assert not [line for line in late.ran if line.startswith("shutdown")]
    assert late.ran.count("chdev -l sys0 -a clouddev=0") == 0, "nothing beside it"
    assert armed(at_dr.root)
    assert {"reset-request-stuck", "step-lock-stuck"} <= set(problems(at_dr.root))
    outcomes = {step["step"]: step["outcome"] for step in last(at_dr.root)["steps"]}
    assert outcomes.pop("device_flags/clouddev") == "blocked"
    assert outcomes.pop("device_flags/ghostdev") == "blocked"
    assert set(outcomes.values()) <= {"done", "changed"}, "plan B did all else"
    late.ends()
    assert at_dr.clouddev == "1"
    late.ran.clear()
    assert memory.apply(at_dr.lpar, late.through) == EXIT_OK
    assert (at_dr.clouddev, armed(at_dr.root)) == ("0", False)
    assert CLOUDDEV not in late.ran
    at_dr.lpar.save()
    assert lpars.differences(at_dr.estate) == []


@pytest.mark.parametrize("until", ["mount", "errpt"])
def test_a_reset_request_that_ends_late_is_taken_back(tmp_path: Path, alive: Set[int], until: str) -> None:
    at_dr, late = Asking(tmp_path), Late(alive, CLOUDDEV, until)
    assert memory.apply(at_dr.lpar, late.through) == EXIT_OK
    assert not [line for line in late.ran if line.startswith("shutdown")]
    assert late.ran[late.ran.index(CLOUDDEV) :].count("chdev -l sys0 -a clouddev=0") == 1
    assert (at_dr.clouddev, armed(at_dr.root)) == ("0", False)


def test_a_run_that_was_killed_while_it_asked_is_no_second_request(tmp_path: Path, alive: Set[int]) -> None:
    """The run is gone, and its chdev lives: whether the reset is asked for nobody can say, so plan B it is."""
    at_dr, late = Asking(tmp_path), Late(alive, CLOUDDEV)

    def killed(run_argv: Execute) -> Execute:
        through = late.through(run_argv)

        def between(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            ran = through(argv, environment, killable, deadline)
            if ran.outcome == "stuck":
                at_dr.lpar.gone = "killed"
            return ran

        return between

    with pytest.raises(Gone):
        memory.apply(at_dr.lpar, killed)
    at_dr.lpar.live_again()
    late.ran.clear()
    assert memory.apply(at_dr.lpar, late.through) == EXIT_UNFINISHED
    assert not [line for line in late.ran if line.startswith("shutdown") or line.startswith("chdev -l sys0")]
    assert last(at_dr.root)["path"] == "clouddev-at-dr, plan B"


# -- a reboot that does not come


def rebooting(at_dr: Asking, ran: Ran, by: str = "init") -> Tuple[int, CountedClock, List[str]]:
    """A run whose shutdown comes to this: its exit code, the time that it took, and its commands."""
    clock, typed = CountedClock(), []
    run_argv = memory.run_on(at_dr.lpar, clock)

    def between(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        typed.append(" ".join((argv[0].rpartition("/")[2], *argv[1:])))
        if typed[-1].startswith("shutdown"):
            clock.pass_by(ran.seconds)
            return replace(ran, argv=argv)
        return run_argv(argv, environment, killable, deadline)

    stamp, decision = memory.decide(at_dr.lpar)
    console = os.open(os.path.join(at_dr.lpar.machine.directory, "said"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        code = boot.run(at_dr.root.directory, stamp, decision, by, Console(console), between, clock)
    finally:
        os.close(console)
    return code, clock, typed


STUCK = Ran((), "stuck", -1, "", "", 600.0, PID)


def test_a_reboot_that_is_overdue_is_said_and_nothing_is_done_beside_shutdown(tmp_path: Path, alive: Set[int]) -> None:
    """A reboot in the middle of an importvg would be worse than none."""
    at_dr = Asking(tmp_path)
    alive.add(PID)
    code, clock, typed = rebooting(at_dr, STUCK)
    assert (code, last(at_dr.root)["outcome"], last(at_dr.root)["exit_code"]) == (4, "unfinished", 4)
    assert list(problems(at_dr.root)) == ["reboot-overdue"]
    assert gate.REBOOT_WAIT <= clock.now() < gate.REBOOT_WAIT + 100
    after = typed[typed.index("shutdown -Fr") + 1 :]
    assert [line for line in after if line.startswith("errlogger")] != []
    assert not [line for line in after if line.startswith(("chdev", "importvg", "rmdev"))]
    assert (at_dr.clouddev, armed(at_dr.root)) == ("1", True)
    said = " ".join(memory.said(at_dr.lpar).split())
    assert "restart the LPAR: shutdown -Fr" in said.replace("drboot: ", "")
    # somebody types drboot --apply while shutdown still runs: nothing again
    code, _, typed = rebooting(at_dr, STUCK, "operator")
    assert code == EXIT_UNFINISHED
    assert not [line for line in typed if line.startswith(("chdev", "importvg", "rmdev", "shutdown"))]
    assert armed(at_dr.root)


def test_a_shutdown_that_is_over_without_a_reboot_makes_it_plan_b(tmp_path: Path) -> None:
    at_dr = Asking(tmp_path)
    code, clock, typed = rebooting(at_dr, Ran((), "exited", 0, "", "", 1.0))
    assert code == EXIT_OK
    assert clock.now() >= gate.REBOOT_WAIT
    assert (typed.count("shutdown -Fr"), typed.count(CLOUDDEV)) == (1, 1)
    assert (at_dr.clouddev, armed(at_dr.root)) == ("0", False)
    made = last(at_dr.root)
    assert made["path"] == "clouddev-at-dr, plan B"
    assert any("did not come (exit status 0): plan B was taken" in note for note in made["notes"])
    said = " ".join(memory.said(at_dr.lpar).replace("drboot: ", "").split())
    assert "did not come within 900 s" in said
    assert "drboot goes on with plan B" in said
    assert "restart the LPAR" not in said, "it is in the middle of plan B"
    logged = [line for line in typed[typed.index("shutdown -Fr") :] if line.startswith("errlogger")]
    assert "did not come within 900 s (exit status 0): plan B is taken" in logged[0]
    assert "is up and verified" in logged[1]
    at_dr.lpar.save()
    assert lpars.differences(at_dr.estate) == []


def test_a_run_killed_after_its_reboot_was_refused_is_undone_with_the_one_that_went_on(tmp_path: Path) -> None:
    """Its report says that it reboots; but AIX has thrown nothing away, and plan B had begun."""
    at_dr = Asking(tmp_path)

    def refused_and_killed(run_argv: Execute) -> Execute:
        def between(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            if argv[0].endswith("/shutdown"):
                return Ran(argv, "exited", 1, "", "no", 0.1)
            if argv[0].endswith("/mktcpip"):
                at_dr.lpar.gone = "killed"
            return run_argv(argv, environment, killable, deadline)

        return between

    with pytest.raises(Gone):
        memory.apply(at_dr.lpar, refused_and_killed)
    assert last(at_dr.root)["outcome"] == "reboot"
    at_dr.lpar.live_again()
    assert memory.apply(at_dr.lpar) == EXIT_OK
    planned = undo.plan(at_dr.root, memory.identity(at_dr.lpar).systemid)
    assert [one.run for one in planned.runs] == report.runs(at_dr.root)[::-1]
    assert "undo/interface/en1" in {step.id for step in planned.steps}


def test_unless_something_that_it_has_started_still_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_running, "has_descendants", lambda pid: pid == PID)
    at_dr = Asking(tmp_path)
    code, _, typed = rebooting(at_dr, Ran((), "exited", 0, "", "", 1.0, PID))
    assert (code, list(problems(at_dr.root))) == (EXIT_UNFINISHED, ["reboot-overdue"])
    assert not [line for line in typed if line.startswith("importvg")]


def test_where_the_gate_is_gone_nothing_is_begun_in_a_machine_that_goes_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """init ends the gate first, and may be a while about the worker, which has a session of its own."""
    looks: List[int] = []
    monkeypatch.setattr(os, "getppid", lambda: looks.append(1) or (77 if len(looks) < 5 else 1))
    code, clock, typed = rebooting(Asking(tmp_path), Ran((), "exited", 0, "", "", 1.0))
    assert code == EXIT_REBOOT
    assert clock.now() < 60
    assert typed[typed.index("shutdown -Fr") + 1 :] == []


def test_an_operator_has_the_exit_code_at_once(tmp_path: Path) -> None:
    at_dr = Asking(tmp_path)
    code, clock, _ = rebooting(at_dr, Ran((), "exited", 0, "", "", 1.0), "operator")
    assert (code, last(at_dr.root)["outcome"]) == (EXIT_REBOOT, "reboot")
    assert clock.now() < gate.REBOOT_WAIT
