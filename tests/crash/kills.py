"""The crash matrix with real processes: SIGKILL of the tree under Debian's SysV init, in namespaces of its own.

A **chain** is one waking of the DR LPAR in which drboot dies several times, each time at another moment of another
boot, and then is left alone.  Two deaths alternate: power loss is SIGKILL of init; the worker's own is SIGKILL by the
command that it just runs (the fault ``dies``), after which that boot goes on without it.  Moments are spread evenly
over a run, and in no order, by the golden ratio.

    python -m tests.crash.kills --kills 300         as root on Linux
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import sys
import time
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Sequence, Tuple

from drboot.sim import boot, deploy, init, processes, realinit
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import InProcess
from drboot.sim.machine import Machine
from tests import checker
from tests.crash.everything import scratch
from tests.crash.scenarios import SCENARIOS
from tests.scenarios import memory

VARIANTS = ("small", "clouddev-bootutil", "clouddev-second", "clouddev-nvram")
OF_A_CHAIN = 5  # deaths
GOLDEN = 0.6180339887498949
LATEST = 0.9  # of a run: what comes later may come after its end
RESUMED = 0.5  # of a run's commands are in one that finds part of the work done
MOST_ROUNDS = 3
PATIENCE = 120.0  # seconds for one boot
INIT, WORKER = "init", "worker"


class Chain(NamedTuple):
    """Deaths of one event: who is killed, and after which part of a run's commands."""

    variant: str
    number: int
    deaths: Tuple[Tuple[str, float], ...]


class Outcome(NamedTuple):
    """What came of a chain: the moments at which somebody was killed, and what is wrong at the end."""

    chain: Chain
    killed: List[str]
    wrong: List[str]
    seconds: float


def chains(first: int, count: int) -> Iterator[Chain]:
    """The chains with these numbers."""
    for number in range(first, first + count):
        indices = range(number * OF_A_CHAIN, (number + 1) * OF_A_CHAIN)
        deaths = tuple((WORKER if index % 2 else INIT, index * GOLDEN % LATEST) for index in indices)
        yield Chain(VARIANTS[number % len(VARIANTS)], number, deaths)


def make(directory: str, variant: str) -> Estate:
    """The estate with its production LPAR captured and armed, the product on it."""
    estate = SCENARIOS[variant].make(directory)
    deploy.install(estate.home.root)
    memory.arm_at_home(estate)
    return estate


def work(chain: Chain) -> Outcome:
    started = time.monotonic()
    with scratch() as directory:
        estate = make(directory, chain.variant)
        killed: List[str] = []
        try:
            wrong = _live(estate, chain, killed)
        except Exception as error:  # a boot that does not come up is wrong, and the other chains go on
            wrong = [f"{type(error).__name__}: {error}"]
    return Outcome(chain, killed, wrong, time.monotonic() - started)


def _live(estate: Estate, chain: Chain, killed: List[str]) -> List[str]:
    """Wake the DR LPAR, kill, and look at it after the last boot."""
    usual = _undisturbed(estate)
    estate.replicate()
    machine = estate.dr
    for whom, part in chain.deaths:
        said = _killed_at(machine, whom, max(1, round(part * usual * (RESUMED if killed else 1))))
        if not said:
            break  # the run was over before
        killed.append(said)
    outcome = boot.boot(machine, kind=realinit.Real, timeout=PATIENCE)
    found = [] if outcome.state == "settled" else [f"the last boot is {outcome.state}: {outcome.console[-5:]}"]
    if not _is_over(machine):
        found.append("it is still armed: " + " | ".join(line for line in outcome.console if "drboot" in line)[-300:])
    return found + checker.differences(machine.directory, estate.expected)


def _undisturbed(estate: Estate) -> int:
    """How many commands the last boot of a run has that nobody disturbs; no kill is to come after it."""
    lpar = memory.wake(estate)
    while memory.apply(lpar) == 10:
        lpar = memory.rebooted(lpar)
        lpar.machine.forget_commands()
    lpar.save()
    assert checker.differences(lpar.machine.directory, estate.expected) == []
    commands = len(lpar.machine.commands())
    _forget(lpar)
    return commands


def _forget(lpar: InProcess) -> None:
    """The machine is off, and takes the next replica."""
    with lpar.machine.edit() as world:
        world["kernel"]["running"] = False
    lpar.machine.forget_commands()


