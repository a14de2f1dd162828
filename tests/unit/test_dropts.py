"""DROpts of VCS become the same network as a native profile (S001-1, S001-2)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import List, Tuple

import pytest

from drboot import dropts, legacy
from drboot.errors import ConfigError
from drboot.profile.estate import Estate
from drboot.profile.load import load
from tests.unit.profile.machine import root_with

MAIN_CF = """\
// a management LPAR of the DR site
LPAR lpar_prod01 (
    LPARName = prod01_dr
    MCUser = { hscroot }
    DROpts @home_mgmt = { ConfigureNetwork = 1, IPAddress = "10.1.5.11", Netmask = "255.255.255.0",
        Gateway = "10.1.5.1", Device = en0, HostName = prod01 }
    DROpts @dr_mgmt = { ConfigureNetwork = 1, IPAddress = "10.20.5.11", Netmask = "255.255.255.0",  # DR
        Gateway = "10.20.5.1", DNSServers = "10.20.0.53, 10.20.1.53", DNSSearchPath = "example.com dr.example.com",
        Device = en0, Domain = "dr.example.com", HostName = prod01 }
    )
"""
LINES = """\
ConfigureNetwork=1
IPAddress=10.20.5.11
Netmask=255.255.255.0
Gateway=10.20.5.1
DNSServers="10.20.0.53 10.20.1.53"
DNSSearchPath=example.com dr.example.com
Device=ent0
Domain=dr.example.com
HostName=prod01
"""
NATIVE = """\
version: 1
site: dr
systemids: ["IBM,0211D11C1"]
device_reset: ghostdev
names:
  hostname: "{host}"
  nameservers: [10.20.0.53, 10.20.1.53]
  search: ["dr.example.com", "example.com"]
network:
  roles:
    service: {}
"""
TABLE = (
    "host,site,mode,role,match,address,netmask,gateway,aliases\n"
    "prod01,dr,disaster,service,slot:C2,10.20.5.11,255.255.255.0,10.20.5.1,\n"
)


def imported(text: str, system: str = "") -> legacy.Imported:
    files, servers = dropts.flat(dropts.chosen(dropts.parse(text, "main.cf"), system))
    return legacy.convert(files, "prod01", "dr", ["IBM,0211D11C1"], servers, {"en0": "slot:C2"})


def loaded(tmp_path: Path, profile: str, table: str) -> Estate:
    return load(root_with(tmp_path, {"dr": profile}, table))


def refused(text: str, system: str = "") -> List[Tuple[str, str]]:
    with pytest.raises(ConfigError) as caught:
        imported(text, system)
    assert {problem.name for problem in caught.value.problems} == {"dropts-malformed"}
    return [(problem.where, problem.why) for problem in caught.value.problems]


@pytest.mark.parametrize("text, system", [(MAIN_CF, "dr_mgmt"), (LINES, "")], ids=["main.cf", "lines"])
def test_S001_1_the_import_yields_the_network_of_a_native_profile(tmp_path: Path, text: str, system: str) -> None:
    made = imported(text, system)
    assert made.remarks == ()
    mine, native = loaded(tmp_path / "a", made.profile, made.table), loaded(tmp_path / "b", NATIVE, TABLE)
    site, other = mine.sites["dr"], native.sites["dr"]
    for key in ("hostname", "nameservers", "domain", "search", "options"):
        assert getattr(site.names, key) == getattr(other.names, key), key
    assert set(site.network.roles) == set(other.network.roles)
    assert site.network.owner == "drboot"
    assert [replace(row, at=native.hosts[0].at) for row in mine.hosts] == list(native.hosts)


def test_S001_2_without_configure_network_nobody_owns_the_network(tmp_path: Path) -> None:
    for text in (LINES.replace("ConfigureNetwork=1", "ConfigureNetwork=0"), LINES.replace("ConfigureNetwork=1\n", "")):
        made = imported(text)
        assert loaded(tmp_path / str(len(text)), made.profile, made.table).sites["dr"].network.owner == "none"


def test_which_of_several_has_to_be_said() -> None:
    ((where, why),) = refused(MAIN_CF)
    assert (where, "lpar_prod01 @home_mgmt, lpar_prod01 @dr_mgmt" in why) == ("main.cf:5", True)
    assert "0 of them" in refused(MAIN_CF, "nobody")[0][1]


TWO_LPARS = (
    MAIN_CF
    + MAIN_CF.replace("prod01", "prod02").replace("5.11", "5.12")
    + """\
