"""``clouddev``: the ways in which an LPAR with clouddev comes up at the DR site.

    at_dr      clouddev is 0 at home; production's ODM comes up at the first DR boot, where drboot sets it and reboots
      bootutil     /usr/lib/boot/bootutil is there, and takes the NVRAM variable away: the reboot resets
      nvram        it is not, and chdev makes the variable as false: the reboot does NOT reset, which is plan B
      every_boot   it is not, and clouddev=1 resets at every boot
    carried    clouddev=1 is set at home and travels
      first        the DR LPAR's NVRAM has no variable: its first boot resets
      second       a second DR test in the same LPAR, whose NVRAM says false already: no reset, production's ODM

Source: boot-and-devices.md section 2, where the sources contradict each other, and seeds/ghostdev-replicated-rootvg.
"""

from __future__ import annotations

import os
from typing import Dict

from drboot.sim.estates import small
from drboot.sim.estates.build import Estate, Home, make_dr, make_home, rehearsing, write_profiles
from drboot.sim.reset import NVRAM_VARIABLE
from drboot.sim.world import new_firmware

AT_DR = ("bootutil", "nvram", "every_boot")
CARRIED = ("first", "second")
BOOTUTIL = "/usr/lib/boot/bootutil"


def make(directory: str, variant: str = "bootutil", adapter_identity: str = "location") -> Estate:
    """The hosts, disks and addresses are those of ``small``; ``adapter_identity`` is explained in variants.py."""
    carried = variant in CARRIED
    vgs, files, home_firmware = small.parts()
    files = files._replace(absent=() if variant == "bootutil" else (BOOTUTIL,))
    firmware = new_firmware(**{**home_firmware, "nvram": {NVRAM_VARIABLE: "false"} if carried else {}})
    home = Home(
        firmware, vgs, files, small.INTERFACES, small.ROUTES, {"clouddev": "1"} if carried else {},
        oslevel="7200-05-03-2148",
    )  # fmt: skip
    machine = make_home(directory, home, small.NETWORKS)
    policy = "clouddev-carried" if carried else "clouddev-at-dr"
    profile = small.DR_PROFILE.replace("device_reset: ghostdev", "device_reset: " + policy)
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": profile}, small.ROWS)
    variants: Dict[str, str] = {
        "clouddev_mode": "every_boot" if variant == "every_boot" else "nvram", "adapter_identity": adapter_identity,
        # bootutil before chdev helps only where chdev does not make the variable again
        "clouddev_chdev": "leaves" if variant == "bootutil" else "creates",
    }  # fmt: skip
    dr_firmware = small.dr_firmware()
    if variant == "second":
        dr_firmware["nvram"] = {NVRAM_VARIABLE: "false"}
    dr = make_dr(directory, machine, dr_firmware, variants)
    reh_firmware = rehearsing(dr_firmware, "prod01")
    reh = make_dr(directory, machine, reh_firmware, variants)
    name = "clouddev-" + variant
    return Estate(name, os.path.abspath(directory), machine, dr, small.expected(), reh, small.expected_reh())
