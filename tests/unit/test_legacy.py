"""The old scripts' flat files become a profile and an address table that load (S002-3, S002-4, S002-19)."""

from __future__ import annotations

from pathlib import Path
from typing import Dict, List

import pytest

from drboot import legacy
from drboot.errors import ConfigError
from drboot.profile.hosts import Alias, Match
from drboot.profile.load import load
from tests.unit.profile.machine import root_with

FILES = {
    "dr_hostname.txt": "aixdr\n",
    "dr_defgw.txt": "10.20.5.1\n",
    "dr_en0.txt": "en0:10.20.5.11:255.255.255.0:10.20.5.12,255.255.255.0 10.20.5.13,255.255.255.0\n",
    "dr_inet.txt": "en0\nen1\n",
    "dr_en1.txt": "en1:10.21.5.11:255.255.254.0:10.21.5.12,255.255.254.0\n",
}
SYSTEMIDS = ["IBM,0211D11C1"]
ADAPTERS = {"en0": "slot:C2", "en1": "slot:C3-T1"}


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    return written(tmp_path / "dr", FILES)


def written(directory: Path, files: Dict[str, str]) -> Path:
    directory.mkdir()
    for name, text in files.items():
        (directory / name).write_text(text, encoding="utf-8")
    return directory


def problems(directory: Path) -> List[str]:
    with pytest.raises(ConfigError) as caught:
        legacy.read_flat_files(str(directory))
    return [f"{problem.name} {problem.where.replace(str(directory), '')}" for problem in caught.value.problems]


def refused(files: legacy.FlatFiles, **changed: object) -> List[str]:
    arguments: Dict[str, object] = {"host": "aixprod", "site": "dr", "systemids": SYSTEMIDS, "adapters": ADAPTERS}
    with pytest.raises(ConfigError) as caught:
        legacy.convert(files, **{**arguments, **changed})  # type: ignore[arg-type]
    return [problem.name for problem in caught.value.problems]


def test_the_files_as_the_old_scripts_read_them(directory: Path) -> None:
    files = legacy.read_flat_files(str(directory))
    assert (files.hostname, files.domain, files.gateway) == ("aixdr", "", "10.20.5.1")
    assert [(one.name, one.address, one.netmask, one.aliases) for one in files.interfaces] == [
        (
            "en0",
            "10.20.5.11",
            "255.255.255.0",
            (Alias("10.20.5.12", "255.255.255.0"), Alias("10.20.5.13", "255.255.255.0")),
        ),
        ("en1", "10.21.5.11", "255.255.254.0", (Alias("10.21.5.12", "255.255.254.0"),)),
    ]


def test_what_is_imported_loads(directory: Path, tmp_path: Path) -> None:
    made = legacy.convert(legacy.read_flat_files(str(directory)), "aixprod", "dr", SYSTEMIDS, ["10.20.0.53"], ADAPTERS)
    assert made.remarks == ()
    estate = load(root_with(tmp_path / "lpar", {"dr": made.profile}, made.table))
    site = estate.sites["dr"]
    assert site.systemids == ("0211D11C1",)
    assert site.device_reset == "ghostdev"
    assert site.names.hostname_of("aixprod") == "aixdr"
    assert site.names.nameservers == ("10.20.0.53",)
    assert site.services.inittab_off == ("nimclient",)
    assert site.boot_list.set
    service, en1 = estate.rows("aixprod", "dr", "disaster")
    assert (service.role, service.match, service.gateway) == ("service", Match("slot", "C2"), "10.20.5.1")
    assert service.addresses == ("10.20.5.11", "10.20.5.12", "10.20.5.13")
    assert (en1.role, en1.match, en1.address, en1.netmask, en1.gateway) == (
        "en1",
        Match("slot", "C3-T1"),
        "10.21.5.11",
        "255.255.254.0",
        "",
    )


def test_an_unknown_adapter_is_left_to_fill_in_and_does_not_load(directory: Path, tmp_path: Path) -> None:
    """An interface's number may change at DR, so a guess would be worse."""
    made = legacy.convert(
        legacy.read_flat_files(str(directory)), "aixprod", "dr", SYSTEMIDS, adapters={"en0": "slot:C2"}
    )
    assert [(remark.name, remark.where) for remark in made.remarks] == [
        ("import-adapter-unknown", f"{directory}/dr_en1.txt:1")
    ]
    assert "lscfg -vl ent1" in made.remarks[0].next
    with pytest.raises(ConfigError) as caught:
        load(root_with(tmp_path / "lpar", {"dr": made.profile}, made.table))
    assert [problem.name for problem in caught.value.problems] == ["bad-match"]


@pytest.mark.parametrize(
    ("old", "host", "template", "domain"),
    [
        ("prod01", "prod01", "{host}", ""),
        ("prod01dr", "prod01", "{host}dr", ""),
        ("dr-prod01", "prod01", "dr-{host}", ""),
        ("aixdr", "prod01", "aixdr", ""),
        ("prod01.dr.example.com", "prod01", "{host}", "dr.example.com"),
    ],
)
def test_the_host_name(old: str, host: str, template: str, domain: str, tmp_path: Path) -> None:
    files = legacy.read_flat_files(str(written(tmp_path / "dr", {**FILES, "dr_hostname.txt": old})))
    made = legacy.convert(files, host, "dr", SYSTEMIDS, adapters=ADAPTERS)
    names = load(root_with(tmp_path / "lpar", {"dr": made.profile}, made.table)).sites["dr"].names
    assert (names.hostname, names.domain) == (template, domain)


