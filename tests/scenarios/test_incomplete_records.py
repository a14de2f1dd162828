"""/var is full: what a run could not record, undo never says to have brought back."""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Set, Tuple

import pytest

from drboot import files, journal, left_running, paths, report, unrecorded
from drboot.errors import DrbootError
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.inprocess import InProcess
from drboot.started import Started
from tests.scenarios import lpars, memory
from tests.scenarios.test_left_running import Late
from tests.scenarios.test_rehearse_and_undo import differing, moment, undone
from tests.scenarios.test_undo_attacked import Bench, Through


@pytest.fixture(scope="module")
def bench_of_all(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("unrecorded"))


@pytest.fixture
def bench(bench_of_all: Bench) -> Bench:
    bench_of_all.put_back(bench_of_all.woken)
    return bench_of_all


class Var:
    """/var, which gets full when a journal is to say ``since``, and has room again when it is to say ``until``."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        self.full = False
        self.since, self.until = b"", b"no such line"
        self._write = journal.Journal._write
        self._write_atomic = files.write_atomic

    def fills(self, since: str = "", until: str = "no such line", reports: bool = False) -> None:
        """reports  reports still fit"""
        self.full, self.since, self.until = not since, since.encode(), until.encode()
        var = self

        def write(self: journal.Journal, sync: bool) -> None:
            waiting = b"".join(self._unwritten)
            if var.since and var.since in waiting:
                var.full = True
            if var.until in waiting:
                var.full = False
            var.room(self.path)
            var._write(self, sync)

        def write_atomic(path: str, data: bytes, mode: Any = None) -> None:
            if not reports or "/report." not in path:
                var.room(path)
            var._write_atomic(path, data, mode)

        self.monkeypatch.setattr(journal.Journal, "_write", write)
        self.monkeypatch.setattr(files, "write_atomic", write_atomic)

    def room(self, path: str) -> None:
        if self.full and "/var/adm/drboot/" in path:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path)

    def has_room(self) -> None:
        self.full, self.since = False, b""


@pytest.fixture
def var(monkeypatch: pytest.MonkeyPatch) -> Iterator[Var]:
    made = Var(monkeypatch)
    yield made
    made.has_room()


def answering(program: str, rc: int) -> Through:
    def through(run_argv: Execute) -> Execute:
        def execute(argv: Any, environment: Any, killable: bool, deadline: float) -> Ran:
            if argv[0].endswith("/" + program) and len(argv) > 1:
                return Ran(argv, "exited", rc, "", "no", 0.1)
            return run_argv(argv, environment, killable, deadline)

        return execute

    return through


def names(made: Dict[str, Any]) -> List[str]:
    return [problem["name"] for problem in made["problems"]]


def refusal(of: Callable[[], object]) -> DrbootError:
    with pytest.raises(DrbootError, match="undo-record-damaged") as caught:
        of()
    assert caught.value.exit_code == 4
    return caught.value


def said(lpar: InProcess) -> str:
    """What the console showed, its lines joined."""
    return " ".join(line.partition("drboot: ")[2].strip() for line in memory.said(lpar).splitlines())


def journal_of(bench: Bench, run: str) -> Path:
    return Path(bench.root.path(f"{paths.RUNS}/{run}/journal.jsonl"))


@pytest.mark.parametrize("reports", [True, False])
def test_a_disaster_goes_on_and_undo_refuses_what_was_not_recorded(bench: Bench, var: Var, reports: bool) -> None:
    var.fills('"volume_groups/', reports=reports)
    assert memory.apply(bench.lpar) == 0
    bench.lpar.save()
    assert "error undo-not-safe" in said(bench.lpar)
    assert "cannot be undone by drboot" in Path(bench.root.path("/var/adm/ras/errlog")).read_text()
    run = report.runs(bench.root)[-1]
    if reports:
        assert bench.last["events"] > len(journal_of(bench, run).read_text().splitlines())
        assert "undo-not-safe" in names(bench.last)
    var.has_room()
    left = bench.left()
    told = refusal(bench.undo).problems[0]
    assert run in told.what
    assert ("importvg" in told.why) is reports, "what it changed is told as far as it is known"
    assert bench.left() == left, "half of the way back would be worse than none"


def test_a_run_of_which_nothing_is_left_in_var_is_not_forgotten(bench: Bench, var: Var) -> None:
    """The first run could not write one line; the second one, with room again, is whole."""
    var.fills()
    assert memory.apply(bench.lpar, answering("mount", 1)) == 4
    var.has_room()
    assert memory.apply(bench.lpar) == 0
    bench.lpar.save()
    assert os.listdir(bench.root.path(f"{paths.RUNS}/{report.runs(bench.root)[0]}")) == []
    refusal(bench.undo)
    assert "/etc/hosts" in " ".join(bench.left())


@pytest.mark.parametrize("since", ["", '"volume_groups/'])
def test_what_could_be_recorded_after_all_is_undone(bench: Bench, var: Var, since: str) -> None:
    var.fills(since, until='"verified"')
    assert memory.apply(bench.lpar) == 0
    bench.lpar.save()
    assert names(bench.last) == ([] if since else ["record-unwritable"])
    assert not os.path.exists(bench.root.path(paths.UNRECORDED))
    assert bench.undo() == 0
    assert bench.left() == []


def test_the_end_of_a_run_is_not_needed_to_undo_it(bench: Bench, var: Var) -> None:
    var.fills('"verified"', reports=True)
    assert memory.apply(bench.lpar) == 0
    bench.lpar.save()
    var.has_room()
    assert (names(bench.last), bench.last["notes"][-1].startswith("The end of this run")) == ([], True)
    assert bench.undo() == 0
    assert bench.left() == []


@pytest.mark.parametrize("keeps", ["journal.jsonl", "nothing"])
def test_a_journal_that_somebody_cleared_away_is_missed(bench: Bench, keeps: str) -> None:
    assert memory.apply(bench.lpar) == 0
    bench.lpar.save()
    run = report.runs(bench.root)[-1]
    for name in ("report.json", "report.html") if keeps == "nothing" else ():
        os.unlink(bench.root.path(f"{paths.RUNS}/{run}/{name}"))
    journal_of(bench, run).unlink()
    assert run in refusal(bench.undo).problems[0].what


def test_an_undo_begins_nothing_that_it_cannot_record(bench: Bench, var: Var) -> None:
    """What somebody wrote since would be in no journal, whatever the report says."""
    bench.put_back(bench.applied)
    hosts = Path(bench.root.path("/etc/hosts"))
    hosts.write_text(hosts.read_text() + "10.9.9.9 newhost\n")
    var.fills('"step": "undo/file/etc/hosts"', reports=True)
    assert bench.undo() == 4
    assert "10.9.9.9 newhost" in hosts.read_text()
    assert "record-unwritable" in names(bench.last)
    assert not [note for note in bench.last["notes"] if "in the journal of this undo" in note]
    assert lpars.stamp(bench.lpar.machine)["phase"] == "disarmed", "half undone, it is not armed again"
    var.has_room()
    assert bench.undo() == 0
    assert bench.left() == []
    assert "10.9.9.9 newhost" in journal_of(bench, bench.last["run"]).read_text()


# -- a rehearsal is there to be undone


@pytest.fixture
def rehearsal(tmp_path: Path) -> InProcess:
    """The rehearsal LPAR, just woken."""
    estate = lpars.built(tmp_path, "small")
    memory.arm_at_home(estate)
    estate.replicate()
    power_on(estate.reh)
    return InProcess(estate.reh)


def test_a_rehearsal_begins_nothing_that_is_not_on_record(rehearsal: InProcess, var: Var) -> None:
    """It is there to be undone: what was begun while there was room is, and the rest was not begun."""
    before = moment(rehearsal)
    var.fills('"step": "network/service", "title"', reports=True)
    assert memory.apply(rehearsal) == 4
    rehearsal.save()
    assert "it could not be undone" in said(rehearsal)
    made = lpars.last_report(rehearsal.machine)
    assert "undo-not-safe" not in names(made)
    outcomes = {step["step"]: step["outcome"] for step in made["steps"]}
    assert (outcomes["volume_groups/datavg/import"], outcomes["network/service"]) == ("changed", "blocked")
    var.has_room()
    assert undone(rehearsal) == 0
    assert list(differing(before.files, moment(rehearsal).files)) == []
    assert list(differing(before.world["odm"]["vgs"], moment(rehearsal).world["odm"]["vgs"])) == []


def test_a_rehearsal_keeps_away_from_production_all_the_same(rehearsal: InProcess, var: Var) -> None:
    """Production runs meanwhile: its addresses and crontabs are held back, recorded or not, and undo knows."""
    before = moment(rehearsal)
    flags = rehearsal.world["odm"]["attributes"]["sys0"]
    flags["ghostdev"] = "1"
    var.fills()
    assert memory.apply(rehearsal) == 4
    rehearsal.save()
    assert rehearsal.world["odm"]["attributes"].get("sys0", {}).get("ghostdev", "0") == "0"
    var.has_room()
    assert {"undo-not-safe", "record-unwritable"} <= set(said(rehearsal).replace(":", "").split())
    assert os.listdir(rehearsal.machine.root + "/var/adm/drboot/held/rehearsal/crontabs") == ["root"]
    assert list(differing(before.world["odm"]["vgs"], moment(rehearsal).world["odm"]["vgs"])) == []
    refusal(lambda: undone(rehearsal))


# -- what outlives a run that could not say so


def test_a_later_run_sees_a_process_that_no_journal_has(
    bench: Bench, var: Var, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive: Set[int] = set()
    monkeypatch.setattr(left_running, "lives", alive.__contains__)
    late = Late(alive, "importvg")
    var.fills()
    assert memory.apply(bench.lpar, late.through) == 4
    var.has_room()
    assert not [run for run in report.runs(bench.root)[:-1] if os.path.exists(journal_of(bench, run))]
    late.ran.clear()
    assert memory.apply(bench.lpar, late.through) == 4
    assert not [line for line in late.ran if line.startswith("importvg")]
    assert '"lock": "importvg"' in Path(bench.root.path(paths.STARTED)).read_text()
    late.ends()
    assert memory.apply(bench.lpar) == 0
    assert not os.path.exists(bench.root.path(paths.STARTED))


def _nobody(event: str, **keys: object) -> None:
    """Who is told of nothing."""


@pytest.mark.parametrize("has_room", [False, True])
def test_a_process_is_kept_in_etc_from_its_start_to_its_end(tmp_path: Path, var: Var, has_room: bool) -> None:
    (tmp_path / "etc/drboot").mkdir(parents=True)
    root, log = paths.Root(str(tmp_path)), journal.Journal(str(tmp_path / "var/adm/drboot/runs/R1/journal.jsonl"))
    if not has_room:
        var.fills()
    log.append({"event": "run", "systemid": "0211D11C1"})
    kept = Started(root, "0211D11C1", log, _nobody)
    pid = os.getpgrp()
    argv = (sys.executable, "-m", "pytest")
    kept.add(pid, argv, "importvg", "importvg")
    runner = Runner(root, run_argv=lambda argv, environment, killable, deadline: Ran(argv, "missing", 127, "", "", 0.0))

    def found() -> List[Tuple[int, str]]:
        writers = left_running.earlier(Seen(runner), "0211D11C1", "R2", runner.deadlines)
        return [(writer.pid, writer.lock) for writer in writers]

    assert found() == ([] if has_room else [(pid, "importvg")])
    Started(root, "0211D11C1", log, _nobody).only([pid])
    assert os.path.exists(root.path(paths.STARTED)) is not has_room
    kept.over(pid)
    assert os.listdir(tmp_path / "etc/drboot") == []


def test_a_damaged_file_of_processes_is_no_bug_of_ours(tmp_path: Path) -> None:
    (tmp_path / "etc/drboot").mkdir(parents=True)
    root = paths.Root(str(tmp_path))
    path = Path(root.path(paths.STARTED))
    path.write_bytes(b'\xff\n[]\n7\n{"pid": []}\n{"pid": 4}\n')
    path.chmod(0o600)
    kept = Started(root, "0211D11C1", journal.Journal(str(tmp_path / "journal.jsonl")), _nobody)
    kept.only([4])
    assert path.read_text() == '{"pid": 4}\n'
    kept.over(4)
    assert not path.exists()


# -- the file in /etc


def test_lines_of_another_event_count_for_nobody(tmp_path: Path) -> None:
    (tmp_path / "etc/drboot").mkdir(parents=True)
    root = paths.Root(str(tmp_path))
    assert unrecorded.runs(root, "A/1") == ()
    unrecorded.add(root, "A/1", "R1")
    unrecorded.add(root, "A/1", "R2")
    unrecorded.add(root, "A/1", "R2")
    assert unrecorded.runs(root, "A/1") == ("R1", "R2")
    assert unrecorded.runs(root, "B/1") == ()
    unrecorded.drop(root, "R1")
    assert unrecorded.runs(root, "A/1") == ("R2",)
    unrecorded.add(root, "B/1", "R3")
    assert unrecorded.runs(root, "A/1") == ()
    unrecorded.drop(root, "R3")
    assert os.listdir(tmp_path / "etc/drboot") == []


def test_a_damaged_file_in_etc_is_no_bug_of_ours(tmp_path: Path) -> None:
    (tmp_path / "etc/drboot").mkdir(parents=True)
    root = paths.Root(str(tmp_path))
    unrecorded.add(root, "A/1", "R1")
    path = Path(root.path(paths.UNRECORDED))
    path.write_bytes(path.read_bytes() + b"A/1 R\xff2\n\xfe\n")
    unrecorded.add(root, "A/1", "R3")
    assert {"R1", "R3"} <= set(unrecorded.runs(root, "A/1"))
    unrecorded.drop(root, "R1")
    assert "R1" not in unrecorded.runs(root, "A/1")
