"""Commands that hang, as processes: who is killed, who is never signalled, and who waits for whom.

Each case goes through the shipped launcher or the shipped command; what is asserted is asked of the kernel, or of the
machine's own log, and not of drboot.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List

import pytest

from drboot.sim import boot, processes
from drboot.sim.estates.build import Estate
from drboot.sim.machine import Machine
from tests.scenarios import lpars
from tests.scenarios.kept import Kept, unlike
from tests.scenarios.lpars import drboot

NETWORK = ("network", "routes")
STORAGE = ("storage", "mounts")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("processes"), "small")


def set_faults(machine: Machine, *faults: Dict[str, Any]) -> None:
    with machine.edit() as world:
        world["settings"]["faults"] = list(faults)


def hangs(program: str, args: str = "", seconds: float = 90, nth: int = 0) -> Dict[str, Any]:
    """A writer that hangs ends by itself, long after its deadline, so that no test leaves one behind."""
    return {"program": program, "args": args, "kind": "hangs", "nth": nth, "seconds": seconds}


def lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def within(seconds: float, so: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not so():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def instead_of(machine: Machine, program: str, script: str) -> Path:
    """Put a shell script in a program's place; ``$real`` in it is the program.  Returns the directory for its notes."""
    shim = Path(machine.root + program)
    notes = Path(machine.directory, "notes")
    notes.mkdir(exist_ok=True)
    real = notes / (shim.name + ".real")
    real.write_text(shim.read_text())
    real.chmod(0o755)
    shim.write_text(f"#!/bin/sh\nreal={real}\nnotes={notes}\n{script}\n")
    return notes


def commands(machine: Machine) -> List[str]:
    return [" ".join((os.path.basename(c["argv"][0]), *c["argv"][1:])) for c in machine.commands()]


# -- reading commands


def test_a_hanging_reader_is_killed_with_all_that_it_started(kept: Kept) -> None:
    """AIX's lsvg is a ksh wrapper; killing only the wrapper would leave its child, which keeps the output open."""
    machine = kept.again().dr
    notes = instead_of(
        machine,
        "/usr/sbin/lsvg",
        '[ "$*" = -o ] || exec $real "$@"; trap "" HUP INT TERM; sleep 300 & echo $! $$ >>$notes/pids; sleep 301',
    )
    began = time.monotonic()
    ran = drboot(machine, "--apply")
    assert ran.rc == 4, ran.out[-2000:]
    assert time.monotonic() - began < 60
    pids = [int(pid) for pid in (notes / "pids").read_text().split()]
    assert len(pids) >= 2
    assert within(5, lambda: not any(lives(pid) for pid in pids)), "somebody of the group was left"
    assert unlike(kept.estate, *NETWORK, "names", "boot_list", "flags") == {}


def test_a_child_that_keeps_the_output_open_delays_nobody(kept: Kept) -> None:
    """The wrapper has answered and is gone; what it left behind still holds its standard output."""
    machine = kept.again().dr
    notes = instead_of(machine, "/usr/sbin/lsvg", 'sleep 300 & echo $! >>$notes/pids; exec $real "$@"')
    try:
        began = time.monotonic()
        ran = drboot(machine, "--apply")
        assert ran.rc == 0, ran.out[-2000:]
        assert time.monotonic() - began < 60
        assert lpars.differences(kept.estate) == []
    finally:
        for pid in (notes / "pids").read_text().split():
            os.kill(int(pid), signal.SIGKILL)


def mounts_from_a_filer(estate: Estate) -> None:
    """Production has an NFS file system of a server called filer, and the profile wants it at the DR site too."""
    root = Path(estate.home.root)
    (root / "sapmnt").mkdir()
    with open(root / "etc/filesystems", "a", encoding="ascii") as table:
        table.write(
            '\n/sapmnt:\n\tdev\t\t= "/export/sapmnt"\n\tvfs\t\t= nfs\n\tnodename\t= filer\n\tmount\t\t= false\n'
            "\toptions\t\t= rw,hard\n\taccount\t\t= false\n"
        )
    with open(root / "etc/hosts", "a", encoding="ascii") as hosts:
        hosts.write("10.20.5.40\tfiler\n")
    with open(root / "etc/drboot/sites/dr.yaml", "a", encoding="ascii") as profile:
        profile.write("filesystems: {nfs: [/sapmnt]}\n")


