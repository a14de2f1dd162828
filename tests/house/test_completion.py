"""Completion: what the scripts offer is what drboot's parser takes, in bash and at the keyboard of a ksh93."""

from __future__ import annotations

import argparse
import os
import pty
import select
import signal
import subprocess
import time
from pathlib import Path
from typing import Dict, List, Tuple

import pytest
from completion import scripts

from drboot import cli, paths

FILES = "/"


class Machine:
    def __init__(self, directory: Path) -> None:
        for name in ("home", "dr", "east"):
            path = directory / "aix" / paths.SITES.lstrip("/") / f"{name}.yaml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("")
        for run in ("20260101T000000Z-a", "20260201T000000Z-b"):
            (directory / "aix" / paths.RUNS.lstrip("/") / run).mkdir(parents=True)
        self.scripts = {"bash": directory / "drboot.bash", "ksh93": directory / "drboot.ksh93"}
        self.scripts["bash"].write_text(scripts.bash(str(directory / "aix")))
        self.scripts["ksh93"].write_text(scripts.ksh93(str(directory / "aix")))

    def offered(self, shell: str, lines: List[str]) -> Dict[str, List[str]]:
        """Words that are there -> what may stand behind them, from the function that both scripts have."""
        asked = "\n".join(f"echo '# {line}'; _drboot_words {line}" for line in lines)
        text = f". {self.scripts[shell]}\n{asked}\n"
        ran = subprocess.run(
            [shell], input=text, capture_output=True, text=True, check=True, env={"PATH": "/usr/bin:/bin"}
        )
        assert ran.stderr == ""
        found: Dict[str, List[str]] = {}
        for line in ran.stdout.splitlines():
            if line.startswith("# "):
                now = found[line[2:]] = []
            else:
                now.append(line)
        return found


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine(tmp_path_factory.mktemp("completion"))


def _verbs() -> Dict[str, argparse.ArgumentParser]:
    return scripts._verbs(cli.parser())


def _long(parser: argparse.ArgumentParser) -> List[str]:
    return [name for action in parser._actions for name in action.option_strings if name.startswith("--")]


@pytest.mark.parametrize("shell", ["bash", "ksh93"])
def test_what_is_offered_is_what_the_parser_takes(machine: Machine, shell: str) -> None:
    verbs = _verbs()
    found = machine.offered(shell, ["", *verbs, "--json arm", "--root /x", "--root arm", "arm --host arm", "nonsense"])
    assert found[""] == [*verbs, *_long(cli.parser())]
    runs = ["20260201T000000Z-b", "20260101T000000Z-a"]
    behind = {"report": runs, "undo": runs, "import": [FILES]}
    assert {name: found[name] for name in verbs} == {
        name: _long(verb) + behind.get(name, []) for name, verb in verbs.items()
    }
    assert found["--json arm"] == found["arm --host arm"] == _long(verbs["arm"])
    assert found["--root /x"] == found[""]
    assert found["--root arm"] == found[""], "arm is a directory here"
    assert found["nonsense"] == []


@pytest.mark.parametrize("shell", ["bash", "ksh93"])
def test_every_flag_with_a_value_offers_values_and_no_flags(machine: Machine, shell: str) -> None:
    """All of them, so that one with a new kind of value is noticed."""
    valued = {
        f"{name} {flag}".strip(): str(action.metavar)
        for name, parser in {"": cli.parser(), **_verbs()}.items()
        for action in parser._actions
        for flag in action.option_strings
        if action.nargs not in (0, "?")
    }
    assert len(valued) > 15
    kinds = {"SITE": ["dr", "east", "home"], "HOME": ["dr", "east", "home"], "DIR": [FILES], "FILE": [FILES]}
    assert machine.offered(shell, list(valued)) == {line: kinds.get(value, []) for line, value in valued.items()}


def test_bash_completes_the_word_at_the_cursor(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    cases: Tuple[Tuple[List[str], List[str]], ...] = (
        (["drboot", "ca"], ["capture"]),
        (["drboot", "arm", "--s"], ["--site"]),
        (["drboot", "arm", "--site", ""], ["dr", "east", "home"]),
        (["drboot", "arm", "--site", "e"], ["east"]),
        (["drboot", "report", "20260201"], ["20260201T000000Z-b"]),
        (["drboot", "support", "--output", f"{tmp_path}/th"], [f"{tmp_path}/there"]),
        (["drboot", "zzz"], []),
    )
    lines = [f". {machine.scripts['bash']}"]
    for words, _ in cases:
        quoted = " ".join(f"'{word}'" for word in words)
        lines.append(f'COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _drboot; echo "${{COMPREPLY[*]}}"')
    lines.append("complete -p drboot")
    ran = subprocess.run(["bash"], input="\n".join(lines) + "\n", capture_output=True, text=True, check=True)
    *answers, registered = ran.stdout.splitlines()
    assert [answer.split() for answer in answers] == [wanted for _, wanted in cases]
    assert registered == "complete -F _drboot drboot"


class Keyboard:
    """An interactive ksh93 on a terminal; ``mode`` emacs or vi."""

    def __init__(self, script: Path, mode: str) -> None:
        environment = {"ENV": str(script), "PATH": "/usr/bin:/bin", "PS1": "@ ", "TERM": "vt100", "HOME": "/nowhere"}
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(script.parent)
            os.execve("/usr/bin/ksh93", ["ksh93", "-o", mode, "-i"], environment)
        self.until("@ ")

    def until(self, text: str) -> str:
        """What is shown until this text."""
        shown, end = "", time.monotonic() + 20
        while text not in shown:
            assert time.monotonic() < end, f"{text!r} does not come: {shown!r}"
            if select.select([self.terminal], [], [], 0.5)[0]:
                shown += os.read(self.terminal, 4096).decode()
        return shown

    def type(self, keys: str, until: str) -> str:
        os.write(self.terminal, keys.encode())
        return self.until(until)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.terminal)


@pytest.mark.parametrize("mode", ["emacs", "vi"])
def test_ksh93_completes_at_the_keyboard(machine: Machine, mode: str) -> None:
    touched = machine.scripts["ksh93"].parent / "touched"
    keyboard = Keyboard(machine.scripts["ksh93"], mode)
    try:
        keyboard.type("drboot sta\t", until="drboot status ")
        keyboard.type("--j\t", until="--json ")
        keyboard.type("\x15drboot arm --site \t", until="dr east home")
        keyboard.type("\x15drboot plan --site e\t", until="--site east ")
        keyboard.type("\x15drboot rep\t20260201\t", until="report 20260201T000000Z-b ")
        keyboard.type("\x15drboot c\t", until="capture check")
        keyboard.type("ap\t", until="ture ")
        # other commands, files, and what the shell would expand are left to the shell
        keyboard.type("\x15ls drboot.ks\t", until="drboot.ksh93 ")
        keyboard.type("\x15drboot $(>touched) \t", until="touched)")
        keyboard.type("\x15print done\n", until="\ndone")
        assert not touched.exists()
    finally:
        keyboard.close()
