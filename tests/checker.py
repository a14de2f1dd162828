"""Does a simulated machine have the state that its profile asks for?

Imports nothing of drboot, neither the agent nor the simulator: reads the JSON documents and the files of an LPAR, and
compares them with ``expected``, plain data that an estate gives:

    hostname, nameservers, domain or search
    interfaces      slot, or ibm_ech and eth -> [[address, netmask], ...], the first one primary
    mtu             slot -> number
    default_route, static_routes [[destination, gateway], ...]
    hosts           [[address, name], ...] that /etc/hosts has
    volume_groups   name -> {pvids, auto_on, quorum, major}; a major of None is any; removed: PVs left out by force
    defined         devices that are Defined
    mounts          [[device, mount point], ...], parents first;  not_mounted  [mount point, ...]
    boot_pvid       PVID of the disk that the boot list names first
    inittab         id -> action
    subsystems      SRC subsystems that are active
    flags           attributes of sys0 -> value
    raw             LV -> [uid, gid, mode] of its raw device
    wpars           name -> {active, network [[slot, address, netmask], ...], resolver: text of its /etc/resolv.conf}
    foreign_addresses   addresses that must be nowhere
"""

from __future__ import annotations

import ipaddress
import json
import os
import stat
from typing import Any, Dict, Iterator, List, Optional, Tuple


class State:
    """An LPAR as it is on disk: ``directory`` is ESTATE/lpars/NAME."""

    def __init__(self, directory: str) -> None:
        self.directory = directory
        for part in ("firmware", "odm", "kernel"):
            setattr(self, part, self._json(os.path.join(directory, part + ".json")))
        self.san = self._json(os.path.join(directory, "..", "..", "san.json"))

    firmware: Dict[str, Any]
    odm: Dict[str, Any]
    kernel: Dict[str, Any]

    def _json(self, path: str) -> Dict[str, Any]:
        with open(path, encoding="utf-8") as file:
            found: Dict[str, Any] = json.load(file)
        return found

    def text(self, path: str) -> str:
        try:
            with open(self.directory + "/root" + path, encoding="utf-8", errors="replace") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def attribute(self, device: str, name: str) -> List[str]:
        values: List[str] = self.odm["attributes"].get(device, {}).get(name, [])
        return values

    def interface_in(self, slot: str) -> str:
        """enN of the Available adapter in a slot, or of the pseudo adapter of this type; "" when there is none."""
        for name, device in self.odm["devices"].items():
            if name.startswith("ent") and device["status"] == 1 and slot in (device["connwhere"], device["type"]):
                return "en" + name[3:]
        return ""

    def lun_of(self, pvid: str) -> Optional[str]:
        mapped = {mapping["lun"] for mapping in self.firmware["mappings"]}
        found = [lun["id"] for lun in self.san["luns"].values() if lun["pvid"] == pvid and lun["id"] in mapped]
        return found[0] if len(found) == 1 else None


def differences(directory: str, expected: Dict[str, Any]) -> List[str]:
    """What is not as expected, one line each; empty when all is well."""
    state = State(directory)
    found: List[str] = []
    for check in (names, network, routes, storage, mounts, boot_list, inittab, subsystems, flags, raw, wpars):
        found.extend(check(state, expected))
    return found


def _differ(what: str, is_now: Any, wanted: Any) -> Iterator[str]:
    if is_now != wanted:
        yield f"{what}: is {is_now!r}, expected {wanted!r}"


