"""The one scheduler that changes a machine: assess, run, assess again.

Steps that do not depend on each other run side by side on a small pool; steps that share a named lock
(importvg) never do.  A step that failed blocks only what needs it.  Exit status and read-back decide
together: a command that fails although its work is done is a success with a warning, and one that says
it succeeded although nothing changed is a failure.
"""

from __future__ import annotations

import bisect
import itertools
import os
import traceback
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Callable, Dict, FrozenSet, List, Optional, Sequence, Set, Tuple, Union

from drboot import files
from drboot.clock import REAL, Clock
from drboot.errors import FactUnavailable, Problem
from drboot.interrupt import Stop
from drboot.left_running import LeftRunning, Writer
from drboot.results import BLOCKED, CHANGED, DONE, FAILED, GOOD, RUN_STOPPED, Result, not_tried
from drboot.runner import Command, Ran, Runner, succeeded
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Later, Own, Remove, Retry, Step, Todo, Write

MOST_ROUNDS = 8  # a step whose work is undone under its hands must come to an end
LOOK_EVERY = 2.0  # seconds between two looks at what has to stay so for a while
STILL_EVERY = 60.0
AT_ONCE = 6  # steps that run side by side; most of their time is spent waiting for AIX


@dataclass(eq=False)
class _Task:
    """A step on its way: what it has done so far, and when to look again.

    order    its place in the plan
    waits    ids of the steps that have to be over before it is its turn
    found    what was seen that made its first actions necessary
    acting, mentioned  when its last action was begun, and when it was last said that it lasts
    acted    when its last actions had ended
    seen_at  when it was first seen to be so; it has to stay so for the step's ``settle``
    held     since when it has been waiting for a process that was left running
    """

    step: Step
    order: int
    waits: Set[str]
    started: Optional[float] = None
    wake: float = 0.0
    paused: bool = False
    pause: float = 0.0
    found: str = ""
    taken: List[str] = field(default_factory=list)
    warnings: List[str] = field(default_factory=list)
    last: Tuple[Action, ...] = ()
    rounds: int = 0
    trouble: Optional[Problem] = None
    acting: float = 0.0
    mentioned: float = 0.0
    acted: float = 0.0
    seen_at: Optional[float] = None
    held: Optional[float] = None

    def __lt__(self, other: _Task) -> bool:
        return self.order < other.order

    def next_pause(self, retry: Optional[Retry], now: float) -> Optional[float]:
        """Seconds to wait before the next try, or None when there is no next try."""
        if retry is None:
            return None
        self.pause = min(self.pause * 2 or retry.pause, retry.longest)
        begun = now if self.started is None else self.started
        return None if now - begun + self.pause > retry.deadline else self.pause


