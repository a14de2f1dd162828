"""``bank``: a large LPAR, for time and for everything that goes by name, depth or number.

Twelve data VGs on sixty LUNs behind two virtual fibre channel adapters, file systems nested across VGs, raw LVs with
owners of their own, AUTO ON and quorum off here and there, fixed major numbers, aliases, static routes, two networks
whose adapters the DR LPAR discovers the other way round, and hdisk numbers that are others at DR.
"""

from __future__ import annotations

import os
from typing import Any, Dict, List, NamedTuple, Sequence, Tuple

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
    raw,
    rehearsing,
    rootvg,
    stanzas,
    write_profiles,
)
from drboot.sim.world import Firmware, Lv, new_firmware

MACHINE = "00C8ABCD4C00"
HOME_ID, DR_ID = "IBM,0278ABCD1", "IBM,0278F00D2"
LUNS_PER_VG = 5


class Data(NamedTuple):
    """A data VG: its file systems as (LV, mount point), or raw LVs as (LV, uid, gid, mode)."""

    name: str
    filesystems: Sequence[Tuple[str, str]] = ()
    raw: Sequence[Tuple[str, int, int, int]] = ()
    auto_on: bool = True
    quorum: bool = True
    kind: str = "normal"


# In an order in which no parent directory's VG comes before its children's; names inside names on purpose.
DATA = (
    Data("archvg", [("archlv", "/data/db/log/arch")]),
    Data("logvg", [("dblog1", "/data/db/log"), ("dblog10", "/data/db/log10")]),
    Data("dbvg", [("dblv", "/data/db")]),
    Data("reportvg", [("reportlv", "/data/report")]),
    Data("data", [("data", "/data"), ("datalv", "/data1")]),
    Data("datavg", [("scratchlv", "/scratch"), ("worklv", "/work")]),
    Data("appbinvg", [("appbinlv", "/app/bin")]),
    Data("appvg", [("applv", "/app"), ("appcfglv", "/app/cfg")]),
    Data("rawvg", raw=[("orasys", 203, 203, 0o660), ("oraundo", 203, 203, 0o640)], kind="scalable"),
    Data("mqvg", [("mqlv", "/var/mqm"), ("mqloglv", "/var/mqm/log")], quorum=False),
    Data("stagevg", [("stagelv", "/app/stage")], auto_on=False),
    Data("backupvg", [("backuplv", "/backup")], auto_on=False, quorum=False, kind="big"),
)

FIXED_MAJORS = ("dbvg", "mqvg", "backupvg")  # as the DR profile says: their file systems are exported by NFS
HOME_PROFILE = f"""\
version: 1
site: home
systemids: [{HOME_ID}]
device_reset: none
names:
  nameservers: [10.1.0.53, 10.1.0.54, 10.1.0.55]
  domain: bank.example.com
  netsvc: [local, bind]
network:
  roles:
    service: {{}}
    backup: {{mtu: 9000}}
  static_routes:
    - {{to: 10.31.0.0/16, via: 10.1.5.254}}
    - {{to: 10.40.1.7, via: 10.11.5.254}}
"""
DR_PROFILE = f"""\
version: 1
site: dr
systemids: [{DR_ID}, "IBM,0278F00D3"]
device_reset: ghostdev
boot_hold: 10m
rehearsal:
  partition_name: ["*_reh"]
  otherwise: disaster
  static_routes:
    - {{to: 10.40.1.7, via: 10.98.5.254}}
  quarantine:
    subsystems: [syslogd, snmpmibd]
    inittab_off: [clcomd]
names:
  nameservers: [10.20.0.53, 10.20.0.54]
  search: [dr.bank.example.com, bank.example.com]
  options: ["timeout:1", "attempts:2"]
  netsvc: [local4, bind4]
network:
  duplicate_watch: 1s
  roles:
    service: {{mtu: 1500}}
    backup: {{mtu: 9000}}
  static_routes:
    - {{to: 10.31.0.0/16, via: 10.20.5.254}}
    - {{to: 10.40.1.7, via: 10.21.5.254}}
volume_groups:
  take: captured
  named:
    - {{name: dbvg, major: 46}}
    - {{name: mqvg, major: 67}}
    - {{name: backupvg, major: 73}}
filesystems:
  fsck: none
  except: [/scratch]
boot_list:
  at_most: 4
services:
  inittab_off: [nimclient, nimsh]
"""
SERVICE_ALIASES = "10.20.5.12;10.20.5.13/24;10.20.6.1/255.255.255.128"
ROWS = (
    Row("bank01", "home", "disaster", "service", "slot:C2", "10.1.5.11", "255.255.255.0", "10.1.5.1",
        "10.1.5.12;10.1.5.13"),
    Row("bank01", "home", "disaster", "backup", "slot:C3", "10.11.5.11", "24"),
    Row("bank01", "dr", "disaster", "service", "slot:C2", "10.20.5.11", "255.255.255.0", "10.20.5.1",
        SERVICE_ALIASES),
    Row("bank01", "dr", "disaster", "backup", "vlan:410", "10.21.5.11", "24"),
    Row("bank01", "dr", "rehearsal", "service", "slot:C2", "10.99.5.11", "24", "10.99.5.1"),
    Row("bank01", "dr", "rehearsal", "backup", "vlan:3410", "10.98.5.11", "24", "", "10.98.5.12"),
    Row("bank02", "dr", "disaster", "service", "slot:C2", "10.20.5.31", "24", "10.20.5.1"),
)  # fmt: skip
# What this bank starts by hand: VGs with AUTO ON no come up when the applications do.
APPLICATIONS = """\
#!/bin/sh
root=${0%/etc/rc.d/rc2.d/*}
[ "$1" = start ] || exit 0
for vg in stagevg backupvg; do "$root/usr/sbin/varyonvg" $vg; done >/dev/null 2>&1
for directory in /app/stage /backup; do "$root/usr/sbin/mount" $directory; done >/dev/null 2>&1
exit 0
"""


