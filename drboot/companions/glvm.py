"""GLVM between two sites: the way back, whether the copies are the same again, what a link that was lost needs.

Everything here reads what AIX printed and what was captured, and says what to type, in order; nothing is run.  Two
hosts are concerned, and each line says which: ``dr`` is where the volume group is varied on now, ``production`` where
it goes.

Source: glvm white paper, "Handling Production Site Recovery", "Recovering Failed Remote Physical Volumes", "Planned
Outages", "Security Considerations"; its recordings varyonvg/01 and importvg/01.
"""

from __future__ import annotations

from typing import Iterator, NamedTuple, Optional, Sequence, Tuple

from drboot.capture import RemotePv
from drboot.companions.gates import Gate
from drboot.facts import errpt, lsvg, varyonvg
from drboot.facts.base import ParseError
from drboot.facts.lsvg import Vg

TIMEOUT_LABEL, TIMEOUT_ID = "RPVC_IO_TIMEOUT", "D034B795"
PVREMOVED = "PVREMOVED"


class Typed(NamedTuple):
    """One line of a plan: on which host, what, and what it is for."""

    host: str
    line: str
    why: str = ""

    def __str__(self) -> str:
        return f"  {self.host:<10}  {self.line}" + (f"    # {self.why}" if self.why else "")


# ---------------------------------------------------------------- failback


class Failback(NamedTuple):
    """What goes home.

    mounts   mount points, parents first
    servers  RPV servers at DR; guessed where nobody has named them: as many as clients, counted from 0
    clients  RPV clients at production
    removed  what production's varyonvg -n -s shows as PVREMOVED; () where it was not run yet
    """

    vg: str
    mounts: Tuple[str, ...]
    servers: Tuple[str, ...]
    clients: Tuple[str, ...]
    removed: Tuple[str, ...] = ()
    guessed: bool = False


def failback(wish: Failback) -> Iterator[Typed]:
    """The commands in the only order that is right.

    Production's own copy is old: it must see the copy of DR before it may vary the volume group on, lest LVM does not
    even notice (glvm white paper, "Moving Workload Back to Production Site").
    """
    vg = wish.vg
    yield Typed("dr", "stop the applications")
    for point in reversed(wish.mounts):
        yield Typed("dr", f"umount {point}")
    yield Typed("dr", f"varyoffvg {vg}")
    for server in wish.servers:
        yield Typed("dr", f"mkdev -l {server}", f"is it? lsattr -El {server} -a rpvs_pvid" if wish.guessed else "")
    for client in wish.clients:
        yield Typed("production", f"mkdev -l {client}", "must say Available: else stop here")
    yield Typed("production", f"varyonvg -n -s {vg}", "shows what is PVREMOVED; the clients must be PVACTIVE")
    for disk in wish.removed or ("HDISK",):
        yield Typed("production", f"chpv -v a {disk}", "" if wish.removed else "for each that is PVREMOVED")
    yield Typed("production", f"varyoffvg {vg}")
    yield Typed("production", f"varyonvg {vg}", "copies what is stale, in the background")
    for point in wish.mounts:
        yield Typed("production", f"mount {point}")
    yield Typed("production", f"lsvg {vg}", "STALE PPs must go to 0: drboot glvm sync")


class PvNow(NamedTuple):
    """A disk of the volume group as production shows it: name and PVID, "" for what is not shown."""

    disk: str
    pvid: str
    is_active: bool
    is_removed: bool


def by_varyonvg(text: str, vg: str) -> Tuple[PvNow, ...]:
    """The disks that ``varyonvg -n -s VG`` shows.

    Raises ParseError for what is no output of varyonvg, is of another volume group, or shows no list of PVs: silence
    would read as "none removed".
    """
    found = varyonvg.parse(text)
    if not found.lists:
        raise ParseError("a list of PV Status was expected")
    if set(found.varied_on) - {vg}:
        raise ParseError(f"the volume group {vg} was expected, and it is of {', '.join(found.varied_on)}")
    return tuple(
        PvNow(str(pv.disk or ""), str(pv.pvid), pv.state == "PVACTIVE", pv.state == PVREMOVED) for pv in found.lists[-1]
    )


def by_lsvg(text: str, vg: str) -> Tuple[PvNow, ...]:
    """The same by ``lsvg -p VG``.  Raises ParseError where the volume group is not in it."""
    for name, pvs in lsvg.parse_pvs(text):
        if name == vg:
            return tuple(PvNow(str(pv.name), "", pv.state == "active", pv.state == "removed") for pv in pvs)
    raise ParseError(f"the volume group {vg} was expected")


