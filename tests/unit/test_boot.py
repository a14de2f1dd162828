"""The run: which leg it takes, what it verifies, how it ends.  On an LPAR in memory, so that no step is a stand-in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Tuple

import pytest

from drboot import boot, gate, interrupt, journal, paths, plan, report, state
from drboot.errors import EXIT_BUG, EXIT_BUSY, EXIT_CONFIG, EXIT_OK, EXIT_REBOOT, EXIT_REFUSED, EXIT_UNFINISHED
from drboot.events import Console
from drboot.paths import Root
from drboot.runner import Execute, Ran
from drboot.sim.estates import clouddev, small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import Gone, InProcess
from tests.scenarios import lpars, memory
from tests.scenarios.memory import rebooted, wake

DR_PROFILE = "/etc/drboot/sites/dr.yaml"


def ready(directory: Path, variant: str = "small", device_reset: str = "") -> Estate:
    """An estate whose home is armed.  ``device_reset`` replaces what the DR profile says."""
    estate = clouddev.make(str(directory), variant) if variant != "small" else small.make(str(directory))
    if device_reset:
        edit(estate.home.root, DR_PROFILE, "device_reset: ghostdev", f"device_reset: {device_reset}")
    memory.arm_at_home(estate)
    return estate


def edit(root: str, path: str, old: str, new: str) -> None:
    file = Path(root + path)
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def sys0(lpar: InProcess, flag: str) -> str:
    return lpar.world["odm"]["attributes"].get("sys0", {}).get(flag, ["0"])[0]


def last_report(lpar: InProcess) -> Dict[str, Any]:
    """That of the run which the record of this event names."""
    runs = report.runs(Root(lpar.machine.root))
    run = event(lpar).run or runs[-1]
    made = report.read(Root(lpar.machine.root), run)
    assert made is not None
    return made


def names(made: Mapping[str, Any]) -> List[str]:
    return [problem["name"] for problem in made["problems"]]


def outcomes(made: Mapping[str, Any]) -> Dict[str, str]:
    return {step["step"]: step["outcome"] for step in made["steps"]}


def commands(lpar: InProcess, changing: bool = False) -> List[str]:
    """Every command so far, without its directory."""
    lpar.save()
    argvs = [entry["argv"] for entry in lpar.machine.commands() if entry["changed"] or not changing]
    return [" ".join((os.path.basename(argv[0]), *argv[1:])) for argv in argvs]


def changes(lpar: InProcess) -> List[str]:
    return commands(lpar, changing=True)


def event(lpar: InProcess) -> state.Event:
    stamp = gate.read_stamp(lpar.machine.root)
    assert stamp is not None
    return state.load(Root(lpar.machine.root), "0211D11C1", stamp.arm_id)


def put_event(lpar: InProcess, phase: str, plan_b: bool = False) -> None:
    stamp = gate.read_stamp(lpar.machine.root)
    assert stamp is not None
    state.save(Root(lpar.machine.root), state.Event("0211D11C1", stamp.arm_id, phase, plan_b))


def armed(lpar: InProcess) -> bool:
    stamp = gate.read_stamp(lpar.machine.root)
    return stamp is not None and stamp.phase == "armed"


def answering(answer: Callable[[str, Callable[[], Ran]], Ran]) -> Callable[[Execute], Execute]:
    """Put ``answer(line, go on)`` between drboot and the machine; ``line`` is the command as one types it."""

    def through(run_argv: Execute) -> Execute:
        def between(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
            line = " ".join((os.path.basename(argv[0]), *argv[1:]))
            return answer(line, lambda: run_argv(argv, environment, killable, deadline))

        return between

    return through


# -- legs


def test_a_clean_odm_is_configured_at_once(tmp_path: Path) -> None:
    estate = ready(tmp_path)
    lpar = wake(estate)
    assert memory.apply(lpar) == EXIT_OK
    made = last_report(lpar)
    assert (made["outcome"], made["exit_code"], made["path"], made["by"]) == ("complete", 0, "ghostdev", "operator")
    assert set(outcomes(made).values()) <= {"done", "changed"}
    assert (made["problems"], armed(lpar)) == ([], False)
    assert (event(lpar).phase, event(lpar).plan_b, event(lpar).boots_saved) == (state.CONFIGURING, False, 0)
    stamp, decision = memory.decide(lpar)
    assert (decision.name, stamp.event) == ("event-done", f"0211D11C1/{stamp.arm_id}")
    lpar.save()
    assert lpars.differences(estate) == []
    lines = memory.said(lpar).splitlines()
    assert all(line.startswith("drboot: ") and len(line) < 80 and line.isascii() for line in lines)
    assert "is up and verified" in memory.said(lpar)


def test_F86_a_reset_that_did_not_happen_is_plan_b(tmp_path: Path) -> None:
    estate = ready(tmp_path)
    with estate.home.edit() as world:
        world["odm"]["attributes"]["sys0"]["ghostdev"] = ["0"]
        world["odm"]["saved_base"] = {}
    lpar = wake(estate)
    assert lpar.world["kernel"]["reset"] == ""
    assert memory.apply(lpar) == EXIT_OK
    made = last_report(lpar)
    assert made["path"] == "ghostdev, plan B"
    assert any("plan B" in note for note in made["notes"])
    assert "ODM not reset" in memory.said(lpar)
    assert "stale_definitions/devices" in outcomes(made)
    lpar.save()
    assert lpars.differences(estate) == []


def test_at_dr_the_reset_is_asked_for_behind_the_fence_and_observed(tmp_path: Path) -> None:
    estate = ready(tmp_path, "bootutil")
    first = wake(estate)
    assert memory.apply(first) == EXIT_REBOOT
    made = last_report(first)
    assert (made["outcome"], made["exit_code"], made["steps"]) == ("reboot", EXIT_REBOOT, [])
    assert (event(first).phase, armed(first), sys0(first, "clouddev")) == (state.RESET_REQUESTED, True, "1")
    ran = commands(first)
    asked = ran.index("chdev -l sys0 -a clouddev=1")
    assert ran.index("bootutil -c") < asked < ran.index("shutdown -Fr")
    fenced = next(n for n, line in enumerate(ran) if line.startswith("chdev -l en0"))
    assert fenced < asked, "production's address was on the wire"
    assert "rebooting once" in memory.said(first)
    second = rebooted(first)
    assert memory.apply(second) == EXIT_OK
    assert last_report(second)["path"] == "clouddev-at-dr"
    assert changes(second).count("chdev -l sys0 -a clouddev=1") == 1
    assert lpars.differences(estate) == []


def test_F86_asked_and_still_not_clean_is_plan_b_and_never_a_second_reset(tmp_path: Path) -> None:
    estate = ready(tmp_path, "nvram")
    first = wake(estate)
    assert memory.apply(first) == EXIT_REBOOT
    second = rebooted(first)
    assert memory.apply(second) == EXIT_OK
    assert last_report(second)["path"] == "clouddev-at-dr, plan B"
    assert (event(second).plan_b, changes(second).count("chdev -l sys0 -a clouddev=1")) == (True, 1)
    assert lpars.differences(estate) == []


def test_F87_at_dr_an_odm_that_is_clean_already_saves_a_boot(tmp_path: Path) -> None:
    estate = ready(tmp_path, device_reset="clouddev-at-dr")
    with estate.home.edit() as world:
        world["odm"]["attributes"].setdefault("sys0", {})["ghostdev"] = ["1"]
    lpar = wake(estate)
    assert lpar.world["kernel"]["reset"] == "ghostdev"
    assert memory.apply(lpar) == EXIT_OK
    assert event(lpar).boots_saved == 1
    assert any("one boot was saved" in note for note in last_report(lpar)["notes"])
    assert not [line for line in changes(lpar) if "clouddev=1" in line or "shutdown" in line]


@pytest.mark.parametrize("clouddev_is", ["1", "0"])
def test_power_lost_while_asking(tmp_path: Path, clouddev_is: str) -> None:
    """Intended and clouddev=1: it may have been asked, so it is not asked again.  clouddev=0: it was not."""
    lpar = wake(ready(tmp_path, "bootutil"))
    put_event(lpar, state.RESET_INTENDED)
    lpar.world["odm"]["attributes"]["sys0"]["clouddev"] = [clouddev_is]
    assert memory.apply(lpar) == (EXIT_OK if clouddev_is == "1" else EXIT_REBOOT)
    assert ("plan B" in last_report(lpar)["path"]) is (clouddev_is == "1")
    assert ("chdev -l sys0 -a clouddev=1" in changes(lpar)) is (clouddev_is == "0")


@pytest.mark.parametrize("plan_b", [True, False])
def test_a_configuring_run_is_resumed_as_it_began(tmp_path: Path, plan_b: bool) -> None:
    """Half of the signs are gone then, so the choice is remembered and not made again."""
    lpar = wake(ready(tmp_path, "bootutil"))
    put_event(lpar, state.CONFIGURING, plan_b)
    assert memory.apply(lpar) in (EXIT_OK, EXIT_UNFINISHED)
    made = last_report(lpar)
    assert ("plan B" in made["path"]) is plan_b
    assert ("stale_definitions/devices" in outcomes(made)) is plan_b
    assert not [line for line in changes(lpar) if "clouddev=1" in line or "shutdown" in line]


def test_a_record_that_cannot_be_written_never_asks_for_a_reset(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lpar = wake(ready(tmp_path, "bootutil"))

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device", paths.STATE)

    monkeypatch.setattr("drboot.state.save", full)
    assert memory.apply(lpar) == EXIT_OK
    made = last_report(lpar)
    assert (made["path"], set(names(made))) == ("clouddev-at-dr, plan B", {"record-unwritable"})
    assert {problem["next"] for problem in made["problems"]} == {"make room in /var"}, "all the rest is done"
    assert not [line for line in changes(lpar) if "clouddev=1" in line or "shutdown" in line]


def test_a_reset_that_aix_does_not_take_is_plan_b(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path, "bootutil"))
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/chdev", "args": "clouddev=1", "kind": "fails"}]
    assert memory.apply(lpar) == EXIT_OK
    made = last_report(lpar)
    assert (made["path"], names(made)) == ("clouddev-at-dr, plan B", ["reset-not-requested"])


# -- verification


class Undoing:
    """Sets ghostdev to 1 again before the reads of it that are numbered here, from 1.

    The first read is the step's own, the second its read-back, the third and the fourth the verification's.
    """

    def __init__(self, lpar: InProcess, *before: int) -> None:
        self.lpar, self.before, self.reads = lpar, before, 0

    def __call__(self, line: str, go_on: Callable[[], Ran]) -> Ran:
        if line == "lsattr -El sys0 -a ghostdev -F value":
            self.reads += 1
            if self.reads in self.before:
                self.lpar.world["odm"]["attributes"].setdefault("sys0", {})["ghostdev"] = ["1"]
        return go_on()


def test_what_is_found_undone_is_done_once_more(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))
    assert memory.apply(lpar, answering(Undoing(lpar, 3))) == EXIT_OK
    assert changes(lpar).count("chdev -l sys0 -a ghostdev=0") == 2
    made = last_report(lpar)
    assert (outcomes(made)["device_flags/ghostdev"], made["problems"]) == ("changed", [])
    [run] = report.runs(Root(lpar.machine.root))
    told = journal.read(lpar.machine.root + f"{paths.RUNS}/{run}/journal.jsonl")
    assert [each["steps"] for each in told if each["event"] == "again"] == [["device_flags/ghostdev"]]


def test_what_is_undone_again_and_again_is_a_failure(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))
    assert memory.apply(lpar, answering(Undoing(lpar, *range(3, 100)))) == EXIT_UNFINISHED
    made = last_report(lpar)
    assert outcomes(made)["device_flags/ghostdev"] == "failed"
    assert set(outcomes(made).values()) == {"done", "changed", "failed"}
    assert armed(lpar)


# -- the end


def test_an_entry_that_stays_live_does_not_undo_the_disarm(tmp_path: Path) -> None:
    """The stamp is the commit point; the next boot's gate sets the entry to off."""
    lpar = wake(ready(tmp_path))
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/chitab", "args": "drboot:2:off", "kind": "fails"}]
    assert memory.apply(lpar) == EXIT_OK
    made = last_report(lpar)
    assert (made["outcome"], names(made), armed(lpar)) == ("complete", ["inittab-entry"], False)


