"""``drboot undo``: what the runs of this event changed is brought back, the last change first.

Each run recorded, before it changed anything, the managed files whole ("before") and for every step that acted what
was so then ("undo").  Those records become steps again (steps/reversals.py), which answer "is it so already?" like
every other: undo is planned, can be interrupted and started again, and is verified.  Where a record is damaged nothing
is undone: half of the way back would be worse than none.

Only runs of this very event count: this machine's systemid and the stamp's arm_id.  What came before the reboot for the
device reset is not undone in the ODM, which AIX has thrown away; the files of that time are brought back together with
those of the first run after it.
"""

from __future__ import annotations

import contextlib
import os
import time
import traceback
from dataclasses import dataclass, field, replace
from typing import Any, Dict, List, Mapping, Optional, Sequence, Set, Tuple

from drboot import apply, arming, files, journal, left_running, lock, outputs, paths, report, state, unrecorded
from drboot.apply import Apply
from drboot.clock import REAL, Clock
from drboot.errors import EXIT_BUG, EXIT_OK, EXIT_UNFINISHED, ConfigError, DrbootError, Problem, Refused, few
from drboot.events import Console, pipeline
from drboot.interrupt import Stop
from drboot.left_running import LeftRunning
from drboot.paths import Root
from drboot.results import GOOD, Result, shown
from drboot.runner import DEADLINES, Execute, Runner, command
from drboot.seen import Seen
from drboot.started import Started
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Step
from drboot.steps.reversals import (
    AttributesWere,
    FileWas,
    GroupGone,
    GroupWas,
    InterfaceWas,
    MovedBack,
    OwnerWas,
    Reversal,
)
from drboot.verification import Verification


@dataclass(frozen=True)
class Recorded:
    """What a run's journal says of how to undo it.

    steps   reversals in the order in which undo takes them
    kept    what cannot be brought back, and why
    files   the managed files as they were before the run; None where it did not come to record them
    lost    what should have been recorded of what was so before, and could not be read
    after   path -> digest of the managed files at its end; {} where it did not come to record them
    undone  runs that this run, itself an undo, has brought back completely
    missed  the reboot for the device reset did not come, and it went on in the same boot
    damage  where the journal cannot be believed any more, and why; () where it is whole
    """

    run: str
    values: Mapping[str, Any]
    steps: Tuple[Reversal, ...]
    files: Optional[Tuple[FileWas, ...]]
    kept: Tuple[str, ...] = ()
    lost: Tuple[str, ...] = ()
    after: Mapping[str, str] = field(default_factory=dict)
    undone: Tuple[str, ...] = ()
    missed: bool = False
    damage: Tuple[str, ...] = ()

    @property
    def event(self) -> str:
        return f"{self.values.get('systemid')}/{self.values.get('arm_id')}"

    @property
    def deadlines(self) -> Mapping[str, float]:
        """Seconds by kind of command, as they were in that run; {} of a run that did not record them."""
        said = self.values.get("deadlines")
        found = said.items() if isinstance(said, dict) else ()
        return {kind: float(s) for kind, s in found if kind in DEADLINES and isinstance(s, (int, float)) and s > 0}

    @property
    def is_undo(self) -> bool:
        return bool(self.values.get("undoes"))


@dataclass(frozen=True)
class Undo:
    """What is to be done: the runs, newest first, and the steps in their order."""

    runs: Tuple[Recorded, ...]
    steps: Tuple[Reversal, ...]
    kept: Tuple[str, ...]
    lost: Tuple[str, ...]

    def edited(self, seen: Seen) -> Tuple[str, ...]:
        """The files that somebody has changed since the last run, and that undo replaces all the same."""
        after = self.runs[0].after
        return tuple(
            step.path
            for step in self.steps
            if isinstance(step, FileWas)
            and step.path in after
            and reversals.digest(seen, step.path) != after[step.path]
            and seen.or_none(reversals.text_of(step.path)) != step.text
        )


