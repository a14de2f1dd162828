"""Bad profiles and a bad address table: every mistake with file:line, exit 2, nothing run and nothing changed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import List

import pytest

from tests.stub_root import DR_ID, REPOSITORY, StubRoot
from tests.unit.profile.machine import HEADER, profile
from tests.unit.profile.test_profile_bad import BAD, HOME, PROFILES, expected

QUERY = "/usr/sbin/lsattr -El sys0 -a systemid"


@pytest.fixture
def machine(tmp_path: Path) -> StubRoot:
    machine = StubRoot(tmp_path)
    machine.machine_is(DR_ID)
    machine.stamp()
    return machine


def configure(machine: StubRoot, table: str, **sites: str) -> None:
    folder = machine.root / "etc/drboot/sites"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    for path, text in (
        (folder.parent / "hosts.csv", table),
        *((folder / f"{name}.yaml", text) for name, text in sites.items()),
    ):
        path.write_text(text, encoding="utf-8")
        path.chmod(0o644)


def drboot(machine: StubRoot, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-B", "-m", "drboot", *arguments, "--root", str(machine.root)]
    return subprocess.run(
        argv, cwd=REPOSITORY, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )


def refused(machine: StubRoot, said: List[str], *arguments: str, calls: int = 0) -> None:
    """``calls``: how often the machine may be asked which one it is; nothing else may run."""
    before = machine.snapshot()
    result = drboot(machine, *arguments)
    output = result.stdout + result.stderr  # an apply speaks as it does at boot, on standard output
    assert result.returncode == 2, output
    assert not [words for words in said if words not in output]
    assert "Traceback" not in output
    assert set(machine.calls()) <= {QUERY}
    assert len(machine.calls()) <= calls
    assert machine.snapshot() == before


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_bad_profile_is_not_armed(path: Path, machine: StubRoot) -> None:
    configure(machine, HEADER, home=HOME, **{path.stem: path.read_text(encoding="utf-8")})
    file = machine.root / "etc/drboot/sites" / path.name
    refused(machine, [f"{file}:{line}:" for line, _ in expected(path)], "arm")


def test_a_bad_address_table_is_not_armed(machine: StubRoot) -> None:
    dr = profile("dr", "network: {roles: {service: {}, backup: {}}}")
    configure(machine, (BAD / "hosts.csv").read_text(encoding="utf-8"), home=HOME, dr=dr)
    lines = [f"{machine.root}/etc/drboot/hosts.csv:{line}" for line, _ in expected(BAD / "hosts.csv")]
    refused(machine, lines, "arm")


@pytest.mark.parametrize("arguments", [("capture",), ("plan",), ("--apply",)], ids=" ".join)
def test_no_verb_goes_past_a_bad_profile(arguments: List[str], machine: StubRoot) -> None:
    """--apply on a machine that is at DR: the decision is made, and then nothing."""
    bad = PROFILES[0]
    configure(machine, HEADER, home=HOME, dr=profile("dr"), **{bad.stem: bad.read_text(encoding="utf-8")})
    file = machine.root / "etc/drboot/sites" / bad.name
    refused(machine, [f"{file}:{line}:" for line, _ in expected(bad)], *arguments, calls=1)


def test_profiles_that_others_may_write_are_not_believed(machine: StubRoot) -> None:
    configure(machine, HEADER, home=HOME, dr=profile("dr"))
    (machine.root / "etc/drboot/sites/dr.yaml").chmod(0o664)
    refused(machine, ["error file-writable-by-others", "chmod go-w"], "--apply", calls=1)


def test_good_profiles_are_no_reason_to_refuse(machine: StubRoot) -> None:
    """The counterpart: the same machine, and what it stumbles over is another thing."""
    configure(machine, HEADER, home=HOME, dr=profile("dr"))
    result = drboot(machine, "arm", "--site", "home", "--host", "prod01")
    assert result.returncode == 2
    assert "host-not-in-table" in result.stderr
    assert "/sites/" not in result.stderr
