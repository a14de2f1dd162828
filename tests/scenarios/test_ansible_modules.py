"""AIX code that others wrote, on the simulated AIX: four modules of Ansible's community.general, unchanged.

They come from PyPI as requirements/ansible.txt pins them; ``make .cache/ansible/.done`` unpacks them.  Each runs as
Ansible runs it, as a process of its own that finds its programs in PATH; PATH is the LPAR's bin directories.  Each
task is run twice: it must change the LPAR, and then report that there is nothing to change.

Bugs of the modules themselves (community.general 11.4.2) that forbid the second half, each shown by a test below:

- aix_inittab splits an entry at every colon, so an entry whose command has one is "changed" every time.
- aix_devices says changed for every discovery, whatever cfgmgr did; its state=removed hands rmdev -f without the file
  that -f wants, or an empty argument, and in no case -d.
- aix_filesystem asks the running kernel, not AIX, whether a file system is mounted (os.lstat), and calls
  /usr/sbin/unmount: mounted and unmounted can only be right where the simulated root is the real one, so they are
  left to the mount table here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Dict, List

import pytest

from drboot.sim.boot import boot
from drboot.sim.estates import small
from drboot.sim.estates.build import HOME, lun_id, mappings
from drboot.sim.machine import Machine
from drboot.sim.world import new_lun

ROOT = Path(__file__).resolve().parents[2]
ANSIBLE = ROOT / ".cache" / "ansible"
MODULES = "ansible_collections.community.general.plugins.modules."
# two LUNs that nobody uses, without PVID and VGDA
FREE = (8, 9)


@pytest.fixture
def lpar(tmp_path: Path) -> Machine:
    """The LPAR of the estate ``small``, up at home, with two free disks: hdisk3 and hdisk4."""
    assert (ANSIBLE / ".done").exists(), "Ansible's modules are not there: make .cache/ansible/.done"
    machine = small.make(str(tmp_path)).home
    with machine.edit() as world:
        for number in FREE:
            identity = lun_id(HOME, number)
            world["san"]["luns"][identity] = new_lun(identity, unique_id=f"free{number}", serial=f"0000{number}")
        world["firmware"]["mappings"] = mappings(HOME, [0, 1, 2, *FREE], ["C5", "C6"])
    boot(machine)
    machine.forget_commands()
    return machine


def play(machine: Machine, module: str, **arguments: Any) -> Dict[str, Any]:
    """Run one module to its end and return its answer.  A module that failed answers with ``failed``."""
    path = ":".join(machine.root + directory for directory in ("/usr/sbin", "/usr/bin"))
    ran = subprocess.run(
        [sys.executable, "-m", MODULES + module, json.dumps({"ANSIBLE_MODULE_ARGS": arguments})],
        cwd=ANSIBLE,
        env={"PATH": path, "PYTHONPATH": str(ANSIBLE), "LC_ALL": "C", "HOME": os.environ.get("HOME", "/")},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ran.stdout.strip(), ran.stderr
    answer: Dict[str, Any] = json.loads(ran.stdout)
    return answer


def apply(machine: Machine, module: str, **arguments: Any) -> None:
    """The task changes the LPAR; the same task again changes nothing and runs no changing command."""
    first = play(machine, module, **arguments)
    assert (first.get("failed", False), first["changed"]) == (False, True), first
    assert changing(machine), "the module says changed, but no command changed the LPAR"
    machine.forget_commands()
    second = play(machine, module, **arguments)
    assert (second.get("failed", False), second["changed"]) == (False, False), second
    assert not changing(machine)
    assert machine.commands(), "the second run asked the LPAR nothing"


def changing(machine: Machine) -> List[str]:
    return [" ".join(entry["argv"]) for entry in machine.commands() if entry["changed"]]


def aix(machine: Machine, program: str, *args: str) -> str:
    """Run a command of the LPAR as its administrator would; it must succeed."""
    result = machine.run(program, *args)
    assert result.rc == 0, result
    return result.out


# ---------------------------------------------------------------- aix_inittab


def test_inittab_entry_added_changed_and_removed(lpar: Machine) -> None:
    entry = {"name": "drwatch", "runlevel": "2", "command": "/usr/local/bin/watch >/dev/null"}
    apply(lpar, "aix_inittab", action="once", insertafter="srcmstr", **entry)
    lines = aix(lpar, "/usr/sbin/lsitab", "-a").splitlines()
    ids = [line.partition(":")[0] for line in lines]
    assert ids.index("drwatch") == ids.index("srcmstr") + 1
    assert lines[ids.index("drwatch")] == "drwatch:2:once:/usr/local/bin/watch >/dev/null"

    apply(lpar, "aix_inittab", action="off", **entry)
    assert aix(lpar, "/usr/sbin/lsitab", "drwatch") == "drwatch:2:off:/usr/local/bin/watch >/dev/null\n"

    apply(lpar, "aix_inittab", state="absent", action="off", **entry)
    assert lpar.run("/usr/sbin/lsitab", "drwatch").rc != 0


def test_inittab_command_with_a_colon_is_never_recognised(lpar: Machine) -> None:
    """The module's bug: it compares the command up to its first colon."""
    task = {"name": "drwatch", "runlevel": "2", "action": "once", "command": "/usr/local/bin/watch -t 10:30"}
    assert play(lpar, "aix_inittab", **task)["changed"]
    assert play(lpar, "aix_inittab", **task)["changed"]
    assert aix(lpar, "/usr/sbin/lsitab", "drwatch") == "drwatch:2:once:/usr/local/bin/watch -t 10:30\n"


