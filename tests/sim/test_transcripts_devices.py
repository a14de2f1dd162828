"""Devices, identity, boot list: every transcript of these commands is reproduced byte for byte, or listed why not.

Worlds are in worlds/devices.py.  The listed ones whose source altered blanks are still compared, without blanks.
"""

from __future__ import annotations

import calendar
from functools import partial
from typing import Callable, Dict, List, Tuple

import pytest

from drboot.sim.world import World, new_slot
from tests.sim.replay import Case, account, check, check_aftermath, check_words, counted, grep, head, run_on, transcript
from tests.sim.worlds import devices as w
from tests.sim.worlds.devices import L43, L53, L61, L71, L72, device, disk, machine

COMMANDS = (
    "lsattr", "chdev", "lsdev", "cfgmgr", "mkdev", "rmdev", "odmget", "lscfg", "lspath", "lsmpio", "bootlist",
    "bosboot", "bootinfo", "lparstat", "uname", "oslevel", "prtconf", "who", "rmpath", "chpath",
)  # fmt: skip

LSATTR, CHDEV, LSDEV, CFGMGR = "/usr/sbin/lsattr", "/usr/sbin/chdev", "/usr/sbin/lsdev", "/usr/sbin/cfgmgr"
MKDEV, RMDEV, ODMGET, LSCFG = "/usr/sbin/mkdev", "/usr/sbin/rmdev", "/usr/bin/odmget", "/usr/sbin/lscfg"
LSPATH, LSMPIO, BOOTLIST, BOSBOOT = "/usr/sbin/lspath", "/usr/sbin/lsmpio", "/usr/bin/bootlist", "/usr/sbin/bosboot"
BOOTINFO, LPARSTAT, UNAME, OSLEVEL = "/usr/sbin/bootinfo", "/usr/bin/lparstat", "/usr/bin/uname", "/usr/bin/oslevel"
PRTCONF, WHO, CHPATH, RMPATH = "/usr/sbin/prtconf", "/usr/bin/who", "/usr/sbin/chpath", "/usr/sbin/rmpath"


def rows_of(*names: str) -> Callable[[str], str]:
    """The rows of these attributes alone."""
    return lambda text: "".join(line for line in text.splitlines(keepends=True) if line.split()[0] in names)


def on_a_terminal(text: str) -> str:
    """What a recorder sees of a terminal line: the driver (onlcr) ends each line with a carriage return too."""
    return text.replace("\n", "\r\n")


def exists(name: str, status: str = "Available") -> Tuple[Tuple[str, ...], str]:
    return ((LSDEV, "-Cl", name, "-F", "name status"), f"{name} {status}")


def stored(name: str, attribute: str, value: str) -> Tuple[Tuple[str, ...], str]:
    """CuAt has this row."""
    return ((ODMGET, "-q", f"name={name} and attribute={attribute}", "CuAt"), f'\tvalue = "{value}"')


def not_stored(name: str, attribute: str) -> Tuple[Tuple[str, ...], str]:
    """CuAt has no such row: the default is shown."""
    return ((ODMGET, "-q", f"name={name} and attribute={attribute}", "CuAt"), "")


def value(name: str, attribute: str, text: str) -> Tuple[Tuple[str, ...], str]:
    return ((LSATTR, "-El", name, "-a", attribute, "-F", "value"), text)


# ---------------------------------------------------------------- lsattr

EN_CASES = [
    ("03-en0-unconfigured-down-53", "en0", partial(w.interface, L53, "en0"), not_stored("en0", "netaddr")),
    (
        "04-en3-detach-53",
        "en3",
        partial(w.interface, L53, "en3", netaddr="172.19.3.38", netmask="255.255.0.0", state="detach"),
        stored("en3", "state", "detach"),
    ),
    (
        "07-en2-mtu9000-53",
        "en2",
        partial(w.interface, L53, "en2", netaddr="192.168.4.160", netmask="255.255.255.0", mtu="9000", state="up"),
        stored("en2", "mtu", "9000"),
    ),
    (
        "08-en1-432",
        "en1",
        partial(w.interface, L43, "en1", "23100020", netaddr="192.0.2.100", netmask="255.255.255.0", state="up"),
        stored("en1", "netaddr", "192.0.2.100"),
    ),
    ("31-en-unconfigured-with-mtu-bypass", "en0", partial(w.interface, L71, "en0"), not_stored("en0", "mtu_bypass")),
    (
        "50-en1-one-alias4",
        "en1",
        partial(
            w.interface, L53, "en1", netaddr="10.3.40.160", netmask="255.255.255.0", state="up",
            alias4="192.168.203.160,255.255.255.0",
        ),
        stored("en1", "alias4", "192.168.203.160,255.255.255.0"),
    ),
    (
        "52-en0-plain",
        "en0",
        partial(w.interface, L53, "en0", netaddr="192.168.2.1", netmask="255.255.255.0", state="up"),
        stored("en0", "netaddr", "192.168.2.1"),
    ),
    (
        "53-en2-etherchannel-unconfigured",
        "en2",
        partial(w.interface, L53, "en2", "ibm_ech"),
        ((LSDEV, "-Cl", "ent2", "-F", "type"), "ibm_ech"),
    ),
    (
        "56-en0-old-format",
        "en0",
        partial(w.interface, L43, "en0", "22100020", netaddr="172.26.20.127", netmask="255.255.0.0", state="up"),
        stored("en0", "netmask", "255.255.0.0"),
    ),
    (
        "58-en0-5.3c",
        "en0",
        partial(w.interface, L53, "en0", netaddr="192.168.1.160", netmask="255.255.255.0", mtu="9000", state="up"),
        value("en0", "mtu", "9000"),
    ),
    ("59-en-unconfigured-aix7-21-attrs", "en0", partial(w.interface, L72, "en0"), value("en0", "thread", "off")),
]  # fmt: skip

SVC = "33213600507110180813E50000000000003F304214503IBMfcp"
SDDPCM_DISK = {
    "lun_id": "0x2000000000000", "node_name": "0x500507110110c1a4", "pvid": "00fa90eee3be28e9" + "0" * 16,
    "scsi_id": "0xc95400", "unique_id": SVC, "ww_name": "0x500507110110c1a4",
}  # fmt: skip
AIXPCM_DISK = {
    **SDDPCM_DISK, "node_name": "0x500507110100c1a4", "algorithm": "shortest_queue", "reserve_policy": "no_reserve"
}  # fmt: skip
SAS_ID = "2A1135000C5005EA9607B0BST9146853SS03IBMsas"
SAS_DISK = partial(
    w.one_disk, L61, disk("hdisk0", "sas/scsd"), size_in_mb="146800", unique_id=SAS_ID, ww_id="5000c5005ea9607b",
    pvid="00f8c13b65847a82" + "0" * 16,
)  # fmt: skip
ISCSI_DISK = partial(
    w.one_disk, L53, disk("hdisk10", "iscsi/osdisk"), host_addr="172.29.88.61", lun_id="0x0",
    pvid="00066345e9028f43" + "0" * 16, target_name="iqn.2000-01.com.synology:themain-2nd.erp",
)  # fmt: skip
POWER_DISK = partial(
    w.one_disk, L61, disk("hdiskpower3", "power/power"), lun_id="0x3000000000000", scsi_id="0x11600",
    pvid="00f8c13b3303bc10" + "0" * 16, ww_name="0x500601693ee02689",
)  # fmt: skip
ROUTES = [
    "net,-hopcount,0,,0,10.20.225.1",
    "net,-hopcount,0,,,,,,-static,192.168.25.40,10.22.135.5",
    "net,-hopcount,0,,,,,,-static,192.168.25.40,10.22.195.5",
    "net,-hopcount,0,-netmask,255.255.255.0,,,,,-static,10.0.1.0,10.22.160.5",
    "net,-hopcount,0,-netmask,255.255.255.0,-if,en1,,,,-static,10.0.5.0,10.22.160.5",
]
POWER8_ONE = partial(w.processors, L72, 1, 8, "PowerPC_POWER8", 3891000000)
POWER7_ONE = partial(w.processors, L61, 1, 4, "PowerPC_POWER7", 3300000000)
POWER5_TWO = partial(w.processors, L53, 1, 2, "PowerPC_POWER5", 1654344000)

