"""What the writer writes: the same bytes for the same description, and what others recognise."""

from __future__ import annotations

import subprocess
from pathlib import Path

from bff import write
from bff.tests.images import demo


def test_the_same_description_gives_the_same_bytes() -> None:
    assert write(demo()) == write(demo())


def test_file_recognises_the_image(tmp_path: Path) -> None:
    image = tmp_path / demo().file_name
    image.write_bytes(write(demo()))
    said = subprocess.run(["file", "--brief", str(image)], check=True, capture_output=True, text=True).stdout
    assert said == "AIX backup/restore format file\n"