# ---------------------------------------------------------------- aix_devices


def test_device_attribute_changed(lpar: Machine) -> None:
    apply(lpar, "aix_devices", device="hdisk3", attributes={"queue_depth": "8"}, state="available")
    assert aix(lpar, "/usr/sbin/lsattr", "-El", "hdisk3", "-a", "queue_depth", "-F", "value") == "8\n"


def test_interface_address_changed(lpar: Machine) -> None:
    apply(lpar, "aix_devices", device="en0", attributes={"mtu": "9000"}, state="available")
    assert aix(lpar, "/usr/sbin/lsattr", "-El", "en0", "-a", "mtu", "-F", "value") == "9000\n"
    apply(lpar, "aix_devices", device="en0", attributes={"netmask": "255.255.254.0"}, state="available")
    assert "netmask 0xfffffe00" in aix(lpar, "/usr/sbin/ifconfig", "en0")


def test_device_defined(lpar: Machine) -> None:
    apply(lpar, "aix_devices", device="hdisk4", state="defined", recursive=True)
    assert aix(lpar, "/usr/sbin/lsdev", "-Cl", "hdisk4").split()[:2] == ["hdisk4", "Defined"]


def test_discovery_says_changed_whatever_cfgmgr_did(lpar: Machine) -> None:
    """The module's bugs: "-l all" is one argument, and the exit status of cfgmgr is not read."""
    for _ in range(2):
        assert play(lpar, "aix_devices", device="all", state="available")["changed"] is True
    assert not changing(lpar)
    assert [entry["argv"] for entry in lpar.commands()] == [["/usr/sbin/cfgmgr", "-l all"]] * 2


def test_removal_is_refused(lpar: Machine) -> None:
    """The module's bug: it hands rmdev -f, which wants a file (rmdev manual), and never -d."""
    answer = play(lpar, "aix_devices", device="hdisk4", state="removed", recursive=True, force=True)
    assert answer["failed"]
    assert not changing(lpar)
    assert aix(lpar, "/usr/sbin/lsdev", "-Cl", "hdisk4").split()[:2] == ["hdisk4", "Available"]


# ---------------------------------------------------------------- aix_lvg


def test_volume_group_created_extended_varied_and_removed(lpar: Machine) -> None:
    apply(lpar, "aix_lvg", vg="testvg", pvs=["hdisk3"], pp_size=64, vg_type="scalable", force=True)
    assert "testvg" in aix(lpar, "/usr/sbin/lsvg", "-o").split()
    assert _vg_of(lpar, "hdisk3") == "testvg"

    apply(lpar, "aix_lvg", vg="testvg", pvs=["hdisk4"])
    assert [_vg_of(lpar, disk) for disk in ("hdisk3", "hdisk4")] == ["testvg", "testvg"]

    apply(lpar, "aix_lvg", vg="testvg", state="varyoff")
    assert "testvg" not in aix(lpar, "/usr/sbin/lsvg", "-o").split()
    apply(lpar, "aix_lvg", vg="testvg", state="varyon")
    assert "testvg" in aix(lpar, "/usr/sbin/lsvg", "-o").split()

    apply(lpar, "aix_lvg", vg="testvg", state="absent")
    assert "testvg" not in aix(lpar, "/usr/sbin/lsvg").split()
    assert _vg_of(lpar, "hdisk3") == "None"


def test_a_disk_of_another_volume_group_is_refused(lpar: Machine) -> None:
    answer = play(lpar, "aix_lvg", vg="testvg", pvs=["hdisk1"], force=True)
    assert answer["failed"] and "is in use by another volume group 'datavg'" in answer["msg"]
    assert not changing(lpar)


def _vg_of(machine: Machine, disk: str) -> str:
    rows = {row.split()[0]: row.split() for row in aix(machine, "/usr/sbin/lspv").splitlines()}
    return rows[disk][2]


# ---------------------------------------------------------------- aix_filesystem


def test_file_system_created_grown_and_removed(lpar: Machine) -> None:
    apply(lpar, "aix_filesystem", filesystem="/data/new", vg="datavg", size="64M", state="present")
    assert aix(lpar, "/usr/sbin/lsfs", "-l", "/data/new").split()[-1] in ("no", "yes")

    apply(lpar, "aix_filesystem", filesystem="/data/new", size="128M", state="present")
    assert " 262144 " in aix(lpar, "/usr/sbin/lsfs", "-l", "/data/new")

    apply(lpar, "aix_filesystem", filesystem="/data/new", state="absent", rm_mount_point=True)
    assert lpar.run("/usr/sbin/lsfs", "/data/new").rc != 0
    assert not os.path.exists(lpar.root + "/data/new")


def test_a_new_file_system_can_be_mounted(lpar: Machine) -> None:
    assert play(lpar, "aix_filesystem", filesystem="/data/new", vg="datavg", size="64M", state="present")["changed"]
    assert play(lpar, "aix_filesystem", filesystem="/data/new", state="mounted")["changed"]
    points = [line.split()[1] for line in aix(lpar, "/usr/sbin/mount").splitlines()[2:]]
    assert "/data/new" in points
