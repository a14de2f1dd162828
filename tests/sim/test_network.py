"""What the network and service commands do to a machine: ODM, kernel and files, each where AIX changes it."""

from __future__ import annotations

import copy
import json
from typing import Any, Dict, List, Tuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drboot.sim import net
from drboot.sim.command import Context, Hang, PowerOff, Result, find, run
from drboot.sim.commands import COMMANDS, errlog
from drboot.sim.commands.inittab import ACTIONS, pieces
from drboot.sim.world import World, new_kernel, new_slot
from tests.sim.replay import transcript
from tests.sim.worlds import network as w

CHDEV, IFCONFIG, LSATTR, NETSTAT = "/usr/sbin/chdev", "/usr/sbin/ifconfig", "/usr/sbin/lsattr", "/usr/bin/netstat"
MKTCPIP = "/usr/sbin/mktcpip"


class Lpar:
    """A machine with en0 (VLAN 10) and en1 (VLAN 20), nothing configured; its commands run in this process."""

    def __init__(self, root: str) -> None:
        en0 = w.interface("en0", mac="0ac624394103")
        en1 = w.interface("en1", link=3, mac="0ac624394104")
        self.world: World = w.host(en0, en1)
        self.world["kernel"]["interfaces"].clear()
        self.world["odm"]["attributes"].clear()
        for slot, vlan in zip(self.world["firmware"]["slots"], (10, 20)):
            slot["vlan"] = vlan
        self.world["settings"]["fixed_time"] = 1.8e9
        self.root = root

    def context(self, stdin: str = "", **env: str) -> Context:
        return Context(self.world, self.root, stdin, env)

    def run(self, program: str, *args: str, stdin: str = "", **env: str) -> Result:
        return run(self.context(stdin, **env), program, list(args))

    def ok(self, program: str, *args: str, **given: str) -> str:
        result = self.run(program, *args, **given)
        assert result.rc == 0, result
        return result.out

    def odm(self, device: str, attribute: str) -> List[str]:
        return self.world["odm"]["attributes"].get(device, {}).get(attribute, [])

    def addresses(self, interface: str) -> List[str]:
        held = self.world["kernel"]["interfaces"].get(interface)
        return [each["address"] for each in held["addresses"]] if held is not None else []

    def routes(self) -> List[Tuple[str, str, str]]:
        return [(r["destination"], r["gateway"], r["flags"]) for r in self.world["kernel"]["routes"]]

    def restart(self) -> None:
        self.world["kernel"] = new_kernel(running=True)
        net.apply_odm(self.context())

    def neighbour(self, place: str, address: str, answers: bool = True) -> None:
        self.world["san"]["networks"].setdefault(place, []).append(
            {"address": address, "mac": "020000000001", "answers": answers, "services": []}
        )

    def write(self, path: str, text: str) -> None:
        self.context().write(path, text)

    def read(self, path: str) -> str:
        text = self.context().read(path)
        assert text is not None
        return text


@pytest.fixture
def lpar(tmp_path: Any) -> Lpar:
    return Lpar(str(tmp_path))


def configure(lpar: Lpar, address: str = "10.1.0.5", gateway: str = "10.1.0.1") -> None:
    lpar.ok(CHDEV, "-l", "en0", "-a", f"netaddr={address}", "-a", "netmask=255.255.255.0", "-a", "state=up")
    lpar.ok(CHDEV, "-l", "inet0", "-a", f"route=net,-hopcount,0,,0,{gateway}")


# ---------------------------------------------------------------- two stores


def test_chdev_changes_odm_and_kernel_ifconfig_the_kernel_alone(lpar: Lpar) -> None:
    configure(lpar)
    assert lpar.odm("en0", "netaddr") == ["10.1.0.5"] and lpar.addresses("en0") == ["10.1.0.5"]
    lpar.ok(IFCONFIG, "en0", "10.1.0.6", "netmask", "255.255.255.0", "up")
    assert lpar.odm("en0", "netaddr") == ["10.1.0.5"] and lpar.addresses("en0") == ["10.1.0.6"]
    lpar.restart()
    assert lpar.addresses("en0") == ["10.1.0.5"]


def test_chdev_for_the_next_boot_leaves_the_kernel(lpar: Lpar) -> None:
    configure(lpar)
    lpar.ok(CHDEV, "-P", "-l", "en0", "-a", "netaddr=10.1.0.9")
    assert lpar.odm("en0", "netaddr") == ["10.1.0.9"] and lpar.addresses("en0") == ["10.1.0.5"]
    lpar.restart()
    assert lpar.addresses("en0") == ["10.1.0.9"]


def test_the_odm_is_changed_first_so_an_unreachable_gateway_stays_stored(lpar: Lpar) -> None:
    configure(lpar)
    lpar.run(CHDEV, "-l", "inet0", "-a", "route=net,-hopcount,0,,0,192.168.77.1")
    assert "net,-hopcount,0,,0,192.168.77.1" in lpar.odm("inet0", "route")
    assert [row[1] for row in lpar.routes() if row[0] == "default"] == ["10.1.0.1"]


def test_boot_brings_up_only_what_the_odm_says_is_up(lpar: Lpar) -> None:
    configure(lpar)
    lpar.ok(CHDEV, "-l", "en1", "-a", "netaddr=10.2.0.5", "-a", "netmask=255.255.255.0", "-a", "state=down")
    lpar.ok(CHDEV, "-l", "inet0", "-a", "hostname=prod1")
    lpar.restart()
    assert lpar.ok(IFCONFIG, "-l") == "en0 lo0\n"
    assert lpar.world["kernel"]["hostname"] == lpar.world["kernel"]["nodename"] == "prod1"
    assert ("default", "10.1.0.1", "UG") in lpar.routes()


