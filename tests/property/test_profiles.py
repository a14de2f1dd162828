"""Whatever stands in the files: an Estate, or a ConfigError; never another exception."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from drboot.catalogue import CATALOGUE
from drboot.errors import ConfigError, render
from drboot.profile import keys
from drboot.profile.estate import Estate
from drboot.profile.load import load
from tests.unit.profile.machine import HEADER, root_with

EXAMPLE = (Path(__file__).parents[2] / "etc/sites/example.yaml").read_text(encoding="utf-8")
LINES = [line for line in EXAMPLE.splitlines() if line.strip() and not line.startswith("#")]
WORDS = ["IBM", "0211D11C1", "10.20.5.11", "255.255.255.0", "{host}", "~", "[", "{", "&a", "*a", "!x", "- ", "? ", "<<"]

# Text of YAML's own characters, lines of a real profile in any order, cut and joined anywhere.
yaml_texts = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="abc:-[]{},&*!|>'\"%@?#~<\\ \n\t0129", max_size=80),
    st.lists(st.one_of(st.sampled_from(LINES), st.sampled_from(WORDS)), max_size=20).map("\n".join),
    st.tuples(st.integers(0, len(EXAMPLE)), st.text(max_size=3), st.integers(0, 40)).map(
        lambda cut: EXAMPLE[: cut[0]] + cut[1] + EXAMPLE[cut[0] + cut[2] :]
    ),
)
cells = st.one_of(
    st.sampled_from(["prod01", "example", "disaster", "rehearsal", "service", "slot:C2", "10.20.5.11", "24", "", "#"]),
    st.text(max_size=8),
)
csv_texts = st.one_of(
    st.text(max_size=80),
    st.lists(st.lists(cells, min_size=8, max_size=10).map(",".join), max_size=5).map(
        lambda rows: HEADER + "\n".join(rows)
    ),
)


def outcome(site_text: str, hosts_text: str) -> None:
    with tempfile.TemporaryDirectory() as directory:
        root = root_with(Path(directory) / "lpar", {"example": site_text}, hosts_text)
        try:
            assert isinstance(load(root), Estate)
        except ConfigError as error:
            assert error.problems
            assert all(problem.name in CATALOGUE and problem.where for problem in error.problems)
            assert render(error.problems).isascii()


@settings(max_examples=60, deadline=None)
@given(yaml_texts)
def test_any_profile(text: str) -> None:
    outcome(text, HEADER)


@settings(max_examples=60, deadline=None)
@given(csv_texts)
def test_any_address_table(text: str) -> None:
    outcome(EXAMPLE, text)


@given(st.integers(0, 0xFFFFFFFF))
def test_an_address_is_its_number_and_back(number: int) -> None:
    assert keys.to_number(keys.to_dotted(number)) == number


@given(st.integers(0, 0xFFFFFFFF))
def test_a_netmask_has_its_ones_in_front(number: int) -> None:
    ones = bin(number)[2:].zfill(32)
    try:
        keys.to_netmask(keys.to_dotted(number))
    except ValueError:
        assert "01" in ones or number == 0
    else:
        assert "01" not in ones


@given(st.integers(1, 32))
def test_a_prefix_length_is_a_netmask(prefix: int) -> None:
    mask = keys.to_netmask(str(prefix))
    assert bin(keys.to_number(mask)).count("1") == prefix
    assert keys.to_netmask(mask) == mask
