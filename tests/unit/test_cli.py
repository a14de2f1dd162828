"""The command line: usage, exit codes, JSON that is JSON.  On an LPAR in memory, so that no process is started."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any, List, NamedTuple, Tuple

import pytest

from drboot import __version__, boot, cli, interrupt, paths, report, undo
from drboot.paths import Root
from drboot.sim.estates import small
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory
from tests.scenarios.verbs import drboot


class Said(NamedTuple):
    rc: int
    out: str
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


class Shell:
    """``drboot`` as it is typed on an LPAR: its commands and the one identity query are those of the LPAR."""

    def __init__(self, lpar: InProcess) -> None:
        self.lpar = lpar

    def __call__(self, *argv: str) -> Said:
        return Said(*drboot(self.lpar, *argv))


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    """At DR, nothing done yet."""
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    return Shell(memory.wake(estate))


@pytest.fixture
def home(tmp_path: Path) -> Shell:
    """In production."""
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    return Shell(InProcess(estate.home))


def changed(shell: Shell) -> List[str]:
    shell.lpar.machine.forget_commands()
    shell.lpar.save()
    return [" ".join(entry["argv"]) for entry in shell.lpar.machine.commands() if entry["changed"]]


@pytest.mark.parametrize(
    "argv",
    [
        ("--nonsense",), ("nonsense",), ("plan", "--nonsense"), ("import",), ("report", "a", "b"), ("arm", "home"),
        ("--site",), ("--site", "dr"), ("--rehearsal",), ("--accept-systemid", "IBM,0211D11C1"), ("report", "none"),
    ],
)  # fmt: skip
def test_usage_errors_are_exit_2_on_standard_error(shell: Shell, argv: List[str]) -> None:
    said = shell(*argv)
    assert (said.rc, said.out, bool(said.err)) == (2, "", True)


@pytest.mark.parametrize("verb", ["", *(verb.name for verb in cli.VERBS)])
def test_every_verb_explains_itself(shell: Shell, verb: str) -> None:
    said = shell(*([verb] if verb else []), "--help")
    assert (said.rc, said.out.startswith("usage: drboot"), "--root DIR" in said.out) == (0, True, True)


def test_the_version(shell: Shell) -> None:
    assert shell("--version") == (0, f"drboot {__version__}\n", "")


def test_at_dr(shell: Shell) -> None:
    overview = shell()
    assert (overview.rc, overview.err) == (0, "")
    assert "decision:  DR boot: prod01 wakes at site dr" in overview.out
    assert max(map(len, overview.out.splitlines())) < 80
    assert len(overview.out.splitlines()) <= 24
    assert overview.out.splitlines()[-1].startswith("next:      drboot ")
    planned = shell("plan", "-v")
    assert planned.out.startswith("drboot: plan for prod01 at dr (disaster)\n")
    assert "importvg " in planned.out
    assert shell("status").out.endswith("inittab:   live, in its place\n")
    assert changed(shell) == []


def test_json_is_json_whatever_happens(shell: Shell) -> None:
    assert shell("--json").json()["action"] == "act"
    assert shell("status", "--json").json()["decision"]["site"] == "dr"
    planned = shell("--json", "plan").json()
    assert {"step", "title", "answer", "text"} == set(planned[0])
    assert {"Done", "Todo"} <= {row["answer"] for row in planned}
    none = shell("report", "--json")
    assert (none.rc, none.json()["problems"][0]["name"]) == (2, "no-report")
    refused = shell("capture", "--json")
    assert (refused.rc, refused.json()["exit_code"]) == (3, 3)
    assert refused.json()["problems"][0]["name"] == "capture-elsewhere"
    Path(shell.lpar.machine.root + "/etc/drboot/sites/dr.yaml").write_text("version: one\n")
    damaged = shell("plan", "--json")
    assert (damaged.rc, damaged.json()["exit_code"]) == (2, 2)


def test_the_report_of_the_last_run(shell: Shell) -> None:
    assert memory.apply(shell.lpar) == 0
    shown = shell("report")
    assert (shown.rc, "is up and verified" in shown.out) == (0, True)
    [run] = report.runs(Root(shell.lpar.machine.root))
    assert shell("report", "--json", run).json()["run"] == run
    again = shell("--apply")
    assert (again.rc, "already done for this event" in again.out) == (0, True)
    assert "last run:" in shell().out


def test_apply_goes_by_the_same_table(shell: Shell) -> None:
    """A site that is not this one, a rehearsal that is none, an id that nobody lists: refused, nothing changed."""
    assert shell("--apply", "--site", "home").rc == 3
    rehearsal = shell("--apply", "--rehearsal")
    assert (rehearsal.rc, "not-a-rehearsal" in rehearsal.err) == (3, True)
    shell.lpar.world["firmware"]["systemid"] = "IBM,0299D11C1"
    unknown = shell("--apply")
    assert (unknown.rc, "no site lists this machine, IBM,0299D11C1" in unknown.out) == (3, True)
    assert shell("--apply", "--site", "dr", "--accept-systemid", "IBM,0299D11C2").rc == 3
    # the log takes the new systemid for the work of the command that came next
    assert [line for line in changed(shell) if "lsattr" not in line] == []


@pytest.mark.parametrize(("verb", "begins"), [(("--apply",), (boot, "run")), (("undo",), (undo, "run"))])
def test_a_run_by_hand_hears_that_it_shall_stop(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, verb: Tuple[str, ...], begins: Tuple[Any, str]
) -> None:
    def interrupted(*args: Any, stop: interrupt.Stop, **keys: Any) -> int:
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        return 4 if stop.asked == "SIGINT" else 0

    monkeypatch.setattr(*begins, interrupted)
    said = shell(*verb)
    assert (said.rc, "Traceback" in said.err) == (4, False)


def test_a_bug_of_a_verb_is_told_and_kept_and_no_traceback_on_the_console(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(root: Root) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(cli, "check_own", bug)
    kept = Path(shell.lpar.machine.root + paths.LAST_BUG)
    said = shell("status")
    assert said.rc == 1
    assert said.err.startswith("error internal-error: drboot ended by a bug of its own")
    assert ("nobody thought of this" in said.err, str(kept) in said.err, "Traceback" in said.err) == (True, True, False)
    assert "Traceback" in kept.read_text()
    [problem] = shell("status", "--json").json()["problems"]
    assert problem["name"] == "internal-error"


def test_a_bug_that_cannot_be_kept_is_told_with_its_place(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli, "check_own", lambda root: 1 / 0)
    monkeypatch.setattr(report, "keep_bug", lambda root, traceback: "")
    assert "ZeroDivisionError at test_cli.py" in shell("status").err


def test_whoever_stops_a_verb_gets_no_traceback(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(root: Root) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "check_own", stopped)
    assert shell("status")[::2] == (4, "drboot: stopped\n")


def test_in_production_there_is_nothing_to_do(home: Shell) -> None:
    for argv in ((), ("status",), ("--apply",)):
        said = home(*argv)
        assert (said.rc, "production, site home" in said.out) == (0, True), argv
    elsewhere = home("plan", "--site", "dr")
    assert elsewhere.out.startswith("drboot: plan for prod01 at dr")
    assert changed(home) == []


def test_capture_that_cannot_see_all_is_exit_4(home: Shell) -> None:
    whole = home("capture")
    assert (whole.rc, whole.err) == (0, "")
    home.lpar.world["settings"]["faults"] = [{"program": "/usr/bin/bootlist", "kind": "fails"}]
    partly = home("capture", "--json")
    assert (partly.rc, len(partly.json()["unseen"])) == (4, 1)


def test_apply_obeys_the_table_that_the_boot_obeys(home: Shell) -> None:
    """drboot was killed between the stamp and the entry: whoever types --apply need not wait for the next boot."""
    live = next(line for line in _inittab(home).splitlines() if line.startswith("drboot:"))
    home("disarm")
    home.lpar.execute((home.lpar.machine.root + "/usr/sbin/chitab", live), {}, False, 60.0)
    assert live in _inittab(home)
    said = home("--apply")
    assert (said.rc, live in _inittab(home), "drboot:2:off:" in _inittab(home)) == (0, False, True)
    assert said.out == (
        "drboot: disarmed: nothing to do\n"
        "drboot: the inittab entry was still live beside a disarmed stamp: it is off now\n"
    )
    assert home("--apply").out == "drboot: disarmed: nothing to do\n"


def _inittab(shell: Shell) -> str:
    return Path(shell.lpar.machine.root, "etc/inittab").read_text()


def test_disarm_twice(home: Shell) -> None:
    assert "stamp disarmed" in home("disarm").out
    assert home("disarm").out == "drboot: was not armed, nothing to do\n"
    assert "next:      drboot arm" in home().out
