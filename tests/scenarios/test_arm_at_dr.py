"""arm and capture without flags go by the stamp, which travels with the replica; without one, by the machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot.sim.estates.build import Estate
from tests.scenarios import lpars
from tests.scenarios.lpars import drboot


@pytest.fixture
def awake(tmp_path: Path) -> Estate:
    """``small`` as it has woken at DR, nothing done yet."""
    estate = lpars.make(tmp_path, "small")
    lpars.wake_without_drboot(estate)
    return estate


def test_a_replica_that_is_armed_anew_still_carries_home(awake: Estate) -> None:
    before = lpars.stamp(awake.dr)
    for _ in range(2):
        armed = drboot(awake.dr, "arm")
        assert armed.rc == 0, armed
        stamp = lpars.stamp(awake.dr)
        assert (stamp["phase"], stamp["configured_site"], stamp["host"]) == ("armed", "home", "prod01")
        assert stamp["arm_id"] != before["arm_id"]
        # the second time on a machine that is dr's in all but its stamp, its host name included
        applied = drboot(awake.dr, "--apply")
        assert applied.rc == 0, applied
        assert lpars.differences(awake) == []
        assert lpars.stamp(awake.dr)["phase"] == "disarmed"


def test_capture_at_dr_takes_the_stamps_site_and_so_refuses(awake: Estate) -> None:
    captures = Path(awake.dr.root, "var/adm/drboot/captures")
    before = {path.name: path.read_bytes() for path in captures.iterdir()}
    captured = drboot(awake.dr, "capture")
    assert (captured.rc, "capture-elsewhere" in captured.err) == (3, True), captured
    assert {path.name: path.read_bytes() for path in captures.iterdir()} == before


def test_coming_home_names_the_site_and_keeps_the_host(awake: Estate) -> None:
    assert drboot(awake.dr, "--apply").rc == 0
    captured = drboot(awake.dr, "capture", "--site", "dr")
    assert captured.rc == 0, captured
    assert Path(awake.dr.root, "var/adm/drboot/captures/dr.json").exists()
    assert drboot(awake.dr, "arm", "--site", "dr").rc == 0
    stamp = lpars.stamp(awake.dr)
    assert (stamp["configured_site"], stamp["host"], stamp["home"]) == ("dr", "prod01", "home")
    assert drboot(awake.dr, "capture").rc == 0


def test_without_a_stamp_the_machine_is_asked(awake: Estate) -> None:
    path = Path(awake.dr.root, "etc/drboot/armed")
    path.unlink()
    armed = drboot(awake.dr, "arm", "--host", "prod01")
    assert armed.rc == 0, armed
    assert lpars.stamp(awake.dr)["configured_site"] == "dr"


def test_a_stamp_that_cannot_be_believed_is_not_guessed(awake: Estate) -> None:
    path = Path(awake.dr.root, "etc/drboot/armed")
    path.write_text(path.read_text()[:-20])
    damaged = path.read_text()
    refused = drboot(awake.dr, "arm")
    assert (refused.rc, "drboot arm --site SITE" in refused.err) == (2, True), refused
    assert path.read_text() == damaged
    assert drboot(awake.dr, "arm", "--site", "home", "--host", "prod01").rc == 0
    assert lpars.stamp(awake.dr)["configured_site"] == "home"


def test_a_site_that_has_no_profile_is_said_and_nothing_else(awake: Estate) -> None:
    for verb in ("arm", "capture"):
        refused = drboot(awake.dr, verb, "--site", "nowhere")
        assert (refused.rc, "site-unknown" in refused.err) == (2, True), refused