def test_one_interface_without_aliases(tmp_path: Path) -> None:
    few = {**FILES, "dr_inet.txt": "en0", "dr_en0.txt": "en0:10.20.5.11:255.255.255.0"}
    del few["dr_en1.txt"]
    (interface,) = legacy.read_flat_files(str(written(tmp_path / "dr", few))).interfaces
    assert interface.aliases == ()


def test_the_primary_interface_need_not_be_en0(tmp_path: Path) -> None:
    """The scripts took the name from the first field of dr_en0.txt."""
    other = {**FILES, "dr_en0.txt": FILES["dr_en0.txt"].replace("en0", "en4"), "dr_inet.txt": "en4 en1"}
    files = legacy.read_flat_files(str(written(tmp_path / "dr", other)))
    assert [interface.name for interface in files.interfaces] == ["en4", "en1"]


def test_en10_is_not_en1(tmp_path: Path) -> None:
    """The scripts dropped every line with en0 in it; whole words count here."""
    more = {**FILES, "dr_inet.txt": "en0 en1 en10", "dr_en10.txt": "en10:10.22.5.11:255.255.255.0:"}
    files = legacy.read_flat_files(str(written(tmp_path / "dr", more)))
    assert [interface.name for interface in files.interfaces] == ["en0", "en1", "en10"]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_missing_file_refuses_everything(name: str, tmp_path: Path) -> None:
    few = {key: text for key, text in FILES.items() if key != name}
    assert problems(written(tmp_path / "dr", few)) == [f"import-file-missing /{name}"]


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("dr_hostname.txt", "", ["import-file-malformed /dr_hostname.txt"]),
        ("dr_hostname.txt", "one\ntwo\n", ["import-file-malformed /dr_hostname.txt"]),
        ("dr_hostname.txt", "a" * 33, ["bad-host-name /dr_hostname.txt:1"]),
        ("dr_hostname.txt", "aixdr..com", ["bad-domain /dr_hostname.txt:1"]),
        ("dr_hostname.txt", "\u00e4ix", ["import-file-malformed /dr_hostname.txt"]),
        ("dr_defgw.txt", "10.20.5", ["bad-address /dr_defgw.txt:1"]),
        ("dr_en0.txt", "en0", ["import-file-malformed /dr_en0.txt:1"]),
        ("dr_en0.txt", "hdisk0:10.20.5.11:255.255.255.0:", ["import-file-malformed /dr_en0.txt:1"]),
        ("dr_en0.txt", "en0:10.20.5.011:24:", ["bad-address /dr_en0.txt:1", "import-file-malformed /dr_en0.txt:1"]),
        ("dr_en0.txt", "en0:10.20.5.11:255.255.256.0:", ["bad-netmask /dr_en0.txt:1"]),
        (
            "dr_en0.txt",
            FILES["dr_en0.txt"].replace("5.12,255.255.255.0", "5.12"),
            ["import-file-malformed /dr_en0.txt:1"],
        ),
        ("dr_en0.txt", FILES["dr_en0.txt"].replace("5.12", "5"), ["bad-address /dr_en0.txt:1"]),
        ("dr_inet.txt", "en0 en1 lo0", ["import-file-malformed /dr_inet.txt"]),
        ("dr_en1.txt", FILES["dr_en1.txt"].replace("en1", "en2"), ["import-file-malformed /dr_en1.txt:1"]),
    ],
)
def test_a_malformed_file_refuses_everything(name: str, text: str, expected: List[str], tmp_path: Path) -> None:
    assert problems(written(tmp_path / "dr", {**FILES, name: text})) == expected


def test_every_mistake_is_named_in_one_pass(tmp_path: Path) -> None:
    bad = {"dr_hostname.txt": "a.b..c", "dr_defgw.txt": "gw", "dr_en0.txt": "x", "dr_inet.txt": "en1"}
    assert len(problems(written(tmp_path / "dr", bad))) == 4


def test_the_arguments_are_looked_at_too(directory: Path) -> None:
    files = legacy.read_flat_files(str(directory))
    assert refused(files, systemids=[]) == ["import-needs-systemid"]
    assert refused(files, systemids=["IBM,"]) == ["bad-systemid"]
    assert refused(files, nameservers=["ns1"]) == ["bad-address"]
    assert refused(files, adapters={"en0": "en0"}) == ["bad-match"]
    assert refused(files, site="d r") == ["bad-name"]


def test_files_that_contradict_each_other(tmp_path: Path) -> None:
    def convert(number: int, **changed: str) -> List[str]:
        named = {f"dr_{name}.txt": text for name, text in changed.items()}
        return refused(legacy.read_flat_files(str(written(tmp_path / str(number), {**FILES, **named}))))

    assert convert(1, defgw="10.99.5.1") == ["gateway-outside-subnet"]
    assert convert(2, en1="en1:10.20.5.11:255.255.255.0:") == ["address-twice"]
    assert convert(3, en1="en1:10.21.4.0:255.255.254.0:") == ["address-not-a-host"]


def test_a_contradiction_is_said_of_the_old_file(tmp_path: Path) -> None:
    directory = written(tmp_path / "dr", {**FILES, "dr_en1.txt": "en1:10.21.4.0:255.255.254.0:"})
    with pytest.raises(ConfigError) as caught:
        legacy.convert(legacy.read_flat_files(str(directory)), "aixprod", "dr", SYSTEMIDS)
    assert [problem.where for problem in caught.value.problems] == [f"{directory}/dr_en1.txt:1"]
