"""What estates are built of: LUNs, volume groups, adapters, an LPAR at home, an LPAR at the DR site.

Everything that AIX would find out itself is left to discovery; only what an administrator configured is put in.
Sources: seeds/ghostdev-replicated-rootvg.txt for models, firmware levels and paths; lvm-and-filesystems.md and
network-and-services.md for the rest.
"""

from __future__ import annotations

import copy
import csv
import io
import os
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from drboot.sim import discovery, lvm, reset, root, san
from drboot.sim.boot import Echo, Kind, Outcome, Unprivileged, boot
from drboot.sim.command import Context
from drboot.sim.machine import Machine, new_machine
from drboot.sim.world import (
    Firmware,
    Lv,
    Mapping,
    NetHost,
    Odm,
    San,
    Slot,
    Vgda,
    World,
    new_filesystem,
    new_lun,
    new_lv,
    new_odm,
    new_odm_vg,
    new_slot,
    new_subsystem,
    new_vg_pv,
    new_vgda,
    new_world,
)

HOME, DR = "home", "dr"
REHEARSAL_VLANS = 3000  # VLAN 200 of the DR site is 3200 where one rehearses
BLOCKS = 2048  # 512-byte blocks in a MB


class Estate(NamedTuple):
    """A ready-made estate.

    reh        the LPAR at the DR site that rehearses: on the same frame, in a VLAN of its own, its name ending in _reh
    expected   the DR LPAR's state that the profile asks for, as plain data (see tests/checker.py)
    expected_reh   the same of the LPAR that rehearses
    """

    name: str
    directory: str
    home: Machine
    dr: Machine
    expected: Dict[str, Any]
    reh: Machine
    expected_reh: Dict[str, Any]

    def replicate(self) -> List[str]:
        """Copy every LUN of the home site to the DR site as it is now."""
        return san.replicate(self.directory, HOME, DR)

    def failover(self, echo: Optional[Echo] = None, kind: Kind = Unprivileged, timeout: float = 300.0) -> Outcome:
        """Replicate and start the DR LPAR."""
        self.replicate()
        return boot(self.dr, echo, kind, timeout=timeout)


# ---------------------------------------------------------------- storage


class Vg(NamedTuple):
    """A volume group to be made: ``luns`` are the numbers of its LUNs at home."""

    name: str
    vgid: str
    luns: Sequence[int]
    lvs: Sequence[Lv]
    major: int
    size: int = 10240  # MB of each LUN
    pp_size: int = 32
    auto_on: bool = True
    quorum: bool = True
    kind: str = "normal"


def jfs2(name: str, mount_point: str, lps: int, log: str, **stanza: str) -> Lv:
    """An LV with a file system that is mounted at boot."""
    fields = {"log": "/dev/" + log, "mount": "true", "options": "rw", "account": "false", **stanza}
    return new_lv(name, type="jfs2", lps=lps, label=mount_point, stanza=fields, fs=new_filesystem())


def log_lv(name: str) -> Lv:
    return new_lv(name, type="jfs2log", lps=1)


def network_host(address: str, mac: str, *services: str) -> NetHost:
    """Somebody else on a wire, who answers."""
    return {"address": address, "mac": mac, "answers": True, "services": list(services)}


def raw(name: str, lps: int, uid: int, gid: int, mode: int) -> Lv:
    return new_lv(name, type="raw", lps=lps, uid=uid, gid=gid, mode=mode)


def rootvg(vgid: str, pv: int = 0) -> Vg:
    """The rootvg of a standard installation on one LUN."""
    system = {"mount": "automatic", "check": "false", "free": "true", "vol": "root", "type": "bootfs"}
    lvs = [
        new_lv("hd5", type="boot", lps=1, label="primary_bootlv"),
        new_lv("hd6", type="paging", lps=16),
        log_lv("hd8"),
        jfs2("hd4", "/", 16, "hd8", **system),
        jfs2("hd2", "/usr", 96, "hd8", **{**system, "vol": "/usr"}),
        jfs2("hd9var", "/var", 32, "hd8", **{**system, "vol": "/var"}),
        jfs2("hd3", "/tmp", 16, "hd8", check="false", vol="/tmp"),
        jfs2("hd1", "/home", 4, "hd8", check="true", vol="/home"),
        jfs2("hd10opt", "/opt", 32, "hd8", check="true", vol="/opt"),
        jfs2("hd11admin", "/admin", 4, "hd8", check="true"),
    ]
    return Vg("rootvg", vgid, [pv], lvs, 10, size=20480)


def lun_id(site: str, number: int) -> str:
    return f"{site}:{number:04d}"


def pvid(machine_id: str, number: int) -> str:
    """A PVID as mkvg makes it: the first digits are the machine's that wrote it."""
    return f"{machine_id.lower()[:8]}{0x0BD88900 + 0x11 * number:08x}"


