"""One owner of names and network per boot: drboot, vcs-reconfig of InfoScale, or nobody.

Source: InfoScale virtualization guide for AIX: fileset VRTSvcsnr installs vcs-reconfig, which applies the DROpts of VCS
        when the LPAR boots; with ConfigureNetwork = 0 nobody changes the network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Iterator, List, Sequence, Set, Tuple

from drboot import paths
from drboot.errors import Problem
from drboot.profile.nodes import where_of
from drboot.seen import Seen
from drboot.steps.base import Assessment, Back, Blocked, Done, Step
from drboot.steps.device_attributes import OVER_PSEUDO
from drboot.steps.hooks import Hook
from drboot.steps.network import Network

if TYPE_CHECKING:  # wanted imports the profile, whose schema imports the steps
    from drboot.wanted import Wanted

# Rows of the registry that set names and network.
_OWNED = frozenset({"names", "pseudo_adapters", "duplicates", "network"})
_IPV6 = "failback/ipv6/"
# Steps of other rows about the same: attributes of interfaces and of inet0, files of name resolution at home again.
# Adapters (ent0) are hardware, whoever sets the network on them.
_OTHERS = frozenset(
    (
        *(f"device_attributes/{group}" for group in ("en", OVER_PSEUDO, "inet0")),
        *(f"failback{path}" for path in (paths.ETC_RESOLV, paths.ETC_NETSVC)),
    )
)
# What takes production's addresses off the wire; with owner none it stays away as well.
_FENCE = frozenset({"fence/addresses", "fence/addresses6"})
OWNER = "network/owner"


def check(network: Network, hooks: Sequence[Hook]) -> Iterator[Problem]:
    """A hook cannot wait for an address that is no step of drboot's."""
    for hook in hooks if network.owner in ("vcs", "none") else ():
        for need in hook.needs:
            if need.startswith("network/"):
                yield Problem(
                    "hook-need-not-ours",
                    f"hook {hook.name} needs {need}, and network.owner is {network.owner}",
                    where_of(need, hook.at),
                    "drboot sets no address at this site, and cannot say when it is up",
                    "take the need out; have the program look for the address itself",
                )


@dataclass(frozen=True)
class Owned(Step):
    """It is clear who sets names and network in this boot, and nobody else does.

    Why     two owners would set addresses one after the other, each over what the other made
    Reads   nothing more: what the profile says, and by what vcs-reconfig was found when the run began
    Runs    nothing
    Undo    nothing
    """

    owner: str
    reconfig: str
    at: str
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return OWNER

    @property
    def title(self) -> str:
        return "one owner of the network"

    def assess(self, seen: Seen) -> Assessment:
        if self.owner == "none":
            warning = "the network was left as it is: network.owner is none (ConfigureNetwork=0)"
            return Done("nobody sets it: network.owner is none", (warning,))
        if self.owner == "vcs":
            found = f"vcs-reconfig, found by {self.reconfig}" if self.reconfig else "vcs-reconfig, which was NOT found"
            warning = f"names and network are left to VCS ({found}): drboot did not look whether they are right"
            return Done(f"VCS sets it: {found}", (warning,))
        if self.owner == "drboot":
            if not self.reconfig:
                return Done("drboot sets it")
            warning = f"vcs-reconfig is enabled as well ({self.reconfig}): disable it, or set network.owner: vcs"
            return Done("drboot sets it: the profile says so", (warning,))
        return Blocked(
            Problem(
                "network-owner-unclear",
                "drboot does not set names and network: vcs-reconfig is here, and may do it",
                self.at,
                f"found by {self.reconfig}; the profile does not say who owns the network",
                "set network.owner to drboot or to vcs, then: drboot --apply",
            )
        )

    def undo(self, seen: Seen) -> Back:
        return Back()


def settled(wanted: Wanted, rows: Sequence[Tuple[str, Sequence[Step]]]) -> List[Tuple[str, List[Step]]]:
    """The registry's rows with the steps that are drboot's in this boot.

    Steps of names and network are left out where another one owns them, and wait for ``Owned`` where that is unclear.
    Whatever else needs one of those left out does without: it is somebody else's to bring.
    """
    owner = next((step for _, steps in rows for step in steps if isinstance(step, Owned)), None)
    if owner is None:
        return [(name, list(steps)) for name, steps in rows]
    if wanted.owns_network:
        return [(name, [_behind(step) if _is_owned(name, step) else step for step in steps]) for name, steps in rows]
    gone = {step.id for name, steps in rows for step in steps if _is_owned(name, step)}
    if owner.owner == "none":
        gone |= _FENCE
    return [(name, [_without(step, gone) for step in steps if step.id not in gone]) for name, steps in rows]


def _is_owned(name: str, step: Step) -> bool:
    return name in _OWNED or step.id in _OTHERS or step.id.startswith(_IPV6)


def _behind(step: Step) -> Step:
    return replace(step, needs=(*step.needs, OWNER))  # type: ignore[type-var]


def _without(step: Step, gone: Set[str]) -> Step:
    if not gone & set(step.needs):
        return step
    return replace(step, needs=tuple(need for need in step.needs if need not in gone))  # type: ignore[type-var]


def steps(wanted: Wanted) -> Iterator[Step]:
    """Nothing where nobody else is there and the profile says nothing: such a boot has one owner anyway.

    A rehearsal's addresses are its own, and nobody else knows them; a vcs-reconfig that is there all the same would
    give the LPAR those of the disaster, so that it has to be said who it is there as well.
    """
    network, reconfig = wanted.site.network, wanted.infoscale.reconfig
    owner = network.owner
    if wanted.mode == "rehearsal":
        owner = owner if reconfig and owner == "drboot" else ""
    if owner or reconfig:
        yield Owned(owner, reconfig, str(network.at))
