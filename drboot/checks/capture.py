"""A capture of this machine, recent, whole, and still true."""

from __future__ import annotations

import calendar
import time
from typing import Iterator, Tuple

from drboot import cron, drift, paths
from drboot.capture import Capture
from drboot.checks.base import Finding, Production, error, note
from drboot.steps.base import counted

CAPTURE = "drboot capture"
DAY = 86400.0


def check(production: Production) -> Iterator[Finding]:
    where = f"{paths.CAPTURES}/{production.site.site}.json"
    captured = production.capture
    if captured is None:
        why = "without it nobody knows at DR which volume groups, owners and settings home had"
        yield error("check-no-capture", "this machine was never captured", where, why, CAPTURE)
    elif captured.host != production.host:
        why = f"it is of {captured.host}"
        yield error("check-capture-foreign", "the capture is not of this machine", where, why, CAPTURE)
    else:
        yield from _age(production, captured, where)
        yield from _drift(production, captured, where)
    unseen = tuple(dict.fromkeys((*(captured.unseen if captured else ()), *production.fresh.unseen)))
    if unseen:
        why = "what it could not read stands there as it was before, or not at all"
        yield error("check-capture-incomplete", "a capture cannot see all", where, why, f"mend that: {CAPTURE}", unseen)
    if not cron.is_right(production.seen(cron.TABLE)):
        yield note(
            "check-no-nightly",
            "nothing captures and checks this machine every night",
            paths.ROOT_TABLE,
            f"root's crontab does not have the line of {cron.NIGHTLY} once, as drboot arm --nightly writes it",
            "drboot arm --nightly",
        )


def _age(production: Production, captured: Capture, where: str) -> Iterator[Finding]:
    limit = production.site.check.capture_age
    age = production.now - taken(captured)
    if age > limit:
        why = f"it is of {captured.taken}, {age / DAY:.1f} days ago; {production.site.check.at} allows {limit / DAY:g}"
        following = f"{CAPTURE}, and look why cron does not run it every night"
        yield error("check-capture-old", "the capture is too old", where, why, following)
    elif age < -DAY:
        why = f"it is of {captured.taken}, {-age / DAY:.1f} days ahead of this machine's clock"
        yield error("check-capture-old", "the capture is of the future", where, why, f"set the clock, then: {CAPTURE}")


def _drift(production: Production, captured: Capture, where: str) -> Iterator[Finding]:
    """What was changed since then: it would not come back at DR, or come back as it was before."""
    differences = since(production)
    major = sum(not difference.minor for difference in differences)
    if differences:
        kind = error if major else note
        yield kind(
            "check-capture-drift",
            f"{counted(len(differences), 'thing is', 'things are')} not as captured",
            where,
            f"at DR {counted(major, 'would be', 'would be')} as of {captured.taken}, or missing"
            if major
            else f"nothing that a recovery would get wrong; captured {captured.taken}",
            CAPTURE,
            tuple(map(str, differences)),
        )


def since(production: Production) -> Tuple[drift.Difference, ...]:
    """What differs from the capture; () where there is none of this machine."""
    captured = production.capture
    return drift.compare(captured, production.fresh) if captured and captured.host == production.host else ()


def taken(captured: Capture) -> float:
    """When it was taken, in seconds since the epoch; 0 where it does not say so."""
    try:
        return calendar.timegm(time.strptime(captured.taken, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return 0.0
