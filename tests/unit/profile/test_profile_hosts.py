"""The address table: its form, and what a group of rows must have together."""

from __future__ import annotations

from pathlib import Path
from typing import List, Tuple

import pytest

from drboot.errors import ConfigError, Problem
from drboot.profile.hosts import HostRow, parse_table
from drboot.profile.load import load
from tests.unit.profile.machine import HEADER, profile, root_with

ROW = "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,"
BACKUP = "prod01,dr,disaster,backup,vlan:310,10.21.5.11,24,,"


def parse(text: str) -> Tuple[Tuple[HostRow, ...], List[Problem]]:
    problems: List[Problem] = []
    return parse_table(text, "hosts.csv", problems).rows, problems


def seen(text: str) -> List[Tuple[str, str]]:
    return [(problem.name, problem.where) for problem in parse(text)[1]]


def loaded(tmp_path: Path, *rows: str) -> List[str]:
    """Names of the Problems of a whole estate with these rows."""
    roles = "network: {roles: {service: {}, backup: {}}}"
    sites = {"dr": profile("dr", roles), "home": profile("home", roles, "[IBM,0210F00D1]")}
    try:
        load(root_with(tmp_path, sites, HEADER + "\n".join(rows) + "\n"))
    except ConfigError as error:
        return [problem.name for problem in error.problems]
    return []


def test_lines_are_counted_with_comments_and_blank_ones() -> None:
    rows, problems = parse(f"# first\n\n{HEADER}  # indented\n\n{ROW}\n,,,,,,,,\n{BACKUP}\n")
    assert not problems
    assert [row.at.line for row in rows] == [6, 8]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_any_line_end_and_quotes_and_blanks_around(end: str) -> None:
    text = end.join(
        [HEADER.strip(), '"prod01", dr ,disaster,"service",slot:C2,10.20.5.11,24,10.20.5.1,"10.20.5.12"', ""]
    )
    (row,), problems = parse(text)
    assert not problems
    assert (row.host, row.site, row.addresses) == ("prod01", "dr", ("10.20.5.11", "10.20.5.12"))


def test_columns_may_stand_in_any_order() -> None:
    (row,), problems = parse(
        "address,netmask,gateway,aliases,match,role,mode,site,host\n"
        "10.20.5.11,24,10.20.5.1,,slot:C2,service,disaster,dr,prod01\n"
    )
    assert not problems
    assert (row.host, row.address, row.gateway) == ("prod01", "10.20.5.11", "10.20.5.1")


def test_a_cell_has_its_column_number() -> None:
    assert seen(HEADER + ROW.replace("/24", "").replace(",24,", ",2x4,")) == [("bad-netmask", "hosts.csv:2:47 netmask")]


def test_the_header() -> None:
    assert seen("") == [("hosts-empty", "hosts.csv:1")]
    assert seen("# only a comment\n") == [("hosts-empty", "hosts.csv:1")]
    assert seen(HEADER.replace("netmask", "netmsak")) == [
        ("hosts-column-missing", "hosts.csv:1"),
        ("hosts-column-unknown", "hosts.csv:1"),
    ]
    assert seen(HEADER.strip() + ",host\n") == [("hosts-column-twice", "hosts.csv:1")]
    assert seen(HEADER.upper()) == []


def test_rows_are_looked_at_where_a_column_is_missing() -> None:
    text = "host,site,mode,role,match,address,gateway,aliases\nprod01,dr,disaster,service,en0,10.20.5,10.20.5.1,\n"
    assert [name for name, _ in seen(text)] == ["hosts-column-missing", "bad-match", "bad-address"]


def test_a_table_without_header_says_so() -> None:
    assert seen(ROW + "\n")[0][0] == "hosts-column-missing"


@pytest.mark.parametrize("text", [HEADER + '"prod01', HEADER + '"prod"01,x', HEADER + "a" * 200_000])
def test_text_that_is_no_csv_is_named_with_its_line(text: str) -> None:
    assert seen(text) == [("hosts-syntax", "hosts.csv:2")]


def test_small_subnets_have_no_network_address() -> None:
    for netmask, gateway in (("31", "10.20.5.10"), ("32", "")):
        row = ROW.replace(",24,10.20.5.1,", f",{netmask},{gateway},")
        assert seen(HEADER + row) == []