@dataclass
class Apply:
    """Runs a sequence of steps on one machine.

    tell         called with an event name and its keys for everything that happens
    clock        what waits between tries; rehearsals in one process count time instead of spending it
    stopping     ids of steps after whose failure no further step begins
    unstoppable  ids of those that begin all the same
    still_every  seconds after which a command that runs on is mentioned, again and again
    stop         who may ask that no further step begins, the unstoppable ones aside; None where nobody can
    may_begin    asked when a step is about to change something for the first time, and its way back was told; a Problem
                 is why it may not
    left         what still runs from before: what must not run beside it waits a while, and is then not tried
    """

    steps: Sequence[Step]
    seen: Seen
    runner: Runner
    tell: Callable[..., Any]
    at_once: int = AT_ONCE
    clock: Clock = REAL
    stopping: FrozenSet[str] = frozenset()
    unstoppable: FrozenSet[str] = frozenset()
    still_every: float = STILL_EVERY
    stop: Optional[Stop] = None
    may_begin: Callable[[Step, Back], Optional[Problem]] = lambda step, back: None
    left: LeftRunning = field(default_factory=LeftRunning)
    _ended_before: int = 0
    _said_to_stop: bool = False
    _stopped_by: str = ""
    _waiting: List[_Task] = field(default_factory=list)  # whose turn it is, in the order of the plan
    _behind: Dict[str, List[_Task]] = field(default_factory=dict)  # step id -> those that wait for it to be over
    _running: Dict[Future[Optional[Result]], _Task] = field(default_factory=dict)
    _held: Set[str] = field(default_factory=set)
    _poisoned: Dict[str, Problem] = field(default_factory=dict)  # lock -> what was left running with it
    _results: Dict[str, Result] = field(default_factory=dict)
    _ran_at: Dict[Tuple[str, ...], float] = field(default_factory=dict)  # actions that may be repeated

    def run(self) -> Tuple[Result, ...]:
        """Take every step to its end; results in the order of the steps."""
        self._line_up()
        with ThreadPoolExecutor(max_workers=self.at_once) as pool:
            while len(self._results) < len(self.steps):
                self._heed_stop()
                self._begin_what_can(pool)
                # who is awake already waits for a lock or a free hand, and with that for something that runs
                now = self.clock.now()
                pauses = [task.wake - now for task in self._waiting if task.wake > now]
                if self.stop is not None:  # a signal handler can wake nobody
                    pauses.append(LOOK_EVERY)
                if self._running:
                    ended = self.clock.wait(self._running, min([*pauses, self.still_every]))
                    for future in ended:
                        self._ended(self._running.pop(future), future.result())
                    if not ended:
                        self._mention_what_lasts()
                elif self._waiting and pauses:
                    self.clock.sleep(min(pauses))
                elif not self._waiting and len(self._results) < len(self.steps):
                    circle = ", ".join(step.id for step in self.steps if step.id not in self._results)
                    raise ValueError("steps need each other in a circle: " + circle)
        return tuple(self._results[step.id] for step in self.steps)

    def look(self) -> Tuple[Tuple[Step, Assessment], ...]:
        """Every step's answer on fresh facts.  Side by side: who asks the network holds up nobody who asks the ODM."""
        self.seen.forget()
        waiting = list(self.steps)  # from the end: what asks the network takes longest, and stands there
        running: Dict[Future[Assessment], Step] = {}
        answers: Dict[str, Assessment] = {}
        with ThreadPoolExecutor(max_workers=self.at_once) as pool:
            while waiting or running:
                while waiting and len(running) < self.at_once:
                    step = waiting.pop()
                    running[pool.submit(assess, step, self.seen)] = step
                for future in self.clock.wait(running, None):
                    answers[running.pop(future).id] = future.result()
        return tuple((step, answers[step.id]) for step in self.steps)

    def _line_up(self) -> None:
        """Every step with what it has to wait for; a run of thousands of steps never looks through all of them."""
        known = {step.id for step in self.steps}
        for order, step in enumerate(self.steps):
            task = _Task(step, order, known.intersection((*step.needs, *step.after)))
            for other in task.waits:
                self._behind.setdefault(other, []).append(task)
            if not task.waits:
                self._waiting.append(task)

    def _heed_stop(self) -> None:
        """Whoever has asked the run to stop is told, once, what he waits for."""
        if self.stop is None or not self.stop.asked or self._said_to_stop:
            return
        self._said_to_stop = True
        runs = [f"{task.step.title} ({task.taken[-1]})" for task in self._running.values() if task.taken]
        waits = f"; it waits for what runs: {', '.join(runs)}" if runs else ""
        self.tell("say", text=f"stopping, as {self.stop.asked} asks: no further step begins{waits}")

    def _mention_what_lasts(self) -> None:
        """A full fsck may take hours, and whoever stands at the console has to see that it is no hang."""
        now = self.clock.now()
        for task in self._running.values():
            if task.taken and now - max(task.acting, task.mentioned) >= self.still_every:
                task.mentioned = now
                step, action = task.step, task.taken[-1]
                self.tell("still", step=step.id, title=step.title, action=action, seconds=now - task.acting)

    def _begin_what_can(self, pool: ThreadPoolExecutor) -> None:
        while self._begin(pool):  # what is not tried at all may have kept others waiting
            pass

    def _begin(self, pool: ThreadPoolExecutor) -> bool:
        """Begin steps, in the order of the plan, until all hands are busy.  True: some were over unbegun."""
        over = False
        for task in list(self._waiting):
            step = task.step
            if len(self._running) >= self.at_once:
                return False
            if step.lock in self._held:
                continue
            verdict = self._turn(task)
            if isinstance(verdict, Problem):
                self._waiting.remove(task)
                self._over(self._result(task, FAILED if task.taken else BLOCKED, problem=verdict))
                over = True
            elif verdict:
                self._waiting.remove(task)
                if step.lock:
                    self._held.add(step.lock)
                self._running[pool.submit(self._one, task)] = task
        return over

    def _ended(self, task: _Task, result: Optional[Result]) -> None:
        """A step's result; without one it looks again later, and nobody waits for its lock meanwhile."""
        self._held.discard(task.step.lock)
        if result is None:
            bisect.insort(self._waiting, task)
            return
        if result.stuck and result.problem and task.step.lock:
            self._poisoned[task.step.lock] = result.problem
        self._over(result)

    # -- when is it a step's turn

    def _turn(self, task: _Task) -> Union[bool, Problem]:
        """False: it rests a while.  True: now.  A Problem: never, and why."""
        step = task.step
        left = self._poisoned.get(step.lock)
        if left:
            return _not_beside(task, f"{left.what} ({left.why})")
        if self.stop is not None and self.stop.asked and step.id not in self.unstoppable:
            return Problem(
                RUN_STOPPED,
                f"{step.title} was not tried" + (" again" if task.taken else ""),
                step.at,
                f"somebody stopped the run ({self.stop.asked})",
                "start it again: it goes on from here",
            )
        if task.started is not None:
            return task.wake <= self.clock.now()
        if self._stopped_by and step.id not in self.unstoppable:
            return Problem(
                RUN_STOPPED,
                f"{step.title} was not tried",
                step.at,
                f"{self._stopped_by} failed, and on_failure of the profile says to stop then",
                f"mend that first, then: {step.again}",
            )
        for need in step.needs:
            result = self._results.get(need)
            if result is not None and result.outcome not in GOOD:
                return not_tried(step, result)
        return self._turn_beside(task)

    def _turn_beside(self, task: _Task) -> Union[bool, Problem]:
        """As ``_turn``, for what must not begin beside a process that was left running."""
        now = self.clock.now()
        if task.wake > now:
            return False
        ended = self.left.ended()
        if ended != self._ended_before:
            self._ended_before = ended
            self.seen.forget()  # what such a process has changed up to its end
        writer = self.left.beside(task.step.lock, task.step.id)
        if writer is None:
            return True
        if task.held is None:
            task.held = now
            self.tell("waiting", step=task.step.id, title=task.step.title, why=_runs(writer), seconds=LOOK_EVERY)
        if now - task.held >= writer.wait:
            return _not_beside(task, _runs(writer))
        task.wake = now + LOOK_EVERY
        return False

    def _over(self, result: Result) -> None:
        self._results[result.step] = result
        for task in self._behind.pop(result.step, ()):
            task.waits.discard(result.step)
            if not task.waits:
                bisect.insort(self._waiting, task)
        stops = result.step in self.stopping and result.outcome not in GOOD and not self._stopped_by
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
        if stops:
            self._stopped_by = result.step
            failed = f"{result.title} {'failed' if result.outcome == FAILED else 'was blocked'}"
            self.tell("say", text=f"stopping, as on_failure of the profile says: {failed}; no further step begins")

    # -- one step

    def _one(self, task: _Task) -> Optional[Result]:
        """The step's result, or None when it has to look again at ``task.wake``."""
        try:
            return self._take(task)
        except Exception as error:  # a bug of ours in one step must not take the others down
            step = task.step
            self.tell("bug", step=step.id, traceback=traceback.format_exc())
            return self._result(task, FAILED, problem=_bug(step, error))

    def _take(self, task: _Task) -> Optional[Result]:
        step = task.step
        if task.started is None:
            task.started = self.clock.now()
        while True:
            if task.wake:  # it has waited, and the machine has not
                self.seen.forget(step.watches | _touched(task.last))
            answer = _assess(step, self.seen)
            if isinstance(answer, Done):
                if self._settles(task):
                    return None
                if task.trouble:
                    task.warnings.append(f"{task.trouble.what}: {task.trouble.why}")
                task.warnings.extend(answer.warnings)
                return self._result(task, CHANGED if task.taken else DONE, answer.evidence, failback=answer.failback)
            if isinstance(answer, Later):
                answer = Blocked(_unknown(step, answer))
            if isinstance(answer, Blocked):
                return self._result(task, FAILED if task.taken else BLOCKED, problem=answer.problem)
            task.seen_at = None
            if _is_tried(answer, task.last) and not task.paused:
                return None if self._may_show_yet(task, answer) else self._pause(task, answer)
            if self._was_just_run(task, answer):
                task.last, task.paused = answer.actions, False
                continue
            if not task.taken:
                task.found = answer.why
                refused = self.may_begin(step, self._record_undo(step))
                if refused:
                    return self._result(task, BLOCKED, problem=refused)
            task.rounds += 1
            if task.rounds > MOST_ROUNDS and not answer.retry:
                return self._result(task, FAILED, problem=self._explained(task, answer))
            if self._try(task, answer):
                return self._result(task, FAILED, problem=task.trouble, stuck=True)

    def _try(self, task: _Task, answer: Todo) -> bool:
        """Run the actions, and what is to be tried instead where they fail.  True: one of them was left running."""
        step = task.step
        task.last, task.paused = answer.actions, False
        self.tell("begin", step=step.id, title=step.title, why=answer.why)
        if answer.each:
            task.trouble, stuck = self._act_each(task, answer)
            return stuck
        task.trouble, stuck = self._act_all(task, answer.actions)
        self._ran_at[_names(answer.actions)] = task.acted = self.clock.now()
        if task.trouble and not stuck and answer.instead:
            what = f"{task.trouble.what}: {task.trouble.why}; tried instead: {answer.instead[0]}"
            task.warnings.append(what)
            task.trouble, stuck = self._act_all(task, answer.instead)
            if answer.lost and not task.trouble:
                task.warnings.append(answer.lost)
        return stuck

    def _settles(self, task: _Task) -> bool:
        """Whether it is so, but has to stay so a while longer before it is believed."""
        now = self.clock.now()
        if task.seen_at is None:
            task.seen_at = now
        left = task.seen_at + task.step.settle - now
        task.wake = now + min(left, LOOK_EVERY)
        return left > 0

    def _may_show_yet(self, task: _Task, answer: Todo) -> bool:
        """Whether what was done well may take its time to show: then it is looked at again, and not done again."""
        now = self.clock.now()
        left = task.acted + answer.within - now
        task.wake = now + min(left, LOOK_EVERY)
        return task.trouble is None and left > 0

    def _was_just_run(self, task: _Task, answer: Todo) -> bool:
        """Whether another step has run the same actions a moment ago: two volume groups need one cfgmgr."""
        ran = self._ran_at.get(_names(answer.actions))
        if answer.retry is None or ran is None:
            return False
        return self.clock.now() - ran < max(task.pause, answer.retry.pause)

    def _pause(self, task: _Task, answer: Todo) -> Optional[Result]:
        """Look again later, or give up where there is no later."""
        pause = task.next_pause(answer.retry, self.clock.now())
        if pause is None:
            return self._result(task, FAILED, problem=self._explained(task, answer))
        self.tell("waiting", step=task.step.id, title=task.step.title, why=answer.why, seconds=pause)
        task.paused, task.wake = True, self.clock.now() + pause
        return None

    def _explained(self, task: _Task, answer: Todo) -> Problem:
        """The trouble in the words of the step, which may look closer now that nothing more is tried."""
        trouble = task.trouble or _unchanged(task.step, answer)
        try:
            return task.step.explain(self.seen, trouble)
        except FactUnavailable:
            return trouble
        except Exception:  # a bug of ours in the explanation must not hide what is explained
            self.tell("bug", step=task.step.id, traceback=traceback.format_exc())
            return trouble

    def _record_undo(self, step: Step) -> Back:
        """What undo will need, on disk before anything of this step is changed; or in memory, where /var is full."""
        try:
            back = step.undo(self.seen)
        except FactUnavailable as error:
            back = Back(lost=reversals.unread(error))
        except Exception as error:  # a bug of ours in the way back must not close the way forward
            self.tell("bug", step=step.id, traceback=traceback.format_exc())
            back = Back(lost=f"what was there before is not known by a bug of drboot: {type(error).__name__}: {error}")
        steps = [reversals.dump(reversal) for reversal in back.steps]
        self.tell("undo", step=step.id, title=step.title, back=steps, kept=back.kept, lost=back.lost)
        return back

    def _act_all(self, task: _Task, actions: Sequence[Action]) -> Tuple[Optional[Problem], bool]:
        """Run the actions up to the first that meets a problem."""
        for action in actions:
            task.taken.append(str(action))
            trouble, stuck = self._act(task, action)
            if trouble:
                return trouble, stuck
        return None, False

    def _act_each(self, task: _Task, answer: Todo) -> Tuple[Optional[Problem], bool]:
        """Run every action; where one fails, what is to be tried in its place.  The first trouble that is left."""
        first: Optional[Problem] = None
        for action, other, parts in itertools.zip_longest(answer.actions, answer.instead, answer.apart):
            trouble, stuck = self._act_all(task, (action,))
            if trouble and other and not stuck:
                refused = f"{trouble.what}: {trouble.why}"
                trouble, stuck = self._act_all(task, (other,))
                if trouble is None:
                    task.warnings.append(f"{other}: {answer.lost} ({refused})")
            if trouble and parts and not stuck:
                trouble, stuck = self._act_apart(task, parts, answer.lost)
            if stuck:
                return trouble, True
            if trouble:
                if first is not None:
                    task.warnings.append(f"{trouble.what}: {trouble.why}")
                first = first or trouble
        task.last, task.acted = _pieces(answer), self.clock.now()
        return first, False

    def _act_apart(self, task: _Task, parts: Sequence[Action], lost: str) -> Tuple[Optional[Problem], bool]:
        """Run each part of an action that failed as a whole: the first trouble, and whether it is stuck."""
        first: Optional[Problem] = None
        for part in parts:
            trouble, stuck = self._act_all(task, (part,))
            if stuck:
                return trouble, True
            first = first or trouble
            if lost and not trouble:
                task.warnings.append(f"{part}: {lost}")
        return first, False

    def _act(self, task: _Task, action: Action) -> Tuple[Optional[Problem], bool]:
        """Run one action; the problem it met, and whether it was left running."""
        step = task.step
        task.acting = self.clock.now()
        self.tell("action", step=step.id, action=str(action))
        if isinstance(action, Command):
            lock = self.left.lock_of(step.lock, step.id)
            ran = self.runner.run(action, lock)
            self.seen.forget(action.touches)
            if ran.outcome == "stuck":
                self.left.add(ran.pid, ran.argv, action.kind, lock)
            if succeeded(action, ran):
                if ran.stderr.strip():  # 0516-510 and the like, with exit status 0: evidence for people
                    task.warnings.append(f"{action}: {ran.complained()}")
                return None, False
            return _command_problem(step, action, ran), ran.outcome == "stuck"
        try:
            if isinstance(action, Write):
                path = self.runner.root.path(action.path)
                if action.mode is None and files.says(path, action.text):
                    return None, False  # what a command before it might have changed, and did not
                self.tell("write", step=step.id, path=action.path, before=_text_of(path), after=action.text)
                files.write_atomic(path, action.text.encode("utf-8", "surrogateescape"), action.mode)
                self.seen.stand_in(action.path, None)
            elif isinstance(action, Own):
                path = self.runner.root.path(action.path)
                os.chown(path, action.owner.uid, action.owner.gid)
                os.chmod(path, action.owner.mode)
            elif isinstance(action, Remove):
                path = self.runner.root.path(action.path)
                self.tell("write", step=step.id, path=action.path, before=_text_of(path), after=None)
                files.remove(path)
            else:
                files.move(self.runner.root.path(action.source), self.runner.root.path(action.target))
        except OSError as error:
            if isinstance(action, Write) and action.lost:
                self.seen.stand_in(action.path, action.text)
                if action.no_undo:
                    self.tell("undo", step=step.id, title=step.title, back=[], kept="", lost=action.no_undo)
                warning = f"{action} failed: {os.strerror(error.errno or 0)}; {action.lost}"
                if warning not in task.warnings:
                    task.warnings.append(warning)
                return None, False
            return Problem("file-not-written", f"{action} failed", step.at, str(error)), False
        finally:
            self.seen.forget({"files", "filesystems"})
        return None, False

    def _result(
        self,
        task: _Task,
        outcome: str,
        evidence: str = "",
        problem: Optional[Problem] = None,
        stuck: bool = False,
        failback: Tuple[str, ...] = (),
    ) -> Result:
        step = task.step
        return Result(
            step.id,
            step.title,
            outcome,
            evidence,
            problem,
            tuple(task.warnings),
            0.0 if task.started is None else self.clock.now() - task.started,
            tuple(task.taken),
            stuck,
            step.essential,
            task.found,
            failback,
            step.needs,
        )


