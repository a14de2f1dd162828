"""The capture: what this machine looks like at its configured site, keyed by what survives the move.

Written every night at home, read at DR.  /var/adm/drboot/captures/SITE.json, one per site; only the
configured site's own is ever written, so nothing seen at DR can overwrite what home looked like.
"""

from __future__ import annotations

import json
import os
import stat
import time
from collections import Counter
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import cache
from typing import (
    Any,
    Dict,
    Iterator,
    List,
    Optional,
    Sequence,
    Set,
    Tuple,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

from drboot import files, paths, settable
from drboot.errors import ConfigError, DrbootError, FactUnavailable, Problem
from drboot.facts import (
    bootlist,
    ifconfig,
    inittab,
    lqueryvg,
    lsattr,
    lscfg,
    lsdev,
    lspath,
    lsps,
    lspv,
    lssrc,
    lsvg,
    lswpar,
    mount,
    netstat,
    odmget,
    oslevel,
    rmcdomainstatus,
    sysdumpdev,
)
from drboot.facts import filesystems as stanzas
from drboot.facts.base import FileQuery, Query
from drboot.facts.types import Device, Hdisk, VgName, is_among
from drboot.paths import Root
from drboot.seen import Seen
from drboot.settable import Pseudo, Settings

VERSION = 1
# Small, and another site's profile rewrites them.
TEXTS = (paths.ETC_RESOLV, paths.ETC_NETSVC)
# The attributes of an RPV client, in the order of RemotePv.
REMOTE = ("server_addr", "local_addr", "io_timeout")
# The attributes of an interface that put an address on the wire.
ADDRESSES = ("netaddr", "alias4", "netaddr6", "alias6")
T = TypeVar("T")


@dataclass(frozen=True)
class Disk:
    """A disk, by PVID.  unique_id and serial are the home LUN's and never the replica's.

    size    MB that LVM uses of it, 0 when not known; serial: "" where lscfg prints none
    driver  class, subclass and type of the device, which name its driver: disk/fcp/mpioosdisk
    paths   how many it had, in whatever state; 0 for a disk without MPIO
    """

    pvid: str
    hdisk: str
    unique_id: str
    vg: str
    size: int = 0
    serial: str = ""
    driver: str = ""
    paths: int = 0

    def __str__(self) -> str:
        size = f"{self.size} MB" if self.size else ""
        serial = f"serial {self.serial}" if self.serial else ""
        unique_id = f"unique_id {self.unique_id}" if self.unique_id else ""
        return ", ".join(filter(None, (f"{self.hdisk} at home", size, serial, unique_id)))


@dataclass(frozen=True)
class RemotePv:
    """An RPV client of GLVM: a disk of the other site.  Addresses and io_timeout (seconds) as the ODM has them."""

    pvid: str
    hdisk: str
    server_addr: str
    local_addr: str
    io_timeout: str


@dataclass(frozen=True)
class Lv:
    """owner: (uid, gid, permission bits) of the raw device /dev/rNAME, () where there is none.

    number  the one behind the dot of its identifier, which a new name does not change; 0 when not known
    """

    name: str
    type: str
    label: str
    owner: Tuple[int, ...]
    number: int = 0


@dataclass(frozen=True)
class VolumeGroup:
    """major is None when /dev does not tell.  encrypted: lsvg says ENCRYPTION: yes."""

    name: str
    vgid: str
    pvids: Tuple[str, ...]
    auto_on: bool
    quorum: bool
    major: Optional[int]
    lvs: Tuple[Lv, ...]
    encrypted: bool = False


@dataclass(frozen=True)
class FileSystem:
    """A stanza of /etc/filesystems; ``vg`` is "" for what is not on an LV of a data VG."""

    mount_point: str
    device: str
    vfs: str
    vg: str
    mounted: bool
    attributes: Tuple[Tuple[str, str], ...]


@dataclass(frozen=True)
class Adapter:
    """An Ethernet adapter, with its mac, or a Fibre Channel adapter, with its wwpn; "" for the other of the two."""

    name: str
    location: str
    slot: str
    mac: str
    wwpn: str = ""


@dataclass(frozen=True)
class Interface:
    """aliases: (address, netmask); mtu is text as the ODM has it; IPv6 addresses are ADDRESS/LENGTH."""

    name: str
    address: str
    netmask: str
    aliases: Tuple[Tuple[str, str], ...]
    mtu: str
    state: str
    address6: str = ""
    aliases6: Tuple[str, ...] = ()


@dataclass(frozen=True)
class PagingSpace:
    """A paging space on a logical volume.  size in MB; auto: swapped on at boot (/etc/swapspaces)."""

    name: str
    vg: str
    size: int
    active: bool
    auto: bool


@dataclass(frozen=True)
class Dump:
    """Where a system dump goes, as sysdumpdev -l says; "" throughout where that could not be read."""

    primary: str = ""
    secondary: str = ""
    copy_directory: str = ""
    forced_copy: str = ""
    always_allow: str = ""
    compression: str = ""
    type: str = ""


@dataclass(frozen=True)
class KernelRoute:
    """A route through a gateway that the kernel had, stored in the ODM or not.

    destination  the network or host, ``default`` for 0.0.0.0/0; prefix None where netstat prints none (IPv6)
    """

    family: int
    destination: str
    prefix: Optional[int]
    gateway: str
    interface: str


@dataclass(frozen=True)
class Capture:
    """Everything above, and the files and lists that are small enough to keep whole."""

    version: int
    site: str
    host: str
    systemid: str
    taken: str
    level: str
    hostname: str
    disks: Tuple[Disk, ...]
    volume_groups: Tuple[VolumeGroup, ...]
    filesystems: Tuple[FileSystem, ...]
    adapters: Tuple[Adapter, ...]
    interfaces: Tuple[Interface, ...]
    routes: Tuple[str, ...]
    devices: Tuple[Tuple[str, str], ...]  # (name, class) of disks, adapters and interfaces
    bootlist: Tuple[str, ...]
    inittab: Tuple[str, ...]
    unseen: Tuple[str, ...]  # what could not be read, and why
    settings: Tuple[Settings, ...] = ()
    pseudo: Tuple[Pseudo, ...] = ()
    powerha: bool = False  # its cluster manager is a subsystem of this machine
    node_id: str = ""  # of RSCT; "" when there is none
    routes6: Tuple[str, ...] = ()  # as inet0 stores them
    kernel_routes: Tuple[KernelRoute, ...] = ()
    bootup_option: str = ""  # of inet0: yes has the next boot read /etc/rc.bsdnet in place of the ODM
    paging: Tuple[PagingSpace, ...] = ()
    dump: Dump = Dump()
    subsystems: Tuple[str, ...] = ()  # those that were active
    firmware: str = ""
    others: Tuple[Tuple[str, str, str], ...] = ()  # device, attribute, value: set of devices that nothing finds again
    texts: Tuple[Tuple[str, str], ...] = ()  # path and text of the files of TEXTS
    remote: Tuple[RemotePv, ...] = ()  # disks of GLVM at the other site
    further_addresses: Tuple[str, ...] = ()  # IPv4, of the kernel and of WPARs, that no interface has in the ODM

    def addresses(self) -> Tuple[str, ...]:
        """Every IPv4 address that the ODM has for this site's interfaces, aliases included."""
        return tuple(_stored_addresses(self.interfaces))

    def volume_group(self, name: str) -> Optional[VolumeGroup]:
        return next((vg for vg in self.volume_groups if vg.name == name), None)


def _stored_addresses(interfaces: Sequence[Interface]) -> Iterator[str]:
    for interface in interfaces:
        yield from (a for a in (interface.address, *(alias[0] for alias in interface.aliases)) if a)


def take(seen: Seen, site: str, host: str, systemid: str, before: Optional[Capture] = None) -> Capture:
    """Look at the machine.  What cannot be read is named in ``unseen``; the rest is captured all the same.

    before  the capture of last night: what it says stands where it cannot be read tonight, lest a VG that is varied
            off for a moment be missing at DR
    """
    look = _Look(seen, before)
    names = [vg for vg in look(lsvg.ALL, [vg.name for vg in look.before_groups]) if vg not in lsvg.NOT_DATA]
    groups = tuple(filter(None, (look.volume_group(VgName(name)) for name in names)))
    devices = look(lsdev.DEVICES, ())
    interfaces = tuple(look.interface(name) for name in look.interface_names(devices))
    if before and not devices:
        interfaces = before.interfaces
    subsystems, boot_entries, lines = look(lssrc.ALL, None), look(bootlist.NORMAL, None), look(inittab.ENTRIES, None)
    settings, pseudo = look.settings(), look.pseudo()
    return Capture(
        version=VERSION,
        site=site,
        host=host,
        systemid=systemid,
        taken=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        level=str(look(oslevel.LEVEL, look.was("level", ""))),
        hostname=look.attribute("inet0", "hostname", look.was("hostname", "")),
        disks=look.disks(groups),
        volume_groups=groups,
        filesystems=look.filesystems(groups),
        adapters=look.adapters(),
        interfaces=interfaces,
        routes=look.routes("route"),
        devices=tuple((d.name, d.cls) for d in devices if d.cls in ("disk", "adapter", "if", "driver"))
        or look.was("devices", ()),
        bootlist=look.was("bootlist", ()) if boot_entries is None else tuple(e.device or "-" for e in boot_entries),
        inittab=look.was("inittab", ()) if lines is None else tuple(map(str, lines)),
        settings=settings,
        powerha=look.was("powerha", False) if subsystems is None else any(s.name == "clstrmgrES" for s in subsystems),
        node_id=look(rmcdomainstatus.NODE_ID, look.was("node_id", "")),
        pseudo=pseudo,
        routes6=look.routes("rout6"),
        kernel_routes=look.kernel_routes(),
        bootup_option=look.attribute("inet0", "bootup_option", look.was("bootup_option", "")),
        paging=look.paging(),
        dump=look.dump(),
        subsystems=tuple(s.name for s in subsystems if s.is_active)
        if subsystems is not None
        else look.was("subsystems", ()),
        firmware=look.attribute("sys0", "fwversion", look.was("firmware", "")),
        others=look.others(settings, pseudo),
        texts=look.texts(),
        remote=look.remote(devices),
        further_addresses=look.further_addresses(interfaces),
        unseen=tuple(look.unseen),
    )


class _Look:
    """Reads facts; what cannot be read is noted and replaced."""

    def __init__(self, seen: Seen, before: Optional[Capture]) -> None:
        self.seen = seen
        self.before = before
        self.before_groups = before.volume_groups if before else ()
        self.unseen: List[str] = []

    def __call__(self, query: Any, otherwise: T) -> Any:
        try:
            return self.seen(query)
        except FactUnavailable as error:
            self._note(error)
            return otherwise

    def _note(self, error: FactUnavailable) -> None:
        """What could not be read, once."""
        self._say("; ".join(f"{problem.what}: {problem.why}" for problem in error.problems))

    def _say(self, note: str) -> None:
        if note not in self.unseen:
            self.unseen.append(note)

    def was(self, key: str, otherwise: T) -> T:
        """What last night's capture has there: what could not be read tonight is most likely so still."""
        value: T = getattr(self.before, key) if self.before else otherwise
        return value

    def texts(self) -> Tuple[Tuple[str, str], ...]:
        """The files of TEXTS that are there; one that cannot be read, as it was last night."""
        was = dict(self.before.texts) if self.before else {}
        found = ((path, self(FileQuery(path, _as_it_is), was.get(path))) for path in TEXTS)
        return tuple((path, text) for path, text in found if text is not None)

    def attribute(self, device: str, name: str, otherwise: str = "") -> str:
        values = self(lsattr.value(device, name), (otherwise,))
        return str(values[0]) if values else ""

    def disks(self, groups: Sequence[VolumeGroup]) -> Tuple[Disk, ...]:
        """Those with a PVID; and of a volume group that stands as it was last night, its disks of last night."""
        if self(lspv.PVS, None) is None and self.before:
            return self.before.disks
        ids, devices, rows = (
            self(odmget.attribute("unique_id"), None),
            self(lsdev.DEVICES, None),
            self(lspath.IDS, None),
        )
        found = odmget.by_device(ids or ())
        drivers = {str(row.name): f"{row.cls}/{row.subclass}/{row.type}" for row in devices or ()}
        paths_of = Counter(row[0] for row in rows or ())
        sizes = self.sizes()
        serials = {d.name: d.value("Serial Number") or "" for d in self.seen.or_none(lscfg.DISKS) or ()}
        earlier = {disk.pvid: disk for disk in self.before.disks} if self.before else {}

        def disk(pv: lspv.Pv) -> Disk:
            was = earlier.get(str(pv.pvid)) or Disk("", "", "", "")
            return Disk(
                str(pv.pvid),
                pv.name,
                was.unique_id if ids is None else "".join(found.get(pv.name, ())[:1]),
                pv.vg or "",
                sizes.get(pv.name) or was.size,
                serials.get(Device(pv.name)) or was.serial,
                was.driver if devices is None else drivers.get(pv.name, ""),
                was.paths if rows is None else paths_of[pv.name],
            )

        listed = tuple(disk(pv) for pv in self(lspv.PVS, ()) if pv.pvid)
        missing = {pvid for group in groups for pvid in group.pvids} - {one.pvid for one in listed}
        return (*listed, *(earlier[pvid] for pvid in sorted(missing & set(earlier))))

    def remote(self, devices: Sequence[lsdev.DeviceRow]) -> Tuple[RemotePv, ...]:
        """The RPV clients.  Those of last night where the devices, or one of them, cannot be read.

        Source: the glvm white paper's lsattr listing: io_timeout, local_addr, pvid (32 digits), server_addr; the type
        of such a disk begins with rpv (lsdev -C -c disk -t, as the paper has it).
        """
        noted = len(self.unseen)
        names = [str(row.name) for row in devices if row.cls == "disk" and row.type.startswith("rpv")]
        found = tuple(
            RemotePv(self.attribute(name, "pvid")[:16], name, *(self.attribute(name, key) for key in REMOTE))
            for name in names
        )
        return found if devices and len(self.unseen) == noted else self.was("remote", found)

    def sizes(self) -> Dict[str, int]:
        """MB by disk, of the disks of VGs that are varied on: their PPs, in one command for all VGs.

        Nothing depends on it but what is said of a disk that is missing at DR, so that nothing is noted as unseen.
        """
        names = self(lsvg.VARIED_ON, ())
        tables = self.seen.or_none(lsvg.pvs(*names)) if names else None
        found: Dict[str, int] = {}
        for name, rows in tables or ():
            vg = self.seen.or_none(lsvg.vg(name))
            found.update({str(pv.name): pv.total_pps * vg.pp_size_mb for pv in rows if vg is not None})
        return found

    def settings(self) -> Tuple[Settings, ...]:
        try:
            return settable.take(self.seen)
        except FactUnavailable as error:
            self._note(error)
            return self.before.settings if self.before else ()

    def pseudo(self) -> Tuple[Pseudo, ...]:
        try:
            return settable.take_pseudo(self.seen)
        except FactUnavailable as error:
            self._note(error)
            return self.before.pseudo if self.before else ()

    def others(self, settings: Tuple[Settings, ...], pseudo: Tuple[Pseudo, ...]) -> Tuple[Tuple[str, str, str], ...]:
        try:
            return settable.take_others(self.seen, settings, pseudo)
        except FactUnavailable as error:
            self._note(error)
            return self.was("others", ())

    def adapters(self) -> Tuple[Adapter, ...]:
        """Ethernet, then Fibre Channel.  A kind that is not here is not asked for: lscfg fails for a name of none."""
        rows = self(lsdev.DEVICES, None)
        if rows is None:
            return self.was("adapters", ())
        here = {settable.prefix_of(row.name) for row in rows if row.cls == "adapter"}
        return (*self._of_kind("ent", lscfg.ETHERNET_ADAPTERS, here), *self._of_kind("fcs", lscfg.FIBRE_ADAPTERS, here))

    def _of_kind(self, prefix: str, query: Query[Tuple[lscfg.Vpd, ...]], here: Set[str]) -> Tuple[Adapter, ...]:
        found = self(query, None) if prefix in here else ()
        if found is None:
            before: Tuple[Adapter, ...] = self.was("adapters", ())
            return tuple(adapter for adapter in before if settable.prefix_of(adapter.name) == prefix)
        if prefix == "ent":
            return tuple(Adapter(a.name, a.location, a.slot, a.mac or "") for a in found)
        return tuple(Adapter(a.name, a.location, a.slot, "", a.wwpn or "") for a in found)

    def routes(self, attribute: str) -> Tuple[str, ...]:
        """The routes that inet0 stores, character by character."""
        values = self(lsattr.value("inet0", attribute), None)
        if values is None:
            return self.was({"route": "routes", "rout6": "routes6"}[attribute], ())
        return tuple(value for value in values if value)

    def kernel_routes(self) -> Tuple[KernelRoute, ...]:
        """Those through a gateway, without what AIX makes by itself.

        Source: the netstat manual's flags: G gateway, W cloned for a path's MTU, D made by a redirect.
        """
        rows = self(netstat.ROUTES, None)
        if rows is None:
            return self.was("kernel_routes", ())
        return tuple(
            KernelRoute(
                row.family,
                "default" if row.is_default else row.destination,
                row.prefix,
                row.gateway or "",
                row.interface,
            )
            for row in rows
            if "G" in row.flags and not set(row.flags) & set("WD") and not lsdev.is_loopback(row.interface)
        )

    def paging(self) -> Tuple[PagingSpace, ...]:
        """Those on logical volumes; one that is on several disks has a row for each."""
        rows = self(lsps.ALL, None)
        if rows is None:
            return self.was("paging", ())
        found: Dict[str, PagingSpace] = {}
        for row in rows:
            if row.type == "lv":
                size = row.size_mb + (found[row.name].size if row.name in found else 0)
                found[row.name] = PagingSpace(row.name, row.vg, size, row.active, row.auto)
        return tuple(found[name] for name in sorted(found))

    def dump(self) -> Dump:
        settings = self(sysdumpdev.SETTINGS, None)
        if settings is None:
            return self.was("dump", Dump())
        return Dump(*(settings.value(label) or "" for label in sysdumpdev.LABELS))

    def owner(self, device: str) -> Tuple[int, ...]:
        try:
            return tuple(self.seen.owner(device) or ())
        except FactUnavailable:
            return ()

    def volume_group(self, name: VgName) -> Optional[VolumeGroup]:
        detail, tables = self(lsvg.vg(name), None), self(lsvg.lvs(name), None)
        earlier = next((vg for vg in self.before_groups if vg.name == name), None)
        if (detail is None or tables is None or self(lspv.PVS, None) is None) and (earlier or detail is None):
            return earlier
        pvids = tuple(pv.pvid for pv in self(lspv.PVS, ()) if pv.vg == name and pv.pvid)
        rows = [lv for _, found in tables or () for lv in found]
        if self._is_cut(detail, len(pvids), len(rows)) and earlier:
            return earlier
        numbers = self.numbers(next((pv.name for pv in self(lspv.PVS, ()) if pv.vg == name), None), earlier)
        lvs = tuple(
            Lv(lv.name, lv.type, lv.label or "", self.owner("/dev/r" + lv.name), numbers.get(lv.name, 0)) for lv in rows
        )
        return VolumeGroup(
            name,
            detail.vgid,
            pvids,
            detail.auto_on,
            detail.has_quorum,
            self.major(name, earlier),
            lvs,
            ("ENCRYPTION", "yes") in detail.rows,
        )

    def _is_cut(self, detail: lsvg.Vg, pvs: int, lvs: int) -> bool:
        """Whether the lists have less than the volume group says of itself: a PV is missing, or an answer was cut off
        with status 0.  That is noted."""
        for what, found, stated in (("PVs in lspv", pvs, detail.total_pvs), ("LVs in lsvg -l", lvs, detail.lvs)):
            if found < stated:
                self._say(f"volume group {detail.name}: {found} {what}, and lsvg counts {stated}")
                return True
        return False

    def major(self, name: VgName, earlier: Optional[VolumeGroup]) -> Optional[int]:
        """The ODM's word, or that of the special file; last night's where neither tells."""
        known = self.seen.or_none(odmget.MAJORS) or {}
        major = known[name] if name in known else major_of(self.seen.root, name)
        if major is None:
            self(odmget.MAJORS, None)  # where it cannot be read, that is said
        return earlier.major if major is None and earlier else major

    def numbers(self, disk: Optional[Hdisk], earlier: Optional[VolumeGroup]) -> Dict[str, int]:
        """The numbers of the LVs in the VGDA on this disk, by name; those of last night where it cannot be read."""
        vgda = self.seen.or_none(lqueryvg.vgda(disk)) if disk else None
        if vgda is None:
            return {lv.name: lv.number for lv in earlier.lvs} if earlier else {}
        return {lv.name: int(lv.lv_id.rpartition(".")[2]) for lv in vgda.logical}

    def interface_names(self, devices: Sequence[lsdev.DeviceRow]) -> Tuple[str, ...]:
        """Every enN, and of the others (etN, viN, ibN ...; not lo0) those that somebody has given an address.

        Which ones these are CuAt says, that is read in any case: a machine has an etN for each adapter, and nothing to
        ask it for.  Where it cannot be read, those of last night.
        """
        stored = self(settable.CUSTOMISED, None)
        if stored is None:
            configured = {one.name for one in (self.before.interfaces if self.before else ())}
        else:
            configured = {item.text("name") for item in stored if item.text("attribute") in ADDRESSES}
        names = (str(device.name) for device in devices if lsdev.is_ip_interface(device))
        return tuple(name for name in names if lsdev.is_ethernet(name) or name in configured)

    def interface(self, name: str) -> Interface:
        noted, aliases = len(self.unseen), []
        for value in self(lsattr.value(name, "alias4"), ()):
            address, _, mask = value.partition(",")
            if address:
                aliases.append((address, mask))
        made = Interface(
            name,
            self.attribute(name, "netaddr"),
            self.attribute(name, "netmask"),
            tuple(aliases),
            self.attribute(name, "mtu"),
            self.attribute(name, "state"),
            self.address6(name),
            tuple(value for value in self(lsattr.value(name, "alias6"), ()) if value),
        )
        earlier = [interface for interface in self.before.interfaces if interface.name == name] if self.before else []
        return earlier[0] if earlier and len(self.unseen) > noted else made

    def address6(self, name: str) -> str:
        """ADDRESS/LENGTH, "" without one: what autoconf6 makes by itself is not in the ODM."""
        address = self.attribute(name, "netaddr6")
        length = self.attribute(name, "prefixlen") if address else ""
        return f"{address}/{length}" if length else address

    def further_addresses(self, interfaces: Sequence[Interface]) -> Tuple[str, ...]:
        """What else this machine answers to, or would: aliases of ifconfig that nobody stored, and what WPARs have."""
        states, wpars = self(ifconfig.INTERFACES, None), self._wpar_addresses()
        if states is None or wpars is None:
            return self.was("further_addresses", ())
        kernel = tuple(inet.address for name, inet in ifconfig.addresses(states) if not lsdev.is_loopback(name))
        stored = tuple(_stored_addresses(interfaces))
        return tuple(address for address in sorted({*kernel, *wpars}) if not is_among(address, stored))

    def _wpar_addresses(self) -> Optional[Tuple[str, ...]]:
        """Those that WPARs get when they are started; None where they cannot be read."""
        try:
            rows = self.seen(lswpar.NETWORK) if lswpar.may_be_any(self.seen) else ()
        except FactUnavailable as error:
            self._note(error)
            return None
        return tuple(row.address for row in rows if row.netmask)

    def filesystems(self, groups: Tuple[VolumeGroup, ...]) -> Tuple[FileSystem, ...]:
        vg_of = {"/dev/" + lv.name: group.name for group in groups for lv in group.lvs}
        before = self.before.filesystems if self.before else ()
        rows = self(mount.MOUNTS, None)
        mounted = {fs.mount_point for fs in before if fs.mounted} if rows is None else {row.over for row in rows}
        found: List[FileSystem] = []
        file = self(stanzas.FILE, None)
        if file is None:
            return before
        for stanza in file.stanzas:
            attributes = stanza.attributes
            device = dict(attributes).get("dev", "")
            found.append(
                FileSystem(
                    stanza.mount_point,
                    device,
                    dict(attributes).get("vfs", ""),
                    vg_of.get(device, ""),
                    stanza.mount_point in mounted,
                    tuple(attributes),
                )
            )
        return tuple(found)


def _as_it_is(text: Optional[str]) -> Optional[str]:
    return text


def major_of(root: Root, vg: str) -> Optional[int]:
    """The VG's major number from its special file, None when /dev/VG is none.

    Source: `ls -l /dev/VG` shows it (PowerHA and NFS notes); importvg -V sets it (importvg manual).
    """
    try:
        status = os.stat(root.path("/dev/" + vg))
    except OSError:
        return None
    if not (stat.S_ISCHR(status.st_mode) or stat.S_ISBLK(status.st_mode)):
        return None
    return os.major(status.st_rdev)


def save(root: Root, capture: Capture) -> str:
    """Write the capture of its site; returns its AIX path.  DrbootError where it cannot: the old one stands."""
    path = f"{paths.CAPTURES}/{capture.site}.json"
    text = json.dumps(asdict(capture), indent=1) + "\n"
    try:
        files.make_own_directory(root.path(paths.CAPTURES))
        files.write_atomic(root.path(path), text.encode(), 0o600)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        problem = Problem("capture-not-written", "the capture cannot be written", path, why, "mend that, and repeat")
        raise DrbootError(problem) from error
    return path


def load(root: Root, site: str) -> Capture:
    """The capture of this site.  Raises ConfigError when there is none or it is damaged."""
    path = f"{paths.CAPTURES}/{site}.json"
    return read(root.path(path), site, path)


def read(file: str, site: str, path: str) -> Capture:
    """The capture in a file, wherever it lies; ``path`` is what it is called.  Raises ConfigError."""
    try:
        value = json.loads(files.read_own(file))
        if type(value["version"]) is not int or value["version"] != VERSION:
            raise ValueError(f"version {value['version']} is not {VERSION}")
        capture: Capture = _made(Capture, value)
        return capture
    except FileNotFoundError:
        raise ConfigError(
            Problem(
                "capture-missing",
                f"there is no capture of site {site}",
                path,
                "without it nobody knows which volume groups and addresses this machine had there",
                "on the machine at home: drboot capture; here: restore the file from a backup of that machine",
            )
        ) from None
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConfigError(
            Problem(
                "capture-damaged",
                f"the capture of site {site} cannot be used",
                path,
                why,
                f"on the machine at {site}: drboot capture; elsewhere: restore the file from a backup of that machine",
            )
        ) from error


def _made(kind: Any, value: Any) -> Any:
    """The value as a dataclass; KeyError or TypeError for what is not of its shape.

    A field with a default may be missing: an earlier drboot did not capture it.
    """
    given = {name: hint for name, hint in _hints(kind).items() if name in value or not hasattr(kind, name)}
    return kind(**{name: _as(hint, value[name], name) for name, hint in given.items()})


@cache  # worked out anew for each of some thousand disks it would cost most of the time
def _hints(kind: Any) -> Dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _as(hint: Any, value: Any, name: str) -> Any:
    """What JSON gave as the type that the dataclass declares: its lists become tuples."""
    if is_dataclass(hint) and isinstance(value, dict):
        return _made(hint, value)
    args = get_args(hint)
    if get_origin(hint) is tuple:
        if isinstance(value, list):
            kinds = args[:1] * len(value) if args[1:] == (...,) else args
            if len(kinds) == len(value):
                return tuple(_as(kind, item, name) for kind, item in zip(kinds, value))
    elif type(value) in (args or (hint,)):
        return value
    raise TypeError(f"{name} is not of the kind that a capture has there")
