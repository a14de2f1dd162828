"""Good profiles become values with their defaults; files that are none of ours, or no files, become Problems."""

from __future__ import annotations

import copy
import hashlib
import os
import pickle
import time
from pathlib import Path
from typing import List, Optional

import pytest

from drboot.errors import ConfigError
from drboot.paths import Root
from drboot.profile.hosts import Alias, Match
from drboot.profile.load import LARGEST_FILE, load
from drboot.steps.volume_groups import NamedVg
from tests.unit.profile.machine import HEADER, profile, root_with

ETC = Path(__file__).parents[3] / "etc"


def names_of(root: Root) -> List[str]:
    with pytest.raises(ConfigError) as caught:
        load(root)
    return [problem.name for problem in caught.value.problems]


def places_of(root: Root, name: str) -> List[str]:
    with pytest.raises(ConfigError) as caught:
        load(root)
    return [problem.where.replace(root.directory, "") for problem in caught.value.problems if problem.name == name]


def examples(tmp_path: Path) -> Root:
    sites = {path.stem: path.read_text(encoding="utf-8") for path in (ETC / "sites").glob("*.yaml")}
    assert "example" in sites
    return root_with(tmp_path, sites, (ETC / "hosts.csv").read_text(encoding="utf-8"))


def test_F79_the_shipped_examples_load(tmp_path: Path) -> None:
    estate = load(examples(tmp_path))
    site = estate.sites["example"]
    assert site.systemids == ("0211D11C1", "02106A3B7")
    assert site.device_reset == "ghostdev"
    assert site.boot_hold == 900.0
    assert site.requires.partition_name == ("prod*", "aixdr")
    assert site.requires.partition_number == (7, 8, 12)
    assert site.rehearsal.vlan == (3999,)
    assert site.rehearsal.limit == 86400.0
    assert site.deadlines.fsck == 3600.0
    assert site.names.hostname_of("prod01") == "prod01"
    assert site.names.search == ("dr.example.com", "example.com")
    assert site.network.roles["backup"].mtu == 9000
    assert [(route.to, route.via) for route in site.network.static_routes] == [
        ("10.30.0.0/16", "10.20.5.254"),
        ("10.40.7.9", "10.20.5.254"),
    ]
    assert site.volume_groups.except_ == ("scratchvg",)
    assert site.filesystems.nfs == ("/sapmnt",)
    assert site.boot_list.at_most == 5
    assert site.services.inittab_off == ("nimclient", "nimsh")
    rows = estate.rows("prod01", "example", "disaster")
    assert [(row.role, row.match, row.gateway) for row in rows] == [
        ("service", Match("slot", "C2"), "10.20.5.1"),
        ("backup", Match("vlan", "310"), ""),
    ]
    assert rows[0].aliases == (Alias("10.20.5.12", "255.255.255.0"), Alias("10.20.5.13", "255.255.255.255"))
    assert rows[1].netmask == "255.255.255.0"
    assert estate.rows("prod02", "example", "disaster")[0].match == Match("mac", "FA:61:10:00:0A:20")
    assert estate.rows("prod02", "example", "rehearsal") == ()


def test_a_named_vg_says_only_what_was_written(tmp_path: Path) -> None:
    text = profile("dr", "volume_groups:\n  named:\n  - {name: datavg, hosts: [prod01], quorum: no}")
    root = root_with(tmp_path, {"dr": text}, HEADER)
    (vg,) = load(root).sites["dr"].volume_groups.named
    assert vg == NamedVg("datavg", ("prod01",), (), None, False, None, None, False, False, vg.at)
    assert str(vg.at) == root.path("/etc/drboot/sites/dr.yaml:7:5")
    assert vg.is_for("prod01")
    assert not vg.is_for("prod010")


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    """A minimal profile, one with empty sections, and one that spells the defaults out say the same."""
    spelt = """
boot_hold: 15m
requires: {partition_name: [], partition_number: []}
rehearsal: {otherwise: disaster, limit: 24h, quarantine: {cron: true, mail: true, subsystems: [], banner: true}}
licences: []
deadlines: {read: 30s, write: 2m, cfgmgr: 15m, importvg: 15m, varyonvg: 10m, fsck: 1h, mount: 5m, nfs: 30s, hook: 10m,
  disks: 10m, reboot: 10m}
names: {hostname: "{host}", nameservers: [], search: []}
network: {roles: {}, static_routes: []}
volume_groups: {take: captured, except: [], named: []}
filesystems: {fsck: preen, except: [], nfs: []}
boot_list: {set: true, at_most: 5}
services: {inittab_off: [], stop: [], start: [], hold_cron: []}
"""
    sections = (
        "requires",
        "rehearsal",
        "licences",
        "deadlines",
        "names",
        "network",
        "volume_groups",
        "filesystems",
        "services",
    )
    empty = "".join(f"{name}:\n" for name in (*sections, "boot_list"))
    found = []
    for number, rest in enumerate(("", empty, spelt)):
        site = load(root_with(tmp_path / str(number), {"dr": profile("dr", rest)}, HEADER)).sites["dr"]
        found.append({key: _without_place(value) for key, value in vars(site).items() if key != "at"})
    assert found[0] == found[1] == found[2]


