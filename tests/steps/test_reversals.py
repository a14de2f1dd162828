"""What was so before is so again: each reversal on the machine as the run left it, and once more when it is done."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, List, NamedTuple, Optional, Tuple

import pytest

from drboot.apply import Apply
from drboot.clock import CountedClock
from drboot.errors import FactUnavailable
from drboot.results import CHANGED
from drboot.steps.base import Blocked, Done, Todo
from drboot.steps.reversals import (
    AliasesWere,
    AttributesWere,
    BootListWas,
    EntryWas,
    FileWas,
    GroupGone,
    GroupOff,
    GroupWas,
    HostNameWas,
    InterfaceWas,
    MovedBack,
    NodeNameWas,
    OwnerWas,
    Reversal,
    RoutesWere,
    SubsystemWas,
    Unmounted,
)
from tests.steps.canned import Answer, Machine

MOUNTED = """\
  node       mounted        mounted over    vfs       date        options
-------- ---------------  ---------------  ------ ------------ ---------------
         /dev/hd4         /                jfs2   Nov 21 10:00 rw,log=/dev/hd8
{more}"""
DATA = "         /dev/fslv00      /data            jfs2   Nov 21 10:00 rw,log=/dev/loglv00\n"
SHARE = "filer1   /export/a        /share           nfs3   Nov 21 10:00 ro,bg\n"
VG = """\
VOLUME GROUP:       datavg                   VG IDENTIFIER:  00f6f42a00004c000000013d5e6f7a8b
VG STATE:           active                   PP SIZE:        64 megabyte(s)
VG PERMISSION:      read/write               TOTAL PPs:      1099 (70336 megabytes)
MAX LVs:            256                      FREE PPs:       800 (51200 megabytes)
LVs:                3                        USED PPs:       299 (19136 megabytes)
OPEN LVs:           2                        QUORUM:         {quorum}
TOTAL PVs:          1                        VG DESCRIPTORS: 2
STALE PVs:          0                        STALE PPs:      0
ACTIVE PVs:         1                        AUTO ON:        {auto}
"""
SNMPD = """\
Subsystem         Group            PID          Status
 snmpd            tcpip            {pid:<12} {status}
