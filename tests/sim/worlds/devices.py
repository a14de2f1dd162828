"""Machines behind the device transcripts: state only, built from the parts that each transcript is about."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Tuple

from drboot.sim import odm as cuat
from drboot.sim import predefined
from drboot.sim.world import (
    Device,
    World,
    new_device,
    new_interface,
    new_lun,
    new_lv,
    new_odm_vg,
    new_path,
    new_route,
    new_slot,
    new_vg_pv,
    new_vgda,
    new_world,
)  # fmt: skip

L43, L53, L61, L71, L72 = "4320-00", "5300-12-09-1140", "6100-09-12-1837", "7100-05-03-1846", "7200-05-03-2148"


def machine(level: str = L72, *devices: Device, extra: Sequence[Tuple[str, str]] = (), **firmware: Any) -> World:
    """An LPAR with exactly these devices, all customised by hand."""
    world = new_world()
    world["odm"]["oslevel"] = level
    world["kernel"].update(running=True, hostname="aix1", nodename="aix1", run_level="2")  # type: ignore[call-arg]
    for key, value in firmware.items():
        world["firmware"][key] = value  # type: ignore[literal-required]
    world["firmware"]["extra"].update(dict(extra))
    world["odm"]["devices"] = {device["name"]: device for device in devices}
    return world


def device(name: str, cls: str, type: str, **fields: Any) -> Device:
    """A device of a predefined type, whatever its subclass."""
    row = predefined.find_type(cls, type)
    return new_device(name, row.cls, row.subclass, row.type, **fields)


def disk(name: str, kind: str, **fields: Any) -> Device:
    """kind: subclass/type, such as fcp/2145."""
    subclass, _, type = kind.partition("/")
    return new_device(name, "disk", subclass, type, **fields)


def customised(world: World, name: str, **values: Any) -> World:
    """Values as chdev or the configure method left them; a list for several values of one attribute."""
    for attribute, value in values.items():
        row = cuat.attribute_of(world, name, attribute)
        assert row is not None, attribute
        cuat.put(world["odm"], name, row, value if isinstance(value, list) else [value])
    return world


# ---------------------------------------------------------------- sys0, processors, memory


def system(level: str = L72, **firmware: Any) -> World:
    return machine(level, device("sys0", "sys", "chrp"), **firmware)


def power5_system() -> World:
    world = system(
        L61, systemid="IBM,0110ACFDE", model="9114-275", extra=[("fwversion", "IBM,RG080425_d79e22_r")]
    )  # fmt: skip
    return customised(world, "sys0", os_uuid="789f930f-b15c-4639-b842-b42603862704")


def processors(level: str, count: int, step: int, type: str, frequency: int, defined: int = 0) -> World:
    """``defined``: how many of the last ones are Defined only."""
    threads = str(step or 1)
    extra = [("processor_type", type), ("frequency", str(frequency)), ("smt_threads", threads)]
    rows = []
    for number in range(count):
        place = f"00-{number * step:02d}"
        status = 0 if number >= count - defined else 1
        rows.append(device(f"proc{number * step}", "processor", "proc_rspc", location=place, status=status))
    return machine(level, *rows, extra=extra, cpus=count)


def memory() -> World:
    return machine(L61, device("mem0", "memory", "totmem"), memory=3712)


# ---------------------------------------------------------------- interfaces


def interface(level: str, name: str, adapter: str = "IBM,l-lan", **values: Any) -> World:
    rows = [device(name, "if", "en", parent="ent" + name[2:])]
    if adapter:
        rows.append(device("ent" + name[2:], "adapter", adapter))
    return customised(machine(level, *rows), name, **values)


def loopback(level: str = L53) -> World:
    return machine(level, device("lo0", "if", "lo"))


def inet(level: str, hostname: str, routes: List[str]) -> World:
    return customised(machine(level, device("inet0", "tcpip", "inet")), "inet0", hostname=hostname, route=routes)


# ---------------------------------------------------------------- disks


def one_disk(level: str, row: Device, **values: Any) -> World:
    return customised(machine(level, row), row["name"], **values)


def disk_with_lun(name: str = "hdisk3", pvid: str = "") -> World:
    """A disk whose LUN answers."""
    slot = new_slot("C3", "vfc")
    world = machine(
        L72,
        device("fcs0", "adapter", "IBM,vfc-client", connwhere="C3", parent="vio0"),
        device("fscsi0", "driver", "emfscsi", parent="fcs0"),
        disk(name, "fcp/2107", parent="fscsi0", lun="ID3"),
        slots=[slot],
        mappings=[{"lun": "home:3", "slot": "C3", "target": "50050763", "lun_number": "4000400300000000"}],
    )
    world["san"]["luns"]["home:3"] = new_lun("home:3", unique_id="ID3", pvid=pvid)
    world["odm"]["paths"] = [new_path(name, "fscsi0", "50050763,4000400300000000", 0)]
    return customised(world, name, pvid=pvid + "0" * 16) if pvid else world


def disk_in_use() -> World:
    """The same disk in a varied-on VG."""
    world = disk_with_lun(pvid="00c276b008404975")
    world["odm"]["vgs"]["datavg"] = new_odm_vg("datavg", "00c276b000004c00000001234567890a", pvids=["00c276b008404975"])
    world["kernel"]["varied_on"]["datavg"] = {"mode": "active", "order": 0, "locked": False}
    return world


def iscsi_lun() -> World:
    """An iSCSI initiator with a new LUN, and ten disks that have their names already."""
    rows = [disk(f"hdisk{number}", "scsi/scsd", lun=f"OLD{number}") for number in range(10)]
    world = machine(
        L53,
        device("iscsi0", "driver", "iscsi_vdd", connwhere="iscsi", physloc="iscsi"),
        *rows,
        slots=[new_slot("iscsi", "iscsi", physloc="iscsi")],
        mappings=[{"lun": "home:10", "slot": "iscsi", "target": "", "lun_number": "0"}],
    )
    world["san"]["luns"]["home:10"] = new_lun(
        "home:10", kind="iscsi", type="osdisk", unique_id="SYNOLOGY10", pvid="00066345e9028f43"
    )
    return world


def vscsi_client() -> World:
    return machine(
        L71,
        device("vscsi0", "adapter", "IBM,v-scsi", connwhere="C2", physloc="U9119.FHB.06F42A0-V1-C2-T1"),
        slots=[new_slot("C2", "v-scsi")],
    )


def pathed(level: str, *rows: Tuple[str, str, str, int, str], opened: Sequence[str] = ()) -> World:
    """Disks with these paths (disk, parent, connection, id, status); ``opened`` ones belong to a varied-on VG."""
    names = sorted({row[0] for row in rows}, key=cuat.number_order)
    parents = sorted({row[1] for row in rows})
    kinds = {name: "vscsi/vdisk" for name, parent, *_ in rows if parent.startswith("vscsi")}
    world = machine(
        level,
        *(disk(name, kinds.get(name, "fcp/2145")) for name in names),
        *(
            device(parent, "driver", "efscsi")
            if parent.startswith("fscsi")
            else device(parent, "adapter", "IBM,v-scsi")
            for parent in parents
        ),
    )
    world["odm"]["paths"] = [new_path(*row[:4], status=row[4]) for row in rows]
    for name in names:
        if rows and any(row[0] == name and row[1] == "fscsi0" for row in rows):
            for path in world["odm"]["paths"]:
                path["path_status"] = "Sel"
    for number, name in enumerate(opened):
        pvid = f"00fa90ee0000000{number}"
        customised(world, name, pvid=pvid + "0" * 16)
        world["odm"]["vgs"][f"vg{number}"] = new_odm_vg(f"vg{number}", "", pvids=[pvid])
        world["kernel"]["varied_on"][f"vg{number}"] = {"mode": "active", "order": number, "locked": False}
    return world


def booted(level: str, name: str, paths: int) -> World:
    """A SAN boot disk whose LUN is in firmware's list once per path."""
    slots = [new_slot(f"C{3 + number}", "vfc") for number in range(paths)]
    rows: List[Device] = []
    for number, slot in enumerate(slots):
        rows.append(device(f"fcs{number}", "adapter", "IBM,vfc-client", connwhere=slot["slot"], parent="vio0"))
        rows.append(device(f"fscsi{number}", "driver", "emfscsi", parent=f"fcs{number}"))
    world = machine(level, *rows, disk(name, "fcp/2107", parent="fscsi0", lun="ROOT"))
    world["firmware"]["slots"] = slots
    world["san"]["luns"]["home:0"] = new_lun("home:0", unique_id="ROOT", pvid="00f6f42a0bd88942", boot_image=53276)
    customised(world, name, pvid="00f6f42a0bd88942" + "0" * 16)
    entries = []
    for number, slot in enumerate(slots):
        world["firmware"]["mappings"].append(
            {"lun": "home:0", "slot": slot["slot"], "target": "50050763", "lun_number": "4000400000000000"}
        )
        world["odm"]["paths"].append(new_path(name, f"fscsi{number}", "50050763,4000400000000000", number))
        entries.append({"lun": "home:0", "slot": slot["slot"], "target": "50050763", "blv": "hd5"})
    world["firmware"]["bootlist"]["normal"] = entries
    world["odm"]["vgs"]["rootvg"] = new_odm_vg("rootvg", "", pvids=["00f6f42a0bd88942"])
    world["kernel"]["boot_device"] = name
    return world


