"""``drboot runbook``."""

from __future__ import annotations

import argparse
import os
import sys
import time
from typing import TYPE_CHECKING

from drboot import paths
from drboot.errors import EXIT_OK, ConfigError, Problem
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, print_json, say, seen_by, site_of_systemid

if TYPE_CHECKING:
    from drboot.capture import Capture
    from drboot.profile.estate import Estate


def _add_runbook(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--site", metavar="SITE", default="", help="what the page is about; default: the only other site")
    sub.add_argument("--html", metavar="FILE", default="", help="write it there as one HTML page")
    sub.add_argument("--capture", metavar="FILE", default="", help="of the machine with this capture, wherever it is")


def _runbook(options: Arguments) -> int:
    from drboot import arming, capture, runbook
    from drboot.profile.load import load
    from drboot.wanted import coming_home, joined

    root = Root(options.root)
    estate = load(root)
    stamp = None if options.capture else arming.read_stamp(root)
    if options.capture:
        captured = capture.read(os.path.abspath(options.capture), "that file", options.capture)
    else:
        home = stamp.configured_site if stamp else site_of_systemid(estate, seen_by(options))
        captured = capture.load(root, home)
    site = options.site or _only_other_site(estate, captured)
    if site not in estate.sites or site == captured.site:
        what = f"there is no other site {site}"
        raise ConfigError(Problem("site-unknown", what, paths.SITES, "", "name one that has a profile: --site SITE"))
    back = stamp is not None and arming.home_of(stamp) == site
    coming = coming_home(root, estate, captured, site) if back else None
    made = runbook.build(
        estate, joined(estate, captured.host, captured, estate.sites[site], "disaster", coming), time.time()
    )
    if options.html:
        _write_page(options.html, runbook.page(made))
    if options.json:
        print_json(made)
    elif options.html:
        say(f"drboot: wrote {options.html}")
    else:
        sys.stdout.write(runbook.text(made))
    return EXIT_OK


def _only_other_site(estate: Estate, captured: Capture) -> str:
    """The site that has rows of this host for a disaster, besides the one of the capture.  Raises ConfigError."""
    rows = (row for row in estate.hosts if row.host == captured.host and row.mode == "disaster")
    others = [name for name in dict.fromkeys(row.site for row in rows) if name != captured.site]
    if len(others) != 1:
        what = f"{captured.host} has addresses at {', '.join(others) or 'no site'} besides {captured.site}"
        raise ConfigError(
            Problem("runbook-which-site", what, paths.HOSTS_CSV, "the page is about one site", "name it: --site SITE")
        )
    return others[0]


def _write_page(path: str, text: str) -> None:
    from drboot.files import write_atomic

    try:
        write_atomic(os.path.abspath(path), text.encode("ascii", "xmlcharrefreplace"), 0o644)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConfigError(
            Problem("runbook-not-written", "the page cannot be written", path, why, "name another file: --html FILE")
        ) from error


VERB = Verb("runbook", "one page: what is done at the other site, and how by hand", _add_runbook, _runbook)
