"""``small``: the LPAR of the ghostdev seed.

A POWER7 795 at home, a POWER6 595 at the DR site, NPIV with two adapters at home and one (a single path) at DR, rootvg
on one LUN, one data VG on two, one network, a NIM client.  ghostdev=1 is set at home, so the ODM is reset at DR.

Source: seeds/ghostdev-replicated-rootvg.txt: models, firmware levels, systemid 0211D11C1, procedure.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, Tuple

from drboot.sim import root
from drboot.sim.estates.build import (
    DR,
    HOME,
    Address,
    Estate,
    Home,
    Row,
    Vg,
    ethernet,
    fibre,
    jfs2,
    log_lv,
    make_dr,
    make_home,
    mappings,
    network_host,
    pvid,
    rehearsing,
    rootvg,
    stanzas,
    write_profiles,
)
from drboot.sim.world import Firmware, new_firmware

MACHINE = "00F6F42A4C00"
# At 7100-05: bootutil comes with a fix, hdcryptmgr with 7200-05 (its manual page).
ABSENT = ("/usr/lib/boot/bootutil", "/usr/sbin/hdcryptmgr")
HOME_ID, DR_ID = "IBM,0206F42A0", "IBM,0211D11C1"

HOME_PROFILE = f"""\
version: 1
site: home
systemids: [{HOME_ID}]
device_reset: none
names:
  nameservers: [10.1.0.53, 10.1.0.54]
  domain: example.com
  netsvc: [local, bind]
network:
  roles:
    service: {{}}
"""
DR_PROFILE = f"""\
version: 1
site: dr
systemids: [{DR_ID}]
device_reset: ghostdev
rehearsal:
  partition_name: ["*_reh"]
  otherwise: disaster
  limit: 8h
  nameservers: [10.99.5.53]
  static_routes:
    - {{to: 10.30.0.0/16, via: 10.99.5.254}}
names:
  nameservers: [10.20.0.53]
  domain: dr.example.com
  options: ["timeout:1", "attempts:2"]
  netsvc: [local4, bind4]
network:
  duplicate_watch: 1s
  roles:
    service: {{mtu: 1500}}
  static_routes:
    - {{to: 10.30.0.0/16, via: 10.20.5.254}}
volume_groups:
  take: captured
  named:
    - {{name: datavg, major: 45}}
services:
  inittab_off: [nimclient, nimsh]
