"""First of all: what belongs to another site is off the wire and out of reach of this boot.

Why  interfaces with persisted addresses are up before any inittab entry runs, unless the ODM was reset
     (aix/network-and-services.md section 16); init has read the inittab already, so entries that are set to
     off for later boots still run in this one: what they would read has to be aside by then.
"""

from __future__ import annotations

import contextlib
import ipaddress
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Collection, Iterator, List, NamedTuple, Sequence, Tuple

from drboot import cron, paths
from drboot.errors import FactUnavailable, Problem
from drboot.facts import ifconfig, lsattr, lsdev
from drboot.facts.base import FileQuery
from drboot.facts.types import is_among, numbers
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Move, Remove, Step, Todo, Write
from drboot.steps.reversals import odm_value

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports network.py, which imports this file
    from drboot.wanted import Wanted

HELD = paths.VAR + "/held"
ASIDE = HELD + "/crontab."  # and the user's name
HELD_IN_REHEARSALS = HELD + "/rehearsal"
ASIDE_IN_REHEARSALS = HELD_IN_REHEARSALS + "/crontabs/"
# Assumed: a user whose name crontab could take for a flag has no crontab.
USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]*")


@dataclass(frozen=True)
class AddressesFenced(Step):
    """No address of another site is on an interface, or would be after the next boot.

    In a rehearsal hosts.csv says all that it has: an address in the ODM that is none of these is production's, given to
    it after the capture.  One that only the kernel has may be a hook's, or the administrator's way in: it is told.

    Reads   ifconfig -a; for each enN, and each other interface that is up or had an address at home, lsattr of netaddr,
            state and alias4
    Runs    ifconfig enN down detach; chdev -l enN -a state=detach; chdev -l enN -a delalias4=IP,MASK
    Undo    none: an address of another site is never put back
    Source  chdev of enN changes the ODM first, then the kernel; state is up, down or detach; delalias4 takes the
            stored IP,MASK (aix/network-and-services.md sections 2, 3 and 6)
    Assumed interfaces of other kinds than enN take the same attributes
    """

    foreign: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    at_home: Tuple[str, ...] = ()  # names of the interfaces that were captured
    own: Tuple[str, ...] = ()  # in a rehearsal, all addresses that the machine is to have; () in a disaster

    @property
    def id(self) -> str:
        return "fence/addresses"

    @property
    def title(self) -> str:
        return "addresses of other sites off the wire"

    def assess(self, seen: Seen) -> Assessment:
        unread: List[Problem] = []
        stored: List[_Stored] = []
        with _noted(unread):
            for name in interfaces(seen, self.at_home):
                for look in (self._address, self._aliases):
                    with _noted(unread):
                        stored += look(seen, name)
        first: List[Command] = []
        what: List[str] = []
        unknown: List[str] = []
        away = (*self.foreign, *(one.address for one in stored))
        with _noted(unread):
            for name, here in _on_the_wire(seen):
                up = [address for address in here if is_among(address, away)]
                if up:
                    first.append(command("ifconfig", name, "down", "detach", touches="network"))
                    what.append(f"{name} has {', '.join(up)}")
                unknown += [f"{name} has {address}" for address in here if self._is_foreign(address)]
        then = [one.away for one in stored]
        what += [one.what for one in stored]
        if what:
            # where ifconfig fails, chdev takes the address off the wire as well as out of the ODM
            return Todo((*first, *then), "; ".join(what), None, tuple(then) if first else ())
        if unread:
            return Blocked(unread[0])
        told = (
            f"{'; '.join(unknown)}: not of this rehearsal by hosts.csv, and perhaps production's: ifconfig enN delete"
        )
        return Done(f"none of {len(self.foreign)} addresses of other sites is configured", (told,) if unknown else ())

    def undo(self, seen: Seen) -> Back:
        return Back((), "an address of another site is never put back on the wire")

    def _is_foreign(self, stored: str) -> bool:
        if self.own and numbers(stored.partition(",")[0]) - {0} and not is_among(stored, self.own):
            return True
        return is_among(stored, self.foreign)

    def _address(self, seen: Seen, name: str) -> List[_Stored]:
        address = odm_value(seen, name, "netaddr")
        if not self._is_foreign(address) or odm_value(seen, name, "state") != "up":
            return []
        down = command("chdev", "-l", name, "-a", "state=detach", touches="network devices")
        return [_Stored(address, f"{name} would come up with {address}", down)]

    def _aliases(self, seen: Seen, name: str) -> List[_Stored]:
        return [
            _Stored(
                alias.partition(",")[0],
                f"{name} keeps the alias {alias.partition(',')[0]}",
                command("chdev", "-l", name, "-a", f"delalias4={alias}", touches="network devices"),
            )
            for alias in seen(lsattr.value(name, "alias4"))
            if self._is_foreign(alias)
        ]


