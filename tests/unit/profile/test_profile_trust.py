"""drboot does what its files say, so nobody else may have written them."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import List

import pytest

from drboot.errors import ConfigError
from drboot.paths import HOSTS_CSV, SITES, Root
from drboot.profile import trust
from drboot.profile.load import load
from drboot.profile.trust import check_trusted
from tests.unit.profile.machine import HEADER, profile, root_with

EVERYTHING = (
    "",
    "/etc",
    "/etc/drboot",
    "/etc/drboot/sites",
    "/etc/drboot/sites/dr.yaml",
    "/etc/drboot/hosts.csv",
)


@pytest.fixture
def root(tmp_path: Path) -> Root:
    return root_with(tmp_path / "lpar", {"dr": profile("dr")}, HEADER)


def problems_of(root: Root) -> List[str]:
    try:
        load(root)
    except ConfigError as error:
        assert error.exit_code == 2
        return [f"{problem.name} {problem.where.replace(root.directory, '')}" for problem in error.problems]
    return []


@pytest.mark.parametrize("path", EVERYTHING)
@pytest.mark.parametrize("bit", [stat.S_IWGRP, stat.S_IWOTH])
def test_nobody_else_may_write_from_the_root_down(path: str, bit: int, root: Root) -> None:
    real = root.directory + path
    os.chmod(real, stat.S_IMODE(os.stat(real).st_mode) | bit)
    assert problems_of(root) == [f"file-writable-by-others {path}"]


@pytest.mark.parametrize("path", EVERYTHING)
def test_everything_belongs_to_the_effective_uid(path: str, root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    real_look = trust._look_at

    def look(real: str, status: os.stat_result, shown: str) -> object:
        if real == root.directory + path:
            status = os.stat_result((status.st_mode, 0, 0, 1, status.st_uid + 4711, 0, 0, 0, 0, 0))
        return real_look(real, status, shown)

    monkeypatch.setattr(trust, "_look_at", look)
    assert problems_of(root) == [f"file-not-ours {path}"]


def test_what_lies_above_the_root_directory_is_not_looked_at(root: Root) -> None:
    os.chmod(os.path.dirname(root.directory), 0o777)
    assert problems_of(root) == []


@pytest.mark.parametrize("path", ["/etc/drboot", "/etc/drboot/hosts.csv"])
def test_a_link_is_not_followed_in_trust(path: str, root: Root) -> None:
    real = root.path(path)
    os.rename(real, root.directory + "/elsewhere")
    os.symlink(root.directory + "/elsewhere", real)
    assert f"file-is-a-link {path}" in problems_of(root)


def _looked_at(path: str, mode: int, uid: int = 0, gid: int = 0) -> str:
    """Name of what is wrong with a directory of this owner and mode, as root sees it; "" for nothing."""
    problem = trust._look_at(path, os.stat_result((stat.S_IFDIR | mode, 0, 0, 1, uid, gid, 0, 0, 0, 0)), path)
    return problem.name if problem else ""


def test_the_system_user_bin_may_own_what_aix_gives_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    for path in ("/", "/usr", "/var"):
        assert _looked_at(path, 0o755, uid=2) == ""
        assert _looked_at(path, 0o755, uid=3) == "file-not-ours"
        assert _looked_at(path, 0o775, uid=2) == "file-writable-by-others"
    for path in ("/etc", "/etc/drboot", "/var/adm", "/var/adm/drboot"):
        assert _looked_at(path, 0o755, uid=2) == "file-not-ours"
    monkeypatch.setattr(os, "geteuid", lambda: 203)
    assert _looked_at("/var", 0o755, uid=2) == "file-not-ours", "an ordinary user does not trust bin"


def test_the_group_adm_may_write_var_adm_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert _looked_at("/var/adm", 0o775, gid=4) == ""
    assert _looked_at("/var/adm", 0o777, gid=4) == "file-writable-by-others"
    assert _looked_at("/var/adm", 0o775, gid=1) == "file-writable-by-others"
    assert _looked_at("/var/adm/drboot", 0o775, gid=4) == "file-writable-by-others"


def test_what_does_not_exist_is_not_complained_about(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    assert check_trusted(Root(str(tmp_path)), HOSTS_CSV) == []
    assert check_trusted(Root(str(tmp_path)), f"{SITES}/dr.yaml") == []
