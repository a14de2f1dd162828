"""``drboot undo``."""

from __future__ import annotations

import argparse
import textwrap

from drboot import gate
from drboot.errors import EXIT_OK
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, say, seen_by


def _add_undo(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("run", nargs="?", default="", help="id of the last run; default: every run of this event")
    sub.add_argument("--plan", action="store_true", help="only show what would be done")


def _undo(options: Arguments) -> int:
    from drboot import arming, interrupt, undo
    from drboot import render as shown
    from drboot.events import Console

    root = Root(options.root)
    stamp = arming.read_stamp(root)
    systemid = gate.query_identity(root.directory, stamp.deadline if stamp else gate.DEADLINE).systemid
    if options.plan:
        planned = undo.plan(root, systemid, options.run)
        say(f"drboot: undo of {', '.join(one.run for one in planned.runs)}")
        say(shown.plan(undo.assessed(planned, seen_by(options))))
        for mark, texts in (
            ("kept", planned.kept), ("LOST", planned.lost), ("replaced", planned.edited(seen_by(options)))
        ):  # fmt: skip
            for text in texts:
                say("\n".join(textwrap.wrap(text, 79, initial_indent=f"  {mark:<13}", subsequent_indent=" " * 15)))
        return EXIT_OK
    console = Console(1)
    try:
        with interrupt.listening() as stop:
            return undo.run(root, systemid, options.run, None if options.json else console, stop=stop)
    finally:
        console.close()


VERB = Verb("undo", "bring back what the runs of this event changed", _add_undo, _undo)
