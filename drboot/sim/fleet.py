"""``drboot-sim fleet``: many LPARs boot at DR, each with its own disks and addresses, with a line of result for each.

Every LPAR is an estate of its own, made, armed at home, replicated and woken in memory (sim/together.py), several at
a time in worker processes.  Whether it came up is seen on the machine, not taken from what drboot says of itself.
Some may be run once more as processes, command by command, and must end as the same machine.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, TextIO, Tuple

from drboot.sim import boot, cpus, estates, likeness, processes, together
from drboot.sim.estates import fleet
from drboot.sim.estates.build import Estate, Row
from drboot.sim.machine import Machine
from drboot.sim.root import PACKAGE_PARENT
from drboot.sim.world import World

EXIT_OK, EXIT_UNFINISHED = 0, 4
MOST_BOOTS = 3
HANGS_AFTER = 600.0  # seconds of a run as processes
BAR = 30  # characters
QUICK_DISK = "/dev/shm"  # a fleet writes some hundred files for each LPAR, and syncs them as drboot does

# What the gate's worker does, in a process whose commands are processes.
AS_PROCESS = """
import sys
sys.path[:0] = sys.argv[2:]
from drboot import boot, gate
stamp = gate.read_stamp(sys.argv[1])
sys.exit(boot.run(sys.argv[1], stamp, gate.decide(stamp, gate.query_identity(sys.argv[1]))))
"""


class Task(NamedTuple):
    """An LPAR to boot.

    estate     "" for the ``number``-th of a fleet of ``among``, else the name of a ready-made estate
    directory  where its estate goes
    keep       it stays there when the LPAR is up, too
    verify     run it again as processes, and compare
    """

    estate: str
    number: int
    among: int
    directory: str
    keep: bool
    verify: bool


class Booted(NamedTuple):
    """What became of an LPAR.

    wrong     what is not as its profile and its rows say, a line each; empty when it is up
    verified  "" when not asked for, "same", or what differs when every command is a process
    commands  commands that changed it
    seconds   CPU seconds of this rehearsal of it
    """

    lpar: str
    exit_code: int
    boots: int
    addresses: Tuple[str, ...]
    volume_groups: int
    mounts: int
    commands: int
    wrong: Tuple[str, ...]
    verified: str
    seconds: float

    @property
    def up(self) -> bool:
        return not self.wrong and self.verified in ("", "same")


# ---------------------------------------------------------------- one LPAR, in a worker

_tables: Dict[int, List[Row]] = {}  # the address table of a fleet is made once per worker


def take(task: Task) -> Booted:
    """Boot one LPAR from a fresh replica.  Whatever goes wrong is told of it, and the others go on."""
    began = time.process_time()
    name = task.estate or fleet.Member(task.number).host
    try:
        with cpus.one():
            booted = _take(task)
    except Exception as error:
        booted = Booted(name, 1, 0, (), 0, 0, 0, (f"{type(error).__name__}: {error}",), "", 0.0)
    if booted.up and not task.keep:
        shutil.rmtree(task.directory, ignore_errors=True)
    return booted._replace(seconds=round(time.process_time() - began, 3))


def _take(task: Task) -> Booted:
    estate = _made(task)
    together.arm_at_home(estate)
    documents = {path: path.read_text() for path in Path(estate.dr.directory).glob("*.json")}
    lpar = together.wake(estate)
    estate.dr.forget_commands()
    code, boots = together.apply(lpar), 1
    while code == together.EXIT_REBOOT and boots < MOST_BOOTS:
        lpar, boots = together.rebooted(lpar), boots + 1
        code = together.apply(lpar)
    lpar.save()
    wrong = tuple(differences(estate.dr, estate.expected))
    if code and not wrong:
        wrong = (f"drboot ended with exit code {code}",)
    kernel = lpar.world["kernel"]
    verified = ""
    changing = sum(entry["changed"] for entry in estate.dr.commands())
    if task.verify:
        verified = _verified(estate, documents)
    wanted = [address for held in estate.expected["interfaces"].values() for address, _ in held]
    return Booted(
        estate.dr.name, code, boots, tuple(address for address in _addresses(lpar.world) if address in wanted),
        len(set(estate.expected["volume_groups"]) & set(kernel["varied_on"])),
        len({point for _, point in estate.expected["mounts"]} & {mount["point"] for mount in kernel["mounts"]}),
        changing, wrong, verified, 0.0,
    )  # fmt: skip


def _made(task: Task) -> Estate:
    if task.estate:
        return estates.make(task.estate, task.directory)
    table = _tables.get(task.among)
    if table is None:
        table = _tables[task.among] = fleet.rows(task.among)
    return fleet.make(task.directory, task.number, table, task.among)


def differences(machine: Machine, expected: Dict[str, Any]) -> Iterator[str]:
    """What is not as expected of an LPAR, in words."""
    world = machine.load()
    kernel = world["kernel"]
    if kernel["nodename"] != expected["hostname"]:
        yield f"the node name is {kernel['nodename']}"
    held = _addresses(world)
    wanted = [address for addresses in expected["interfaces"].values() for address, _ in addresses]
    yield from (f"{address} is not configured" for address in wanted if address not in held)
    yield from (f"{address} is of another site" for address in expected["foreign_addresses"] if address in held)
    gateways = [route["gateway"] for route in kernel["routes"] if route["destination"] == "default"]
    if gateways != [expected["default_route"]]:
        yield f"default route: {', '.join(gateways) or 'none'}, and not {expected['default_route']}"
    yield from (f"{vg} is not varied on" for vg in expected["volume_groups"] if vg not in kernel["varied_on"])
    mounted = {(mount["device"], mount["point"]) for mount in kernel["mounts"]}
    yield from (f"{point} is not mounted" for device, point in expected["mounts"] if (device, point) not in mounted)
    inittab = Path(machine.root, "etc/inittab").read_text(encoding="utf-8", errors="replace")
    actions = {row.split(":")[0]: row.split(":")[2] for row in inittab.splitlines() if row.count(":") >= 3}
    for entry, action in expected["inittab"].items():
        if actions.get(entry) != action:
            yield f"inittab entry {entry} is {actions.get(entry, 'not there')}, and not {action}"


def _addresses(world: World) -> List[str]:
    return [
        address["address"]
        for name, interface in world["kernel"]["interfaces"].items()
        if name != "lo0"
        for address in interface["addresses"]
    ]


def _verified(estate: Estate, documents: Dict[Path, str]) -> str:
    """The same boot with every command as a process: "same", or what is not the same in the end."""
    machine = estate.dr
    ours = {**likeness.machine_state(machine), "files": likeness.files(machine, programs=False)}
    for path, text in documents.items():
        path.write_text(text)
    estate.replicate()
    boot.power_on(machine)
    for _ in range(MOST_BOOTS):
        if not _rebooted_by_process(machine):
            break
        boot.power_on(machine)
    theirs = {**likeness.machine_state(machine), "files": likeness.files(machine, programs=False)}
    return "; ".join(_unlike(ours, theirs, "")[:5]) or "same"


def _rebooted_by_process(machine: Machine) -> bool:
    """drboot runs as a process; True when it has asked for a reboot, which ends it."""
    library = [path for path in sys.path if path and path != PACKAGE_PARENT]
    ran = subprocess.Popen(
        [sys.executable, "-I", "-S", "-B", "-c", AS_PROCESS, machine.root, PACKAGE_PARENT, *library],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    power = os.path.join(machine.directory, "power")
    until = time.monotonic() + HANGS_AFTER
    while ran.poll() is None and not os.path.exists(power) and time.monotonic() < until:
        time.sleep(0.02)
    asked = os.path.exists(power)
    ran.kill()
    ran.wait()
    for left in processes.table().values():  # shutdown does not come back, and has a session of its own
        if machine.root in left.command:
            os.kill(left.pid, signal.SIGKILL)
    return asked


def _unlike(one: Any, other: Any, where: str) -> List[str]:
    """The places in which two values of plain data differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted(set(one) | set(other), key=str)
        return [place for key in keys for place in _unlike(one.get(key), other.get(key), f"{where}/{key}")]
    return [] if one == other else [f"{where}: {str(one)[:60]!a} in memory, {str(other)[:60]!a} as processes"]


