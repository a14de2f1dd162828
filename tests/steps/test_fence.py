"""The fence: addresses off the wire, files aside."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict

import pytest

from drboot import cron
from drboot.capture import Interface
from drboot.steps import reversals
from drboot.steps.base import Done, Todo
from drboot.steps.fence import Addresses6Fenced, AddressesFenced, CrontabAside, FileAside, foreign6, steps
from tests.steps.canned import Answer, Machine, blocked, capture, done, lines, todo, wanted

STEP = AddressesFenced(("10.1.5.11", "10.1.5.12"), "")
LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
LO0 = "lo0: flags=e08084b,c0<UP,LOOPBACK>\n        inet 127.0.0.1 netmask 0xff000000 broadcast 127.255.255.255\n"
EN0 = "en0: flags=1e080863,480<UP>\n        inet {} netmask 0xffffff00 broadcast 10.1.5.255\n"


def machine(root: Path, kernel: str = "", netaddr: str = "", state: str = "down", alias: str = "") -> Machine:
    answers: Dict[str, Answer] = {
        "ifconfig -a": kernel + LO0,
        LSDEV: "en0:if:EN:en:Available:\net0:if:EN:et:Defined:\n",
        "lsattr -El en0 -a netaddr -F value": netaddr + "\n",
        "lsattr -El en0 -a state -F value": state + "\n",
        "lsattr -El en0 -a alias4 -F value": alias + "\n",
    }
    return Machine(root, answers)


def test_a_clean_machine_has_nothing_to_fence(tmp_path: Path) -> None:
    assert "none of 2" in done(STEP.assess(machine(tmp_path).seen()))


def test_off_the_wire_first_then_out_of_the_odm(tmp_path: Path) -> None:
    found = machine(tmp_path, EN0.format("10.1.5.11"), "10.1.5.11", "up", "10.1.5.12,255.255.255.0")
    assert todo(STEP.assess(found.seen())) == [
        "ifconfig en0 down detach",
        "chdev -l en0 -a state=detach",
        "chdev -l en0 -a delalias4=10.1.5.12,255.255.255.0",
    ]


@pytest.mark.parametrize("name", ["vi0", "et0", "ib0", "tr0", "xx0"])
@pytest.mark.parametrize("is_up", [True, False])
def test_an_interface_of_any_kind_is_fenced(tmp_path: Path, name: str, is_up: bool) -> None:
    """One that is down here is looked at where it had an address at home."""
    found = machine(tmp_path, EN0.format("10.1.5.11").replace("en0", name) if is_up else "")
    step = AddressesFenced(STEP.foreign, "", at_home=() if is_up else (name,))
    found.answers[LSDEV] = (
        f"en0:if:EN:en:Available:\nlo0:if:LO:lo:Available:\net1:if:EN:et:Defined:\n{name}:if:X:x:Available:\n"
    )
    for attribute, value in (("netaddr", "10.1.5.11"), ("state", "up"), ("alias4", "10.1.5.12,255.255.255.0")):
        found.answers[f"lsattr -El {name} -a {attribute} -F value"] = value + "\n"
    assert todo(step.assess(found.seen())) == [
        *([f"ifconfig {name} down detach"] if is_up else []),
        f"chdev -l {name} -a state=detach",
        f"chdev -l {name} -a delalias4=10.1.5.12,255.255.255.0",
    ]


def test_an_address_inside_another_is_not_it(tmp_path: Path) -> None:
    found = machine(tmp_path, EN0.format("10.1.5.111"), "10.1.5.1", "up", "110.1.5.12,255.255.255.0")
    assert done(STEP.assess(found.seen()))


@pytest.mark.parametrize(
    "spelt",
    ["010.001.005.011", "0xa.1.5.0xb", "0x0a01050b", "10.66827", "012.1.5.013", "::ffff:10.1.5.11", "::FFFF:a01:50b"],
)
def test_F41_an_address_is_fenced_however_it_is_spelt(tmp_path: Path, spelt: str) -> None:
    found = machine(tmp_path, "", spelt, "up", f"{spelt},0xffffff00")
    assert todo(STEP.assess(found.seen())) == [
        "chdev -l en0 -a state=detach",
        f"chdev -l en0 -a delalias4={spelt},0xffffff00",
    ]


@pytest.mark.parametrize("other", ["10.1.5.110", "0x0a01050d", "10.1.5", "::ffff:a01:50d", "en0", "", "10.1.5.11.1"])
def test_what_is_spelt_like_it_and_is_another_address_stays(tmp_path: Path, other: str) -> None:
    assert done(STEP.assess(machine(tmp_path, "", other, "up", f"{other},0xffffff00").seen()))


def test_what_cannot_be_read_of_one_interface_keeps_no_other_address_on_the_wire(tmp_path: Path) -> None:
    found = machine(tmp_path, EN0.format("10.1.5.11"), "10.1.5.11", "up")
    found.answers[LSDEV] = "en1:if:EN:en:Available:\nen0:if:EN:en:Available:\n"
    found.answers["lsattr -El en1 -a netaddr -F value"] = (1, "")
    found.answers["lsattr -El en1 -a alias4 -F value"] = "\n"
    answer = STEP.assess(found.seen())
    assert todo(answer) == ["ifconfig en0 down detach", "chdev -l en0 -a state=detach"]
    assert isinstance(answer, Todo)
    assert [str(action) for action in answer.instead] == ["chdev -l en0 -a state=detach"]
    found.answers["ifconfig -a"], found.answers["lsattr -El en0 -a netaddr -F value"] = LO0, ""
    assert blocked(STEP.assess(found.seen())) == "fact-unavailable"
    found.answers["ifconfig -a"] = (1, "")
    found.answers["lsattr -El en0 -a netaddr -F value"] = "10.1.5.11\n"
    assert todo(STEP.assess(found.seen())) == ["chdev -l en0 -a state=detach"]


def test_an_address_that_stays_down_is_fenced(tmp_path: Path) -> None:
    assert done(STEP.assess(machine(tmp_path, "", "10.1.5.11", "detach").seen()))


def test_a_file_goes_aside_and_never_over_another(tmp_path: Path) -> None:
    step = FileAside("/etc/niminfo", "/etc/niminfo.home", "niminfo", "")
    found = Machine(tmp_path, {})
    assert done(step.assess(found.seen()))
    found.file("/etc/niminfo", "export NIM_NAME=prod01\n")
    assert todo(step.assess(found.seen())) == ["move /etc/niminfo to /etc/niminfo.home"]
    found.file("/etc/niminfo.home", "older\n")
    assert todo(step.assess(found.seen())) == ["move /etc/niminfo to /etc/niminfo.home.2"]


def test_what_is_fenced(tmp_path: Path) -> None:
    assert [step.id for step in steps(wanted(tmp_path))] == [
        "fence/addresses",
        "fence/etc/niminfo",
        "fence/var/spool/cron/crontabs/oracle",
        "fence/cron-told",
    ]


SIX = Addresses6Fenced(("2001:db8:1::11/64", "2001:db8:2::11/48"), "")


def six(root: Path, netaddr6: str, alias6: str, kernel: str = "") -> Machine:
    return Machine(root, {
        "ifconfig -a": (EN0.format("10.20.5.11") + kernel) + LO0, LSDEV: "en0:if:EN:en:Available:\n",
        "lsattr -El en0 -a netaddr6 -F value": netaddr6 + "\n", "lsattr -El en0 -a alias6 -F value": alias6 + "\n",
    })  # fmt: skip


def test_F41_an_ipv6_address_of_home_goes_however_it_is_spelt(tmp_path: Path) -> None:
    found = six(tmp_path, "2001:0DB8:0001::0011", "2001:db8:9::1/64\n2001:db8:2::11/48")
    assert todo(SIX.assess(found.seen())) == [
        "chdev -l en0 -a netaddr6= -a prefixlen=", "chdev -l en0 -a delalias6=2001:db8:2::11/48",
    ]  # fmt: skip
    answer = SIX.assess(found.seen())
    assert isinstance(answer, Todo)
    assert lines(answer.instead) == ["ifconfig en0 down detach", "rmdev -dl en0", "cfgmgr"]
    found.answers["ifconfig -a"] = LO0  # the kernel does not know it
    answer = SIX.assess(found.seen())
    assert isinstance(answer, Todo)
    assert lines(answer.instead) == ["rmdev -dl en0", "cfgmgr"]


def test_F41_an_ipv6_address_that_only_the_kernel_has(tmp_path: Path) -> None:
    rows = "        inet6 2001:db8:1::11/64\n        inet6 fe80::f841:d2ff:fe15:3a02/64\n"
    assert todo(SIX.assess(six(tmp_path, "", "", rows).seen())) == ["ifconfig en0 inet6 2001:db8:1::11 delete"]
    assert done(SIX.assess(six(tmp_path, "2001:db8:5::11", "", rows[:0]).seen()))
    assert SIX.undo(six(tmp_path, "", "").seen()).steps == ()


def test_F41_whose_ipv6_addresses(tmp_path: Path) -> None:
    had = Interface("en0", "10.1.5.11", "255.255.255.0", (), "1500", "up", "2001:db8:1::11/64", ("2001:db8:2::11/48",))
    made = wanted(tmp_path, capture=capture(interfaces=(had,)))
    assert foreign6(made) == SIX.foreign
    [step] = [step for step in steps(made) if isinstance(step, Addresses6Fenced)]
    assert (step.id, step.after) == ("fence/addresses6", ("fence/addresses",))
    assert foreign6(wanted(tmp_path)) == ()


def test_a_held_crontab_leaves_an_empty_one_by_which_cron_is_told(tmp_path: Path) -> None:
    table, aside = "/var/spool/cron/crontabs/oracle", "/var/adm/drboot/held/crontab.oracle"
    step = CrontabAside(table, aside, "crontab of oracle", "")
    found = Machine(tmp_path, {})
    assert done(step.assess(found.seen()))
    (tmp_path / "var/spool/cron/crontabs").mkdir(parents=True)
    (tmp_path / table[1:]).mkdir()
    assert done(step.assess(found.seen())), "a directory is nobody's table"
    (tmp_path / table[1:]).rmdir()
    found.file(table, "0 2 * * * /y\n")
    assert todo(step.assess(found.seen())) == [f"move {table} to {aside}", f"write {table}"]
    (back,) = step.undo(found.seen()).steps
    assert back == reversals.MovedBack(table, aside, ("", cron.SHOUT))
    found.file(aside, "0 2 * * * /y\n")
    assert todo(step.assess(found.seen()))[0].endswith(".2"), "a new table of the user"
    found.file(table, "")
    assert done(step.assess(found.seen())), "killed before cron was told"


def test_an_address_of_the_loopback_is_on_no_wire(tmp_path: Path) -> None:
    """A cluster's address that is an alias of lo0; without lo0 a machine does not even reach itself."""
    found = machine(tmp_path)
    found.answers["ifconfig -a"] = LO0 + "        inet 10.1.5.11 netmask 0xffffffff\n"
    assert done(STEP.assess(found.seen()))


