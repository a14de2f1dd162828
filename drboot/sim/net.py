"""The kernel's side of TCP/IP on a simulated LPAR: addresses, routes, and who else is on the wire.

The ODM is not touched here: ``chdev`` writes the ODM first and then calls these functions, ``ifconfig`` and
``route`` call them alone, and ``apply_odm`` is what /etc/rc.net does at boot.

A value of inet0's ``route`` attribute is ``type,[flag,value,...],destination,gateway[,metric]``; the spellings
that exist on real systems all mean one ``RouteValue``.

Source: network-and-services.md sections 0, 3, 4, 6, 7, 14, 16; IBM's chgif, chginet and rc.net pages.
"""

from __future__ import annotations

import glob
import ipaddress
import json
import os
import re
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

from drboot.sim import net6
from drboot.sim.command import Context
from drboot.sim.world import (
    Address,
    Device,
    Firmware,
    Interface,
    Kernel,
    NetHost,
    Route,
    Slot,
    new_interface,
    new_route,
)

LOOPBACK = "lo0"
# Source: transcripts ifconfig/07, 09 (7.x) for en, ifconfig/09 for lo0
EN_FLAGS = (
    "1e084863,480<UP,BROADCAST,NOTRAILERS,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,CHECKSUM_OFFLOAD(ACTIVE),CHAIN>"
)
LO_FLAGS = "e08084b,c0<UP,BROADCAST,LOOPBACK,RUNNING,SIMPLEX,MULTICAST,GROUPRT,64BIT,LARGESEND,CHAIN>"
UP_BITS = 0x41  # IFF_UP and IFF_RUNNING, by comparing the flag names of ifconfig/09 with their hex number


class RouteValue(NamedTuple):
    """What one stored ``route`` value means, whatever its spelling."""

    kind: str  # net | host
    destination: str  # dotted, "0.0.0.0" for the default route
    netmask: str  # dotted
    gateway: str
    interface: str  # "" when the kernel picks it


# ---------------------------------------------------------------- addresses


def set_address(ctx: Context, interface: str, address: str, netmask: str) -> bool:
    """The interface's first address is this one; further addresses and its up/down state stay as they are.

    False, and nothing is changed, when address or netmask is none.  netmask "" takes that of the address's class.
    """
    if not is_address(address) or not is_netmask(netmask or "0.0.0.0"):
        return False
    entry = attach(ctx, interface)
    if entry["addresses"]:
        old = entry["addresses"].pop(0)
        _drop_address_routes(ctx, entry, old)
        if ctx.variant("routes_on_address_change", "kept") == "default-lost":
            _routes(ctx)[:] = [
                r for r in _routes(ctx) if not (r["destination"] == "default" and r["interface"] == interface)
            ]
    entry["addresses"] = [a for a in entry["addresses"] if a["address"] != address]
    _put_address(ctx, entry, 0, address, netmask)
    return True


def add_alias(ctx: Context, interface: str, address: str, netmask: str) -> bool:
    """A further address, placed last.  False when the interface has it already, or it is no address.

    Source: network-and-services.md section 6 (order of addition); for a duplicate no text is known.
    """
    if not is_address(address) or not is_netmask(netmask or "0.0.0.0"):
        return False
    entry = attach(ctx, interface)
    if any(a["address"] == address for a in entry["addresses"]):
        return False
    _put_address(ctx, entry, len(entry["addresses"]), address, netmask)
    return True


def remove_address(ctx: Context, interface: str, address: str) -> bool:
    """The address is off the interface, primary or alias; the ODM keeps it.  False when it was not there."""
    entry = ctx.world["kernel"]["interfaces"].get(interface)
    if entry is None:
        return False
    for index, held in enumerate(entry["addresses"]):
        if held["address"] == address:
            del entry["addresses"][index]
            _drop_address_routes(ctx, entry, held)
            return True
    return False


