"""The table of the fault matrix, where a reader of the run sees it: also when workers ran the tests."""

from __future__ import annotations

import json

import pytest

from tests.faults import matrix


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.stats.get("passed", []), *terminalreporter.stats.get("failed", [])]
    told = [text for report in reports for name, text in report.user_properties if name == "faults"]
    verdicts = [matrix.Verdict(*line[:5], tuple(line[5])) for text in told for line in json.loads(text)]
    if verdicts:
        terminalreporter.write_line("a sample of the fault matrix; all of it: make faults")
        for line in (matrix.table(verdicts) + "\n" + matrix.summary(verdicts)[0]).splitlines():
            terminalreporter.write_line(line)
