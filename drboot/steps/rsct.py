"""RSCT: two machines with one node id confuse the HMC, and RMC has to find it again.

Why  the node id travels with the replica.  In a rehearsal production runs with the same one, and DLPAR and the HMC's
     commands may then reach the wrong machine (aix/network-and-services.md section 19)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Iterator, Tuple

from drboot.errors import Problem
from drboot.facts import lssrc, rmcdomainstatus
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Back, Blocked, Done, Notice, Step, Todo
from drboot.steps.network.interfaces import ready

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports the steps
    from drboot.wanted import Wanted


@dataclass(frozen=True)
class NodeIdOwn(Step):
    """RSCT's node id is not production's, where the profile asks for that; in a rehearsal it is said that it is.

    Reads   /etc/ct_node_id; lssrc -s clstrmgrES
    Runs    recfgct, with services.recfgct only, and never on a node of PowerHA
    Undo    nothing: the new node id stays
    Source  recfgct makes a new node id and wipes /var/ct, for duplicate ids only (network-and-services section 19)
    """

    old: str
    asked_for: bool
    powerha: bool
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "rsct/node_id"

    @property
    def title(self) -> str:
        return "RSCT node id"

    def assess(self, seen: Seen) -> Assessment:
        now = seen(rmcdomainstatus.NODE_ID)
        if not now:
            return Done(f"there is no {rmcdomainstatus.NODE_ID}")
        if now != self.old:
            return Done(f"{now} is this machine's own")
        if not self.asked_for:
            shared = f"RSCT's node id {now} is production's as well: DLPAR and the HMC may reach the wrong machine"
            return Done(f"{now}, as on production", (shared,))
        if self.powerha or seen(lssrc.subsystem("clstrmgrES")):
            why = "clstrmgrES is a subsystem here, or was at home: recfgct would destroy its configuration"
            cure = "take services.recfgct out of the profile; the ids of a cluster are PowerHA's business"
            return Blocked(Problem("recfgct-on-cluster-node", "RSCT keeps production's node id", self.at, why, cure))
        return Todo((command("recfgct", touches="files services"),), f"{now} is production's")

    def undo(self, seen: Seen) -> Back:
        return Back((), f"RSCT keeps its new node id; the old one was {self.old}")


@dataclass(frozen=True)
class HmcFound(Notice):
    """RMC is in contact with an HMC, as far as that can be seen by now.

    Why     the interface over which it talks is one that no row of hosts.csv names, and nothing else would notice
    Reads   lssrc -s ctrmc; where that is active: rmcdomainstatus -s ctrmc
    Runs    nothing
    Undo    nothing
    Source  I A is a contact; after a boot it takes some minutes, and ctrmc starts after drboot (network section 19)
    """

    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return "rsct/hmc"

    @property
    def title(self) -> str:
        return "RMC in contact with the HMC"

    def assess(self, seen: Seen) -> Assessment:
        rows = seen.or_none(lssrc.subsystem("ctrmc"))
        if not rows or rows[0].status != "active":
            return Done("ctrmc does not run yet; some minutes after it does: rmcdomainstatus -s ctrmc")
        contacts = seen.or_none(rmcdomainstatus.CONTACTS)
        if contacts is None:
            return Done("rmcdomainstatus gives no answer")
        points = [contact for contact in contacts if contact.managed]
        up = [contact.name for contact in points if contact.is_up]
        if up:
            return Done(f"in contact with {', '.join(up)}")
        silent = f"RMC is in contact with none of {len(points)} HMCs; if that stays so: rmcctrl -z; rmcctrl -A"
        return Done("no HMC is in contact", (silent,))


def steps(wanted: Wanted) -> Iterator[Step]:
    services, captured = wanted.site.services, wanted.capture
    if captured.node_id and (services.recfgct or wanted.mode == "rehearsal"):
        yield NodeIdOwn(captured.node_id, services.recfgct, captured.powerha, str(services.at))
    if any(line.startswith("ctrmc:") for line in captured.inittab):
        yield HmcFound(str(services.at), (), (*ready(wanted.rows), "network/default_route"))
