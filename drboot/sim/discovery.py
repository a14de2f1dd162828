"""What the configure methods find: firmware's slots and mappings become devices, paths and PVIDs in the ODM.

At boot every customised device starts as Defined, and what answers becomes Available
again; what does not answer stays Defined, and new hardware gets new names.  On a running machine, Available devices
stay Available, whose lost paths become Missing.

A disk is known again by its unique_id, an adapter by its location code, which holds the frame's serial and the
partition's number.  Source: boot-and-devices.md sections 2 ("renumbered in discovery order", "new adapters appear
with the next free number"), 8, 11, 12; transcripts prtconf/01, 03, lscfg/01, lspath/05, 08 for the strings.
"""

from __future__ import annotations

from typing import Dict, Iterable, List, Optional, Set, Tuple

from drboot.sim import lvm, predefined
from drboot.sim import odm as cuat
from drboot.sim.odm import AVAILABLE, DEFINED
from drboot.sim.predefined import Predefined
from drboot.sim.world import Device, Lun, Mapping, Odm, Path, Slot, World, new_device, new_path

# kind of a firmware slot -> PdDv type of its adapter; "physical" and others name theirs in slot["type"]
ADAPTERS = {"l-lan": "IBM,l-lan", "vfc": "IBM,vfc-client", "v-scsi": "IBM,v-scsi", "lhea": "ethernet"}
ADAPTER_CLASSES = ("adapter", "driver")  # the iSCSI initiator is a driver without an adapter of its own
VIRTUAL = ("l-lan", "vfc", "v-scsi")
REMOTE = "remote_disk"  # kind of a LUN at the other site, which GLVM reaches by an RPV client
DISK_TYPES = {"vscsi": "vdisk", "sas": "scsd", "scsi": "scsd", "iscsi": "osdisk"}


class _Names:
    """Gives out hdisk, ent and other names: always the lowest free number."""

    def __init__(self, odm: Odm) -> None:
        self.used: Set[str] = set(odm["devices"])
        self._next: Dict[str, int] = {}

    def free(self, prefix: str) -> str:
        number = self._next.get(prefix, 0)
        while f"{prefix}{number}" in self.used:
            number += 1
        self._next[prefix] = number + 1
        return self.take(f"{prefix}{number}")

    def take(self, name: str) -> str:
        self.used.add(name)
        return name


class _Search:
    """One run of the configure methods.  ``found`` are the names that became Available, in order."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.odm: Odm = world["odm"]
        self.names = _Names(self.odm)
        self.found: List[str] = []
        self.same_place = {
            (device["type"], self.place(device["connwhere"], device["physloc"])): name
            for name, device in self.odm["devices"].items()
            if device["cls"] in ADAPTER_CLASSES and device["connwhere"]
        }
        self.by_lun = {d["lun"]: name for name, d in self.odm["devices"].items() if d["cls"] == "disk" and d["lun"]}
        self.paths: Dict[Tuple[str, str, str], Path] = {
            (path["disk"], path["parent"], path["connection"]): path for path in self.odm["paths"]
        }
        self.path_ids: Dict[str, Set[int]] = {}
        for path in self.odm["paths"]:
            self.path_ids.setdefault(path["disk"], set()).add(path["path_id"])

    def place(self, slot: str, physloc: str) -> str:
        """What tells two adapters of one type apart: see ``adapter_identity`` in variants.py."""
        variants = self.world["settings"]["variants"]
        return slot if variants.get("adapter_identity", "location") == "slot" else physloc

    def configure(self, name: str, row: Predefined, **fields: str) -> Device:
        """The device exists and is Available; what was customised stays."""
        device = self.odm["devices"].get(name)
        if device is None:
            device = new_device(self.names.take(name), row.cls, row.subclass, row.type, status=DEFINED)
            self.odm["devices"][name] = device
        if device["status"] != AVAILABLE:
            device["status"] = AVAILABLE
            self.found.append(name)
        for field, text in fields.items():
            device[field] = text  # type: ignore[literal-required]
        return device


def discover(world: World, below: Optional[str] = None, at_boot: bool = True) -> List[str]:
    """Everything that answers is configured; names of the devices that became Available, in order.

    below     only what hangs at this device: ``cfgmgr -l fcs0``
    at_boot   nothing is configured yet; False is cfgmgr on a running machine
    """
    if at_boot:
        _unconfigure_all(world)
    search = _Search(world)
    if below is None:
        _base_devices(search)
    slots = _slots(search, below)
    for slot in slots:
        _adapter(search, slot)
    _interfaces(search, below)
    _disks(search, slots)
    if at_boot:
        _rpv_servers(search)
    return search.found


def _rpv_servers(search: _Search) -> None:
    """A boot configures the RPV servers whose auto_online is y, where their disks are.  Source: glvm white paper.

    Never an RPV client: what stands for one here is a disk of the estate that somebody has configured.
    """
    odm = search.odm
    here = {lvm.odm_pvid(search.world, name) for name, d in odm["devices"].items() if d["status"] == AVAILABLE}
    for name, device in odm["devices"].items():
        held = odm["attributes"].get(name, {})
        served = held.get("rpvs_pvid", [""])[0][:16]
        if device["cls"] == "rpvserver" and held.get("auto_online", ["y"]) == ["y"] and served in here - {""}:
            search.configure(name, cuat.row_of(device))


def _unconfigure_all(world: World) -> None:
    for device in world["odm"]["devices"].values():
        device["status"] = DEFINED
    for path in world["odm"]["paths"]:
        if path["status"] != "Disabled":
            path["status"] = "Defined"


# ---------------------------------------------------------------- the machine itself


def location_head(world: World) -> str:
    """U9119.FHB.06F42A0-V1: what the location codes of this partition's virtual adapters begin with."""
    firmware = world["firmware"]
    model = firmware["model"].replace("-", ".")
    return f"U{model}.{cuat.machine_serial(firmware)}-V{firmware['partition_number']}"