def plan(root: Root, systemid: str, run: str = "") -> Undo:
    """What undo will do.  ``run`` names one run; default: every run of this event that is not undone.

    Raises ConfigError when there is nothing to undo, or when a later run has to be undone first; DrbootError (exit 4)
    when a record is damaged or missing; Refused when the machine's systemid is not known.
    """
    stamp = arming.read_stamp(root)
    if not systemid or stamp is None:
        why = "its systemid cannot be read" if stamp else "there is no stamp"
        raise Refused(Problem("undo-event-unknown", "which runs are this machine's is not known", "", why))
    mine = [one for one in (read(root, name) for name in report.runs(root)) if one is not None]
    mine = [one for one in mine if one.event == f"{systemid}/{stamp.arm_id}"]
    _must_be_on_record(root, systemid, stamp.arm_id, mine)
    mine = _after_reset(root, mine)
    undone = {name for one in mine for name in one.undone}
    left = [one for one in reversed(mine) if not one.is_undo and one.run not in undone]
    chosen = tuple(left)
    if run:
        chosen = tuple(left[:1])
        if not chosen or chosen[0].run != run:
            raise ConfigError(_not_this_one(run, undone, left))
    steps = _steps(chosen)
    if not steps:
        raise ConfigError(Problem("nothing-to-undo", "there is nothing to undo", paths.RUNS, "no run changed anything"))
    kept = tuple(dict.fromkeys(kept for one in chosen for kept in one.kept))
    return Undo(chosen, steps, kept, tuple(dict.fromkeys(lost for one in chosen for lost in one.lost)))


def _must_be_on_record(root: Root, systemid: str, arm_id: str, mine: Sequence[Recorded]) -> None:
    """Raises DrbootError where a run of this event has changed what its journal does not say."""
    lost: Dict[str, Tuple[str, str]] = {one.run: (one.damage[0], one.damage[1]) for one in mine if one.damage}
    for run in unrecorded.runs(root, f"{systemid}/{arm_id}"):
        lost.setdefault(run, (root.path(paths.UNRECORDED), "there was no room to record what the run changed"))
    last = state.load(root, systemid, arm_id).run
    if last and last not in {one.run for one in mine}:
        lost.setdefault(last, (root.path(f"{paths.RUNS}/{last}"), "its journal is gone; state.json names the run"))
    if lost:
        raise DrbootError(*(_damaged(root, run, *lost[run]) for run in sorted(lost)))


def _not_this_one(run: str, undone: Set[str], left: Sequence[Recorded]) -> Problem:
    if run in undone:
        why, following = "it was undone already", "drboot status"
    elif any(one.run == run for one in left):
        why, following = f"run {left[0].run} came later and has to be undone first", f"drboot undo {left[0].run}"
    else:
        why = "it is no run of this machine since it was armed, or AIX has reset its devices since"
        following = "drboot undo --plan"
    return Problem("undo-not-this-run", f"run {run} cannot be undone", paths.RUNS, why, following)


def _after_reset(root: Root, mine: Sequence[Recorded]) -> List[Recorded]:
    """The runs since the last reboot for the device reset, the first of them with the files of the time before it.

    What that boot has remembered of the reset (state.json) stays: it is not asked for again.
    """
    last = -1
    for index, one in enumerate(mine):
        # the report of a run that went on, and was killed, still says that it reboots
        if not one.missed and (report.read(root, one.run) or {}).get("outcome") == "reboot":
            last = index
    before, after = mine[: last + 1], list(mine[last + 1 :])
    first = next((index for index, one in enumerate(after) if not one.is_undo), None)
    if before and first is not None:
        moved = [step for one in reversed(before) for step in one.steps if isinstance(step, (FileWas, MovedBack))]
        was = {one.path: one for each in (after[first], *reversed(before)) for one in each.files or ()}
        was.update((one.path, one) for one in after[first].files or () if one.path == paths.STATE)
        after[first] = replace(after[first], steps=(*after[first].steps, *moved), files=tuple(was.values()))
    return after


