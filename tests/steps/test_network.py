"""The network of a site: which interface, what it has, which routes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Dict, Sequence, Tuple

import pytest

from drboot.errors import FactUnavailable, Where
from drboot.profile.hosts import Match
from drboot.steps.base import Todo, Write
from drboot.steps.network import AddressSo, AliasesSo, NodeNameSo, StaticRoute, steps
from drboot.steps.network.routes import DefaultRouteSo, OldRoutesGone, StaticRoutesSo, default_route, static_route
from tests.steps.canned import ALIASES, Answer, Machine, blocked, done, lines, row, todo, wanted

LSDEV = "lsdev -C -F name:class:subclass:type:status:parent"
DEVICES = """\
ent0:adapter:vdevice:IBM,l-lan:Available:vio0
ent1:adapter:vdevice:IBM,l-lan:Available:vio0
ent2:adapter:vdevice:IBM,l-lan:Defined:vio0
en0:if:EN:en:Available:
en1:if:EN:en:Available:
"""
LSCFG = """\
  ent0             U9119.FHA.0211D1C-V23-C12-T1  Virtual I/O Ethernet Adapter (l-lan)

        Network Address.............D213C0153B08
        Displayable Message.........Virtual I/O Ethernet Adapter (l-lan)
        Hardware Location Code......U9119.FHA.0211D1C-V23-C12-T1

  ent1             U9119.FHA.0211D1C-V23-C2-T1  Virtual I/O Ethernet Adapter (l-lan)

        Network Address.............D213C0153B09
        Displayable Message.........Virtual I/O Ethernet Adapter (l-lan)
        Hardware Location Code......U9119.FHA.0211D1C-V23-C2-T1

  ent2             U9119.FHB.02F42A0-V11-C2-T1  Virtual I/O Ethernet Adapter (l-lan)

        Network Address.............D213C0153A04
        Displayable Message.........Virtual I/O Ethernet Adapter (l-lan)
        Hardware Location Code......U9119.FHB.02F42A0-V11-C2-T1

"""


def ifconfig(*addresses: Tuple[str, str], name: str = "en1", flags: str = "UP,BROADCAST") -> str:
    inet = "".join(f"        inet {ip} netmask {mask} broadcast 10.20.5.255\n" for ip, mask in addresses)
    return f"{name}: flags=1e080863,480<{flags}>\n{inet}         tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1\n"


def entstat(name: str, vlan: int) -> str:
    return f"""\
-------------------------------------------------------------
ETHERNET STATISTICS ({name}) :
Device Type: Virtual I/O Ethernet Adapter (l-lan)
Hardware Address: d2:13:c0:15:3b:08

