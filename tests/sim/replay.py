"""Real AIX output against the simulator: a transcript, a world, the command run on it, and the two texts compared.

A transcript (``tests/transcripts/COMMAND/NN-what.txt``) is a head of ``# key: value`` lines, ``---``, and the text
as its source shows it.  A world holds state and never output text.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from drboot.sim.command import Context, Result, run
from drboot.sim.world import World

TRANSCRIPTS = Path(__file__).resolve().parents[1] / "transcripts"

# Why a transcript is not compared byte for byte: nothing else is accepted.
REASONS = ("command not simulated", "source altered blanks", "source truncated")


class Transcript(NamedTuple):
    path: str  # lsattr/17-sys0-systemid-before-lpm
    command: str  # what was typed
    aix: str
    exit: str
    note: str
    text: str  # every byte after the --- line


class Case(NamedTuple):
    """One transcript, the world that explains it, and what else the same world must say.

    also    (argv, line): the command exits 0 and prints exactly this line among others; "" is no text
    then    the same, asked of the world that the command has left
    pick    what the transcript itself does with the output: its ``| grep``, or its cut after whole rows
    root    AIX path -> text: files of rootvg that the commands read
    """

    transcript: str
    world: Callable[[], World]
    argv: Sequence[str]
    also: Sequence[Tuple[Sequence[str], str]] = ()
    pick: Optional[Callable[[str], str]] = None
    root: Optional[Dict[str, str]] = None
    then: Sequence[Tuple[Sequence[str], str]] = ()

    def replay(self) -> str:
        """Standard output followed by standard error, as a terminal shows them."""
        result = run_on(self.world(), *self.argv, files=self.root)
        text = result.out + result.err
        return self.pick(text) if self.pick else text


def transcripts(command: str) -> List[Transcript]:
    """Every transcript of one directory, in name order.  FileNotFoundError when there is no such directory."""
    directory = TRANSCRIPTS / command
    if not directory.is_dir():
        raise FileNotFoundError(directory)
    return [_read(path) for path in sorted(directory.glob("*.txt"))]


def transcript(path: str) -> Transcript:
    return _read(TRANSCRIPTS / (path + ".txt"))


def run_on(world: World, program: str, *args: str, root: str = "", files: Optional[Dict[str, str]] = None) -> Result:
    """Run one command in this process on this world, which it may change.

    root    directory with rootvg's files; "" makes an empty one for this run
    files   AIX path -> text, written below the root before the command runs
    """
    with tempfile.TemporaryDirectory() as empty:
        ctx = Context(world, root or empty)
        for path, text in (files or {}).items():
            ctx.write(path, text)
        ctx.wrote_files = False
        return run(ctx, program, list(args))


def check(case: Case) -> None:
    """The command prints the transcript byte for byte, and other commands agree on the same world."""
    assert case.replay() == transcript(case.transcript).text
    for argv, line in case.also:
        _says(case.world(), argv, line, case.root)


def check_words(case: Case) -> None:
    """The same where the source lost or added blanks: the texts are equal with every blank taken out."""
    assert "".join(case.replay().split()) == "".join(transcript(case.transcript).text.split())
    for argv, line in case.also:
        _says(case.world(), argv, line, case.root)


def check_aftermath(case: Case) -> None:
    """What the command changed is what other commands then see."""
    world = case.world()
    run_on(world, *case.argv, files=case.root)
    for argv, line in case.then:
        _says(world, argv, line, case.root)


def _says(world: World, argv: Sequence[str], line: str, files: Optional[Dict[str, str]]) -> None:
    result = run_on(world, *argv, files=files)
    assert result.rc == 0, (argv, result)
    if line:
        assert line in result.out.split("\n"), (argv, line, result.out)
    else:
        assert result.out in ("", "\n"), (argv, result.out)


def grep(word: str) -> Callable[[str], str]:
    """What ``| grep word`` leaves."""
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if word in line)


def head(lines: int) -> Callable[[str], str]:
    """The first lines, where the source shows no more."""
    return lambda text: "".join(text.splitlines(keepends=True)[:lines])


def counted(counts: Dict[str, Tuple[int, int]]) -> str:
    """What ``account`` found, in one line for the summary of a run."""
    return ", ".join(f"{command}: {reproduced}+{listed}" for command, (reproduced, listed) in counts.items())


def account(commands: Sequence[str], cases: Sequence[Case], listed: Dict[str, str]) -> Dict[str, Tuple[int, int]]:
    """Command -> (reproduced, listed).  Every transcript is one or the other, and no entry is about nothing."""
    reproduced = [case.transcript for case in cases]
    assert len(set(reproduced)) == len(reproduced), "a transcript has two cases"
    assert not set(reproduced) & set(listed), "reproduced and listed"
    assert set(listed.values()) <= set(REASONS)
    counts: Dict[str, Tuple[int, int]] = {}
    known = set()
    for command in commands:
        paths = {each.path for each in transcripts(command)}
        missing = paths - set(reproduced) - set(listed)
        assert not missing, f"neither reproduced nor listed: {sorted(missing)}"
        counts[command] = (len(paths & set(reproduced)), len(paths & set(listed)))
        known |= paths
    unknown = (set(reproduced) | set(listed)) - known
    assert not unknown, f"no such transcript: {sorted(unknown)}"
    return counts


def _read(path: Path) -> Transcript:
    with open(path, encoding="utf-8", newline="") as file:
        heading, _, text = file.read().partition("---\n")
    fields: Dict[str, str] = {}
    for line in heading.splitlines():
        key, _, value = line.lstrip("# ").partition(": ")
        fields[key] = value
    name = f"{path.parent.name}/{path.stem}"
    return Transcript(
        name, fields.get("command", ""), fields.get("aix", ""), fields.get("exit", ""), fields.get("note", ""), text
    )
