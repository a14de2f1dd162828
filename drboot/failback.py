"""Failback: what a machine is to have when it wakes again at the site that it came from.

Two captures are read there.  One says what the machine was at the site that it comes from (its volume groups, logical
volumes and file systems as they are now, with all that was made there meanwhile); the site's own says what is of the
place: addresses, routes, attributes of devices, inittab entries.  Where both know a thing, it is as the own capture has
it, unless somebody changed it at the other site: what that site's profile has made of it is no such change.

    own capture   what the other site's profile made of it   capture there   result
    mount = true  mount = false (filesystems.except)          false           true
    mount = true  mount = true                                false           false: somebody's change
    (none)        (none)                                      a new stanza    the new stanza

Pure, apart from ``leave``, which an administrator calls at the other site (``drboot arm --for``).
"""

from __future__ import annotations

import contextlib
import ipaddress
import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Dict, Iterator, List, NamedTuple, Optional, Sequence, Set, Tuple

from drboot import arming, capture, paths, state
from drboot.capture import Capture, FileSystem, Interface, PagingSpace, VolumeGroup
from drboot.errors import ConfigError, Problem, Refused, Where
from drboot.facts import lsdev
from drboot.facts.base import ParseError
from drboot.facts.lscfg import port_of
from drboot.facts.route import Route, parse_inet0_route
from drboot.profile.hosts import Alias, HostRow, Match
from drboot.profile.site import Site
from drboot.runner import Execute, execute
from drboot.seen import Seen
from drboot.steps.network import Role, StaticRoute

if TYPE_CHECKING:
    from drboot.profile.estate import Estate


@dataclass(frozen=True)
class Return:
    """What a machine that comes home knows beside its capture.

    own       what it looked like when it was last here
    left      the profile of the site that it comes from, which says what was switched off there
    given_up  volume groups of ``own`` that are no more, although the other site was to have them
    blind     the machine was never captured there: what was made there is not known
    """

    own: Capture
    left: Site
    given_up: Tuple[str, ...] = ()
    blind: bool = False


# ---------------------------------------------------------------- two captures into one


def merged(now: Capture, own: Capture, left: Site) -> Capture:
    """What the machine is to be at home: ``now`` is the capture of the site that it comes from, left by ``left``."""
    away = _not_taken(own, left)
    groups = [_group(vg, own.volume_group(vg.name), left, own.host) for vg in now.volume_groups]
    groups += [vg for vg in own.volume_groups if vg.name in away and now.volume_group(vg.name) is None]
    names = {vg.name for vg in groups} - {vg.name for vg in now.volume_groups}
    known = {disk.pvid for disk in now.disks}
    # a LUN of this site is nothing stale here: its unique_id is not among those to be removed
    disks = tuple(replace(disk, unique_id="") for disk in own.disks if disk.pvid not in known)
    ours = {(one.kind, one.key, one.prefix) for one in own.settings}
    new = tuple(one for one in now.settings if one.kind == "disk" and one.key not in {d.pvid for d in own.disks})
    return replace(
        now,
        disks=now.disks + disks,
        volume_groups=tuple(groups),
        filesystems=tuple(_filesystems(now, own, left, names)),
        settings=own.settings + tuple(one for one in new if (one.kind, one.key, one.prefix) not in ours),
        pseudo=own.pseudo,
        paging=tuple(_paging(now, own, tuple(groups))),
        dump=own.dump,
        subsystems=own.subsystems,
        remote=own.remote,
    )


def _paging(now: Capture, own: Capture, groups: Tuple[VolumeGroup, ...]) -> Iterator[PagingSpace]:
    """Home's that still are, on or off as they were there, and those that were made since."""
    volumes = {lv.name for vg in groups for lv in vg.lvs} | {space.name for space in now.paging}
    at_home = {space.name for space in own.paging}
    yield from (space for space in own.paging if space.name in volumes)
    yield from (space for space in now.paging if space.name not in at_home)


def uncaptured(own: Capture, site: str) -> Capture:
    """In place of the capture of a site where none was taken: what home had; what is stale here is not guessed."""
    disks = tuple(replace(disk, unique_id="") for disk in own.disks)
    return replace(own, site=site, disks=disks, devices=(), interfaces=(), routes=(), routes6=())


def given_up(now: Capture, own: Capture, left: Site) -> Tuple[str, ...]:
    """Volume groups that home had, that the other site was to have, and that its capture does not know."""
    away = _not_taken(own, left)
    return tuple(vg.name for vg in own.volume_groups if vg.name not in away and now.volume_group(vg.name) is None)