"""
ROWS = (
    Row("prod01", "home", "disaster", "service", "slot:C2", "10.1.5.11", "255.255.255.0", "10.1.5.1"),
    Row("prod01", "dr", "disaster", "service", "slot:C2", "10.20.5.11", "255.255.255.0", "10.20.5.1"),
    Row("prod01", "dr", "rehearsal", "service", "slot:C2", "10.99.5.11", "255.255.255.0", "10.99.5.1"),
)


INTERFACES = {"en0": Address("10.1.5.11", "255.255.255.0")}
ROUTES = ["net,-hopcount,0,,0,10.1.5.1"]
NETWORKS = {
    "home/190": [network_host("10.1.0.53", "02000a010035", "dns"), network_host("10.1.0.54", "02000a010036", "dns")],
    "dr/290": [network_host("10.20.0.53", "02000a140035", "dns")],
    "home/100": [
        network_host("10.1.5.1", "02000a010501", "gateway"),
        network_host("10.1.5.20", "02000a010514", "nim"),
    ],
    "dr/200": [
        network_host("10.20.5.1", "02000a140501", "gateway"),
        network_host("10.20.5.254", "02000a1405fe", "gateway"),
    ],
    "dr/3200": [
        network_host("10.99.5.1", "02000a630501", "gateway"),
        network_host("10.99.5.53", "02000a630535", "dns"),
        network_host("10.99.5.254", "02000a6305fe", "gateway"),
    ],
}


def make(directory: str) -> Estate:
    vgs, files, firmware = parts()
    # Assumed: a level that a POWER6 runs and that has a Python 3.9 in IBM's Toolbox
    home = Home(firmware, vgs, files, INTERFACES, ROUTES, {"ghostdev": "1"}, oslevel="7100-05-06-2015")
    machine = make_home(directory, home, NETWORKS)
    write_profiles(machine, {"home": HOME_PROFILE, "dr": DR_PROFILE}, ROWS)
    dr = make_dr(directory, machine, dr_firmware())
    reh = make_dr(directory, machine, rehearsing(dr_firmware(), "prod01"))
    return Estate("small", os.path.abspath(directory), machine, dr, expected(), reh, expected_reh())


def parts() -> Tuple[List[Vg], root.Files, Firmware]:
    """Volume groups, files and hardware of the LPAR at home."""
    vgs = [rootvg("00f6f42a00004c000000013c1a2b3c4d"), _datavg()]
    files = root.Files(
        hostname="prod01", domain="example.com", nameservers=["10.1.0.53", "10.1.0.54"], gateway="10.1.5.1",
        hosts=[("10.1.5.11", "prod01 prod01.example.com"), ("10.1.5.20", "nimmaster nimmaster.example.com")],
        filesystems=stanzas(vgs), nim_master=("nimmaster", "10.1.5.20"), absent=ABSENT,
    )  # fmt: skip
    firmware = new_firmware(
        site=HOME, model="9119-FHB", systemid=HOME_ID, partition_number=11, partition_name="prod01",
        uname_m=MACHINE, uname_f="8000F6F42A00000B", firmware_level="AH730_078", cpus=4, memory=16384,
        slots=[ethernet("C2", 100, "d213c0153a04"), fibre("C5", "c05076036b2a0010"), fibre("C6", "c05076036b2a0012")],
        mappings=mappings(HOME, [0, 1, 2], ["C5", "C6"]),
    )  # fmt: skip
    return vgs, files, firmware


def _datavg() -> Vg:
    lvs = [log_lv("loglv00"), jfs2("fslv00", "/data", 64, "loglv00"), jfs2("fslv01", "/data/db", 128, "loglv00")]
    return Vg("datavg", "00f6f42a00004c000000013d5e6f7a8b", [1, 2], lvs, 45)


def dr_firmware() -> Firmware:
    """The LPAR at DR: one virtual fibre channel adapter, and a data LUN before the rootvg's."""
    return new_firmware(
        site=DR, model="9119-FHA", systemid=DR_ID, partition_number=23, partition_name="prod01_dr",
        uname_m="001D11C14C00", uname_f="80001D11C1000017", firmware_level="EH350_120", cpus=2, memory=8192,
        slots=[ethernet("C2", 200, "d213c0153b08"), fibre("C5", "c05076036b2b0010")],
        mappings=mappings(DR, [1, 0, 2], ["C5"]),
    )  # fmt: skip


def expected() -> Dict[str, Any]:
    return {
        "hostname": "prod01",
        "interfaces": {"C2": [["10.20.5.11", "255.255.255.0"]]},
        "mtu": {"C2": 1500},
        "default_route": "10.20.5.1",
        "static_routes": [["10.30.0.0/16", "10.20.5.254"]],
        "nameservers": ["10.20.0.53"],
        "domain": "dr.example.com",
        "hosts": [["10.20.5.11", "prod01"]],
        "volume_groups": {
            "datavg": {
                "pvids": [pvid(MACHINE, 1), pvid(MACHINE, 2)], "auto_on": True, "quorum": True, "major": 45,
            },
        },
        "mounts": [["/dev/fslv00", "/data"], ["/dev/fslv01", "/data/db"]],
        "boot_pvid": pvid(MACHINE, 0),
        "inittab": {"drboot": "off", "nimclient": "off", "nimsh": "off"},
        "flags": {"ghostdev": "0", "clouddev": "0"},
        "foreign_addresses": ["10.1.5.11"],
        "raw": {},
    }  # fmt: skip


def expected_reh() -> Dict[str, Any]:
    """The same disks, with the addresses of the rehearsal, and with what the rehearsal says of names and routes."""
    return {
        **expected(),
        "interfaces": {"C2": [["10.99.5.11", "255.255.255.0"]]},
        "default_route": "10.99.5.1",
        "static_routes": [["10.30.0.0/16", "10.99.5.254"]],
        "nameservers": ["10.99.5.53"],
        "hosts": [["10.99.5.11", "prod01"]],
        "foreign_addresses": ["10.1.5.11", "10.20.5.11"],
    }
