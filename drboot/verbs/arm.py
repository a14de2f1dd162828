"""``drboot arm`` and ``drboot disarm``."""

from __future__ import annotations

import argparse
import textwrap
from typing import TYPE_CHECKING, Optional

from drboot import gate
from drboot.errors import EXIT_OK, EXIT_UNFINISHED, ConfigError, Problem, render
from drboot.paths import Root
from drboot.verbs.base import (
    Arguments,
    Verb,
    add_home,
    complain,
    demand_home,
    home,
    host_of_inet0,
    print_json,
    say,
    seen_by,
)

if TYPE_CHECKING:
    from drboot import cron


def _add_arm(sub: argparse.ArgumentParser) -> None:
    add_home(sub)
    nightly = (
        "capture and check every night, by root's crontab; default: the time that is set, or one that the host has"
    )
    sub.add_argument("--nightly", metavar="HH:MM", nargs="?", const="", default=None, help=nightly)
    back = "at another site: capture this machine as it is here, and arm it to come back to HOME with HOME's own values"
    sub.add_argument("--for", metavar="HOME", default="", dest="back_to", help=back)


def _arm(options: Arguments) -> int:
    from drboot import arming, cron
    from drboot.profile.load import load

    if options.back_to:
        return _arm_for(options)
    time_of_day = _time_of_day(options.nightly)
    estate = load(Root(options.root))
    seen = seen_by(options, estate)
    site, host = home(options, estate, seen)
    if options.nightly is not None:
        demand_home(options, estate, site, "nightly-elsewhere", "nothing is captured here every night")
    armed = arming.arm(seen.runner, estate, site, host)
    changed = armed.changed
    if options.nightly is not None:
        changed += cron.arm_nightly(seen.runner, time_of_day, cron.usual_time(host))
    if options.json:
        print_json({"arm_id": armed.stamp.arm_id, "site": site, "host": host, "changed": changed})
        return EXIT_OK
    for line in changed:
        _tell(line)
    say(f"drboot: armed, host {host} of site {site}, arm_id {armed.stamp.arm_id}")
    if armed.notes:
        complain(render(armed.notes, "note"))
    return EXIT_OK


def _tell(line: str) -> None:
    """On 80 columns."""
    say(textwrap.fill(f"drboot: {line}", 79, subsequent_indent="        ", break_on_hyphens=False))


def _arm_for(options: Arguments) -> int:
    """0: captured and armed.  4: armed, but the capture could not see all."""
    from drboot import arming, failback
    from drboot.profile.load import load

    if options.site or options.nightly is not None:
        why = "--for goes by the site that lists this machine's systemid, and by nothing else"
        raise ConfigError(
            Problem("usage", "--for goes with neither --site nor --nightly", "", why, "drboot arm --help")
        )
    estate = load(Root(options.root))
    seen = seen_by(options, estate)
    stamp = arming.read_stamp(seen.root)
    host = options.host or (stamp.host if stamp else "") or host_of_inet0(seen)
    systemid = gate.query_identity(seen.root.directory, stamp.deadline if stamp else gate.DEADLINE).systemid
    left = failback.leave(seen, estate, options.back_to, host, systemid)
    armed, code = left.armed, EXIT_UNFINISHED if left.taken.unseen else EXIT_OK
    if options.json:
        shown = {"arm_id": armed.stamp.arm_id, "site": left.taken.site, "for": options.back_to, "host": host}
        print_json({**shown, "changed": armed.changed, "capture": left.path, "unseen": left.taken.unseen})
        return code
    for line in (f"captured {host} at {left.taken.site}: {left.path}", *armed.changed):
        _tell(line)
    say(f"drboot: armed, {host} of site {left.taken.site} comes back to {options.back_to} with its own values there")
    for note in left.taken.unseen:
        complain(f"drboot: not seen: {note}")
    if armed.notes:
        complain(render(armed.notes, "note"))
    return code


def _time_of_day(text: Optional[str]) -> Optional[cron.Time]:
    """HH:MM as it was given, None where none was.  Raises ConfigError."""
    from drboot import cron

    try:
        return cron.to_time(text) if text else None
    except ValueError as error:
        raise ConfigError(
            Problem("usage", f"{text} is no time of day", "--nightly", str(error), "drboot arm --nightly 03:30")
        ) from error


def _add_disarm(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--nightly", action="store_true", help="no nightly capture and check either")


def _disarm(options: Arguments) -> int:
    from drboot import arming, cron

    runner = seen_by(options).runner
    changed = arming.disarm(runner)
    if options.nightly:
        changed += cron.disarm_nightly(runner)
    for line in changed or ("was not armed, nothing to do",):
        say(f"drboot: {line}")
    return EXIT_OK


ARM = Verb("arm", "let the next boot at another site act", _add_arm, _arm)
DISARM = Verb("disarm", "let no boot act", _add_disarm, _disarm)
