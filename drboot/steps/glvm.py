"""Volume groups that GLVM mirrors to this site: brought up from this site's copy alone, where the profile names them.

Why  the other half of such a volume group is at the other site, behind a network: importvg must be forced, and whoever
     forces it while the other site still runs, or has run since, works on old data, and two sites write apart.  So
     nothing is touched before four questions are answered, each by a step of its own: is this site's copy complete, is
     the other site down, does no RPV server serve its disks, and only then is the import forced.

RPV clients are never configured, neither here nor at home: IBM asks that no script does that at boot (glvm white paper,
"Avoiding Concurrent Access").  ``drboot glvm`` prints what an operator does about them.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Iterator, List, Optional, Tuple

from drboot import paths
from drboot.errors import FactUnavailable, Problem, Where
from drboot.facts import lsdev, lspv, lsvg, ping
from drboot.facts.base import FileQuery
from drboot.facts.types import Hdisk
from drboot.profile.keys import ADDRESS, BOOLEAN, DURATION, HOST_NAME, PATH, Integer, ListOf, OneOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section
from drboot.profile.trust import check_program, check_trusted
from drboot.runner import Command, command
from drboot.seen import Seen
from drboot.steps import reversals
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Notice, Step, Todo, counted
from drboot.steps.network.interfaces import ready
from drboot.steps.volume_groups import Group, VgImported, left_to_glvm, wanted_groups

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports this file
    from drboot.wanted import Wanted

MARKER = "/etc/drboot/other-site-is-down"
# Seconds by which the clocks of two sites may differ: the stamp was written by home's, the marker by this one's.
# Assumed: both are kept by NTP, which leaves seconds; minutes are for a machine that has just woken.
CLOCKS = 600.0


@dataclass(frozen=True)
class GlvmVg:
    """One of ``glvm:`` of a profile.

    disks_here    how many of its disks are at this site
    marker        AIX path of the file by which an operator says that the other site is down; marker_age in seconds
    peer          an address of the other site's host, "" where nobody is asked
    peer_program  AIX path of what says by exit status 0 that the volume group is off there; "" for none
    """

    hosts: Tuple[str, ...]
    disks_here: int
    marker: str
    marker_age: float
    peer: str
    peer_program: str
    other_site: str
    servers_stay_defined: bool
    rehearse: bool
    at: Where

    def is_for(self, host: str, mode: str) -> bool:
        return (not self.hosts or host in self.hosts) and (mode == "disaster" or self.rehearse)


def _check(entry: GlvmVg) -> Iterator[Problem]:
    if entry.peer_program and not entry.peer:
        yield Problem(
            "glvm-program-without-peer",
            "a volume group of GLVM has a peer_program that nobody would start",
            where_of(entry.peer_program, entry.at),
            "it is started where peer answers, and peer is not there",
            "name the address of the other site's host, or take peer_program out",
        )


SECTION = Section(
    "glvm_vg",
    GlvmVg,
    check=_check,
    meaning="Volume groups that GLVM mirrors to this site, by name. They come up from this site's copy alone, by a "
    "forced import; one that is not named here is left alone.",
    keys=(
        Key("hosts", ListOf(HOST_NAME), "Production host names it is for; none means every host.", (), "every host"),
        Key(
            "disks_here",
            # Assumed: no limit of GLVM is known; 1024 is the most disks of a scalable volume group
            Integer(1, 1024),
            "How many of its disks are at this site. Fewer, or more, and it is not imported.",
            example="2",
        ),
        Key(
            "marker",
            PATH,
            "The file by which an operator says that the other site is down and its copy is not newer. It must hold "
            "this machine's systemid, and be younger than its arming; or the arm_id that drboot status shows. So none "
            "that came with the replica counts, and none of an earlier disaster.",
            default=MARKER,
            example=MARKER,
        ),
        Key("marker_age", DURATION, "How old that may be.", default=43200.0, shown="12h", example="12h"),
        Key(
            "peer",
            ADDRESS,
            "An address of the other site's host. Where it answers, nothing is imported.",
            default="",
            shown="nobody is asked",
            example="10.1.5.11",
        ),
        Key(
            "peer_program",
            PATH,
            "What is started with the volume group's name where peer answers: exit status 0 says that it is off there.",
            default="",
            shown="none: an answer is enough to refuse",
            example="/etc/drboot/glvm-peer",
        ),
        Key(
            "other_site",
            OneOf("returns", "destroyed"),
            "returns: AUTO ON no and quorum disabled after the import. destroyed: as importvg sets them.",
            default="returns",
            example="returns",
        ),
        Key(
            "servers_stay_defined",
            BOOLEAN,
            "The RPV servers of its disks are not configured by later boots either (auto_online=n).",
            default=False,
            example="true",
        ),
        Key(
            "rehearse",
            BOOLEAN,
            "A rehearsal brings it up, too: only where the disks of the LPAR that rehearses are copies of this site's.",
            default=False,
            example="false",
        ),
    ),
)


# ---------------------------------------------------------------- steps


@dataclass(frozen=True)
class CopyComplete(Step):
    """This site's copy of the volume group is complete: exactly the disks of this site are here, and none of the other.

    Why     super strict allocation keeps one copy of every logical partition on the disks of one site.  With one
            missing a part of the data is at the other site only; as many disks, but of the other site, are the old copy
    Reads   lspv; lsdev: an RPV client is no disk of this site
    Runs    nothing
    Undo    nothing
    Source  glvm white paper, importvg -f with two of four disks; at home the disks of DR are RPV clients

    own  PVIDs of this site's disks, as the capture knows them by home's RPV clients; () where it does not
    """

    group: Group
    wanted: int
    own: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    asks: ClassVar[bool] = True

    @property
    def id(self) -> str:
        return self.group.step("copy")

    @property
    def title(self) -> str:
        return f"is this site's copy of {self.group.name} complete"

    def assess(self, seen: Seen) -> Assessment:
        group = self.group
        if not group.pvids:
            why = "neither capture nor profile name its disks"
            return Blocked(_refused(group, "vg-without-pvids", self.at, why, "name them: volume_groups.named"))
        if not self.own:
            why = "the capture knows no RPV client of it, so that nobody knows which of its disks are this site's"
            cure = "capture it at home where its RPV clients are defined (lsdev -C -c disk)"
            return Blocked(_refused(group, "glvm-copy-incomplete", self.at, why, cure))
        disks = {pvid: rows for pvid, rows in group.disks(seen).items() if rows}
        clients = {str(row.name) for row in seen(lsdev.DEVICES) if row.cls == "disk" and row.type.startswith("rpv")}
        remote = [str(row.name) for rows in disks.values() for row in rows if str(row.name) in clients]
        if len(disks) == self.wanted and set(disks) == set(self.own) and not remote:
            return Done(f"{len(disks)} of {len(group.pvids)} disks are here: those of this site")
        missing = [pvid for pvid in self.own if pvid not in disks]
        others = [pvid for pvid in disks if pvid not in self.own]
        why = f"{len(disks)} of its {len(group.pvids)} disks are here, and disks_here is {self.wanted}"
        why += f"; not here: {', '.join(missing)}" if missing else ""
        why += f"; of the other site: {', '.join(others)}" if others else ""
        why += f"; over the network: {', '.join(remote)}" if remote else ""
        cure = "map this site's disks of it, all of them and no others, then: drboot --apply"
        return Blocked(_refused(group, "glvm-copy-incomplete", self.at, why, cure))

    def undo(self, seen: Seen) -> Back:
        return Back()


@dataclass(frozen=True)
class OtherSiteDown(Step):
    """The other site is down, and its copy is not newer: an operator says so, and nobody answers from there.

    Why     nothing on this machine can know it; LVM does not even notice that data is stale (glvm white paper)
    Reads   the marker: its text must name this machine, or its arming; it must be young, younger than the arming, and
            root's own, writable by nobody else, as every directory above it; ping of
            ``peer``, and peer_program where that answers.  Nobody is asked, and no clock, once it is varied on here
    Runs    nothing
    Undo    nothing
    Source  glvm white paper, "Quorum" and "Avoiding Concurrent Access"
    """

    group: Group
    entry: GlvmVg
    names: Tuple[str, ...]
    arm_id: str
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    asks: ClassVar[bool] = True

    @property
    def id(self) -> str:
        return self.group.step("other_site")

    @property
    def title(self) -> str:
        return f"is the other site of {self.group.name} down"

    def assess(self, seen: Seen) -> Assessment:
        is_on = self.group.name in seen(lsvg.VARIED_ON)
        wrong = self._marker(seen, is_on)
        if is_on and not wrong:
            return Done(f"{self.group.name} is varied on here already, and {self.entry.marker} names this machine")
        if wrong:
            say = f"make sure of it, then as root: echo {self.names[0]} > {self.entry.marker}; drboot --apply"
            return Blocked(_refused(self.group, "glvm-other-site-not-down", self.at, wrong, say))
        if self.entry.peer and seen(ping.answers(self.entry.peer, self.id)):
            return self._answered(seen)
        asked = f", and {self.entry.peer} does not answer" if self.entry.peer else ""
        warning = f"{self.group.name} is taken from this site's copy because {self.entry.marker} says the other is down"
        return Done(f"{self.entry.marker} names this machine{asked}", (warning,))

    def _marker(self, seen: Seen, is_on: bool) -> str:
        """Why the marker does not count; "" where it does.

        is_on  the volume group is varied on here: whoever did that is bound by no clock.  Without a marker it was not
               drboot, but a boot that found AUTO ON yes, and nobody was asked
        """
        path = self.entry.marker
        text, written, armed = seen(FileQuery(path, _as_it_is)), seen.written(path), seen.written(paths.STAMP)
        if text is None or written is None:
            return f"there is no {path}: nobody has said that the other site is down"
        distrusted = check_trusted(seen.root, path)
        if distrusted:
            return f"{path} is not root's alone: {distrusted[0].what}, {distrusted[0].why}"
        words = {word[4:] if word.startswith("IBM,") else word for word in text.split()}
        if not words & set(self.names):
            return f"{path} names neither {' nor '.join(self.names)}: it was not written for this machine"
        if is_on:
            return ""
        age = time.time() - written
        if not -60 <= age <= self.entry.marker_age:
            hours = self.entry.marker_age / 3600
            return f"{path} is {age / 3600:.1f} hours old, and marker_age is {hours:g} hours"
        if self.arm_id not in words and armed is not None and written < armed - CLOCKS:
            return f"{path} is older than this machine's arming: it was written for an earlier event"
        return ""

    def _answered(self, seen: Seen) -> Assessment:
        peer, program, group = self.entry.peer, self.entry.peer_program, self.group
        if not program:
            cure = f"if {group.name} is off there: name a peer_program that says so, or take peer out"
            why = f"{peer} answers: the other site is not down"
            return Blocked(_refused(group, "glvm-other-site-answers", self.at, why, cure))
        distrusted = list(check_program(seen.root, program))
        if distrusted:
            why = f"{peer} answers, and nobody is asked: {distrusted[0].what}: {distrusted[0].why}"
            return Blocked(_refused(group, "glvm-other-site-answers", self.at, why, distrusted[0].next))
        ran = seen.probe(Command(self.id, (group.name,), "read", path=program, deadline=60.0))
        if ran.outcome == "exited" and ran.rc == 0:
            return Done(f"{peer} answers, and {program} says that {group.name} is off there")
        why = f"{peer} answers, and {program} {ran.how()}: {group.name} may be varied on there"
        cure = f"varyoffvg {group.name} there, then: drboot --apply"
        return Blocked(_refused(group, "glvm-other-site-answers", self.at, why, cure))

    def undo(self, seen: Seen) -> Back:
        return Back()


@dataclass(frozen=True)
class ServersDefined(Step):
    """No RPV server serves a disk of the volume group to the other site.

    Why     the other site, once it is back, would write to the disks that this one has varied on
    Reads   lsdev; rpvs_pvid and auto_online of each RPV server
    Runs    rmdev -l rpvserverN; chdev -l rpvserverN -a auto_online=n where the profile wants it
    Undo    mkdev -l rpvserverN once the volume group is varied off; auto_online as it was
    Source  glvm white paper, "Before accessing the geographically mirrored volume group"
    """

    group: Group
    stay: bool
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.group.step("rpv_servers")

    @property
    def title(self) -> str:
        return f"no RPV server of {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        found = servers(seen, self.group.pvids)
        live = [name for name, available in found if available]
        automatic = [name for name, _ in found if self.stay and reversals.odm_value(seen, name, "auto_online") != "n"]
        actions = [command("rmdev", "-l", name, touches="devices lvm") for name in live]
        actions += [command("chdev", "-l", name, "-a", "auto_online=n", touches="devices") for name in automatic]
        if not actions:
            return Done(f"{counted(len(found), 'RPV server', 'RPV servers')} of its disks, none Available")
        why = [f"{', '.join(live)} Available"] if live else []
        why += [f"auto_online of {', '.join(automatic)} is not n"] if automatic else []
        return Todo(tuple(actions), "; ".join(why))

    def undo(self, seen: Seen) -> Back:
        found = servers(seen, self.group.pvids)
        names = [name for name, _ in found] if self.stay else []
        were: List[reversals.Reversal] = [reversals.attributes_were(seen, name, "auto_online") for name in names]
        were += [reversals.ServerServes(name, self.group.name) for name, available in found if available]
        return Back(tuple(were))


@dataclass(frozen=True)
class GlvmImported(VgImported):
    """The ODM knows the volume group, imported and varied on by force from this site's disks.

    Reads            as every import; and once more that no RPV server of its disks is Available
    Runs             importvg -f -y VG [-V major] hdisk: without -f it fails, since half of the disks are missing
    Undo             varyoffvg and exportvg; what AIX wrote into the descriptors about the missing disks stays
    Source           glvm white paper; importvg/01: 0516-510 and 0516-548 are printed although it succeeded, and the
                     descriptors of this site's disks say from then on that the others are removed
    """

    @property
    def title(self) -> str:
        return f"importvg -f {self.group.name} from this site's copy"

    def assess(self, seen: Seen) -> Assessment:
        answer = super().assess(seen)
        if not isinstance(answer, Todo):
            return answer
        serving = [name for name, available in servers(seen, self.group.pvids) if available]
        if serving:
            why = f"{', '.join(serving)} still serves a disk of it to the other site"
            cure = f"rmdev -l {serving[0]}, then: drboot --apply"
            return Blocked(_refused(self.group, "glvm-server-available", self.at, why, cure))
        return answer

    def undo(self, seen: Seen) -> Back:
        kept = (
            "the descriptors on this site's disks say that the other site's are removed, and its copy is stale as soon "
            "as anything is written here: drboot glvm failback says how it comes back"
        )
        return Back((reversals.GroupOff(self.group.name), reversals.GroupGone(self.group.name)), kept)

    def _importvg(self, disk: str, *options: str) -> Command:
        """The one forced import of drboot.  The base class gives ``-f`` where disks are missing, and they are."""
        others = [option for option in options if option != "-f"]
        args = ("-y", self.group.name, *others, disk)
        return command("importvg", "-f", *args, kind="importvg", touches="lvm files filesystems")


@dataclass(frozen=True)
class CopyFresh(Step):
    """No partition on this site's disks of the volume group is stale; before that nothing of it is checked or mounted.

    Why     what is stale here is newer at the other site, or nowhere: the link was lost, or a resync was not over, when
            the other site went down.  fsck would repair a file system of pieces that do not belong together
    Reads   lspv hdiskN of each of its disks, once it is varied on
    Runs    nothing
    Undo    nothing
    Source  lspv manual: STALE PARTITIONS
    """

    group: Group
    at: str
    needs: Tuple[str, ...]
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.group.step("fresh")

    @property
    def title(self) -> str:
        return f"nothing stale in this site's copy of {self.group.name}"

    def assess(self, seen: Seen) -> Assessment:
        group = self.group
        if group.name not in seen(lsvg.VARIED_ON):
            return Later(group.step("varyon"), (), f"known after varyonvg {group.name}")
        disks = [rows[0].name for rows in group.disks(seen).values() if rows]
        stale = [(disk, _stale(seen, disk)) for disk in disks]
        shown = ", ".join(f"{disk} {count}" for disk, count in stale if count)
        if not shown:
            return Done(f"STALE PARTITIONS: 0 on {', '.join(disks)}")
        return Blocked(
            Problem(
                "glvm-copy-stale",
                f"no file system of {group.name} is checked or mounted: this site's copy is not current",
                self.at,
                f"STALE PARTITIONS: {shown}; what is current of them is at the other site only",
                "bring the other site's disks back, varyonvg; or fsck and mount by hand what you accept as old",
            )
        )

    def undo(self, seen: Seen) -> Back:
        return Back()


def _stale(seen: Seen, disk: Hdisk) -> int:
    """Raises FactUnavailable, also where lspv does not say: that is no zero."""
    count = seen(lspv.long(disk)).stale_partitions
    if count is None:
        what = f"how much of {disk} is stale is not known"
        raise FactUnavailable(Problem("fact-unreadable", what, f"lspv {disk}", "it shows no STALE PARTITIONS"))
    return count


@dataclass(frozen=True)
class LeftToGlvm(Notice):
    """Volume groups that GLVM mirrors, and the profile does not name under glvm, are left alone, and that is said.

    Why      whoever varies such a one on must know that the other site is down (glvm white paper)
    Reads    nothing: the capture knows which disks were RPV clients at home
    Runs     nothing
    Undo     nothing
    """

    names: Tuple[str, ...]
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "volume_groups/glvm"

    @property
    def title(self) -> str:
        return "volume groups left to GLVM"

    def assess(self, seen: Seen) -> Assessment:
        which = ", ".join(self.names)
        warning = f"{which}: mirrored by GLVM, not under glvm of the profile for this mode: not brought up"
        return Done(f"left alone: {which}", (warning,))


def servers(seen: Seen, pvids: Tuple[str, ...]) -> Tuple[Tuple[str, bool], ...]:
    """The RPV servers of these disks, and whether each is Available.

    Raises FactUnavailable, also where a server does not say whose disk it serves: it may be one of these.  They are
    looked for among all devices, since a list of theirs alone that is empty would read as "there is none".
    Source: lsdev/08-rpvserver; rpvs_pvid has 32 digits, the PVID and as many zeros (lvm-and-filesystems section 16).
    """
    found = []
    for row in seen(lsdev.DEVICES):
        if row.cls != "rpvserver":
            continue
        pvid = reversals.odm_value(seen, row.name, "rpvs_pvid")[:16].lower()
        if not re.fullmatch("[0-9a-f]{16}", pvid):
            what, why = f"whose disk {row.name} serves is not known", f"its rpvs_pvid is {pvid or 'empty'}"
            raise FactUnavailable(Problem("fact-unreadable", what, f"lsattr -El {row.name} -a rpvs_pvid", why))
        if pvid in pvids:
            found.append((str(row.name), row.status != "Defined"))
    return tuple(found)


def _as_it_is(text: Optional[str]) -> Optional[str]:
    return text


def _refused(group: Group, name: str, at: str, why: str, next_: str) -> Problem:
    return Problem(name, f"volume group {group.name} is not imported by force", at, why, next_)


def own_disks(wanted: Wanted, group: Group) -> Tuple[str, ...]:
    """PVIDs of the volume group's disks at the site that the machine has woken at; () where the capture cannot tell.

    Home's RPV clients are the disks of DR; at home, once the machine is back there, all others are its own.
    """
    remote = {pv.pvid for pv in wanted.capture.remote}
    if not remote & set(group.pvids):
        return ()
    return tuple(pvid for pvid in group.pvids if (pvid in remote) is (wanted.coming is None))


def steps(wanted: Wanted) -> Iterator[Step]:
    left = left_to_glvm(wanted)
    if left:
        yield LeftToGlvm(left, str(wanted.site.at))
    flags = ("device_flags/ghostdev", "device_flags/clouddev")
    stale = ("stale_definitions/volume_groups",) if wanted.plan_b else ()
    # this machine's names, as an operator may write them into the marker
    names = tuple(filter(None, (wanted.systemid, wanted.arm_id))) or ("this machine's systemid",)
    for group in wanted_groups(wanted):
        if not group.here:
            continue
        entry = wanted.site.glvm[group.name]
        at = str(entry.at)
        copy, down = group.step("copy"), group.step("other_site")
        own = own_disks(wanted, group)
        yield CopyComplete(group, entry.disks_here, own, at, (), (f"disks/{group.name}", *stale))
        # who asks the other site must have a network to ask by
        asking = ready(wanted.rows) if entry.peer else ()
        yield OtherSiteDown(group, entry, names, wanted.arm_id, at, (copy,), asking)
        yield ServersDefined(group, entry.servers_stay_defined, at, (copy, down))
        after = (f"device_attributes/{group.name}", *flags, *stale)
        yield GlvmImported(group, at, tuple(group.step(part) for part in group.questions), after)
        yield CopyFresh(group, at, (group.step("varyon"),))
