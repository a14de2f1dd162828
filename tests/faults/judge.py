"""What a run under a fault must be like: the promises of docs/robustness.md, each a function that names its breaches.

Nothing here knows what a run ended in before: a verdict follows from the machine, the report and tests/faults/rules.py.
"""

from __future__ import annotations

import os
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from tests.faults.bed import REBOOT, Run
from tests.faults.forms import Form
from tests.faults.rules import LEFT_RUNNING, STEPS_OF, Rule, costs_nothing

GOOD = ("done", "changed")
OUTCOME_OF = {0: "complete", 4: "unfinished", 6: "unfinished", REBOOT: "reboot"}
LONG_WORD = 60  # a word that is longer stays whole on the console, so that it can be copied
# A reading command that does this has given an answer that may be true: what is named is what does not follow from it.
PLAUSIBLE = ("empty", "partial", "lies")
NEEDED = re.compile(r"^it needs (\S+), which ")
FENCE = "fence/addresses"
# Where a run is not complete, drboot's own entry stays live.
OWN_ENTRY = "inittab drboot:"


class Fault(NamedTuple):
    """kind is a column of the table; once: the first such command is hit, otherwise every one."""

    form: Form
    kind: str
    once: bool

    def __str__(self) -> str:
        return f"{self.form} {self.kind}{' once' if self.once else ''}"


class After(NamedTuple):
    """The machine after the runs of one recovery.

    differences   part -> what is not as expected
    foreign       addresses of other sites that are on the wire
    as_it_woke    nothing was changed
    commands      every command since it woke, as typed
    """

    armed: bool
    entry_is_live: bool
    differences: Dict[str, List[str]]
    foreign: List[str]
    as_it_woke: bool
    commands: List[str]


def breaches(fault: Fault, rule: Rule, runs: List[Run], after: After) -> Iterator[str]:
    """Everything that this recovery, with the fault in it, did not keep."""
    for run in runs:
        yield from _well_told(run)
    code, report = runs[-1].code, runs[-1].report
    if code == REBOOT:
        yield f"{len(runs)} runs, and each asked for another reboot"
        return
    if code not in (0, 3, 4):
        yield f"exit {code}"
        return
    if (code == 3) > rule.refuses:
        yield "exit 3, although the machine could be told"
    if code != 0 and costs_nothing(rule, fault.kind, fault.once, fault.form.reads):
        yield f"exit {code} for a fault that costs nothing: {_reasons(report)}"
    resets = [line for line in after.commands if line.startswith("shutdown")]
    if len(resets) > 1:
        yield f"{len(resets)} reboots were asked for"
    yield from {0: _complete, 3: _refused, 4: _unfinished}[code](fault, rule, runs, after)


def _well_told(run: Run) -> Iterator[str]:
    """No traceback, no bug, a whole journal, a report that says what the exit code says, lines fit for a console."""
    for line in run.said.splitlines():
        if "Traceback" in line or "internal error" in line:
            yield f"the console shows: {line}"
        too_long = len(line) > 80 and len(line.split()[-1]) < LONG_WORD
        if too_long or not line.isascii() or not line.isprintable():
            yield f"not fit for a console: {line!r}"
    if run.code in (2, 3) and not run.report:
        return
    yield from (f"a bug: {event['traceback'].splitlines()[-1]}" for event in run.events if event["event"] == "bug")
    if len(run.events) != run.lines or not run.lines:
        yield f"the journal has {run.lines} lines, of which {len(run.events)} are whole"
    if (run.report.get("exit_code"), run.report.get("outcome")) != (run.code, OUTCOME_OF.get(run.code)):
        yield f"exit {run.code}, but the report says {run.report.get('exit_code')}, {run.report.get('outcome')}"
    yield from (f"{p['name']}: {p['why']}" for p in run.report.get("problems", []) if p["name"] == "internal-error")


def _complete(fault: Fault, rule: Rule, runs: List[Run], after: After) -> Iterator[str]:
    """Exit 0: the machine is as expected, and disarmed."""
    told = _text(runs[-1].report)
    for part, lines in after.differences.items():
        for line in lines:
            if not (_is_allowed(line, told)):
                yield f"exit 0, but {part}: {line}"
    if after.armed:
        yield "exit 0, but still armed"
    if after.foreign:
        yield f"exit 0, but {', '.join(after.foreign)} is on the wire"
    yield from _steps_tell(runs[-1].report, after)


def _refused(fault: Fault, rule: Rule, runs: List[Run], after: After) -> Iterator[str]:
    """Exit 3: nothing was done at all."""
    if not after.as_it_woke:
        yield "exit 3, but something was changed"
    if not after.armed:
        yield "exit 3, and no longer armed"