def _not_taken(own: Capture, left: Site) -> Tuple[str, ...]:
    """The volume groups of home that the other site's profile has not brought up, or has left to PowerHA or GLVM."""
    settings = left.volume_groups
    named = {vg.name for vg in settings.named if vg.is_for(own.host)}
    remote = {pv.pvid for pv in own.remote}
    found = []
    for vg in own.volume_groups:
        if remote & set(vg.pvids) and vg.name not in left.glvm:
            found.append(vg.name)
            continue
        untaken = settings.take != "captured" or (own.powerha and not vg.auto_on)
        if vg.name in settings.except_ or (untaken and vg.name not in named):
            found.append(vg.name)
    return tuple(found)


def _group(now: VolumeGroup, own: Optional[VolumeGroup], left: Site, host: str) -> VolumeGroup:
    """Its properties as at home; as they are now where somebody set them, and not the other site's profile."""
    if own is None:
        return now
    named = next((vg for vg in left.volume_groups.named if vg.name == now.name and vg.is_for(host)), None)
    auto_on, quorum = now.auto_on, now.quorum
    if named is not None and named.auto_on == now.auto_on:
        auto_on = own.auto_on
    if named is not None and named.quorum == now.quorum:
        quorum = own.quorum
    return replace(now, auto_on=auto_on, quorum=quorum, major=now.major if own.major is None else own.major)


def _filesystems(now: Capture, own: Capture, left: Site, from_own: Set[str]) -> Iterator[FileSystem]:
    """Those of now, with home's word where nobody has changed it; and those of volume groups that were not taken."""
    at_home = {fs.mount_point: fs for fs in own.filesystems}
    for fs in now.filesystems:
        before = at_home.get(fs.mount_point)
        yield fs if before is None else _filesystem(fs, before, left)
    known = {fs.mount_point for fs in now.filesystems}
    yield from (fs for fs in own.filesystems if fs.vg in from_own and fs.mount_point not in known)


def _filesystem(now: FileSystem, own: FileSystem, left: Site) -> FileSystem:
    at_home, here = dict(own.attributes), dict(now.attributes)
    made = {**at_home, **_of_profile(own, left)}
    attributes = [(key, at_home[key] if here[key] == made[key] else here[key]) for key in at_home if key in here]
    attributes += [(key, value) for key, value in now.attributes if key not in at_home]
    untouched = here.get("mount") == made.get("mount")
    mounted = now.mounted or (own.mounted and untouched)
    return replace(now, mounted=mounted, attributes=tuple(attributes))


def _of_profile(own: FileSystem, left: Site) -> Dict[str, str]:
    """What the other site's profile has made of a stanza of home."""
    settings = left.filesystems
    mount = dict(own.attributes).get("mount")
    if own.mount_point in settings.except_ and mount == "true":
        return {"mount": "false"}
    if is_nfs(own) and settings.production_nfs == "hold" and own.mount_point not in settings.nfs:
        return {"mount": "false"} if mount in ("true", "automatic") else {}
    return {}


def is_nfs(fs: FileSystem) -> bool:
    return fs.vfs.startswith("nfs")


# ---------------------------------------------------------------- addresses and routes


def as_captured(site: Site, own: Capture, rows: Tuple[HostRow, ...]) -> Tuple[Site, Tuple[HostRow, ...]]:
    """Site and rows, with what the own capture says where profile and address table say nothing."""
    at = Where(f"{paths.CAPTURES}/{own.site}.json")
    rows = rows or tuple(own_rows(own))
    roles = dict(site.network.roles)
    for row in rows:
        found = next((one for one in own.interfaces if one.address == row.address), None)
        role = roles.get(row.role) or Role(None, "", at)
        if role.mtu is None and found is not None and found.mtu.isdigit():
            roles[row.role] = replace(role, mtu=int(found.mtu))
    static = site.network.static_routes or tuple(
        StaticRoute(route.destination + (f"/{route.prefix}" if route.prefix is not None else ""), route.gateway, at)
        for route in _routes(own.routes)
        if not route.is_default
    )
    static6 = site.network.static_routes6 or tuple(
        StaticRoute(f"{route.destination}/{128 if route.prefix is None else route.prefix}", route.gateway, at)
        for route in _routes(own.routes6)
    )
    network = replace(site.network, roles=roles, static_routes=static, static_routes6=static6)
    return replace(site, network=network), rows


