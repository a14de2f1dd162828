"""What each value type takes, what it makes of it, and why it refuses the rest."""

from __future__ import annotations

from typing import Any, Callable

import pytest

from drboot.errors import Problem, Where
from drboot.profile import keys
from drboot.profile.hosts import Match, to_match
from drboot.profile.nodes import Listing, Node, Scalar, Table, Written

AT = Where("dr.yaml", 3, 7)

GOOD = (
    (keys.to_systemid, "IBM,0211D11C1", "0211D11C1"),
    (keys.to_systemid, "0306c090g", "0306C090G"),
    (keys.to_systemid, "ibm,017268b60", "017268B60"),
    (keys.to_pvid, "00F6F42A0BD88942", "00f6f42a0bd88942"),
    (keys.to_pvid, "00f6f42a0bd889420000000000000000", "00f6f42a0bd88942"),
    (keys.to_vg_name, "data_vg-1.old", "data_vg-1.old"),
    (keys.to_vg_name, "fifteencharact1", "fifteencharact1"),
    (keys.to_number, "10.20.5.11", 0x0A14050B),
    (keys.to_address, "127.0.0.1", "127.0.0.1"),
    (keys.to_host_address, "223.255.255.254", "223.255.255.254"),
    (keys.to_netmask, "24", "255.255.255.0"),
    (keys.to_netmask, "/30", "255.255.255.252"),
    (keys.to_netmask, "32", "255.255.255.255"),
    (keys.to_netmask, "1", "128.0.0.0"),
    (keys.to_netmask, "255.255.254.0", "255.255.254.0"),
    (keys.to_network, "10.30.0.0/16", "10.30.0.0/16"),
    (keys.to_network, "10.30.0.0/255.255.0.0", "10.30.0.0/16"),
    (keys.to_network, "10.40.7.9", "10.40.7.9"),
    (keys.split_network, "10.30.0.0/16", ("10.30.0.0", "255.255.0.0")),
    (keys.split_network, "10.40.7.9", ("10.40.7.9", "255.255.255.255")),
    (keys.to_seconds, "90", 90.0),
    (keys.to_seconds, "90s", 90.0),
    (keys.to_seconds, "15m", 900.0),
    (keys.to_seconds, "1h", 3600.0),
    (keys.to_seconds, "1.5d", 129600.0),
    (keys.to_path, "/", "/"),
    (keys.to_path, "/oracle/data.1", "/oracle/data.1"),
    (keys.to_host_name, "a" * 32, "a" * 32),
    (keys.to_host_name, "prod_01-b", "prod_01-b"),
    (keys.to_host_template, "{host}", "{host}"),
    (keys.to_host_template, "dr-{host}", "dr-{host}"),
    (keys.to_domain, "dr.example.com", "dr.example.com"),
    (keys.to_inittab_id, "nimclient", "nimclient"),
    (to_match, "slot:C2", Match("slot", "C2")),
    (to_match, "slot:c12-t1", Match("slot", "C12-T1")),
    (to_match, "vlan:310", Match("vlan", "310")),
    (to_match, "mac:fa:61:10:00:0a:20", Match("mac", "FA:61:10:00:0A:20")),
    (to_match, "mac:FA6110000A20", Match("mac", "FA:61:10:00:0A:20")),
)

