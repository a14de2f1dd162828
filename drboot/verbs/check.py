"""``drboot check``, and what cron runs every night."""

from __future__ import annotations

import argparse
import os
import time
from typing import TYPE_CHECKING, Optional

from drboot import paths
from drboot.errors import EXIT_OK, EXIT_UNFINISHED, ConfigError, DrbootError
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, add_home, demand_home, home, print_json, say, seen_by

if TYPE_CHECKING:
    from drboot.checks import Production


def _add_check(sub: argparse.ArgumentParser) -> None:
    add_home(sub)
    nightly = "capture first, and say nothing unless something is wrong; what cron runs after drboot arm --nightly"
    sub.add_argument("--nightly", action="store_true", help=nightly)


def _check(options: Arguments) -> int:
    """0: the next disaster may come.  4: a finding says what would go wrong."""
    from drboot import checks

    if options.nightly:
        return _nightly(options)
    production = _production(options)
    found = checks.findings(production)
    code = EXIT_OK if checks.is_ready(found) else EXIT_UNFINISHED
    if options.json:
        print_json({**checks.as_json(production, found), "exit_code": code})
    else:
        say(checks.text(production, found))
    return code


def _nightly(options: Arguments) -> int:
    """Capture, then check, for nobody who looks: nothing is written where this machine is elsewhere."""
    from drboot import nightly

    where = nightly.whereabouts(Root(options.root))
    if where == "away":
        return EXIT_OK
    try:
        night = nightly.pass_one(_production(options, mends=True))
    except DrbootError as error:
        if where == "home":
            problem = error.problems[0]
            nightly.alarm(seen_by(options).runner, f"NOT ready for DR: {problem.name}: {problem.what}")
        raise
    if night.text and not options.json:
        say(night.text)
    if options.json:
        print_json(night.json)
    return night.exit_code


def _production(options: Arguments, mends: bool = False) -> Production:
    """This machine at its configured site, looked at.  Raises ConfigError, Refused.

    mends  a new capture is about to take the place of the one that is there, whatever that one is
    """
    from drboot import arming, capture, checks
    from drboot.profile.load import load

    root = Root(options.root)
    estate = load(root)
    seen = seen_by(options, estate)
    site, host = home(options, estate, seen)
    told = "what would happen elsewhere cannot be told from here"
    systemid = demand_home(options, estate, site, "check-elsewhere", told)
    captured: Optional[capture.Capture] = None
    if os.path.lexists(root.path(f"{paths.CAPTURES}/{site}.json")):
        try:
            captured = capture.load(root, site)
        except ConfigError:
            if not mends:
                raise
    before = captured if captured and captured.host == host else None
    rows = {row.site for row in estate.hosts if row.host == host and row.mode == "disaster"}
    others = tuple(estate.sites[name] for name in sorted(rows) if name != site and name in estate.sites)
    stamp = arming.read_stamp(root)
    fresh = capture.take(seen, site, host, systemid, before)
    return checks.Production(seen, estate, estate.sites[site], host, others, stamp, captured, fresh, time.time())


VERB = Verb("check", "would DR work tonight? what is wrong, and the cure", _add_check, _check)