def _unfinished(fault: Fault, rule: Rule, runs: List[Run], after: After) -> Iterator[str]:
    """Exit 4: still armed, the thing is named, the rest is done, no further reset, nothing of home on the wire."""
    report = runs[-1].report
    if not report:
        yield "exit 4 without a report"
        return
    if not after.armed or not after.entry_is_live:
        yield f"exit 4, and {'the entry is off' if after.armed else 'no longer armed'}"
    program = os.path.basename(fault.form.program)
    for what, text in (("report", _text(report)), ("console", runs[-1].said)):
        if program not in text and fault.kind not in PLAUSIBLE:
            yield f"exit 4, and the {what} does not name {program}"
    if "still armed" not in " ".join(runs[-1].said.replace("drboot:", " ").split()):
        yield "exit 4, and the console does not say that it is still armed"
    if not any(step["outcome"] not in GOOD for step in report["steps"]) and not report["problems"]:
        yield "exit 4 without a reason"
    if rule.holds and fault.kind in LEFT_RUNNING:
        yield from _held(rule, report)
        return
    for part, lines in after.differences.items():
        lines = [line for line in lines if not line.startswith(OWN_ENTRY)]
        harmed = rule.harms | (rule.locks if fault.kind in LEFT_RUNNING else frozenset())
        if lines and part not in harmed:
            yield f"{part} has nothing to do with it: {lines[0]}"
    bad = {step["step"] for step in report["steps"] if step["outcome"] not in GOOD}
    if after.foreign and not (rule.fences and FENCE in bad):
        yield f"{', '.join(after.foreign)} is on the wire"
    yield from _steps_tell(report, after)


def _held(rule: Rule, report: Dict[str, Any]) -> Iterator[str]:
    """Nothing was begun beside what still runs, and that is said."""
    if rule.holds not in [problem["name"] for problem in report["problems"]]:
        yield f"exit 4 beside what still runs, and no {rule.holds}"
    if report["steps"]:
        yield f"{report['steps'][0]['step']} was begun beside what still runs"


def _is_allowed(line: str, told: str) -> bool:
    """Whether a run may be complete with this: it is said, and the machine serves as it is.

    The stamp is the commit point of a recovery: an entry that stays live is set to off by the next boot's gate.  A
    volume group with another major number is up; clients of its NFS exports mount anew (scenario F32).
    """
    return ("inittab drboot:" in line and "inittab" in told) or ("major number" in line and "tried instead" in told)


def _steps_tell(report: Dict[str, Any], after: After) -> Iterator[str]:
    """Every part that is not as it must be is the fault of a step that says so."""
    outcomes = {step["step"]: step["outcome"] for step in report["steps"]}
    bad = [step for step, outcome in outcomes.items() if outcome not in GOOD]
    for step in report["steps"]:
        needed = NEEDED.search((step["problem"] or {}).get("why", ""))
        if needed and outcomes.get(needed.group(1)) in GOOD:
            yield f"{step['step']} is blocked by {needed.group(1)}, which is {outcomes[needed.group(1)]}"
    told = _text(report)
    for part, lines in after.differences.items():
        wrong = [line for line in lines if not line.startswith(OWN_ENTRY) and not _is_allowed(line, told)]
        if wrong and not any(step.startswith(STEPS_OF[part]) for step in bad):
            yield f"no step of {part} failed, and yet: {wrong[0]}"


def repaired(runs: List[Run], after: After) -> Iterator[str]:
    """With the fault gone, one more apply (or the next boot) has brought the machine to where it must be."""
    if runs and runs[-1].code != 0:
        yield f"without the fault, exit {[run.code for run in runs]}: {_reasons(runs[-1].report)}"
    for part, lines in after.differences.items():
        yield f"without the fault, still {part}: {lines[0]}"
    if after.armed or after.entry_is_live:
        yield "without the fault, still armed" if after.armed else "without the fault, the entry is still live"


def _text(report: Dict[str, Any]) -> str:
    """All that the report says."""
    parts: List[str] = [word for problem in report.get("problems", []) for word in problem.values()]
    for step in report.get("steps", []):
        parts += [*(step["problem"] or {}).values(), *step["warnings"], *step["actions"]]
    return "\n".join([*parts, *report.get("notes", [])])


def _reasons(report: Dict[str, Any]) -> str:
    found: List[Tuple[str, str]] = [(p["name"], p["what"]) for p in report.get("problems", [])]
    return "; ".join(f"{name}: {what}" for name, what in found[:2]) or "no reason given"