BAD = (
    (keys.to_systemid, "", "empty"),
    (keys.to_systemid, "IBM,", "empty"),
    (keys.to_systemid, "IBM,0211D11C", "two digits and seven"),
    (keys.to_systemid, "IBM,0211D11C12", "two digits and seven"),
    (keys.to_systemid, "IBM,IBM,0211D11C1", "two digits and seven"),
    (keys.to_systemid, "0211D11C1 ", "two digits and seven"),
    (keys.to_systemid, "AB11D11C1", "two digits and seven"),
    (keys.to_pvid, "00f6f42a0bd8894", "15 digits"),
    (keys.to_pvid, "00f6f42a0bd88942000000000000000f", "32 digits"),
    (keys.to_pvid, "none", "hexadecimal"),
    (keys.to_pvid, "0" * 16, "no PVID"),
    (keys.to_vg_name, "", "0 characters"),
    (keys.to_vg_name, "sixteencharacter", "16 characters"),
    (keys.to_vg_name, "data/vg", "letters, digits"),
    (keys.to_number, "10.20.5", "four"),
    (keys.to_number, "10.20.5.11.1", "four"),
    (keys.to_number, "10.20.5.011", "leading zero"),
    (keys.to_number, "10.20.5.256", "more than 255"),
    (keys.to_number, "10.20.5.9999", "more than 255"),
    (keys.to_number, "10.20..1", "not a decimal number"),
    (keys.to_number, "10.20.5.-1", "not a decimal number"),
    (keys.to_number, "10.20.5.\u0661", "not a decimal number"),
    (keys.to_number, "0x0a.20.5.1", "not a decimal number"),
    (keys.to_host_address, "0.0.0.0", "no interface"),
    (keys.to_host_address, "127.0.0.1", "no interface"),
    (keys.to_host_address, "224.0.0.1", "no interface"),
    (keys.to_host_address, "255.255.255.255", "no interface"),
    (keys.to_netmask, "0", "1 to 32"),
    (keys.to_netmask, "33", "1 to 32"),
    (keys.to_netmask, "0.0.0.0", "everything local"),
    (keys.to_netmask, "255.255.256.0", "more than 255"),
    (keys.to_netmask, "255.0.255.0", "not all in front"),
    (keys.to_netmask, "0.0.0.255", "not all in front"),
    (keys.to_netmask, "0xffffff00", "four"),
    (keys.to_network, "10.30.0.1/16", "the network is 10.30.0.0/16"),
    (keys.to_network, "0.0.0.0/1", "gateway column"),
    (keys.to_network, "10.30.0.0/", "four"),
    (keys.to_seconds, "", "number and s"),
    (keys.to_seconds, "0", "more than nothing"),
    (keys.to_seconds, "31d", "at most 30 days"),
    (keys.to_seconds, "1h30m", "number and s"),
    (keys.to_pattern, "", "at least one"),
    (keys.to_path, "oracle", "begins with /"),
    (keys.to_path, "/oracle/", "no empty part"),
    (keys.to_path, "//oracle", "no empty part"),
    (keys.to_path, "/a/../b", "no .."),
    (keys.to_path, "/a b", "no blanks"),
    (keys.to_host_name, "a" * 33, "33 characters"),
    (keys.to_host_name, "prod01.example.com", "no dots"),
    (keys.to_host_name, "prod01-", "begins and ends"),
    (keys.to_host_template, "{site}", "{host} is all"),
    (keys.to_host_template, "{host", "{host} is all"),
    (keys.to_domain, "example..com", "dots between"),
    (keys.to_word, "two words", "one word"),
    (keys.to_name, "-r", "not begin with -"),
    (keys.to_inittab_id, "fifteencharacte", "15 characters"),
    (keys.to_site_name, "d.r", "letters, digits"),
    (to_match, "en0", "none of slot:"),
    (to_match, "slot:?", "the import did not know"),
    (to_match, "slot:2", "slot:C2"),
    (to_match, "vlan:4095", "1 to 4094"),
    (to_match, "vlan:0310", "1 to 4094"),
    (to_match, "mac:fa:61:10", "AA:BB"),
)


@pytest.mark.parametrize(("of", "text", "value"), GOOD)
def test_good_text_becomes_a_value(of: Callable[[str], Any], text: str, value: object) -> None:
    assert of(text) == value


@pytest.mark.parametrize(("of", "text", "why"), BAD)
def test_bad_text_is_refused_with_the_reason(of: Callable[[str], Any], text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why.replace(".", r"\.").replace("{", r"\{")):
        of(text)


def parsed(kind: keys.Kind[Any], node: Node) -> Any:
    """The value, or the names of the Problems."""
    problems: list[Problem] = []
    value = kind.parse(node, problems)
    return [problem.name for problem in problems] or value


def scalar(text: str, plain: bool = True) -> Scalar:
    return Scalar(text, "names.key", AT, plain)


def listing(*texts: str) -> Listing:
    return Listing(tuple(Scalar(text, f"ids[{index}]", AT) for index, text in enumerate(texts)), "ids", AT)


def test_a_value_knows_where_it_was_written() -> None:
    value = parsed(keys.DOMAIN, scalar("example.com"))
    assert value == "example.com"
    assert isinstance(value, Written)
    assert value.where == "dr.yaml:3:7 names.key"


