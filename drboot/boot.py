"""One run: prepare, choose the leg, apply, verify, report, disarm.  Entered from the gate, or by hand.

    init -> gate -> run(root, stamp, decision)          drboot --apply -> the same

The run ends in a report, whatever happens; a traceback is kept in the journal and never shown.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
import traceback
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any, Dict, List, Mapping, Optional, Sequence, Tuple, Union

from drboot import (
    alarms,
    arming,
    left_running,
    lock,
    outputs,
    paths,
    plan,
    policy,
    report,
    reset,
    state,
    unrecorded,
)
from drboot.apply import Apply
from drboot.clock import REAL, Clock
from drboot.errors import (
    EXIT_BUG,
    EXIT_DUPLICATE,
    EXIT_OK,
    EXIT_REBOOT,
    EXIT_UNFINISHED,
    Busy,
    ConfigError,
    DrbootError,
    FactUnavailable,
    Problem,
)
from drboot.events import Console, pipeline
from drboot.facts import lssrc
from drboot.gate import REBOOT_WAIT
from drboot.interrupt import Stop
from drboot.journal import Journal
from drboot.left_running import LeftRunning
from drboot.paths import Root
from drboot.profile.load import load
from drboot.profile.trust import check_own
from drboot.results import GOOD, Result, shown
from drboot.runner import Execute, Ran, Runner, command
from drboot.seen import Seen
from drboot.started import Started
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Step
from drboot.steps.network import interfaces
from drboot.verification import Verification
from drboot.wanted import Wanted, prepare

if TYPE_CHECKING:
    from drboot.gate import Decision, Stamp

GATE_LOOK = 0.5  # seconds between two looks whether the gate still waits for the reboot
AFTER_REHEARSAL = (
    "These disks have been through a rehearsal in another LPAR: what it held back (crontabs, mail, subsystems) is "
    "still held back. This is a disaster: bring it back by hand, see the rehearsal's report."
)
# after a reboot for the device reset that did not come
GOES_ON = "nothing to do: drboot goes on with plan B and removes what is stale one by one"
RESTART = "restart the LPAR: shutdown -Fr, or reboot, or from the HMC; its next boot goes on from here"
AFTER_TEST = "After a DR test: deactivate this LPAR before the replication is resumed, or its disks are lost under it."


def run(
    root: str,
    stamp: Stamp,
    decision: Decision,
    by: str = "init",
    console: Optional[Console] = None,
    run_argv: Optional[Execute] = None,
    clock: Clock = REAL,
    stop: Optional[Stop] = None,
) -> int:
    """Do what the decision says for its site.  Returns the exit code; never raises.

    by    ``init`` or ``operator``, for the record
    stop  by what an operator can stop it
    """
    os.umask(0o022)
    console = console or Console(1)
    try:
        return _Run(Root(root), stamp, decision, by, console, run_argv, clock, stop).go()
    except DrbootError as error:
        tell = pipeline("-", None, console)
        for problem in error.problems:
            tell("problem", problem=problem._asdict())
        tell("say", text="nothing was changed")
        return error.exit_code
    except Exception as error:  # the last edge before the console
        tell = pipeline("-", None, console)
        tell("say", text=f"internal error: {type(error).__name__}: {error}")
        report.keep_bug(Root(root), traceback.format_exc())
        return EXIT_BUG
    finally:
        console.close()


class _Stopped(Exception):
    """The operator stopped the run before the reset was asked for."""


class _Run:
    """The state of one run, from its lock to its report."""

    def __init__(
        self,
        root: Root,
        stamp: Stamp,
        decision: Decision,
        by: str,
        console: Console,
        run_argv: Optional[Execute],
        clock: Clock,
        stop: Optional[Stop],
    ) -> None:
        self.root = root
        self.stamp = stamp
        self.decision = decision
        self.by = by
        self.parent = os.getppid()  # the gate, where init has begun it
        self.console = console
        self.run_argv = run_argv
        self.clock = clock
        self.stop = stop
        self.started = time.time()
        self.began = clock.now()  # a time of day may be set while it runs
        self.run_id = report.new_run(root, self.started)
        self.problems: List[Problem] = []
        self.notes: List[str] = []
        self.since = self.started  # of this event's first run
        self.policy = policy.NEUTRAL
        self.event = state.Event(decision.systemid, stamp.arm_id)  # as this run knows it
        self.mode = ""
        self.before = 0  # lines of the journal up to the one that has the managed files
        self.no_way_back: Optional[Problem] = None  # it has changed what is not on record
        self._marking = threading.Lock()

    def go(self) -> int:
        check_own(self.root)
        estate = load(self.root)
        site = estate.sites.get(self.decision.site)
        deadlines = _seconds(site.deadlines) if site else {}
        self.runner = Runner(self.root, deadlines, run_argv=self.run_argv)
        self.seen = Seen(self.runner)
        self._check_ids(estate.sites)
        # until here nothing was written: bad input leaves no trace
        stamp = self.stamp
        home, first = stamp.configured_site, arming.home_of(stamp)
        wanted = prepare(self.seen, estate, stamp.host, home, self.decision.site, came_from=first)
        wanted = replace(wanted, systemid=self.decision.systemid, arm_id=self.stamp.arm_id, run=self.run_id)
        with self._locked():
            self._check_still_armed()
            self.seen.forget()
            self._open_journal()
            try:
                return self._guarded(wanted, estate.digest)
            finally:
                self.journal.flush()
                self._see_the_record()

    def _check_still_armed(self) -> None:
        """Another run may have come to its end while this one was waiting its turn."""
        stamp = arming.read_stamp(self.root)
        if stamp is None or (stamp.phase, stamp.arm_id) != (self.stamp.phase, self.stamp.arm_id):
            raise Busy(
                Problem(
                    "run-overtaken",
                    "another run changed the stamp meanwhile",
                    paths.STAMP,
                    "it is no longer the one that this run began with",
                    "drboot status",
                )
            )

    @contextlib.contextmanager
    def _locked(self) -> Any:
        """The lock; where /var cannot be written the run goes on without it, and says so."""
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock.held(self.root))
            except OSError as error:
                self.problems.append(_no_record("the lock cannot be taken", error))
            yield

    def _check_ids(self, sites: Mapping[str, Any]) -> None:
        """The profiles may have changed since arm; what they say now must agree with the decision."""
        site = sites.get(self.decision.site)
        if site and not self.decision.accepted and self.decision.systemid not in site.systemids:
            raise ConfigError(
                Problem(
                    "profile-changed-since-arm",
                    f"the profile of {site.site} no longer lists this machine's systemid",
                    str(site.at),
                    f"the stamp says that {self.decision.systemid} is {site.site}, the profile does not",
                    "correct the profile, then: drboot arm; drboot --apply",
                )
            )

    def _open_journal(self) -> None:
        """Where the run cannot be recorded the journal keeps it in memory until it can be."""
        self.journal = Journal(self.root.path(f"{paths.RUNS}/{self.run_id}/journal.jsonl"))
        self.tell = pipeline(self.run_id, self.journal, self.console)
        self.runner.keep = outputs.keeper(self.root, self.run_id)
        self.processes = Started(self.root, self.decision.systemid, self.journal, self.tell)
        self.runner.begun, self.runner.listen = self.processes.begun, self.processes.ran
        self.left = LeftRunning(self.tell, self.processes.add)

    def _guarded(self, wanted: Wanted, digest: str) -> int:
        """The run proper: from here on every end is a report."""
        self.mode = wanted.mode
        self.tell(
            "run", host=wanted.host, site=wanted.site.site, mode=wanted.mode, by=self.by, path=wanted.site.device_reset,
            systemid=self.decision.systemid, arm_id=self.stamp.arm_id, accepted=self.decision.accepted,
            deadlines=self.runner.deadlines,
        )  # fmt: skip
        self._record_before()
        self.tell("say", text=f"{wanted.host} has woken at site {wanted.site.site} ({wanted.mode}), run {self.run_id}")
        if digest != self.stamp.values.get("sha256"):
            self.notes.append("The profiles were changed since this machine was armed; what they say now was applied.")
        if self.decision.accepted:
            self.notes.append(f"The operator accepted systemid {self.decision.systemid} by typing it.")
        results: Tuple[Result, ...] = ()
        try:
            self.event = event = state.load(self.root, self.decision.systemid, self.stamp.arm_id)
            self.left.take(left_running.earlier(self.seen, self.decision.systemid, self.run_id, self.runner.deadlines))
            self.processes.only([writer.pid for writer in self.left.living()])
            wanted, event, reboot = self._leg(wanted, event)
            if reboot:
                end = self._reboot(wanted)
                if isinstance(end, int):
                    return end
                wanted = self._without_reboot(wanted, event, end)
            self.policy = policy.Policy(wanted.site.on_failure, plan.kinds(wanted))
            results = self._configure(plan.build(wanted))
            return self._finish(wanted, results)
        except _Stopped:
            self._report(wanted, results, "unfinished", EXIT_UNFINISHED)
            return EXIT_UNFINISHED
        except Exception as error:
            self.tell("bug", traceback=traceback.format_exc())
            self.problems.append(_bug(error))
            self._flags_off(wanted)
            self._report(wanted, results, "unfinished", EXIT_BUG)
            return EXIT_BUG

    def _flags_off(self, wanted: Wanted) -> None:
        """Whatever else failed: once the reset was observed, or plan B chosen, no later boot may reset again."""
        if self.event.phase == state.CONFIGURING:
            with contextlib.suppress(Exception):  # a second bug must not cost the report of the first
                self._configure(plan.build(wanted, only="device_flags"))

    def _record_before(self) -> None:
        """The managed files as they are before anything is changed: what undo brings back."""
        files: List[Dict[str, Any]] = []
        unread: List[str] = []
        for path in paths.MANAGED:
            try:
                files.append(reversals.dump(reversals.file_was(self.seen, path)))
            except FactUnavailable as error:
                unread.extend(problem.what for problem in error.problems)
        self.tell("before", files=files, unread=unread)
        self.before = self.journal.count

    def _record_after(self) -> None:
        """What the managed files say at the end: undo tells by it what somebody has written into them since."""
        self.seen.forget({"files", "filesystems"})
        self.tell("after", files={path: reversals.digest(self.seen, path) for path in paths.MANAGED})

    # -- what is on record

    def _may_begin(self, step: Step, back: Back) -> Optional[Problem]:
        """As ``_may_change``.  What changes nothing but managed files is on record with them."""
        if back == Back() and self.journal.written >= self.before:
            return None
        return self._may_change(self.policy.kinds.get(step.id) in policy.NOT_TOLERABLE)

    def _may_change(self, saves: bool = False) -> Optional[Problem]:
        """None where something may be changed now; else why not.

        Undo knows what is on record.  A rehearsal is there to be undone, and changes nothing else, but for what saves
        the machine: production's addresses and crontabs away, the reset flags to 0.  A disaster goes on.
        """
        failure = self.journal.failure
        if failure is None:
            return None
        if self.mode == "rehearsal" and not saves:
            return _not_undoable(failure)
        with self._marking:
            if self.no_way_back is None:
                self._mark(failure)
        return None

    def _mark(self, failure: str) -> None:
        """Undo, and everybody who reads, is told before the change."""
        try:
            unrecorded.add(self.root, f"{self.decision.systemid}/{self.stamp.arm_id}", self.run_id)
        except (OSError, ConfigError) as error:
            failure = f"{failure}; {paths.UNRECORDED}: {error}"
        self.no_way_back = _no_way_back(self.run_id, failure)
        self.problems.append(self.no_way_back)
        self.tell("problem", problem=self.no_way_back._asdict())

    def _see_the_record(self) -> None:
        """What could not be recorded and is by now, is no longer complained about."""
        if self.no_way_back and not self.journal.failure:
            with contextlib.suppress(OSError, ConfigError):  # the line stays, and undo refuses without need
                unrecorded.drop(self.root, self.run_id)
            self.problems.remove(self.no_way_back)
            self.no_way_back = None

    # -- which leg

    def _leg(self, wanted: Wanted, event: state.Event) -> Tuple[Wanted, state.Event, bool]:
        """What this boot does: ask for the reset and reboot, or configure, with plan B where there was no reset."""
        wanted = replace(wanted, heard=wanted.heard.after(event.claims))
        run = event.run if self.journal.failure else self.run_id  # undo looks for the journal of the run that is named
        event = self._began(wanted, replace(event, run=run, claims=wanted.heard.marks()))
        if event.phase == state.CONFIGURING:
            self.tell("leg", leg="configure", resumed=True, plan_b=event.plan_b)
            return replace(wanted, plan_b=event.plan_b), self._advance(event, state.CONFIGURING), False
        try:
            signs = reset.signs_of_home(self.seen, wanted.capture, wanted.foreign)
        except FactUnavailable as error:
            # plan B is right in both cases: it removes nothing but what home left behind
            self.tell("leg", leg="configure", unread=error.problems[0].what, plan_b=True)
            self.notes.append("Whether AIX had reset its devices could not be seen: " + error.problems[0].what + ".")
            return replace(wanted, plan_b=True), self._advance(event, state.CONFIGURING, plan_b=True), False
        at_dr = wanted.site.device_reset == "clouddev-at-dr"
        asked = event.phase == state.RESET_REQUESTED or (event.phase == state.RESET_INTENDED and self._may_be_asked())
        self.tell("leg", signs=list(signs), phase=event.phase, asked=asked)
        if not signs:
            if at_dr and not asked:
                self.notes.append("The ODM was already clean on the first boot: one boot was saved.")
                event = replace(event, boots_saved=1)
            return wanted, self._advance(event, state.CONFIGURING), False
        self.tell("say", text=f"ODM not reset: {signs[0]}" + (f" and {len(signs) - 1} more signs" if signs[1:] else ""))
        if at_dr and not asked and self._ask_for_reset(wanted, event):
            return wanted, event, True
        if wanted.site.device_reset != "none":
            self.notes.append(f"The ODM was not reset ({signs[0]}): what was stale was removed one by one (plan B).")
        return replace(wanted, plan_b=True), self._advance(event, state.CONFIGURING, plan_b=True), False

    def _began(self, wanted: Wanted, event: state.Event) -> state.Event:
        """The event with what it is and since when, for banner, status and report; a later run of it keeps the time."""
        if event.mode == wanted.mode == "rehearsal" and self.started > event.until:
            late = alarms.of_rehearsal(event, self.started)
            self.notes.append(" ".join(late))
            for line in late:
                self.tell("say", text=line)
        if event.mode != wanted.mode:
            if event.mode == "rehearsal":
                self.notes.append(AFTER_REHEARSAL)
            until = self.started + wanted.site.rehearsal.limit if wanted.mode == "rehearsal" else 0.0
            event = replace(event, mode=wanted.mode, since=self.started, until=until)
        self.since = event.since
        return event

    def _may_be_asked(self) -> bool:
        return self.seen.or_none(reset.CLOUDDEV) == ("1",) or self.left.beside(reset.SYS0) is not None

    def _ask_for_reset(self, wanted: Wanted, event: state.Event) -> bool:
        """Fence, then ask; never twice for one event.  False when it cannot be asked for, or not remembered."""
        self.policy = policy.Policy(wanted.site.on_failure, plan.kinds(wanted))
        self._configure(plan.build(wanted, only="fence"))
        if self.stop is not None and self.stop.asked:
            raise _Stopped
        try:
            problem = self._may_change()
            if problem is None:
                event = state.advanced(self.root, event, state.RESET_INTENDED)
                problem = reset.request(self.runner, self.seen, self.left)
            if problem is None:
                state.advanced(self.root, event, state.RESET_REQUESTED)
                return True
        except OSError as error:
            # a reset that is not remembered could be asked for again and again
            problem = _no_record("the reset request cannot be recorded, so no reboot follows", error)
        self.problems.append(problem)
        self.tell("problem", problem=problem._asdict())
        return False

    def _advance(self, event: state.Event, phase: str, plan_b: Optional[bool] = None) -> state.Event:
        """The event in its next phase; this run knows it also where it cannot be saved."""
        self.event = state.in_phase(event, phase, plan_b)
        try:
            state.save(self.root, self.event)
        except OSError as error:
            self.problems.append(_no_record("the state cannot be recorded", error))
        return self.event

    def _reboot(self, wanted: Wanted) -> Union[int, Problem]:
        """End this boot.  Returns only where that did not come: the exit code, or the Problem that makes it plan B.

        The worker stays until init ends it, and the gate holds the boot meanwhile (gate._hold): going on would start
        rctcpip with production's ODM.  An operator has his prompt back, with the exit code that says reboot.

        Where the gate is gone, init has ended it: the machine goes down, or the boot goes on without us.  Either way
        nothing is left to wait for, and no plan B may begin in the middle of that.
        """
        self._report(wanted, (), "reboot", EXIT_REBOOT)
        self.tell("say", text="rebooting once, so that AIX resets its devices")
        until = self.clock.now() + REBOOT_WAIT
        ran = self.runner.run(command("shutdown", "-Fr", kind="reboot"), left_running.ANYTHING)
        if ran.outcome == "missing" or (ran.outcome == "exited" and ran.rc > 0):
            return _refused(ran)
        if ran.outcome == "stuck":
            self.left.add(ran.pid, ran.argv, "reboot", left_running.ANYTHING)
        elif self.by == "operator":
            return EXIT_REBOOT
        if not self._awaited(until):
            return EXIT_REBOOT
        if ran.outcome == "exited" and not left_running.has_descendants(ran.pid):
            return _overdue(ran, GOES_ON)
        self.problems.append(_overdue(ran, RESTART))
        self._report(wanted, (), "unfinished", EXIT_UNFINISHED)
        return EXIT_UNFINISHED

    def _awaited(self, until: float) -> bool:
        """Whether the time is over, and the gate still waits with us."""
        while self.clock.now() < until:
            if os.getppid() != self.parent:
                return False
            self.clock.sleep(min(GATE_LOOK, until - self.clock.now()))
        return True

    def _without_reboot(self, wanted: Wanted, event: state.Event, missed: Problem) -> Wanted:
        """Plan B in this very boot: the flags go back to 0, so that no later boot resets."""
        self.tell("problem", problem=missed._asdict())
        self.runner.run(command("errlogger", f"drboot: {missed.what} ({missed.why}): plan B is taken"[:1000]))
        self.notes.append(f"The reboot for the device reset did not come ({missed.why}): plan B was taken.")
        self.seen.forget()
        self.tell("leg", leg="configure", missed=missed.name, plan_b=True)
        self._advance(event, state.CONFIGURING, plan_b=True)
        return replace(wanted, plan_b=True)

    # -- apply, verify, disarm

    def _look(self, steps: Sequence[Step]) -> Tuple[Tuple[Step, Assessment], ...]:
        return Apply(steps, self.seen, self.runner, self.tell, clock=self.clock).look()

    def _configure(self, steps: Sequence[Step]) -> Tuple[Result, ...]:
        rules = self.policy
        return Apply(
            steps, self.seen, self.runner, self.tell, clock=self.clock,
            stopping=rules.stopping, unstoppable=rules.unstoppable, stop=self.stop, may_begin=self._may_begin,
            left=self.left,
        ).run()  # fmt: skip

    def _finish(self, wanted: Wanted, results: Tuple[Result, ...]) -> int:
        results = Verification(self._look, self._configure, self.tell, self.left).of(plan.build(wanted), results)
        bad = [result for result in results if result.outcome not in GOOD]
        self.problems.extend(dict.fromkeys(result.problem for result in bad if result.problem))
        tolerated = self.policy.tolerated(plan.build(wanted), {result.step: result for result in results})
        if tolerated:
            self.notes.append("Tolerated, as on_failure of the profile says: " + ", ".join(sorted(tolerated)) + ".")
        if any(result.essential and result.step not in tolerated for result in bad):
            twice = any(problem.name in policy.DUPLICATE_ADDRESS for problem in self.problems)
            code = EXIT_DUPLICATE if twice else EXIT_UNFINISHED
            if twice:
                self._remember_claims(wanted)
            self._report(wanted, results, "unfinished", code)
            return code
        outcome, code = ("complete", EXIT_OK) if self._is_over() else ("unfinished", EXIT_UNFINISHED)
        self._report(wanted, results, outcome, code)
        return code

    def _remember_claims(self, wanted: Wanted) -> None:
        """What was taken down for a claim is not taken down for it again, once somebody has put it right."""
        try:
            watched = interfaces.held(self.seen).intersection((*wanted.addresses, *wanted.wpar_addresses))
            marks = wanted.heard.marks(interfaces.claims(self.seen), watched)
            state.save(self.root, replace(self.event, claims=marks))
        except FactUnavailable:
            return  # the addresses that it is about were not judged either
        except OSError as error:
            self.problems.append(_no_record("the claims that were acted on cannot be recorded", error))

    def _is_over(self) -> bool:
        """Nothing runs any more that may change what was verified, and it is disarmed."""
        writers = self.left.living()
        if writers:
            self.problems.append(left_running.still_running(writers))
            return False
        return self._disarmed()

    def _disarmed(self) -> bool:
        """The stamp says that this event is over.  An entry that stays live is set to off by the next boot's gate."""
        try:
            arming.commit_disarm(self.runner, self.decision.systemid, self.stamp.arm_id, self.run_id)
        except DrbootError as error:
            self.problems.extend(error.problems)
        try:
            stamp = arming.read_stamp(self.root)
        except DrbootError as error:
            self.problems.extend(error.problems)
            return False
        return stamp is not None and stamp.phase == "disarmed"

    # -- telling

    def _report(self, wanted: Wanted, results: Sequence[Result], outcome: str, exit_code: int) -> None:
        self._record_after()
        self._see_the_record()
        if outcome == "complete":
            self.problems = [_of_a_run_that_is_over(problem) for problem in self.problems]
            self.notes.append(AFTER_TEST if wanted.coming is None else _home_again(wanted))
        if self.journal.failure and not self.no_way_back:
            self.notes.append(f"The end of this run is not on record ({self.journal.failure}); what it changed is.")
        if self.stop is not None and self.stop.asked and outcome == "unfinished":
            self.notes.append(self.stop.note)
        took = max(0.0, time.time() - self.since)
        self.notes.extend(report.recovery_time(wanted.site.rto, took))
        self.notes.extend(report.licence(item.name, item.tied_to) for item in wanted.site.licences)
        made: Dict[str, Any] = {
            "version": 1,
            "run": self.run_id,
            "host": wanted.host,
            "site": wanted.site.site,
            "mode": wanted.mode,
            "systemid": self.decision.systemid,
            "arm_id": self.stamp.arm_id,
            "accepted": self.decision.accepted,
            "by": self.by,
            "path": wanted.site.device_reset + (", plan B" if wanted.plan_b else ""),
            "started": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.started)),
            "seconds": round(self.clock.now() - self.began, 1),
            "outcome": outcome,
            "exit_code": exit_code,
            "steps": [shown(result) for result in results],
            "problems": [problem._asdict() for problem in self.problems],
            "rto": wanted.site.rto,
            "recovery_seconds": round(took, 1),
            "notes": self.notes,
            "failback": [line for result in results for line in result.failback],
            "events": self.journal.count if self.no_way_back else self.journal.written,
        }
        unwritten = report.write(self.root, made)
        self.tell("report", outcome=outcome, exit_code=exit_code)
        report.tell(self.tell, made, unwritten or "")
        headline = report.headline(made)
        self.runner.run(command("errlogger", f"drboot: {headline}"[:1000]))
        self._syslog(f"drboot: {headline}"[:1000])
        if self.no_way_back:
            self.runner.run(command("errlogger", f"drboot: {self.no_way_back.what}: {self.no_way_back.why}"[:1000]))

    def _syslog(self, line: str) -> None:
        """Tell syslog where syslogd answers; before rctcpip it does not, and the other records have to do."""
        rows = self.seen.or_none(lssrc.subsystem("syslogd"))
        if rows and rows[0].status == "active":
            self.runner.run(command("logger", "-t", "drboot", "-p", "daemon.notice", line))