# ---------------------------------------------------------------- all of them


def run(
    names: Sequence[str],
    count: int,
    jobs: int,
    verify: int = 0,
    seed: int = 1,
    directory: str = "",
    to_json: str = "",
    sample: int = 0,
) -> int:
    """Boot ``count`` LPARs of a fleet, or the ready-made estates ``names``; 0 when all of them are up.

    sample  only so many of them, taken at random
    verify  so many of those also as processes
    """
    began = time.monotonic()
    place = directory or tempfile.mkdtemp(
        prefix="drboot-fleet-", dir=QUICK_DISK if os.access(QUICK_DISK, os.W_OK) else None
    )
    everyone = range(len(names) or count)
    drawn = random.Random(seed)
    booting = sorted(drawn.sample(everyone, min(sample, len(everyone)))) if sample else list(everyone)
    verified = set(drawn.sample(booting, min(verify, len(booting))))
    tasks = [
        Task(
            names[index] if names else "", index + 1, count, os.path.join(place, f"{index + 1:04d}"), bool(directory),
            index in verified,
        )
        for index in booting
    ]  # fmt: skip
    lines = sys.stderr if to_json == "-" else sys.stdout
    bar = Bar(len(tasks), sys.stderr)
    booted: List[Booted] = []
    try:
        for one in _taken(tasks, jobs):
            booted.append(one)
            bar.clear()
            for line in told(one):
                print(line, file=lines)
            bar.show(booted)
    except BaseException:
        if not directory:
            shutil.rmtree(place, ignore_errors=True)
        raise
    finally:
        bar.clear()
    seconds = time.monotonic() - began
    for line in summary(booted, seconds, jobs):
        print(line, file=lines)
    if to_json:
        _write_json(to_json, booted, seconds, jobs, seed)
    if all(one.up for one in booted):
        if not directory:
            shutil.rmtree(place, ignore_errors=True)
        return EXIT_OK
    print(f"what is left of those that are not up is below {place}", file=lines)
    return EXIT_UNFINISHED