Virtual I/O Ethernet Adapter (l-lan) Specific Statistics:
---------------------------------------------------------
Port VLAN ID: {vlan}
VLAN Tag IDs:  None
"""


def machine(root: Path, **given: str) -> Machine:
    """The interface en1 as DR wants it; ``given`` replaces attributes of en1 (state="down"), inet0 or whole answers."""
    attributes = {"netaddr": "10.20.5.11", "netmask": "255.255.255.0", "state": "up", "mtu": "1500", "alias4": ""}
    answers: Dict[str, Answer] = {
        LSDEV: DEVICES,
        "lscfg -vl ent*": LSCFG,
        "ifconfig -a": given.pop("ifconfig", ifconfig(("10.20.5.11", "0xffffff00"))),
        "lsattr -El inet0 -a hostname -F value": given.pop("hostname", "prod01") + "\n",
        "lsattr -El inet0 -a route -F value": given.pop("route", ""),
        "netstat -rn": given.pop("netstat", netstat()),
        "uname -n": given.pop("node", "prod01\n"),
        "errpt -a -J AIXIF_ARP_DUP_ADDR": "",
    }
    for name, value in {**attributes, **given}.items():
        answers[f"lsattr -El en1 -a {name} -F value"] = value + "\n" if name != "alias4" or value else "\n"
    return Machine(root, answers)


def netstat(*rows: str) -> str:
    body = "".join(f"{r}\n" for r in rows)
    head = "Destination        Gateway           Flags   Refs     Use  If   Exp  Groups\n"
    return f"Routing tables\n{head}\nRoute Tree for Protocol Family 2 (Internet):\n{body}"


def address(**changed: object) -> AddressSo:
    return AddressSo(row(**changed), "prod01", 1500, "")  # type: ignore[arg-type]


HOSTNAME = "chdev -l inet0 -a hostname=prod01"
CHDEV = "chdev -l en1 -a netaddr=10.20.5.11 -a netmask=255.255.255.0 -a state=up"


def test_the_interface_is_found_by_slot_and_is_not_en0(tmp_path: Path) -> None:
    """C2, not C12; the stale ent2 of home has C2 as well, and is Defined."""
    assert "en1 has 10.20.5.11" in done(address().assess(machine(tmp_path).seen()))


@pytest.mark.parametrize("match", [Match("mac", "D2:13:C0:15:3B:09"), Match("slot", "C2-T1")])
def test_other_ways_to_find_it(tmp_path: Path, match: Match) -> None:
    assert "en1" in done(address(match=match).assess(machine(tmp_path).seen()))


def test_by_vlan(tmp_path: Path) -> None:
    found = machine(tmp_path)
    found.answers.update({"entstat -d ent0": entstat("ent0", 31), "entstat -d ent1": entstat("ent1", 310)})
    assert "en1" in done(address(match=Match("vlan", "310")).assess(found.seen()))
    assert not [line for line in found.ran if "ent2" in line]


def test_an_adapter_that_entstat_cannot_open_does_not_hide_the_others(tmp_path: Path) -> None:
    found = machine(tmp_path)
    found.answers.update({"entstat -d ent0": (1, ""), "entstat -d ent1": entstat("ent1", 310)})
    assert "en1" in done(address(match=Match("vlan", "310")).assess(found.seen()))
    with pytest.raises(FactUnavailable):
        address(match=Match("vlan", "311")).assess(found.seen())


def test_a_defined_adapter_that_lscfg_cannot_show_does_not_hide_the_others(tmp_path: Path) -> None:
    found = machine(tmp_path)
    found.answers["lscfg -vl ent*"] = (1, LSCFG)
    assert "en1 has 10.20.5.11" in done(address().assess(found.seen()))
    found.answers["lscfg -vl ent*"] = (1, "")
    with pytest.raises(FactUnavailable):
        address().assess(found.seen())


def test_none_or_two_adapters_that_fit_are_refused(tmp_path: Path) -> None:
    assert blocked(address(match=Match("slot", "C9")).assess(machine(tmp_path).seen())) == "adapter-not-found"
    both = machine(tmp_path)
    both.answers.update({"entstat -d ent0": entstat("ent0", 310), "entstat -d ent1": entstat("ent1", 310)})
    assert blocked(address(match=Match("vlan", "310")).assess(both.seen())) == "adapter-ambiguous"


@pytest.mark.parametrize(
    ("given", "changes"),
    [
        ({"netaddr": ""}, [CHDEV]),
        ({"netaddr": "10.1.5.11"}, [CHDEV]),
        ({"netmask": "255.255.0.0"}, [CHDEV]),
        ({"hostname": ""}, [HOSTNAME]),
        ({"netaddr": "", "hostname": "localhost"}, [CHDEV, HOSTNAME]),
    ],
)
def test_the_primary_has_address_and_host_name(tmp_path: Path, given: Dict[str, str], changes: Sequence[str]) -> None:
    """And no route: mktcpip -g would add it before the address was seen to be alone."""
    assert todo(address().assess(machine(tmp_path, **given).seen())) == changes


def test_the_others_take_chdev_and_never_change_the_host_name(tmp_path: Path) -> None:
    step = address(gateway="")
    assert todo(step.assess(machine(tmp_path, netaddr="", hostname="other").seen())) == [CHDEV]
    assert done(step.assess(machine(tmp_path, hostname="other").seen()))


@pytest.mark.parametrize(
    "kernel",
    [
        ifconfig(),
        ifconfig(("10.20.5.11", "0xffff0000")),
        ifconfig(("10.20.5.11", "0xffffff00"), flags="BROADCAST"),
        ifconfig(name="lo0"),
    ],
)
def test_odm_right_and_kernel_wrong_is_not_done(tmp_path: Path, kernel: str) -> None:
    assert todo(address().assess(machine(tmp_path, ifconfig=kernel).seen())) == [CHDEV]


def test_a_stored_address_counts_however_it_is_spelt(tmp_path: Path) -> None:
    found = machine(tmp_path, netaddr="010.020.005.011", netmask="0xffffff00")
    assert "en1 has 10.20.5.11" in done(address().assess(found.seen()))
    aliases = AliasesSo(row(aliases=ALIASES), "", ())
    up = ifconfig(("10.20.5.11", "0xffffff00"), ("10.20.5.12", "0xffffff00"), ("10.20.5.13", "0xffffff80"))
    stored = "10.20.5.12,0xffffff00\n10.20.05.13,255.255.255.128"
    assert "10.20.5.12, 10.20.5.13" in done(aliases.assess(machine(tmp_path, ifconfig=up, alias4=stored).seen()))


def test_mtu_and_state_are_put_right_apart(tmp_path: Path) -> None:
    assert todo(address().assess(machine(tmp_path, mtu="9000").seen())) == ["chdev -l en1 -a mtu=1500"]
    assert todo(address().assess(machine(tmp_path, state="detach").seen())) == ["chdev -l en1 -a state=up"]
    unsaid = AddressSo(row(), "prod01", None, "")
    assert done(unsaid.assess(machine(tmp_path, mtu="9000").seen()))


def test_aliases_in_odm_and_kernel(tmp_path: Path) -> None:
    step = AliasesSo(row(aliases=ALIASES), "", ())
    stored = "10.20.5.12,255.255.255.0\n10.20.5.13,255.255.255.128"
    kernel = (("10.20.5.11", "0xffffff00"), ("10.20.5.12", "0xffffff00"))
    assert todo(step.assess(machine(tmp_path).seen())) == [
        "chdev -l en1 -a alias4=10.20.5.12,255.255.255.0",
        "chdev -l en1 -a alias4=10.20.5.13,255.255.255.128",
    ]
    lost = machine(tmp_path, alias4=stored, ifconfig=ifconfig(*kernel))
    assert todo(step.assess(lost.seen())) == ["ifconfig en1 alias 10.20.5.13 netmask 255.255.255.128"]
    kernel += (("10.20.5.13", "0xffffff80"),)
    assert done(step.assess(machine(tmp_path, alias4=stored, ifconfig=ifconfig(*kernel)).seen()))
    nowhere = AliasesSo(row(match=Match("slot", "C9"), aliases=ALIASES), "", ())
    assert blocked(nowhere.assess(machine(tmp_path).seen())) == "adapter-not-found"


DR_DEFAULT = "default            10.20.5.1         UG        0         7 en1      -      -"
HOME_DEFAULT = "default            10.1.5.1          UG        0         7 en1      -      -   =>"


@pytest.mark.parametrize(
    ("stored", "kernel", "expected"),
    [
        ([], [DR_DEFAULT], ["mktcpip -h prod01 -a 10.20.5.11 -m 255.255.255.0 -i en1 -g 10.20.5.1"]),
        (["net,-hopcount,0,,0,10.1.5.1"], [], ["mktcpip -h prod01 -a 10.20.5.11 -m 255.255.255.0 -i en1 -g 10.20.5.1"]),
        (
            ["net,-hopcount,0,,0,10.1.5.1", "net,-hopcount,0,,0,10.20.5.1"],
            [],
            ["chdev -l inet0 -a delroute=net,-hopcount,0,,0,10.1.5.1"],
        ),
        (
            ["net,,0,10.20.5.1", "net,-hopcount,0,,0,10.20.5.1"],
            [],
            ["chdev -l inet0 -a delroute=net,-hopcount,0,,0,10.20.5.1"],
        ),
        (["net,,0,10.20.5.1"], [], ["route add 0 10.20.5.1"]),
        (["net,,0,10.20.5.1"], [HOME_DEFAULT, DR_DEFAULT], ["route delete 0 10.1.5.1"]),
        (["net,,0,10.20.5.1"], [HOME_DEFAULT], ["route delete 0 10.1.5.1", "route add 0 10.20.5.1"]),
        (["net,,0,10.20.5.1"], [DR_DEFAULT, DR_DEFAULT], ["route delete 0 10.20.5.1"]),
    ],
)
def test_exactly_one_default_route(
    tmp_path: Path, stored: Sequence[str], kernel: Sequence[str], expected: Sequence[str]
) -> None:
    found = machine(tmp_path, route="".join(r + "\n" for r in stored), netstat=netstat(*kernel))
    assert todo(DefaultRouteSo(row(), "prod01", "", ()).assess(found.seen())) == expected


def test_S002_3_mktcpip_sets_it_and_leaves_the_hosts_file_as_it_was(tmp_path: Path) -> None:
    found = machine(tmp_path, route="", netstat="")
    found.file("/etc/hosts", "10.20.5.11 prod01 prod01.dr # kept\n")
    answer = DefaultRouteSo(row(), "prod01", "", ()).assess(found.seen())
    assert isinstance(answer, Todo)
    assert lines(answer.actions) == [
        "write /var/adm/drboot/hosts",
        "mktcpip -h prod01 -a 10.20.5.11 -m 255.255.255.0 -i en1 -g 10.20.5.1",
        "write /etc/hosts",
        "remove /var/adm/drboot/hosts",
    ]
    assert answer.actions[2] == Write("/etc/hosts", "10.20.5.11 prod01 prod01.dr # kept\n")
    assert lines(answer.instead) == ["chdev -l inet0 -a route=net,-hopcount,0,,0,10.20.5.1"]


def test_killed_in_mktcpip_the_names_that_its_hostent_took_off_come_back(tmp_path: Path) -> None:
    """The address and the route are right then, and nobody else knows the names any more."""
    found = machine(tmp_path, route="net,-hopcount,0,,0,10.20.5.1\n", netstat=netstat(DR_DEFAULT))
    found.file("/etc/hosts", "10.20.5.11 prod01\n")
    found.file("/var/adm/drboot/hosts", "10.20.5.11 prod01 prod01.dr # kept\n")
    answer = DefaultRouteSo(row(), "prod01", "", ()).assess(found.seen())
    assert isinstance(answer, Todo)
    assert answer.actions[0] == Write("/etc/hosts", "10.20.5.11 prod01 prod01.dr # kept\n")
    assert lines(answer.actions) == ["write /etc/hosts", "remove /var/adm/drboot/hosts"]


def test_undo_brings_back_what_could_be_read_and_names_the_rest(tmp_path: Path) -> None:
    found = machine(tmp_path, netaddr="", netmask="", state="down", route="", hostname="localhost")
    found.answers["hostname"] = (1, "")
    back = address().undo(found.seen())
    assert [type(step).__name__ for step in back.steps] == ["RoutesWere", "AttributesWere", "InterfaceWas"]
    assert "hostname" in back.lost


def test_mktcpip_does_not_put_an_address_behind_its_aliases(tmp_path: Path) -> None:
    """It sets the address anew, and the subnet's route would go by an alias until the next boot."""
    kernel = (("10.20.5.11", "0xffffff00"), ("10.20.5.12", "0xffffff00"))
    found = machine(tmp_path, route="", netstat="", ifconfig=ifconfig(*kernel))
    step = DefaultRouteSo(row(aliases=ALIASES), "prod01", "", ())
    assert todo(step.assess(found.seen())) == ["chdev -l inet0 -a route=net,-hopcount,0,,0,10.20.5.1"]


