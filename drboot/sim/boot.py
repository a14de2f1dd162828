"""Starting an LPAR: from the firmware to init, as often as it asks to be started again.

    power_on     firmware, boot LUN, rootvg's files and ODM, reset logic, configuration of devices, /etc/rc.net,
                 volume groups and file systems: everything that is over before init reads /etc/inittab
    start        power_on, then an init; returns a Running
    boot         start, and again after each ``shutdown -Fr``, until the LPAR stays up

Two inits fit: ``init`` (unprivileged, one process) and ``realinit`` (Debian's SysV init in namespaces of its own).

Source: boot-and-devices.md sections 2, 3, 4, 19; network-and-services.md section 16.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Callable, List, NamedTuple, Optional, Tuple

from drboot.sim import discovery, lvm, net, processes, reset, san
from drboot.sim.command import Context
from drboot.sim.commands import errlog
from drboot.sim.machine import Machine
from drboot.sim.root import PACKAGE_PARENT
from drboot.sim.world import Lun, World, new_kernel

# Source: boot-and-devices.md section 16: TERM, 20 s, then KILL.  Shorter here; nothing that is simulated takes longer.
TERM_GRACE = 2.0

Echo = Callable[[str], None]
Kind = Callable[[Machine, Optional[Echo]], "Running"]


class NoBoot(Exception):
    """The firmware or rc.boot cannot go on; the text says what the operator panel would show."""


class Outcome(NamedTuple):
    """How a boot went.

    state      settled (up, and nothing but daemons runs any more) | halted | timeout
    boots      how often the LPAR was started
    resets     what the reset logic did at each start: "", "ghostdev", "clouddev"
    console    everything that went over the console, line by line
    """

    state: str
    boots: int
    resets: Tuple[str, ...]
    console: Tuple[str, ...]


# ---------------------------------------------------------------- before init


def power_on(machine: Machine) -> List[str]:
    """The LPAR is as it is when init starts.  Returns the lines of the console so far.  Raises NoBoot."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(os.path.join(machine.directory, "power"))
    with machine.edit() as world:
        lun = boot_lun(world)
        if not san.take(machine, world, lun["id"]):
            raise NoBoot(f"LED 554: no rootvg can be read from {lun['id']}")
        ctx = Context(world, machine.root)
        kernel = world["kernel"] = new_kernel(
            running=True, boot_epoch=ctx.now(), run_level="2", next_pid=world["kernel"]["next_pid"]
        )
        moved = reset.partition_changed(world)
        kernel["reset"] = reset.boot_reset(world)
        discovery.discover(world)
        kernel["boot_device"] = _hdisk_of(world, lun)
        if not kernel["boot_device"]:
            raise NoBoot(f"LED 554: the boot disk {lun['id']} is not configured")
        lvm.ipl_varyon(ctx, kernel["boot_device"])
        net.apply_odm(ctx)
        said = [*lvm.autovaryon(ctx), *lvm.mount_all(ctx)]
        errlog.starts(ctx)
        if moved:
            # Source: transcript errpt/07
            errlog.log(ctx, "PARTID_CHANGE", "60AFC9E5", "INFO", "O", "sys0", "Partition ID changed since last boot.")
        return [*banner(world), *said]


def boot_lun(world: World) -> Lun:
    """The LUN that the firmware boots from: an entry of its boot list, else the first bootable one it finds.

    Raises NoBoot.  Assumed: with no usable entry the operator picks the disk in SMS, as the ghostdev seed says.
    """
    firmware, luns = world["firmware"], world["san"]["luns"]
    listed = [entry.get("lun", "") for entry in firmware["bootlist"].get("normal", [])]
    mapped = [mapping["lun"] for mapping in firmware["mappings"]]
    for lun_id in [*(i for i in listed if i in mapped), *mapped]:
        lun = luns.get(lun_id)
        if lun is not None and lun["present"] and lun["boot_image"]:
            return lun
    raise NoBoot("E15A7102: no bootable device; map the rootvg LUN to this LPAR")


def banner(world: World) -> List[str]:
    """What the kernel prints first.  Source: transcript boot-console/02; its kernel size is kept, assumed."""
    firmware = world["firmware"]
    return [
        "-" * 78,
        "                                Welcome to AIX.",
        f"        processor count: {firmware['cpus']};  memory size: {firmware['memory']}MB;  kernel size: 45422205",
        f"         boot device: {world['kernel']['boot_device']}",
        "-" * 78,
    ]


def _hdisk_of(world: World, lun: Lun) -> str:
    for name, device in world["odm"]["devices"].items():
        if device["cls"] == "disk" and device["lun"] == lun["unique_id"] and device["status"] == 1:
            return name
    return ""


# ---------------------------------------------------------------- a running LPAR


