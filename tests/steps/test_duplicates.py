"""Asked before, watched afterwards: what each step of an address says about recorded answers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, List, Mapping, Tuple

import pytest

from drboot.errors import FactUnavailable, Problem
from drboot.facts.errpt import Heard, addresses_of, mac_of, parse_detail
from drboot.paths import Root
from drboot.profile.hosts import Alias
from drboot.runner import Command, Ran, Runner
from drboot.seen import Seen
from drboot.steps.base import Blocked, Todo
from drboot.steps.duplicates import Alone, Asking, AskingOver, Unused, heard, steps
from drboot.steps.network import AddressSo
from tests.steps.canned import ALIASES, PROFILE, Answer, Machine, blocked, done, later, row, todo, wanted
from tests.steps.test_network import DEVICES, LSCFG, LSDEV, ifconfig

ERRPT = "errpt -a -J AIXIF_ARP_DUP_ADDR"
BOOTS = "errpt -j 9DBCFDEE"
SINCE = "errpt -a -J AIXIF_ARP_DUP_ADDR -s 1121145526"
STARTED = """\
IDENTIFIER TIMESTAMP  T C RESOURCE_NAME  DESCRIPTION
9DBCFDEE   1121150026 T O errdemon       ERROR LOGGING TURNED ON
"""
ARP = "  ? ({}) at 2:0:a:14:5:99 [ethernet] stored in bucket 16\n\nThere are 1 entries in the arp table.\n"
PING = (
    "PING {0}: ({0}): 56 data bytes\n64 bytes from {0}: icmp_seq=0 ttl=255 time=0 ms\n\n----{0} PING Statistics----\n"
)
LO0 = ifconfig(("127.0.0.1", "0xff000000"), name="lo0", flags="UP,LOOPBACK")


def entry(detail: str, sequence: int = 7, machine: str = "00F7A1B24C00") -> str:
    return f"""\
---------------------------------------------------------------------------
LABEL:          AIXIF_ARP_DUP_ADDR
IDENTIFIER:     FE2DEE00

Date/Time:       Sat Nov 21 15:10:07 UTC 2026
Sequence Number: {sequence}
Machine Id:      {machine}
Node Id:         prod01
Class:           S
Type:            PERM
WPAR:            Global
Resource Name:   SYSXAIXIF

Description
DUPLICATE IP ADDRESS DETECTED IN THE NET

