"""What a run leaves behind: journal, state, report, files; and what travelled with the replica does not count."""

from __future__ import annotations

import dataclasses
import json
import os
import stat
from pathlib import Path
from typing import Any, Dict, List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drboot import alarms, files, journal, paths, report, state
from drboot.errors import Problem
from drboot.paths import STATE, Root

EVENT = state.Event("0211D11C1", "aaaaaaaaaaaaaaaa", state.RESET_REQUESTED)


def test_runs_sort_as_they_were_whatever_the_clock_says(tmp_path: Path) -> None:
    """A clock that starts anew at each boot, or was set back: the later run has the later id."""
    root, found = Root(str(tmp_path)), []
    (tmp_path / "var/adm/drboot/runs/lost+found").mkdir(parents=True)
    for started in (1795275600.9, 1795275600.0, 1795275000.0, 1795275609.0):
        run = report.new_run(root, started)
        (tmp_path / "var/adm/drboot/runs" / run).mkdir()
        found.append(run)
    assert report.runs(root)[:4] == found
    assert [run.partition("-")[0][9:] for run in found] == ["154000Z", "154001Z", "154002Z", "154009Z"]


def test_the_journal_gives_back_what_was_said_in_order(tmp_path: Path) -> None:
    path = str(tmp_path / "journal.jsonl")
    log = journal.Journal(path)
    for n in range(5):
        log.append({"event": "step", "value": n})
    assert [event["value"] for event in journal.read(path)] == [0, 1, 2, 3, 4]
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert journal.read(str(tmp_path / "none")) == []


@given(st.data())
def test_a_torn_or_changed_journal_is_believed_up_to_there(tmp_path_factory: Any, data: st.DataObject) -> None:
    path = tmp_path_factory.mktemp("j") / "journal.jsonl"
    log = journal.Journal(str(path))
    for n in range(4):
        log.append({"event": "step", "value": n})
    whole = path.read_bytes()
    at = data.draw(st.integers(0, len(whole) - 2))
    if data.draw(st.booleans()):
        path.write_bytes(whole[:at])
        intact = whole[:at].count(b"\n")
    else:
        byte = data.draw(st.integers(1, 255))
        path.write_bytes(whole[:at] + bytes([whole[at] ^ byte]) + whole[at + 1 :])
        intact = whole[:at].count(b"\n")
    events = [event["value"] for event in journal.read(str(path))]
    assert events == list(range(len(events)))
    # a torn line may still be whole but for its newline
    assert intact <= len(events) <= intact + 1 if len(path.read_bytes()) < len(whole) else len(events) == intact


def test_a_line_that_is_not_synced_is_by_the_next_one_or_when_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    synced: List[int] = []  # lines in the file each time
    monkeypatch.setattr(os, "fsync", lambda _: synced.append(len(journal.read(str(path)))))
    monkeypatch.setattr(files, "sync_directory", lambda _: None)
    log = journal.Journal(str(path))
    log.append({"event": "read", "value": 0}, sync=False)
    assert [event["value"] for event in journal.read(str(path))] == [0]
    log.append({"event": "changed", "value": 1})
    log.append({"event": "read", "value": 2}, sync=False)
    assert synced == [2]
    log.flush()
    log.flush()
    assert synced == [2, 3]
    assert log.failure is None


def test_a_journal_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    directory = tmp_path / "run"
    directory.write_text("in its place")
    log = journal.Journal(str(directory / "journal.jsonl"))
    log.append({"event": "x", "value": 0})
    assert log.failure is not None
    assert "journal.jsonl" in log.failure
    directory.unlink()
    log.append({"event": "x", "value": 1})
    assert log.failure is None
    assert [event["value"] for event in journal.read(log.path)] == [0, 1], "its directory is made as soon as it can be"