def _killed_at(machine: Machine, whom: str, after: int) -> str:
    """Boot, and kill after so many commands.  Says what was killed when; "" when the run was over before."""
    machine.forget_commands()
    with machine.edit() as world:
        rule = {"program": "*", "nth": after, "kind": "dies"}
        world["settings"]["faults"] = [rule] if whom == WORKER else []
    try:
        while True:
            running = boot.start(machine, kind=realinit.Real)
            try:
                end = _wait(running, machine, whom, after)
            finally:
                if _wants_reboot(machine):
                    running.power_off()
                else:
                    running.power_loss()
            if end != "reboot":
                return f"{whom} after {after} commands" if end == "killed" else ""
    finally:
        with machine.edit() as world:
            world["settings"]["faults"] = []


def _wants_reboot(machine: Machine) -> bool:
    return os.path.exists(os.path.join(machine.directory, "power"))


def _wait(running: boot.Running, machine: Machine, whom: str, after: int) -> str:
    """``killed``: it is time, or has happened.  ``reboot``: the machine asks for one.  ``over``: nothing is left."""
    until = time.monotonic() + PATIENCE
    log = Path(machine.directory, "commands.jsonl")
    while time.monotonic() < until:
        if _wants_reboot(machine):
            return "reboot"
        count = log.read_bytes().count(b"\n") if log.exists() else 0
        if whom == INIT and count >= after:
            return "killed"
        if whom == WORKER and machine.load()["settings"]["faults"][0].get("seen", 0) >= after:
            _wait_for_the_gate(running)
            return "killed"
        if _is_over(machine):
            return "over"
        time.sleep(0.01 if whom == INIT else 0.1)
    raise AssertionError(f"nothing happened for {PATIENCE:.0f} s: {running.console[-5:]}")


def _wait_for_the_gate(running: boot.Running) -> None:
    """The launcher has noticed, and the boot has gone on; or it holds it for a reboot that the worker had asked for."""
    until = time.monotonic() + 10
    while any("drboot-boot" in process.command for process in processes.below(running.init_pid())):
        if any("the boot is held until then" in line for line in running.console):
            return
        if time.monotonic() > until:
            raise AssertionError("the launcher does not come back after its worker was killed")
        time.sleep(0.1)


def _is_over(machine: Machine) -> bool:
    """The stamp is disarmed, and the entry is off."""
    with contextlib.suppress(FileNotFoundError):
        disarmed = "phase=disarmed" in Path(machine.root, "etc/drboot/armed").read_text()
        entries = init.read(Path(machine.root, "etc/inittab").read_text())
        return disarmed and all(entry.action == "off" for entry in entries if entry.id == "drboot")
    return False


def table(outcomes: Sequence[Outcome]) -> Iterator[str]:
    yield f"{'scenario':<28}{'chains':>8}{'of init':>9}{'of worker':>11}{'wrong':>7}{'s':>7}"
    by_variant: Dict[str, List[Outcome]] = {}
    for outcome in outcomes:
        by_variant.setdefault(outcome.chain.variant, []).append(outcome)
    for variant, group in by_variant.items():
        whom = [said.split()[0] for outcome in group for said in outcome.killed]
        wrong, seconds = sum(bool(outcome.wrong) for outcome in group), sum(outcome.seconds for outcome in group)
        counts = f"{len(group):>8}{whom.count(INIT):>9}{whom.count(WORKER):>11}"
        yield f"{variant:<28}{counts}{wrong:>7}{seconds:>7.0f}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash.kills", description=__doc__)
    parser.add_argument("--kills", type=int, default=300, metavar="N", help="300 by default")
    parser.add_argument("--jobs", type=int, default=2, metavar="N", help="processes, 2 by default")
    options = parser.parse_args(arguments)
    why_not = realinit.why_not()
    if why_not:
        print(f"no kills under a real init here: {why_not}", file=sys.stderr)
        return 1
    outcomes: List[Outcome] = []
    with multiprocessing.get_context("spawn").Pool(options.jobs, maxtasksperchild=1) as pool:
        for _ in range(MOST_ROUNDS):  # a run may be over before the moment comes
            missing = options.kills - _kills(outcomes)
            for outcome in pool.imap_unordered(work, chains(len(outcomes), -(-missing // OF_A_CHAIN))):
                outcomes.append(outcome)
                moments, wrong = ", ".join(outcome.killed), "; ".join(outcome.wrong) or "ok"
                print(f"{_kills(outcomes):>6} kills  {outcome.chain.variant}: {moments}: {wrong}", flush=True)
    print(*table(outcomes), sep="\n")
    bad = sum(bool(outcome.wrong) for outcome in outcomes)
    ended = f"{bad} wrong" if bad else "all converged"
    print(f"{_kills(outcomes)} kills under the real init, {len(outcomes)} chains: {ended}")
    return 1 if bad or _kills(outcomes) < options.kills else 0


def _kills(outcomes: Sequence[Outcome]) -> int:
    return sum(len(outcome.killed) for outcome in outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
