"""``drboot status``: where things stand; with --shout, what somebody has to act on."""

from __future__ import annotations

import argparse
import textwrap
import time
from typing import TYPE_CHECKING, Any, Dict, List, Optional, Tuple

from drboot import __version__, gate
from drboot.errors import EXIT_OK, ConfigError
from drboot.paths import Root
from drboot.verbs.base import Arguments, Verb, decided, print_json, say, seen_by

if TYPE_CHECKING:
    from drboot.alarms import Alarms


def _few(lines: Tuple[str, ...]) -> Tuple[str, ...]:
    """No more than leave room for the rest: the first ones say it, the last ones say what must not be done."""
    return lines if len(lines) <= 8 else (*lines[:5], f"  ... {len(lines) - 7} more lines", *lines[-2:])


def _labelled(label: str, text: str, hang: int = 0) -> List[str]:
    """The text behind its label, on as many lines as it takes."""
    margin = " " * (11 + hang)
    return textwrap.wrap(text, 79, initial_indent=f"{label:<11}", subsequent_indent=margin, break_long_words=False)


def status_lines(options: Arguments, stamp: Optional[gate.Stamp], decision: gate.Decision, alarms: Alarms) -> List[str]:
    from drboot import report

    lines = [f"drboot {__version__}"]
    if stamp is not None:
        lines.append(f"host:      {stamp.host}, configured for site {stamp.configured_site}")
        lines.append(f"stamp:     {stamp.phase}, arm_id {stamp.arm_id}")
    else:
        lines.append("stamp:     none")
    lines.append(f"systemid:  {'IBM,' + decision.systemid if decision.systemid else 'not asked or not readable'}")
    lines.extend(_labelled("decision:", decision.message))
    for line in decision.details:
        lines.extend(_labelled("", line, 6))
    lines[1:1] = [f"*** {line}"[:79] for line in _few(alarms.lines)]
    runs = report.runs(Root(options.root))
    if runs:
        last = report.read(Root(options.root), runs[-1])
        lines.append(f"last run:  {runs[-1]}")
        if last is None:
            lines.extend(_labelled("", f"no report: {report.why_none(Root(options.root), runs[-1])}"))
        else:
            lines.extend(_labelled("", report.headline(last)))
            lines.extend(_labelled("", "why, and what to do: drboot report") if report.following(last) else [])
    return lines


def as_json(decision: gate.Decision) -> Dict[str, Any]:
    return {name: getattr(decision, name) for name in gate.Decision.__slots__}


def _add_status(sub: argparse.ArgumentParser) -> None:
    shout = "say nothing but that a rehearsal runs too long or that the disks are lost, to the error log as well"
    sub.add_argument("--shout", action="store_true", help=shout)


def alarms_of(options: Arguments, stamp: Optional[gate.Stamp], decision: gate.Decision) -> Alarms:
    """What has to be said first; nothing at home, where no event has begun."""
    from drboot import alarms

    if stamp is None or not decision.systemid:
        return alarms.NONE
    return alarms.look(Root(options.root), seen_by(options), decision.systemid, stamp.arm_id, time.time())


def _shout(options: Arguments) -> int:
    """What cron asks for once an hour: silence while all is well, and always 0, since nobody reads cron's mail."""
    from drboot.runner import command

    alarms = alarms_of(options, *decided(options))
    if alarms.urgent:
        for line in alarms.lines:
            say(f"drboot: {line}")
        seen_by(options).runner.run(command("errlogger", f"drboot: {' '.join(alarms.lines)}"[:1000]))
    return EXIT_OK


def _status(options: Arguments) -> int:
    from drboot import arming
    from drboot.steps.services import listed

    if options.shout:
        return _shout(options)
    stamp, decision = decided(options)
    alarms = alarms_of(options, stamp, decision)
    missing = _not_running(options, stamp, decision)
    if options.json:
        values = stamp.values if stamp else None
        found = {"decision": as_json(decision), "stamp": values, "alarms": alarms.lines}
        print_json({**found, "subsystems_not_active": missing})
        return decision.exit_code
    lines = status_lines(options, stamp, decision, alarms)
    if missing:
        lines.append(f"inactive:  {listed(missing)}; at home they ran"[:79])
    entry = arming.entry_state(seen_by(options))
    shown = ("live, in its place" if entry.right else "live, but not as shipped") if entry.live else "off or not there"
    say("\n".join([*lines, f"inittab:   {shown}"]))
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
    return inactive(seen_by(options), home.subsystems)


VERB = Verb("status", "where things stand", _add_status, _status)
