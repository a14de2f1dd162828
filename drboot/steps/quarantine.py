"""In a rehearsal only: nothing of production acts from here, and whoever logs in is told where he is.

Why  the copy believes that it is production: its jobs, mails and alarms would reach real people and real systems
     where the fence around the rehearsal has a hole, and a banner is what keeps a hand from the wrong machine.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator, List, Optional, Protocol, Tuple

from drboot import cron, files, paths, state
from drboot.errors import Where
from drboot.facts.base import FileQuery
from drboot.profile.keys import BOOLEAN, INITTAB_ID, NAME, ListOf
from drboot.profile.sections import Key, Section
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Action, Assessment, Back, Done, Move, Remove, Step, Todo, Write, counted
from drboot.steps.fence import ASIDE_IN_REHEARSALS, CRON_LEARNS, USER, CronTold, is_aside, is_emptied
from drboot.steps.fence import HELD_IN_REHEARSALS as HELD
from drboot.steps.services import EntryOff, SubsystemSo

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted

AT_JOBS = "/var/spool/cron/atjobs"
MAIL = "sendmail"


@dataclass(frozen=True)
class Quarantine:
    """``rehearsal.quarantine:`` of a profile."""

    cron: bool
    mail: bool
    subsystems: Tuple[str, ...]
    inittab_off: Tuple[str, ...]
    banner: bool
    at: Where

    @property
    def held(self) -> Tuple[str, ...]:
        """The subsystems that do not run."""
        mail = (MAIL,) if self.mail and MAIL not in self.subsystems else ()
        return (*mail, *self.subsystems)


SECTION = Section(
    "quarantine",
    Quarantine,
    meaning="What is held back while this LPAR rehearses; drboot undo releases it.",
    keys=(
        Key(
            "cron",
            BOOLEAN,
            "All crontabs and at jobs are set aside; root keeps one line that complains when the limit is over.",
            default=True,
            example="true",
        ),
        Key("mail", BOOLEAN, "sendmail is stopped, and rc.tcpip does not start it.", default=True, example="true"),
        Key(
            "subsystems",
            ListOf(NAME),
            "Further SRC subsystems that are stopped, and that rc.tcpip does not start: monitoring, agents.  This "
            "counts more than services.start.",
            default=(),
            shown="none",
            example="[snmpd]",
        ),
        Key(
            "inittab_off",
            ListOf(INITTAB_ID),
            "Inittab entries whose action becomes off. init has read its table by then: they are off from the next "
            "boot on.",
            default=(),
            shown="none",
            example="[dsmcad]",
        ),
        Key("banner", BOOLEAN, "/etc/motd and the login herald say that this is a rehearsal.", True, example="true"),
    ),
)


@dataclass(frozen=True)
class CronHeld(Step):
    """No job of production runs: every crontab and every at job is aside.

    Reads   the names of regular files in /var/spool/cron/crontabs and atjobs: anything else is nobody's table or job
    Runs    a move of each file, whatever it says; in the place of a crontab an empty one, by which a cron that runs is
            told (quarantine/cron-told)
    Undo    the files back, unchanged; a cron that runs takes them up when it starts again
    Source  cron reads crontabs and at jobs when it starts (IBM, cron command); the spool: boot-and-devices.md section
            22, IBM's crontab page
    """

    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "quarantine/cron"

    @property
    def title(self) -> str:
        return "crontabs and at jobs aside"

    def assess(self, seen: Seen) -> Assessment:
        found = _jobs(seen)
        moves: List[Action] = [Remove(path) for path in _torn(seen)]
        if not found and not moves:
            return Done("no crontab and no at job of production is where cron looks")
        moves += [Move(job.path, job.aside) for job in found]
        emptied = [Write(job.path, "", 0o600) for job in found if job.is_table]
        what = counted(len(found), "table or job is", "tables and jobs are")
        return Todo((*moves, *emptied), f"{what} where cron looks")

    def undo(self, seen: Seen) -> Back:
        return Back(
            # what a killed run leaves at its place between the move and crontab -r, and the hourly look
            tuple(reversals.MovedBack(job.path, job.aside, ("", cron.SHOUT)) for job in _jobs(seen)),
            CRON_LEARNS,
        )


@dataclass(frozen=True)
class _Job:
    """A file that cron would act on.

    is_table  it is a crontab of somebody; not so for an at job, and where the name is no user's
    """

    path: str
    aside: str
    is_table: bool


def _jobs(seen: Seen) -> Tuple[_Job, ...]:
    found = []
    for directory in (paths.CRONTABS, AT_JOBS):
        for name in seen.names(directory):
            if files.is_temporary(name):
                continue
            path, aside = f"{directory}/{name}", f"{HELD}/{directory.rpartition('/')[2]}/{name}"
            if not seen.is_file(path) or (
                path == paths.ROOT_TABLE and seen.or_none(reversals.text_of(path)) == cron.SHOUT
            ):
                continue
            in_tables = directory == paths.CRONTABS
            if not (in_tables and is_emptied(seen, name)):
                found.append(_Job(path, _free(seen, aside), in_tables and USER.fullmatch(name) is not None))
    return tuple(found)


def _torn(seen: Seen) -> Tuple[str, ...]:
    """What a run that was killed left beside a table that it was writing: no table of anybody."""
    return tuple(f"{paths.CRONTABS}/{name}" for name in seen.names(paths.CRONTABS) if files.is_temporary(name))


def _free(seen: Seen, aside: str) -> str:
    """``aside``, or the first of aside.2, aside.3, ... that is not taken."""
    number, free = 1, aside
    while seen.owner(free) is not None:
        number += 1
        free = f"{aside}.{number}"
    return free


SHOUT_FILE = paths.VAR + "/shout"


@dataclass(frozen=True)
class ShoutPlanned(Step):
    """cron asks once an hour whether the rehearsal has run too long, and the console hears of it.

    Why     no daemon of ours stays behind, and init has read its table: cron, whose tables are aside, starts later
    Reads   /var/spool/cron/crontabs/root
    Runs    crontab FILE, which installs root's table and tells a cron that runs already
    Undo    the table goes, or gives way to production's own
    Source  IBM's crontab page; where the command fails the file is written, which a cron that starts later reads
    """

    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    essential = False

    @property
    def id(self) -> str:
        return "quarantine/shout"

    @property
    def title(self) -> str:
        return "hourly look at the rehearsal's limit"

    def assess(self, seen: Seen) -> Assessment:
        if seen(reversals.text_of(paths.ROOT_TABLE)) == cron.SHOUT:
            return Done(f"root's crontab: {cron.SHOUT.strip()}")
        install = cron.installed(SHOUT_FILE)
        by_hand = Write(paths.ROOT_TABLE, cron.SHOUT, 0o600)
        return Todo(
            (Write(SHOUT_FILE, cron.SHOUT, 0o600), install), "root's crontab does not have it", None, (by_hand,)
        )

    def undo(self, seen: Seen) -> Back:
        was = (reversals.FileWas(SHOUT_FILE, None),)
        if not is_aside(seen, cron.WHO):
            return Back((reversals.FileWas(paths.ROOT_TABLE, None), *was))
        return Back(was)  # the table comes back with the others


@dataclass(frozen=True)
class StartsHeld(Step):
    """/etc/rc.tcpip does not start what is held.

    Reads   /etc/rc.tcpip
    Runs    an atomic replacement of the file, the lines that start them turned into comments
    Undo    the recorded text
    Source  ``start /usr/sbin/inetd "$src_running"`` starts a subsystem and ``#start ...`` does not; chrctcp -d makes
            the same change (https://powercampus.de/en/the-command-chrctcp/); rc.tcpip runs after drboot, at each boot
            (aix/network-and-services.md section 16)
    """

    names: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "quarantine/rc.tcpip"

    @property
    def title(self) -> str:
        return "rc.tcpip starts none of: " + ", ".join(self.names)

    def assess(self, seen: Seen) -> Assessment:
        text = seen(_TEXT_OF_RC_TCPIP)
        held = self._held(text)
        if held == text:
            return Done(f"no line of {paths.ETC_RC_TCPIP} starts {', '.join(self.names)}")
        return Todo((Write(paths.ETC_RC_TCPIP, held),), f"{paths.ETC_RC_TCPIP} starts what is to be held")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, paths.ETC_RC_TCPIP),))

    def _held(self, text: str) -> str:
        """A line with ``start`` and one of the programs becomes a comment, and so does what continues it."""
        made, going_on = [], False
        for line in text.splitlines(keepends=True):
            words = line.split()
            starts = len(words) > 1 and words[0] == "start" and words[1].rpartition("/")[2] in self.names
            made.append("#" + line if starts or going_on else line)
            going_on = (starts or going_on) and line.rstrip("\r\n").endswith("\\")
        return "".join(made)


_TEXT_OF_RC_TCPIP = FileQuery(paths.ETC_RC_TCPIP, lambda text: text or "")


@dataclass(frozen=True)
class Marked(Step):
    """A file that people see at login says that this is a rehearsal, of what, since when, and what must not be done.

    Reads   the file; /var/adm/drboot/state.json for the times
    Runs    an atomic replacement of the file
    Undo    the recorded text
    Source  /etc/security/login.cfg: stanzas, attribute = value, ``herald`` is what getty prints, a stanza ``default``
            (IBM, login.cfg file)
    Assumed /etc/motd is shown at login (its contents are free text); a herald of ``default`` counts for every port
            whose own stanza has none; ``\\n`` in a herald is a new line
    """

    path: str
    mark: Mark
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    essential = False

    @property
    def id(self) -> str:
        return "quarantine" + self.path

    @property
    def title(self) -> str:
        return f"{self.path} says REHEARSAL"

    def assess(self, seen: Seen) -> Assessment:
        text = seen(reversals.text_of(self.path))
        new = self.mark.put(text, seen(_TIMES))
        if new is None:
            return Done(f"there is no place for it in {self.path}")
        if new == text:
            return Done(f"{self.path} says REHEARSAL")
        return Todo((Write(self.path, new),), f"{self.path} does not say that this is a rehearsal")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, self.path),))


@dataclass(frozen=True)
class Times:
    """When the rehearsal began and when it has to be over, as words."""

    since: str
    until: str


def _times(text: Optional[str]) -> Times:
    """From the state that the run wrote before its first step; words for what is not known where it could not."""
    event = state.parse(text)
    if event is None or not event.since:
        return Times("this boot", "as soon as the test is over")
    return Times(spoken(event.since), spoken(event.until))


_TIMES: FileQuery[Times] = FileQuery(paths.STATE, _times)


def spoken(seconds: float) -> str:
    """Seconds since 1970 as ``2026-11-21 15:40 UTC``."""
    return time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds))


class Mark(Protocol):
    """How a file says it.  Putting it twice changes nothing the second time; None where there is no place for it."""

    def put(self, text: Optional[str], times: Times) -> Optional[str]: ...


@dataclass(frozen=True)
class Motd:
    """A block in front of the message of the day."""

    host: str
    site: str

    def put(self, text: Optional[str], times: Times) -> Optional[str]:
        head = f"*  REHEARSAL of {self.host} at site {self.site}. This is NOT production."
        if text is not None and head in text.splitlines():
            return text
        rule = "*" * 79
        block = (
            rule, head, f"*  Running since {times.since}; it has to end by {times.until}.",
            "*  DO NOT RESUME THE REPLICATION while it runs: its disks would be lost.",
            "*  To end it: drboot undo (or drop the copy), then shut this LPAR down.", rule,
        )  # fmt: skip
        return "".join(line + "\n" for line in block) + (text or "")


@dataclass(frozen=True)
class Herald:
    """The attribute herald of the stanza ``default``, in front of what it says already."""

    host: str
    site: str

    def put(self, text: Optional[str], times: Times) -> Optional[str]:
        lines = (text or "").splitlines(keepends=True)
        heads = [number for number, line in enumerate(lines) if line.rstrip() == "default:"]
        if not heads:
            return None
        said = f"REHEARSAL of {self.host} at site {self.site}. This is NOT production."
        for number in range(heads[0] + 1, len(lines)):
            if lines[number].strip() and not lines[number][0].isspace():
                break
            found = re.fullmatch(r"(\s+herald\s*=\s*)(\"?)(.*?)(\"?)(\s*)", lines[number], re.DOTALL)
            if found and said in found.group(3):
                return text
            if found:
                lines[number] = f'{found.group(1)}"{self._value(said, times)}{found.group(3)}"{found.group(5)}'
                return "".join(lines)
        lines[heads[0]] += f'\therald = "{self._value(said, times)}login: "\n'
        return "".join(lines)

    @staticmethod
    def _value(said: str, times: Times) -> str:
        return rf"\n\r{said}\n\rSince {times.since}. Do not resume the replication.\n\r\n\r"


def steps(wanted: Wanted) -> Iterator[Step]:
    quarantine = wanted.quarantine
    if quarantine is None:
        return
    at = str(quarantine.at)
    services = wanted.site.services
    if quarantine.cron:
        # the fence has a place of its own for the tables that the profile names there
        after = tuple(f"fence{paths.CRONTABS}/{user}" for user in services.hold_cron)
        yield CronHeld(at, (), after)
        first = ("fence/cron-told",) if services.hold_cron else ()
        told = CronTold("quarantine", ASIDE_IN_REHEARSALS, at, (), ("quarantine/cron", *first))
        yield told
        yield ShoutPlanned(at, ("quarantine/cron",), (told.id,))
    if quarantine.held:
        yield StartsHeld(quarantine.held, at)
    for name in quarantine.held:
        if name not in services.stop:
            why = f"{name} is under services.start, and rehearsal.quarantine holds it: it stays stopped"
            warnings = (why,) if name in services.start else ()
            yield SubsystemSo(name, False, at, (), ("quarantine/rc.tcpip",), warnings)
    for entry in quarantine.inittab_off:
        if entry not in services.inittab_off:
            yield EntryOff(entry, at)
    if quarantine.banner:
        yield Marked(paths.ETC_MOTD, Motd(wanted.host, wanted.site.site), at)
        yield Marked(paths.ETC_LOGIN_CFG, Herald(wanted.host, wanted.site.site), at)
