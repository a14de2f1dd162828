"""What is said of a rehearsal that runs, and of disks that are taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot import alarms, state
from drboot.paths import Root
from tests.steps.canned import Answer, Machine

HOUR = 3600.0
SINCE = 1795275600.0  # 2026-11-21 15:40 UTC
EVENT = state.Event("0211D11C1", "a", state.CONFIGURING, mode="rehearsal", since=SINCE, until=SINCE + 8 * HOUR)
HEAD = "IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION\n"
LSPV = (
    "hdisk0          00f6f42a0bd88942                    rootvg          active      \n"
    "hdisk4          00f6f42a0bd88943                    datavg          active      \n"
    "hdisk5          00f6f42a0bd88944                    None                        \n"
)
LSVG = """\
VOLUME GROUP:       datavg                   VG IDENTIFIER:  00f6f42a00004c000000013d5e6f7a8b
VG STATE:           active                   PP SIZE:        32 megabyte(s)
VG PERMISSION:      read/write               TOTAL PPs:      638 (20416 megabytes)
MAX LVs:            256                      FREE PPs:       445 (14240 megabytes)
LVs:                3                        USED PPs:       193 (6176 megabytes)
OPEN LVs:           3                        QUORUM:         2 (Enabled)
TOTAL PVs:          2                        VG DESCRIPTORS: 3
STALE PVs:          0                        STALE PPs:      0
ACTIVE PVs:         2                        AUTO ON:        yes
"""


@pytest.mark.parametrize(
    ("hours", "said"),
    [(0, "REHEARSAL since"), (8, "REHEARSAL since"), (-5, "REHEARSAL since"), (8.5, "30 min ago"), (9, "1 h ago"),
     (80, "3 days ago")],
)  # fmt: skip
def test_F73_a_rehearsal_that_runs_too_long(hours: float, said: str) -> None:
    lines = alarms.of_rehearsal(EVENT, SINCE + hours * HOUR)
    assert said in " ".join(lines)
    assert "DO NOT RESUME THE REPLICATION" in lines[-1]
    assert lines[0].startswith("OVERDUE") == (hours > 8)
    assert all(line.isascii() and len(line) <= 75 for line in lines)


def test_F73_a_clock_that_was_set_back_hides_no_rehearsal(tmp_path: Path) -> None:
    """Its limit is a time of day; a correction of minutes, once the network is up, is none of that."""
    root = Root(str(tmp_path))
    state.save(root, EVENT)
    for hours, urgent in ((-5.0, True), (-0.5, False), (1.0, False), (9.0, True)):
        found = alarms.look(root, machine(tmp_path).seen(), EVENT.systemid, EVENT.arm_id, SINCE + hours * HOUR)
        assert found.urgent is urgent, hours
    assert "clock" in " ".join(alarms.of_rehearsal(EVENT, SINCE - 5 * HOUR))


def test_a_disaster_is_never_too_long() -> None:
    for mode in ("disaster", ""):
        event = state.Event("0211D11C1", "a", state.CONFIGURING, mode=mode, since=SINCE)
        assert alarms.of_rehearsal(event, SINCE + 1000 * HOUR) == ()


def machine(root: Path, lsvg: Answer = LSVG, errpt: Answer = "") -> Machine:
    return Machine(root, {"lsvg -o": "datavg\n", "lsvg datavg": lsvg, "lspv": LSPV, "errpt": errpt})


def test_healthy_disks_are_not_spoken_of(tmp_path: Path) -> None:
    old = HEAD + "F7DDA124   1121153926 U H LVDD           PHYSICAL VOLUME DECLARED MISSING\n"
    foreign = HEAD + "DCB47997   1121170026 T H hdisk5         DISK OPERATION ERROR\n"
    told = HEAD + "DCB47997   1121170026 I H hdisk4         SOMETHING GOOD\n"
    for log in ("", old, foreign, told):
        assert alarms.of_disks(machine(tmp_path, errpt=log).seen(), EVENT) == ()


@pytest.mark.parametrize(
    ("was", "is_now", "sign"),
    [
        ("read/write", "read-only ", "read-only"),
        ("STALE PVs:          0", "STALE PVs:          1", "1 of 2 disks are stale"),
        ("ACTIVE PVs:         2", "ACTIVE PVs:         1", "1 of 2 disks are not active"),
    ],
)
def test_F74_a_volume_group_shows_it(tmp_path: Path, was: str, is_now: str, sign: str) -> None:
    lines = alarms.of_disks(machine(tmp_path, lsvg=LSVG.replace(was, is_now)).seen(), EVENT)
    assert "LOST WRITE ACCESS: stop this LPAR now. Never fsck" in lines[0]
    assert sign in lines[1]


def test_F74_the_error_log_shows_it(tmp_path: Path) -> None:
    lvm = HEAD + "F7DDA124   1121154126 U H LVDD           PHYSICAL VOLUME DECLARED MISSING\n"
    assert alarms.of_disks(machine(tmp_path, errpt=lvm).seen(), EVENT)[0].startswith("REPLICA LOST WRITE ACCESS")
    disk = HEAD + "DCB47997   1121170026 T H hdisk4         DISK OPERATION ERROR\n" * 3
    lines = alarms.of_disks(machine(tmp_path, errpt=disk).seen(), EVENT)
    assert "MAY HAVE LOST WRITE ACCESS" in lines[0], "an error of one disk may have other causes"
    assert "3 entries about hdisk4" in lines[1]


def test_what_cannot_be_read_is_no_alarm_and_no_traceback(tmp_path: Path) -> None:
    dumb = Machine(tmp_path, {"lsvg -o": (1, ""), "lspv": (1, ""), "errpt": (1, "")})
    assert alarms.of_disks(dumb.seen(), EVENT) == ()


def test_nothing_is_asked_at_home(tmp_path: Path) -> None:
    home = Machine(tmp_path, {})
    assert alarms.look(home.seen().root, home.seen(), "0206F42A0", "a", SINCE) == alarms.NONE
    assert home.ran == []
