"""One night of ``drboot check --nightly``: capture, then check; cron runs it, and nobody looks.

Silent while all is well.  Where something is wrong, what ``drboot check`` says goes to standard output, which cron
mails to root, and one line of it to the error log (errlogger).  Either way it stands in /var/adm/drboot/nightly until
the next night, with what has changed since the capture before.

Root's crontab travels with the replica, so this runs at DR as well, every night: there it writes nothing, and says
nothing until the recovery is over; then that nobody protects this machine any more.
"""

from __future__ import annotations

import os
import time
from dataclasses import replace
from typing import Any, Dict, List, NamedTuple

from drboot import capture, checks, files, gate, paths, state
from drboot.checks import Production
from drboot.checks.capture import since
from drboot.errors import EXIT_OK, EXIT_UNFINISHED, DrbootError, Problem, Refused, few
from drboot.paths import Root
from drboot.runner import Runner, command
from drboot.steps.base import counted

RECORD = paths.VAR + "/nightly"
LONGEST = 1000  # errlogger takes 1,024 bytes (aix/boot-and-devices.md section 19)


class Night(NamedTuple):
    """text: what is to be said, "" for nothing."""

    exit_code: int
    text: str
    json: Dict[str, Any]


def whereabouts(root: Root) -> str:
    """``home``: the stamp's site; ``away``: another one that it names; "" where that cannot be told.

    Raises Refused where a recovery has come to its end at that other site: the machine works here now, nobody captures
    it, and silence would pass for a good night.
    """
    try:
        stamp = gate.read_stamp(root.directory)
    except gate.StampDamaged:
        return ""
    if stamp is None:
        return ""
    systemid = gate.query_identity(root.directory, stamp.deadline).systemid
    owners = [site for site, ids in stamp.sites.items() if systemid in ids] if systemid else []
    if not owners:
        return ""
    if owners == [stamp.configured_site]:
        return "home"
    is_over = stamp.phase == "disarmed" and stamp.event == f"{systemid}/{stamp.arm_id}"
    if is_over and state.load(root, systemid, stamp.arm_id).mode != "rehearsal":  # which has an alarm of its own
        here, home = owners[0], stamp.configured_site
        raise Refused(
            Problem(
                "nightly-elsewhere",
                f"{stamp.host} works at {here} now, and nothing captures or checks it at night",
                "sys0 systemid",
                f"it has come up at {here}, and is configured for {home}",
                f"if it is to stay: drboot capture --site {here}, drboot arm --site {here} --nightly",
            )
        )
    return "away"


def pass_one(production: Production) -> Night:
    """Capture and check this machine, which is at its site."""
    root, fresh = production.seen.root, production.fresh
    changes = [str(difference) for difference in since(production)]
    trouble = ""
    try:
        capture.save(root, fresh)
        production = replace(production, capture=fresh)
    except DrbootError as error:
        trouble = f"drboot: {error.problems[0].what}: {error.problems[0].why}"
    found = checks.findings(production)
    is_well = checks.is_ready(found) and not trouble
    lines = [checks.text(production, found), *([trouble] if trouble else [])]
    shown = {
        **checks.as_json(production, found),
        "changed": changes,
        "exit_code": EXIT_OK if is_well else EXIT_UNFINISHED,
    }
    trouble = trouble or _recorded(root, production.now, lines, changes)
    if not is_well or trouble:
        names = ", ".join(finding.problem.name for finding in found if finding.is_error)
        alarm(production.seen.runner, " ".join(filter(None, (checks.verdict(production, found), names, trouble))))
        return Night(EXIT_UNFINISHED, "\n".join(lines), {**shown, "exit_code": EXIT_UNFINISHED})
    return Night(EXIT_OK, "", shown)


def _recorded(root: Root, now: float, lines: List[str], changes: List[str]) -> str:
    """The record of this night is written; why not, where it is not."""
    head = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now))
    many = counted(len(changes), "change", "changes")
    changed = [f"{many} since the capture before:", *few(changes)] if changes else []
    text = "\n".join([head, *lines, *changed]) + "\n"
    try:
        files.make_own_directory(root.path(paths.VAR))
        files.write_atomic(root.path(RECORD), text.encode("utf-8", "replace"), 0o600)
    except OSError as error:
        return f"drboot: {RECORD} cannot be written: {os.strerror(error.errno or 0)}"
    return ""


def alarm(runner: Runner, text: str) -> None:
    """One line in the error log, where whoever watches machines looks."""
    runner.run(command("errlogger", (text if text.startswith("drboot") else f"drboot: {text}")[:LONGEST]))
