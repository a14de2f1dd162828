"""Attributes that were set at home are set again at DR, on the devices that are the same ones by what survives."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Tuple

import pytest

from drboot import report
from drboot.paths import Root
from drboot.runner import Execute, Ran
from drboot.sim import boot
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.scenarios import memory

AT_HOME = (
    ("hdisk1", "queue_depth=32"),  # datavg's, hdisk0 at DR
    ("hdisk0", "queue_depth=16"),  # rootvg's, hdisk1 at DR
    ("fscsi0", "fc_err_recov=fast_fail"),
    ("sys0", "maxuproc=4096"),
)
SITE = "/etc/drboot/sites/dr.yaml"


def run(lpar: InProcess, program: str, *args: str) -> Ran:
    return memory.run_on(lpar)((lpar.machine.root + program, *args), {}, True, 30.0)


def value(lpar: InProcess, device: str, attribute: str) -> str:
    return run(lpar, "/usr/sbin/lsattr", "-El", device, "-a", attribute, "-F", "value").stdout.strip()


@dataclass(frozen=True)
class Woken:
    """The DR LPAR after its run, and what the run had to say of the attributes."""

    lpar: InProcess
    estate: Estate
    code: int

    @property
    def made(self) -> Dict[str, Any]:
        root = Root(self.lpar.machine.root)
        made = report.read(root, report.runs(root)[-1])
        assert made is not None
        return made

    def step(self, group: str) -> Dict[str, Any]:
        steps: List[Dict[str, Any]] = self.made["steps"]
        return next(step for step in steps if step["step"] == f"device_attributes/{group}")


def wake(directory: Path, profile: str = "", through: Mapping[str, Tuple[int, str]] = {}) -> Woken:
    """Set at home, captured, armed, replicated, reset, and configured at DR.

    through  answers in place of the machine's, by command line
    """
    estate = small.make(str(directory))
    boot.power_on(estate.home)
    home = InProcess(estate.home)
    for device, setting in AT_HOME:
        assert run(home, "/usr/sbin/chdev", "-l", device, "-a", setting, "-P").rc == 0
    home.save()
    with open(estate.home.root + SITE, "a", encoding="utf-8") as file:
        file.write(profile)
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)

    def between(run_argv: Execute) -> Execute:
        def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            line = " ".join((argv[0].rpartition("/")[2], *argv[1:]))
            if line in through:
                return Ran(argv, "exited", *through[line], "", 0.0)
            return run_argv(argv, environment, killable, deadline)

        return execute

    code = memory.apply(lpar, between)
    lpar.save()
    return Woken(lpar, estate, code)


def test_F15_what_the_reset_lost_is_set_again(tmp_path: Path) -> None:
    woken = wake(tmp_path)
    assert (woken.code, checker.differences(woken.estate.dr.directory, woken.estate.expected)) == (0, [])
    lpar = woken.lpar
    assert (value(lpar, "hdisk0", "queue_depth"), value(lpar, "hdisk1", "queue_depth")) == ("32", "16")
    assert (value(lpar, "fscsi0", "fc_err_recov"), value(lpar, "sys0", "maxuproc")) == ("fast_fail", "4096")
    assert {woken.step(group)["outcome"] for group in ("datavg", "rootvg", "fscsi", "sys0")} == {"changed"}


def test_F15_what_the_storage_here_refuses_is_reported_and_stops_nothing(tmp_path: Path) -> None:
    refusal = (1, "0514-018 The values specified for the following attributes \n are not valid: queue_depth\n")
    woken = wake(tmp_path, through={"chdev -l hdisk0 -a queue_depth=32": refusal})
    assert (woken.code, checker.differences(woken.estate.dr.directory, woken.estate.expected)) == (0, [])
    step = woken.step("datavg")
    assert (step["outcome"], "0514-018" in step["problem"]["why"]) == ("failed", True)
    assert step["problem"]["name"] in [problem["name"] for problem in woken.made["problems"]]
    assert value(woken.lpar, "hdisk1", "queue_depth") == "16"


def test_F15_one_refused_value_costs_none_of_the_others(tmp_path: Path) -> None:
    refusal = (1, "0514-018 The values specified for the following attributes \n are not valid: queue_depth\n")
    both = "chdev -l hdisk0 -a queue_depth=32 -a reserve_policy=no_reserve"
    refusing = {both: refusal, "chdev -l hdisk0 -a queue_depth=32": refusal}
    profile = "device_attributes: {override: {hdisk: {reserve_policy: no_reserve}}}\n"
    woken = wake(tmp_path, profile, through=refusing)
    assert (woken.code, checker.differences(woken.estate.dr.directory, woken.estate.expected)) == (0, [])
    assert woken.step("datavg")["outcome"] == "failed"
    assert (value(woken.lpar, "hdisk0", "queue_depth"), value(woken.lpar, "hdisk0", "reserve_policy")) == (
        "20", "no_reserve",
    )  # fmt: skip


def test_F16_the_queue_depth_follows_its_pvid_and_no_other_disk_is_touched(tmp_path: Path) -> None:
    woken = wake(tmp_path)
    entries = [" ".join(entry["argv"]) for entry in woken.estate.dr.commands() if entry["changed"]]
    touched = [line for line in entries if "chdev -l hdisk" in line]
    assert sorted(touched) == [
        "/usr/sbin/chdev -l hdisk0 -a queue_depth=32",
        "/usr/sbin/chdev -l hdisk1 -a queue_depth=16 -P",
    ]
    assert woken.step("datavg")["actions"] == ["chdev -l hdisk0 -a queue_depth=32"]


def test_a_device_in_use_takes_it_at_the_next_boot_and_that_is_said(tmp_path: Path) -> None:
    step = wake(tmp_path).step("rootvg")
    assert step["actions"] == ["chdev -l hdisk1 -a queue_depth=16", "chdev -l hdisk1 -a queue_depth=16 -P"]
    assert any("next boot" in warning for warning in step["warnings"])


@pytest.mark.parametrize("profile, depth", [
    ("device_attributes: {override: {hdisk: {queue_depth: '8'}}}\n", "8"),
    ("device_attributes: {leave: [queue_depth]}\n", "20"),
    ("device_attributes: {restore: false}\n", "20"),
])  # fmt: skip
def test_the_site_has_the_last_word(tmp_path: Path, profile: str, depth: str) -> None:
    woken = wake(tmp_path, profile)
    assert woken.code == 0
    assert value(woken.lpar, "hdisk0", "queue_depth") == depth
