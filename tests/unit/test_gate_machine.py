"""The gate where it meets the machine, without a process: whose the stamp is, what it says on standard output."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Dict, List, Optional, Tuple

import pytest

from drboot import gate
from tests.stub_root import ARM_ID, DR_ID, HOME_ID, STRANGE_ID, stamp_text

FILE, DIRECTORY, LINK = 0o100000, 0o040000, 0o120000
PATHS = ("/etc/drboot/armed", "/etc/drboot", "/etc", "/")
ME = 1000


def good() -> Dict[str, Tuple[int, int]]:
    """path -> (owner, mode)"""
    return {path: (ME, (FILE | 0o600) if path == PATHS[0] else (DIRECTORY | 0o755)) for path in PATHS}


def trust(
    monkeypatch: pytest.MonkeyPatch,
    files: Dict[str, Tuple[int, int]],
    me: int = ME,
    opened: Optional[Tuple[int, int]] = None,
    root: str = "",
) -> str:
    """What is wrong with the stamp of a machine with these files; "" when it is to be believed.

    opened  owner and mode of the file that was really opened, where it is another one
    """

    def status(path: str) -> Any:
        assert path and path.startswith(root)
        owner, mode = files[path[len(root) :] or "/"]
        return SimpleNamespace(st_uid=owner, st_mode=mode)

    owner, mode = opened or files[PATHS[0]]
    fake = SimpleNamespace(
        geteuid=lambda: me,
        lstat=status,
        stat=status,
        fstat=lambda descriptor: SimpleNamespace(st_uid=owner, st_mode=mode),
    )
    monkeypatch.setattr(gate, "posix", fake)
    try:
        gate._trusted(root, 7)
    except gate.StampDamaged as damage:
        assert (damage.name, damage.line) == ("stamp-untrusted", 0)
        return f"{damage.file} {damage.why}"
    finally:
        monkeypatch.undo()
    return ""


def test_what_is_ours_alone_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trust(monkeypatch, good()) == ""
    assert trust(monkeypatch, good(), root="/tmp/lpar") == ""
    open_to_read = {path: (ME, mode | 0o5055) for path, (_, mode) in good().items()}
    assert trust(monkeypatch, open_to_read) == "", "set-id, sticky, and what others may read or run, is nobody's chance"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("bit", [0o020, 0o002])
def test_what_others_may_write_is_not(monkeypatch: pytest.MonkeyPatch, path: str, bit: int) -> None:
    files = good()
    mode = files[path][1] | bit
    files[path] = (ME, mode)
    assert trust(monkeypatch, files) == f"{path} others may write it (mode {mode & 0o7777:04o})"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("owner", [0, 1, 2, 3, ME - 1, ME + 1])
def test_what_is_another_users_is_not(monkeypatch: pytest.MonkeyPatch, path: str, owner: int) -> None:
    files = good()
    files[path] = (owner, files[path][1])
    assert trust(monkeypatch, files) == f"{path} belongs to uid {owner}, and must to uid {ME}"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("owner", [1, 2, 3])
def test_the_system_user_bin_may_own_the_root_directory_alone(
    monkeypatch: pytest.MonkeyPatch, path: str, owner: int
) -> None:
    """And only where drboot runs as root: who is bin cannot log in."""
    files = {name: (0, mode) for name, (_, mode) in good().items()}
    files[path] = (owner, files[path][1])
    believed = trust(monkeypatch, files, me=0) == ""
    assert believed == (path == "/" and owner == 2)
    rehomed = trust(monkeypatch, files, me=0, root="/tmp/lpar")
    assert rehomed != "", "below --root there is no such root directory"


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", [FILE, DIRECTORY, LINK, 0o010000, 0o020000, 0o060000, 0o140000])
def test_each_is_of_its_kind(monkeypatch: pytest.MonkeyPatch, path: str, kind: int) -> None:
    files = good()
    files[path] = (ME, kind | 0o600)
    wanted = FILE if path == PATHS[0] else DIRECTORY
    what = "is not a file" if path == PATHS[0] else "is not a directory"
    assert trust(monkeypatch, files) == ("" if kind == wanted else f"{path} {what}")


def test_the_file_that_was_opened_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """It may have been exchanged between the look at its name and the opening, or the other way round."""
    assert "belongs to uid 0" in trust(monkeypatch, good(), opened=(0, FILE | 0o600))
    assert "is not a file" in trust(monkeypatch, good(), opened=(ME, DIRECTORY | 0o600))
    assert "others may write it" in trust(monkeypatch, good(), opened=(ME, FILE | 0o620))


# -- reading it


def root_with_stamp(directory: Path, data: bytes) -> str:
    (directory / "etc/drboot").mkdir(parents=True)
    for path in (directory, directory / "etc", directory / "etc/drboot"):
        path.chmod(0o755)
    stamp = directory / "etc/drboot/armed"
    stamp.write_bytes(data)
    stamp.chmod(0o600)
    return str(directory)


def test_a_stamp_of_the_largest_size_is_read_whole_and_a_larger_one_not(tmp_path: Path) -> None:
    text = stamp_text().encode()
    filling = gate.MOST_STAMP - len(text) - 2
    largest = b"#" + b"x" * filling + b"\n" + text
    assert len(largest) == gate.MOST_STAMP
    stamp = gate.read_stamp(root_with_stamp(tmp_path / "good", largest))
    assert stamp is not None and stamp.lines["version"] == 2
    for extra in (1, gate.MOST_STAMP, 10 * gate.MOST_STAMP):
        with pytest.raises(gate.StampDamaged) as caught:
            gate.read_stamp(root_with_stamp(tmp_path / str(extra), b"#" * extra + largest))
        assert (caught.value.line, caught.value.why) == (0, "too long for a stamp")


def test_a_stamp_below_what_is_no_directory_is_none(tmp_path: Path) -> None:
    (tmp_path / "etc").write_text("")
    assert gate.read_stamp(str(tmp_path)) is None
    assert gate.read_stamp(str(tmp_path / "nowhere")) is None


def test_a_stamp_that_cannot_be_opened_or_read_is_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = root_with_stamp(tmp_path, stamp_text().encode())

    def denied(*_: Any) -> Any:
        raise OSError(13, "Permission denied")

    def nameless(*_: Any) -> Any:
        raise OSError

    for failing in ("open", "read", "lstat", "fstat"):
        for raising, why in ((denied, "Permission denied"), (nameless, "cannot be")):
            with monkeypatch.context() as patch:
                patch.setattr(gate, "posix", SimpleNamespace(**{**vars(os_module()), failing: raising}))
                with pytest.raises(gate.StampDamaged) as caught:
                    gate.read_stamp(root)
            assert (caught.value.name, caught.value.line) == ("stamp-unreadable", 0)
            assert caught.value.why.startswith(why)
            assert str(caught.value).startswith(root + "/etc/drboot/armed: ")


def os_module() -> Any:
    import posix

    return posix


def test_nobody_waits_for_a_stamp_that_is_a_pipe(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = root_with_stamp(tmp_path, stamp_text().encode())
    flags: List[int] = []

    def opening(path: str, how: int) -> int:
        flags.append(how)
        return os.open(path, how)

    monkeypatch.setattr(gate, "posix", SimpleNamespace(**{**vars(os_module()), "open": opening}))
    assert gate.read_stamp(root) is not None
    assert flags == [os.O_RDONLY | os.O_NONBLOCK]


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    root = root_with_stamp(tmp_path, stamp_text().encode())
    before = os.listdir("/proc/self/fd") if os.path.isdir("/proc/self/fd") else []
    for _ in range(3):
        assert gate.read_stamp(root) is not None
    after = os.listdir("/proc/self/fd") if before else []
    assert len(after) == len(before)


# -- the whole of it, up to where a worker would be started


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> List[Tuple[str, float]]:
    """The queries that were made: root and deadline.  The machine is the DR one."""
    made: List[Tuple[str, float]] = []

    def query(root: str, deadline: float = gate.DEADLINE) -> gate.Identity:
        made.append((root, deadline))
        return gate.Identity(DR_ID)

    monkeypatch.setattr(gate, "query_identity", query)
    return made


def said(capfd: pytest.CaptureFixture[str], *arguments: str) -> Tuple[int, List[str]]:
    code = gate.main(list(arguments))
    return code, capfd.readouterr().out.splitlines()


def test_it_says_what_it_would_do(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], asked: List[Tuple[str, float]]
) -> None:
    root = root_with_stamp(tmp_path, stamp_text(deadline="7").encode())
    code, lines = said(capfd, "--decide", "--root", root)
    assert code == 0
    assert lines == [
        "action=act", "exit_code=0", "name=other-site", "site=dr", f"systemid={DR_ID}",
        f"drboot: DR boot: prod01 wakes at site dr (IBM,{DR_ID}), configured for home",
    ]  # fmt: skip
    assert asked == [(root, 7)]
    assert said(capfd, "--decide", "--root", root + "//") == (code, lines)
    assert asked[1] == (root, 7)


@pytest.mark.parametrize(
    ("changes", "exit_code", "name", "queries"),
    [
        ({"ids__home": DR_ID, "ids__dr": HOME_ID}, 0, "configured-site", 1),
        ({"ids__dr": STRANGE_ID}, 3, "systemid-unknown", 1),
        ({"phase": "disarmed"}, 0, "disarmed", 1),
        ({"phase": "disarmed", "event": f"{DR_ID}/{ARM_ID}"}, 0, "event-done", 1),
        ({"phase": "Armed"}, 2, "stamp-damaged", 0),
        ({"ids__dr": HOME_ID}, 2, "systemid-in-two-sites", 0),
    ],
)
def test_it_asks_where_that_decides(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], asked: List[Tuple[str, float]], changes: Dict[str, str],
    exit_code: int, name: str, queries: int,
) -> None:  # fmt: skip
    root = root_with_stamp(tmp_path, stamp_text(**changes).encode())
    code, lines = said(capfd, "--decide", "--root", root)
    assert (code, lines[1], lines[2], len(asked)) == (exit_code, f"exit_code={exit_code}", f"name={name}", queries)
    if name not in ("disarmed", "event-done"):  # for those a boot starts a worker, which puts the entry right
        assert said(capfd, "--boot", "--root", root)[0] == exit_code
        assert len(asked) == 2 * queries


def test_a_boot_of_a_disarmed_machine_asks_nothing(tmp_path: Path, asked: List[Tuple[str, float]]) -> None:
    root = root_with_stamp(tmp_path, stamp_text(phase="disarmed").encode())
    stamp, decision = gate._decision(root, ask_always=False)
    assert stamp is not None and (decision.name, asked) == ("disarmed", [])


def test_without_root_it_is_this_machine(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    roots: List[str] = []
    monkeypatch.setattr(gate, "read_stamp", roots.append)
    for arguments in (["--decide"], ["--boot"], ["--decide", "--root", "/"], ["--boot", "--root", "/tmp/"]):
        assert said(capfd, *arguments)[0] == 0
    assert roots == ["", "", "", "/tmp"]


def test_without_a_stamp_nobody_is_asked(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], asked: List[Tuple[str, float]]
) -> None:
    for flag in ("--boot", "--decide"):
        code, lines = said(capfd, flag, "--root", str(tmp_path))
        assert (code, lines[-1]) == (0, "drboot: not armed: nothing to do")
        assert (len(lines) == 1) == (flag == "--boot")
    assert asked == []


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("--boot", "--root"), ("--boot", "/"), ("--boot", "--root", "relative"), ("--boot", "--root", ""),
        ("--root", "/"), ("--decide", "--root", "/tmp", "x"), ("--decide", "--boot"), ("--boot", "--decide", "/tmp"),
        ("--boot", "", "/tmp"), ("--boot", "--r", "/tmp"),
        ("-boot",), ("--apply",), ("--root", "--root", "/tmp"), ("--boot", "root", "/tmp"),
    ],
)  # fmt: skip
def test_usage(capfd: pytest.CaptureFixture[str], asked: List[Tuple[str, float]], arguments: Tuple[str, ...]) -> None:
    code, lines = said(capfd, *arguments)
    assert (code, lines) == (2, ["drboot: usage: gate.py --boot|--decide [--root DIR], DIR absolute"])
    assert asked == []


def test_a_bug_of_ours_is_one_line_and_leaves_the_machine_alone(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def bug(*_: Any) -> Any:
        raise KeyError("nobody\nthought of this")

    monkeypatch.setattr(gate, "decide", bug)
    root = root_with_stamp(tmp_path, stamp_text(phase="armed").encode())
    monkeypatch.setattr(gate, "query_identity", lambda *_: gate.Identity(DR_ID))
    code, lines = said(capfd, "--boot", "--root", root)
    assert (code, len(lines)) == (1, 1)
    assert lines[0].startswith("drboot: internal error: KeyError at ")
    assert lines[0].endswith(": machine left alone")


# -- what lsattr said, in the refusal


@pytest.mark.parametrize(
    ("data", "said_of_it"),
    [
        (b"\n \nsecond line\nthird\n", "second line"),
        (b"x" * 100 + b"\n", "x" * 60),
        (b"a\x1b[2Jb\x7fc\xffd\n", "a?[2Jb?c?d"),
        (b"~ \t!\n", "~ ?!"),
        (b"a\x1fb\n", "a?b"),
        (b"\n" * 20 + b"late\n", "late"),
    ],
)
def test_the_first_line_that_says_anything(data: bytes, said_of_it: str) -> None:
    assert gate.parse_identity(data).why == f"/usr/sbin/lsattr printed no systemid, but: {said_of_it}"


def test_too_much_is_no_answer() -> None:
    row = f"systemid IBM,{DR_ID} Hardware system identifier False\n".encode()
    padded = row.replace(b" H", b" " * (gate.MOST_OUTPUT - len(row) + 1) + b"H")
    assert len(padded) == gate.MOST_OUTPUT
    assert gate.parse_identity(padded).systemid == DR_ID
    more = gate.parse_identity(padded.replace(b"H", b" H", 1))
    assert (more.systemid, more.why) == ("", "/usr/sbin/lsattr printed more than 8192 bytes")


def test_blanks_are_blanks_and_tabs_and_nothing_else() -> None:
    good = f"systemid\tIBM,{DR_ID}\tHardware ~ identifier False\n".encode()
    assert gate.parse_identity(good).systemid == DR_ID
    for byte in (0, 8, 11, 12, 13, 28, 31, 127, 128, 160, 255):
        assert gate.parse_identity(good.replace(b"~", bytes([byte]))).systemid == "", byte
        assert gate.parse_identity(good.replace(b"\t", bytes([byte]))).systemid == "", byte
