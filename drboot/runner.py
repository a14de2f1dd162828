"""THE place where drboot runs a command: argv list, own process group, fixed environment, a deadline.

Nothing else of the product starts a process, the gate's one identity query aside.
"""

from __future__ import annotations

import _thread
import contextlib
import functools
import os
import signal
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field, replace
from typing import IO, Callable, Dict, FrozenSet, Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot import optional
from drboot.paths import Root

# Seconds; a profile's `deadlines` override them.  Assumed: no published durations of importvg, varyonvg or
# fsck were found (aix/lvm-and-filesystems.md section 19), so these are generous.
DEADLINES: Mapping[str, float] = {
    "read": 30.0,
    "write": 120.0,
    "cfgmgr": 900.0,
    "importvg": 900.0,
    "varyonvg": 600.0,
    "fsck": 3600.0,
    "mount": 300.0,
    "nfs": 30.0,
    "wpar": 600.0,
    "hook": 600.0,
    "disks": 600.0,
    "reboot": 600.0,
}

# Only commands of these kinds are ever signalled.  chdev's manual forbids interrupting it (the ODM may be
# corrupted), an interrupted LVM command can leave its VG locked, an interrupted bosboot an unbootable disk
# (aix/boot-and-devices.md sections 6 and 14, aix/lvm-and-filesystems.md section 18).
KILLABLE = frozenset({"read", "nfs", "hook"})

# What init gives its children is a bare environment, so ODMDIR and PATH are set here; LC_ALL=C because AIX
# translates its messages (transcript netstat/04).
ENVIRONMENT: Mapping[str, str] = {
    "PATH": "/usr/bin:/etc:/usr/sbin:/usr/ucb:/sbin",
    "LC_ALL": "C",
    "LANG": "C",
    "ODMDIR": "/etc/objrepos",
    "HOME": "/",
}

# No command of ours waits for a name server: whatever netsvc.conf says, names are looked up in /etc/hosts.  NFS mounts
# and programs of the site are told nothing: their servers may be known to DNS only.
# Source: NSORDER comes before /etc/netsvc.conf (aix/network-and-services.md section 12).
LOCAL_NAMES: Mapping[str, str] = {**ENVIRONMENT, "NSORDER": "local"}
_MAY_ASK = frozenset({"nfs", "hook"})

OUTPUT_LIMIT = 32 * 1024 * 1024  # bytes of a stream that are kept; CuAt of 4,000 disks is some 6 MB


@dataclass(frozen=True)
class Command:
    """One AIX command to run, or one program of the site.

    program  a name of paths.PROGRAMS; of the site's program, what the site calls it
    args     its arguments, one element each
    kind     a key of DEADLINES: how long it may take, and whether it may be killed
    touches  the parts of the machine that it changes (see facts.base.Query.about); facts about them
             are read afresh afterwards
    ok       exit statuses that count as success before the read-back
    path     the AIX path of a program of the site; "" for one of AIX
    deadline seconds; 0 for those of its kind
    environment  what a program of the site gets besides ENVIRONMENT: (name, value)
    answer   the one thing that is heard of what a program of the site prints: these words as its last line, whatever
             their case and with or without commas
    """

    program: str
    args: Tuple[str, ...]
    kind: str = "write"
    touches: FrozenSet[str] = frozenset()
    ok: Tuple[int, ...] = (0,)
    path: str = ""
    deadline: float = 0.0
    environment: Tuple[Tuple[str, str], ...] = ()
    answer: Tuple[str, ...] = ()

    def __str__(self) -> str:
        return " ".join((self.path or self.program, *(quoted(arg) for arg in self.args)))


def command(program: str, *args: str, kind: str = "write", touches: str = "", ok: Tuple[int, ...] = (0,)) -> Command:
    """A Command whose ``touches`` is given as words: ``command("chvg", "-a", "n", vg, touches="lvm")``."""
    return Command(program, args, kind, frozenset(touches.split()), ok)


