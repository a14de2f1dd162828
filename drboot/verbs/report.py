"""``drboot report``."""

from __future__ import annotations

import argparse

from drboot import paths
from drboot.errors import EXIT_OK, ConfigError, Problem
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, print_json, say


def _add_report(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("run", nargs="?", default="", help="id of a run; default: the last")


def _report(options: Arguments) -> int:
    from drboot import report

    root = Root(options.root)
    runs = report.runs(root)
    run = options.run or (runs[-1] if runs else "")
    made = report.read(root, run) if run else None
    if made is None:
        what = f"there is no report of run {run}" if run else "no run was made here"
        why = report.why_none(root, run) if run in runs else ""
        raise ConfigError(Problem("no-report", what, paths.RUNS, why, "drboot status"))
    if options.json:
        print_json(made)
    else:
        say(report.text(made))
    return EXIT_OK


VERB = Verb("report", "what the last run did", _add_report, _report)
