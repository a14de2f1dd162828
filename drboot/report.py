"""What happened, for people and programs: runs/ID/report.json, report.html and the summary text."""

from __future__ import annotations

import calendar
import html
import json
import os
import string
import textwrap
import time
from typing import Any, Callable, Dict, List, Mapping, Optional

from drboot import files, lock, paths
from drboot.errors import few, render
from drboot.paths import Root
from drboot.profile.trust import read_record
from drboot.untried import gathered

_STAMP = "%Y%m%dT%H%M%SZ"
_UNDER = " " * 14  # below a step
MOST_TITLES = 4  # of steps that wait for one, on the console
WORDS = {"done": "so already", "changed": "changed", "failed": "FAILED", "blocked": "BLOCKED"}


def write(root: Root, report: Mapping[str, Any]) -> Optional[str]:
    """Write both files; returns why they could not be written, or None."""
    directory = root.path(f"{paths.RUNS}/{report['run']}")
    try:
        files.make_own_directory(directory)
        files.write_atomic(
            os.path.join(directory, "report.json"), (json.dumps(report, indent=1) + "\n").encode(), 0o600
        )
        files.write_atomic(
            os.path.join(directory, "report.html"), page(report).encode("ascii", "xmlcharrefreplace"), 0o600
        )
    except OSError as error:
        return str(error)
    return None


def keep_bug(root: Root, traceback: str) -> str:
    """Keep the traceback of a bug where support looks.  Returns the file, or "" where it cannot be written."""
    path = root.path(paths.LAST_BUG)
    try:
        files.make_own_directory(os.path.dirname(path))
        files.write_atomic(path, traceback.encode("utf-8", "surrogateescape"), 0o600)
    except OSError:
        return ""
    return path


def runs(root: Root) -> List[str]:
    """Ids of the runs that this machine keeps, oldest first."""
    try:
        return sorted(name for name in os.listdir(root.path(paths.RUNS)) if not name.startswith("."))
    except OSError:
        return []


def new_run(root: Root, started: float, kind: str = "") -> str:
    """An id that sorts behind those of all runs before: its time and the process id.

    Undo goes by that order, and the clock cannot be trusted with it: one that was set back, or starts anew at each
    boot, would put the later run first.  Then the id is a second later than the newest there is.

    kind  ``-undo``, for people
    """
    newest = max((_second(run) for run in runs(root)), default=0)
    return time.strftime(_STAMP, time.gmtime(max(int(started), newest + 1))) + f"-{os.getpid()}{kind}"


def _second(run: str) -> int:
    """When a run began by its id, in seconds since 1970; 0 for a directory that is no run's."""
    try:
        return calendar.timegm(time.strptime(run.partition("-")[0], _STAMP))
    except ValueError:
        return 0


def read(root: Root, run: str) -> Optional[Dict[str, Any]]:
    """The report of a run; None when it wrote none, or a damaged one.

    Raises ConfigError where somebody else could have written it.
    """
    try:
        value = json.loads(read_record(root.path(f"{paths.RUNS}/{run}/report.json")) or b"")
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def why_none(root: Root, run: str) -> str:
    """Why a run has no report (yet), as far as can be told.  Its id has the process that made it, as the lock has."""
    pid = run.split("-")[1] if run.count("-") else ""
    if pid in lock.signed(root):
        return f"it is running, as process {pid}"
    return "it was interrupted, or there was no room in /var"


def counts(report: Mapping[str, Any]) -> Dict[str, int]:
    """How many steps had each outcome."""
    found = dict.fromkeys(WORDS, 0)
    for step in report["steps"]:
        found[step["outcome"]] += 1
    return found


def headline(report: Mapping[str, Any]) -> str:
    """The one line for console, error log and syslog."""
    if report["outcome"] == "reboot":
        return f"{report['host']} reboots once for the device reset at site {report['site']}"
    where = f"{report['host']} at site {report['site']} ({report['mode']})"
    if report.get("undoes"):
        verdict = "is as it was before" if report["outcome"] == "undone" else "is NOT as it was before"
        return f"{where} {verdict} {', '.join(report['undoes'])}, {report['seconds']:.0f} s"
    verdict = "is up and verified" if report["outcome"] == "complete" else "is NOT complete, still armed"
    found = counts(report)
    said = [f"{number} {WORDS[outcome]}" for outcome, number in found.items() if number] or ["no step was begun"]
    return f"{where} {verdict}: {', '.join(said)}, {report['seconds']:.0f} s"


def following(report: Mapping[str, Any]) -> str:
    """What is to be done next, below all that is wrong; "" where nothing is."""
    again = {"unfinished": "drboot --apply, or the next boot,", "not-undone": "drboot undo"}.get(report["outcome"])
    if again is None:
        return ""
    return f"do what is said above; {again} then goes on" if gathered(report)[0] else f"{again} goes on from here"


def tell(say: Callable[..., None], report: Mapping[str, Any], unwritten: str = "") -> None:
    """The end of a run on the console: what is wrong, and below it, where it does not scroll away, the verdict.

    say        ``events.pipeline``
    unwritten  why there is no report of it to be read later
    """
    problems, untried = gathered(report)
    for problem in problems:
        say("problem", problem=problem._asdict())
    for one in untried:
        say("say", text=one.line(MOST_TITLES))
    say("say", text=headline(report))
    next_ = following(report)
    if next_:
        say("say", text=f"next: {next_}")
    if unwritten:
        say("say", text=f"the report cannot be written: {unwritten}")
    elif report["outcome"] != "reboot":
        say("say", text=f"report: drboot report, or {paths.RUNS}/{report['run']}/report.html")


