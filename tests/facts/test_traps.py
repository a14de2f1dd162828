"""Layouts and traps that the reference describes, and text that must be refused rather than guessed at."""

from __future__ import annotations

from typing import Any, Callable, Optional, Tuple

import pytest

from drboot.facts import (
    bootlist,
    entstat,
    errpt,
    ifconfig,
    lquerypv,
    lqueryvg,
    lsattr,
    lscfg,
    lsdev,
    lsfs,
    lspath,
    lspv,
    lssrc,
    lsvg,
    messages,
    mount,
    netstat,
    odmget,
    oslevel,
    route,
    types,
    uname,
)
from drboot.facts.base import Line, ParseError

REFUSED: Tuple[Tuple[Callable[[str], Any], str, int], ...] = (
    (lspv.parse, "hdisk0 00f6f42a0bd88942 rootvg active\nhdisk1 00f6f42a0bd8894 rootvg active\n", 2),
    (lspv.parse, "hdisk0 00f6f42a0bd88942 rootvg asleep\n", 1),
    (lspv.parse, "hdisk0 none None\nhdisk0 none None\n", 2),
    (lspv.parse, "hdisk0 none\n", 1),
    (lspv.parse, "hdisk0          none                                None\r\n", 1),
    (lspv.parse_ids, "hdisk0 00f6f42a0bd88942 rootvg active 2A11IBMfcp b98fed26-76da-f15\n", 1),
    (lsvg.parse_names, "rootvg\ndata vg\n", 2),
    (lsvg.parse_names, "rootvg\nrootvg\n", 2),
    (lsvg.parse_pvs, "rootvg:\nhdisk0 active 1 1 00..00..00..00..00\n", 1),
    (lsvg.parse_lvs, "datavg:\nLV NAME TYPE LPs PPs PVs LV STATE MOUNT POINT\nlv jfs2 1 1 1 ajar/syncd /a\n", 3),
    (lsdev.parse, "ent0:adapter:vdevice:IBM,l-lan:Available:vio0\nent1:adapter:Available\n", 2),
    (lsdev.parse, "ent0:adapter:vdevice:IBM,l-lan:Awake:vio0\n", 1),
    (lsdev.parse_table, "en0 Available  Standard Ethernet\nen1\n", 2),
    (lspath.parse, "Enabled hdisk0 fscsi0\nSleeping hdisk0 fscsi1\n", 2),
    (bootlist.parse, "hdisk0 blv=hd5\nhdisk0 hd5\n", 2),
    (mount.parse, "hello\nworld\n", 1),
    (netstat.parse, "10.1 10.0.0.1 UG 0 0 en0 - -\n", 1),
    (netstat.parse, "10.1/33 10.0.0.1 UG 0 0 en0 - -\n", 1),
    (netstat.parse, "10.1/23 UG 0 0 en0 - -\n", 1),
    (ifconfig.parse, "        inet 10.0.0.1 netmask 0xffffff00\n", 1),
    (ifconfig.parse, "en0: flags=8<UP>\n        inet 10.0.0.256 netmask 0xffffff00\n", 2),
    (ifconfig.parse, "en0: flags=8<UP>\n        inet 10.0.0.1 netmask 0xff00ff00\n", 2),
    (lssrc.parse, " nimsh            nimclient                     asleep\n", 1),
    (errpt.parse, "60AFC9E5   1305132517 I O sys0           Partition ID changed\n", 1),
    (errpt.parse, "60AFC9E5   0405132517 X O sys0           Partition ID changed\n", 1),
    (odmget.parse, '\tname = "x"\n', 1),
    (odmget.parse, "CuAt:\n\tname = x\n", 2),
    (uname.parse_systemid, "0211D11C1\n", 1),
    (oslevel.parse, "7300\n", 1),
    (lsfs.parse_colon, "/a:/dev/a:jfs2::::rw:yes\n", 1),
    (lscfg.parse, "        Network Address.............D213C0153A04\n", 1),
)


@pytest.mark.parametrize(("parse", "text", "line"), REFUSED)
def test_refused_with_its_line(parse: Callable[[str], Any], text: str, line: int) -> None:
    with pytest.raises(ParseError) as error:
        parse(text)
    assert error.value.line == line
    assert error.value.text == text.split("\n")[line - 1]


