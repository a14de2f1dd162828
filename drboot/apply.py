"""The one scheduler that changes a machine: assess, run, assess again.

Steps that do not depend on each other run side by side on a small pool; steps that share a named lock
(importvg) never do.  A step that failed blocks only what needs it.  Exit status and read-back decide
together: a command that fails although its work is done is a success with a warning, and one that says
it succeeded although nothing changed is a failure.
"""

from __future__ import annotations

import os
import time
import traceback
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, List, Optional, Sequence, Set, Tuple

from drboot import files
from drboot.errors import FactUnavailable, Problem
from drboot.runner import Command, Ran, Runner, succeeded
from drboot.seen import Seen
from drboot.steps.base import Action, Assessment, Blocked, Done, Later, Own, Retry, Step, Todo, Write

MOST_ROUNDS = 8  # a step whose work is undone under its hands must come to an end
AT_ONCE = 6  # steps that run side by side; most of their time is spent waiting for AIX

# outcomes of a step
DONE = "done"  # it was so already
CHANGED = "changed"  # it was made so, and looking again confirmed it
FAILED = "failed"  # it was tried
BLOCKED = "blocked"  # it was not tried
GOOD = frozenset({DONE, CHANGED})


@dataclass(frozen=True)
class Result:
    """What became of a step."""

    step: str
    title: str
    outcome: str
    evidence: str = ""
    problem: Optional[Problem] = None
    warnings: Tuple[str, ...] = ()
    seconds: float = 0.0
    actions: Tuple[str, ...] = ()
    stuck: bool = False
    essential: bool = True


Tell = Callable[..., Any]  # (event name, **keys)


@dataclass
class Apply:
    """Runs a sequence of steps on one machine.

    tell   called with an event name and its keys for everything that happens
    sleep  waits between retries; tests and rehearsals in one process give their own
    """

    steps: Sequence[Step]
    seen: Seen
    runner: Runner
    tell: Tell
    at_once: int = AT_ONCE
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    _results: Dict[str, Result] = field(default_factory=dict)

    def run(self) -> Tuple[Result, ...]:
        """Take every step to its end; results in the order of the steps."""
        waiting: List[Step] = list(self.steps)
        known = {step.id for step in waiting}
        held: Set[str] = set()
        poisoned: Dict[str, str] = {}
        running: Dict[Future[Result], Step] = {}
        with ThreadPoolExecutor(max_workers=self.at_once) as pool:
            while waiting or running:
                for step in list(waiting):
                    verdict = self._turn(step, known, poisoned)
                    if verdict is None or (verdict is True and (step.lock in held or len(running) >= self.at_once)):
                        continue
                    waiting.remove(step)
                    if isinstance(verdict, Problem):
                        self._over(self._result(step, BLOCKED, problem=verdict))
                    else:
                        if step.lock:
                            held.add(step.lock)
                        running[pool.submit(self._one, step)] = step
                if not running:
                    if waiting and all(self._turn(step, known, poisoned) is None for step in waiting):
                        raise ValueError("steps need each other in a circle: " + ", ".join(s.id for s in waiting))
                    continue
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in finished:
                    step = running.pop(future)
                    result = future.result()
                    held.discard(step.lock)
                    if result.stuck and step.lock:
                        poisoned[step.lock] = step.id
                    self._over(result)
        return tuple(self._results[step.id] for step in self.steps)

    # -- when is it a step's turn

    def _turn(self, step: Step, known: Set[str], poisoned: Dict[str, str]) -> Any:
        """None: not yet.  True: now.  A Problem: never, and why."""
        if step.lock in poisoned:
            return Problem(
                "step-lock-stuck",
                f"{step.title} was not tried",
                step.at,
                f"{poisoned[step.lock]} still runs, and two of these at once are not safe on AIX",
                "wait for that process to end, then: drboot --apply",
            )
        for need in step.needs:
            if need in known:
                result = self._results.get(need)
                if result is None:
                    return None
                if result.outcome not in GOOD:
                    return Problem(
                        "step-needs-failed",
                        f"{step.title} was not tried",
                        step.at,
                        f"it needs {need}, which {'failed' if result.outcome == FAILED else 'was blocked'}",
                        "mend that first, then: drboot --apply",
                    )
        if any(before in known and before not in self._results for before in step.after):
            return None
        return True

    def _over(self, result: Result) -> None:
        self._results[result.step] = result
        self.tell(
            "step",
            step=result.step,
            title=result.title,
            outcome=result.outcome,
            evidence=result.evidence,
            problem=result.problem._asdict() if result.problem else None,
            warnings=list(result.warnings),
            seconds=round(result.seconds, 3),
            over=len(self._results),
            of=len(self.steps),
        )

    # -- one step

    def _one(self, step: Step) -> Result:
        started = self.clock()
        try:
            return self._take(step, started)
        except Exception as error:  # a bug of ours in one step must not take the others down
            self.tell("bug", step=step.id, traceback=traceback.format_exc())
            problem = Problem(
                "internal-error",
                f"{step.title} failed by a bug of drboot",
                step.at,
                f"{type(error).__name__}: {error}",
                "the run's journal has the details; report them, and do this step by hand",
            )
            return self._result(step, FAILED, started, problem=problem)

    def _take(self, step: Step, started: float) -> Result:
        taken: List[str] = []
        warnings: List[str] = []
        last: Tuple[Action, ...] = ()
        rounds = 0
        trouble: Optional[Problem] = None
        waits = _Waits(self.clock, started)
        while True:
            answer = assess(step, self.seen)
            if isinstance(answer, Done):
                if trouble:
                    warnings.append(f"{trouble.what}: {trouble.why}")
                outcome = CHANGED if taken else DONE
                return self._result(step, outcome, started, answer.evidence, None, warnings, taken)
            if isinstance(answer, Later):
                answer = Blocked(_unknown(step, answer))
            if isinstance(answer, Blocked):
                outcome = FAILED if taken else BLOCKED
                return self._result(step, outcome, started, "", answer.problem, warnings, taken)
            rounds += 1
            if rounds > MOST_ROUNDS and not answer.retry:
                return self._result(step, FAILED, started, "", trouble or _unchanged(step, answer), warnings, taken)
            if answer.actions == last:
                pause = waits.next(answer.retry)
                if pause is None:
                    problem = trouble or _unchanged(step, answer)
                    return self._result(step, FAILED, started, "", problem, warnings, taken)
                self.tell("waiting", step=step.id, title=step.title, why=answer.why, seconds=pause)
                self.sleep(pause)
            last = answer.actions
            self.tell("begin", step=step.id, title=step.title, why=answer.why)
            trouble, stuck = self._act_all(step, answer.actions, taken)
            if trouble and not stuck and answer.instead:
                warnings.append(f"{trouble.what}: {trouble.why}; tried instead: {answer.instead[0]}")
                trouble, stuck = self._act_all(step, answer.instead, taken)
            if stuck:
                return self._result(step, FAILED, started, "", trouble, warnings, taken, stuck=True)

    def _act_all(self, step: Step, actions: Sequence[Action], taken: List[str]) -> Tuple[Optional[Problem], bool]:
        """Run the actions up to the first that meets a problem."""
        for action in actions:
            taken.append(str(action))
            trouble, stuck = self._act(step, action)
            if trouble:
                return trouble, stuck
        return None, False

    def _act(self, step: Step, action: Action) -> Tuple[Optional[Problem], bool]:
        """Run one action; the problem it met, and whether it was left running."""
        self.tell("action", step=step.id, action=str(action))
        if isinstance(action, Command):
            ran = self.runner.run(action)
            self.seen.forget(action.touches)
            if succeeded(action, ran):
                return None, False
            return _command_problem(step, action, ran), ran.outcome == "stuck"
        try:
            if isinstance(action, Write):
                path = self.runner.root.path(action.path)
                self.tell("write", step=step.id, path=action.path, before=_text_of(path), after=action.text)
                files.write_atomic(path, action.text.encode("utf-8", "surrogateescape"), action.mode)
            elif isinstance(action, Own):
                path = self.runner.root.path(action.path)
                os.chown(path, action.owner.uid, action.owner.gid)
                os.chmod(path, action.owner.mode)
            else:
                files.move(self.runner.root.path(action.source), self.runner.root.path(action.target))
        except OSError as error:
            return Problem("file-not-written", f"{action} failed", step.at, str(error)), False
        finally:
            self.seen.forget({"files", "filesystems"})
        return None, False

    def _result(
        self,
        step: Step,
        outcome: str,
        started: Optional[float] = None,
        evidence: str = "",
        problem: Optional[Problem] = None,
        warnings: Sequence[str] = (),
        actions: Sequence[str] = (),
        stuck: bool = False,
    ) -> Result:
        seconds = 0.0 if started is None else self.clock() - started
        return Result(
            step.id,
            step.title,
            outcome,
            evidence,
            problem,
            tuple(warnings),
            seconds,
            tuple(actions),
            stuck,
            step.essential,
        )


