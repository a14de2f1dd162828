"""The state of a simulated estate, kept apart as AIX keeps it apart.

Five documents, each a plain JSON object with the shape given here:

``San``       the SAN and the networks of all sites: LUNs with what is written on them.  Replicable.
``Firmware``  one LPAR's hardware: systemid, partition, slots, NVRAM.  Never travels.
``Odm``       the ODM and what else of rootvg is not a file here.  Travels with rootvg.
``Kernel``    what a power-off loses: addresses, routes, varied-on VGs, mounts, running subsystems.
``Settings``  switches of the simulation itself: variants, latencies, faults.

Files of rootvg are real files below the LPAR's root directory and travel with rootvg too.
Every ``new_*`` function returns a complete object, so that commands index without ``get``.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional, TypedDict, TypeVar, cast

Shape = TypeVar("Shape")

# ---------------------------------------------------------------- SAN


class Filesystem(TypedDict):
    """What is on an LV of type jfs/jfs2: the superblock, not the stanza."""

    vfs: str  # jfs2 | jfs
    size: int  # 512-byte blocks
    state: str  # clean | replay (log replay is enough) | dirty (needs a full fsck) | corrupt
    guard: bool  # mountguard=yes
    guarded_by: str  # node that holds the guard, "" when none
    inline_log: int  # MB, 0 when the log is an LV
    block_size: int
    ea_format: str  # v1 | v2
    tree: str  # directory below ESTATE/trees that holds the files, "" when it has none
    used: int  # 512-byte blocks
    inodes: List[int]  # [in use, maximum]; 0 as the maximum: as many as fit


class Lv(TypedDict):
    """One logical volume as the VGDA and its LVCB describe it."""

    name: str
    number: int  # the .N of the LV identifier
    type: str  # jfs2 | jfs2log | paging | boot | sysdump | raw ...
    lps: int
    copies: int
    # per physical extent: [pvid, first PP (1-based), count, copy (1-based)]
    extents: List[List[Any]]
    label: str  # LVCB label, mostly the mount point; "None" when it has none
    stanza: Dict[str, str]  # the fs= string of the LVCB: what importvg writes into /etc/filesystems
    permission: str
    write_verify: str
    max_lps: int
    sched: str
    bb_policy: str
    inter: str
    relocatable: str
    intra: str
    upper_bound: int
    mwc: str
    separate_pv: str
    serialize_io: str
    uid: int
    gid: int
    mode: int  # e.g. 0o660
    stale_pps: int
    crypto: str  # "" not encrypted | unlocked | locked (its key is not in this machine's keystore)
    fs: Optional[Filesystem]


class VgPv(TypedDict):
    """One physical volume as the VGDA lists it."""

    pvid: str
    number: int
    pps: int
    vgdas: int
    state: str  # active | missing | removed
    stale: int
    allocatable: str
    hot_spare: str


class Vgda(TypedDict):
    """A volume group on disk.  The VG's *name* is not here: AIX keeps it in the ODM only."""

    vgid: str  # 32 hex digits
    kind: str  # normal | big | scalable
    pp_size: int  # MB
    max_lvs: int
    max_pvs: int
    max_pps: int
    max_pps_per_pv: int  # 0 for scalable
    auto_on: bool
    quorum: bool
    concurrent: bool
    ltg: int  # KB
    auto_sync: str
    bb_policy: str
    timestamp: str  # 16 hex digits
    pvs: List[VgPv]
    lvs: List[Lv]
    extra: Dict[str, str]  # further KEY: value rows of `lsvg` that later levels print


class Lun(TypedDict):
    id: str  # unique in the estate, e.g. "home:0003"
    site: str
    size: int  # MB
    kind: str  # fcp | vscsi | sas | iscsi
    type: str  # PdDv type, e.g. 2107, mpioosdisk, vdisk
    unique_id: str
    serial: str
    pvid: str  # 16 hex digits as on the disk, "" when none
    vgid: str  # "" when there is no VGDA on it
    boot_image: int  # blocks of the boot image in hd5, 0 when there is none
    boot_time: str  # timestamp of the boot image
    writable: bool
    present: bool
    reserved_by: str  # host that holds a reservation, "" when none
    replica_of: str  # id of the source LUN
    asm: bool  # an ASM header instead of an AIX one
    uuid: str  # as `lspv -u` shows it; made from the unique_id when ""


class _NetHost(TypedDict):
    address: str
    mac: str
    answers: bool
    services: List[str]  # dns | nim | nfs | gateway ...


class NetHost(_NetHost, total=False):
    deaf: bool  # answers ARP, and no ping
    after: float  # seconds after somebody else has brought its address up until it claims it; it is silent before


