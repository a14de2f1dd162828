"""The list of contents made into files: a directory per fileset that looks as AIX will look below ``/``."""

from __future__ import annotations

import glob
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Dict, Iterator, List, Match, Sequence, Tuple

from completion import scripts
from man import pages
from smit import menus

from stage import bytecode, sbom
from stage.contents import BYTECODE, DOC, FILESETS, PRODUCT, Fileset, Row

OWNER, GROUP = "root", "system"
NOT_SHIPPED = ("__pycache__",)
# [text](file#place) of Markdown, to a file of the repository: no address, and no place of the same page
_LINK = re.compile(r"\[([^][]*)\]\(((?![a-z]+:)[^()#\s]+)(#[^()\s]*)?\)")


class Refused(Exception):
    """What cannot be built; the text says why and what to do."""


@dataclass(frozen=True)
class Item:
    """One path on AIX.

    kind    file | directory | link
    mode    permission bits; of a link, 0777
    config  kept as the administrator left it
    target  where a link leads; "" otherwise
    """

    path: str
    kind: str
    mode: int
    config: bool = False
    target: str = ""

    @property
    def part(self) -> str:
        """usr or root, the two parts of an installp image.  Source: aix/packaging.md section 2.1."""
        return "usr" if self.path.startswith(("/usr/", "/opt/")) else "root"


@dataclass(frozen=True)
class Staged:
    """A fileset, ready to be packed.

    version  MAJOR.MINOR.PATCH; level is the same as AIX writes it
    epoch    seconds since 1970; every file has this time
    root     the directory that holds the files, at their AIX paths below it
    items    every path, each directory before what it holds
    functions  the text of packaging/lifecycle/lifecycle.sh, "" for a fileset without it; ``script`` makes scripts of it
    """

    fileset: Fileset
    version: str
    epoch: int
    root: Path
    items: Tuple[Item, ...]
    functions: str

    @property
    def level(self) -> str:
        return self.version + ".0"


