"""The back end in memory: deadlines, faults, power, threads, and what is not there."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot.sim import boot
from drboot.sim.estates import clouddev, small
from drboot.sim.inprocess import Ended, Gone, InProcess, NotSimulated
from tests.scenarios import lpars, memory

LSPV, CHDEV, ERRLOGGER = "/usr/sbin/lspv", "/usr/sbin/chdev", "/usr/bin/errlogger"


@pytest.fixture
def lpar(tmp_path: Path) -> InProcess:
    return InProcess(small.make(str(tmp_path)).home)


def ask(lpar: InProcess, program: str, *args: str, killable: bool = True, deadline: float = 30.0) -> Ended:
    return lpar.execute((lpar.machine.root + program, *args), {"LC_ALL": "C"}, killable, deadline)


def fault(lpar: InProcess, program: str, kind: str, **given: Any) -> None:
    lpar.world["settings"]["faults"].append({"program": program, "kind": kind, **given})


def logged(lpar: InProcess) -> List[Dict[str, Any]]:
    lpar.save()
    return lpar.machine.commands()


def test_it_says_what_a_process_says(lpar: InProcess) -> None:
    here, there = ask(lpar, LSPV), lpar.machine.run(LSPV)
    assert (here.outcome, here.rc, here.stdout, here.stderr) == ("exited", *there)
    assert here.stdout.startswith("hdisk0")
    usage = ask(lpar, LSPV, "-x")
    assert (usage.rc, usage.stdout) == (lpar.machine.run(LSPV, "-x").rc, "")
    assert usage.rc != 0


def test_changes_are_seen_by_processes_once_they_are_saved(lpar: InProcess) -> None:
    assert ask(lpar, CHDEV, "-l", "inet0", "-a", "hostname=other").rc == 0
    assert lpar.machine.load()["odm"]["attributes"]["inet0"]["hostname"] == ["prod01"]
    ask(lpar, LSPV)
    assert [(line["argv"][0], line["changed"]) for line in logged(lpar)] == [(CHDEV, True), (LSPV, False)]
    assert lpar.machine.load()["odm"]["attributes"]["inet0"]["hostname"] == ["other"]
    assert len(logged(lpar)) == 2, "the log was written twice"


def test_what_is_not_there_and_what_is_no_command(lpar: InProcess, tmp_path: Path) -> None:
    os.unlink(lpar.machine.root + LSPV)
    assert ask(lpar, LSPV).outcome == "missing"
    assert ask(lpar, "/usr/sbin/nothing").outcome == "missing"
    assert lpar.execute(("/bin/sh",), {}, True, 1.0).outcome == "missing", "a program of the host"
    with pytest.raises(NotSimulated):
        ask(lpar, "/usr/bin/sh")


def test_faults(lpar: InProcess) -> None:
    plain = ask(lpar, LSPV).stdout
    for kind, given, outcome, rc, out in (
        ("fails", {"rc": 7}, "exited", 7, ""), ("empty", {}, "exited", 0, ""), ("lies", {}, "exited", 0, ""),
        ("noise", {}, "exited", 0, plain), ("partial", {}, "exited", 0, plain[: len(plain) // 2]),
        ("hangs", {}, "killed", -1, ""), ("slow", {"seconds": 31}, "killed", -1, ""),
        ("slow", {"seconds": 29}, "exited", 0, plain),
    ):  # fmt: skip
        lpar.world["settings"]["faults"].clear()
        fault(lpar, LSPV, kind, **given)
        ended = ask(lpar, LSPV)
        assert (ended.outcome, ended.rc, ended.stdout) == (outcome, rc, out), kind
    lpar.world["settings"]["faults"].clear()
    fault(lpar, LSPV, "garbage")
    assert ask(lpar, LSPV).stdout.startswith("\x00")
    assert {line.get("fault") for line in logged(lpar)} >= {"fails", "hangs", "lies", "garbage", None}


def test_the_nth_call_is_hit_and_counting_is_no_change(lpar: InProcess) -> None:
    fault(lpar, LSPV, "fails", nth=2)
    assert [ask(lpar, LSPV).rc for _ in range(3)] == [0, 1, 0]
    assert [line["changed"] for line in logged(lpar)] == [False, False, False]


def test_a_writer_that_hangs_does_nothing_and_a_slow_one_is_done_in_the_end(lpar: InProcess) -> None:
    set_name = ("-l", "inet0", "-a", "hostname=other")
    fault(lpar, CHDEV, "hangs", nth=1)
    hung = ask(lpar, CHDEV, *set_name, killable=False)
    assert (hung.outcome, hung.seconds, hung.pid > 0) == ("stuck", 30.0, True)
    assert lpar.world["odm"]["attributes"]["inet0"]["hostname"] == ["prod01"]
    lpar.world["settings"]["faults"].clear()
    fault(lpar, CHDEV, "slow", seconds=60)
    assert ask(lpar, CHDEV, *set_name, killable=False).outcome == "stuck"
    assert lpar.world["odm"]["attributes"]["inet0"]["hostname"] == ["other"]


def test_latencies_are_counted_and_not_spent(lpar: InProcess) -> None:
    lpar.world["settings"]["latency"] = 100.0
    assert ask(lpar, CHDEV, "-l", "inet0", "-a", "hostname=other", killable=False, deadline=500.0).seconds == 100.0


def test_several_threads_lose_no_change(lpar: InProcess) -> None:
    with ThreadPoolExecutor(6) as pool:
        ended = list(pool.map(lambda n: ask(lpar, ERRLOGGER, f"message {n}"), range(40)))
    assert {each.rc for each in ended} == {0}
    listed = ask(lpar, "/usr/bin/errpt", "-a").stdout
    assert all(f"message {n}\n" in listed for n in range(40))
    assert len(logged(lpar)) == 41


def test_off_is_off_for_everybody(lpar: InProcess) -> None:
    with pytest.raises(Gone, match="reboot"):
        ask(lpar, "/usr/sbin/shutdown", "-Fr", killable=False)
    with pytest.raises(Gone, match="reboot"):
        ask(lpar, LSPV)
    lpar.live_again()
    with pytest.raises(Gone, match="reboot"):
        ask(lpar, LSPV)
    lpar.save()
    assert not lpar.machine.load()["kernel"]["running"]


def test_whoever_was_killed_can_be_started_anew(lpar: InProcess) -> None:
    fault(lpar, LSPV, "dies", nth=1)
    with pytest.raises(Gone, match="killed"):
        ask(lpar, LSPV)
    with pytest.raises(Gone, match="killed"):
        ask(lpar, CHDEV, "-l", "inet0", "-a", "hostname=other")
    lpar.live_again()
    assert ask(lpar, LSPV).rc == 0
    assert lpar.world["odm"]["attributes"]["inet0"]["hostname"] == ["prod01"]


def test_the_product_killed_before_every_seventh_command_recovers_in_the_end(tmp_path: Path) -> None:
    """What the matrices do, in small: a killed run is gone with all its threads, and the next one finds its work."""
    estate = lpars.make(tmp_path, "small")
    lpars.wake_without_drboot(estate)
    lpar = InProcess(estate.dr)
    kills = 0
    while True:
        # each run gets a little further than the one before, since what is done is not done again
        lpar.world["settings"]["faults"] = [{"program": "*", "kind": "dies", "nth": 30 + 7 * kills}]
        try:
            code = memory.apply(lpar)
        except Gone:
            kills += 1
            assert kills < 40
            lpar.live_again()
            continue
        break
    lpar.save()
    # one that was killed between the stamp and the inittab leaves the entry to the gate of the next boot
    assert lpars.launcher(estate.dr).rc == 0
    assert (code, lpars.differences(estate)) == (0, [])
    assert kills > 3


def test_a_leg_that_ends_in_a_reboot(tmp_path: Path) -> None:
    estate = lpars.make(tmp_path, "clouddev-bootutil")
    lpars.wake_without_drboot(estate)
    first = InProcess(estate.dr)
    assert memory.apply(first) == 10
    first.save()
    boot.power_on(estate.dr)
    second = InProcess(estate.dr)
    assert second.world["kernel"]["reset"] == "clouddev"
    assert memory.apply(second) == 0
    second.save()
    assert lpars.differences(estate) == []
    assert clouddev.BOOTUTIL in {line["argv"][0] for line in estate.dr.commands()}