def test_after_a_reset_nothing_is_up_but_the_loopback(lpar: Lpar) -> None:
    lpar.restart()
    assert lpar.ok(IFCONFIG, "-l") == "lo0\n"
    assert lpar.world["kernel"]["hostname"] == "localhost"
    assert lpar.routes() == [("127/8", "127.0.0.1", "U")]


# ---------------------------------------------------------------- addresses


def test_the_rows_of_an_address(lpar: Lpar) -> None:
    """Source: transcript netstat/06."""
    configure(lpar)
    assert lpar.routes() == [
        ("default", "10.1.0.1", "UG"),
        ("10.1.0.0", "10.1.0.5", "UHSb"),
        ("10.1/24", "10.1.0.5", "U"),
        ("10.1.0.5", "127.0.0.1", "UGHS"),
        ("10.1.0.255", "10.1.0.5", "UHSb"),
    ]
    lpar.ok(CHDEV, "-l", "en0", "-a", "netaddr=10.1.0.9")
    assert {row[1] for row in lpar.routes()} == {"10.1.0.1", "10.1.0.9", "127.0.0.1"}


def test_a_new_address_may_cost_the_default_route(lpar: Lpar) -> None:
    configure(lpar)
    lpar.world["settings"]["variants"]["routes_on_address_change"] = "default-lost"
    lpar.ok(IFCONFIG, "en0", "10.1.0.9", "netmask", "255.255.255.0", "up")
    assert not [row for row in lpar.routes() if row[0] == "default"]


def test_an_alias_comes_last_and_a_second_time_not_at_all(lpar: Lpar) -> None:
    configure(lpar)
    for address in ("10.1.0.6", "10.1.0.7"):
        lpar.ok(CHDEV, "-l", "en0", "-a", f"alias4={address},255.255.255.0")
    assert lpar.addresses("en0") == ["10.1.0.5", "10.1.0.6", "10.1.0.7"]
    assert lpar.run(CHDEV, "-l", "en0", "-a", "alias4=10.1.0.6,255.255.255.0").rc != 0
    assert lpar.odm("en0", "alias4") == ["10.1.0.6,255.255.255.0", "10.1.0.7,255.255.255.0"]
    lpar.ok(IFCONFIG, "en0", "delete", "10.1.0.5")
    lpar.ok(IFCONFIG, "en0", "10.1.0.5", "netmask", "0xffffff00", "alias")
    assert lpar.addresses("en0") == ["10.1.0.6", "10.1.0.7", "10.1.0.5"]
    assert [row for row in lpar.routes() if row[0] == "10.1/24"] == [("10.1/24", "10.1.0.6", "U")]


def test_an_alias_of_ifconfig_is_gone_after_a_boot_one_of_chdev_is_not(lpar: Lpar) -> None:
    configure(lpar)
    lpar.ok(CHDEV, "-l", "en0", "-a", "alias4=10.1.0.6,255.255.255.0")
    lpar.ok(IFCONFIG, "en0", "alias", "10.1.0.7", "netmask", "255.255.255.0")
    lpar.restart()
    assert lpar.addresses("en0") == ["10.1.0.5", "10.1.0.6"]


def test_deleting_an_alias_the_wrong_way_round_can_leave_its_route(lpar: Lpar) -> None:
    configure(lpar)
    lpar.world["settings"]["variants"]["ifconfig_address_delete"] = "leaves-route"
    row = ("10.1.0.6", "127.0.0.1", "UGHS")
    lpar.ok(IFCONFIG, "en0", "10.1.0.6", "netmask", "255.255.255.0", "alias")
    lpar.ok(IFCONFIG, "en0", "delete", "10.1.0.6")
    assert row not in lpar.routes()
    lpar.ok(IFCONFIG, "en0", "10.1.0.6", "netmask", "255.255.255.0", "alias")
    lpar.ok(IFCONFIG, "en0", "10.1.0.6", "delete")
    assert row in lpar.routes()


def test_detach_drops_the_interface_and_its_routes_and_leaves_the_odm(lpar: Lpar) -> None:
    configure(lpar)
    lpar.ok(IFCONFIG, "en0", "down", "detach")
    assert "en0" not in lpar.world["kernel"]["interfaces"] and lpar.routes() == []
    assert lpar.odm("en0", "netaddr") == ["10.1.0.5"]
    assert lpar.run(IFCONFIG, "en0").rc == 1
    lpar.ok(CHDEV, "-l", "en0", "-a", "state=up")
    assert lpar.addresses("en0") == ["10.1.0.5"]


def test_an_interface_without_an_adapter_cannot_be_attached(lpar: Lpar) -> None:
    assert lpar.run(IFCONFIG, "en7", "10.1.0.5", "netmask", "255.255.255.0", "up").rc == 1
    assert "en7" not in lpar.world["kernel"]["interfaces"]


# ---------------------------------------------------------------- who else is on the wire


def test_a_duplicate_address_is_logged_and_not_refused(lpar: Lpar) -> None:
    lpar.neighbour("home/10", "10.1.0.5")
    configure(lpar)
    assert lpar.addresses("en0") == ["10.1.0.5"]
    entries = errlog.entries(lpar.context())
    assert [(e["label"], e["id"], e["detail"]) for e in entries] == [("AIXIF_ARP_DUP_ADDR", "FE2DEE00", "0A01 0005")]


@pytest.mark.parametrize(("place", "answers"), [("home/20", True), ("home/10", False), ("dr/10", True)])
def test_no_duplicate_elsewhere_or_in_silence(lpar: Lpar, place: str, answers: bool) -> None:
    lpar.neighbour(place, "10.1.0.5", answers)
    configure(lpar)
    assert errlog.entries(lpar.context()) == []


