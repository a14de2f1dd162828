"""Options, markers and the one rule that every unit test obeys: it starts no process."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any, Iterator, List

import pytest
from hypothesis import HealthCheck, settings

TESTS = Path(__file__).parent
# Directories whose tests are about pure code.
PROCESS_FREE = (TESTS / "unit", TESTS / "facts")
STARTERS = (
    (os, "fork"),
    (os, "forkpty"),
    (os, "posix_spawn"),
    (os, "posix_spawnp"),
    (os, "execv"),
    (os, "execve"),
    (os, "system"),
    (os, "popen"),
    (subprocess.Popen, "__init__"),
)

# A run must be repeatable, and not fail because the machine is busy.  To look for new examples:
# pytest tests/property --hypothesis-profile=explore
settings.register_profile("repeatable", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, max_examples=2000)
settings.load_profile("repeatable")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--transcripts",
        metavar="DIR",
        help="tests/facts: run the parsers over this directory of recordings instead of tests/transcripts",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: List[pytest.Item]) -> None:
    """Leave the root tests out for an ordinary user: they cannot run, and a skip would hide that they exist."""
    if os.geteuid() == 0:
        return
    needs_root = [item for item in items if item.get_closest_marker("root")]
    if needs_root:
        config.hook.pytest_deselected(items=needs_root)
        items[:] = [item for item in items if item not in needs_root]


@pytest.fixture(autouse=True)
def no_processes(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Fail a unit or facts test that starts a process, even where the code under test swallows the failure.

    After canonical/cloud-init, tests/conftest.py.
    """
    if not any(directory in request.path.parents for directory in PROCESS_FREE):
        yield
        return
    attempts: List[str] = []

    def refuse(name: str) -> Any:
        def attempt(*args: Any, **kwargs: Any) -> None:
            attempts.append(f"{name}{args[1:2] if name == '__init__' else args[:1]}")
            pytest.fail("a unit test may start no process: " + attempts[-1])

        return attempt

    for owner, name in STARTERS:
        if hasattr(owner, name):
            monkeypatch.setattr(owner, name, refuse(name))
    yield
    if attempts:
        pytest.fail("a unit test tried to start a process and hid the failure: " + ", ".join(attempts))
