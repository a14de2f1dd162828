"""The device reset: was there one, and how to ask for one.

Whether the ODM was reset is observed, never assumed: the sources contradict each other on when AIX does it.  No
single fact proves a reset (aix/boot-and-devices.md section 2); one sign of home is enough to know that there was
none.
"""

from __future__ import annotations

from typing import Iterator, List, Optional, Tuple

from drboot.capture import Capture
from drboot.errors import FactUnavailable, Problem
from drboot.facts import ifconfig, lsattr
from drboot.facts.types import is_among
from drboot.left_running import LeftRunning
from drboot.runner import Runner, command
from drboot.seen import Seen
from drboot.steps.fence import interfaces
from drboot.steps.stale_definitions import stale_disks

CLOUDDEV = lsattr.value("sys0", "clouddev")
SYS0 = "sys0"  # the lock of whoever changes it


def signs_of_home(seen: Seen, capture: Capture, foreign: Tuple[str, ...]) -> Tuple[str, ...]:
    """What in the ODM came from home; () when it is clean.

    Raises FactUnavailable when something cannot be read and nothing else is a sign.

    Only what cannot be of this site's own making counts: addresses of other sites, and Defined disks that are LUNs
    of home.  A volume group in the ODM, or a device that is Defined under a name that home uses too, may be the work
    of an earlier run here, and a machine in use must not be reset for it.

    foreign  addresses of other sites; those that home's kernel or a WPAR had are in no ODM, and no sign
    """
    foreign = tuple(address for address in foreign if address not in capture.further_addresses)
    signs: List[str] = []
    unread: List[FactUnavailable] = []
    for look in (_addresses, _stored_addresses, _stale_disks):
        try:
            signs.extend(look(seen, capture, foreign))
        except FactUnavailable as error:
            unread.append(error)
    if unread and not signs:
        raise unread[0]
    return tuple(dict.fromkeys(signs))


def _addresses(seen: Seen, _capture: Capture, foreign: Tuple[str, ...]) -> Iterator[str]:
    for interface in seen(ifconfig.INTERFACES):
        yield from (f"{interface.name} has {i.address}" for i in interface.inet if is_among(i.address, foreign))


def _stored_addresses(seen: Seen, capture: Capture, foreign: Tuple[str, ...]) -> Iterator[str]:
    for name in interfaces(seen, [one.name for one in capture.interfaces]):
        stored = (*seen(lsattr.value(name, "netaddr")), *seen(lsattr.value(name, "alias4")))
        yield from (f"{name} is configured as {v}" for v in stored if is_among(v, foreign))


def _stale_disks(seen: Seen, capture: Capture, _foreign: Tuple[str, ...]) -> Iterator[str]:
    disks = stale_disks(seen, tuple(disk.unique_id for disk in capture.disks if disk.unique_id))
    if disks:
        yield f"{len(disks)} disks of home are Defined, {disks[0]} among them"


def request(runner: Runner, seen: Seen, left: LeftRunning) -> Optional[Problem]:
    """Ask AIX to reset its devices at the next start; the Problem when sys0 does not say so afterwards.

    One that does not come back is a Problem whatever sys0 says: no reboot may end it while it writes, and what it
    writes may come later.  It is in ``left`` then, and nothing else of sys0 is touched beside it.

    Runs ``bootutil -c``, which clears the partition's NVRAM variable, where there is such a program, then
    ``chdev -l sys0 -a clouddev=1``.  A clouddev that already is 1 did not reset this boot, so it is asked anew.

    Source: IBM's cloud-init package runs exactly these two (aixoss/cloud-init packages/aix/cloud-init.spec).
    """
    writer = left.beside(SYS0)
    if writer is not None:
        return _not_back(f"{writer} still runs")
    asking = [command("bootutil", "-c")] if runner.root.has_program("bootutil") else []
    asking.append(command("chdev", "-l", "sys0", "-a", "clouddev=1"))
    for one in asking:
        lock = left.lock_of(SYS0)
        ran = runner.run(one, lock)
        if ran.outcome == "stuck":
            left.add(ran.pid, ran.argv, one.kind, lock)
            return _not_back(f"{one}: {ran.how()}")
    seen.forget({"devices"})
    values = seen.or_none(CLOUDDEV)
    if values == ("1",):
        return None
    says = f"reads {values[0]}" if values else "is not there"
    return Problem(
        "reset-not-requested",
        "the device reset cannot be requested",
        "sys0 clouddev",
        f"clouddev {says} after chdev: {ran.how()} {ran.said()}".rstrip(),
        "nothing to do: drboot goes on with plan B and removes what is stale one by one",
    )


def _not_back(why: str) -> Problem:
    return Problem(
        "reset-request-stuck",
        "the request for the device reset has not come to its end",
        "sys0 clouddev",
        why,
        "no reboot; plan B follows. When that process has ended: drboot --apply",
    )