def _without_place(value: object) -> object:
    inner = getattr(value, "__dict__", None)
    return (
        {key: _without_place(part) for key, part in inner.items() if key != "at"} if inner and "at" in inner else value
    )


def test_an_estate_can_be_copied_and_sent(tmp_path: Path) -> None:
    """Values know their places; that must survive where they travel."""
    estate = load(examples(tmp_path))
    for other in (copy.deepcopy(estate), pickle.loads(pickle.dumps(estate))):
        assert other == estate
        assert other.sites["example"].systemids[0].where == estate.sites["example"].systemids[0].where


def test_the_site_of_a_systemid(tmp_path: Path) -> None:
    estate = load(examples(tmp_path))
    found = estate.site_of("02106A3B7")
    assert found is not None
    assert found.site == "example"
    assert estate.site_of("02106A3B") is None


def test_the_digest_is_of_the_bytes_in_the_order_of_paths(tmp_path: Path) -> None:
    sites = {"b": profile("b"), "a": profile("a", systemids="[IBM,0211D11C2]")}
    root = root_with(tmp_path, sites, HEADER)
    wanted = hashlib.sha256((HEADER + sites["a"] + sites["b"]).encode()).hexdigest()
    assert load(root).digest == wanted


def test_numbers_that_yaml_would_reckon_stay_as_written(tmp_path: Path) -> None:
    """YAML 1.1 reads 021112345 as octal, 00e1... as text, and a MAC of digits as base 60."""
    rest = "volume_groups: {named: [{name: 0815, pvids: [0012345670000000]}]}"
    root = root_with(tmp_path, {"dr": profile("dr", rest, "[021112345]")}, HEADER)
    site = load(root).sites["dr"]
    assert site.systemids == ("021112345",)
    assert site.volume_groups.named[0].name == "0815"
    assert site.volume_groups.named[0].pvids == ("0012345670000000",)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", ["profile-empty"]),
        ("# nothing\n", ["profile-empty"]),
        ("---\n", ["missing-key"] * 4),
        ("[]", ["wrong-type"]),
        ("just words", ["wrong-type"]),
        (profile("dr") + "--- \nversion: 1\n", ["yaml-not-plain"]),
        (profile("dr") + "names:\n\thostname: x\n", ["yaml-syntax"]),
        (profile("dr") + 'names: {hostname: "\\UFFFFFFFF"}', ["yaml-syntax"]),
        (profile("dr") + "names: {hostname: \x07}", ["yaml-syntax"]),
        (profile("dr") + "a: " + "[" * 100_000, ["yaml-too-deep"]),
        (profile("dr") + "a: " + "{a: " * 100_000, ["yaml-too-deep"]),
        (profile("dr") + "a: &a [*a]\n", ["yaml-not-plain", "unknown-key"]),
        (profile("dr") + "%YAML 9.9\n", ["yaml-syntax"]),
        ("\ufeff" + profile("dr", "x: 1"), ["unknown-key"]),
        (profile("dr", "x: 1").replace("\n", "\r\n"), ["unknown-key"]),
        (profile("dr", "names: {domain: \ud800}"), ["file-not-text"]),
    ],
)
def test_yaml_that_is_no_profile(text: str, names: List[str], tmp_path: Path) -> None:
    assert names_of(root_with(tmp_path, {"dr": text}, HEADER)) == names


def test_a_syntax_error_has_its_line_and_column(tmp_path: Path) -> None:
    root = root_with(tmp_path, {"dr": profile("dr", "names: {domain: [}")}, HEADER)
    assert places_of(root, "yaml-syntax") == ["/etc/drboot/sites/dr.yaml:5:18"]


