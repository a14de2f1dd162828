"""Armed or not: the stamp that the gate reads, the inittab entry that starts it, and the device-reset flags.

Order of writing, so that a crash in between is harmless: ``arm`` sets the flags, then the entry, and the stamp
last (an entry without a stamp does nothing).  ``commit_disarm`` writes the stamp first, which is the commit point
of a recovery, and then sets the entry to off (an entry that is live beside a disarmed stamp does nothing either,
and the gate sets it to off at the next boot).

Whoever writes the stamp or the entry holds the lock of a run meanwhile: an ``arm`` between the two writes of a
``commit_disarm`` would else be left with an armed stamp and an entry that is off, and the next DR boot does nothing.
"""

from __future__ import annotations

import contextlib
import math
import os
import re
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from drboot import files, gate, lock, paths
from drboot.errors import Busy, ConfigError, DrbootError, Problem
from drboot.facts import inittab, lsattr
from drboot.paths import Root
from drboot.profile.trust import check_code, check_trusted
from drboot.runner import ENVIRONMENT, Execute, Runner, command, execute
from drboot.seen import Seen

if TYPE_CHECKING:
    from drboot.profile.estate import Estate

ENTRY_ID = "drboot"
AFTER = "srcmstr"
BEFORE = "rctcpip"
# The line of inittab/drboot.inittab, where every field is explained; a test compares them.
ENTRY = "drboot:2:wait:/opt/drboot/inittab/drboot-boot </dev/null >/dev/console 2>&1 # DR recovery at another site"

FLAGS = ("ghostdev", "clouddev")
FLAG_OF_RESET = {"ghostdev": "ghostdev", "clouddev-carried": "clouddev"}
# Exits non-zero and prints nothing else: an interpreter that is no Python 3 fails already at the flags.
_AT_LEAST_39 = ("-I", "-S", "-B", "-c", "import sys; sys.exit(sys.version_info < (3, 9))")


@dataclass(frozen=True)
class EntryState:
    """What /etc/inittab says about drboot.

    lines   drboot's own lines as lsitab prints them, normally one
    live    init would run one of them at the next boot
    placed  all of them stand behind srcmstr and before rctcpip
    """

    lines: Tuple[str, ...]
    live: bool
    placed: bool

    @property
    def right(self) -> bool:
        """One entry, as shipped, live, in its place."""
        return self.lines == (ENTRY,) and self.placed


@dataclass(frozen=True)
class Armed:
    """What ``arm`` did.

    changed  what had to be changed, a line each; the stamp is always new
    notes    what the administrator must know, none of it an error
    """

    stamp: gate.Stamp
    changed: Tuple[str, ...]
    notes: Tuple[Problem, ...]


def is_armed(root: Root) -> bool:
    """Whether the next boot looks at its systemid.  Raises ConfigError for a stamp that must not be believed."""
    stamp = read_stamp(root)
    return stamp is not None and stamp.phase == "armed"


def read_stamp(root: Root) -> Optional[gate.Stamp]:
    """The stamp as the gate reads it.  Raises ConfigError where the gate would decide for exit 2."""
    try:
        return gate.read_stamp(root.directory)
    except gate.StampDamaged as error:
        where = f"{error.file}:{error.line}" if error.line else error.file
        raise ConfigError(
            Problem(
                error.name,
                "the stamp cannot be believed",
                where,
                error.why,
                "correct that, then: drboot arm --site SITE, the site whose names and addresses it carries",
            )
        ) from error


# -- the inittab entry


def entry_state(seen: Seen) -> EntryState:
    """Read through lsitab.  Raises FactUnavailable."""
    entries = seen(inittab.ENTRIES)
    return _state(entries)


def _entries(runner: Runner) -> Tuple[inittab.Entry, ...]:
    """Looked at afresh.  Raises FactUnavailable."""
    return Seen(runner)(inittab.ENTRIES)


