"""Which Python an LPAR's product is run by: it costs a production boot more than anything that drboot does itself."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import List

REPOSITORY = Path(__file__).resolve().parents[2]


def interpreters() -> List[str]:
    """The oldest that drboot runs with, which AIX has, where there is one; then this one."""
    found = subprocess.run([str(REPOSITORY / ".ci/find-python"), "floor"], capture_output=True, text=True, check=False)
    return [*found.stdout.split()[:1], sys.executable]


def run_by(root: str, interpreter: str) -> str:
    """python3 of the LPAR is this one, and the product is byte-compiled for it, as a package does; its version."""
    link = root + "/usr/bin/python3"
    os.symlink(os.path.realpath(interpreter), link + ".new")
    os.replace(link + ".new", link)
    subprocess.run([link, "-m", "compileall", "-q", root + "/opt/drboot/lib"], check=True)
    told = subprocess.run(
        [link, "-c", "import platform; print(platform.python_version())"], capture_output=True, text=True, check=True
    )
    return told.stdout.strip()