def test_bytes_that_are_no_text_have_their_line(tmp_path: Path) -> None:
    root = root_with(tmp_path, {"dr": profile("dr")}, HEADER)
    Path(root.path("/etc/drboot/hosts.csv")).write_bytes(HEADER.encode() + b"prod\xff")
    assert places_of(root, "file-not-text") == ["/etc/drboot/hosts.csv:2"]


def test_an_endless_file_is_not_read_to_its_end(tmp_path: Path) -> None:
    text = profile("dr") + "#" * LARGEST_FILE
    assert names_of(root_with(tmp_path, {"dr": text}, HEADER)) == ["file-too-large"]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert names_of(root_with(tmp_path / "1", {"dr": profile("dr")}, None)) == ["file-unreadable"]
    assert names_of(root_with(tmp_path / "2", {}, HEADER)) == ["no-sites"]
    assert names_of(Root(str(tmp_path / "3"))) == ["file-unreadable", "file-unreadable"]


def test_a_directory_in_place_of_a_profile(tmp_path: Path) -> None:
    root = root_with(tmp_path, {"dr": profile("dr")}, HEADER)
    os.mkdir(root.path("/etc/drboot/sites/home.yaml"), 0o755)
    assert names_of(root) == ["file-unreadable"]


def test_a_pipe_in_place_of_a_profile_is_not_waited_for(tmp_path: Path) -> None:
    root = root_with(tmp_path, {"dr": profile("dr")}, HEADER)
    os.mkfifo(root.path("/etc/drboot/sites/home.yaml"), 0o644)
    assert names_of(root) == ["file-unreadable"]


@pytest.mark.parametrize(("name", "problem"), [("home.yml", "site-file-name"), ("dr.yaml~", None), (".dr.yaml", None)])
def test_only_yaml_files_are_profiles(name: str, problem: Optional[str], tmp_path: Path) -> None:
    """One that looks like a profile and is not read would be found out at the worst time."""
    root = root_with(tmp_path, {"dr": profile("dr")}, HEADER)
    path = Path(root.path(f"/etc/drboot/sites/{name}"))
    path.write_text("nonsense", encoding="utf-8")
    if problem:
        assert names_of(root) == [problem]
    else:
        assert list(load(root).sites) == ["dr"]


def test_a_damaged_profile_does_not_make_its_rows_wrong(tmp_path: Path) -> None:
    rows = HEADER + "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,\n"
    assert names_of(root_with(tmp_path, {"dr": "version: ["}, rows)) == ["yaml-syntax"]


def test_a_profile_without_roles_by_mistake_does_not_make_its_rows_wrong(tmp_path: Path) -> None:
    rows = HEADER + "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,\n"
    assert names_of(root_with(tmp_path / "1", {"dr": profile("dr", "networks: {}")}, rows)) == ["unknown-key"]
    assert names_of(root_with(tmp_path / "2", {"dr": profile("dr")}, rows)) == ["hosts-role-unknown"]
    bad = profile("dr", "boot_hold: x\nnetwork: {roles: {backup: {}}}")
    assert names_of(root_with(tmp_path / "3", {"dr": bad}, rows)) == ["bad-duration", "hosts-role-unknown"]


def test_a_key_that_is_missing_hides_no_other_mistake(tmp_path: Path) -> None:
    sites = {"dr": "site: dr\nsystemids: [IBM,0211D11C1]\nservices: {stop: [a], start: [a]}\n", "home": profile("home")}
    assert names_of(root_with(tmp_path, sites, HEADER)) == [
        "missing-key",
        "missing-key",
        "service-stopped-and-started",
        "systemid-in-two-sites",
    ]


def test_a_host_that_the_table_does_not_have(tmp_path: Path) -> None:
    rest = "network: {roles: {service: {}}}\nvolume_groups: {named: [{name: datavg, hosts: [prod01, prdo01]}]}"
    rows = HEADER + "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,\n"
    root = root_with(tmp_path, {"dr": profile("dr", rest)}, rows)
    assert names_of(root) == ["vg-host-unknown"]
    assert places_of(root, "vg-host-unknown") == ["/etc/drboot/sites/dr.yaml:6:56 volume_groups.named[0].hosts[1]"]


def test_the_host_names_that_a_template_makes(tmp_path: Path) -> None:
    """F51, and a template that was meant for one LPAR."""
    long = "a" * 31
    rows = HEADER
    for host, last in ((long, 11), ("prod02", 12)):
        rows += f"{host},dr,disaster,service,slot:C2,10.20.5.{last},24,10.20.5.1,\n"

    def named(number: int, template: str) -> List[str]:
        rest = f"network: {{roles: {{service: {{}}}}}}\nnames: {{hostname: '{template}'}}"
        root = root_with(tmp_path / str(number), {"dr": profile("dr", rest)}, rows)
        try:
            load(root)
        except ConfigError as error:
            return [problem.name for problem in error.problems]
        return []

    assert named(1, "{host}d") == []
    assert named(2, "{host}dr") == ["host-name-too-long"]
    assert named(3, "aixdr") == ["host-name-twice"]


