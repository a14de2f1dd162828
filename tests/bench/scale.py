"""What grows with a machine, and what does not: 60 to 4,000 hdisks with 8 paths each, 12 to 200 VGs, 1,000 hosts.

A phase is what drboot does in one go: ``capture`` at home, ``plan`` on the DR LPAR as it woke, ``apply`` until it is
done, ``verify`` on the finished machine.  Its reading commands are counted, and its own CPU time is what its thread
used without the commands, which run in the same process.
"""

from __future__ import annotations

import gc
import os
import time
from pathlib import Path
from typing import Dict, List, Mapping, NamedTuple, Tuple

from drboot import apply, arming, capture, plan
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Execute, Ran, Runner
from drboot.seen import Seen
from drboot.sim.boot import power_on
from drboot.sim.command import Context
from drboot.sim.estates import fleet, small
from drboot.sim.estates.build import (
    DR,
    HOME,
    Address,
    Estate,
    Home,
    Vg,
    ethernet,
    fibre,
    jfs2,
    log_lv,
    make_dr,
    make_home,
    mappings,
    pvid,
    rootvg,
    stanzas,
    write_profiles,
)
from drboot.sim.inprocess import InProcess
from drboot.sim.machine import Machine
from drboot.sim.root import Files
from drboot.sim.world import new_firmware
from drboot.steps.base import Done
from drboot.wanted import Wanted, prepare
from tests.scenarios import memory

PATHS = 8
SLOTS = [f"C{5 + number}" for number in range(PATHS)]
SIZES = ((60, 12), (600, 12), (4000, 12), (600, 200), (4000, 200))  # hdisks, VGs
NOT_TO_THE_END = ((4000, 200),)  # the simulator takes minutes to import so much; its boot is not part of the figures
HOSTS = 1000
ID = "00F6F42A4C00"


class Lpar(InProcess):
    """An LPAR in memory that does not compare its world after each command, which takes long with many disks."""

    def _changed(self, ctx: Context) -> bool:
        return ctx.wrote_files


class Phase(NamedTuple):
    """What a phase asked of the machine, by program, and drboot's own CPU seconds."""

    reads: Dict[str, int]
    cpu: float

    @property
    def total(self) -> int:
        return sum(self.reads.values())


