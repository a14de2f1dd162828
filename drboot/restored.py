"""How each key of a capture comes back at another site, or why it does not.  Pure data, and who asks it.

step      a step puts it back where it differs here
profile   what it is here the site's profile or the address table says; home's value belongs to home's place
travels   it is in the replica itself (a file, a VGDA, a control block), and nothing loses it
compared  it is told or looked at, and never set: it belongs to the hardware, or setting it would be dangerous
record    it says something of the capture, or names what the other keys are about
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, Dict, Iterator, NamedTuple, Tuple, get_args, get_type_hints

HOWS = ("step", "profile", "travels", "compared", "record")


class Fate(NamedTuple):
    """What becomes of a key.

    what  what it holds
    how   one of HOWS
    by    a kind of step (steps/__init__.py), or the place in the profile; "" for the others
    """

    what: str
    how: str
    by: str
    why: str


def _step(what: str, by: str, why: str) -> Fate:
    return Fate(what, "step", by, why)


def _profile(what: str, by: str, why: str) -> Fate:
    return Fate(what, "profile", by, why)


def _travels(what: str, why: str) -> Fate:
    return Fate(what, "travels", "", why)


def _compared(what: str, why: str) -> Fate:
    return Fate(what, "compared", "", why)


def _record(what: str, why: str) -> Fate:
    return Fate(what, "record", "", why)


FATES: Dict[str, Fate] = {
    "version": _record("version of this format", "another one is not read"),
    "site": _record("the site", "a site has one capture, and only the configured site's is ever written"),
    "host": _record("production host name", "the rows of hosts.csv are found by it"),
    "systemid": _record("systemid of the machine, without IBM,", "for the reader"),
    "taken": _record("when it was taken, UTC", "check complains about an old one"),
    "level": _compared(
        "oslevel -s", "the replica brings its AIX level along; check compares it with what ghostdev needs"
    ),
    "hostname": _profile("host name of inet0", "names.hostname", "set in inet0 by the step network"),
    "disks.pvid": _record("PVID", "what a disk is found again by"),
    "disks.hdisk": _compared("its name at home", "AIX numbers disks as it finds them; drboot never uses the number"),
    "disks.unique_id": _compared(
        "unique_id of the LUN", "the home LUN's; a replica has its own.  Said of a disk that is missing"
    ),
    "disks.vg": _step(
        'its volume group, "" for none', "volume_groups", "the import brings the disk back into its volume group"
    ),
    "disks.size": _compared("MB that LVM uses of it, 0 when not known", "said of a disk that is missing"),
    "disks.serial": _compared("serial number of lscfg", "the home LUN's.  Said of a disk that is missing"),
    "disks.driver": _compared("class/subclass/type of the device", "the storage and its driver here decide it"),
    "disks.paths": _compared("number of MPIO paths", "the DR LPAR may have one path where home had eight"),
    "volume_groups.name": _step("name", "volume_groups", "importvg -y"),
    "volume_groups.vgid": _travels("VGID", "in the VGDA"),
    "volume_groups.pvids": _step(
        "PVIDs of its disks", "volume_groups", "importvg; refused where one is missing or there twice"
    ),
    "volume_groups.auto_on": _step("varied on at boot", "volume_groups", "chvg -a: importvg sets it to yes"),
    "volume_groups.quorum": _step("quorum enabled", "volume_groups", "chvg -Q: importvg enables it"),
    "volume_groups.major": _step(
        "major number, null when not known",
        "volume_groups",
        "importvg -V; where it is taken the import does without, and says so",
    ),
    "volume_groups.lvs.name": _step(
        "name of a logical volume",
        "volume_groups",
        "importvg keeps it; where it is taken here, refused, or mapped with rename_lvs",
    ),
    "volume_groups.lvs.type": _travels("type", "in the logical volume's control block"),
    "volume_groups.lvs.label": _travels(
        'label: the mount point, "" for none',
        "in the control block; the stanza's mount point is put back by filesystems",
    ),
    "volume_groups.lvs.owner": _step(
        "uid, gid and permission bits of the raw device", "volume_groups", "chown and chmod of the raw device"
    ),
    "volume_groups.lvs.number": _travels(
        "number in the volume group", "in the VGDA; tells which logical volume has another name here"
    ),
    "volume_groups.encrypted": _travels(
        "it has encrypted logical volumes", "in the VGDA; the keys do not, and drboot says which volumes are locked"
    ),
    "filesystems.mount_point": _step(
        "mount point", "filesystems", "its stanza in /etc/filesystems is put back where it is lost"
    ),
    "filesystems.device": _step(
        "dev", "filesystems", "dev of the stanza, by the name that the logical volume has here"
    ),
    "filesystems.vfs": _step("vfs", "filesystems", "vfs of the stanza"),
    "filesystems.vg": _step(
        'volume group, "" for none of data',
        "filesystems",
        "what is on a volume group that is imported; rootvg's stanzas travel",
    ),
    "filesystems.mounted": _step(
        "it was mounted", "filesystems", "mounted where it was mounted, but for filesystems.except"
    ),
    "filesystems.attributes": _step(
        "every attribute of the stanza", "filesystems", "every attribute of the stanza that is lost or edited"
    ),
    "adapters.name": _compared("entN or fcsN", "AIX numbers adapters as it finds them"),
    "adapters.location": _compared(
        "location code", "type, model, serial and LPAR number of home's hardware stand in it"
    ),
    "adapters.slot": _record("slot", "what an adapter is found again by"),
    "adapters.mac": _record("MAC of an ent", "what an adapter is found again by where its slot is another"),
    "adapters.wwpn": _record("WWPN of a fcs", "what an adapter is found again by where its slot is another"),
    "interfaces.name": _compared(
        "every enN; one of another kind (vi0, et0, ib0) where it had an address", "follows from the adapter's number"
    ),
    "interfaces.address": _profile("netaddr", "hosts.csv", "home's address is home's; it is kept off the wire here"),
    "interfaces.netmask": _profile("netmask", "hosts.csv", "belongs to the address"),
    "interfaces.aliases": _profile("alias4: address and mask", "hosts.csv", "home's are kept off the wire here"),
    "interfaces.mtu": _profile("mtu", "network.roles", "a network that drops large frames is worse than small frames"),
    "interfaces.state": _profile("state", "hosts.csv", "up where the address table gives it an address"),
    "interfaces.address6": _profile(
        "netaddr6/prefixlen", "hosts.csv", "the address table has IPv4 addresses only; home's must not come up here"
    ),
    "interfaces.aliases6": _profile("alias6", "hosts.csv", "home's must not come up here"),
    "routes": _profile(
        "route of inet0, as stored",
        "network.static_routes",
        "home's gateways are home's; at home itself the captured ones come back",
    ),
    "routes6": _profile(
        "rout6 of inet0, as stored",
        "network.static_routes6",
        "home's gateways are home's; at home itself the captured ones come back",
    ),
    "kernel_routes.family": _compared("4 or 6", "a route that is in no ODM is lost at any boot, at home as well"),
    "kernel_routes.destination": _compared("destination", "see family"),
    "kernel_routes.prefix": _compared("length of the mask", "see family"),
    "kernel_routes.gateway": _compared("gateway", "see family"),
    "kernel_routes.interface": _compared("interface", "see family"),
    "bootup_option": _compared(
        "bootup_option of inet0", "yes would have the next boot take home's addresses from /etc/rc.bsdnet"
    ),
    "devices": _compared(
        "name and class of disks, adapters, interfaces and their drivers",
        "by name; tells whether the ODM was reset, and which definitions are stale",
    ),
    "bootlist": _step("normal boot list", "boot_list", "the disks that hold rootvg here, whatever their names"),
    "inittab": _travels("every entry of /etc/inittab", "/etc/inittab is a file; services.inittab_off changes it"),
    "unseen": _record("what could not be read", "what could not be read, and why"),
    "settings.kind": _record("disk, adapter or system", "how the device is found again"),
    "settings.key": _record("PVID, slot and port, or name", "PVID, slot and port, or name"),
    "settings.prefix": _record("hdisk, fcs, fscsi, vscsi, ent, en, sys0, inet0, lo0", "what kind of device it is"),
    "settings.name": _compared("name at home", "what it was called there"),
    "settings.address": _record(
        'MAC or WWPN, "" for none', "MAC or WWPN: what an adapter is found again by where its slot is another"
    ),
    "settings.values": _step(
        "attributes that were not the default, with their values",
        "device_attributes",
        "chdev; leave, only and override of the profile change it",
    ),
    "pseudo.name": _compared("name at home", "AIX numbers it anew"),
    "pseudo.type": _step("ibm_ech (EtherChannel) or eth (VLAN)", "pseudo_adapters", "mkdev"),
    "pseudo.parts": _step(
        "the adapters below it, by slot and port", "pseudo_adapters", "over the adapters in the same slots"
    ),
    "pseudo.values": _step(
        "its other attributes", "pseudo_adapters", "its other attributes; netaddr, what it pings, is the site's own"
    ),
    "powerha": _compared("clstrmgrES is on file", "its volume groups are left to it"),
    "node_id": _compared("RSCT node id", "services.recfgct makes a new one where it is still home's"),
    "paging.name": _step(
        "paging space", "paging_spaces", "swapon of those on data volume groups, by the name they have here"
    ),
    "paging.vg": _record("its volume group", "rootvg's are swapped on by the boot itself"),
    "paging.size": _travels("MB", "in the VGDA"),
    "paging.active": _step("swapped on", "paging_spaces", "swapon; but for paging_spaces.except"),
    "paging.auto": _step("swapped on at boot", "paging_spaces", "chps -a: the stanza in /etc/swapspaces"),
    "dump.primary": _step("primary dump device", "dump_device", "sysdumpdev -P -p, where the device is here"),
    "dump.secondary": _step("secondary dump device", "dump_device", "sysdumpdev -P -s, where the device is here"),
    "dump.copy_directory": _step("copy directory", "dump_device", "sysdumpdev -d or -D"),
    "dump.forced_copy": _step("forced copy flag", "dump_device", "sysdumpdev -d or -D"),
    "dump.always_allow": _step("always allow dump", "dump_device", "sysdumpdev -k or -K"),
    "dump.compression": _compared("dump compression", "on from AIX 6.1 on, and no longer to be chosen"),
    "dump.type": _compared("type of dump", "what firmware and memory of the hardware here allow"),
    "subsystems": _profile(
        "SRC subsystems that were active",
        "services.start",
        "a daemon that nobody asked for is not started; the report names it",
    ),
    "firmware": _compared("fwversion of sys0", "of the hardware there"),
    "others": _compared(
        "device, attribute, value that was set of any other device",
        "nobody can tell which device it is on other hardware: a disk without PVID, an adapter that shares its slot "
        "and port, a kind of device that drboot does not know.  Set it by hand, or with a hook",
    ),
    "remote.pvid": _record("PVID of a disk that GLVM has at the other site", "tells which volume groups are GLVM's"),
    "remote.hdisk": _compared("the RPV client's name", "no RPV client is ever configured by drboot"),
    "remote.server_addr": _record("address of its RPV server", "drboot glvm outage says it, to be set again"),
    "remote.local_addr": _record("address that the RPV client uses", "drboot glvm shows it"),
    "remote.io_timeout": _record("seconds until an RPV client gives up", "drboot glvm shows it"),
    "further_addresses": _record(
        "IPv4 addresses that are in no interface's definition: aliases of ifconfig that nobody stored, those of WPARs",
        "no rehearsal takes one, or has one on its wire; check does not compare them, since they come and go",
    ),
    "texts": _profile(
        "/etc/resolv.conf and /etc/netsvc.conf, whole",
        "names.nameservers",
        "when the machine comes home and home's profile says nothing of them, they are as captured",
    ),
}


def leaves(kind: Any, before: str = "") -> Iterator[str]:
    """The keys of a dataclass that hold values, each with the keys that it stands under: ``disks.pvid``."""
    hints = get_type_hints(kind)
    for field in fields(kind):
        inner = _inner(hints[field.name])
        if inner is None:
            yield before + field.name
        else:
            yield from leaves(inner, f"{before}{field.name}.")


def _inner(hint: Any) -> Any:
    """The dataclass that a field has one or several of; None for plain values."""
    return next((kind for kind in (hint, *get_args(hint)) if is_dataclass(kind)), None)


def rows() -> Tuple[Tuple[str, Fate], ...]:
    """Every key and what becomes of it, in the order of the capture."""
    from drboot.capture import Capture

    return tuple((key, FATES[key]) for key in leaves(Capture))
