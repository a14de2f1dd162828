"""Undo: which runs, in which order, what is brought back, and what it says when it cannot."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable, Dict, List, Tuple

import pytest

from drboot import undo
from drboot.errors import ConfigError, DrbootError, Refused
from drboot.events import Console
from drboot.journal import Journal, read
from drboot.paths import Root
from drboot.report import write
from drboot.steps import reversals
from drboot.steps.base import Step
from drboot.steps.reversals import (
    AliasesWere,
    AttributesWere,
    BootListWas,
    DumpDeviceWas,
    DumpSettingsWere,
    EntryWas,
    FileWas,
    GroupGone,
    GroupOff,
    GroupWas,
    HookUndone,
    HostNameWas,
    InterfaceWas,
    MovedBack,
    NodeNameWas,
    OwnerWas,
    PagingOff,
    PseudoGone,
    Routes6Were,
    RoutesWere,
    ServerServes,
    SubsystemWas,
    Unmounted,
    WparAddressesWere,
    WparFileWas,
    WparStartsItself,
    WparStopped,
)
from tests import stub_root

SYSTEMID, ARM_ID = stub_root.DR_ID, stub_root.ARM_ID
EVERY: Tuple[Step, ...] = (
    AliasesWere("en1", ("10.1.5.12,255.255.255.0",)),
    AttributesWere("sys0", (("ghostdev", "1"), ("clouddev", ""))),
    BootListWas((("hdisk0", "blv=hd5", "pathid=0"), ("hdisk1",))),
    DumpDeviceWas("secondary", "/dev/sysdumpnull"),
    DumpSettingsWere("/var/adm/ras", "TRUE", "FALSE"),
    EntryWas("nimclient:2:once:/usr/sbin/nimclient -S running"),
    FileWas("/etc/hosts", "127.0.0.1 loopback\n\udce4\n", 0o640, 1, 2),
    FileWas("/etc/motd", None),
    GroupGone("datavg"),
    GroupOff("datavg"),
    GroupWas("datavg", True, False),
    HostNameWas("localhost"),
    InterfaceWas("en0", "", "", "down", "1500", ("10.20.5.11",)),
    MovedBack("/etc/niminfo", "/etc/niminfo.home"),
    NodeNameWas("localhost"),
    HookUndone("app", "/etc/drboot/hooks/app-off", ("-v",), 60.0, (("DRBOOT_SITE", "dr"),), SYSTEMID, ARM_ID),
    OwnerWas("/dev/rlv", 201, 202, 0o660, "datavg"),
    PagingOff("paging00"),
    PseudoGone("ibm_ech", (("adapter_names", ("ent0", "ent1")),)),
    Routes6Were(("net,-hopcount,0,,,::,2001:db8:5::1",)),
    RoutesWere(("net,-hopcount,0,,0,10.1.5.1",)),
    ServerServes("rpvserver0", "glvmvg"),
    SubsystemWas("snmpd", True),
    Unmounted("/data"),
    WparAddressesWere("web", (("en0", "10.1.5.31", "255.255.255.0"),)),
    WparFileWas(
        "web", "/wpars/web", "/wpars/web/etc/resolv.conf", "nameserver 10.1.0.53\n", 0o644, 0, 0, ("/wpars/web",)
    ),
    WparStartsItself("web"),
    WparStopped("web"),
)


def test_every_reversal_survives_the_journal(tmp_path: Path) -> None:
    journal = Journal(str(tmp_path / "journal.jsonl"))
    journal.append({"event": "undo", "back": [reversals.dump(step) for step in EVERY]})
    (event,) = read(str(tmp_path / "journal.jsonl"))
    assert tuple(reversals.load(value, reversals.AT) for value in event["back"]) == EVERY
    assert {type(step).__name__ for step in EVERY} == set(reversals.KINDS)


class Runs:
    """Runs of one machine, as their journals and reports."""

    def __init__(self, directory: Path) -> None:
        self.root = Root(str(directory))
        (directory / "etc/drboot").mkdir(parents=True)
        (directory / "etc/drboot/armed").write_text(stub_root.stamp_text())

    def add(
        self,
        name: str,
        *steps: Step,
        outcome: str = "complete",
        systemid: str = SYSTEMID,
        arm_id: str = ARM_ID,
        **more: Any,
    ) -> None:
        directory = Path(self.root.path("/var/adm/drboot/runs/" + name))
        directory.mkdir(parents=True)
        journal = Journal(str(directory / "journal.jsonl"))
        keys = {"host": "prod01", "site": "dr", "mode": "disaster", "systemid": systemid, "arm_id": arm_id}
        journal.append({"event": "run", **keys, **more})
        files = [reversals.dump(FileWas("/etc/hosts", f"as before {name}\n"))]
        journal.append({"event": "before", "files": files, "unread": []})
        for step in steps:
            journal.append(
                {"event": "undo", "title": step.title, "back": [reversals.dump(step)], "kept": "", "lost": ""}
            )
        if more.get("undoes") and outcome == "complete":
            journal.append({"event": "undone", "runs": more["undoes"]})
        if outcome:
            made: Dict[str, Any] = {
                "run": name, **keys, "by": "init", "started": "", "seconds": 0.0, "path": "", "outcome": outcome,
                "exit_code": 0, "steps": [], "problems": [], "notes": [], "events": journal.count,
            }  # fmt: skip
            assert write(self.root, made) is None

    def lines(self, name: str) -> List[str]:
        return self.journal(name).read_text().splitlines(keepends=True)

    def journal(self, name: str) -> Path:
        return Path(self.root.path(f"/var/adm/drboot/runs/{name}/journal.jsonl"))

    def plan(self, run: str = "") -> undo.Undo:
        return undo.plan(self.root, SYSTEMID, run)

    def names(self, run: str = "") -> List[str]:
        return [one.run for one in self.plan(run).runs]


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_the_last_change_is_undone_first_and_the_files_last(runs: Runs) -> None:
    runs.add("1", GroupGone("datavg"), GroupOff("datavg"), Unmounted("/data"))
    steps = runs.plan().steps
    assert [step.id for step in steps] == [
        "undo/mount/data", "undo/varyon/datavg", "undo/import/datavg", "undo/file/etc/hosts",
    ]  # fmt: skip
    assert [step.after for step in steps] == [(), *((step.id,) for step in steps[:-1])]


def test_two_runs_gave_an_interface_different_addresses_and_it_loses_both(runs: Runs) -> None:
    runs.add("1", InterfaceWas("en0", "", "", "down", "1500", ("10.20.5.11",)), outcome="")
    runs.add("2", InterfaceWas("en0", "10.20.5.11", "255.255.255.0", "up", "1500", ("10.20.5.99",)))
    (was,) = (step for step in runs.plan().steps if isinstance(step, InterfaceWas))
    assert (was.netaddr, set(was.addresses)) == ("", {"10.20.5.11", "10.20.5.99"})


def test_what_two_runs_changed_is_brought_back_once_as_the_older_found_it(runs: Runs) -> None:
    runs.add("1", NodeNameWas("first"), outcome="")
    runs.add("2", NodeNameWas("second"), Unmounted("/data"))
    steps = runs.plan().steps
    assert steps[1] == NodeNameWas("first", "1", (), ("undo/mount/data",))
    assert [step.text for step in steps if isinstance(step, FileWas)] == ["as before 1\n"]


def test_settings_of_a_group_that_goes_anyway_are_left_alone(runs: Runs) -> None:
    settings = GroupWas("datavg", True, True), OwnerWas("/dev/r", 0, 0, 0, "datavg"), GroupWas("appvg", True, True)
    runs.add("1", GroupGone("datavg"), *settings)
    assert [step.id for step in runs.plan().steps[:-1]] == ["undo/settings/appvg", "undo/import/datavg"]


def test_a_run_counts_only_for_its_own_event(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"), systemid="06F42A0")
    runs.add("2", Unmounted("/b"), arm_id="another")
    runs.add("3", Unmounted("/c"))
    assert runs.names() == ["3"]


def test_what_aix_has_reset_since_is_not_undone(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"), outcome="reboot")
    runs.add("2", Unmounted("/b"))
    assert runs.names() == ["2"]
    with pytest.raises(ConfigError) as caught:
        runs.plan("1")
    assert caught.value.problems[0].name == "undo-not-this-run"


def test_a_run_is_undone_once_and_an_undo_never(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"))
    runs.add("2", Unmounted("/b"), undoes=["1"])
    with pytest.raises(ConfigError) as caught:
        runs.plan()
    assert caught.value.problems[0].name == "nothing-to-undo"
    with pytest.raises(ConfigError, match="undo-not-this-run"):
        runs.plan("1")
    runs.add("3", Unmounted("/c"))
    assert runs.names() == ["3"]


def test_an_undo_that_could_not_bring_back_all_is_done_again(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"))
    runs.add("2", undoes=["1"], outcome="not-undone")
    assert runs.names() == ["1"]


def test_the_later_run_first(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"))
    runs.add("2", Unmounted("/b"))
    assert runs.names("2") == ["2"]
    with pytest.raises(ConfigError) as caught:
        runs.plan("1")
    assert (caught.value.problems[0].name, caught.value.problems[0].next) == ("undo-not-this-run", "drboot undo 2")


def test_a_run_that_changed_nothing_leaves_nothing_to_undo(runs: Runs) -> None:
    runs.add("1")
    with pytest.raises(ConfigError, match="nothing-to-undo"):
        runs.plan()


def test_an_unknown_machine_undoes_nothing(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"))
    with pytest.raises(Refused, match="undo-event-unknown"):
        undo.plan(runs.root, "")


def test_where_it_cannot_be_recorded_nothing_is_undone(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    runs.add("1", Unmounted("/a"))

    def full(*_args: Any, **_keys: Any) -> None:
        raise OSError(28, "No space left on device", "/var")

    monkeypatch.setattr("os.mkdir", full)
    ran: List[Any] = []
    with pytest.raises(DrbootError, match="record-unwritable"):
        undo.run(runs.root, SYSTEMID, "", Console(1), lambda *args: ran.append(args))  # type: ignore[arg-type,func-returns-value]
    assert ran == []


def test_a_run_that_was_killed_before_it_recorded_the_files_had_not_changed_them(runs: Runs) -> None:
    runs.add("1", outcome="")
    runs.journal("1").write_text("".join(runs.lines("1")[:1]))
    runs.add("2", Unmounted("/data"))
    assert [step.text for step in runs.plan().steps if isinstance(step, FileWas)] == ["as before 2\n"]


def test_an_attribute_that_two_runs_changed_has_the_older_ones_value(runs: Runs) -> None:
    runs.add("1", AttributesWere("hdisk1", (("queue_depth", "20"), ("algorithm", "fail_over"))), outcome="")
    runs.add("2", AttributesWere("hdisk1", (("queue_depth", "32"), ("hcheck_interval", "0"))))
    runs.add("3", AttributesWere("hdisk1", (("queue_depth", "64"),)))
    values = [step.values for step in runs.plan().steps if isinstance(step, AttributesWere)]
    assert values == [(("hcheck_interval", "0"),), (("queue_depth", "20"), ("algorithm", "fail_over"))]


def test_files_that_were_moved_before_the_reset_come_back_with_the_run_after_it(runs: Runs) -> None:
    runs.add("1", MovedBack("/etc/niminfo", "/etc/niminfo.home"), NodeNameWas("home"), outcome="reboot")
    runs.add("2", Unmounted("/data"))
    planned = runs.plan()
    assert [step.id for step in planned.steps] == ["undo/mount/data", "undo/moved/etc/niminfo", "undo/file/etc/hosts"]
    assert [step.text for step in planned.steps if isinstance(step, FileWas)] == ["as before 1\n"]
    runs.add("3", undoes=["2"])
    runs.add("4", Unmounted("/a"))
    assert [step.id for step in runs.plan().steps] == ["undo/mount/a", "undo/file/etc/hosts"]


def changed(lines: List[str]) -> List[str]:
    return [*lines[:2], lines[2].replace("data", "else"), *lines[3:]]


def missing(lines: List[str]) -> List[str]:
    return lines[:-1]


def torn(lines: List[str]) -> List[str]:
    return [*lines[:-1], lines[-1][:-9]]


@pytest.mark.parametrize("harm", [changed, missing, torn])
def test_with_a_damaged_record_nothing_is_undone(runs: Runs, harm: Callable[[List[str]], List[str]]) -> None:
    """Half of the way back, and the word that all is as it was, would be worse than none."""
    runs.add("1", Unmounted("/data"), GroupOff("datavg"), GroupGone("datavg"))
    runs.journal("1").write_text("".join(harm(runs.lines("1"))))
    with pytest.raises(DrbootError) as caught:
        runs.plan()
    problem = caught.value.problems[0]
    assert caught.value.exit_code == 4
    assert problem.name == "undo-record-damaged"
    assert "journal.jsonl:" in problem.where
    ran: List[Any] = []
    with pytest.raises(DrbootError):
        undo.run(runs.root, SYSTEMID, "", Console(1), lambda *args: ran.append(args))  # type: ignore[arg-type,func-returns-value]
    assert ran == []


def test_a_torn_last_line_of_a_run_that_lost_its_power_is_no_damage(runs: Runs) -> None:
    runs.add("1", Unmounted("/data"), GroupOff("datavg"), outcome="")
    runs.journal("1").write_text("".join(torn(runs.lines("1"))))
    assert [step.id for step in runs.plan().steps] == ["undo/mount/data", "undo/file/etc/hosts"]


def test_damage_in_the_record_of_another_machine_is_nobodys_business(runs: Runs) -> None:
    runs.add("1", Unmounted("/a"), systemid="06F42A0")
    runs.add("2", Unmounted("/b"))
    runs.journal("1").write_text("".join(changed(runs.lines("1"))))
    assert runs.names() == ["2"]


def test_a_kind_of_reversal_that_this_release_does_not_know_is_damage(runs: Runs) -> None:
    runs.add("1", Unmounted("/data"), outcome="")
    journal = runs.journal("1")
    journal.unlink()
    log = Journal(str(journal))
    log.append({"event": "run", "systemid": SYSTEMID, "arm_id": ARM_ID})
    log.append({"event": "undo", "title": "x", "back": [{"kind": "DiskFormatted", "disk": "hdisk0"}], "kept": ""})
    with pytest.raises(DrbootError, match="undo-record-damaged"):
        runs.plan()
