"""storage-map, ssp-files and flash as they are typed, on listings that are files."""

from __future__ import annotations

import csv
import io
import json
import os
import time
from pathlib import Path
from typing import Any, List

import pytest

from drboot import cli
from drboot.paths import PROGRAMS
from drboot.sim.boot import power_on
from drboot.sim.estates import small
from drboot.sim.inprocess import InProcess
from drboot.verbs import base
from tests.scenarios import memory
from tests.scenarios.verbs import drboot
from tests.unit.companions import test_flash, test_ssp
from tests.unit.profile.machine import HEADER, profile, root_with

# ---------------------------------------------------------------- storage-map


@pytest.fixture(scope="module")
def lpars(tmp_path_factory: pytest.TempPathFactory) -> List[InProcess]:
    """Production, and its replica at DR before anything was done."""
    estate = small.make(str(tmp_path_factory.mktemp("small")))
    memory.arm_at_home(estate)
    return [InProcess(estate.home), memory.wake(estate)]


def test_the_disks_of_home_with_their_luns(lpars: List[InProcess]) -> None:
    ran = drboot(lpars[0], "storage-map")
    assert (ran.rc, ran.err) == (0, "")
    assert "rootvg          boot" in ran.out and "datavg          data" in ran.out
    rows = list(csv.DictReader(io.StringIO(drboot(lpars[0], "storage-map", "--csv").out)))
    known = json.loads(drboot(lpars[0], "storage-map", "--json").out)
    assert [row["pvid"] for row in rows] == [row["pvid"] for row in known]
    assert all(row["unique_id"] and row["host"] == "prod01" for row in known)
    assert drboot(lpars[0], "storage-map", "--captured").out == ran.out


def test_at_dr_what_has_arrived(lpars: List[InProcess]) -> None:
    ran = drboot(lpars[1], "storage-map")
    assert (ran.rc, ran.err) == (0, "")
    assert ran.out.splitlines()[-1].endswith(" arrived")
    rows = list(csv.DictReader(io.StringIO(drboot(lpars[1], "storage-map", "--csv").out)))
    assert {row["state"] for row in rows} == {"arrived"}


def test_at_dr_what_is_missing_ends_with_4_and_names_the_lun_of_home(tmp_path: Path) -> None:
    estate = small.make(str(tmp_path))
    memory.arm_at_home(estate)
    estate.replicate()
    with estate.dr.edit() as world:
        world["san"]["luns"]["dr:0001"]["present"] = False
    power_on(estate.dr)
    ran = drboot(InProcess(estate.dr), "storage-map")
    assert ran.rc == 4
    head, lun = ran.out.splitlines()[2], ran.out.splitlines()[4]
    assert head.split()[1] == "00f6f42a0bd88911" and head.endswith("MISSING")
    assert lun.split() == ["unique_id", "200B7117186000107210790003IBMfcp"]


# ---------------------------------------------------------------- ssp-files