class Counted:
    """Commands through it are counted, and their own CPU time is kept apart.  One thread at a time."""

    def __init__(self, lpar: InProcess) -> None:
        self._run: Execute = memory.run_on(lpar)
        self._begin = time.thread_time()
        self._theirs = 0.0
        self._reads: Dict[str, int] = {}

    def __call__(self, argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        begin = time.thread_time()
        ran = self._run(argv, environment, killable, deadline)
        self._theirs += time.thread_time() - begin
        name = os.path.basename(argv[0])
        self._reads[name] = self._reads.get(name, 0) + 1
        return ran

    def phase(self) -> Phase:
        """What there was since the last time."""
        now = time.thread_time()
        made = Phase(self._reads, now - self._begin - self._theirs)
        self._begin, self._theirs, self._reads = time.thread_time(), 0.0, {}
        return made


def make(directory: str, disks: int, vgs: int) -> Estate:
    """An LPAR with ``disks`` data disks, each with eight paths, in ``vgs`` VGs with a file system each."""
    share, more = divmod(disks, vgs)
    groups = [rootvg("00f6f42a00004c000000013c1a2b3c4d")]
    first = 1
    for index in range(vgs):
        count = share + (index < more)
        lvs = [log_lv(f"log{index}"), jfs2(f"fs{index}", f"/vg{index}", 8, f"log{index}")]
        vgid = f"00f6f42a00004c0000000150{index:08x}"
        groups.append(Vg(f"vg{index:03d}", vgid, range(first, first + count), lvs, 40 + index))
        first += count
    files = Files(
        hostname="prod01", domain="example.com", nameservers=["10.1.0.53", "10.1.0.54"], gateway="10.1.5.1",
        hosts=[("10.1.5.11", "prod01")], filesystems=stanzas(groups), nim_master=("nimmaster", "10.1.5.20"),
    )  # fmt: skip
    firmware = {
        site: new_firmware(
            site=site, model="9009-42A", systemid=systemid, partition_number=1, partition_name=name, uname_m=ID,
            uname_f="8000F6F42A00000B", cpus=2, memory=8192,
            slots=[ethernet("C2", vlan, mac), *(fibre(slot, f"c0507603{site.encode().hex():.4}00{slot[1:]:0>2}")
                                               for slot in SLOTS)],
            mappings=mappings(site, range(disks + 1), SLOTS),
        )
        for site, systemid, name, vlan, mac in (
            (HOME, small.HOME_ID, "prod01", 100, "d213c0153a04"), (DR, small.DR_ID, "prod01_dr", 200, "d213c0153b08"),
        )
    }  # fmt: skip
    home = Home(firmware[HOME], groups, files, {"en0": Address("10.1.5.11", "255.255.255.0")}, small.ROUTES,
                {"ghostdev": "1"})  # fmt: skip
    machine = make_home(directory, home, small.NETWORKS)
    profile = small.DR_PROFILE.replace("  named:\n    - {name: datavg, major: 45}\n", "")
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": profile}, small.ROWS)
    dr = make_dr(directory, machine, firmware[DR])
    expected = {"hostname": "prod01", "volume_groups": {}, "mounts": [], "pvids": [pvid(ID, n) for n in range(disks)]}
    return Estate("scale", os.path.abspath(directory), machine, dr, expected, dr, expected)


def phases(directory: Path, disks: int, vgs: int) -> Dict[str, Phase]:
    """Every phase of one LPAR of this size.

    The simulated machine is in the same process: its objects are kept out of the interpreter's search for garbage,
    which would look through a million of them at drboot's expense.
    """
    estate = make(str(directory), disks, vgs)
    power_on(estate.home)
    lpar = Lpar(estate.home)
    root, counted = Root(estate.home.root), Counted(lpar)
    runner = Runner(root, run_argv=counted)
    stated = load(root)
    _apart()
    counted.phase()
    capture.save(root, capture.take(Seen(runner), "home", "prod01", stated.sites["home"].systemids[0]))
    found = {"capture": counted.phase()}
    arming.arm(runner, stated, "home", "prod01", lambda argv, *_: Ran(argv, "exited", 0, "", "", 0.0))
    lpar.save()
    estate.replicate()
    power_on(estate.dr)
    woken = Lpar(estate.dr)
    counted = Counted(woken)
    seen = Seen(Runner(Root(estate.dr.root), run_argv=counted))
    _apart()
    counted.phase()
    wanted = _wanted(estate.dr, seen)
    assessed = apply.verify(plan.build(wanted), seen)
    found["plan"] = counted.phase()
    assert len(assessed) > vgs
    if (disks, vgs) in NOT_TO_THE_END:
        return found
    code = memory.apply(woken)
    woken.save()
    if code:
        raise RuntimeError(f"{disks} disks, {vgs} VGs: {memory.said(woken)[-2000:]}")
    _apart()
    counted.phase()
    answers = apply.verify(plan.build(_wanted(estate.dr, seen)), seen)
    found["verify"] = counted.phase()
    wrong = [step.id for step, answer in answers if step.lasting and not isinstance(answer, Done)]
    if wrong:
        raise RuntimeError(f"{disks} disks, {vgs} VGs: not so in the end: {wrong[:5]}")
    return found


def _apart() -> None:
    gc.collect()
    gc.freeze()


def _wanted(machine: Machine, seen: Seen) -> Wanted:
    root = Root(machine.root)
    return prepare(seen, load(root), "prod01", "home", "dr")


def table_seconds(directory: Path, hosts: int) -> float:
    """CPU seconds of loading both profiles and an address table of so many hosts."""
    estate = fleet.make(str(directory), 1, fleet.rows(hosts), hosts)
    begin = time.process_time()
    stated = load(Root(estate.home.root))
    assert len({row.host for row in stated.hosts}) == hosts
    return time.process_time() - begin


def measure(directory: Path) -> Tuple[Dict[str, float], List[Tuple[str, str, str]]]:
    """Figures for bench.json, rows for the table."""
    figures: Dict[str, float] = {}
    rows: List[Tuple[str, str, str]] = []
    found = {size: phases(directory / f"scale-{size[0]}-{size[1]}", *size) for size in SIZES}
    for (disks, vgs), each in found.items():
        for name, phase in each.items():
            figures[f"scale.{disks}_disks_{vgs}_vgs.{name}_reads"] = float(phase.total)
            figures[f"scale.{disks}_disks_{vgs}_vgs.{name}_cpu_s"] = phase.cpu
        counts = " / ".join(str(phase.total) for phase in each.values())
        spent = " / ".join(f"{phase.cpu:.2f}" for phase in each.values())
        rows.append((f"{disks} hdisks, {vgs} VGs: reads of {', '.join(each)}", counts, ""))
        rows.append(("  drboot's own CPU in them", spent + " s", ""))
    few, many = found[60, 12], found[4000, 12]
    for name in few:
        figures[f"scale.more_reads_for_more_disks.{name}"] = float(many[name].total - few[name].total)
    # 1 where the time grows with the disks, 6.7 where it grows with their square
    growth = (many["plan"].cpu / 4000) / (found[600, 12]["plan"].cpu / 600)
    figures["scale.plan_cpu_per_disk_growth"] = growth
    rows.append(("plan, CPU per disk: 4000 / 600 hdisks", "", f"{growth:.2f}"))
    seconds = table_seconds(directory / "hosts", HOSTS)
    figures["scale.table_of_1000_hosts_s"] = seconds
    rows.append((f"profiles and a table of {HOSTS} hosts loaded", f"{seconds:.2f} s", ""))
    return figures, rows
