"""``ssp``: the LPAR of ``small`` on logical units of a shared storage pool, mapped by two VIOS.

What the pool is made of is the VIOS's: the LPAR sees virtual SCSI disks, at home and at DR, each by a path through each
VIOS, and at DR with other unique_ids.  The pool that is made again is a copy, so that the LPAR at DR may well rehearse.

Source: seeds/shared-storage-pool-dr.txt: lsmap's LUN numbers begin at 0x81; a path per VIOS is how it is set up.
"""

from __future__ import annotations

import os
from typing import List

from drboot.sim import san
from drboot.sim.estates import small
from drboot.sim.estates.build import (
    DR,
    HOME,
    Estate,
    Home,
    ethernet,
    lun_id,
    make_dr,
    make_home,
    rehearsing,
    write_profiles,
)
from drboot.sim.world import Firmware, Mapping, San, new_slot

SLOTS = ("C20", "C21")


def make(directory: str) -> Estate:
    vgs, files, firmware = small.parts()
    _virtual(firmware, HOME, 100, "d213c0153a04", [0, 1, 2])
    home = Home(
        firmware, vgs, files, small.INTERFACES, small.ROUTES, {"ghostdev": "1"}, oslevel="7100-05-06-2015",
        luns=_units,
    )  # fmt: skip
    machine = make_home(directory, home, small.NETWORKS)
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": small.DR_PROFILE}, small.ROWS)
    at_dr = small.dr_firmware()
    _virtual(at_dr, DR, 200, "d213c0153b08", [2, 0, 1])
    dr = make_dr(directory, machine, at_dr)
    reh = make_dr(directory, machine, rehearsing(at_dr, "prod01"))
    return Estate("ssp", os.path.abspath(directory), machine, dr, small.expected(), reh, small.expected_reh())


def _units(storage: San) -> None:
    """Every disk is a logical unit: no serial and no vendor page of its own, and an id that wraps that of the pool."""
    for number in (0, 1, 2):
        lun = storage["luns"][lun_id(HOME, number)]
        lun["kind"], lun["type"] = "vscsi", "vdisk"
        lun["unique_id"] = san.unique_id(lun["id"], "vscsi")


def _virtual(firmware: Firmware, site: str, vlan: int, mac: str, numbers: List[int]) -> None:
    """A virtual Ethernet adapter, and a virtual SCSI adapter to each VIOS instead of fibre channel."""
    adapters = [new_slot(slot, "v-scsi", type="IBM,v-scsi") for slot in SLOTS]
    firmware["slots"] = [ethernet("C2", vlan, mac), *adapters]
    made: List[Mapping] = []
    for slot in SLOTS:
        for index, number in enumerate(numbers):
            place = f"{0x81 + index:x}" + 14 * "0"
            made.append({"lun": lun_id(site, number), "slot": slot, "target": "", "lun_number": place})
    firmware["mappings"] = made
