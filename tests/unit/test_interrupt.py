"""Signals to a run by hand."""

from __future__ import annotations

import os
import signal

import pytest

from drboot import interrupt


@pytest.mark.parametrize("first", [signal.SIGINT, signal.SIGTERM])
def test_the_first_signal_asks_and_further_ones_do_nothing(first: signal.Signals) -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with interrupt.listening() as stop:
        assert stop.asked == ""
        for number in (signal.SIGHUP, first, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(os.getpid(), number)
        assert stop.asked == first.name
        assert first.name in stop.note
    assert {number: signal.getsignal(number) for number in before} == before


def test_a_hangup_is_survived_and_not_ignored() -> None:
    """What is ignored is ignored by all children, and by the daemons that hooks start."""
    with interrupt.listening() as stop:
        os.kill(os.getpid(), signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN
        assert stop.asked == ""