def names(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    yield from _differ("inet0 hostname", state.attribute("inet0", "hostname"), [expected["hostname"]])
    yield from _differ("host name of the kernel", state.kernel["hostname"], expected["hostname"])
    yield from _differ("node name of the kernel", state.kernel["nodename"], expected["hostname"])
    rows = [line.split() for line in state.text("/etc/resolv.conf").splitlines() if line.strip()]
    yield from _differ("nameservers", [row[1] for row in rows if row[0] == "nameserver"], expected["nameservers"])
    for key in ("domain", "search"):
        wanted = expected.get(key, [])
        words = [word for row in rows if row[0] == key for word in row[1:]]
        yield from _differ(f"{key} of resolv.conf", words, [wanted] if isinstance(wanted, str) else wanted)
    lines = [line.split("#")[0].split() for line in state.text("/etc/hosts").splitlines()]
    for address, name in expected["hosts"]:
        if not any(line[:1] == [address] and name in line[1:] for line in lines):
            yield f"/etc/hosts: no line {address} {name}"
    own = [line[0] for line in lines if expected["hostname"] in line[1:]]
    for address in own:
        if address in expected["foreign_addresses"]:
            yield f"/etc/hosts: {expected['hostname']} is still {address}"


def network(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    lent = {row[1] for wpar in expected.get("wpars", {}).values() for row in wpar["network"]}
    for slot, wanted in expected["interfaces"].items():
        interface = state.interface_in(slot)
        kernel = state.kernel["interfaces"].get(interface)
        if kernel is None:
            yield f"slot {slot}: interface {interface or '(none)'} is not attached"
            continue
        addresses = [[a["address"], a["netmask"]] for a in kernel["addresses"] if a["address"] not in lent]
        yield from _differ(f"slot {slot} ({interface}) primary address", addresses[:1], wanted[:1])
        yield from _differ(f"slot {slot} ({interface}) addresses", sorted(addresses), sorted(wanted))
        yield from _differ(f"{interface} is up", kernel["up"], True)
        yield from _differ(f"{interface} netaddr", state.attribute(interface, "netaddr"), [wanted[0][0]])
        yield from _differ(f"{interface} netmask", state.attribute(interface, "netmask"), [wanted[0][1]])
        yield from _differ(f"{interface} state", state.attribute(interface, "state"), ["up"])
        aliases = sorted(value.split(",") for value in state.attribute(interface, "alias4"))
        yield from _differ(f"{interface} alias4", aliases, sorted(wanted[1:]))
        yield from _differ(f"{interface} mtu", kernel["mtu"], expected["mtu"][slot])
    for name, interface in state.kernel["interfaces"].items():
        for held in interface["addresses"]:
            if held["address"] in expected["foreign_addresses"]:
                yield f"{name} has {held['address']}, which is not of this site"
    for device, attributes in state.odm["attributes"].items():
        for attribute in ("netaddr", "alias4"):
            for value in attributes.get(attribute, []):
                if value.split(",")[0] in expected["foreign_addresses"]:
                    yield f"ODM: {device} {attribute} is still {value}"


def routes(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    rows = [
        (r["destination"], r["gateway"])
        for r in state.kernel["routes"]
        if "G" in r["flags"] and r["interface"] != "lo0"
    ]
    defaults = [gateway for destination, gateway in rows if destination == "default"]
    yield from _differ("default routes of the kernel", defaults, [expected["default_route"]])
    static = sorted(_route(destination, gateway) for destination, gateway in rows if destination != "default")
    wanted = sorted(_route(destination, gateway) for destination, gateway in expected["static_routes"])
    yield from _differ("static routes of the kernel", static, wanted)
    stored = [_stored(value) for value in state.attribute("inet0", "route")]
    yield from _differ(
        "default routes of inet0", [g for d, g in stored if d == "0.0.0.0/0"], [expected["default_route"]]
    )
    yield from _differ("static routes of inet0", sorted(r for r in stored if r[0] != "0.0.0.0/0"), wanted)


def _route(destination: str, gateway: str) -> Tuple[str, str]:
    """10.30/16 -> 10.30.0.0/16, 10.40.1.7 -> 10.40.1.7/32"""
    address, _, length = destination.partition("/")
    octets = address.split(".")
    full = ".".join(octets + ["0"] * (4 - len(octets)))
    return str(ipaddress.ip_network(f"{full}/{length or 32}")), gateway


def _stored(value: str) -> Tuple[str, str]:
    """type,[flag,value,...],destination,gateway of inet0 -> (destination/length, gateway)"""
    fields = value.split(",")
    words = [field for field in fields if field]
    gateway, destination = words[-1], words[-2]
    if destination in ("0", "default"):
        return "0.0.0.0/0", gateway
    if fields[0] == "host":
        return destination + "/32", gateway
    if "-netmask" in words:
        return str(ipaddress.ip_network(f"{destination}/{words[words.index('-netmask') + 1]}")), gateway
    return _route(destination, gateway)


def storage(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    site = state.firmware["site"]
    wanted = expected["volume_groups"]
    yield from _differ("VGs in the ODM", sorted(state.odm["vgs"]), sorted([*wanted, "rootvg"]))
    for name, vg in wanted.items():
        entry = state.odm["vgs"].get(name)
        if entry is None:
            continue
        vgda = state.san["vgdas"][site][entry["vgid"]]
        yield from _differ(f"{name} varied on", name in state.kernel["varied_on"], True)
        yield from _differ(f"{name} PVIDs in the ODM", sorted(entry["pvids"]), sorted(vg["pvids"]))
        yield from _differ(f"{name} PVIDs on disk", sorted(pv["pvid"] for pv in vgda["pvs"]), sorted(vg["pvids"]))
        removed = [pv["pvid"] for pv in vgda["pvs"] if pv["state"] != "active"]
        yield from _differ(f"{name} PVs not active", removed, vg.get("removed", []))
        yield from _differ(f"{name} AUTO ON on disk", vgda["auto_on"], vg["auto_on"])
        yield from _differ(f"{name} AUTO ON in the ODM", entry["auto_on"], vg["auto_on"])
        yield from _differ(f"{name} QUORUM", vgda["quorum"], vg["quorum"])
        if vg["major"] is not None:
            yield from _differ(f"{name} major number", entry["major"], vg["major"])
    for device in expected.get("defined", []):
        yield from _differ(f"{device} status", state.odm["devices"][device]["status"], 0)


def mounts(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    mounted = [[mount["device"], mount["point"]] for mount in state.kernel["mounts"]]
    points = [point for _, point in mounted]
    for device, point in expected["mounts"]:
        if [device, point] not in mounted:
            yield f"{point}: {device} is not mounted there"
        above = [other for other in points if point.startswith(other.rstrip("/") + "/")]
        late = [other for other in above if point in points and points.index(other) > points.index(point)]
        if late:
            yield f"{point} was mounted before {late[0]}, which hides it"
    for point in expected.get("not_mounted", []):
        if point in points:
            yield f"{point} is mounted"
    doubled = sorted({point for point in points if points.count(point) > 1})
    yield from _differ("mounted twice", doubled, [])


def boot_list(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    entries = state.firmware["bootlist"].get("normal", [])
    yield from _differ("boot list", [entry.get("lun") for entry in entries][:1], [state.lun_of(expected["boot_pvid"])])
    if len(entries) > 5:
        yield f"boot list: {len(entries)} entries, firmware keeps five"


def inittab(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    actions = {}
    for line in state.text("/etc/inittab").splitlines():
        fields = line.split(":", 3)
        if fields[0] and len(fields) == 4:
            actions[fields[0]] = fields[2]
    for identifier, action in expected["inittab"].items():
        yield from _differ(f"inittab {identifier}", actions.get(identifier), action)


def subsystems(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    for name in expected.get("subsystems", ()):
        if name not in state.kernel["subsystems"]:
            yield f"subsystem {name} is not active"


def flags(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    for name, value in expected["flags"].items():
        yield from _differ(f"sys0 {name}", (state.attribute("sys0", name) or ["0"])[0], value)


def raw(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    for lv, (uid, gid, mode) in expected["raw"].items():
        path = state.directory + "/root/dev/r" + lv
        if not os.path.exists(path):
            yield f"/dev/r{lv} does not exist"
            continue
        status = os.stat(path)
        # only root can give a file away: elsewhere the simulated devices are the user's own
        owner = [status.st_uid, status.st_gid] if os.geteuid() == 0 else [uid, gid]
        yield from _differ(f"/dev/r{lv} uid, gid, mode", [*owner, stat.S_IMODE(status.st_mode)], [uid, gid, mode])


def wpars(state: State, expected: Dict[str, Any]) -> Iterator[str]:
    for name, wanted in expected.get("wpars", {}).items():
        wpar = state.odm["wpars"][name]
        network = sorted([a["interface"], a["address"], a["netmask"]] for a in wpar["network"])
        there = sorted([state.interface_in(slot), address, netmask] for slot, address, netmask in wanted["network"])
        yield from _differ(f"WPAR {name} addresses", network, there)
        yield from _differ(f"WPAR {name} is active", name in state.kernel["wpars"], wanted["active"])
        up = {a["address"] for interface in state.kernel["interfaces"].values() for a in interface["addresses"]}
        for _, address, _ in wanted["network"]:
            yield from _differ(f"WPAR {name} {address} is up", address in up, wanted["active"])
        resolver = state.text(wpar["directory"] + "/etc/resolv.conf")
        yield from _differ(f"WPAR {name} resolver file", resolver, wanted["resolver"])
    for name in state.odm.get("wpars", {}):
        for address in state.odm["wpars"][name]["network"]:
            if address["address"] in expected["foreign_addresses"]:
                yield f"WPAR {name} still has {address['address']}, which is not of this site"
