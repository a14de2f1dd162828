"""How long AIX commands take, in seconds: a table of plausible costs.

Few public numbers exist (../docs/aix-facts.md lists them); the rest is assumed.  A machine whose
``settings.latency`` is 0 answers at once; any other value scales the table.
"""

from __future__ import annotations

from typing import Callable, Dict, List

from drboot.sim.world import World

# Assumed unless a source is named: base cost, plus a cost per disk of the VG or machine.
TABLE: Dict[str, Callable[[World, List[str]], float]] = {
    "/usr/sbin/importvg": lambda world, args: 8.0,
    "/usr/sbin/varyonvg": lambda world, args: 3.0,
    "/usr/sbin/exportvg": lambda world, args: 1.5,
    "/usr/sbin/fsck": lambda world, args: 2.0,
    "/usr/sbin/mount": lambda world, args: 0.5,
    "/usr/sbin/chdev": lambda world, args: 1.0,
    "/usr/sbin/mktcpip": lambda world, args: 4.0,
    # cfgmgr: 1 s for the bus plus 4 s for one iSCSI disk (transcript cfgmgr/01-opt-v-iscsi-one-disk, AIX 5.3)
    "/usr/sbin/cfgmgr": lambda world, args: 5.0 + 0.05 * len(world["firmware"]["mappings"]),
    "/usr/sbin/bosboot": lambda world, args: 15.0,
    # lsvg -l: 10 to 30 ms on an idle host (transcript headers lsvg/13, lsvg/14)
    "/usr/sbin/lsvg": lambda world, args: 0.02,
    "/usr/sbin/lsattr": lambda world, args: 0.02,
}


def seconds(world: World, program: str, args: List[str]) -> float:
    """How long this call takes on this machine."""
    scale = world["settings"]["latency"]
    cost = TABLE.get(program)
    if not scale or cost is None:
        return 0.0
    return scale * cost(world, args)