def _state(entries: Sequence[inittab.Entry]) -> EntryState:
    ids = [entry.id for entry in entries]
    own = [at for at, name in enumerate(ids) if name == ENTRY_ID]
    after = ids.index(AFTER) if AFTER in ids else len(ids)
    before = ids.index(BEFORE) if BEFORE in ids else len(ids)
    return EntryState(
        lines=tuple(str(entries[at]) for at in own),
        live=any(entries[at].action != "off" for at in own),
        placed=bool(own) and all(after < at < before for at in own),
    )


def install_entry(runner: Runner) -> Tuple[str, ...]:
    """The shipped entry stands once, live, between srcmstr and rctcpip.  Returns what was changed.

    An entry in its place is changed there; a moved or doubled one is removed and made again.
    Raises DrbootError when the inittab does not show it afterwards, or shows any other entry changed.

    Source: ``mkitab -i ID`` puts an entry behind ID; ``chitab`` replaces a whole entry in its place; ``rmitab``
    (aix/boot-and-devices.md section 17).  Assumed: rmitab takes away one line or all lines of a doubled id; it is
    asked again while lsitab still shows one.
    """
    before = _entries(runner)
    state = _state(before)
    if state.right:
        return ()
    ids = [entry.id for entry in before]
    if AFTER not in ids or (BEFORE in ids and ids.index(BEFORE) < ids.index(AFTER)):
        raise _entry_problem(
            f"there is no place behind {AFTER} and before {BEFORE}", f"order of {AFTER} in the inittab"
        )
    if len(state.lines) == 1 and state.placed:
        _change(runner, "chitab", ENTRY)
        done = "inittab entry drboot corrected"
    else:
        for _ in state.lines:
            if _state(_entries(runner)).lines:
                _change(runner, "rmitab", ENTRY_ID)
        _change(runner, "mkitab", "-i", AFTER, ENTRY)
        done = "inittab entry drboot moved to its place" if state.lines else "inittab entry drboot made"
    after = _entries(runner)
    if not _state(after).right:
        raise _entry_problem("the inittab does not show the entry as it was written", " | ".join(_state(after).lines))
    _others_kept(before, after)
    return (done,)


def entry_off(runner: Runner) -> bool:
    """The entry's action is off, the rest of its line as it was.  True when that changed anything.

    The caller holds the lock.  Where that could not be had, somebody may have armed meanwhile: the stamp is read after
    the entry is written, as ``arm`` does it the other way round, and beside an armed one the entry is live again,
    ConfigError.
    Raises FactUnavailable, or DrbootError when lsitab shows it live afterwards.
    """
    before = _entries(runner)
    state = _state(before)
    if not state.live:
        return False
    for entry in before:
        if entry.id == ENTRY_ID and entry.action != "off":
            _change(runner, "chitab", str(entry._replace(action="off")))
    if is_armed(runner.root):
        install_entry(runner)
        raise _stamp_changed()
    after = _entries(runner)
    if _state(after).live:
        raise _entry_problem("the entry is still live after chitab", " | ".join(_state(after).lines))
    _others_kept(before, after)
    return True


def entry_off_if_disarmed(runner: Runner) -> bool:
    """The same, where the stamp still says disarmed once the lock is had.  Raises Busy as well."""
    if not _state(_entries(runner)).live:  # as on nearly every boot: nothing is written, the lock neither
        return False
    with _alone(runner.root):
        return not is_armed(runner.root) and entry_off(runner)


def entry_off_at_boot(directory: str) -> str:
    """What the gate does about an entry that is live beside a disarmed stamp; what is to be said of it, or "".

    Whoever holds the lock is arming, or sets it to off himself.
    """
    try:
        changed = entry_off_if_disarmed(Runner(Root(directory)))
    except Busy as error:
        return f"the inittab entry is live beside a disarmed stamp, and stays so: {error.problems[0].why}"
    return "the inittab entry was still live beside a disarmed stamp: it is off now" if changed else ""


@contextlib.contextmanager
def _alone(root: Root) -> Iterator[None]:
    """With the lock of a run, which an apply or undo holds as well.  Raises Busy.

    Without it where /var cannot be written: a machine can be armed and disarmed all the same.
    """
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(OSError):
            stack.enter_context(lock.held(root))
        yield