def test_a_stamp_of_somebody_else_is_not_disarmed(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))
    stamp = Path(lpar.machine.root + paths.STAMP)

    def arms_meanwhile(line: str, go_on: Callable[[], Ran]) -> Ran:
        if line.startswith("importvg"):
            old = next(text for text in stamp.read_text().splitlines() if text.startswith("arm_id="))
            stamp.write_text(stamp.read_text().replace(old, "arm_id=" + "b" * 16))
        return go_on()

    assert memory.apply(lpar, answering(arms_meanwhile)) == EXIT_UNFINISHED
    assert (names(last_report(lpar)), armed(lpar)) == (["stamp-changed"], True)


def test_failed_and_blocked_steps_leave_it_armed(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/importvg", "kind": "fails", "rc": 1}]
    assert memory.apply(lpar) == EXIT_UNFINISHED
    made = last_report(lpar)
    assert (made["outcome"], armed(lpar)) == ("unfinished", True)
    assert {"failed", "blocked", "changed"} <= set(outcomes(made).values())
    assert {"replica-not-writable", "step-needs-failed"} <= set(names(made))
    lpar.world["settings"]["faults"] = []
    assert memory.apply(lpar) == EXIT_OK


def test_a_bug_in_the_run_ends_in_a_report(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))

    def bug(line: str, go_on: Callable[[], Ran]) -> Ran:
        if line == "ifconfig -a":
            raise KeyError("nobody thought of this")
        return go_on()

    assert memory.apply(lpar, answering(bug)) == EXIT_BUG
    made = last_report(lpar)
    assert (made["outcome"], made["exit_code"], names(made)) == ("unfinished", EXIT_BUG, ["internal-error"])
    assert "Traceback" not in memory.said(lpar)
    assert (armed(lpar), [line for line in changes(lpar) if not line.startswith(("errlogger", "logger"))]) == (True, [])


