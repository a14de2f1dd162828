"""drboot and a simulated LPAR in one process: a whole DR boot in a fraction of a second, its time counted, not spent.

The rest of the simulator knows nothing of the product, and is made from the reference alone.  This file only brings
the two together, as an LPAR's disks do for processes: nothing that a simulated command does depends on it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Callable, Mapping, Optional, Tuple

from drboot import arming, boot, capture, gate, interrupt
from drboot.clock import CountedClock
from drboot.events import Console
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.estates.build import Estate
from drboot.sim.inprocess import Gone, InProcess

EXIT_REBOOT = 10


def run_on(lpar: InProcess, clock: Optional[CountedClock] = None) -> Execute:
    """What drboot's runner calls in place of starting a process; the clock counts what it would have taken."""

    def run_argv(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        if clock is not None:
            lpar.passed = clock.now()
        ran = Ran(*lpar.execute(argv, environment, killable, deadline))
        if clock is not None:
            clock.pass_by(ran.seconds)
        return ran

    return run_argv


def identity(lpar: InProcess) -> gate.Identity:
    """The answer of the gate's one query."""
    argv = (lpar.machine.root + gate.LSATTR, *gate.QUERY[1:])
    ended = lpar.execute(argv, gate.ENVIRONMENT, True, gate.DEADLINE)
    if (ended.outcome, ended.rc) != ("exited", 0):
        return gate.Identity(why=f"{gate.LSATTR} {ended.outcome} with {ended.rc}")
    return gate.parse_identity(ended.stdout.encode())


def decide(lpar: InProcess) -> Tuple[gate.Stamp, gate.Decision]:
    """What the gate makes of stamp and machine.  The machine has a stamp."""
    stamp = gate.read_stamp(lpar.machine.root)
    assert stamp is not None, "not armed"
    return stamp, gate.decide(stamp, identity(lpar))


def apply(
    lpar: InProcess,
    through: Callable[[Execute], Execute] = lambda run_argv: run_argv,
    stop: Optional[interrupt.Stop] = None,
) -> int:
    """What ``drboot --apply`` does; the exit code, 10 where the run ended in a reboot.  Raises Gone when killed.

    What the console shows is appended to the file ``said`` beside the LPAR's documents.
    through  may put something of its own between drboot and the machine
    stop     by what the run is stopped
    """
    clock = CountedClock()
    stamp, decision = decide(lpar)
    if decision.action != "act":
        return decision.exit_code
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    console = os.open(os.path.join(lpar.machine.directory, "said"), flags, 0o600)
    try:
        return boot.run(
            lpar.machine.root,
            stamp,
            decision,
            "operator",
            Console(console),
            through(run_on(lpar, clock)),
            clock,
            stop,
        )
    except Gone as gone:
        if str(gone) == "reboot":
            return EXIT_REBOOT
        raise
    finally:
        os.close(console)


def said(lpar: InProcess) -> str:
    """What the consoles of all runs have shown."""
    return Path(lpar.machine.directory, "said").read_text()


def arm_at_home(estate: Estate, before: Callable[[InProcess], None] = lambda lpar: None) -> None:
    """The production LPAR is up, captured and armed, without one process.

    before  what somebody does on it before it is captured
    """
    power_on(estate.home)
    lpar = InProcess(estate.home)
    _start_applications(lpar, estate)
    before(lpar)
    root = Root(estate.home.root)
    run_argv = run_on(lpar)
    runner = Runner(root, run_argv=run_argv)
    stated = load(root)
    host, home_id = estate.expected["hostname"], stated.sites["home"].systemids[0]
    capture.save(root, capture.take(Seen(runner), "home", host, home_id))

    def python(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        return Ran(argv, "exited", 0, "", "", 0.0)

    arming.arm(runner, stated, "home", host, python)
    lpar.save()


def _start_applications(lpar: InProcess, estate: Estate) -> None:
    """What init's scripts do in an estate whose applications vary on, mount and start what they need themselves."""
    on = lpar.world["kernel"]["varied_on"]
    late = [("varyonvg", vg) for vg in estate.expected["volume_groups"] if vg not in on]
    mounted = {mount["point"] for mount in lpar.world["kernel"]["mounts"]}
    late += [("mount", point) for _, point in estate.expected["mounts"] if point not in mounted]
    for program, name in late:
        lpar.execute((f"{lpar.machine.root}/usr/sbin/{program}", name), gate.ENVIRONMENT, False, 60.0)
    for name in estate.expected.get("subsystems", ()):
        lpar.execute((f"{lpar.machine.root}/usr/bin/startsrc", "-s", name), gate.ENVIRONMENT, False, 60.0)


def wake(estate: Estate) -> InProcess:
    """The DR LPAR has woken from a fresh replica, and nothing was done yet."""
    estate.replicate()
    power_on(estate.dr)
    return InProcess(estate.dr)


def rebooted(lpar: InProcess) -> InProcess:
    """The LPAR after a reboot that drboot asked for."""
    lpar.save()
    power_on(lpar.machine)
    return InProcess(lpar.machine)
