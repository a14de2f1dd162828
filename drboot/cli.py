"""The verbs.  A verb imports what it needs when it is called; without one, drboot says where things stand.

drboot                    status, identity, decision and plan; changes nothing
drboot --apply            by hand what init does
drboot capture | check | arm | disarm | status | plan | report | undo | import | support
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from drboot import __version__, gate, paths
from drboot.errors import (
    EXIT_CONFIG,
    EXIT_OK,
    EXIT_UNFINISHED,
    ConfigError,
    DrbootError,
    Problem,
    Refused,
    render,
)
from drboot.paths import Root
from drboot.profile.trust import check_own

if TYPE_CHECKING:
    from drboot import cron
    from drboot.alarms import Alarms
    from drboot.capture import Capture
    from drboot.checks import Production
    from drboot.profile.estate import Estate
    from drboot.seen import Seen
    from drboot.wanted import Wanted

Arguments = argparse.Namespace


class Verb(NamedTuple):
    """``add`` declares the verb's own arguments; ``call`` does it and returns the exit code."""

    name: str
    help: str
    add: Callable[[argparse.ArgumentParser], None]
    call: Callable[[Arguments], int]


def main(argv: Optional[Sequence[str]] = None) -> int:
    """Returns the exit code; prints Problems to standard error, never a traceback of theirs."""
    options = parser().parse_args(argv)
    try:
        if options.call is not _support:  # which believes nothing, and is there for the day on which all is wrong
            check_own(Root(options.root))
        call: Callable[[Arguments], int] = options.call
        return call(options)
    except DrbootError as error:
        if options.json:
            _print_json({"exit_code": error.exit_code, "problems": [p._asdict() for p in error.problems]})
        else:
            _complain(render(error.problems))
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
    top.set_defaults(call=_default)
    verbs = top.add_subparsers(title="verbs", metavar="VERB", parser_class=_Parser)
    for verb in VERBS:
        sub = verbs.add_parser(verb.name, help=verb.help, description=verb.help)
        _common(sub, again=True)
        verb.add(sub)
        sub.set_defaults(call=verb.call)
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


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


