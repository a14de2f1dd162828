"""What goes wrong with networks and names in the field: every case ends right, or exactly described and still armed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Dict, Iterator, List

import pytest

from drboot.sim.command import Context
from drboot.sim.commands import names
from drboot.sim.estates import bank, clouddev, small
from drboot.sim.estates.build import Estate, ethernet
from drboot.sim.world import new_interface
from tests.scenarios import lpars, memory
from tests.scenarios.bed import STORAGE, Bed, Beds
from tests.scenarios.kept import unlike

PRODUCTION = "10.1.5.11"
ALIAS = "10.1.5.12"
NAMES = "names:\n  nameservers: [10.20"
OPTIONS = '  options: ["timeout:1", "attempts:2"]\n'


@pytest.fixture(scope="module")
def smalls(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    return Beds(tmp_path_factory.mktemp("small"), small.make)


@pytest.fixture(scope="module")
def banks(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    return Beds(tmp_path_factory.mktemp("bank"), bank.make)


@pytest.fixture(scope="module")
def stale(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    """No reset, and the adapter of production's slot is known again: production's ODM has come up at the DR site."""
    return Beds(tmp_path_factory.mktemp("stale"), lambda directory: clouddev.make(directory, "second", "slot"))


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Beds:
    """The DR LPAR has two more adapters, which are discovered first."""

    def more_adapters(estate: Estate) -> None:
        with estate.dr.edit() as world:
            slots = world["firmware"]["slots"]
            slots[:0] = [ethernet("C22", 777, "d213c0153b21"), ethernet("C12", 778, "d213c0153b20")]

    return Beds(tmp_path_factory.mktemp("crowded"), small.make, more_adapters)


def complete(one: Bed) -> None:
    assert one.apply() == 0, memory.said(one.lpar)[-3000:]
    assert lpars.differences(one.estate) == []
    assert lpars.stamp(one.estate.dr)["phase"] == "disarmed"


def changing(one: Bed) -> List[str]:
    return [" ".join(entry["argv"]) for entry in one.estate.dr.commands() if entry["changed"]]


def first(lines: List[str], text: str) -> int:
    return next(number for number, line in enumerate(lines) if text in line)


# ---------------------------------------------------------------- addresses of production


def test_F41_production_address_leaves_the_wire_before_anything_else(stale: Beds) -> None:
    one = stale.again()
    assert one.addresses() == [PRODUCTION], "the scenario is about this address being up"
    complete(one)
    assert changing(one)[0] == "/usr/sbin/ifconfig en0 down detach"
    assert PRODUCTION not in one.addresses()
    assert one.stored("en0", "netaddr") == ["10.20.5.11"]


def test_F44_aliases_of_production_go_before_the_address_comes_up(stale: Beds) -> None:
    one = stale.again()
    rows = one.file("/etc/drboot/hosts.csv")
    rows.write_text(
        rows.read_text().replace("10.1.5.11,255.255.255.0,10.1.5.1,", f"10.1.5.11,255.255.255.0,10.1.5.1,{ALIAS}")
    )
    one.lpar.world["odm"]["attributes"]["en0"]["alias4"] = [f"{ALIAS},255.255.255.0"]
    kernel = one.lpar.world["kernel"]["interfaces"]["en0"]
    kernel["addresses"].append({"address": ALIAS, "netmask": "255.255.255.0", "broadcast": "10.1.5.255"})
    complete(one)
    lines = changing(one)
    assert first(lines, f"delalias4={ALIAS},255.255.255.0") < first(lines, "netaddr=10.20.5.11")
    assert one.stored("en0", "alias4") == []
    assert one.addresses() == ["10.20.5.11"]


def test_F47_one_default_route_is_left(stale: Beds) -> None:
    """The old one is stored, twice, and in the kernel."""
    one = stale.again()
    routes = one.lpar.world["odm"]["attributes"]["inet0"]["route"]
    routes.append("net,,0,10.1.5.1")
    complete(one)
    assert one.stored("inet0", "route")[0] == "net,-hopcount,0,,0,10.20.5.1"
    assert not any("10.1.5.1" in value for value in one.stored("inet0", "route"))
    kernel = [r["gateway"] for r in one.lpar.world["kernel"]["routes"] if r["destination"] == "default"]
    assert kernel == ["10.20.5.1"]


# ---------------------------------------------------------------- refused at load


@pytest.mark.parametrize(
    ("wrong", "name", "value"),
    [
        ("10.20.5.11,255.255.256.0,10.20.5.1", "bad-netmask", "256 is more than 255"),
        ("10.20.5.11,255.0.255.0,10.20.5.1", "bad-netmask", "one bits are not all in front"),
        ("10.20.5.11,255.255.255.0,10.20.6.1", "gateway-outside-subnet", "10.20.6.1"),
    ],
)
def test_F45_a_wrong_prefix_is_refused_with_line_and_value(smalls: Beds, wrong: str, name: str, value: str) -> None:
    one = smalls.again()
    rows = one.file("/etc/drboot/hosts.csv")
    rows.write_text(rows.read_text().replace("10.20.5.11,255.255.255.0,10.20.5.1", wrong))
    line = 1 + first(rows.read_text().splitlines(), wrong)
    assert one.apply() == 2
    said = memory.said(one.lpar).replace("\ndrboot:", "").replace("          ", " ")
    assert name in said and f"hosts.csv:{line}" in said and value in " ".join(said.split()), said
    assert changing(one) == []


@pytest.mark.parametrize("name", ["prod01.example.com", "p" * 70])
def test_F51_a_host_name_that_no_level_takes_is_refused(smalls: Beds, name: str) -> None:
    one = smalls.again()
    one.profile(
        lambda text: text.replace("names:\n  nameservers: [10.20", f"names:\n  hostname: {name}\n  nameservers: [10.20")
    )
    assert one.apply() == 2
    assert "bad-host-name" in memory.said(one.lpar)
    assert changing(one) == []


def test_F51_host_name_node_name_and_hosts_agree(smalls: Beds) -> None:
    one = smalls.again()
    one.profile(
        lambda text: text.replace(
            "names:\n  nameservers: [10.20", 'names:\n  hostname: "{host}-dr"\n  nameservers: [10.20'
        )
    )
    assert one.apply() == 0
    kernel = one.lpar.world["kernel"]
    assert one.stored("inet0", "hostname") == [kernel["hostname"]] == [kernel["nodename"]] == ["prod01-dr"]
    rows = [line.split() for line in one.file("/etc/hosts").read_text().splitlines()]
    assert ["10.20.5.11", "prod01-dr"] in rows


# ---------------------------------------------------------------- adapters


def test_F49_the_adapter_of_the_slot_is_en2(crowded: Beds) -> None:
    one = crowded.again()
    complete(one)
    assert one.stored("en2", "netaddr") == ["10.20.5.11"]
    assert one.stored("en0", "netaddr") == one.stored("en1", "netaddr") == []


@pytest.mark.parametrize(("match", "name"), [("slot:C7", "adapter-not-found"), ("vlan:999", "adapter-not-found")])
def test_F49_where_it_cannot_tell_no_interface_gets_the_address(crowded: Beds, match: str, name: str) -> None:
    one = crowded.again()
    rows = one.file("/etc/drboot/hosts.csv")
    rows.write_text(rows.read_text().replace("dr,disaster,service,slot:C2", f"dr,disaster,service,{match}"))
    assert one.apply() == 4
    assert name in one.problems()
    assert one.addresses() == []
    assert unlike(one.estate, *STORAGE) == {}


def test_F53_one_interface_of_two_fails(banks: Beds) -> None:
    """Each is listed with its own result; the other one is complete; nothing is disarmed."""
    one = banks.again()
    one.lpar.world["settings"]["faults"] = [
        {"program": "/usr/sbin/chdev", "args": "netaddr=10.21.5.11", "kind": "fails"}
    ]
    assert one.apply() == 4
    steps = one.steps()
    assert steps["network/service"]["outcome"] == "changed"
    assert steps["network/backup"]["outcome"] == "failed"
    assert steps["network/backup"]["problem"]["name"] == "command-failed"
    assert steps["network/backup/alone"]["outcome"] == "blocked"
    assert "10.20.5.11" in one.addresses()
    assert one.stored("inet0", "route")[0] == "net,-hopcount,0,,0,10.20.5.1"
    assert lpars.stamp(one.estate.dr)["phase"] == "armed"
    assert unlike(one.estate, *STORAGE) == {}


def test_F69_interfaces_that_nobody_mentions_stay_as_they_are(crowded: Beds) -> None:
    """The link-local address over which the HMC talks to RMC is on one of them."""
    one = crowded.again()
    management = new_interface("en0", inet6=["fe80::d013:c0ff:fe15:3b21/64"], mac="d213c0153b21", link=7)
    other = new_interface("en1", mac="d213c0153b20", link=8)
    other["addresses"] = [{"address": "192.168.77.3", "netmask": "255.255.255.0", "broadcast": "192.168.77.255"}]
    kernel = one.lpar.world["kernel"]["interfaces"]
    kernel.update({"en0": management, "en1": other})
    attributes = one.lpar.world["odm"]["attributes"]
    attributes["en0"] = {"netaddr6": ["fe80::d013:c0ff:fe15:3b21"], "prefixlen": ["64"], "state": ["up"]}
    attributes["en1"] = {"netaddr": ["192.168.77.3"], "netmask": ["255.255.255.0"], "state": ["up"]}
    before = json.dumps([kernel["en0"], kernel["en1"], attributes["en0"], attributes["en1"]])
    complete(one)
    assert json.dumps([kernel["en0"], kernel["en1"], attributes["en0"], attributes["en1"]]) == before
    assert not any(f"-l en{n} " in line or f"ifconfig en{n} " in line for n in (0, 1) for line in changing(one))


# ---------------------------------------------------------------- who does not answer


def test_F46_a_gateway_that_does_not_answer_is_a_degraded_network(smalls: Beds) -> None:
    """Reported, not looped over: everything on this LPAR is right, so the run is complete."""
    one = smalls.again()
    one.gone("10.20.5.1")
    complete(one)
    assert one.problems() == ["nameservers-silent", "gateway-silent"]
    assert all("network is degraded" in problem["what"] for problem in one.report()["problems"])
    assert "gateway-silent" in memory.said(one.lpar)
    assert sum("ping" in line and line.endswith(" 10.20.5.1") for line in one.commands()) <= 3


def test_F46_a_gateway_that_lets_no_ping_through_is_there(smalls: Beds) -> None:
    one = smalls.again()
    for host in one.lpar.world["san"]["networks"]["dr/200"]:
        host["deaf"] = True
    complete(one)
    assert one.problems() == []
    assert "no ping" in one.steps()["network/gateway"]["evidence"]


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[List[str]]:
    """Every name that a command of the LPAR looked up, and was free to ask a name server for (NSORDER)."""
    asked: List[str] = []
    lookup, reverse = names.lookup, names.reverse

    def noting(ctx: Context, name: str) -> str:
        if not names.net.is_address(name) and ctx.env.get("NSORDER") != "local":
            asked.append(name)
        return lookup(ctx, name)

    def noting_reverse(ctx: Context) -> Dict[str, str]:
        if ctx.env.get("NSORDER") != "local":
            asked.append("(names of addresses)")
        return reverse(ctx)

    monkeypatch.setattr(names, "lookup", noting)
    monkeypatch.setattr(names, "reverse", noting_reverse)
    yield asked


STATED = "[10.20.0.51, 10.20.0.53, 10.20.0.52, 10.20.0.54]"


def test_F54_the_live_name_server_comes_first_and_three_are_written(smalls: Beds) -> None:
    one = smalls.again()
    one.profile(
        lambda text: text.replace("[10.20.0.53]\n", STATED + "\n").replace(
            '  options: ["timeout:1", "attempts:2"]\n', ""
        )
    )
    one.host("10.20.0.54", place="dr/290")
    assert one.apply() == 0
    assert one.file("/etc/resolv.conf").read_text().splitlines() == [
        "domain dr.example.com",
        "nameserver 10.20.0.53",
        "nameserver 10.20.0.54",
        "nameserver 10.20.0.51",
        "options timeout:1 attempts:2",
    ]
    assert "2 of 4 name servers answer" in one.steps()["names/live"]["evidence"]
    assert lpars.stamp(one.estate.dr)["phase"] == "disarmed"


def test_F55_without_any_name_server_names_are_local_and_nothing_waits(smalls: Beds, looked_up: List[str]) -> None:
    one = smalls.again()
    one.gone("10.20.0.53")
    complete(one)
    assert one.problems() == ["nameservers-silent"]
    assert "hosts = local4, bind4" in one.file("/etc/netsvc.conf").read_text()
    assert looked_up == [], "drboot's own commands resolve no name"
    pinged = [line for line in one.commands() if "ping" in line]
    assert pinged and all(" -n " in line for line in pinged)


def test_F55_nobody_is_asked_where_the_profile_says_so(smalls: Beds) -> None:
    one = smalls.again()
    one.gone("10.20.0.53")
    one.profile(lambda text: text.replace("names:\n", "names:\n  probe: none\n"))
    complete(one)
    assert one.problems() == []


HOSTS = """\
# production's own table; do not touch\t
127.0.0.1   loopback localhost

10.1.5.11\tprod01.example.com prod01   # own line, by hand
10.1.5.111  prod011 # not ours
10.1.5.11   prod01.bank.example.com
10.9.9.9    prod01.console.example.com
::1 loopback
10.1.5.20\tnimmaster  nimmaster.example.com"""


def test_F58_only_the_own_line_changes_and_the_journal_keeps_the_old_text(smalls: Beds) -> None:
    one = smalls.again()
    one.file("/etc/hosts").write_text(HOSTS)
    assert one.apply() == 0
    own = HOSTS.replace("10.1.5.11\tprod01.example", "10.20.5.11\tprod01.example")
    assert one.file("/etc/hosts").read_text() == own.replace("10.1.5.11   prod01.bank", "10.20.5.11   prod01.bank")
    [run] = one.file("/var/adm/drboot/runs").iterdir()
    events = [json.loads(line) for line in Path(run, "journal.jsonl").read_text().splitlines()]
    kept = [event for event in events if event.get("path") == "/etc/hosts" and event.get("before")]
    assert kept[0]["before"] == HOSTS