def version_of(repository: Path) -> str:
    """What drboot/__init__.py says.  Raises Refused."""
    text = (repository / "drboot/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(\d+\.\d+\.\d+)"$', text, re.MULTILINE)
    if not found:
        raise Refused("drboot/__init__.py names no version MAJOR.MINOR.PATCH")
    return found.group(1)


def epoch_of(repository: Path) -> int:
    """The time that everything built from this commit has: SOURCE_DATE_EPOCH, or the commit's.  Raises Refused."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    if not given:
        asked = ["git", "log", "-1", "--format=%ct"]
        given = subprocess.run(asked, cwd=repository, capture_output=True, text=True, check=False).stdout.strip()
    if not given.isdigit():
        raise Refused("this is no git checkout: set SOURCE_DATE_EPOCH to the seconds since 1970 of the release")
    return int(given)


def build(
    repository: Path, target: Path, version: str, epoch: int, byte_code: Sequence[str] = BYTECODE
) -> Tuple[Staged, ...]:
    """Every fileset of the list, below TARGET, which is emptied first; byte code for these versions of Python.

    ``target/vendored`` is taken from ``.cache/vendored``, which `make` fills.  Raises Refused.
    """
    if not re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{1,4}", version):
        raise Refused(f"{version} is no version that AIX can have: MAJOR.MINOR.PATCH of at most 2, 2 and 4 digits")
    vendored = repository / ".cache/vendored"
    if not (vendored / "components.json").is_file():
        raise Refused("the vendored packages are not there: make .cache/vendored/.done")
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    shutil.copytree(vendored, target / "vendored")
    interpreters = bytecode.interpreters(byte_code)
    components = json.loads((vendored / "components.json").read_text(encoding="utf-8"))
    text = sbom.text(version, epoch, components, sorted(interpreters.values()))
    (target / "sbom.cdx.json").write_text(text, encoding="utf-8")
    pages.write(target / "man", epoch, version)
    scripts.write(target / "completion")
    (target / "drboot.stanzas").write_text(menus.text(), encoding="ascii")
    staged = [_fileset(repository, target, fileset, version, epoch) for fileset in FILESETS]
    for each in staged:
        _mend_links(each)
    _compile(staged, interpreters)
    return tuple(_finished(each) for each in staged)


def _fileset(repository: Path, target: Path, fileset: Fileset, version: str, epoch: int) -> Staged:
    root = target / fileset.name
    items: Dict[str, Item] = {}
    for row in fileset.rows:
        for item, source in _items_of(row, repository, target):
            for directory in _directories(item.path):
                items.setdefault(directory, Item(directory, "directory", 0o755))
            if item.path in items and item.kind != "directory":
                raise Refused(f"{item.path} is twice in the list of contents")
            items[item.path] = item
            _place(item, source, root)
    init = root / (PRODUCT + "/lib/drboot/__init__.py").lstrip("/")
    if init.is_file():
        text = init.read_text(encoding="utf-8")
        init.write_text(re.sub(r'(?m)^(__version__ = ").*"$', rf'\g<1>{version}"', text), encoding="utf-8")
    lifecycle = repository / "packaging/lifecycle/lifecycle.sh"
    functions = lifecycle.read_text(encoding="ascii") if fileset.lifecycle else ""
    return Staged(fileset, version, epoch, root, tuple(items[path] for path in sorted(items)), functions)


def _items_of(row: Row, repository: Path, target: Path) -> Iterator[Tuple[Item, str]]:
    """The paths of a row with the file that each is copied from.  Raises Refused for a source that is not there."""
    if row.kind == "directory":
        yield Item(row.path, "directory", row.mode), ""
        return
    if row.kind == "link":
        yield Item(row.path, "link", 0o777, target=row.source), ""
        return
    built = row.source.startswith("build:")
    base = str(target / row.source[len("build:") :] if built else repository / row.source)
    if row.kind == "tree":
        sources = list(_files_of_tree(base, row.without))
        paths = [f"{row.path}/{os.path.relpath(source, base)}" for source in sources]
    else:
        sources = sorted(glob.glob(base))
        paths = [row.path if row.kind == "file" else f"{row.path}/{os.path.basename(source)}" for source in sources]
    if not sources:
        raise Refused(f"{row.source}, which is to be shipped as {row.path}, is not here")
    for path, source in zip(paths, sources):
        yield Item(path, "file", row.mode, row.config), source


def _files_of_tree(top: str, without: Tuple[str, ...]) -> Iterator[str]:
    for directory, names, files in os.walk(top):
        names[:] = sorted(
            name for name in names if name not in NOT_SHIPPED and not (directory == top and name in without)
        )
        for name in sorted(files):
            yield os.path.join(directory, name)


def _directories(path: str) -> Iterator[str]:
    """The directories of the product that lead to this path; those of AIX are not ours."""
    parent = os.path.dirname(path)
    if parent == PRODUCT or parent.startswith(PRODUCT + "/"):
        yield from _directories(parent)
        yield parent


def _place(item: Item, source: str, root: Path) -> None:
    where = root / item.path.lstrip("/")
    if item.kind == "directory":
        where.mkdir(parents=True, exist_ok=True)
        return
    where.parent.mkdir(parents=True, exist_ok=True)
    if item.kind == "link":
        where.symlink_to(item.target)
    else:
        shutil.copyfile(source, where)


def _mend_links(staged: Staged) -> None:
    """The pages are in one directory on AIX: their links lead there, and what is not shipped is named without one."""
    shipped = {item.path for item in staged.items}

    def mended(found: Match[str]) -> str:
        text, target, place = found.groups()
        name = os.path.basename(target)
        return f"[{text}]({name}{place or ''})" if f"{DOC}/{name}" in shipped else text

    for item in staged.items:
        if os.path.dirname(item.path) == DOC and item.path.endswith(".md"):
            page = staged.root / item.path.lstrip("/")
            text = page.read_text(encoding="utf-8")
            page.write_text(_LINK.sub(mended, text), encoding="utf-8")


def _compile(staged: List[Staged], interpreters: Dict[str, str]) -> None:
    """Byte code of every module; the new files become items of the fileset that has the module."""
    modules = [
        (str(each.root / item.path.lstrip("/")), item.path)
        for each in staged
        for item in each.items
        if item.path.startswith(PRODUCT + "/lib/") and item.path.endswith(".py")
    ]
    bytecode.compile_all(modules, sorted(interpreters))


def _finished(staged: Staged) -> Staged:
    """With the byte code among its items, and every mode and time set."""
    items = {item.path: item for item in staged.items}
    for cache in sorted(staged.root.rglob("__pycache__")):
        directory = "/" + str(cache.relative_to(staged.root))
        items[directory] = Item(directory, "directory", 0o755)
        for made in sorted(cache.iterdir()):
            items[f"{directory}/{made.name}"] = Item(f"{directory}/{made.name}", "file", 0o644)
    for item in items.values():
        where = staged.root / item.path.lstrip("/")
        if item.kind != "link":
            where.chmod(item.mode)
    for directory, names, files in os.walk(staged.root, topdown=False):
        for name in (*names, *files):
            os.utime(os.path.join(directory, name), (staged.epoch, staged.epoch), follow_symlinks=False)
    return replace(staged, items=tuple(items[path] for path in sorted(items)))


def script(functions: str, *calls: str) -> str:
    """A script of the package: packaging/lifecycle/lifecycle.sh, and a call of each function that it is about."""
    for name in calls:
        if f"\n{name}() {{" not in functions:
            raise Refused(f"packaging/lifecycle/lifecycle.sh has no function {name}")
    return functions + "\n" + "".join(f"{name}\n" for name in calls) + "exit 0\n"
