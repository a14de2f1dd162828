"""Whether somebody answers who is expected to: asked with one packet, and with two where that one was lost."""

from __future__ import annotations

from typing import List, Optional, Tuple

import pytest

from drboot.facts import ping
from drboot.facts.base import Query


@pytest.mark.parametrize(("told", "asked", "reached"), [
    ((True,), ["1"], True),
    ((False, True), ["1", "2"], True),
    ((False, False), ["1", "2"], False),
    ((None, None), ["1", "2"], None),
])  # fmt: skip
def test_a_second_packet_is_sent_only_where_the_first_was_lost(
    told: Tuple[Optional[bool], ...], asked: List[str], reached: Optional[bool]
) -> None:
    answers, packets = iter(told), []  # type: ignore[var-annotated]

    def ask(query: Query[bool]) -> Optional[bool]:
        assert query.args[:2] == ("-n", "-c") and query.args[3:] == ("-w", "2", "10.20.5.1")
        assert query.about == "wire/network/gateway", "it is never kept for another step"
        packets.append(query.args[2])
        return next(answers)

    assert ping.reached(ask, "10.20.5.1", "network/gateway") is reached
    assert packets == asked
