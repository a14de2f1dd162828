"""All sites and the address table together, and the mistakes that only show when they are seen together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Collection, Dict, Iterable, Iterator, List, Optional, Tuple

from drboot.errors import Problem
from drboot.profile.hosts import Group, HostRow, Table
from drboot.profile.keys import HOST_NAME, did_you_mean
from drboot.profile.nodes import where_of
from drboot.profile.site import Site


@dataclass(frozen=True)
class Estate:
    """Everything that the administrators wrote.

    sites   by name
    digest  sha256 of the bytes of hosts.csv and all site files, in the order of their paths
    """

    sites: Dict[str, Site]
    hosts: Tuple[HostRow, ...]
    digest: str

    def rows(self, host: str, site: str, mode: str) -> Tuple[HostRow, ...]:
        """The interfaces of one host at one site in one mode, in the order of the table."""
        wanted = Group(host, site, mode)
        return tuple(row for row in self.hosts if row.group == wanted)

    def site_of(self, systemid: str) -> Optional[Site]:
        """The site that a canonical systemid belongs to; load() saw to it that there is at most one."""
        for site in self.sites.values():
            if systemid in site.systemids:
                return site
        return None


def check_sites(sites: Iterable[Site]) -> Iterator[Problem]:
    """Mistakes that show when the profiles are laid side by side."""
    seen: Dict[str, str] = {}
    for site in sites:
        for systemid in site.systemids:
            where = where_of(systemid, site.at)
            if systemid in seen:
                yield Problem(
                    "systemid-in-two-sites",
                    f"systemid {systemid} is listed under two sites",
                    f"{where} and {seen[systemid]}",
                    "a machine with this id could be either of them",
                    "compare with lsattr -El sys0 -a systemid at both sites, and take it out of one",
                )
            else:
                seen[systemid] = where


def check_hosts(sites: Iterable[Site], table: Table) -> Iterator[Problem]:
    """A host that a profile names has rows: a misspelt one would be nobody's, and nobody would notice."""
    known = sorted({row.host for row in table.rows} | {group.host for group in table.damaged})
    if not known or not table.complete:
        return
    for site in sites:
        named = [("vg-host-unknown", f"volume group {vg.name}", vg.at, vg.hosts) for vg in site.volume_groups.named]
        named += [("vg-host-unknown", f"volume group {name}", vg.at, vg.hosts) for name, vg in site.glvm.items()]
        named += [("hook-host-unknown", f"hook {hook.name}", hook.at, hook.hosts) for hook in site.hooks]
        for name, what, at, hosts in named:
            for host in (host for host in hosts if host not in known):
                yield Problem(
                    name,
                    f"{what} is for a host {host} that hosts.csv does not have",
                    where_of(host, at),
                    "no row of hosts.csv has this host",
                    did_you_mean(host, known) or "correct the name, or add the host's rows",
                )


def check_host_names(sites: Dict[str, Site], rows: Iterable[HostRow]) -> Iterator[Problem]:
    """What names.hostname makes of each host that has rows at the site: a node name, and no two the same (F51)."""
    hosts: Dict[str, Dict[str, HostRow]] = {}
    for row in rows:
        hosts.setdefault(row.site, {}).setdefault(row.host, row)
    for name, site in sites.items():
        called: Dict[str, HostRow] = {}
        where = where_of(site.names.hostname, site.names.at)
        for host, row in hosts.get(name, {}).items():
            made = site.names.hostname_of(host)
            first = called.setdefault(made, row)
            if first is not row:
                yield Problem(
                    "host-name-twice",
                    f"{first.host} and {host} would both be called {made} at {name}",
                    f"{where} and {row.at} host",
                    "the template of the site makes one name of two hosts",
                    "put {host} into names.hostname",
                )
            try:
                HOST_NAME.of(made)
            except ValueError as error:
                yield Problem(
                    "host-name-too-long",
                    f"{host} cannot be called {made} at {name}",
                    f"{where} and {row.at} host",
                    str(error),
                    "shorten what names.hostname adds to {host}",
                )