def test_a_duplicate_can_show_late(lpar: Lpar) -> None:
    lpar.world["settings"]["variants"]["dup_addr_delay"] = "2"
    lpar.neighbour("home/10", "10.1.0.5")
    configure(lpar)
    assert lpar.ok("/usr/bin/errpt", "-J", "AIXIF_ARP_DUP_ADDR") == ""
    lpar.world["settings"]["fixed_time"] += 2
    assert "DUPLICATE IP ADDRESS" in lpar.ok("/usr/bin/errpt", "-J", "AIXIF_ARP_DUP_ADDR")


def test_a_vlan_on_an_etherchannel_is_on_the_wire_of_its_tag(lpar: Lpar) -> None:
    devices = lpar.world["odm"]["devices"]
    for name, kind in (("ent4", "ibm_ech"), ("ent5", "eth")):
        devices[name] = {**copy.deepcopy(devices["ent0"]), "name": name, "type": kind, "physloc": "", "connwhere": ""}
    lpar.world["odm"]["attributes"]["ent4"] = {"adapter_names": ["ent0,ent1"]}
    lpar.world["odm"]["attributes"]["ent5"] = {"base_adapter": ["ent4"], "vlan_tag_id": ["310"]}
    lpar.neighbour("home/310", "10.3.0.1")
    assert [host["address"] for host in net.hosts_on(lpar.context(), "en5")] == ["10.3.0.1"]
    assert net.mac_of(lpar.context(), "ent5") == "0ac624394103"
    devices["ent0"]["status"] = 0
    assert net.hosts_on(lpar.context(), "en5") == [] and net.mac_of(lpar.context(), "ent5") == ""


def test_slot_names_inside_slot_names_do_not_mix(lpar: Lpar) -> None:
    firmware, devices = lpar.world["firmware"], lpar.world["odm"]["devices"]
    firmware["slots"] = [new_slot("C2", "l-lan", mac="02" * 6, vlan=2), new_slot("C22", "l-lan", mac="22" * 6, vlan=22)]
    devices["ent0"].update(physloc="U8233.E8B.10086CP-V3-C22-T1", connwhere="C22")
    devices["ent1"].update(physloc="U8233.E8B.10086CP-V3-C2-T1", connwhere="C2")
    assert [net.mac_of(lpar.context(), name) for name in ("ent0", "ent1")] == ["22" * 6, "02" * 6]
    assert "Port VLAN ID:    22" in lpar.ok("/usr/bin/entstat", "-d", "en0").splitlines()


def test_ping_reaches_the_wire_itself_and_what_a_gateway_answers_for(lpar: Lpar) -> None:
    configure(lpar)
    lpar.neighbour("home/30", "10.9.0.1")
    ping = "/usr/sbin/ping"
    assert lpar.run(ping, "-c", "1", "-w", "1", "10.1.0.5").rc == 0
    assert lpar.run(ping, "-c", "1", "-w", "1", "10.1.0.1").rc == 1
    assert lpar.run(ping, "-c", "1", "-w", "1", "10.9.0.1").rc == 1
    lpar.neighbour("home/10", "10.1.0.1")
    assert lpar.run(ping, "-c", "1", "-w", "1", "10.1.0.1").rc == 0
    assert lpar.run(ping, "-c", "1", "-w", "1", "10.9.0.1").rc == 0
    assert "(10.1.0.1) at 2:0:0:0:0:1" in lpar.ok("/usr/sbin/arp", "-an")
    lpar.ok(IFCONFIG, "en0", "down")
    assert lpar.run(ping, "-c", "1", "-w", "1", "10.1.0.1").rc == 1


# ---------------------------------------------------------------- routes

SUBNET = net.RouteValue("net", "10.11.12.0", "255.255.255.0", "192.168.10.2", "")


@pytest.mark.parametrize(
    ("value", "meaning"),
    [
        ("net,-hopcount,0,,0,192.168.10.1", net.RouteValue("net", "0.0.0.0", "0.0.0.0", "192.168.10.1", "")),
        ("net,,0,192.168.10.1", net.RouteValue("net", "0.0.0.0", "0.0.0.0", "192.168.10.1", "")),
        ("net,-hopcount,0,,0,192.168.10.1,1", net.RouteValue("net", "0.0.0.0", "0.0.0.0", "192.168.10.1", "")),
        ("net,-hopcount,0,-if,en0,,0,192.168.10.1", net.RouteValue("net", "0.0.0.0", "0.0.0.0", "192.168.10.1", "en0")),
        ("net,-hopcount,0,-netmask,255.255.255.0,,,10.11.12.0,192.168.10.2", SUBNET),
        ("net,-hopcount,0,-netmask,255.255.255.0,,,,,10.11.12.0,192.168.10.2", SUBNET),
        ("net,-hopcount,0,-netmask,255.255.255.0,,,,,-static,10.11.12.0,192.168.10.2", SUBNET),
        ("net,10.11.12.0,-netmask,255.255.255.0,192.168.10.2", SUBNET),
        ("net,-hopcount,0,-netmask,255.255.255.0,-if,en1,,,,-static,10.11.12.0,192.168.10.2",
         SUBNET._replace(interface="en1")),
        ("net,-hopcount,0,,,,,,-static,192.168.25.0,10.22.135.5",
         net.RouteValue("net", "192.168.25.0", "255.255.255.0", "10.22.135.5", "")),
        ("host,-hopcount,2,-if,en0,192.9.200.5,10.1.1.1",
         net.RouteValue("host", "192.9.200.5", "255.255.255.255", "10.1.1.1", "en0")),
        ("net,-hopcount,0,,0", None),
        ("gibberish", None),
        ("", None),
    ],
)  # fmt: skip
def test_every_spelling_of_a_route_has_its_meaning(value: str, meaning: object) -> None:
    assert net.parse_route(value) == meaning