# ---------------------------------------------------------------- whole machines for prtconf


def add_vg(world: World, name: str, disk_name: str, size: int, pps: int, used: Sequence[Tuple[int, int]]) -> None:
    """A VG on one disk, varied on; ``used``: runs of PPs (first, count) that LVs hold."""
    number = len(world["odm"]["vgs"])
    pvid, vgid = f"00c45777000000{number:02x}", f"00c4577700004c00000000000000{number:04x}"
    world["odm"]["vgs"][name] = new_odm_vg(name, vgid, pvids=[pvid])
    world["kernel"]["varied_on"][name] = {"mode": "active", "order": number, "locked": False}
    lvs = [
        new_lv(f"{name}lv{n}", number=n + 1, lps=count, extents=[[pvid, first, count, 1]])
        for n, (first, count) in enumerate(used)
    ]
    world["san"]["vgdas"].setdefault("home", {})[vgid] = new_vgda(
        vgid, pp_size=size, pvs=[new_vg_pv(pvid, number=1, pps=pps, vgdas=2)], lvs=lvs
    )
    lun = new_lun(f"home:{number}", unique_id=f"LUN{number}", pvid=pvid, vgid=vgid)
    world["san"]["luns"][lun["id"]] = lun
    world["firmware"]["mappings"].append({"lun": lun["id"], "slot": "C4", "target": "", "lun_number": str(number)})
    world["odm"]["devices"][disk_name]["lun"] = lun["unique_id"]
    customised(world, disk_name, pvid=pvid + "0" * 16)


