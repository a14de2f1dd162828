"""There and back again, in this process: home, DR, three weeks of work, home."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, Callable, Dict, List, Mapping, Tuple

from drboot import arming, capture, failback
from drboot.facts.route import parse_inet0_route
from drboot.paths import Root
from drboot.profile.load import load
from drboot.runner import Ran, Runner
from drboot.seen import Seen
from drboot.sim import san
from drboot.sim.boot import power_on
from drboot.sim.estates.build import DR, HOME, Estate
from drboot.sim.inprocess import InProcess
from drboot.sim.machine import Machine
from tests.scenarios import memory


def python_is_there(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
    """What arm asks the interpreter: it is new enough."""
    return Ran(argv, "exited", 0, "", "", 0.0)


def captured(machine: Machine, site: str) -> Dict[str, Any]:
    """The capture of a site as it lies on this LPAR."""
    found: Dict[str, Any] = json.loads(Path(machine.root, f"var/adm/drboot/captures/{site}.json").read_text())
    return found


def reset_at_home(estate: Estate, kind: str) -> None:
    """Home's profile says how the ODM is reset when the machine comes back.  Before it is armed."""
    edit_profile(estate.home, HOME, "device_reset: none", "device_reset: " + kind)


def to_the_end(lpar: InProcess) -> InProcess:
    """drboot runs, and once more after each reboot that it asked for.  The LPAR is saved."""
    code = memory.apply(lpar)
    while code == 10:
        lpar = memory.rebooted(lpar)
        code = memory.apply(lpar)
    lpar.save()
    assert code == 0, memory.said(lpar)
    return lpar


def at_dr(estate: Estate) -> InProcess:
    """The DR LPAR after its recovery.  The first capture of home is taken before, armed as the machine then is."""
    memory.arm_at_home(estate)
    settle(InProcess(estate.home), estate)
    return to_the_end(memory.wake(estate))


def edit_profile(machine: Machine, site: str, old: str, new: str) -> None:
    """On the machine where it lies: the report will say that the profiles were changed since it was armed."""
    profile = Path(machine.root, f"etc/drboot/sites/{site}.yaml")
    text = profile.read_text()
    assert old in text, text
    profile.write_text(text.replace(old, new))


def leave(lpar: InProcess, estate: Estate, to: str = HOME) -> failback.Left:
    """``drboot arm --for home`` at the DR site."""
    root = Root(lpar.machine.root)
    seen = Seen(Runner(root, run_argv=memory.run_on(lpar)))
    host, systemid = estate.expected["hostname"], memory.identity(lpar).systemid
    left = failback.leave(seen, load(root), to, host, systemid, python_is_there)
    lpar.save()
    return left


def wake_at_home(estate: Estate) -> InProcess:
    """The disks are copied back, and the LPAR at home starts from them; drboot has done nothing yet."""
    san.replicate(estate.directory, DR, HOME)
    power_on(estate.home)
    return InProcess(estate.home)


def settle(lpar: InProcess, estate: Estate) -> Dict[str, Any]:
    """``drboot arm --site home; drboot capture``: the capture of home."""
    root = Root(lpar.machine.root)
    runner = Runner(root, run_argv=memory.run_on(lpar))
    host, systemid = estate.expected["hostname"], memory.identity(lpar).systemid
    arming.arm(runner, load(root), HOME, host, python_is_there)
    capture.save(root, capture.take(Seen(runner), HOME, host, systemid))
    lpar.save()
    return captured(lpar.machine, HOME)


class Away:
    """An estate whose LPAR runs at DR after its recovery; ``again`` puts it back as it was for each test."""

    def __init__(self, directory: Path, make: Callable[[str], Estate]) -> None:
        self.directory, self.copy = directory / "estate", directory / "kept"
        self.estate = make(str(self.directory))
        at_dr(self.estate)
        self.first = captured(self.estate.home, HOME)
        subprocess.run(["cp", "-a", str(self.directory), str(self.copy)], check=True)

    def again(self) -> InProcess:
        shutil.rmtree(self.directory)
        subprocess.run(["cp", "-a", str(self.copy), str(self.directory)], check=True)
        return InProcess(self.estate.dr)


# -- what a return may change


def same(taken: Dict[str, Any]) -> Dict[str, Any]:
    """The capture without what a return may change, which is a closed list:

    taken            when it was taken
    names of devices hdisk0, en0, fcs1 ...: each is called by its PVID or place instead
    blanks and options of /etc/resolv.conf and /etc/netsvc.conf, which home's profile writes anew where it names them
    the spelling of a stored route, and of its kernel entry the interface
    the order of the stanzas of /etc/filesystems, in which no mount hides another, and of the volume groups in the ODM
    """
    text = json.dumps({key: value for key, value in taken.items() if key != "taken"})
    for pattern, name in _names(taken):
        text = re.sub(pattern, name, text)
    found: Dict[str, Any] = json.loads(text)
    found["filesystems"].sort(key=lambda fs: fs["mount_point"])
    rows = {path: [line.split() for line in text.splitlines()] for path, text in found.get("texts", [])}
    found["texts"] = {path: [row for row in lines if row[:1] != ["options"]] for path, lines in rows.items()}
    for part in ("routes", "routes6"):
        found[part] = sorted(str(parse_inet0_route(route).meaning) for route in found.get(part, []))
    for part in (
        "volume_groups",
        "devices",
        "disks",
        "adapters",
        "interfaces",
        "settings",
        "kernel_routes",
        "bootlist",
    ):
        found[part] = sorted(found.get(part, []), key=str)
    return found


def _names(taken: Dict[str, Any]) -> List[Tuple[str, str]]:
    """Pattern and what it is to be, for each device that has a name of AIX's choice."""
    found = [(rf"\b{disk['hdisk']}\b", f"disk-{disk['pvid']}") for disk in taken["disks"]]
    for one in taken["settings"]:  # of kinds that the capture lists nowhere else
        if one["kind"] == "adapter" and one["prefix"] in ("vscsi", "sas"):
            found.append((rf"\b{one['name']}\b", f"{one['prefix']}-{one['key']}"))
    for index, pseudo in enumerate(taken["pseudo"]):
        number = pseudo["name"][len("ent") :]
        found += [(rf"\b{kind}{number}\b", f"{kind}-pseudo-{index}") for kind in ("ent", "en", "et")]
    for adapter in taken["adapters"]:
        prefix, number = adapter["name"].rstrip("0123456789"), adapter["name"].lstrip("abcdefghijklmnopqrstuvwxyz")
        place = adapter["location"].rpartition("-")[0].rpartition("-")[2] or adapter["slot"]
        kinds = {"ent": ("ent", "en", "et"), "fcs": ("fcs", "fscsi")}.get(prefix, (prefix,))
        found += [(rf"\b{kind}{number}\b", f"{kind}-{place}") for kind in kinds]
    return found


def points_in_order(taken: Dict[str, Any]) -> bool:
    """No stanza stands before one of its parents."""
    points = [fs["mount_point"] for fs in taken["filesystems"]]
    return not any(
        later != "/" and earlier.startswith(later + "/") for at, earlier in enumerate(points) for later in points[at:]
    )