class _Stored(NamedTuple):
    """An address of another site in the ODM, and what takes it out of there."""

    address: str
    what: str
    away: Command


def _on_the_wire(seen: Seen) -> Iterator[Tuple[str, Tuple[str, ...]]]:
    """Each interface that others can reach, and the addresses that the kernel has on it.  Raises FactUnavailable."""
    for interface in seen(ifconfig.INTERFACES):
        if not lsdev.is_loopback(interface.name):
            yield interface.name, tuple(inet.address for inet in interface.inet)


@dataclass(frozen=True)
class Addresses6Fenced(Step):
    """No IPv6 address that somebody gave home's interfaces is configured here, or would be after the next boot.

    Reads    lsdev; for each enN, and each other interface that is up or had an address at home, lsattr of netaddr6 and
             alias6; ifconfig -a
    Runs     chdev -l enN -a netaddr6= -a prefixlen=; chdev -l enN -a delalias6=IP/LENGTH; where that fails ifconfig enN
             down detach, rmdev -dl enN and cfgmgr; ifconfig enN inet6 IP delete where only the kernel has it
    Undo     none: an address of another site is never put back
    Source   attributes of enN: netaddr6, prefixlen, alias6, delalias6 (aix/network-and-services.md section 3); the
             ifconfig manual: delete takes an address off; full removal of an interface: section 6
    Assumed  chdev takes an empty netaddr6 and prefixlen; where it does not, the removal leaves the interface as cfgmgr
             first makes it

    Addresses that autoconf6 makes are not in the ODM, and are this site's own.
    """

    foreign: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()
    at_home: Tuple[str, ...] = ()  # names of the interfaces that were captured

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return "fence/addresses6"

    @property
    def title(self) -> str:
        return "IPv6 addresses of other sites off the wire"

    def assess(self, seen: Seen) -> Assessment:
        actions: List[Command] = []
        stored: List[str] = []
        unread: List[Problem] = []
        with _noted(unread):
            for name in interfaces(seen, self.at_home):
                with _noted(unread):
                    if self._is_foreign(odm_value(seen, name, "netaddr6")):
                        stored.append(name)
                        empty = ("-a", "netaddr6=", "-a", "prefixlen=")
                        actions.append(command("chdev", "-l", name, *empty, touches="network devices"))
                with _noted(unread):
                    actions += self._aliases(seen, name)
        with _noted(unread):
            for interface in () if actions else seen(ifconfig.INTERFACES):
                for address in filter(self._is_foreign, interface.inet6):
                    bare = address.partition("/")[0]
                    actions.append(command("ifconfig", interface.name, "inet6", bare, "delete", touches="network"))
        if actions:
            why = f"{len(actions)} IPv6 addresses of another site are configured"
            return Todo(tuple(actions), why, None, _removal(seen, stored))
        if unread:
            return Blocked(unread[0])
        return Done(f"none of {len(self.foreign)} IPv6 addresses of other sites is configured")

    def _aliases(self, seen: Seen, name: str) -> List[Command]:
        return [
            command("chdev", "-l", name, "-a", f"delalias6={alias}", touches="network devices")
            for alias in seen(lsattr.value(name, "alias6"))
            if self._is_foreign(alias)
        ]

    def undo(self, seen: Seen) -> Back:
        return Back((), "an address of another site is never put back on the wire")

    def _is_foreign(self, stored: str) -> bool:
        return _shortest(stored) in {_shortest(address) for address in self.foreign} - {""}


