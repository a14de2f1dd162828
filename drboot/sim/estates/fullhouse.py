"""``fullhouse``: an LPAR on which everything was set that a device reset loses, or that importvg changes.

Attributes of every kind of device, an EtherChannel with a VLAN device over it, aliases, IPv4 and IPv6 routes, one VG of
each kind with AUTO ON and QUORUM off, raw LVs with owners, an inline log, a paging space and a dump device outside
rootvg, virtual SCSI disks beside NPIV ones, stanzas with every attribute that /etc/filesystems knows, subsystems and
inittab entries of its own.  All of it was typed by an administrator: the commands are below.

Source: lvm-and-filesystems.md, network-and-services.md, boot-and-devices.md for what exists; IBM's filesystems file
page for the attributes of a stanza.
"""

from __future__ import annotations

import os
import shlex
from typing import Any, Dict, List

from drboot.sim import lvm, root
from drboot.sim.boot import power_on
from drboot.sim.command import Context, run
from drboot.sim.commands import COMMANDS
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
    lun_id,
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
from drboot.sim.machine import Machine
from drboot.sim.world import Firmware, Lv, Mapping, San, Slot, new_filesystem, new_firmware, new_lv, new_slot

MACHINE = "00F9E1D24C00"
HOME_ID, DR_ID = "IBM,0279E1D20", "IBM,0279F00A7"
HOST = "full01"
FIBRE = range(8)  # numbers of the LUNs behind virtual fibre channel
VSCSI = (8,)  # and behind virtual SCSI

HOME_PROFILE = f"""\
version: 1
site: home
systemids: [{HOME_ID}]
device_reset: none
names:
  nameservers: [10.1.0.53]
  domain: example.com
  netsvc: [local, bind]
network:
  roles:
    service: {{}}
    backup: {{mtu: 9000}}
    application: {{}}
    store: {{}}
"""
DR_PROFILE = f"""\
version: 1
site: dr
systemids: [{DR_ID}]
device_reset: ghostdev
rehearsal:
  partition_name: ["*_reh"]
  otherwise: disaster
  static_routes: []
names:
  nameservers: [10.20.0.53]
  domain: dr.example.com
  netsvc: [local4, bind4]
network:
  duplicate_watch: 1s
  roles:
    service: {{mtu: 1500}}
    backup: {{mtu: 9000}}
    application: {{}}
    store: {{}}
  static_routes:
    - {{to: 10.31.0.0/16, via: 10.20.5.254}}
    - {{to: 10.40.1.7, via: 10.21.5.254}}
volume_groups:
  take: captured
  named:
    - {{name: oravg, major: 77}}
filesystems:
  fsck: none
services:
  inittab_off: [nimclient, nimsh]
  start: [lsnrd]
"""
ROWS = (
    Row(HOST, "home", "disaster", "service", "slot:C2", "10.1.5.11", "24", "10.1.5.1", "10.1.5.12/32;10.1.6.1/24"),
    Row(HOST, "home", "disaster", "backup", "slot:C3", "10.11.5.11", "24"),
    Row(HOST, "home", "disaster", "application", "slot:C7-T1", "10.12.5.11", "24"),
    Row(HOST, "home", "disaster", "store", "vlan:410", "10.13.5.11", "24"),
    Row(HOST, "dr", "disaster", "service", "slot:C2", "10.20.5.11", "24", "10.20.5.1", "10.20.5.12/32;10.20.6.1/24"),
    Row(HOST, "dr", "disaster", "backup", "slot:C3", "10.21.5.11", "24"),
    Row(HOST, "dr", "disaster", "application", "slot:C7-T1", "10.22.5.11", "24"),
    Row(HOST, "dr", "disaster", "store", "vlan:410", "10.23.5.11", "24"),
    Row(HOST, "dr", "rehearsal", "service", "slot:C2", "10.99.5.11", "24", "10.99.5.1"),
)