def make(directory: str) -> Estate:
    vgs = [rootvg("00c8abcd00004c000000016c1a2b3c4d"), *(_data_vg(n, data) for n, data in enumerate(DATA))]
    files = root.Files(
        hostname="bank01", domain="bank.example.com", nameservers=["10.1.0.53", "10.1.0.54", "10.1.0.55"],
        gateway="10.1.5.1", filesystems=stanzas(vgs), nim_master=("nimmaster", "10.1.5.20"),
        hosts=[
            ("10.1.5.11", "bank01 bank01.bank.example.com"), ("10.11.5.11", "bank01-bkp"),
            ("10.1.5.20", "nimmaster nimmaster.bank.example.com"), ("10.1.5.30", "# partner\n10.1.5.30\tpartner"),
        ],
    )  # fmt: skip
    home = Home(
        new_firmware(
            site=HOME, model="9009-42A", systemid=HOME_ID, partition_number=5, partition_name="bank01",
            uname_m=MACHINE, uname_f="8000C8ABCD000005", firmware_level="VL950_092", cpus=8, memory=131072,
            slots=[ethernet("C2", 100, "fa3210153a02"), ethernet("C3", 310, "fa3210153a03"),
                   fibre("C10", "c050760a1b2c0010"), fibre("C11", "c050760a1b2c0012")],
            mappings=mappings(HOME, range(1 + LUNS_PER_VG * len(DATA)), ["C10", "C11"]),
        ),
        vgs, files,
        {
            "en0": Address("10.1.5.11", "255.255.255.0", ["10.1.5.12,255.255.255.0", "10.1.5.13,255.255.255.0"]),
            "en1": Address("10.11.5.11", "255.255.255.0", mtu=9000),
        },
        ["net,-hopcount,0,,0,10.1.5.1", "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.31.0.0,10.1.5.254",
         "host,-hopcount,0,,,,,-static,10.40.1.7,10.11.5.254"],
        {"ghostdev": "1"}, oslevel="7200-05-03-2148",
    )  # fmt: skip
    networks = {
        "home/190": [network_host(f"10.1.0.{n}", f"02000a0100{n:02x}", "dns") for n in (53, 54, 55)],
        "dr/290": [network_host(f"10.20.0.{n}", f"02000a1400{n:02x}", "dns") for n in (53, 54)],
        "home/100": [network_host("10.1.5.1", "02000a010501", "gateway"),
                     network_host("10.1.5.254", "02000a0105fe", "gateway"),
                     network_host("10.1.5.20", "02000a010514", "nim")],
        "home/310": [network_host("10.11.5.254", "02000a0b05fe", "gateway")],
        "dr/200": [network_host("10.20.5.1", "02000a140501", "gateway"),
                   network_host("10.20.5.254", "02000a1405fe", "gateway")],
        "dr/410": [network_host("10.21.5.254", "02000a1505fe", "gateway")],
        "dr/3200": [network_host("10.99.5.1", "02000a630501", "gateway")],
        "dr/3410": [network_host("10.98.5.254", "02000a6205fe", "gateway")],
    }  # fmt: skip
    machine = make_home(directory, home, networks)
    root.write(machine.root, "/etc/rc.d/rc2.d/S90applications", APPLICATIONS, 0o755)
    write_profiles(machine, {"home": HOME_PROFILE, "dr": DR_PROFILE}, ROWS)
    dr = make_dr(directory, machine, dr_firmware())
    reh = make_dr(directory, machine, rehearsing(dr_firmware(), "bank01"))
    return Estate("bank", os.path.abspath(directory), machine, dr, expected(), reh, expected_reh())


