"""The functions of lifecycle.sh, under every shell that stands in for AIX's ksh88, on a machine of a few stubs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Dict, List

import pytest
from stage import tree

from tests.packaging.made import PACKAGING

SHELLS = (["sh"], ["dash"], ["mksh"], ["ksh93"])
LIFECYCLE = PACKAGING / "lifecycle" / "lifecycle.sh"
STAMP = "# a comment\nversion=1\narm_id=0123456789abcdef\nphase=armed\nhost=prod01\nsha256=00\n"
CRONTAB = "0 11 * * * /usr/bin/errclear -d S,O 30 \\% \\n\n"
NIGHTLY = "13 3 * * * /opt/drboot/bin/drboot check --nightly # by drboot arm\n"


class Machine:
    """``root`` stands for /; its programs are stubs that log their call."""

    def __init__(self, directory: Path) -> None:
        self.root = directory / "machine"
        self.log = directory / "log"
        self.etc, self.var, self.bin = (self.root / name for name in ("etc/drboot", "var/adm/drboot", "usr/bin"))
        for path in (self.etc, self.var, self.bin, self.root / "opt/drboot/bin", self.root / "opt/drboot/smit"):
            path.mkdir(parents=True)
        self.crontab = directory / "crontab"
        self.entry = directory / "entry"
        for name in ("sed", "grep", "mv", "rm", "ls", "cat", "cp", "cmp"):
            (self.bin / name).symlink_to(str(shutil.which(name)))
        self.program("lsitab", f'[ -f "{self.entry}" ]')
        self.program("rmitab", f'rm -f "{self.entry}"')
        self.program("crontab", f'if [ "$1" = -l ]; then cat "{self.crontab}"; else cat "$1" >"{self.crontab}"; fi')
        self.program("lsattr", "echo 0")
        self.program("ps", "echo /usr/sbin/cron")
        for name in ("odmadd", "odmdelete"):
            self.program(name, ":")
        self.command("exit 1")

    def program(self, name: str, body: str) -> None:
        self._script(self.bin / name, name, body)

    def command(self, body: str) -> None:
        """The product's own command."""
        self._script(self.root / "opt/drboot/bin/drboot", "drboot", body)

    def _script(self, path: Path, name: str, body: str) -> None:
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"{self.log}"\n{body}\n')
        path.chmod(0o755)

    def arm(self) -> None:
        (self.etc / "armed").write_text(STAMP)
        self.entry.touch()
        self.crontab.write_text(CRONTAB + NIGHTLY)

    def run(self, shell: List[str], *functions: str) -> subprocess.CompletedProcess[str]:
        """As a package runs them: the whole file, then the calls."""
        text = tree.script(LIFECYCLE.read_text(), *functions)
        for path in ("/etc/drboot", "/var/adm/drboot"):
            text, count = re.subn(rf"=({path})$", rf"={self.root}\1", text, flags=re.MULTILINE)
            assert count == 1
        text = text.replace("PATH=/usr/bin:/etc:/usr/sbin:/sbin", f"PATH={self.bin}")
        text = re.sub(r"(?<![|=])/opt/drboot/(bin|smit|etc)/", rf"{self.root}/opt/drboot/\1/", text)
        environment: Dict[str, str] = {}
        argv = [str(shutil.which(shell[0])), "-c", text]
        return subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=20, check=False)

    def calls(self) -> List[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


@pytest.fixture
def configured(machine: Machine) -> Machine:
    for name in ("hosts.csv", "interpreter"):
        (machine.root / "opt/drboot/etc").mkdir(exist_ok=True)
        for directory in (machine.etc, machine.root / "opt/drboot/etc"):
            (directory / name).write_text("# as shipped\n")
    (machine.etc / "hosts.csv").write_text("ours\n")
    return machine


each_shell = pytest.mark.parametrize("shell", SHELLS, ids=lambda shell: shell[0])


def test_shellcheck_has_nothing_to_say() -> None:
    assert shutil.which("shellcheck"), "shellcheck is not installed: apt-get install shellcheck"
    ran = subprocess.run(["shellcheck", "--norc", str(LIFECYCLE)], capture_output=True, text=True)
    assert (ran.returncode, ran.stdout) == (0, "")


@each_shell
def test_S001_17_installing_adds_the_menus_and_arms_nothing(machine: Machine, shell: List[str]) -> None:
    (machine.root / "opt/drboot/smit/drboot.stanzas").touch()
    ran = machine.run(shell, "refuse_active", "add_menus")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "nothing is armed" in ran.stdout
    assert {call.split()[0] for call in machine.calls()} == {"odmadd", "odmdelete"}
    assert machine.calls()[-1].startswith("odmadd ")
    assert not machine.entry.exists() and not (machine.etc / "armed").exists()


@each_shell
@pytest.mark.parametrize(
    ("function", "program", "cure"),
    [("refuse_beside_rpm", "rpm", "rpm -e drboot"), ("refuse_beside_installp", "lslpp", "installp -u drboot.rte")],
)
def test_one_format_is_not_installed_over_the_other(
    machine: Machine, shell: List[str], function: str, program: str, cure: str
) -> None:
    assert machine.run(shell, function).returncode == 0, "a machine without that program"
    machine.program(program, "exit 1")
    assert machine.run(shell, function).returncode == 0
    machine.program(program, "exit 0")
    ran = machine.run(shell, function)
    assert ran.returncode == 1
    assert cure in ran.stderr


@each_shell
def test_S001_18_removing_disarms_and_takes_back(machine: Machine, shell: List[str]) -> None:
    machine.arm()
    machine.command(
        f"sed s/=armed/=disarmed/ {machine.etc}/armed >{machine.etc}/n; mv {machine.etc}/n {machine.etc}/armed"
    )
    ran = machine.run(shell, "refuse_removal", "leave_machine", "remove_menus")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (machine.etc / "armed").read_text() == STAMP.replace("=armed", "=disarmed")
    assert "drboot disarm --nightly" in machine.calls()
    assert not machine.entry.exists()
    assert machine.crontab.read_text() == CRONTAB
    assert sorted(path.name for path in machine.var.iterdir()) == []


@each_shell
def test_removing_disarms_where_no_python_is_left(machine: Machine, shell: List[str]) -> None:
    machine.arm()
    ran = machine.run(shell, "leave_machine")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert (machine.etc / "armed").read_text() == STAMP.replace("=armed", "=disarmed")
    assert not machine.entry.exists()
    assert machine.crontab.read_text() == CRONTAB


@each_shell
def test_a_crontab_that_cannot_be_read_is_left_alone(machine: Machine, shell: List[str]) -> None:
    machine.arm()
    machine.program("crontab", f'[ "$1" != -l ] && echo written >"{machine.crontab}"; echo half a ta; exit 1')
    assert machine.run(shell, "leave_machine").returncode == 0
    assert machine.crontab.read_text() == CRONTAB + NIGHTLY


@each_shell
def test_a_table_that_cannot_be_copied_is_left_alone_and_named(machine: Machine, shell: List[str]) -> None:
    """A full file system: half of root's jobs must not become all of them."""
    machine.arm()
    (machine.bin / "sed").unlink()
    machine.program("sed", "echo half a ta; exit 1")
    ran = machine.run(shell, "remove_cron_lines")
    assert ran.returncode == 0
    assert machine.crontab.read_text() == CRONTAB + NIGHTLY
    assert "crontab could not be changed: take out the lines that name" in ran.stdout


@each_shell
def test_no_link_that_others_can_plant_is_written_through(machine: Machine, shell: List[str]) -> None:
    """AIX's /var/adm is the group adm's too: what is below it may have been put there by somebody else."""
    machine.arm()
    precious = machine.root / "precious"
    precious.write_text("as before\n")
    for name in ("crontab.before", "crontab.after"):
        (machine.var / name).symlink_to(precious)
    assert machine.run(shell, "remove_cron_lines").returncode == 0
    assert precious.read_text() == "as before\n"
    assert machine.crontab.read_text() == CRONTAB
    assert sorted(path.name for path in machine.etc.iterdir()) == ["armed"]


@each_shell
def test_the_lines_go_where_drboot_has_no_directory_left(machine: Machine, shell: List[str]) -> None:
    machine.arm()
    machine.var.rmdir()
    ran = machine.run(shell, "remove_cron_lines")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")
    assert machine.crontab.read_text() == CRONTAB


def test_an_entry_that_stays_is_named(machine: Machine) -> None:
    machine.arm()
    machine.program("rmitab", "exit 1")
    ran = machine.run(["sh"], "leave_machine")
    assert ran.returncode == 0
    assert "the inittab entry drboot could not be removed: rmitab drboot" in ran.stdout
    assert machine.calls().count("rmitab drboot") == 5


def test_a_ghostdev_that_stays_is_named(machine: Machine) -> None:
    machine.program("lsattr", "echo 1")
    ran = machine.run(["sh"], "leave_machine")
    assert "sys0 ghostdev is 1 and stays" in ran.stdout


@each_shell
@pytest.mark.parametrize("function", ["refuse_active", "refuse_removal"])
def test_an_active_run_keeps_its_files(machine: Machine, shell: List[str], function: str) -> None:
    machine.arm()
    (machine.var / "lock").write_text(f"{os.getpid()}\n")
    machine.program("ps", "echo /usr/bin/python3 -I -S -B -c import sys /opt/drboot/lib --boot")
    ran = machine.run(shell, function)
    assert ran.returncode == 1
    assert f"a run is active (process {os.getpid()})" in ran.stderr
    assert (machine.etc / "armed").read_text() == STAMP
    assert machine.entry.exists()


@each_shell
@pytest.mark.parametrize("lock", ["4711\n", "", "4711; rm -rf x\n"])
def test_a_lock_that_nobody_holds_any_more_hinders_nobody(machine: Machine, shell: List[str], lock: str) -> None:
    """The file stays after each run; its number may be that of any process by now."""
    (machine.var / "lock").write_text(lock)
    ran = machine.run(shell, "refuse_active")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


@each_shell
def test_what_a_rehearsal_holds_is_not_orphaned(machine: Machine, shell: List[str]) -> None:
    machine.arm()
    (machine.var / "held/rehearsal").mkdir(parents=True)
    (machine.var / "held/rehearsal/root").write_text(CRONTAB)
    ran = machine.run(shell, "refuse_removal", "leave_machine")
    assert ran.returncode == 1
    assert "drboot undo" in ran.stderr
    assert machine.entry.exists()


@each_shell
def test_only_who_is_told_to_purges(machine: Machine, shell: List[str]) -> None:
    (machine.var / "captures").mkdir()
    assert machine.run(shell, "purge").returncode == 0
    assert (machine.var / "captures").exists()
    (machine.etc / "purge").touch()
    assert machine.run(shell, "purge").returncode == 0
    assert not machine.var.exists() and not machine.etc.exists()


@each_shell
def test_purging_never_deletes_what_production_needs(machine: Machine, shell: List[str]) -> None:
    (machine.var / "held").mkdir()
    (machine.var / "held/niminfo").write_text("x")
    (machine.etc / "purge").touch()
    ran = machine.run(shell, "purge")
    assert ran.returncode == 0
    assert "holds files of production" in ran.stdout
    assert (machine.var / "held/niminfo").exists() and machine.etc.exists()


@each_shell
def test_configuration_comes_back_with_the_product(configured: Machine, shell: List[str]) -> None:
    assert configured.run(shell, "keep_configuration").returncode == 0
    (configured.etc / "hosts.csv").write_text("# as shipped\n")  # what a removal and an installation leave
    assert configured.run(shell, "return_configuration").returncode == 0
    assert (configured.etc / "hosts.csv").read_text() == "ours\n"
    (configured.etc / "hosts.csv").write_text("# as shipped\n")
    (configured.etc / "hosts.csv.rpmsave").write_text("rpm's\n")
    assert configured.run(shell, "return_configuration").returncode == 0
    assert (configured.etc / "hosts.csv").read_text() == "rpm's\n"
    assert sorted(path.name for path in configured.etc.iterdir()) == ["hosts.csv", "interpreter"]


@each_shell
def test_configuration_that_cannot_be_kept_is_not_removed(configured: Machine, shell: List[str]) -> None:
    configured.arm()
    (configured.bin / "cp").unlink()
    configured.program("cp", 'for last; do :; done; echo half >"$last"; exit 1')
    ran = configured.run(shell, "keep_configuration", "leave_machine")
    assert ran.returncode == 1
    assert "hosts.csv cannot be kept" in ran.stderr
    assert not (configured.etc / "hosts.csv.kept").exists()
    assert configured.entry.exists(), "nothing is half removed"


def test_configuration_that_was_written_meanwhile_stays(configured: Machine) -> None:
    (configured.etc / "hosts.csv.kept").write_text("of last year\n")
    assert configured.run(["sh"], "return_configuration").returncode == 0
    assert (configured.etc / "hosts.csv").read_text() == "ours\n"
    assert (configured.etc / "hosts.csv.kept").exists()


def test_menus_that_cannot_be_added_fail_no_install(machine: Machine) -> None:
    (machine.root / "opt/drboot/smit/drboot.stanzas").touch()
    machine.program("odmadd", "exit 1")
    ran = machine.run(["sh"], "add_menus")
    assert ran.returncode == 0
    assert "the SMIT menus could not be added" in ran.stdout
