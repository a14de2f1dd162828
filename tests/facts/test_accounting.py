"""The accounting itself: it finds an unread word, and accepts only what is declared."""

from __future__ import annotations

from typing import Any, Tuple

import pytest

from drboot.facts.base import Ignore, ignore
from tests.facts.accounting import unread

HEADER = ignore(r"^NAME +STATE$", "header")


@pytest.mark.parametrize(
    ("body", "value", "rules", "left"),
    [
        ("hdisk0 active\n", ("hdisk0", "active"), (), []),
        ("hdisk0 active\n", ("hdisk0", ""), (), ["line 1: active"]),
        ("hdisk1\nhdisk10\n", ("hdisk1",), (), ["line 2: hdisk10"]),
        ("NAME STATE\nhdisk0\n", ("hdisk0",), (HEADER,), []),
        ("NAME STATE SIZE\nhdisk0\n", ("hdisk0",), (HEADER,), ["line 1: NAME", "line 1: STATE", "line 1: SIZE"]),
        ("0012 12%\n", (12,), (), []),
        ("4GB 5GB\n", (4096,), (), ["line 1: 5GB"]),
        ("0013\n", (12,), (), ["line 1: 0013"]),
        ("netmask 0xffffff00\n", ("netmask", "255.255.255.0"), (), []),
        ("netmask 0xffffff00\n", ("netmask", "255.255.0.0"), (), ["line 1: 0xffffff00"]),
        ("a.c6.24.39.41.3\n", ("0AC624394103",), (), []),
        ("10.1/23\n", ("10.1.0.0", 23), (), []),
        ("a:b,c\n", ("a", ("b", "c")), (), []),
        ("a:b,d\n", ("a", ("b", "c")), (), ["line 1: a:b,d"]),
        ("yes no\n", (True,), (), ["line 1: no"]),
        ("anything\n", None, (), ["line 1: anything"]),
    ],
)
def test_unread(body: str, value: Any, rules: Tuple[Ignore, ...], left: object) -> None:
    assert unread(body, value, rules) == left


def test_a_fact_is_made_of_plain_values() -> None:
    with pytest.raises(TypeError):
        unread("a\n", (object(),), ())
