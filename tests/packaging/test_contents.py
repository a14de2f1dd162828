"""What is shipped: both formats hold the list of contents, nothing else, and the same bytes each time."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
from stage import bytecode, contents, tree, vendored

import drboot
from tests.packaging import made
from tests.packaging.made import NEXT, REPOSITORY, Packages

PLACES = ("opt/drboot", "etc/drboot", "var/adm/drboot", "usr/bin/drboot", "usr/share/man")
# Source: aix/packaging.md section 4: what genuine packages of AIX 7.3 require, and all that its rpm can do.
REQUIRES = {
    "/bin/sh",
    "rpmlib(CompressedFileNames)",
    "rpmlib(FileDigests)",
    "rpmlib(PayloadFilesHavePrefix)",
}


def _query(rpm: Path, form: str) -> List[str]:
    argv = ["rpm", "-qp", "--nosignature", "--queryformat", form, str(rpm)]
    return subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines()


def _staged(top: Path) -> Dict[str, Path]:
    """AIX path -> file or link, of everything but directories."""
    found = {f"/{path.relative_to(top)}": path for path in top.rglob("*") if path.is_symlink() or path.is_file()}
    assert len(found) > 20
    return found


def test_the_same_bytes_twice(base: Path, first: Packages) -> None:
    again = made.packages(base, "again")
    for one, two in zip(first[:3], again[:3]):
        digests = [hashlib.sha256(path.read_bytes()).hexdigest() for path in (one, two)]
        assert digests[0] == digests[1], one.name


def test_the_rpm_holds_what_was_staged(first: Packages) -> None:
    form = "[%{FILENAMES}|%{FILEMODES:octal}|%{FILEUSERNAME}|%{FILEGROUPNAME}|%{FILEDIGESTS}|%{FILEFLAGS:fflags}\\n]"
    for rpm, fileset in ((first.rpm, "drboot.rte"), (first.rpm_sim, "drboot.sim")):
        rows = [row.split("|") for row in _query(rpm, form)]
        staged = _staged(first.stage / fileset)
        assert {row[0] for row in rows if not row[1].startswith("4")} == set(staged)
        for path, mode, owner, group, digest, flags in rows:
            assert (owner, group) == ("root", "system"), path
            config = path in ("/etc/drboot/hosts.csv", "/etc/drboot/interpreter")
            assert flags == ("cn" if config else "d" if path.startswith("/usr/share/man/") else ""), path
            if mode.startswith("10"):
                assert digest == hashlib.sha256(staged[path].read_bytes()).hexdigest(), path
                assert mode[-3:] == ("755" if "/bin/" in path or path.endswith("drboot-boot") else "644"), path
            elif mode.startswith("4"):
                assert mode[-3:] == ("700" if path == "/var/adm/drboot" else "755"), path


def test_the_rpm_is_one_that_aix_reads(first: Packages) -> None:
    for rpm in (first.rpm, first.rpm_sim):
        form = "%{OS}|%{ARCH}|%{PAYLOADCOMPRESSOR}|%{PAYLOADFLAGS}|%{FILEDIGESTALGO}|%{PLATFORM}|%{BUILDHOST}\\n"
        assert _query(rpm, form) == ["aix7.1|noarch|gzip|9|8|noarch-ibm-aix7.1|reproducible"]
        requires = set(_query(rpm, "[%{REQUIRENAME}\\n]"))
        assert requires <= REQUIRES | {"drboot"}, "AIX-rpm provides none of the others"
    assert "drboot" in _query(first.rpm_sim, "[%{REQUIRENAME}\\n]")
    assert _query(first.rpm, "%{PREINPROG}|%{POSTINPROG}|%{PREUNPROG}|%{POSTUNPROG}\\n") == ["|".join(["/bin/sh"] * 4)]


def test_an_update_is_a_higher_version_of_the_same(base: Path, first: Packages) -> None:
    later = made.packages(base, "next")
    assert _query(later.rpm, "%{VERSION}\\n") == [NEXT]
    assert later.bff.name == f"drboot.{NEXT}.0.bff"
    assert first.bff.name == f"drboot.{drboot.__version__}.0.bff"
    text = (later.stage / "drboot.rte/opt/drboot/lib/drboot/__init__.py").read_text()
    assert f'__version__ = "{NEXT}"' in text


def test_nothing_is_shipped_that_does_not_belong_there(first: Packages) -> None:
    rte, sim = (_staged(first.stage / name) for name in ("drboot.rte", "drboot.sim"))
    assert not set(rte) & set(sim)
    assert not [path for path in rte if "/drboot/sim" in path]
    places = ("/opt/drboot/lib/drboot/sim/", "/opt/drboot/bin/", "/opt/drboot/man/", "/usr/share/man/")
    assert not [path for path in sim if not path.startswith(places)]
    for path, file in {**rte, **sim}.items():
        assert path.lstrip("/").startswith(PLACES), path
        assert not path.endswith((".so", ".pyd", ".dylib", ".orig", ".rej", "~")), path
        if not file.is_symlink():
            data = file.read_bytes()
            assert not data.startswith(b"\x7fELF"), path
            assert str(first.stage.parents[3]).encode() not in data, path


def test_every_link_of_a_page_leads_to_one_that_is_shipped(first: Packages) -> None:
    doc = first.stage / "drboot.rte/opt/drboot/doc"
    links = [
        (page, link) for page in doc.glob("*.md") for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))
    ]
    assert len(links) > 20
    gone = [(page.name, link) for page, link in links if "://" not in link and not (doc / link).is_file()]
    assert gone == []
    assert "[CHANGELOG.md](CHANGELOG.md)" in (doc / "upgrade.md").read_text("utf-8")


def test_messages_and_samples_name_pages_where_they_are_on_aix(first: Packages) -> None:
    """A checkout's docs/ is not on an LPAR."""
    rte = first.stage / "drboot.rte"
    said = {str(path): path.read_text("utf-8") for path in (rte / "etc/drboot/samples").iterdir()}
    for module in (rte / "opt/drboot/lib/drboot").rglob("*.py"):
        parsed = list(ast.walk(ast.parse(module.read_text("utf-8"))))
        docstrings = {id(node.value) for node in parsed if isinstance(node, ast.Expr)}  # developers read those
        strings = [node for node in parsed if isinstance(node, ast.Constant) and isinstance(node.value, str)]
        said[str(module)] = "\n".join(str(node.value) for node in strings if id(node) not in docstrings)
    assert [(path, found) for path, text in said.items() for found in re.findall(r"\bdocs/\S+", text)] == []
    named = {(path, name) for path, text in said.items() for name in re.findall(r"/opt/drboot/doc/[\w.-]*\w", text)}
    assert len(named) > 3
    assert [(path, name) for path, name in named if not (rte / name.lstrip("/")).is_file()] == []