def test_an_alias_goes_although_the_address_cannot_be_read(tmp_path: Path) -> None:
    found = machine(tmp_path, alias="10.1.5.12,255.255.255.0")
    found.answers["lsattr -El en0 -a netaddr -F value"] = (1, "")
    assert todo(STEP.assess(found.seen())) == ["chdev -l en0 -a delalias4=10.1.5.12,255.255.255.0"]
    found.answers["lsattr -El en0 -a alias4 -F value"] = "\n"
    assert blocked(STEP.assess(found.seen())) == "fact-unavailable"


def test_one_interface_that_cannot_be_read_keeps_no_ipv6_address_of_another_one(tmp_path: Path) -> None:
    found = six(tmp_path, "2001:db8:1::11", "")
    found.answers[LSDEV] = "en0:if:EN:en:Available:\nen1:if:EN:en:Available:\n"
    found.answers["lsattr -El en1 -a netaddr6 -F value"] = (1, "")
    found.answers["lsattr -El en1 -a alias6 -F value"] = "\n"
    assert todo(SIX.assess(found.seen()))[0].startswith("chdev -l en0 -a netaddr6= ")
    found.answers["lsattr -El en0 -a netaddr6 -F value"] = "\n"
    assert blocked(SIX.assess(found.seen())) == "fact-unavailable"