def read(root: Root, run: str) -> Optional[Recorded]:
    """What the run recorded; None where its journal does not say what run it was.

    Raises DrbootError where the journal is damaged and nothing else tells whose it is.
    """
    path = root.path(f"{paths.RUNS}/{run}/journal.jsonl")
    made = report.read(root, run) or {}
    events, damaged = journal.records(path)
    damage: Tuple[str, ...] = ()
    if damaged:
        damage = (f"{path}:{damaged}", "this line does not continue the one before")
    elif len(events) < made.get("events", 0):
        damage = (f"{path}:{len(events) + 1}", f"{made['events']} lines were there when the report was written")
    values: Mapping[str, Any] = next((event for event in events if event["event"] == "run"), made if damage else {})
    if not values:
        if damage:
            raise DrbootError(_damaged(root, run, *damage))
        return None
    try:
        return _recorded(Recorded(run, values, (), None, damage=damage), events)
    except (KeyError, TypeError, AttributeError, AssertionError) as error:
        return Recorded(run, values, (), None, damage=(path, f"it has what this release does not write: {error!r}"))


def _damaged(root: Root, run: str, where: str, why: str) -> Problem:
    what = f"the record of run {run}, which undo needs, is not whole; nothing was undone"
    steps = (report.read(root, run) or {}).get("steps", ())
    acted = [step["title"] for step in steps if step["actions"]]
    known = f"It ran: {', '.join(few(acted))}" if acted else "What it changed is not known"
    following = "deactivate a rehearsal's LPAR; else bring back by hand what the run changed: drboot report " + run
    return Problem("undo-record-damaged", what, where, f"{why}. {known}", following)


def _recorded(one: Recorded, events: Sequence[Mapping[str, Any]]) -> Recorded:
    """The run with what its events say.  Raises KeyError and the like for what ``dump`` never wrote."""
    steps: List[Reversal] = []
    kept: List[str] = []
    lost: List[str] = []
    for event in events:
        if event["event"] == "before":
            lost += event["unread"]
            one = replace(one, files=tuple(_file(value, one.run) for value in event["files"]))
        elif event["event"] == "undo":
            steps[:0] = [reversals.load(value, one.run) for value in event["back"]]  # the last change is undone first
            kept += [f"{event['title']}: {event['kept']}"] if event["kept"] else []
            lost += [f"{event['title']}: {event['lost']}"] if event["lost"] else []
        elif event["event"] == "after":
            one = replace(one, after=dict(event["files"]))
        elif event["event"] == "leg":
            one = replace(one, missed=one.missed or "missed" in event)
        elif event["event"] == "undone":
            one = replace(one, undone=tuple(event["runs"]))
    return replace(one, steps=tuple(steps), kept=tuple(kept), lost=tuple(lost))


def _file(value: Mapping[str, Any], run: str) -> FileWas:
    made = reversals.load(value, run)
    assert isinstance(made, FileWas)
    return made


def _steps(runs: Sequence[Recorded]) -> Tuple[Reversal, ...]:
    """The reversals of these runs, newest run first; then the files of the oldest.

    What several recorded is brought back once, as the oldest found it, at the oldest's turn.
    """
    if not any(one.steps for one in runs):
        return ()
    found: List[Reversal] = [step for one in runs for step in one.steps]
    exported = {step.vg for step in found if isinstance(step, GroupGone)}
    # what belongs to a volume group that goes anyway; its disks keep the settings that they had at home
    found = [s for s in found if not (isinstance(s, (GroupWas, OwnerWas)) and s.vg in exported)]
    found = _all_addresses(_oldest_attributes(found))
    # a run that was killed before it had recorded the files had not changed any
    found += next((one.files for one in reversed(runs) if one.files is not None), ())
    last = {step.id: index for index, step in enumerate(found)}
    ordered = reversals.in_order([step for index, step in enumerate(found) if last[step.id] == index])
    # a machine that is half undone is not armed again: its next boot would apply over the rest
    return tuple(
        replace(step, needs=tuple(before.id for before in ordered[:index]))
        if isinstance(step, FileWas) and step.path in (paths.STATE, paths.STAMP)
        else step
        for index, step in enumerate(ordered)
    )


