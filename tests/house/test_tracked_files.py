"""What stands in the repository: nothing of a developer's machine, nothing that is generated, plain text."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import List

from tests.house.source import ROOT

# Written so that this file does not contain what it looks for.
MACHINE = re.compile(
    "|".join(
        (
            "/wo" + r"rk/(main|shared|\.)",
            "/ro" + r"ot/(\.|main|drboot|venv)",
            r"/(home|Users)/[A-Za-z]+/(src|git|code|work|projects|venv|\.)",
            "/tm" + r"p/(brief|house|bash_jobs)",
            "/opt/(whe" + "els|py" + "pi)",
        )
    )
)
REGISTRY = re.compile(
    "|".join(
        (
            "pypi" + r"\.org",
            "python" + r"hosted\.",
            r"registry\." + "npm",
            r"proxy\." + "golang",
            "deb" + r"\.debian\.org",
        )
    )
)


def tracked() -> List[Path]:
    """The files of the repository, or, in an unpacked source archive, every file that is not made by a tool."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, stdout=subprocess.PIPE, check=True).stdout
        names = [name for name in listed.decode().split("\0") if name]
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    made = {".venv", ".venv-floor", ".cache", "build", "dist", "__pycache__"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not made & set(path.relative_to(ROOT).parts)]


def _lines(pattern: re.Pattern[str]) -> List[str]:
    found = []
    for path in tracked():
        text = path.read_text(encoding="utf-8", errors="replace")
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    return found


def test_no_path_of_a_developers_machine() -> None:
    ours = [line for line in _lines(MACHINE) if not line.startswith("tests/transcripts/")]
    assert not ours
    assert MACHINE.search("/wo" + "rk/main/x") and len(tracked()) > 50


def test_no_host_of_a_package_registry() -> None:
    assert not _lines(REGISTRY)
    assert REGISTRY.search("https://pypi" + ".org/simple")


def test_nothing_unfinished_is_kept() -> None:
    marks = re.compile(
        r"\b(TO" + "DO|FIX" + "ME|XX" + r"X)\b|pytest\.mark\.sk" + r"ip|pytest\.sk" + r"ip\(|mark\.xf" + "ail"
    )
    sources = [
        path for path in tracked() if path.suffix in (".py", ".md", ".yaml", ".toml") or path.parent.name == ".ci"
    ]
    wrong = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if marks.search(line)
    ]
    assert not wrong
    assert len(sources) > 50


def test_text_files_are_utf8_and_console_texts_plain_ascii() -> None:
    """drboot speaks to consoles that know ASCII only."""
    product = [path for path in tracked() if path.suffix == ".py" and (ROOT / "drboot") in path.parents]
    shipped = product + [path for path in tracked() if (ROOT / "inittab") in path.parents]
    assert len(shipped) > 20
    assert not [str(path.relative_to(ROOT)) for path in shipped if not path.read_bytes().isascii()]