def _complain(text: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(text + "\n")


def _print_json(value: Any) -> None:
    _say(json.dumps(value, indent=1))


# ---------------------------------------------------------------- what several verbs need


def _decided(options: Arguments) -> Tuple[Optional[gate.Stamp], gate.Decision]:
    """The same table as at boot."""
    root = Root(options.root).directory
    try:
        stamp = gate.read_stamp(root)
    except gate.StampDamaged as error:
        return None, gate.config_error(error)
    if stamp is None:
        return None, gate.decide(None, None)
    identity = gate.query_identity(root, stamp.deadline)
    accept, site = getattr(options, "accept_systemid", ""), getattr(options, "site", "")
    return stamp, gate.decide(stamp, identity, accept=accept, site=site)


def _seen(options: Arguments, estate: Optional[Estate] = None) -> Seen:
    from dataclasses import asdict

    from drboot.runner import Runner
    from drboot.seen import Seen

    root = Root(options.root)
    deadlines: Dict[str, float] = {}
    if estate is not None:
        for site in estate.sites.values():
            for kind, seconds in asdict(site.deadlines).items():
                if isinstance(seconds, float):
                    deadlines[kind] = max(seconds, deadlines.get(kind, 0.0))
    return Seen(Runner(root, deadlines))


def _wanted(options: Arguments, stamp: gate.Stamp, site: str) -> Tuple[Seen, Wanted]:
    """What is wanted at a site, with plan B where the ODM is seen not to be reset."""
    from dataclasses import replace

    from drboot import arming, reset, state
    from drboot.profile.load import load
    from drboot.wanted import prepare

    estate = load(Root(options.root))
    seen = _seen(options, estate)
    wanted = prepare(seen, estate, stamp.host, stamp.configured_site, site, came_from=arming.home_of(stamp))
    identity = gate.query_identity(Root(options.root).directory, stamp.deadline)
    event = state.load(Root(options.root), identity.systemid, stamp.arm_id)
    wanted = replace(wanted, systemid=event.systemid, arm_id=event.arm_id)
    if event.phase == state.CONFIGURING:
        return seen, replace(wanted, plan_b=event.plan_b)
    return seen, replace(wanted, plan_b=bool(reset.signs_of_home(seen, wanted.capture, wanted.foreign)))


# ---------------------------------------------------------------- drboot, drboot --apply


def _default(options: Arguments) -> int:
    if options.apply:
        return _apply(options)
    if options.site or options.rehearsal or options.accept_systemid:
        raise ConfigError(
            Problem("usage", "--site, --rehearsal and --accept-systemid go with --apply", "", "", "drboot --help")
        )
    return _overview(options)


def _apply(options: Arguments) -> int:
    from drboot import arming, boot

    stamp, decision = _decided(options)
    if decision.action != "act" or stamp is None:
        _say("drboot: " + "\ndrboot:   ".join((decision.message, *decision.details)))
        if stamp is not None and stamp.phase == "disarmed" and arming.entry_off(_seen(options).runner):
            _say("drboot: the inittab entry was still live beside a disarmed stamp: it is off now")
        return decision.exit_code
    if options.site and options.site != decision.site:
        raise Refused(
            Problem(
                "wrong-site",
                f"this machine is not at site {options.site}",
                "sys0 systemid",
                f"{decision.systemid} belongs to site {decision.site}",
                f"if that is right: drboot --apply --site {decision.site}",
            )
        )
    if options.rehearsal:
        wanted = _wanted(options, stamp, decision.site)[1]
        if wanted.mode != "rehearsal":
            raise Refused(
                Problem(
                    "not-a-rehearsal",
                    "this LPAR is not one for rehearsals",
                    str(wanted.site.rehearsal.at),
                    "no partition name, number or VLAN of `rehearsal` matches",
                    "start the LPAR that is made for rehearsals",
                )
            )
    _survive_hangup()
    return boot.run(Root(options.root).directory, stamp, decision, by="operator")


def _survive_hangup() -> None:
    """The network that the operator came in by may go away under him; what was begun is finished all the same."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _overview(options: Arguments) -> int:
    """Where things stand, within 24 lines of 80 columns, and the next command."""
    from drboot import plan
    from drboot import render as shown

    stamp, decision = _decided(options)
    alarms = _alarms(options, stamp, decision)
    lines = _status_lines(options, stamp, decision, alarms)
    code, following = decision.exit_code, "drboot status"
    if decision.action == "act" and stamp is not None:
        try:
            seen, wanted = _wanted(options, stamp, decision.site)
            assessed = plan.assessed(wanted, seen)
        except DrbootError as error:
            _say("\n".join(lines))
            raise error
        full = shown.plan(assessed).splitlines()
        room = 22 - len(lines)
        following = "drboot --apply"
        if len(full) > room:
            full = [*full[: room - 1], f"  ... {len(full) - room + 1} more lines"]
            following = "drboot plan (all of it), drboot --apply"
        lines += ["plan:", *full]
    elif alarms.rehearsal:
        following = "drboot undo, then shut this LPAR down: shutdown -F"
    elif decision.name in ("not-armed", "disarmed"):
        following = "drboot arm"
    elif stamp is not None and decision.name == "event-done" and "home" in stamp.values:
        following = f"at {stamp.values['home']}: drboot arm --site {stamp.values['home']}, then drboot capture"
    if options.json:
        _print_json(_decision_dict(decision))
        return code
    _say("\n".join([*lines, f"next:      {following}"]))
    return code


def _few(lines: Tuple[str, ...]) -> Tuple[str, ...]:
    """No more than leave room for the rest: the first ones say it, the last ones say what must not be done."""
    return lines if len(lines) <= 8 else (*lines[:5], f"  ... {len(lines) - 7} more lines", *lines[-2:])


def _status_lines(
    options: Arguments, stamp: Optional[gate.Stamp], decision: gate.Decision, alarms: Alarms
) -> List[str]:
    from drboot import report

    lines = [f"drboot {__version__}"]
    if stamp is not None:
        lines.append(f"host:      {stamp.host}, configured for site {stamp.configured_site}")
        lines.append(f"stamp:     {stamp.phase}, arm_id {stamp.arm_id}")
    else:
        lines.append("stamp:     none")
    lines.append(f"systemid:  {'IBM,' + decision.systemid if decision.systemid else 'not asked or not readable'}")
    lines.append(f"decision:  {decision.message}"[:79])
    lines.extend(f"           {line}"[:79] for line in decision.details)
    lines[1:1] = [f"*** {line}"[:79] for line in _few(alarms.lines)]
    runs = report.runs(Root(options.root))
    if runs:
        last = report.read(Root(options.root), runs[-1])
        said = report.headline(last) if last else "wrote no report: it was interrupted"
        lines.append(f"last run:  {runs[-1]}")
        lines.append(f"           {said}"[:79])
    return lines


def _decision_dict(decision: gate.Decision) -> Dict[str, Any]:
    return {name: getattr(decision, name) for name in gate.Decision.__slots__}


# ---------------------------------------------------------------- verbs


def _nothing(_parser: argparse.ArgumentParser) -> None:
    """A verb without arguments of its own."""


def _add_home(sub: argparse.ArgumentParser) -> None:
    at = "the configured site; default: the stamp's, or the one that lists this systemid"
    sub.add_argument("--site", metavar="SITE", default="", help=at)
    name = "the production host name; default: the stamp's, or inet0's, without domain"
    sub.add_argument("--host", metavar="HOST", default="", help=name)


def _add_arm(sub: argparse.ArgumentParser) -> None:
    _add_home(sub)
    nightly = (
        "capture and check every night, by root's crontab; default: the time that is set, or one that the host has"
    )
    sub.add_argument("--nightly", metavar="HH:MM", nargs="?", const="", default=None, help=nightly)
    back = "at another site: capture this machine as it is here, and arm it to come back to HOME with HOME's own values"
    sub.add_argument("--for", metavar="HOME", default="", dest="back_to", help=back)


def _arm(options: Arguments) -> int:
    from drboot import arming, cron
    from drboot.profile.load import load

    if options.back_to:
        return _arm_for(options)
    time_of_day = _time_of_day(options.nightly)
    estate = load(Root(options.root))
    seen = _seen(options, estate)
    site, host = _home(options, estate, seen)
    if options.nightly is not None:
        _demand_home(options, estate, site, "nightly-elsewhere", "nothing is captured here every night")
    armed = arming.arm(seen.runner, estate, site, host)
    changed = armed.changed
    if options.nightly is not None:
        changed += cron.arm_nightly(seen.runner, time_of_day, cron.usual_time(host))
    if options.json:
        _print_json({"arm_id": armed.stamp.arm_id, "site": site, "host": host, "changed": changed})
        return EXIT_OK
    for line in changed:
        _say(f"drboot: {line}")
    _say(f"drboot: armed, host {host} of site {site}, arm_id {armed.stamp.arm_id}")
    if armed.notes:
        _complain(render(armed.notes, "note"))
    return EXIT_OK


def _arm_for(options: Arguments) -> int:
    """0: captured and armed.  4: armed, but the capture could not see all."""
    from drboot import arming, failback
    from drboot.profile.load import load

    if options.site or options.nightly is not None:
        why = "--for goes by the site that lists this machine's systemid, and by nothing else"
        raise ConfigError(
            Problem("usage", "--for goes with neither --site nor --nightly", "", why, "drboot arm --help")
        )
    estate = load(Root(options.root))
    seen = _seen(options, estate)
    stamp = arming.read_stamp(seen.root)
    host = options.host or (stamp.host if stamp else "") or _host_of_inet0(seen)
    systemid = gate.query_identity(seen.root.directory, stamp.deadline if stamp else gate.DEADLINE).systemid
    left = failback.leave(seen, estate, options.back_to, host, systemid)
    armed, code = left.armed, EXIT_UNFINISHED if left.taken.unseen else EXIT_OK
    if options.json:
        shown = {"arm_id": armed.stamp.arm_id, "site": left.taken.site, "for": options.back_to, "host": host}
        _print_json({**shown, "changed": armed.changed, "capture": left.path, "unseen": left.taken.unseen})
        return code
    for line in (f"captured {host} at {left.taken.site}: {left.path}", *armed.changed):
        _say(f"drboot: {line}")
    _say(f"drboot: armed, {host} of site {left.taken.site} comes back to {options.back_to} with its own values there")
    for note in left.taken.unseen:
        _complain(f"drboot: not seen: {note}")
    if armed.notes:
        _complain(render(armed.notes, "note"))
    return code


def _time_of_day(text: Optional[str]) -> Optional[cron.Time]:
    """HH:MM as it was given, None where none was.  Raises ConfigError."""
    from drboot import cron

    try:
        return cron.to_time(text) if text else None
    except ValueError as error:
        raise ConfigError(
            Problem("usage", f"{text} is no time of day", "--nightly", str(error), "drboot arm --nightly 03:30")
        ) from error


def _home(options: Arguments, estate: Estate, seen: Seen) -> Tuple[str, str]:
    """The configured site and the production host name: as given, else as the stamp has them, else as this machine
    shows them.

    The stamp comes first because a replica still carries the site that it was armed for, wherever it has woken.  One
    that must not be believed raises ConfigError: what it said is not to be guessed from where the machine stands.
    """
    from drboot import arming

    stamp = arming.read_stamp(seen.root) if not (options.site and options.host) else None
    site = options.site or (stamp.configured_site if stamp else "") or _site_of_systemid(estate, seen)
    if site not in estate.sites:
        raise ConfigError(
            Problem("site-unknown", f"there is no profile of site {site}", paths.SITES, "", "name it: --site SITE")
        )
    host = options.host or (stamp.host if stamp else "") or _host_of_inet0(seen)
    if not any(row.host == host for row in estate.hosts):
        raise ConfigError(
            Problem(
                "host-not-in-table",
                f"{host or 'this host'} is not in the address table",
                "/etc/drboot/hosts.csv",
                "no row has this host, so no other site has an address for it",
                "add its rows, or give the name that the table uses: --host HOST",
            )
        )
    return site, host


def _site_of_systemid(estate: Estate, seen: Seen) -> str:
    identity = gate.query_identity(seen.root.directory, 30)
    found = estate.site_of(identity.systemid) if identity.systemid else None
    if found is None:
        raise Refused(
            Problem(
                "site-unknown",
                "which site this machine is configured for is not known",
                "sys0 systemid",
                identity.why or f"IBM,{identity.systemid} is in no profile",
                f"add systemids: [IBM,{identity.systemid}] to its profile, or name it: --site SITE",
            )
        )
    return found.site


def _host_of_inet0(seen: Seen) -> str:
    from drboot.facts import lsattr

    values = seen(lsattr.value("inet0", "hostname"))
    return values[0].partition(".")[0] if values else ""


def _add_disarm(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--nightly", action="store_true", help="no nightly capture and check either")


def _disarm(options: Arguments) -> int:
    from drboot import arming, cron

    runner = _seen(options).runner
    changed = arming.disarm(runner)
    if options.nightly:
        changed += cron.disarm_nightly(runner)
    for line in changed or ("was not armed, nothing to do",):
        _say(f"drboot: {line}")
    return EXIT_OK


def _capture(options: Arguments) -> int:
    from drboot import capture, restored
    from drboot.profile.load import load

    root = Root(options.root)
    estate = load(root)
    seen = _seen(options, estate)
    site, host = _home(options, estate, seen)
    identity = gate.query_identity(root.directory, 30)
    if identity.systemid not in estate.sites[site].systemids:
        raise Refused(
            Problem(
                "capture-elsewhere",
                f"this machine is not at site {site}, so its capture is not overwritten",
                "sys0 systemid",
                identity.why or f"IBM,{identity.systemid} is not one of {site}'s",
                "capture it there; if it is configured for another site now: drboot arm --site SITE",
            )
        )
    before: Optional[capture.Capture] = None
    with contextlib.suppress(ConfigError):
        before = capture.load(root, site)
    taken = capture.take(seen, site, host, identity.systemid, before if before and before.host == host else None)
    path = capture.save(root, taken)
    if options.json:
        keys = {key: fate._asdict() for key, fate in restored.rows()}
        _print_json({"path": path, "unseen": taken.unseen, "keys": keys})
    else:
        _say(
            f"drboot: captured {host} at {site}: {len(taken.volume_groups)} volume groups, {len(taken.disks)} disks, "
            f"{len(taken.interfaces)} interfaces"
        )
        _say(f"drboot: {path}")
        for note in taken.unseen:
            _complain(f"drboot: not seen: {note}")
    return EXIT_UNFINISHED if taken.unseen else EXIT_OK


def _add_check(sub: argparse.ArgumentParser) -> None:
    _add_home(sub)
    nightly = "capture first, and say nothing unless something is wrong; what cron runs after drboot arm --nightly"
    sub.add_argument("--nightly", action="store_true", help=nightly)


def _check(options: Arguments) -> int:
    """0: the next disaster may come.  4: a finding says what would go wrong."""
    from drboot import checks

    if options.nightly:
        return _nightly(options)
    production = _production(options)
    found = checks.findings(production)
    code = EXIT_OK if checks.is_ready(found) else EXIT_UNFINISHED
    if options.json:
        _print_json({**checks.as_json(production, found), "exit_code": code})
    else:
        _say(checks.text(production, found))
    return code


def _nightly(options: Arguments) -> int:
    """Capture, then check, for nobody who looks: nothing is written where this machine is elsewhere."""
    from drboot import nightly

    where = nightly.whereabouts(Root(options.root))
    if where == "away":
        return EXIT_OK
    try:
        night = nightly.pass_one(_production(options, mends=True))
    except DrbootError as error:
        if where == "home":
            problem = error.problems[0]
            nightly.alarm(_seen(options).runner, f"NOT ready for DR: {problem.name}: {problem.what}")
        raise
    if night.text and not options.json:
        _say(night.text)
    if options.json:
        _print_json(night.json)
    return night.exit_code


def _production(options: Arguments, mends: bool = False) -> Production:
    """This machine at its configured site, looked at.  Raises ConfigError, Refused.

    mends  a new capture is about to take the place of the one that is there, whatever that one is
    """
    from drboot import arming, capture, checks
    from drboot.profile.load import load

    root = Root(options.root)
    estate = load(root)
    seen = _seen(options, estate)
    site, host = _home(options, estate, seen)
    told = "what would happen elsewhere cannot be told from here"
    systemid = _demand_home(options, estate, site, "check-elsewhere", told)
    captured: Optional[capture.Capture] = None
    if os.path.lexists(root.path(f"{paths.CAPTURES}/{site}.json")):
        try:
            captured = capture.load(root, site)
        except ConfigError:
            if not mends:
                raise
    before = captured if captured and captured.host == host else None
    rows = {row.site for row in estate.hosts if row.host == host and row.mode == "disaster"}
    others = tuple(estate.sites[name] for name in sorted(rows) if name != site and name in estate.sites)
    stamp = arming.read_stamp(root)
    fresh = capture.take(seen, site, host, systemid, before)
    return checks.Production(seen, estate, estate.sites[site], host, others, stamp, captured, fresh, time.time())


def _demand_home(options: Arguments, estate: Estate, site: str, name: str, so: str) -> str:
    """The systemid.  Raises Refused, by this name and with what follows, where the machine is not at this site."""
    identity = gate.query_identity(Root(options.root).directory, gate.DEADLINE)
    if identity.systemid not in estate.sites[site].systemids:
        raise Refused(
            Problem(
                name,
                f"this machine is not at site {site}: {so}",
                "sys0 systemid",
                identity.why or f"IBM,{identity.systemid} is not one of {site}'s",
                "drboot status",
            )
        )
    return identity.systemid


def _add_status(sub: argparse.ArgumentParser) -> None:
    shout = "say nothing but that a rehearsal runs too long or that the disks are lost, to the error log as well"
    sub.add_argument("--shout", action="store_true", help=shout)


def _alarms(options: Arguments, stamp: Optional[gate.Stamp], decision: gate.Decision) -> Alarms:
    """What has to be said first; nothing at home, where no event has begun."""
    from drboot import alarms

    if stamp is None or not decision.systemid:
        return alarms.NONE
    return alarms.look(Root(options.root), _seen(options), decision.systemid, stamp.arm_id, time.time())


def _shout(options: Arguments) -> int:
    """What cron asks for once an hour: silence while all is well, and always 0, since nobody reads cron's mail."""
    from drboot.runner import command

    alarms = _alarms(options, *_decided(options))
    if alarms.urgent:
        for line in alarms.lines:
            _say(f"drboot: {line}")
        _seen(options).runner.run(command("errlogger", f"drboot: {' '.join(alarms.lines)}"[:1000]))
    return EXIT_OK


def _status(options: Arguments) -> int:
    from drboot import arming
    from drboot.steps.services import listed

    if options.shout:
        return _shout(options)
    stamp, decision = _decided(options)
    alarms = _alarms(options, stamp, decision)
    missing = _not_running(options, stamp, decision)
    if options.json:
        values = stamp.values if stamp else None
        found = {"decision": _decision_dict(decision), "stamp": values, "alarms": alarms.lines}
        _print_json({**found, "subsystems_not_active": missing})
        return decision.exit_code
    lines = _status_lines(options, stamp, decision, alarms)
    if missing:
        lines.append(f"inactive:  {listed(missing)}; at home they ran"[:79])
    entry = arming.entry_state(_seen(options))
    shown = ("live, in its place" if entry.right else "live, but not as shipped") if entry.live else "off or not there"
    _say("\n".join([*lines, f"inittab:   {shown}"]))
    return decision.exit_code


def _not_running(options: Arguments, stamp: Optional[gate.Stamp], decision: gate.Decision) -> Tuple[str, ...]:
    """Subsystems that were active at home, and are not here; none at home, or where nothing tells."""
    from drboot import capture
    from drboot.steps.services import inactive

    if stamp is None or decision.systemid in ("", *stamp.sites.get(stamp.configured_site, ())):
        return ()
    try:
        home = capture.load(Root(options.root), stamp.configured_site)
    except ConfigError:
        return ()
    return inactive(_seen(options), home.subsystems)


def _add_plan(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--site", metavar="SITE", default="", help="plan for this site, wherever this machine is")
    sub.add_argument("-v", "--verbose", action="store_true", help="also what is so already")


def _plan(options: Arguments) -> int:
    from drboot import plan
    from drboot import render as shown
    from drboot.steps.base import Blocked

    site = options.site
    options.site = ""
    stamp, decision = _decided(options)
    site = site or decision.site
    if stamp is None or not site:
        _say("drboot: " + "\ndrboot:   ".join((decision.message, *decision.details)))
        return decision.exit_code
    seen, wanted = _wanted(options, stamp, site)
    assessed = plan.assessed(wanted, seen)
    if options.json:
        _print_json([{"step": s.id, "title": s.title, "answer": type(a).__name__, "text": str(a)} for s, a in assessed])
    else:
        _say(f"drboot: plan for {wanted.host} at {site} ({wanted.mode}){', plan B' if wanted.plan_b else ''}")
        _say(shown.plan(assessed, options.verbose, plan.kept(assessed, seen)))
    return EXIT_UNFINISHED if any(isinstance(answer, Blocked) for _, answer in assessed) else EXIT_OK


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
        raise ConfigError(Problem("no-report", what, paths.RUNS, "", "drboot status"))
    if options.json:
        _print_json(made)
    else:
        _say(report.text(made))
    return EXIT_OK


def _add_undo(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("run", nargs="?", default="", help="id of the last run; default: every run of this event")
    sub.add_argument("--plan", action="store_true", help="only show what would be done")


def _undo(options: Arguments) -> int:
    from drboot import arming, undo
    from drboot import render as shown
    from drboot.events import Console

    root = Root(options.root)
    stamp = arming.read_stamp(root)
    systemid = gate.query_identity(root.directory, stamp.deadline if stamp else gate.DEADLINE).systemid
    if options.plan:
        planned = undo.plan(root, systemid, options.run)
        _say(f"drboot: undo of {', '.join(one.run for one in planned.runs)}")
        _say(shown.plan(undo.assessed(planned, _seen(options))))
        for mark, texts in (
            ("kept", planned.kept), ("LOST", planned.lost), ("replaced", planned.edited(_seen(options)))
        ):  # fmt: skip
            for text in texts:
                _say("\n".join(textwrap.wrap(text, 79, initial_indent=f"  {mark:<13}", subsequent_indent=" " * 15)))
        return EXIT_OK
    _survive_hangup()
    console = Console(1)
    try:
        return undo.run(root, systemid, options.run, None if options.json else console)
    finally:
        console.close()


def _add_import(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("directory", help="where dr_hostname.txt, dr_defgw.txt, dr_en0.txt and dr_inet.txt are")
    sub.add_argument("--site", metavar="SITE", default="dr", help="name of the site that they describe (default: dr)")
    sub.add_argument("--host", metavar="HOST", required=True, help="the production host name")
    sub.add_argument(
        "--systemid", metavar="IBM,...", required=True, action="append", help="the site's; may be repeated"
    )
    sub.add_argument("--nameserver", metavar="IP", default=[], action="append", help="the site's; may be repeated")
    sub.add_argument("--to", metavar="DIR", default="", help="write the files there; default: print them")


def _import(options: Arguments) -> int:
    from drboot import legacy

    found = legacy.read_flat_files(options.directory)
    made = legacy.convert(
        found, options.host, options.site, options.systemid, options.nameserver, _slots(_seen(options))
    )
    if options.to:
        _save_imported(options.to, {f"{options.site}.yaml": made.profile, "hosts.csv": made.table})
    else:
        _say(f"# {options.site}.yaml\n{made.profile}\n# hosts.csv\n{made.table}")
    if made.remarks:
        _complain(render(made.remarks, "note"))
    return EXIT_UNFINISHED if made.remarks else EXIT_OK


def _slots(seen: Seen) -> Dict[str, str]:
    """enN -> slot:Cn of this machine's adapters; empty where lscfg does not answer (the import works anywhere)."""
    from drboot.facts import lscfg

    adapters = seen.or_none(lscfg.ETHERNET_ADAPTERS) or ()
    return {"en" + vpd.name[3:]: f"slot:{vpd.slot}" for vpd in adapters if vpd.slot}


def _save_imported(directory: str, texts: Dict[str, str]) -> None:
    """Write the files; ConfigError, and nothing written, when one is there already or cannot be written."""
    from drboot.files import write_atomic

    for name in texts:
        path = os.path.join(directory, name)
        if os.path.lexists(path):
            raise ConfigError(
                Problem(
                    "import-target-exists", f"{name} is there already", path, "", "name another directory: --to DIR"
                )
            )
    for name, text in texts.items():
        path = os.path.join(directory, name)
        try:
            write_atomic(path, text.encode())
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise ConfigError(
                Problem(
                    "import-not-written", f"{name} cannot be written", path, why, "name another directory: --to DIR"
                )
            ) from error
        _say(f"drboot: wrote {path}")


def _add_runbook(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--site", metavar="SITE", default="", help="what the page is about; default: the only other site")
    sub.add_argument("--html", metavar="FILE", default="", help="write it there as one HTML page")
    sub.add_argument("--capture", metavar="FILE", default="", help="of the machine with this capture, wherever it is")


def _runbook(options: Arguments) -> int:
    from drboot import arming, capture, runbook
    from drboot.profile.load import load
    from drboot.wanted import coming_home, joined

    root = Root(options.root)
    estate = load(root)
    stamp = None if options.capture else arming.read_stamp(root)
    if options.capture:
        captured = capture.read(os.path.abspath(options.capture), "that file", options.capture)
    else:
        home = stamp.configured_site if stamp else _site_of_systemid(estate, _seen(options))
        captured = capture.load(root, home)
    site = options.site or _only_other_site(estate, captured)
    if site not in estate.sites or site == captured.site:
        what = f"there is no other site {site}"
        raise ConfigError(Problem("site-unknown", what, paths.SITES, "", "name one that has a profile: --site SITE"))
    back = stamp is not None and arming.home_of(stamp) == site
    coming = coming_home(root, estate, captured, site) if back else None
    made = runbook.build(
        estate, joined(estate, captured.host, captured, estate.sites[site], "disaster", coming), time.time()
    )
    if options.html:
        _write_page(options.html, runbook.page(made))
    if options.json:
        _print_json(made)
    elif options.html:
        _say(f"drboot: wrote {options.html}")
    else:
        sys.stdout.write(runbook.text(made))
    return EXIT_OK


def _only_other_site(estate: Estate, captured: Capture) -> str:
    """The site that has rows of this host for a disaster, besides the one of the capture.  Raises ConfigError."""
    rows = (row for row in estate.hosts if row.host == captured.host and row.mode == "disaster")
    others = [name for name in dict.fromkeys(row.site for row in rows) if name != captured.site]
    if len(others) != 1:
        what = f"{captured.host} has addresses at {', '.join(others) or 'no site'} besides {captured.site}"
        raise ConfigError(
            Problem("runbook-which-site", what, paths.HOSTS_CSV, "the page is about one site", "name it: --site SITE")
        )
    return others[0]


def _write_page(path: str, text: str) -> None:
    from drboot.files import write_atomic

    try:
        write_atomic(os.path.abspath(path), text.encode("ascii", "xmlcharrefreplace"), 0o644)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise ConfigError(
            Problem("runbook-not-written", "the page cannot be written", path, why, "name another file: --html FILE")
        ) from error


def _add_support(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--output", metavar="DIR", default="", help=f"write it there; default: {paths.SUPPORT}")


def _support(options: Arguments) -> int:
    """0: all of it is there.  4: some commands failed, or files could not be read; the rest is there."""
    from drboot import support

    made = support.make(_seen(options).runner, options.output)
    code = EXIT_UNFINISHED if made.failed else EXIT_OK
    if options.json:
        items = [{"name": i.name, "state": i.state, "note": i.note, "bytes": len(i.data)} for i in made.items]
        _print_json({"path": made.path, "bytes": made.size, "secrets": made.secrets, "exit_code": code, "items": items})
        return code
    for item in made.failed:
        _complain(f"drboot: not complete: {item.name}: {item.note}")
    _say(f"drboot: {made.path}")
    _say(f"drboot: {len(made.items)} items, {made.size} bytes; {support.CONTENTS} in it says what each one is")
    _say(f"drboot: {made.secrets} secrets were left out; read it before you send it, as with")
    _say(f"drboot: gzip -dc {made.path} | tar -tvf -")
    return code


VERBS: Tuple[Verb, ...] = (
    Verb("capture", "record what this machine looks like at home", _add_home, _capture),
    Verb("check", "would DR work tonight? what is wrong, and the cure", _add_check, _check),
    Verb("arm", "let the next boot at another site act", _add_arm, _arm),
    Verb("disarm", "let no boot act", _add_disarm, _disarm),
    Verb("status", "where things stand", _add_status, _status),
    Verb("plan", "what an apply would do, step by step", _add_plan, _plan),
    Verb("report", "what the last run did", _add_report, _report),
    Verb("undo", "bring back what the runs of this event changed", _add_undo, _undo),
    Verb("runbook", "one page: what is done at the other site, and how by hand", _add_runbook, _runbook),
    Verb("import", "read the old scripts' flat files into a profile", _add_import, _import),
    Verb("support", "collect what a helper from afar asks for, without secrets", _add_support, _support),
)