def _is_tried(answer: Todo, last: Tuple[Action, ...]) -> bool:
    """Whether the last actions were these; where each stands for itself, whether every piece was among them."""
    return set(_pieces(answer)) <= set(last) if answer.each else answer.actions == last


def _pieces(answer: Todo) -> Tuple[Action, ...]:
    """The smallest actions into which a Todo whose actions do not build on each other goes."""
    found: List[Action] = []
    for action, other, parts in itertools.zip_longest(answer.actions, answer.instead, answer.apart):
        found.extend(parts or (other or action,))
    return tuple(found)


def _names(actions: Sequence[Action]) -> Tuple[str, ...]:
    return tuple(str(action) for action in actions)


def _touched(actions: Sequence[Action]) -> FrozenSet[str]:
    """The parts of the machine that these actions change."""
    return frozenset(part for action in actions if isinstance(action, Command) for part in action.touches)


def _text_of(path: str) -> Optional[str]:
    """What the file says before it is replaced, for the journal; None when there is none."""
    try:
        with open(path, encoding="utf-8", errors="backslashreplace", newline="") as file:
            return file.read()
    except FileNotFoundError:
        return None


def assess(step: Step, seen: Seen) -> Assessment:
    """The step's answer; a fact that cannot be read, and a bug of ours, count as Blocked: the others have answers."""
    try:
        return _assess(step, seen)
    except Exception as error:
        return Blocked(_bug(step, error))