class Listings:
    """What the VIOS printed, in files."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __call__(self, name: str, text: str) -> str:
        (self.directory / name).write_text(text)
        return str(self.directory / name)


@pytest.fixture
def saved(tmp_path: Path) -> Listings:
    return Listings(tmp_path)


@pytest.fixture
def root(tmp_path: Path) -> str:
    network = "network: {roles: {service: {}}}\n"
    dr = profile("dr", network + "rehearsal: {partition_name: ['*_reh']}\n")
    rows = (
        "prod01,dr,disaster,service,slot:C2,10.20.5.11,255.255.255.0,10.20.5.1,\n"
        "prod01,dr,rehearsal,service,slot:C2,192.168.77.11,255.255.255.0,192.168.77.1,\n"
    )
    sites = {"home": profile("home", systemids="[IBM,017268B60]"), "dr": dr}
    return root_with(tmp_path / "root", sites, HEADER + rows).directory


def ssp_arguments(saved: Listings, **given: str) -> List[str]:
    cuat = "\n".join(test_ssp.cuat(name, unique_id) for name, unique_id in test_ssp.IDS)
    values = {
        "cluster": "VIOCLUSTER", "nodelist": "ps701-vios", "disks": "hdisk14,hdisk15", "cuat": saved("cuat", cuat),
        "count": "2", "repository": "hdisk1", "free": saved("free", test_ssp.FREE),
        "lspv": saved("lspv", test_ssp.LSPV), "backup": "sspbackup.VIOCLUSTER.tar.gz", "site": "dr",
        "lpars": "prod01_reh", **given,
    }  # fmt: skip
    return ["ssp-files", *(word for name, value in values.items() for word in (f"--{name}", value))]


def run(root: str, capsys: pytest.CaptureFixture[str], *args: str) -> Any:
    rc = cli.main(["--root", root, *args])
    return (rc, *capsys.readouterr())


def test_S000_3_the_files_are_written_and_the_commands_printed(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rc, out, err = run(root, capsys, *ssp_arguments(saved, output=str(tmp_path)))
    assert (rc, err) == (0, "")
    assert (tmp_path / "nodelist").read_text() == "ps701-vios\n"
    assert (tmp_path / "disklist").read_text().splitlines() == [unique_id for _, unique_id in test_ssp.IDS]
    assert "viosbr -dr -clustername VIOCLUSTER" in out


@pytest.mark.parametrize("command", ["odmget", "pv -list"])
def test_S000_3_the_ids_come_through_the_pipe_where_no_file_is_named(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    listed = "".join(f"pool,SYSTEM,Default,{name},51200,ONLINE,{unique_id}\n" for name, unique_id in test_ssp.IDS)
    text = listed if command == "pv -list" else "\n".join(test_ssp.cuat(*row) for row in test_ssp.IDS)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    rc, out, _ = run(root, capsys, *ssp_arguments(saved, cuat=""))
    assert rc == 0 and all(f"  {unique_id}\n" in out for _, unique_id in test_ssp.IDS)
    assert run(root, capsys, *ssp_arguments(saved, cuat="", free="-"))[0] == 2, "one pipe, two listings"


def test_a_standard_input_that_is_closed_is_said_to_be(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", None)
    rc, _, err = run(root, capsys, *ssp_arguments(saved, free="-"))
    assert rc == 2 and "it is closed" in err
    assert run(root, capsys, *ssp_arguments(saved, cuat=""))[0] == 2


def test_S000_6_a_refusal_writes_nothing(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rc, out, _ = run(root, capsys, *ssp_arguments(saved, repository="hdisk15", output=str(tmp_path)))
    assert rc == 3
    assert not (tmp_path / "nodelist").exists() and "viosbr" not in out
    assert "NO   the repository is a new disk" in out
    made = json.loads(run(root, capsys, *ssp_arguments(saved, repository="hdisk15"), "--json")[1])
    assert made["nodelist"] == made["disklist"] == made["plan"] == []
    made = json.loads(run(root, capsys, *ssp_arguments(saved), "--json")[1])
    assert made["disklist"] == [unique_id for _, unique_id in test_ssp.IDS]


def test_both_files_are_written_or_none(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "disklist").mkdir()
    rc, _, err = run(root, capsys, *ssp_arguments(saved, output=str(tmp_path)))
    assert rc == 2 and "ssp-files-not-written" in err
    assert not (tmp_path / "nodelist").exists()


def test_S000_13_a_copy_of_a_pool_is_a_rehearsal_or_needs_a_marker(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(root, capsys, *ssp_arguments(saved, lpars="prod01_reh,prod01_dr"))[0] == 3
    marker = tmp_path / "production-is-down"
    rc, out, _ = run(root, capsys, *ssp_arguments(saved, disaster=str(marker)))
    assert rc == 3 and f"touch {marker}" in out
    marker.touch()
    assert run(root, capsys, *ssp_arguments(saved, disaster=str(marker)))[0] == 0


def test_S000_9_a_cluster_that_is_in_the_way_is_named_in_a_box(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["--old-cluster", "TEST", "--old-repository", "hdisk2"]
    rc, out, _ = run(root, capsys, *ssp_arguments(saved), *given)
    assert rc == 0 and "cleandisk -r hdisk2" in out and "cluster -delete -clustername TEST" in out
    assert run(root, capsys, *ssp_arguments(saved), *given[:2])[0] == 2, "which disk has to go, nobody guesses"
    rc, out, _ = run(root, capsys, *ssp_arguments(saved), *given[:3], "hdisk15")
    assert rc == 3 and "cleandisk" not in out, "that is one of the replicas"


def test_S000_12_is_it_right_now(root: str, saved: Listings, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--status", saved("status", test_ssp.STATUS), "--lu", saved("lu", test_ssp.LU_LIST)]
    files += ["--lsmap", saved("lsmap", test_ssp.LSMAP)]
    right, wrong = ("--clients", "sspdisk1_750lpar11=6"), ("--clients", "sspdisk1_750lpar11=7")
    assert run(root, capsys, "ssp-files", "--verify", *files, *right)[0] == 0
    rc, out, _ = run(root, capsys, "ssp-files", "--verify", *files, *wrong)
    assert (rc, "it is mapped to LPAR 6" in out) == (4, True)


def test_S000_14_the_age_of_the_backup_is_that_of_the_file(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup = saved("sspbackup.VIOCLUSTER.tar.gz", "x")
    for days, said in (
        (8, "look a backup of VIOCLUSTER, at most 7 days old: it is 8 days old"),
        (6, "old: 6 days old"),
    ):
        os.utime(backup, (time.time() - days * 86400 - 60,) * 2)
        rc, out, _ = run(root, capsys, *ssp_arguments(saved, backup=backup))
        assert rc == 0 and said in out
    assert "it is 6 days old" in run(root, capsys, *ssp_arguments(saved, backup=backup), "--max-age", "5d")[1]


def test_S000_7_S000_9_no_program_of_a_vios_is_among_those_that_drboot_runs() -> None:
    of_vios = {"cluster", "cleandisk", "viosbr", "lu", "pv", "lsmap", "ioscli", "updateios"}
    assert not of_vios & {os.path.basename(program) for program in PROGRAMS.values()}
    assert "lspv" in {os.path.basename(program) for program in PROGRAMS.values()}, "what is looked for would be found"


def test_S000_10_nodes_that_are_named_must_be_in_the_cluster(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--status", saved("status", test_ssp.STATUS), "--lu", saved("lu", test_ssp.LU_LIST)]
    files += ["--lsmap", saved("lsmap", test_ssp.LSMAP), "--clients", "sspdisk1_750lpar11=6"]
    assert run(root, capsys, "ssp-files", "--verify", *files, "--nodelist", "ps701-vios")[0] == 0
    rc, out, _ = run(root, capsys, "ssp-files", "--verify", *files, "--nodelist", "ps701-vios,ps702-vios")
    assert rc == 4 and "does not show ps702-vios" in out


@pytest.mark.parametrize("word", ["my cluster", "-force", "a;b", "a\nb", "$(id)", "a,,b"])
@pytest.mark.parametrize("option", ["cluster", "nodelist", "disks", "repository", "old-cluster", "old-repository"])
def test_a_name_that_a_shell_would_not_leave_alone_is_a_usage_error(
    root: str, saved: Listings, tmp_path: Path, option: str, word: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--root", root, *ssp_arguments(saved, output=str(tmp_path)), f"--{option}={word}"])
    assert ended.value.code == 2
    assert not (tmp_path / "nodelist").exists()


def test_what_is_missing_empty_or_contradictory_ends_with_2_and_writes_nothing(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sspbackup.VIOCLUSTER.tar.gz").touch()
    listed = saved("pv", f"viopool,SYSTEM,Default,hdisk2,51200,ONLINE,{32 * '3'}\n")
    for given, why in (
        ({"lspv": ""}, "--lspv"),
        ({"lspv": saved("lspv2", "")}, "empty"),
        ({"cuat": saved("cuat2", "")}, "no unique_id"),
        ({"free": "-", "lspv": "-"}, "only one listing"),
        ({"production": listed}, "shows 1, and --count says 2"),
        ({"backup": str(tmp_path / "sspbackup.VIOCLUSTER.tar.gz")}, "it is empty"),
        ({"backup": "ssp backup.VIOCLUSTER.tar.gz"}, "no name of a backup"),
    ):
        rc, out, err = run(root, capsys, *ssp_arguments(saved, **given, output=str(tmp_path)))
        assert (rc, out, why in err) == (2, "", True), err
    assert not (tmp_path / "nodelist").exists()


def test_the_questions_fit_a_console_and_a_command_stays_in_one_line(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    marker = tmp_path / "production-is-down"
    _, out, _ = run(root, capsys, *ssp_arguments(saved, disaster=str(marker), repository="hdisk12"))
    assert f"touch {marker}\n" in out
    assert max(len(line) for line in out.splitlines() if str(tmp_path) not in line) < 80


def test_a_listing_of_another_command_is_refused_with_file_and_line(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str]
) -> None:
    rc, _, err = run(root, capsys, *ssp_arguments(saved, free=saved("free2", test_ssp.STATUS)))
    assert rc == 2 and "listing-not-understood" in err and "free2:1" in err
    assert run(root, capsys, *ssp_arguments(saved, free="/does/not/exist"))[0] == 2
    assert run(root, capsys, "ssp-files")[0] == 2


@pytest.mark.parametrize("encoding", ["ascii", "utf-8-sig"])
def test_a_listing_comes_through_a_pipe(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    """Or by way of an editor of Windows, which puts three bytes before it."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(test_ssp.FREE.encode(encoding))))
    assert run(root, capsys, *ssp_arguments(saved, free="-"))[0] == 0