def _oldest_attributes(found: Sequence[Reversal]) -> List[Reversal]:
    """Without the attributes that an older run recorded as well: two values of one attribute are not both so."""
    kept: List[Reversal] = []
    older: Set[Tuple[str, str]] = set()
    for step in reversed(found):
        if isinstance(step, AttributesWere):
            values = tuple(pair for pair in step.values if (step.device, pair[0]) not in older)
            older.update((step.device, name) for name, _ in values)
            if not values:
                continue
            step = replace(step, values=values)
        kept.append(step)
    return kept[::-1]


def _all_addresses(found: Sequence[Reversal]) -> List[Reversal]:
    """An interface that several runs gave an address loses all of them, whichever record is used."""
    given: Dict[str, Tuple[str, ...]] = {}
    for step in found:
        if isinstance(step, InterfaceWas):
            given[step.name] = (*given.get(step.name, ()), *step.addresses)
    return [
        replace(step, addresses=tuple(dict.fromkeys(given[step.name]))) if isinstance(step, InterfaceWas) else step
        for step in found
    ]


def assessed(undo: Undo, seen: Seen) -> Tuple[Tuple[Step, Assessment], ...]:
    """Each step with its answer on fresh facts, for the plan."""
    return apply.verify(undo.steps, seen)


def run(
    root: Root,
    systemid: str,
    name: str = "",
    console: Optional[Console] = None,
    run_argv: Optional[Execute] = None,
    clock: Clock = REAL,
    stop: Optional[Stop] = None,
) -> int:
    """Undo, verify, report.  Exit code 0, or 4 when something could not be brought back.  Raises DrbootError."""
    os.umask(0o022)  # as in a run: what undo programs write must not depend on who calls
    with contextlib.ExitStack() as stack:
        try:
            stack.enter_context(lock.held(root))
        except OSError as error:
            raise _unrecorded(error) from error
        return _Run(root, plan(root, systemid, name), console, run_argv, clock, stop).go()


def _unrecorded(error: OSError) -> DrbootError:
    """What is not recorded is not begun: the records are all that an undo that is interrupted has to go by."""
    return DrbootError(_no_record(error.filename or paths.VAR, os.strerror(error.errno or 0)))


def _no_record(where: str, why: str) -> Problem:
    return Problem("record-unwritable", "undo cannot be recorded", where, why, "make room in /var: drboot undo")


def _lost(what: str) -> Problem:
    following = "look at it by hand: the report of the run says what it did"
    return Problem("undo-not-recorded", "one thing cannot be brought back", paths.RUNS, what, following)


def _bug(error: Exception) -> Problem:
    return Problem(
        "internal-error",
        "undo ended by a bug of drboot",
        "",
        f"{type(error).__name__}: {error}",
        "the journal of this undo has the details; drboot undo --plan shows what is left",
    )


