"""install.md, upgrade.md and release.md speak of what the packages really hold and the command really takes."""

from __future__ import annotations

import fnmatch
import re
import shlex
from typing import List

import pytest
from man import pages
from rpm import spec
from stage.contents import FILESETS, Row

from drboot import cli, paths
from tests.house.source import ROOT

NAMES = ("install.md", "upgrade.md", "release.md")
TEXTS = {name: (ROOT / "docs" / name).read_text(encoding="utf-8") for name in NAMES}
# Made at run time, by the administrator, or by the lifecycle scripts.
LATER = {"/etc/drboot/purge", "/var/adm/drboot/nightly", *pages.own_paths().values()}


def shipped(path: str) -> bool:
    """Whether a row of the list of contents brings this path, or something below it."""

    def brings(row: Row) -> bool:
        if row.path == path or row.path.startswith(path.rstrip("/") + "/"):
            return True
        return row.kind in ("tree", "into") and path.startswith(row.path + "/")

    return any(brings(row) for fileset in FILESETS for row in fileset.rows)


@pytest.mark.parametrize("name", NAMES)
def test_every_path_of_ours_is_shipped_or_made(name: str) -> None:
    said = set(re.findall(r"/(?:opt|etc|var/adm)/drboot[\w./-]*[\w/]", TEXTS[name])) - {"/opt/drboot"}
    wrong = [
        path for path in sorted(said) if not shipped(path) and path.rstrip("/") not in LATER and "SITE" not in path
    ]
    assert said
    assert not wrong


def test_manual_pages_that_are_named_are_there() -> None:
    every = {page.name for page in (*pages.pages(), *pages.simulator_pages())}
    said = set(re.findall(r"\bman (drboot[\w.-]*)", " ".join(TEXTS.values())))
    assert len(said) > 2
    assert {name.rstrip(".") for name in said} <= every


@pytest.mark.parametrize("name", NAMES)
def test_packages_have_the_names_that_are_built(name: str) -> None:
    text = TEXTS[name]
    filesets = {fileset.name for fileset in FILESETS}
    assert set(re.findall(r"\bdrboot\.(?:rte|sim)\b", text)) <= filesets
    rpms = re.findall(r"drboot(?:-sim)?-[\d.]+-\d+[\w.]*\.rpm", text)
    wanted = rf"drboot(-sim)?-\d+\.\d+\.\d+-{spec.RELEASE}\.{re.escape(spec.OS)}\.noarch\.rpm"
    assert not [rpm for rpm in rpms if not re.fullmatch(wanted, rpm)]
    assert not [
        bff
        for bff in re.findall(r"drboot\.[\d.]+\.bff", text)
        if not re.fullmatch(r"drboot\.\d+\.\d+\.\d+\.0\.bff", bff)
    ]
    assert rpms or name == "release.md"


@pytest.mark.parametrize("name", NAMES)
def test_every_command_line_is_one_that_drboot_takes(name: str) -> None:
    lines: List[str] = re.findall(
        r"^    (?:[\d*]+(?: [\d*]+){4} )?((?:/opt/drboot/bin/)?drboot .+)$", TEXTS[name], re.MULTILINE
    )
    lines += re.findall(r"`(drboot [^`]+)`", TEXTS[name])
    for line in lines:
        words = shlex.split(line, comments=True)[1:]
        if words != ["--version"]:
            cli.parser().parse_args(words)
    assert lines


def test_make_targets_that_are_named_are_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = set(re.findall(r"`make ([a-z]+)", " ".join(TEXTS.values())))
    targets = set(re.findall(r"^([a-z ]+):", makefile, re.MULTILINE))
    assert {"bff", "docs", "crash"} <= named
    assert not [name for name in named if name not in " ".join(targets).split()]


def test_interpreters_are_named_in_their_order() -> None:
    text = TEXTS["install.md"]
    at = [text.find(path) for path in paths.INTERPRETERS[:3]]
    assert at == sorted(at) and -1 not in at
    assert fnmatch.filter(paths.INTERPRETERS, "/opt/freeware/bin/python3*") == list(paths.INTERPRETERS[2:])