NOTHING: Tuple[Tuple[Callable[[str], Any], Any], ...] = (
    (lspv.parse, ()),
    (lsattr.parse_values, ()),
    (lsattr.parse_listing, ()),
    (lsattr.parse_colon, ()),
    (lsattr.parse_allowed, ((), ())),
    (lsdev.parse, ()),
    (lsdev.parse_status, ""),
    (lspath.parse, ()),
    (bootlist.parse, ()),
    (ifconfig.parse, ()),
    (errpt.parse, ()),
    (odmget.parse, ()),
    (lssrc.parse, ()),
    (lscfg.parse, ()),
)


@pytest.mark.parametrize(("parse", "value"), NOTHING)
def test_no_output(parse: Callable[[str], Any], value: Any) -> None:
    assert parse("") == value


SOMETHING_EXPECTED = (
    *(lsvg.parse_names, lsdev.parse_all),  # rootvg and sys0 are always there
    *(mount.parse, lsvg.parse_vg, lsvg.parse_pvs, lsvg.parse_lvs, entstat.parse, uname.parse_partition, oslevel.parse),
    *(lqueryvg.parse, route.parse_get, netstat.parse_interfaces, messages.parse),
)


@pytest.mark.parametrize("parse", SOMETHING_EXPECTED)
def test_no_output_is_refused(parse: Callable[[str], Any]) -> None:
    with pytest.raises(ParseError):
        parse("")


def test_messages_between_the_rows_are_no_rows() -> None:
    message = "0516-304 : Unable to find device id 00ce4b6a01292201 in the Device\n\tConfiguration Database.\n"
    assert lsvg.parse_names(f"rootvg\n{message}datavg\n") == ("rootvg", "datavg")
    rows = lspv.parse(f"{message}hdisk0 00f939e23e8ab01a rootvg active\n")
    assert [row.name for row in rows] == ["hdisk0"]


@pytest.mark.parametrize(
    "stored",
    ["net,-hopcount,0,-active_dgd,,0,10.1.5.1", "net,-hopcount,0,-policy,2,,0,10.1.5.1", "net,-weight,1,0,10.1.5.1"],
)
def test_a_stored_route_with_a_flag_that_is_not_known_here(stored: str) -> None:
    """Source: destination and gateway are the last two fields (network-and-services of the reference, section 4)."""
    route_of = route.parse_inet0_route(stored)
    assert (route_of.is_default, route_of.gateway, route_of.stored) == (True, "10.1.5.1", stored)


def test_an_empty_value_is_not_an_absent_attribute() -> None:
    assert lsattr.parse_values("\n") == ("",)
    assert lsattr.first(()) is None
    assert lsattr.first(("",)) == ""
    with pytest.raises(ParseError):
        lsattr.first(("a", "b"))


def test_a_repeated_attribute_keeps_every_value() -> None:
    rows = lsattr.parse_listing(
        "alias4  10.0.0.1,255.255.255.0 IPv4 Alias       True\n"
        "alias4  10.0.0.2,255.255.255.0 IPv4 Alias       True\n"
        "netaddr                        Internet Address True\n"
    )
    assert lsattr.by_name(rows) == {
        "alias4": ("10.0.0.1,255.255.255.0", "10.0.0.2,255.255.255.0"),
        "netaddr": ("",),
    }


def test_a_value_with_a_colon_cannot_be_told_apart_among_others() -> None:
    assert lsattr.parse_colon("#netaddr6\n::1\n") == (("netaddr6", "::1"),)
    with pytest.raises(ParseError):
        lsattr.parse_colon("#netaddr6:state\n::1:up\n")


def test_a_single_row_whose_value_has_blanks_is_refused() -> None:
    with pytest.raises(ParseError):
        lsattr.parse_listing("unique_id 2100IBM  FAStT03IBMfcp Unique device identifier False\n")


