"""Workload partitions: each has its addresses at every other site, or it comes up there with production's.

Source: mkwpar manual: /etc/rc.wpars starts those with auto start, from the inittab; the definition, addresses included,
        is in /etc/wpars/NAME.cf, a part of rootvg.
"""

from __future__ import annotations

from typing import Iterator, List

from drboot import paths
from drboot.checks.base import Finding, Production, error
from drboot.facts import lswpar


def check(production: Production) -> Iterator[Finding]:
    seen = production.seen
    named = any(site.wpars for site in production.others)
    if not lswpar.may_be_any(seen) and not (named and seen.root.has_program("lswpar")):
        return
    here = {row.name: row.directory for row in seen(lswpar.ALL)}
    items: List[str] = []
    for site in production.others:
        mine = {wpar.name: wpar for wpar in site.wpars if wpar.is_for(production.host)}
        items += [f"{name} is not under wpars of {site.site}" for name in here if name not in mine]
        items += [f"{name} is under wpars of {site.site}, and is none here" for name in mine if name not in here]
        for name, wpar in mine.items():
            if here.get(name, wpar.root) != wpar.root:
                items.append(f"{name} has its root at {here[name]}, wpars of {site.site} says {wpar.root}")
    if items:
        yield error(
            "check-wpars",
            "WPARs are not as the other sites' profiles have them",
            f"{paths.WPARS}, lswpar",
            "one that is not named has production's addresses there, and /etc/rc.wpars may start it",
            "name each under wpars there; with start: false and no interfaces it stays off and has no address",
            items,
        )