def slot_location(world: World, slot: Slot) -> str:
    return slot["physloc"] or f"{location_head(world)}-{slot['slot']}-T1"


def _base_devices(search: _Search) -> None:
    """What every LPAR has, in the order of transcript prtconf/01.

    Assumed: processors are numbered by their first SMT thread (proc0, proc4, proc8 with four threads).
    Source for the assumption: transcripts lsdev/17, 19, 21.
    """
    firmware = search.world["firmware"]
    head = location_head(search.world)
    search.configure("sys0", predefined.find_type("sys", "chrp"))
    search.configure("sysplanar0", predefined.find_type("planar", "sysplanar_rspc"), parent="sys0")
    search.configure("vio0", predefined.find_type("bus", "vdevice"), parent="sysplanar0")
    serial = predefined.find_type("adapter", "hvterm1")
    search.configure("vsa0", serial, parent="vio0", connwhere="C0", physloc=f"{head}-C0")
    terminal = predefined.find_type("tty", "vty")
    search.configure("vty0", terminal, parent="vsa0", connwhere="0", physloc=f"{head}-C0-L0")
    search.configure("L2cache0", predefined.find_type("memory", "L2cache_rspc"), parent="sysplanar0")
    search.configure("mem0", predefined.find_type("memory", "totmem"), parent="sysplanar0")
    threads = cuat.smt_threads(firmware)
    for number in range(0, firmware["cpus"] * threads, threads):
        processor = predefined.find_type("processor", "proc_rspc")
        where = f"{number // 100:02d}-{number % 100:02d}"
        search.configure(f"proc{number}", processor, parent="sysplanar0", connwhere=str(number), location=where)
    search.configure("inet0", predefined.find_type("tcpip", "inet"))
    search.configure("lo0", predefined.find_type("if", "lo"))


# ---------------------------------------------------------------- adapters


def _slots(search: _Search, below: Optional[str]) -> List[Slot]:
    slots = search.world["firmware"]["slots"]
    if below is None or below in ("sys0", "sysplanar0", "vio0"):
        return list(slots)
    wanted = cuat.slot_below(search.world, below)
    return [slot for slot in slots if slot["slot"] == wanted]


