"""How long AIX commands take, in seconds: a table of plausible costs.

A machine whose ``settings.latency`` is 0 answers at once; any other value scales the table.

Few public numbers exist: what has no source here is assumed, and so are the costs per disk, path and LV.  What follows
from the table is therefore shown for importvg, its largest entry, at a quarter, once and four times the cost.
"""

from __future__ import annotations

from typing import Callable, Dict, List

from drboot.sim.world import World

Cost = Callable[[World, List[str]], float]

READ = 0.02  # a program that reads the ODM or the kernel: lsvg -l takes 10 to 30 ms (transcripts lsvg/13, lsvg/14)
VARYON = 3.0  # assumed: every disk of the VG is opened and its VGDA read


def _disks(seconds: float, each: float) -> Cost:
    """A cost, and one more for every disk of the machine."""

    def cost(world: World, args: List[str]) -> float:
        return seconds + each * sum(device["cls"] == "disk" for device in world["odm"]["devices"].values())

    return cost


def _importvg(world: World, args: List[str]) -> float:
    """Assumed: 8 s to read the VGDA and write the ODM.  Without -n it varies the VG on as well (manual page)."""
    return 8.0 + (0.0 if "-n" in args else VARYON)


def _ping(world: World, args: List[str]) -> float:
    """A packet a second (manual page): the last answer comes count - 1 seconds after the first packet."""
    count = args[args.index("-c") + 1] if "-c" in args[:-1] else "3"
    return READ + max(int(count) - 1, 0) if count.isdigit() else READ


def _cfgmgr(world: World, args: List[str]) -> float:
    """1 s for the bus plus 4 s for one iSCSI disk (transcript cfgmgr/01, AIX 5.3); a path of a disk is assumed."""
    return 5.0 + 0.05 * len(world["firmware"]["mappings"])


def _lsvg(world: World, args: List[str]) -> float:
    """With an operand it reads the VGDA.  Source: headers of transcripts lsvg/13 and lsvg/14, 10 to 30 ms."""
    return READ


# Assumed unless a source is named.
TABLE: Dict[str, Cost] = {
    "/usr/sbin/importvg": _importvg,
    "/usr/sbin/varyonvg": lambda world, args: VARYON,
    "/usr/sbin/varyoffvg": lambda world, args: 1.0,
    "/usr/sbin/exportvg": lambda world, args: 1.5,
    "/usr/sbin/chvg": lambda world, args: 1.0,
    "/usr/sbin/fsck": lambda world, args: 2.0,
    "/usr/sbin/mount": lambda world, args: 0.5 if args else READ,
    "/usr/sbin/umount": lambda world, args: 0.5,
    "/usr/sbin/chdev": lambda world, args: 1.0,
    "/usr/sbin/mktcpip": lambda world, args: 4.0,
    "/usr/sbin/cfgmgr": _cfgmgr,
    "/usr/sbin/rmdev": lambda world, args: 0.5,
    "/usr/sbin/mkdev": lambda world, args: 1.0,
    "/usr/sbin/bosboot": lambda world, args: 15.0,
    "/usr/bin/bootlist": lambda world, args: 0.3,
    "/usr/sbin/chitab": lambda world, args: 0.05,
    "/usr/sbin/namerslv": lambda world, args: 0.05,
    "/usr/bin/uname": lambda world, args: 0.01,
    "/usr/bin/hostname": lambda world, args: 0.01,
    "/usr/bin/startsrc": lambda world, args: 0.5,
    "/usr/bin/stopsrc": lambda world, args: 1.0,
    "/usr/sbin/lsvg": _lsvg,
    "/usr/sbin/lsattr": lambda world, args: READ,
    "/usr/sbin/lsdev": _disks(READ, 0.0002),
    "/usr/sbin/lspv": _disks(READ, 0.0005),
    "/usr/sbin/lspath": _disks(READ, 0.0005),
    "/usr/sbin/lqueryvg": lambda world, args: READ,
    "/usr/sbin/lsitab": lambda world, args: READ,
    "/usr/sbin/lsps": lambda world, args: READ,
    "/usr/sbin/lsfs": lambda world, args: READ,
    "/usr/sbin/lscfg": lambda world, args: 2 * READ,
    "/usr/sbin/ifconfig": lambda world, args: READ,
    "/usr/sbin/ping": _ping,
    "/usr/bin/odmget": lambda world, args: READ,
    "/usr/bin/netstat": lambda world, args: READ,
    "/usr/bin/entstat": lambda world, args: READ,
    "/usr/bin/errpt": lambda world, args: 2 * READ,
    "/usr/bin/lssrc": lambda world, args: READ,
    "/usr/bin/sysdumpdev": lambda world, args: READ,
    "/usr/sbin/lswpar": lambda world, args: 5 * READ,
    "/usr/sbin/chwpar": lambda world, args: 2.0,
    "/usr/sbin/startwpar": lambda world, args: 20.0,
    "/usr/sbin/stopwpar": lambda world, args: 20.0,
}


def cost(world: World, program: str, args: List[str]) -> float:
    """What the table says of this call on this machine; 0 for what it does not know."""
    found = TABLE.get(program)
    return found(world, args) if found else 0.0


def seconds(world: World, program: str, args: List[str]) -> float:
    """How long this call takes on this machine, by its setting."""
    scale = world["settings"]["latency"]
    return scale * cost(world, program, args) if scale else 0.0
