"""Builds what is installed on AIX: ``make bff rpm``.  ``python packaging/build.py --help`` has the rest."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rpm import build as rpm_build
from stage import bytecode, installp, tree
from stage.contents import BYTECODE

REPOSITORY = Path(__file__).resolve().parents[1]


def main() -> int:
    given = _arguments()
    try:
        version = given.version or tree.version_of(REPOSITORY)
        staged = tree.build(REPOSITORY, given.build / "stage", version, tree.epoch_of(REPOSITORY), given.byte_code)
        made = []
        if "rpm" in given.what:
            made += rpm_build.build(staged, given.build / "rpm", given.target)
        if "bff" in given.what:
            made += [installp.build(staged, given.target)]
    except (tree.Refused, bytecode.Failed) as error:
        sys.stderr.write(f"package: {error}\n")
        return 2
    for path in made:
        sys.stdout.write(f"{path}\n")
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Builds what is installed on AIX.")
    parser.add_argument("what", nargs="+", choices=("bff", "rpm", "stage"), help="formats, or the staged tree alone")
    parser.add_argument("--version", default="", help="MAJOR.MINOR.PATCH (default: that of drboot/__init__.py)")
    parser.add_argument(
        "--byte-code", nargs="+", default=BYTECODE, metavar="X.Y", help=f"for these (default: {' '.join(BYTECODE)})"
    )
    parser.add_argument("--build", type=Path, default=REPOSITORY / "build/packages", help="where it works")
    parser.add_argument("--target", type=Path, default=REPOSITORY / "dist", help="where the packages go")
    given = parser.parse_args()
    given.build = given.build.resolve()  # rpmbuild works in directories of its own
    return given


if __name__ == "__main__":
    sys.exit(main())