def make_vg(storage: San, vg: Vg, machine_id: str) -> Vgda:
    """LUNs and VGDA of a volume group exist at home."""
    vgda = new_vgda(vg.vgid, kind=vg.kind, pp_size=vg.pp_size, auto_on=vg.auto_on, quorum=vg.quorum)
    for index, number in enumerate(vg.luns):
        identity = lun_id(HOME, number)
        storage["luns"][identity] = new_lun(
            identity, size=vg.size, unique_id=san.unique_id(identity), serial=san.serial(identity),
            pvid=pvid(machine_id, number), vgid=vg.vgid, boot_image=53276 if vg.name == "rootvg" and not index else 0,
        )  # fmt: skip
        vgda["pvs"].append(new_vg_pv(pvid(machine_id, number), number=index + 1, pps=vg.size // vg.pp_size - 1))
    lvm.spread_vgdas(vgda)
    for index, lv in enumerate(vg.lvs):
        lps, lv["lps"], lv["number"] = lv["lps"], 0, index + 1
        lvm.allocate(vgda, lv, lps)
        if lv["fs"] is not None:
            lv["fs"]["size"] = lps * vg.pp_size * BLOCKS
        vgda["lvs"].append(lv)
    storage["vgdas"].setdefault(HOME, {})[vg.vgid] = vgda
    return vgda


def mappings(site: str, numbers: Sequence[int], slots: Sequence[str]) -> List[Mapping]:
    """Every LUN through every virtual fibre channel slot, LUN numbers in the order given."""
    made: List[Mapping] = []
    for slot in slots:
        target = f"50050763{site.encode().hex():0<6.6}{int(slot[1:]):02x}"
        for index, number in enumerate(numbers):
            made.append({"lun": lun_id(site, number), "slot": slot, "target": target, "lun_number": f"{index << 48:x}"})
    return made


# ---------------------------------------------------------------- LPARs


def ethernet(slot: str, vlan: int, mac: str) -> Slot:
    return new_slot(slot, "l-lan", type="IBM,l-lan", mac=mac, vlan=vlan)


def fibre(slot: str, wwpn: str) -> Slot:
    return new_slot(slot, "vfc", type="IBM,vfc-client", wwpn=wwpn)


class Address(NamedTuple):
    """What an administrator configured on an interface of the home LPAR."""

    address: str
    netmask: str
    aliases: Sequence[str] = ()  # "address,netmask"
    mtu: int = 1500


class Home(NamedTuple):
    """A production LPAR: what is on it beyond its hardware."""

    firmware: Firmware
    vgs: Sequence[Vg]
    files: root.Files
    interfaces: Dict[str, Address]  # en0 ...
    routes: Sequence[str]  # values of inet0's route attribute
    sys0: Dict[str, str]
    oslevel: str = "7200-05-03-2148"
    missing_attributes: Sequence[str] = ()
    luns: Callable[[San], None] = lambda storage: None  # makes some LUNs others than the usual ones


def make_home(directory: str, home: Home, networks: Dict[str, List[NetHost]]) -> Machine:
    """The production LPAR is there, shut down, its rootvg on the first of its LUNs."""
    world = new_world()
    world["san"]["networks"] = networks
    world["firmware"] = home.firmware
    world["odm"] = new_odm(
        oslevel=home.oslevel, missing_attributes=list(home.missing_attributes), subsystems=subsystems()
    )
    for vg in home.vgs:
        make_vg(world["san"], vg, home.firmware["uname_m"])
    home.luns(world["san"])
    _set_boot_list(world, lun_id(HOME, home.vgs[0].luns[0]))
    reset.boot_reset(world)
    discovery.discover(world)
    _customise(world, home)
    machine = new_machine(os.path.join(directory, "lpars", home.firmware["partition_name"]), world)
    san.settle(machine, lun_id(HOME, home.vgs[0].luns[0]))
    root.make(machine.root, machine.directory, home.files)
    _own_raw_devices(machine)
    return machine


def _own_raw_devices(machine: Machine) -> None:
    """The device files of raw LVs belong to whom the administrator gave them."""
    with machine.edit() as world:
        ctx = Context(world, machine.root)
        for entry in world["odm"]["vgs"].values():
            for lv in world["san"]["vgdas"][HOME][entry["vgid"]]["lvs"]:
                if lv["type"] == "raw":
                    lvm.make_lv_nodes(ctx, entry, lv, recorded=True)


def make_dr(directory: str, home: Machine, firmware: Firmware, variants: Optional[Dict[str, str]] = None) -> Machine:
    """The LPAR at the DR site: hardware alone.  What it runs comes with the replica of rootvg."""
    world = new_world()
    world["san"] = home.load()["san"]
    world["firmware"] = firmware
    world["settings"]["variants"] = dict(variants or {})
    return new_machine(os.path.join(directory, "lpars", firmware["partition_name"]), world)


def rehearsing(firmware: Firmware, host: str) -> Firmware:
    """The hardware of the LPAR that rehearses: that of the DR LPAR, but for its name, number, adapters and VLANs."""
    made = copy.deepcopy(firmware)
    made["partition_name"] = host + "_reh"
    made["partition_number"] = firmware["partition_number"] + 1
    made["uname_f"] = firmware["uname_f"][:-2] + f"{made['partition_number']:02X}"
    for slot in made["slots"]:
        if slot["vlan"]:
            slot["vlan"] = REHEARSAL_VLANS + slot["vlan"] % 1000
            slot["mac"] = slot["mac"][:-4] + "99" + slot["mac"][-2:]
        if slot["wwpn"]:
            slot["wwpn"] = slot["wwpn"][:-4] + "99" + slot["wwpn"][-2:]
    return made


def _customise(world: World, home: Home) -> None:
    """The ODM holds what the administrator of this LPAR set: VGs, addresses, routes, attributes of sys0."""
    odm: Odm = world["odm"]
    for vg in home.vgs:
        odm["vgs"][vg.name] = new_odm_vg(
            vg.name, vg.vgid, major=vg.major, auto_on=vg.auto_on, lvs=[lv["name"] for lv in vg.lvs],
            pvids=[pvid(home.firmware["uname_m"], number) for number in vg.luns],
        )  # fmt: skip
    put = odm["attributes"]
    put.setdefault("sys0", {}).update({name: [value] for name, value in home.sys0.items()})
    put.setdefault("inet0", {}).update(hostname=[home.files.hostname], route=list(home.routes))
    for name, wanted in home.interfaces.items():
        values = {"netaddr": [wanted.address], "netmask": [wanted.netmask], "state": ["up"]}
        if wanted.aliases:
            values["alias4"] = list(wanted.aliases)
        if wanted.mtu != 1500:
            values["mtu"] = [str(wanted.mtu)]
        put.setdefault(name, {}).update(values)


def _set_boot_list(world: World, lun: str) -> None:
    entries = []
    for mapping in world["firmware"]["mappings"]:
        if mapping["lun"] == lun:
            entries.append({"lun": lun, "slot": mapping["slot"], "target": mapping["target"]})
    world["firmware"]["bootlist"]["normal"] = entries


def subsystems() -> Dict[str, Any]:
    """SRC subsystems of a small installation.  Source: transcripts lssrc/*, startsrc/*."""
    rows = [
        ("syslogd", "ras", "/usr/sbin/syslogd", "-S", True), ("sendmail", "mail", "/usr/lib/sendmail", "-S", False),
        ("portmap", "portmap", "/usr/sbin/portmap", "-K", True), ("inetd", "tcpip", "/usr/sbin/inetd", "-K", True),
        ("snmpmibd", "tcpip", "/usr/sbin/snmpmibd", "-S", False), ("xntpd", "tcpip", "/usr/sbin/xntpd", "-S", False),
        ("nimsh", "nimclient", "/usr/sbin/nimsh", "-S", False), ("clcomd", "caa", "/usr/sbin/clcomd", "-S", False),
        ("qdaemon", "spooler", "/usr/sbin/qdaemon", "-S", False),
        ("writesrv", "spooler", "/usr/sbin/writesrv", "-S", False),
        ("ctrmc", "rsct", "/usr/sbin/rsct/bin/rmcd", "-K", False), ("aso", "", "/usr/sbin/aso", "-S", False),
        ("pfcdaemon", "", "/usr/sbin/pfcdaemon", "-S", False),
        ("biod", "nfs", "/usr/sbin/biod", "-S", False), ("rpc.statd", "nfs", "/usr/sbin/rpc.statd", "-S", False),
        ("rpc.lockd", "nfs", "/usr/sbin/rpc.lockd", "-S", False),
    ]  # fmt: skip
    return {
        name: new_subsystem(name, group, path=path, contact=contact, auto=auto)
        for name, group, path, contact, auto in rows
    }


# ---------------------------------------------------------------- files


def stanzas(vgs: Sequence[Vg]) -> List[Tuple[str, Dict[str, str]]]:
    """/etc/filesystems of these VGs: rootvg's first, then the others by depth, as ``mount all`` needs them."""
    found = []
    for vg in vgs:
        for lv in vg.lvs:
            if lv["fs"] is not None:
                found.append((lv["label"], {"dev": "/dev/" + lv["name"], "vfs": "jfs2", **lv["stanza"]}))
    system = sum(lv["fs"] is not None for lv in vgs[0].lvs)
    return found[:system] + sorted(found[system:], key=lambda stanza: stanza[0].count("/"))


class Row(NamedTuple):
    """A row of hosts.csv."""

    host: str
    site: str
    mode: str
    role: str
    match: str
    address: str
    netmask: str
    gateway: str = ""
    aliases: str = ""


def write_profiles(machine: Machine, sites: Dict[str, str], rows: Sequence[Row]) -> None:
    """/etc/drboot/sites/*.yaml and /etc/drboot/hosts.csv of the LPAR."""
    for site, text in sites.items():
        root.write(machine.root, f"/etc/drboot/sites/{site}.yaml", text)
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\n")
    table.writerow(Row._fields)
    table.writerows(rows)
    root.write(machine.root, "/etc/drboot/hosts.csv", buffer.getvalue())
