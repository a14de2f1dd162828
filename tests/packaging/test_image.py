"""The installp image as others read it: file, an archiver that is not ours, and the strict reader of packaging/bff/."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from bff.reader import Package, read_package

import drboot
from tests.packaging.made import Packages

LIBRARIES = ("./usr/lpp/drboot/liblpp.a", "./usr/lpp/drboot/inst_root/liblpp.a")


@pytest.fixture(scope="module")
def package(first: Packages) -> Package:
    """The strict reader compares members, modes, owners, sizes and checksums with the inventories."""
    return read_package(first.bff.read_bytes())


def test_file_recognises_the_image(first: Packages) -> None:
    said = subprocess.run(["file", "--brief", str(first.bff)], check=True, capture_output=True, text=True).stdout
    assert said == "AIX backup/restore format file\n"


def test_the_image_says_what_product_it_is(package: Package) -> None:
    assert package.productid == f"drboot,{drboot.__version__}"


def test_the_image_holds_what_was_staged(first: Packages, package: Package) -> None:
    assert [fileset.name for fileset in package.filesets] == ["drboot.rte", "drboot.sim"]
    for fileset in package.filesets:
        stage = first.stage / fileset.name
        staged = {f"/{path.relative_to(stage)}" for path in stage.rglob("*") if path.is_symlink() or not path.is_dir()}
        entries = {entry.path: (part, entry) for part, known in fileset.parts.items() for entry in known.inventory}
        shipped = {path for path, (_, entry) in entries.items() if entry.type != "DIRECTORY"}
        assert {path for path in shipped if "/inst_root/" not in path} == staged
        for path in staged:
            part, entry = entries[path]
            file = stage / path.lstrip("/")
            assert (entry.owner, entry.group) == ("root", "system")
            if entry.type == "SYMLINK":
                assert os.readlink(file) == entry.target
            else:
                member = package.members[("./usr/lpp/drboot/inst_root" if part == "root" else ".") + path]
                assert member.data == file.read_bytes(), path


@pytest.mark.parametrize("name", LIBRARIES)
def test_binutils_reads_liblpp(package: Package, tmp_path: Path, name: str) -> None:
    library = tmp_path / "liblpp.a"
    library.write_bytes(package.members[name].data)
    part = "root" if "inst_root" in name else "usr"
    listed = subprocess.run(["ar", "t", str(library)], check=True, capture_output=True, text=True).stdout.split()
    files = {
        f"{fileset.name}.{suffix}": data
        for fileset in package.filesets
        for suffix, data in (fileset.parts[part].files.items() if part in fileset.parts else ())
    }
    of_the_package = ["productid"] if part == "usr" else []
    assert sorted(listed) == sorted([*files, *of_the_package])
    for member in (f"drboot.rte.{suffix}" for suffix in ("al", "inventory", "size")):
        assert (
            subprocess.run(["ar", "p", str(library), member], check=True, capture_output=True).stdout == files[member]
        )
