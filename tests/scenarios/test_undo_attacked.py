"""Undo that is interrupted, refused, tampered with, or asked for when it should not be."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Tuple

import pytest

from drboot import report, undo
from drboot.clock import CountedClock
from drboot.errors import EXIT_BUG, EXIT_UNFINISHED, Busy, ConfigError
from drboot.interrupt import Stop
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.inprocess import Gone, InProcess
from drboot.verification import Verification
from tests.faults.bed import Snapshot
from tests.scenarios import lpars, memory
from tests.scenarios.test_rehearse_and_undo import Moment, differing, moment

Through = Callable[[Execute], Execute]


def plainly(run_argv: Execute) -> Execute:
    return run_argv


class Bench:
    """The DR LPAR of the small estate, put back as it woke, or as its run left it."""

    def __init__(self, directory: Path) -> None:
        self.estate = lpars.built(directory, "small")
        memory.arm_at_home(self.estate)
        self.estate.replicate()
        power_on(self.estate.dr)
        self.lpar = InProcess(self.estate.dr)
        self.lpar.save()
        self.root = Root(self.estate.dr.root)
        self.woken = Snapshot(self.estate.directory)
        self.before = moment(self.lpar)
        assert memory.apply(self.lpar) == 0
        self.lpar.save()
        self.run = report.runs(self.root)[-1]
        self.applied = Snapshot(self.estate.directory)

    def put_back(self, snapshot: Snapshot) -> None:
        snapshot.restore()
        self.lpar = InProcess(self.estate.dr)

    def undo(self, through: Through = plainly, name: str = "", stop: Optional[Stop] = None) -> int:
        clock = CountedClock()
        run_argv = through(memory.run_on(self.lpar, clock))
        systemid = memory.identity(self.lpar).systemid
        try:
            return undo.run(self.root, systemid, name, run_argv=run_argv, clock=clock, stop=stop)
        finally:
            self.lpar.save()

    @property
    def last(self) -> Dict[str, Any]:
        made = report.read(self.root, report.runs(self.root)[-1])
        assert made is not None
        return made

    def left(self) -> List[str]:
        """What is not as it was before the run; what the ARP table and the boot list have learnt may stay."""
        return [
            where for where in _differing(self.before, moment(self.lpar)) if where not in ("/arp", "/bootlist/normal")
        ]


def _differing(before: Moment, now: Moment) -> Iterator[str]:
    yield from differing(before.files, now.files)
    for part in ("odm", "kernel", "firmware"):
        yield from differing(before.world[part], now.world[part])


@pytest.fixture(scope="module")
def bench_of_all(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("undo"))


@pytest.fixture
def bench(bench_of_all: Bench) -> Bench:
    bench_of_all.put_back(bench_of_all.applied)
    return bench_of_all


def killed_at(bench: Bench, number: int, after: bool) -> Through:
    """Whoever runs commands dies at this one, before or after it."""
    asked: List[int] = []

    def through(run_argv: Execute) -> Execute:
        def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            asked.append(1)
            if len(asked) == number and not after:
                bench.lpar.gone = "killed"
            ran = run_argv(argv, environment, killable, deadline)
            if len(asked) == number:
                bench.lpar.gone = "killed"
                raise Gone("killed")
            return ran

        return execute

    return through


def commands_of(run: Callable[[Through], object]) -> int:
    """How many commands it takes when nobody disturbs it."""
    asked: List[int] = []

    def through(run_argv: Execute) -> Execute:
        def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            asked.append(1)
            return run_argv(argv, environment, killable, deadline)

        return execute

    run(through)
    return len(asked)


@pytest.fixture(scope="module")
def of_undo(bench_of_all: Bench) -> int:
    bench_of_all.put_back(bench_of_all.applied)
    return commands_of(bench_of_all.undo)


@pytest.fixture(scope="module")
def of_apply(bench_of_all: Bench) -> int:
    bench_of_all.put_back(bench_of_all.woken)
    return commands_of(lambda through: memory.apply(bench_of_all.lpar, through))


@pytest.mark.parametrize("part", (0.1, 0.4, 0.7, 0.98))
@pytest.mark.parametrize("after", [False, True])
def test_undo_that_is_killed_goes_on_where_it_was(of_undo: int, bench: Bench, part: float, after: bool) -> None:
    with pytest.raises(Gone):
        bench.undo(killed_at(bench, round(part * of_undo), after))
    bench.lpar.live_again()
    assert bench.undo() == 0
    assert bench.left() == []


def test_a_bug_in_undo_ends_in_a_report_and_the_next_one_goes_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Verification, "of", lambda *_: 1 / 0)
        assert bench.undo() == EXIT_BUG
    assert (bench.last["outcome"], bench.last["exit_code"]) == ("not-undone", EXIT_BUG)
    assert [problem["name"] for problem in bench.last["problems"]] == ["internal-error"]
    assert bench.undo() == 0
    assert bench.left() == []


def test_undo_that_is_stopped_ends_in_a_report_and_goes_on_the_next_time(bench: Bench) -> None:
    stop = Stop()

    def through(run_argv: Execute) -> Execute:
        def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            stop.asked = "SIGTERM" if argv[0].endswith("/umount") else stop.asked
            return run_argv(argv, environment, killable, deadline)

        return execute

    assert bench.undo(through, stop=stop) == EXIT_UNFINISHED
    assert (bench.last["outcome"], bench.last["exit_code"]) == ("not-undone", EXIT_UNFINISHED)
    assert any("stopped by SIGTERM" in note for note in bench.last["notes"])
    assert bench.left()
    assert bench.undo() == 0
    assert bench.left() == []


@pytest.mark.parametrize(("part", "after"), [(0.6, True), (0.8, False), (0.98, True)])
@pytest.mark.parametrize("resumed", [False, True])
def test_a_run_that_was_killed_is_undone_resumed_or_not(
    of_apply: int, bench: Bench, part: float, after: bool, resumed: bool
) -> None:
    bench.put_back(bench.woken)
    with pytest.raises(Gone):
        memory.apply(bench.lpar, killed_at(bench, round(part * of_apply), after))
    bench.lpar.live_again()
    if resumed:
        assert memory.apply(bench.lpar) == 0
    assert bench.undo() == 0
    assert bench.left() == []


def answering(line: str, rc: int, text: str) -> Through:
    def through(run_argv: Execute) -> Execute:
        def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            if " ".join((argv[0].rpartition("/")[2], *argv[1:])) == line:
                return Ran(argv, "exited", rc, "", text, 0.1)
            return run_argv(argv, environment, killable, deadline)

        return execute

    return through


def test_a_file_system_in_use_stays_and_is_named_and_a_later_undo_goes_on(bench: Bench) -> None:
    busy = "umount: 0506-349 Cannot unmount /dev/dblv: The requested resource is busy.\n"
    assert bench.undo(answering("umount /data/db", 1, busy)) == 4
    failed = {step["step"]: step["problem"] for step in bench.last["steps"] if step["problem"]}
    records = ["undo/file/var/adm/drboot/state.json", "undo/file/etc/drboot/armed"]
    left = ["undo/mount/data/db", "undo/mount/data", "undo/varyon/datavg", "undo/import/datavg"]
    assert list(failed) == left + records, "what is half undone is not armed again"
    assert "0506-349" in failed["undo/mount/data/db"]["why"]
    assert "NOT as it was" in report.headline(bench.last)
    of_disks = {where.split("/")[1] for where in bench.left() if not where.endswith(("/armed", "/state.json"))}
    assert of_disks <= {"vgs", "mounts", "varied_on"}
    assert bench.undo() == 0
    assert bench.left() == []
    with pytest.raises(ConfigError, match="nothing-to-undo"):
        bench.undo()


def test_what_somebody_wrote_into_a_file_since_is_said_and_kept_in_the_journal(bench: Bench) -> None:
    with open(bench.root.path("/etc/hosts"), "a", encoding="utf-8") as hosts:
        hosts.write("10.9.9.9 newhost\n")
    seen = Seen(Runner(bench.root, run_argv=memory.run_on(bench.lpar)))
    assert undo.plan(bench.root, memory.identity(bench.lpar).systemid).edited(seen) == ("/etc/hosts",)
    assert bench.undo() == 0
    assert bench.left() == []
    assert [note for note in bench.last["notes"] if "changed after the run" in note] == [
        "/etc/hosts was changed after the run: what it said is in the journal of this undo."
    ]
    journal = bench.root.path(f"/var/adm/drboot/runs/{bench.last['run']}/journal.jsonl")
    assert "10.9.9.9 newhost" in Path(journal).read_text()


def test_what_could_not_be_read_before_is_no_success(bench: Bench) -> None:
    """The address stays on the wire: then nothing is as it was before."""
    bench.put_back(bench.woken)
    memory.apply(bench.lpar, answering("lsattr -El en0 -a mtu -F value", 1, "0514-000"))
    assert bench.undo() == 4
    assert "undo-not-recorded" in [problem["name"] for problem in bench.last["problems"]]
    assert "NOT as it was" in report.headline(bench.last)


def test_two_at_once_are_refused(bench: Bench) -> None:
    """The lock is one of processes: the other one is a real one."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"""
import sys, time
sys.path[:0] = {sys.path!r}
from drboot import lock
from drboot.paths import Root
from drboot.profile.load import load
with lock.held(Root({bench.root.directory!r})):
    print("held", flush=True)
    time.sleep(60)
"""],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(Busy):
            bench.undo()
    finally:
        process.kill()
        process.communicate()
    assert "/etc/hosts" in "".join(bench.left())


def test_at_home_there_is_nothing_to_undo(bench: Bench) -> None:
    ran: List[Any] = []
    home = load(bench.root).sites["home"].systemids[0]
    with pytest.raises(ConfigError, match="nothing-to-undo"):
        undo.run(bench.root, home, run_argv=lambda *args: ran.append(args))  # type: ignore[arg-type,func-returns-value]
    assert ran == []
