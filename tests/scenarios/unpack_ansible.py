"""Unpack, from Ansible's wheels, only the files that test_ansible_modules.py runs: unpack_ansible.py WHEELS TARGET."""

from __future__ import annotations

import sys
import zipfile
from pathlib import Path

# The four modules may import anything of module_utils; the licence and the manifest (with its version) go along.
WANTED = (
    "ansible/__init__.py",
    "ansible/_vendor/",
    "ansible/release.py",
    "ansible/module_utils/",
    "ansible_collections/community/general/plugins/module_utils/",
    "ansible_collections/community/general/plugins/modules/aix_",
    "ansible_collections/community/general/MANIFEST.json",
    "ansible_collections/community/general/COPYING",
)


def main(wheels: str, target: str) -> None:
    for wheel in sorted(Path(wheels).glob("*.whl")):
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target, [name for name in archive.namelist() if name.startswith(WANTED)])


if __name__ == "__main__":
    main(*sys.argv[1:])
