"""A capture of this machine, recent and whole."""

from __future__ import annotations

import calendar
import time
from typing import Iterator

from drboot import paths
from drboot.capture import Capture
from drboot.checks.base import Finding, Production, error

CAPTURE = "drboot capture"
DAY = 86400.0


def check(production: Production) -> Iterator[Finding]:
    where = f"{paths.CAPTURES}/{production.site.site}.json"
    captured = production.capture
    if captured is None:
        why = "without it nobody knows at DR which volume groups, owners and settings home had"
        yield error("check-no-capture", "this machine was never captured", where, why, CAPTURE)
        return
    if captured.host != production.host:
        why = f"it is of {captured.host}"
        yield error("check-capture-foreign", "the capture is not of this machine", where, why, CAPTURE)
    limit = production.site.check.capture_age
    age = production.now - taken(captured)
    if age > limit:
        why = f"it is of {captured.taken}, {age / DAY:.1f} days ago; {production.site.check.at} allows {limit / DAY:g}"
        following = f"{CAPTURE}, and look why cron does not run it every night"
        yield error("check-capture-old", "the capture is too old", where, why, following)
    if captured.unseen:
        why = "; ".join(captured.unseen[:3])
        yield error("check-capture-incomplete", "the capture could not see all", where, why, f"mend that: {CAPTURE}")


def taken(captured: Capture) -> float:
    """When it was taken, in seconds since the epoch."""
    return calendar.timegm(time.strptime(captured.taken, "%Y-%m-%dT%H:%M:%SZ"))