@pytest.mark.parametrize(("text", "where"), [("", "standard input\n"), ("NAME PVID\n" + 8 * "\n" + "?", "input:10\n")])
def test_a_pipe_that_is_empty_or_broken_is_called_by_its_name(
    root: str,
    saved: Listings,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    where: str,
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    rc, _, err = run(root, capsys, *ssp_arguments(saved, free="-"))
    assert rc == 2 and where in err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_console_that_cannot_show_a_character_ends_nothing(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A byte that is no UTF-8 is a lone surrogate in what was read, and no console can show that."""
    console = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr("sys.stdout", console)
    monkeypatch.setattr("sys.stderr", console)
    base.say("datavg \udcfc \ufffd")
    base.complain("datavg \udcfc")
    console.seek(0)
    assert "datavg \\udcfc" in console.read()


# ---------------------------------------------------------------- flash


def flash_arguments(saved: Listings, age: float = 7200.0, state: str = "Not Activated", **given: str) -> List[str]:
    date = time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(time.time() - age))
    rows = [test_flash.row(pair, date=date) for pair in test_flash.PAIRS]
    text = "\n".join((test_flash.NAMES, "=" * 40, *rows)) + "\n"
    values = {
        "pairs": ",".join(test_flash.PAIRS), "dev": test_flash.IMAGE, "lsflash": saved("lsflash", text), "site": "dr",
        "host": "prod01", "lpar": "prod01_reh", "lssyscfg": saved("lssyscfg", f"prod01_reh,{state}\n"), **given,
    }  # fmt: skip
    return ["flash", "plan", *(word for name, value in values.items() for word in (f"--{name}", value))]


def test_S004_1_the_plan_with_the_line_of_the_seed(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str]
) -> None:
    rc, out, err = run(root, capsys, *flash_arguments(saved))
    assert (rc, err) == (0, "")
    assert "resyncflash -dev IBM.XXXX-XXXXXXX -persist -record -cp 0001:0002 0101:0102 0003:0004" in out
    made = json.loads(run(root, capsys, *flash_arguments(saved), "--json")[1])
    assert all(gate["holds"] for gate in made["gates"]) and made["plan"]


def test_S004_4_S004_5_S004_12_what_forbids_it(root: str, saved: Listings, capsys: pytest.CaptureFixture[str]) -> None:
    for given in ({"state": "Running"}, {"age": 60.0}, {"lpar": "prod01_dr"}):
        rc, out, _ = run(root, capsys, *flash_arguments(saved, **given))  # type: ignore[arg-type]
        assert rc == 3 and "resyncflash" not in out
        made = json.loads(run(root, capsys, *flash_arguments(saved, **given), "--json")[1])  # type: ignore[arg-type]
        assert made["plan"] == []
    assert run(root, capsys, *flash_arguments(saved, age=60.0), "--force")[0] == 0


def test_S004_4_what_the_hmc_said_two_hours_ago_forbids_it(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = flash_arguments(saved)
    os.utime(tmp_path / "lssyscfg", (time.time() - 7200,) * 2)
    rc, out, _ = run(root, capsys, *given)
    assert rc == 3 and "resyncflash" not in out and "saved 2 h 0 min ago" in out


def test_what_others_said_is_shown_in_ascii_and_obeyed_by_no_terminal(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = flash_arguments(saved)
    (tmp_path / "lssyscfg").write_bytes(b"prod01_reh,\xfcber \x1b[2J\x07Running\n")
    rc, out, _ = run(root, capsys, *given)
    assert rc == 3 and "says prod01_reh is ?ber ?[2J?Running" in out
    assert out.replace("\n", "").isprintable() and out.isascii()


def test_S004_9_a_first_copy_is_one_line_of_its_own(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str]
) -> None:
    rc, out, _ = run(root, capsys, *flash_arguments(saved, pairs="0001:0002,0A01:0A02"))
    assert rc == 3 and f"  mkflash -dev {test_flash.IMAGE} -persist -record -cp 0A01:0A02\n" in out


def test_the_listing_of_another_array_is_refused(
    root: str, saved: Listings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every array has volumes 0001 and 0002."""
    given = flash_arguments(saved)
    banner = "Date/Time: September 18, 2014 11:04:04 PM CEST IBM DSCLI Version: 7.7.10.317 DS: IBM.2107-75OTHER\n"
    listed = (tmp_path / "lsflash").read_text()
    (tmp_path / "lsflash").write_text(banner + listed)
    rc, out, err = run(root, capsys, *given)
    assert (rc, out) == (2, "") and "IBM.2107-75OTHER" in err
    (tmp_path / "lsflash").write_text(banner.replace("IBM.2107-75OTHER", test_flash.IMAGE) + listed)
    assert run(root, capsys, *given)[0] == 0
    log = ("flash", "status", "--pairs", "0001:0002", "--log", saved("log", test_flash.LOG))
    assert run(root, capsys, *log, "--dev", test_flash.IMAGE)[0] == 0
    assert run(root, capsys, *log, "--dev", "IBM.2107-75OTHER")[0] == 2


def test_delays_that_exclude_each_other_and_two_pipes_are_usage_errors(
    root: str, saved: Listings, capsys: pytest.CaptureFixture[str]
) -> None:
    given = flash_arguments(saved)
    assert run(root, capsys, *given, "--min-delay", "2d", "--max-delay", "1d")[0] == 2
    assert run(root, capsys, *given, "--min-delay", "1h", "--max-delay", "1d")[0] == 0
    assert run(root, capsys, *given, "--lsflash", "-", "--lssyscfg", "-")[0] == 2


def test_S004_6_S004_10_status(root: str, saved: Listings, capsys: pytest.CaptureFixture[str]) -> None:
    listed = flash_arguments(saved)[flash_arguments(saved).index("--lsflash") + 1]
    pairs = ("--pairs", ",".join(test_flash.PAIRS))
    log = saved("log", test_flash.LOG)
    assert run(root, capsys, "flash", "status", *pairs, "--lsflash", listed, "--log", log)[0] == 0
    rc, out, _ = run(root, capsys, "flash", "status", *pairs, "--lsflash", listed, "--max-delay", "1h")
    assert rc == 4 and out.endswith("drboot: warn\n")
    short = saved("short", test_flash.LOG.rpartition("CMUC")[0])
    assert run(root, capsys, "flash", "status", *pairs, "--log", short)[0] == 4
    assert run(root, capsys, "flash", "status", *pairs)[0] == 2


def test_a_pair_that_is_none_is_a_usage_error(root: str, capsys: pytest.CaptureFixture[str]) -> None:
    for pairs in ("1:2", "0001:0002,0001:0002", "0001:0002,", "0001:0001", "0001:0002,0002:0001", "0001:2,0003:2"):
        with pytest.raises(SystemExit) as ended:
            cli.main(["--root", root, "flash", "status", "--pairs", pairs])
        assert ended.value.code == 2
    for image in ("IBM.2107", "IBM.2107-75AAA01 -quiet", "../IBM.2107-75AAA01", "-dev"):
        with pytest.raises(SystemExit) as ended:
            cli.main(["--root", root, "flash", "status", "--pairs", "0001:0002", f"--dev={image}"])
        assert ended.value.code == 2