@dataclass(frozen=True)
class Ran:
    """What became of a command.

    outcome  ``exited``   it ended by itself; ``rc`` is its status (negative: killed by that signal)
             ``killed``   a killable command passed its deadline, its process group is gone
             ``stuck``    a command that must not be killed passed its deadline and still runs as ``pid``
             ``missing``  there is no such program, or it cannot be started
             ``unheard``  a reading command ended by itself, and nowhere was room for what it printed
    cut      the file system had no room for all of its standard output
    """

    argv: Tuple[str, ...]
    outcome: str
    rc: int
    stdout: str
    stderr: str
    seconds: float
    pid: int = 0
    processes: Tuple[str, ...] = field(default=())  # "pid name" of what hung, where psutil can tell
    cut: bool = False

    def said(self, lines: int = 4) -> str:
        """The last lines of what it printed, for a report: stderr first, since that names the error."""
        text = "\n".join(part.strip() for part in (self.stderr, self.stdout) if part.strip())
        return " | ".join(line.strip() for line in text.splitlines()[-lines:])

    def complained(self, lines: int = 4) -> str:
        """The first lines of its standard error, on one line."""
        return " | ".join(line.strip() for line in self.stderr.strip().splitlines()[:lines])

    def how(self) -> str:
        """How it ended, in words."""
        if self.outcome == "missing":
            return "there is no such program"
        if self.outcome == "killed":
            return f"killed after {self.seconds:.0f} s without an answer"
        if self.outcome == "stuck":
            return f"still running as process {self.pid} after {self.seconds:.0f} s, not interrupted"
        if self.outcome == "unheard":
            return f"no room for what it prints: {', '.join(_Scratch.SPARE)} are full"
        return f"exit status {self.rc}"


# (argv, environment, killable, deadline in seconds) -> Ran
Execute = Callable[[Tuple[str, ...], Mapping[str, str], bool, float], Ran]


def execute(
    argv: Tuple[str, ...],
    environment: Mapping[str, str],
    killable: bool,
    deadline: float,
    begun: Optional[Callable[[int], None]] = None,
) -> Ran:
    """Run argv in a process group of its own and wait for it, at most ``deadline`` seconds.

    begun  called with its number as soon as it has one

    Output goes to unlinked files, not to pipes: AIX's lsvg is a ksh wrapper whose children inherit the
    pipe and keep it open after it has gone (aix/lvm-and-filesystems.md section 18), and a command that
    is left running must find its standard output usable.
    """
    started = time.monotonic()
    with _SCRATCH.file() as (out, directory), _SCRATCH.file() as (err, _):
        try:
            child = _Child(_start(argv, environment, out, err))
        except OSError as error:
            return Ran(argv, "missing", 127, "", str(error), time.monotonic() - started)
        if begun:
            begun(child.pid)
        processes: Tuple[str, ...] = ()
        if child.ended(deadline):
            rc, outcome = child.rc, "exited"
        else:
            processes = _tree(child.pid)
            rc, outcome = -1, "stuck"
            if killable:
                outcome = "killed"
                child.kill_group()
        text, cut = _text(out), outcome == "exited" and _SCRATCH.has_cut(out, directory)
        return Ran(argv, outcome, rc, text, _text(err), time.monotonic() - started, child.pid, processes, cut)


class Runner:
    """Runs Commands on one machine and tells a listener about each.

    root       the machine
    deadlines  seconds by kind; kinds that are missing take DEADLINES
    listen     called with (command, ran) after each command
    run_argv   what runs an argv; None for processes of this machine; rehearsals in one process give their own
    keep       called with (command, ran) for a hook: keeps what it printed and says where
    begun      called with (command, its argv, lock, pid) when one that may outlive drboot has its process
    """

    keep: Optional[Callable[[Command, Ran], str]] = None
    begun: Optional[Callable[[Command, Tuple[str, ...], str, int], None]] = None

    def __init__(
        self,
        root: Root,
        deadlines: Optional[Mapping[str, float]] = None,
        listen: Optional[Callable[[Command, Ran], None]] = None,
        run_argv: Optional[Execute] = None,
    ) -> None:
        self.root = root
        self.deadlines: Dict[str, float] = {**DEADLINES, **(deadlines or {})}
        self.listen = listen
        self._run_argv = run_argv

    def run(self, wanted: Command, lock: str = "") -> Ran:
        """Run it.  Never raises for anything that the command does.

        lock  what must not run beside it should it outlive drboot; "" where nothing is to be known of that
        """
        program = self.root.path(wanted.path) if wanted.path else self.root.program(wanted.program)
        argv = (program, *wanted.args)
        deadline = wanted.deadline or self.deadlines[wanted.kind]
        for _ in range(_Scratch.TRIES if wanted.kind == "read" else 1):
            ran = self._executed(wanted, argv, deadline, lock)
            if not ran.cut:
                break
        if ran.cut and wanted.kind == "read":
            ran = replace(ran, outcome="unheard")
        if wanted.path:
            ran = self._unsaid(wanted, ran)
        if self.listen:
            self.listen(wanted, ran)
        return ran

    def _executed(self, wanted: Command, argv: Tuple[str, ...], deadline: float, lock: str) -> Ran:
        environment, killable = self._environment(wanted), wanted.kind in KILLABLE
        if self._run_argv is not None:
            return self._run_argv(argv, environment, killable, deadline)
        return execute(argv, environment, killable, deadline, self._teller(wanted, argv, lock))

    def _teller(self, wanted: Command, argv: Tuple[str, ...], lock: str) -> Optional[Callable[[int], None]]:
        """What tells of its process: it may outlive drboot where it is not killed, or where it is the site's."""
        if not self.begun or not lock or (wanted.kind in KILLABLE and wanted.kind != "hook"):
            return None
        return functools.partial(self.begun, wanted, argv, lock)

    def _environment(self, wanted: Command) -> Mapping[str, str]:
        """The fixed one; a program of the site is told besides which machine it is about, "" for the one it is on."""
        if not wanted.path:
            return ENVIRONMENT if wanted.kind in _MAY_ASK else LOCAL_NAMES
        return {**ENVIRONMENT, "DRBOOT_ROOT": self.root.directory, **dict(wanted.environment)}

    def _unsaid(self, wanted: Command, ran: Ran) -> Ran:
        """Without its output: what a program of the site prints may be a secret, so no record or report repeats it."""
        if ran.outcome == "missing":
            return ran
        where = self.keep(wanted, ran) if self.keep and wanted.kind == "hook" else ""
        lines = [line for line in ran.stdout.splitlines() if line.strip()]
        said = tuple(lines[-1].lower().replace(",", " ").split()) if lines else ()
        heard = " ".join(said) if wanted.answer and said == wanted.answer and not ran.cut else ""
        return replace(ran, stdout=heard, stderr=where)


