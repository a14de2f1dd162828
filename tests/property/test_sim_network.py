"""The simulated kernel's addresses and routes stay one consistent whole, whatever is done to them."""

from __future__ import annotations

import tempfile
from typing import List, Tuple

from hypothesis import given, settings
from hypothesis import strategies as st

from drboot.sim import net
from tests.sim.test_network import IFCONFIG, NETSTAT, Lpar

INTERFACES = ("en0", "en1")
ADDRESSES = tuple(f"10.{net_}.0.{host}" for net_ in (1, 2) for host in (5, 55))
MASKS = ("255.255.255.0", "255.255.0.0", "255.255.255.255")
Operation = Tuple[str, str, str, str]
OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(("set", "alias", "remove", "up", "down", "detach", "default", "undefault")),
        st.sampled_from(INTERFACES),
        st.sampled_from(ADDRESSES),
        st.sampled_from(MASKS),
    ),
    max_size=12,
)


def perform(lpar: Lpar, operation: Operation) -> None:
    what, interface, address, mask = operation
    ctx = lpar.context()
    if any(address in lpar.addresses(other) for other in INTERFACES if other != interface):
        return  # one address on two interfaces is nothing that this machine is asked to do
    if what == "set":
        net.set_address(ctx, interface, address, mask)
    elif what == "alias":
        net.add_alias(ctx, interface, address, mask)
    elif what == "remove":
        net.remove_address(ctx, interface, address)
    elif what in ("up", "down", "detach"):
        net.set_state(ctx, interface, what)
    elif what == "default":
        net.add_route(ctx, f"net,-hopcount,0,,0,{address}")
    else:
        net.delete_route(ctx, f"net,,0,{address}")


@settings(max_examples=150, deadline=None)
@given(OPERATIONS)
def test_every_row_has_its_address_and_every_address_its_row(operations: List[Operation]) -> None:
    with tempfile.TemporaryDirectory() as root:
        lpar = Lpar(root)
        for operation in operations:
            perform(lpar, operation)
        rows = lpar.routes()
        own = [address for interface in INTERFACES for address in lpar.addresses(interface)]
        assert len(rows) == len(set(rows)) and len(own) == len(set(own))
        assert sorted(row[0] for row in rows if row[2] == "UGHS") == sorted(own)
        assert {gateway for _, gateway, flags in rows if "G" not in flags} <= set(own)
        numbers = [(row[0] != "default", net.position(row[0])[0]) for row in rows]
        assert numbers == sorted(numbers)
        assert (
            lpar.run(IFCONFIG, "-a").rc == 0 and lpar.run(NETSTAT, "-rn").rc == 0 and lpar.run(NETSTAT, "-in").rc == 0
        )
        for interface in INTERFACES:
            net.set_state(lpar.context(), interface, "detach")
        assert lpar.routes() == []


@given(
    st.sampled_from(("10.11.12.0", "10.0.0.0", "172.16.32.0")),
    st.sampled_from(("255.255.255.0", "255.255.240.0", "255.0.0.0")),
    st.sampled_from(("10.1.0.1", "192.168.9.254")),
    st.lists(st.sampled_from(("", "-static", "-hopcount,0", "-if,en1")), max_size=5, unique=True),
    st.booleans(),
)
def test_padding_and_flags_do_not_change_what_a_route_means(
    destination: str, mask: str, gateway: str, flags: List[str], metric: bool
) -> None:
    value = ",".join(["net", *flags, "-netmask", mask, "", "", destination, gateway, *(["1"] if metric else [])])
    interface = "en1" if "-if,en1" in flags else ""
    assert net.parse_route(value) == net.RouteValue("net", destination, mask, gateway, interface)


@given(st.text(alphabet=st.sampled_from("neth,-0123456789.ifmask"), max_size=40))
def test_any_text_is_a_route_or_none(text: str) -> None:
    route = net.parse_route(text)
    assert route is None or net.is_address(route.gateway)
