"""No address is on the wire twice: asked before where one can ask, watched for afterwards, taken down where it is.

Why  AIX configures an address that another machine has without an error, and only logs it; two machines with one
     address then take each other's connections (aix/network-and-services.md section 14).  An address that somebody has
     is never replaced by another one: which of the two is right is for people to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, FrozenSet, Iterator, NamedTuple, Optional, Sequence, Tuple

from drboot.errors import FactUnavailable, Problem
from drboot.facts import arp, errpt, ifconfig, lsdev, ping, uname
from drboot.profile.keys import in_one_subnet
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps import pseudo_adapters
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo
from drboot.steps.network.interfaces import OnInterface, claims, duplicate, held, interface_of, kernel_of, news
from drboot.steps.reversals import odm_value

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports network.py
    from drboot.profile.hosts import HostRow
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class Asking(OnInterface):
    """For the question whether its addresses are free, an interface has an address in their subnet.

    What it ensures  the role's probe_address is up; nothing where another interface can ask, or the address is up
    Reads            lsdev, lscfg -vl 'ent*' or entstat -d; ifconfig -a
    Runs             ifconfig enN PROBE netmask MASK up; ifconfig enN alias PROBE netmask MASK where it has an address
                     already, which would be replaced (aix/network-and-services.md section 6)
    Undo             nothing: the next step but one takes it off again
    Source           ifconfig changes the kernel only, so a boot in between forgets it (network-and-services section 0)
    Assumed          several machines may ask with one address at once: ARP answers the MAC that asked
    """

    row: HostRow
    probe: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"
    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"network/{self.row.role}/asking"

    @property
    def title(self) -> str:
        return f"ask as {self.probe} for {self.row.address}"

    def assess(self, seen: Seen) -> Assessment:
        if self.row.address in held(seen):
            return Done(f"{self.row.address} is up here already")
        asker = _asker(seen, self.row.addresses, self.row.address)
        if asker:
            return Done(f"{asker} can ask")
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Blocked(name)
        here, is_up = kernel_of(seen, name)
        if here and not is_up:
            return Done(f"nobody is asked: {name} is down, and would come up with {here[0].address}")
        mask = ("netmask", self.row.netmask)
        args = ("alias", self.probe, *mask) if here else (self.probe, *mask, "up")
        up = command("ifconfig", name, *args, touches="network")
        return Todo((up,), f"no interface is up in the subnet of {self.row.address}")

    def undo(self, seen: Seen) -> Back:
        return Back()


@dataclass(frozen=True)
class Unused(Step):
    """Nobody answers at the addresses of a role, as far as one can ask before they are taken.

    Reads   ifconfig -a; where an interface of this LPAR is up in the subnet of an address with another one:
            ping -n -c 2 -w 2 ADDRESS, arp -an
    Runs    nothing; arp -d ADDRESS where ARP has a MAC for it and nobody answered the ping: the entry may be an old one
            of a machine that is gone, and whoever answers ARP is there again when it was asked anew
    Undo    nothing
    Source  exit status 0 of ping is "reached"; who lets no ping through still answers ARP, so an entry with a MAC
            counts too (aix/network-and-services.md section 14); manual page of arp, AIX 7.1: -d HostName deletes the
            entry, a number in dotted notation is a HostName
    """

    row: HostRow
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"network/{self.row.role}/unused"

    @property
    def title(self) -> str:
        return f"nobody has {self.row.address} yet"

    def assess(self, seen: Seen) -> Assessment:
        addresses = self.row.addresses
        if held(seen).issuperset(addresses):
            return Done(f"{self.row.address} is up here already")
        askers, claims = ask(seen, addresses, self.id)
        if not askers:
            return Done("no interface is up in its subnet to ask from; it is watched once it is up")
        if not claims:
            return Done(f"nobody answered {', '.join(askers)}")
        return asked_anew(claims, self.id) or Blocked(self._in_use(claims))

    def explain(self, seen: Seen, trouble: Problem) -> Problem:
        _, claims = ask(seen, self.row.addresses, self.id)
        return self._in_use(claims) if claims else trouble

    def _in_use(self, claims: Sequence[Claim]) -> Problem:
        return in_use(claims[0], str(self.row.at), f"nothing of {self.row.role} was brought up")

    def undo(self, seen: Seen) -> Back:
        return Back()


@dataclass(frozen=True)
class AskingOver(Step):
    """The address for asking is off the wire again, whatever the answer was.

    Reads   ifconfig -a
    Runs    ifconfig enN down detach; ifconfig enN delete PROBE where the interface has another address
    Undo    nothing
    Source  IV21533: delete before the address, or a route stays behind (aix/network-and-services.md section 6)
    """

    row: HostRow
    probe: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"
    lasting: ClassVar[bool] = False

    @property
    def id(self) -> str:
        return f"network/{self.row.role}/asking_over"

    @property
    def title(self) -> str:
        return f"{self.probe} off again"

    def assess(self, seen: Seen) -> Assessment:
        for interface in seen(ifconfig.INTERFACES):
            there = [inet.address for inet in interface.inet]
            if self.probe in there:
                args = ("down", "detach") if len(there) == 1 else ("delete", self.probe)
                off = command("ifconfig", interface.name, *args, touches="network")
                return Todo((off,), f"{interface.name} has it")
        return Done(f"no interface has {self.probe}")

    def undo(self, seen: Seen) -> Back:
        return Back()


@dataclass(frozen=True)
class Alone(OnInterface):
    """No other machine has claimed the addresses while they were up here; routes and services wait for that.

    What it ensures  where one has, the interface is down and detached, in the ODM too
    Reads            errpt -a -J AIXIF_ARP_DUP_ADDR, again and again for network.duplicate_watch, and errpt -a where
                     that is not taken; ifconfig -a; lsattr
    Runs             nothing; or ifconfig enN down detach; chdev -l enN -a state=detach
    Undo             what the step of the address undoes
    Source           AIX logs an entry for each ARP packet that claims an own address, the address as hexadecimal
                     words (aix/network-and-services.md section 14)
    """

    row: HostRow
    addresses: Tuple[str, ...]
    heard: errpt.Heard
    watch: float
    part: str  # "" for the address, "/aliases" for these
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    lock: ClassVar[str] = "network"
    watches: ClassVar[FrozenSet[str]] = frozenset({"errlog"})

    @property
    def settle(self) -> float:
        return self.watch

    @property
    def id(self) -> str:
        return f"network/{self.row.role}{self.part}/alone"

    @property
    def title(self) -> str:
        return f"nobody else claims {', '.join(self.addresses)}"

    def assess(self, seen: Seen) -> Assessment:
        name = interface_of(seen, self.row)
        if isinstance(name, Problem):
            return Blocked(name)
        here, _ = kernel_of(seen, name)
        up = [inet.address for inet in here if inet.address in self.addresses]
        found = news(seen, self.heard, self.addresses)
        if found and (here or odm_value(seen, name, "state") == "up"):
            off = command("ifconfig", name, "down", "detach", touches="network")
            stays = command("chdev", "-l", name, "-a", "state=detach", touches="network devices")
            return Todo((off, stays), f"another machine has {found[0]}", None, (stays,))
        if not here:
            found = found or news(seen, self.heard, self.row.addresses)
        if found:
            return Blocked(duplicate(str(self.row.at), f"{name} was taken down", *found))
        if up:
            return Done(f"nobody else claimed {', '.join(up)} in {self.watch:g} s")
        if self.part:
            return Done("none of them is up")
        return Later(f"network/{self.row.role}", (), f"watched for {self.watch:g} s once it is up")

    def undo(self, seen: Seen) -> Back:
        return Back()


def _asker(seen: Seen, asked: Sequence[str], address: str) -> str:
    """The address of this LPAR that can ask for ``address``: up, none of those asked for, with it in its subnet; or "".

    Source: ARP asks on the wire of the interface's own subnet only; anything beyond would take a route that does not
    exist yet, whatever netmask ``address`` is to have here.
    """
    for interface in seen(ifconfig.INTERFACES):
        for inet in interface.inet:
            own = not lsdev.is_loopback(interface.name) and "UP" in interface.flags and inet.address not in asked
            if own and inet.netmask and in_one_subnet(inet.address, address, inet.netmask):
                return inet.address
    return ""


class Claim(NamedTuple):
    """Another machine has ``address``: it answered ``by``; ``mac`` "" where ARP does not say.

    pinged  it answered a ping; else ARP has a MAC for it, which may be one that it had remembered
    """

    address: str
    by: str
    mac: str
    pinged: bool


def ask(seen: Seen, addresses: Sequence[str], who: str) -> Tuple[Tuple[str, ...], Tuple[Claim, ...]]:
    """The addresses of this LPAR that could ask for these, and those of these that another machine has.

    What the kernel has is not asked for.  Source: see ``Unused``
    who  whose question it is: an answer is not kept for the next one
    """
    own = held(seen)  # asking for one of these would ask oneself
    asked = {one: _asker(seen, addresses, one) for one in addresses if one not in own}
    answered = [address for address, by in asked.items() if by and _answers(seen, address, who)]
    askers = tuple(sorted(set(filter(None, asked.values()))))
    if not askers:
        return (), ()
    macs = {str(r.address): str(r.mac) for r in seen.or_none(arp.neighbours(who)) or () if r.mac is not None}
    claims = [
        Claim(address, by, macs.get(address, ""), address in answered)
        for address, by in asked.items()
        if by and (address in answered or address in macs)
    ]
    return askers, tuple(sorted(claims, key=lambda claim: not claim.pinged))


def asked_anew(claims: Sequence[Claim], who: str) -> Optional[Todo]:
    """What makes ARP forget and ask again, where all that is known is what it has; None where somebody answered."""
    if any(claim.pinged for claim in claims):
        return None
    forget = tuple(command("arp", "-d", claim.address, touches=f"wire/{who}") for claim in claims)
    addresses = ", ".join(claim.address for claim in claims)
    return Todo(forget, f"ARP has a MAC for {addresses}, and nobody answered a ping: asked anew", each=True)


def in_use(claim: Claim, at: str, left: str) -> Problem:
    """``left`` says what was not brought up because of it."""
    who = f", with MAC {claim.mac}" if claim.mac else ""
    return Problem(
        "address-in-use",
        f"another machine has {claim.address}",
        at,
        f"it answered {claim.by}{who}; {left}",
        f"find that machine and take {claim.address} off it, then: drboot --apply",
    )


def _answers(seen: Seen, address: str, who: str) -> bool:
    """Whether ping says so; one that does not work says nothing, and ARP is asked besides."""
    answered: Optional[bool] = seen.or_none(ping.answers(address, who))
    return answered is True


def heard(seen: Seen, known: Tuple[str, ...]) -> errpt.Heard:
    """What the error log says before anything is changed; see ``Heard``.

    An address that is up already, after a run that was interrupted, is judged by what was logged since this boot; all
    else is old: it came with the replica, or is of an earlier run.  What earlier runs of this event made of what was
    logged since this boot the record of the event knows: ``Heard.after``.
    """
    try:
        return _heard(seen, known)
    except FactUnavailable:
        seen.forget()  # without it no address can be judged in this run, and nothing was changed yet: once more
    try:
        return _heard(seen, known)
    except FactUnavailable as error:
        return errpt.Heard(frozenset(), known, error.problems[0])


def _heard(seen: Seen, known: Tuple[str, ...]) -> errpt.Heard:
    """Raises FactUnavailable."""
    entries = claims(seen)
    up = [address for address in known if entries and address in held(seen)]
    recent = seen(errpt.since_boot(seen.or_none(errpt.STARTS))) if up else ()
    machine = seen(uname.MACHINE) if recent else ""
    every = errpt.Heard(frozenset(), known)
    counted = {e for e in recent if e.value("Machine Id") in ("", machine) and every.news((e,), up)}
    return errpt.Heard(frozenset(entries) - counted, known)


def probe_of(wanted: Wanted, row: HostRow) -> Optional[str]:
    """The role's probe_address where it lies in the row's subnet."""
    role = wanted.site.network.roles.get(row.role)
    if role is None or not role.probe_address:
        return None
    return str(role.probe_address) if in_one_subnet(role.probe_address, row.address, row.netmask) else None


def steps(wanted: Wanted) -> Iterator[Step]:
    watch = wanted.site.network.duplicate_watch
    for row in wanted.rows:
        at, of = str(row.at), f"network/{row.role}"
        fenced = ("fence/addresses",)
        settled = (*pseudo_adapters.ids(wanted), *(("stale_definitions/devices",) if wanted.plan_b else ()))
        probe = probe_of(wanted, row)
        if probe:
            yield Asking(row, probe, at, fenced, settled)
        yield Unused(row, at, fenced, (*settled, *((f"{of}/asking",) if probe else ())))
        if probe:
            yield AskingOver(row, probe, at, (), (f"{of}/unused",))
        yield Alone(row, (row.address,), wanted.heard, watch, "", at, (of,))
        if row.aliases:
            aliases = tuple(alias.address for alias in row.aliases)
            yield Alone(row, aliases, wanted.heard, watch, "/aliases", at, (f"{of}/alone",), (f"{of}/aliases",))