def removed(pvs: Sequence[PvNow], clients: Sequence[RemotePv]) -> Tuple[str, ...]:
    """The disks that need chpv -v a, by name; by PVID where no hdisk has it.

    Raises ValueError where an RPV client is not active: what is current is on its disk, at DR, and a varyon without it
    works on old data (glvm white paper, "Moving Workload Back to Production Site").
    """
    active = {name for pv in pvs if pv.is_active for name in (pv.disk, pv.pvid)}
    absent = [client.hdisk for client in clients if not {client.hdisk, client.pvid} & active]
    if absent:
        raise ValueError(f"{', '.join(absent)} of DR, which has the current copy, is not active at production")
    return tuple(pv.disk or pv.pvid for pv in pvs if pv.is_removed)


# ---------------------------------------------------------------- synchronisation


class Progress(NamedTuple):
    """What successive ``lsvg VG`` say: stale physical partitions of each, oldest first."""

    vg: str
    stale: Tuple[int, ...]
    is_complete: bool
    text: str


def progress(looks: Sequence[Vg]) -> Progress:
    """Whether both copies are the same again.  ``looks``, at least one, are of one volume group, the newest one last.

    Complete only where nothing is stale and every PV is active: a copy that is not part of the volume group is not
    counted among the stale ones for long.  ValueError for several volume groups, or none.
    """
    if len({look.vgid for look in looks}) != 1:
        raise ValueError("one volume group, looked at several times, was expected")
    last, stale = looks[-1], tuple(look.stale_pps for look in looks)
    shown = " -> ".join(str(number) for number in stale)
    absent = last.total_pvs - last.active_pvs
    if absent:
        text = (
            f"{absent} of {last.total_pvs} PVs are not active: chpv -v a each, varyoffvg, varyonvg; stale PPs {shown}"
        )
    elif stale[-1] or last.stale_pvs:
        moving = len(stale) > 1 and stale[-1] < stale[0]
        text = f"stale PPs {shown}: " + ("it goes on" if moving else "not seen to go down; varyonvg again")
    else:
        text = f"stale PPs {shown}, every PV active: both copies are the same"
    return Progress(str(last.name), stale, not (absent or stale[-1] or last.stale_pvs), text)


# ---------------------------------------------------------------- the link


def timed_out(text: str) -> Tuple[str, ...]:
    """The RPV clients that gave up, by ``errpt`` or ``errpt -a``; each once.  Raises ParseError."""
    if "LABEL:" in text:
        found = [entry.value("Resource Name") for entry in errpt.parse_detail(text) if entry.identifier == TIMEOUT_ID]
    else:
        found = [entry.resource for entry in errpt.parse(text) if entry.identifier == TIMEOUT_ID]
    return tuple(dict.fromkeys(found))


def recovery(vg: str, clients: Sequence[str]) -> Iterator[Typed]:
    """What brings RPV clients back that gave up, once the link and the RPV servers are well."""
    yield Typed("dr", "lsdev -C -c rpvserver", "Available, and the network between the sites up: else mend that first")
    for client in clients:
        yield Typed("production", f"chdev -l {client} -a resume=yes")
    yield Typed("production", f"varyonvg {vg}", "although it is varied on: LVM tries the disks again, and copies")


def outage(vg: str, remote: Sequence[RemotePv]) -> Iterator[Typed]:
    """A planned outage of the other site: nobody waits for io_timeout meanwhile.

    ValueError where the address of a server is not known, since nobody could set it again.
    """
    for pv in remote:
        if pv.server_addr in ("", "none"):
            raise ValueError(f"server_addr of {pv.hdisk} was {pv.server_addr or 'empty'} when it was captured")
    for pv in remote:
        yield Typed("production", f"chdev -l {pv.hdisk} -a server_addr=none", "before the outage")
    for pv in remote:
        yield Typed("production", f"chdev -l {pv.hdisk} -a server_addr={pv.server_addr}", "after the outage")
    yield Typed("production", f"varyonvg {vg}", "LVM tries the disks again, and copies what is stale")


# ---------------------------------------------------------------- as it is


def state(remote: Sequence[RemotePv], has_port: bool) -> Iterator[Gate]:
    """What is to be known of the RPV clients of a captured machine."""
    for pv in remote:
        seconds = f"{pv.io_timeout or 'unknown'} s" + (" (the default)" if pv.io_timeout == "180" else "")
        answer = f"server {pv.server_addr or 'unknown'}, io_timeout {seconds}"
        yield Gate(f"{pv.hdisk} {pv.pvid}", True, answer)
    entry = "rpv 6192/tcp is there" if has_port else "no entry for 6192/tcp"
    yield Gate("/etc/services", True, entry, warning=not has_port)
    yield Gate("encryption", True, "RPV sends data in the clear: IPsec, or lines of your own", warning=True)


def clients_of(remote: Sequence[RemotePv], pvids: Optional[Sequence[str]]) -> Tuple[RemotePv, ...]:
    """The RPV clients of a volume group with these PVIDs; all where it is not known."""
    return tuple(pv for pv in remote if pvids is None or pv.pvid in pvids)