def _change(runner: Runner, program: str, *args: str) -> None:
    """Run it; what it says is evidence, the read-back decides."""
    runner.run(command(program, *args, touches="inittab"))


def _others_kept(before: Sequence[inittab.Entry], after: Sequence[inittab.Entry]) -> None:
    was, now = ([entry for entry in entries if entry.id != ENTRY_ID] for entries in (before, after))
    if was != now:
        differing = sorted({entry.id for entry in set(was) ^ set(now)}) or ["their order"]
        raise _entry_problem("other entries changed with drboot's", ", ".join(differing))


def _entry_problem(what: str, why: str) -> DrbootError:
    return DrbootError(
        Problem("inittab-entry", what, paths.ETC_INITTAB, why, "look at /etc/inittab with lsitab -a, then: drboot arm")
    )


# -- the device-reset flags


def wanted_flags(resets: Sequence[str]) -> Dict[str, str]:
    """ghostdev and clouddev as the profiles' ``device_reset`` of the other sites asks for.

    They must stand in the copy, so production carries them (aix/boot-and-devices.md section 2); clouddev-at-dr
    and none want both to be 0 here.
    """
    flags = dict.fromkeys(FLAGS, "0")
    for reset in resets:
        if reset in FLAG_OF_RESET:
            flags[FLAG_OF_RESET[reset]] = "1"
    return flags


def set_flags(runner: Runner, flags: Mapping[str, str]) -> Tuple[Tuple[str, ...], Tuple[Problem, ...]]:
    """Returns what was changed, and notes.  Raises DrbootError when a flag reads back as something else."""
    changed: List[str] = []
    notes: List[Problem] = []
    for flag, wanted in flags.items():
        query = lsattr.value("sys0", flag)
        values = Seen(runner)(query)
        if values and wanted == "1" and flag == "ghostdev":
            notes.append(_fires_on_other_moves())
        if not values:
            if wanted == "1":
                notes.append(_no_flag(flag))
            continue
        if values == (wanted,):
            continue
        ran = runner.run(command("chdev", "-l", "sys0", "-a", f"{flag}={wanted}", touches="devices"))
        read_back = Seen(runner)(query)
        if read_back != (wanted,):
            why = f"it reads {','.join(read_back) or 'nothing'} after chdev ({ran.how()}: {ran.said()})"
            raise DrbootError(
                Problem("device-flag-not-set", f"sys0 {flag} is not {wanted}", "sys0", why, "then: drboot arm")
            )
        changed.append(f"sys0 {flag} {values[0]} -> {wanted}")
    return tuple(changed), tuple(notes)


def _fires_on_other_moves() -> Problem:
    return Problem(
        "ghostdev-and-remote-restart",
        "ghostdev is 1: AIX resets its devices when this LPAR starts elsewhere",
        "sys0 ghostdev",
        "that includes Simplified Remote Restart and offline LPM, not only DR",
        "where those are used, choose device_reset: clouddev-at-dr",
    )


def _no_flag(flag: str) -> Problem:
    return Problem(
        "device-flag-missing",
        f"this AIX level has no sys0 attribute {flag}",
        f"lsattr -El sys0 -a {flag}",
        "exit status 255, so the devices are not reset by it at DR",
        "choose another device_reset, or update AIX",
    )


# -- the interpreter


def choose_interpreter(root: Root, run_argv: Execute = execute) -> Tuple[str, Tuple[Problem, ...]]:
    """The interpreter that says of itself that it is 3.9 or newer, and what must be known of it.

    It is the one of /etc/drboot/interpreter, where that names one, and else the first of paths.INTERPRETERS.
    Without one, the machine that we run on is not armed: ConfigError.  Below ``--root`` the first of them is taken and
    a note says so, since a machine that is only looked at, or rehearsed by hand, needs none.
    """
    configured = configured_interpreter(root)
    candidates = (configured,) if configured else paths.INTERPRETERS
    for python in candidates:
        program = root.path(python)
        if os.access(program, os.X_OK):
            ran = run_argv((program, *_AT_LEAST_39), ENVIRONMENT, True, 30.0)
            if ran.outcome == "exited" and ran.rc == 0:
                return python, ()
    problem = Problem(
        "no-interpreter",
        "there is no Python 3.9 or newer that the boot could use",
        root.directory,
        f"{configured} of {paths.INTERPRETER} does not run, or is older"
        if configured
        else f"none of {', '.join(paths.INTERPRETERS)} runs",
        f"correct {paths.INTERPRETER}" if configured else "install python3.9.base or python3 of the AIX Toolbox",
    )
    if root.directory:
        return candidates[0], (problem,)
    raise ConfigError(problem)


