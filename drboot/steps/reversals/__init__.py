"""What was so before, as steps that make it so again: the language in which undo is recorded and run.

A step that is about to act names its reversals (``Step.undo``); ``dump`` writes them into the journal, ``load`` reads
them back.  Since they answer "is it so already?" like every other step, undo has a plan, can be interrupted and
started again, and is verified.

Every reversal is a frozen dataclass whose fields are JSON's types and tuples of them.  A new one is a class in the file
of its area, and its name in KINDS.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Callable, Dict, List, Mapping, Tuple

from drboot.errors import FactUnavailable
from drboot.seen import Seen
from drboot.steps.base import Back, Step
from drboot.steps.reversals.base import AT, Reversal, odm_value, text_of
from drboot.steps.reversals.devices import (
    AttributesWere,
    BootListWas,
    PseudoGone,
    ServerServes,
    attributes_were,
    boot_entries,
)
from drboot.steps.reversals.files import FileWas, MovedBack, OwnerWas, digest, file_was
from drboot.steps.reversals.network import (
    AliasesWere,
    HostNameWas,
    InterfaceWas,
    NodeNameWas,
    Routes6Were,
    RoutesWere,
    aliases_were,
    interface_was,
    routes_were,
)
from drboot.steps.reversals.services import EntryWas, HookUndone, SubsystemWas
from drboot.steps.reversals.storage import (
    DUMP_FLAGS,
    DumpDeviceWas,
    DumpSettingsWere,
    GroupGone,
    GroupOff,
    GroupWas,
    PagingOff,
    Unmounted,
    dump_changes,
)
from drboot.steps.reversals.wpars import WparAddressesWere, WparFileWas, WparStartsItself, WparStopped, link_inside

__all__ = [
    "AT",
    "AliasesWere",
    "AttributesWere",
    "BootListWas",
    "DUMP_FLAGS",
    "DumpDeviceWas",
    "DumpSettingsWere",
    "EntryWas",
    "FileWas",
    "GroupGone",
    "GroupOff",
    "GroupWas",
    "HookUndone",
    "HostNameWas",
    "InterfaceWas",
    "KINDS",
    "MovedBack",
    "NodeNameWas",
    "OwnerWas",
    "PagingOff",
    "PseudoGone",
    "Reversal",
    "Routes6Were",
    "RoutesWere",
    "ServerServes",
    "SubsystemWas",
    "Unmounted",
    "WparAddressesWere",
    "WparFileWas",
    "WparStartsItself",
    "WparStopped",
    "aliases_were",
    "attributes_were",
    "boot_entries",
    "digest",
    "dump",
    "dump_changes",
    "file_was",
    "in_order",
    "interface_was",
    "link_inside",
    "load",
    "odm_value",
    "readable",
    "routes_were",
    "text_of",
    "unread",
]

KINDS: Dict[str, Callable[..., Reversal]] = {
    kind.__name__: kind
    for kind in (
        AliasesWere, AttributesWere, BootListWas, DumpDeviceWas, DumpSettingsWere, EntryWas, FileWas, GroupGone,
        GroupOff, GroupWas, HookUndone, HostNameWas, InterfaceWas, MovedBack, NodeNameWas, OwnerWas, PagingOff,
        PseudoGone, Routes6Were, RoutesWere, ServerServes, SubsystemWas, Unmounted, WparAddressesWere, WparFileWas,
        WparStartsItself, WparStopped,
    )
}  # fmt: skip


def dump(step: Step) -> Dict[str, Any]:
    """A reversal as JSON."""
    fields = {key: value for key, value in asdict(step).items() if key not in ("needs", "after", "at")}  # type: ignore[call-overload]
    return {"kind": type(step).__name__, **fields}


def load(value: Mapping[str, Any], at: str) -> Reversal:
    """What ``dump`` wrote.  Raises KeyError, TypeError for anything else."""
    fields = {key: _tuples(item) for key, item in value.items() if key != "kind"}
    return KINDS[value["kind"]](**fields, at=at)


def unread(error: FactUnavailable) -> str:
    """Why something cannot be brought back."""
    return f"what was there before could not be read: {error.problems[0].what}"


def readable(seen: Seen, *makers: Callable[[Seen], Reversal], kept: str = "") -> Back:
    """What each of them makes, as far as it can be read now: one that cannot keeps none of the others away."""
    steps: List[Reversal] = []
    lost: List[str] = []
    for maker in makers:
        try:
            steps.append(maker(seen))
        except FactUnavailable as error:
            lost.append(unread(error))
    return Back(tuple(steps), kept, "; ".join(dict.fromkeys(lost)))


def in_order(steps: List[Reversal]) -> Tuple[Reversal, ...]:
    """One after the other, however each ends."""
    done: List[Reversal] = []
    for step in steps:
        done.append(replace(step, after=(done[-1].id,)) if done else step)  # type: ignore[type-var]
    return tuple(done)


def _tuples(value: Any) -> Any:
    return tuple(_tuples(item) for item in value) if isinstance(value, list) else value