def test_a_thousand_hosts_are_read_in_well_under_a_second(tmp_path: Path) -> None:
    lines = [HEADER]
    for number in range(1000):
        last = f"{number // 200}.{number % 200 + 10}"
        lines.append(f"h{number},dr,disaster,service,slot:C2,10.1.{last},16,10.1.250.1,10.2.{last};10.3.{last}/24\n")
        lines.append(f"h{number},dr,disaster,backup,vlan:310,10.4.{last},16,,\n")
        lines.append(f"h{number},dr,rehearsal,service,slot:C2,10.5.{last},16,10.5.250.1,\n")
    sites = {"dr": profile("dr", "network: {roles: {service: {}, backup: {}}}")}
    root = root_with(tmp_path, sites, "".join(lines))
    started = time.process_time()
    estate = load(root)
    spent = time.process_time() - started
    assert len(estate.hosts) == 3000
    assert spent < 0.9, f"{spent:.2f} s of CPU"


def test_a_file_that_is_no_profile_does_not_fill_the_console(tmp_path: Path) -> None:
    root = root_with(tmp_path / "lpar", {"dr": "site: dr\n" * 5000}, HEADER)
    with pytest.raises(ConfigError) as raised:
        load(root)
    problems = raised.value.problems
    assert len(problems) == 201
    last = problems[-1]
    assert last.name == "further-mistakes"
    assert last.what.startswith("there are 4") and last.where.endswith("dr.yaml:202:1 site")


@pytest.mark.parametrize("ids", ["[]", '[""]', "[IBM, ]", '["IBM,"]', "~", "", "[0211D11C1, '']", "[ ,]"])
def test_F02_a_site_without_a_systemid_is_refused_where_it_is_loaded(tmp_path: Path, ids: str) -> None:
    """An id that is empty would be that of every machine whose own cannot be read."""
    root = root_with(tmp_path, {"dr": profile("dr", systemids=ids)}, HEADER)
    with pytest.raises(ConfigError) as caught:
        load(root)
    assert all(problem.where.split(":")[0].endswith("/sites/dr.yaml") for problem in caught.value.problems)
    assert {problem.where.split(":")[1] for problem in caught.value.problems} == {"3"}


def test_glvm_names_volume_groups_hosts_and_how_many_disks_are_here(tmp_path: Path) -> None:
    root = _of_glvm(tmp_path, "{disks_here: 2, hosts: [prod01]}")
    entry = load(root).sites["dr"].glvm["datavg"]
    assert (entry.disks_here, entry.marker_age, entry.other_site) == (2, 43200.0, "returns")
    assert (entry.is_for("prod01", "disaster"), entry.is_for("prod01", "rehearsal")) == (True, False)
    assert not entry.is_for("prod02", "disaster")


@pytest.mark.parametrize(
    ("entry", "name"),
    [("{}", "missing-key"), ("{disks_here: 0}", "bad-number"), ("{disks_here: 2, hosts: [prod99]}", "vg-host-unknown")],
)
def test_a_mistake_in_glvm_is_named(tmp_path: Path, entry: str, name: str) -> None:
    assert names_of(_of_glvm(tmp_path, entry)) == [name]


def _of_glvm(directory: Path, entry: str) -> Root:
    rest = f"network: {{roles: {{service: {{}}}}}}\nglvm: {{datavg: {entry}}}"
    rows = HEADER + "prod01,dr,disaster,service,slot:C2,10.20.5.11,24,10.20.5.1,\n"
    return root_with(directory, {"dr": profile("dr", rest)}, rows)


@pytest.mark.parametrize(
    "role", ["gateway", "node_name", "default_route", "old_routes", "static_routes", "routes6", "owner"]
)
def test_a_role_is_not_called_as_a_step_of_the_network_is(tmp_path: Path, role: str) -> None:
    """Two steps of one name, and the run would wait for one of them for ever."""
    bad = profile("dr", f"network: {{roles: {{{role}: {{}}}}}}")
    assert names_of(root_with(tmp_path, {"dr": bad}, HEADER)) == ["bad-name"]
