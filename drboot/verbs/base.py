"""What several verbs need, and what a verb is."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING, Any, Callable, Dict, NamedTuple, Optional, TextIO, Tuple

from drboot import gate, paths
from drboot.errors import ConfigError, Problem, Refused
from drboot.paths import Root

if TYPE_CHECKING:
    from drboot.profile.estate import Estate
    from drboot.seen import Seen
    from drboot.wanted import Wanted


Arguments = argparse.Namespace


class Verb(NamedTuple):
    """``add`` declares the verb's own arguments; ``call`` does it and returns the exit code.

    checks_own  drboot's own records must be ours alone before anything of them is believed; False for the verb that
                believes nothing, and is there for the day on which all is wrong
    """

    name: str
    help: str
    add: Callable[[argparse.ArgumentParser], None]
    call: Callable[[Arguments], int]
    checks_own: bool = True


class OutputLost(Exception):
    """What is to be said cannot be written: the file system behind it is full."""


def say(text: str) -> None:
    _write(sys.stdout, text)


def complain(text: str) -> None:
    flush()
    _write(sys.stderr, text)


def flush() -> None:
    """What was said is on its way.  Raises BrokenPipeError, or OutputLost."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost(error.strerror) from error


def _write(stream: TextIO, text: str) -> None:
    """A line.  What this console cannot show is escaped: names and serials may hold any byte, and end nothing."""
    encoding = stream.encoding or "ascii"
    try:
        stream.write(text.encode(encoding, "backslashreplace").decode(encoding) + "\n")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputLost(error.strerror) from error


def print_json(value: Any) -> None:
    say(json.dumps(value, indent=1))


def decided(options: Arguments) -> Tuple[Optional[gate.Stamp], gate.Decision]:
    """The same table as at boot."""
    root = Root(options.root).directory
    try:
        stamp = gate.read_stamp(root)
    except gate.StampDamaged as error:
        return None, gate.config_error(error)
    if stamp is None:
        return None, gate.decide(None, None)
    identity = gate.query_identity(root, stamp.deadline)
    accept, site = getattr(options, "accept_systemid", ""), getattr(options, "site", "")
    return stamp, gate.decide(stamp, identity, accept=accept, site=site)


def seen_by(options: Arguments, estate: Optional[Estate] = None) -> Seen:
    from dataclasses import asdict

    from drboot.runner import Runner
    from drboot.seen import Seen

    root = Root(options.root)
    deadlines: Dict[str, float] = {}
    if estate is not None:
        for site in estate.sites.values():
            for kind, seconds in asdict(site.deadlines).items():
                if isinstance(seconds, float):
                    deadlines[kind] = max(seconds, deadlines.get(kind, 0.0))
    return Seen(Runner(root, deadlines))


def wanted_at(options: Arguments, stamp: gate.Stamp, site: str) -> Tuple[Seen, Wanted]:
    """What is wanted at a site, with plan B where the ODM is seen not to be reset."""
    from dataclasses import replace

    from drboot import arming, reset, state
    from drboot.profile.load import load
    from drboot.wanted import prepare

    estate = load(Root(options.root))
    seen = seen_by(options, estate)
    wanted = prepare(seen, estate, stamp.host, stamp.configured_site, site, came_from=arming.home_of(stamp))
    identity = gate.query_identity(Root(options.root).directory, stamp.deadline)
    event = state.load(Root(options.root), identity.systemid, stamp.arm_id)
    wanted = replace(wanted, systemid=event.systemid, arm_id=event.arm_id, heard=wanted.heard.after(event.claims))
    if event.phase == state.CONFIGURING:
        return seen, replace(wanted, plan_b=event.plan_b)
    return seen, replace(wanted, plan_b=bool(reset.signs_of_home(seen, wanted.capture, wanted.foreign)))


def no_arguments(_parser: argparse.ArgumentParser) -> None:
    """A verb without arguments of its own."""


def add_home(sub: argparse.ArgumentParser) -> None:
    at = "the configured site; default: the stamp's, or the one that lists this systemid"
    sub.add_argument("--site", metavar="SITE", default="", help=at)
    name = "the production host name; default: the stamp's, or inet0's, without domain"
    sub.add_argument("--host", metavar="HOST", default="", help=name)


def home(options: Arguments, estate: Estate, seen: Seen) -> Tuple[str, str]:
    """The configured site and the production host name: as given, else as the stamp has them, else as this machine
    shows them.

    The stamp comes first because a replica still carries the site that it was armed for, wherever it has woken.  One
    that must not be believed raises ConfigError: what it said is not to be guessed from where the machine stands.
    """
    from drboot import arming

    stamp = arming.read_stamp(seen.root) if not (options.site and options.host) else None
    site = options.site or (stamp.configured_site if stamp else "") or site_of_systemid(estate, seen)
    if site not in estate.sites:
        raise ConfigError(
            Problem("site-unknown", f"there is no profile of site {site}", paths.SITES, "", "name it: --site SITE")
        )
    host = options.host or (stamp.host if stamp else "") or host_of_inet0(seen)
    if not any(row.host == host for row in estate.hosts):
        raise ConfigError(
            Problem(
                "host-not-in-table",
                f"{host or 'this host'} is not in the address table",
                "/etc/drboot/hosts.csv",
                "no row has this host, so no other site has an address for it",
                "add its rows, or give the name that the table uses: --host HOST",
            )
        )
    return site, host


def site_of_systemid(estate: Estate, seen: Seen) -> str:
    identity = gate.query_identity(seen.root.directory, 30)
    found = estate.site_of(identity.systemid) if identity.systemid else None
    if found is None:
        raise Refused(
            Problem(
                "site-unknown",
                "which site this machine is configured for is not known",
                "sys0 systemid",
                identity.why or f"IBM,{identity.systemid} is in no profile",
                f"add systemids: [IBM,{identity.systemid}] to its profile, or name it: --site SITE",
            )
        )
    return found.site


def host_of_inet0(seen: Seen) -> str:
    from drboot.facts import lsattr

    values = seen(lsattr.value("inet0", "hostname"))
    return values[0].partition(".")[0] if values else ""


def demand_home(options: Arguments, estate: Estate, site: str, name: str, so: str) -> str:
    """The systemid.  Raises Refused, by this name and with what follows, where the machine is not at this site."""
    identity = gate.query_identity(Root(options.root).directory, gate.DEADLINE)
    if identity.systemid not in estate.sites[site].systemids:
        raise Refused(
            Problem(
                name,
                f"this machine is not at site {site}: {so}",
                "sys0 systemid",
                identity.why or f"IBM,{identity.systemid} is not one of {site}'s",
                "drboot status",
            )
        )
    return identity.systemid