def test_the_gateway_is_in_the_subnet_of_its_own_row() -> None:
    """F45.  That another row's subnet has it does not help: mktcpip gets the two together."""
    assert [name for name, _ in seen(HEADER + ROW.replace("10.20.5.1,", "10.21.5.1,") + "\n" + BACKUP)] == [
        "gateway-outside-subnet"
    ]
    wide = ROW.replace(",24,10.20.5.1,", ",255.255.0.0,10.20.99.1,")
    assert seen(HEADER + wide) == []


def test_two_good_rows(tmp_path: Path) -> None:
    assert loaded(tmp_path, ROW, BACKUP) == []


def test_exactly_one_gateway(tmp_path: Path) -> None:
    assert loaded(tmp_path / "none", ROW.replace("10.20.5.1,", ","), BACKUP) == ["gateway-missing"]
    assert loaded(tmp_path / "two", ROW, BACKUP.replace("24,,", "24,10.21.5.1,")) == ["gateway-twice"]


def test_a_bad_row_may_have_held_the_gateway(tmp_path: Path) -> None:
    assert loaded(tmp_path / "value", ROW.replace("10.20.5.1,", "10.20.5,"), BACKUP) == ["bad-address"]
    assert loaded(tmp_path / "fields", ROW + ",10.20.5.12", BACKUP) == ["hosts-row-fields"]


def test_names_inside_names_are_different_hosts(tmp_path: Path) -> None:
    other = ROW.replace("prod01", "prod010").replace("10.20.5.11", "10.20.5.111").replace("slot:C2", "slot:C21")
    assert loaded(tmp_path, ROW, other) == []


def test_an_address_is_used_once(tmp_path: Path) -> None:
    other = ROW.replace("prod01", "prod02")
    assert loaded(tmp_path / "hosts", ROW, other) == ["address-twice"]
    assert loaded(tmp_path / "alias", ROW, other.replace("5.11", "5.12") + "10.20.5.11") == ["address-twice"]
    assert loaded(tmp_path / "aliases", ROW + "10.20.5.12;10.20.5.12/32") == ["address-twice"]
    assert loaded(tmp_path / "rows", ROW, BACKUP.replace("10.21.5.11", "10.20.5.11")) == ["address-twice"]
    rehearsal = ROW.replace("disaster", "rehearsal").replace("10.20.", "10.99.")
    assert loaded(tmp_path / "reh", ROW, rehearsal, rehearsal.replace("prod01", "prod02")) == ["address-twice"]


def test_a_host_may_keep_its_address_at_another_site(tmp_path: Path) -> None:
    """A network that is stretched over both sites: the two are never used at once."""
    assert loaded(tmp_path, ROW, ROW.replace(",dr,", ",home,")) == []


@pytest.mark.parametrize(
    "rehearsal",
    [
        ROW,
        ROW.replace("10.20.5.11,", "10.20.5.200,") + "10.20.5.11/32",
        ROW.replace("prod01", "prod02").replace("5.11,24", "5.12,255.255.255.0"),
        ROW.replace(",dr,", ",home,"),
    ],
    ids=["same", "as alias", "an alias, another host, another spelling of the mask", "another site"],
)
def test_a_rehearsal_uses_no_real_address(rehearsal: str, tmp_path: Path) -> None:
    """F72."""
    rows = (ROW + "10.20.5.12", rehearsal.replace("disaster", "rehearsal"))
    assert loaded(tmp_path, *rows) == ["rehearsal-uses-real-address"]


def test_two_rows_for_one_adapter(tmp_path: Path) -> None:
    mac = ROW.replace("slot:C2", "mac:FA:61:10:00:0A:20")
    same = BACKUP.replace("vlan:310", "mac:fa6110000a20")
    assert loaded(tmp_path, mac, same) == ["hosts-match-twice"]


@pytest.mark.parametrize(
    ("probe", "problems"),
    [("10.20.5.250", []), ("10.20.5.11", ["probe-address-taken"]), ("10.20.5.1", ["probe-address-taken"])],
)
def test_the_address_to_ask_with_is_nobodys(tmp_path: Path, probe: str, problems: List[str]) -> None:
    roles = f"network: {{roles: {{service: {{probe_address: {probe}}}, backup: {{}}}}}}"
    found: List[str] = []
    try:
        load(root_with(tmp_path, {"dr": profile("dr", roles)}, f"{HEADER}{ROW}\n"))
    except ConfigError as error:
        found = [problem.name for problem in error.problems]
    assert found == problems
