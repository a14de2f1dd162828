"""The package is self-contained, and its reader shares no line with its writer."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import Iterator, Set

import bff

HERE = Path(bff.__file__).parent
STANDARD = {
    "__future__", "argparse", "dataclasses", "enum", "fnmatch", "json", "os", "pathlib", "re", "shutil", "stat",
    "struct", "subprocess", "sys", "typing",
}  # fmt: skip


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, file
            yield node.module or ""


def modules(directory: Path) -> Set[Path]:
    found = set(directory.glob("*.py"))
    assert len(found) > 3, directory
    return found


def test_nothing_but_the_standard_library_is_imported() -> None:
    assert sys.version_info >= (3, 9)
    others = {
        name
        for file in modules(HERE) | modules(HERE / "reader") | modules(HERE / "installp")
        for name in imported(file)
    }
    assert {name for name in others if name.split(".")[0] != "bff"} <= STANDARD


def test_the_reader_imports_nothing_of_the_writer() -> None:
    names = {name for file in modules(HERE / "reader") for name in imported(file) if name.split(".")[0] == "bff"}
    assert names
    assert {name for name in names if not name.startswith("bff.reader")} == set()


def test_the_writer_and_installp_know_each_other_through_the_reader_alone() -> None:
    for name in ("model", "tree", "control", "archive", "backup", "image", "description"):
        others = [other for other in imported(HERE / f"{name}.py") if other.startswith(("bff.reader", "bff.installp"))]
        assert not others, name
    for file in modules(HERE / "installp"):
        ours = [other for other in imported(file) if other.startswith("bff")]
        assert all(other.startswith(("bff.installp", "bff.reader")) for other in ours), file
