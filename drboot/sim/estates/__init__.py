"""Ready-made estates: production LPARs at home, LPARs at the DR site, and the SAN between them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Dict, Tuple

if TYPE_CHECKING:
    from drboot.sim.estates.build import Estate

# name -> module, its further arguments, what it is
ESTATES: Dict[str, Tuple[str, Tuple[str, ...], str]] = {
    "small": ("small", (), "as in the ghostdev seed: one data VG, one network, NPIV"),
    "bank": ("bank", (), "12 data VGs on 60 LUNs, two networks, nested mounts, raw LVs"),
    "fullhouse": (
        "fullhouse",
        (),
        "all that a device reset loses: attributes, EtherChannel, routes, raw LVs, paging, dump",
    ),
    "ssp": ("ssp", (), "small on logical units of a shared storage pool, behind virtual SCSI"),
    "glvm": ("glvm", (), "small with a volume group that GLVM mirrors to DR, where nothing but its own copy is left"),
    "wpar": ("wpar", (), "small with two workload partitions, one on file systems of its own"),
    "clouddev": ("clouddev", ("bootutil",), "stale ODM at the first DR boot; bootutil makes the reboot reset"),
    "clouddev-nvram": ("clouddev", ("nvram",), "the same, and the reboot does not reset"),
    "clouddev-every-boot": ("clouddev", ("every_boot",), "the same, and clouddev=1 resets at each boot"),
    "clouddev-carried": ("clouddev", ("first",), "clouddev=1 travels; the first DR test of this LPAR"),
    "clouddev-second": ("clouddev", ("second",), "clouddev=1 travels; NVRAM says false from the test before"),
}


def make(name: str, directory: str) -> Estate:
    """The estate with this name is in ``directory``, its LPARs switched off.  KeyError for a name that is none."""
    module, arguments, _ = ESTATES[name]
    made: Estate = importlib.import_module("drboot.sim.estates." + module).make(directory, *arguments)
    return made
