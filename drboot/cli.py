"""The command line: flags that every verb has, and what becomes of what a verb raises.  The verbs are in verbs/.

drboot                    status, identity, decision and plan; changes nothing
drboot --apply            by hand what init does
drboot VERB               see drboot --help
"""

from __future__ import annotations

import argparse
import sys
from typing import Any, Callable, Optional, Sequence

from drboot import __version__
from drboot.errors import EXIT_CONFIG, EXIT_OK, DrbootError, render
from drboot.paths import Root
from drboot.profile.trust import check_own
from drboot.verbs import VERBS
from drboot.verbs.base import Arguments, complain, print_json
from drboot.verbs.default import default


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Returns the exit code; prints Problems to standard error, never a traceback of theirs."""
    options = parser().parse_args(argv)
    try:
        if options.checks_own:
            check_own(Root(options.root))
        call: Callable[[Arguments], int] = options.call
        return call(options)
    except DrbootError as error:
        if options.json:
            print_json({"exit_code": error.exit_code, "problems": [p._asdict() for p in error.problems]})
        else:
            complain(render(error.problems))
        return error.exit_code
    except BrokenPipeError:
        return EXIT_OK


def parser() -> argparse.ArgumentParser:
    """The whole command line; docs/cli.md is made from it."""
    top = _Parser(
        prog="drboot",
        description="Brings an AIX LPAR up at the disaster-recovery site by itself.",
        epilog="Without a verb: status, decision and plan; nothing is changed.",
    )
    top.add_argument("--version", action="version", version=f"drboot {__version__}")
    _common(top)
    top.add_argument("--apply", action="store_true", help="do by hand what init does at a DR boot")
    top.add_argument("--site", metavar="SITE", default="", help="with --apply: refused at any other site")
    top.add_argument("--rehearsal", action="store_true", help="with --apply: refused in a disaster")
    top.add_argument(
        "--accept-systemid",
        metavar="IBM,...",
        default="",
        help="with --apply --site: act although no profile lists this machine's systemid; type it exactly",
    )
    top.set_defaults(call=default, checks_own=True)
    verbs = top.add_subparsers(title="verbs", metavar="VERB", parser_class=_Parser)
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        _common(sub, again=True)
        verb.add(sub)
        sub.set_defaults(call=verb.call, checks_own=verb.checks_own)
    return top


class _Parser(argparse.ArgumentParser):
    """argparse's own, with our exit code: usage errors are configuration errors."""

    def error(self, message: str) -> Any:
        self.print_usage(sys.stderr)
        self.exit(EXIT_CONFIG, f"{self.prog}: {message}\n")


def _common(target: argparse.ArgumentParser, again: bool = False) -> None:
    """Flags of every verb.  ``again``: behind a verb they must not undo what was said before it."""
    no_root, no_json = (argparse.SUPPRESS, argparse.SUPPRESS) if again else ("", False)
    home = "the machine below DIR: every file and every program"
    target.add_argument("--root", metavar="DIR", default=no_root, help=home)
    target.add_argument("--json", action="store_true", default=no_json, help="print JSON")