Detail Data
DUPLICATE IP ADDRESS
{detail}
"""


def machine(root: Path, kernel: str = LO0, log: str = "", **answers: str) -> Machine:
    found: Dict[str, Answer] = {
        LSDEV: DEVICES, "lscfg -vl ent*": LSCFG, "ifconfig -a": kernel, ERRPT: log,
        "lsattr -El en1 -a state -F value": "up\n", "arp -an": "There are 0 entries in the arp table.\n",
    }  # fmt: skip
    found.update(answers)
    return Machine(root, found)


UP = ifconfig(("10.20.5.11", "0xffffff00")) + LO0
NEIGHBOUR = ifconfig(("10.20.5.77", "0xffffff00"), name="en0") + LO0
KNOWN = ("10.20.5.11", "10.20.5.12", "10.20.5.13", "10.1.5.11", "10.20.5.250")
ALONE = Alone(row(), ("10.20.5.11",), Heard(frozenset(), KNOWN), 15.0, "", "", ())


# ---------------------------------------------------------------- the entry


@pytest.mark.parametrize(
    ("detail", "found", "mac"),
    [
        ("0A14 050B", True, ""),
        ("0a14050b", True, ""),
        ("0x0A14050B", True, ""),
        ("10.20.5.11 02:00:0a:14:05:99", True, "02:00:0a:14:05:99"),
        ("10.20.5.11 2:0:a:14:5:99", True, "02:00:0a:14:05:99"),
        ("0A14 050B 0200 0A14 0599", True, "02:00:0a:14:05:99"),
        ("0A14 050B\nMAC ADDRESS\n0005 5533 5AC7", True, "00:05:55:33:5a:c7"),
        ("0A14 050C\nMAC ADDRESS\n0200 0A14 050B", False, "02:00:0a:14:05:0b"),
        ("0A14 050C", False, ""),
        ("10.20.5.111", False, ""),
        ("0A 14 05 0B", False, ""),
        ("who knows", False, ""),
    ],
)
def test_address_and_mac_of_an_entry(detail: str, found: bool, mac: str) -> None:
    [one] = parse_detail(entry(detail))
    assert ("10.20.5.11" in addresses_of(one)) is found
    assert mac_of(one, "10.20.5.11") == mac


@pytest.mark.parametrize(
    ("detail", "counts"),
    [("0A14 050B", True), ("0A14 050C", False), ("0A14 05FA", False), ("0A14 0563", True), ("unknown", True)],
)
def test_an_entry_about_another_address_of_ours_does_not_count(detail: str, counts: bool) -> None:
    news = Heard(frozenset(), KNOWN).news(parse_detail(entry(detail)), ("10.20.5.11",))
    assert (news is not None) is counts


def test_an_entry_that_was_there_before_is_no_news_until_it_changes() -> None:
    old = parse_detail(entry("0A14 050B"))
    before = Heard(frozenset(old), KNOWN)
    assert before.news(old, ("10.20.5.11",)) is None
    counted = parse_detail(entry("0A14 050B") + "Duplicates\nNumber of duplicates\n3\n")
    assert before.news((*counted, *old), ("10.20.5.11",)) == ("10.20.5.11", counted[0])


def test_what_an_earlier_run_has_judged_is_no_news_to_a_later_one() -> None:
    """Old for the earlier one, or about an address that was not up any more at its end; never one that still is."""
    old, acted, open_ = (parse_detail(entry("0A14 050B", sequence))[0] for sequence in (7, 8, 9))
    first = Heard(frozenset({old}), KNOWN)
    assert len(first.marks((acted,), ()).split()) == 2
    later = Heard(frozenset(), KNOWN).after(first.marks((acted,), ()))
    assert later.news((acted, old), ("10.20.5.11",)) is None
    assert later.news((open_, acted, old), ("10.20.5.11",)) == ("10.20.5.11", open_)
    assert later.marks() == first.marks((acted,), ()), "the run after that knows them as well"
    assert first.marks((acted,), ("10.20.5.11",)) == first.marks()
    counted = parse_detail(entry("0A14 050B", 8) + "Duplicates\nNumber of duplicates\n3\n")
    assert later.news(counted, ("10.20.5.11",)) == ("10.20.5.11", counted[0])


# ---------------------------------------------------------------- before


def test_nobody_is_asked_without_an_interface_in_the_subnet(tmp_path: Path) -> None:
    found = machine(tmp_path)
    assert "watched" in done(Unused(row(), "", ()).assess(found.seen()))
    assert not any("ping" in line for line in found.ran)


@pytest.mark.parametrize(
    ("pinged", "arp", "answer"),
    [
        ((0, PING.format("10.20.5.11")), "", "address-in-use"),
        ((1, ""), ARP.format("10.20.5.1"), ""),
        ((1, ""), "? (10.20.5.11) at (incomplete)\n", ""),
        ((0, "x!\n"), ARP.format("10.20.5.1"), ""),
    ],
)
def test_ping_or_arp_decides(tmp_path: Path, pinged: Tuple[int, str], arp: str, answer: str) -> None:
    found = machine(tmp_path, NEIGHBOUR)
    found.answers.update({"ping -n -c 2 -w 2 10.20.5.11": pinged, "arp -an": arp})
    said = Unused(row(), "", ()).assess(found.seen())
    if answer:
        assert blocked(said) == answer
        assert isinstance(said, Blocked) and "10.20.5.77" in said.problem.why
    else:
        assert "10.20.5.77" in done(said)


@pytest.mark.parametrize("pinged", [(1, "PING 10.20.5.11: (10.20.5.11): 56 data bytes\n"), (127, "")])
def test_an_entry_of_arp_alone_may_be_an_old_one_and_is_asked_for_anew(tmp_path: Path, pinged: Tuple[int, str]) -> None:
    """Who answers ARP is there again; what only remembers is not, and nothing else is forgotten."""
    step = Unused(row(), "", ())
    found = machine(tmp_path, NEIGHBOUR)
    both = ARP.format("10.20.5.11") + ARP.format("10.20.5.1")
    found.answers.update({"ping -n -c 2 -w 2 10.20.5.11": pinged, "arp -an": both})
    answer = step.assess(found.seen())
    assert todo(answer) == ["arp -d 10.20.5.11"]
    assert isinstance(answer, Todo) and isinstance(answer.actions[0], Command)
    assert answer.actions[0].touches == {"wire/network/service/unused"}
    told = step.explain(found.seen(), Problem("step-without-effect", ""))
    assert told.name == "address-in-use" and "02000A140599" in told.why
    found.answers["arp -an"] = ARP.format("10.20.5.1")
    assert "10.20.5.77" in done(step.assess(found.seen()))
    assert step.explain(found.seen(), told) is told


@pytest.mark.parametrize("flags", ["BROADCAST", "UP,BROADCAST"])
def test_what_the_kernel_has_is_not_asked_for(tmp_path: Path, flags: str) -> None:
    """An own address would answer itself, even where its interface is down."""
    found = machine(tmp_path, ifconfig(("10.20.5.11", "0xffffff00"), flags=flags) + NEIGHBOUR)
    assert "already" in done(Unused(row(), "", ()).assess(found.seen()))


def test_the_probe_address_comes_and_goes(tmp_path: Path) -> None:
    up, off = Asking(row(), "10.20.5.250", "", ()), AskingOver(row(), "10.20.5.250", "")
    assert todo(up.assess(machine(tmp_path).seen())) == ["ifconfig en1 10.20.5.250 netmask 255.255.255.0 up"]
    assert "10.20.5.77" in done(up.assess(machine(tmp_path, NEIGHBOUR).seen()))
    assert "already" in done(up.assess(machine(tmp_path, UP).seen()))
    probing = machine(tmp_path, ifconfig(("10.20.5.250", "0xffffff00")) + LO0).seen()
    assert "10.20.5.250" in done(up.assess(probing))
    assert todo(off.assess(probing)) == ["ifconfig en1 down detach"]
    both = machine(tmp_path, ifconfig(("10.20.5.11", "0xffffff00"), ("10.20.5.250", "0xffffff00")) + LO0).seen()
    assert todo(off.assess(both)) == ["ifconfig en1 delete 10.20.5.250"]
    assert done(off.assess(machine(tmp_path, UP).seen()))
    assert not up.lasting and not off.lasting


def test_the_probe_address_replaces_no_address_of_the_interface(tmp_path: Path) -> None:
    """Without alias ifconfig changes the first one; an interface that is down is not put up with whatever it has."""
    up = Asking(row(), "10.20.5.250", "", ())
    other = ("10.77.0.1", "0xffffff00")
    assert todo(up.assess(machine(tmp_path, ifconfig(other) + LO0).seen())) == [
        "ifconfig en1 alias 10.20.5.250 netmask 255.255.255.0"
    ]
    assert "10.77.0.1" in done(up.assess(machine(tmp_path, ifconfig(other, flags="BROADCAST") + LO0).seen()))


@pytest.mark.parametrize(("asker", "mask", "asked"), [
    ("10.20.5.77", "0xffffff00", ["10.20.5.11", "10.20.5.200"]),
    ("10.20.5.77", "0xffffff80", ["10.20.5.11"]),
    ("10.20.9.77", "0xffff0000", ["10.20.5.11", "10.20.5.200"]),
    ("10.20.5.77", "0xffffffff", []),
])  # fmt: skip
def test_whom_an_interface_can_ask_says_its_own_netmask(
    tmp_path: Path, asker: str, mask: str, asked: List[str]
) -> None:
    """Beyond it a router would answer, or nobody; the mask that an address is to have here says nothing of that."""
    found = machine(tmp_path, ifconfig((asker, mask), name="en0") + LO0)
    for address in ("10.20.5.11", "10.20.5.200"):
        found.answers[f"ping -n -c 2 -w 2 {address}"] = (1, "")
    done(Unused(row(aliases=(Alias("10.20.5.200", "255.255.255.255"),)), "", ()).assess(found.seen()))
    assert [line.split()[-1] for line in found.ran if line.startswith("ping")] == asked


# ---------------------------------------------------------------- afterwards


def test_it_is_watched_once_it_is_up(tmp_path: Path) -> None:
    assert later(ALONE.assess(machine(tmp_path).seen())) == "network/service"
    assert "15 s" in done(ALONE.assess(machine(tmp_path, UP).seen()))
    assert (ALONE.settle, ALONE.watches) == (15.0, {"errlog"})


def test_a_duplicate_is_taken_down_and_stays_down(tmp_path: Path) -> None:
    found = machine(tmp_path, UP, entry("0A14 050B"))
    answer = ALONE.assess(found.seen())
    assert todo(answer) == ["ifconfig en1 down detach", "chdev -l en1 -a state=detach"]
    assert isinstance(answer, Todo) and [str(action) for action in answer.instead] == ["chdev -l en1 -a state=detach"]
    found.answers["ifconfig -a"] = LO0
    assert todo(ALONE.assess(found.seen())) == ["ifconfig en1 down detach", "chdev -l en1 -a state=detach"]
    found.answers["lsattr -El en1 -a state -F value"] = "detach\n"
    assert blocked(ALONE.assess(found.seen())) == "address-duplicate"


def test_what_was_taken_down_is_not_brought_up_again(tmp_path: Path) -> None:
    found = machine(tmp_path, LO0, entry("0A14 050C"))
    for name, value in (("netaddr", "10.20.5.11"), ("netmask", "255.255.255.0"), ("mtu", "1500")):
        found.answers[f"lsattr -El en1 -a {name} -F value"] = value + "\n"
    found.answers["lsattr -El inet0 -a hostname -F value"] = "prod01\n"
    with_alias = row(aliases=ALIASES)
    step = AddressSo(with_alias, "prod01", 1500, "", heard=Heard(frozenset(), KNOWN))
    assert blocked(step.assess(found.seen())) == "address-duplicate"
    assert todo(replace(step, heard=Heard(frozenset(parse_detail(entry("0A14 050C"))), KNOWN)).assess(found.seen()))


def test_aliases_are_watched_too_and_may_be_missing(tmp_path: Path) -> None:
    step = Alone(row(aliases=ALIASES), ("10.20.5.12", "10.20.5.13"), Heard(frozenset(), KNOWN), 1.0, "/aliases", "", ())
    assert step.id == "network/service/aliases/alone"
    assert "none of them" in done(step.assess(machine(tmp_path, UP).seen()))
    up = ifconfig(("10.20.5.11", "0xffffff00"), ("10.20.5.12", "0xffffff00")) + LO0
    assert "10.20.5.12" in done(step.assess(machine(tmp_path, up).seen()))
    assert todo(step.assess(machine(tmp_path, up, entry("0A14 050C")).seen()))


# ---------------------------------------------------------------- what is old


def test_entries_from_before_the_run_are_old_unless_their_address_is_up(tmp_path: Path) -> None:
    found = machine(tmp_path, LO0, entry("0A14 050B"))
    assert heard(found.seen(), KNOWN).entries == frozenset(parse_detail(entry("0A14 050B")))
    assert BOOTS not in found.ran


@pytest.mark.parametrize(
    ("since", "uname", "counts"),
    [
        (entry("0A14 050B"), "00F7A1B24C00", True),
        (entry("0A14 050B"), "00F6F42A4C00", False),
        ("", "00F7A1B24C00", False),
        (entry("0A14 050C"), "00F7A1B24C00", False),
    ],
)
def test_since_this_boot_and_of_this_machine(tmp_path: Path, since: str, uname: str, counts: bool) -> None:
    log = since or entry("0A14 050B")
    found = machine(tmp_path, UP, log)
    found.answers.update({BOOTS: STARTED, SINCE: since, "uname -m": uname + "\n"})
    assert (heard(found.seen(), KNOWN).entries == frozenset()) is counts


def test_a_log_that_could_not_be_read_makes_what_it_says_later_useless(tmp_path: Path) -> None:
    found = machine(tmp_path, UP, "")
    found.answers.update({ERRPT: (1, ""), "errpt -a": (1, "")})
    said = heard(found.seen(), KNOWN)
    assert said.unread is not None
    found.answers[ERRPT] = entry("0A14 050B")
    with pytest.raises(FactUnavailable, match="fact-unavailable"):
        replace(ALONE, heard=said).assess(found.seen())


def test_an_errpt_that_takes_no_label_is_asked_for_everything(tmp_path: Path) -> None:
    """Of its flags only -a, -N and -s are in a transcript; without an answer no route would be set."""
    found = machine(tmp_path, UP, "")
    other = entry("0A14 050B").replace("AIXIF_ARP_DUP_ADDR", "PARTID_CHANGE").replace("FE2DEE00", "60AFC9E5")
    found.answers.update({ERRPT: (1, ""), "errpt -a": other})
    said = heard(found.seen(), KNOWN)
    assert (said.unread, said.entries) == (None, frozenset())
    assert "nobody else claimed 10.20.5.11" in done(replace(ALONE, heard=said).assess(found.seen()))
    found.answers["errpt -a"] = entry("0A14 050B") + other
    assert todo(replace(ALONE, heard=said).assess(found.seen()))[0] == "ifconfig en1 down detach"


def test_a_log_that_hangs_once_is_read_once_more(tmp_path: Path) -> None:
    """Nothing was changed yet, and without the log no address could be brought up in this run."""
    found = machine(tmp_path, UP, "")
    found.answers["errpt -a"] = (1, "")
    honest, asked = found.execute, []

    def once(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        asked.append(argv)
        return (
            Ran(argv, "killed", -1, "", "", 30.0) if len(asked) == 1 else honest(argv, environment, killable, deadline)
        )

    seen = Seen(Runner(Root(str(tmp_path)), run_argv=once))
    assert heard(seen, ()).unread is None
    assert asked[0] == asked[-1]


# ---------------------------------------------------------------- which steps


def test_the_probe_address_is_used_where_it_is_in_the_subnet(tmp_path: Path) -> None:
    profile = PROFILE.replace("service: {mtu: 1500}", "service: {mtu: 1500, probe_address: 10.20.5.250}")
    made = wanted(tmp_path, profile=profile.replace("backup: {}", "backup: {probe_address: 10.20.5.251}"))
    assert [step.id for step in steps(made)] == [
        "network/service/asking",
        "network/service/unused",
        "network/service/asking_over",
        "network/service/alone",
        "network/service/aliases/alone",
        "network/backup/unused",
        "network/backup/alone",
    ]
