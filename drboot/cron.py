"""Root's crontab: drboot's own line in it, and how cron hears of a new table.

    13 3 * * * /opt/drboot/bin/drboot check --nightly # by drboot arm --nightly; what it says is mailed to root

Every other line stays as it is, byte for byte.  The table is read from its file, since a command that fails would look
like an empty one, and is installed by ``crontab FILE``, since cron reads the files only when it starts.

Source: "The cron daemon examines crontab files only when the cron daemon is initialized. When you make changes to your
crontab file using the crontab command, a message indicating the change is sent to the cron daemon"; output that is not
redirected is mailed; ``crontab FILE`` and ``crontab -r``; where /var/adm/cron/cron.allow exists, root must be named in
it too, else cron.deny must not name it (AIX 5.2 Commands Reference, crontab).  A comment behind the command is the
shell's (transcript crontab/01).
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import NamedTuple, Optional, Tuple

from drboot import files, paths
from drboot.errors import DrbootError, FactUnavailable, Problem
from drboot.facts.base import FileQuery
from drboot.runner import Command, Ran, Runner, command
from drboot.seen import Seen

NIGHTLY = f"{paths.COMMAND} check --nightly"
REMARK = "# by drboot arm --nightly; what it says is mailed to root"
NEW_TABLE = paths.VAR + "/crontab"  # what crontab is given, and gone afterwards
WHO = "root"


def _as_it_is(text: Optional[str]) -> Optional[str]:
    return text


TABLE: FileQuery[Optional[str]] = FileQuery(paths.ROOT_TABLE, _as_it_is, about="files")


class Time(NamedTuple):
    """Of a day, by the machine's own clock and time zone."""

    hour: int
    minute: int

    def __str__(self) -> str:
        return f"{self.hour:02d}:{self.minute:02d}"


def to_time(text: str) -> Time:
    """``02:30`` -> Time(2, 30).  ValueError for anything else."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", text)
    if found is None:
        raise ValueError("a time of day is written HH:MM, from 00:00 to 23:59")
    return Time(int(found.group(1)), int(found.group(2)))


def usual_time(host: str) -> Time:
    """Between 03:00 and 04:59, the same for a host every time, spread over an estate: the disks are shared.

    No clock skips or repeats these hours when summer time begins or ends (02:00 to 03:00 in Europe and the USA).
    """
    spread = sum((index + 1) * byte for index, byte in enumerate(host.encode("utf-8", "surrogateescape"))) * 37 % 120
    return Time(3 + spread // 60, spread % 60)


def job(when: str, call: str) -> str:
    """A line of root's table.  ``when``: minute and hour, every day; ``call``: what the shell is given."""
    return f"{when} * * * {call}\n"


# All of root's table while a rehearsal holds production's: once an hour, whether its limit is over.
SHOUT = job("17 *", f"{paths.COMMAND} status --shout > {paths.CONSOLE} 2>&1")


def installed(table: str) -> Command:
    """cron's table of root is what this file says, and cron knows."""
    return command("crontab", table, touches="files")


def nightly_line(time: Time) -> str:
    return job(f"{time.minute} {time.hour}", f"{NIGHTLY} {REMARK}")


def nightly_lines(text: str) -> Tuple[str, ...]:
    """The lines of a table that start the nightly capture and check, as they stand."""
    return tuple(line for line in lines_of(text) if _is_nightly(line))


def lines_of(text: str) -> Tuple[str, ...]:
    """The lines as cron sees them, each with its newline; no other character ends one, whatever it is."""
    return tuple(re.findall(r"[^\n]*\n|[^\n]+", text))


def _is_nightly(line: str) -> bool:
    words = line.split(None, 5)
    return (
        len(words) == 6 and line.lstrip()[:1] != "#" and re.match(re.escape(NIGHTLY) + r"(\s|$)", words[5]) is not None
    )


def time_of(line: str) -> Optional[Time]:
    """When a nightly line of ours runs; None where it is not as ``arm --nightly`` writes it."""
    words = line.split()
    if len(words) < 2 or not all(re.fullmatch("[0-9]{1,2}", word) for word in words[:2]):
        return None
    time = Time(int(words[1]), int(words[0]))
    return time if line.rstrip("\n") + "\n" == nightly_line(time) else None


