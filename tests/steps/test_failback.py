"""What the other site has set aside or switched off, back at home."""

from __future__ import annotations

from pathlib import Path
from typing import Tuple

import pytest

from drboot.failback import Return
from drboot.steps.failback import Addresses6Back, EntryBack, FileBack, GroupsGivenUp, MadeThereUnknown, TextBack, steps
from tests.steps.canned import PV2, PV3, Machine, blocked, capture, done, row, todo, wanted

LINE = "nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1"
OFF = LINE.replace(":wait:", ":off:")


@pytest.mark.parametrize(
    ("now", "commands"),
    [
        (OFF, ["chitab 'nimsh:2:wait:/usr/bin/startsrc -g nimclient >/dev/console 2>&1'"]),
        (LINE, []),
        (LINE.replace("wait", "once"), []),
        (OFF + " # changed", []),
        ("init:2:initdefault:", []),
    ],
)
def test_an_entry_that_is_off_and_nothing_else_is_as_it_was(tmp_path: Path, now: str, commands: list[str]) -> None:
    answer = EntryBack(LINE, "").assess(Machine(tmp_path, {"lsitab -a": now + "\n"}).seen())
    assert (todo(answer) if commands else done(answer) and []) == commands


def test_an_entry_that_was_changed_is_said(tmp_path: Path) -> None:
    step = EntryBack(LINE, "")
    machine = Machine(tmp_path, {"lsitab -a": OFF + " # changed\n"})
    assert step.assess(machine.seen()).warnings  # type: ignore[union-attr]
    [back] = step.undo(machine.seen()).steps
    assert "changed" in str(back)


def file_back() -> FileBack:
    return FileBack("/etc/niminfo", "/etc/niminfo.home", "/etc/niminfo.dr", "niminfo", "")


@pytest.mark.parametrize(
    ("there", "moves"),
    [
        ((), []),
        (("",), []),
        ((".home",), ["move /etc/niminfo.home to /etc/niminfo"]),
        (("", ".home"), ["move /etc/niminfo to /etc/niminfo.dr", "move /etc/niminfo.home to /etc/niminfo"]),
        (("", ".home", ".dr"), ["move /etc/niminfo to /etc/niminfo.dr.2", "move /etc/niminfo.home to /etc/niminfo"]),
    ],
)
def test_a_file_comes_back_and_nothing_is_lost(tmp_path: Path, there: Tuple[str, ...], moves: list[str]) -> None:
    machine = Machine(tmp_path, {})
    for suffix in there:
        machine.file("/etc/niminfo" + suffix, "x")
    answer = file_back().assess(machine.seen())
    assert (todo(answer) if moves else done(answer) and []) == moves
    if moves:
        assert len(file_back().undo(machine.seen()).steps) == len(moves)


def test_a_text_as_it_was_captured(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {})
    step = TextBack("/etc/resolv.conf", "nameserver 10.1.0.53\n", "")
    machine.file("/etc/resolv.conf", "nameserver 10.20.0.53\n")
    assert todo(step.assess(machine.seen())) == ["write /etc/resolv.conf"]
    machine.file("/etc/resolv.conf", "nameserver 10.1.0.53\n")
    assert done(step.assess(machine.seen()))


DEVICES = "ent0:adapter:vdevice:IBM,l-lan:Available:vio0\nen0:if:EN:en:Available:\n"
LSCFG = "  ent0             U9119.FHB.02F42A0-V11-C2-T1  Virtual I/O Ethernet Adapter (l-lan)\n"


def machine6(root: Path, netaddr6: str = "", length: str = "", alias6: str = "") -> Machine:
    def value(text: str) -> str:
        return text + "\n"

    return Machine(
        root,
        {
            "lsdev -C -F name:class:subclass:type:status:parent": DEVICES,
            "lscfg -vl ent*": LSCFG,
            "lsattr -El en0 -a netaddr6 -F value": value(netaddr6),
            "lsattr -El en0 -a prefixlen -F value": value(length),
            "lsattr -El en0 -a alias6 -F value": value(alias6),
        },
    )


def test_ipv6_addresses(tmp_path: Path) -> None:
    step = Addresses6Back(row(), "en0", "2001:db8:1::11/64", ("2001:db8:2::11/48",), "")
    assert todo(step.assess(machine6(tmp_path).seen())) == [
        "chdev -l en0 -a netaddr6=2001:db8:1::11 -a prefixlen=64",
        "chdev -l en0 -a alias6=2001:db8:2::11/48",
    ]
    assert done(step.assess(machine6(tmp_path, "2001:db8:1::11", "64", "2001:db8:2::11/48").seen()))
    elsewhere = machine6(tmp_path)
    elsewhere.answers["lscfg -vl ent*"] = LSCFG.replace("C2", "C9")
    assert blocked(step.assess(elsewhere.seen())) == "adapter-not-found"
    assert step.undo(machine6(tmp_path).seen()).kept


def test_what_is_not_known_and_what_was_given_up_is_said(tmp_path: Path) -> None:
    lspv = f"hdisk0 {PV2} datavg active\nhdisk1 {PV3} None\n"
    answer = MadeThereUnknown("dr", "").assess(Machine(tmp_path, {"lspv": lspv}).seen())
    assert "no volume group is on hdisk1" in answer.warnings[0]  # type: ignore[union-attr]
    given_up = GroupsGivenUp(("oldvg",), "").assess(Machine(tmp_path, {}).seen())
    assert "oldvg was here" in given_up.warnings[0]  # type: ignore[union-attr]


def test_only_where_it_comes_home(tmp_path: Path) -> None:
    there = wanted(tmp_path)
    assert list(steps(there)) == []
    own = capture(
        inittab=("nimclient:2:once:/x", "cron:2:respawn:/usr/sbin/cron"), texts=(("/etc/resolv.conf", "x\n"),)
    )
    home = wanted(tmp_path, coming=Return(own, there.site, ("oldvg",), True), home="dr")
    # the site is this very one in the test: what it switches off itself stays off, and so does its resolv.conf
    assert [step.id for step in steps(home)] == [
        "failback/etc/niminfo",
        "failback/uncaptured",
        "failback/volume_groups",
    ]