def add_paging(world: World, vg: str, name: str, lps: int) -> None:
    """A paging space in use, on the first PPs that another LV of the VG would hold otherwise."""
    vgda = world["san"]["vgdas"]["home"][world["odm"]["vgs"][vg]["vgid"]]
    lv = vgda["lvs"][0]
    pvid, first, count, copy = lv["extents"][0]
    assert lps <= count
    lv["extents"] = [[pvid, first + lps, count - lps, copy]]
    lv["lps"] = count - lps
    if lps == count:
        vgda["lvs"].remove(lv)
    vgda["lvs"].append(new_lv(name, number=9, type="paging", lps=lps, extents=[[pvid, first, lps, copy]]))
    world["kernel"]["active_paging"].append(name)
    world["kernel"]["open_lvs"].append(name)


def network(world: World, hostname: str, address: str, netmask: str, gateway: str) -> None:
    kernel = world["kernel"]
    kernel["hostname"] = kernel["nodename"] = hostname
    held = {"address": address, "netmask": netmask, "broadcast": ""}
    kernel["interfaces"]["en0"] = new_interface("en0", addresses=[held])
    kernel["routes"].append(new_route("default", gateway, "en0"))


def _hardware(*rows: Tuple[str, str, str, str]) -> List[Device]:
    """(name, class, type, location code)"""
    return [device(name, cls, type, physloc=place) for name, cls, type, place in rows]


POWER9 = (
    ("nx_crypto", "Capable and Enabled"),
    ("in_core_crypto", "Capable, but not Enabled"),
    ("processor_type", "PowerPC_POWER9"),
)


def m9s() -> World:
    """A POWER9 client of two virtual FC adapters, with one data VG and a cloned rootvg that is not varied on."""
    head = "U9080.M9S.21EC277-V7"
    where = f"{head}-C4-T1-W50050773000000E6"
    world = machine(
        L72,
        *_hardware(
            ("sys0", "sys", "chrp", ""),
            ("sysplanar0", "planar", "sysplanar_rspc", ""),
            ("vio0", "bus", "vdevice", ""),
            ("ent1", "adapter", "IBM,l-lan", f"{head}-C5-T1"),
            ("ent0", "adapter", "IBM,l-lan", f"{head}-C2-T1"),
            ("vsa0", "adapter", "hvterm1", f"{head}-C0"),
            ("vty0", "tty", "vty", f"{head}-C0-L0"),
            ("fcs0", "adapter", "IBM,vfc-client", f"{head}-C3-T1"),
            ("fscsi0", "driver", "emfscsi", f"{head}-C3-T1"),
            ("sfwcomm0", "storfwork", "sfwcomm", f"{head}-C3-T1-W0-L0"),
            ("fcs1", "adapter", "IBM,vfc-client", f"{head}-C4-T1"),
            ("fscsi1", "driver", "emfscsi", f"{head}-C4-T1"),
            ("hdisk0", "disk", "2107", f"{where}-L4000400000000000"),
            ("hdisk1", "disk", "2107", f"{where}-L4000400600000000"),
            ("hdisk2", "disk", "2107", f"{where}-L4000400700000000"),
            ("sfwcomm1", "storfwork", "sfwcomm", f"{head}-C4-T1-W0-L0"),
            ("L2cache0", "memory", "L2cache_rspc", ""),
            ("mem0", "memory", "totmem", ""),
            ("proc0", "processor", "proc_rspc", ""),
        ),
        extra=[*POWER9, ("frequency", "3400000000"), ("fwversion", "IBM,FW950.40 (VH950_099)")],
        systemid="IBM,0245XY777",
        model="9080-M9S",
        partition_number=7,
        partition_name="aix45",
        memory=8192,
        firmware_level="VH950_099",
    )
    network(world, "aix45", "192.168.1.45", "255.255.255.0", "192.168.1.1")
    add_vg(world, "rootvg", "hdisk0", 32, 639, [(44, 85), (129, 383)])
    add_vg(world, "psvg", "hdisk1", 16, 1275, [(1, 1275)])
    add_vg(world, "altinst_rootvg", "hdisk2", 32, 639, [(44, 85)])
    del world["kernel"]["varied_on"]["altinst_rootvg"]
    # 512 MB in rootvg, and the whole of psvg: 1275 PPs of 16 MB
    add_paging(world, "rootvg", "hd6", 16)
    add_paging(world, "psvg", "paging00", 1275)
    return customised(world, "sys0", fullcore="false")