"""
INIT = "init:2:initdefault:\n"
LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
DEVICES = "en0:if:EN:en:Available:ent0\nfcs0:adapter:vdevice:IBM,vfc-client:Available:vio0\n"
ENTRY = "nimclient:2:once:/usr/sbin/nimclient -S running"
EN0 = "en0: flags=1e080863,480<UP,BROADCAST,RUNNING>\n        inet {address} netmask 0xffffff00 broadcast 10.20.5.255\n"
EN1: Dict[str, Answer] = {"lsdev -C -F name:class:subclass:type:status:parent": "en1:if:EN:en:Available:\n"}


def interface(address: str, kernel: str = "", **attributes: str) -> Dict[str, Answer]:
    values = {"netaddr": address, "netmask": "255.255.255.0", "state": "up", "mtu": "1500", **attributes}
    answers: Dict[str, Answer] = {f"lsattr -El en0 -a {name} -F value": f"{value}\n" for name, value in values.items()}
    answers["lsdev -C -F name:class:subclass:type:status:parent"] = "en0:if:EN:en:Available:\n"
    answers["ifconfig -a"] = EN0.format(address=kernel) if kernel else "lo0: flags=e08084b<UP,LOOPBACK>\n"
    return answers


class Case(NamedTuple):
    """answers before undo and after it; the commands in between."""

    reversal: Reversal
    before: Dict[str, Answer]
    commands: Tuple[str, ...]
    after: Dict[str, Answer]


CASES = {
    "aliases": Case(
        AliasesWere("en1", ("10.1.5.9,255.255.255.0",)),
        {**EN1, "lsattr -El en1 -a alias4 -F value": "10.20.5.12,255.255.255.0\n10.20.5.13,255.255.255.0\n"},
        (
            "chdev -l en1 -a delalias4=10.20.5.12,255.255.255.0",
            "chdev -l en1 -a delalias4=10.20.5.13,255.255.255.0",
            "chdev -l en1 -a alias4=10.1.5.9,255.255.255.0",
        ),
        {**EN1, "lsattr -El en1 -a alias4 -F value": "10.1.5.9,255.255.255.0\n"},
    ),
    "attributes": Case(
        AttributesWere("sys0", (("ghostdev", "1"), ("clouddev", "0"))),
        {"lsattr -El sys0 -a ghostdev -F value": "0\n", "lsattr -El sys0 -a clouddev -F value": "0\n"},
        ("chdev -l sys0 -a ghostdev=1",),
        {"lsattr -El sys0 -a ghostdev -F value": "1\n", "lsattr -El sys0 -a clouddev -F value": "0\n"},
    ),
    "boot list": Case(
        BootListWas((("hdisk0", "blv=hd5", "pathid=0"), ("hdisk1", "blv=hd5"))),
        {"bootlist -m normal -o": "hdisk3 blv=hd5 pathid=0\n"},
        ("bootlist -m normal hdisk0 blv=hd5 pathid=0 hdisk1 blv=hd5",),
        {"bootlist -m normal -o": "hdisk0 blv=hd5 pathid=0\nhdisk1 blv=hd5\n"},
    ),
    "inittab entry": Case(
        EntryWas(ENTRY),
        {"lsitab -a": INIT + ENTRY.replace("once", "off") + "\n"},
        (f"chitab '{ENTRY}'",),
        {"lsitab -a": INIT + ENTRY + "\n"},
    ),
    "volume group known": Case(
        GroupGone("datavg"),
        {"lsvg": "rootvg\ndatavg\n", "lsvg -o": "rootvg\n"},
        ("exportvg datavg",),
        {"lsvg": "rootvg\n"},
    ),
    "volume group on": Case(
        GroupOff("datavg"), {"lsvg -o": "datavg\nrootvg\n"}, ("varyoffvg datavg",), {"lsvg -o": "rootvg\n"}
    ),
    "volume group's settings": Case(
        GroupWas("datavg", False, False),
        {"lsvg -o": "datavg\n", "lsvg datavg": VG.format(quorum="2 (Enabled)", auto="yes")},
        ("chvg -a n -Q n datavg",),
        {"lsvg -o": "datavg\n", "lsvg datavg": VG.format(quorum="1 (Disabled)", auto="no")},
    ),
    "host name": Case(
        HostNameWas("localhost"), {"hostname": "prod01\n"}, ("hostname localhost",), {"hostname": "localhost\n"}
    ),
    "node name": Case(
        NodeNameWas("localhost"), {"uname -n": "prod01\n"}, ("uname -S localhost",), {"uname -n": "localhost\n"}
    ),
    "interface without address": Case(
        InterfaceWas("en0", "", "", "down", "1500", ("10.20.5.11",)),
        interface("10.20.5.11", "10.20.5.11"),
        ("ifconfig en0 down detach", "chdev -l en0 -a netaddr= -a netmask= -a state=down"),
        interface("", netmask="", state="down"),
    ),
    "interface with another address": Case(
        InterfaceWas("en0", "10.20.9.1", "255.255.255.0", "up", "1500", ("10.20.5.11",)),
        interface("10.20.5.11", "10.20.5.11"),
        ("ifconfig en0 down detach", "chdev -l en0 -a netaddr=10.20.9.1"),
        interface("10.20.9.1", "10.20.9.1"),
    ),
    "interface that the kernel lost": Case(
        InterfaceWas("en0", "10.20.9.1", "255.255.255.0", "up", "1500", ("10.20.5.11",)),
        interface("10.20.9.1"),
        ("chdev -l en0 -a netaddr=10.20.9.1 -a netmask=255.255.255.0 -a state=up",),
        interface("10.20.9.1", "10.20.9.1"),
    ),
    "routes": Case(
        RoutesWere(("net,-hopcount,0,,0,10.1.5.1",)),
        {"lsattr -El inet0 -a route -F value": "net,-hopcount,0,,0,10.20.5.1\n"},
        (
            "chdev -l inet0 -a delroute=net,-hopcount,0,,0,10.20.5.1",
            "chdev -l inet0 -a route=net,-hopcount,0,,0,10.1.5.1",
        ),
        {"lsattr -El inet0 -a route -F value": "net,-hopcount,0,,0,10.1.5.1\n"},
    ),
    "subsystem": Case(
        SubsystemWas("snmpd", True),
        {"lssrc -s snmpd": SNMPD.format(pid="", status="inoperative")},
        ("startsrc -s snmpd",),
        {"lssrc -s snmpd": SNMPD.format(pid=4718, status="active")},
    ),
    "mounted": Case(
        Unmounted("/data"), {"mount": MOUNTED.format(more=DATA)}, ("umount /data",), {"mount": MOUNTED.format(more="")}
    ),
    "mounted from a server": Case(
        Unmounted("/share"),
        {"mount": MOUNTED.format(more=SHARE)},
        ("umount /share",),
        {"mount": MOUNTED.format(more=DATA)},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_it_is_brought_back_and_then_so(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    machine = Machine(tmp_path, case.before)
    answer = case.reversal.assess(machine.seen())
    assert isinstance(answer, Todo), answer
    assert tuple(str(action) for action in answer.actions) == case.commands
    machine = Machine(tmp_path / "after", case.after)
    assert isinstance(case.reversal.assess(machine.seen()), Done)


def test_an_interface_that_chdev_does_not_empty_is_made_anew(tmp_path: Path) -> None:
    case = CASES["interface without address"]
    answer = case.reversal.assess(Machine(tmp_path, case.before).seen())
    assert isinstance(answer, Todo)
    assert [str(a) for a in answer.instead] == ["ifconfig en0 down detach", "rmdev -dl en0", "cfgmgr"]


def carry_out(machine: Machine, reversal: Reversal) -> None:
    seen = machine.seen()
    (result,) = Apply((reversal,), seen, seen.runner, lambda *_args, **_keys: None, clock=CountedClock()).run()
    assert result.outcome == CHANGED, result


def put(directory: Path, path: str, text: Optional[str]) -> Path:
    file = Path(str(directory) + path)
    file.parent.mkdir(parents=True, exist_ok=True)
    if text is not None:
        file.write_text(text)
    return file


@pytest.mark.parametrize("now", [None, "another\n", "as it was\n"])
def test_a_file_has_its_bytes_mode_and_owner_back(tmp_path: Path, now: Optional[str]) -> None:
    machine = Machine(tmp_path, {})
    file = put(tmp_path, "/etc/hosts", now)
    if now:
        file.chmod(0o600)
    reversal = FileWas("/etc/hosts", "as it was\n", 0o644, os.getuid(), os.getgid())
    carry_out(machine, reversal)
    assert (file.read_text(), file.stat().st_mode & 0o7777) == ("as it was\n", 0o644)
    assert isinstance(reversal.assess(machine.seen()), Done)


def test_a_file_that_was_not_there_goes(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {})
    file = put(tmp_path, "/etc/motd", "REHEARSAL\n")
    carry_out(machine, FileWas("/etc/motd", None))
    assert not file.exists()
    assert isinstance(FileWas("/etc/motd", None).assess(machine.seen()), Done)


def test_a_device_that_is_gone_needs_no_owner(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {})
    reversal = OwnerWas("/dev/rlv", os.getuid(), os.getgid(), 0o640)
    assert isinstance(reversal.assess(machine.seen()), Done)
    file = put(tmp_path, "/dev/rlv", "")
    carry_out(machine, reversal)
    assert file.stat().st_mode & 0o7777 == 0o640


def test_a_file_is_moved_back_and_nothing_overwritten(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {})
    reversal = MovedBack("/etc/niminfo", "/etc/niminfo.home")
    assert isinstance(reversal.assess(machine.seen()), Blocked)  # neither is there
    aside = put(tmp_path, "/etc/niminfo.home", "of home\n")
    carry_out(machine, reversal)
    assert (put(tmp_path, "/etc/niminfo", None).read_text(), aside.exists()) == ("of home\n", False)
    assert isinstance(reversal.assess(machine.seen()), Done)
    put(tmp_path, "/etc/niminfo.home", "another\n")
    assert isinstance(reversal.assess(machine.seen()), Blocked)  # both are


@pytest.mark.parametrize(
    "reversal, answers",
    [
        (GroupGone("datavg"), {"lsvg": "rootvg\ndatavg\n", "lsvg -o": "datavg\n"}),
        (EntryWas(ENTRY), {"lsitab -a": INIT}),
    ],
)
def test_what_cannot_be_brought_back_says_so(reversal: Reversal, answers: Dict[str, Answer], tmp_path: Path) -> None:
    answer = reversal.assess(Machine(tmp_path, answers).seen())
    assert isinstance(answer, Blocked)
    assert answer.problem.name == "undo-blocked"


def test_an_inittab_that_cannot_be_read_is_not_one_without_the_entry(tmp_path: Path) -> None:
    with pytest.raises(FactUnavailable):
        EntryWas(ENTRY).assess(Machine(tmp_path, {"lsitab -a": (1, "")}).seen())


@pytest.mark.parametrize("device, stored", [("fcs0", ["chdev -l fcs0 -a rate=200 -P"]), ("en0", [])])
def test_an_adapter_in_use_takes_it_at_the_next_boot(device: str, stored: List[str], tmp_path: Path) -> None:
    machine = Machine(tmp_path, {f"lsattr -El {device} -a rate -F value": "1024\n", LSDEV: DEVICES})
    answer = AttributesWere(device, (("rate", "200"),)).assess(machine.seen())
    assert isinstance(answer, Todo)
    assert [str(action) for action in answer.actions] == [f"chdev -l {device} -a rate=200"]
    assert [str(action) for action in answer.instead] == stored


def test_the_attributes_of_an_adapter_that_is_gone_are_gone(tmp_path: Path) -> None:
    machine = Machine(tmp_path, {"lsattr -El en4 -a thread -F value": (255, ""), LSDEV: DEVICES})
    assert isinstance(AttributesWere("en4", (("thread", "off"),)).assess(machine.seen()), Done)
