"""F72: a rehearsal takes no address of production or of the disaster, however it is written."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import List

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drboot.errors import EXIT_CONFIG, ConfigError
from drboot.profile.load import load
from tests.unit.profile.machine import HEADER, profile, root_with

SITES = {
    "home": profile("home", "network: {roles: {service: {}}}", "[IBM,0206F42A0]"),
    "dr": profile(
        "dr",
        "names: {nameservers: [10.20.0.53]}\n"
        "network:\n  roles: {service: {probe_address: 10.20.5.250}}\n"
        "  static_routes: [{to: 10.30.0.0/16, via: 10.20.5.254}]",
    ),
}
REAL = (
    "prod01,home,disaster,service,slot:C2,10.1.5.11,24,10.1.5.1,10.1.5.12",
    "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,10.20.5.12/25;10.20.6.1",
    "prod02,dr,disaster,service,slot:C2,10.20.5.31,24,10.20.5.1,",
)
TAKEN = (
    "10.1.5.11", "10.1.5.12", "10.1.5.1", "10.20.5.11", "10.20.5.12", "10.20.6.1", "10.20.5.1", "10.20.5.31",
    "10.20.0.53", "10.20.5.250", "10.20.5.254",
)  # fmt: skip
FULL_WIDTH = str.maketrans("0123456789", "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19")


def spellings(address: str) -> List[str]:
    """What one program or another would read as this address."""
    octets = [int(part) for part in address.split(".")]
    number = octets[0] << 24 | octets[1] << 16 | octets[2] << 8 | octets[3]
    return [
        address, f" {address} ", f"\t{address}", f'"{address}"', address + ".",
        ".".join(f"{octet:03d}" for octet in octets), ".".join(f"0{octet:o}" for octet in octets),
        ".".join(hex(octet) for octet in octets), ".".join(str(octet).zfill(2) for octet in octets),
        str(number), hex(number), f"0{number:o}", f"{octets[0]}.{octets[1]}.{octets[2] << 8 | octets[3]}",
        f"{octets[0]}.{number & 0xFFFFFF}", f"::ffff:{address}", f"::FFFF:{number >> 16:x}:{number & 0xFFFF:x}",
        f"::{address}", f"{address}/24", f"{address}/255.255.255.0", f"{address}%en0", address.translate(FULL_WIDTH),
        address.replace(".", "\u3002"), f"+{address}", address.replace(".", " . "),
    ]  # fmt: skip


def rehearsal(address: str = "10.99.5.11", netmask: str = "24", aliases: str = "") -> str:
    gateway = "10.99.5.1" if address.startswith("10.99.") else address.rpartition(".")[0] + ".2"
    return f"prod01,dr,rehearsal,service,slot:C2,{address},{netmask},{gateway},{aliases}"


def exit_code(row: str) -> int:
    """Of drboot that finds this row in hosts.csv."""
    with tempfile.TemporaryDirectory() as directory:
        root = root_with(Path(directory) / "lpar", SITES, HEADER + "\n".join((*REAL, row)) + "\n")
        try:
            load(root)
        except ConfigError as error:
            return error.exit_code
    return 0


@given(st.sampled_from(TAKEN), st.data())
def test_F72_any_spelling_of_a_real_address_is_refused(address: str, data: st.DataObject) -> None:
    written = data.draw(st.sampled_from(spellings(address)))
    mask = data.draw(st.sampled_from(["24", "/24", "255.255.255.0", "16", "255.255.0.0", "32"]))
    row = data.draw(
        st.sampled_from(
            [
                rehearsal(written, mask),
                rehearsal(aliases=written),
                rehearsal(aliases=f"10.99.5.77;{written}/{mask.lstrip('/')}"),
            ]
        )
    )
    assert exit_code(row) == EXIT_CONFIG, row


@pytest.mark.parametrize("address", TAKEN)
def test_F72_every_real_address_is_refused_by_name(tmp_path: Path, address: str) -> None:
    with pytest.raises(ConfigError) as raised:
        load(root_with(tmp_path / "lpar", SITES, HEADER + "\n".join((*REAL, rehearsal(aliases=address))) + "\n"))
    said = [problem.what for problem in raised.value.problems if problem.name == "rehearsal-uses-real-address"]
    assert len(said) == 1
    assert address in said[0]


def test_addresses_of_its_own_are_taken_and_the_same_router_too() -> None:
    """Such a fence is often a copy of the real subnet: the gateway is the router's address, not the rehearsal's."""
    assert exit_code(rehearsal()) == 0
    assert exit_code("prod01,dr,rehearsal,service,slot:C2,10.20.5.211,24,10.20.5.1,10.20.5.212/25") == 0
