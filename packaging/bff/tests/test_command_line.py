"""python -m bff: what it prints and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bff.__main__ import main
from bff.reader import read_package
from bff.tests.images import script


@pytest.fixture
def description(tmp_path: Path) -> Path:
    (tmp_path / "stage/opt/demo").mkdir(parents=True)
    (tmp_path / "stage/opt/demo/run").write_text("#!/bin/sh\n")
    (tmp_path / "post_i").write_bytes(script())
    file = tmp_path / "demo.json"
    fileset = {"name": "demo.rte", "level": "1.0.0.0", "description": "Demonstration", "stage": "stage"}
    file.write_text(
        json.dumps({"package": "demo", "filesets": [{**fileset, "usr": {"scripts": {"post_i": "post_i"}}}]})
    )
    return file


def test_from_a_description_to_an_installed_fileset(
    description: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234")
    root = str(tmp_path / "root")
    assert main(["write", str(description), "--directory", str(tmp_path)]) == 0
    image = capsys.readouterr().out.strip()
    assert image == str(tmp_path / "demo.1.0.0.0.I")
    assert read_package(Path(image).read_bytes()).backup.when == 1234
    assert main(["check", image]) == 0
    assert capsys.readouterr().out == "demo:demo.rte:1.0.0.0::I:T:::::N:Demonstration::::0::\n"
    assert main(["list", image]) == 0
    assert "-0644     0     0         10 ./opt/demo/run\n" in capsys.readouterr().out
    assert main(["install", image, "--root", root]) == 0
    assert capsys.readouterr().out == "demo.rte installed\n"
    assert main(["install", image, "--root", root]) == 0
    assert capsys.readouterr().out == "nothing to install: all of it is there\n"
    assert main(["installed", "--root", root]) == 0
    assert "demo.rte" in capsys.readouterr().out
    (tmp_path / "root/opt/demo/run").write_text("")
    assert main(["installed", "--root", root]) == 1
    assert capsys.readouterr().err == "bff: /opt/demo/run: 0 bytes instead of 10\n"
    assert main(["remove", "demo.rte", "--root", root]) == 0
    assert main(["remove", "demo.rte", "--root", root]) == 0
    assert capsys.readouterr().out == "demo.rte removed\nnothing to remove\n"


def test_a_damaged_image_and_a_wrong_description(
    description: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "bad.bff").write_bytes(b"\x09\0\x6b\xea")
    assert main(["check", str(tmp_path / "bad.bff")]) == 1
    assert capsys.readouterr().err == "bff: volume record: the image ends 4 bytes early\n"
    description.write_text("[]")
    assert main(["write", str(description)]) == 2
    assert "demo.json: list instead of an object" in capsys.readouterr().err
    assert main(["check", str(tmp_path / "none.bff")]) == 2
    assert "none.bff" in capsys.readouterr().err
