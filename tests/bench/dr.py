"""A DR boot of ``bank`` on virtual time: drboot, the two scripts, and the critical path, with the same latencies."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

from drboot import boot
from drboot.events import Console
from drboot.sim import latency
from drboot.sim.boot import power_on
from drboot.sim.estates import bank
from drboot.sim.estates.build import Estate
from drboot.sim.machine import Machine
from drboot.steps.volume_groups import VgImported
from tests.bench import baseline, critical, virtual
from tests.bench.critical import Thing
from tests.bench.measure import process
from tests.bench.virtual import Spent
from tests.checker import State
from tests.scenarios import lpars, memory

SCALES = (0.25, 1.0, 4.0)  # of importvg, the largest and least certain entry of the table
SERVICE = "C2"
# They change the machine by what they leave behind (an ARP entry, a line of the error log), and nothing was to change.
RECORDS = ("ping", "errlogger")


class Boot(NamedTuple):
    """A DR boot by drboot.

    seconds       until drboot gives the boot back
    last_change   when the last changing command had ended
    """

    seconds: float
    last_change: float
    commands: Tuple[Spent, ...]
    changing: Tuple[str, ...]
    things: Tuple[Thing, ...]
    critical: float
    why: str


def measure(directory: Path) -> Tuple[Dict[str, float], List[Tuple[str, str, str]]]:
    """Figures for bench.json, rows for the table."""
    estate = lpars.built(directory / "dr", "bank")
    memory.arm_at_home(estate)
    scripted = {scale: _scripts(estate, scale) for scale in SCALES[:1]}
    log = scripted[SCALES[0]]
    figures: Dict[str, float] = {}
    rows: List[Tuple[str, str, str]] = []
    over, faster = [], []
    for scale in SCALES:
        run = drboot(estate, scale)
        scripts = max(sum(virtual.price(estate.dr.load(), _scaled(scale))(*call) for call in calls) for calls in log)
        over.append(run.seconds / run.critical)
        faster.append(scripts / run.seconds)
        name = f"dr.importvg_x{scale:g}."
        figures.update(
            {
                name + "drboot_s": run.seconds,
                name + "last_change_s": run.last_change,
                name + "scripts_s": scripts,
                name + "critical_path_s": run.critical,
                name + "over_critical_path": over[-1],
                name + "last_change_over_critical_path": run.last_change / run.critical,
                name + "speedup_over_scripts": faster[-1],
                name + "most_possible_speedup": scripts / run.critical,
            }
        )
        rows += [
            (f"DR boot of bank, importvg x{scale:g}: drboot / scripts", f"{run.seconds:.1f} / {scripts:.1f} s",
             f"{faster[-1]:.2f}"),
            ("  the same / critical path", f"{run.seconds:.1f} / {run.critical:.1f} s", f"{over[-1]:.3f}"),
            ("  to the last change / critical path", f"{run.last_change:.1f} / {run.critical:.1f} s",
             f"{run.last_change / run.critical:.3f}"),
            ("  scripts / critical path: the most possible", f"{scripts:.1f} / {run.critical:.1f} s",
             f"{scripts / run.critical:.2f}"),
        ]  # fmt: skip
    figures.update(
        {
            "dr.over_critical_path": max(over),
            "dr.speedup_over_scripts": min(faster),
            "dr.mutating_commands": float(len(run.changing)),
            "dr.things_to_change": float(len(run.things)),
            "dr.reading_commands": float(len(run.commands) - len(run.changing)),
        }
    )
    rows.append((f"  critical path: {run.why}", "", ""))
    rows.append(("  changing commands / things to change", f"{len(run.changing)} / {len(run.things)}", ""))
    forbidden = _side_by_side(estate)
    scripts = figures["dr.importvg_x1.scripts_s"]
    figures["dr.if_importvg_ran_side_by_side_s"] = forbidden
    figures["dr.if_importvg_ran_side_by_side_speedup"] = scripts / forbidden
    rows.append(
        ("  if importvg could run side by side, x1", f"{forbidden:.1f} / {scripts:.1f} s", f"{scripts / forbidden:.2f}")
    )
    return figures, rows


def _side_by_side(estate: Estate) -> float:
    """What a boot would take if importvg were safe several at a time: drboot without that lock.  Shown, never done."""
    lock = VgImported.lock
    VgImported.lock = ""
    try:
        return drboot(estate, 1.0).seconds
    finally:
        VgImported.lock = lock


def drboot(estate: Estate, scale: float, checked: bool = False) -> Boot:
    """A boot of a fresh replica, with importvg at ``scale`` times its latency.

    checked  the profile asks for a check of each file system, which that of ``bank`` does not
    """
    lpar = memory.wake(estate)
    estate.dr.forget_commands()
    before = critical.look(estate.dr.directory)
    stamp, decision = memory.decide(lpar)
    clock, spent = virtual.VirtualClock(), []  # type: Tuple[virtual.VirtualClock, List[Spent]]
    execute = virtual.run_on(lpar, clock, virtual.price(lpar.world, _scaled(scale)), spent)
    console = os.open(os.path.join(estate.dr.directory, "said"), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        with virtual.known_to(clock):
            code = boot.run(estate.dr.root, stamp, decision, "operator", Console(console), execute, clock)
    finally:
        os.close(console)
    lpar.save()
    wrong = lpars.differences(estate)
    if code or wrong:
        raise RuntimeError(f"the DR boot of {estate.name} ended with {code}: {wrong}")
    changing = [line for line in lpars.changing(estate.dr) if os.path.basename(line.split()[0]) not in RECORDS]
    # its own inittab entry is set to off after all has been looked at again
    ends = [call.end for call in spent if " ".join(call.argv) in changing and not call.argv[1].startswith("drboot:")]
    changed = critical.things(before, estate.dr.directory, checked)
    costs = {name: latency.TABLE[path](lpar.world, ["-n"]) for name, path in _PRICED.items()}
    costs["importvg"] *= scale
    path, why = critical.critical_path(changed, estate.dr.directory, costs)
    return Boot(clock.now(), max(ends), tuple(spent), tuple(changing), changed, path, why)


_PRICED = {
    name: f"/usr/{'bin' if name == 'bootlist' else 'sbin'}/{name}"
    for name in ("importvg", "varyonvg", "chvg", "fsck", "mount", "chdev", "bootlist")
}


def _scaled(scale: float) -> Dict[str, float]:
    return {"importvg": scale}


Call = Tuple[str, List[str]]  # program, arguments


def _scripts(estate: Estate, scale: float) -> Tuple[List[Call], ...]:
    """What each script runs at DR.  They are run one after the other, so that each one's commands are known."""
    estate.replicate()
    power_on(estate.dr)
    machine: Machine = estate.dr
    nameservers = ("10.1.0.53", "10.1.0.54", "10.1.0.55")
    scripts = baseline.install(machine, bank.DR_ID, nameservers, estate.expected["nameservers"][0])
    state = State(machine.directory)
    baseline.write_lists(machine, state.interface_in(SERVICE), estate.expected, SERVICE)
    found = []
    for script in scripts:
        machine.forget_commands()
        process(script, environment=baseline.environment(machine))
        found.append([(entry["argv"][0], entry["argv"][1:]) for entry in machine.commands()])
    _check(estate)
    return tuple(found)


def _check(estate: Estate) -> None:
    """What the scripts are there for was done: all VGs, all file systems, the service address."""
    state = State(estate.dr.directory)
    mounted = {mount["point"] for mount in state.kernel["mounts"]}
    missing = [point for _, point in estate.expected["mounts"] if point not in mounted]
    missing += [vg for vg in estate.expected["volume_groups"] if vg not in state.kernel["varied_on"]]
    held = [a["address"] for a in state.kernel["interfaces"][state.interface_in(SERVICE)]["addresses"]]
    missing += [address for address, _ in estate.expected["interfaces"][SERVICE] if address not in held]
    if missing:
        raise RuntimeError(f"the scripts did not bring up {missing}")
