"""Put the product onto a simulated LPAR as its package would: ROOT/opt/drboot/{bin,inittab,lib}.

``lib`` holds drboot without its simulator and the vendored pure-Python libraries; compiled code of theirs is left out,
as there is none for AIX.  The files are byte-compiled, which a package does when it is installed.
"""

from __future__ import annotations

import compileall
import importlib.util
import os
import shutil
import sys
from typing import Callable, List, Sequence

from drboot.sim.root import PACKAGE_PARENT

PRODUCT = "/opt/drboot"
VENDORED = ("yaml", "structlog")
TYPING = "typing_extensions"  # structlog needs it before Python 3.11, and the Python here is the LPAR's
PSUTIL = "psutil"  # has an AIX port, and drboot boots without it


class NotFound(Exception):
    """Something that belongs to the product is not here."""


def install(root: str, psutil: bool = False) -> None:
    """The product is below ``root``, replacing what was there of it."""
    product = root + PRODUCT
    shutil.rmtree(product, ignore_errors=True)
    library = os.path.join(product, "lib")
    _copy_tree(os.path.join(PACKAGE_PARENT, "drboot"), os.path.join(library, "drboot"), ["sim"])
    for name in VENDORED:
        _vendor(name, library)
    if sys.version_info < (3, 11) or importlib.util.find_spec(TYPING):
        _vendor(TYPING, library)
    if psutil:
        _copy_tree(os.path.dirname(_source(PSUTIL)), os.path.join(library, PSUTIL), ["tests"], compiled=True)
    for path, mode in (("inittab/drboot-boot", 0o755), ("inittab/drboot.inittab", 0o644), ("bin/drboot", 0o755)):
        target = os.path.join(product, path)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        shutil.copyfile(_shipped(path), target)
        os.chmod(target, mode)
    compileall.compile_dir(library, quiet=2)
    for directory, _, files in os.walk(library):
        for name in files:
            os.chmod(os.path.join(directory, name), 0o644)


def _vendor(name: str, library: str) -> None:
    source = _source(name)
    if os.path.basename(source) == "__init__.py":
        _copy_tree(os.path.dirname(source), os.path.join(library, name), [])
    else:
        shutil.copy(source, library)


def _source(name: str) -> str:
    found = importlib.util.find_spec(name)
    if found is None or not found.origin:
        raise NotFound(f"the Python library {name} is not installed here")
    return found.origin


def _shipped(path: str) -> str:
    """A file of the product that is no Python module: beside the package in a checkout, where pip puts data, or where
    the product itself is installed."""
    for place in (PACKAGE_PARENT, os.path.join(sys.prefix, "share", "drboot"), os.path.dirname(PACKAGE_PARENT)):
        if os.path.isfile(os.path.join(place, path)):
            return os.path.join(place, path)
    raise NotFound(f"{path} of the product is not here")


def _copy_tree(source: str, target: str, without: Sequence[str], compiled: bool = False) -> None:
    shutil.copytree(source, target, ignore=_leaving_out(without, compiled))
    for directory, _, _ in os.walk(target):
        os.chmod(directory, 0o755)


def _leaving_out(names: Sequence[str], compiled: bool) -> Callable[[str, List[str]], List[str]]:
    def ignore(_directory: str, found: List[str]) -> List[str]:
        binary = () if compiled else (".so", ".pyd", ".dylib")
        return [n for n in found if n in names or n == "__pycache__" or n.endswith(binary)]

    return ignore