def configured_interpreter(root: Root) -> str:
    """The line of /etc/drboot/interpreter that is no comment; "" without one.  Raises ConfigError.

    Only what the launcher would start: it cannot look at owners, so it trusts these trees alone.
    """
    try:
        with open(root.path(paths.INTERPRETER), encoding="ascii") as file:
            lines = [(number, line.strip()) for number, line in enumerate(file, 1)]
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise _interpreter_problem(0, f"it cannot be read: {error}") from error
    problems = check_trusted(root, paths.INTERPRETER)
    if problems:
        raise ConfigError(*problems)
    given = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not given:
        return ""
    number, path = given[0]
    if len(given) > 1:
        raise _interpreter_problem(given[1][0], f"line {number} names one already")
    if not _STARTED.fullmatch(path) or ".." in path:
        raise _interpreter_problem(number, f"{path} is not an absolute path below /usr or /opt")
    return path


_STARTED = re.compile(r"/(usr|opt)/[A-Za-z0-9/._-]+")


def _interpreter_problem(line: int, why: str) -> ConfigError:
    where = f"{paths.INTERPRETER}:{line}" if line else paths.INTERPRETER
    cure = "one line with the absolute path of a Python 3.9 or newer, below /usr or /opt; or comments only"
    return ConfigError(Problem("interpreter-setting", "the interpreter that is asked for is none", where, why, cure))


# -- arm and disarm


def arm(
    runner: Runner, estate: Estate, site: str, host: str, run_argv: Execute = execute, arm_id: str = "", home: str = ""
) -> Armed:
    """Whatever this LPAR wakes as, the next boot decides about it.

    site    the configured site: the one whose values the machine carries now
    host    the production host name, the key of hosts.csv
    arm_id  16 hex digits; drawn when empty
    home    the site whose own capture counts when the machine wakes there; default: as the stamp before had it

    Raises ConfigError or Busy before anything is changed, DrbootError when the machine does not take the change.
    """
    if site not in estate.sites:
        raise ConfigError(
            Problem("site-unknown", f"there is no profile of site {site}", paths.SITES, "", "drboot arm --site SITE")
        )
    if not host:
        raise ConfigError(Problem("host-name-missing", "the stamp needs the production host name", paths.HOSTS_CSV))
    python, missing = choose_interpreter(runner.root, run_argv)
    home = home or _home_before(runner.root, host)
    text = stamp_text(estate, site, host, python, arm_id or secrets.token_hex(8), home)
    _checked(runner.root, text)
    others = [profile for name, profile in estate.sites.items() if name != site]
    changeable = check_code(runner.root, (paths.PRODUCT, python))
    with _alone(runner.root):
        flags_changed, notes = set_flags(runner, wanted_flags([profile.device_reset for profile in others]))
        entry_changed = install_entry(runner)
        stamp = _write_stamp(runner.root, text)
        entry_changed += install_entry(runner)  # read back beside the stamp, and once more where somebody set it to off
    return Armed(
        stamp, flags_changed + tuple(dict.fromkeys(entry_changed)), (*missing, *filter(None, (changeable,)), *notes)
    )


def home_of(stamp: gate.Stamp) -> str:
    """The site that the machine came from: its own capture counts when the machine wakes there again."""
    return stamp.values.get("home") or stamp.configured_site


def _home_before(root: Root, host: str) -> str:
    """What the stamp that is replaced says; "" where it says nothing of this host, or must not be believed."""
    with contextlib.suppress(ConfigError):
        stamp = read_stamp(root)
        return home_of(stamp) if stamp is not None and stamp.host == host else ""
    return ""