ROUTES = (
    ("net,-hopcount,0,,0,10.20.225.1", ("0.0.0.0", 0, "10.20.225.1", None)),
    ("net,,0,10.20.225.1", ("0.0.0.0", 0, "10.20.225.1", None)),
    ("net,-hopcount,0,-if,en0,,0,10.20.225.1", ("0.0.0.0", 0, "10.20.225.1", "en0")),
    ("net,-hopcount,0,-netmask,255.255.255.0,,,10.11.12.0,10.0.0.2", ("10.11.12.0", 24, "10.0.0.2", None)),
    ("net,-hopcount,0,-netmask,255.255.255.0,,,,,10.11.12.0,10.0.0.2", ("10.11.12.0", 24, "10.0.0.2", None)),
    ("net,-hopcount,0,-netmask,255.255.255.0,,,,,-static,10.11.12.0,10.0.0.2", ("10.11.12.0", 24, "10.0.0.2", None)),
    (
        "net,-hopcount,0,-netmask,255.255.255.0,-if,en1,,,,-static,10.11.12.0,10.0.0.2",
        ("10.11.12.0", 24, "10.0.0.2", "en1"),
    ),
    ("net,10.11.12.0,-netmask,255.255.255.0,10.0.0.2", ("10.11.12.0", 24, "10.0.0.2", None)),
    ("net,-hopcount,0,,,,,,-static,192.168.25.40,10.22.135.5", ("192.168.25.40", None, "10.22.135.5", None)),
    ("net,-hopcount,0,,,,,,-static,192.168.25.0,10.22.135.5", ("192.168.25.0", 24, "10.22.135.5", None)),
    ("host,-hopcount,2,-if,en0,192.9.200.5,bcroom", ("192.9.200.5", 32, "bcroom", "en0")),
    ("net,-hopcount,0,,,::,fe80::1", ("::", 0, "fe80::1", None)),
    ("net,-hopcount,0,-netmask,255.0.0.0,10.0.0.0,10.1.1.1,3", ("10.0.0.0", 8, "10.1.1.1", None)),
)


@pytest.mark.parametrize(("stored", "meaning"), ROUTES)
def test_stored_routes(stored: str, meaning: Tuple[str, Optional[int], str, Optional[str]]) -> None:
    found = route.parse_inet0_route(stored)
    assert found.meaning == meaning
    assert found.stored == stored
    assert found.is_default == (meaning[1] == 0)


@pytest.mark.parametrize(
    "stored",
    [
        *("", "net", "net,,,", "route,0,10.0.0.1", "net,-netmask,,10.0.0.0,10.1.1.1"),
        *(
            "net,10.0.0.0/33,10.1.1.1",
            "net,-netmask,255.0.255.0,10.0.0.0,10.1.1.1",
            "net,nonsense,10.0.0.1",
            "net,0,a b",
        ),
    ],
)
def test_what_is_no_stored_route(stored: str) -> None:
    with pytest.raises(ParseError):
        route.parse_inet0_route(stored)


def test_no_stored_route_is_an_empty_line() -> None:
    assert route.parse_routes("\n") == ()


def test_a_host_route_that_lacks_its_flag_hides_no_route() -> None:
    (found,) = netstat.parse("10.40.7.9          10.20.5.254       UGS        0         7 en0      -      -   \n")
    assert (found.destination, found.prefix) == ("10.40.7.9", 32)
    with pytest.raises(ParseError):  # a class network of an old level, or a host: nobody can tell
        netstat.parse("10.40.7.0          10.20.5.254       UGS        0         7 en0      -      -   \n")


def test_use_may_touch_refs() -> None:
    (found,) = netstat.parse("default            10.0.0.1          UG      121234567890 en0      -      -   \n")
    assert (found.refs, found.use) == (12, 1234567890)


@pytest.mark.parametrize(
    ("location", "slot", "place", "is_virtual"),
    [
        ("U8233.E8B.10086CP-V3-C4-T1", "C4", "V3-C4-T1", True),
        ("U9009.22A.7835450-V41-C32-T1", "C32", "V41-C32-T1", True),
        ("U78A0.001.DNWHPLG-P1-C6-T3", "C6", "P1-C6-T3", False),
        ("U787A.001.DPM2CW2-P1-T5", "", "P1-T5", False),
        ("10-80", "", "", False),
    ],
)
def test_slots(location: str, slot: str, place: str, is_virtual: bool) -> None:
    (found,) = lscfg.parse(f"  ent0             {location}  Virtual I/O Ethernet Adapter (l-lan)\n")
    assert (found.slot, found.place, found.is_virtual, found.mac) == (slot, place, is_virtual, None)


