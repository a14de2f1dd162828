from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.packaging import made


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory that all workers of this run share."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@pytest.fixture(scope="session")
def first(base: Path) -> made.Packages:
    return made.packages(base, "first")


@pytest.fixture(scope="session")
def lean(base: Path) -> made.Packages:
    return made.packages(base, "lean")
