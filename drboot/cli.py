"""The command line: flags that every verb has, and what becomes of what a verb raises.  The verbs are in verbs/.

drboot                    status, identity, decision and plan; changes nothing
drboot --apply            by hand what init does
drboot VERB               see drboot --help
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from typing import Any, Callable, Optional, Sequence

from drboot import __version__, gate
from drboot.errors import EXIT_BUG, EXIT_CONFIG, EXIT_OK, EXIT_UNFINISHED, DrbootError, Problem, render
from drboot.paths import Root
from drboot.profile.trust import check_own
from drboot.verbs import VERBS
from drboot.verbs.base import Arguments, OutputLost, complain, flush, print_json
from drboot.verbs.default import default


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Returns the exit code; prints Problems to standard error, and never a traceback."""
    _own_streams()
    options = parser().parse_args(argv)
    try:
        code = _call(options)
        flush()
        return code
    except BrokenPipeError:  # whoever read it has seen enough
        _say_no_more()
        return EXIT_OK
    except OutputLost as error:
        _say_no_more()
        with contextlib.suppress(BrokenPipeError, OutputLost):
            complain(f"drboot: not all of it could be written: {error}")
        return EXIT_UNFINISHED


def _call(options: Arguments) -> int:
    """What the verb returns; its Problems, and a bug of ours, are told."""
    try:
        if options.checks_own:
            check_own(Root(options.root))
        call: Callable[[Arguments], int] = options.call
        return call(options)
    except DrbootError as error:
        return _told(options, error.problems, error.exit_code)
    except KeyboardInterrupt:
        complain("drboot: stopped")
        return EXIT_UNFINISHED
    except (BrokenPipeError, OutputLost):
        raise
    except Exception as error:
        return _told(options, [_bug(Root(options.root), error)], EXIT_BUG)


def _told(options: Arguments, problems: Sequence[Problem], code: int) -> int:
    if options.json:
        print_json({"exit_code": code, "problems": [problem._asdict() for problem in problems]})
    else:
        complain(render(problems))
    return code


def _bug(root: Root, error: Exception) -> Problem:
    """What to say of it.  Its traceback is for support, and on no console."""
    import traceback

    from drboot import report

    kept = report.keep_bug(root, traceback.format_exc())
    following = f"report it with {kept}, or with all that helps: drboot support"
    return Problem("internal-error", "drboot ended by a bug of its own", kept, gate.described(error), following)


def _own_streams() -> None:
    """Whatever was closed when drboot was started leads nowhere, and is not a lock or journal that is opened next."""
    gate.own_process()
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w", encoding="ascii"))  # noqa: SIM115  for as long as the process


def _say_no_more() -> None:
    """What is still waiting for standard output would be a traceback at the interpreter's end."""
    with contextlib.suppress(OSError, ValueError), open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


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