def stopping(at: str, stop: interrupt.Stop) -> Callable[[Execute], Execute]:
    """SIGINT while this command runs."""

    def answer(line: str, go_on: Callable[[], Ran]) -> Ran:
        if line.startswith(at):
            stop.asked = "SIGINT"
        return go_on()

    return answering(answer)


def test_a_run_that_is_stopped_ends_in_a_report_and_the_next_one_goes_on(tmp_path: Path) -> None:
    estate = ready(tmp_path)
    lpar, stop = wake(estate), interrupt.Stop()
    assert memory.apply(lpar, stopping("importvg", stop), stop) == EXIT_UNFINISHED
    made = last_report(lpar)
    assert (made["outcome"], made["exit_code"], armed(lpar)) == ("unfinished", EXIT_UNFINISHED, True)
    assert outcomes(made)["volume_groups/datavg/import"] == "changed", "what ran was waited for"
    assert "run-stopped" in names(made)
    assert any("stopped by SIGINT" in note for note in made["notes"])
    assert not [line for line in changes(lpar) if line.startswith("mount")]
    assert "stopping, as SIGINT asks" in memory.said(lpar)
    assert memory.apply(lpar) == EXIT_OK
    lpar.save()
    assert lpars.differences(estate) == []


def test_whoever_stops_it_before_the_reset_is_asked_for_gets_no_reboot(tmp_path: Path) -> None:
    lpar, stop = wake(ready(tmp_path, "bootutil")), interrupt.Stop()
    assert memory.apply(lpar, stopping("chdev -l en0", stop), stop) == EXIT_UNFINISHED
    assert (event(lpar).phase, sys0(lpar, "clouddev"), armed(lpar)) == (state.FRESH, "0", True)
    assert "shutdown -Fr" not in commands(lpar)
    assert memory.apply(lpar) == EXIT_REBOOT, "the next run asks for it"


