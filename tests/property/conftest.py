"""What the large matrices counted, where a reader of the run sees it: also when workers ran the tests."""

from __future__ import annotations

from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    counted: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for name, counts in report.user_properties:
            if name == "identity":
                counted.update(counts)
    if counted:
        listed = ", ".join(f"{count} {name}" for name, count in counted.items())
        terminalreporter.write_line(f"identity property, combinations: {listed}")