def test_two_default_routes_are_two_rows_and_the_first_is_marked(lpar: Lpar) -> None:
    configure(lpar)
    lpar.ok(CHDEV, "-l", "inet0", "-a", "route=net,-hopcount,0,,0,10.1.0.254")
    defaults = [line for line in lpar.ok(NETSTAT, "-rn").splitlines() if line.startswith("default")]
    assert [line.split()[1] for line in defaults] == ["10.1.0.1", "10.1.0.254"]
    assert defaults[0].endswith("=>") and not defaults[1].endswith("=>")
    assert len(lpar.odm("inet0", "route")) == 2


def test_delroute_wants_the_stored_string(lpar: Lpar) -> None:
    configure(lpar)
    assert lpar.run(CHDEV, "-l", "inet0", "-a", "delroute=net,,0,10.1.0.1").rc != 0
    assert ("default", "10.1.0.1", "UG") in lpar.routes()
    lpar.ok(CHDEV, "-l", "inet0", "-a", "delroute=net,-hopcount,0,,0,10.1.0.1")
    assert lpar.odm("inet0", "route") == [] and not [row for row in lpar.routes() if row[0] == "default"]


def test_route_changes_the_kernel_alone(lpar: Lpar) -> None:
    configure(lpar)
    lpar.ok("/usr/sbin/route", "add", "-net", "10.50.0.0", "-netmask", "255.255.0.0", "10.1.0.1")
    assert ("10.50/16", "10.1.0.1", "UGS") in lpar.routes()
    assert lpar.run("/usr/sbin/route", "add", "-net", "10.50.0.0", "-netmask", "255.255.0.0", "10.1.0.1").rc == 1
    lpar.ok("/usr/sbin/route", "delete", "0", "10.1.0.1")
    assert lpar.run("/usr/sbin/route", "delete", "0", "10.1.0.1").rc == 1
    assert lpar.run("/usr/sbin/route", "-n", "get", "0").rc == 1
    assert lpar.odm("inet0", "route") == ["net,-hopcount,0,,0,10.1.0.1"]
    lpar.restart()
    assert ("default", "10.1.0.1", "UG") in lpar.routes()


def test_netstat_speaks_the_language_of_its_caller(lpar: Lpar) -> None:
    assert lpar.ok(NETSTAT, "-rn", LANG="fr_FR").startswith("Tables de routage\n")
    assert lpar.ok(NETSTAT, "-rn", LANG="fr_FR", LC_ALL="C").startswith("Routing tables\n")


# ---------------------------------------------------------------- mktcpip


def mktcpip(lpar: Lpar, *extra: str, address: str = "10.1.0.5") -> Result:
    return lpar.run(MKTCPIP, "-h", "dr1", "-a", address, "-i", "en0", "-m", "255.255.255.0", *extra)


def test_mktcpip_sets_everything_in_both_stores(lpar: Lpar) -> None:
    lpar.write("/etc/hosts", "127.0.0.1 loopback localhost\n")
    assert mktcpip(lpar, "-g", "10.1.0.1", "-n", "10.1.0.53", "-d", "dr.example.com").rc == 0
    assert (lpar.odm("inet0", "hostname"), lpar.odm("en0", "netaddr")) == (["dr1"], ["10.1.0.5"])
    assert (lpar.odm("en0", "netmask"), lpar.odm("en0", "state")) == (["255.255.255.0"], ["up"])
    assert lpar.world["kernel"]["hostname"] == "dr1" and lpar.addresses("en0") == ["10.1.0.5"]
    assert ("default", "10.1.0.1", "UG") in lpar.routes()
    assert lpar.read("/etc/hosts") == "127.0.0.1 loopback localhost\n10.1.0.5\tdr1\n"
    assert lpar.read("/etc/resolv.conf") == "nameserver\t10.1.0.53\ndomain\tdr.example.com\n"
    header, record = lpar.ok(MKTCPIP, "-S", "en0").splitlines()
    shown = dict(zip(header[1:].split(":"), record.split(":")))
    assert (shown["host"], shown["addr"], shown["gateway"]) == ("dr1", "10.1.0.5", "10.1.0.1")


def test_mktcpip_has_no_way_back(lpar: Lpar) -> None:
    """hostent refuses the address before anything else; a refused netmask leaves name and hosts entry behind."""
    first = mktcpip(lpar, address="10.1.0")
    assert first.rc != 0 and "10.1.0 is an invalid address." in first.err
    assert first.err.splitlines()[-1] == "/usr/sbin/mktcpip: Problem with command: hostent, return code = 1"
    assert lpar.odm("inet0", "hostname") == []
    second = lpar.run(MKTCPIP, "-h", "dr1", "-a", "10.1.0.5", "-i", "en9")
    assert second.rc != 0
    assert lpar.odm("inet0", "hostname") == ["dr1"] and "10.1.0.5\tdr1\n" in lpar.read("/etc/hosts")


@pytest.mark.parametrize(("choice", "gateways"), [("append", ["10.1.0.1", "10.1.0.2"]), ("replace", ["10.1.0.2"])])
def test_mktcpip_over_another_default_route(lpar: Lpar, choice: str, gateways: List[str]) -> None:
    lpar.world["settings"]["variants"]["mktcpip_second_default"] = choice
    assert mktcpip(lpar, "-g", "10.1.0.1").rc == 0
    assert mktcpip(lpar, "-g", "10.1.0.2").rc == 0
    assert mktcpip(lpar, "-g", "10.1.0.2").rc == 0
    assert [value.rpartition(",")[2] for value in lpar.odm("inet0", "route")] == gateways


