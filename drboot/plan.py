"""From what is wanted to the steps that make it so, in the order of the registry."""

from __future__ import annotations

import contextlib
import importlib
from typing import Dict, List, Optional, Sequence, Tuple

from drboot import apply
from drboot.errors import FactUnavailable
from drboot.seen import Seen
from drboot.settable import Pseudo
from drboot.steps import REGISTRY, hooks, network_owner, pseudo_adapters, replication
from drboot.steps.base import Assessment, Later, Step, Todo
from drboot.steps.network import interfaces
from drboot.wanted import Wanted


def assessed(wanted: Wanted, seen: Seen) -> Tuple[Tuple[Step, Assessment], ...]:
    """Every step with its answer as things stand; Later where a pseudo adapter has to be made before it is known.

    Only a plan has to ask: when apply comes to such a step the adapter is there, or is not to be had.
    """
    answers = apply.verify(build(wanted), seen)
    try:
        coming = pseudo_adapters.coming(wanted, seen)
        return tuple((step, _later(step, seen, coming) or answer) for step, answer in answers)
    except FactUnavailable:  # the steps that read the same say so
        return answers


def _later(step: Step, seen: Seen, coming: Sequence[Pseudo]) -> Optional[Later]:
    """What the step waits for among the pseudo adapters that are still to be made."""
    of: Optional[Pseudo] = None
    if isinstance(step, interfaces.OnInterface):
        of = interfaces.awaited(seen, step.row, coming)
    elif isinstance(step, pseudo_adapters.PseudoMade):
        keys = {key for _, keys in step.pseudo.parts for key in keys}
        of = next((pseudo for pseudo in coming if "=" + pseudo.name in keys), None)
    if of is None:
        return None
    return Later(pseudo_adapters.step_id(of), (), f"known when {of.name} of home is made again")


def kept(assessed: Sequence[Tuple[Step, Assessment]], seen: Seen) -> Dict[str, str]:
    """What undo will not bring back of the steps that have something to do, by step id."""
    found = {}
    for step, answer in assessed:
        if isinstance(answer, Todo):
            with contextlib.suppress(FactUnavailable):
                found[step.id] = step.undo(seen).kept
    return {step: why for step, why in found.items() if why}


def kinds(wanted: Wanted) -> Dict[str, str]:
    """The row of the registry that each step comes from, by step id."""
    return {step.id: info.name for info in REGISTRY for step in importlib.import_module(info.module).steps(wanted)}


def build(wanted: Wanted, only: str = "") -> Tuple[Step, ...]:
    """Every step for this machine; with ``only``, those of one registry row.

    Raises ValueError when two steps have one id, or a step needs one that does not exist: a bug of ours.
    """
    chosen = [info for info in REGISTRY if not only or info.name == only]
    rows = [(info.name, list(importlib.import_module(info.module).steps(wanted))) for info in chosen]
    steps: List[Step] = hooks.in_phases(replication.gated(network_owner.settled(wanted, rows)))
    known = [step.id for step in steps]
    twice = {step for step in known if known.count(step) > 1}
    if twice:
        raise ValueError("steps with one id: " + ", ".join(sorted(twice)))
    if not only:
        missing = {need for step in steps for need in step.needs} - set(known)
        if missing:
            raise ValueError("steps that are needed and do not exist: " + ", ".join(sorted(missing)))
    return tuple(steps)