def is_right(text: Optional[str]) -> bool:
    """The table starts the nightly capture and check once, as ``arm --nightly`` writes it."""
    lines = nightly_lines(text or "")
    return len(lines) == 1 and time_of(lines[0]) is not None


def with_nightly(text: str, time: Optional[Time]) -> str:
    """The table with one nightly line, where the first one stood, else at the end; with none for None."""
    kept, placed = "", time is None
    for line in lines_of(text):
        if not _is_nightly(line):
            kept += line
        elif not placed and time is not None:
            kept, placed = kept + nightly_line(time), True
    if not placed and time is not None:
        kept += ("\n" if kept and not kept.endswith("\n") else "") + nightly_line(time)
    return kept


def arm_nightly(runner: Runner, time: Optional[Time], usual: Time) -> Tuple[str, ...]:
    """The table has the line.  Returns what was changed.

    time   None keeps the time of a line that is there and as it has to be, else it is ``usual``

    Raises FactUnavailable, or DrbootError where the table does not have it afterwards.
    """
    text = Seen(runner)(TABLE) or ""
    there = nightly_lines(text)
    wanted = time or (time_of(there[0]) if there else None) or usual
    if not _put(runner, text, wanted):
        return ()
    heard = "what is wrong goes to root's mail and to the error log"
    return (f"root's crontab: capture and check every night at {wanted}; {heard}",)


def disarm_nightly(runner: Runner) -> Tuple[str, ...]:
    """The table has no such line.  Returns what was changed.  Raises as ``arm_nightly``."""
    text = Seen(runner)(TABLE)
    changed = text is not None and _put(runner, text, None)
    return ("root's crontab: no nightly capture and check any more",) if changed else ()


def _put(runner: Runner, text: str, time: Optional[Time]) -> bool:
    """Whether that changed the table.  One that did not become what it should is put back."""
    wanted = with_nightly(text, time)
    if wanted == text:
        return False
    ran = _install(runner, wanted)
    after = _now(runner)
    if (after or "") == wanted:
        return True
    if after != text:
        _install(runner, text)
    raise _refused(runner, ran, text, _now(runner))


def _now(runner: Runner) -> Optional[str]:
    try:
        return Seen(runner)(TABLE)
    except FactUnavailable:
        return None


def _install(runner: Runner, text: str) -> Ran:
    """Root's table is this text, or there is none where it is empty.  Raises DrbootError when that cannot be asked."""
    if not text:
        return runner.run(command("crontab", "-r", touches="files"))
    path = runner.root.path(NEW_TABLE)
    try:
        files.make_own_directory(os.path.dirname(path))
        files.write_atomic(path, text.encode("utf-8", "surrogateescape"), 0o600)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise DrbootError(
            Problem(
                "crontab-not-set", "root's crontab is as it was", path, why, "mend that, then: drboot arm --nightly"
            )
        ) from error
    ran = runner.run(installed(NEW_TABLE))
    with contextlib.suppress(OSError):  # the table is as it is, and this only a copy of it
        files.remove(path)
    return ran


def _refused(runner: Runner, ran: Ran, was: str, now: Optional[str]) -> DrbootError:
    kept = "root's crontab is as it was" if (now or "") == was else "root's crontab is NOT as it was"
    why = f"crontab {ran.how()}: {ran.said() or 'it said nothing'}"
    if _is_shut_out(runner):
        why += f"; {paths.CRON_ALLOW} or {paths.CRON_DENY} keeps {WHO} out"
    following = f"crontab -l; {WHO} must be in {paths.CRON_ALLOW} where that file exists; then: drboot arm --nightly"
    return DrbootError(Problem("crontab-not-set", kept, paths.ROOT_TABLE, why, following))


def _is_shut_out(runner: Runner) -> bool:
    """Whether cron's own lists forbid root to have a table."""
    seen = Seen(runner)
    allowed, denied = (seen.or_none(FileQuery(path, _users)) for path in (paths.CRON_ALLOW, paths.CRON_DENY))
    return WHO not in allowed if allowed is not None else WHO in (denied or ())


def _users(text: Optional[str]) -> Optional[Tuple[str, ...]]:
    return None if text is None else tuple(text.split())