def test_a_new_journal_and_the_directories_that_are_made_for_it_survive_a_power_loss(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: List[str] = []
    monkeypatch.setattr(files, "sync_directory", synced.append)
    log = journal.Journal(str(tmp_path / "runs/R1/journal.jsonl"))
    log.append({"event": "x"})
    assert synced == [str(tmp_path), str(tmp_path / "runs"), str(tmp_path / "runs/R1")]
    log.append({"event": "x"})
    assert len(synced) == 3


def test_what_did_not_fit_is_written_when_there_is_room_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """/var is full for a while: undo lives on these lines, and a gap would take all after it along."""
    path = tmp_path / "journal.jsonl"
    log = journal.Journal(str(path))
    log.append({"event": "x", "value": 0})
    write = os.write
    room = 30

    def half(descriptor: int, data: bytes) -> int:
        nonlocal room
        if not room:
            raise OSError(28, "No space left on device")
        part, room = min(len(data), room), room - min(len(data), room)
        return write(descriptor, data[:part])

    with monkeypatch.context() as full:
        full.setattr("os.write", half)
        log.append({"event": "x", "value": 1})
        log.append({"event": "x", "value": 2})
        assert log.failure is not None
        assert [event["value"] for event in journal.read(str(path))] == [0]
    log.append({"event": "x", "value": 3})
    assert (log.failure, log.count) == (None, 4)
    assert [event["value"] for event in journal.read(str(path))] == [0, 1, 2, 3]
    assert journal.records(str(path)).damaged == 0


def test_the_record_of_this_event_comes_back(tmp_path: Path) -> None:
    root = Root(str(tmp_path))
    assert state.load(root, EVENT.systemid, EVENT.arm_id).phase == state.FRESH
    state.save(root, EVENT)
    assert state.load(root, EVENT.systemid, EVENT.arm_id) == EVENT
    after = state.advanced(root, EVENT, state.CONFIGURING, plan_b=True)
    assert state.load(root, EVENT.systemid, EVENT.arm_id) == after
    assert after.plan_b


def test_claims_are_kept_where_var_takes_no_record(tmp_path: Path) -> None:
    """A file stands where the directory of the record would be, as a /var that takes nothing."""
    root, spare = Root(str(tmp_path)), tmp_path / paths.CLAIMS[1:]
    (tmp_path / "var/adm").mkdir(parents=True)
    spare.parent.mkdir(parents=True)
    (tmp_path / paths.VAR[1:]).write_text("")
    with pytest.raises(OSError):
        state.save(root, EVENT)
    assert not spare.exists(), "there was nothing to keep"
    with pytest.raises(OSError):
        state.save(root, dataclasses.replace(EVENT, claims="b a"))
    assert state.load(root, EVENT.systemid, EVENT.arm_id) == state.Event(EVENT.systemid, EVENT.arm_id, claims="a b")
    assert state.load(root, EVENT.systemid, "b" * 16).claims == "", "those of another event"
    (tmp_path / paths.VAR[1:]).unlink()
    state.save(root, dataclasses.replace(EVENT, claims="c"))
    assert state.load(root, EVENT.systemid, EVENT.arm_id).claims == "c"
    assert not spare.exists()
    assert state.load(root, "0299AAAAA", EVENT.arm_id).claims == ""


@pytest.mark.parametrize(
    ("systemid", "arm_id"), [("0206F42A0", EVENT.arm_id), (EVENT.systemid, "bbbbbbbbbbbbbbbb"), ("", "")]
)
def test_records_that_travelled_with_the_replica_never_count(tmp_path: Path, systemid: str, arm_id: str) -> None:
    root = Root(str(tmp_path))
    state.save(root, EVENT)
    assert state.load(root, systemid, arm_id) == state.Event(systemid, arm_id)


@given(st.binary(max_size=200) | st.dictionaries(st.text(), st.integers()).map(lambda v: json.dumps(v).encode()))
def test_a_damaged_record_is_no_record(tmp_path_factory: Any, data: bytes) -> None:
    root = Root(str(tmp_path_factory.mktemp("s")))
    os.makedirs(os.path.dirname(root.path(STATE)))
    Path(root.path(STATE)).write_bytes(data)
    assert state.load(root, "0211D11C1", "a").phase == state.FRESH


@pytest.mark.parametrize("key", ["since", "until"])
@pytest.mark.parametrize(
    ("time", "counts"),
    [("0.0", True), ("253402300799.0", True), ("253402300800.0", False), ("-1.0", False), ("NaN", False),
     ("1e300", False), ("Infinity", False)],
)  # fmt: skip
def test_a_record_of_a_time_that_no_calendar_has_is_damaged(key: str, time: str, counts: bool) -> None:
    text = json.dumps({**dataclasses.asdict(EVENT), key: 7.5}).replace("7.5", time)
    event = state.parse(text)
    assert (event is not None) is counts
    for line in alarms.of_rehearsal(dataclasses.replace(event, mode="rehearsal"), 1.8e9) if event else ():
        assert line.isascii()


def test_a_file_is_replaced_with_its_mode_and_never_through_a_link(tmp_path: Path) -> None:
    target = tmp_path / "hosts"
    target.write_text("old")
    target.chmod(0o640)
    files.write_atomic(str(target), b"new")
    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("new", 0o640)
    link = tmp_path / "link"
    link.symlink_to(target)
    with pytest.raises(OSError, match="symbolic link"):
        files.write_atomic(str(link), b"through")
    assert target.read_text() == "new"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["hosts", "link"]


def test_nothing_is_left_when_a_file_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "directory").mkdir()
    with pytest.raises(OSError, match="directory"):
        files.write_atomic(str(tmp_path / "directory"), b"x")
    assert [p.name for p in tmp_path.iterdir()] == ["directory"]