WPAR web (
    DROpts @dr_mgmt = { DNSServers = "10.20.0.53", DNSSearchPath = "dr.example.com", DNSDomain = "dr.example.com" }
    )
"""
)


def test_S001_1_of_a_whole_main_cf_one_resource_is_taken() -> None:
    """The management LPAR has a resource for each of its LPARs; those of WPARs are of another kind."""
    found = dropts.parse(TWO_LPARS, "main.cf")
    assert len(found) == 4
    mine = dropts.chosen(found, "dr_mgmt", "lpar_prod02")
    assert (mine.resource, mine.values["IPAddress"].text) == ("lpar_prod02", "10.20.5.12")
    assert "2 of them" in refused(TWO_LPARS, "dr_mgmt")[0][1]
    assert "WPARs only" in refused(TWO_LPARS[TWO_LPARS.index("WPAR") :])[0][1]


@pytest.mark.parametrize(
    "old, new",
    [
        ("DROpts @dr_mgmt =", 'DROpts @"dr_mgmt" ='),
        ("DROpts @dr_mgmt =", "DROpts\n        @dr_mgmt ="),
        ("DROpts @dr_mgmt =", "DROpts@dr_mgmt="),
        ("HostName = prod01 }\n    )", "HostName = prod01,\n    }\n    )"),
        ("    LPARName", '    Note = "DROpts = { no // comment } # none"\n    LPARName'),
        ("IPAddress", '"IPAddress"'),
        ("LPARName = prod01_dr", "// DROpts @dr_mgmt = { ConfigureNetwork = 0 }"),
        ("\n", "\r\n"),
    ],
)
def test_S001_1_it_may_be_written_in_several_ways(old: str, new: str) -> None:
    """One way that is not understood would leave home's DROpts as the only ones, and they would be taken."""
    assert old in MAIN_CF
    assert imported(MAIN_CF.replace(old, new), "dr_mgmt") == imported(MAIN_CF, "dr_mgmt")
    assert "there are" in refused(MAIN_CF.replace(old, new))[0][1]


def test_what_is_written_as_no_dropts_can_be_is_no_way_to_the_other_ones() -> None:
    ((where, why),) = refused(MAIN_CF.replace("DROpts @dr_mgmt =", "DROpts @dr_mgmt"))
    assert (where, "neither followed by" in why) == ("main.cf:7", True)
    types = "type LPAR (\n    static str ArgList[] = { LPARName, DROpts }\n    str DROpts{}\n    )\n"
    assert imported(types + MAIN_CF, "dr_mgmt") == imported(MAIN_CF, "dr_mgmt")
    assert "has a value" in refused(types)[0][1]


@pytest.mark.parametrize(
    "old, new, where, why",
    [
        ("Gateway=10.20.5.1", "Gatway=10.20.5.1", "main.cf:4", "no key 'Gatway'"),
        ("Device=ent0", "Device=hdisk0", "main.cf:7", "no en0"),
        ("ConfigureNetwork=1", "ConfigureNetwork=yes", "main.cf:1", "ConfigureNetwork is 'yes'"),
        ("IPAddress=10.20.5.11\n", "", "main.cf:1", "IPAddress is missing"),
        ("HostName=prod01", "Device=en1", "main.cf:9", "written twice"),
        ("HostName=prod01", "HostName prod01", "main.cf:9", "neither"),
    ],
)
def test_each_mistake_is_named_with_its_line(old: str, new: str, where: str, why: str) -> None:
    found = refused(LINES.replace(old, new))
    assert any(at == where and why in said for at, said in found), found


@pytest.mark.parametrize(
    "text", ["", "LPAR x ( )", "DROpts = { IPAddress = ", 'DROpts = { IPAddress "x" }', "DROpts = {}"]
)
def test_what_is_no_dropts_is_refused(text: str) -> None:
    assert refused(text)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    for make in (
        lambda path: None,
        lambda path: path.write_bytes(b"\xff"),
        lambda path: path.write_text("x" * 2**20 + "y"),
    ):
        make(tmp_path / "cf")
        with pytest.raises(ConfigError):
            dropts.read(str(tmp_path / "cf"))