def _taken(tasks: Sequence[Task], jobs: int) -> Iterator[Booted]:
    """What becomes of each LPAR, in their order; with one worker, in this process."""
    if jobs == 1:
        yield from map(take, tasks)
        return
    fresh = multiprocessing.get_context("spawn")
    begin, free = _at_start_of_worker, cpus.tokens(fresh, jobs)
    with ProcessPoolExecutor(max_workers=jobs, mp_context=fresh, initializer=begin, initargs=(free,)) as pool:
        try:
            yield from pool.map(take, tasks)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _at_start_of_worker(free: cpus.Tokens) -> None:
    """Ctrl-C reaches every process of a terminal: who started the workers ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    cpus.share(free)


def told(one: Booted) -> List[str]:
    """An LPAR's line of at most 80 columns, and what is wrong with it below."""
    more = f" +{len(one.addresses) - 1}" if len(one.addresses) > 1 else ""
    address = one.addresses[0] + more if one.addresses else "no address"
    state = "up" if one.up else "NOT UP"
    boots = f"{one.boots} boot" + ("" if one.boots == 1 else "s")
    line = (
        f"{one.lpar:<12} {state:<6} {address:<17} {one.volume_groups:>2} VGs {one.mounts:>2} mounts"
        f" {one.commands:>3} changes {boots}{' same' if one.verified == 'same' else ''}"
    )
    wrong = list(one.wrong) + ([] if one.verified in ("", "same") else [one.verified])
    return [line, *(f"    {text}" for text in wrong)]


def summary(booted: Sequence[Booted], seconds: float, jobs: int) -> List[str]:
    down = [one.lpar for one in booted if not one.up]
    verified = [one for one in booted if one.verified]
    text = [
        f"{len(booted)} LPARs: {len(booted) - len(down)} up, {len(down)} not;"
        f" {seconds:.0f} s with {jobs} workers, {sum(one.seconds for one in booted):.0f} s of CPU"
    ]
    if verified:
        same = sum(one.verified == "same" for one in verified)
        text.append(f"{same} of {len(verified)} that were also run as processes ended as the same machine")
    if down:
        text.append("not up: " + ", ".join(down[:5]) + (f" and {len(down) - 5} more" if down[5:] else ""))
    return text


def _write_json(file: str, booted: Sequence[Booted], seconds: float, jobs: int, seed: int) -> None:
    whole = {
        "lpars": [{**one._asdict(), "up": one.up} for one in booted], "count": len(booted),
        "up": sum(one.up for one in booted), "verified": sum(one.verified == "same" for one in booted),
        "seconds": round(seconds, 3), "workers": jobs, "seed": seed,
    }  # fmt: skip
    text = json.dumps(whole, indent=1) + "\n"
    if file == "-":
        sys.stdout.write(text)
    else:
        with open(file, "w", encoding="utf-8") as target:
            target.write(text)


class Bar:
    """How far a fleet is, on a terminal alone."""

    def __init__(self, total: int, stream: TextIO) -> None:
        self._total = total
        self._stream = stream
        self._began = time.monotonic()
        self._on = stream.isatty()

    def show(self, booted: Sequence[Booted]) -> None:
        if not self._on:
            return
        done = len(booted)
        filled = BAR * done // self._total
        down = sum(not one.up for one in booted)
        left = (time.monotonic() - self._began) / done * (self._total - done)
        not_up = f", {down} NOT UP" if down else ""
        self._stream.write(f"\r[{'#' * filled:.<{BAR}}] {done}/{self._total}{not_up}, {left:.0f} s left ")
        self._stream.flush()

    def clear(self) -> None:
        if self._on:
            self._stream.write("\r" + " " * 79 + "\r")
            self._stream.flush()