def set_state(ctx: Context, interface: str, state: str) -> None:
    """``up``, ``down`` or ``detach``.  Bringing up an interface that is not attached uses the address of the ODM.

    Detaching drops addresses, routes and the interface itself; the ODM is untouched.  Assumed: rows of the routing
    table stay when an interface goes down.
    """
    interfaces = ctx.world["kernel"]["interfaces"]
    if state == "detach":
        entry = interfaces.pop(interface, None)
        if entry is not None:
            own = {a["address"] for a in entry["addresses"]}
            _routes(ctx)[:] = [
                r
                for r in _routes(ctx)
                if r["interface"] != interface and not (_is_local(r) and r["destination"] in own)
            ]
        return
    if state == "down":
        if interface in interfaces:
            interfaces[interface]["up"] = False
        return
    if interface not in interfaces:
        _configure_from_odm(ctx, interface)
    entry = attach(ctx, interface)
    if not entry["up"]:
        entry["up"] = True
        for held in entry["addresses"]:
            _announce(ctx, entry, held["address"])


def attach(ctx: Context, interface: str) -> Interface:
    """The kernel's interface, made (down, without an address) when it was not there."""
    interfaces = ctx.world["kernel"]["interfaces"]
    if interface not in interfaces:
        loopback = interface.startswith("lo")
        used = {entry["link"] for entry in interfaces.values()}
        link = 1 if loopback else next(n for n in range(2, 10000) if n not in used)
        mtu = _odm(ctx, interface, "mtu") or ("16896" if loopback else "1500")
        interfaces[interface] = new_interface(
            interface, up=False, mtu=int(mtu), link=link, mac="" if loopback else mac_of(ctx, adapter_of(interface))
        )
    return interfaces[interface]


def _put_address(ctx: Context, entry: Interface, index: int, address: str, netmask: str) -> None:
    mask = netmask or natural_mask(address)
    network = ipaddress.IPv4Network((address, mask), strict=False)
    broadcast = str(network.broadcast_address)
    row: Address = {"address": address, "netmask": mask, "broadcast": broadcast}
    entry["addresses"].insert(index, row)
    _add_address_routes(ctx, entry, row)
    if entry["up"]:
        _announce(ctx, entry, address)


def _announce(ctx: Context, entry: Interface, address: str) -> None:
    """The address is on the wire now: whoever else holds it answers, and AIX logs a duplicate.

    Source: network-and-services.md section 14: AIXIF_ARP_DUP_ADDR per ARP packet that claims an own address, the
    address as hex in the detail data; the configuration itself does not fail.
    """
    from drboot.sim.commands import errlog

    for host in hosts_on(ctx, entry["name"]):
        if host["address"] == address and host["answers"]:
            errlog.log(
                ctx, "AIXIF_ARP_DUP_ADDR", "FE2DEE00", "PERM", "S", "SYSXAIXIF",
                "DUPLICATE IP ADDRESS DETECTED IN THE NET", _detail(ctx, host),
                delay=float(ctx.variant("dup_addr_delay", "0")) + host.get("after", 0.0),
            )  # fmt: skip


def _detail(ctx: Context, host: NetHost) -> str:
    """The detail data of the entry: the address, as IBM's page has it, or what else a level may print."""
    number = f"{int(ipaddress.IPv4Address(host['address'])):08X}"
    words = [number[:4], number[4:]]
    if ctx.variant("dup_addr_detail", "address") == "mac":
        words += [host["mac"][at : at + 4].upper() for at in (0, 4, 8)]
    return "IP ADDRESS" if ctx.variant("dup_addr_detail", "address") == "none" else " ".join(words)


# ---------------------------------------------------------------- adapters and the wire


def adapter_of(interface: str) -> str:
    """en3 and et3 are interfaces of ent3."""
    return re.sub(r"^(en|et)(\d+)$", r"ent\2", interface)


