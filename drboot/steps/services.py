"""The services that must not run, or must run, at a site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, Sequence, Tuple

from drboot import paths
from drboot.errors import Problem, Where
from drboot.facts import inittab, lssrc
from drboot.profile.keys import BOOLEAN, INITTAB_ID, NAME, ListOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Notice, Retry, Step, Todo, first_of
from drboot.steps.network.interfaces import ready

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class Services:
    """``services:`` of a profile."""

    inittab_off: Tuple[str, ...]
    stop: Tuple[str, ...]
    start: Tuple[str, ...]
    hold_cron: Tuple[str, ...]
    recfgct: bool
    at: Where


def _check(services: Services) -> Iterator[Problem]:
    for subsystem in services.start:
        if subsystem in services.stop:
            other = services.stop[services.stop.index(subsystem)]
            yield Problem(
                "service-stopped-and-started",
                f"subsystem {subsystem} is to be stopped and started",
                f"{where_of(subsystem, services.at)} and {where_of(other, services.at)}",
                "it is under stop and under start",
                "take it out of one of the two",
            )


SECTION = Section(
    "services",
    Services,
    meaning="What is held back or started at this site.",
    check=_check,
    keys=(
        Key(
            "inittab_off",
            ListOf(INITTAB_ID),
            "Inittab entries whose action becomes off; one that does not exist is fine.",
            default=(),
            shown="none",
            example="[nimclient, nimsh]",
        ),
        Key("stop", ListOf(NAME), "SRC subsystems to stop.", (), "none", "[snmpd]"),
        Key("start", ListOf(NAME), "SRC subsystems to start.", (), "none", "[xntpd]"),
        Key("hold_cron", ListOf(NAME), "Users whose crontab is set aside.", (), "none", "[oracle]"),
        Key(
            "recfgct",
            BOOLEAN,
            "Run recfgct where RSCT has production's node id; never on a node of PowerHA. It wipes /var/ct.",
            default=False,
            example="false",
        ),
    ),
)


# Source: stopsrc only asks, and right after srcmstr was spawned it does not answer (network-and-services section 15).
RETRY = Retry(60.0, 1.0, 8.0)


@dataclass(frozen=True)
class EntryOff(Step):
    """An inittab entry that would call home is off for later boots; the rest of its line is unchanged.

    Reads   lsitab -a: of one that fails lsitab ID would say the same as of an entry that is not there
    Runs    chitab ID:LEVELS:off:COMMAND
    Undo    chitab with the recorded line
    Source  chitab manual: the whole line is given; an entry that does not exist is fine: NIM lines stand only on NIM
            clients (aix/network-and-services.md sections 16 and 17)
    """

    entry: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    # the inittab tools rewrite the file: two at once could lose an entry (boot-and-devices section 17)
    lock: ClassVar[str] = "inittab"

    @property
    def id(self) -> str:
        return f"services/inittab/{self.entry}"

    @property
    def title(self) -> str:
        return f"inittab entry {self.entry} off"

    def assess(self, seen: Seen) -> Assessment:
        entry = inittab.named(seen(inittab.ENTRIES), self.entry)
        if entry is None:
            return Done(f"there is no entry {self.entry}")
        if entry.action == "off":
            return Done(f"the action of {self.entry} is off")
        line = str(entry._replace(action="off"))
        return Todo((command("chitab", line, touches="inittab"),), f"the action of {self.entry} is {entry.action}")

    def undo(self, seen: Seen) -> Back:
        entry = inittab.named(seen(inittab.ENTRIES), self.entry)
        return Back((reversals.EntryWas(str(entry)),) if entry else ())


@dataclass(frozen=True)
class SubsystemSo(Step):
    """An SRC subsystem runs, or does not.

    Reads   lssrc -s NAME; lssrc -a where that knows none, since an srcmstr that does not answer knows none either
    Runs    startsrc -s NAME or stopsrc -s NAME
    Undo    the other of the two
    Source  stopsrc only asks (0513-044), so looking is repeated; one that is not on file cannot run
            (aix/network-and-services.md section 15)
    """

    name: str
    active: bool
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    warnings: Tuple[str, ...] = ()  # what the report says of it when it is so

    @property
    def id(self) -> str:
        return f"services/subsystem/{self.name}"

    @property
    def title(self) -> str:
        return f"subsystem {self.name} {'active' if self.active else 'stopped'}"

    def assess(self, seen: Seen) -> Assessment:
        rows = seen(lssrc.subsystem(self.name))
        change = command("startsrc" if self.active else "stopsrc", "-s", self.name, touches="services")
        if not rows:
            if not seen.or_none(lssrc.ALL):
                return Todo((change,), "srcmstr does not answer yet", RETRY)
            if not self.active:
                return Done(f"{self.name} is not on file", self.warnings)
            problem = Problem(
                "subsystem-unknown",
                f"subsystem {self.name} cannot be started",
                self.at,
                "lssrc does not know it",
                "correct services.start, or define it with mkssys",
            )
            return Blocked(problem)
        status = rows[0].status
        if (status == "active") == self.active:
            return Done(f"{self.name} is {status}", self.warnings)
        return Todo((change,), f"{self.name} is {status}", RETRY)

    def undo(self, seen: Seen) -> Back:
        rows = seen(lssrc.subsystem(self.name))
        return Back((reversals.SubsystemWas(self.name, rows[0].status == "active"),) if rows else ())


MOST = 8  # subsystems that are named one by one


@dataclass(frozen=True)
class SubsystemsCompared(Notice):
    """What ran at home and does not run here is said.  Nothing is started: services.start names what has to be.

    Why     a daemon of production that nobody asked for may send mail, bills or orders from here; one that is missing,
            and that nobody sees missing, is found out the hard way
    Reads   lssrc -a
    Runs    nothing
    Undo    nothing
    Source  rc.tcpip starts the group tcpip, after drboot (aix/network-and-services.md section 16): during a boot there
            is nothing to compare yet, and drboot status does it later
    """

    home: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return "services/compared"

    @property
    def title(self) -> str:
        return "subsystems of home"

    def assess(self, seen: Seen) -> Assessment:
        rows = seen.or_none(lssrc.ALL)
        if not any(row.group == "tcpip" and row.is_active for row in rows or ()):
            return Done("the boot has not started them yet; drboot status compares")
        missing = inactive(seen, self.home)
        if not missing:
            return Done(f"{len(self.home)} that ran at home are active")
        warning = f"active at home, and not here: {listed(missing)}"
        return Done(f"{len(missing)} of {len(self.home)} are not active", (warning,))


def listed(names: Sequence[str]) -> str:
    """The first of them, and how many more there are."""
    return first_of(names, MOST)


def inactive(seen: Seen, home: Sequence[str]) -> Tuple[str, ...]:
    """Those of home's subsystems that are not active here; none where srcmstr does not answer."""
    rows = seen.or_none(lssrc.ALL)
    active = {row.name for row in rows or () if row.is_active}
    return tuple(name for name in home if rows and name not in active)


def steps(wanted: Wanted) -> Iterator[Step]:
    services = wanted.site.services
    at = str(services.at)
    for entry in services.inittab_off:
        yield EntryOff(entry, at)
    network = ready(wanted.rows)
    for name in services.stop:
        yield SubsystemSo(name, False, at)
    quarantined = wanted.quarantine.held if wanted.quarantine else ()
    start = [name for name in services.start if name not in quarantined]  # what a rehearsal holds is stopped there
    for name in start:
        yield SubsystemSo(name, True, at, (), network)
    home = tuple(name for name in wanted.capture.subsystems if name not in (*services.stop, *quarantined))
    if home:
        started = tuple(f"services/subsystem/{name}" for name in start)
        yield SubsystemsCompared(home, f"{paths.CAPTURES}/{wanted.home}.json", (), started)