def test_F14_the_flags_end_at_0_even_where_a_bug_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lpar = wake(ready(tmp_path))
    assert sys0(lpar, "ghostdev") == "1"
    build = plan.build

    def bug(wanted: Any, only: str = "") -> Any:
        if only:
            return build(wanted, only)
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(plan, "build", bug)
    assert memory.apply(lpar) == EXIT_BUG
    assert (sys0(lpar, "ghostdev"), armed(lpar)) == ("0", True)


def test_F14_the_flags_end_at_0_also_where_the_state_could_not_be_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lpar = wake(ready(tmp_path))
    build = plan.build

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device", paths.STATE)

    def bug(wanted: Any, only: str = "") -> Any:
        if only:
            return build(wanted, only)
        raise KeyError("nobody thought of this")

    monkeypatch.setattr(state, "save", full)
    monkeypatch.setattr(plan, "build", bug)
    assert memory.apply(lpar) == EXIT_BUG
    assert (sys0(lpar, "ghostdev"), armed(lpar)) == ("0", True)


def test_F14_the_flags_end_at_0_where_a_bug_strikes_the_next_run_at_its_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lpar = wake(ready(tmp_path))
    put_event(lpar, state.CONFIGURING)

    def bug(*_args: object) -> None:
        raise KeyError("nobody thought of this")

    monkeypatch.setattr("drboot.left_running.earlier", bug)
    assert memory.apply(lpar) == EXIT_BUG
    assert (sys0(lpar, "ghostdev"), armed(lpar)) == ("0", True)