# What the administrator typed once, in this order.  -P: the devices are in use, and the next start took it.
TYPED = """\
chdev -l hdisk0 -a queue_depth=64 -a hcheck_interval=30 -P
chdev -l hdisk1 -a queue_depth=32 -a reserve_policy=no_reserve -a algorithm=shortest_queue -a hcheck_mode=enabled -P
chdev -l hdisk2 -a queue_depth=32 -a reserve_policy=no_reserve -a algorithm=round_robin -a rw_timeout=60 -P
chdev -l hdisk4 -a queue_depth=48 -a max_transfer=0x100000 -a timeout_policy=retry_path -P
chdev -l hdisk8 -a queue_depth=8 -a hcheck_interval=60 -P
chdev -l fcs0 -a num_cmd_elems=1024 -a max_xfer_size=0x200000 -P
chdev -l fcs1 -a num_cmd_elems=1024 -a max_xfer_size=0x200000 -P
chdev -l fscsi0 -a dyntrk=yes -a fc_err_recov=fast_fail -P
chdev -l fscsi1 -a dyntrk=yes -a fc_err_recov=fast_fail -P
chdev -l vscsi0 -a vscsi_err_recov=fast_fail -a vscsi_path_to=30 -P
chdev -l vscsi1 -a rw_timeout=120 -P
chdev -l ent0 -a max_buf_huge=128 -a min_buf_huge=64 -P
chdev -l ent2 -a jumbo_frames=yes -a large_send=no -P
chdev -l ent3 -a jumbo_frames=yes -a media_speed=1000_Full_Duplex -P
mkdev -c adapter -s pseudo -t ibm_ech -a adapter_names=ent2,ent3 -a mode=8023ad -a hash_mode=src_dst_port
mkdev -c adapter -s vlan -t eth -a base_adapter=ent4 -a vlan_tag_id=410 -a vlan_priority=3
cfgmgr
chdev -l en0 -a tcp_nodelay=1 -a rfc1323=1 -a tcp_sendspace=262144 -a tcp_recvspace=262144 -a mtu_bypass=on
chdev -l en4 -a netaddr=10.12.5.11 -a netmask=255.255.255.0 -a tcp_mssdflt=1448 -a thread=on -a state=up
chdev -l en5 -a netaddr=10.13.5.11 -a netmask=255.255.255.0 -a monitor=on -a state=up
chdev -l en0 -a netaddr6=2001:db8:1::11 -a prefixlen=64
chdev -l en0 -a alias6=2001:db8:2::11/48
chdev -l inet0 -a rout6=net,-hopcount,0,,,::,2001:db8:1::1
chdev -l inet0 -a rout6=net,-hopcount,0,,,2001:db8:31::/48,2001:db8:1::fe
chdev -l inet0 -a rout6=host,-hopcount,0,,,2001:db8:40::7,2001:db8:2::fe
chdev -l inet0 -a authm=65537
chdev -l sys0 -a maxuproc=4096 -a fullcore=true -a iostat=true -a max_logname=64 -a ncargs=512 -a autorestart=false
chdev -l sys0 -a minpout=2048 -a maxpout=4097 -a cpuguard=disable -a pre430core=true
mkps -a -n -s 8 pagevg
sysdumpdev -P -p /dev/lg_dumplv
sysdumpdev -P -s /dev/dumplv
mkssys -s lsnrd -p /usr/local/lsnrd -u 203 -G oracle -S -n 15 -f 9 -a "-p 1521"
mkssys -s archd -p /usr/local/archd -u 0 -K
mkitab -i cron "app:2:once:/usr/local/start >/dev/console 2>&1"
mkitab "watch:2:off:/usr/local/watch"
"""
# A VG with AUTO ON no comes up when its application does, and so does what that application listens with.
APPLICATIONS = """\
#!/bin/sh
root=${0%/etc/rc.d/rc2.d/*}
[ "$1" = start ] || exit 0
"$root/usr/sbin/varyonvg" oravg >/dev/null 2>&1
"$root/usr/bin/startsrc" -s lsnrd >/dev/null 2>&1
exit 0
"""


