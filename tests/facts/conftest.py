"""The recordings as test parameters, and the list of those that no parser reads at the end of the report."""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from tests.facts import forms

OWN = Path(__file__).resolve().parents[1] / "transcripts"


def directory(config: pytest.Config) -> Path:
    """Where the recordings are: ``--transcripts DIR``, or those of the repository."""
    given = config.getoption("--transcripts")
    return Path(given) if given else OWN


def recordings(root: Path) -> List[Path]:
    return sorted(root.glob("*/*.txt"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "recording" in metafunc.fixturenames:
        paths = [path for path in recordings(directory(metafunc.config)) if path.parent.name in forms.FORMS]
        metafunc.parametrize("recording", [forms.read(path) for path in paths], ids=str)
    if "own_recording" in metafunc.fixturenames:
        paths = [path for path in recordings(OWN) if path.parent.name in forms.FORMS]
        metafunc.parametrize("own_recording", [forms.read(path) for path in paths], ids=str)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    root = directory(config)
    without = sorted({path.parent.name for path in recordings(root)} - set(forms.FORMS))
    if without:
        terminalreporter.write_line(f"no parser for {len(without)} directories of {root.name}: {' '.join(without)}")
    for path in recordings(root):
        if path.parent.name in forms.FORMS and forms.parts(forms.read(path)) is None:
            recording = forms.read(path)
            terminalreporter.write_line(f"no parser for this form: {recording} ({recording.command})")