def _data_vg(index: int, data: Data) -> Vg:
    log = "log" + data.name
    lvs: List[Lv] = [log_lv(log)] if data.filesystems else []
    mount = "true" if data.auto_on else "false"
    lvs += [jfs2(name, point, 200, log, mount=mount) for name, point in data.filesystems]
    lvs += [raw(name, 100, uid, gid, mode) for name, uid, gid, mode in data.raw]
    return Vg(
        data.name, f"00c8abcd00004c0000000170{index:08x}", _luns(index), lvs, _major(index),
        auto_on=data.auto_on, quorum=data.quorum, kind=data.kind,
    )  # fmt: skip


def _luns(index: int) -> Sequence[int]:
    """The numbers of the LUNs of the VG with this index: interleaved, as arrays hand them out."""
    return [1 + index + len(DATA) * step for step in range(LUNS_PER_VG)]


def _major(index: int) -> int:
    return 40 + 3 * index


def dr_firmware() -> Firmware:
    """The LPAR at DR: the backup adapter is found first, and the LUNs are mapped in another order."""
    count = 1 + LUNS_PER_VG * len(DATA)
    return new_firmware(
        site=DR, model="9105-42A", systemid=DR_ID, partition_number=17, partition_name="bank01_dr",
        uname_m="00C8F00D4C00", uname_f="8000C8F00D000011", firmware_level="ML1030_026", cpus=4, memory=65536,
        slots=[ethernet("C3", 410, "fa3210153b03"), ethernet("C2", 200, "fa3210153b02"),
               fibre("C10", "c050760a1b2d0010"), fibre("C11", "c050760a1b2d0012")],
        mappings=mappings(DR, sorted(range(count), key=lambda number: (number * 37 + 11) % count), ["C10", "C11"]),
    )  # fmt: skip


def expected() -> Dict[str, Any]:
    """What the DR profile asks for.  /scratch is excepted there; VGs with AUTO ON no were in use at home."""
    points = {point: "/dev/" + name for data in DATA for name, point in data.filesystems if point != "/scratch"}
    return {
        "hostname": "bank01",
        "interfaces": {
            "C2": [["10.20.5.11", "255.255.255.0"], ["10.20.5.12", "255.255.255.0"],
                   ["10.20.5.13", "255.255.255.0"], ["10.20.6.1", "255.255.255.128"]],
            "C3": [["10.21.5.11", "255.255.255.0"]],
        },
        "mtu": {"C2": 1500, "C3": 9000},
        "default_route": "10.20.5.1",
        "static_routes": [["10.31.0.0/16", "10.20.5.254"], ["10.40.1.7", "10.21.5.254"]],
        "nameservers": ["10.20.0.53", "10.20.0.54"],
        "search": ["dr.bank.example.com", "bank.example.com"],
        "hosts": [["10.20.5.11", "bank01"], ["10.1.5.30", "partner"]],
        "volume_groups": {
            data.name: {
                "pvids": [pvid(MACHINE, number) for number in _luns(index)], "auto_on": data.auto_on,
                "quorum": data.quorum, "major": _major(index) if data.name in FIXED_MAJORS else None,
            }
            for index, data in enumerate(DATA)
        },
        "mounts": [[points[point], point] for point in sorted(points)],
        "not_mounted": ["/scratch"],
        "boot_pvid": pvid(MACHINE, 0),
        "inittab": {"drboot": "off", "nimclient": "off", "nimsh": "off"},
        "flags": {"ghostdev": "0", "clouddev": "0"},
        "foreign_addresses": ["10.1.5.11", "10.1.5.12", "10.1.5.13", "10.11.5.11"],
        "raw": {name: [uid, gid, mode] for data in DATA for name, uid, gid, mode in data.raw},
    }  # fmt: skip


def expected_reh() -> Dict[str, Any]:
    """The same disks, with the addresses of the rehearsal, and with what the rehearsal says of routes."""
    real = expected()
    own = [address for addresses in real["interfaces"].values() for address, _ in addresses]
    return {
        **real,
        "interfaces": {
            "C2": [["10.99.5.11", "255.255.255.0"]],
            "C3": [["10.98.5.11", "255.255.255.0"], ["10.98.5.12", "255.255.255.0"]],
        },
        "default_route": "10.99.5.1",
        "static_routes": [["10.40.1.7", "10.98.5.254"]],
        "hosts": [["10.99.5.11", "bank01"], ["10.1.5.30", "partner"]],
        "inittab": {**real["inittab"], "clcomd": "off"},
        "foreign_addresses": [*real["foreign_addresses"], *own],
    }