def make(directory: str) -> Estate:
    vgs = volume_groups()
    files = root.Files(
        hostname=HOST, domain="example.com", nameservers=["10.1.0.53"], gateway="10.1.5.1",
        hosts=[
            ("10.1.5.11", f"{HOST} {HOST}.example.com"), ("10.11.5.11", f"{HOST}-bkp"),
            ("10.1.5.20", "nimmaster nimmaster.example.com"), ("10.1.5.40", "nfsprod"),
        ],
        filesystems=[*stanzas(vgs), *NFS], nim_master=("nimmaster", "10.1.5.20"),
    )  # fmt: skip
    home = Home(
        home_firmware(), vgs, files,
        {
            "en0": Address("10.1.5.11", "255.255.255.0", ["10.1.5.12,255.255.255.255", "10.1.6.1,255.255.255.0"]),
            "en1": Address("10.11.5.11", "255.255.255.0", mtu=9000),
        },
        ["net,-hopcount,0,,0,10.1.5.1", "net,-hopcount,0,-netmask,255.255.0.0,,,,,-static,10.31.0.0,10.1.5.254",
         "host,-hopcount,0,,,,,-static,10.40.1.7,10.11.5.254"],
        {"ghostdev": "1"}, luns=_vscsi_disks,
    )  # fmt: skip
    machine = make_home(directory, home, NETWORKS)
    _comment_stanzas(machine)
    for program in ("start", "watch", "lsnrd", "archd"):
        root.write(machine.root, "/usr/local/" + program, "#!/bin/sh\nexit 0\n", 0o755)
    root.write(machine.root, "/etc/rc.d/rc2.d/S90applications", APPLICATIONS, 0o755)
    type_commands(machine)
    write_profiles(machine, {"home": HOME_PROFILE, "dr": DR_PROFILE}, ROWS)
    dr = make_dr(directory, machine, dr_firmware())
    reh = make_dr(directory, machine, rehearsing(dr_firmware(), HOST))
    return Estate("fullhouse", os.path.abspath(directory), machine, dr, expected(), reh, expected_reh())


NETWORKS = {
    "home/190": [network_host("10.1.0.53", "02000a010035", "dns")],
    "dr/290": [network_host("10.20.0.53", "02000a140035", "dns")],
    "home/100": [
        network_host("10.1.5.1", "02000a010501", "gateway"), network_host("10.1.5.254", "02000a0105fe", "gateway"),
        network_host("10.1.5.20", "02000a010514", "nim"), network_host("10.1.5.40", "02000a010528", "nfs"),
    ],
    "home/310": [network_host("10.11.5.254", "02000a0b05fe", "gateway")],
    "dr/200": [
        network_host("10.20.5.1", "02000a140501", "gateway"), network_host("10.20.5.254", "02000a1405fe", "gateway"),
    ],
    "dr/510": [network_host("10.21.5.254", "02000a1505fe", "gateway")],
    "dr/3200": [network_host("10.99.5.1", "02000a630501", "gateway")],
}  # fmt: skip
# Source: IBM's filesystems file page (nodename, vfs, mount, options, account, type) and mknfsmnt, which quotes dev.
NFS = [
    ("/sapmnt", {"dev": '"/export/sapmnt"', "vfs": "nfs", "nodename": "nfsprod", "mount": "false", "type": "nfs_sap",
                 "options": "ro,bg,soft,intr,sec=sys", "account": "false"}),
]  # fmt: skip


def type_commands(machine: Machine) -> None:
    """The administrator's commands ran on the LPAR, which is shut down again.  AssertionError for one that failed."""
    power_on(machine)
    programs = {program.rpartition("/")[2]: program for program in COMMANDS}
    with machine.edit() as world:
        ctx = Context(world, machine.root)
        for line in TYPED.splitlines():
            name, *args = shlex.split(line)
            ran = run(ctx, programs[name], args)
            assert ran.rc == 0, f"{line}: {ran}"
        lvm.shut_down(ctx)
        world["kernel"]["running"] = False