def test_one_default_route_in_both_is_done(tmp_path: Path) -> None:
    found = machine(tmp_path, route="net,-hopcount,0,,0,10.20.5.1\n", netstat=netstat(DR_DEFAULT))
    assert "10.20.5.1" in done(DefaultRouteSo(row(), "prod01", "", ()).assess(found.seen()))


def test_old_routes_go_by_their_stored_string(tmp_path: Path) -> None:
    home = "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.9.0.0,10.1.5.9"
    other = "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.8.0.0,10.20.5.9"
    step = OldRoutesGone((("0.0.0.0", 0, "10.20.5.1"),), (home,), "")
    stored = f"net,,0,10.1.5.1\n{home}\n{other}\nnet,-hopcount,0,,0,10.20.5.1\n"
    assert todo(step.assess(machine(tmp_path, route=stored).seen())) == [
        "chdev -l inet0 -a delroute=net,,0,10.1.5.1",
        f"chdev -l inet0 -a delroute={home}",
    ]
    assert done(step.assess(machine(tmp_path, route=other + "\n").seen()))


def test_static_routes(tmp_path: Path) -> None:
    step = StaticRoutesSo((("10.30.0.0", 16, "10.20.5.254"), ("10.40.1.7", 32, "10.20.5.253")), "", ())
    assert todo(step.assess(machine(tmp_path).seen())) == [
        "chdev -l inet0 -a route=net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.30.0.0,10.20.5.254",
        "chdev -l inet0 -a route=host,-hopcount,0,,,,,,-static,10.40.1.7,10.20.5.253",
    ]
    stored = "net,10.30.0.0,-netmask,255.255.0.0,10.20.5.254\nnet,-hopcount,0,,,,,,-static,10.40.1.7,10.20.5.253\n"
    assert todo(step.assess(machine(tmp_path, route=stored).seen())) == [
        "route add -net 10.30.0.0 -netmask 255.255.0.0 10.20.5.254",
        "route add -host 10.40.1.7 10.20.5.253",
    ]
    kernel = netstat(
        "10.30/16           10.20.5.254       UGS       0         5 en1      -      -",
        "10.40.1.7          10.20.5.253       UGHS      0         5 en1      -      -",
    )
    assert done(step.assess(machine(tmp_path, route=stored, netstat=kernel).seen()))