def test_F39_a_dead_nfs_server_costs_its_own_mount_and_some_seconds(tmp_path: Path) -> None:
    """A hard mount waits for ever; all that is local is done, what was skipped is said, and the mount is not left."""
    estate = Kept(tmp_path, "small", mounts_from_a_filer).estate
    began = time.monotonic()
    ran = drboot(estate.dr, "--apply")
    assert ran.rc == 4, ran.out[-2000:]
    assert time.monotonic() - began < 90
    steps = {step["step"]: step for step in lpars.last_report(estate.dr)["steps"]}
    assert {name for name, step in steps.items() if step["outcome"] in ("failed", "blocked")} == {"nfs/sapmnt"}
    problem = steps["nfs/sapmnt"]["problem"]
    assert problem["name"] == "command-timeout"
    assert "mount /sapmnt (NFS)" in ran.out
    assert unlike(estate, *NETWORK, *STORAGE, "names", "boot_list", "flags") == {}
    table = processes.table().values()
    assert not [process for process in table if estate.dr.root in process.command and "mount" in process.command]
    with estate.dr.edit() as world:
        filer = {"address": "10.20.5.40", "mac": "02000a140528", "answers": True, "services": ["nfs"]}
        world["san"]["networks"]["dr/200"].append(filer)
    again = drboot(estate.dr, "--apply")
    assert again.rc == 0, again.out[-2000:]
    assert "filer" in {mount["node"] for mount in estate.dr.load()["kernel"]["mounts"]}
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"


# -- writing commands


@contextlib.contextmanager
def left_running(machine: Machine) -> Iterator[Dict[str, int]]:
    """Step -> the process that the last report says it left running; ended afterwards, since nobody else may."""
    found = {}
    for step in lpars.last_report(machine)["steps"]:
        if step["problem"] and step["problem"]["name"] == "command-stuck":
            pid = re.search(r"still running as process (\d+)", step["problem"]["why"])
            assert pid, step
            found[step["step"]] = int(pid.group(1))
    try:
        yield found
    finally:
        for pid in found.values():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