class San(TypedDict):
    luns: Dict[str, Lun]
    # site -> vgid -> VGDA: a replica has its own copy
    vgdas: Dict[str, Dict[str, Vgda]]
    # "site/vlan" -> hosts that answer there
    networks: Dict[str, List[NetHost]]
    # groups of "site/vlan" that are one wire: a VLAN that reaches both sites
    stretched: List[List[str]]


# ---------------------------------------------------------------- firmware


class Slot(TypedDict):
    """One virtual or physical adapter as the hypervisor presents it."""

    slot: str  # C2
    kind: str  # l-lan | vfc | v-scsi | lhea | physical ...
    type: str  # PdDv type
    mac: str  # 12 hex digits, "" for storage adapters
    vlan: int
    wwpn: str
    physloc: str  # full location code; made from the machine's serial when ""
    members: List[str]


class Mapping(TypedDict):
    """A LUN as one adapter of the LPAR sees it."""

    lun: str
    slot: str
    target: str  # target WWPN, or "" for vscsi
    lun_number: str  # e.g. 2000000000000 or 8100000000000000


class Firmware(TypedDict):
    site: str
    model: str  # 9119-FHA
    systemid: str  # IBM,0211D11C1
    partition_number: int
    partition_name: str
    uname_m: str  # 00F7A1B24C00
    uname_f: str
    firmware_level: str
    cpus: int
    memory: int  # MB
    slots: List[Slot]  # in discovery order
    mappings: List[Mapping]
    nvram: Dict[str, str]  # e.g. ibm,aix-clearODMdata: "false"
    # mode -> entries as firmware keeps them: [lun id, slot, target] or network entries
    bootlist: Dict[str, List[Dict[str, str]]]
    extra: Dict[str, str]  # further facts: processor type, fw version ...


# ---------------------------------------------------------------- ODM (travels with rootvg)


class Device(TypedDict):
    name: str
    cls: str  # CuDv class: disk, adapter, if, ...
    subclass: str
    type: str
    status: int  # 1 Available, 0 Defined
    location: str  # short location code: C4-T1-01, "" for virtual
    physloc: str
    parent: str
    connwhere: str
    description: str  # "" takes the predefined one
    lun: str  # disks: unique_id of the LUN it was configured for
    vpd: List[List[str]]  # lscfg -v rows: [label, value]


class Path(TypedDict):
    disk: str
    parent: str
    connection: str
    path_id: int
    status: str  # Enabled | Disabled | Failed | Missing | Defined
    path_status: str  # Sel | Clo | Opt | ...


class OdmVg(TypedDict):
    name: str
    vgid: str
    major: int
    pvids: List[str]
    auto_on: bool
    lvs: List[str]


class Subsystem(TypedDict):
    name: str
    group: str
    path: str
    args: str
    contact: str  # -K | -S
    auto: bool  # started by rc.tcpip / rc.nfs at boot


class WparAddress(TypedDict):
    interface: str
    address: str
    netmask: str


class Wpar(TypedDict):
    """A workload partition as /etc/wpars/NAME.cf defines it; that file is rootvg's, and no reset touches it."""

    name: str
    hostname: str
    directory: str
    auto: bool  # started by /etc/rc.wpars
    network: List[WparAddress]


class Odm(TypedDict):
    oslevel: str  # 7200-05-03-2148
    devices: Dict[str, Device]
    # device -> attribute -> values.  As in CuAt: only what differs from the predefined default
    attributes: Dict[str, Dict[str, List[str]]]
    paths: List[Path]
    vgs: Dict[str, OdmVg]
    subsystems: Dict[str, Subsystem]
    wpars: Dict[str, Wpar]
    saved_partition: str  # systemid/partition of the last boot, what ghostdev compares
    # device -> attribute -> values: what the boot image still has where a change never reached it; {}: it agrees
    saved_base: Dict[str, Dict[str, List[str]]]
    missing_attributes: List[str]  # sys0 attributes that this level lacks: clouddev, ghostdev
    dump: Dict[str, str]  # SWservAt of sysdumpdev: primary, secondary ...; what is not named has its default
    boot_lv_ok: bool  # False: hd5 or /dev/ipldevice broken, savebase fails with 0514-609


# ---------------------------------------------------------------- kernel (lost at power-off)


class Address(TypedDict):
    address: str
    netmask: str  # dotted; "" when ifconfig shows none
    broadcast: str


class Interface(TypedDict):
    name: str
    up: bool
    flags: str  # the flags=... text without the name, "" takes the usual one
    addresses: List[Address]
    inet6: List[str]  # as ifconfig prints: fe80::1/64
    mtu: int
    mac: str
    link: int  # N of link#N
    tail: str  # the tcp_sendspace row, "" takes the usual one
    counters: Dict[str, List[int]]


