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
from drboot.runner import Runner, command
from drboot.seen import Seen
from drboot.steps.fence import ethernet_interfaces
from drboot.steps.stale_definitions import stale_disks

CLOUDDEV = lsattr.value("sys0", "clouddev")


def signs_of_home(seen: Seen, capture: Capture, foreign: Tuple[str, ...]) -> Tuple[str, ...]:
    """What in the ODM came from home; () when it is clean.

    Raises FactUnavailable when something cannot be read and nothing else is a sign.

    Only what cannot be of this site's own making counts: addresses of other sites, and Defined disks that are LUNs
    of home.  A volume group in the ODM, or a device that is Defined under a name that home uses too, may be the work
    of an earlier run here, and a machine in use must not be reset for it.

    foreign  addresses of other sites
    """
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


def _stored_addresses(seen: Seen, _capture: Capture, foreign: Tuple[str, ...]) -> Iterator[str]:
    for name in ethernet_interfaces(seen):
        stored = (*seen(lsattr.value(name, "netaddr")), *seen(lsattr.value(name, "alias4")))
        yield from (f"{name} is configured as {v}" for v in stored if is_among(v, foreign))


def _stale_disks(seen: Seen, capture: Capture, _foreign: Tuple[str, ...]) -> Iterator[str]:
    disks = stale_disks(seen, tuple(disk.unique_id for disk in capture.disks if disk.unique_id))
    if disks:
        yield f"{len(disks)} disks of home are Defined, {disks[0]} among them"


def request(runner: Runner, seen: Seen) -> Optional[Problem]:
    """Ask AIX to reset its devices at the next start; the Problem when sys0 does not say so afterwards.

    Runs ``bootutil -c``, which clears the partition's NVRAM variable, where there is such a program, then
    ``chdev -l sys0 -a clouddev=1``.  A clouddev that already is 1 did not reset this boot, so it is asked anew.

    Source: IBM's cloud-init package runs exactly these two (aixoss/cloud-init packages/aix/cloud-init.spec).
    """
    if runner.root.has_program("bootutil"):
        runner.run(command("bootutil", "-c"))
    ran = runner.run(command("chdev", "-l", "sys0", "-a", "clouddev=1"))
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
