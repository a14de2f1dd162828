"""What a run may be complete without, notices aside: a closed list.  All else that fails leaves it armed."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Iterator, Type

import drboot.steps
from drboot.steps.base import Notice, Step

WITHOUT = {
    "AttributesSo": "refused values are reported, not fatal: the contract says so",
    "Routes6So": "the kernel refuses them until autoconf6 has given this machine its addresses, after drboot",
    "DisksPresent": "what is missing shows in the volume group that it is for, and only there",
    "PseudoMade": "what it was for is an address, and that is a step of its own",
    "LiveFirst": "an order of name servers for the time of the run; the site's servers are a step of their own",
    "ShoutPlanned": "a rehearsal's reminder, which status and every later run give as well",
    "Marked": "a rehearsal's banner",
    "NoneStartsItself": "how lswpar lists auto start is assumed; without an address a WPAR reaches nobody",
}


def kinds(of: Type[Step]) -> Iterator[Type[Step]]:
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


def test_what_a_run_may_be_complete_without_is_listed_with_its_reason() -> None:
    for module in pkgutil.walk_packages(drboot.steps.__path__, "drboot.steps."):
        importlib.import_module(module.name)
    changing = [kind for kind in kinds(Step) if not issubclass(kind, Notice) and kind.__module__.startswith("drboot.")]
    assert {kind.__name__ for kind in changing if not kind.essential} == set(WITHOUT)
