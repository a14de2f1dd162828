"""The recordings as test parameters, and the list of those that no parser reads at the end of the report.

``make recordings DIR=...`` runs the parsers over recordings that are kept elsewhere: ``DIR/COMMAND/ANYNAME.txt``, each
with a head of ``# key: value`` lines, of which ``# command: lspv -u`` chooses the parser, then ``---`` and the output.
A file that cannot be read is a failed test of its own.
"""

from __future__ import annotations

from pathlib import Path
from typing import List

import pytest

from tests.facts import forms

OWN = Path(__file__).resolve().parents[1] / "transcripts"


def directory(config: pytest.Config) -> Path:
    """Where the recordings are: ``--transcripts DIR``, or those of the repository.  UsageError for none at all."""
    given = config.getoption("--transcripts")
    if given and not recordings(Path(given)):
        raise pytest.UsageError(f"--transcripts {given}: there is no COMMAND/*.txt in this directory")
    return Path(given) if given else OWN


def recordings(root: Path) -> List[Path]:
    return sorted(root.glob("*/*.txt"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "recording" in metafunc.fixturenames:
        paths = [path for path in recordings(directory(metafunc.config)) if path.parent.name in forms.FORMS]
        ids = [f"{path.parent.name}/{path.stem}" for path in paths]
        metafunc.parametrize("recording", paths, ids=ids, indirect=True)
    if "own_recording" in metafunc.fixturenames:
        paths = [path for path in recordings(OWN) if path.parent.name in forms.FORMS]
        metafunc.parametrize("own_recording", [forms.read(path) for path in paths], ids=str)


@pytest.fixture
def recording(request: pytest.FixtureRequest) -> forms.Recording:
    return forms.read(request.param)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    root = directory(config)
    without = sorted({path.parent.name for path in recordings(root)} - set(forms.FORMS))
    if without:
        terminalreporter.write_line(f"no parser for {len(without)} directories of {root.name}: {' '.join(without)}")
    for path in recordings(root):
        try:
            found = forms.read(path)
        except ValueError:
            continue  # the failed test says it
        if found.directory in forms.FORMS and forms.parts(found) is None:
            terminalreporter.write_line(f"no parser for this form: {found} ({found.command})")