@pytest.mark.parametrize(
    ("location", "port"),
    [
        ("U8233.E8B.10086CP-V3-C4-T1", "C4-T1"),
        ("U78A0.001.DNWHPLG-P1-C6-T3", "C6-T3"),
        ("U787A.001.DPM2CW2-P1-T5", "P1-T5"),
        ("U78AA.001.VYRGU0Q-P1-C11-T1-S1", "C11-T1"),  # a logical port of SR-IOV
        ("U9119.FHB.02F42A0-V11-C5", "C5"),
        ("10-80", ""),
    ],
)
def test_slot_and_port(location: str, port: str) -> None:
    assert lscfg.port_of(location) == port


def test_the_wwpn_of_a_fibre_channel_adapter_is_no_mac() -> None:
    (found,) = lscfg.parse(
        "  fcs0  U9080.M9S.21EC277-V7-C3-T1  Virtual Fibre Channel Client Adapter\n\n"
        "        Network Address.............C05076027866000A\n"
    )
    assert (found.mac, found.value("Network Address")) == (None, "C05076027866000A")


def test_a_virtual_adapter_tells_its_vlans() -> None:
    (found,) = entstat.parse(
        "ETHERNET STATISTICS (ent0) :\nDevice Type: Virtual I/O Ethernet Adapter (l-lan)\n"
        "Hardware Address: d2:13:c0:15:3a:04\n\nLAN State: Operational\nPort VLAN ID:   310\n"
        "VLAN Tag IDs:  10  20\nSwitch ID: ETHERNET0\n"
    )
    assert (found.port_vlan_id, found.vlan_tag_ids, found.switch_id) == (310, (10, 20), "ETHERNET0")
    assert (found.lan_state, found.link, found.is_down) == ("Operational", None, False)


def test_a_partition_name_may_hold_blanks() -> None:
    assert uname.parse_partition("7 my lpar one\n") == (7, "my lpar one")
    assert uname.parse_partition("-1 NULL\n") == (None, None)
    with pytest.raises(ParseError):
        uname.parse_partition("-2 NULL\n")


def test_a_long_subsystem_name_pushes_its_row() -> None:
    rows = lssrc.parse(
        "Subsystem         Group            PID          Status \n"
        " a_very_long_subsystem_name grp              1234         active\n"
        " a_very_long_subsystem_name2                  5678         active\n"
        " aso                               4718948      active\n"
        " gsclvmd                                        inoperative\n"
    )
    assert rows == (
        ("a_very_long_subsystem_name", "grp", 1234, "active"),
        ("a_very_long_subsystem_name2", "", 5678, "active"),
        ("aso", "", 4718948, "active"),
        ("gsclvmd", "", None, "inoperative"),
    )


def test_an_unknown_subsystem_is_none_on_either_stream() -> None:
    assert lssrc.parse_one("0513-085 The foo Subsystem is not on file.\n") == ()


def test_a_boot_entry_whose_device_is_gone() -> None:
    assert bootlist.parse("-\nhdisk0 blv=hd5 pathid=0\n")[0].device is None


def test_the_pvid_on_the_disk() -> None:
    assert (
        lquerypv.parse_pvid("00000080   00021AC8 E561D594 00000000 00000000  |.....a..........|\n")
        == "00021ac8e561d594"
    )
    assert lquerypv.parse_pvid("00000080   00000000 00000000 00000000 00000000  |................|\n") is None


def test_a_pvid_with_its_zeros_is_the_pvid() -> None:
    line = Line(1, "")
    assert types.pvid("00f6f42a0bd889420000000000000000", line) == "00f6f42a0bd88942"
    for word in ("00f6f42a0bd88942000000000000000", "00F6F42A0BD88942", "none", ""):
        with pytest.raises(ParseError):
            types.pvid(word, line)


@pytest.mark.parametrize(
    ("word", "mac"),
    [
        ("d2:13:c0:15:3a:04", "D213C0153A04"),
        ("D213C0153A04", "D213C0153A04"),
        ("a.c6.24.39.41.3", "0AC624394103"),
        ("6e:87:70:0:40:3", "6E8770004003"),
        ("E4-1F-13-D7-28-15", "E41F13D72815"),
    ],
)
def test_every_spelling_of_a_mac(word: str, mac: str) -> None:
    assert types.mac(word, Line(1, word)) == mac


@pytest.mark.parametrize("prefix", range(33))
def test_masks_and_prefixes(prefix: int) -> None:
    assert types.prefix_of(types.mask_of(prefix), Line(1, "")) == prefix