class _Run:
    """One undo, from its journal to its report."""

    def __init__(
        self,
        root: Root,
        undo: Undo,
        console: Optional[Console],
        run_argv: Optional[Execute],
        clock: Clock,
        stop: Optional[Stop],
    ) -> None:
        self.root = root
        self.undo = undo
        self.clock = clock
        self.stop = stop
        self.edited: Tuple[str, ...] = ()
        self.bugs: List[Problem] = []
        self.started = time.time()
        self.began = clock.now()  # a time of day may be set while it runs
        self.run_id = report.new_run(root, self.started, "-undo")
        directory = root.path(f"{paths.RUNS}/{self.run_id}")
        try:
            files.make_own_directory(directory)
        except OSError as error:
            raise _unrecorded(error) from error
        self.journal = journal.Journal(os.path.join(directory, "journal.jsonl"))
        self.tell = pipeline(self.run_id, self.journal, console)
        self.runner = Runner(root, undo.runs[0].deadlines, run_argv=run_argv)
        self.runner.keep = outputs.keeper(root, self.run_id)
        self.seen = Seen(self.runner)
        self.processes = Started(root, str(undo.runs[-1].values.get("systemid", "")), self.journal, self.tell)
        self.runner.begun, self.runner.listen = self.processes.begun, self.processes.ran
        self.left = LeftRunning(self.tell, self.processes.add, alone=True)

    def go(self) -> int:
        first = self.undo.runs[-1].values
        names = [one.run for one in self.undo.runs]
        common = {key: first.get(key, "") for key in ("host", "site", "mode", "systemid", "arm_id")}
        self.tell("run", undoes=names, by="operator", **common)
        self.tell("say", text=f"undoing {', '.join(names)}")
        try:
            self.left.take(left_running.earlier(self.seen, str(common["systemid"]), self.run_id, self.runner.deadlines))
            self.processes.only([writer.pid for writer in self.left.living()])
            self.edited = self.undo.edited(self.seen)
            results = self._take(self.undo.steps)
            results = Verification(self._look, self._take, self.tell, self.left).of(self.undo.steps, results)
        except Exception as error:
            self.tell("bug", traceback=traceback.format_exc())
            self.bugs.append(_bug(error))
            self._report(common, (), "not-undone", EXIT_BUG)
            return EXIT_BUG
        is_whole = all(result.outcome in GOOD for result in results) and not self.undo.lost and not self.left.living()
        if is_whole:
            self.tell("undone", runs=names)
        code = EXIT_OK if is_whole else EXIT_UNFINISHED
        self._report(common, results, "undone" if is_whole else "not-undone", code)
        return code

    def _look(self, steps: Sequence[Step]) -> Tuple[Tuple[Step, Assessment], ...]:
        return Apply(steps, self.seen, self.runner, self.tell, clock=self.clock).look()

    def _take(self, steps: Sequence[Step]) -> Tuple[Result, ...]:
        return Apply(
            steps, self.seen, self.runner, self.tell, clock=self.clock, stop=self.stop, left=self.left,
            may_begin=self._may_begin,
        ).run()  # fmt: skip

    def _may_begin(self, step: Step, back: Back) -> Optional[Problem]:
        """What is there before is in no other record: a file that somebody has written into since the run."""
        failure = self.journal.failure
        return _no_record(paths.VAR, failure) if failure else None

    def _report(self, common: Mapping[str, Any], results: Sequence[Result], outcome: str, code: int) -> None:
        lost = map(_lost, self.undo.lost)
        problems = [*self.bugs, *lost, *(result.problem for result in results if result.problem)]
        writers = self.left.living()
        if writers:
            problems.append(left_running.still_running(writers))
        notes = [f"Kept: {kept}." for kept in self.undo.kept]
        replaced = {result.step for result in results if result.actions}
        notes += [
            f"{path} was changed after the run: what it said is in the journal of this undo."
            for path in self.edited
            if f"undo/file{path}" in replaced
        ]
        if self.stop is not None and self.stop.asked and outcome == "not-undone":
            notes.append(self.stop.note)
        stamp = arming.read_stamp(self.root)
        if stamp is not None and stamp.phase == "armed":
            notes.append("It is armed again, as it was: its next boot applies. To prevent that: drboot disarm.")
        made = {
            "version": 1,
            "run": self.run_id,
            **common,
            "undoes": [one.run for one in self.undo.runs],
            "accepted": False,
            "by": "operator",
            "path": "undo",
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
            "seconds": round(self.clock.now() - self.began, 1),
            "outcome": outcome,
            "exit_code": code,
            "steps": [shown(result) for result in results],
            "problems": [problem._asdict() for problem in problems],
            "notes": notes,
        }
        unwritten = report.write(self.root, made)
        self.tell("report", outcome=outcome, exit_code=code)
        for note in notes:
            self.tell("say", text=note)
        report.tell(self.tell, made, unwritten or "")
        headline = report.headline(made)
        self.runner.run(command("errlogger", f"drboot: {headline}"[:1000]))
