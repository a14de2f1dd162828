"""An estate whose DR LPAR has woken, put back as it then was before each run; everything in this process."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path
from typing import Any, Dict, List, NamedTuple, Set, Tuple

from drboot import arming, gate, journal
from drboot.paths import RUNS, Root
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.inprocess import InProcess
from tests import checker
from tests.faults.forms import Form, Shapes
from tests.faults.rules import PARTS
from tests.scenarios import lpars, memory

MOST_LEGS = 4  # runs until one ends other than by a reboot: a third leg is already one reset too many
REBOOT = 10


class Snapshot:
    """Every file below a directory, to be put back; what was not touched since is left alone."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self._kept: Dict[str, Tuple[Tuple[int, ...], int, bytes]] = {}
        for path, status in _walk(directory):
            self._kept[path] = (_signature(status), status.st_mode, _content(path, status.st_mode))

    def restore(self) -> None:
        found: Set[str] = set()
        for path, status in list(_walk(self.directory)):
            found.add(path)
            kept = self._kept.get(path)
            if kept is None:
                os.rmdir(path) if stat.S_ISDIR(status.st_mode) else os.unlink(path)
            elif _signature(status) != kept[0]:
                self._put_back(path)
        for path in sorted(set(self._kept) - found):
            self._put_back(path)

    def _put_back(self, path: str) -> None:
        _, mode, content = self._kept[path]
        if stat.S_ISDIR(mode):
            if os.path.islink(path):  # a mount point, while its file system is mounted
                os.unlink(path)
            os.makedirs(path, exist_ok=True)
        else:
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            elif os.path.lexists(path):
                os.unlink(path)
            if stat.S_ISLNK(mode):
                os.symlink(content, path)
            else:
                Path(path).write_bytes(content)
        if not stat.S_ISLNK(mode):
            os.chmod(path, stat.S_IMODE(mode))
        self._kept[path] = (_signature(os.lstat(path)), mode, content)


def _walk(directory: str) -> List[Tuple[str, os.stat_result]]:
    """Every file and directory, what is in a directory before the directory itself."""
    return [
        (path, os.lstat(path))
        for where, names, files in os.walk(directory, topdown=False)
        for path in (os.path.join(where, name) for name in (*files, *names))
    ]


def _signature(status: os.stat_result) -> Tuple[int, ...]:
    """Changes whenever somebody changes the file; of a directory only its mode counts."""
    if stat.S_ISDIR(status.st_mode):
        return (status.st_mode,)
    return (status.st_mode, status.st_ino, status.st_size, status.st_mtime_ns, status.st_uid, status.st_gid)


def _content(path: str, mode: int) -> bytes:
    if stat.S_ISLNK(mode):
        return os.readlink(path).encode()
    return Path(path).read_bytes() if stat.S_ISREG(mode) else b""


class Run(NamedTuple):
    """One ``--apply``: what it returned, wrote and showed.

    report  {} where none was written
    lines   of the journal file; ``events`` are those of them that are whole
    """

    code: int
    report: Dict[str, Any]
    events: List[Dict[str, Any]]
    lines: int
    said: str


class Bed:
    """One variant of an estate.

    forms  of every command of the undisturbed recovery, the gate's query first
    """

    def __init__(self, directory: Path, variant: str) -> None:
        self.variant = variant
        self.estate = lpars.built(directory, variant)
        memory.arm_at_home(self.estate)
        self.lpar = memory.wake(self.estate)
        self.lpar.save()
        self._snapshot = Snapshot(self.estate.directory)
        self.shapes = Shapes(self.estate.expected)
        self.forms = self._watch()

    def fresh(self) -> None:
        """The DR LPAR as it woke."""
        self._snapshot.restore()
        self.lpar = InProcess(self.estate.dr)

    def set_fault(self, *rules: Dict[str, Any]) -> None:
        self.lpar.world["settings"]["faults"] = list(rules)

    def recover(self) -> List[Run]:
        """Apply, and again after each reboot, until a run ends otherwise.  The documents are up to date afterwards."""
        runs: List[Run] = []
        while len(runs) < MOST_LEGS:
            runs.append(self._apply())
            if runs[-1].code != REBOOT:
                break
            self.lpar = memory.rebooted(self.lpar)
        self.lpar.save()
        return runs

    def settle_entry(self) -> None:
        """What the gate of a later boot does about an entry that is live beside a disarmed stamp."""
        arming.entry_off_if_disarmed(Runner(Root(self.estate.dr.root), run_argv=memory.run_on(self.lpar)))
        self.lpar.save()

    def armed(self) -> bool:
        stamp = gate.read_stamp(self.estate.dr.root)
        return stamp is not None and stamp.phase == "armed"

    def entry_is_live(self) -> bool:
        return arming.entry_state(Seen(Runner(Root(self.estate.dr.root), run_argv=memory.run_on(self.lpar)))).live

    def differences(self) -> Dict[str, List[str]]:
        """What is not as expected, by the part of the checker that says so."""
        state = checker.State(self.estate.dr.directory)
        found = {part: list(getattr(checker, part)(state, self.estate.expected)) for part in PARTS}
        return {part: lines for part, lines in found.items() if lines}

    def foreign_on_the_wire(self) -> List[str]:
        held = [a["address"] for i in self.lpar.world["kernel"]["interfaces"].values() for a in i["addresses"]]
        return sorted(set(held) & set(self.estate.expected["foreign_addresses"]))

    def _apply(self) -> Run:
        root = self.estate.dr.root
        said = Path(self.estate.dr.directory, "said")
        said.unlink(missing_ok=True)
        runs = Path(root + RUNS)
        shutil.rmtree(runs, ignore_errors=True)  # two runs of one process in one second have one id
        code = memory.apply(self.lpar)
        new = sorted(runs.iterdir()) if runs.exists() else []
        said_now = said.read_text() if said.exists() else ""
        if not new:
            return Run(code, {}, [], 0, said_now)
        assert len(new) == 1, new
        path = new[0] / "journal.jsonl"
        lines = path.read_text().count("\n") if path.exists() else 0
        report = new[0] / "report.json"
        made = json.loads(report.read_text()) if report.exists() else {}
        return Run(code, made, journal.read(str(path)), lines, said_now)

    def _watch(self) -> Tuple[Form, ...]:
        found: Dict[str, Form] = {}

        def through(run_argv: Execute) -> Execute:
            def watched(argv: Tuple[str, ...], environment: Any, killable: bool, deadline: float) -> Ran:
                self._note(found, argv, killable)
                return run_argv(argv, environment, killable, deadline)

            return watched

        self._note(found, (self.estate.dr.root + gate.LSATTR, *gate.QUERY[1:]), True)
        codes = []
        for _ in range(MOST_LEGS):
            codes.append(memory.apply(self.lpar, through))
            if codes[-1] != REBOOT:
                break
            self.lpar = memory.rebooted(self.lpar)
        self.lpar.save()
        assert codes[-1] == 0 and not self.differences(), f"{self.variant}: undisturbed, and yet {codes}"
        return tuple(found.values())

    def _note(self, found: Dict[str, Form], argv: Tuple[str, ...], reads: bool) -> None:
        form = self.shapes.form((argv[0][len(self.estate.dr.root) :], *argv[1:]), reads)
        found.setdefault(str(form), form)
