"""``drboot support``."""

from __future__ import annotations

import argparse

from drboot import paths
from drboot.errors import EXIT_OK, EXIT_UNFINISHED
from drboot.verbs.base import Arguments, Verb, complain, print_json, say, seen_by


def _add_support(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--output", metavar="DIR", default="", help=f"write it there; default: {paths.SUPPORT}")


def _support(options: Arguments) -> int:
    """0: all of it is there.  4: some commands failed, or files could not be read; the rest is there."""
    from drboot import support

    made = support.make(seen_by(options).runner, options.output)
    code = EXIT_UNFINISHED if made.failed else EXIT_OK
    if options.json:
        items = [{"name": i.name, "state": i.state, "note": i.note, "bytes": len(i.data)} for i in made.items]
        print_json({"path": made.path, "bytes": made.size, "secrets": made.secrets, "exit_code": code, "items": items})
        return code
    for item in made.failed:
        complain(f"drboot: not complete: {item.name}: {item.note}")
    say(f"drboot: {made.path}")
    say(f"drboot: {len(made.items)} items, {made.size} bytes; {support.CONTENTS} in it says what each one is")
    say(f"drboot: {made.secrets} secrets were left out; read it before you send it, as with")
    say(f"drboot: gzip -dc {made.path} | tar -tvf -")
    return code


VERB = Verb(
    "support", "collect what a helper from afar asks for, without secrets", _add_support, _support, checks_own=False
)