def own_rows(own: Capture) -> Iterator[HostRow]:
    """The interfaces that had an address here, their names for roles, as rows of the address table.

    The default gateway goes with the one whose network it is in.  Nothing where there was no default route: a table
    without one is refused elsewhere, too.
    """
    at = Where(f"{paths.CAPTURES}/{own.site}.json")
    mine = [one for one in own.interfaces if lsdev.is_ethernet(one.name)]  # vi0 and the like belong to no adapter
    up = [one for one in mine if one.address and one.netmask and one.state == "up"]
    gateway = next((route.gateway for route in _routes(own.routes) if route.is_default), "")
    near = [one for one in up if gateway and _is_in(gateway, one)] or up
    if not gateway:
        return
    for one in up:
        aliases = tuple(Alias(address, mask or one.netmask) for address, mask in one.aliases)
        through = gateway if one is near[0] else ""
        match = _match(own, "ent" + one.name[2:])
        yield HostRow(
            own.host, own.site, "disaster", one.name, match, one.address, one.netmask, through, aliases, at
        )  # fmt: skip


def _routes(every: Sequence[str]) -> List[Route]:
    found = []
    for stored in every:
        with contextlib.suppress(ParseError):
            found.append(parse_inet0_route(stored))
    return found


def _is_in(address: str, interface: Interface) -> bool:
    network = ipaddress.ip_network(f"{interface.address}/{interface.netmask}", strict=False)
    return ipaddress.ip_address(address) in network


def _match(own: Capture, adapter: str) -> Match:
    """How the adapter is found again: by the place of its own, of a member, or by the VLAN that it was made for."""
    for pseudo in own.pseudo:
        if pseudo.name == adapter:
            tag = dict(pseudo.values).get("vlan_tag_id")
            places = [key for _, keys in pseudo.parts for key in keys]
            return Match("vlan", tag) if tag else Match("slot", places[0])
    location = next((one.location for one in own.adapters if one.name == adapter), "")
    return Match("slot", port_of(location) or "?")


# ---------------------------------------------------------------- leaving


class Left(NamedTuple):
    """What ``leave`` did: the capture that it took, where it lies, and what arm did."""

    taken: Capture
    path: str
    armed: arming.Armed


def leave(seen: Seen, estate: Estate, to: str, host: str, systemid: str, run_argv: Execute = execute) -> Left:
    """At the site where it runs now, make this machine ready for site ``to``: captured as it is, and armed for there.

    Raises ConfigError or Refused before anything is written; DrbootError where the capture cannot be, and not armed.
    """
    here = _demand(seen, estate, to, host, systemid)
    before: Optional[Capture] = None
    with contextlib.suppress(ConfigError):
        before = capture.load(seen.root, here.site)
    taken = capture.take(seen, here.site, host, systemid, before if before and before.host == host else None)
    path = capture.save(seen.root, taken)
    armed = arming.arm(seen.runner, estate, here.site, host, run_argv, secrets.token_hex(8), to)
    return Left(taken, path, armed)


def _demand(seen: Seen, estate: Estate, to: str, host: str, systemid: str) -> Site:
    """The site that this machine is at; Refused where it cannot go to ``to`` from here."""
    if to not in estate.sites:
        raise ConfigError(
            Problem("site-unknown", f"there is no profile of site {to}", paths.SITES, "", "correct --for")
        )
    here = estate.site_of(systemid)
    if here is None or here.site == to:
        where = f"IBM,{systemid} is {to}'s" if here else f"IBM,{systemid or '(not readable)'} is in no profile"
        raise Refused(
            Problem(
                "failback-not-from-here",
                f"this machine is not at another site than {to}",
                "sys0 systemid",
                where,
                f"at the other site, before its disks are copied back: drboot arm --for {to}",
            )
        )
    own = capture.load(seen.root, to)
    if own.host != host:
        raise Refused(
            Problem(
                "failback-other-host",
                f"the capture of {to} is not of {host}",
                f"{paths.CAPTURES}/{to}.json",
                f"it is of {own.host}",
                "restore the capture of this host from a backup",
            )
        )
    _demand_recovered(seen, here, to, systemid)
    return here


def _demand_recovered(seen: Seen, here: Site, to: str, systemid: str) -> None:
    """The recovery here is over, and it was none for a rehearsal."""
    stamp = arming.read_stamp(seen.root)
    if stamp is None or stamp.configured_site == here.site:
        return
    event = state.load(seen.root, systemid, stamp.arm_id)
    is_done = stamp.phase == "disarmed" and stamp.event == f"{systemid}/{stamp.arm_id}"
    if is_done and event.mode != "rehearsal":
        return
    why = f"the recovery at {here.site} is not complete" if not is_done else "what runs here is a rehearsal"
    raise Refused(
        Problem(
            "failback-too-early",
            f"this machine cannot be made ready for {to} yet",
            paths.STAMP,
            why,
            "drboot --apply until it is complete" if not is_done else "a rehearsal is never copied back: drboot undo",
        )
    )
