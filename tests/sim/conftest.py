"""The counts of reproduced transcripts, where a reader of the run sees them: also when workers ran the tests."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted = [
        text for report in terminalreporter.stats.get("passed", []) for name, text in report.user_properties
        if name == "transcripts"
    ]  # fmt: skip
    if counted:
        terminalreporter.write_line("transcripts of real AIX, command: reproduced byte for byte + listed with a reason")
        for text in counted:
            terminalreporter.write_line("  " + text)
