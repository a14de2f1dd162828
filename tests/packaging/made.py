"""Packages for tests: each build is made once, whichever worker asks first, by the command that `make` calls.

They are built from one copy of the repository, so that nothing changes between two builds that must be the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGING = REPOSITORY / "packaging"

SHIPPED = ("bin", "docs", "drboot", "etc", "inittab", "packaging", "CHANGELOG.md", "LICENSE")
WHEN = "1785000000"  # seconds since 1970, the time of everything that is built here
NEXT = "97.1.2"  # the version of the build that updates this one
# The life of a package is the same with less in it, and quicker.
LEAN = ["--byte-code", "3.9"]
BUILDS: Dict[str, List[str]] = {"first": [], "again": [], "lean": LEAN, "next": ["--version", NEXT, *LEAN]}


class Packages(NamedTuple):
    """What a build left: installp image, the two rpm packages, and the staged trees below ``stage``."""

    bff: Path
    rpm: Path
    rpm_sim: Path
    stage: Path


def packages(base: Path, name: str) -> Packages:
    """The build of this name below ``base``, which all workers share."""
    directory = base / "packages" / name
    with _locked(directory) as is_new:
        if is_new:
            _build(repository(base), directory, name)
    (bff,) = (directory / "dist").glob("*.bff")
    rpm_sim, rpm = sorted((directory / "dist").glob("*.rpm"), key=lambda path: "sim" not in path.name)
    return Packages(bff, rpm, rpm_sim, directory / "build/stage")


def repository(base: Path) -> Path:
    """The copy that everything is built from."""
    copy = base / "packages" / "repository"
    with _locked(copy) as is_new:
        for name in (*SHIPPED, ".cache/vendored") if is_new else ():
            source = REPOSITORY / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
    return copy


@contextlib.contextmanager
def _locked(directory: Path) -> Iterator[bool]:
    """Whether the one who has the lock is the first to have it; he has to finish what he is there for."""
    directory.mkdir(parents=True, exist_ok=True)
    with open(directory / ".lock", "w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        yield not (directory / ".done").exists()
        (directory / ".done").touch()


def _build(source: Path, directory: Path, name: str) -> None:
    argv = [sys.executable, str(source / "packaging/build.py"), "bff", "rpm", *BUILDS[name]]
    top = Path() if name == "again" else directory  # named in another way, too
    argv += ["--build", str(top / "build"), "--target", str(top / "dist")]
    environment = {**os.environ, "SOURCE_DATE_EPOCH": WHEN}
    if name == "again":  # by somebody else, elsewhere on the globe
        environment.update(TZ="Asia/Kathmandu", LANG="C", LC_ALL="C", PYTHONHASHSEED="4711", USER="somebody")
    umask = 0o077 if name == "again" else 0o022
    ran = subprocess.run(
        argv, cwd=directory, env=environment, capture_output=True, text=True, umask=umask, timeout=250, check=False
    )
    assert ran.returncode == 0, ran.stderr
