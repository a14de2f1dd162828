"""drboot-sim fleet: many LPARs at once, each with its own addresses."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any, List

import pytest

from drboot.sim import fleet
from drboot.sim.__main__ import main
from drboot.sim.estates import fleet as members
from drboot.sim.estates.build import Estate
from tests import checker

# ghostdev alone; clouddev-at-dr; two networks the other way round at DR, aliases, a raw LV
TELLING = (1, 8, 15)
COUNT = 16


def task(directory: Path, number: int, **changes: Any) -> fleet.Task:
    whole: Any = {
        "estate": "",
        "number": number,
        "among": COUNT,
        "directory": str(directory / str(number)),
        "keep": True,
    }
    return fleet.Task(**{**whole, "verify": False, **changes})


@pytest.mark.parametrize("number", TELLING)
def test_an_lpar_of_the_fleet_comes_up_with_its_own_addresses(tmp_path: Path, number: int) -> None:
    member = members.Member(number)
    booted = fleet.take(task(tmp_path, number))
    assert booted.wrong == ()
    assert (booted.lpar, booted.boots) == (member.host + "_dr", 1 if member.policy == "ghostdev" else 2)
    assert booted.addresses.count(member.address(20)) == 1
    assert len(booted.addresses) == 1 + member.aliases + member.has_backup
    machine = tmp_path / str(number) / "lpars" / booted.lpar
    assert checker.differences(str(machine), members.expected(member)) == [], (
        "the other checker, which it shares nothing with"
    )
    assert len(Path(machine, "root/etc/drboot/hosts.csv").read_text().splitlines()) > 2 * COUNT


def test_no_two_lpars_share_anything() -> None:
    many = [members.Member(number) for number in range(1, 1001)]
    rows = members.rows(1000)
    addresses = [row.address for row in rows] + [one for row in rows for one in row.aliases.split(";") if one]
    assert len(addresses) == len(set(addresses)) > 2000
    assert len({member.host for member in many}) == len({member.machine for member in many}) == 1000
    assert {member.policy for member in many} == {"ghostdev", "clouddev-at-dr"}


def test_what_fails_is_told_of_its_lpar_and_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = fleet._made

    def one_is_broken(task: fleet.Task) -> Estate:
        if task.number == 3:
            raise OSError("no space left")
        estate = made(task)
        if task.number == 2:
            with estate.dr.edit() as world:
                rule: Any = {
                    "program": "/usr/sbin/importvg",
                    "args": "",
                    "nth": 0,
                    "kind": "fails",
                    "rc": 1,
                    "seconds": 0,
                }
                world["settings"]["faults"] = [rule]
        return estate

    monkeypatch.setattr(fleet, "_made", one_is_broken)
    monkeypatch.setattr(fleet, "QUICK_DISK", str(tmp_path))
    results = tmp_path / "results.json"
    assert fleet.run([], 3, 1, to_json=str(results)) == fleet.EXIT_UNFINISHED
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines if not line.startswith(" ")][:3] == [
        ["lpar0001_dr", "up"], ["lpar0002_dr", "NOT"], ["lpar0003", "NOT"],
    ]  # fmt: skip
    assert any("data0vg is not varied on" in line for line in lines)
    assert any("no space left" in line for line in lines)
    assert any(line.startswith("3 LPARs: 1 up, 2 not; ") for line in lines)
    kept = sorted(path.name for path in next(tmp_path.glob("drboot-fleet-*")).iterdir())
    assert kept == ["0002"], "what is up is not kept"
    whole = json.loads(results.read_text())
    assert ([one["up"] for one in whole["lpars"]], whole["up"]) == ([True, False, False], 1)


def test_two_workers_and_one_also_as_processes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As somebody types it, with results on standard output; nothing is left behind."""
    place = tmp_path / "kept"
    assert (
        main(["fleet", "--lpars", "2", "--jobs", "2", "--verify", "1", "--json", "-", "--directory", str(place)]) == 0
    )
    said = capsys.readouterr()
    whole = json.loads(said.out)
    assert (whole["count"], whole["up"], whole["verified"]) == (2, 2, 1)
    assert "1 of 1 that were also run as processes ended as the same machine" in said.err
    assert "\r" not in said.err, "no bar but on a terminal"
    assert sorted(path.name for path in place.iterdir()) == ["0001", "0002"]
    assert main(["fleet", "--directory", str(place)]) == 1, "never among what is there already"


def test_an_interrupted_fleet_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(task: fleet.Task) -> fleet.Booted:
        Path(task.directory).mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(fleet, "take", interrupted)
    monkeypatch.setattr(fleet, "QUICK_DISK", str(tmp_path))
    with pytest.raises(KeyboardInterrupt):
        fleet.run([], 3, 1)
    assert list(tmp_path.iterdir()) == []


def test_a_sample_is_drawn_from_the_whole_fleet(capsys: pytest.CaptureFixture[str]) -> None:
    assert fleet.run([], 500, 1, sample=2, seed=7) == 0
    first, second, summary = capsys.readouterr().out.splitlines()
    assert first.split()[0] < second.split()[0] and summary.startswith("2 LPARs: 2 up, 0 not; ")
    assert any(int(line[4:8]) > 16 for line in (first, second)), "any of the five hundred"


def test_machines_that_differ_are_named() -> None:
    one = {"odm": {"a": 1, "b": 2}, "files": {"/etc/x": "text"}}
    other = {"odm": {"a": 1, "b": 3}, "files": {}}
    assert fleet._unlike(one, one, "") == []
    assert fleet._unlike(one, other, "") == [
        "/files//etc/x: 'text' in memory, 'None' as processes",
        "/odm/b: '2' in memory, '3' as processes",
    ]


@pytest.mark.parametrize(("arguments", "why"), [
    (["--lpars", "0"], "no number from 1"), (["--lpars", "4001"], "no number"), (["nowhere"], "there is no estate"),
])  # fmt: skip
def test_a_wrong_call_is_explained(arguments: List[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fleet", *arguments])
    assert ended.value.code == 2
    assert why in capsys.readouterr().err


def test_lines_fit_the_console() -> None:
    widest = fleet.Booted("lpar1000_dr", 0, 2, ("10.120.199.200",) * 12, 12, 15, 160, (), "same", 1.0)
    assert all(len(line) <= 80 for line in [*fleet.told(widest), *fleet.summary([widest] * 1000, 999.0, 16)])


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_bar_shows_how_far_it_is_and_goes() -> None:
    up = fleet.Booted("a", 0, 1, (), 0, 0, 0, (), "", 1.0)
    terminal = Terminal()
    bar = fleet.Bar(4, terminal)
    bar.show([up, up._replace(wrong=("x",))])
    assert terminal.getvalue().startswith("\r[" + "#" * 15 + "." * 15 + "] 2/4, 1 NOT UP, ")
    bar.clear()
    assert terminal.getvalue().endswith("\r")
