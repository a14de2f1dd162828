"""drboot-sim as somebody types it, and the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Dict

import pytest

from drboot.sim import estates

REPOSITORY = Path(__file__).resolve().parents[2]
VERBS = ("new", "boot", "replicate", "failover", "exec", "fault", "demo", "fleet")


def simulator(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    variables: Dict[str, str] = {**os.environ, "PYTHONPATH": str(REPOSITORY), **environment}
    return subprocess.run(
        [sys.executable, "-m", "drboot.sim", *arguments], capture_output=True, text=True, timeout=200, check=False,
        env=variables, cwd=REPOSITORY,
    )  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    said = simulator(verb, "--help")
    assert said.returncode == 0
    assert said.stdout.startswith(f"usage: drboot-sim {verb}")


def test_help_of_new_names_every_estate() -> None:
    said = simulator("new", "--help").stdout
    for name in estates.ESTATES:
        assert f"\n  {name} " in said


def test_an_estate_is_made_used_and_booted(tmp_path: Path) -> None:
    directory = str(tmp_path / "estate")
    made = simulator("new", "small", directory)
    assert made.returncode == 0, made.stderr
    assert made.stdout.splitlines()[0] == f"prod01: {directory}/lpars/prod01/root"
    assert "armed" not in simulator("exec", directory, "drboot", "status").stderr
    listed = simulator("exec", directory, "lspv").stdout
    assert [line.split()[0] for line in listed.splitlines()] == ["hdisk0", "hdisk1", "hdisk2"]
    copied = simulator("replicate", directory)
    assert copied.stdout.split() == ["dr:0000", "dr:0001", "dr:0002"]
    booted = simulator("boot", directory, "--lpar", "prod01_dr", "--latency", "0.5")
    assert booted.returncode == 0, booted.stderr
    assert "Welcome to AIX." in booted.stdout
    assert json.loads(Path(directory, "lpars/prod01_dr/settings.json").read_text())["latency"] == 0.5
    assert simulator("exec", directory, "--lpar", "dr", "hostname").stdout == "localhost\n"
    assert simulator("exec", directory, "--lpar", "dr", "/usr/sbin/lsvg", "-o").stdout == "rootvg\n"


def test_faults_are_set_listed_and_cleared(tmp_path: Path) -> None:
    directory = str(tmp_path / "estate")
    home = ("--lpar", "home")
    assert simulator("new", "small", directory, "--bare").returncode == 0
    assert simulator(
        "fault", directory, *home, "--program", "lspv", "--kind", "fails", "--nth", "2", "--rc", "7"
    ).stdout
    assert simulator("fault", directory, *home).stdout == "/usr/sbin/lspv fails args='' nth=2\n"
    assert [simulator("exec", directory, "lspv").returncode for _ in range(3)] == [0, 7, 0]
    assert simulator("fault", directory, *home, "--clear").stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("boot", "{none}"), 1, "is no estate; make one with: drboot-sim new small"),
        (("exec", "{estate}", "--lpar", "prod09", "lspv"), 1, "no LPAR or site prod09 in"),
        (("exec", "{estate}", "emacs"), 1, "prod01 has no program emacs"),
        (("boot", "{estate}", "--lpar", "dr"), 1, "no bootable device"),
        (("fault", "{estate}", "--program", "lspv"), 1, "say what lspv shall do"),
        (("new", "small", "{estate}"), 1, "is not empty"),
        (("new", "huge", "{none}"), 2, "invalid choice"),
        (("fault", "{estate}", "--program", "lspv", "--kind", "explodes"), 2, "invalid choice"),
        ((), 2, "VERB"),
    ],
)
def test_mistakes_are_named(arguments: tuple[str, ...], code: int, says: str, tmp_path: Path) -> None:
    estate = str(tmp_path / "estate")
    assert simulator("new", "small", estate, "--bare").returncode == 0
    said = simulator(*(word.format(estate=estate, none=tmp_path / "none") for word in arguments))
    assert said.returncode == code, said.stderr
    assert says in said.stderr
    assert "Traceback" not in said.stderr


def test_demo_plays_the_main_job(tmp_path: Path) -> None:
    played = simulator("demo", "--directory", str(tmp_path / "estate"))
    assert played.returncode == 0, played.stdout + played.stderr
    out = played.stdout
    assert out.isascii()
    chapters = [
        "1. An LPAR at home",
        "2. A production boot",
        "3. The SAN replicates",
        "4. The machine",
        "5. The report",
    ]
    assert [out.index(chapter) for chapter in chapters] == sorted(out.index(chapter) for chapter in chapters)
    rows = {line[:17].strip(): line[17:].split() for line in out[out.index(chapters[3]) :].splitlines()}
    assert rows["en0"] == ["10.1.5.11", "-", "10.20.5.11"]
    assert rows["volume groups"] == ["rootvg", "datavg", "rootvg", "rootvg", "datavg"]
    assert rows["ghostdev"] == ["1", "1", "0"]
    assert rows["inittab drboot"] == ["wait", "wait", "off"]
    shown = out[out.index(chapters[4]) :].splitlines()
    below = shown[2].split()[-1].rstrip(":")
    assert os.path.isfile(os.path.join(below, shown[3].strip()))
    wide = [line for line in out.splitlines() if len(line) > 80 and str(tmp_path) not in line]
    assert wide == []