# ---------------------------------------------------------------- names

RESOLV = "# ours\nnameserver 10.1.0.53\nnameserver\t10.1.0.54\noptions timeout:1\ndomain prod.example.com\n"


def test_namerslv_touches_its_own_line_only(lpar: Lpar) -> None:
    namerslv = "/usr/sbin/namerslv"
    lpar.write("/etc/resolv.conf", RESOLV)
    lpar.ok(namerslv, "-d", "-i", "10.1.0.53")
    assert lpar.read("/etc/resolv.conf") == RESOLV.replace("nameserver 10.1.0.53\n", "")
    lpar.ok(namerslv, "-a", "-i", "10.9.0.53")
    lpar.ok(namerslv, "-c", "dr.example.com")
    assert lpar.ok(namerslv, "-s") == "domain dr.example.com\nnameserver 10.1.0.54\nnameserver 10.9.0.53\n"
    lpar.ok(namerslv, "-a", "-i", "10.9.0.54")
    assert lpar.run(namerslv, "-a", "-i", "10.9.0.55").rc == 1, "three at most"
    assert lpar.run(namerslv, "-a", "-S", "a.example b.example").rc == 1, "domain or search, not both"
    assert lpar.run(namerslv, "-a", "-n", "x.example").rc == 1, "no such form"
    lpar.ok(namerslv, "-X", "-I")
    assert "nameserver" not in lpar.read("/etc/resolv.conf") and "# ours\n" in lpar.read("/etc/resolv.conf")


@pytest.mark.parametrize(("choice", "rc"), [("error", 1), ("silent", 0)])
def test_namerslv_without_what_it_should_delete(lpar: Lpar, choice: str, rc: int) -> None:
    lpar.world["settings"]["variants"].update(namerslv_absent=choice, namerslv_duplicate=choice)
    lpar.write("/etc/resolv.conf", RESOLV)
    assert lpar.run("/usr/sbin/namerslv", "-d", "-i", "10.1.0.99").rc == rc
    assert lpar.run("/usr/sbin/namerslv", "-d", "-l").rc == rc
    assert lpar.run("/usr/sbin/namerslv", "-a", "-i", "10.1.0.53").rc == rc
    assert lpar.read("/etc/resolv.conf") == RESOLV


def test_namerslv_moves_the_file_aside_and_back(lpar: Lpar) -> None:
    lpar.write("/etc/resolv.conf", RESOLV)
    lpar.ok("/usr/sbin/namerslv", "-e")
    assert not lpar.context().exists("/etc/resolv.conf")
    assert lpar.run("/usr/sbin/namerslv", "-s").rc == 1
    lpar.ok("/usr/sbin/namerslv", "-b")
    assert lpar.read("/etc/resolv.conf") == RESOLV
    assert lpar.run("/usr/sbin/namerslv", "-b").rc == 1
    lpar.ok("/usr/sbin/namerslv", "-E", "/etc/resolv.prod")
    lpar.ok("/usr/sbin/namerslv", "-B", "/etc/resolv.prod")
    assert lpar.read("/etc/resolv.conf") == RESOLV


def test_hostent_keeps_comments_and_order(lpar: Lpar) -> None:
    hostent = "/usr/sbin/hostent"
    text = "# site hosts\n127.0.0.1 loopback localhost\n10.1.0.5   prod1 # this machine\n10.1.0.55 other"
    lpar.write("/etc/hosts", text)
    lpar.ok(hostent, "-c", "10.1.0.5", "-h", "prod1 prod1.example.com", "-i", "10.9.0.5")
    lpar.ok(hostent, "-a", "10.9.0.6", "-h", "new")
    assert lpar.read("/etc/hosts").splitlines() == [
        "# site hosts", "127.0.0.1 loopback localhost", "10.9.0.5\tprod1 prod1.example.com", "10.1.0.55 other",
        "10.9.0.6\tnew",
    ]  # fmt: skip
    assert lpar.ok(hostent, "-s", "prod1") == "10.9.0.5 prod1 prod1.example.com\n"
    assert lpar.run(hostent, "-s", "10.1.0.5").rc == 1, "10.1.0.55 is another address"
    assert lpar.run(hostent, "-d", "10.1.0.5").rc == 1
    assert lpar.run(hostent, "-a", "10.9.0.6", "-h", "again").rc == 1
    lpar.ok(hostent, "-d", "10.9.0.6")
    lpar.ok(hostent, "-X")
    assert lpar.read("/etc/hosts") == "# site hosts\n"


def test_hostname_sets_the_kernel_alone(lpar: Lpar) -> None:
    lpar.ok(CHDEV, "-l", "inet0", "-a", "hostname=prod1")
    lpar.ok("/usr/bin/hostname", "dr1.example.com")
    assert lpar.ok("/usr/bin/hostname") == "dr1.example.com\n" and lpar.ok("/usr/bin/hostname", "-s") == "dr1\n"
    assert lpar.odm("inet0", "hostname") == ["prod1"]


# ---------------------------------------------------------------- inittab

REAL = transcript("inittab/50-aix73-tl4-full").text
LINE = ": a comment with srcmstr:2:off in it\n"
CONTINUED = "long:2:once:/bin/first \\\n  second:third # tail  \n"


