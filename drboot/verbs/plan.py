"""``drboot plan``."""

from __future__ import annotations

import argparse

from drboot.errors import EXIT_OK, EXIT_UNFINISHED
from drboot.verbs.base import Arguments, Verb, decided, print_json, say, wanted_at


def _add_plan(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--site", metavar="SITE", default="", help="plan for this site, wherever this machine is")
    sub.add_argument("-v", "--verbose", action="store_true", help="also what is so already")


def _plan(options: Arguments) -> int:
    from drboot import plan
    from drboot import render as shown
    from drboot.steps.base import Blocked

    site = options.site
    options.site = ""
    stamp, decision = decided(options)
    site = site or decision.site
    if stamp is None or not site:
        say("drboot: " + "\ndrboot:   ".join((decision.message, *decision.details)))
        return decision.exit_code
    seen, wanted = wanted_at(options, stamp, site)
    assessed = plan.assessed(wanted, seen)
    if options.json:
        print_json([{"step": s.id, "title": s.title, "answer": type(a).__name__, "text": str(a)} for s, a in assessed])
    else:
        say(f"drboot: plan for {wanted.host} at {site} ({wanted.mode}){', plan B' if wanted.plan_b else ''}")
        say(shown.plan(assessed, options.verbose, plan.kept(assessed, seen)))
    return EXIT_UNFINISHED if any(isinstance(answer, Blocked) for _, answer in assessed) else EXIT_OK


VERB = Verb("plan", "what an apply would do, step by step", _add_plan, _plan)
