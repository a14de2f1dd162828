"""What somebody has prepared in /var/adm before a disaster: drboot refuses with 2 and changes nothing."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Callable, Dict, NamedTuple, Tuple

import pytest

from drboot import paths
from drboot.sim import deploy
from drboot.sim.estates import small
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from tests.scenarios import lpars, memory

PASSWD = "/etc/passwd"


class Woken(NamedTuple):
    estate: Estate
    lpar: InProcess

    def path(self, aix_path: str) -> str:
        return self.lpar.machine.root + aix_path


@pytest.fixture(scope="module")
def woken(tmp_path_factory: pytest.TempPathFactory) -> Woken:
    estate = small.make(str(tmp_path_factory.mktemp("records") / "estate"))
    memory.arm_at_home(estate)
    return Woken(estate, memory.wake(estate))


def _directory_is_a_link(woken: Woken) -> None:
    os.rename(woken.path(paths.VAR), woken.path("/tmp/drboot"))
    os.symlink(woken.path("/tmp/drboot"), woken.path(paths.VAR))


def _runs_is_a_link(woken: Woken) -> None:
    os.symlink(woken.path("/etc"), woken.path(paths.RUNS))


def _state_is_a_link(woken: Woken) -> None:
    os.symlink(woken.path(PASSWD), woken.path(paths.STATE))


def _state_is_a_hard_link(woken: Woken) -> None:
    os.link(woken.path(PASSWD), woken.path(paths.STATE))


def _lock_is_a_fifo(woken: Woken) -> None:
    os.unlink(woken.path(paths.LOCK))
    os.mkfifo(woken.path(paths.LOCK), 0o600)


def _lock_is_a_hard_link(woken: Woken) -> None:
    os.unlink(woken.path(paths.LOCK))
    os.link(woken.path(PASSWD), woken.path(paths.LOCK))


def _hooks_record_can_be_written(woken: Woken) -> None:
    Path(woken.path(paths.HOOKS_RAN)).write_text("{}")
    os.chmod(woken.path(paths.HOOKS_RAN), 0o666)


def _capture_is_a_link(woken: Woken) -> None:
    real = woken.path(paths.CAPTURES + "/home.json")
    os.rename(real, woken.path("/tmp/home.json"))
    os.symlink(woken.path("/tmp/home.json"), real)


def _capture_can_be_written(woken: Woken) -> None:
    os.chmod(woken.path(paths.CAPTURES + "/home.json"), 0o664)


def _everybody_may_write_var_adm(woken: Woken) -> None:
    os.chmod(woken.path("/var/adm"), 0o777)


ATTACKS: Dict[str, Callable[[Woken], None]] = {
    "directory is a link": _directory_is_a_link,
    "runs is a link": _runs_is_a_link,
    "state is a link": _state_is_a_link,
    "state is a hard link": _state_is_a_hard_link,
    "lock is a fifo": _lock_is_a_fifo,
    "lock is a hard link": _lock_is_a_hard_link,
    "hooks record can be written": _hooks_record_can_be_written,
    "capture is a link": _capture_is_a_link,
    "capture can be written": _capture_can_be_written,
    "everybody may write var adm": _everybody_may_write_var_adm,
}


def looks(woken: Woken) -> Dict[str, Tuple[int, int, int, int]]:
    """Every file below the root: mode, links, size, time of change.  Opens none, since one is a FIFO."""
    found = {}
    for directory, names, files in os.walk(woken.lpar.machine.root):
        for name in (*names, *files):
            path = os.path.join(directory, name)
            status = os.lstat(path)
            found[path] = (status.st_mode, status.st_nlink, status.st_size, status.st_mtime_ns)
    return found


def copy(source: str, target: str) -> None:
    """Owners and all."""
    subprocess.run(["cp", "-a", source, target], check=True)


@pytest.mark.parametrize("attack", ATTACKS)
def test_an_attack_is_refused_and_nothing_is_changed(woken: Woken, tmp_path: Path, attack: str) -> None:
    kept = str(tmp_path / "kept")
    copy(woken.lpar.machine.root, kept)
    try:
        ATTACKS[attack](woken)
        woken.lpar.save()
        woken.lpar.machine.forget_commands()
        before = looks(woken)
        assert memory.apply(woken.lpar) == 2
        woken.lpar.save()
        assert lpars.changing(woken.lpar.machine) == []
        assert looks(woken) == before
        assert "nothing was changed" in memory.said(woken.lpar)
    finally:
        shutil.rmtree(woken.lpar.machine.root)
        copy(kept, woken.lpar.machine.root)


def test_without_an_attack_it_acts(woken: Woken) -> None:
    assert memory.apply(woken.lpar) == 0


def test_the_command_refuses_as_well(tmp_path: Path) -> None:
    """By the shipped command, whatever the verb."""
    estate = lpars.built(tmp_path / "estate", "small")
    deploy.install(estate.home.root)
    var = Path(estate.home.root + paths.VAR)
    os.symlink(estate.home.root + "/etc", var)
    for verb in ("status", "report", "capture", "arm"):
        ran = lpars.drboot(estate.home, verb)
        assert ran.rc == 2, (verb, ran)
        assert "file-is-a-link" in ran.err