def test_inittab_commands_keep_every_other_byte(lpar: Lpar) -> None:
    text = REAL.replace("rctcpip:", LINE + CONTINUED + "\nrctcpip:", 1)[
        :-1
    ]  # no newline at the end, a blank line inside
    lpar.write("/etc/inittab", text)
    added = "drboot:2:wait:/opt/drboot/boot > /dev/console 2>&1 # a:b"
    lpar.ok("/usr/sbin/mkitab", "-i", "srcmstr", added)
    first = "srcmstr:23456789:respawn:/usr/sbin/srcmstr # System Resource Controller\n"
    assert lpar.read("/etc/inittab") == text.replace(first, first + added + "\n")
    assert lpar.ok("/usr/sbin/lsitab", "drboot") == added + "\n"
    lpar.ok("/usr/sbin/chitab", added.replace(":wait:", ":off:"))
    assert lpar.read("/etc/inittab") == text.replace(first, first + added.replace(":wait:", ":off:") + "\n")
    lpar.ok("/usr/sbin/rmitab", "drboot")
    assert lpar.read("/etc/inittab") == text
    assert lpar.ok("/usr/sbin/lsitab", "long") == CONTINUED
    lpar.ok("/usr/sbin/rmitab", "long")
    assert lpar.read("/etc/inittab") == text.replace(CONTINUED, "")


def test_mkitab_places_the_later_one_first(lpar: Lpar) -> None:
    """Source: transcript lsitab/02: repeated -i with one id reverses the order."""
    lpar.write("/etc/inittab", REAL)
    for name in ("one", "two"):
        lpar.ok("/usr/sbin/mkitab", "-i", "srcmstr", f"{name}:2:once:/bin/{name}")
    lpar.ok("/usr/sbin/mkitab", "last:2:once:/bin/last")
    ids = [line.partition(":")[0] for line in lpar.ok("/usr/sbin/lsitab", "-a").splitlines()]
    at = ids.index("srcmstr")
    assert ids[at : at + 4] == ["srcmstr", "two", "one", "rctcpip"] and ids[-1] == "last"
    assert "" not in ids


@pytest.mark.parametrize(
    ("program", "args"),
    [
        ("mkitab", ("cron:2:once:/bin/true",)),
        ("mkitab", ("-i", "nothere", "new:2:once:/bin/true")),
        ("mkitab", ("new:2:someday:/bin/true",)),
        ("mkitab", ("fifteen-letters:2:once:/bin/true",)),
        ("mkitab", ("new:2:once",)),
        ("mkitab", ("new:2:once:" + "x" * 1024,)),
        ("chitab", ("nothere:2:off:/bin/true",)),
        ("chitab", ("cro:2:off:/bin/true",)),
        ("chitab", (": cron:2:off:/bin/true",)),
        ("rmitab", ("cro",)),
        ("rmitab", ("",)),
        ("lsitab", ("cro",)),
    ],
)
def test_inittab_refusals_change_nothing(lpar: Lpar, program: str, args: Tuple[str, ...]) -> None:
    lpar.write("/etc/inittab", REAL)
    assert lpar.run(f"/usr/sbin/{program}", *args).rc == 1
    assert lpar.read("/etc/inittab") == REAL


def test_a_commented_entry_is_not_listed(lpar: Lpar) -> None:
    lpar.write("/etc/inittab", transcript("inittab/04-commented-out-entry").text)
    assert lpar.run("/usr/sbin/lsitab", "rcnfs").rc == 1 and lpar.ok("/usr/sbin/lsitab", "-a") == ""


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet=st.sampled_from("ab:\\\n #2\t"), max_size=80))
def test_a_table_cut_into_pieces_is_the_table(text: str) -> None:
    assert "".join(piece.text for piece in pieces(text)) == text


def test_telinit(lpar: Lpar) -> None:
    lpar.ok("/usr/sbin/telinit", "q")
    lpar.ok("/usr/sbin/telinit", "3")
    assert lpar.world["kernel"]["run_level"] == "3" and lpar.run("/usr/sbin/telinit", "x").rc == 1
    assert {"respawn", "wait", "once", "off"} <= set(ACTIONS)


# ---------------------------------------------------------------- SRC


def test_stopsrc_is_asynchronous_where_the_machine_says_so(lpar: Lpar) -> None:
    w.add_subsystem(lpar.world, "nimsh", "nimclient", 7000)
    lpar.world["settings"]["variants"]["stopsrc_seconds"] = "2"
    lpar.ok("/usr/bin/stopsrc", "-g", "nimclient")
    assert lpar.ok("/usr/bin/lssrc", "-s", "nimsh").endswith(" 7000         stopping\n")
    lpar.world["settings"]["fixed_time"] += 2
    assert lpar.ok("/usr/bin/lssrc", "-s", "nimsh").endswith(" inoperative\n")
    assert lpar.world["kernel"]["subsystems"] == {}


def test_srcmstr_may_not_answer_yet(lpar: Lpar) -> None:
    w.add_subsystem(lpar.world, "nimsh", "nimclient")
    lpar.world["settings"]["variants"]["srcmstr_delay"] = "3"
    lpar.world["kernel"]["boot_epoch"] = 1.8e9
    assert lpar.run("/usr/bin/lssrc", "-s", "nimsh").rc == 1
    assert lpar.run("/usr/bin/startsrc", "-s", "nimsh").rc == 1
    lpar.world["settings"]["fixed_time"] += 3
    assert lpar.run("/usr/bin/startsrc", "-s", "nimsh").rc == 0


def test_process_ids_are_never_given_twice(lpar: Lpar) -> None:
    for name in ("a", "b", "c"):
        w.add_subsystem(lpar.world, name, "g")
    lpar.world["kernel"]["pids"] = [44]
    lpar.ok("/usr/bin/startsrc", "-g", "g")
    pids = list(lpar.world["kernel"]["subsystems"].values())
    assert pids[0] == 44 and len(set(pids)) == 3