def nine_oh_nine() -> World:
    """A POWER9 client of two virtual SCSI adapters."""
    head = "U9009.22A.7835450-V41"
    world = machine(
        "7300-01-01-2246",
        *_hardware(
            ("sys0", "sys", "chrp", ""),
            ("sysplanar0", "planar", "sysplanar_rspc", ""),
            ("vio0", "bus", "vdevice", ""),
            ("ent0", "adapter", "IBM,l-lan", f"{head}-C32-T1"),
            ("vscsi1", "adapter", "IBM,v-scsi", f"{head}-C3-T1"),
            ("vscsi0", "adapter", "IBM,v-scsi", f"{head}-C2-T1"),
            ("cd0", "cdrom", "vopt", f"{head}-C2-T1-L8200000000000000"),
            ("hdisk0", "disk", "vdisk", f"{head}-C2-T1-L8100000000000000"),
            ("vsa0", "adapter", "hvterm1", f"{head}-C0"),
            ("vty0", "tty", "vty", f"{head}-C0-L0"),
            ("L2cache0", "memory", "L2cache_rspc", ""),
            ("mem0", "memory", "totmem", ""),
            ("proc0", "processor", "proc_rspc", ""),
        ),
        extra=[*POWER9, ("frequency", "2500000000"), ("fwversion", "IBM,FW950.D0 (VL950_175)")],
        systemid="IBM,027835450",
        model="9009-22A",
        partition_number=41,
        partition_name="lpar1-pvm1-76faa655-0000096b",
        memory=2048,
        firmware_level="VL950_175",
    )
    network(world, "lpar1-pvm1", "192.0.2.113", "255.255.255.240", "192.0.2.126")
    add_vg(world, "rootvg", "hdisk0", 64, 799, [(104, 377), (481, 42)])
    add_paging(world, "rootvg", "hd6", 64)
    return world


def powervs() -> World:
    world = nine_oh_nine()
    world["firmware"].update(  # type: ignore[call-arg]
        systemid="IBM,0278C00A0", partition_number=37, partition_name="ans-4-51e59a83-000373d8",
        firmware_level="VL950_168", uname_m="00CC00A04B00",
    )  # fmt: skip
    world["firmware"]["extra"]["fwversion"] = "IBM,FW950.C1 (VL950_168)"
    return world


def qemu() -> World:
    world = nine_oh_nine()
    world["firmware"].update(  # type: ignore[call-arg]
        systemid="", partition_number=0, partition_name="aix_on_kvm", firmware_level="",
    )  # fmt: skip
    extra: Dict[str, str] = world["firmware"]["extra"]
    extra.update(processor_type="PowerPC_POWER7", frequency="1000000000", modelname="IBM pSeries (emulated by qemu)")
    return world


def power8_two_processors() -> World:
    """proc0 and proc8, and a disk whose location code is 60 characters wide."""
    world = nine_oh_nine()
    world["firmware"]["cpus"] = 2
    world["firmware"]["extra"].update(processor_type="PowerPC_POWER8", frequency="3891000000")
    world["odm"]["devices"]["proc8"] = device("proc8", "processor", "proc_rspc")
    world["odm"]["devices"]["hdisk0"]["physloc"] = "U8286.42A.212424W-V5-C12-T1-W500507680C11A9F8-L1000000000000"
    return world