class Running:
    """An LPAR between power-on and power-off: its init, its console, its switch.

    ``console`` grows while it runs.  ``process`` is the child of ours below which everything of the LPAR runs.
    ``stops_at``: a text; when a line of the console has it, somebody presses Ctrl-S, and whoever writes to the console
    blocks from then on, until ``resume`` (boot-and-devices.md section 4).
    """

    stops_at = ""

    def __init__(self, machine: Machine, echo: Optional[Echo]) -> None:
        self.machine = machine
        self.console: List[str] = []
        self._echo = echo
        self._path = machine.root + "/dev/console"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        os.mkfifo(self._path, 0o622)
        self._reader = os.open(self._path, os.O_RDWR | os.O_NONBLOCK)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        self.process: Optional[subprocess.Popen[bytes]] = None

    def show(self, line: str) -> None:
        self.console.append(line)
        with open(os.path.join(self.machine.directory, "console.log"), "a", encoding="utf-8") as file:
            file.write(line + "\n")
        if self._echo is not None:
            self._echo(line)

    def launch(self) -> None:
        """Start the init."""
        raise NotImplementedError

    def status(self) -> str:
        """ "" while the boot goes on, ``up`` when init is through, ``settled`` when only daemons are left."""
        raise NotImplementedError

    def wait(self, timeout: float = 300.0, until: str = "settled") -> str:
        """Wait for the state ``until``, or ``reboot``, ``halt``, ``ended``; ``timeout`` when none of them comes."""
        end = time.monotonic() + timeout
        power = os.path.join(self.machine.directory, "power")
        while time.monotonic() < end:
            with contextlib.suppress(FileNotFoundError), open(power, encoding="ascii") as file:
                return file.read().strip()
            status = self.status()
            if status == until or status == "settled":
                return status
            if self.process is not None and self.process.poll() is not None:
                return "ended"
            time.sleep(0.03)
        return "timeout"

    def power_loss(self) -> None:
        """The plug is pulled: every process of the LPAR is gone, nothing was closed or unmounted."""
        self._end()

    def power_off(self) -> None:
        """What is left after a shutdown is ended, TERM first as AIX does, and the kernel's state is marked as such.

        An init that shuts down comes to no further entry: it is stopped before the entry that it waits for ends.
        """
        init = self.init_pid()
        if init:
            with contextlib.suppress(ProcessLookupError):
                os.kill(init, signal.SIGSTOP)
        processes.terminate([process.pid for process in processes.below(init)] if init else [], TERM_GRACE)
        self._end()
        with self.machine.edit() as world:
            world["kernel"]["running"] = False

    def init_pid(self) -> int:
        """The process of the LPAR's init; 0 when it was never started, or is gone."""
        return self.process.pid if self.process is not None else 0

    def leave(self) -> None:
        """The LPAR stays up as far as its documents say; only its idle daemons end, so that nothing is left behind."""
        self._end()

    def _end(self) -> None:
        if self.process is not None:
            processes.end(self.process.pid)
            self.process.wait()
        self._stopped.set()
        self._thread.join()
        os.close(self._reader)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        with open(self._path, "w", encoding="ascii"):
            pass

    def resume(self) -> None:
        """Ctrl-Q: the console goes on."""
        self.stops_at = ""

    def _hold(self) -> None:
        """Nothing more goes into the console, until it is resumed or the machine has ended."""
        filled = 0
        with contextlib.suppress(BlockingIOError):
            while True:
                filled += os.write(self._reader, b" ")
        while self.stops_at and not self._stopped.is_set():
            time.sleep(0.01)
        while filled:
            filled -= len(os.read(self._reader, filled))

    def _follow(self) -> None:
        """Show what is written to the console, line by line, until the machine has ended and all is read."""
        rest = b""
        while True:
            try:
                data = os.read(self._reader, 65536)
            except BlockingIOError:
                if self._stopped.is_set():
                    break
                time.sleep(0.01)
                continue
            *lines, rest = (rest + data).split(b"\n")
            for number, line in enumerate(lines):
                self.show(line.decode("utf-8", "replace").rstrip("\r"))
                if self.stops_at and self.stops_at in self.console[-1]:
                    rest = b"\n".join([*lines[number + 1 :], rest])
                    self._hold()
                    break
        if rest:
            self.show(rest.decode("utf-8", "replace"))


class Unprivileged(Running):
    """An LPAR under the simulator's own init."""

    def __init__(self, machine: Machine, echo: Optional[Echo]) -> None:
        super().__init__(machine, echo)
        self._status = os.path.join(machine.directory, "init.status")

    def launch(self) -> None:
        with open(self._status, "w", encoding="ascii"):
            pass
        off = self.machine.load()["settings"]["variants"].get("inittab_off", "next_boot")
        code = f"import sys; sys.path.insert(0, {PACKAGE_PARENT!r}); from drboot.sim.init import main; main()"
        self.process = subprocess.Popen(
            [sys.executable, "-IS", "-c", code, self.machine.root, self._status, off],
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip

    def status(self) -> str:
        with open(self._status, encoding="ascii") as file:
            words = file.read().split()
        return words[-1] if words else ""


def start(machine: Machine, echo: Optional[Echo] = None, kind: Kind = Unprivileged) -> Running:
    """Power on; the LPAR runs below an init of the given kind."""
    lines = power_on(machine)
    running = kind(machine, echo)
    for line in lines:
        running.show(line)
    try:
        running.launch()
    except BaseException:
        running.power_loss()
        raise
    return running


def boot(
    machine: Machine, echo: Optional[Echo] = None, kind: Kind = Unprivileged, reboots: int = 3, timeout: float = 300.0
) -> Outcome:
    """Start the LPAR, again after each reboot that it asks for (at most ``reboots`` of them), until it stays up."""
    console: List[str] = []
    resets: List[str] = []
    for _ in range(reboots + 1):
        running = start(machine, echo, kind)
        try:
            resets.append(machine.load()["kernel"]["reset"])
            state = running.wait(timeout)
        except BaseException:
            running.power_loss()
            raise
        if state == "reboot":
            running.power_off()
            console += running.console
            continue
        if state == "halt":
            running.power_off()
            state = "halted"
        else:
            running.leave()
        return Outcome(state, len(resets), tuple(resets), tuple(console + running.console))
    return Outcome("rebooting", len(resets), tuple(resets), tuple(console))