class Route(TypedDict):
    destination: str  # "default", "10.1/23", "10.1.0.3"
    gateway: str
    flags: str
    refs: int
    use: int
    interface: str


class _MountFiles(TypedDict, total=False):
    files: List[int]  # a pseudo file system's [files, maximum], where df shows them


class Mount(_MountFiles):
    node: str
    device: str
    point: str
    vfs: str
    date: str
    options: str


class Kernel(TypedDict):
    running: bool
    boot_epoch: float
    boot_device: str
    hostname: str
    nodename: str
    interfaces: Dict[str, Interface]
    routes: List[Route]
    varied_on: Dict[str, Dict[str, Any]]  # VG name -> {"mode": "active", "order": n, "locked": bool}
    mounts: List[Mount]
    open_lvs: List[str]
    active_paging: List[str]
    paging_used: Dict[str, int]  # paging space -> percent, 0 where it is not named
    dump: Dict[str, str]  # primary, secondary: where the kernel dumps to, where that is not what the ODM says
    subsystems: Dict[str, int]  # name -> pid of what runs
    arp: List[List[str]]  # [address, mac]
    run_level: str
    console: List[str]
    next_pid: int
    pids: List[int]  # handed out before next_pid is
    stopping: Dict[str, float]  # subsystem that was asked to stop -> epoch when it has
    contacts: List[str]  # every attempt to talk to somebody outside: "nim HOST"
    # adapter -> its driver's statistics: {"transmit": {...}, "receive": {...}, ...}, see commands/entstat.py
    adapters: Dict[str, Dict[str, Any]]
    tunables: Dict[str, str]
    reset: str  # "" | ghostdev | clouddev: what this boot did to the ODM
    wpars: List[str]  # those that are active


# ---------------------------------------------------------------- simulation switches


class Settings(TypedDict):
    variants: Dict[str, str]
    latency: float  # 0 none, 1 the table of sim/latency.py, 0.5 half of it ...
    faults: List[Dict[str, Any]]
    clock_offset: float  # seconds added to the host's clock
    fixed_time: float  # 0: host clock; else this epoch always
    seed: int


class World(TypedDict):
    san: San
    firmware: Firmware
    odm: Odm
    kernel: Kernel
    settings: Settings


# ---------------------------------------------------------------- makers


def new_filesystem(**given: Any) -> Filesystem:
    base: Filesystem = {
        "vfs": "jfs2", "size": 0, "state": "clean", "guard": False, "guarded_by": "",
        "inline_log": 0, "block_size": 4096, "ea_format": "v1", "tree": "",
        "used": 688, "inodes": [4, 0],
    }  # fmt: skip
    return _fill(base, given)


def new_lv(name: str, **given: Any) -> Lv:
    base: Lv = {
        "name": name, "number": 0, "type": "jfs2", "lps": 1, "copies": 1, "extents": [], "label": "None",
        "stanza": {}, "permission": "read/write", "write_verify": "off", "max_lps": 512, "sched": "parallel",
        "bb_policy": "relocatable", "inter": "minimum", "relocatable": "yes", "intra": "middle",
        "upper_bound": 32, "mwc": "on/ACTIVE", "separate_pv": "yes", "serialize_io": "NO", "uid": 0, "gid": 0,
        "mode": 0o660, "stale_pps": 0, "crypto": "", "fs": None,
    }  # fmt: skip
    return _fill(base, given)


def new_vg_pv(pvid: str, **given: Any) -> VgPv:
    base: VgPv = {
        "pvid": pvid, "number": 0, "pps": 0, "vgdas": 1, "state": "active", "stale": 0, "allocatable": "yes",
        "hot_spare": "no",
    }  # fmt: skip
    return _fill(base, given)


def new_vgda(vgid: str, **given: Any) -> Vgda:
    base: Vgda = {
        "vgid": vgid, "kind": "normal", "pp_size": 32, "max_lvs": 256, "max_pvs": 32, "max_pps": 32512,
        "max_pps_per_pv": 1016, "auto_on": True, "quorum": True, "concurrent": False, "ltg": 256,
        "auto_sync": "no", "bb_policy": "relocatable", "timestamp": "47cb69910d21db31", "pvs": [], "lvs": [],
        "extra": {},
    }  # fmt: skip
    return _fill(base, given)


def new_lun(lun_id: str, **given: Any) -> Lun:
    base: Lun = {
        "id": lun_id, "site": lun_id.partition(":")[0], "size": 10240, "kind": "fcp", "type": "2107",
        "unique_id": "", "serial": "", "pvid": "", "vgid": "", "boot_image": 0, "boot_time": "",
        "writable": True, "present": True, "reserved_by": "", "replica_of": "", "asm": False, "uuid": "",
    }  # fmt: skip
    return _fill(base, given)


