"""The second back end: an LPAR whose world is in this process's memory, for the many thousand runs of the matrices.

    boot.power_on(machine)
    lpar = inprocess.InProcess(machine)
    ... lpar.execute(("ROOT/usr/sbin/lspv",), {}, True, 30.0) ...
    lpar.save()

The commands are those of the other back end (sim/machine.py), one function each; only who calls them differs: no
process, no lock file, no document read or written for each of them.  Files are real files below the root all the same.

Time is counted and not spent: a command that hangs, or takes long, says so in ``seconds`` and returns at once.

A program of the site (a hook) has no function here: its file is run as the process that it is.
"""

from __future__ import annotations

import os
import subprocess
import threading
from typing import Any, Dict, List, Mapping, NamedTuple, NoReturn, Sequence, Tuple

from drboot.sim import faults, latency
from drboot.sim.command import Context, Hang, PowerOff, Result, find, run
from drboot.sim.machine import Machine, log_entry

SYSTEM = ("/usr/bin/", "/usr/sbin/", "/usr/lib/", "/sbin/")  # where AIX's own programs are, and no site's
REAL_LIMIT = 60.0  # seconds that a program of the site may really take here; longer ones are told by a fault


class Ended(NamedTuple):
    """What became of a command.

    outcome  exited | killed (it may be killed, and passed the deadline) | stuck (it may not, and runs on) | missing
    rc       its exit status; -1 where it has none
    pid      of what is stuck, 0 otherwise
    """

    argv: Tuple[str, ...]
    outcome: str
    rc: int
    stdout: str
    stderr: str
    seconds: float
    pid: int = 0


class Gone(BaseException):
    """Whoever called is no more: the machine is off (``reboot``, ``halt``), or the caller was killed (``killed``).

    No Exception, so that nobody who is gone goes on.
    """


class NotSimulated(Exception):
    """A program of AIX that the simulated one lacks, or one of the site that cannot be run as a process."""


class InProcess:
    """An LPAR after ``boot.power_on``, its world in memory until ``save``.

    gone    "" while the caller lives; then why not, and every further command raises Gone
    passed  seconds that the caller has counted and not spent
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.gone = ""
        self.passed = 0.0
        self._lock = threading.RLock()  # commands may be asked for by several threads; one runs at a time
        self._log: List[Dict[str, Any]] = []
        with machine.locked():
            self.world = machine.load()
        self._was = _copy(self.world)

    def save(self) -> None:
        """The LPAR's documents and its log are as they would be had every command been a process."""
        with self._lock, self.machine.locked():
            self.machine.save(self.world)
            self.machine.log(*self._log)
            self._log.clear()

    def live_again(self) -> None:
        """Whoever was killed is started anew; the machine was never off."""
        if self.gone == "killed":
            self.gone = ""

    def execute(self, argv: Sequence[str], environment: Mapping[str, str], killable: bool, deadline: float) -> Ended:
        """Run ``argv``, whose program is below the LPAR's root.  Safe for several threads.

        What would pass the deadline is killed before it has done its work, or, where it must not be killed, has done
        it by the time that anybody looks again.  Raises Gone, NotSimulated.
        """
        with self._lock:
            if self.gone:
                raise Gone(self.gone)
            program = argv[0][len(self.machine.root) :] if argv[0].startswith(self.machine.root + "/") else ""
            if not program or not os.access(argv[0], os.X_OK):
                return Ended(tuple(argv), "missing", 127, "", f"{argv[0]}: not found", 0.0)
            if find(program) is None:
                if program.startswith(SYSTEM):
                    raise NotSimulated(argv[0])
                return self._run_file(tuple(argv), program, environment, killable, deadline)
            # plain text, as it is for a process: a subclass that knows more must not get into the world
            args = [str(arg) for arg in argv[1:]]
            result, seconds, late = self._run(program, args, environment, killable, deadline)
            if not late:
                return Ended(tuple(argv), "exited", result.rc, result.out, result.err, seconds)
            if killable:
                return Ended(tuple(argv), "killed", -1, result.out, result.err, deadline)
            return Ended(tuple(argv), "stuck", -1, result.out, result.err, deadline, self.world["kernel"]["next_pid"])

    def _run_file(
        self, argv: Tuple[str, ...], program: str, environment: Mapping[str, str], killable: bool, deadline: float
    ) -> Ended:
        """A program of the site: its file is real and is run as a process, on the world as it is now.

        It may call the simulated commands below the root, which are processes then as well.  Faults hit it as they
        hit a command.  Raises NotSimulated for one that nothing here can run.
        """
        fault = faults.pick(self.world["settings"]["faults"], program, list(argv[1:]))
        if fault is not None and fault["kind"] == "dies":
            self._is_gone("killed")
        result, seconds = faults.before(fault), faults.waits(fault)
        if result is None and seconds <= deadline:
            self.save()
            try:
                ran = subprocess.run(
                    argv, stdin=subprocess.DEVNULL, capture_output=True, env=dict(environment), cwd="/", check=False,
                    timeout=REAL_LIMIT,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as error:
                raise NotSimulated(f"{argv[0]}: {error}") from error
            with self.machine.locked():
                self.world = self.machine.load()
            self._was = _copy(self.world)
            out, err = (text.decode("utf-8", "surrogateescape") for text in (ran.stdout, ran.stderr))
            result = faults.after(fault, Result(ran.returncode, out, err))
        late = seconds > deadline
        self._log.append(log_entry([program, *argv[1:]], result.rc if result else -1, False, fault))
        if late or result is None:
            return Ended(argv, "killed" if killable else "stuck", -1, "", "", deadline)
        return Ended(argv, "exited", result.rc, result.out, result.err, seconds)

    def _run(
        self, program: str, args: List[str], environment: Mapping[str, str], killable: bool, deadline: float
    ) -> Tuple[Result, float, bool]:
        """Result, seconds, and whether they are more than the deadline."""
        fault = faults.pick(self.world["settings"]["faults"], program, args)
        self._was["settings"] = _copy(self.world["settings"])  # that a rule was counted is no change of the machine
        if fault is not None and fault["kind"] == "dies":
            self._is_gone("killed")
        instead = faults.before(fault)
        seconds = faults.waits(fault)
        if instead is None:
            seconds += latency.seconds(self.world, program, args)
            if killable and seconds > deadline:
                instead = Result(-1, "", "")
        if instead is not None:
            self._log.append(log_entry([program, *args], instead.rc, False, fault))
            return instead, seconds, seconds > deadline
        ctx = Context(self.world, self.machine.root, env=dict(environment), passed=self.passed)
        try:
            result = run(ctx, program, args)
        except PowerOff as off:
            self.world["kernel"]["running"] = False
            self._log.append(log_entry([program, *args], 0, self._changed(ctx), fault))
            self._is_gone(off.action)
        except Hang as hang:
            seconds += hang.seconds
            result = ctx.result(1)
        result = faults.after(fault, result)
        self._log.append(log_entry([program, *args], result.rc, self._changed(ctx), fault))
        return result, seconds, seconds > deadline

    def _changed(self, ctx: Context) -> bool:
        """Whether the command that has just run changed the machine."""
        if self.world == self._was:
            return ctx.wrote_files
        self._was = _copy(self.world)
        return True

    def _is_gone(self, why: str) -> NoReturn:
        self.gone = why
        raise Gone(why)


def _copy(value: Any) -> Any:
    """A copy of JSON's types.  It shares the texts, which makes it quick to compare with what it is a copy of."""
    kind = type(value)
    if kind is dict:
        return {key: _copy(item) for key, item in value.items()}
    return [_copy(item) for item in value] if kind is list else value