def _assess(step: Step, seen: Seen) -> Assessment:
    try:
        return step.assess(seen)
    except FactUnavailable as error:
        return Blocked(error.problems[0])


def _bug(step: Step, error: Exception) -> Problem:
    return Problem(
        "internal-error",
        f"{step.title} failed by a bug of drboot",
        step.at,
        f"{type(error).__name__}: {error}",
        "the run's journal has the details; report them, and do this step by hand",
    )


def verify(steps: Sequence[Step], seen: Seen) -> Tuple[Tuple[Step, Assessment], ...]:
    """Every step's answer on fresh facts."""
    seen.forget()
    return tuple((step, assess(step, seen)) for step in steps)


def _runs(writer: Writer) -> str:
    return f"{writer} still runs"


def _not_beside(task: _Task, why: str) -> Problem:
    return Problem(
        "step-lock-stuck",
        f"{task.step.title} was not tried" + (" again" if task.taken else ""),
        task.step.at,
        f"two at once are not safe on AIX, and {why}",
        f"wait for that process to end, then: {task.step.again}",
    )


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
    following = f"run it by hand: {action}"
    if ran.outcome == "stuck":  # a second one beside it may damage what it writes
        following = f"do not run it again: ps -fp {ran.pid}; when it has ended: {step.again}"
    subject = str(action) if step.title == str(action) else f"{step.title}: {action}"
    return Problem(
        name,
        f"{subject} {'did not come back' if ran.outcome == 'stuck' else 'failed'}",
        step.at,
        " - ".join(filter(None, (ran.how() + hung, ran.said()))),
        following,
    )