def _removal(seen: Seen, names: Sequence[str]) -> Tuple[Command, ...]:
    """The interfaces as cfgmgr first makes them.  One that the kernel does not know cannot be detached."""
    if not names:
        return ()
    kernel = {interface.name for interface in seen(ifconfig.INTERFACES)}
    off = [command("ifconfig", name, "down", "detach", touches="network") for name in names if name in kernel]
    away = [command("rmdev", "-dl", name, touches="network devices") for name in names]
    return (*off, *away, command("cfgmgr", kind="cfgmgr", touches="network devices lvm"))


def _shortest(stored: str) -> str:
    """``ADDRESS`` or ``ADDRESS/LENGTH`` in its shortest spelling, without the length; "" for what is none."""
    try:
        return str(ipaddress.IPv6Address(stored.partition("/")[0].partition("%")[0]))
    except ValueError:
        return ""


def foreign6(wanted: Wanted) -> Tuple[str, ...]:
    """The IPv6 addresses of home's interfaces, but for those that this machine had here itself."""
    own = wanted.coming.own.interfaces if wanted.coming else ()
    ours = {_shortest(address) for one in own for address in (one.address6, *one.aliases6)}
    found = (a for one in wanted.capture.interfaces for a in (one.address6, *one.aliases6) if a)
    return tuple(address for address in found if _shortest(address) not in ours)


@contextlib.contextmanager
def _noted(unread: List[Problem]) -> Iterator[None]:
    """What cannot be read of one interface keeps no address of another one on the wire."""
    try:
        yield
    except FactUnavailable as error:
        unread.extend(error.problems)


@dataclass(frozen=True)
class FileAside(Step):
    """A file of production is not where this boot would read it.

    Reads   whether a regular file is there: nobody reads anything else of that name
    Runs    a move to ``aside``, or to the first free of aside.2, aside.3, ...
    Undo    the move back
    """

    path: str
    aside: str
    what: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"fence{self.path}"

    @property
    def title(self) -> str:
        return f"{self.what} aside"

    def assess(self, seen: Seen) -> Assessment:
        if not seen.is_file(self.path):
            return Done(f"no file is {self.path}")
        return Todo((Move(self.path, self._free(seen)),), f"{self.path} is production's")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.MovedBack(self.path, self._free(seen)),))

    def _free(self, seen: Seen) -> str:
        return next(name for name in _names(self.aside) if seen.owner(name) is None)


@dataclass(frozen=True)
class CrontabAside(FileAside):
    """A user's crontab is not where cron would read it.

    Reads   whether it is a regular file: a directory or FIFO of that name is nobody's table
    Runs    a move to ``aside``, or to the first free of aside.2, aside.3, ...; an empty table in its place, by which a
            cron that runs is told (fence/cron-told)
    Undo    the move back
    """

    def assess(self, seen: Seen) -> Assessment:
        if is_emptied(seen, self.path.rpartition("/")[2]):
            return Done(f"{self.path} is empty, and {self.aside} has what it was")
        if self.path == paths.ROOT_TABLE and seen.or_none(reversals.text_of(self.path)) == cron.SHOUT:
            return Done(f"{self.path} is the hourly look of a rehearsal")
        answer = super().assess(seen)
        if isinstance(answer, Todo):
            return Todo((*answer.actions, Write(self.path, "", 0o600)), answer.why)
        return answer

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.MovedBack(self.path, self._free(seen), ("", cron.SHOUT)),), CRON_LEARNS)


CRON_LEARNS = "a cron that runs learns of its old tables when it starts again, at the next boot"


