"""The command line: python -m bff, with the directory above this package on PYTHONPATH or as the current one."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from typing import List, Optional

from bff.description import read_description
from bff.image import write
from bff.installp import Failed, Refused, System
from bff.model import BadDescription
from bff.reader import Damaged, Package, read_backup, read_package


def main(arguments: Optional[List[str]] = None) -> int:
    """0: done; 1: the image is damaged, or installp refused or failed; 2: what was asked for cannot be."""
    options = _parser().parse_args(arguments)
    try:
        for line in options.run(options):
            sys.stdout.write(line + "\n")
    except (Damaged, Refused, Failed) as error:
        sys.stderr.write(f"bff: {error}\n")
        return 1
    except (BadDescription, OSError, UnicodeDecodeError) as error:
        sys.stderr.write(f"bff: {error}\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bff", description="AIX installp images on any machine.")
    verbs = parser.add_subparsers(required=True, metavar="VERB")

    verb = verbs.add_parser("write", help="write the image that a JSON file describes; print its name")
    verb.add_argument("description", type=Path)
    verb.add_argument("--directory", type=Path, default=Path(), help="where to (the current one)")
    verb.add_argument(
        "--when", type=int, default=os.environ.get("SOURCE_DATE_EPOCH", "0"),
        help="seconds since 1970 for every date in it (SOURCE_DATE_EPOCH, or 0)",
    )  # fmt: skip
    verb.set_defaults(run=_write)

    verb = verbs.add_parser("check", help="read it strictly; compare all that it says with all else that it says")
    verb.add_argument("image", type=Path)
    verb.add_argument("--made-on-aix", action="store_true", help="let through what AIX leaves in unused bytes")
    verb.set_defaults(run=_check)

    verb = verbs.add_parser("list", help="the members, as restore -Tqvf lists them")
    verb.add_argument("image", type=Path)
    verb.add_argument("--made-on-aix", action="store_true", help="let through what AIX leaves in unused bytes")
    verb.set_defaults(run=_list)

    verb = verbs.add_parser("install", help="install it below a directory, as installp -acX would")
    verb.add_argument("image", type=Path)
    verb.add_argument("fileset", nargs="*", help="(all)")
    verb.add_argument("--root", type=Path, required=True)
    verb.add_argument("--force", action="store_true", help="over the same or a higher level")
    verb.set_defaults(run=_install)

    verb = verbs.add_parser("remove", help="remove filesets below a directory, as installp -u would")
    verb.add_argument("fileset", nargs="+")
    verb.add_argument("--root", type=Path, required=True)
    verb.set_defaults(run=_remove)

    verb = verbs.add_parser("installed", help="lslpp -l and lppchk below a directory; exit 1 if lppchk finds something")
    verb.add_argument("--root", type=Path, required=True)
    verb.set_defaults(run=_installed)
    return parser


def _write(options: argparse.Namespace) -> List[str]:
    image = read_description(options.description, options.when)
    target = options.directory / image.file_name
    target.write_bytes(write(image))
    return [str(target)]


def _check(options: argparse.Namespace) -> List[str]:
    package = read_package(options.image.read_bytes(), strict=not options.made_on_aix)
    return _toc(package)


def _toc(package: Package) -> List[str]:
    """As ``installp -L`` lists an image."""
    return [
        f"{package.name}:{fileset.name}:{fileset.level}::I:T:::::N:{fileset.description}::::0::"
        for fileset in package.filesets
    ]


def _list(options: argparse.Namespace) -> List[str]:
    backup = read_backup(options.image.read_bytes(), strict=not options.made_on_aix)
    return [
        f"{'d' if member.is_directory else '-'}{member.mode:04o} {member.uid:5} {member.gid:5} {len(member.data):10} "
        f"{member.name}"
        for member in backup.members
    ]


def _install(options: argparse.Namespace) -> List[str]:
    installed = System(options.root).install(options.image.read_bytes(), *options.fileset, force=options.force)
    return [f"{name} installed" for name in installed] or ["nothing to install: all of it is there"]


def _remove(options: argparse.Namespace) -> List[str]:
    return [f"{name} removed" for name in System(options.root).remove(*options.fileset)] or ["nothing to remove"]


def _installed(options: argparse.Namespace) -> List[str]:
    system = System(options.root)
    wrong = system.check()
    if wrong:
        raise Failed("\nbff: ".join(wrong))
    return system.listing().splitlines()


if __name__ == "__main__":
    sys.exit(main())