def stamp_text(estate: Estate, site: str, host: str, python: str, arm_id: str, home: str = "") -> str:
    """The stamp of an armed machine; the gate's parse_stamp is its other side."""
    lines = ["version=1", f"arm_id={arm_id}", "phase=armed", f"host={host}", f"configured_site={site}"]
    if home not in ("", site):
        lines.append(f"home={home}")
    lines.extend(f"ids.{name}={','.join(profile.systemids)}" for name, profile in estate.sites.items())
    lines.extend(f"boot_hold.{name}={math.ceil(profile.boot_hold)}" for name, profile in estate.sites.items())
    deadline = max(profile.deadlines.read for profile in estate.sites.values())
    lines.extend((f"deadline={math.ceil(deadline)}", f"python={python}", f"sha256={estate.digest}"))
    return _HEADER + "".join(line + "\n" for line in lines)


_HEADER = "# Written by drboot arm and disarm, read by the gate at every boot.  Do not edit.\n"


def disarm(runner: Runner) -> Tuple[str, ...]:
    """The next boot does nothing, wherever it is.  Returns what was changed.  Raises Busy as well.

    The device-reset flags stay: whether another tool relies on them is not known here.
    """
    with _alone(runner.root):
        stamp = read_stamp(runner.root)
        changed: List[str] = []
        if stamp is not None and stamp.phase != "disarmed":
            _write_stamp(runner.root, disarmed_text(stamp))
            changed.append("stamp disarmed")
        if entry_off(runner):
            changed.append("inittab entry drboot off")
        return tuple(changed)


def commit_disarm(runner: Runner, systemid: str, arm_id: str, run: str) -> None:
    """This event is over: the stamp says so, which is the commit point, and then the entry is off.

    The run that calls it holds the lock.
    Nothing is written when the stamp is no longer that of this event: somebody armed meanwhile.
    """
    stamp = read_stamp(runner.root)
    if stamp is None or stamp.arm_id != arm_id:
        raise _stamp_changed()
    if stamp.phase == "armed":
        _write_stamp(runner.root, disarmed_text(stamp, f"{systemid}/{arm_id}", run))
    entry_off(runner)


def _stamp_changed() -> ConfigError:
    return ConfigError(
        Problem("stamp-changed", "the stamp was replaced during the run", paths.STAMP, "", "drboot status")
    )


def disarmed_text(stamp: gate.Stamp, event: str = "", run: str = "") -> str:
    """The stamp with phase=disarmed, and the event that it was disarmed for; sha256 stays the last line."""
    values = {**stamp.values, "phase": "disarmed"}
    digest = values.pop("sha256")
    for key, value in (("event", event), ("run", run)):
        values.pop(key, None)
        if value:
            values[key] = value
    values["sha256"] = digest
    return _HEADER + "".join(f"{key}={value}\n" for key, value in values.items())


def _checked(root: Root, text: str) -> None:
    """The gate would believe it.  Raises ConfigError: the profiles are wrong, or the host name is no such thing."""
    try:
        gate.parse_stamp(text.encode("utf-8", "surrogateescape"), root.path(paths.STAMP))
    except gate.StampDamaged as error:
        raise ConfigError(
            Problem(error.name, "the profiles make no stamp", paths.SITES, error.why, "correct them, then: drboot arm")
        ) from error


def _write_stamp(root: Root, text: str) -> gate.Stamp:
    """Write it durably and read it back as the gate will.  Raises DrbootError."""
    path = root.path(paths.STAMP)
    try:
        os.makedirs(os.path.dirname(path), mode=0o755, exist_ok=True)
        files.write_atomic(path, text.encode("ascii"), 0o600)
    except OSError as error:
        raise DrbootError(
            Problem("stamp-not-written", "the stamp cannot be written", path, os.strerror(error.errno or 0), "")
        ) from error
    stamp = read_stamp(root)
    if stamp is None:
        raise DrbootError(Problem("stamp-not-written", "the stamp is gone after it was written", path))
    return stamp
