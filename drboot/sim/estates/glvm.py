"""``glvm``: the LPAR of ``small`` with a volume group that GLVM mirrors to the DR site.

    datavg  replicated by the array, as in ``small``
    geovg   two disks at home, two at DR; every logical volume has a copy on either side (super strict).  At home the
            disks of DR are RPV clients; at DR they are disks, and RPV servers served them until home went down

An operator has said that home is down: the marker, with the systemid of DR's machine in it.  Without that file, and in
a rehearsal, geovg is left alone: ``left``.

Source: glvm white paper: names datavg/hdisk1 to 4 there, AUTO ON no, quorum off, mount = false, rpvserver0 and 1.
Assumed: the rootvg that starts at DR carries the definitions of the RPV servers for DR's disks, with auto_online=y, as
it does where both hosts were made from one image.  The copy that GLVM itself makes is what ``replicate`` does.
"""

from __future__ import annotations

import os
from typing import Any, Dict

from drboot.sim import root, san
from drboot.sim.discovery import REMOTE
from drboot.sim.estates import small
from drboot.sim.estates.build import (
    DR,
    HOME,
    Estate,
    Home,
    Vg,
    jfs2,
    log_lv,
    lun_id,
    make_dr,
    make_home,
    mappings,
    pvid,
    rehearsing,
    stanzas,
    write_profiles,
)
from drboot.sim.odm import DEFINED
from drboot.sim.world import Lv, San, World, new_device, new_lun

VGID = "00f6f42a00004c000000013d9a9b9c9d"
HERE, THERE = (3, 4), (5, 6)  # LUN numbers of geovg's disks at home, and at DR
MARKER = "/etc/drboot/other-site-is-down"
GLVM = """\
glvm:
  geovg: {disks_here: 2, servers_stay_defined: true}
"""


def make(directory: str) -> Estate:
    vgs, files, firmware = small.parts()
    vgs.append(_geovg())
    firmware["mappings"] = mappings(HOME, [0, 1, 2, *HERE, *THERE], ["C5", "C6"])
    files = files._replace(filesystems=stanzas(vgs))
    # no ODM reset: the RPV servers that came with rootvg are there
    home = Home(
        firmware, vgs, files, small.INTERFACES, small.ROUTES, {}, oslevel="7100-05-06-2015", luns=_remote,
    )  # fmt: skip
    machine = make_home(directory, home, small.NETWORKS)
    with machine.edit() as world:
        _servers(world)
        vgda = world["san"]["vgdas"][HOME][VGID]
        for lv in vgda["lvs"]:
            _mirror(lv)
    profile = small.DR_PROFILE.replace("device_reset: ghostdev", "device_reset: none") + GLVM
    write_profiles(machine, {"home": small.HOME_PROFILE, "dr": profile}, small.ROWS)
    root.write(machine.root, MARKER, small.DR_ID + "\n")
    firmware_dr = small.dr_firmware()
    firmware_dr["mappings"] = mappings(DR, [1, 0, 2, *THERE], ["C5"])
    dr = make_dr(directory, machine, firmware_dr)
    reh = make_dr(directory, machine, rehearsing(firmware_dr, "prod01"))
    return Estate("glvm", os.path.abspath(directory), machine, dr, _expected(), reh, left(small.expected_reh()))


def _geovg() -> Vg:
    lvs = [log_lv("geologlv"), jfs2("geofslv", "/geo", 64, "geologlv", mount="false")]
    return Vg("geovg", VGID, [*HERE, *THERE], lvs, 46, auto_on=False, quorum=False)


def _remote(storage: San) -> None:
    """At home the disks of DR are RPV clients; at DR they are what the array there presents."""
    for number in THERE:
        lun = storage["luns"][lun_id(HOME, number)]
        identity = lun_id(DR, number)
        storage["luns"][identity] = new_lun(
            identity, site=DR, unique_id=san.unique_id(identity), serial=san.serial(identity), replica_of=lun["id"],
        )  # fmt: skip
        lun["kind"], lun["type"] = REMOTE, "rpvclient"


def _mirror(lv: Lv) -> None:
    """A second copy of every partition on the other site's disks."""
    pairs = {pvid(small.MACHINE, here): pvid(small.MACHINE, there) for here, there in zip(HERE, THERE)}
    lv["extents"] += [[pairs[extent[0]], *extent[1:3], 2] for extent in list(lv["extents"])]
    lv["copies"] = 2
    # Source: lslv manual, "EACH LP COPY ON A SEPARATE PV ?": yes (superstrict) for the policy s
    lv["separate_pv"] = "yes (superstrict)"


def _servers(world: World) -> None:
    """RPV servers for the disks of DR, Defined at home, where those are not."""
    odm = world["odm"]
    for index, number in enumerate(THERE):
        name = f"rpvserver{index}"
        odm["devices"][name] = new_device(name, "rpvserver", "rpvserver", "rpvstype", status=DEFINED)
        odm["attributes"][name] = {
            "rpvs_pvid": [pvid(small.MACHINE, number) + "0" * 16], "client_addr": ["10.1.5.11"], "auto_online": ["y"],
        }  # fmt: skip


def left(expected: Dict[str, Any]) -> Dict[str, Any]:
    """geovg is left alone."""
    return {**expected, "not_mounted": ["/geo"]}


def _expected() -> Dict[str, Any]:
    expected = small.expected()
    here, there = ([pvid(small.MACHINE, number) for number in numbers] for numbers in (HERE, THERE))
    geovg = {"pvids": [*here, *there], "removed": here, "auto_on": False, "quorum": False, "major": 46}
    return {
        **expected,
        "defined": ["rpvserver0", "rpvserver1"],
        "volume_groups": {**expected["volume_groups"], "geovg": geovg},
        "mounts": [*expected["mounts"], ["/dev/geofslv", "/geo"]],
    }