def succeeded(wanted: Command, ran: Ran) -> bool:
    """It ended by itself with a status that counts as success.  The read-back still has to agree."""
    return ran.outcome == "exited" and ran.rc in wanted.ok


def quoted(arg: str) -> str:
    """The argument as one would type it in ksh."""
    if arg and all(c.isalnum() or c in "-_./,:=+@%" for c in arg):
        return arg
    return "'" + arg.replace("'", "'\\''") + "'"


def _start(argv: Tuple[str, ...], environment: Mapping[str, str], out: IO[bytes], err: IO[bytes]) -> int:
    """The number of a process that runs argv in /, in a process group of its own; of ours only its output is open.

    Raises OSError where it cannot be started.
    """
    pid = _spawned(argv, environment, out.fileno(), err.fileno())
    if pid:
        return pid
    process = subprocess.Popen(
        list(argv),
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        env=dict(environment),
        cwd="/",
        start_new_session=True,
        close_fds=True,
    )
    process.returncode = 0  # it is waited for by its number, see _Child
    return process.pid


def _spawned(argv: Tuple[str, ...], environment: Mapping[str, str], out: int, err: int) -> int:
    """The same by posix_spawn, or 0 where that cannot do all of it; nothing was started then.

    fork copies what this process knows of its memory, which costs it more than all else that it does about a command.
    posix_spawn knows no working directory, so it is for a process that is in / itself, as the gate's worker is.  The
    worker has a session without a terminal, so that a process group is all that a command needs to be left alone by
    whoever signals drboot; POSIX has no flag for a session (posix_spawnattr_setflags), and with a terminal a command in
    another group than the foreground's is stopped as soon as it reads from it.  Some tell only by exit status 127 that
    there is no such program (POSIX allows it): hence access.
    """
    able = min(out, err) > 2 and _in_root() and not _has_terminal()
    if not (able and os.access(argv[0], os.X_OK) and _closes_descriptors()):
        return 0
    try:
        return os.posix_spawn(
            argv[0],
            argv,
            environment,
            file_actions=(
                (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                (os.POSIX_SPAWN_DUP2, out, 1),
                (os.POSIX_SPAWN_DUP2, err, 2),
            ),
            setpgroup=0,
            setsigdef=(signal.SIGPIPE, signal.SIGXFSZ),  # which Python ignores, and its children would
        )
    except (AttributeError, NotImplementedError):
        return 0


def _in_root() -> bool:
    with contextlib.suppress(OSError):
        return os.getcwd() == "/"
    return False


@functools.cache
def _has_terminal() -> bool:
    """Whether a child in this session could open a terminal (POSIX: /dev/tty is the one of the process, if any)."""
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
    except OSError:
        return False
    return True


@functools.cache
def _closes_descriptors() -> bool:
    """What was open when drboot began is inherited by nobody from here on; what Python opens never is.

    False where one cannot see what is open.
    """
    try:
        opened = [int(name) for name in os.listdir("/dev/fd")]
    except OSError:
        return False
    for descriptor in opened:
        if descriptor > 2:
            with contextlib.suppress(OSError):  # the one by which the directory was read
                os.set_inheritable(descriptor, False)
    return True


class _Scratch:
    """Where output goes: unlinked files in the first directory that takes them, the null device where none does.

    A file system without room cuts what a command prints, and few look whether they could print it: most end with 0.
    Such a directory comes last from then on.
    """

    SPARE = ("/tmp", "/var/tmp", "/")  # noqa: S108  on AIX each in a file system of its own: hd3, hd9var, hd4
    TRIES = 1 + len(SPARE)  # the first may be one of the environment's
    BLOCK = 512  # bytes.  Source: manual page of crfs: a block of JFS2 (agblksize), a fragment of JFS has 512 to 4096

    def __init__(self) -> None:
        self._small: FrozenSet[str] = frozenset()

    @contextlib.contextmanager
    def file(self) -> Iterator[Tuple[IO[bytes], str]]:
        """An open file, and its directory; "" for the null device."""
        file, directory = self._opened()
        try:
            yield file, directory
        finally:
            file.close()

    def _opened(self) -> Tuple[IO[bytes], str]:
        for directory in self._directories():
            with contextlib.suppress(OSError):
                return tempfile.TemporaryFile(buffering=0, dir=directory), directory
        return open(os.devnull, "r+b", buffering=0), ""

    def _directories(self) -> Sequence[str]:
        first: Tuple[str, ...] = ()
        with contextlib.suppress(OSError):
            first = (tempfile.gettempdir(),)
        return sorted(dict.fromkeys((*first, *self.SPARE)), key=self._small.__contains__)

    def has_cut(self, file: IO[bytes], directory: str) -> bool:
        """Whether something was printed that did not go into the file.

        What is cut ends where a block does, and there is room for no other: only then one is asked for.
        """
        if not directory:
            return True
        try:
            size = os.fstat(file.fileno()).st_size
            if size % self.BLOCK == 0:
                os.pwrite(file.fileno(), b"\n", size)
        except OSError:
            self._small |= {directory}
            return True
        return False


_SCRATCH = _Scratch()


def _text(file: IO[bytes]) -> str:
    """What was written, decoded; bytes that are not UTF-8 survive as surrogates."""
    with contextlib.suppress(OSError):
        size = min(os.fstat(file.fileno()).st_size, OUTPUT_LIMIT)
        return os.pread(file.fileno(), size, 0).decode("utf-8", "surrogateescape") if size else ""
    return ""


class _Child:
    """A process that was started, and a thread that waits for it.

    To look again and again with ever longer pauses would add up to 50 ms to each of some hundred commands.  The thread
    of one that is left running stays, and hinders nobody's end.

    rc  its exit status, negative for the signal that ended it; -1 while it runs
    """

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.rc = -1
        self._ended = False
        self._over = threading.Lock()
        self._over.acquire()
        try:
            _thread.start_new_thread(self._reap, ())
            self._watched = True
        except RuntimeError:  # no more threads here
            self._watched = False

    def ended(self, seconds: float) -> bool:
        """Whether it has ended, after at most so long."""
        if self._watched:
            self._over.acquire(timeout=seconds)
            return self._ended
        deadline = time.monotonic() + seconds
        while not self._look(os.WNOHANG) and time.monotonic() < deadline:
            time.sleep(0.01)
        return self._ended

    def kill_group(self) -> None:
        """Kill the whole group: killing only a ksh wrapper leaves its children behind.  Waits a bounded time."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self.ended(2.0)

    def _reap(self) -> None:
        self._look(0)
        self._over.release()

    def _look(self, options: int) -> bool:
        try:
            pid, status = os.waitpid(self.pid, options)
            if pid:
                self.rc, self._ended = os.waitstatus_to_exitcode(status), True
        except ChildProcessError:
            # SIGCHLD was ignored when drboot was started: nobody learns the status, and the read-back decides alone
            self.rc, self._ended = 0, True
        return self._ended


def _tree(pid: int) -> Tuple[str, ...]:
    """The processes below pid as "pid name"; () without psutil, which is optional on AIX."""
    psutil = optional.psutil()
    if psutil is None:
        return ()
    names: List[str] = []
    try:
        top = psutil.Process(pid)
        for process in [top, *top.children(recursive=True)]:
            with contextlib.suppress(psutil.Error):
                names.append(f"{process.pid} {process.name()}")
    except (psutil.Error, OSError, RuntimeError):
        # AIX ports now and then raise "structure size mismatch" (psutil issue 1575): only evidence is lost
        return tuple(names)
    return tuple(names)