def slot_of(ctx: Context, adapter: str) -> Optional[Slot]:
    """The firmware slot that the configured adapter stands for; None for a pseudo adapter or a stale definition.

    A full location code such as U9009.22A.7835450-V41-C32-T1 names the slot between two dashes.
    """
    device = ctx.world["odm"]["devices"].get(adapter)
    if device is None or device["status"] != 1:
        return None
    for slot in ctx.world["firmware"]["slots"]:
        if slot["physloc"] and slot["physloc"] == device["physloc"]:
            return slot
    for slot in ctx.world["firmware"]["slots"]:
        if f"-{slot['slot']}-" in device["physloc"] + "-" or slot["slot"] == device["connwhere"]:
            return slot
    return None


def base_of(ctx: Context, adapter: str) -> Tuple[str, int]:
    """The real adapter below a VLAN or EtherChannel adapter, and the VLAN it talks on.

    Source: boot-and-devices.md section 9 (type eth: base_adapter, vlan_tag_id; ibm_ech: adapter_names).
    """
    device = ctx.world["odm"]["devices"].get(adapter)
    tag = 0
    for _ in range(8):
        kind = "" if device is None else device["type"]
        if kind == "eth":
            tag = tag or int(_odm(ctx, adapter, "vlan_tag_id") or 0)
            adapter = _odm(ctx, adapter, "base_adapter")
        elif kind == "ibm_ech":
            adapter = _odm(ctx, adapter, "adapter_names").split(",")[0]
        else:
            break
        device = ctx.world["odm"]["devices"].get(adapter)
    slot = slot_of(ctx, adapter)
    return adapter, tag or (slot["vlan"] if slot is not None else 0)


def mac_of(ctx: Context, adapter: str) -> str:
    """Twelve hex digits, "" when the adapter is not there."""
    slot = slot_of(ctx, base_of(ctx, adapter)[0])
    return slot["mac"] if slot is not None else ""


def hosts_on(ctx: Context, interface: str) -> List[NetHost]:
    """Who else is in the VLAN of this interface; nobody when its adapter is not real."""
    base, vlan = base_of(ctx, adapter_of(interface))
    if slot_of(ctx, base) is None:
        return []
    san, own = ctx.world["san"], f"{ctx.world['firmware']['site']}/{vlan}"
    wire = next((places for places in san["stretched"] if own in places), [own])
    hosts = [host for place in wire for host in san["networks"].get(place, [])]
    return hosts + [host for place, host in _other_lpars(ctx) if place in wire]


def _other_lpars(ctx: Context) -> Iterator[Tuple[str, NetHost]]:
    """Addresses that the other running LPARs of the estate have up, each with its "site/vlan".

    VLAN and EtherChannel adapters are in the VLAN of the adapter below them.
    """
    own = os.path.dirname(ctx.root)
    for kernel_file in sorted(glob.glob(os.path.join(glob.escape(os.path.dirname(own)), "*", "kernel.json"))):
        directory = os.path.dirname(kernel_file)
        if directory == own:
            continue
        with open(kernel_file, encoding="utf-8") as file:
            kernel: Kernel = json.load(file)
        if not kernel["running"]:
            continue
        with open(os.path.join(directory, "firmware.json"), encoding="utf-8") as file:
            firmware: Firmware = json.load(file)
        vlans = {slot["mac"]: slot["vlan"] for slot in firmware["slots"] if slot["mac"]}
        for interface in kernel["interfaces"].values():
            if interface["up"] and interface["mac"] in vlans:
                for held in interface["addresses"]:
                    yield (
                        f"{firmware['site']}/{vlans[interface['mac']]}",
                        {"address": held["address"], "mac": interface["mac"], "answers": True, "services": []},
                    )


def host_at(ctx: Context, address: str) -> Optional[NetHost]:
    """The host that would answer at ``address``, looked for on the wires of the interfaces that are up."""
    for interface in ctx.world["kernel"]["interfaces"].values():
        if interface["up"] and interface["name"] != LOOPBACK:
            for host in hosts_on(ctx, interface["name"]):
                if host["address"] == address and host["answers"] and not host.get("after"):
                    return host
    return None


