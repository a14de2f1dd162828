"""devrsrv, hdcryptmgr and bootinfo -s, of which no recording is at hand: the examples of manual and article."""

from __future__ import annotations

import pytest

from drboot.facts import bootinfo, devrsrv, hdcryptmgr
from drboot.facts.base import ParseError

RESERVED = """\
Device Reservation State Information
==================================================
Device Name                     :  hdisk0
Device Open On Current Host?    :  YES
ODM Reservation Policy          :  SINGLE PATH RESERVE
Device Reservation State        :  SINGLE PATH RESERVE
Path Id of Reserved Path        :  0
"""
SHOWLV = """\
NAME                 CRYPTO_STATUS    %ENCRYPTED       NOTE
lv00                 unlocked         100
lv03                 not_enabled      0
lv04                 locked           100
lv02                 uninitialized    0
lv06                 unlocked         35               conversion is stopped
"""


def test_a_reservation() -> None:
    found = devrsrv.parse(RESERVED)
    assert (found.disk, found.is_open, found.state) == ("hdisk0", True, "SINGLE PATH RESERVE")
    assert found.rows[-1] == ("Path Id of Reserved Path", "0")
    assert not found.is_reserved_elsewhere, "this host has it open"


@pytest.mark.parametrize(("state", "elsewhere"), [("SINGLE PATH RESERVE", True), ("NO RESERVE", False)])
def test_reserved_without_being_open_is_somebody_else_s(state: str, elsewhere: bool) -> None:
    text = RESERVED.replace("YES", "NO").replace("State        :  SINGLE PATH RESERVE", f"State        :  {state}")
    assert devrsrv.parse(text).is_reserved_elsewhere is elsewhere


@pytest.mark.parametrize("text", ["", "Device Name : hdisk0\n", RESERVED.replace("State  ", "Stage  "), "rubbish\n"])
def test_no_answer_is_no_reservation(text: str) -> None:
    with pytest.raises(ParseError):
        devrsrv.parse(text)


def test_encrypted_logical_volumes() -> None:
    found = hdcryptmgr.parse(SHOWLV)
    assert [lv.name for lv in found if lv.is_locked] == ["lv04"]
    assert [lv.status for lv in found] == ["unlocked", "not_enabled", "locked", "uninitialized", "unlocked"]
    assert (found[-1].encrypted, found[-1].note) == (35, "conversion is stopped")


@pytest.mark.parametrize("text", ["", "Encryption is not enabled for vg00.\n", SHOWLV + "lv07\n"])
def test_a_message_is_no_table(text: str) -> None:
    with pytest.raises(ParseError):
        hdcryptmgr.parse(text)


def test_the_size_of_a_disk() -> None:
    assert bootinfo.parse_size("10240\n") == 10240
    for text in ("", "0516-000\n", "1\n2\n"):
        with pytest.raises(ParseError):
            bootinfo.parse_size(text)
