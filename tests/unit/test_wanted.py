"""Profile, address table, capture and the LPAR's own facts, brought together; and what refuses."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Dict, Optional, Tuple

import pytest

from drboot import capture
from drboot.capture import Capture, Interface, KernelRoute
from drboot.errors import ConfigError, DrbootError, FactUnavailable, Refused
from drboot.paths import Root
from drboot.profile.load import load
from drboot.wanted import Wanted, _Lpar, prepare
from tests.steps import canned
from tests.steps.canned import Answer, Machine
from tests.steps.test_network import DEVICES, LSDEV, entstat

ERRPT = "errpt -a -J AIXIF_ARP_DUP_ADDR"
REHEARSES = "rehearsal:\n  partition_name: ['*_reh']\n  static_routes: [{to: 10.9.0.0/16, via: 10.99.5.254}]\n"
REHEARSAL = "prod01,dr,rehearsal,service,slot:C2,10.99.5.11,24,10.99.5.1,\n"


def prepared(
    root: Path, asks: str = "", host: str = "prod01", home: str = "home", site: str = "dr", rows: str = REHEARSAL,
    captured: Optional[Capture] = None,
    **answers: Answer,
) -> Tuple[Wanted, Machine]:  # fmt: skip
    """``asks`` is added to the DR profile; ``uname`` answers for the partition."""
    canned.wanted(root, profile=canned.PROFILE + asks, hosts=canned.HOSTS + rows)
    for directory in (root, root / "etc"):
        directory.chmod(0o755)
    capture.save(Root(str(root)), captured or canned.capture())
    lines: Dict[str, Answer] = {"uname -L": answers.get("uname", "3 prod01\n"), ERRPT: ""}
    machine = Machine(root, lines)
    return prepare(machine.seen(), load(Root(str(root))), host, home, site), machine


def returned(root: Path, home: str, site: str, came_from: str, missing: str = "", uname: str = "3 prod01\n") -> Wanted:
    """The machine configured for ``home`` wakes at ``site``, with captures of both, or of all but ``missing``."""
    canned.wanted(root, profile=canned.PROFILE + REHEARSES, hosts=canned.HOSTS + REHEARSAL)
    for directory in (root, root / "etc"):
        directory.chmod(0o755)
    for name in {"home", "dr"} - {missing}:
        capture.save(Root(str(root)), canned.capture(site=name, level=f"of {name}"))
    machine = Machine(root, {"uname -L": uname, ERRPT: ""})
    return prepare(machine.seen(), load(Root(str(root))), "prod01", home, site, came_from=came_from)


@pytest.mark.parametrize(("home", "site"), [("dr", "home"), ("home", "dr")])
def test_it_comes_home_where_it_came_from(tmp_path: Path, home: str, site: str) -> None:
    made = returned(tmp_path, home, site, site)
    assert made.coming is not None
    assert (made.coming.own.level, made.coming.left.site, made.coming.blind) == (f"of {site}", home, False)
    assert (made.capture.level, made.forgotten) == (f"of {home}", False)


@pytest.mark.parametrize("came_from", ["", "aaa", "home", "zzz"])
def test_at_a_site_that_it_did_not_come_from_nothing_is_a_return(tmp_path: Path, came_from: str) -> None:
    made = returned(tmp_path, "home", "dr", came_from)
    assert (made.coming, made.forgotten, made.capture.level) == (None, False, "of home")


def test_a_rehearsal_at_the_site_that_it_came_from_is_no_return(tmp_path: Path) -> None:
    made = returned(tmp_path, "home", "dr", "dr", uname="3 prod01_reh\n")
    assert (made.mode, made.coming, made.forgotten) == ("rehearsal", None, False)


def test_it_comes_home_and_its_own_capture_is_gone(tmp_path: Path) -> None:
    made = returned(tmp_path, "dr", "home", "home", missing="home")
    assert (made.coming, made.forgotten, made.capture.level) == (None, True, "of dr")


def test_it_comes_home_from_where_nobody_captured_it(tmp_path: Path) -> None:
    made = returned(tmp_path, "dr", "home", "home", missing="dr")
    assert made.coming is not None and made.coming.blind
    assert (made.capture.site, made.capture.level, made.forgotten) == ("dr", "of home", False)


def refused(root: Path, kind: type[DrbootError], asks: str = "", **given: Answer) -> str:
    with pytest.raises(kind) as raised:
        prepared(root, asks, **given)  # type: ignore[arg-type]
    return raised.value.problems[0].name


def test_one_value_of_everything_and_no_command_that_no_profile_asks_for(tmp_path: Path) -> None:
    made, machine = prepared(tmp_path)
    assert (made.host, made.site.site, made.home, made.mode, made.plan_b) == ("prod01", "dr", "home", "disaster", False)
    assert [row.role for row in made.rows] == ["service", "backup"]
    assert made.addresses == ("10.20.5.11", "10.20.5.12", "10.20.5.13", "10.21.5.11")
    assert made.hostname == "prod01"
    assert made.capture == canned.capture()
    assert machine.ran == [ERRPT]


def test_a_capture_of_another_machine_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, ConfigError, captured=canned.capture(host="prod02")) == "capture-other-host"  # type: ignore[arg-type]


def test_foreign_is_every_address_of_home_and_of_the_other_mode_and_none_of_here(tmp_path: Path) -> None:
    rows = REHEARSAL + "prod02,home,disaster,service,slot:C2,10.1.5.99,24,10.1.5.1,\n"
    rows += "prod00,home,disaster,service,slot:C2,10.1.5.98,24,10.1.5.1,\n"
    made, _ = prepared(tmp_path, rows=rows)
    assert set(made.foreign) == {"10.1.5.11", "10.1.5.12", "10.99.5.11"}
    stretched = Interface("en1", "10.21.5.11", "255.255.255.0", (), "1500", "up")
    made, _ = prepared(tmp_path, captured=canned.capture(interfaces=(*canned.capture().interfaces, stretched)))
    assert "10.21.5.11" in made.capture.addresses()
    assert "10.21.5.11" not in made.foreign, "an address that stays when the machine moves"


def test_a_rehearsal_has_routes_of_its_own_and_name_servers_if_it_says_so(tmp_path: Path) -> None:
    made, _ = prepared(tmp_path / "1", REHEARSES, uname="3 prod01_reh\n")
    assert [route.via for route in made.site.network.static_routes] == ["10.99.5.254"]
    assert made.site.names.nameservers == ("10.20.0.53",)
    made, _ = prepared(tmp_path / "2", REHEARSES + "  nameservers: [10.99.5.53]\n", uname="3 prod01_reh\n")
    assert made.site.names.nameservers == ("10.99.5.53",)
    made, _ = prepared(tmp_path / "3", REHEARSES + "  nameservers: [10.99.5.53]\n")
    assert made.site.names.nameservers == ("10.20.0.53",), "in a disaster nothing of the rehearsal counts"
    assert len(made.site.network.static_routes) == 2
    assert made.quarantine is None


@pytest.mark.parametrize(
    "typed",
    ["10.1.5.77", "10.001.005.077", "012.01.05.0115", "10.1.1357", "0xa.1.5.77", "0x0a01054d", "::ffff:10.1.5.77"],
)
def test_F72_an_address_that_only_the_capture_knows(tmp_path: Path, typed: str) -> None:
    """Nobody wrote it down; lsattr shows it as it was typed."""
    added = Interface("en1", typed, "255.255.255.0", (("10.1.6.77", "255.255.255.0"),), "1500", "up")
    captured = canned.capture(interfaces=(*canned.capture().interfaces, added))
    for address in ("10.1.5.77", "10.1.6.77"):
        row = f"prod01,dr,rehearsal,service,slot:C2,{address},24,{address[:-2]}1,\n"
        with pytest.raises(ConfigError) as raised:
            prepared(tmp_path / address, REHEARSES, rows=row, captured=captured, uname="3 prod01_reh\n")
        assert [problem.name for problem in raised.value.problems] == ["rehearsal-uses-real-address"]
        assert prepared(tmp_path / address / "d", REHEARSES, rows=row, captured=captured)[0].mode == "disaster"


WPAR = (
    "wpars:\n  - {name: web, root: /wpars/web, HOSTS rehearsal: [{role: service, address: 10.99.5.31, netmask: 24}]}\n"
)
MINE = {"10.99.5.11": "the rehearsal of prod01", "10.99.5.31": "the rehearsal of a WPAR of prod01"}


@pytest.mark.parametrize("address", MINE)
@pytest.mark.parametrize(
    "captured",
    [
        {"interfaces": (Interface("en1", "10.9.9.9", "24", (("ADDRESS", "255.255.255.0"),), "1500", "up"),)},
        {"further_addresses": ("ADDRESS",)},
        {"routes": ("net,-hopcount,0,,0,ADDRESS",)},
        {"routes": ("net,-hopcount,0,,0,ADDRESS,1",)},  # with a metric behind it
        {"routes": ("some words that drboot does not know,ADDRESS",)},
        {"kernel_routes": (KernelRoute(2, "10.30", 16, "ADDRESS", "en0"),)},
    ],
)
def test_F72_an_address_that_production_or_its_router_had_in_any_way(
    tmp_path: Path, address: str, captured: Dict[str, Any]
) -> None:
    made = replaced(canned.capture(**captured), address)
    asks = REHEARSES + WPAR.replace("HOSTS ", "")
    with pytest.raises(ConfigError) as raised:
        prepared(tmp_path, asks, captured=made, uname="3 prod01_reh\n")
    assert [problem.name for problem in raised.value.problems] == ["rehearsal-uses-real-address"]
    assert MINE[address] in raised.value.problems[0].what
    assert "home" in raised.value.problems[0].why
    assert prepared(tmp_path / "d", asks, captured=made)[0].mode == "disaster"


def replaced(captured: Capture, address: str) -> Capture:
    """With this address wherever it says ADDRESS."""
    text = json.dumps(asdict(captured)).replace("ADDRESS", address)
    return capture._made(Capture, json.loads(text))  # type: ignore[no-any-return]


def test_F72_the_wpar_of_another_host_is_no_address_of_this_rehearsal(tmp_path: Path) -> None:
    asks = REHEARSES + WPAR.replace("HOSTS", "hosts: [prod02],")
    rows = REHEARSAL + "prod02,dr,disaster,service,slot:C2,10.20.5.98,24,10.20.5.1,\n"
    captured = canned.capture(further_addresses=("10.99.5.31", "10.1.5.1"))
    made, _ = prepared(tmp_path, asks, rows=rows, captured=captured, uname="3 prod01_reh\n")
    assert made.mode == "rehearsal"


def test_what_home_had_beside_its_odm_is_foreign_to_a_rehearsal_alone(tmp_path: Path) -> None:
    """Such an alias belongs to a cluster, a script or a WPAR, and a disaster may bring it up here on purpose."""
    captured = canned.capture(further_addresses=("10.1.5.80",))
    made, _ = prepared(tmp_path / "1", REHEARSES, captured=captured, uname="3 prod01_reh\n")
    assert "10.1.5.80" in made.foreign
    made, _ = prepared(tmp_path / "2", REHEARSES, captured=captured)
    assert "10.1.5.80" not in made.foreign


@pytest.mark.parametrize("typed", ["10.20.5.31", "10.20.1311"])
def test_an_address_that_a_wpar_has_here_is_not_foreign_however_it_was_typed(tmp_path: Path, typed: str) -> None:
    """The interface that carries it would be taken down by the next run."""
    wpar = WPAR.replace("HOSTS rehearsal", "interfaces").replace("10.99.5.31", "10.20.5.31")
    old = Interface("en1", typed, "255.255.255.0", (), "1500", "up")
    made, _ = prepared(tmp_path, wpar, captured=canned.capture(interfaces=(old,)))
    assert not set(made.foreign) & {typed, "10.20.5.31"}


@pytest.mark.parametrize(
    ("asks", "uname", "mode"),
    [
        ("rehearsal: {partition_name: ['*_reh']}\n", "3 prod01_reh\n", "rehearsal"),
        ("rehearsal: {partition_name: ['*_reh']}\n", "3 prod01_rehx\n", "disaster"),
        ("rehearsal: {partition_name: ['*_reh']}\n", "3 PROD01_REH\n", "disaster"),
        ("rehearsal: {partition_number: [30, 31]}\n", "31 prod01\n", "rehearsal"),
        ("rehearsal: {partition_number: [30, 31]}\n", "3 prod01\n", "disaster"),
        ("rehearsal: {partition_number: [30], otherwise: disaster}\n", "3 prod01\n", "disaster"),
    ],
)
def test_rehearsal_or_disaster_is_a_fact_of_the_lpar(tmp_path: Path, asks: str, uname: str, mode: str) -> None:
    made, machine = prepared(tmp_path, asks, uname=uname)
    assert made.mode == mode
    assert machine.ran == ["uname -L", ERRPT]
    if mode == "rehearsal":
        assert made.addresses == ("10.99.5.11",)
        assert {"10.20.5.11", "10.20.5.12", "10.21.5.11", "10.1.5.11"} <= set(made.foreign)


def test_neither_is_refused_where_the_profile_says_so(tmp_path: Path) -> None:
    asks = "rehearsal: {partition_name: ['*_reh'], otherwise: refuse}\n"
    assert refused(tmp_path, Refused, asks) == "neither-rehearsal-nor-disaster"


def test_a_name_that_cannot_be_read_is_neither(tmp_path: Path) -> None:
    asks = "rehearsal: {partition_name: ['*_reh']}\n"
    assert refused(tmp_path, Refused, asks, uname=(1, "")) == "fact-unavailable"


@pytest.mark.parametrize(
    ("asks", "uname", "met"),
    [
        ("requires: {partition_name: [prod01, 'dr*']}\n", "3 dr-prod01\n", True),
        ("requires: {partition_name: [prod0]}\n", "3 prod01\n", False),
        ("requires: {partition_number: [3]}\n", "3 prod01\n", True),
        ("requires: {partition_number: [3]}\n", "33 prod01\n", False),
        ("requires: {marker: /etc/is-dr}\n", "3 prod01\n", False),
        ("requires: {partition_name: [prod01], partition_number: [4]}\n", "3 prod01\n", False),
    ],
)
def test_further_facts_that_a_site_demands(tmp_path: Path, asks: str, uname: str, met: bool) -> None:
    if met:
        assert prepared(tmp_path, asks, uname=uname)[0].mode == "disaster"
    else:
        assert refused(tmp_path, Refused, asks, uname=uname) == "requires-not-met"


def test_the_marker_is_a_file_of_this_machine(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc/is-dr").write_text("")
    assert prepared(tmp_path, "requires: {marker: /etc/is-dr}\n")[0].site.requires.marker == "/etc/is-dr"


def test_what_is_missing_is_said_by_name(tmp_path: Path) -> None:
    assert refused(tmp_path, ConfigError, site="elsewhere") == "site-without-profile"
    assert refused(tmp_path, ConfigError, host="prod0") == "host-without-addresses"
    assert refused(tmp_path, ConfigError, home="dr") == "capture-missing"
    asks = "rehearsal: {partition_number: [3]}\n"
    assert refused(tmp_path, ConfigError, asks, rows="") == "host-without-addresses"


def test_a_vlan_is_that_of_an_ethernet_adapter(tmp_path: Path) -> None:
    devices = DEVICES + "hdisk0:disk:fcp:mpioosdisk:Available:fscsi0\nen:x:x:x:Available:\n"
    answers = {LSDEV: devices, "entstat -d ent0": entstat("ent0", 31), "entstat -d ent1": entstat("ent1", 310)}
    lpar = _Lpar(Machine(tmp_path, answers).seen())
    assert lpar.is_on_vlan((310,)) and lpar.is_on_vlan((1, 31))
    assert not lpar.is_on_vlan((3, 1, 10, 3100))


def test_F72_without_an_ethernet_adapter_nobody_knows_the_vlan(tmp_path: Path) -> None:
    """A list that was cut off, or adapters that are still to come: taken for no match, a rehearsal were a disaster."""
    answers = {LSDEV: "sys0:sys:node:chrp:Available:\nent0:adapter:vdevice:IBM,l-lan:Defined:vio0\n"}
    with pytest.raises(FactUnavailable):
        _Lpar(Machine(tmp_path, answers).seen()).is_on_vlan((310,))