LSATTR_CASES = [
    *(
        Case(f"lsattr/{name}", world, (LSATTR, "-E", "-l", interface), also=(exists(interface), agrees))
        for name, interface, world, agrees in EN_CASES
    ),
    Case(
        "lsattr/02-iscsi-disk-with-pvid", ISCSI_DISK, (LSATTR, "-El", "hdisk10"),
        also=(exists("hdisk10"), stored("hdisk10", "pvid", "00066345e9028f43" + "0" * 16)),
    ),
    Case(
        "lsattr/03-sas-disk-unique_id", SAS_DISK, (LSATTR, "-El", "hdisk0"),
        also=(exists("hdisk0"), stored("hdisk0", "unique_id", SAS_ID)),
    ),
    Case(
        "lsattr/04-hdiskpower-single_path", POWER_DISK, (LSATTR, "-El", "hdiskpower3"),
        also=(exists("hdiskpower3"), not_stored("hdiskpower3", "reserve_policy")),
    ),
    Case(
        "lsattr/07-pvid-F-value", partial(w.disk_with_lun, pvid="00c276b008404975"),
        (LSATTR, "-El", "hdisk3", "-a", "pvid", "-F", "value"),
        also=(exists("hdisk3"), stored("hdisk3", "pvid", "00c276b008404975" + "0" * 16)),
    ),
    Case(
        "lsattr/08-pvid-F-value-none", w.disk_with_lun, (LSATTR, "-El", "hdisk3", "-a", "pvid", "-F", "value"),
        also=(exists("hdisk3"), not_stored("hdisk3", "pvid")),
    ),
    Case(
        "lsattr/09-lo0-53", w.loopback, (LSATTR, "-E", "-l", "lo0"),
        also=(exists("lo0"), value("lo0", "netaddr", "127.0.0.1")),
    ),
    Case(
        "lsattr/11-hdisk0-EO-size-61", partial(w.one_disk, L61, disk("hdisk0", "sas/scsd"), size_in_mb="69797"),
        (LSATTR, "-EOl", "hdisk0", "-a", "size_in_mb"), also=(exists("hdisk0"), value("hdisk0", "size_in_mb", "69797")),
    ),
    Case(
        "lsattr/13-mem0-EO-empty-values-61", w.memory, (LSATTR, "-EOl", "mem0"),
        also=(exists("mem0"), value("mem0", "goodsize", "3712")),
    ),
    Case(
        "lsattr/15-proc0-EO-multi-a-61", POWER7_ONE, (LSATTR, "-EOl", "proc0", "-a", "type:frequency:smt_threads"),
        also=(exists("proc0"), value("proc0", "smt_threads", "4")),
    ),
    Case(
        "lsattr/17-sys0-systemid-before-lpm", partial(w.system, systemid="IBM,017268B60"),
        (LSATTR, "-El", "sys0", "-a", "systemid"),
        also=(((UNAME, "-u"), "IBM,017268B60"), value("sys0", "systemid", "IBM,017268B60")),
    ),
    Case(
        "lsattr/19-sys0-systemid-prefix03", partial(w.system, systemid="IBM,0306C090G"),
        (LSATTR, "-El", "sys0", "-a", "systemid"),
        also=(((UNAME, "-u"), "IBM,0306C090G"), ((LSATTR, "-EOl", "sys0", "-a", "systemid"), "IBM,0306C090G")),
    ),
    Case(
        "lsattr/20-sys0-p5-excerpt", w.power5_system, (LSATTR, "-El", "sys0"),
        also=(((UNAME, "-M"), "IBM,9114-275"), ((UNAME, "-u"), "IBM,0110ACFDE")),
        pick=rows_of("fwversion", "modelname", "os_uuid", "systemid"),
    ),
    Case(
        "lsattr/21-sys0-maxuproc-H-header", partial(w.system, L53), (LSATTR, "-HEl", "sys0", "-a", "maxuproc"),
        also=(exists("sys0"), not_stored("sys0", "maxuproc")),
    ),
    Case(
        "lsattr/24-proc0-type-72", POWER8_ONE, (LSATTR, "-El", "proc0", "-a", "type"),
        also=(exists("proc0"), value("proc0", "frequency", "3891000000")),
    ),
    Case(
        "lsattr/26-proc0-full", POWER5_TWO, (LSATTR, "-El", "proc0"),
        also=(exists("proc0"), ((LSDEV, "-Cc", "processor"), "proc0 Available 00-00 Processor")),
    ),
    Case(
        "lsattr/27-hdisk4-sddpcm", partial(w.one_disk, L71, disk("hdisk4", "fcp/2145"), **SDDPCM_DISK),
        (LSATTR, "-El", "hdisk4"), also=(exists("hdisk4"), stored("hdisk4", "unique_id", SVC)),
    ),
    Case(
        "lsattr/28-hdisk4-aixpcm-trueplus", partial(w.one_disk, L71, disk("hdisk4", "fcp/aixmpiosvc"), **AIXPCM_DISK),
        (LSATTR, "-El", "hdisk4"), also=(exists("hdisk4"), stored("hdisk4", "algorithm", "shortest_queue")),
    ),
    Case(
        "lsattr/55-lo0-with-ipv6", w.loopback, (LSATTR, "-E", "-l", "lo0"),
        also=(exists("lo0"), value("lo0", "netaddr6", "::1")),
    ),
    Case(
        "lsattr/61-inet0-route-values-static", partial(w.inet, L71, "aix1", ROUTES),
        (LSATTR, "-El", "inet0", "-a", "route", "-F", "value"),
        also=(stored("inet0", "route", ROUTES[0]), stored("inet0", "route", ROUTES[4])),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- chdev, cfgmgr, mkdev, rmdev


def without_boot_lv(world: Callable[[], World]) -> Callable[[], World]:
    def made() -> World:
        broken = world()
        broken["odm"]["boot_lv_ok"] = False
        return broken

    return made


def ethernet_433(status: int) -> World:
    """One PCI Ethernet adapter that firmware presents."""
    ent0 = device("ent0", "adapter", "22100020", status=status, location="10-80", physloc="10-80", connwhere="slot1")
    return machine("4330-10", ent0, slots=[new_slot("slot1", "physical", type="22100020", physloc="10-80")])


CHANGE_CASES = [
    Case(
        "chdev/01-pv-yes", w.disk_with_lun, (CHDEV, "-l", "hdisk3", "-a", "pv=yes"),
        also=(exists("hdisk3"), value("hdisk3", "pvid", "none")),
        then=(exists("hdisk3"), ((LSATTR, "-El", "hdisk3", "-a", "pvid", "-F", "attribute"), "pvid")),
    ),
    Case(
        "chdev/01-sys0-changed", w.system, (CHDEV, "-l", "sys0", "-a", "maxuproc=200"),
        also=(exists("sys0"), value("sys0", "maxuproc", "128")),
        then=(value("sys0", "maxuproc", "200"), stored("sys0", "maxuproc", "200")),
    ),
    Case(
        "chdev/02-pv-busy-0514-062", w.disk_in_use, (CHDEV, "-l", "hdisk3", "-a", "pv=clear"),
        also=(exists("hdisk3"), value("hdisk3", "pvid", "00c276b008404975" + "0" * 16)),
        then=(value("hdisk3", "pvid", "00c276b008404975" + "0" * 16), exists("hdisk3")),
    ),
    Case(
        "chdev/50-en-changed", partial(w.interface, L72, "en2"),
        (CHDEV, "-l", "en2", "-a", "netaddr=192.0.2.7", "-a", "netmask=255.255.255.0", "-a", "state=up"),
        also=(exists("en2"), value("en2", "state", "down")),
        then=(
            stored("en2", "netaddr", "192.0.2.7"),
            (("/usr/sbin/ifconfig", "en2"), "        inet 192.0.2.7 netmask 0xffffff00 broadcast 192.0.2.255"),
        ),
    ),
    Case(
        "cfgmgr/01-opt-v-iscsi-one-disk", w.iscsi_lun, (CFGMGR, "-v", "-l", "iscsi0"),
        also=(exists("iscsi0"), ((LSDEV, "-l", "hdisk10"), "")),
        then=(
            ((LSDEV, "-l", "hdisk10"), "hdisk10 Available  Other iSCSI Disk Drive"),
            stored("hdisk10", "pvid", "00066345e9028f43" + "0" * 16),
        ),
    ),
    Case(
        "cfgmgr/01-v-l-vscsi0", w.vscsi_client, (CFGMGR, "-vl", "vscsi0"), pick=head(8),
        also=(exists("vscsi0"), ((LSPATH, "-p", "vscsi0"), "")), then=(exists("vscsi0"), ((LSPATH,), "")),
    ),
    Case(
        "mkdev/01-l-ent0-433", partial(ethernet_433, 0), (MKDEV, "-l", "ent0"), also=(exists("ent0", "Defined"),),
        then=(exists("ent0"), ((LSDEV, "-Cc", "if", "-F", "name"), "en0")),
    ),
    Case(
        "rmdev/01-Rdl-hdisk", partial(w.disk_with_lun, "hdisk1"), (RMDEV, "-Rdl", "hdisk1"), also=(exists("hdisk1"),),
        then=(((LSDEV, "-Cc", "disk"), ""), ((LSPATH,), "")),
    ),
    Case(
        "rmdev/01-opt-Rdl-disk", ISCSI_DISK, (RMDEV, "-Rdl", "hdisk10"), also=(exists("hdisk10"),),
        then=(((LSDEV, "-l", "hdisk10"), ""), ((ODMGET, "-q", "name=hdisk10", "CuAt"), "")),
    ),
    Case(
        "rmdev/03-l-ent0-433", partial(ethernet_433, 1), (RMDEV, "-l", "ent0"), also=(exists("ent0"),),
        then=(exists("ent0", "Defined"), ((ODMGET, "-q", "name=ent0", "CuDv"), "\tstatus = 0")),
    ),
    Case(
        "rmdev/04-error-savebase-ipldevice", without_boot_lv(w.disk_with_lun), (RMDEV, "-dl", "hdisk3"),
        also=(exists("hdisk3"),), then=(((LSDEV, "-l", "hdisk3"), ""), ((LSPATH,), "")),
    ),
    Case(
        "rmdev/50-savebase-failure-no-hd5", without_boot_lv(w.system), (CHDEV, "-l", "sys0", "-a", "clouddev=1"),
        also=(value("sys0", "clouddev", "0"),),
        then=(value("sys0", "clouddev", "1"), stored("sys0", "clouddev", "1")),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- lsdev


def adapters(level: str, *rows: Tuple[str, str]) -> Callable[[], World]:
    return partial(machine, level, *(device(name, "adapter", type) for name, type in rows))


GX = "14101403"
ETHERCHANNEL = adapters(
    L53, ("usbhc1", "22106474"), ("ent0", GX), ("ent1", GX), ("vsa0", "hvterm1"), ("ent4", "eth"), ("ent3", "eth"),
    ("ent2", "ibm_ech"), ("sisioa0", "14108d02"), ("usbhc0", "22106474"),
)  # fmt: skip
VIO_CLIENT = adapters(
    L53, ("lhea0", "IBM,lhea"), ("ent2", "IBM,l-lan"), ("ent0", "ethernet"), ("ent1", "ethernet"),
    ("vscsi0", "IBM,v-scsi"), ("vsa0", "hvterm1"),
)  # fmt: skip
BLADE = adapters(
    L61, ("vsa0", "hvterm1"), ("ati0", "02105e51"), ("ent0", "14106703"), ("ent1", "14106703"), ("lhea0", "IBM,lhea"),
    ("ent2", "ethernet"), ("ent3", "ethernet"), ("fcs0", "77103224"), ("fcs1", "77103224"), ("mptsas0", "00105000"),
    ("sissas0", "1410c102"), ("usbhc0", "33103500"), ("usbhc1", "33103500"), ("usbhc2", "3310e000"),
)  # fmt: skip
AIX_432 = adapters(
    L43, ("sa0", "pnp501"), ("sa1", "pnp501"), ("sa2", "pnp501"), ("siokma0", "kma_chrp"), ("fda0", "pnp700"),
    ("scsi0", "ncr825"), ("scsi1", "sym875"), ("scsi2", "sym875"), ("scsi3", "ncr825"), ("sioka0", "keyboard"),
    ("ppa0", "pnp400"), ("sa3", "4f111100"), ("ent0", "22100020"), ("sioma0", "mouse"), ("ent1", "23100020"),
)  # fmt: skip
ADAPTER_FORM = (LSDEV, "-Cc", "adapter", "-F", "name:type:description")


def disks_of(level: str, kinds: Dict[str, str], **fields: Dict[str, str]) -> Callable[[], World]:
    """name -> kind; ``fields``: name -> further fields."""
    return partial(machine, level, *(disk(name, kind, **fields.get(name, {})) for name, kind in kinds.items()))


def buses() -> World:
    rows = [(f"pci{n}", "pciex" if n in (4, 5) else "pci") for n in range(7)] + [("vio0", "vdevice")]
    return machine(L61, *(device(name, "bus", type) for name, type in rows))


def stale_disks() -> World:
    rows = [disk("hdisk0", "scsi/scsd", location="04-08-00-8,0")]
    rows += [disk(f"hdisk{n}", "fcp/mpioapdisk", location="02-08-01", status=0) for n in (1, 2, 3)]
    rows[0]["description"] = "16 Bit LVD SCSI Disk Drive"
    return machine(L61, *rows)


def mixed_disks() -> World:
    return machine(L71, disk("hdisk0", "vscsi/vdisk"), disk("hdisk4", "fcp/2145", location="24-T1-01"))


def scsi_431() -> World:
    rows = [disk(f"hdisk{n}", "scsi/scsd", description="16 Bit SCSI Disk Drive") for n in range(4)]
    return machine("4310-00", *rows, *(disk(f"hdisk{n}", "scsi/osdisk") for n in (4, 5)))


def one_processor_defined() -> World:
    return w.processors(L61, 2, 4, "PowerPC_POWER7", 3000000000, defined=1)


def two_fcs() -> World:
    kind = "df1000f114108a03"
    return machine(
        L61,
        device("fcs0", "adapter", kind, location="00-00", status=0),
        device("fcs1", "adapter", kind, location="04-00"),
    )


def listed(name: str, parent_class: str = "adapter") -> Tuple[Tuple[str, ...], str]:
    return ((LSDEV, "-Cc", parent_class, "-F", "name"), name)


LSDEV_CASES = [
    Case("lsdev/03-adapter-F-etherchannel-vlan-53", ETHERCHANNEL, ADAPTER_FORM, also=(exists("ent3"), listed("ent2"))),
    Case("lsdev/50-adapter-F-etherchannel-vlan", ETHERCHANNEL, ADAPTER_FORM, also=(exists("ent4"), listed("vsa0"))),
    Case("lsdev/04-adapter-F-vio-client-53", VIO_CLIENT, ADAPTER_FORM, also=(exists("vscsi0"), listed("ent2"))),
    Case("lsdev/52-adapter-F-vio-client", VIO_CLIENT, ADAPTER_FORM, also=(exists("lhea0"), listed("ent0"))),
    Case("lsdev/53-adapter-F-blade", BLADE, ADAPTER_FORM, also=(exists("fcs1"), value("fcs1", "num_cmd_elems", "200"))),
    Case("lsdev/06-adapter-F-432", AIX_432, ADAPTER_FORM, also=(exists("sa3"), listed("ent1"))),
    Case(
        "lsdev/05-opt-Cc-disk-defined", stale_disks, (LSDEV, "-Cc", "disk"),
        also=(exists("hdisk1", "Defined"), ((ODMGET, "-q", "name=hdisk1", "CuDv"), "\tstatus = 0")),
    ),
    Case(
        "lsdev/07-bus-F-61", buses, (LSDEV, "-Cc", "bus", "-F", "name:description"),
        also=(exists("vio0"), ((LSCFG, "-l", "pci4"), "  pci4               PCI Express Bus")),
    ),
    Case(
        "lsdev/08-disk-fcp-F-61", disks_of(L61, {f"hdisk{n}": "fcp/osdisk" for n in range(17, 1, -1)}),
        (LSDEV, "-Cc", "disk", "-s", "fcp", "-F", "name:description"),
        also=(exists("hdisk17"), value("hdisk2", "pvid", "none")),
    ),
    Case(
        "lsdev/08-rpvserver",
        partial(machine, L53, *(device(f"rpvserver{n}", "rpvserver", "rpvstype") for n in (0, 1))),
        (LSDEV, "-C", "-c", "rpvserver", "-F", "name status description"),
        also=(exists("rpvserver0"), listed("rpvserver1", "rpvserver")),
    ),
    Case(
        "lsdev/09-disk-vscsi-F-53", disks_of(L53, {"hdisk0": "vscsi/vdisk", "hdisk1": "vscsi/vdisk"}),
        (LSDEV, "-Cc", "disk", "-s", "vscsi", "-F", "name:description"),
        also=(exists("hdisk1"), value("hdisk1", "queue_depth", "3")),
    ),
    Case(
        "lsdev/10-opt-l-one-disk", ISCSI_DISK, (LSDEV, "-l", "hdisk10"),
        also=(value("hdisk10", "host_addr", "172.29.88.61"), listed("hdisk10", "disk")),
    ),
    Case(
        "lsdev/11-disk-scsi-431", scsi_431, (LSDEV, "-Cc", "disk", "-s", "scsi", "-F", "name:description"),
        also=(exists("hdisk5"), listed("hdisk0", "disk")),
    ),
    Case(
        "lsdev/12-memory-totmem-61", w.memory, (LSDEV, "-Cc", "memory", "-F", "name", "-t", "totmem"),
        also=(exists("mem0"), value("mem0", "size", "3712")),
    ),
    Case(
        "lsdev/14-tape-status-53", partial(machine, L53, device("rmt0", "tape", "4mm4gb")),
        (LSDEV, "-Cc", "tape", "-s", "scsi", "-F", "name:description:status"),
        also=(exists("rmt0"), listed("rmt0", "tape")),
    ),
    Case(
        "lsdev/15-disk-mixed-vscsi-fc", mixed_disks, (LSDEV, "-Cc", "disk"),
        also=(exists("hdisk4"), value("hdisk4", "PCM", "PCM/friend/sddpcm")),
    ),
    Case(
        "lsdev/17-processor-72", partial(w.processors, L72, 10, 8, "PowerPC_POWER8", 3891000000),
        (LSDEV, "-Cc", "processor"), also=(exists("proc72"), value("proc72", "smt_threads", "8")),
    ),
    Case(
        "lsdev/21-processor-72-two", partial(w.processors, L72, 2, 8, "PowerPC_POWER8", 3891000000),
        (LSDEV, "-Cc", "processor"), also=(exists("proc8"), value("proc8", "type", "PowerPC_POWER8")),
    ),
    Case(
        "lsdev/19-processor-one-defined", one_processor_defined, (LSDEV, "-Cc", "processor"),
        also=(exists("proc4", "Defined"), ((LSDEV, "-S", "a", "-F", "name"), "proc0")),
    ),
    Case(
        "lsdev/20-fcs-defined-available", two_fcs, (LSDEV, "-Cc", "adapter", "-l", "fcs*"),
        also=(exists("fcs0", "Defined"), exists("fcs1")),
    ),
    Case(
        "lsdev/55-if-single", partial(w.interface, L71, "en0"), (LSDEV, "-Cc", "if"),
        also=(value("en0", "state", "down"), listed("ent0")),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- lscfg, prtconf


def heading(text: str) -> List[str]:
    return [text + ":", ""]


LLAN = "Virtual I/O Ethernet Adapter (l-lan)"


def lhea_and_llan() -> World:
    vio = "U8233.E8B.10086CP-V3-C4-T1"
    ent0 = device("ent0", "adapter", "IBM,l-lan", physloc=vio)
    ent0["vpd"] = [["Network Address", "D213C0153A04"], ["Displayable Message", LLAN], ["Hardware Location Code", vio]]
    rows = [ent0]
    for name, port, mac in (("ent2", "T3", "00215EA67CD0"), ("ent1", "T1", "00215EA67CC0")):
        row = device(name, "adapter", "ethernet", physloc=f"U78A0.001.DNWHPLG-P1-C6-{port}")
        row["vpd"] = [heading("IBM Host Ethernet Adapter"), ["Network Address", mac]]
        rows.append(row)
    return machine(L61, *rows, device("en0", "if", "en"), device("ent9", "adapter", "eth"))


def two_ports() -> World:
    title = "2-Port 10/100/1000 Base-TX PCI-X Adapter"
    rows = []
    for number, port in enumerate(("T5", "T6")):
        place = f"U787A.001.DPM2CW2-P1-{port}"
        row = device(f"ent{number}", "adapter", "14108902", physloc=place)
        row["vpd"] = [
            heading(title), ["Network Address", f"00145E4D20C{number + 6}"], ["ROM Level (alterable)", "DV0210"],
            ["Device Specific.(YL)", place],
        ]  # fmt: skip
        rows.append(row)
    return machine(L53, *rows)


def pci_43(*rows: Tuple[str, str, str, str, str]) -> World:
    """(name, type, location, MAC, Device Specific.(YL) or "")"""
    found = []
    for name, type, place, mac, specific in rows:
        row = device(name, "adapter", type, physloc=place, location=place)
        row["vpd"] = [["Network Address", mac], ["Displayable Message", f"PCI Ethernet Adapter ({type})"]]
        row["vpd"] += [["Device Specific.(YL)", specific]] if specific else []
        found.append(row)
    return machine(L43, *found)


def hitachi() -> World:
    row = disk("hdisk3", "fcp/osdisk", physloc="U5877.001.00H0441-P1-C6-T2-W50060E80104AA033-L2000000000000")
    specific = ["00000432B3001102", "001E", ".", ".", "....", "", ""]
    row["vpd"] = [
        ["Manufacturer", "HITACHI"], ["Machine Type and Model", "DF600F"], ["Part Number", ""],
        ["ROS Level and ID", "30303030"], ["Serial Number", "83040523"], ["EC Level", ""], ["FRU Number", "0523"],
        *([f"Device Specific.(Z{number})", text] for number, text in enumerate(specific)),
    ]  # fmt: skip
    return machine(L61, row)


def scsi_73gb() -> World:
    row = disk("hdisk0", "scsi/scsd", physloc="U787A.001.DPM2CW2-P1-T10-L3-L0")
    row["description"] = "16 Bit LVD SCSI Disk Drive (73400 MB)"
    specific = ["000004129F00013E", "0930C70C", "0002", "06031", "0001", "22", "H13979    "]
    row["vpd"] = [
        ["Manufacturer", "IBM     "], ["Machine Type and Model", "ST373207LC      "], ["FRU Number", "03N6325     "],
        ["ROS Level and ID", "43373043"], ["Serial Number", "00060321"], ["EC Level", "H13979    "],
        ["Part Number", "26K5533     "],
        *([f"Device Specific.(Z{number})", text] for number, text in enumerate(specific)),
    ]  # fmt: skip
    return machine(L53, row)


def planar() -> World:
    system, enclosure = "U8233.E8B.10086CP", "U78A0.001.DNWHPLG"
    row = device("sysplanar0", "planar", "sysplanar_rspc")
    row["vpd"] = [
        heading("System VPD"), ["Record Name", "VSYS"], ["Flag Field", "XXSV"], ["Brand", "S0"],
        ["Hardware Location Code", system], ["Machine/Cabinet Serial No", "10086CP"],
        ["Machine Type and Model", "8233-E8B"], ["System Unique ID (SUID)", "0004AC143433"],
        ["World Wide Port Name", "C05076027866"], ["Version", "ipzSeries"],
        heading("CEC"), ["Record Name", "VCEN"], ["Flag Field", "XXEV"], ["Brand", "S0"],
        ["Hardware Location Code", enclosure], ["Machine/Cabinet Serial No", "DNWHPLG"],
        ["Machine Type and Model", "78A0-001"], ["Controlling CEC ID", "8233-E8B 10086CP"],
        ["Rack Serial Number", "0000000000000000"], ["Feature Code/Marketing ID", "78A0-001"],
        ["Version", "ipzSeries"],
    ]  # fmt: skip
    return machine(L61, row, model="8233-E8B", systemid="IBM,0210086CP")


def fcs_8gb() -> World:
    place = "U78CB.001.WZS00ZS-P1-C9-T1"
    row = device("fcs1", "adapter", "df1000f114108a03", physloc=place, location="04-00")
    row["vpd"] = [
        ["Part Number", "00E0806"], ["Serial Number", "1C4090830F"], ["Manufacturer", "001C"],
        ["EC Level", " D77161"], ["Customer Card ID Number", "577D"], ["FRU Number", "00E0806"],
        ["Device Specific.(ZM)", "3"], ["Network Address", "10000090FA551508"], ["ROS Level and ID", "027820B7"],
        ["Device Specific.(Z0)", "31004549"], ["Device Specific.(ZC)", "00000000"], ["Hardware Location Code", place],
    ]  # fmt: skip
    return machine(L71, row)


def svc_disk() -> World:
    row = disk("hdisk4", "fcp/aixmpiosvc", physloc="U8408.E8E.8490ECW-V2-C24-T1-W500507110110C1CA4-L2000000000000")
    specific = ["0000063268181002", "", "", ""]
    row["vpd"] = [
        ["Manufacturer", "IBM"], ["Machine Type and Model", "2145"], ["ROS Level and ID", "30303030"],
        ["Serial Number", "2145"], *([f"Device Specific.(Z{number})", text] for number, text in enumerate(specific)),
    ]  # fmt: skip
    return machine(L71, row)


VSCSI_DISK = partial(machine, L53, disk("hdisk0", "vscsi/vdisk", physloc="U7778.23X.106BDCA-V6-C2-T1-L810000000000"))
RESOLV = {"/etc/resolv.conf": "nameserver 192.168.1.10\ndomain domain.org\n"}
M9S_AGREES = (
    ((UNAME, "-L"), "7 aix45"),
    ((LSDEV, "-Cc", "disk", "-F", "name"), "hdisk2"),
    (("/usr/sbin/lsvg",), "altinst_rootvg"),
    (("/usr/sbin/lsps", "-s"), "      20912MB               0%"),
)

LSCFG_CASES = [
    Case(
        "lscfg/01-en-lhea-and-l-lan-61", lhea_and_llan, (LSCFG, "-v", "-l", "en*"),
        also=(exists("ent1"), ((LSDEV, "-Cl", "ent0", "-F", "physloc"), "U8233.E8B.10086CP-V3-C4-T1")),
    ),
    Case(
        "lscfg/50-ent-virtual-and-lphea", lhea_and_llan, (LSCFG, "-v", "-l", "ent*"),
        also=(exists("ent2"), listed("ent2")),
    ),
    Case("lscfg/52-ent-physical-2port", two_ports, (LSCFG, "-v", "-l", "ent*"), also=(exists("ent1"), listed("ent0"))),
    Case(
        "lscfg/05-en-header-432",
        partial(
            pci_43, ("ent1", "23100020", "10-70", "002035B58B46", "P2-I4"),
            ("ent0", "22100020", "10-80", "08005ABAEBDA", "P2/E1"),
        ),
        (LSCFG, "-v", "-l", "en*"),
        also=(exists("ent1"), ((LSDEV, "-l", "ent0", "-F", "location"), "10-80")),
    ),
    Case(
        "lscfg/55-ent-old-location-code", partial(pci_43, ("ent0", "22100020", "10-80", "08005ABAE967", "")),
        (LSCFG, "-v", "-l", "ent*"), also=(exists("ent0"), ((LSDEV, "-l", "ent0", "-F", "location"), "10-80")),
    ),
    Case(
        "lscfg/06-hdisk3-hitachi-61", hitachi, (LSCFG, "-p", "-v", "-s", "-l", "hdisk3"),
        also=(exists("hdisk3"), ((LSDEV, "-Cc", "disk"), "hdisk3 Available  Other FC SCSI Disk Drive")),
    ),
    Case(
        "lscfg/09-hdisk0-scsi-53", scsi_73gb, (LSCFG, "-p", "-v", "-s", "-l", "hdisk0"),
        also=(exists("hdisk0"), ((LSDEV, "-Cc", "disk", "-F", "physloc"), "U787A.001.DPM2CW2-P1-T10-L3-L0")),
    ),
    Case(
        "lscfg/10-sysplanar0-head-61", planar, (LSCFG, "-vpl", "sysplanar0"),
        also=(exists("sysplanar0"), ((UNAME, "-M"), "IBM,8233-E8B")),
    ),
    Case(
        "lscfg/12-fcs1-8gb", fcs_8gb, (LSCFG, "-vl", "fcs1"), pick=head(14),
        also=(exists("fcs1"), ((LSDEV, "-l", "fcs1", "-F", "location"), "04-00")),
    ),
    Case("prtconf/01-lsconf-9080-m9s-npiv-73ish", w.m9s, (PRTCONF,), also=M9S_AGREES, root=RESOLV),
    Case(
        "prtconf/50-power9-network-block", w.m9s, ("/usr/sbin/lsconf",), pick=on_a_terminal, also=M9S_AGREES,
        root=RESOLV,
    ),
    Case(
        "prtconf/03-9009-22a-vscsi-73", w.nine_oh_nine, (PRTCONF,), pick=head(63),
        also=(((UNAME, "-L"), "41 lpar1-pvm1-76faa655-0000096b"), value("sys0", "systemid", "IBM,027835450")),
    ),
    Case(
        "prtconf/04-9009-22a-powervs-head-73", w.powervs, (PRTCONF,), pick=head(19),
        also=(((UNAME, "-m"), "00CC00A04B00"), value("sys0", "fwversion", "IBM,FW950.C1 (VL950_168)")),
    ),
    Case(
        "prtconf/06-qemu-power7-72-head", w.qemu, (PRTCONF,), pick=head(13),
        also=(((UNAME, "-L"), "0 aix_on_kvm"), value("proc0", "type", "PowerPC_POWER7")),
    ),
    Case(
        "prtconf/07-grep-processor-72", w.power8_two_processors, (PRTCONF,), pick=grep("Processor"),
        also=(exists("proc8"), value("proc8", "frequency", "3891000000")),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- paths, boot list, boot image

HITACHI_PORT = "50060e80100d2a62"


def missing_paths() -> World:
    """Three paths of one port are lost; a further disk, whose name and LUN (0x10) are longer, is well."""
    rows = [("hdisk120", "fscsi0", f"{HITACHI_PORT},10000000000000", 0, "Enabled")]
    for name, lun in (("hdisk1", "0"), ("hdisk4", "2000000000000"), ("hdisk5", "3000000000000")):
        rows.append((name, "fscsi0", f"{HITACHI_PORT},{lun}", 0, "Enabled"))
        rows.append((name, "fscsi1", f"{HITACHI_PORT},{lun}", 3, "Missing"))
    return w.pathed(L71, *rows)


def two_adapters(*names: str) -> Callable[[], World]:
    rows = [
        (name, f"fscsi{number}", f"{HITACHI_PORT},{index}", number, "Enabled")
        for index, name in enumerate(names)
        for number in (0, 1)
    ]
    return partial(w.pathed, L71, *rows)


def one_vscsi_path(parent: str = "vscsi0") -> World:
    return w.pathed(L71, ("hdisk2", parent, "810000000000", 0, "Enabled"))


SVC_PATHS = partial(
    w.pathed, L71,
    ("hdisk0", "vscsi0", "810000000000", 0, "Enabled"),
    ("hdisk1", "vscsi1", "810000000000", 0, "Enabled"),
    ("hdisk4", "fscsi0", "500507180120c1c4,2000000000000", 0, "Enabled"),
    ("hdisk4", "fscsi0", "500507180120c5cb,2000000000000", 1, "Enabled"),
    opened=("hdisk0", "hdisk1"),
)  # fmt: skip


def lost_and_good_path() -> World:
    return w.pathed(
        L71,
        ("hdisk1", "fscsi0", f"{HITACHI_PORT},0", 0, "Enabled"),
        ("hdisk1", "fscsi1", f"{HITACHI_PORT},0", 1, "Missing"),
    )


REMOVE_PATH = (RMPATH, "-dl", "hdisk1", "-p", "fscsi1", "-w", f"{HITACHI_PORT},0")


def only_path() -> World:
    return w.pathed(L71, ("hdisk1", "fscsi1", f"{HITACHI_PORT},0", 0, "Missing"))


PATH_CASES = [
    Case(
        "lspath/02-l-hdisk3-two-fscsi", two_adapters("hdisk3", "hdisk7"), (LSPATH, "-l", "hdisk3"),
        also=(exists("hdisk3"), ((LSPATH, "-p", "fscsi1", "-F", "name"), "hdisk7")),
    ),
    Case(
        "lspath/04-missing", missing_paths, (LSPATH,), pick=grep("Missing"),
        also=(exists("hdisk4"), ((LSPATH, "-s", "missing", "-l", "hdisk4", "-F", "parent"), "fscsi1")),
    ),
    Case(
        "lspath/05-HF-missing", missing_paths, (LSPATH, "-H", "-F", "name parent path_id connection status"),
        pick=grep("Missing"), also=(((LSPATH, "-s", "miss", "-F", "name"), "hdisk5"), exists("hdisk120")),
    ),
    Case(
        "lspath/07-t-path-ids", two_adapters("hdisk0", "hdisk1"), (LSPATH, "-t"),
        also=(((LSPATH, "-l", "hdisk1", "-i", "1", "-F", "parent"), "fscsi1"), exists("fscsi0")),
    ),
    Case(
        "lspath/08-F-six-fields-one-row", one_vscsi_path,
        (LSPATH, "-F", "status name parent connection path_status path_id"),
        also=(exists("hdisk2"), ((ODMGET, "-q", "name=hdisk2", "CuPath"), '\tconnection = "810000000000"')),
    ),
    Case(
        "lspath/09-error-0514-546", one_vscsi_path,
        (LSPATH, "-F", "name:parent:connection:path_id:path_status:status", "-l", "ansibleNegativeTest"),
        also=(((LSDEV, "-l", "ansibleNegativeTest"), ""), exists("hdisk2")),
    ),
    Case(
        "lsmpio/01-plain", SVC_PATHS, (LSMPIO,),
        also=(((LSPATH, "-l", "hdisk4", "-i", "1", "-F", "parent"), "fscsi0"), exists("vscsi1")),
    ),
    Case(
        "rmpath/01-deleted", lost_and_good_path, REMOVE_PATH, also=(((LSPATH,), "Missing hdisk1 fscsi1"),),
        then=(((LSPATH, "-p", "fscsi1"), ""), ((LSPATH,), "Enabled hdisk1 fscsi0")),
    ),
    Case(
        "chpath/01-disable-enable", partial(one_vscsi_path, "vscsi1"),
        (CHPATH, "-l", "hdisk2", "-p", "vscsi1", "-s", "disable"), also=(((LSPATH,), "Enabled hdisk2 vscsi1"),),
        then=(((LSPATH,), "Disabled hdisk2 vscsi1"), ((LSPATH, "-s", "dis", "-F", "name"), "hdisk2")),
    ),
    Case(
        "bootlist/01-o-two-paths", partial(w.booted, "6100-06-00-1036", "hdisk0", 2), (BOOTLIST, "-om", "normal"),
        also=(((LSPATH, "-l", "hdisk0", "-F", "path_id"), "1"), ((BOOTINFO, "-b"), "hdisk0")),
    ),
    Case(
        "bootlist/03-o-five-paths-powervs", partial(w.booted, L72, "hdisk1", 5), (BOOTLIST, "-m", "normal", "-o"),
        also=(((LSPATH, "-l", "hdisk1", "-F", "path_id"), "4"), ((BOOTINFO, "-b"), "hdisk1")),
    ),
    Case(
        "bootlist/04-o-no-pathid-repeats", partial(w.booted, L53, "hdisk0", 4), (BOOTLIST, "-m", "normal", "-o"),
        also=(((LSPATH, "-l", "hdisk0"), "Enabled hdisk0 fscsi3"), ((BOOTINFO, "-b"), "hdisk0")),
    ),
    Case(
        "bosboot/01-ad-ok", partial(w.booted, L72, "hdisk0", 1), (BOSBOOT, "-ad", "/dev/hdisk0"),
        also=(exists("hdisk0"), ((BOOTINFO, "-b"), "hdisk0")), then=(((BOOTINFO, "-b"), "hdisk0"),),
    ),
    Case(
        "bootinfo/01-b", partial(w.booted, L72, "hdisk0", 1), (BOOTINFO, "-b"),
        also=(exists("hdisk0"), ((BOOTLIST, "-m", "normal", "-o"), "hdisk0 blv=hd5 pathid=0")),
    ),
]  # fmt: skip

# ---------------------------------------------------------------- uname, oslevel, who, lparstat


def partition(level: str, node: str, dedicated: bool = False, extra: str = "", **firmware: object) -> World:
    """``extra``: what the HMC profile says, as ``key=value`` words."""
    pairs = [(word.partition("=")[0], word.partition("=")[2]) for word in extra.split()]
    pairs += [("dedicated", "yes")] if dedicated else []
    world = machine(level, extra=pairs, **firmware)
    world["kernel"]["nodename"] = node
    return world


SAMPLE2 = partial(
    partition, L61, "sample2", partition_name="sample2", partition_number=61, cpus=1, memory=16384,
    extra="entitled_capacity=0.30 shared_pool_id=5 minimum_capacity=0.20 maximum_physical_cpus_in_system=64"
    " active_physical_cpus_in_system=64 active_cpus_in_pool=2 shared_physical_cpus_in_system=64"
    " maximum_capacity_of_pool=200 entitled_capacity_of_pool=130",
)  # fmt: skip
SAMPLE3 = partial(
    partition, L53, "sample3", True, partition_name="sample3", partition_number=2, cpus=1, memory=3072,
    extra="smt_threads=2 maximum_virtual_cpus=4 maximum_memory=4096 minimum_memory=128 maximum_capacity=4.00"
    " maximum_physical_cpus_in_system=4 active_physical_cpus_in_system=4",
)  # fmt: skip
SAMPLE5 = partial(
    partition, L53, "sample5", partition_name="sample5", partition_number=6, cpus=1, memory=15360,
    extra="smt_threads=2 entitled_capacity=0.70 maximum_virtual_cpus=8 maximum_memory=65536 minimum_memory=2048"
    " maximum_capacity=8.00 maximum_physical_cpus_in_system=16 active_physical_cpus_in_system=16"
    " active_cpus_in_pool=16",
)  # fmt: skip
DEVSERVER = partial(
    partition, L72, "devserver", True, partition_name="dev1", partition_number=1, cpus=2, memory=61696,
    extra="maximum_virtual_cpus=12 minimum_memory=30720 maximum_capacity=12.00 maximum_physical_cpus_in_system=12"
    " active_physical_cpus_in_system=12",
)  # fmt: skip


def booted_at(month: int, day: int, hour: int, minute: int) -> World:
    world = w.system()
    world["kernel"]["boot_epoch"] = float(calendar.timegm((2024, month, day, hour, minute, 0)))
    return world


P5 = partial(w.system, "5100-04", systemid="IBM,0110CABFD", model="7043-260", partition_number=-1, partition_name="",
             uname_m="00CCABFD4C00")  # fmt: skip

SYSTEM_CASES = [
    Case(
        "lparstat/02-i-sample2", SAMPLE2, (LPARSTAT, "-i"),
        also=(((UNAME, "-L"), "61 sample2"), ((UNAME, "-n"), "sample2")),
    ),
    Case(
        "lparstat/05-i-sample5", SAMPLE5, (LPARSTAT, "-i"),
        also=(((UNAME, "-L"), "6 sample5"), ((UNAME, "-n"), "sample5")),
    ),
    Case(
        "lparstat/07-i-dedicated-72", DEVSERVER, (LPARSTAT, "-i"),
        also=(((UNAME, "-L"), "1 dev1"), ((UNAME, "-n"), "devserver")),
    ),
    Case(
        "uname/01-L-lpar99", partial(w.system, partition_number=99, partition_name="lpar1"), (UNAME, "-L"),
        also=(
            ((LPARSTAT, "-i"), f"{'Partition Number':<43}: 99"), ((LPARSTAT, "-i"), f"{'Partition Name':<43}: lpar1"),
        ),
    ),
    Case(
        "uname/02-f-before-lpm", partial(w.system, partition_number=99, uname_f="80000BA02DC00063"), (UNAME, "-f"),
        also=(((UNAME, "-F"), "80000BA02DC00000"), ((UNAME, "-L"), "99 lpar1")),
    ),
    Case(
        "uname/04-MuL-no-lpar", P5, (UNAME, "-MuL"),
        also=(value("sys0", "systemid", "IBM,0110CABFD"), value("sys0", "modelname", "IBM,7043-260")),
    ),
    Case("uname/06-m-7043", P5, (UNAME, "-m"), also=(((UNAME, "-L"), "-1 NULL"), ((UNAME, "-u"), "IBM,0110CABFD"))),
    Case(
        "uname/07-m-73", w.powervs, (UNAME, "-m"),
        also=(((PRTCONF, "-L"), "LPAR Info: 37 ans-4-51e59a83-000373d8"), value("sys0", "systemid", "IBM,0278C00A0")),
    ),
    Case(
        "uname/09-rvp-73", partial(w.system, "7300-03-00-2446"), (UNAME, "-rvp"),
        also=(((OSLEVEL, "-s"), "7300-03-00-2446"), ((OSLEVEL,), "7.3.0.0")),
    ),
    Case(
        "uname/11-a-61", partial(partition, L61, "server02", uname_m="00C71A624C00"), (UNAME, "-a"),
        also=(((UNAME, "-n"), "server02"), ((OSLEVEL,), "6.1.0.0")),
    ),
    Case("uname/12-W-not-wpar", w.system, (UNAME, "-W"), also=(((UNAME,), "AIX"), exists("sys0"))),
    Case(
        "oslevel/01-s-7300-03", partial(w.system, "7300-03-00-2446"), (OSLEVEL, "-s"),
        also=(((OSLEVEL, "-r"), "7300-03"), ((UNAME, "-v"), "7")),
    ),
    Case(
        "oslevel/02-s-7200-04", partial(w.system, "7200-04-01-1939"), (OSLEVEL, "-s"),
        also=(((OSLEVEL, "-r"), "7200-04"), ((UNAME, "-r"), "2")),
    ),
    Case(
        "oslevel/04-s-5300-05", partial(w.system, "5300-05-04"), (OSLEVEL, "-s"),
        also=(((OSLEVEL,), "5.3.0.0"), ((UNAME, "-v"), "5")),
    ),
    Case(
        "oslevel/06-plain-71", partial(w.system, L71), (OSLEVEL,), also=(((OSLEVEL, "-s"), L71), ((UNAME, "-r"), "1"))
    ),
    Case(
        "who/01-b-73-exact-padding", partial(booted_at, 2, 13, 23, 31), (WHO, "-b"),
        also=(((WHO, "-r"), "   .        run-level 2 Feb 13 23:31       2    0    S"), ((WHO,), "")),
    ),
]  # fmt: skip

CASES = [*LSATTR_CASES, *CHANGE_CASES, *LSDEV_CASES, *LSCFG_CASES, *PATH_CASES, *SYSTEM_CASES]

# ---------------------------------------------------------------- what the source altered

INET0 = partial(
    w.inet, L53, "zeus.example.com",
    ["net,-hopcount,0,,0,192.168.10.1", "net,-hopcount,0,-netmask,255.255.255.0,,,10.11.12.0,192.168.10.2"],
)  # fmt: skip
ROOTVG_LVS = partial(machine, L61)


def rootvg_lvs() -> World:
    world = ROOTVG_LVS()
    world["odm"]["vgs"]["rootvg"] = {
        "name": "rootvg", "vgid": "", "major": 10, "pvids": [], "auto_on": True, "lvs": ["hd5", "hd6"]
    }  # fmt: skip
    return world


def unconnected_fscsi() -> World:
    return machine(L61, device("fscsi0", "driver", "efscsi", parent="fcs0"))


LVTYPE = "logical_volume/lvsubclass/lvtype"
WORDS = [
    Case("chdev/03-error-0514-018", w.system, (CHDEV, "-l", "sys0", "-a", "ncargs=128"), also=(exists("sys0"),)),
    Case("odmget/01-CuAt-inet0", INET0, (ODMGET, "-q", "name=inet0", "CuAt"), also=(exists("inet0"),)),
    Case("odmget/50-cuat-inet0-hostname-and-two-routes", INET0, (ODMGET, "-q", "name=inet0", "CuAt"),
         also=(value("inet0", "hostname", "zeus.example.com"),)),
    Case(
        "odmget/02-CuAt-pvid-deadbeef",
        partial(w.one_disk, L71, disk("hdisk24", "fcp/2107"), pvid="deadbeefdeadbeef" + "0" * 16),
        (ODMGET, "-q", "name=hdisk24 and attribute=pvid", "CuAt"), also=(exists("hdisk24"),),
    ),
    Case("odmget/04-CuDv-lv", rootvg_lvs, (ODMGET, "-q", f"PdDvLn='{LVTYPE}'", "CuDv")),
    Case("lsattr/30-fscsi0-not-connected", unconnected_fscsi, (LSATTR, "-El", "fscsi0"), also=(exists("fscsi0"),)),
    Case("lscfg/07-hdisk0-vscsi-53", VSCSI_DISK, (LSCFG, "-p", "-v", "-s", "-l", "hdisk0"), also=(exists("hdisk0"),)),
    Case("lscfg/14-hdisk4-aixpcm-npiv", svc_disk, (LSCFG, "-vpl", "hdisk4"), also=(exists("hdisk4"),)),
    Case("lspath/01-path-attributes-AHE", partial(one_vscsi_path, "vscsi1"),
         (LSPATH, "-AHE", "-l", "hdisk2", "-p", "vscsi1")),
    Case("lparstat/03-i-sample3", SAMPLE3, (LPARSTAT, "-i"), also=(((UNAME, "-L"), "2 sample3"),)),
    Case("who/03-r-runlevel2", partial(booted_at, 8, 19, 9, 49), (WHO, "-r")),
    Case("rmpath/02-error-last-path", only_path, REMOVE_PATH, also=(((LSPATH,), "Missing hdisk1 fscsi1"),)),
]  # fmt: skip

NOT_REPRODUCED = {
    **{case.transcript: "source altered blanks" for case in WORDS},
    "bosboot/03-error-0301-150": "source truncated",  # its usage text is cut to four dots
    "lparstat/06-i-sample6": "source truncated",  # ends within a row
    "lscfg/53-ent-physical-fibre": "source truncated",  # a row ends within its label
    "odmget/03-CuDv-processor": "source truncated",  # four of the fields
    "cfgmgr/02-boot-verbose-hang-2700": "command not simulated",  # cfgmgr of the boot image, verbose
    "chdev/02-chdef-changed": "command not simulated",
    "lsdev/56-lnagg-adapter-line": "command not simulated",  # VIOS
    "mkdev/02-vios-lnagg": "command not simulated",
    "mkdev/04-error-cfgsea-method": "command not simulated",
}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.transcript)
def test_reproduces(case: Case) -> None:
    assert len(case.also) + len(case.then) >= 2
    check(case)


@pytest.mark.parametrize("case", [case for case in CASES if case.then], ids=lambda case: case.transcript)
def test_others_see_the_change(case: Case) -> None:
    check_aftermath(case)


@pytest.mark.parametrize("case", WORDS, ids=lambda case: case.transcript)
def test_same_words_where_the_source_altered_blanks(case: Case) -> None:
    check_words(case)


def test_every_transcript_is_accounted_for(record_property: Callable[[str, object], None]) -> None:
    counts = account(COMMANDS, CASES, NOT_REPRODUCED)
    record_property("transcripts", counted(counts))
    assert sum(reproduced for reproduced, _ in counts.values()) == len(CASES)


def test_cut_transcripts_agree_up_to_their_cut() -> None:
    """A row that the source cut is the beginning of ours."""
    sample6 = partition(
        L53, "sample6", partition_name="sample6", partition_number=4, cpus=3, memory=6144,
        extra="smt_threads=2 entitled_capacity=0.30 maximum_virtual_cpus=8 maximum_memory=20480 minimum_memory=256"
        " variable_capacity_weight=192 maximum_capacity=4.00 maximum_physical_cpus_in_system=8"
        " active_physical_cpus_in_system=4 active_cpus_in_pool=4",
    )  # fmt: skip
    cut = transcript("lparstat/06-i-sample6").text.rstrip("\n")
    assert len(cut) > 900
    assert run_on(sample6, LPARSTAT, "-i").out.startswith(cut)