def new_slot(slot: str, kind: str, **given: Any) -> Slot:
    base: Slot = {
        "slot": slot, "kind": kind, "type": "", "mac": "", "vlan": 0, "wwpn": "", "physloc": "", "members": [],
    }  # fmt: skip
    return _fill(base, given)


def new_device(name: str, cls: str, subclass: str, type: str, **given: Any) -> Device:
    base: Device = {
        "name": name, "cls": cls, "subclass": subclass, "type": type, "status": 1, "location": "",
        "physloc": "", "parent": "", "connwhere": "", "description": "", "lun": "", "vpd": [],
    }  # fmt: skip
    return _fill(base, given)


def new_path(disk: str, parent: str, connection: str, path_id: int, **given: Any) -> Path:
    base: Path = {
        "disk": disk, "parent": parent, "connection": connection, "path_id": path_id, "status": "Enabled",
        "path_status": "Sel",
    }  # fmt: skip
    return _fill(base, given)


def new_odm_vg(name: str, vgid: str, **given: Any) -> OdmVg:
    base: OdmVg = {"name": name, "vgid": vgid, "major": 0, "pvids": [], "auto_on": True, "lvs": []}
    return _fill(base, given)


def new_subsystem(name: str, group: str = "", **given: Any) -> Subsystem:
    base: Subsystem = {
        "name": name, "group": group, "path": "/usr/sbin/" + name, "args": "", "contact": "-S", "auto": False,
    }  # fmt: skip
    return _fill(base, given)


def new_wpar(name: str, **given: Any) -> Wpar:
    base: Wpar = {"name": name, "hostname": name, "directory": "/wpars/" + name, "auto": False, "network": []}
    return _fill(base, given)


def new_interface(name: str, **given: Any) -> Interface:
    base: Interface = {
        "name": name, "up": True, "flags": "", "addresses": [], "inet6": [], "mtu": 1500, "mac": "", "link": 2,
        "tail": "", "counters": {},
    }  # fmt: skip
    return _fill(base, given)


def new_route(destination: str, gateway: str, interface: str, **given: Any) -> Route:
    base: Route = {
        "destination": destination, "gateway": gateway, "flags": "UG", "refs": 0, "use": 0,
        "interface": interface,
    }  # fmt: skip
    return _fill(base, given)


def new_san() -> San:
    return {"luns": {}, "vgdas": {}, "networks": {}, "stretched": []}


def new_firmware(**given: Any) -> Firmware:
    base: Firmware = {
        "site": "home", "model": "9119-FHB", "systemid": "IBM,0206F42A0", "partition_number": 1,
        "partition_name": "lpar1", "uname_m": "00F6F42A4C00", "uname_f": "8000F6F42A000001",
        "firmware_level": "AH730_078", "cpus": 1, "memory": 4096, "slots": [], "mappings": [], "nvram": {},
        "bootlist": {}, "extra": {},
    }  # fmt: skip
    return _fill(base, given)


def new_odm(**given: Any) -> Odm:
    base: Odm = {
        "oslevel": "7200-05-03-2148", "devices": {}, "attributes": {}, "paths": [], "vgs": {}, "subsystems": {},
        "wpars": {}, "saved_partition": "", "saved_base": {}, "missing_attributes": [], "dump": {}, "boot_lv_ok": True,
    }  # fmt: skip
    return _fill(base, given)


def new_kernel(**given: Any) -> Kernel:
    base: Kernel = {
        "running": False, "boot_epoch": 0.0, "boot_device": "", "hostname": "", "nodename": "", "interfaces": {},
        "routes": [], "varied_on": {}, "mounts": [], "open_lvs": [], "active_paging": [], "paging_used": {}, "dump": {},
        "subsystems": {}, "arp": [], "run_level": "", "console": [], "next_pid": 3932558, "tunables": {}, "reset": "",
        "pids": [], "stopping": {}, "contacts": [], "adapters": {}, "wpars": [],
    }  # fmt: skip
    return _fill(base, given)


def new_settings(**given: Any) -> Settings:
    base: Settings = {
        "variants": {}, "latency": 0.0, "faults": [], "clock_offset": 0.0, "fixed_time": 0.0, "seed": 1,
    }  # fmt: skip
    return _fill(base, given)


def new_world() -> World:
    return {
        "san": new_san(), "firmware": new_firmware(), "odm": new_odm(), "kernel": new_kernel(),
        "settings": new_settings(),
    }  # fmt: skip


def _fill(base: Shape, given: Dict[str, Any]) -> Shape:
    fields = cast(Dict[str, Any], base)
    unknown = set(given) - set(fields)
    if unknown:
        raise KeyError(f"no such field: {', '.join(sorted(unknown))}")
    fields.update(given)
    return base
