"""Which parser a recording gets, by what was typed; and which ones get none, so that nothing is read by guess."""

from __future__ import annotations

from typing import Any, Callable, Optional

import pytest

from drboot.facts import entstat, ifconfig, lsattr, lsfs, lspv, lsvg, netstat, oslevel, uname
from drboot.facts.base import ParseError
from tests.facts import forms


def _parts(directory: str, command: str, body: str) -> Optional[Any]:
    return forms.parts(forms.Recording(directory, "x", {"command": command}, body))


@pytest.mark.parametrize(
    ("directory", "command", "parse"),
    [
        ("lspv", "lspv", lspv.parse),
        ("lspv", "/usr/sbin/lspv", lspv.parse),
        ("lspv", "lspv | grep hdisk1", lspv.parse),
        ("lspv", "lspv hdisk1", lspv.parse_long),
        ("lspv", "lspv -u", lspv.parse_ids),
        ("lspv", "lspv -L -l hdisk1", lspv.parse_lvs),
        ("lsvg", "lsvg -o", lsvg.parse_names),
        ("lsvg", "lsvg", lsvg.parse_names),
        ("lsvg", "lsvg datavg", lsvg.parse_vg),
        ("lsvg", "lsvg -o | lsvg -ip", lsvg.parse_pvs),
        ("lsvg", "lsvg | grep -v rootvg", lsvg.parse_names),
        ("lsvg", "lsvg -lv rootvg", lsvg.parse_lvs),
        ("lsvg", "lsvg -p my-private-vg", lsvg.parse_pvs),
        ("lsvg", "lsvg -o | xargs lsvg -l", lsvg.parse_lvs),
        ("lsattr", "lsattr -El hdisk0", lsattr.parse_listing),
        ("lsattr", "lsattr -El en0 -a alias4 -F value", lsattr.parse_values),
        ("lsattr", "lsattr -EOl sys0 -a systemid", lsattr.parse_colon),
        ("lsattr", "lsattr -Rl sys0 -a clouddev", lsattr.parse_allowed),
        ("netstat", "netstat -rn", netstat.parse),
        ("netstat", "netstat -nrf inet", netstat.parse),
        ("netstat", "netstat -in", netstat.parse_interfaces),
        ("ifconfig", "ifconfig -l", ifconfig.parse_names),
        ("ifconfig", "ifconfig en0", ifconfig.parse),
        ("entstat", "entstat -d ent0", entstat.parse),
        ("lsfs", "lsfs -cq /a", lsfs.parse_colon),
        ("uname", "uname -L", uname.parse_partition),
        ("oslevel", "oslevel -s", oslevel.parse),
        ("oslevel", "oslevel", oslevel.parse_base),
    ],
)
def test_the_form(directory: str, command: str, parse: Callable[[str], Any]) -> None:
    (part,) = _parts(directory, command, "text\n") or ()
    assert part.form.parse is parse


@pytest.mark.parametrize(
    ("directory", "command"),
    [
        ("lspv", "lspv | awk '{print $1}'"),
        ("lspv", "lspv -M hdisk0"),
        ("lspv", "lspv | wc -l"),
        ("lsvg", "lsvg -M rootvg"),
        ("netstat", "netstat -r"),
        ("netstat", "netstat -v"),
        ("netstat", ""),
        ("ifconfig", "ifconfig -a | grep inet"),
        ("errpt", "errpt -t"),
        ("lslv", "lslv -m hd4"),
        ("oslevel", "oslevel -r"),
        ("uname", "uname -s"),
        ("ps", "ps -eo pid,comm"),
        ("lsdev", "lsdev -Pc disk"),
        ("bootlist", "bootlist -m normal -ov"),
    ],
)
def test_no_form(directory: str, command: str) -> None:
    assert _parts(directory, command, "text\n") is None


def test_a_grep_may_take_the_header_away() -> None:
    row = "         /dev/hd4         /                jfs2   Jul 17 13:22 rw,log=/dev/hd8\n"
    (part,) = _parts("mount", "mount | grep hd4", row) or ()
    assert [mount.mounted for mount in part.form.parse(part.text)] == ["/dev/hd4"]
    (part,) = _parts("mount", "mount", row) or ()
    with pytest.raises(ParseError):
        part.form.parse(part.text)


def test_what_a_failed_command_said_is_no_output() -> None:
    (part,) = (
        _parts("lsvg", "lsvg -l datavg", "0516-010 : Volume group must be varied on; use varyonvg command.\n") or ()
    )
    assert part.said


def test_a_session_is_taken_apart() -> None:
    body = "# lsvg\nrootvg\n# uname -L\n7 lpar\n# true\n"
    found = _parts("lsvg", "session: lsvg; uname -L; true", body) or ()
    assert [part.form.parse(part.text) for part in found] == [("rootvg",), (7, "lpar")]


def test_a_directory_without_parser_is_named() -> None:
    with pytest.raises(KeyError):
        _parts("lsnim", "lsnim -l", "text\n")


def test_bytes_of_another_code_set_are_kept(tmp_path: Any) -> None:
    (tmp_path / "01.txt").write_bytes(b"# command: lsvg\n---\nd\xe9p\xf4t\n")
    assert forms.read(tmp_path / "01.txt").body.encode("utf-8", "surrogateescape") == b"d\xe9p\xf4t\n"


def test_a_file_that_is_no_recording_is_refused(tmp_path: Any) -> None:
    (tmp_path / "01.txt").write_text("no rule\n")
    with pytest.raises(ValueError, match="no --- line"):
        forms.read(tmp_path / "01.txt")
