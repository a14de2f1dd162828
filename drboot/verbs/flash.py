"""``drboot flash``: may a FlashCopy of a DS8000 be made anew for a rehearsal, how, and is it as it should be."""

from __future__ import annotations

import argparse
import time
from typing import Iterator, Sequence, Tuple

from drboot.companions import dscli, flash
from drboot.companions.gates import Gate, table
from drboot.errors import EXIT_OK, EXIT_REFUSED, EXIT_UNFINISHED, ConfigError, Problem
from drboot.facts.base import ParseError
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, print_json, say
from drboot.verbs.listings import demand_one_pipe, duration, parsed, read, said, saved, words

_LSFLASH = "setenv -banner off -header on -format delim; lsflash -l -dev IMAGE PAIRS"


def _pairs(text: str) -> Tuple[str, ...]:
    try:
        pairs = tuple(dscli.pair_id(word) for word in words(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if len(set(pairs)) != len(pairs):
        raise argparse.ArgumentTypeError("a pair is named twice")
    why = flash.contradiction(pairs)
    if why:
        raise argparse.ArgumentTypeError(why)
    return pairs


def _image(text: str) -> str:
    if text and not flash.IMAGE.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no storage image: IBM.2107-75AAA01")
    return text


def _add(sub: argparse.ArgumentParser) -> None:
    what = "plan: the questions, and where they allow it the commands; status: are the copies as they should be"
    sub.add_argument("what", choices=("plan", "status"), help=what)
    sub.add_argument("--pairs", metavar="PAIR,...", type=_pairs, required=True, help="pairs of volumes, as 0001:0002")
    sub.add_argument("--lsflash", metavar="FILE", default="", help=f"what dscli printed for: {_LSFLASH}")
    sub.add_argument("--no-record", action="store_true", help="copies are made whole: rmflash, then mkflash")
    sub.add_argument("--nocp", action="store_true", help="no background copy")
    image = "the storage image, as IBM.2107-75AAA01"
    sub.add_argument("--dev", metavar="IMAGE", type=_image, default="", help=image)
    sub.add_argument("--site", metavar="SITE", default="", help="plan: site whose profile the rehearsal uses")
    sub.add_argument("--host", metavar="HOST", default="", help="plan: production host name that is rehearsed")
    sub.add_argument("--lpar", metavar="NAME", default="", help="plan: partition name of the LPAR that starts the copy")
    sub.add_argument("--down", metavar="MARKER", default="", help="plan: a file, touched when the LPAR was seen down")
    state = "plan: what the HMC printed for lssyscfg -r lpar -m SYSTEM -F name,state"
    sub.add_argument("--lssyscfg", metavar="FILE", default="", help=state)
    sub.add_argument("--min-delay", metavar="TIME", type=duration, help="plan: between two copies; 10m")
    sub.add_argument("--force", action="store_true", help="plan: although the last copy is younger than that")
    sub.add_argument("--auth", metavar="FILE", default="", help="plan: auth.conf with hmc1 and username; mode 600")
    sub.add_argument("--max-delay", metavar="TIME", type=duration, help="status: how old at most; 1d")
    sub.add_argument("--log", metavar="FILE", default="", help="status: what dscli printed when it copied")


def _call(options: Arguments) -> int:
    """0; 3 where a question forbids the copy; 4 where a copy is not as it should be."""
    if None not in (options.min_delay, options.max_delay) and options.min_delay > options.max_delay:
        why = "a copy would be too old before it may be made anew"
        raise ConfigError(Problem("usage", "--min-delay is more than --max-delay", "", why, "correct one of them"))
    return _plan(options) if options.what == "plan" else _status(options)


def _wish(options: Arguments) -> flash.Wish:
    return flash.Wish(options.dev, options.pairs, not options.no_record, not options.nocp)


def _plan(options: Arguments) -> int:
    from drboot.profile.load import load

    missing = [name for name in ("dev", "lsflash", "site", "host", "lpar") if not getattr(options, name)]
    if missing:
        needed = ", ".join(f"--{name}" for name in missing)
        raise ConfigError(Problem("usage", f"a plan needs {needed}", "", "", "drboot flash --help"))
    demand_one_pipe(options.lsflash, options.lssyscfg)
    wish = _wish(options)._replace(force=options.force)
    if options.min_delay is not None:
        wish = wish._replace(min_delay=options.min_delay)
    listed = _listed(options)
    access = flash.access(options.auth, options.dev) if options.auth else flash.Access()
    target = (options.site, options.host, options.lpar)
    now = time.time()
    age = saved(options.lsflash, now)
    found = flash.gates(wish, listed, _evidence(options, now), load(Root(options.root)), target, now, age)
    is_open = all(gate.holds for gate in found)
    plan: Sequence[str] = tuple(flash.workflow(wish, listed, access, target, found)) if is_open else ()
    if options.json:
        print_json({"gates": [gate._asdict() for gate in found], "plan": plan})
        return EXIT_OK if is_open else EXIT_REFUSED
    say(f"drboot: FlashCopy of {wish.image}, {len(wish.pairs)} of its pairs, for a rehearsal of {options.host}")
    return said(found, iter(plan))


def _listed(options: Arguments) -> Tuple[dscli.Pair, ...]:
    return parsed(options.lsflash, lambda text: dscli.parse_lsflash(_of_image(options, text)), _LSFLASH)


def _of_image(options: Arguments, text: str) -> str:
    """The text, unless its banner names another array than --dev: every array has a volume 0001."""
    others = [image for image in dscli.images(text) if options.dev and image != options.dev]
    if others:
        raise ParseError(f"it is of {', '.join(others)}, and not of {options.dev}")
    return text


def _evidence(options: Arguments, now: float) -> flash.Evidence:
    if options.lssyscfg:
        return flash.by_state(read(options.lssyscfg), options.lpar, saved(options.lssyscfg, now))
    return flash.by_marker(options.down, now) if options.down else flash.NO_EVIDENCE


def _status(options: Arguments) -> int:
    demand_one_pipe(options.lsflash, options.log)
    wish = _wish(options)
    found = tuple(_asked(options, wish))
    if not found:
        raise ConfigError(Problem("usage", "nothing to look at", "", "", "give --lsflash, --log or both"))
    code = EXIT_OK if all(gate.holds and not gate.warning for gate in found) else EXIT_UNFINISHED
    if options.json:
        print_json({"gates": [gate._asdict() for gate in found], "exit_code": code})
        return code
    for line in table(found):
        say(line)
    say(f"drboot: {'up' if code == EXIT_OK else 'warn'}")
    return code


def _asked(options: Arguments, wish: flash.Wish) -> Iterator[Gate]:
    if options.log:
        yield from flash.outcome(wish, parsed(options.log, lambda text: _of_image(options, text), "dscli"))
    if options.lsflash:
        listed = _listed(options)
        max_delay = flash.MAX_DELAY if options.max_delay is None else options.max_delay
        yield from flash.status(wish, listed, max_delay, time.time())


VERB = Verb("flash", "FlashCopy for rehearsals: may it be made anew, and how", _add, _call)
