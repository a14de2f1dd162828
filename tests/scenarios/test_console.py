"""What somebody reads who sits at a console of 80 columns and 24 lines while the recovery fails."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, List

import pytest

from drboot import paths, render, report, undo
from drboot.clock import CountedClock
from drboot.interrupt import Stop
from drboot.paths import Root
from drboot.runner import Execute
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory
from tests.scenarios.kept import KeptInMemory
from tests.scenarios.verbs import drboot

SCREEN = 24  # lines


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptInMemory:
    return KeptInMemory(tmp_path_factory.mktemp("console"), "small")


def failing(lpar: InProcess, program: str, args: str = "", kind: str = "fails", nth: int = 0) -> int:
    """The exit code of an apply on this machine, with a fault in it that is gone afterwards."""
    lpar.world["settings"]["faults"] = [{"program": program, "args": args, "kind": kind, "nth": nth}]
    code = memory.apply(lpar)
    lpar.world["settings"]["faults"] = []
    lpar.save()
    return code


def profile(lpar: InProcess, more: str) -> None:
    path = Path(lpar.machine.root, "etc/drboot/sites/dr.yaml")
    path.write_text(path.read_text() + more)


def screen(lpar: InProcess) -> List[str]:
    """What stands below the last step, and with it below everything that scrolls."""
    lines = memory.said(lpar).splitlines()
    steps = [at for at, line in enumerate(lines) if line.startswith("drboot: [")]
    below = lines[steps[-1] + 1 :]
    while below and below[0].startswith("drboot:     "):  # of the last step
        below.pop(0)
    return [line.partition("drboot: ")[2] for line in below]


def joined(lines: List[str]) -> str:
    return " ".join(" ".join(lines).split())


def outcomes(lpar: InProcess) -> Dict[str, int]:
    found: Dict[str, int] = {}
    for step in lpars.last_report(lpar.machine)["steps"]:
        found[step["outcome"]] = found.get(step["outcome"], 0) + 1
    return found


def test_what_was_not_tried_is_one_line_for_each_cause(kept: KeptInMemory) -> None:
    lpar = kept.again()
    assert failing(lpar, "/usr/sbin/importvg", kind="hangs", nth=1) == 4
    below = screen(lpar)
    assert len(below) < SCREEN
    assert len([line for line in below if line.startswith("error")]) == 1
    assert "4 steps were not tried (for want of importvg datavg, which failed): varyonvg datavg, chvg datavg" in joined(
        below
    )
    assert "step-needs-failed" not in memory.said(lpar)


def test_the_last_lines_say_that_it_is_still_armed_and_what_to_do(kept: KeptInMemory) -> None:
    lpar = kept.again()
    assert failing(lpar, "/usr/sbin/importvg") == 4
    below = screen(lpar)
    verdict = next(at for at, line in enumerate(below) if "is NOT complete, still armed" in line)
    assert not [line for line in below[verdict:] if line.startswith("error")]
    assert "next: do what is said above; drboot --apply, or the next boot, then goes on" in joined(below[verdict:])
    assert joined(below[-2:]).startswith("report: drboot report, or /var/adm/drboot/runs/")


def test_a_run_that_somebody_stopped_is_told_in_a_screen(kept: KeptInMemory) -> None:
    lpar, stop = kept.again(), Stop()

    def through(run_argv: Execute) -> Execute:
        def execute(argv, environment, killable, deadline):  # type: ignore[no-untyped-def]
            stop.asked = "SIGINT" if argv[0].endswith("/importvg") else stop.asked
            return run_argv(argv, environment, killable, deadline)

        return execute

    assert memory.apply(lpar, through, stop) == 4
    lpar.save()
    blocked = outcomes(lpar)["blocked"]
    assert blocked > 5
    below = joined(screen(lpar))
    assert len(screen(lpar)) < SCREEN
    assert f"{blocked} steps were not tried (somebody stopped the run (SIGINT)): " in below
    assert "next: drboot --apply, or the next boot, goes on from here" in below
    assert "error" not in below
    told = drboot(lpar, "report").out
    titles = [s["title"] for s in lpars.last_report(lpar.machine)["steps"] if s["outcome"] == "blocked"]
    assert all(title in joined(told.splitlines()[-25:]) for title in titles), "the report keeps the full list"


def test_a_run_that_the_profile_stops_says_when_and_why(kept: KeptInMemory) -> None:
    lpar = kept.again()
    profile(lpar, "on_failure: {volume_groups: stop}\n")
    assert failing(lpar, "/usr/sbin/importvg") == 4
    said = joined([line.partition("drboot: ")[2] for line in memory.said(lpar).splitlines()])
    assert "stopping, as on_failure of the profile says: importvg datavg failed" in said
    assert memory.said(lpar).count("run-stopped") == 0
    made = lpars.last_report(lpar.machine)
    untried = [step for step in made["steps"] if step["problem"] and step["problem"]["name"] == "run-stopped"]
    assert len(untried) > 2
    assert f"{outcomes(lpar)['blocked']} steps were not tried (volume_groups/datavg/import failed, and on_f" in said
    assert len([p for p in made["problems"] if p["name"] == "run-stopped"]) == len(untried)


def test_the_page_names_the_cause_once_and_the_rest_in_a_line(kept: KeptInMemory) -> None:
    lpar = kept.again()
    assert failing(lpar, "/usr/sbin/varyonvg") == 4
    [run] = Path(lpar.machine.root, "var/adm/drboot/runs").iterdir()
    page = (run / "report.html").read_text()
    block = page[page.index("<pre>") : page.index("</pre>")]
    assert block.count("error ") == 1
    assert "steps were not tried (for want of varyonvg datavg, which failed)" in joined(block.splitlines())
    assert "drboot --apply, or the next boot, then goes on" in page


def test_what_is_left_running_is_not_to_be_run_a_second_time(kept: KeptInMemory) -> None:
    lpar = kept.again()
    assert failing(lpar, "/usr/sbin/importvg", kind="hangs", nth=1) == 4
    below = joined(screen(lpar))
    assert "next: do not run it again: ps -fp " in below
    assert "run it by hand" not in below


def test_status_shows_the_whole_verdict_and_where_it_is_explained(kept: KeptInMemory) -> None:
    lpar = kept.again()
    assert failing(lpar, "/usr/sbin/importvg") == 4
    told = drboot(lpar, "status").out
    assert report.headline(lpars.last_report(lpar.machine)) in joined(told.splitlines())
    assert "configured for home" in joined(told.splitlines())
    assert "why, and what to do: drboot report" in told
    assert max(map(len, told.splitlines())) <= 79


def test_a_run_without_a_report_is_interrupted_or_still_runs(tmp_path: Path) -> None:
    root, run = Root(str(tmp_path)), f"20261122T041915Z-{os.getpid()}"
    lock = Path(root.path(paths.LOCK))
    lock.parent.mkdir(parents=True)
    assert report.why_none(root, run) == "it was interrupted, or there was no room in /var"
    lock.write_text(f"{os.getpid()}\n")
    assert report.why_none(root, run) == f"it is running, as process {os.getpid()}"
    assert report.why_none(root, "20261122T041915Z-1") == "it was interrupted, or there was no room in /var"


def test_an_undo_that_is_incomplete_says_to_undo_and_never_to_apply(kept: KeptInMemory) -> None:
    """An apply would do again what was just undone."""
    lpar = kept.again()
    assert memory.apply(lpar) == 0
    lpar.save()
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/umount", "args": "", "kind": "fails", "nth": 0}]
    clock, root = CountedClock(), Root(lpar.machine.root)
    systemid = memory.identity(lpar).systemid
    assert undo.run(root, systemid, run_argv=memory.run_on(lpar, clock), clock=clock) == 4
    made = report.read(root, report.runs(root)[-1])
    assert made is not None
    told = joined(report.text(made).splitlines())
    assert "is NOT as it was before" in told
    assert "next: do what is said above; drboot undo then goes on" in told
    assert "drboot --apply" not in told
    assert "2 steps were not tried (for want of umount" in told


def test_a_run_that_began_no_step_says_so() -> None:
    made = {"host": "prod01", "site": "dr", "mode": "disaster", "outcome": "unfinished", "steps": [], "seconds": 900.0}
    assert report.headline(made).endswith("is NOT complete, still armed: no step was begun, 900 s")


def test_a_path_stays_whole_on_the_console() -> None:
    path = "/var/adm/drboot/runs/20261122T041935Z-8582/" + "x" * 60 + "/report.json"
    shown = render.console_line({"event": "say", "text": f"the report cannot be written: {path}"})
    assert shown is not None
    assert f"drboot: {path}" in shown.splitlines()