def check_table(table: Table, known: Collection[str], sites: Dict[str, Site]) -> Iterator[Problem]:
    """Mistakes of the address table as a whole.

    known  names of all sites that have a file, the damaged ones included
    """
    yield from _check_names(table.rows, known, sites)
    yield from _check_groups(table)
    yield from _check_addresses(table.rows)
    yield from _check_rehearsals(table.rows, sites)
    yield from _check_wpars(table.rows, sites)
    yield from _check_probes(table.rows, sites)


def _check_names(rows: Iterable[HostRow], known: Collection[str], sites: Dict[str, Site]) -> Iterator[Problem]:
    for row in rows:
        if row.site not in known:
            yield Problem(
                "hosts-site-unknown",
                f"there is no site {row.site}",
                f"{row.at} site",
                "no profile has this name",
                did_you_mean(row.site, sorted(known)) or "sites are: " + ", ".join(sorted(known)),
            )
        elif row.site in sites and row.role not in sites[row.site].network.roles:
            roles = sorted(sites[row.site].network.roles)
            yield Problem(
                "hosts-role-unknown",
                f"site {row.site} has no role {row.role}",
                f"{row.at} role",
                f"network.roles at {sites[row.site].network.at} does not name it",
                did_you_mean(row.role, roles) or "roles are: " + (", ".join(roles) or "none"),
            )


def _check_groups(table: Table) -> Iterator[Problem]:
    groups: Dict[Group, List[HostRow]] = {}
    for row in table.rows:
        groups.setdefault(row.group, []).append(row)
    for group, rows in groups.items():
        roles: Dict[str, HostRow] = {}
        matches: Dict[str, HostRow] = {}
        for row in rows:
            first = roles.setdefault(row.role, row)
            if first is not row:
                yield Problem(
                    "hosts-role-twice",
                    f"{group} has the role {row.role} twice",
                    f"{row.at} role and {first.at} role",
                    "a role is one interface",
                    "correct one of them; further addresses of an interface are aliases",
                )
            first = matches.setdefault(str(row.match), row)
            if first is not row:
                yield Problem(
                    "hosts-match-twice",
                    f"{group} has {row.match} twice",
                    f"{row.at} match and {first.at} match",
                    "one adapter carries one role",
                    "correct one of them",
                )
        yield from _check_gateways(group, rows, certain=table.complete and group not in table.damaged)


def _check_gateways(group: Group, rows: List[HostRow], certain: bool) -> Iterator[Problem]:
    with_gateway = [row for row in rows if row.gateway]
    for row in with_gateway[1:]:
        yield Problem(
            "gateway-twice",
            f"{group} has two gateways",
            f"{row.at} gateway and {with_gateway[0].at} gateway",
            "there is exactly one default route",
            "keep one; other networks belong under network.static_routes",
        )
    if not with_gateway and certain:
        yield Problem(
            "gateway-missing",
            f"{group} has no gateway",
            f"{rows[0].at} gateway",
            f"none of its {len(rows)} rows has one",
            "write the default gateway into the row of its network",
        )


def _check_addresses(rows: Iterable[HostRow]) -> Iterator[Problem]:
    """An address is one host's; the same host may keep it at another site, where the network reaches both."""
    seen: Dict[Tuple[str, str], List[HostRow]] = {}
    for row in rows:
        for address in row.addresses:
            users = seen.setdefault((row.mode, address), [])
            clash = next((other for other in users if other.host != row.host or other.site == row.site), None)
            users.append(row)
            if clash:
                yield Problem(
                    "address-twice",
                    f"{address} is the address of {clash.host} and of {row.host}"
                    if clash.host != row.host
                    else f"{row.host} has the address {address} twice",
                    f"{row.at} address and {clash.at} address",
                    f"both are in mode {row.mode}",
                    "give one of them another address",
                )