def test_a_move_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    (tmp_path / "b").write_text("b")
    with pytest.raises(FileExistsError):
        files.move(str(tmp_path / "a"), str(tmp_path / "b"))
    assert (tmp_path / "b").read_text() == "b"


def made(**changed: Any) -> Dict[str, Any]:
    step = {
        "step": "volume_groups/datavg/import", "title": "importvg datavg", "outcome": "changed", "evidence": "2 of 2",
        "problem": None, "warnings": ["0516-510 <noise>"], "seconds": 3.1, "actions": ["importvg -y datavg hdisk4"],
        "stuck": False, "essential": True,
    }  # fmt: skip
    problem = Problem(
        "vg-pvid-missing", "datavg cannot be imported", "dr.yaml:3", "PVID <x> & more", "cfgmgr"
    )._asdict()
    value = {
        "version": 1, "run": "20261121T031500Z-77", "host": "prod01", "site": "dr", "mode": "disaster",
        "systemid": "0211D11C1", "arm_id": "a" * 16, "accepted": False, "by": "init", "path": "ghostdev",
        "started": "2026-11-21T03:15:00Z", "seconds": 41.0, "outcome": "complete", "exit_code": 0,
        "steps": [step, dict(step, outcome="failed", problem=problem, warnings=[])], "problems": [problem],
        "notes": ["After a DR test: deactivate this LPAR."],
    }  # fmt: skip
    return {**value, **changed}


def test_the_report_is_kept_and_found(tmp_path: Path) -> None:
    root = Root(str(tmp_path))
    assert report.runs(root) == []
    assert report.write(root, made()) is None
    assert report.runs(root) == ["20261121T031500Z-77"]
    assert report.read(root, "20261121T031500Z-77") == made()
    assert report.read(root, "other") is None
    (tmp_path / "var/adm/drboot/runs").chmod(0o700)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"text"', "7", "[" * 100000, "\xff"])
def test_a_damaged_report_is_no_report(tmp_path: Path, text: str) -> None:
    root = Root(str(tmp_path))
    assert report.write(root, made()) is None
    (tmp_path / "var/adm/drboot/runs/20261121T031500Z-77/report.json").write_text(text)
    assert report.read(root, "20261121T031500Z-77") is None


def test_the_report_says_what_happened_in_80_plain_columns() -> None:
    text = report.text(made())
    assert text.isascii()
    assert max(map(len, text.splitlines())) < 80
    assert "1 changed, 1 FAILED" in text
    assert "vg-pvid-missing" in text
    assert "NOT complete" in report.headline(made(outcome="unfinished"))
    assert "reboots once" in report.headline(made(outcome="reboot"))


def test_the_page_escapes_what_machines_say() -> None:
    page = report.page(made())
    assert "<noise>" not in page
    assert "&lt;noise&gt;" in page
    assert "PVID &lt;x&gt; &amp; more" in page


def test_a_file_is_written_beside_what_a_power_loss_left(tmp_path: Path) -> None:
    """The same process id comes again at the next boot: pids at boot are much the same each time."""
    path = tmp_path / "armed"
    path.write_text("old\n")
    (tmp_path / f"armed.drboot-{os.getpid()}").write_text("half a st")
    files.write_atomic(str(path), b"new\n")
    assert path.read_text() == "new\n"
    assert os.listdir(tmp_path) == ["armed"]


def test_what_a_dead_writer_left_is_cleared_and_a_living_one_is_not_disturbed(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    nobody, somebody = 2**22 + 1, os.getppid()
    for name in (f"hosts.drboot-{nobody}", f"hosts.drboot-{somebody}", "hosts.drboot-old", f"hosts2.drboot-{nobody}"):
        (tmp_path / name).write_text("half a li")
    files.write_atomic(str(path), b"new\n")
    kept = {"hosts", f"hosts.drboot-{somebody}", "hosts.drboot-old", f"hosts2.drboot-{nobody}"}
    assert {entry.name for entry in tmp_path.iterdir()} == kept
    assert path.read_text() == "new\n"


def test_a_fresh_event_has_nothing_behind_it_and_stays_as_it_is(tmp_path: Path) -> None:
    event = state.Event("0211D11C1", "a" * 16)
    assert (event.phase, event.plan_b, event.boots_saved, event.run) == (state.FRESH, False, 0, "")
    assert (event.mode, event.since, event.until) == ("", 0.0, 0.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        event.phase = state.CONFIGURING  # type: ignore[misc]
    root = Root(str(tmp_path))
    state.save(root, event)
    assert stat.S_IMODE(Path(root.path(STATE)).stat().st_mode) == 0o600
    assert state.load(root, "0211D11C1", "a" * 16) == event
