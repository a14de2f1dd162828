"""Coming home: what the other site has set aside or switched off for its own sake is as it was here.

Only where the machine wakes at the site that it came from (drboot/failback.py), and never in a rehearsal.

Why  the files of rootvg come home as the other site left them: NIM entries off, niminfo and crontabs aside
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, List, Tuple

from drboot import paths
from drboot.errors import Problem
from drboot.facts import inittab, lsattr, lspv
from drboot.failback import own_rows
from drboot.profile.hosts import HostRow
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Action, Assessment, Back, Blocked, Done, Move, Notice, Step, Todo, Write
from drboot.steps.fence import HELD, is_there
from drboot.steps.network.interfaces import OnInterface, interface_of
from drboot.steps.reversals import odm_value

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports the steps
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class EntryBack(Step):
    """An inittab entry that the other site switched off is as it was captured here.

    Reads   lsitab -a
    Runs    chitab with the captured line.  One that differs in more than its action was changed at the other site, and
            stays; so does one that was removed there
    Undo    chitab with the recorded line
    Source  chitab manual: the whole line is given.  init reads its table at boot and at telinit q: what this
            enables is started by the next of them (aix/boot-and-devices.md section 17)
    """

    line: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "inittab"

    @property
    def _own(self) -> inittab.Entry:
        return inittab.parse(self.line)[0]

    @property
    def id(self) -> str:
        return f"failback/inittab/{self._own.id}"

    @property
    def title(self) -> str:
        return f"inittab entry {self._own.id} as it was here"

    def assess(self, seen: Seen) -> Assessment:
        own, entry = self._own, inittab.named(seen(inittab.ENTRIES), self._own.id)
        if entry is None:
            return Done(f"there is no entry {own.id} any more")
        if entry.action != "off" or entry == own:
            return Done(
                f"the action of {own.id} is {entry.action}; what was off is started by the next boot, or telinit q"
            )
        if entry._replace(action=own.action) != own:
            return Done(f"{own.id} stays off", (f"{own.id} was changed at the other site, and stays off: {entry}",))
        return Todo((command("chitab", self.line, touches="inittab"),), f"{own.id} is off, and was {own.action} here")

    def undo(self, seen: Seen) -> Back:
        entry = inittab.named(seen(inittab.ENTRIES), self._own.id)
        return Back((reversals.EntryWas(str(entry)),) if entry else ())


@dataclass(frozen=True)
class FileBack(Step):
    """A file of this site, set aside at the other one, is at its place again.

    What stands there by now is the other site's: it is set aside in its turn, and not lost.

    Reads   whether the files are there
    Runs    a move of what is there to ``beside``, or the first free of beside.2, ...; a move of ``aside`` back
    Undo    the moves the other way
    Source  design of the fence (steps/fence.py): the file was moved to ``aside`` there, byte for byte
    """

    path: str
    aside: str
    beside: str
    what: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"failback{self.path}"

    @property
    def title(self) -> str:
        return f"{self.what} of this site back"

    def assess(self, seen: Seen) -> Assessment:
        if not seen(is_there(self.aside)):
            return Done(f"nothing of this site's is set aside as {self.aside}")
        moves: List[Action] = [Move(self.aside, self.path)]
        if seen(is_there(self.path)):
            moves.insert(0, Move(self.path, self._free(seen)))
        return Todo(tuple(moves), f"it was set aside as {self.aside}")

    def undo(self, seen: Seen) -> Back:
        away = reversals.MovedBack(self.aside, self.path)
        if not seen(is_there(self.path)):
            return Back((away,))
        return Back((away, reversals.MovedBack(self.path, self._free(seen))))

    def _free(self, seen: Seen) -> str:
        number, free = 1, self.beside
        while seen(is_there(free)):
            number += 1
            free = f"{self.beside}.{number}"
        return free


@dataclass(frozen=True)
class TextBack(Step):
    """A file that the other site's profile has rewritten, and of which this site's says nothing, is as it was here.

    Reads   the file
    Runs    an atomic replacement of the file
    Undo    the recorded text
    Source  a dead name server of the other site stalls every look-up (aix/network-and-services.md section 12)
    """

    path: str
    text: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return f"failback{self.path}"

    @property
    def title(self) -> str:
        return f"{self.path} as it was here"

    def assess(self, seen: Seen) -> Assessment:
        if seen(reversals.text_of(self.path)) == self.text:
            return Done(f"{self.path} is as it was captured")
        return Todo((Write(self.path, self.text),), f"{self.path} is another one")

    def undo(self, seen: Seen) -> Back:
        return Back((reversals.file_was(seen, self.path),))


@dataclass(frozen=True)
class MadeThereUnknown(Notice):
    """It is said that what was made at the other site is not known: the machine was never captured there.

    Reads   lspv: disks with a PVID and without a volume group
    Runs    nothing
    Undo    nothing
    """

    away: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "failback/uncaptured"

    @property
    def title(self) -> str:
        return f"what was made at {self.away}"

    def assess(self, seen: Seen) -> Assessment:
        free = [str(pv.name) for pv in seen(lspv.PVS) if pv.pvid and pv.vg is None]
        more = f"; no volume group is on {', '.join(free[:5])}" if free else ""
        warning = (
            f"there is no capture of {self.away}: volume groups and file systems that were made there are not known, "
            f"and not brought up{more}"
        )
        return Done(f"there is no capture of {self.away}", (warning,))


@dataclass(frozen=True)
class HomeUnknown(Notice):
    """It is said that this machine's own capture of this site is gone: it comes up as the other site had it.

    Why     attributes, routes and dump devices of the other site would pass for this one's, and nobody would know why
    Reads   nothing: the capture was looked for before the run
    Runs    nothing
    Undo    nothing
    """

    here: str
    away: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "failback/forgotten"

    @property
    def title(self) -> str:
        return f"what this machine was at {self.here}"

    def assess(self, seen: Seen) -> Assessment:
        warning = (
            f"{self.at} is gone: attributes of devices, inittab, crontabs and niminfo are as {self.away} had them. "
            f"Restore it from a backup, then: drboot arm --site {self.away}, drboot --apply"
        )
        return Done(f"there is no capture of {self.here}", (warning,))


@dataclass(frozen=True)
class GroupsGivenUp(Notice):
    """Volume groups that this machine had here, and that are no more, are named.

    Why     the other site was to have them, and did not when it was captured: somebody has given them up there, or they
            never came up.  Their disks here, if they still are, hold what was on them before
    Reads   nothing: the two captures are compared
    Runs    nothing
    Undo    nothing
    """

    names: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "failback/volume_groups"

    @property
    def title(self) -> str:
        return "volume groups that did not come back"

    def assess(self, seen: Seen) -> Assessment:
        which = ", ".join(self.names)
        warning = (
            f"{which} was here and is not in the capture of the other site: not imported. If it is wanted, name it "
            "under volume_groups.named of this site's profile; then: drboot --apply"
        )
        return Done(f"not imported: {which}", (warning,))


@dataclass(frozen=True)
class Addresses6Back(OnInterface):
    """An interface has the IPv6 addresses that it had here.

    Reads    lsdev, lscfg -vl 'ent*' or entstat -d; lsattr of netaddr6, prefixlen and alias6
    Runs     chdev -l enN -a netaddr6=IP -a prefixlen=N; chdev -l enN -a alias6=IP/N
    Undo     the recorded values
    Source   chdev of enN: netaddr6, prefixlen; alias6 has one row each (aix/network-and-services.md section 3)
    """

    row: HostRow
    name: str
    address: str
    aliases: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"

    @property
    def id(self) -> str:
        return f"failback/ipv6/{self.name}"

    @property
    def title(self) -> str:
        return f"IPv6 addresses that {self.name} had here"

    def assess(self, seen: Seen) -> Assessment:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Blocked(name)
        address, _, length = self.address.partition("/")
        changes: List[Action] = []
        if address and (odm_value(seen, name, "netaddr6"), odm_value(seen, name, "prefixlen")) != (address, length):
            values = ("-a", f"netaddr6={address}", "-a", f"prefixlen={length}")
            changes.append(command("chdev", "-l", name, *values, touches="network devices"))
        stored = seen(lsattr.value(name, "alias6"))
        for alias in self.aliases:
            if alias not in stored:
                changes.append(command("chdev", "-l", name, "-a", f"alias6={alias}", touches="network devices"))
        if changes:
            return Todo(tuple(changes), f"{name} has not all of them")
        return Done(f"{name} has {', '.join(filter(None, (self.address, *self.aliases)))}")

    def undo(self, seen: Seen) -> Back:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Back()
        kept = f"{name} keeps its IPv6 aliases" if self.aliases else ""
        return Back((reversals.attributes_were(seen, name, "netaddr6", "prefixlen"),), kept)


def steps(wanted: Wanted) -> Iterator[Step]:
    coming = wanted.coming
    if wanted.forgotten:
        yield HomeUnknown(wanted.site.site, wanted.home, f"{paths.CAPTURES}/{wanted.site.site}.json")
    if coming is None:
        return
    services, here = coming.left.services, wanted.site
    at, away = f"{paths.CAPTURES}/{here.site}.json", wanted.home
    for line in coming.own.inittab:
        entry = line.partition(":")[0]
        if entry in services.inittab_off and entry not in here.services.inittab_off:
            yield EntryBack(line, at)
    niminfo = paths.ETC_NIMINFO
    yield FileBack(niminfo, f"{niminfo}.{here.site}", f"{niminfo}.{away}", "niminfo", at)
    mine, theirs = here.names, coming.left.names
    silent = {paths.ETC_RESOLV: not mine.nameservers, paths.ETC_NETSVC: not mine.netsvc}
    rewritten = {paths.ETC_RESOLV: bool(theirs.nameservers), paths.ETC_NETSVC: bool(theirs.netsvc)}
    for path, text in coming.own.texts:
        if silent.get(path) and rewritten.get(path):
            yield TextBack(path, text, at)
    for user in services.hold_cron:
        if user not in here.services.hold_cron:
            held = f"{HELD}/crontab.{user}"
            yield FileBack(f"{paths.CRONTABS}/{user}", held, f"{held}.{away}", f"crontab of {user}", at)
    up = tuple(f"network/{row.role}/alone" for row in wanted.rows)
    rows = {row.role: row for row in own_rows(coming.own)}
    for one in coming.own.interfaces:
        if one.name in rows and (one.address6 or one.aliases6):
            yield Addresses6Back(rows[one.name], one.name, one.address6, one.aliases6, at, ("fence/addresses",), up)
    if coming.blind:
        yield MadeThereUnknown(
            away, at, (), tuple(f"volume_groups/{vg.name}/import" for vg in wanted.capture.volume_groups)
        )
    if coming.given_up:
        yield GroupsGivenUp(coming.given_up, at)
