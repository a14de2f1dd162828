"""IPv6 routes of a site: stored, in the kernel, and none of home's left."""

from __future__ import annotations

from pathlib import Path

import pytest

from drboot.errors import ConfigError
from drboot.facts.route import parse_inet0_route
from drboot.steps import network
from drboot.steps.network.routes import Routes6So, static_route6
from tests.steps.canned import PROFILE, Machine, capture, done, todo, wanted

DEFAULT, NET, HOST = (
    ("::", 0, "2001:db8:5::1"),
    ("2001:db8:31::", 48, "2001:db8:5::fe"),
    ("2001:db8:40::7", 128, "fe80::1"),
)
HOMES = "net,-hopcount,0,,,::,2001:db8:1::1"
TABLE = """\
Routing tables
Destination        Gateway           Flags   Refs     Use  If   Exp  Groups

Route tree for Protocol Family 2 (Internet):
default            10.20.5.1         UG        1         5 en1      -      -

Route tree for Protocol Family 24 (Internet v6):
"""
KERNEL = {
    DEFAULT: "default            2001:db8:5::1     UG        0         5 en1      -      -",
    NET: "2001:db8:31::/48   2001:db8:5::fe    UGS       0         5 en1      -      -",
    HOST: "2001:db8:40::7     fe80::1           UGHS      0         5 en1      -      -",
}
ADD = "chdev -l inet0 -a rout6="


def machine(directory: Path, stored: str, *rows: str) -> Machine:
    return Machine(directory, {
        "lsattr -El inet0 -a rout6 -F value": stored, "netstat -rn": TABLE + "".join(f"{row}\n" for row in rows),
    })  # fmt: skip


def spelled(*routes: tuple[str, int, str]) -> str:
    return "".join(static_route6(*route) + "\n" for route in routes)


STEP = Routes6So((DEFAULT, NET, HOST), (HOMES,), "", ())


def test_they_are_stored_and_homes_go(tmp_path: Path) -> None:
    assert todo(STEP.assess(machine(tmp_path, HOMES + "\n").seen())) == [
        f"chdev -l inet0 -a delrout6={HOMES}",
        ADD + "net,-hopcount,0,,,::,2001:db8:5::1",
        ADD + "net,-hopcount,0,-prefixlen,48,,,2001:db8:31::,2001:db8:5::fe",
        ADD + "host,-hopcount,0,,,2001:db8:40::7,fe80::1",
    ]


def test_they_are_so(tmp_path: Path) -> None:
    assert "2001:db8:31::/48" in done(STEP.assess(machine(tmp_path, spelled(*STEP.routes), *KERNEL.values()).seen()))


def test_another_spelling_of_the_same_routes_is_as_good(tmp_path: Path) -> None:
    stored = (
        "net,::,2001:db8:5::1\nnet,-hopcount,0,,,2001:0db8:0031::/48,2001:db8:5::fe\nhost,2001:db8:40:0::7,fe80::1\n"
    )
    assert done(STEP.assess(machine(tmp_path, stored, *KERNEL.values()).seen()))


@pytest.mark.parametrize("missing, added", [
    (DEFAULT, "-net :: -prefixlen 0 2001:db8:5::1"), (NET, "-net 2001:db8:31:: -prefixlen 48 2001:db8:5::fe"),
    (HOST, "-host 2001:db8:40::7 fe80::1"),
])  # fmt: skip
def test_what_only_the_kernel_lacks(tmp_path: Path, missing: tuple[str, int, str], added: str) -> None:
    rows = [row for wanted_route, row in KERNEL.items() if wanted_route != missing]
    answer = STEP.assess(machine(tmp_path, spelled(*STEP.routes), *rows).seen())
    assert todo(answer) == [f"route add -inet6 {added}"]


def test_a_route_of_home_that_is_the_sites_too_stays(tmp_path: Path) -> None:
    step = Routes6So((("::", 0, "2001:db8:1::1"),), (HOMES,), "", ())
    rows = ("default            2001:db8:1::1     UG        0         5 en1      -      -",)
    assert done(step.assess(machine(tmp_path, HOMES + "\n", *rows).seen()))


def test_nothing_to_add_and_homes_go(tmp_path: Path) -> None:
    step = Routes6So((), (HOMES,), "", ())
    assert todo(step.assess(machine(tmp_path, HOMES + "\n").seen())) == [f"chdev -l inet0 -a delrout6={HOMES}"]
    assert done(step.assess(machine(tmp_path, "\n").seen())) == "none is home's"


def test_undo_brings_back_all_but_homes(tmp_path: Path) -> None:
    other = "net,-hopcount,0,,,2001:db8:9::/48,2001:db8:5::9"
    back = STEP.undo(machine(tmp_path, f"{HOMES}\n{other}\n").seen())
    assert "stay away" in back.kept
    [were] = back.steps
    assert todo(were.assess(machine(tmp_path, spelled(NET)).seen())) == [
        f"chdev -l inet0 -a delrout6={static_route6(*NET)}", f"chdev -l inet0 -a rout6={other}",
    ]  # fmt: skip
    assert done(were.assess(machine(tmp_path, other + "\n").seen()))


@pytest.mark.parametrize("route", [DEFAULT, NET, HOST])
def test_what_is_written_is_read_back(route: tuple[str, int, str]) -> None:
    read = parse_inet0_route(static_route6(*route))
    assert (read.destination, 128 if read.prefix is None else read.prefix, read.gateway) == route


ROUTES = """\
network:
  roles: {service: {mtu: 1500}, backup: {}}
  static_routes6:
    - {to: "::/0", via: "2001:0db8:5::1"}
    - {to: "2001:db8:31::/48", via: "2001:db8:5::fe"}
    - {to: "2001:db8:40::7", via: "fe80::1"}
"""


def profile(section: str) -> str:
    begin, end = PROFILE.index("network:"), PROFILE.index("services:")
    return PROFILE[:begin] + section + PROFILE[end:]


def six(tmp_path: Path, section: str, **captured: object) -> list[Routes6So]:
    made = wanted(tmp_path, profile=profile(section), capture=capture(**captured))
    return [step for step in network.steps(made) if isinstance(step, Routes6So)]


def test_which_steps(tmp_path: Path) -> None:
    [step] = six(tmp_path, ROUTES)
    assert step.routes == (DEFAULT, NET, HOST)
    assert step.title == "3 IPv6 routes"
    without = ROUTES[: ROUTES.index("  static_routes6")]
    assert six(tmp_path, without) == []
    [step] = six(tmp_path, without, routes6=(HOMES,))
    assert (step.routes, step.old) == ((), (HOMES,))


@pytest.mark.parametrize("to, via", [
    ("2001:db8::1/48", "fe80::1"), ("10.0.0.0/8", "fe80::1"), ("::/0", "10.1.1.1"), ("::/129", "fe80::1"),
    ("default", "fe80::1"), ("::/0", "gateway"),
])  # fmt: skip
def test_what_is_no_route_is_refused(tmp_path: Path, to: str, via: str) -> None:
    section = f'network:\n  roles: {{}}\n  static_routes6: [{{to: "{to}", via: "{via}"}}]\n'
    with pytest.raises(ConfigError) as raised:
        six(tmp_path, section)
    assert {problem.name for problem in raised.value.problems} & {"bad-network", "bad-address"}