def _seconds(deadlines: Any) -> Dict[str, float]:
    return {name: value for name, value in asdict(deadlines).items() if isinstance(value, float)}


def _home_again(wanted: Wanted) -> str:
    here, away = wanted.site.site, wanted.home
    return (
        f"This machine is home again. Next: drboot arm --site {here}, then drboot capture. Inittab entries that were "
        f"off at {away} start with the next boot, or with telinit q. The LPAR at {away} must not be started again from "
        "its disks."
    )


def _bug(error: Exception) -> Problem:
    return Problem(
        "internal-error",
        "the run ended by a bug of drboot",
        "",
        f"{type(error).__name__}: {error}",
        "the run's journal has the details; the machine stays armed: drboot plan shows what is left",
    )


def _refused(ran: Ran) -> Problem:
    # Assumed: a site's /etc/rc.shutdown that fails stops the shutdown (aix/boot-and-devices.md section 23).
    return Problem(
        "reboot-refused",
        "the reboot for the device reset did not come",
        "shutdown -Fr",
        " - ".join(filter(None, (ran.how(), ran.said()))),
        GOES_ON,
    )


def _overdue(ran: Ran, following: str) -> Problem:
    return Problem(
        "reboot-overdue",
        f"the reboot for the device reset did not come within {REBOOT_WAIT} s",
        "shutdown -Fr",
        " - ".join(filter(None, (ran.how(), ran.said()))),
        following,
    )


def _no_record(what: str, error: OSError) -> Problem:
    return Problem(
        "record-unwritable",
        what,
        error.filename or paths.VAR,
        os.strerror(error.errno or 0),
        "make room in /var, then: drboot --apply",
    )


def _of_a_run_that_is_over(problem: Problem) -> Problem:
    """What could not be recorded stands in nobody's way any more: all is done, and disarmed."""
    return problem._replace(next="make room in /var") if problem.name == "record-unwritable" else problem


def _not_undoable(failure: str) -> Problem:
    return Problem(
        "record-unwritable",
        "nothing more is changed: it could not be undone",
        paths.VAR,
        f"what is there before a change cannot be recorded ({failure}), and a rehearsal is there to be undone",
        "make room in /var, then: drboot --apply",
    )


def _no_way_back(run: str, failure: str) -> Problem:
    return Problem(
        "undo-not-safe",
        f"run {run} cannot be undone by drboot",
        paths.VAR,
        f"what it changes is not on record ({failure})",
        "make room in /var while it runs: what waits is written then. Else undo it by hand, by its report",
    )
