"""``on_failure`` of a profile: what a failed step means, on a simulated LPAR in memory.

The default, stay_armed, is what every other test of a failed step is about.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot import gate
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.scenarios import lpars, memory

DR_PROFILE = "etc/drboot/sites/dr.yaml"


class Woken:
    """A DR LPAR of the estate ``small`` whose profile has an ``on_failure``."""

    def __init__(self, directory: Path, on_failure: str) -> None:
        self.estate: Estate = lpars.built(directory, "small")
        profile = Path(self.estate.home.root, DR_PROFILE)
        profile.write_text(profile.read_text() + f"on_failure: {on_failure}\n")
        memory.arm_at_home(self.estate)
        self.lpar: InProcess = memory.wake(self.estate)

    def program(self, path: str, script: str) -> str:
        """A program of the site on the DR LPAR."""
        file = Path(self.estate.dr.root + path)
        file.parent.mkdir(mode=0o755, exist_ok=True)
        file.write_text("#!/bin/sh\n" + script)
        file.chmod(0o755)
        return path

    def profile(self, more: str) -> None:
        path = Path(self.estate.dr.root, DR_PROFILE)
        path.write_text(path.read_text() + more)

    def apply(self, *faults: Dict[str, Any]) -> int:
        self.lpar.world["settings"]["faults"] = list(faults)
        code = memory.apply(self.lpar)
        self.lpar.save()
        return code

    def report(self) -> Dict[str, Any]:
        return lpars.last_report(self.estate.dr)

    def armed(self) -> bool:
        stamp = gate.read_stamp(self.estate.dr.root)
        return stamp is not None and stamp.phase == "armed"

    def wrong(self, *parts: str) -> List[str]:
        state = checker.State(self.estate.dr.directory)
        return [line for part in parts for line in getattr(checker, part)(state, self.estate.expected)]


def fails(program: str, args: str = "") -> Dict[str, Any]:
    return {"program": program, "args": args, "kind": "fails", "nth": 0}


def outcomes(report: Dict[str, Any]) -> Dict[str, str]:
    return {step["step"]: step["outcome"] for step in report["steps"]}


def test_a_tolerated_failure_is_reported_and_the_machine_is_disarmed(tmp_path: Path) -> None:
    woken = Woken(tmp_path, "{services: tolerate}")
    assert woken.apply(fails("/usr/sbin/chitab", "nimclient:2")) == 0
    report = woken.report()
    assert (report["outcome"], woken.armed()) == ("complete", False)
    assert outcomes(report)["services/inittab/nimclient"] == "failed"
    assert [problem["name"] for problem in report["problems"]] == ["command-failed"]
    assert "Tolerated, as on_failure of the profile says: services/inittab/nimclient." in report["notes"]
    assert "FAILED" in memory.said(woken.lpar)
    assert woken.wrong("network", "routes", "storage", "mounts", "flags", "boot_list") == []


def test_what_was_not_tried_for_a_tolerated_failure_is_tolerated_with_it(tmp_path: Path) -> None:
    woken = Woken(tmp_path, "{volume_groups: tolerate}")
    assert woken.apply(fails("/usr/sbin/varyonvg")) == 0
    found = outcomes(woken.report())
    assert (found["volume_groups/datavg/varyon"], found["filesystems/data"]) == ("failed", "blocked")
    assert not woken.armed()
    assert woken.wrong("network", "routes", "names", "flags", "boot_list") == []


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("hooks", "hooks:\n  - {name: split, program: /etc/drboot/hooks/no, phase: before_storage}\n"),
        ("replication", "replication: {gate: /etc/drboot/hooks/no}\n"),
    ],
    ids=["hook", "gate"],
)
def test_no_run_is_complete_without_its_volume_groups_for_a_tolerated_hook_or_gate(
    tmp_path: Path, kind: str, more: str
) -> None:
    woken = Woken(tmp_path, f"{{{kind}: tolerate}}")
    woken.program("/etc/drboot/hooks/no", "exit 1\n")
    woken.profile(more)
    assert woken.apply() == 4
    found = outcomes(woken.report())
    assert (found["volume_groups/datavg/import"], found["filesystems/data"]) == ("blocked", "blocked")
    assert (woken.report()["outcome"], woken.armed()) == ("unfinished", True)
    assert woken.wrong("network", "routes", "names", "flags", "boot_list") == []


def test_a_failure_of_another_kind_keeps_it_armed_all_the_same(tmp_path: Path) -> None:
    woken = Woken(tmp_path, "{services: tolerate}")
    assert woken.apply(fails("/usr/sbin/chitab", "nimclient:2"), fails("/usr/bin/bootlist", "hd5")) == 4
    assert woken.armed()
    assert woken.apply() == 0
    assert woken.wrong("inittab", "boot_list") == []


def test_after_a_failure_that_stops_the_run_only_what_saves_the_machine_begins(tmp_path: Path) -> None:
    woken = Woken(tmp_path, "{volume_groups: stop}")
    assert woken.apply(fails("/usr/sbin/importvg")) == 4
    report = woken.report()
    stopped = [step for step in report["steps"] if step["problem"] and step["problem"]["name"] == "run-stopped"]
    assert {"filesystems/data", "volume_groups/datavg/varyon"} <= {step["step"] for step in stopped}
    assert all(step["outcome"] == "blocked" and not step["actions"] for step in stopped)
    assert "volume_groups/datavg/import failed, and on_failure" in stopped[0]["problem"]["why"]
    assert woken.armed()
    assert woken.wrong("flags") == []
    # the step that stopped the run was over before whatever was not begun
    [run] = Path(woken.estate.dr.root, "var/adm/drboot/runs").iterdir()
    events = [json.loads(line) for line in (run / "journal.jsonl").read_text().splitlines()]
    over = [event["step"] for event in events if event["event"] == "step"]
    failed_at = over.index("volume_groups/datavg/import")
    assert all(over.index(step["step"]) > failed_at for step in stopped)
    assert woken.apply() == 0
    assert lpars.differences(woken.estate) == []


@pytest.mark.parametrize("kind", ["fence", "device_flags", "duplicates", "quarantine"])
def test_what_must_not_be_tolerated_is_refused_with_its_line(tmp_path: Path, kind: str) -> None:
    woken = Woken(tmp_path, "{services: tolerate}")
    profile = Path(woken.estate.dr.root, DR_PROFILE)
    profile.write_text(profile.read_text().replace("services: tolerate", f"{kind}: tolerate"))
    assert woken.apply() == 2
    said = memory.said(woken.lpar)
    assert "error bad-choice" in said
    assert f"dr.yaml:{len(profile.read_text().splitlines())}" in said
    assert "nothing was changed" in said