@pytest.mark.parametrize("stream", ["stderr", "stdout"])
def test_src_errors_go_where_the_machine_says(lpar: Lpar, stream: str) -> None:
    lpar.world["settings"]["variants"]["src_error_stream"] = stream
    result = lpar.run("/usr/bin/lssrc", "-g", "chef")
    assert result.rc == 1
    assert (result.err if stream == "stderr" else result.out) == "0513-086 The chef Group is not on file.\n"


def test_the_record_of_a_subsystem_names_its_contact(lpar: Lpar) -> None:
    w.add_subsystem(lpar.world, "inetd", "tcpip")
    header, record = lpar.ok("/usr/bin/lssrc", "-S", "-s", "inetd").splitlines()
    fields = dict(zip(header[1:].split(":"), record.split(":")))
    assert (fields["subsysname"], fields["contact"], fields["grpname"]) == ("inetd", "-S", "tcpip")


# ---------------------------------------------------------------- NIM, log, cron, tunables, the end


def test_nimclient_contacts_the_master_of_niminfo_only(lpar: Lpar) -> None:
    assert lpar.run("/usr/sbin/nimclient", "-S", "running").rc == 1
    assert lpar.world["kernel"]["contacts"] == []
    lpar.write("/etc/niminfo", transcript("niminfo/01-standalone-client").text)
    master = "nim rn100pgpl.itc.testlab.intranet"
    assert lpar.run("/usr/sbin/nimclient", "-S", "running").rc == 1, "nobody answers"
    assert lpar.world["kernel"]["contacts"] == [master]
    configure(lpar, "172.27.8.43", "172.27.8.1")
    lpar.neighbour("home/10", "172.27.8.18")
    assert lpar.run("/usr/sbin/nimclient", "-S", "running").rc == 0
    assert lpar.world["kernel"]["contacts"] == [master, master]


def test_nimclient_may_wait_for_a_master_that_is_gone(lpar: Lpar) -> None:
    lpar.world["settings"]["variants"]["nim_connect_seconds"] = "5"
    lpar.write("/etc/niminfo", transcript("niminfo/01-standalone-client").text)
    with pytest.raises(Hang) as hang:
        lpar.run("/usr/sbin/nimclient", "-S", "running")
    assert hang.value.seconds == 5 and len(lpar.world["kernel"]["contacts"]) == 1


def test_operator_messages_and_filters(lpar: Lpar) -> None:
    lpar.ok("/usr/bin/errlogger", "drboot: started")
    lpar.world["settings"]["fixed_time"] += 3600
    lpar.world["firmware"]["uname_m"] = "00C0FFEE4C00"
    lpar.ok("/usr/bin/errlogger", "drboot: done")
    assert len(lpar.ok("/usr/bin/errpt").splitlines()) == 3
    detail = lpar.ok("/usr/bin/errpt", "-a", "-l", "2")
    assert "drboot: done\n" in detail and "00C0FFEE4C00" in detail and "started" not in detail
    stamp = lpar.ok("/usr/bin/errpt", "-l", "2").splitlines()[1].split()[1]
    assert len(lpar.ok("/usr/bin/errpt", "-s", stamp).splitlines()) == 2
    assert lpar.ok("/usr/bin/errpt", "-d", "H") == ""
    assert json.loads(lpar.read(errlog.LOG).splitlines()[0])["detail"] == "drboot: started"


def test_alog_and_logger(lpar: Lpar) -> None:
    assert lpar.ok("/usr/bin/alog", "-t", "boot", stdin="one\n") == "one\n"
    assert lpar.ok("/usr/bin/alog", "-tboot", "-q", stdin="two\n") == ""
    assert lpar.ok("/usr/bin/alog", "-t", "boot", "-o") == "one\ntwo\n"
    assert lpar.run("/usr/bin/alog", "-t", "nosuch", "-o").rc == 2
    lpar.write("/etc/syslog.conf", "*.info;mail.none\t/var/log/messages rotate size 1m\n")
    lpar.write("/var/log/messages", "")
    lpar.ok("/usr/bin/logger", "-t", "drboot", "-p", "daemon.notice", "lost")
    lpar.world["kernel"]["subsystems"]["syslogd"] = 4711
    lpar.ok("/usr/bin/logger", "-t", "drboot", "-p", "daemon.notice", "kept")
    lpar.ok("/usr/bin/logger", "-t", "drboot", "-p", "mail.err", "not for this file")
    lpar.ok("/usr/bin/logger", "-t", "drboot", "-p", "daemon.debug", "below the level")
    assert [line.partition("drboot: ")[2] for line in lpar.read("/var/log/messages").splitlines()] == ["kept"]


def test_crontab(lpar: Lpar) -> None:
    table = "# jobs\n0 3 * * * /usr/local/bin/night\n"
    lpar.ok("/usr/bin/crontab", "-", stdin=table)
    assert lpar.ok("/usr/bin/crontab", "-l") == table
    assert lpar.run("/usr/bin/crontab", "-", stdin="0 3 * *\n").rc == 1
    lpar.write("/tmp/oracle", "1 1 1 1 1 /bin/true\n")
    lpar.ok("/usr/bin/crontab", "/tmp/oracle")
    assert lpar.ok("/usr/bin/crontab", "-l", "root") == "1 1 1 1 1 /bin/true\n"
    lpar.ok("/usr/bin/crontab", "-r", "root")
    assert lpar.run("/usr/bin/crontab", "-l").rc == 1
    assert lpar.run("/usr/bin/crontab", "-u", "root", "-l").rc == 1, "AIX has no -u"


