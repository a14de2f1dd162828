"""``drboot glvm``: the way back to production, whether the copies are the same, and what a lost link needs."""

from __future__ import annotations

import argparse
from typing import Iterable, Sequence, Tuple

from drboot import paths
from drboot.capture import Capture, RemotePv
from drboot.companions import glvm
from drboot.companions.gates import table
from drboot.errors import EXIT_OK, EXIT_UNFINISHED, ConfigError, Problem
from drboot.facts import lsvg
from drboot.facts.base import FileQuery
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, print_json, say, seen_by
from drboot.verbs.listings import parsed, words

_WHATS = ("state", "failback", "sync", "timeouts", "outage")


def _add(sub: argparse.ArgumentParser) -> None:
    what = (
        "state: RPV clients as captured; failback: the commands that bring production back, in order; sync: are the "
        "copies the same; timeouts: what RPVC_IO_TIMEOUT needs; outage: a planned one"
    )
    sub.add_argument("what", choices=_WHATS, help=what)
    sub.add_argument("--vg", metavar="VG", default="", help="the volume group")
    sub.add_argument("--captured", metavar="SITE", default="", help="site whose capture counts; default: the armed one")
    sub.add_argument("--varyonvg", metavar="FILE", default="", help="failback: what varyonvg -n -s VG printed at home")
    sub.add_argument("--lsvg-p", metavar="FILE", default="", help="failback: what lsvg -p VG printed at home instead")
    sub.add_argument("--servers", metavar="NAME,...", type=words, default=(), help="failback: the RPV servers at DR")
    sub.add_argument("--lsvg", metavar="FILE", nargs="+", default=[], help="sync: what lsvg VG printed, oldest first")
    sub.add_argument("--errpt", metavar="FILE", default="", help="timeouts: what errpt, or errpt -a, printed")


def _call(options: Arguments) -> int:
    """0; 4 where the copies are not the same yet, or RPV clients have given up."""
    return {
        "state": _state, "failback": _failback, "sync": _sync, "timeouts": _timeouts, "outage": _outage,
    }[options.what](options)  # fmt: skip


def _state(options: Arguments) -> int:
    from drboot.checks.glvm import has_port

    made = _captured(options)
    found = tuple(glvm.state(made.remote, seen_by(options)(FileQuery(paths.ETC_SERVICES, has_port))))
    if options.json:
        print_json([gate._asdict() for gate in found])
        return EXIT_OK
    say(f"drboot: {len(made.remote)} RPV clients of {made.host}, as captured {made.taken}")
    for line in table(found):
        say(line)
    return EXIT_OK


def _failback(options: Arguments) -> int:
    vg, made = _vg(options), _captured(options)
    group = made.volume_group(vg)
    if group is None:
        raise ConfigError(Problem("usage", f"{vg} is not in the capture", made.site, "", "name one of lsvg at home"))
    clients = glvm.clients_of(made.remote, group.pvids)
    if not clients:
        why, cure = f"the capture knows no RPV client of {vg}", "capture it where they are defined; or --captured SITE"
        raise ConfigError(Problem("usage", f"nothing says where the current copy of {vg} is", made.site, why, cure))
    points = sorted(fs.mount_point for fs in made.filesystems if fs.vg == vg and fs.mounted)
    servers = tuple(options.servers) or tuple(f"rpvserver{number}" for number in range(len(clients)))
    names, removed = tuple(pv.hdisk for pv in clients), _removed(options, vg, clients)
    if not options.json:
        say(f"drboot: {vg} back to production, one line after the other, and none after one that fails")
    return _typed(
        options, glvm.failback(glvm.Failback(vg, tuple(points), servers, names, removed, not options.servers))
    )


def _removed(options: Arguments, vg: str, clients: Sequence[RemotePv]) -> Tuple[str, ...]:
    """By what was saved at production; () where nothing was yet."""
    if not (options.varyonvg or options.lsvg_p):
        return ()
    if options.varyonvg:
        pvs = parsed(options.varyonvg, lambda text: glvm.by_varyonvg(text, vg), f"varyonvg -n -s {vg}")
    else:
        pvs = parsed(options.lsvg_p, lambda text: glvm.by_lsvg(text, vg), f"lsvg -p {vg}")
    try:
        return glvm.removed(pvs, clients)
    except ValueError as error:
        cure = f"varyoffvg {vg}; mkdev its RPV servers at DR and its RPV clients here, all Available; then once more"
        where = options.varyonvg or options.lsvg_p
        problem = Problem(
            "glvm-current-copy-absent", f"{vg} must not be varied on at production", where, str(error), cure
        )
        raise ConfigError(problem) from None


def _sync(options: Arguments) -> int:
    if not options.lsvg:
        raise _needs("--lsvg", "sync")
    looks = [parsed(path, lsvg.parse_vg, "lsvg VG") for path in options.lsvg]
    try:
        found = glvm.progress(looks)
    except ValueError as error:
        raise ConfigError(Problem("usage", "these are not looks at one volume group", "--lsvg", str(error))) from None
    if options.json:
        print_json(found._asdict())
    else:
        say(f"drboot: {found.vg}: {found.text}")
    return EXIT_OK if found.is_complete else EXIT_UNFINISHED


def _timeouts(options: Arguments) -> int:
    if not options.errpt:
        raise _needs("--errpt", "timeouts")
    found = parsed(options.errpt, glvm.timed_out, "errpt")
    if not found:
        say(f"drboot: no {glvm.TIMEOUT_LABEL} ({glvm.TIMEOUT_ID})")
        return EXIT_OK
    if not options.json:
        say(f"drboot: {glvm.TIMEOUT_LABEL} ({glvm.TIMEOUT_ID}) of {', '.join(found)}: no answer within io_timeout")
    _typed(options, glvm.recovery(_vg(options), found))
    return EXIT_UNFINISHED


def _outage(options: Arguments) -> int:
    vg, made = _vg(options), _captured(options)
    group = made.volume_group(vg)
    try:
        plan = tuple(glvm.outage(vg, glvm.clients_of(made.remote, group.pvids if group else None)))
    except ValueError as error:
        cure = "set it, then: drboot capture"
        raise ConfigError(Problem("usage", "an address could not be set again", made.site, str(error), cure)) from None
    return _typed(options, plan)


def _typed(options: Arguments, plan: Iterable[glvm.Typed]) -> int:
    if options.json:
        print_json([typed._asdict() for typed in plan])
        return EXIT_OK
    for typed in plan:
        say(str(typed))
    return EXIT_OK


def _captured(options: Arguments) -> Capture:
    from drboot import arming, capture

    site = options.captured
    if not site:
        stamp = arming.read_stamp(Root(options.root))
        if stamp is None:
            raise _needs("--captured", options.what)
        site = stamp.configured_site
    return capture.load(Root(options.root), site)


def _vg(options: Arguments) -> str:
    if not options.vg:
        raise _needs("--vg", options.what)
    return str(options.vg)


def _needs(flag: str, what: str) -> ConfigError:
    return ConfigError(Problem("usage", f"{what} needs {flag}", "", "", "drboot glvm --help"))


VERB = Verb("glvm", "GLVM: the way back, the copies, the link", _add, _call)
