"""There and back again, in this process: home, DR, three weeks of work, home."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Dict, Mapping, Tuple

from drboot import arming, capture, failback
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


def at_dr(estate: Estate) -> InProcess:
    """The DR LPAR after its recovery.  The first capture of home is taken before."""
    memory.arm_at_home(estate)
    lpar = memory.wake(estate)
    code = memory.apply(lpar)
    while code == 10:
        lpar = memory.rebooted(lpar)
        code = memory.apply(lpar)
    assert code == 0, memory.said(lpar)
    lpar.save()
    return lpar


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


def come_home(estate: Estate) -> InProcess:
    """The same, and drboot has run."""
    lpar = wake_at_home(estate)
    code = memory.apply(lpar)
    lpar.save()
    assert code == 0, memory.said(lpar)
    return lpar


def settle(lpar: InProcess, estate: Estate) -> Dict[str, Any]:
    """``drboot arm --site home; drboot capture``: the second capture of home."""
    root = Root(lpar.machine.root)
    runner = Runner(root, run_argv=memory.run_on(lpar))
    host, systemid = estate.expected["hostname"], memory.identity(lpar).systemid
    arming.arm(runner, load(root), HOME, host, python_is_there)
    capture.save(root, capture.take(Seen(runner), HOME, host, systemid))
    lpar.save()
    return captured(lpar.machine, HOME)
