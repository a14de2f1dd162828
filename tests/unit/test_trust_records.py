"""drboot's own records are its own: nobody else has put, linked or may write anything there."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Callable, Dict

import pytest

from drboot import capture, files, journal, lock, outputs, paths, report, state
from drboot.errors import ConfigError
from drboot.facts.base import FileQuery
from drboot.paths import Root
from drboot.profile import trust
from drboot.profile.trust import check_code, check_own
from drboot.runner import Command, Ran, Runner
from drboot.seen import Seen

SECRET = "root:!:0:0::/:/usr/bin/ksh\n"


@pytest.fixture
def root(tmp_path: Path) -> Root:
    """A machine on which drboot has written everything that it writes, and a file that an attacker is after."""
    made = Root(str(tmp_path / "lpar"))
    for directory in ("", "/etc", "/var", "/var/adm"):
        os.mkdir(made.directory + directory, 0o755)
        os.chmod(made.directory + directory, 0o755)
    state.save(made, state.Event("0211D11C1", "0" * 16))
    with lock.held(made):
        pass
    files.make_own_directory(made.path(paths.CAPTURES))
    files.make_own_directory(made.path(paths.RUNS))
    Path(made.path("/etc/passwd")).write_text(SECRET)
    return made


def refused(root: Root) -> Dict[str, str]:
    """Name of each Problem with the AIX path that it is about; {} when all is well."""
    try:
        check_own(root)
    except ConfigError as error:
        assert error.exit_code == 2
        return {problem.where.replace(root.directory, ""): problem.name for problem in error.problems}
    return {}


def test_what_drboot_itself_has_written_is_fine(root: Root) -> None:
    assert refused(root) == {}
    for path in (paths.VAR, paths.CAPTURES, paths.RUNS):
        assert stat.S_IMODE(os.stat(root.path(path)).st_mode) == 0o700


def test_a_machine_without_records_is_fine_whoever_looks(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    assert refused(Root(str(tmp_path))) == {}


def test_where_drboot_will_write_is_looked_at_before_it_does(tmp_path: Path) -> None:
    """A /var/adm that others may write was taken the first time, and refused ever after."""
    root = Root(str(tmp_path))
    adm = tmp_path / "var/adm"
    adm.mkdir(parents=True)
    for directory in (tmp_path, tmp_path / "var", adm):
        directory.chmod(0o755)
    assert refused(root) == {}
    adm.chmod(0o777)
    assert refused(root) == {"/var/adm": "file-writable-by-others"}


PYTHON = "/usr/bin/python3"


@pytest.fixture
def code(root: Root) -> Root:
    """drboot is installed, and its Python is behind a link, as on AIX."""
    for directory in ("/usr", "/usr/bin", "/usr/opt", "/opt", "/opt/drboot", "/opt/drboot/lib"):
        os.mkdir(root.path(directory))
        os.chmod(root.path(directory), 0o755)
    for program in ("/usr/opt/python3.9", "/opt/drboot/lib/gate.py"):
        Path(root.path(program)).write_text("")
        os.chmod(root.path(program), 0o755)
    os.symlink("../opt/python3.9", root.path(PYTHON))
    return root


@pytest.mark.parametrize(
    "path", ["/", "/opt", "/opt/drboot/lib", "/opt/drboot/lib/gate.py", "/usr/bin", "/usr/opt", "/usr/opt/python3.9"]
)
def test_code_that_others_may_change(code: Root, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    asked = (paths.PRODUCT, PYTHON, "/opt/freeware/bin/python3")
    real = code.path(path).rstrip("/")
    assert check_code(code, asked) is None
    os.chmod(real, 0o757)
    problem = check_code(code, asked)
    assert problem is not None
    assert (problem.name, problem.where, problem.why) == ("code-not-ours", real, "its mode is 0757")
    os.chmod(real, 0o755)
    inode, lstat = os.stat(real).st_ino, os.lstat

    def somebody_elses(path: str) -> os.stat_result:
        status = lstat(path)
        return os.stat_result((*status[:4], 501, *status[5:])) if status.st_ino == inode else status

    monkeypatch.setattr(os, "lstat", somebody_elses)
    problem = check_code(code, asked)
    assert problem is not None and problem.why.startswith("it belongs to uid 501")


def test_a_group_of_the_system_may_write_code_and_another_may_not(code: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    lstat, gids = os.lstat, {}
    for directory, gid in (("/opt/drboot", 0), ("/usr/bin", 2)):
        os.chmod(code.path(directory), 0o775)
        gids[os.stat(code.path(directory)).st_ino] = gid

    def of_group(path: str) -> os.stat_result:
        status = lstat(path)
        return os.stat_result((*status[:5], gids.get(status.st_ino, 100), *status[6:]))

    monkeypatch.setattr(os, "lstat", of_group)
    assert check_code(code, (paths.PRODUCT, PYTHON)) is None
    gids.clear()
    problem = check_code(code, (paths.PRODUCT, PYTHON))
    assert problem is not None and problem.why == "its mode is 0775; 1 more are like it"


def replaced(root: Root, path: str, make: Callable[[str], None]) -> None:
    real = root.path(path)
    os.rename(real, real + ".aside")
    make(real)


def as_link(real: str) -> None:
    os.symlink(real + ".aside", real)


def as_hard_link(real: str) -> None:
    os.link(os.path.join(real.partition("/var/")[0], "etc/passwd"), real)


def as_other_kind(real: str) -> None:
    if os.path.isdir(real + ".aside"):
        Path(real).write_text("")
    else:
        os.mkdir(real, 0o700)


@pytest.mark.parametrize("path", [paths.VAR, paths.CAPTURES, paths.RUNS, paths.STATE, paths.LOCK])
def test_a_link_in_place_of_it(root: Root, path: str) -> None:
    replaced(root, path, as_link)
    assert refused(root) == {path: "file-is-a-link"}


@pytest.mark.parametrize("path", [paths.STATE, paths.LOCK])
def test_a_second_name_of_another_file(root: Root, path: str) -> None:
    replaced(root, path, as_hard_link)
    assert refused(root) == {path: "record-untrusted"}


@pytest.mark.parametrize("path", [paths.STATE, paths.LOCK])
def test_a_fifo_in_place_of_it(root: Root, path: str) -> None:
    replaced(root, path, lambda real: os.mkfifo(real, 0o600))
    assert refused(root) == {path: "record-untrusted"}


@pytest.mark.parametrize("path", [paths.CAPTURES, paths.RUNS, paths.STATE, paths.LOCK])
def test_a_file_for_a_directory_and_a_directory_for_a_file(root: Root, path: str) -> None:
    replaced(root, path, as_other_kind)
    assert refused(root) == {path: "record-untrusted"}


@pytest.mark.parametrize("path", [paths.VAR, paths.CAPTURES, paths.RUNS, paths.STATE, paths.LOCK, "/var", "/var/adm"])
@pytest.mark.parametrize("bit", [stat.S_IWGRP, stat.S_IWOTH])
def test_others_may_write_it(root: Root, path: str, bit: int) -> None:
    real = root.path(path)
    os.chmod(real, stat.S_IMODE(os.stat(real).st_mode) | bit)
    assert refused(root) == {path: "file-writable-by-others"}


def test_somebody_else_owns_it(root: Root, monkeypatch: pytest.MonkeyPatch) -> None:
    look = trust._look_at

    def as_others(real: str, status: os.stat_result, shown: str) -> object:
        if shown == paths.STATE:
            status = os.stat_result((status.st_mode, 0, 0, 1, status.st_uid + 4711, 0, 0, 0, 0, 0))
        return look(real, status, shown)

    monkeypatch.setattr(trust, "_look_at", as_others)
    assert refused(root) == {paths.STATE: "file-not-ours"}


# -- each reader and writer, should the look before it have been too early


def test_a_record_behind_a_link_is_not_read(root: Root) -> None:
    run = root.path(f"{paths.RUNS}/R1")
    os.mkdir(run, 0o700)
    os.symlink(root.path("/etc/passwd"), run + "/journal.jsonl")
    os.symlink(root.path("/etc/passwd"), run + "/report.json")
    os.symlink(root.path("/etc/passwd"), root.path(paths.CAPTURES + "/home.json"))
    for read in (
        lambda: journal.read(run + "/journal.jsonl"),
        lambda: report.read(root, "R1"),
        lambda: capture.load(root, "home"),
    ):
        with pytest.raises(ConfigError) as caught:
            read()
        assert caught.value.problems[0].name in ("record-untrusted", "capture-damaged")
        assert "ksh" not in str(caught.value)
    replaced(root, paths.STATE, as_link)
    assert state.load(root, "0211D11C1", "0" * 16).run == ""


def test_nothing_is_waited_for(root: Root) -> None:
    replaced(root, paths.STATE, lambda real: os.mkfifo(real, 0o600))
    assert state.load(root, "0211D11C1", "0" * 16).phase == state.FRESH
    os.mkfifo(root.path("/etc/niminfo"), 0o600)
    query: FileQuery[bool] = FileQuery("/etc/niminfo", lambda text: text is not None)
    assert Seen(Runner(root)).or_none(query) is None


def test_the_lock_never_empties_somebody_elses_file(root: Root) -> None:
    for make in (as_hard_link, lambda real: os.symlink(root.path("/etc/passwd"), real)):
        replaced(root, paths.LOCK, make)
        with pytest.raises(OSError, match=r".*"), lock.held(root):
            pass
        assert Path(root.path("/etc/passwd")).read_text() == SECRET
        os.unlink(root.path(paths.LOCK))
        os.rename(root.path(paths.LOCK) + ".aside", root.path(paths.LOCK))


def test_the_journal_is_not_written_through_a_link(root: Root) -> None:
    run = root.path(f"{paths.RUNS}/R1")
    os.mkdir(run, 0o700)
    os.symlink(root.path("/etc/passwd"), run + "/journal.jsonl")
    told = journal.Journal(run + "/journal.jsonl")
    told.append({"event": "say"})
    assert told.failure
    assert Path(root.path("/etc/passwd")).read_text() == SECRET


def test_a_report_replaces_a_hard_link_and_leaves_what_it_led_to(root: Root) -> None:
    run = root.path(f"{paths.RUNS}/R1")
    os.mkdir(run, 0o700)
    os.link(root.path("/etc/passwd"), run + "/report.html")
    files.write_atomic(run + "/report.html", b"new", 0o600)
    assert Path(root.path("/etc/passwd")).read_text() == SECRET
    os.symlink(root.path("/etc/passwd"), run + "/report.json")
    with pytest.raises(OSError, match="symbolic link"):
        files.write_atomic(run + "/report.json", b"new", 0o600)
    assert Path(root.path("/etc/passwd")).read_text() == SECRET


def test_a_hooks_output_is_a_new_file_each_time(root: Root) -> None:
    run = root.path(f"{paths.RUNS}/R1")
    os.mkdir(run, 0o700)
    os.symlink(root.path("/etc/passwd"), run + "/hook-app.out")
    keep = outputs.keeper(root, "R1")
    ran = Ran(("/x",), "exited", 1, "a" * (outputs.LIMIT + 10), "warning\n", 0.1)
    wanted = Command("app", (), "hook", path="/x")
    assert keep(wanted, ran) == f"its output is in {paths.RUNS}/R1/hook-app.2.out"
    assert Path(root.path("/etc/passwd")).read_text() == SECRET
    text = Path(run, "hook-app.2.out").read_text()
    assert f"the last {outputs.LIMIT} of {outputs.LIMIT + 10}" in text
    assert "warning" in text
    assert keep(wanted, Ran(("/x",), "exited", 0, "", "", 0.1)) == ""
    os.rename(run, run + ".gone")
    assert "could not be kept" in keep(wanted, ran)