REHEARSED = replace(STEP, own=("10.99.5.11", "10.99.5.31"))


def test_F72_what_production_got_after_the_capture_has_no_place_in_a_rehearsal(tmp_path: Path) -> None:
    """The ODM came with the replica, and the table says all that a rehearsal has."""
    found = machine(tmp_path, EN0.format("10.1.7.5"), "10.1.7.5", "up", "10.1.7.6,255.255.255.0")
    assert done(STEP.assess(found.seen())), "in a disaster it may be a service address"
    assert todo(REHEARSED.assess(found.seen())) == [
        "ifconfig en0 down detach",
        "chdev -l en0 -a state=detach",
        "chdev -l en0 -a delalias4=10.1.7.6,255.255.255.0",
    ]
    ours = machine(tmp_path / "2", EN0.format("10.99.5.11"), "10.99.5.11", "up")
    assert REHEARSED.assess(ours.seen()) == STEP.assess(ours.seen())


def test_F72_what_only_the_kernel_has_in_a_rehearsal_is_told(tmp_path: Path) -> None:
    """It may be production's, or that of a hook, or the administrator's way in."""
    answer = REHEARSED.assess(machine(tmp_path, EN0.format("10.1.7.5"), "10.99.5.11", "up").seen())
    assert isinstance(answer, Done)
    assert "en0 has 10.1.7.5" in answer.warnings[0]
    assert isinstance(REHEARSED.assess(machine(tmp_path / "2", EN0.format("0.0.0.0")).seen()), Done)
