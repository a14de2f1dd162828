"""An LPAR with two data volume groups whose mounts are nested, raw devices and an NFS mount; made to be damaged.

estate = make(tmp_path, at_home)      production is up, captured and armed
lpar = wake(estate, before)           the DR LPAR has woken from the replica, which ``before`` has changed
memory.apply(lpar)
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Callable, Dict, List, Sequence, Tuple

from drboot import report
from drboot.paths import Root
from drboot.sim.boot import power_on
from drboot.sim.estates import small
from drboot.sim.estates.build import (
    DR,
    HOME,
    Estate,
    Home,
    Vg,
    fibre,
    jfs2,
    log_lv,
    lun_id,
    make_dr,
    make_home,
    mappings,
    pvid,
    raw,
    stanzas,
    write_profiles,
)
from drboot.sim.inprocess import InProcess
from drboot.sim.world import Firmware, Lun, Lv, Vgda, World
from tests import checker
from tests.scenarios import memory

APP = "00f6f42a00004c000000013e00000001"
DATA = "00f6f42a00004c000000013d5e6f7a8b"
DATA_PVIDS = (pvid(small.MACHINE, 1), pvid(small.MACHINE, 2))
APP_PVIDS = tuple(pvid(small.MACHINE, number) for number in (3, 4, 5))
DR_PROFILE = "/etc/drboot/sites/dr.yaml"
FILER = "\n/sapmnt:\n\tdev\t\t= /export/sap\n\tvfs\t\t= nfs\n\tnodename\t= filer.home\n\tmount\t\t= true\n"
DEADLINES = "deadlines: {disks: 3s}\n"

Change = Callable[[World], None]


def nothing(world: World) -> None:
    """Leave the machine as it is."""


def vgs() -> List[Vg]:
    found, _, _ = small.parts()
    lvs = [
        log_lv("applog"),
        jfs2("applv", "/app", 8, "applog", options="rbrw"),
        jfs2("deeplv", "/data/db/deep", 8, "applog"),
        raw("rawlv", 4, 203, 204, 0o640),
    ]
    return [*found, Vg("appvg", APP, [3, 4, 5], lvs, 46, auto_on=False, quorum=False)]


def make(
    directory: Path,
    at_home: Change = nothing,
    profile: str = "",
    disks: Sequence[int] = (1, 0, 2, 3, 4, 5),
    slots: Sequence[str] = ("C5",),
    app: str = "/app",
) -> Estate:
    """Armed at home.

    profile  is added to that of the DR site;  disks  the LUNs there in discovery order;  slots  its adapters
    app      where applv is mounted, if ``at_home`` has moved it
    """
    _, files, firmware = small.parts()
    groups = vgs()
    firmware["mappings"] = mappings(HOME, range(6), ["C5", "C6"])
    files = files._replace(filesystems=stanzas(groups), absent=())
    home = Home(firmware, groups, files, small.INTERFACES, small.ROUTES, {"ghostdev": "1"}, oslevel="7200-05-03-2148")
    machine = make_home(str(directory), home, small.NETWORKS)
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": small.DR_PROFILE + DEADLINES}, small.ROWS)
    add_to_profile(machine.root, profile)
    with open(machine.root + "/etc/filesystems", "a", encoding="utf-8") as file:
        file.write(FILER)
    os.mkdir(machine.root + "/sapmnt")
    with machine.edit() as world:
        at_home(world)
    dr = make_dr(str(directory), machine, _dr(disks, slots))
    estate = Estate("storage", os.path.abspath(directory), machine, dr, expected(app), dr, expected(app))
    memory.arm_at_home(estate)
    return estate


def _dr(disks: Sequence[int], slots: Sequence[str]) -> Firmware:
    firmware = small.dr_firmware()
    ethernet = [slot for slot in firmware["slots"] if slot["kind"] == "l-lan"]
    firmware["slots"] = [*ethernet, *(fibre(slot, f"c05076036b2b00{int(slot[1:]):02x}") for slot in slots)]
    firmware["mappings"] = mappings(DR, disks, slots)
    return firmware


def add_to_profile(root: str, text: str) -> None:
    """Add keys to the DR profile.  ``volume_groups`` and ``filesystems`` take the place of what is there."""
    path = Path(root + DR_PROFILE)
    kept = path.read_text()
    if text.startswith("volume_groups:"):
        before, _, rest = kept.partition("volume_groups:\n")
        kept = before + rest[rest.index("services:") :]
    path.write_text(kept + text)


def wake(estate: Estate, before: Change = nothing) -> InProcess:
    """The DR LPAR has woken from a fresh replica, which was changed before it was started."""
    estate.replicate()
    with estate.dr.edit() as world:
        before(world)
    power_on(estate.dr)
    return InProcess(estate.dr)


def expected(app: str) -> Dict[str, Any]:
    made = small.expected()
    made["volume_groups"]["appvg"] = {"pvids": list(APP_PVIDS), "auto_on": False, "quorum": False, "major": None}
    made["mounts"] = [
        ["/dev/fslv00", "/data"], ["/dev/fslv01", "/data/db"], ["/dev/deeplv", "/data/db/deep"], ["/dev/applv", app],
    ]  # fmt: skip
    made["raw"] = {"rawlv": [203, 204, 0o640]}
    return made


# ---------------------------------------------------------------- the simulated machine


def lun(world: World, number: int, site: str = DR) -> Lun:
    return world["san"]["luns"][lun_id(site, number)]


def vgda(world: World, vgid: str, site: str = DR) -> Vgda:
    return world["san"]["vgdas"][site][vgid]


def lv(world: World, vgid: str, name: str, site: str = DR) -> Lv:
    return next(one for one in vgda(world, vgid, site)["lvs"] if one["name"] == name)


def hdisk(lpar: InProcess, pvid: str) -> str:
    """The disk that has this PVID here."""
    attributes = lpar.world["odm"]["attributes"]
    return next(name for name, held in attributes.items() if held.get("pvid", [""])[0][:16] == pvid)


def on(lpar: InProcess) -> List[str]:
    return sorted(lpar.world["kernel"]["varied_on"])


def mounted(lpar: InProcess) -> List[Tuple[str, str]]:
    return [(mount["device"], mount["point"]) for mount in lpar.world["kernel"]["mounts"]]


# ---------------------------------------------------------------- what drboot says


def last_report(lpar: InProcess) -> Dict[str, Any]:
    root = Root(lpar.machine.root)
    made = report.read(root, report.runs(root)[-1])
    assert made is not None
    return made


def step(lpar: InProcess, name: str) -> Dict[str, Any]:
    """The step of the last run with this id."""
    found: Dict[str, Any] = next(step for step in last_report(lpar)["steps"] if step["step"] == name)
    return found


def problem(lpar: InProcess, name: str) -> Dict[str, str]:
    """The problem that a step of the last run has."""
    found: Dict[str, str] = step(lpar, name)["problem"]
    return found


def commands(lpar: InProcess, changing: bool = False) -> List[str]:
    """Every command so far, as one types it."""
    lpar.save()
    argvs = [entry["argv"] for entry in lpar.machine.commands() if entry["changed"] or not changing]
    return [" ".join((os.path.basename(argv[0]), *argv[1:])) for argv in argvs]


def ran(lpar: InProcess, program: str) -> List[str]:
    return [line for line in commands(lpar) if line.split()[0] == program]


def unlike(lpar: InProcess, estate: Estate, *parts: str) -> List[str]:
    """What is not as expected, by these parts of the checker."""
    lpar.save()
    state = checker.State(estate.dr.directory)
    return [line for part in parts for line in getattr(checker, part)(state, estate.expected)]


STORAGE = ("storage", "mounts", "raw")
REST = ("network", "routes", "names", "boot_list", "flags", "inittab")
