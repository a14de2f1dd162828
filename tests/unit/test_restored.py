"""Nothing is captured without its fate being known, and a fate names what there is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional, Tuple

from docs import generate
from drboot import restored
from drboot.capture import Capture
from drboot.profile.site import SECTION
from drboot.steps import REGISTRY


def test_every_key_has_a_fate_and_every_fate_a_key() -> None:
    keys = list(restored.leaves(Capture))
    assert sorted(keys) == sorted(restored.FATES)
    assert len(keys) == len(set(keys)) > 60
    assert [key for key, _ in restored.rows()] == keys


def test_a_fate_says_what_how_and_why() -> None:
    for key, fate in restored.FATES.items():
        assert fate.how in restored.HOWS, key
        assert fate.what and fate.why, key
        assert bool(fate.by) == (fate.how in ("step", "profile")), key
    assert {fate.how for fate in restored.FATES.values()} == set(restored.HOWS)


def test_a_step_that_puts_it_back_is_a_kind_of_step() -> None:
    named = {fate.by for fate in restored.FATES.values() if fate.how == "step"}
    assert named <= {info.name for info in REGISTRY}
    assert len(named) > 5


def test_the_place_in_the_profile_exists() -> None:
    sections = {key.name: key.kind for key in SECTION.keys}
    for fate in restored.FATES.values():
        if fate.how == "profile" and fate.by != "hosts.csv":
            section, _, key = fate.by.partition(".")
            assert key in {inner.name for inner in sections[section].keys}, fate.by  # type: ignore[attr-defined]


def test_leaves_go_down_into_dataclasses_wherever_they_stand() -> None:
    @dataclass(frozen=True)
    class Inner:
        x: int

    globals()["Inner"] = Inner

    @dataclass(frozen=True)
    class Outer:
        plain: Tuple[Tuple[str, str], ...]
        one: Inner
        several: Tuple[Inner, ...]
        perhaps: Optional[Inner]

    assert list(restored.leaves(Outer)) == ["plain", "one.x", "several.x", "perhaps.x"]


def test_the_page_has_a_row_for_each() -> None:
    text = generate.capture()
    assert all(f"| `{key}` | " in text for key in restored.FATES)
