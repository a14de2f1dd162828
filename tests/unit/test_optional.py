"""psutil is used where it is, and missed by nobody where it is not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drboot import lock, optional, runner
from drboot.errors import Busy
from drboot.paths import Root


def test_found_where_it_is() -> None:
    found = optional.psutil()
    assert found is not None
    assert found.__name__ == "psutil"


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))


@pytest.mark.usefixtures("absent")
def test_absent_is_no_error() -> None:
    assert optional.psutil() is None
    assert runner._tree(1) == ()


@pytest.mark.parametrize("library", ["lib", "lib64"])
def test_hidden_by_dash_capital_s_is_found_in_site_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, library: str
) -> None:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    monkeypatch.setattr(sys, "platlibdir", library)
    package = tmp_path / library / version / "site-packages" / "psutil"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("mine = True\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "psutil"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    found = optional.psutil()
    assert found is not None
    assert found.mine
    assert sys.path == []


def test_one_that_is_broken_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    package = tmp_path / "lib" / version / "site-packages" / "psutil"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise RuntimeError('structure size mismatch')\n")
    for name in [name for name in sys.modules if name.partition(".")[0] == "psutil"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    monkeypatch.setattr(sys, "path", [])
    assert optional.psutil() is None


def test_the_lock_leaves_a_file_that_holds_nobody_up(tmp_path: Path) -> None:
    root = Root(str(tmp_path))
    with lock.held(root):
        assert (tmp_path / "var/adm/drboot/lock").read_text().strip().isdigit()
    with lock.held(root):
        pass


def test_the_holder_is_a_number_and_a_name_where_psutil_can_tell(tmp_path: Path) -> None:
    problem = Busy(lock._busy("/var/adm/drboot/lock", "process 7 (drboot --apply, user root)")).problems[0]
    assert problem.name == "run-active"
    assert "process 7" in problem.why
