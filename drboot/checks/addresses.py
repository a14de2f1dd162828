"""Addresses: what hosts.csv says of other hosts and of this one, against what this machine has now.

The loader refuses a table that contradicts itself (two hosts with one address, a gateway outside of its subnet, a
rehearsal with a real address); here is what only the machine, or an administrator, can tell.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Tuple

from drboot import paths
from drboot.checks.base import Finding, Production, error, note
from drboot.facts.types import is_among
from drboot.profile.hosts import HostRow
from drboot.profile.keys import to_number
from drboot.wanted import overlaps


def check(production: Production) -> Iterator[Finding]:
    yield from _taken(production)
    yield from _gateways(production)
    yield from _netmasks(production)
    yield from _home(production)
    yield from _rehearsals(production)


def _taken(production: Production) -> Iterator[Finding]:
    """What another host is to have is in use: by this machine, now."""
    mine, further = production.fresh.addresses(), production.fresh.further_addresses
    items = [
        f"{address} is {row.host}'s at {row.site}, mode {row.mode} ({row.at})"
        for row in production.estate.hosts
        if row.host != production.host
        for address in row.addresses
        # a service address may move between the hosts of a cluster; a rehearsal must not have it
        if any(is_among(text, [address]) for text in (*mine, *(further if row.mode == "rehearsal" else ())))
    ]
    if items:
        yield error(
            "check-address-taken",
            "another host is to have an address that this machine has now",
            paths.HOSTS_CSV,
            f"{production.host} has it at {production.site.site}; two machines would answer for it",
            "give one of the two another address",
            items,
        )


def _gateways(production: Production) -> Iterator[Finding]:
    """A default gateway that is some host's own address sends everything to that host."""
    whose: Dict[Tuple[str, str, str], HostRow] = {}
    for row in production.estate.hosts:
        for address in row.addresses:
            whose.setdefault((row.site, row.mode, address), row)
    items = []
    for row in production.estate.hosts:
        owner = whose.get((row.site, row.mode, row.gateway))
        if owner is not None:
            items.append(f"{row.gateway}, gateway of {row.host} at {row.site}, is {owner.host}'s address ({owner.at})")
    if items:
        yield error(
            "check-gateway-is-host",
            "a default gateway is the address of a host",
            paths.HOSTS_CSV,
            "a host of the table has it as its own address or alias in the same site and mode",
            "write the router's address, or correct the host's",
            items,
        )


def _netmasks(production: Production) -> Iterator[Finding]:
    """Two rows that are in one network by the one netmask, and not by the other: most likely a slip."""
    rows: Dict[Tuple[str, str], List[HostRow]] = {}
    for row in production.estate.hosts:
        rows.setdefault((row.site, row.mode), []).append(row)
    items = []
    for group in rows.values():
        first: Dict[Tuple[int, int], HostRow] = {}  # (network, netmask) -> the first row in it
        for row in group:
            mask = to_number(row.netmask)
            first.setdefault((to_number(row.address) & mask, mask), row)
        networks = sorted(first)
        for (network, mask), (other, other_mask) in zip(networks, networks[1:]):
            if mask != other_mask and network & min(mask, other_mask) == other & min(mask, other_mask):
                one, two = first[network, mask], first[other, other_mask]
                items.append(
                    f"{one.address} has netmask {one.netmask} ({one.at}), {two.address} has {two.netmask} ({two.at})"
                )
    if items:
        yield note(
            "check-netmask-differs",
            "hosts of one network have different netmasks",
            paths.HOSTS_CSV,
            "their networks overlap; what one takes for local the other sends to its gateway",
            "correct the netmask that is wrong",
            items,
        )


def _home(production: Production) -> Iterator[Finding]:
    """The rows of the configured site are what a failback would give this machine."""
    mine = production.fresh.addresses()
    rows = production.estate.rows(production.host, production.site.site, "disaster")
    items = [
        f"{address} ({row.role}, {row.at})"
        for row in rows
        for address in row.addresses
        if not any(is_among(text, [address]) for text in mine)
    ]
    if items:
        yield note(
            "check-home-address",
            f"coming home would change this machine's addresses at {production.site.site}",
            paths.HOSTS_CSV,
            f"it has {', '.join(mine) or 'none'}; the rows of {production.site.site} have what it has not",
            "correct the rows of this site, or this machine",
            items,
        )


def _rehearsals(production: Production) -> Iterator[Finding]:
    """A rehearsal that the day itself would refuse: of what production has, the loader knows only what is written."""
    of = production.host
    known = [production.fresh, *([production.capture] if production.capture and production.capture.host == of else [])]
    found: Dict[str, str] = {}
    for site in production.estate.sites.values():
        rows = production.estate.rows(of, site.site, "rehearsal")
        wpars = tuple(one for wpar in site.wpars if rows and wpar.is_for(of) for one in wpar.rehearsal)
        for captured in known:
            for problem in overlaps(rows, wpars, captured):
                found.setdefault(problem.what, f"{problem.what} ({problem.where}): {problem.why}")
    if found:
        yield note(
            "check-rehearsal-address",
            "a rehearsal of this machine would be refused",
            paths.HOSTS_CSV,
            "it would use an address that production has, or sends through",
            "give the rehearsal an address of its own",
            tuple(found.values()),
        )