@dataclass(frozen=True)
class CronTold(Step):
    """A cron that runs already knows of each table that was set aside.

    Why     it reads the tables when it starts, and keeps them
    Reads   the names in /var/spool/cron/crontabs, and which of them are empty and have their text aside
    Runs    crontab -r USER for each, whether that of another fails or not; the removal of the empty table instead
    Undo    none: what was aside comes back by itself
    Source  cron is told of a change by the crontab command alone (IBM, cron and crontab commands); cron is an entry of
            action respawn (transcript inittab/50), so that one that was killed starts again and reads what is there
    Assumed where no cron runs, crontab -r still removes the file
    """

    part: str
    aside: str  # where the tables are that it speaks of, up to the user's name
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"{self.part}/cron-told"

    @property
    def title(self) -> str:
        return "cron told of the tables that are aside"

    def assess(self, seen: Seen) -> Assessment:
        names = [name for name in seen.names(paths.CRONTABS) if is_emptied(seen, name)]
        users = [name for name in names if seen.owner(self.aside + name) is not None]
        if not users:
            return Done("no empty table stands for one that is aside")
        tell = tuple(command("crontab", "-r", user, touches="files") for user in users)
        gone = tuple(Remove(f"{paths.CRONTABS}/{user}") for user in users)
        lost = "a cron that runs may keep its jobs in mind; kill it, and init starts it again"
        return Todo(tell, f"the tables of {', '.join(users)} are aside", None, gone, lost, each=True)

    def undo(self, seen: Seen) -> Back:
        return Back()


def is_emptied(seen: Seen, name: str) -> bool:
    """Whether this crontab is what setting it aside has left in its place."""
    if USER.fullmatch(name) is None or seen.or_none(reversals.text_of(f"{paths.CRONTABS}/{name}")) != "":
        return False
    return is_aside(seen, name)


def is_aside(seen: Seen, name: str) -> bool:
    """Whether the crontab of this name was set aside, by the profile's word or by a rehearsal's."""
    return any(seen.owner(aside + name) is not None for aside in (ASIDE, ASIDE_IN_REHEARSALS))


def is_there(path: str) -> FileQuery[bool]:
    """Whether a file with this AIX path exists."""
    return FileQuery(path, lambda text: text is not None)


def interfaces(seen: Seen, at_home: Collection[str]) -> Tuple[str, ...]:
    """enN of every Ethernet interface that the ODM knows, and of the others (etN, viN, ibN, trN ...) those that had an
    address at home, or are up here.

    at_home  names of the interfaces that were captured: an ODM that was not reset is home's

    Source: lsdev -C -c if lists the interfaces (aix/boot-and-devices.md section 8), en and et of each adapter; vi0 is
    one of class if as well (IBM, "Sample VIPA environment").  An etN that nobody has configured is not asked for.
    """
    up = {str(state.name) for state in seen.or_none(ifconfig.INTERFACES) or ()}
    return tuple(
        row.name
        for row in seen(lsdev.DEVICES)
        if lsdev.is_ip_interface(row) and (lsdev.is_ethernet(row.name) or row.name in up or row.name in at_home)
    )


def _names(aside: str) -> Iterator[str]:
    yield aside
    number = 2
    while True:
        yield f"{aside}.{number}"
        number += 1


def steps(wanted: Wanted) -> Iterator[Step]:
    services = wanted.site.services
    at = f"{paths.CAPTURES}/{wanted.home}.json"
    at_home = tuple(one.name for one in wanted.capture.interfaces)
    own = (*wanted.addresses, *wanted.wpar_addresses) if wanted.mode == "rehearsal" else ()
    yield AddressesFenced(wanted.foreign, at, (), (), at_home, own)
    six = foreign6(wanted)
    if six:
        yield Addresses6Fenced(six, at, (), ("fence/addresses",), at_home)
    if wanted.coming is None:
        yield FileAside(paths.ETC_NIMINFO, f"{paths.ETC_NIMINFO}.{wanted.home}", "niminfo", str(services.at))
    tables = []
    for user in services.hold_cron:
        made = CrontabAside(f"{paths.CRONTABS}/{user}", ASIDE + user, f"crontab of {user}", str(services.at))
        tables.append(made.id)
        yield made
    if tables:
        yield CronTold("fence", ASIDE, str(services.at), (), tuple(tables))
