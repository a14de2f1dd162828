"""The package's metadata, pins and make targets agree with what is there."""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Set

import pytest

import drboot
from tests.house.source import ROOT


def _names(file: str) -> Set[str]:
    """The packages that a requirements file names, in one spelling; files that it includes too."""
    found = set()
    for line in (ROOT / "requirements" / file).read_text(encoding="utf-8").splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("-r "):
            found |= _names(line[3:].strip())
        elif line:
            found.add(re.split(r"[=<>; \[]", line)[0].lower().replace("_", "-"))
    return found


def test_every_requirement_is_pinned() -> None:
    assert _names("dev.txt") | _names("mutants.txt") <= _names("constraints.txt")
    assert {"pyyaml", "structlog", "typing-extensions"} == _names("runtime.txt")
    rows = (ROOT / "requirements/constraints.txt").read_text(encoding="utf-8").splitlines()
    assert all("==" in row for row in rows if row and not row.startswith("#"))


def test_every_requirement_is_explained() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8").lower().replace("_", "-")
    wanted = _names("dev.txt") | _names("ansible.txt") | _names("mutants.txt")
    assert not [name for name in sorted(wanted) if f"| {name}" not in page and not name.startswith("types-")]
    assert "pyyaml" in wanted


def test_make_help_names_every_public_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    shown = subprocess.run(["make", "help"], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout
    for target in (
        "check",
        "lint",
        "types",
        "unit",
        "facts",
        "scenarios",
        "property",
        "test",
        "cover",
        "docs",
        "gate",
        "demo",
        "bff",
        "rpm",
    ):
        assert re.search(rf"^[a-z ]*\b{target}\b[a-z ]*:", makefile, re.MULTILINE), target
        assert re.search(rf"^  make [a-z ]*\b{target}\b", shown, re.MULTILINE), target


def test_the_readme_gives_exactly_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    commands = [
        line.strip() for block in re.findall(r"```\w*\n(.*?)```", readme, re.DOTALL) for line in block.splitlines()
    ]
    assert [command.partition("#")[0].strip() for command in commands] == ["make demo", "make test"]


def test_links_between_pages_lead_somewhere() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "packaging").glob("*.md"),
    ]
    links = [
        (page, target)
        for page in pages
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
    ]
    assert not [f"{page.name}: {target}" for page, target in links if not (page.parent / target).exists()]
    assert len(links) > 10


@pytest.mark.slow
def test_the_source_archive_holds_what_is_needed(tmp_path: Path) -> None:
    here = str(tmp_path)
    argv = [sys.executable, "setup.py", "--quiet", "egg_info", "--egg-base", here, "sdist", "--dist-dir", here]
    subprocess.run(argv, cwd=ROOT, check=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    with tarfile.open(tmp_path / f"drboot-{drboot.__version__}.tar.gz") as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for wanted in (
        "LICENSE", "README.md", "Makefile", ".ci/run", "requirements/constraints.txt", "inittab/drboot-boot",
        "bin/drboot",
        "etc/sites/example.yaml", "etc/hosts.csv", "drboot/gate.py", "drboot/sim/__init__.py", "tests/conftest.py",
        "docs/install.md",
    ):  # fmt: skip
        assert wanted in names, wanted
    assert not [name for name in names if "__pycache__" in name or name.startswith((".venv", ".cache"))]