def own_addresses(ctx: Context) -> Dict[str, str]:
    """Own IPv4 address -> name of the interface that holds it."""
    kernel = ctx.world["kernel"]
    return {a["address"]: i["name"] for i in kernel["interfaces"].values() for a in i["addresses"]}


# ---------------------------------------------------------------- routes


def parse_route(value: str) -> Optional[RouteValue]:
    """The meaning of an inet0 ``route`` value, None when it has none.

        net,-hopcount,0,,0,GW                                       default route
        net,-hopcount,0,-netmask,M,-if,en1,,,,-static,DEST,GW       newer SMIT
        net,DEST,-netmask,M,GW                                      typed by hand
        host,-hopcount,2,-if,en0,192.9.200.5,bcroom                 a host

    Empty fields are positional padding; a trailing metric is allowed.
    Source: network-and-services.md section 4, transcript lsattr/61.
    """
    fields = value.split(",")
    kind, rest = fields[0], [f for f in fields[1:] if f]
    if kind not in ("net", "host"):
        return None
    flags: Dict[str, str] = {}
    words: List[str] = []
    while rest:
        word = rest.pop(0)
        if word in ("-hopcount", "-netmask", "-if", "-genmask", "-interface", "-mtu") and rest:
            flags[word] = rest.pop(0)
        elif not word.startswith("-"):
            words.append(word)
    if len(words) == 3 and words[2].isdigit():
        words.pop()
    if len(words) != 2:
        return None
    destination = "0.0.0.0" if words[0] in ("0", "default", "0.0.0.0") else _full(words[0])
    if destination is None or not is_address(words[1]):
        return None
    if kind == "host":
        mask = "255.255.255.255"
    elif destination == "0.0.0.0" and words[0] != "0.0.0.0/0":
        mask = "0.0.0.0"
    else:
        mask = flags.get("-netmask") or natural_mask(destination)
    if not is_netmask(mask):
        return None
    return RouteValue(kind, destination, mask, words[1], flags.get("-if", ""))


def add_route(ctx: Context, value: str, by_hand: bool = False) -> bool:
    """The kernel routes as the inet0 value says.  False when it has that route already, or cannot reach the gateway.

    A second gateway for the same destination is a second row. Source: transcript netstat/04. Assumed: an unreachable
    gateway is refused, as every BSD kernel does.
    """
    route = parse_route(value)
    if route is None:
        return False
    destination = shorten(route)
    interface = route.interface or interface_towards(ctx, route.gateway)
    if interface not in ctx.world["kernel"]["interfaces"]:
        return False
    if any(r["destination"] == destination and r["gateway"] == route.gateway for r in _routes(ctx)):
        return False
    flags = "UG" + ("H" if route.kind == "host" else "") + ("S" if by_hand else "")
    _insert(ctx, new_route(destination, route.gateway, interface, flags=flags))
    return True


def delete_route(ctx: Context, value: str) -> bool:
    """The kernel no longer has the route that the inet0 value means.  False when it had none."""
    route = parse_route(value)
    if route is None:
        return False
    destination = shorten(route)
    for row in _routes(ctx):
        if row["destination"] == destination and row["gateway"] == route.gateway and "G" in row["flags"]:
            _routes(ctx).remove(row)
            return True
    return False


def interface_towards(ctx: Context, address: str) -> str:
    """The interface that has ``address`` on its own subnet, "" when none has."""
    for interface in ctx.world["kernel"]["interfaces"].values():
        for held in interface["addresses"]:
            if interface["up"] and same_subnet(held, address):
                return interface["name"]
    return ""


