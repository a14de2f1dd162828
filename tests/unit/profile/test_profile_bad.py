"""Every mistake of the bad profiles and the bad address table is named, with its line, in one pass."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import List, Tuple

import jsonschema
import pytest
import yaml

from drboot.errors import ConfigError, Problem
from drboot.paths import Root
from drboot.profile.load import load
from drboot.profile.schema import schema
from tests.unit.profile.machine import HEADER, profile, root_with

BAD = Path(__file__).parents[2] / "bad_profiles"
PROFILES = sorted(BAD.glob("*.yaml"))
HOME = (Path(__file__).parents[3] / "etc/sites/home.yaml").read_text(encoding="utf-8")

# Mistakes in them show only to drboot, which sees values together, or the text before YAML does.
INVISIBLE_TO_THE_SCHEMA = {"syntax.yaml", "twice.yaml"}


def expected(path: Path) -> List[Tuple[int, str]]:
    """(line, name) from ``# expect: name, name``: of the line itself, or of the next one where it stands alone."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        comment = re.search(r"# expect: (.+)$", line)
        for name in comment.group(1).split(", ") if comment else ():
            found.append((number + line.startswith("# expect"), name))
    return sorted(found)


def named(problems: Tuple[Problem, ...], file: str) -> List[Tuple[int, str]]:
    """(line, name) of each problem; of its places, the one in this file that comes first."""
    found = []
    for problem in problems:
        lines = re.findall(re.escape(file) + r":(\d+)", problem.where)
        assert lines, f"{problem} names no line of {file}"
        found.append((int(lines[0]), problem.name))
    return sorted(found)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_every_mistake_of_a_profile_is_named(path: Path, tmp_path: Path) -> None:
    root = root_with(tmp_path, {"home": HOME, path.stem: path.read_text(encoding="utf-8")}, HEADER)
    with pytest.raises(ConfigError) as caught:
        load(root)
    assert caught.value.exit_code == 2
    assert expected(path), "the file says nothing that is expected"
    assert named(caught.value.problems, root.path(f"/etc/drboot/sites/{path.name}")) == expected(path)


def test_there_are_ten_bad_profiles() -> None:
    assert len(PROFILES) >= 10


def test_every_mistake_of_the_address_table_is_named(tmp_path: Path) -> None:
    sites = {"home": HOME, "dr": profile("dr", "network: {roles: {service: {}, backup: {}}}")}
    root = root_with(tmp_path, sites, (BAD / "hosts.csv").read_text(encoding="utf-8"))
    with pytest.raises(ConfigError) as caught:
        load(root)
    assert named(caught.value.problems, root.path("/etc/drboot/hosts.csv")) == expected(BAD / "hosts.csv")


def test_all_files_are_looked_at_in_one_pass(tmp_path: Path) -> None:
    shutil.copytree(BAD, tmp_path / "etc/drboot/sites", ignore=shutil.ignore_patterns("*.csv"))
    shutil.copy(BAD / "hosts.csv", tmp_path / "etc/drboot/hosts.csv")
    for path in [tmp_path, *tmp_path.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    with pytest.raises(ConfigError) as caught:
        load(Root(str(tmp_path)))
    files = {Path(problem.where.split(":")[0]).name for problem in caught.value.problems}
    assert files == {"hosts.csv", *(path.name for path in PROFILES)}


@pytest.mark.parametrize(
    "path", [path for path in PROFILES if path.name not in INVISIBLE_TO_THE_SCHEMA], ids=lambda path: path.stem
)
def test_an_editor_sees_that_it_is_wrong(path: Path) -> None:
    text = re.sub(r"!\S+", "", path.read_text(encoding="utf-8")).replace("*names", "{}").replace("? [a, b]", "? a")
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(json.loads(json.dumps(yaml.safe_load(text))), schema())


def test_the_message_names_what_was_meant(tmp_path: Path) -> None:
    path = BAD / "misspelt.yaml"
    with pytest.raises(ConfigError) as caught:
        load(root_with(tmp_path, {"misspelt": path.read_text(encoding="utf-8")}, HEADER))
    cures = [problem.next for problem in caught.value.problems if problem.name == "unknown-key"]
    meant = ["boot_hold", "requires", "partition_name", "nameservers", "pvids", "stop"]
    assert [cure for cure in cures if cure.startswith("did you mean")] == [f"did you mean {word}?" for word in meant]


def test_F05_both_places_of_a_doubled_systemid_are_named(tmp_path: Path) -> None:
    """The copied profile, found when it is loaded and not on the day."""
    copied = profile("dr", systemids="[IBM,0210F00D1]")
    root = root_with(tmp_path, {"dr": copied, "home": HOME}, HEADER)
    with pytest.raises(ConfigError) as caught:
        load(root)
    (problem,) = caught.value.problems
    assert problem.name == "systemid-in-two-sites"
    sites = root.path("/etc/drboot/sites")
    line = next(number for number, line in enumerate(HOME.splitlines(), 1) if line.startswith("systemids"))
    assert problem.where == f"{sites}/home.yaml:{line}:13 systemids[0] and {sites}/dr.yaml:3:17 systemids[1]"