def _adapter(search: _Search, slot: Slot) -> None:
    if slot["kind"] == "iscsi":
        row = predefined.find_type("driver", "iscsi_vdd")
    else:
        row = predefined.find_type("adapter", slot["type"] or ADAPTERS.get(slot["kind"], ""))
    physloc = slot_location(search.world, slot)
    name = search.same_place.get((row.type, search.place(slot["slot"], physloc))) or search.names.free(row.prefix)
    location = f"{slot['slot'].lstrip('C')}-T1" if slot["kind"] == "vfc" else ""
    parent = "vio0" if slot["kind"] in VIRTUAL else "pci0"
    fields = {"parent": parent, "connwhere": slot["slot"], "physloc": physloc, "location": location}
    device = search.configure(name, row, **fields)
    device["vpd"] = _adapter_vpd(row, slot, physloc)
    if row.prefix == "fcs":
        _protocol(search, device)


def _adapter_vpd(row: Predefined, slot: Slot, physloc: str) -> List[List[str]]:
    """Rows of ``lscfg -v``.  Source: transcripts lscfg/01 (l-lan, lp-hea), 12 (fcs); a virtual fcs is Assumed."""
    if row.type == "IBM,l-lan":
        mac = slot["mac"].upper()
        return [
            ["Network Address", mac],
            ["Displayable Message", row.description],
            ["Hardware Location Code", physloc],
        ]
    if row.prefix == "ent":
        return [["IBM Host Ethernet Adapter:", ""], ["Network Address", slot["mac"].upper()]]
    if row.prefix == "fcs":
        return [["Network Address", slot["wwpn"].upper()], ["Hardware Location Code", physloc]]
    return []


def _protocol(search: _Search, fcs: Device) -> None:
    """The fscsi of an fcs has the same number."""
    name = "fscsi" + fcs["name"][len("fcs") :]
    row = predefined.find("driver", "npiv", "emfscsi") if fcs["subclass"] == "vdevice" else _FSCSI
    location = f"{fcs['location']}-01" if fcs["location"] else ""
    search.configure(name, row, parent=fcs["name"], connwhere="01", location=location, physloc=fcs["physloc"])
    cuat.put(search.odm, name, predefined.at_level(row, cuat.level(search.odm))[0], ["switch"])


_FSCSI = predefined.find("driver", "efc", "efscsi")


def _interfaces(search: _Search, below: Optional[str]) -> None:
    """en and et of every ent.  An interface is Available when its adapter is.

    Source: boot-and-devices.md section 8: also for pseudo adapters, by a further cfgmgr run.
    """
    standard, ieee = predefined.find_type("if", "en"), predefined.find_type("if", "ie3")
    for name, device in list(search.odm["devices"].items()):
        if device["cls"] != "adapter" or not name.startswith("ent") or below not in (None, name):
            continue
        if device["subclass"] in ("pseudo", "vlan") and _pseudo_lower_ready(search.odm, name):
            search.configure(name, cuat.row_of(device))
        if device["status"] == AVAILABLE:
            search.configure("en" + name[3:], standard, parent=name)
            search.configure("et" + name[3:], ieee, parent=name)


def _pseudo_lower_ready(odm: Odm, name: str) -> bool:
    """Whether the adapters below an EtherChannel or VLAN are all Available."""
    held = odm["attributes"].get(name, {})
    lower = ",".join(held.get("adapter_names", held.get("base_adapter", [""])))
    devices = odm["devices"]
    return bool(lower) and all(each in devices and devices[each]["status"] == AVAILABLE for each in lower.split(","))


# ---------------------------------------------------------------- disks


def _disks(search: _Search, slots: Iterable[Slot]) -> None:
    world = search.world
    by_slot: Dict[str, List[Mapping]] = {}
    for mapping in world["firmware"]["mappings"]:
        by_slot.setdefault(mapping["slot"], []).append(mapping)
    adapters = {
        device["connwhere"]: device
        for device in search.odm["devices"].values()
        if device["cls"] in ADAPTER_CLASSES and device["status"] == AVAILABLE
    }
    looked_at: Set[str] = set()
    seen: Set[Tuple[str, str, str]] = set()
    for slot in slots:
        adapter = adapters[slot["slot"]]
        parent = adapter["name"].replace("fcs", "fscsi", 1) if adapter["name"].startswith("fcs") else adapter["name"]
        looked_at.add(parent)
        for mapping in by_slot.get(slot["slot"], []):
            lun = world["san"]["luns"].get(mapping["lun"])
            if lun is not None and lun["present"]:
                seen.add(_disk(search, lun, mapping, search.odm["devices"][parent]))
    _lost_paths(search, looked_at, seen)