def _comment_stanzas(machine: Machine) -> None:
    """Somebody has written remarks into /etc/filesystems.  Source: a line that starts with * is one."""
    with open(machine.root + "/etc/filesystems", encoding="utf-8") as file:
        text = file.read()
    text = text.replace("\n/sap:\n", "\n* SAP, ask 4711 before any change\n/sap:\n* grown twice\n", 1)
    root.write(machine.root, "/etc/filesystems", text)


# ---------------------------------------------------------------- storage


def volume_groups() -> List[Vg]:
    """One of each kind; LUN 8 is a virtual SCSI disk."""
    system = rootvg("00f9e1d200004c000000018a1a2b3c4d")
    system = system._replace(lvs=[*system.lvs, new_lv("lg_dumplv", type="sysdump", lps=16)])
    vgid = "00f9e1d200004c000000018b{:08x}".format
    odd = {"type": "sap", "quota": "userquota,groupquota", "check": "2", "vol": '"SAP data"', "free": "false"}
    inline = jfs2("applv", "/app", 64, "", options="rbrw,noatime", check="false")
    inline["stanza"]["log"] = "INLINE"
    inline["fs"] = new_filesystem(inline_log=8)
    return [
        system,
        Vg("oravg", vgid(1), [1, 2, 3], [
            raw("orasys", 32, 203, 203, 0o660), raw("oraundo", 16, 203, 203, 0o640), _labelled("oraredo", "redo 1"),
        ], 77, auto_on=False, quorum=False, kind="big"),
        Vg("sapvg", vgid(2), [4, 5], [
            log_lv("saplog"), jfs2("saplv", "/sap", 64, "saplog", options="rw,noatime", account="true", **odd),
            jfs2("sapcfglv", "/sap/cfg", 8, "saplog", options="rw,nosuid,nodev,cio"),
        ], 45, kind="scalable"),
        Vg("appvg", vgid(3), [6], [inline], 50, quorum=False),
        Vg("pagevg", vgid(4), [7], [new_lv("dumplv", type="sysdump", lps=16)], 55),
        Vg("archvg", vgid(5), [8], [
            log_lv("archlog"), jfs2("archlv", "/arch", 32, "archlog", mount="true", size="2097152"),
        ], 60, kind="big"),
    ]  # fmt: skip


def _labelled(name: str, label: str) -> Lv:
    lv = raw(name, 16, 203, 1, 0o600)
    lv["label"] = label
    return lv


def _vscsi_disks(storage: San) -> None:
    """Those of its LUNs are virtual SCSI disks, which have neither serial nor vendor page of their own."""
    for number in VSCSI:
        lun = storage["luns"][lun_id(HOME, number)]
        lun["kind"], lun["type"] = "vscsi", "vdisk"


# ---------------------------------------------------------------- hardware


def port(unit: str, number: int, mac: str, vlan: int) -> Slot:
    """A port of a physical adapter in slot C7 of its drawer."""
    place = f"C7-T{number}"
    return new_slot(place, "physical", type="14108902", mac=mac, vlan=vlan, physloc=f"{unit}-P1-{place}")


def _mappings(site: str, order: List[int]) -> List[Mapping]:
    made = mappings(site, order, ["C10", "C11"])
    for slot in ("C20", "C21"):
        for index, number in enumerate(VSCSI):
            made.append(
                {"lun": lun_id(site, number), "slot": slot, "target": "", "lun_number": f"{0x81 + index:x}" + 14 * "0"}
            )
    return made


def home_firmware() -> Firmware:
    unit = "U78CB.001.WZS06AB"
    return new_firmware(
        site=HOME, model="9009-42A", systemid=HOME_ID, partition_number=4, partition_name=HOST,
        uname_m=MACHINE, uname_f="8000F9E1D2000004", firmware_level="VL950_092", cpus=8, memory=65536,
        slots=[ethernet("C2", 100, "fa41d2153a02"), ethernet("C3", 310, "fa41d2153a03"),
               port(unit, 1, "98be9412aa01", 320), port(unit, 2, "98be9412aa02", 320),
               fibre("C10", "c050760b1b2c0010"), fibre("C11", "c050760b1b2c0012"),
               new_slot("C20", "v-scsi", type="IBM,v-scsi"), new_slot("C21", "v-scsi", type="IBM,v-scsi")],
        mappings=_mappings(HOME, list(FIBRE)),
    )  # fmt: skip


