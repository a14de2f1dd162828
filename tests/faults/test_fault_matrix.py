"""A part of the fault matrix in every test run, and whether the matrix would notice what it is there for.

``make faults`` runs all of it: every estate, every command, every fault, once and for ever.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Callable, Dict, List

import pytest

from drboot import report
from drboot.seen import Seen
from drboot.sim.faults import pick
from drboot.steps.base import Done
from drboot.steps.device_flags import FlagOff
from tests.faults import __main__ as command_line
from tests.faults import judge, matrix
from tests.faults.bed import Bed, Run
from tests.faults.forms import Shapes
from tests.faults.judge import After, Fault
from tests.faults.matrix import Verdict
from tests.faults.rules import KINDS, PARTS, RULES, STEPS_OF, Rule, rule_for

SEVEN = ("fails", "hangs", "garbage", "empty", "noise", "slow", "partial")
Record = Callable[[str, object], None]
# One fault in so many, of the estates that are not run whole; no divisor of the number of faults that a command has,
# so that the sample moves through commands and kinds alike.
SAMPLE = {"bank": 131, **dict.fromkeys((v for v in matrix.ALL if v.startswith("clouddev")), 71)}


def check(record_property: Record, verdicts: List[Verdict]) -> None:
    record_property("faults", json.dumps(verdicts))
    assert verdicts
    text, kept = matrix.summary(verdicts)
    assert kept, text


@pytest.mark.parametrize("part", [0, 1])
def test_small_with_a_fault_in_every_command(tmp_path: Path, record_property: Record, part: int) -> None:
    bed = Bed(tmp_path / "estate", "small")
    chosen = [fault for fault in matrix.faults(bed, SEVEN) if not fault.once][::3]
    assert {fault.form for fault in chosen} == set(bed.forms)
    check(record_property, [matrix.strike(bed, fault) for fault in chosen[part::2]])


@pytest.mark.parametrize("variant", SAMPLE)
def test_a_sample_of_the_other_estates(tmp_path: Path, record_property: Record, variant: str) -> None:
    bed = Bed(tmp_path / "estate", variant)
    check(record_property, [matrix.strike(bed, fault) for fault in matrix.faults(bed)[:: SAMPLE[variant]]])


def test_the_rules_say_what_every_command_of_fullhouse_is_for(tmp_path: Path) -> None:
    """Its matrix is not sampled here; whoever runs it is to find a rule for each."""
    forms = Bed(tmp_path / "estate", "fullhouse").forms
    assert len(forms) > 100
    for form in forms:
        rule_for(str(form))


# -- the matrix would notice


@pytest.fixture
def bed(tmp_path: Path) -> Bed:
    return Bed(tmp_path / "estate", "small")


def struck(bed: Bed, form: str, kind: str, once: bool = False) -> Verdict:
    [chosen] = [one for one in bed.forms if str(one) == form]
    return matrix.strike(bed, Fault(chosen, kind, once))


def test_a_report_that_is_not_written_is_noticed(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report, "write", lambda root, made: None)
    verdict = struck(bed, "varyonvg VG", "fails")
    assert any("but the report says None" in text for text in verdict.breaches), verdict


def test_a_step_that_is_believed_without_looking_is_noticed(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    looked: List[int] = []
    honest = FlagOff.assess

    def once(step: FlagOff, seen: Seen) -> Any:
        looked.append(1)
        return honest(step, seen) if len(looked) < 3 else Done("as if")

    monkeypatch.setattr(FlagOff, "assess", once)
    verdict = struck(bed, "chdev -l sys0 -a ghostdev=0", "lies")
    assert "exit 0, but flags: sys0 ghostdev: is '1', expected '0'" in verdict.breaches


def test_a_bug_in_a_step_is_noticed(bed: Bed, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(step: FlagOff, seen: Seen) -> Any:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(FlagOff, "assess", broken)
    verdict = struck(bed, "varyonvg VG", "fails")
    assert any("a bug: ZeroDivisionError" in text for text in verdict.breaches), verdict


def test_a_command_that_no_rule_names_is_noticed(bed: Bed) -> None:
    unknown = Shapes(bed.estate.expected).form(("/usr/sbin/mirrorvg", "datavg"), False)
    verdict = matrix.strike(bed, Fault(unknown, "fails", True))
    assert verdict.breaches == ("tests/faults/rules.py does not say what this command is for",)


AFTER = After(True, True, {}, [], False, [])
STEP = {"step": "volume_groups/datavg/varyon", "outcome": "failed", "problem": None, "warnings": [], "actions": []}
PROBLEM = {"name": "command-failed", "what": "varyonvg datavg", "where": "", "why": "exit status 1", "next": ""}
EVENTS = [{"event": "run"}]
SAID = "drboot: varyonvg datavg ... FAILED\ndrboot: still\ndrboot: armed\n"


def unfinished(**changed: Any) -> Run:
    made = {"exit_code": 4, "outcome": "unfinished", "steps": [STEP], "problems": [PROBLEM], "notes": [], **changed}
    return Run(4, made, EVENTS, 1, SAID)


def verdict_on(run: Run, after: After = AFTER, kind: str = "fails", form: str = "varyonvg VG") -> List[str]:
    program, *args = form.split()
    fault = Fault(Shapes(EXPECTED).form(("/usr/sbin/" + program, *args), False), kind, False)
    return list(judge.breaches(fault, rule_for(form), [run], after))


EXPECTED: Dict[str, Any] = {
    "volume_groups": {"data": {}, "datavg": {}},
    "hostname": "prod01",
    "mounts": [["", "/data"]],
}


def test_an_honest_unfinished_run_keeps_every_promise() -> None:
    assert verdict_on(unfinished()) == []
    assert verdict_on(unfinished(), AFTER._replace(differences={"storage": ["datavg varied on: is False"]})) == []


BROKEN: Dict[str, Any] = {
    "disarmed": (unfinished(), AFTER._replace(armed=False), "no longer armed"),
    "entry off": (unfinished(), AFTER._replace(entry_is_live=False), "the entry is off"),
    "unnamed": (unfinished(problems=[], steps=[]), AFTER, "the report does not name varyonvg"),
    "silent": (unfinished()._replace(said=""), AFTER, "the console does not name varyonvg"),
    "other branch": (unfinished(), AFTER._replace(differences={"routes": ["none"]}), "routes has nothing to do"),
    "flags": (unfinished(), AFTER._replace(differences={"flags": ["1"]}), "flags has nothing to do with it: 1"),
    "wire": (unfinished(), AFTER._replace(foreign=["10.1.5.11"]), "10.1.5.11 is on the wire"),
    "torn": (unfinished()._replace(lines=2), AFTER, "the journal has 2 lines, of which 1 are whole"),
    "traceback": (unfinished()._replace(said=SAID + "Traceback (most recent"), AFTER, "the console shows: Traceback"),
    "wide": (unfinished()._replace(said=SAID + "x " * 50), AFTER, "not fit for a console"),
    "bug": (unfinished(problems=[{**PROBLEM, "name": "internal-error"}]), AFTER, "internal-error: exit status 1"),
    "two resets": (unfinished(), AFTER._replace(commands=["shutdown -Fr"] * 2), "2 reboots were asked for"),
    "blocked by what is done": (
        unfinished(steps=[{**STEP, "problem": {**PROBLEM, "why": "it needs x, which was blocked"}},
                          {**STEP, "step": "x", "outcome": "done"}]),
        AFTER, "is blocked by x, which is done",
    ),
    "nobody failed": (
        unfinished(steps=[{**STEP, "step": "hooks/x"}]), AFTER._replace(differences={"storage": ["not varied on"]}),
        "no step of storage failed, and yet: not varied on",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_has_its_line(name: str) -> None:
    run, after, text = BROKEN[name]
    assert any(text in line for line in verdict_on(run, after)), verdict_on(run, after)


def test_beside_a_shutdown_that_runs_on_nothing_is_begun() -> None:
    overdue = {**PROBLEM, "name": "reboot-overdue", "what": "shutdown has brought no reboot"}
    bad = AFTER._replace(differences={"routes": ["none"]})

    def verdict(kind: str, **report: Any) -> List[str]:
        run = unfinished(problems=[overdue], **report)._replace(said=SAID + "drboot: shutdown\n")
        return verdict_on(run, bad, kind, "shutdown -Fr")

    assert verdict("hangs", steps=[]) == []
    assert any("was begun beside what still runs" in line for line in verdict("hangs"))
    assert any("routes has nothing to do with it" in line for line in verdict("fails", steps=[]))
    silent = verdict_on(unfinished(steps=[]), bad, "late", "shutdown -Fr")
    assert any("no reboot-overdue" in line for line in silent), silent


def test_what_must_cost_nothing_may_not_end_unfinished() -> None:
    assert any("for a fault that costs nothing" in line for line in verdict_on(unfinished(), kind="noise"))
    assert any("for a fault that costs nothing" in line for line in verdict_on(unfinished(), form="errlogger TEXT"))


def test_a_reboot_without_end_is_noticed() -> None:
    again = Run(10, {"exit_code": 10, "outcome": "reboot"}, EVENTS, 1, "")
    assert verdict_on(again) == ["1 runs, and each asked for another reboot"]


# -- forms, rules, table


def test_names_inside_names_are_told_apart() -> None:
    shapes = Shapes(EXPECTED)
    form = shapes.form(("/usr/sbin/lsvg", "datavg"), True)
    assert str(form) == "lsvg VG"
    rule = {"program": form.program, "pattern": form.pattern, "nth": 0, "kind": "fails"}
    assert pick([rule], "/usr/sbin/lsvg", ["data"]) is rule
    for other in (["datavg2"], ["-o"], ["rootvg"], []):
        assert pick([rule], "/usr/sbin/lsvg", other) is None


def test_what_differs_from_machine_to_machine_is_no_part_of_a_form() -> None:
    shapes = Shapes(EXPECTED)

    def shown(line: str) -> str:
        return str(shapes.form(("/usr/sbin/x", *line.split()), False))

    assert shown("-l hdisk10 -a queue_depth=32") == "x -l DISK -a queue_depth=N"
    assert shown("-l sys0 -a clouddev=0") == "x -l sys0 -a clouddev=0"
    assert shown("-h prod01 -a 10.20.5.11 -i en0") == "x -h HOST -a ADDR -i IF"
    assert shown("normal hdisk1 pathid=0 hdisk1 pathid=1") == "x normal DISK pathid=N ..."
    assert shown("nimsh:2:off:/usr/bin/startsrc") == "x nimsh:..."
    assert shown("-F name:class:status") == "x -F name:class:status"


def test_rules_speak_of_parts_that_there_are() -> None:
    assert set(STEPS_OF) == set(PARTS)
    assert all(isinstance(rule, Rule) and rule.harms | rule.locks <= set(PARTS) for _, rule in RULES)


def verdicts(*breaches: str) -> List[Verdict]:
    return [
        Verdict("small", "lspv", "fails", True, 0, ()),
        Verdict("small", "lspv", "fails", False, 4, breaches),
        Verdict("bank", "lspv", "fails", False, 0, ()),
    ]


def test_the_table_fits_and_the_last_line_says_it() -> None:
    text = matrix.table(verdicts())
    assert max(map(len, text.splitlines())) <= matrix.WIDTH
    assert text.splitlines()[1].split() == ["lspv", "0m", *[".."] * (len(KINDS) - 1)]
    assert matrix.summary(verdicts()) == ("3 faults, 2 scenarios: no traceback, every report true", True)


def test_the_command_ends_with_1_where_a_promise_was_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(matrix, "run", lambda *given: verdicts("exit 0, but still armed"))
    monkeypatch.setattr("sys.argv", ["faults"])
    assert command_line.main() == 1
    out = capsys.readouterr().out
    assert "small: lspv fails: exit 0, but still armed" in out
    assert out.splitlines()[-1] == "1 of 3 faults broke a promise, 2 scenarios"
    monkeypatch.setattr(matrix, "run", lambda *given: verdicts())
    assert command_line.main() == 0