class _Waits:
    """The pauses of a step whose actions may be repeated."""

    def __init__(self, clock: Callable[[], float], started: float) -> None:
        self.clock = clock
        self.started = started
        self.pause = 0.0

    def next(self, retry: Optional[Retry]) -> Optional[float]:
        """Seconds to wait before the next try, or None when there is no next try."""
        if retry is None:
            return None
        self.pause = min(self.pause * 2 or retry.pause, retry.longest)
        if self.clock() - self.started + self.pause > retry.deadline:
            return None
        return self.pause


def _text_of(path: str) -> Optional[str]:
    """What the file says before it is replaced, for the journal; None when there is none."""
    try:
        with open(path, encoding="utf-8", errors="backslashreplace", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def assess(step: Step, seen: Seen) -> Assessment:
    """The step's answer; a fact that cannot be read counts as Blocked."""
    try:
        return step.assess(seen)
    except FactUnavailable as error:
        return Blocked(error.problems[0])


def verify(steps: Sequence[Step], seen: Seen) -> Tuple[Tuple[Step, Assessment], ...]:
    """Every step's answer on fresh facts."""
    seen.forget()
    return tuple((step, assess(step, seen)) for step in steps)


def _unknown(step: Step, answer: Later) -> Problem:
    return Problem("step-not-ready", f"{step.title} cannot begin", step.at, answer.why, f"see {answer.after}")


def _unchanged(step: Step, answer: Todo) -> Problem:
    return Problem(
        "step-without-effect",
        f"{step.title} ran without an error, but nothing changed",
        step.at,
        answer.why,
        "run it by hand: " + "; ".join(str(action) for action in answer.actions),
    )


def _command_problem(step: Step, action: Command, ran: Ran) -> Problem:
    name = {"stuck": "command-stuck", "missing": "command-missing", "killed": "command-timeout"}.get(
        ran.outcome, "command-failed"
    )
    hung = f" (processes: {', '.join(ran.processes)})" if ran.processes else ""
    return Problem(
        name,
        f"{step.title}: {action} failed",
        step.at,
        " - ".join(filter(None, (ran.how() + hung, ran.said()))),
        f"run it by hand: {action}",
    )
