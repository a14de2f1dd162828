"""The profile's section wpars, and how lswpar is read (S001-10 to S001-12)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List, Tuple

import pytest

from drboot import plan
from drboot.errors import ConfigError, FactUnavailable
from drboot.facts import lswpar
from drboot.facts.base import ParseError
from drboot.steps.base import Todo
from drboot.steps.reversals import WparStartsItself, dump
from drboot.steps.wpars import AddressesSo, NoneStartsItself, ProductionsAddressesGone, base_mounts
from tests.steps.canned import HOSTS, PROFILE, Answer, Machine, blocked, done, todo, wanted

WEB = "{name: web, root: /wpars/web, nameservers: [10.20.0.53], interfaces: [ADDRESS]}"
ADDRESS = "{role: service, address: 10.20.5.31, netmask: 255.255.255.0}"
AT_HOME = ADDRESS.replace("20.5.31", "1.5.11")
TWO = WEB.replace("ADDRESS", ADDRESS) + ", " + WEB.replace("web", "app").replace("ADDRESS", ADDRESS)


def problems(tmp_path: Path, rows: str) -> List[str]:
    with pytest.raises(ConfigError) as caught:
        wanted(tmp_path, profile=f"{PROFILE}wpars: [{rows}]\n", hosts=HOSTS)
    return sorted({problem.name for problem in caught.value.problems})


def test_S001_10_what_lswpar_prints_is_read() -> None:
    rows = lswpar.parse("web:A:S:web:/wpars/web:no\nbatch:D:S:batch:/data/batch\n")
    assert [(row.name, row.state, row.directory) for row in rows] == [
        ("web", "A", "/wpars/web"),
        ("batch", "D", "/data/batch"),
    ]
    assert lswpar.parse("") == ()
    for wrong in ("web:A\n", "web:A:S:web:wpars\n", ":A:S:web:/wpars/web\n", "web:1:S:web:/wpars/web\n"):
        with pytest.raises(ParseError):
            lswpar.parse(wrong)


def test_S001_12_addresses_of_wpars_are_read_and_compared() -> None:
    rows = lswpar.parse_network("web:en0:10.1.5.31:255.255.255.0:10.1.5.255\nweb:en0:2001\\:db8\\:\\:31:64:\napp::::\n")
    assert rows[0] == ("web", "en0", "10.1.5.31", "255.255.255.0")
    assert (rows[1].address, rows[1].netmask, len(rows)) == ("2001:db8::31", "", 2)
    new = ("en1", "10.20.5.31", "255.255.255.0")
    assert lswpar.changes(rows[:1], "web", (new,)) == (
        ("-K", "-N", "address=10.1.5.31", "web"),
        ("-N", "interface=en1", "address=10.20.5.31", "netmask=255.255.255.0", "web"),
    )
    assert lswpar.changes(rows[:1], "web", (rows[0][1:],)) == ()
    assert lswpar.changes(rows[:1], "app", ()) == ()
    with pytest.raises(ParseError):
        lswpar.parse_network("web:en0\n")


@pytest.mark.parametrize(
    "row, address, mask",
    [
        ("web:en0:10.1.5.31:24:10.1.5.255", "10.1.5.31", "255.255.255.0"),
        ("web:en0:10.1.5.31:255.255.255.0:10.1.5.255:more", "10.1.5.31", "255.255.255.0"),
        ("web:en0:fe80::1:64:", "fe80::1", ""),
        ("web:en0:2001\\:db8\\:\\:31:64:", "2001:db8::31", ""),
    ],
)
def test_S001_12_an_address_is_what_chwpar_would_take(row: str, address: str, mask: str) -> None:
    (found,) = lswpar.parse_network(row + "\n")
    assert (found.address, found.netmask) == (address, mask)


@pytest.mark.parametrize(
    "root, wanted_points",
    [
        ("/wpars/web", ("/wpars/web", "/wpars/web/opt")),
        ("/data/wpars/batch", ("/data",)),
        ("/wpars/webshop", ()),
    ],
)
def test_S001_11_the_mounts_that_a_wpar_needs(root: str, wanted_points: Tuple[str, ...]) -> None:
    assert base_mounts(root, ("/data", "/data/db", "/wpars/web", "/wpars/web/opt")) == wanted_points


@pytest.mark.parametrize(
    "rows, names",
    [
        (WEB.replace("ADDRESS", ADDRESS.replace("service", "none")), ["wpar-role-unknown"]),
        (WEB.replace("ADDRESS", f"{ADDRESS}, {ADDRESS}"), ["wpar-address-twice"]),
        (TWO, ["wpar-address-twice"]),
        (TWO.replace("app", "web"), ["wpar-address-twice", "wpar-named-twice"]),
        (WEB.replace("ADDRESS", ADDRESS).replace("]}", "], rehearsal: [ADDRESS]}").replace("ADDRESS", ADDRESS),
         ["rehearsal-uses-real-address"]),
        (WEB.replace("ADDRESS", ADDRESS).replace("root:", "domain: a.example, search: [b.example], root:"),
         ["wpar-domain-and-search"]),
        (WEB.replace("ADDRESS", ADDRESS.replace("5.31", "5.11")), ["wpar-address-twice"]),
        (WEB.replace("ADDRESS", ADDRESS).replace("]}", f"], rehearsal: [{AT_HOME}]}}"),
         ["rehearsal-uses-real-address"]),
        ("{name: web, root: /wpars/web, domain: a.example}", ["wpar-without-nameservers"]),
        ("{name: 0web, root: /wpars/web}", ["bad-wpar-name"]),
        ("{name: web, root: /}", ["bad-wpar-root"]),
        ("{name: web, root: /wpars/../etc}", ["bad-wpar-root"]),
        ("{name: web, root: //wpars/web}", ["bad-wpar-root"]),
    ],
)  # fmt: skip
def test_each_mistake_of_the_section_has_its_name(tmp_path: Path, rows: str, names: List[str]) -> None:
    assert problems(tmp_path, rows) == names


def test_S001_11_a_wpar_that_was_stopped_at_home_has_its_root_mounted_for_the_edit(tmp_path: Path) -> None:
    """Nobody had mounted /old when home was captured: startwpar does, and the file is edited before that."""
    row = WEB.replace("/wpars/web", "/old").replace("ADDRESS", ADDRESS)
    for text, is_mounted in ((row, True), (row.replace("nameservers: [10.20.0.53], ", ""), False)):
        made = wanted(tmp_path, profile=f"{PROFILE}wpars: [{text}]\n", hosts=HOSTS)
        ids = {step.id: step for step in plan.build(made)}
        assert ("filesystems/old" in ids) is is_mounted
        assert ("filesystems/old" in ids["wpars/web/start"].needs) is is_mounted
    assert "filesystems/old" not in {step.id for step in plan.build(wanted(tmp_path))}


def addresses_so(tmp_path: Path, role: str) -> AddressesSo:
    """Of prod01, which has no row for the role backup."""
    row = WEB.replace("ADDRESS", ADDRESS.replace("service", role))
    hosts = "".join(line for line in HOSTS.splitlines(keepends=True) if ",backup," not in line)
    made = wanted(tmp_path, profile=f"{PROFILE}wpars: [{row}]\n", hosts=hosts)
    return next(step for step in plan.build(made) if isinstance(step, AddressesSo))


def test_S001_12_an_address_whose_role_the_host_has_no_row_for_is_not_left_out_in_silence(tmp_path: Path) -> None:
    """Its other addresses would go, and it would start without this one."""
    step = addresses_so(tmp_path, "backup")
    assert blocked(step.assess(Machine(tmp_path, {}).seen())) == "wpar-role-unknown"
    assert addresses_so(tmp_path, "service").lacking == ()


def test_S001_12_what_undo_cannot_put_back_is_said(tmp_path: Path) -> None:
    rows = "web:en0:10.1.5.31:255.255.255.0:10.1.5.255\nweb:en0:2001\\:db8\\:\\:31:64:\n"
    back = addresses_so(tmp_path, "service").undo(Machine(tmp_path, {"lswpar -N -c -q": rows}).seen())
    assert "2001:db8::31" in back.kept
    assert [dump(step)["addresses"] for step in back.steps] == [(("en0", "10.1.5.31", "255.255.255.0"),)]


NETWORK = "batch:en0:10.1.5.33:255.255.255.0:10.1.5.255\nbatch:en0:2001\\:db8\\:\\:33:64:\n"
NETWORK += "web:en0:10.99.5.31:255.255.255.0:10.99.5.255\nweb:en0:10.1.5.31:255.255.255.0:10.1.5.255\n"
STOPPED = "batch:D:S:batch:/wpars/batch:no\nweb:D:S:web:/wpars/web:no\n"


def fenced(tmp_path: Path, network: Answer = NETWORK, states: str = STOPPED, defined: bool = True) -> Machine:
    """A machine with lswpar, and with definitions in /etc/wpars where it is said to have them."""
    machine = Machine(tmp_path, {"lswpar -N -c -q": network, "lswpar -c -q": states})
    machine.file("/usr/sbin/lswpar", "")
    (tmp_path / "usr/sbin/lswpar").chmod(0o755)
    if defined:
        machine.file("/etc/wpars/web.cf", "")
    return machine


FENCE = ProductionsAddressesGone((("web", ("10.99.5.31",)),), "")


def test_in_a_rehearsal_no_wpar_keeps_an_address_that_the_profile_does_not_give_it(tmp_path: Path) -> None:
    machine = fenced(tmp_path)
    answer = FENCE.assess(machine.seen())
    assert todo(answer) == [
        "chwpar -K -N address=10.1.5.33 batch", "chwpar -K -N address=2001:db8::33 batch",
        "chwpar -K -N address=10.1.5.31 web",
    ]  # fmt: skip
    assert isinstance(answer, Todo) and answer.each
    back = FENCE.undo(machine.seen())
    assert [step.id for step in back.steps] == ["undo/wpar/batch/network", "undo/wpar/web/network"]
    assert "2001:db8::33" in back.kept
    machine.answers["lswpar -N -c -q"] = "web:en0:10.99.5.31:255.255.255.0:10.99.5.255\n"
    assert done(FENCE.assess(machine.seen()))


def test_one_that_runs_with_such_an_address_is_reported_when_the_others_are_without(tmp_path: Path) -> None:
    running = STOPPED.replace("batch:D", "batch:A")
    assert todo(FENCE.assess(fenced(tmp_path, states=running).seen())) == ["chwpar -K -N address=10.1.5.31 web"]
    left = fenced(tmp_path, NETWORK.splitlines()[0] + "\n", running)
    assert blocked(FENCE.assess(left.seen())) == "wpar-not-stopped"


def test_a_machine_without_wpars_has_nothing_to_fence(tmp_path: Path) -> None:
    assert done(FENCE.assess(Machine(tmp_path, {}).seen())), "there is no lswpar"
    assert done(FENCE.assess(fenced(tmp_path, (1, ""), defined=False).seen())), "and nothing that it could list"
    assert done(FENCE.assess(fenced(tmp_path, "", defined=False).seen()))
    with pytest.raises(FactUnavailable):
        FENCE.assess(fenced(tmp_path, (1, "")).seen())


GENERAL = "name:state:type:hostname:directory:auto:application\n"
GENERAL += "batch:D:S:b\\:1:/wpars/batch:yes:\nweb:D:S:web:/wpars/web:no:\napp:A:S:app:/wpars/app:yes:\n"


def test_in_a_rehearsal_no_wpar_starts_by_itself(tmp_path: Path) -> None:
    """It would come up with production's crontabs and sendmail, which nobody holds back inside."""
    machine, step = fenced(tmp_path), NoneStartsItself("")
    machine.answers["lswpar -c -G"] = GENERAL
    answer = step.assess(machine.seen())
    assert todo(answer) == ["chwpar -K -A batch", "chwpar -K -A app"]
    assert isinstance(answer, Todo) and answer.each
    assert [dump(one) for one in step.undo(machine.seen()).steps] == [
        {"kind": "WparStartsItself", "name": "batch"}, {"kind": "WparStartsItself", "name": "app"},
    ]  # fmt: skip
    machine.answers["lswpar -c -G"] = GENERAL.replace("yes", "no")
    assert done(step.assess(machine.seen()))
    assert todo(WparStartsItself("batch").assess(machine.seen())) == ["chwpar -A batch"]
    machine.answers["lswpar -c -G"] = GENERAL
    assert done(WparStartsItself("batch").assess(machine.seen()))
    assert done(step.assess(Machine(tmp_path / "2", {}).seen())), "there is no lswpar"


@pytest.mark.parametrize("text", ["web:A:S\n", "name:auto\nweb:perhaps\n", "name:auto\n:yes\n", "name:auto\nweb\n"])
def test_what_does_not_say_which_wpar_has_auto_start_is_no_answer(text: str) -> None:
    assert lswpar.parse_starts("") == lswpar.parse_starts("#name:auto\n") == ()
    with pytest.raises(ParseError):
        lswpar.parse_starts(text)


def test_a_disaster_has_no_such_step(tmp_path: Path) -> None:
    made = wanted(tmp_path)
    ids = {mode: [step.id for step in plan.build(replace(made, mode=mode))] for mode in ("disaster", "rehearsal")}
    assert ("wpars/fenced" in ids["disaster"], "wpars/fenced" in ids["rehearsal"]) == (False, True)