def test_node_name(tmp_path: Path) -> None:
    step = NodeNameSo("prod01", "", ())
    assert done(step.assess(machine(tmp_path).seen()))
    assert todo(step.assess(machine(tmp_path, node="prod01.example.com\n").seen())) == ["uname -S prod01"]


def test_the_spellings_are_those_of_the_recordings() -> None:
    assert default_route("10.20.225.1") == "net,-hopcount,0,,0,10.20.225.1"
    recorded = "net,-hopcount,0,-netmask,255.255.255.0,,,,,-static,10.0.1.0,10.22.160.5"
    assert static_route("10.0.1.0", 24, "10.22.160.5") == recorded


def test_the_primary_comes_first_and_once(tmp_path: Path) -> None:
    made = wanted(tmp_path)
    ids = [step.id for step in steps(replace(made, rows=tuple(reversed(made.rows))))]
    assert ids == [
        "network/old_routes",
        "network/service",
        "network/service/aliases",
        "network/backup",
        "network/default_route",
        "network/gateway",
        "network/service/static_routes",
        "network/node_name",
    ]


def test_a_static_route_waits_for_the_network_that_its_gateway_is_in(tmp_path: Path) -> None:
    """Over a network that is not there yet route refuses it; and what is wrong with one network is not of another."""
    made = wanted(tmp_path)
    ways = {
        "10.30.0.0/16": "10.20.5.254",
        "10.40.1.7": "10.21.5.254",
        "10.50.0.0/16": "10.20.5.253",
        "10.60.0.0/16": "10.9.9.9",
    }
    entries = tuple(StaticRoute(to, via, Where("dr.yaml")) for to, via in ways.items())
    site = replace(made.site, network=replace(made.site.network, static_routes=entries))
    found = {step.id: step for step in steps(replace(made, site=site)) if isinstance(step, StaticRoutesSo)}
    service = ("network/service/alone", "network/service/aliases/alone")
    assert {key: (step.needs, [to for to, _, _ in step.routes]) for key, step in found.items()} == {
        "network/service/static_routes": (service, ["10.30.0.0", "10.50.0.0"]),
        "network/backup/static_routes": (("network/backup/alone",), ["10.40.1.7"]),
        "network/static_routes": (service, ["10.60.0.0"]),
    }
    assert {frozenset(step.after) for step in found.values()} == {frozenset((*service, "network/backup/alone"))}