def dr_firmware() -> Firmware:
    """The same adapters in the same slots of another frame, found in another order; the LUNs come in another order."""
    unit = "U78D2.001.WZS1F0A"
    return new_firmware(
        site=DR, model="9105-42A", systemid=DR_ID, partition_number=19, partition_name=HOST + "_dr",
        uname_m="00F9F00A4C00", uname_f="8000F9F00A000013", firmware_level="ML1030_026", cpus=4, memory=32768,
        slots=[port(unit, 1, "98be9477bb01", 520), port(unit, 2, "98be9477bb02", 520),
               ethernet("C3", 510, "fa41d2153b03"), ethernet("C2", 200, "fa41d2153b02"),
               new_slot("C21", "v-scsi", type="IBM,v-scsi"), new_slot("C20", "v-scsi", type="IBM,v-scsi"),
               fibre("C11", "c050760b1b2d0012"), fibre("C10", "c050760b1b2d0010")],
        mappings=_mappings(DR, [5, 2, 7, 0, 3, 6, 1, 4]),
    )  # fmt: skip


# ---------------------------------------------------------------- what is to come of it


def expected() -> Dict[str, Any]:
    """What the DR profile asks for."""
    vgs = volume_groups()[1:]
    points = [lv["label"] for vg in vgs for lv in vg.lvs if lv["fs"] is not None]
    devices = {lv["label"]: "/dev/" + lv["name"] for vg in vgs for lv in vg.lvs}
    return {
        "hostname": HOST,
        "interfaces": {
            "C2": [["10.20.5.11", "255.255.255.0"], ["10.20.5.12", "255.255.255.255"], ["10.20.6.1", "255.255.255.0"]],
            "C3": [["10.21.5.11", "255.255.255.0"]],
            "ibm_ech": [["10.22.5.11", "255.255.255.0"]],
            "eth": [["10.23.5.11", "255.255.255.0"]],
        },
        "mtu": {"C2": 1500, "C3": 9000, "ibm_ech": 1500, "eth": 1500},
        "default_route": "10.20.5.1",
        "static_routes": [["10.31.0.0/16", "10.20.5.254"], ["10.40.1.7", "10.21.5.254"]],
        "nameservers": ["10.20.0.53"],
        "domain": "dr.example.com",
        "hosts": [["10.20.5.11", HOST]],
        "volume_groups": {
            vg.name: {
                "pvids": [pvid(MACHINE, number) for number in vg.luns], "auto_on": vg.auto_on, "quorum": vg.quorum,
                "major": vg.major,
            }
            for vg in vgs
        },
        "mounts": [[devices[point], point] for point in sorted(points)],
        "not_mounted": ["/sapmnt"],
        "boot_pvid": pvid(MACHINE, 0),
        "inittab": {"drboot": "off", "nimclient": "off", "nimsh": "off", "app": "once", "watch": "off"},
        "flags": {"ghostdev": "0", "clouddev": "0"},
        "foreign_addresses": ["10.1.5.11", "10.1.5.12", "10.1.6.1", "10.11.5.11", "10.12.5.11", "10.13.5.11"],
        "subsystems": ["lsnrd"],
        "raw": {lv["name"]: [lv["uid"], lv["gid"], lv["mode"]] for vg in vgs for lv in vg.lvs if lv["type"] == "raw"},
    }  # fmt: skip


def expected_reh() -> Dict[str, Any]:
    """The same disks, one address, and no static routes."""
    real = expected()
    own = [address for addresses in real["interfaces"].values() for address, _ in addresses]
    return {
        **real,
        "interfaces": {"C2": [["10.99.5.11", "255.255.255.0"]]},
        "mtu": {"C2": 1500},
        "default_route": "10.99.5.1",
        "static_routes": [],
        "hosts": [["10.99.5.11", HOST]],
        "foreign_addresses": [*real["foreign_addresses"], *own],
    }