def test_a_bug_before_there_is_a_journal_is_kept_for_support(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))

    def bug(line: str, go_on: Callable[[], Ran]) -> Ran:
        if line.startswith("uname"):
            raise KeyError("nobody thought of this")
        return go_on()

    assert memory.apply(lpar, answering(bug)) == EXIT_BUG
    assert "internal error: KeyError" in memory.said(lpar)
    assert "nobody thought of this" in Path(lpar.machine.root + "/var/adm/drboot/last-bug").read_text()
    assert (report.runs(Root(lpar.machine.root)), armed(lpar)) == ([], True)


@pytest.mark.parametrize(
    ("old", "new", "code", "problem"),
    [
        ("IBM,0211D11C1", "IBM,0211D11C9", EXIT_CONFIG, "profile-changed-since-arm"),
        ("version: 1", "version: one", EXIT_CONFIG, "bad-number"),
        ("site: dr", "site: elsewhere", EXIT_CONFIG, "site-name-differs"),
        ("rehearsal:", "requires: {partition_name: [other]}\nrehearsal:", EXIT_REFUSED, "requires-not-met"),
        ("otherwise: disaster", "otherwise: refuse", EXIT_REFUSED, "neither-rehearsal-nor-disaster"),
    ],
)
def test_bad_input_and_refusals_leave_no_trace(tmp_path: Path, old: str, new: str, code: int, problem: str) -> None:
    lpar = wake(ready(tmp_path))
    edit(lpar.machine.root, DR_PROFILE, old, new)
    assert memory.apply(lpar) == code
    assert problem in memory.said(lpar)
    assert memory.said(lpar).endswith("drboot: nothing was changed\n")
    assert (report.runs(Root(lpar.machine.root)), changes(lpar), armed(lpar)) == ([], [], True)


def test_a_stamp_that_changed_while_waiting_belongs_to_another_run(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))
    stamp, decision = memory.decide(lpar)
    assert memory.apply(lpar) == EXIT_OK
    console = os.open(os.devnull, os.O_WRONLY)
    code = boot.run(lpar.machine.root, stamp, decision, console=Console(console), run_argv=memory.run_on(lpar))
    os.close(console)
    assert code == EXIT_BUSY
    assert len(report.runs(Root(lpar.machine.root))) == 1


def test_whoever_is_killed_writes_no_report(tmp_path: Path) -> None:
    lpar = wake(ready(tmp_path))
    lpar.world["settings"]["faults"] = [{"program": "/usr/sbin/importvg", "kind": "dies", "nth": 1}]
    with pytest.raises(Gone, match="killed"):
        memory.apply(lpar)
    [run] = report.runs(Root(lpar.machine.root))
    assert report.read(Root(lpar.machine.root), run) is None
    assert (event(lpar).phase, event(lpar).run, armed(lpar)) == (state.CONFIGURING, run, True)