def test_every_module_of_the_product_is_there(base: Path, first: Packages) -> None:
    source = made.repository(base)
    modules = {
        f"/opt/drboot/lib/{path.relative_to(source)}"
        for path in (source / "drboot").rglob("*.py")
        if "sim" not in path.relative_to(source / "drboot").parts
    }
    assert len(modules) > 50
    assert modules <= set(_staged(first.stage / "drboot.rte"))


def test_every_module_has_its_byte_code(first: Packages) -> None:
    """Flags 1: the hash of the source is in it and is not looked at, so times do not matter."""
    lib = first.stage / "drboot.rte/opt/drboot/lib"
    text = (first.stage / "drboot.rte/opt/drboot/doc/sbom.cdx.json").read_text()
    versions = re.findall(r'"Python (\d+)\.(\d+)\.', text)
    assert ("3", "9") in versions, "the floor is always among them"
    sources = sorted(lib.rglob("*.py"))
    assert len(sources) > 70
    for source in sources:
        for major, minor in versions:
            made_of = source.parent / "__pycache__" / f"{source.stem}.cpython-{major}{minor}.pyc"
            assert made_of.read_bytes()[4:8] == b"\x01\0\0\0", made_of


IMPORT_ALL = """\
import importlib, pkgutil, sys
sys.path.insert(0, sys.argv[1])
import drboot
for module in pkgutil.walk_packages(drboot.__path__, "drboot."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_every_module_is_imported_by_every_python_it_is_shipped_for(first: Packages) -> None:
    """Between the floor and the newest, too: 3.11 refuses defaults that both of those take."""
    pythons = {sys.executable, *bytecode.interpreters(contents.BYTECODE)}
    lib = str(first.stage / "drboot.rte/opt/drboot/lib")
    for python in sorted(pythons):
        ran = subprocess.run([python, "-I", "-S", "-B", "-c", IMPORT_ALL, lib], capture_output=True, text=True)
        assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", ""), python


# -- what is brought along


def _pins(file: str) -> Dict[str, str]:
    rows = (REPOSITORY / "requirements" / file).read_text().splitlines()
    found = [re.match(r"([A-Za-z_.-]+)==(\S+)", row) for row in rows]
    return {match.group(1): match.group(2) for match in found if match}


def _bom(first: Packages) -> Dict[str, object]:
    text = (first.stage / "drboot.rte/opt/drboot/doc/sbom.cdx.json").read_text()
    made_of: Dict[str, object] = json.loads(text)
    return made_of


def test_the_vendored_versions_are_the_tested_ones() -> None:
    vendored, tested = _pins("vendored.txt"), _pins("constraints.txt")
    wanted = [
        row for row in (REPOSITORY / "requirements/runtime.txt").read_text().split("\n") if row[:1] not in ("", "#")
    ]
    assert sorted(vendored) == sorted(wanted)
    assert vendored == {name: tested[name] for name in vendored}
    text = (REPOSITORY / "requirements/vendored.txt").read_text()
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", text, re.MULTILINE)) == len(vendored)


def test_the_bill_of_materials_names_them_with_licence_and_hash(first: Packages) -> None:
    bom = _bom(first)
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5")
    components = bom["components"]
    assert isinstance(components, list)
    text = (REPOSITORY / "requirements/vendored.txt").read_text()
    assert {each["name"]: each["version"] for each in components} == _pins("vendored.txt")
    for each in components:
        assert each["hashes"] == [{"alg": "SHA-256", "content": each["hashes"][0]["content"]}]
        assert each["hashes"][0]["content"] in text
        assert each["licenses"] and each["purl"].startswith("pkg:pypi/")
    metadata = bom["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["component"]["version"] == drboot.__version__


def test_each_of_them_brings_its_licence(first: Packages) -> None:
    licences = first.stage / "drboot.rte/opt/drboot/doc/licences"
    texts = {name: [path.read_text() for path in (licences / name).iterdir()] for name in _pins("vendored.txt")}
    assert all(any(len(text) > 500 for text in found) for found in texts.values())


def test_a_wheel_without_a_licence_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x-1-py3-none-any.whl", "w") as wheel:
        wheel.writestr("x/__init__.py", "")
        wheel.writestr("x-1.dist-info/METADATA", "Metadata-Version: 2.1\nName: x\nVersion: 1\nLicense: MIT\n\n")
    with pytest.raises(vendored.Refused, match="no licence text"):
        vendored.unpack(tmp_path, tmp_path / "target")
    with pytest.raises(vendored.Refused, match="no wheel"):
        vendored.unpack(tmp_path / "target", tmp_path / "other")


# -- what is refused


@pytest.mark.parametrize("version", ["1.2", "1.2.3.4", "100.1.1", "1.2.3rc1", ""])
def test_a_version_that_aix_cannot_have(tmp_path: Path, version: str) -> None:
    with pytest.raises(tree.Refused, match="no version that AIX can have"):
        tree.build(REPOSITORY, tmp_path, version, 0)


def test_a_mistake_is_a_line_and_no_traceback(tmp_path: Path) -> None:
    argv = [sys.executable, str(made.PACKAGING / "build.py"), "rpm", "--version", "1.2", "--build", str(tmp_path)]
    ran = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stdout) == (2, "")
    assert ran.stderr.startswith("package: 1.2 is no version that AIX can have")
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("row", "why"),
    [
        (("/opt/drboot/x", "file", "no-such-file"), "no-such-file"),
        (("/opt/drboot/x", "into", "no-such-directory/*"), "no-such-directory"),
        (("/opt/drboot/bin/drboot", "file", "LICENSE"), "twice in the list"),
    ],
)
def test_a_wrong_list_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Tuple[str, str, str], why: str
) -> None:
    wrong = replace(contents.RTE, rows=(contents.RTE.rows[0], contents.Row(*row)))
    monkeypatch.setattr(tree, "FILESETS", (wrong,))
    with pytest.raises(tree.Refused, match=why):
        tree.build(REPOSITORY, tmp_path / "stage", "1.2.3", 0)


def test_without_a_time_nothing_is_built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    with pytest.raises(tree.Refused, match="set SOURCE_DATE_EPOCH"):
        tree.epoch_of(tmp_path)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    when = {"GIT_AUTHOR_DATE": "1600000000 +0000", "GIT_COMMITTER_DATE": "1600000001 +0000", "PATH": os.environ["PATH"]}
    who = ["-c", "user.name=x", "-c", "user.email=x@example.com"]
    commit = ["git", *who, "commit", "-q", "--allow-empty", "-m", "x"]
    subprocess.run(commit, cwd=tmp_path, env=when, check=True)
    assert tree.epoch_of(tmp_path) == 1600000001
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert tree.epoch_of(tmp_path) == 1700000000


def test_a_script_that_does_not_exist_is_refused() -> None:
    with pytest.raises(tree.Refused, match="no function"):
        tree.script("#!/bin/sh\n\nsay() {\n}\n", "say", "shout")