def test_the_problem_says_what_where_why_and_next() -> None:
    problems: list[Problem] = []
    keys.NETMASK.parse(scalar("255.255.256.0"), problems)
    assert problems == [
        Problem(
            "bad-netmask",
            "this is not a netmask",
            "dr.yaml:3:7 names.key",
            "'255.255.256.0': 256 is more than 255",
            "write 255.255.255.0 or the prefix length 24",
        )
    ]


def test_what_a_message_quotes_is_plain_ascii_and_short() -> None:
    problems: list[Problem] = []
    keys.DOMAIN.parse(scalar("\u00e4" * 1000 + "\x1b[2J"), problems)
    assert problems[0].why.isascii()
    assert problems[0].why.isprintable()
    assert len(problems[0].why) < 160


@pytest.mark.parametrize("plain", ["true", "yes", "On"])
def test_a_boolean_is_what_yaml_means_by_it(plain: str) -> None:
    assert parsed(keys.BOOLEAN, scalar(plain)) is True
    assert parsed(keys.BOOLEAN, scalar(plain, plain=False)) == ["bad-boolean"]


def test_false_is_a_value_and_no_failure() -> None:
    assert parsed(keys.BOOLEAN, scalar("no")) is False
    assert parsed(keys.Integer(0, 5), scalar("0")) == 0


@pytest.mark.parametrize("text", ["010", "0x10", "1e1", "1_0", "+1", "-1", "6", "", "1.0", "9" * 5000])
def test_a_number_is_decimal_and_in_range(text: str) -> None:
    assert parsed(keys.Integer(0, 5), scalar(text)) == ["bad-number"]


def test_a_quoted_number_is_text() -> None:
    assert parsed(keys.Integer(0, 5), scalar("5", plain=False)) == ["bad-number"]


def test_one_of_names_the_nearest_word() -> None:
    problems: list[Problem] = []
    keys.OneOf("ghostdev", "none").parse(scalar("gostdev"), problems)
    keys.OneOf("ghostdev", "none").parse(scalar("xyz"), problems)
    assert [problem.next for problem in problems] == ["did you mean ghostdev?", "write ghostdev or none"]


def test_a_list_keeps_its_good_items_and_names_each_bad_one() -> None:
    problems: list[Problem] = []
    kept = keys.ListOf(keys.PVID).parse(listing("x", "00f6f42a0bd88942", "y", "00F6F42A0BD88942"), problems)
    assert kept == ("00f6f42a0bd88942",)
    assert [(problem.name, problem.where) for problem in problems] == [
        ("bad-pvid", "dr.yaml:3:7 ids[0]"),
        ("bad-pvid", "dr.yaml:3:7 ids[2]"),
        ("list-repeats", "dr.yaml:3:7 ids[3]"),
    ]


def test_the_length_of_a_list() -> None:
    kind = keys.ListOf(keys.WORD, least=1, most=2)
    assert parsed(kind, listing("a", "b")) == ("a", "b")
    assert parsed(kind, listing()) == ["list-too-short"]
    assert parsed(kind, listing("a", "b", "c")) == ["list-too-long"]
    assert parsed(kind, Table((), "ids", AT)) == ["wrong-type"]


def test_nothing_is_an_empty_list_but_no_word() -> None:
    assert parsed(keys.ListOf(keys.WORD), scalar("~")) == ()
    assert parsed(keys.WORD, scalar("~")) == ["bad-word"]
    assert parsed(keys.WORD, scalar("~", plain=False)) == "~"


def test_systemids_pasted_without_quotes() -> None:
    """YAML reads [IBM,0211D11C1,0306C090G] as a list of three."""
    kind = keys.SystemIds()
    assert parsed(kind, listing("IBM", "0211D11C1", "0306C090G", "ibm", "017268B60")) == (
        "0211D11C1",
        "0306C090G",
        "017268B60",
    )
    assert parsed(kind, listing("IBM", "0211D11C1", "0211D11C1")) == ["list-repeats"]
    assert parsed(kind, listing("0211D11C1", "IBM")) == ["bad-systemid"]
    assert parsed(kind, listing("IBM")) == ["bad-systemid"]
    assert parsed(kind, listing("IBM", "")) == ["bad-systemid"]


def test_did_you_mean_keeps_silent_when_nothing_is_near() -> None:
    assert keys.did_you_mean("hostnam", ["hostname", "domain"]) == "did you mean hostname?"
    assert keys.did_you_mean("HOSTNAME", ["hostname", "domain"]) == "did you mean hostname?"
    assert keys.did_you_mean("zzz", ["hostname", "domain"]) == ""