def recovery_time(promised: float, took: float) -> List[str]:
    """What was promised against what was needed, in seconds; [] where the profile promises nothing."""
    if not promised:
        return []
    verdict = "within" if took <= promised else "NOT within"
    return [
        f"Recovery time: {clock(took)} since drboot began, {verdict} the {clock(promised)} that are promised. Outside "
        "drboot, and not in it: the decision, the storage, the LPAR's activation and its boot up to drboot, the start "
        "of the applications, and how long DNS answers are kept elsewhere (TTL)."
    ]


def clock(seconds: float) -> str:
    """``1:02:03``, hours and minutes and seconds."""
    whole = round(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02d}:{whole % 60:02d}"


def licence(name: str, tied_to: str) -> str:
    """A licence that the profile lists, for the report."""
    return f"Licence to look after: {name}" + (f" ({tied_to})." if tied_to else ".")


def text(report: Mapping[str, Any]) -> str:
    """The report as an administrator reads it on a console, plain ASCII."""
    lines = [*textwrap.wrap(headline(report), 79), ""]
    for step in report["steps"]:
        lines.append(f"  {WORDS[step['outcome']]:<11} {step['title']}"[:79])
        if step["outcome"] in ("done", "changed") and step["evidence"]:
            lines.append(f"              {step['evidence']}"[:79])
        if step["outcome"] == "changed" and step.get("found"):
            lines.extend(textwrap.wrap(f"was: {step['found']}", 79, initial_indent=_UNDER, subsequent_indent=_UNDER))
        lines.extend(f"              warning: {warning}"[:79] for warning in few(step["warnings"]))
    problems, untried = gathered(report)
    for problem in problems:
        lines.extend(["", render([problem])])
    for one in untried:
        lines.extend(["", *textwrap.wrap(one.line(), 79)])
    for note in report["notes"]:
        lines.extend(["", *textwrap.wrap(note, 79)])
    for line in report.get("failback", ()):
        lines.extend(["", *textwrap.wrap(f"At failback: {line}", 79)])
    next_ = following(report)
    if next_:
        lines.extend(["", f"next:    {next_}"])
    lines.extend(["", f"run:     {report['run']}", f"journal: {paths.RUNS}/{report['run']}/journal.jsonl"])
    return "\n".join(lines)


# Of every page that drboot makes.
STYLE = """\
body { font: 15px/1.45 system-ui, sans-serif; max-width: 64em; margin: 2em auto; padding: 0 1em; color: #1b1f24; }
h1 { font-size: 1.35em; } h2 { font-size: 1.1em; margin-top: 2em; }
table { border-collapse: collapse; width: 100%; }
td, th { text-align: left; vertical-align: top; padding: .3em .7em .3em 0; border-bottom: 1px solid #d8dee4; }
td.n { text-align: right; white-space: nowrap; }
.facts { width: auto; } .outcome { white-space: nowrap; }
.failed, .blocked { color: #b42318; font-weight: 600; } .changed { color: #1a7f37; } .done { color: #57606a; }
pre { background: #f6f8fa; padding: .8em; overflow-x: auto; } .small { color: #57606a; font-size: .9em; }"""

_PAGE = string.Template("""<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>drboot: $title</title>
<style>
$style
</style></head><body>
<h1>$title</h1>
<table class="facts">$facts</table>
$problems
<h2>Steps</h2>
<table><tr><th>Step</th><th>Outcome</th><th>Evidence</th><th>Seconds</th></tr>
$steps
</table>
$notes
<p class="small">Made by drboot. The journal of this run lies beside this file.</p>
</body></html>
""")


def page(report: Mapping[str, Any]) -> str:
    """The report as one self-contained page."""

    def row(*cells: str) -> str:
        return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"

    esc = html.escape
    facts = "".join(
        row(f"<b>{label}</b>", esc(str(report[key])))
        for label, key in (
            ("Host", "host"), ("Site", "site"), ("Mode", "mode"), ("systemid", "systemid"), ("Run", "run"),
            ("Started by", "by"), ("Started", "started"), ("Seconds", "seconds"), ("Path", "path"),
        )
    )  # fmt: skip
    steps = []
    for step in report["steps"]:
        detail = esc(step["evidence"])
        if step["problem"]:
            detail = f"{esc(step['problem']['name'])}: {esc(step['problem']['why'] or step['problem']['what'])}"
        if step.get("found"):
            detail += f"<br>was: {esc(step['found'])}"
        detail += "".join(f"<br>warning: {esc(warning)}" for warning in few(step["warnings"]))
        detail += "".join(f"<br><code>{esc(action)}</code>" for action in few(step["actions"]))
        outcome = f'<span class="{step["outcome"]}">{WORDS[step["outcome"]]}</span>'
        steps.append(
            f"<tr><td>{esc(step['title'])}</td><td class='outcome'>{outcome}</td><td>{detail}</td>"
            f'<td class="n">{step["seconds"]:.1f}</td></tr>'
        )
    problems = ""
    told, untried = gathered(report)
    if told or untried:
        wrong = [render([problem]) for problem in told] + [textwrap.fill(one.line(), 79) for one in untried]
        wrong += [f"next: {next_}" for next_ in (following(report),) if next_]
        problems = "<h2>What is wrong, and what to do</h2><pre>" + esc("\n\n".join(wrong)) + "</pre>"
    notes = "".join(f"<p>{esc(note)}</p>" for note in report["notes"])
    if report.get("failback"):
        notes += "<h2>At failback</h2>" + "".join(f"<p>{esc(line)}</p>" for line in report["failback"])
    return _PAGE.substitute(
        style=STYLE, title=esc(headline(report)), facts=facts, problems=problems, steps="\n".join(steps), notes=notes
    )
