"""``drboot support``: the bundle is there whatever is broken, and no secret is in it."""

from __future__ import annotations

import functools
import gzip
import io
import json
import os
import stat
import tarfile
from pathlib import Path
from typing import Any, Dict, List, Mapping, Tuple

import pytest

from drboot import cli, runner, support, unrecorded
from drboot.clock import CountedClock
from drboot.errors import ConfigError, DrbootError
from drboot.paths import PROGRAMS, Root
from drboot.runner import Ran, Runner
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory

SECRET = "Xy7-planted-8841"


@pytest.fixture(scope="module")
def armed(tmp_path_factory: pytest.TempPathFactory) -> Estate:
    """A production LPAR, captured and armed; the tests below only add files of their own."""
    estate = small.make(str(tmp_path_factory.mktemp("estate")))
    memory.arm_at_home(estate)
    return estate


def runner_of(estate: Estate) -> Runner:
    return Runner(Root(estate.home.root), run_argv=memory.run_on(InProcess(estate.home)))


def unpacked(path: str) -> Dict[str, bytes]:
    """Name below the top directory -> contents."""
    with tarfile.open(path, "r:gz") as tar:
        members = tar.getmembers()
        assert all(member.isreg() and member.mode == 0o600 and not member.name.startswith("/") for member in members)
        tops = {member.name.split("/")[0] for member in members}
        assert tops == {os.path.basename(path)[: -len(".tar.gz")]}
        return {m.name.partition("/")[2]: tar.extractfile(m).read() for m in members}  # type: ignore[union-attr]


def states(made: support.Bundle) -> Dict[str, str]:
    return {item.name: item.state for item in made.items}