def _disk(search: _Search, lun: Lun, mapping: Mapping, parent: Device) -> Tuple[str, str, str]:
    """The disk of this LUN is Available and has this path; the key of the path."""
    name = search.by_lun.get(lun["unique_id"]) or search.names.free("hdisk")
    if search.odm["devices"].get(name, {"status": DEFINED})["status"] != AVAILABLE:
        search.by_lun[lun["unique_id"]] = name
        _configure_disk(search, name, lun, mapping, parent)
    connection = path_connection(mapping)
    key = (name, parent["name"], connection)
    if lun["kind"] == REMOTE:
        device = search.odm["devices"][name]
        device["parent"] = device["connwhere"] = device["location"] = device["physloc"] = ""
        return key  # Assumed: an RPV client has no parent and no path, it stands for a disk behind the network
    path = search.paths.get(key)
    if path is None:
        ids = search.path_ids.setdefault(name, set())
        number = next(n for n in range(len(ids) + 1) if n not in ids)
        ids.add(number)
        path = new_path(name, parent["name"], connection, number)
        search.paths[key] = path
        search.odm["paths"].append(path)
    elif path["status"] != "Disabled":
        path["status"] = "Enabled"
    return key


def path_connection(mapping: Mapping) -> str:
    """FC: target WWPN and LUN; vscsi: the first 12 digits of the LUN.  Source: transcripts lspath/05, 08."""
    if mapping["target"]:
        return f"{mapping['target'].lower()},{mapping['lun_number'].lower()}"
    return mapping["lun_number"].lower()[:12]


def _configure_disk(search: _Search, name: str, lun: Lun, mapping: Mapping, parent: Device) -> None:
    """The values that the configure method reads from the LUN go to CuAt, the PVID among them."""
    readable = lvm.is_readable(search.world, lun)
    row = predefined.find("disk", lun["kind"], lun["type"] or DISK_TYPES.get(lun["kind"], "osdisk"))
    place = [f"-W{mapping['target'].upper()}"] if mapping["target"] else []
    physloc = parent["physloc"] + "".join(place) + f"-L{mapping['lun_number'].upper()}"
    fields = {"parent": parent["name"], "connwhere": path_connection(mapping), "physloc": physloc}
    device = search.configure(name, row, **fields, location=parent["location"], lun=lun["unique_id"])
    # a name that had another driver before keeps it in CuDv only until the disk is configured again
    device["subclass"], device["type"] = row.subclass, row.type
    device["vpd"] = _disk_vpd(lun)
    facts = {
        "unique_id": lun["unique_id"],
        "pvid": lun["pvid"] + cuat.ZEROS if lun["pvid"] and readable else "none",
        "lun_id": "0x" + mapping["lun_number"].lower(),
        "ww_name": "0x" + mapping["target"].lower() if mapping["target"] else "",
        "node_name": "0x" + mapping["target"].lower() if mapping["target"] else "",
        "size_in_mb": str(lun["size"]),
    }
    for attribute in row.attributes:
        if attribute.name in facts:
            cuat.put(search.odm, name, attribute, [facts[attribute.name]])


def _disk_vpd(lun: Lun) -> List[List[str]]:
    """Rows of ``lscfg -v``: none for a virtual disk.  Source: transcripts lscfg/06, 07, 14."""
    if lun["kind"] == "vscsi":
        return []
    return [
        ["Manufacturer", "IBM"],
        ["Machine Type and Model", lun["type"]],
        ["Serial Number", lun["serial"]],
    ]


def _lost_paths(search: _Search, looked_at: Set[str], seen: Set[Tuple[str, str, str]]) -> None:
    """Paths below the adapters looked at that did not answer: Missing on an Available disk, else Defined."""
    for key, path in search.paths.items():
        if path["parent"] in looked_at and key not in seen and path["status"] != "Disabled":
            disk = search.odm["devices"].get(path["disk"])
            path["status"] = "Missing" if disk is not None and disk["status"] == AVAILABLE else "Defined"
