"""Names: files change where they must, and stay byte for byte elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drboot.steps.base import Todo, Write
from drboot.steps.names import LookupOrder, OwnLine, Resolver, TextSo, steps
from tests.steps.canned import PROFILE, Machine, done, wanted

OWN = OwnLine("10.20.5.11", "prod01")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "10.20.5.11\tprod01\n"),
        ("10.1.5.11 prod01 p1 # own\n", "10.20.5.11 prod01 p1 # own\n"),
        ("# 10.1.5.11 prod01\n", "# 10.1.5.11 prod01\n10.20.5.11\tprod01\n"),
        ("127.0.0.1 loopback localhost prod01\n", "127.0.0.1 loopback localhost prod01\n10.20.5.11\tprod01\n"),
        ("10.1.5.11\tprod01\n10.1.5.12 prod01 p2 # b\n", "10.20.5.11\tprod01\n10.1.5.12\tp2 # b\n"),
        ("10.1.5.11\tprod01\n10.1.5.12 prod01\n", "10.20.5.11\tprod01\n"),
        ("10.1.5.9 prod011 xprod01\n", "10.1.5.9 prod011 xprod01\n10.20.5.11\tprod01\n"),
        ("10.20.5.11 prod01.example.com prod01", "10.20.5.11 prod01.example.com prod01"),
        ("10.1.5.20 nim", "10.1.5.20 nim\n10.20.5.11\tprod01\n"),
    ],
)
def test_own_line(before: str, after: str) -> None:
    assert OWN.apply(before) == after


def test_the_whole_of_resolv_conf_is_ours() -> None:
    edit = Resolver(("10.20.0.53", "10.20.0.54"), "dr.example.com", (), ("timeout:1",))
    text = "domain dr.example.com\nnameserver 10.20.0.53\nnameserver 10.20.0.54\noptions timeout:1\n"
    assert edit.apply("nameserver 10.1.0.53\ndomain example.com\n") == text
    same = "# ours\ndomain\tdr.example.com\n\nnameserver  10.20.0.53\nnameserver 10.20.0.54\noptions timeout:1\n"
    assert edit.apply(same) == same
    searching = Resolver(("10.20.0.53",), "", ("a.example.com", "b.example.com"), ())
    assert searching.apply("") == "search a.example.com b.example.com\nnameserver 10.20.0.53\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "hosts = local4, bind4\n"),
        ("aliases = nis\nhosts=local4,bind4\n", "aliases = nis\nhosts=local4,bind4\n"),
        ("hosts = bind, local\n# kept\n", "hosts = local4, bind4\n# kept\n"),
        ("hosts = bind\nhosts = local\n", "hosts = local4, bind4\n"),
        ("# hosts = bind", "# hosts = bind\nhosts = local4, bind4\n"),
    ],
)
def test_lookup_order(before: str, after: str) -> None:
    assert LookupOrder(("local4", "bind4")).apply(before) == after


HOSTS_LINE = st.from_regex(
    r"(10\.1\.5\.(1|11) |127\.0\.0\.1\t|#)?(prod01|prod011|nim)( prod01)?( # x)?", fullmatch=True
)


@given(st.lists(HOSTS_LINE).map("\n".join))
def test_an_edit_applied_twice_changes_nothing_more(text: str) -> None:
    for edit in (OWN, LookupOrder(("local",)), Resolver(("10.1.1.1",), "", (), ())):
        once = edit.apply(text)
        assert edit.apply(once) == once


@given(st.lists(HOSTS_LINE).map(lambda lines: "".join(line + "\n" for line in lines)))
def test_lines_that_do_not_name_the_host_survive(text: str) -> None:
    others = [line for line in text.splitlines() if "prod01" not in line.partition("#")[0].split()[1:]]
    kept = OWN.apply(text).splitlines()
    assert [line for line in kept if line in others] == others


def test_the_step_writes_only_what_differs(tmp_path: Path) -> None:
    step = TextSo("/etc/hosts", "prod01 in /etc/hosts", OWN, "")
    machine = Machine(tmp_path, {})
    answer = step.assess(machine.seen())
    assert isinstance(answer, Todo)
    assert answer.actions == (Write("/etc/hosts", "10.20.5.11\tprod01\n"),)
    machine.file("/etc/hosts", "10.20.5.11\tprod01\n")
    assert done(step.assess(machine.seen()))


def test_what_the_profile_does_not_name_is_left_alone(tmp_path: Path) -> None:
    assert [step.id for step in steps(wanted(tmp_path))] == [
        "names/etc/resolv.conf",
        "names/live",
        "names/etc/netsvc.conf",
        "names/etc/hosts",
    ]
    bare = PROFILE[: PROFILE.index("names:")] + "network: {roles: {service: {}, backup: {}}}\n"
    assert [step.id for step in steps(wanted(tmp_path, profile=bare))] == ["names/etc/hosts"]


def test_the_own_name_in_capitals_does_not_keep_the_address_of_production() -> None:
    """Names are compared without regard to case (RFC 952), so the first such line would answer for the host."""
    own = OwnLine("10.20.5.11", "prod01", ("10.1.5.11",))
    text = "10.1.5.11 PROD01 Prod01.example.com\n10.1.5.99 PROD010\n10.9.9.9 PROD01-mgmt PROD01\n"
    assert own.apply(text) == (
        "10.20.5.11 PROD01 Prod01.example.com\n10.1.5.99 PROD010\n10.9.9.9 PROD01-mgmt PROD01\n10.20.5.11\tprod01\n"
    )
    assert own.apply(own.apply(text)) == own.apply(text)
