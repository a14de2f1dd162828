"""The programs of the site's hooks: there, and nobody else's, while there is time to mend that.

Source: scenario F77 and F78 of the field say what a failed hook costs; the profiles are what names them.
"""

from __future__ import annotations

from typing import Iterator

from drboot.checks.base import Finding, Production, error
from drboot.profile.trust import check_program


def check(production: Production) -> Iterator[Finding]:
    """One finding for all of them: the first is told, and how many more there are."""
    bad = [
        (hook, problem)
        for site in production.others
        for hook in site.hooks
        if not hook.hosts or production.host in hook.hosts
        for program in hook.programs
        for problem in check_program(production.seen.root, program)
    ]
    if bad:
        hook, problem = bad[0]
        more = f", and {len(bad) - 1} more" if len(bad) > 1 else ""
        yield error(
            "check-hook-program",
            f"hook {hook.name} could not be started at the other site{more}",
            str(hook.at),
            f"{problem.what}: {problem.why}",
            problem.next,
        )