def route_to(ctx: Context, address: str) -> Optional[Route]:
    """The most specific row of the routing table that matches ``address``."""
    best: Optional[Route] = None
    number = int(ipaddress.IPv4Address(address))
    for row in _routes(ctx):
        if ":" in row["destination"] or "b" in row["flags"]:
            continue
        start, length = position(row["destination"])
        if number >> (32 - length) == start >> (32 - length) and (
            best is None or length > position(best["destination"])[1]
        ):
            best = row
    return best


def shorten(route: RouteValue) -> str:
    """The destination as netstat prints it: default, 10.1/23, 10.1.0.3."""
    if route.kind == "host":
        return route.destination
    network = ipaddress.IPv4Network((route.destination, route.netmask), strict=False)
    return short_network(network)


def short_network(network: ipaddress.IPv4Network) -> str:
    if network.prefixlen == 0:
        return "default"
    if network.prefixlen == 32:
        return str(network.network_address)
    octets = str(network.network_address).split(".")
    while len(octets) > 1 and octets[-1] == "0":
        octets.pop()
    return f"{'.'.join(octets)}/{network.prefixlen}"


def position(destination: str) -> Tuple[int, int]:
    """Network number and prefix length of a destination as netstat prints it."""
    if destination == "default":
        return 0, 0
    address, _, length = destination.partition("/")
    octets = address.split(".")
    padded = ".".join(octets + ["0"] * (4 - len(octets)))
    return int(ipaddress.IPv4Address(padded)), int(length) if length else 32


def _insert(ctx: Context, row: Route) -> None:
    """Put a row where netstat shows it: by network number, the more specific one first."""
    start, length = position(row["destination"])
    rows = _routes(ctx)
    for index, other in enumerate(rows):
        if ":" in other["destination"]:
            rows.insert(index, row)
            return
        other_start, other_length = position(other["destination"])
        if (other["destination"] != "default", other_start, -other_length) > (
            row["destination"] != "default", start, -length,
        ):  # fmt: skip
            rows.insert(index, row)
            return
    rows.append(row)


def _add_address_routes(ctx: Context, entry: Interface, held: Address) -> None:
    """The rows that an address brings with it: subnet, its two broadcasts, the address itself through lo0.

    Source: transcripts netstat/06, 07 (a subnet), 13 (an alias with a host mask is a UH and a UGHS row).
    """
    network = ipaddress.IPv4Network((held["address"], held["netmask"]), strict=False)
    address, name = held["address"], entry["name"]
    if name == LOOPBACK:
        rows = [new_route(short_network(network), address, name, flags="U")]
    elif network.prefixlen == 32:
        rows = [new_route(address, address, name, flags="UH"), new_route(address, "127.0.0.1", LOOPBACK, flags="UGHS")]
    else:
        rows = [
            new_route(str(network.network_address), address, name, flags="UHSb"),
            new_route(short_network(network), address, name, flags="U"),
            new_route(address, "127.0.0.1", LOOPBACK, flags="UGHS"),
            new_route(str(network.broadcast_address), address, name, flags="UHSb"),
        ]
    present = {(r["destination"], r["interface"], r["flags"]) for r in _routes(ctx)}
    for row in rows:
        if (row["destination"], row["interface"], row["flags"]) not in present:
            _insert(ctx, row)


def _drop_address_routes(ctx: Context, entry: Interface, held: Address) -> None:
    """The rows of an address that went away, unless another address of the interface is in the same subnet."""
    address, name = held["address"], entry["name"]
    heir = next((a["address"] for a in entry["addresses"] if same_subnet(a, address)), "")
    kept = []
    for row in _routes(ctx):
        if _is_local(row) and row["destination"] == address:
            continue
        if row["interface"] == name and row["gateway"] == address and "G" not in row["flags"]:
            if not heir:
                continue
            row["gateway"] = heir
        kept.append(row)
    _routes(ctx)[:] = kept


def _is_local(row: Route) -> bool:
    return row["interface"] == LOOPBACK and row["flags"] == "UGHS"


def _routes(ctx: Context) -> List[Route]:
    return ctx.world["kernel"]["routes"]