def broken(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
    """A machine on which half of everything hangs, and the rest prints garbage or is not there."""
    kind = len(argv[0] + "".join(argv[1:])) % 3
    if kind == 0:
        return Ran(argv, "killed", -9, "", "", deadline)
    if kind == 1:
        return Ran(argv, "missing", 127, "", "", 0.0)
    return Ran(argv, "exited", 1, "\x00\udcff garbage\n" * 3, "0516-000 broken\n", 0.0)


# ---------------------------------------------------------------- what is in it


def test_a_machine_in_order_is_collected_whole(armed: Estate, tmp_path: Path) -> None:
    made = support.make(runner_of(armed), str(tmp_path))
    inside = unpacked(made.path)
    assert not made.failed
    assert {"files/etc/drboot/armed", "files/etc/inittab", "files/var/adm/drboot/captures/home.json"} <= set(inside)
    assert b"rootvg" in inside["commands/lsvg.txt"] and b"hdisk" in inside["commands/lspv_-u.txt"]
    assert {"commands/lsvg_datavg.txt", "commands/lsvg_-l_datavg.txt", "versions.txt"} <= set(inside)
    assert b"/opt/drboot" in inside["listing.txt"] or b"/etc/drboot/armed" in inside["listing.txt"]
    contents = inside[support.CONTENTS].decode("ascii")
    assert all(item.name in contents for item in made.items if item.name != support.CONTENTS)
    assert os.stat(made.path).st_size == made.size < support.MOST_BYTES


def test_only_its_owner_can_read_it(armed: Estate, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        made = support.make(runner_of(armed), str(tmp_path))
    finally:
        os.umask(before)
    assert stat.S_IMODE(os.stat(made.path).st_mode) == 0o600
    assert os.stat(made.path).st_uid == os.geteuid()


def test_the_profile_is_there_as_it_is_where_it_has_no_secret(armed: Estate, tmp_path: Path) -> None:
    inside = unpacked(support.make(runner_of(armed), str(tmp_path)).path)
    sites = Path(armed.home.root, "etc/drboot/sites")
    names = [path.name for path in sites.glob("*.yaml")]
    assert names
    assert all(inside[f"files/etc/drboot/sites/{name}"] == (sites / name).read_bytes() for name in names)


def test_nothing_of_the_machine_is_changed(armed: Estate, tmp_path: Path) -> None:
    root = Path(armed.home.root)

    def everything() -> Dict[str, Tuple[int, int]]:
        return {str(p): (p.lstat().st_size, p.lstat().st_mtime_ns) for p in root.rglob("*") if not p.is_dir()}

    before = everything()
    support.make(runner_of(armed), str(tmp_path))
    assert everything() == before


def test_it_names_the_runs_that_are_not_on_record(armed: Estate, tmp_path: Path) -> None:
    unrecorded.add(Root(armed.home.root), "0206F42A0/aa", "R1")
    inside = unpacked(support.make(runner_of(armed), str(tmp_path)).path)
    assert inside["files/etc/drboot/unrecorded"] == b"0206F42A0/aa R1\n"


def test_of_the_crontab_only_our_own_line_is_taken(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()

    def table(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        lines = "0 1 * * * /home/batch/run mine\n3 2 * * * /opt/drboot/bin/drboot check --nightly\n"
        return Ran(argv, "exited", 0, lines if argv[0].endswith("/crontab") else "", "", 0.0)

    inside = unpacked(support.make(Runner(Root(str(tmp_path / "root")), run_argv=table), str(tmp_path)).path)
    assert inside["commands/crontab_-l.txt"] == b"3 2 * * * /opt/drboot/bin/drboot check --nightly\n"


def test_the_file_has_the_name_of_the_host(armed: Estate, tmp_path: Path) -> None:
    names: List[str] = []

    def says(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        return Ran(argv, "exited", 0, names[-1] if argv[0].endswith("/uname") else "", "", 0.0)

    (tmp_path / "root").mkdir()
    for name, shown in (("prod77\n", "drboot-prod77-"), ("../evil\n", "drboot-lpar-"), ("", "drboot-lpar-")):
        names.append(name)
        made = support.make(Runner(Root(str(tmp_path / "root")), run_argv=says), str(tmp_path))
        assert os.path.basename(made.path).startswith(shown)
        os.unlink(made.path)
    made = support.make(runner_of(armed), str(tmp_path))
    assert os.path.basename(made.path).startswith(f"drboot-{armed.expected['hostname']}-")


# ---------------------------------------------------------------- secrets


def test_a_planted_secret_is_in_no_byte_of_the_bundle(armed: Estate, tmp_path: Path) -> None:
    root = Path(armed.home.root)
    run = root / "var/adm/drboot/runs/20260101T000000Z-a"
    run.mkdir(parents=True)
    texts = {
        "etc/drboot/sites/old.yaml": f"hooks:\n- name: app\n  environment:\n    DB_LOGIN: {SECRET}\n  api_token: |\n"
        f"    {SECRET}\n    second-{SECRET}\n",
        "etc/drboot/mail.conf": f"{SECRET}\n",
        "var/adm/drboot/nightly": f"smtp_password = {SECRET}\nurl=https://dr:{SECRET}@mail/\n",
        "etc/resolv.conf": f"-----BEGIN RSA PRIVATE KEY-----\n{SECRET}\n-----END RSA PRIVATE KEY-----\n",
        "etc/motd": f"the password was changed to what {SECRET} is\n",
        f"var/adm/drboot/runs/{run.name}/hook-app.out": f"{SECRET}\n",
        f"var/adm/drboot/runs/{run.name}/journal.jsonl": json.dumps({"n": 1, "argv": ["app", "--password", SECRET]})
        + "\n" + json.dumps({"n": 2, "said": f"logged in with {SECRET}"}) + "\n",
        f"var/adm/drboot/runs/{run.name}/{SECRET}.txt": "its name is one\n",
        "etc/drboot/hooks/app": f"#!/bin/sh\nlogin {SECRET}\n",
    }  # fmt: skip
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def chatty(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        return Ran(argv, "exited", 0, f"something that was started with {SECRET}\n", "", 0.0)

    made = support.make(Runner(Root(str(root)), run_argv=chatty), str(tmp_path))
    whole = gzip.decompress(Path(made.path).read_bytes())
    assert b"smtp_password" in whole and b"logged in with" in whole
    assert SECRET.encode() not in whole
    assert SECRET not in made.path
    assert not [item for item in made.items if SECRET in item.name + item.note]
    assert made.secrets >= len(texts) - 3
    for name in (f"var/adm/drboot/runs/{run.name}/hook-app.out", "etc/drboot/mail.conf"):
        assert states(made)["files/" + name] == support.REFUSED


# ---------------------------------------------------------------- hostile and broken machines


def test_no_link_is_followed_and_no_fifo_waited_for(armed: Estate, tmp_path: Path) -> None:
    root = Path(armed.home.root)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "passwd").write_text("root:its-hash-is-here:0:0\n")
    captures = root / "var/adm/drboot/captures"
    (captures / "link.json").symlink_to(elsewhere / "passwd")
    os.mkfifo(captures / "fifo.json")
    os.link(elsewhere / "passwd", captures / "hard.json")
    (root / "var/adm/drboot/runs").mkdir(exist_ok=True)
    (root / "var/adm/drboot/runs/29990101T000000Z-link").symlink_to(elsewhere)
    try:
        made = support.make(runner_of(armed), str(tmp_path))
    finally:
        for name in ("link.json", "fifo.json", "hard.json"):
            (captures / name).unlink()
    found = states(made)
    for name in ("link.json", "fifo.json", "hard.json"):
        assert found["files/var/adm/drboot/captures/" + name] == support.REFUSED
    assert b"its-hash-is-here" not in gzip.decompress(Path(made.path).read_bytes())
    assert b"29990101T000000Z-link -> " in unpacked(made.path)["listing.txt"]


def test_a_directory_of_ours_that_is_a_link_is_refused_and_the_rest_is_there(tmp_path: Path) -> None:
    (tmp_path / "elsewhere/captures").mkdir(parents=True)
    (tmp_path / "elsewhere/captures/home.json").write_text("{}")
    (tmp_path / "root/var/adm").mkdir(parents=True)
    (tmp_path / "root/etc").mkdir()
    (tmp_path / "root/etc/hosts").write_text("127.0.0.1 loopback\n")
    (tmp_path / "root/var/adm/drboot").symlink_to(tmp_path / "elsewhere")
    runner = Runner(Root(str(tmp_path / "root")), run_argv=broken)
    made = support.make(runner, str(tmp_path))
    assert unpacked(made.path)["files/etc/hosts"] == b"127.0.0.1 loopback\n"
    assert states(made)["files/var/adm/drboot/captures"] == support.REFUSED
    with pytest.raises(ConfigError) as caught:
        support.make(runner)
    assert [problem.name for problem in caught.value.problems] == ["file-is-a-link", "support-not-written"]
    assert not list((tmp_path / "elsewhere").glob("support*"))


def test_an_empty_machine_on_which_everything_fails_still_gets_its_bundle(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    made = support.make(Runner(Root(str(tmp_path / "root")), run_argv=broken))
    found = states(made)
    assert found["files/etc/inittab"] == support.ABSENT
    assert {support.FAILED, support.ABSENT} <= {state for name, state in found.items() if name.startswith("commands/")}
    assert "0516-000 broken" in gzip.decompress(Path(made.path).read_bytes()).decode("utf-8", "surrogateescape")


def test_whoever_waits_does_not_wait_for_ever(tmp_path: Path) -> None:
    (tmp_path / "root").mkdir()
    clock = CountedClock()
    asked = []

    def hangs(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        asked.append(argv)
        assert killable and deadline == support.COMMAND_DEADLINE
        clock.pass_by(deadline)
        return Ran(argv, "killed", -9, "", "", deadline)

    made = support.make(Runner(Root(str(tmp_path / "root")), run_argv=hangs), str(tmp_path), clock)
    assert clock.now() <= support.PATIENCE + 2 * support.COMMAND_DEADLINE
    assert len(asked) < len([item for item in made.items if item.name.startswith("commands/")])
    assert "not run" in unpacked(made.path)[support.CONTENTS].decode()


def test_it_stays_within_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "MOST_BYTES", 60_000)
    monkeypatch.setattr(support, "MOST_OF_ONE", 10_000)
    root = tmp_path / "root"
    runs = root / "var/adm/drboot/runs"
    for number in range(30):
        directory = runs / f"202601{number:02}T000000Z"
        directory.mkdir(parents=True)
        lines = (json.dumps({"n": n, "run": number, "pad": "x" * 90}) + "\n" for n in range(300))
        (directory / "journal.jsonl").write_text("".join(lines))

    def says_much(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        return Ran(argv, "exited", 0, "a line\n" * 2000, "", 0.0)

    made = support.make(Runner(Root(str(root)), run_argv=says_much), str(tmp_path))
    inside = unpacked(made.path)
    assert sum(len(data) for name, data in inside.items() if name != support.CONTENTS) <= 60_000
    assert all(len(data) <= 10_000 for name, data in inside.items() if name != support.CONTENTS)
    assert all(data.endswith(b"\n") for name, data in inside.items() if name.startswith("commands/") and data)
    assert {item.state for item in made.items} >= {support.CUT}


def test_of_a_long_journal_its_end_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(support, "MOST_OF_ONE", 10_000)
    run = tmp_path / "root/var/adm/drboot/runs/20260101T000000Z"
    run.mkdir(parents=True)
    (run / "journal.jsonl").write_text("".join(json.dumps({"n": n, "pad": "x" * 90}) + "\n" for n in range(300)))
    inside = unpacked(support.make(Runner(Root(str(tmp_path / "root")), run_argv=broken), str(tmp_path)).path)
    lines = inside["files/var/adm/drboot/runs/20260101T000000Z/journal.jsonl"].decode().splitlines()
    assert json.loads(lines[-1])["n"] == 299
    assert json.loads(lines[0])["n"] > 0


def test_where_it_cannot_be_written_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "root").mkdir()
    runner = Runner(Root(str(tmp_path / "root")), run_argv=broken)
    with pytest.raises(ConfigError) as caught:
        support.make(runner, str(tmp_path / "not-there"))
    assert caught.value.problems[0].name == "support-not-written"

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        support.make(runner, str(tmp_path))
    assert not list(tmp_path.glob("*.tar.gz"))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(DrbootError) as failed:
        support.make(runner, str(tmp_path))
    assert failed.value.exit_code == 4
    assert "No space left" in failed.value.problems[0].why
    assert not list(tmp_path.glob("*.tar.gz"))


def test_a_machine_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        support.make(Runner(Root(str(tmp_path / "none")), run_argv=broken))
    assert caught.value.problems[0].name == "usage"
    assert not (tmp_path / "none").exists()


def test_a_name_too_long_for_the_archive_is_in_its_contents_only(tmp_path: Path) -> None:
    captures = tmp_path / "root/var/adm/drboot/captures"
    captures.mkdir(parents=True)
    (captures / ("x" * 180 + ".json")).write_text("long\n")
    inside = unpacked(support.make(Runner(Root(str(tmp_path / "root")), run_argv=broken), str(tmp_path)).path)
    assert "x" * 180 in inside[support.CONTENTS].decode()
    assert not [name for name in inside if "x" * 180 in name]


# ---------------------------------------------------------------- the verb


@pytest.mark.parametrize("json_wanted", [False, True])
def test_the_verb_says_what_it_made(
    armed: Estate,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    json_wanted: bool,
) -> None:
    monkeypatch.setattr(runner, "Runner", lambda *_: runner_of(armed))
    flags = ["--json"] if json_wanted else []
    rc = cli.main(["--root", armed.home.root, "support", "--output", str(tmp_path), *flags])
    out = capsys.readouterr().out
    made = next(tmp_path.glob("*.tar.gz"))
    assert rc == 0
    if json_wanted:
        said = json.loads(out)
        assert (said["path"], said["bytes"], said["exit_code"]) == (str(made), made.stat().st_size, 0)
        assert all(set(item) == {"name", "state", "note", "bytes"} for item in said["items"])
    else:
        assert f"drboot: {made}\n" in out
        assert all(len(line) < 80 for line in out.splitlines() if str(tmp_path) not in line)


def test_the_verb_is_there_for_a_machine_that_nothing_else_believes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that others may write end every other verb with 2."""
    state = tmp_path / "root/var/adm/drboot/state.json"
    state.parent.mkdir(parents=True)
    state.write_text("{}")
    state.chmod(0o666)
    root = str(tmp_path / "root")
    monkeypatch.setattr(runner, "Runner", functools.partial(Runner, run_argv=broken))
    assert cli.main(["--root", root, "status"]) == 2
    assert cli.main(["--root", root, "support", "--output", str(tmp_path)]) == 4
    assert "not complete: " in capsys.readouterr().err


def test_every_command_of_it_only_reads() -> None:
    asked = {str(support._command(query)) for query in support.QUERIES}
    asked |= {str(wanted) for wanted in (support.FILESETS, support.HARDWARE, support.ALL_ENTRIES, support.JOBS)}
    assert {line.split()[0] for line in asked} <= set(PROGRAMS)
    reading = "lsattr lsdev lspv lsvg errpt uname who mount netstat ifconfig bootlist oslevel lsitab lsfs lsps lssrc"
    reading += " lparstat lspath lslpp lscfg bootinfo crontab"
    assert {line.split()[0] for line in asked} <= set(reading.split())
    assert {"mount", "bootlist -m normal -o", "ifconfig -a", "crontab -l"} <= asked


def test_the_archive_is_what_aix_tar_reads(armed: Estate, tmp_path: Path) -> None:
    """USTAR without extensions: every header says so, and no header is of a kind that came after it."""
    made = support.make(runner_of(armed), str(tmp_path))
    data = io.BytesIO(gzip.decompress(Path(made.path).read_bytes()))
    headers = 0
    while True:
        block = data.read(512)
        if not block.strip(b"\0"):
            break
        headers += 1
        assert block[257:263] == b"ustar\0" and block[156:157] == b"0"
        size = int(block[124:135], 8)
        data.seek((size + 511) // 512 * 512, io.SEEK_CUR)
    assert headers == len(unpacked(made.path))