def test_tunables_of_the_next_boot_are_not_those_of_now(lpar: Lpar) -> None:
    no = "/usr/sbin/no"
    lpar.write(
        "/etc/tunables/nextboot", 'vmo:\n\tlru_file_repage = "0"\n\nno:\n\tsb_max = "4194304"\nschedo:\n\tx = "1"\n'
    )
    lpar.ok(no, "-r", "-o", "tcp_keepidle=600")
    lpar.ok(no, "-p", "-o", "tcp_sendspace=262144")
    lpar.ok(no, "-o", "ipforwarding=1")
    assert lpar.ok(no, "-o", "tcp_keepidle") == "tcp_keepidle = 14400\n"
    lpar.restart()
    lpar.ok("/usr/sbin/tunrestore", "-R")
    for name, value in (("tcp_keepidle", 600), ("tcp_sendspace", 262144), ("ipforwarding", 0), ("sb_max", 4194304)):
        assert lpar.ok(no, "-o", name) == f"{name} = {value}\n"
    text = lpar.read("/etc/tunables/nextboot")
    assert text.startswith('vmo:\n\tlru_file_repage = "0"\n\nno:\n') and text.endswith('schedo:\n\tx = "1"\n')
    assert lpar.run(no, "-o", "nosuch=1").rc == 1


@pytest.mark.parametrize(
    ("program", "args", "action"),
    [
        ("shutdown", ("-Fr",), "reboot"),
        ("shutdown", ("-r", "now"), "reboot"),
        ("shutdown", ("-F",), "halt"),
        ("shutdown", ("-h", "+1"), "halt"),
        ("reboot", ("-q",), "reboot"),
    ],
)
def test_the_end_of_a_machine(lpar: Lpar, program: str, args: Tuple[str, ...], action: str) -> None:
    with pytest.raises(PowerOff) as off:
        lpar.run(f"/usr/sbin/{program}", *args)
    assert off.value.action == action


def test_a_shutdown_that_does_not_happen(lpar: Lpar) -> None:
    assert lpar.run("/usr/sbin/shutdown", "-k").rc == 0
    lpar.world["settings"]["variants"]["rc_shutdown_rc"] = "1"
    lpar.write("/etc/rc.shutdown", "exit 1\n")
    assert lpar.run("/usr/sbin/shutdown", "-Fr").rc == 1


# ---------------------------------------------------------------- strictness

MODULES = (
    "mktcpip", "ifconfig", "netstat", "route", "names", "entstat", "reach", "tunables", "inittab", "src", "nim",
    "errlog", "logging", "cron", "shutdown",
)  # fmt: skip
OURS = sorted(program for program, where in COMMANDS.items() if where.partition(":")[0] in MODULES)
TAKES_ANYTHING = {"/usr/bin/errlogger"}  # its one argument is a message


@pytest.mark.parametrize("program", sorted(set(OURS) - TAKES_ANYTHING))
def test_an_unknown_flag_is_a_usage_error(lpar: Lpar, program: str) -> None:
    before: Dict[str, Any] = copy.deepcopy(dict(lpar.world))
    result = lpar.run(program, "-~")
    assert result.rc == 1 and result.err.startswith("Usage: ") and result.out == ""
    assert lpar.world == before


@pytest.mark.parametrize(
    "argv",
    [
        (IFCONFIG, "en0", "10.1.0.9", "netmask", "junk"),
        (IFCONFIG, "en0", "10.1.0.9", "netmask", "255.0.255.0"),
        (IFCONFIG, "en0", "10.1.0.9/99"),
        (IFCONFIG, "en0", "mtu"),
        ("/usr/sbin/route", "add", "10.0.0.0/77", "10.1.0.1"),
        ("/usr/sbin/route", "add", "-net", "10.0.0.0", "-netmask", "zz", "10.1.0.1"),
        ("/usr/sbin/route", "add", "x", "y"),
        ("/usr/sbin/arp", "-s", "ether", "10.1.0.1", "zz"),
        ("/usr/sbin/ping", "-c", "x", "10.1.0.5"),
        ("/usr/bin/errpt", "-s", "99"),
        ("/usr/bin/alog", "-f", "/var/adm/ras/x", "-s", "abc"),
        ("/usr/sbin/hostent", "-a", "10.1", "-h", "x"),
        ("/usr/sbin/namerslv", "-a", "-i", "10.1"),
        ("/usr/sbin/mkitab", ""),
        ("/usr/sbin/no", "-o", ""),
    ],
)
def test_malformed_values_are_refused_and_change_nothing(lpar: Lpar, argv: Tuple[str, ...]) -> None:
    configure(lpar)
    lpar.ok("/usr/bin/errlogger", "one entry to select from")
    before: Dict[str, Any] = copy.deepcopy(dict(lpar.world))
    ctx = lpar.context()
    assert run(ctx, argv[0], list(argv[1:])).rc != 0
    assert lpar.world == before and not ctx.wrote_files


def test_the_kernel_takes_no_address_that_is_none(lpar: Lpar) -> None:
    configure(lpar)
    ctx = lpar.context()
    assert not net.set_address(ctx, "en0", "10.1.0", "255.255.255.0")
    assert not net.set_address(ctx, "en0", "10.1.0.9", "255.0.255.0")
    assert not net.add_alias(ctx, "en0", "10.1.0.9", "junk")
    assert not net.add_route(ctx, "net,-hopcount,0,-netmask,junk,,,10.0.0.0,10.1.0.1")
    assert lpar.addresses("en0") == ["10.1.0.5"]


def test_every_program_of_these_modules_is_there() -> None:
    assert len(OURS) >= 30
    for program in OURS:
        assert callable(find(program))