def _check_wpars(rows: Iterable[HostRow], sites: Dict[str, Site]) -> Iterator[Problem]:
    """An address is a WPAR's or an LPAR's, never both."""
    if not any(site.wpars for site in sites.values()):
        return
    users = {(row.site, row.mode, address): row for row in rows for address in row.addresses}
    for name, site in sites.items():
        for wpar in site.wpars:
            for mode, mine in (("disaster", wpar.interfaces), ("rehearsal", wpar.rehearsal)):
                for one in mine:
                    row = users.get((name, mode, one.address))
                    if row is not None:
                        yield Problem(
                            "wpar-address-twice",
                            f"{one.address} is the address of WPAR {wpar.name} and of {row.host}",
                            f"{where_of(one.address, one.at)} and {row.at} address",
                            f"both are at {name}, mode {mode}",
                            "give one of the two another address",
                        )


def _check_probes(rows: Iterable[HostRow], sites: Dict[str, Site]) -> Iterator[Problem]:
    """An address that is put on the wire to ask with must be nobody's."""
    probing = [
        (role, settings)
        for site in sites.values()
        for role, settings in site.network.roles.items()
        if settings.probe_address
    ]
    users: Dict[str, HostRow] = {}
    for row in rows if probing else ():
        for address in (*row.addresses, row.gateway):
            users.setdefault(address, row)
    for role, settings in probing:
        probe = settings.probe_address
        if probe in users:
            row = users[probe]
            yield Problem(
                "probe-address-taken",
                f"role {role} would ask with {probe}, which is somebody's",
                f"{where_of(probe, settings.at)} and {row.at}",
                f"the row of {row.host} at {row.site} has it as its address, an alias or the gateway",
                "take an address that nobody has",
            )


def _check_rehearsals(rows: Tuple[HostRow, ...], sites: Dict[str, Site]) -> Iterator[Problem]:
    """A rehearsal must not be able to take an address that production or a disaster needs (F72).

    Addresses are compared as they stand: the loader lets one spelling of each through.  The same *gateway* is no
    overlap: it is the router's address there and here, and the rehearsal only sends to it.
    """
    rehearsed = [row for row in rows if row.mode == "rehearsal"]
    wpars = [wpar for site in sites.values() for wpar in site.wpars]
    real = _real_addresses(rows, sites) if rehearsed or wpars else {}
    for wpar in wpars:
        for one in wpar.rehearsal:
            if one.address in real:
                where, why = real[one.address]
                yield Problem(
                    "rehearsal-uses-real-address",
                    f"the rehearsal of WPAR {wpar.name} would use {one.address}",
                    f"{where_of(one.address, one.at)} and {where}",
                    why,
                    "give the rehearsal an address of its own",
                )
    for row in rehearsed:
        for address in row.addresses:
            if address in real:
                where, why = real[address]
                yield Problem(
                    "rehearsal-uses-real-address",
                    f"the rehearsal of {row.host} would use {address}",
                    f"{row.at} address and {where}",
                    why,
                    "give the rehearsal an address of its own",
                )


def _real_addresses(rows: Tuple[HostRow, ...], sites: Dict[str, Site]) -> Dict[str, Tuple[str, str]]:
    """Address -> where it stands, and what it is: all that a disaster, or production, has or talks to."""
    real: Dict[str, Tuple[str, str]] = {}
    for row in rows:
        if row.mode == "disaster":
            for address in row.addresses:
                whose = f"it is the address of {row.host} at {row.site}, mode disaster"
                real.setdefault(address, (f"{row.at} address", whose))
            if row.gateway:
                whose = f"it is the gateway of {row.host} at {row.site}, mode disaster"
                real.setdefault(row.gateway, (f"{row.at} gateway", whose))
    for name, site in sites.items():
        for wpar in site.wpars:
            for one in wpar.interfaces:
                at = where_of(one.address, one.at)
                real.setdefault(one.address, (at, f"it is an address of WPAR {wpar.name} at {name}"))
        for address in site.names.nameservers:
            real.setdefault(address, (where_of(address, site.names.at), f"it is a name server of {name}"))
        for route in site.network.static_routes:
            real.setdefault(route.via, (where_of(route.via, route.at), f"it is the gateway of a route at {name}"))
        for role, settings in site.network.roles.items():
            if settings.probe_address:
                at = where_of(settings.probe_address, settings.at)
                real.setdefault(settings.probe_address, (at, f"it is the probe_address of {role} at {name}"))
    return real
