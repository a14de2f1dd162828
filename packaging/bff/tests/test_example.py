"""The example in the package's docstring does what it says."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

import bff
from bff.reader import read_package


def test_the_example_of_the_package_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert bff.__doc__ is not None
    example = bff.__doc__.partition("::\n")[2].partition("\nWhat comes out")[0]
    for name in ("opt/demo/bin/run", "etc/demo/demo.conf"):
        file = tmp_path / "build/stage" / name
        file.parent.mkdir(parents=True)
        file.write_text("x\n")
    (tmp_path / "dist").mkdir()
    monkeypatch.chdir(tmp_path)
    exec(textwrap.dedent(example), {})
    package = read_package((tmp_path / "dist/demo.1.4.0.0.I").read_bytes())
    assert package.members["./opt/demo/bin/run"].mode == 0o755
    assert package.filesets[0].parts["root"].cfgfiles == {"/etc/demo/demo.conf": "preserve"}
