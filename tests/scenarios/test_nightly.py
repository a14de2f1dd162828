"""``arm --nightly``, and the nights that follow: silent while all is well, heard where something is wrong.

Nothing at all is written where the machine is not at its site.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Callable, Dict, List, Mapping, Optional, Tuple

import pytest

from drboot import cron, nightly, paths, undo
from drboot.clock import CountedClock
from drboot.paths import Root
from drboot.runner import Ran
from drboot.sim import boot
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory
from tests.scenarios.verbs import drboot

CAPTURE = "var/adm/drboot/captures/home.json"


@pytest.fixture
def estate(tmp_path: Path) -> Estate:
    made = small.make(str(tmp_path))
    memory.arm_at_home(made)
    return made


@pytest.fixture
def lpar(estate: Estate) -> InProcess:
    return InProcess(estate.home)


def table(lpar: InProcess) -> str:
    return Path(lpar.machine.root + paths.ROOT_TABLE).read_text()


def logged(lpar: InProcess) -> List[str]:
    """What errlogger was told on this LPAR."""
    lpar.save()
    return [entry["argv"][1] for entry in lpar.machine.commands() if entry["argv"][0].endswith("errlogger")]


# ---------------------------------------------------------------- the line


def test_the_line_is_put_once_moved_in_time_and_taken_out(lpar: InProcess) -> None:
    before = table(lpar)
    first = drboot(lpar, "arm", "--nightly")
    usual = cron.usual_time("prod01")
    assert (first.rc, f"every night at {usual}" in first.out) == (0, True), first
    assert max(map(len, first.out.splitlines())) < 80
    assert table(lpar) == before + cron.nightly_line(usual)
    for again in (("arm", "--nightly"), ("arm",)):
        assert "every night" not in drboot(lpar, *again).out
        assert table(lpar) == before + cron.nightly_line(usual)
    later = drboot(lpar, "arm", "--nightly", "23:45", "--json")
    assert "every night at 23:45; what is wrong goes to" in json.loads(later.out)["changed"][0]
    assert table(lpar) == before + cron.nightly_line(cron.Time(23, 45))
    assert "every night" not in drboot(lpar, "arm", "--nightly").out  # the time that is set stays
    assert table(lpar) == before + cron.nightly_line(cron.Time(23, 45))
    assert drboot(lpar, "disarm").rc == 0
    assert cron.is_right(table(lpar))
    assert "no nightly capture and check any more" in drboot(lpar, "disarm", "--nightly").out
    assert table(lpar) == before
    assert not Path(lpar.machine.root + cron.NEW_TABLE).exists()


def test_a_root_without_crontab_gets_one_and_loses_it_again(lpar: InProcess) -> None:
    file = Path(lpar.machine.root + paths.ROOT_TABLE)
    file.unlink()
    assert drboot(lpar, "arm", "--nightly", "03:30").rc == 0
    assert table(lpar) == cron.nightly_line(cron.Time(3, 30))
    assert drboot(lpar, "disarm", "--nightly").rc == 0
    assert not file.exists()
    assert drboot(lpar, "disarm", "--nightly").rc == 0


def test_lines_of_others_keep_every_byte(lpar: InProcess) -> None:
    file = Path(lpar.machine.root + paths.ROOT_TABLE)
    before = b"# caf\xe9\r\n0 1 * * *\t/site/backup%full  # \xff\n\n\n# \x0c13 3 * * * " + cron.NIGHTLY.encode()
    before += b"\n*/5 * * * * x"
    file.write_bytes(before)
    assert drboot(lpar, "arm", "--nightly", "03:30").rc == 0
    assert file.read_bytes() == before + b"\n" + cron.nightly_line(cron.Time(3, 30)).encode()


@pytest.mark.parametrize("time", ["25:00", "noon"])
def test_a_time_that_is_none_changes_nothing(lpar: InProcess, time: str) -> None:
    lpar.save()
    before = lpars.fingerprint(lpar.machine)
    ran = drboot(lpar, "arm", "--nightly", time)
    assert (ran.rc, "is no time of day" in ran.err) == (2, True), ran
    lpar.save()
    assert lpars.fingerprint(lpar.machine) == before


@pytest.mark.parametrize(
    "allow, deny, is_told", [("oracle\n", "", True), (None, "root\n", True), ("root\n", "root\n", False)]
)
def test_a_root_that_cron_shuts_out_is_told_and_armed_all_the_same(
    lpar: InProcess, allow: Optional[str], deny: str, is_told: bool
) -> None:
    """cron.allow counts for root as well, and cron.deny where there is none."""
    before, armed = table(lpar), lpars.stamp(lpar.machine)["arm_id"]
    Path(lpar.machine.root + paths.CRON_DENY).write_text(deny)
    allowed = Path(lpar.machine.root + paths.CRON_ALLOW)
    allowed.write_text(allow) if allow else allowed.unlink()
    ran = drboot(lpar, "arm", "--nightly")
    assert (ran.rc, "error crontab-not-set" in ran.err, "keeps root out" in ran.err) == (4 * is_told, is_told, is_told)
    assert (table(lpar) == before) is is_told
    assert not Path(lpar.machine.root + cron.NEW_TABLE).exists()
    assert lpars.stamp(lpar.machine)["arm_id"] != armed


def test_a_table_that_became_something_else_is_put_back(lpar: InProcess) -> None:
    before = table(lpar)
    file, real, calls = Path(lpar.machine.root + paths.ROOT_TABLE), memory.run_on(lpar), []

    def run_argv(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        ran = real(argv, environment, killable, deadline)
        if argv[0].endswith("/crontab"):
            calls.append(argv)
            if len(calls) == 1:
                file.write_text("torn")
        return ran

    ran = drboot(lpar, "arm", "--nightly", run_argv=run_argv)
    assert (ran.rc, "root's crontab is as it was" in ran.err, len(calls)) == (4, True, 2), ran
    assert table(lpar) == before


def test_it_is_not_put_where_the_machine_is_elsewhere(estate: Estate) -> None:
    lpar = memory.wake(estate)
    before, armed = table(lpar), lpars.stamp(lpar.machine)
    ran = drboot(lpar, "arm", "--nightly")
    assert (ran.rc, "nightly-elsewhere" in ran.err) == (3, True), ran
    assert (table(lpar), lpars.stamp(lpar.machine)) == (before, armed)


# ---------------------------------------------------------------- the nights


def test_a_good_night_captures_and_says_nothing(lpar: InProcess) -> None:
    assert drboot(lpar, "arm", "--nightly").rc == 0
    capture = Path(lpar.machine.root, CAPTURE)
    capture.write_text(capture.read_text().replace('"taken": "2', '"taken": "1'))
    ran = drboot(lpar, "check", "--nightly")
    assert (ran.rc, ran.out, ran.err, logged(lpar)) == (0, "", "", [])
    assert json.loads(capture.read_text())["taken"].startswith("20")
    assert "drboot: prod01 at home is ready: 0 errors" in Path(lpar.machine.root + nightly.RECORD).read_text()


def test_a_bad_night_is_heard_on_both_ways(lpar: InProcess) -> None:
    """What cron mails, and the error log; and the exit status, which cron logs."""
    Path(lpar.machine.root + paths.ETC_NETSVC).write_text("hosts = bind, local\n")
    ran = drboot(lpar, "check", "--nightly")
    assert ran.rc == 4
    assert "error check-lookup-order" in ran.out and "NOT ready" in ran.out.splitlines()[-1]
    (line,) = logged(lpar)
    assert line.startswith("drboot: prod01 at home is NOT ready: 1 error") and "check-lookup-order" in line
    record = Path(lpar.machine.root + nightly.RECORD).read_text()
    assert "error check-lookup-order" in record
    again = json.loads(drboot(lpar, "check", "--nightly", "--json").out)
    assert (again["ready"], again["exit_code"]) == (False, 4)


def test_what_was_changed_by_day_is_captured_recorded_and_no_alarm(lpar: InProcess) -> None:
    filesystems = Path(lpar.machine.root + paths.ETC_FILESYSTEMS)
    filesystems.write_text(filesystems.read_text() + "\n/new:\n\tdev = /dev/hd1\n\tvfs = jfs2\n")
    by_day = drboot(lpar, "check")
    assert by_day.rc == 4 and "- file system /new is new" in by_day.out
    assert drboot(lpar, "check", "--nightly").out == ""
    record = Path(lpar.machine.root + nightly.RECORD).read_text()
    assert record.endswith("1 change since the capture before:\nfile system /new is new\n")
    assert drboot(lpar, "check").rc == 0


@pytest.mark.parametrize("damage", [lambda text: text[: len(text) // 2], lambda text: "", lambda text: "[]"])
def test_a_damaged_capture_is_replaced_in_the_night(lpar: InProcess, damage: Callable[[str], str]) -> None:
    capture = Path(lpar.machine.root, CAPTURE)
    capture.write_text(damage(capture.read_text()))
    assert drboot(lpar, "check").rc == 2
    assert drboot(lpar, "check", "--nightly").rc == 0
    assert drboot(lpar, "check").rc == 0


def test_a_capture_that_cannot_be_written_is_heard(lpar: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str, data: bytes, mode: Optional[int] = None) -> None:
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr("drboot.files.write_atomic", full)
    ran = drboot(lpar, "check", "--nightly")
    assert (ran.rc, "the capture cannot be written: No space left on device" in ran.out) == (4, True), ran
    assert "No space left" in logged(lpar)[0]


def test_a_capture_that_cannot_be_written_is_a_problem_and_the_old_one_stands(
    lpar: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Path(lpar.machine.root, CAPTURE).read_text()

    def full(path: str, data: bytes, mode: Optional[int] = None) -> None:
        raise OSError(28, "No space left on device", path)

    monkeypatch.setattr("drboot.files.write_atomic", full)
    ran = drboot(lpar, "capture")
    assert (ran.rc, "error capture-not-written" in ran.err, "No space left" in ran.err) == (4, True, True), ran
    assert Path(lpar.machine.root, CAPTURE).read_text() == before


def test_bad_profiles_are_heard_at_home(lpar: InProcess) -> None:
    profile = Path(lpar.machine.root, "etc/drboot/sites/dr.yaml")
    profile.write_text(profile.read_text().replace("version: 1", "verison: 1"))
    before = Path(lpar.machine.root, CAPTURE).read_bytes()
    ran = drboot(lpar, "check", "--nightly")
    assert (ran.rc, "verison" in ran.err) == (2, True), ran
    assert logged(lpar)[0].startswith("drboot: NOT ready for DR: ")
    assert Path(lpar.machine.root, CAPTURE).read_bytes() == before


def everything(lpar: InProcess) -> Dict[str, str]:
    lpar.save()
    return lpars.fingerprint(lpar.machine)


def test_at_another_site_it_writes_and_says_nothing(estate: Estate) -> None:
    """The table travels with the replica, and so does the line; after the recovery silence would tell an untruth."""
    home = InProcess(estate.home)
    assert drboot(home, "arm", "--nightly").rc == 0
    home.save()
    lpar = memory.wake(estate)
    assert cron.is_right(table(lpar))
    for rc in (0, 3):
        before, heard = everything(lpar), logged(lpar)
        ran = drboot(lpar, "check", "--nightly")
        assert (ran.rc, ran.out, ran.err != "") == (rc, "", rc == 3), ran
        assert (everything(lpar), logged(lpar)) == (before, heard)
        assert memory.apply(lpar) == 0
    assert "next:  if it is to stay: drboot capture --site dr, drboot arm --site dr" in ran.err
    assert drboot(lpar, "capture", "--site", "dr").rc == drboot(lpar, "arm", "--site", "dr", "--nightly").rc == 0
    ran = drboot(lpar, "check", "--nightly")
    assert "at dr is" in Path(lpar.machine.root + nightly.RECORD).read_text(), ran


def test_on_a_machine_that_no_site_lists_it_writes_nothing_and_says_so(estate: Estate) -> None:
    home = InProcess(estate.home)
    home.world["firmware"]["systemid"] = "IBM,02ABCDEF1"
    before = everything(home)
    ran = drboot(home, "check", "--nightly")
    assert (ran.rc, ran.out, "check-elsewhere" in ran.err) == (3, "", True), ran
    assert everything(home) == before
    assert logged(home) == []


def test_a_rehearsal_sets_the_line_aside_and_undo_brings_it_back(tmp_path: Path) -> None:
    """The hourly look at the rehearsal's limit is the only line of root's table meanwhile."""
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    home = InProcess(estate.home)
    assert drboot(home, "arm", "--nightly").rc == 0
    home.save()
    before = table(home)
    estate.replicate()
    boot.power_on(estate.reh)
    lpar = InProcess(estate.reh)
    assert memory.apply(lpar) == 0
    assert "--nightly" not in table(lpar) and "status --shout" in table(lpar)
    assert drboot(lpar, "check", "--nightly").rc == 0
    root = Root(lpar.machine.root)
    assert undo.run(root, memory.identity(lpar).systemid, "", None, memory.run_on(lpar), CountedClock()) == 0
    assert table(lpar) == before
