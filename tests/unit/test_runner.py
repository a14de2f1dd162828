"""What every command is given: a fixed environment, and no name server to wait for."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Mapping, Tuple

import pytest

from drboot import runner
from drboot.errors import FactUnavailable
from drboot.facts import lspv
from drboot.paths import Root
from drboot.runner import ENVIRONMENT, Command, Ran, Runner, command, succeeded
from drboot.seen import Seen


@pytest.mark.parametrize("wanted, order", [
    (command("lsvg", kind="read"), "local"),
    (command("mktcpip", "-h", "prod01"), "local"),
    (command("mount", "/data", kind="mount"), "local"),
    (command("mount", "/share", kind="nfs"), None),
    (Command("app-on", (), "hook", path="/etc/drboot/hooks/app-on"), None),
])  # fmt: skip
def test_F55_no_command_of_ours_asks_a_name_server(wanted: Command, order: Any) -> None:
    given: List[Dict[str, str]] = []

    def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        given.append(dict(environment))
        return Ran(argv, "exited", 0, "", "", 0.0)

    Runner(Root(), run_argv=execute).run(wanted)
    assert given[0].pop("NSORDER", None) == order
    assert {name: value for name, value in given[0].items() if not name.startswith("DRBOOT_")} == ENVIRONMENT


def _cut(times: int, ran: List[str]) -> Callable[..., Ran]:
    """A command whose output is cut so many times."""

    def execute(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        ran.append(argv[0])
        cut = len(ran) <= times
        said = "primary, read-write\n" if argv[0].endswith("gate") else "hdisk0 00f8d6e0a1b2c3d4 rootvg active\n"
        return Ran(argv, "exited", 0, said, "", 0.0, cut=cut)

    return execute


def test_output_that_was_cut_is_no_answer_and_asked_for_where_there_is_room() -> None:
    ran: List[str] = []
    assert len(Seen(Runner(Root(), run_argv=_cut(2, ran)))(lspv.PVS)) == 1
    assert len(ran) == 3


def test_where_there_is_room_nowhere_nothing_is_known() -> None:
    with pytest.raises(FactUnavailable) as caught:
        Seen(Runner(Root(), run_argv=_cut(99, [])))(lspv.PVS)
    assert "no room for what it prints: /tmp, /var/tmp, / are full" in caught.value.problems[0].why


def test_what_changes_something_is_never_run_again_for_its_output() -> None:
    ran: List[str] = []
    wanted = command("importvg", "hdisk1", kind="importvg")
    assert succeeded(wanted, Runner(Root(), run_argv=_cut(99, ran)).run(wanted))
    assert len(ran) == 1


@pytest.mark.parametrize(("times", "heard"), [(0, "primary read-write"), (1, "")])
def test_a_gate_whose_output_was_cut_has_not_said_that_it_is_primary(times: int, heard: str) -> None:
    """Its last line may be another one."""
    gate = Command("gate", (), "hook", path="/etc/drboot/gate", answer=("primary", "read-write"))
    assert Runner(Root(), run_argv=_cut(times, [])).run(gate).stdout == heard


def test_a_directory_without_room_comes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = runner._Scratch()
    first, second, *_ = scratch._directories()
    with scratch.file() as (file, directory):
        assert directory == first
        os.write(file.fileno(), b"x" * 100)
        asked: List[int] = []
        monkeypatch.setattr(os, "pwrite", lambda *args: asked.append(1))
        assert not scratch.has_cut(file, directory)
        assert asked == [], "what ends within a block was not cut"

    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    with scratch.file() as (file, directory):
        monkeypatch.setattr(os, "pwrite", full)
        assert scratch.has_cut(file, directory)
    with scratch.file() as (_, directory):
        assert directory == second


def test_what_goes_to_the_null_device_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = runner._Scratch()
    monkeypatch.setattr(scratch, "_directories", lambda: ("/nowhere",))
    with scratch.file() as (file, directory):
        assert os.write(file.fileno(), b"x") == 1
        assert scratch.has_cut(file, directory)
