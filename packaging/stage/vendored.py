"""The Python packages that drboot brings along: unpacked from the wheels that requirements/vendored.txt names by hash.

    python -m stage.vendored WHEELS TARGET

TARGET gets ``lib/`` (their Python, nothing compiled), ``licences/NAME/`` and ``components.json``, of which the SBOM
is made.  Nothing else of a wheel is used.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import zipfile
from email.message import Message
from email.parser import Parser
from pathlib import Path, PurePosixPath
from typing import Dict, List

# The classifiers of old metadata, as SPDX names them; newer metadata has License-Expression.
SPDX = {"MIT": "MIT"}


class Refused(Exception):
    """A wheel that must not be shipped."""


def unpack(wheels: Path, target: Path) -> None:
    """TARGET holds what is shipped of these wheels, and nothing that was there before.  Raises Refused."""
    shutil.rmtree(target, ignore_errors=True)
    components = [_unpack_one(wheel, target) for wheel in sorted(wheels.glob("*.whl"))]
    if not components:
        raise Refused(f"there is no wheel in {wheels}")
    text = json.dumps(components, indent=1, sort_keys=True) + "\n"
    (target / "components.json").write_text(text, encoding="utf-8")


def _unpack_one(wheel: Path, target: Path) -> Dict[str, object]:
    """What the SBOM says of it: name, version, licence (SPDX), licence files, sha256 of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        names = sorted(name for name in archive.namelist() if not name.endswith("/"))
        metadata = _metadata(archive, names)
        name = metadata["Name"]
        licences: List[str] = []
        for member in names:
            parts = PurePosixPath(member).parts
            if ".dist-info" in parts[0]:
                if "licenses" in parts:
                    licences.append(parts[-1])
                    _write(target / "licences" / name / parts[-1], archive.read(member))
            elif member.endswith(".py") and parts[0] != "_yaml":  # _yaml is the old name of PyYAML's compiled part
                _write(target / "lib" / Path(*parts), archive.read(member))
    if not licences:
        raise Refused(f"{wheel.name} brings no licence text along")
    return {
        "name": name,
        "version": metadata["Version"],
        "licence": metadata["License-Expression"] or SPDX[metadata["License"]],
        "licence_files": licences,
        "summary": metadata["Summary"],
        "wheel": wheel.name,
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
    }


def _metadata(archive: zipfile.ZipFile, names: List[str]) -> Message:
    (path,) = [name for name in names if name.endswith(".dist-info/METADATA")]
    return Parser().parsestr(archive.read(path).decode("utf-8"), headersonly=True)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


if __name__ == "__main__":
    unpack(Path(sys.argv[1]), Path(sys.argv[2]))
