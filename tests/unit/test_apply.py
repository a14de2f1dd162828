"""The scheduler: what runs when, what a failure blocks, what counts as success."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Callable, ClassVar, Collection, Dict, List, Mapping, Optional, Sequence, Set, Tuple

import pytest

from drboot.apply import Apply, verify
from drboot.clock import Clock, CountedClock
from drboot.errors import FactUnavailable, Problem
from drboot.interrupt import Stop
from drboot.left_running import LeftRunning
from drboot.paths import Root
from drboot.results import BLOCKED, CHANGED, DONE, FAILED, Result
from drboot.runner import Ran, Runner, command
from drboot.seen import Seen
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Later, Move, Retry, Step, Todo, Write
from drboot.verification import Verification, once_more


def _nobody(event: str, **keys: object) -> None:
    """Who is told of nothing."""


class World:
    """What the commands of these tests change: names that are so."""

    def __init__(
        self, root: str, lies: Tuple[str, ...] = (), fails: Tuple[str, ...] = (), stuck: Tuple[str, ...] = ()
    ) -> None:
        self.root = Root(root)
        self.so: set[str] = set()
        self.lies, self.fails, self.stuck = lies, fails, stuck
        self.ran: List[str] = []
        self.at_once = 0
        self.most_at_once = 0
        self.guard = threading.Lock()
        self.events: List[Tuple[str, Dict[str, Any]]] = []

    def execute(self, argv: Tuple[str, ...], _e: Mapping[str, str], _k: bool, _d: float) -> Ran:
        name = argv[-1]
        with self.guard:
            self.ran.append(name)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        threading.Event().wait(0.01)
        with self.guard:
            self.at_once -= 1
        if name in self.stuck:
            return Ran(argv, "stuck", -1, "", "", 9.0, 4711)
        if name not in self.lies:
            self.so.add(name)
        return Ran(argv, "exited", 1 if name in self.fails else 0, "", "0516-000 said so", 0.01)

    def apply(
        self, *steps: Step, clock: Optional[Clock] = None, left: Optional[LeftRunning] = None
    ) -> Dict[str, Result]:
        runner = Runner(self.root, run_argv=self.execute)
        seen = Seen(runner)
        made = Apply(
            steps, seen, runner, lambda event, **keys: self.events.append((event, keys)), clock=clock or CountedClock(),
            left=left or LeftRunning(),
        )  # fmt: skip
        return {result.step: result for result in made.run()}


class Sleepy(CountedClock):
    """Counted time that remembers each pause, and does something in it."""

    def __init__(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        super().__init__()
        self.slept: List[float] = []
        self.meanwhile = meanwhile

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        self.slept.append(seconds)
        self.meanwhile()


@dataclass(frozen=True)
class Plain(Step):
    """It is so when its name is."""

    world: World
    name: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    at: str = "here:1"
    retry: Optional[Retry] = None
    instead: Tuple[Action, ...] = ()

    @property
    def id(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        return f"make {self.name}"

    def assess(self, seen: Seen) -> Assessment:
        if self.name in self.world.so:
            return Done(f"{self.name} is so")
        return Todo((command("chdev", self.name),), f"{self.name} is not so", self.retry, self.instead)

    def undo(self, seen: Seen) -> Back:
        return Back((), f"{self.name} stays so")


def test_F35_a_command_that_lasts_is_mentioned_again_and_again(tmp_path: Path) -> None:
    world = World(str(tmp_path))

    def slowly(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        threading.Event().wait(0.35)
        return world.execute(argv, environment, killable, deadline)

    runner = Runner(Root(str(tmp_path)), run_argv=slowly)
    told: List[Tuple[str, Dict[str, Any]]] = []
    Apply((Plain(world, "fsck"),), Seen(runner), runner, lambda event, **keys: told.append((event, keys)),
          still_every=0.1).run()  # fmt: skip
    still = [keys for event, keys in told if event == "still"]
    assert 1 <= len(still) <= 3
    assert (still[0]["title"], still[0]["action"]) == ("make fsck", "chdev fsck")
    assert still[-1]["seconds"] >= 0.1


@dataclass(frozen=True)
class Locked(Plain):
    lock: ClassVar[str] = "importvg"


@dataclass(frozen=True)
class Answers(Plain):
    """Gives these answers in turn, the last one for ever."""

    answers: Tuple[Any, ...] = ()
    given: List[int] = field(default_factory=list)

    def assess(self, seen: Seen) -> Assessment:
        self.given.append(1)
        answer = self.answers[min(len(self.given), len(self.answers)) - 1]
        if isinstance(answer, Exception):
            raise answer
        made: Assessment = answer
        return made


def test_done_before_is_not_run(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    world.so.add("a")
    results = world.apply(Plain(world, "a"), Plain(world, "b"))
    assert (results["a"].outcome, results["b"].outcome) == (DONE, CHANGED)
    assert world.ran == ["b"]


def test_what_is_needed_comes_first_whatever_the_order(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    world.apply(Plain(world, "c", needs=("b",)), Plain(world, "b", after=("a",)), Plain(world, "a"))
    assert world.ran == ["a", "b", "c"]


def test_a_failure_blocks_only_what_needs_it(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",), fails=("a",))
    results = world.apply(
        Plain(world, "a"), Plain(world, "b", needs=("a",)), Plain(world, "c", needs=("b",)), Plain(world, "d"),
        Plain(world, "e", after=("a", "b")),
    )  # fmt: skip
    assert {name: result.outcome for name, result in results.items()} == {
        "a": FAILED, "b": BLOCKED, "c": BLOCKED, "d": CHANGED, "e": CHANGED,
    }  # fmt: skip
    problem = results["a"].problem
    assert problem is not None
    assert (problem.name, problem.where) == ("command-failed", "here:1")
    assert "0516-000" in problem.why
    blocked = results["c"].problem
    assert blocked is not None
    assert blocked.name == "step-needs-failed"


def test_a_command_that_lies_is_a_failure(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",))
    problem = world.apply(Plain(world, "a"))["a"].problem
    assert problem is not None
    assert problem.name == "step-without-effect"
    assert world.ran == ["a"]


def test_noise_and_success_is_a_success_with_a_warning(tmp_path: Path) -> None:
    world = World(str(tmp_path), fails=("a",))
    result = world.apply(Plain(world, "a"))["a"]
    assert (result.outcome, result.problem) == (CHANGED, None)
    assert "0516-000" in result.warnings[0]


def test_instead_is_tried_once_when_the_actions_fail(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",), fails=("a",))
    world.apply(Plain(world, "a", instead=(command("chdev", "b"), command("chdev", "a"))))
    assert world.ran == ["a", "b", "a"]
    kept = World(str(tmp_path))
    kept.apply(Plain(kept, "a", instead=(command("chdev", "b"),)))
    assert kept.ran == ["a"]


def test_steps_with_one_lock_never_run_together_and_others_do(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    world.apply(*(Locked(world, f"vg{n}") for n in range(5)))
    assert world.most_at_once == 1
    assert world.ran == [f"vg{n}" for n in range(5)]
    free = World(str(tmp_path))
    free.apply(*(Plain(free, f"x{n}") for n in range(12)))
    assert 1 < free.most_at_once <= 6


def test_a_stuck_writer_keeps_its_lock_and_the_rest_goes_on(tmp_path: Path) -> None:
    world = World(str(tmp_path), stuck=("vg0",))
    results = world.apply(
        Locked(world, "vg0"), Locked(world, "vg1"), Plain(world, "x"), Plain(world, "y", needs=("vg0",))
    )
    assert {name: result.outcome for name, result in results.items()} == {
        "vg0": FAILED, "vg1": BLOCKED, "x": CHANGED, "y": BLOCKED,
    }  # fmt: skip
    stuck, waiting = results["vg0"].problem, results["vg1"].problem
    assert stuck is not None
    assert waiting is not None
    assert (stuck.name, waiting.name) == ("command-stuck", "step-lock-stuck")
    assert "4711" in stuck.why
    assert "make vg0: chdev vg0 did not come back (still running as process 4711" in waiting.why


def test_looking_again_is_bounded_and_slows_down(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",))
    clock = Sleepy()
    step = Plain(world, "a", retry=Retry(60.0, 2.0, 16.0))
    assert world.apply(step, clock=clock)["a"].outcome == FAILED
    assert clock.slept == [2.0, 4.0, 8.0, 16.0, 16.0]


def test_what_comes_late_is_found(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",))
    clock = Sleepy(lambda: world.so.add("a"))
    assert world.apply(Plain(world, "a", retry=Retry(60.0)), clock=clock)["a"].outcome == CHANGED
    assert [event for event, _ in world.events if event == "waiting"]


def test_facts_that_cannot_be_read_and_bugs_take_nobody_down(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    unreadable = FactUnavailable(Problem("fact-unavailable", "lspv gave no answer"))
    later = Later("a", ("importvg",), "known later")
    results = world.apply(
        Answers(world, "facts", answers=(unreadable,)), Answers(world, "bug", answers=(KeyError("x"),)),
        Answers(world, "later", answers=(later,)), Answers(world, "no", answers=(Blocked(Problem("p", "w")),)),
        Plain(world, "fine"),
    )  # fmt: skip
    found = {name: (r.outcome, r.problem.name if r.problem else "") for name, r in results.items()}
    assert found == {
        "facts": (BLOCKED, "fact-unavailable"), "bug": (FAILED, "internal-error"), "later": (BLOCKED, "step-not-ready"),
        "no": (BLOCKED, "p"), "fine": (CHANGED, ""),
    }  # fmt: skip
    assert [keys["traceback"] for event, keys in world.events if event == "bug"]


def test_a_step_that_is_undone_under_our_hands_does_not_run_for_ever(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    swing = Answers(world, "a", answers=tuple(Todo((command("chdev", str(n)),), "swings") for n in range(100)))
    result = world.apply(swing)["a"]
    assert result.outcome == FAILED
    assert len(world.ran) < 20


def test_a_circle_is_a_bug_and_said_so(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    with pytest.raises(ValueError, match="circle: a, b"):
        world.apply(Plain(world, "a", needs=("b",)), Plain(world, "b", needs=("a",)))


def test_files_are_written_and_moved(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    (tmp_path / "old").write_text("x")
    (tmp_path / "etc").mkdir()
    write = Todo((Write("/etc/hosts", "127.0.0.1 loopback\n"), Move("/old", "/held/old")), "not there")
    assert world.apply(Answers(world, "a", answers=(write, Done("there"))))["a"].outcome == CHANGED
    assert (tmp_path / "etc/hosts").read_text() == "127.0.0.1 loopback\n"
    assert (tmp_path / "held/old").read_text() == "x"
    written = [keys for event, keys in world.events if event == "write"]
    assert [(keys["path"], keys["before"], keys["after"]) for keys in written] == [
        ("/etc/hosts", None, "127.0.0.1 loopback\n")
    ]
    bad = Todo((Move("/nothing", "/held/other"),), "not there")
    problem = world.apply(Answers(world, "b", answers=(bad,)))["b"].problem
    assert problem is not None
    assert problem.name == "file-not-written"


def test_verify_reads_everything_afresh(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    step = Plain(world, "a")
    seen = Seen(Runner(world.root, run_argv=world.execute))
    assert isinstance(verify((step,), seen)[0][1], Todo)
    world.so.add("a")
    assert isinstance(verify((step,), seen)[0][1], Done)


@dataclass(frozen=True)
class Awaited(Locked):
    """What cfgmgr may find: every one of them runs the same command."""

    def assess(self, seen: Seen) -> Assessment:
        if self.name in self.world.so:
            return Done(f"{self.name} is so")
        return Todo((command("cfgmgr", "look"),), f"{self.name} is not there", Retry(60.0, 2.0))


def test_who_waits_holds_no_lock_and_no_place(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    clock = Sleepy(lambda: world.so.add("missing"))
    steps = Awaited(world, "missing"), *(Locked(world, name) for name in "abcdefgh")
    results = world.apply(*steps, clock=clock)
    assert {result.outcome for result in results.values()} == {CHANGED}
    over = [keys["step"] for event, keys in world.events if event == "step"]
    assert over[-1] == "missing"
    assert clock.slept == [2.0]


def test_one_look_serves_all_who_wait(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    clock = Sleepy(lambda: world.so.update(("a", "b", "c")) if clock.now() >= 6.0 else None)
    results = world.apply(*(Awaited(world, name) for name in "abc"), clock=clock)
    assert {result.outcome for result in results.values()} == {CHANGED, DONE}
    assert world.ran == ["look"] * 2  # at 0 s, and at 2 s; at 6 s they are there


@dataclass(frozen=True)
class WaitsForLock(Locked):
    """Runs a look that succeeds and finds nothing."""

    def assess(self, seen: Seen) -> Assessment:
        return Todo((command("cfgmgr", "find"),), "not there", Retry(600.0, 5.0))


def test_a_lock_that_is_stuck_stops_those_who_wait_as_well(tmp_path: Path) -> None:
    world = World(str(tmp_path), stuck=("hangs",))
    results = world.apply(WaitsForLock(world, "waits"), Locked(world, "hangs"))
    problem = results["waits"].problem
    assert (results["waits"].outcome, problem and problem.name) == (FAILED, "step-lock-stuck")
    assert world.ran.count("find") == 1


@dataclass(frozen=True)
class Settles(Plain):
    """So from the beginning, until the clock says ``until``."""

    clock: CountedClock = field(default_factory=CountedClock)
    until: float = 1e9
    watches: ClassVar[frozenset[str]] = frozenset({"errlog"})

    @property
    def settle(self) -> float:
        return 15.0

    def assess(self, seen: Seen) -> Assessment:
        if self.name in self.world.so:
            return Blocked(Problem("duplicate", "somebody else has it"))
        if self.clock.now() < self.until:
            return Done("nobody else has it")
        return Todo((command("ifconfig", self.name),), "somebody else has it")


def test_what_has_to_stay_so_is_watched_before_it_is_believed(tmp_path: Path) -> None:
    world, clock = World(str(tmp_path)), Sleepy()
    after = Plain(world, "routes", needs=("alone",))
    results = world.apply(Settles(world, "alone", clock=clock), after, clock=clock)
    assert [result.outcome for result in results.values()] == [DONE, CHANGED]
    assert sum(clock.slept) == 15.0


def test_what_does_not_stay_so_blocks_what_needs_it(tmp_path: Path) -> None:
    world, clock = World(str(tmp_path)), Sleepy()
    after = Plain(world, "routes", needs=("alone",))
    results = world.apply(Settles(world, "alone", clock=clock, until=10.0), after, clock=clock)
    assert [result.outcome for result in results.values()] == [FAILED, BLOCKED]
    assert world.ran == ["alone"]  # taken down, and nothing else


@dataclass(frozen=True)
class Flaps(Settles):
    """What it does shows after 4 s, and is gone again for a while before it stays."""

    def assess(self, seen: Seen) -> Assessment:
        now = self.clock.now()
        if 4.0 <= now < 8.0 or now >= self.until:
            return Done("so")
        return Todo((command("ifconfig", self.name),), "not so", within=100.0)


def test_what_was_not_so_in_between_has_to_stay_so_anew(tmp_path: Path) -> None:
    world, clock = World(str(tmp_path)), Sleepy()
    assert world.apply(Flaps(world, "a", clock=clock, until=12.0), clock=clock)["a"].outcome == CHANGED
    assert clock.now() >= 12.0 + 15.0


def test_how_to_undo_is_on_record_before_anything_is_done(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    world.so.add("b")
    world.apply(Plain(world, "a"), Plain(world, "b"))
    names = [event for event, keys in world.events if keys.get("step") == "a"]
    assert names[:3] == ["undo", "begin", "action"]
    assert [keys["step"] for event, keys in world.events if event == "undo"] == ["a"]


@dataclass(frozen=True)
class Unreadable(Plain):
    def undo(self, seen: Seen) -> Back:
        raise FactUnavailable(Problem("fact-unavailable", "lsattr gave no answer"))


def test_what_cannot_be_read_cannot_be_brought_back_and_the_record_says_so(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    assert world.apply(Unreadable(world, "a"))["a"].outcome == CHANGED
    (lost,) = [keys["lost"] for event, keys in world.events if event == "undo"]
    assert lost == "what was there before could not be read: lsattr gave no answer"


def judged(world: World, *steps: Step, clock: Optional[Clock] = None) -> Tuple[Dict[str, Result], List[str]]:
    """The results after verification, and the steps that were taken once more."""
    first = tuple(world.apply(*steps, clock=clock).values())
    again: List[str] = []

    def once_more(chosen: Sequence[Step]) -> Sequence[Result]:
        again.extend(step.id for step in chosen)
        return tuple(world.apply(*chosen).values())

    seen = Seen(Runner(world.root, run_argv=world.execute))
    verification = Verification(partial(verify, seen=seen), once_more, _nobody, LeftRunning())
    found = verification.of(steps, first)
    return {result.step: result for result in found}, again


UNREAD = FactUnavailable(Problem("fact-unavailable", "lsattr gave no answer", "", "killed after 30 s"))


def test_what_was_not_tried_for_a_reason_that_is_gone_is_tried_after_all(tmp_path: Path) -> None:
    """lsattr hangs once: the fence is blocked, and with it the whole network, on a machine that is all right."""
    world = World(str(tmp_path))
    fence = Answers(world, "fence", answers=(UNREAD, Done("nothing on the wire")))
    steps = (Plain(world, "route", needs=("address",)), Plain(world, "address", needs=("fence",)), fence)
    first = world.apply(*steps)
    assert {first[name].outcome for name in first} == {BLOCKED}
    fence.given.clear()
    results, again = judged(world, *steps)
    assert {result.outcome for result in results.values()} == {CHANGED}
    assert again == ["route", "address"]
    assert world.ran == ["address", "route"]


@dataclass(frozen=True)
class Passing(Answers):
    lasting: ClassVar[bool] = False


def test_what_is_asked_only_in_its_turn_is_asked_when_it_had_none(tmp_path: Path) -> None:
    """Whether somebody else has the address is asked before it is taken, also when that is in the second round."""
    world = World(str(tmp_path))
    fence = Answers(world, "fence", answers=(UNREAD, Done("nothing on the wire")))
    unused = Passing(world, "unused", needs=("fence",), answers=(Done("nobody answered"),))
    results, again = judged(world, fence, unused, Plain(world, "address", needs=("unused",)))
    assert again == ["unused", "address"]
    assert {result.outcome for result in results.values()} == {CHANGED, DONE}
    somebody = Blocked(Problem("address-in-use", "another machine has it"))
    taken = Passing(world, "unused", answers=(somebody,))
    results, again = judged(world, taken, Plain(world, "b", needs=("unused",)))
    assert (again, results["b"].outcome) == ([], BLOCKED)


@dataclass(frozen=True)
class OnVlan(Plain):
    """Blocked until the device is there that it comes after; what is set of it is all right as long as it is not."""

    if_absent: Any = None

    def assess(self, seen: Seen) -> Assessment:
        return super().assess(seen) if "device" in self.world.so else self.if_absent


def test_what_comes_after_a_step_that_is_taken_only_now_has_its_turn_after_it(tmp_path: Path) -> None:
    """An EtherChannel is made in the second round: so are the VLAN device over it, its address and its attributes."""
    world = World(str(tmp_path))
    fence = Answers(world, "fence", answers=(UNREAD, Done("nothing on the wire")))
    device = Plain(world, "device", needs=("fence",))
    absent = Blocked(Problem("adapter-not-found", "vlan:410 is no adapter"))
    address = OnVlan(world, "address", after=("device",), if_absent=absent)
    attributes = OnVlan(world, "attributes", after=("device",), if_absent=Done("as at home on 0 devices"))
    other = Plain(world, "other")
    results, again = judged(world, fence, device, address, attributes, other)
    assert again == ["device", "address", "attributes"]
    assert {result.outcome for result in results.values()} == {CHANGED}


def test_what_could_not_be_read_between_two_of_its_commands_goes_on(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    first, second = (Todo((command("chdev", name),), "not so") for name in ("one", "two"))
    step = Answers(world, "device", answers=(first, UNREAD, second, second, Done("it is made")))
    results, again = judged(world, step)
    assert (again, results["device"].outcome, world.ran) == (["device"], CHANGED, ["one", "two"])
    assert [action.split()[-1] for action in results["device"].actions] == ["one", "two"]


def test_what_failed_is_not_tried_again_nor_what_needs_it(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",), fails=("a",))
    results, again = judged(world, Plain(world, "a"), Plain(world, "b", needs=("a",)), Plain(world, "c", needs=("b",)))
    assert again == []
    assert [results[name].outcome for name in "abc"] == [FAILED, BLOCKED, BLOCKED]
    assert world.ran == ["a"]


def test_nothing_begins_beside_a_command_that_was_left_running(tmp_path: Path) -> None:
    world = World(str(tmp_path), stuck=("vg0",))
    results, again = judged(world, Locked(world, "vg0"), Locked(world, "vg1"), Plain(world, "x", needs=("vg1",)))
    assert again == []
    assert [results[name].outcome for name in ("vg0", "vg1", "x")] == [FAILED, BLOCKED, BLOCKED]


def test_a_command_that_was_left_running_and_has_done_its_work_is_a_warning(tmp_path: Path) -> None:
    world = World(str(tmp_path), stuck=("vg0",))
    late = Answers(world, "vg0", answers=(Todo((command("chdev", "vg0"),), "not yet"), Done("vg0 is there")))
    results, _ = judged(world, late)
    assert results["vg0"].outcome == CHANGED
    assert results["vg0"].problem is None
    [warning] = results["vg0"].warnings
    assert "still running as process 4711" in warning


@dataclass(frozen=True)
class LockedAnswers(Answers):
    lock: ClassVar[str] = "importvg"


def test_what_was_not_tried_is_told_with_the_reason_that_holds_at_the_end(tmp_path: Path) -> None:
    """The import of one volume group came late; what is still missing for this mount is the other one."""
    world = World(str(tmp_path), stuck=("vg0",))
    late = LockedAnswers(world, "vg0", answers=(Todo((command("chdev", "vg0"),), "not yet"), Done("vg0 is there")))
    other, mounted = Locked(world, "vg1"), Plain(world, "mounted", needs=("vg0", "vg1"))
    results, again = judged(world, late, other, mounted)
    assert (again, results["vg0"].outcome, results["vg1"].outcome) == ([], CHANGED, BLOCKED)
    assert results["mounted"].problem and results["mounted"].problem.why == "it needs vg1, which was blocked"


def test_what_came_about_at_the_very_end_is_not_said_to_have_failed(tmp_path: Path) -> None:
    """A mount that was left running, and was over between the second round and the last look."""
    world = World(str(tmp_path), stuck=("mount",))
    todo = Todo((command("chdev", "mount"),), "not yet")
    late = LockedAnswers(world, "mount", answers=(todo, todo, Done("it is mounted")))
    results, again = judged(world, late, Plain(world, "above", needs=("mount",)))
    assert (again, results["mount"].outcome, results["above"].outcome) == ([], CHANGED, BLOCKED)
    problem = results["above"].problem
    assert problem and problem.why == "what it needs was there only at the end of this run"


@dataclass(frozen=True)
class Several(Plain):
    """Three things that do not build on each other; two can be had another way."""

    def assess(self, seen: Seen) -> Assessment:
        left = [name for name in ("x", "y", "z") if not self.world.so & {name, name + "-P"}]
        if not left:
            return Done("all three are so")
        actions = tuple(command("chdev", name) for name in left)
        other = tuple(command("chdev", name + "-P") for name in left)
        return Todo(actions, "not so", instead=other, lost="it counts from the next boot on", each=True)


def test_what_does_not_build_on_each_other_is_each_tried(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("x", "y", "y-P"), fails=("x", "y", "y-P"))
    result = world.apply(Several(world, "a"))["a"]
    assert world.ran == ["x", "x-P", "y", "y-P", "z"]
    assert (result.outcome, result.problem and result.problem.name) == (FAILED, "command-failed")
    assert any(warning.startswith("chdev x-P: it counts from the next boot on") for warning in result.warnings)


@dataclass(frozen=True)
class TakenApart(Several):
    """Each thing is x1 and x2 at once; both can be had alone."""

    instead: Tuple[Action, ...] = ()

    def assess(self, seen: Seen) -> Assessment:
        left = [name for name in ("x", "y") if not self.world.so & {name, name + "1"} or name + "2" in self.world.fails]
        actions = tuple(command("chdev", name) for name in left)
        parts = tuple((command("chdev", name + "1"), command("chdev", name + "2")) for name in left)
        return Todo(actions, "not so", each=True, apart=parts, lost="late") if left else Done("both are so")


def test_what_fails_as_a_whole_is_tried_in_parts(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("x",), fails=("x",))
    result = world.apply(TakenApart(world, "a"))["a"]
    assert world.ran == ["x", "x1", "x2", "y"]
    assert (result.outcome, result.problem) == (CHANGED, None)
    assert "chdev x1: late" in result.warnings


def test_a_part_that_is_refused_costs_none_of_the_others(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("x", "x2"), fails=("x", "x2"))
    result = world.apply(TakenApart(world, "a"))["a"]
    assert world.ran[:4] == ["x", "x1", "x2", "y"]
    assert "x1" in world.so
    assert (result.outcome, result.problem and result.problem.name) == (FAILED, "command-failed")


def test_what_is_refused_whole_and_in_every_part_is_not_tried_again(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("x", "x1", "x2"), fails=("x", "x1", "x2"))
    result = world.apply(TakenApart(world, "a"))["a"]
    assert world.ran == ["x", "x1", "x2", "y"]
    assert (result.outcome, result.problem and result.problem.name) == (FAILED, "command-failed")


def test_what_is_taken_and_reads_otherwise_is_not_tried_again(tmp_path: Path) -> None:
    """A driver that rounds a value: the command has worked, and the value is never the one that was asked for."""
    world = World(str(tmp_path), lies=("x",))
    result = world.apply(Several(world, "a"))["a"]
    assert world.ran == ["x", "y", "z"]
    assert (result.outcome, result.problem and result.problem.name) == (FAILED, "step-without-effect")


def test_after_a_step_that_stops_the_run_only_what_is_unstoppable_begins(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",))
    steps = (Plain(world, "a"), Plain(world, "b"), Plain(world, "flags"), Plain(world, "c", needs=("b",)))
    seen = Seen(Runner(world.root, run_argv=world.execute))
    made = Apply(
        steps, seen, seen.runner, lambda event, **keys: None, at_once=1, clock=CountedClock(),
        stopping=frozenset({"a"}), unstoppable=frozenset({"flags"}),
    )  # fmt: skip
    results = {result.step: result for result in made.run()}
    assert {name: result.outcome for name, result in results.items()} == {
        "a": FAILED, "b": BLOCKED, "flags": CHANGED, "c": BLOCKED,
    }  # fmt: skip
    assert world.ran == ["a", "flags"]
    problem = results["b"].problem
    assert problem is not None
    assert problem.name == "run-stopped"
    answers = [(step, step.assess(seen)) for step in steps]
    assert once_more(answers, results) == (), "stopped is stopped"


def test_whoever_asks_it_to_stop_sees_what_runs_to_its_end_and_nothing_begin(tmp_path: Path) -> None:
    """What waits for its next try (disks that do not come) is not waited for; what saves the machine begins."""
    world, stop = World(str(tmp_path), lies=("late",)), Stop()
    execute = world.execute

    def interrupted(argv: Tuple[str, ...], *rest: Any) -> Ran:
        stop.asked = stop.asked or ("SIGINT" if argv[-1] == "a" else "")
        return execute(argv, *rest)

    steps = (
        Plain(world, "late", retry=Retry(pause=30.0, longest=30.0, deadline=3600.0)), Plain(world, "a"),
        Plain(world, "b"), Plain(world, "flags"),
    )  # fmt: skip
    clock = Sleepy()
    seen = Seen(Runner(world.root, run_argv=interrupted))
    made = Apply(
        steps, seen, seen.runner, lambda event, **keys: world.events.append((event, keys)), at_once=1, clock=clock,
        unstoppable=frozenset({"flags"}), stop=stop,
    )  # fmt: skip
    results = {result.step: result for result in made.run()}
    assert world.ran == ["late", "a", "flags"]
    assert {name: result.outcome for name, result in results.items()} == {
        "late": FAILED, "a": CHANGED, "b": BLOCKED, "flags": CHANGED,
    }  # fmt: skip
    assert {result.problem.name for result in results.values() if result.problem} == {"run-stopped"}
    assert sum(clock.slept) < 30
    [line] = [keys["text"] for event, keys in world.events if event == "say"]
    assert line.startswith("stopping, as SIGINT asks: no further step begins")


def test_what_runs_is_named_to_whoever_waits_for_it(tmp_path: Path) -> None:
    world, stop = World(str(tmp_path)), Stop()

    class Looking(CountedClock):
        def wait(self, running: Collection[Future[Any]], seconds: Optional[float]) -> Set[Future[Any]]:
            assert seconds is not None and seconds <= 2.0, "a signal wakes nobody"
            if not stop.asked:
                while "a" not in world.ran:
                    threading.Event().wait(0.001)
                stop.asked = "SIGTERM"
                return set()
            return super().wait(running, seconds)

    runner = Runner(world.root, run_argv=world.execute)
    told: List[str] = []
    made = Apply(
        [Plain(world, "a")], Seen(runner), runner, lambda event, **keys: told.append(keys.get("text", "")),
        clock=Looking(), stop=stop,
    )  # fmt: skip
    assert [result.outcome for result in made.run()] == [CHANGED]
    assert "stopping, as SIGTERM asks: no further step begins; it waits for what runs: make a (chdev a)" in told


def test_what_was_so_and_had_no_turn_is_not_said_to_be_changed(tmp_path: Path) -> None:
    world, stop = World(str(tmp_path)), Stop()
    world.so.add("a")
    stop.asked = "SIGINT"
    seen = Seen(Runner(world.root, run_argv=world.execute))
    made = Apply([Plain(world, "a")], seen, seen.runner, lambda event, **keys: None, clock=CountedClock(), stop=stop)
    verification = Verification(lambda steps: verify(steps, seen), lambda steps: (), _nobody, made.left)
    [result] = verification.of(made.steps, made.run())
    assert (result.outcome, world.ran) == (DONE, [])


@dataclass(frozen=True)
class Buggy(Plain):
    """The way back, and the explanation, have a bug."""

    def undo(self, seen: Seen) -> Back:
        raise ZeroDivisionError("undo")

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        raise ZeroDivisionError("explain")


def test_a_bug_in_the_way_back_does_not_close_the_way_forward(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    assert world.apply(Buggy(world, "a"))["a"].outcome == CHANGED
    (recorded,) = [keys for event, keys in world.events if event == "undo"]
    assert (recorded["kept"], "ZeroDivisionError" in recorded["lost"]) == ("", True)
    assert [keys["step"] for event, keys in world.events if event == "bug"] == ["a"]


def test_a_bug_in_an_explanation_does_not_hide_the_trouble(tmp_path: Path) -> None:
    world = World(str(tmp_path), lies=("a",), fails=("a",))
    problem = world.apply(Buggy(world, "a"))["a"].problem
    assert problem is not None
    assert problem.name == "command-failed"


@dataclass(frozen=True)
class Meets(Plain):
    """Its work is done only once another step has been begun beside it."""

    other: threading.Event = field(default_factory=threading.Event)
    begins: bool = False

    def assess(self, seen: Seen) -> Assessment:
        if self.begins:
            self.other.set()
            return Done("it has begun")
        return Done("met") if self.other.wait(5) else Blocked(Problem("alone", "nobody came"))


def test_who_waits_for_a_step_that_is_not_tried_begins_at_once(tmp_path: Path) -> None:
    world, met = World(str(tmp_path)), threading.Event()
    blocked = Answers(world, "blocked", answers=(Blocked(Problem("no", "no")),))
    results = world.apply(
        Meets(world, "long", other=met), blocked, Plain(world, "untried", ("blocked",)),
        Meets(world, "behind", (), ("untried",), other=met, begins=True),
    )  # fmt: skip
    assert [results[name].outcome for name in ("untried", "behind", "long")] == [BLOCKED, DONE, DONE]


@pytest.mark.parametrize("behind", [lambda number: number - 1, lambda number: 0])
def test_thousands_of_steps_are_not_looked_through_at_each_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behind: Callable[[int], int]
) -> None:
    """Undo of 4,000 raw devices is a chain of 4,000 steps."""
    world, turn, asked = World(str(tmp_path)), Apply._turn, []

    def counted(self: Apply, task: Any) -> Any:
        asked.append(task)
        return turn(self, task)

    monkeypatch.setattr(Apply, "_turn", counted)
    world.so = {f"s{number}" for number in range(1500)}
    steps = [Plain(world, f"s{number}", (), (f"s{behind(number)}",) if number else ()) for number in range(1500)]
    assert {result.outcome for result in world.apply(*steps).values()} == {DONE}
    assert len(asked) < 3 * len(steps)


def test_one_at_a_time_ends_as_well(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    runner = Runner(world.root, run_argv=world.execute)
    steps = (Plain(world, "late", retry=Retry(100.0)), Locked(world, "a"), Locked(world, "b", ("late",)))
    world.lies = ("late",)
    clock = Sleepy(lambda: world.so.add("late"))
    made = Apply(steps, Seen(runner), runner, lambda event, **keys: None, at_once=1, clock=clock).run()
    assert [result.outcome for result in made] == [CHANGED] * 3
    assert world.ran.index("a") < world.ran.index("b")


def test_a_bug_in_one_answer_takes_no_verification_down(tmp_path: Path) -> None:
    world = World(str(tmp_path), fails=())
    steps = (Answers(world, "buggy", answers=(ZeroDivisionError("x"),)), Plain(world, "b"))
    results = world.apply(*steps)
    seen = Seen(Runner(world.root, run_argv=world.execute))
    verification = Verification(partial(verify, seen=seen), lambda again: (), _nobody, LeftRunning())
    final = verification.of(steps, [results["buggy"], results["b"]])
    assert [result.outcome for result in final] == [FAILED, CHANGED]
    assert final[0].problem is not None
    assert final[0].problem.name == "internal-error"


class Asked(Plain):
    """A step that says who looked at it, and waits a moment for others to look at the same time."""

    def assess(self, seen: Seen) -> Assessment:
        self.world.ran.append("look " + self.name)
        with contextlib.suppress(threading.BrokenBarrierError):
            MEETING.wait(timeout=5)
        return Done("so")


MEETING = threading.Barrier(3)


def test_the_last_look_is_side_by_side_and_one_when_all_is_so(tmp_path: Path) -> None:
    world = World(str(tmp_path))
    steps = [Asked(world, name) for name in "abc"]
    runner = Runner(world.root, run_argv=world.execute)
    scheduler = Apply(steps, Seen(runner), runner, lambda event, **keys: None)
    results = [Result(step.id, step.title, CHANGED) for step in steps]
    verification = Verification(lambda asked: scheduler.look(), lambda again: (), _nobody, LeftRunning())
    final = verification.of(steps, results)
    assert [result.outcome for result in final] == [CHANGED] * 3
    assert sorted(world.ran) == ["look a", "look b", "look c"], "each once"
    assert not MEETING.broken, "all three at the same time"