# ---------------------------------------------------------------- boot


def apply_odm(ctx: Context) -> None:
    """What /etc/rc.net does at boot: host name, loopback, every interface of the ODM, routes.

    Source: IBM's rc.net file page; network-and-services.md section 16.1: interfaces are up with the address of the
    ODM before any inittab entry runs.
    """
    kernel = ctx.world["kernel"]
    kernel["hostname"] = kernel["nodename"] = _odm(ctx, "inet0", "hostname") or "localhost"
    lo = attach(ctx, LOOPBACK)
    lo["inet6"] = ["::1%1/0"]
    if not lo["addresses"]:
        _put_address(ctx, lo, 0, "127.0.0.1", "255.0.0.0")
    lo["up"] = True
    for device in _interfaces(ctx):
        if device["status"] == 1 and _odm(ctx, device["name"], "state") == "up" and device["name"] != LOOPBACK:
            set_state(ctx, device["name"], "up")
    for value in ctx.world["odm"]["attributes"].get("inet0", {}).get("route", []):
        add_route(ctx, value)
    for value in ctx.world["odm"]["attributes"].get("inet0", {}).get("rout6", []):
        net6.add_route(ctx, value)


def addresses6_from_odm(ctx: Context, interface: str) -> None:
    """The kernel's interface has the IPv6 addresses of the ODM; those that it has already stay."""
    held = ctx.world["odm"]["attributes"].get(interface, {})
    length = (held.get("prefixlen") or [""])[0]
    wanted = [(address, length) for address in held.get("netaddr6", [])]
    wanted += [value.partition("/")[::2] for value in held.get("alias6", [])]
    for address, digits in wanted:
        if net6.is_address(address):
            size = int(digits) if digits.isdigit() else net6.USUAL_LENGTH
            net6.add_address(ctx, attach(ctx, interface), address, size)


def _configure_from_odm(ctx: Context, interface: str) -> None:
    addresses6_from_odm(ctx, interface)
    address, netmask = _odm(ctx, interface, "netaddr"), _odm(ctx, interface, "netmask")
    if not is_address(address):
        return
    set_address(ctx, interface, address, netmask)
    for value in ctx.world["odm"]["attributes"].get(interface, {}).get("alias4", []):
        alias, _, mask = value.partition(",")
        if is_address(alias):
            add_alias(ctx, interface, alias, mask)


def _interfaces(ctx: Context) -> List[Device]:
    return [d for d in ctx.world["odm"]["devices"].values() if d["cls"] == "if"]


def _odm(ctx: Context, device: str, attribute: str) -> str:
    values = ctx.world["odm"]["attributes"].get(device, {}).get(attribute, [])
    return values[0] if values else ""


# ---------------------------------------------------------------- numbers


def is_address(text: str) -> bool:
    try:
        ipaddress.IPv4Address(text)
    except ValueError:
        return False
    return True


def is_netmask(text: str) -> bool:
    """Dotted, ones before zeros: 255.255.240.0."""
    if not is_address(text):
        return False
    ones = f"{int(ipaddress.IPv4Address(text)):032b}"
    return "01" not in ones


def natural_mask(address: str) -> str:
    """The mask of the address's class, as AIX takes it when none is given."""
    first = int(address.split(".")[0])
    return "255.0.0.0" if first < 128 else "255.255.0.0" if first < 192 else "255.255.255.0"


def same_subnet(held: Address, address: str) -> bool:
    if not held["netmask"] or not is_address(address):
        return False
    network = ipaddress.IPv4Network((held["address"], held["netmask"]), strict=False)
    return ipaddress.IPv4Address(address) in network


def _full(text: str) -> Optional[str]:
    """10.1 -> 10.1.0.0; None when it is no network number."""
    octets = text.split(".")
    padded = ".".join(octets + ["0"] * (4 - len(octets)))
    return padded if is_address(padded) else None
