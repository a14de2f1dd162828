"""Text for people: plain ASCII within 79 columns, and nothing that matters is cut away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Tuple

from drboot import render
from drboot.errors import Problem
from drboot.errors import render as render_problems
from drboot.runner import command
from drboot.seen import Seen
from drboot.steps.base import Assessment, Back, Blocked, Done, Later, Step, Todo

LONG = "a very long reason that no console has room for " * 4
PROBLEM = Problem("vg-pvid-missing", "datavg cannot be imported: " + LONG, "/etc/drboot/sites/dr.yaml:31", LONG, LONG)


@dataclass(frozen=True)
class Named(Step):
    title: str = "importvg datavg"
    at: str = ""
    needs: Tuple[str, ...] = ()
    after: Tuple[str, ...] = ()

    @property
    def id(self) -> str:
        return self.title

    def assess(self, seen: Seen) -> Assessment:
        raise AssertionError("a text is made of answers, and asks for none")

    def undo(self, seen: Seen) -> Back:
        raise AssertionError("a text is made of answers, and asks for none")


def plan(*answers: Assessment, verbose: bool = False, title: str = "importvg datavg", kept: str = "") -> str:
    return render.plan([(Named(title), answer) for answer in answers], verbose, {title: kept} if kept else {})


def test_the_plan_fits_79_columns() -> None:
    importvg = command("importvg", "-y", "datavg", "hdisk4")
    text = plan(
        Done(LONG), Todo((importvg,), LONG), Later("disks", ("importvg -y datavg <hdisk of PVID>",), LONG),
        Blocked(PROBLEM), verbose=True, title="importvg " + LONG,
    )  # fmt: skip
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 79


def test_the_plan_says_beforehand_what_undo_will_not_bring_back() -> None:
    text = plan(Todo((command("fsck", "-p", "/dev/fslv00"),), "not mounted"), kept="what fsck repairs stays repaired")
    assert text.splitlines()[1:3] == [
        "                 fsck -p /dev/fslv00",
        "                 not undone: what fsck repairs stays repaired",
    ]
    assert "not undone" not in plan(Done("it is so"), verbose=True, kept="never mind")


def test_the_plan_shows_what_would_run_and_counts_the_rest() -> None:
    importvg = command("importvg", "-y", "data vg", "hdisk4")
    lines = plan(Done("varied on"), Todo((importvg,), "not in the ODM"), Done("mounted")).splitlines()
    assert lines == [
        "  to do        importvg datavg: not in the ODM", "                 importvg -y 'data vg' hdisk4",
        "  2 of 3 steps are so already",
    ]  # fmt: skip
    assert "  so already   importvg datavg: varied on" in plan(Done("varied on"), verbose=True)
    assert plan() == "  0 of 0 steps are so already"


def test_a_command_is_shown_whole_since_somebody_may_type_it() -> None:
    argv = ["-l", "inet0", "-a", "route=net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.30.0.0,10.20.5.254" * 2]
    assert str(command("chdev", *argv)) in plan(Todo((command("chdev", *argv),), "why"))


def test_a_blocked_step_shows_its_problem_whole() -> None:
    text = " ".join(plan(Blocked(PROBLEM)).split())
    assert "BLOCKED importvg datavg" in text
    for part in PROBLEM:
        assert " ".join(part.split()) in text


def test_problems_are_wrapped_and_long_words_stay_whole() -> None:
    path = "/var/adm/drboot/" + "x" * 90
    text = render_problems([PROBLEM, Problem("other", "what", path)], "note")
    lines = text.splitlines()
    assert lines[0].startswith("note vg-pvid-missing: datavg cannot be imported: a very")
    assert max(len(line) for line in lines if path not in line) <= 79
    assert path in text
    assert [line for line in lines if not line.startswith((" ", "note "))] == []
    assert render_problems([Problem("x", "only what")]) == "error x: only what"


def test_the_console_shows_a_problem_within_its_columns() -> None:
    shown = render.console_line({"event": "problem", "problem": PROBLEM._asdict()})
    assert shown is not None
    assert max(map(len, shown.splitlines())) <= 79
    assert all(line.startswith("drboot: ") for line in shown.splitlines())


def test_what_only_the_journal_keeps() -> None:
    for event in ("command", "action", "begin", "leg", "bug", "verified"):
        assert render.console_line({"event": event}) is None


def test_an_empty_line_is_a_line() -> None:
    assert render.console_line({"event": "say", "text": "one\n\ntwo"}) == "drboot: one\ndrboot: \ndrboot: two"


def test_a_problem_never_holds_what_a_terminal_would_obey() -> None:
    text = render_problems([Problem("fact-not-understood", "lsvg\x1b[2J said \u0663", "x\x07", "two\nlines", "")])
    assert text == "error fact-not-understood: lsvg?[2J said ?\n  where: x?\n  why:   two lines"


def test_nobody_has_to_read_two_thousand_commands() -> None:
    many = Todo(
        tuple(command("chdev", "-l", f"hdisk{n}", "-a", "queue_depth=32") for n in range(2000)), "not as at home"
    )
    lines = plan(many).splitlines()
    assert (len(lines), lines[-2].strip()) == (22, "... and 1981 more")
    assert len(plan(many, verbose=True).splitlines()) == 2002
    event = {"event": "step", "over": 1, "of": 1, "title": "x", "outcome": "changed", "seconds": 1.0}
    assert len((render.console_line({**event, "warnings": ["refused"] * 2000}) or "").splitlines()) == 21
