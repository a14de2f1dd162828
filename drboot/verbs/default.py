"""``drboot`` without a verb: where things stand and what would be done; with --apply, doing it."""

from __future__ import annotations

from drboot.errors import ConfigError, DrbootError, Problem, Refused
from drboot.paths import Root
from drboot.verbs.base import Arguments, decided, print_json, say, seen_by, wanted_at
from drboot.verbs.status import alarms_of, as_json, status_lines


def default(options: Arguments) -> int:
    if options.apply:
        return _apply(options)
    if options.site or options.rehearsal or options.accept_systemid:
        raise ConfigError(
            Problem("usage", "--site, --rehearsal and --accept-systemid go with --apply", "", "", "drboot --help")
        )
    return _overview(options)


def _apply(options: Arguments) -> int:
    from drboot import arming, boot, interrupt

    stamp, decision = decided(options)
    if decision.action != "act" or stamp is None:
        say("drboot: " + "\ndrboot:   ".join((decision.message, *decision.details)))
        if stamp is not None and stamp.phase == "disarmed" and arming.entry_off_if_disarmed(seen_by(options).runner):
            say("drboot: the inittab entry was still live beside a disarmed stamp: it is off now")
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
        wanted = wanted_at(options, stamp, decision.site)[1]
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
    with interrupt.listening() as stop:
        return boot.run(Root(options.root).directory, stamp, decision, by="operator", stop=stop)


def _overview(options: Arguments) -> int:
    """Where things stand, within 24 lines of 80 columns, and the next command."""
    from drboot import plan
    from drboot import render as shown

    stamp, decision = decided(options)
    alarms = alarms_of(options, stamp, decision)
    lines = status_lines(options, stamp, decision, alarms)
    code, following = decision.exit_code, "drboot status"
    if decision.action == "act" and stamp is not None:
        try:
            seen, wanted = wanted_at(options, stamp, decision.site)
            assessed = plan.assessed(wanted, seen)
        except DrbootError as error:
            say("\n".join(lines))
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
        print_json(as_json(decision))
        return code
    say("\n".join([*lines, f"next:      {following}"]))
    return code
