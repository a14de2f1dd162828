"""One simulated LPAR on disk, and the one place where its commands are executed.

Layout of an estate:

    ESTATE/san.json                 the SAN and the networks of all sites
    ESTATE/lpars/NAME/firmware.json, odm.json, kernel.json, settings.json
    ESTATE/lpars/NAME/root/         rootvg's files; programs are shims at their AIX paths
    ESTATE/lpars/NAME/commands.jsonl  what was run here, with exit status and whether it changed anything
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import time
from typing import Any, Dict, Iterator, List, NoReturn, Optional, Sequence, cast

from drboot.sim import faults, latency
from drboot.sim.command import Context, Hang, PowerOff, Result, run
from drboot.sim.world import World, new_world

LPAR_PARTS = ("firmware", "odm", "kernel", "settings")


class Machine:
    """An LPAR whose world lives in files, so that every command may be a process of its own."""

    def __init__(self, directory: str) -> None:
        self.directory = os.path.abspath(directory)
        self.name = os.path.basename(self.directory)
        self.estate = os.path.dirname(os.path.dirname(self.directory))
        self.root = os.path.join(self.directory, "root")

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """One command at a time looks at or changes the estate's documents."""
        with open(os.path.join(self.estate, ".lock"), "a", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def load(self) -> World:
        world: Dict[str, Any] = {"san": _read(os.path.join(self.estate, "san.json"))}
        for part in LPAR_PARTS:
            world[part] = _read(os.path.join(self.directory, part + ".json"))
        return cast(World, world)

    def save(self, world: World) -> bool:
        """Write back the documents that differ from what is stored; True when any did."""
        changed = _write(os.path.join(self.estate, "san.json"), world["san"])
        for part in LPAR_PARTS:
            changed = _write(os.path.join(self.directory, part + ".json"), cast(Any, world)[part]) or changed
        return changed

    @contextlib.contextmanager
    def edit(self) -> Iterator[World]:
        """Load, let the caller change, save: for the hands behind the scenes (tests, boot, failover)."""
        with self.locked():
            world = self.load()
            yield world
            self.save(world)

    def run(self, program: str, *args: str, stdin: str = "", env: Optional[Dict[str, str]] = None) -> Result:
        """Execute one command here, as its own process would."""
        fault = self._fault(program, list(args))
        faults.strike(fault)
        before = faults.before(fault)
        if before is not None:
            self._log(program, args, before.rc, False, fault)
            return before
        with self.locked():
            seconds = latency.seconds(self.load(), program, list(args))
        if seconds:
            time.sleep(seconds)
        off: Optional[PowerOff] = None
        waits = 0.0
        with self.locked():
            world = self.load()
            ctx = Context(world, self.root, stdin, env)
            try:
                result = run(ctx, program, list(args))
            except PowerOff as end:
                off, result = end, ctx.result(0)
            except Hang as hang:
                waits, result = hang.seconds, ctx.result(1)
            changed = self.save(world) or ctx.wrote_files
        time.sleep(waits)
        result = faults.after(fault, result)
        self._log(program, args, result.rc, changed, fault)
        if off is not None:
            raise off
        return result

    def commands(self) -> List[Dict[str, Any]]:
        """What was run on this LPAR since the log was last removed."""
        try:
            with open(os.path.join(self.directory, "commands.jsonl"), encoding="utf-8") as file:
                return [json.loads(line) for line in file]
        except FileNotFoundError:
            return []

    def forget_commands(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(os.path.join(self.directory, "commands.jsonl"))

    def _fault(self, program: str, args: List[str]) -> Optional[faults.Fault]:
        with self.locked():
            world = self.load()
            fault = faults.pick(world["settings"]["faults"], program, args)
            self.save(world)
        return fault

    def log(self, *entries: Dict[str, Any]) -> None:
        """Append to what was run on this LPAR."""
        with open(os.path.join(self.directory, "commands.jsonl"), "a", encoding="utf-8") as file:
            file.write("".join(json.dumps(entry) + "\n" for entry in entries))

    def _log(self, program: str, args: Sequence[str], rc: int, changed: bool, fault: Optional[faults.Fault]) -> None:
        self.log(log_entry([program, *args], rc, changed, fault))


def log_entry(argv: Sequence[str], rc: int, changed: bool, fault: Optional[faults.Fault]) -> Dict[str, Any]:
    """A line of commands.jsonl."""
    entry = {"argv": list(argv), "rc": rc, "changed": changed, "at": time.time()}
    return {**entry, "fault": fault["kind"]} if fault else entry


def new_machine(directory: str, world: Optional[World] = None) -> Machine:
    """Make an LPAR's directory with the documents of ``world`` (an empty one by default) and an empty root."""
    machine = Machine(directory)
    os.makedirs(machine.root, exist_ok=True)
    machine.save(world if world is not None else new_world())
    return machine


def main(program: str, directory: str, args: List[str]) -> NoReturn:
    """What a shim runs: this process *is* the AIX command ``program`` of the LPAR at ``directory``."""
    stdin = ""
    if _reads_input(program, args):
        stdin = os.fdopen(0, encoding="utf-8", errors="surrogateescape").read()
    machine = Machine(directory)
    try:
        result = machine.run(program, *args, stdin=stdin, env=dict(os.environ))
    except PowerOff as off:
        from drboot.sim import power

        power.off(machine, off.action)
        while True:  # AIX's shutdown does not return: init ends this process with the rest
            signal.pause()
    _emit(1, result.out)
    _emit(2, result.err)
    os._exit(result.rc)


def _reads_input(program: str, args: List[str]) -> bool:
    """These read standard input: alog and crontab always, the others as their flags say; all others leave it alone."""
    letters = {letter for arg in args if arg.startswith("-") for letter in arg[1:]}
    asks = {"/usr/sbin/fsck": not letters & set("npy"), "/usr/sbin/rmlv": "f" not in letters}
    return program in ("/usr/bin/alog", "/usr/bin/crontab") or asks.get(
        program, program == "/usr/sbin/lsvg" and "i" in letters
    )


def _emit(descriptor: int, text: str) -> None:
    data = text.encode("utf-8", "surrogateescape")
    with contextlib.suppress(OSError):
        while data:
            data = data[os.write(descriptor, data) :]


def _read(path: str) -> Any:
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def _write(path: str, value: Any) -> bool:
    text = json.dumps(value, indent=1)
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return False
    except FileNotFoundError:
        pass
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(path + ".new", path)
    return True