WRITERS = {
    "odm-and-lvm": (
        [hangs("/usr/sbin/importvg"), hangs("/usr/sbin/chdev", "ghostdev=0"), hangs("/usr/sbin/chdev", "netaddr=")],
        {"volume_groups/datavg/import", "device_flags/ghostdev", "network/service"},
        ("boot_list",),
    ),
    "boot-image-and-mounts": (
        [hangs("/usr/bin/bootlist", "hd5"), hangs("/usr/sbin/mount", "/data", nth=1)],
        {"boot_list", "filesystems/data"},
        (*NETWORK, "names", "storage", "flags"),
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_hanging_writer_is_reported_and_never_signalled(kept: Kept, name: str) -> None:
    """chdev's manual forbids interrupting it; an importvg or bootlist cut off leaves half an ODM or no boot image."""
    faults, stuck, complete = WRITERS[name]
    machine = kept.again().dr
    set_faults(machine, *faults)
    ran = drboot(machine, "--apply")
    with left_running(machine) as left:
        assert ran.rc == 4, ran.out[-2000:]
        assert set(left) == stuck
        assert all(lives(pid) for pid in left.values()), left
        assert all(os.getpgid(pid) == pid for pid in left.values()), "each in a group of its own: nobody's signals"
        assert "not interrupted" in ran.out
    assert unlike(kept.estate, *complete) == {}
    assert lpars.stamp(machine)["phase"] == "armed"
    set_faults(machine)
    assert drboot(machine, "--apply").rc == 0
    assert lpars.differences(kept.estate) == []


# -- the boot goes on


def hold(machine: Machine, seconds: int) -> None:
    armed = Path(machine.root, "etc/drboot/armed")
    text = armed.read_text()
    armed.write_text(re.sub(r"^boot_hold\.dr=\d+$", f"boot_hold.dr={seconds}", text, flags=re.MULTILINE))
    assert f"boot_hold.dr={seconds}\n" in armed.read_text()


def launched(machine: Machine) -> subprocess.Popen[bytes]:
    """The launcher as init starts it, its output in the file ``console``."""
    with open(os.path.join(machine.directory, "console"), "wb") as console:
        return subprocess.Popen(
            [machine.root + "/opt/drboot/inittab/drboot-boot", "--root", machine.root],
            stdin=subprocess.DEVNULL, stdout=console, stderr=console, start_new_session=True,
        )  # fmt: skip


@pytest.mark.parametrize(("fault", "outcome"), [("slow", ("complete", 0)), ("hangs", ("unfinished", 4))])
def test_F65_the_boot_goes_on_and_the_worker_finishes_in_its_own_session(
    kept: Kept, fault: str, outcome: object
) -> None:
    """init waits for an entry with the action `wait`: a run that takes long must not keep getty from starting."""
    machine = kept.again().dr
    hold(machine, 2)
    set_faults(
        machine, {**hangs("/usr/sbin/chdev", "netaddr="), "kind": fault, **({"seconds": 5} if fault == "slow" else {})}
    )
    process = launched(machine)
    assert process.wait(timeout=15) == 0
    said = Path(machine.directory, "console").read_text()
    goes_on = re.search(r"boot held for 2 s and goes on; drboot works on as process (\d+)", said)
    assert goes_on, said
    worker = int(goes_on.group(1))
    assert lives(worker)
    assert os.getsid(worker) == worker
    reports = Path(machine.root, "var/adm/drboot/runs")
    assert within(90, lambda: bool(list(reports.glob("*/report.json"))) and not lives(worker))
    report = lpars.last_report(machine)
    with left_running(machine) as left:
        assert (report["outcome"], report["exit_code"]) == outcome
        assert bool(left) is (fault == "hangs")
    if fault == "slow":
        assert lpars.differences(kept.estate) == []
        assert lpars.stamp(machine)["phase"] == "disarmed"
    else:
        assert lpars.stamp(machine)["phase"] == "armed"
        assert unlike(kept.estate, *STORAGE, "flags", "boot_list") == {}


def test_a_console_that_takes_nothing_stops_nobody(kept: Kept) -> None:
    """A full pipe that nobody reads, from the first line of the gate to the last of the report."""
    machine = kept.again().dr
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writer, b"x")
    os.set_blocking(writer, True)
    try:
        process = subprocess.Popen(
            [machine.root + "/opt/drboot/inittab/drboot-boot", "--root", machine.root],
            stdin=subprocess.DEVNULL, stdout=writer, stderr=writer, start_new_session=True,
        )  # fmt: skip
        assert process.wait(timeout=90) == 0
    finally:
        os.close(reader)
        os.close(writer)
    assert lpars.last_report(machine)["outcome"] == "complete"
    assert lpars.differences(kept.estate) == []


# -- what every command is given


def test_F83_every_command_runs_in_the_same_small_environment(kept: Kept) -> None:
    """Whatever language an operator, or /etc/environment, has set: AIX translates what drboot reads."""
    machine = kept.again().dr
    programs = ("/usr/sbin/lsvg", "/usr/sbin/lsattr", "/usr/sbin/importvg", "/usr/bin/errlogger")
    for program in programs:
        name = os.path.basename(program)
        notes = instead_of(machine, program, f'cat /proc/$$/environ >>$notes/{name}.environ; exec $real "$@"')
    process = subprocess.Popen(
        [machine.root + "/opt/drboot/inittab/drboot-boot", "--root", machine.root],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        env={
            "LANG": "de_DE", "LC_ALL": "ja_JP", "LC_MESSAGES": "de_DE", "NLSPATH": "/tmp/%N", "ODMDIR": "/tmp/odm",
            "PATH": "/tmp/evil", "LIBPATH": "/tmp/evil", "IFS": "/", "ENV": "/tmp/evil.sh",
        },
    )  # fmt: skip
    out, _ = process.communicate(timeout=90)
    assert lpars.differences(kept.estate) == [], out[-2000:]
    for program in programs:
        text = (notes / (os.path.basename(program) + ".environ")).read_text()
        seen = {word for word in text.split("\0") if word}
        assert "LC_ALL=C" in seen
        assert "ODMDIR=/etc/objrepos" in seen
        assert not [word for word in seen if "/tmp" in word or "_DE" in word or "_JP" in word], program
        assert {word.partition("=")[0] for word in seen} <= {"PATH", "LC_ALL", "LANG", "ODMDIR", "HOME", "NSORDER"}, (
            program
        )


# -- two runs


def test_F06_of_two_runs_at_once_one_works(kept: Kept) -> None:
    """Two `once` entries of the old scripts ran in parallel; here the second names the first, and does nothing."""
    machine = kept.again().dr
    first = lpars.start_drboot(machine, "--apply")
    runs = Path(machine.root, "var/adm/drboot/runs")
    assert within(60, lambda: bool(list(runs.glob("*/journal.jsonl"))))
    os.kill(first.pid, signal.SIGSTOP)  # in the middle, for as long as the others take
    try:
        began = time.monotonic()
        second = drboot(machine, "--apply")
        third = lpars.launcher(machine)
        assert time.monotonic() - began < 30, "they do not wait"
    finally:
        os.kill(first.pid, signal.SIGCONT)
    assert second.rc == 5, second
    for ran in (second, third):
        assert "another run of drboot is active" in " ".join(ran.out.replace("drboot:", "").split()), ran
        assert str(first.pid) in ran.out, "the holder is named"
    out, _ = first.communicate(timeout=90)
    assert first.returncode == 0, out[-2000:]
    assert len(list(runs.iterdir())) == 1, "one journal"
    assert lpars.differences(kept.estate) == []
    journal = next(runs.iterdir()) / "journal.jsonl"
    events = [json.loads(line) for line in journal.read_text().splitlines()]
    mine = [event["argv"][1:] for event in events if event["event"] == "command"]
    changed = [entry["argv"][1:] for entry in machine.commands() if entry["changed"]]
    assert [argv for argv in changed if argv not in mine] == [], "somebody else changed the machine"


# -- device flags, and resets


@pytest.fixture(scope="module")
def flagged(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    return Kept(tmp_path_factory.mktemp("flags"), "clouddev-first")


def test_F11_a_flag_that_stays_is_shouted_about_and_tried_again_at_the_next_boot(flagged: Kept) -> None:
    """clouddev=1 left behind would reset the ODM of a machine in use at some later boot."""
    estate = flagged.again()
    set_faults(estate.dr, {"program": "/usr/sbin/chdev", "args": "clouddev=0", "kind": "fails", "nth": 0})
    first = lpars.launcher(estate.dr)
    assert first.rc == 0, "the boot goes on all the same"
    report = lpars.last_report(estate.dr)
    assert (report["outcome"], report["exit_code"]) == ("unfinished", 4)
    assert "clouddev off ... FAILED" in first.out
    assert re.search(r"error command-failed: clouddev off: chdev -l sys0 -a clouddev=0", first.out)
    assert lpars.stamp(estate.dr)["phase"] == "armed"
    assert unlike(estate, *NETWORK, *STORAGE, "names", "boot_list") == {}, "all else is done"
    set_faults(estate.dr)
    lpars.launcher(estate.dr)
    assert lpars.differences(estate) == []
    assert lpars.stamp(estate.dr)["phase"] == "disarmed"


def test_the_flags_are_off_when_everything_else_fails(flagged: Kept) -> None:
    estate = flagged.again()
    broken = ("importvg", "varyonvg", "mount", "bootlist", "chitab", "lsdev", "lspv", "lsvg", "ifconfig")
    bins = {"bootlist": "/usr/bin/"}
    faults = [{"program": bins.get(p, "/usr/sbin/") + p, "kind": "fails", "nth": 0} for p in broken]
    network = [{"program": "/usr/sbin/chdev", "args": name, "kind": "fails", "nth": 0} for name in ("inet0", "en0")]
    set_faults(estate.dr, *faults, *network)
    ran = drboot(estate.dr, "--apply")
    assert ran.rc == 4, ran.out[-2000:]
    assert unlike(estate, "flags") == {}
    bad = [step for step in lpars.last_report(estate.dr)["steps"] if step["outcome"] in ("failed", "blocked")]
    assert len(bad) > 8


def test_F14_a_reset_that_repeats_is_ended_first_and_never_asked_for_again(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """clouddev=1 resets at each boot of this machine, and drboot died after the reset, before it could clear it."""
    estate = Kept(tmp_path_factory.mktemp("loop"), "clouddev-every_boot").estate
    assert lpars.apply_until_reboot(estate.dr) == 10
    boot.power_on(estate.dr)
    set_faults(estate.dr, {"program": "/usr/sbin/chdev", "args": "clouddev=0", "kind": "dies", "nth": 1})
    lpars.start_drboot(estate.dr, "--apply").communicate(timeout=90)
    assert estate.dr.load()["odm"]["attributes"]["sys0"]["clouddev"] == ["1"]
    boot.power_on(estate.dr)
    assert estate.dr.load()["kernel"]["reset"] == "clouddev", "it is this machine's nature"
    set_faults(estate.dr)
    estate.dr.forget_commands()
    ran = drboot(estate.dr, "--apply")
    assert ran.rc == 0, ran.out[-2000:]
    done = commands(estate.dr)
    cleared = done.index("chdev -l sys0 -a clouddev=0")
    assert not [c for c in done if "clouddev=1" in c or c.startswith("shutdown")], "never twice for one event"
    assert cleared < next(n for n, c in enumerate(done) if c.startswith("importvg"))
    assert lpars.differences(estate) == []
    boot.power_on(estate.dr)
    assert estate.dr.load()["kernel"]["reset"] == ""
