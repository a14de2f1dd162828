"""ifconfig: shows and changes the kernel's interfaces; the ODM stays as it is.

    en0: flags=1e084863,480<UP,BROADCAST,...,CHAIN>
            inet 10.16.77.22 netmask 0xffffff00 broadcast 10.16.77.255
             tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1

Success of a change is silent.
Source: network-and-services.md section 6, transcripts ifconfig/*.
"""

from __future__ import annotations

import ipaddress
import re
from typing import List, Optional

from drboot.sim import net, net6
from drboot.sim.command import Context, Usage
from drboot.sim.world import Interface

# Assumed: wording of the usage text; that there is one follows from the manual's syntax.
USAGE = (
    "Usage: ifconfig -a [-l] [-d] [-u] [AddressFamily]\n"
    "       ifconfig Interface [AddressFamily [Address] [Parameters ...]]"
)
FAMILIES = ("inet", "inet6")
EN_TAIL = "         tcp_sendspace 262144 tcp_recvspace 262144 rfc1323 1"
LO_TAIL = "         tcp_sendspace 131072 tcp_recvspace 131072 rfc1323 1"
# Parameters with a value that change nothing which this simulation keeps.
VALUES = ("broadcast", "metric", "rfc1323", "tcp_mssdflt", "tcp_nodelay", "tcp_recvspace", "tcp_sendspace", "security")
SWITCHES = ("arp", "-arp", "largesend", "-largesend", "checksum_offload", "-checksum_offload", "thread", "-thread",
            "monitor", "-monitor", "authority", "allcast", "-allcast")  # fmt: skip


def ifconfig(ctx: Context, args: List[str]) -> int:
    if not args:
        raise Usage(USAGE)
    if args[0].startswith("-"):
        return _list(ctx, args)
    name, words = args[0], args[1:]
    if words and words[0] in FAMILIES:
        family = words.pop(0)
        if family == "inet6" and words:
            return _change6(ctx, name, words)
    if words:
        return _change(ctx, name, words)
    interface = ctx.world["kernel"]["interfaces"].get(name)
    if interface is None:
        return _unknown(ctx, name)
    _show(ctx, interface)
    return 0


def _list(ctx: Context, args: List[str]) -> int:
    letters = ""
    for word in args:
        if word.startswith("-"):
            letters += word[1:]
        elif word not in FAMILIES:
            raise Usage(USAGE)
    if not letters or set(letters) - set("aldu"):
        raise Usage(USAGE)
    shown = [i for i in in_order(ctx) if not ("d" in letters and i["up"]) and not ("u" in letters and not i["up"])]
    if "l" in letters:
        ctx.out(" ".join(i["name"] for i in shown))
        return 0
    for interface in shown:
        _show(ctx, interface)
    return 0


def in_order(ctx: Context) -> List[Interface]:
    """The kernel's list: by link number, the loopback last.  Source: transcripts ifconfig/09, netstat/22."""
    interfaces = ctx.world["kernel"]["interfaces"].values()
    return sorted(interfaces, key=lambda i: (i["name"].startswith("lo"), i["link"]))


def _show(ctx: Context, interface: Interface) -> None:
    loopback = interface["name"].startswith("lo")
    flags = interface["flags"] or (net.LO_FLAGS if loopback else net.EN_FLAGS)
    ctx.out(f"{interface['name']}: flags={flags if interface['up'] else _down(flags)}")
    for held in interface["addresses"]:
        mask = f" netmask 0x{int(ipaddress.IPv4Address(held['netmask'])):08x}" if held["netmask"] else ""
        ctx.out(f"        inet {held['address']}{mask} broadcast {held['broadcast']}")
    for address in interface["inet6"]:
        ctx.out(f"        inet6 {address}")
    if interface["addresses"] or interface["inet6"]:
        ctx.out(interface["tail"] or (LO_TAIL if loopback else EN_TAIL))


def _down(flags: str) -> str:
    """The flags without UP and RUNNING, in the number and in the names."""
    number, rest = re.match(r"([0-9a-f]+)(.*)", flags, re.S).groups()  # type: ignore[union-attr]
    number = f"{int(number, 16) & ~net.UP_BITS:x}"
    return number + rest.replace("<UP,", "<").replace(",RUNNING", "")


def _change(ctx: Context, name: str, words: List[str]) -> int:
    """Carry out the parameters: address, netmask, alias, delete, up, down, detach, mtu."""
    address: Optional[str] = None
    netmask, actions, first_delete = "", [], False
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word == "netmask" and rest:
            netmask = _mask(rest.pop(0))
        elif word == "mtu" and rest:
            mtu = rest.pop(0)
            if not mtu.isdigit():
                raise Usage(USAGE)
            actions.append("mtu " + mtu)
        elif word in VALUES and rest:
            rest.pop(0)
        elif word in ("alias", "delete", "-alias", "up", "down", "detach"):
            first_delete = first_delete or (word in ("delete", "-alias") and address is None)
            actions.append("delete" if word == "-alias" else word)
        elif word in SWITCHES:
            continue
        elif address is None and net.is_address(word.partition("/")[0]):
            address, _, length = word.partition("/")
            netmask = _length(length) if length else netmask
        else:
            raise Usage(USAGE)
    kernel = ctx.world["kernel"]
    if name not in kernel["interfaces"] and not (address is not None and _can_attach(ctx, name)):
        return _unknown(ctx, name)
    if address is not None:
        rc = _change_address(ctx, name, address, netmask, actions, first_delete)
        if rc:
            return rc
    elif "delete" in actions and kernel["interfaces"][name]["addresses"]:
        net.remove_address(ctx, name, kernel["interfaces"][name]["addresses"][0]["address"])
    for action in actions:
        if action.startswith("mtu ") and name in kernel["interfaces"]:
            kernel["interfaces"][name]["mtu"] = int(action[4:])
        if action in ("up", "down", "detach"):
            net.set_state(ctx, name, action)
    return 0


def _change6(ctx: Context, name: str, words: List[str]) -> int:
    """``ifconfig en1 inet6 ADDRESS[/LENGTH] [alias | delete]``, and ``inet6 delete ADDRESS``."""
    actions = [word for word in words if word in ("alias", "delete", "-alias")]
    address, _, length = next((word for word in words if word not in actions), "").partition("/")
    if len(words) - len(actions) != 1 or not net6.is_address(address) or (length and not length.isdigit()):
        raise Usage(USAGE)
    if name not in ctx.world["kernel"]["interfaces"] and not _can_attach(ctx, name):
        return _unknown(ctx, name)
    entry = net.attach(ctx, name)
    if "delete" in actions or "-alias" in actions:
        if not net6.remove_address(ctx, entry, address):
            ctx.err(f"ifconfig: {address}: not an address of {name}")
            return 1
        return 0
    net6.add_address(ctx, entry, address, int(length) if length else net6.USUAL_LENGTH)
    return 0


def _change_address(ctx: Context, name: str, address: str, netmask: str, actions: List[str], first_delete: bool) -> int:
    if "delete" in actions:
        local = [r for r in ctx.world["kernel"]["routes"] if r["destination"] == address and r["flags"] == "UGHS"]
        if not net.remove_address(ctx, name, address):
            ctx.err(f"ifconfig: {address}: not an address of {name}")
            return 1
        # Source: IV21533: `ifconfig en0 ADDR delete` leaves a route behind on older levels
        if not first_delete and ctx.variant("ifconfig_address_delete", "clean") == "leaves-route":
            ctx.world["kernel"]["routes"].extend(local)
        return 0
    if "alias" in actions:
        net.add_alias(ctx, name, address, netmask)
    else:
        net.set_address(ctx, name, address, netmask)
    if "down" not in actions and "detach" not in actions:
        net.set_state(ctx, name, "up")  # an interface with an address comes up, as in every BSD
    return 0


def _mask(text: str) -> str:
    """255.255.255.0 or 0xffffff00, dotted."""
    try:
        dotted = str(ipaddress.IPv4Address(int(text, 16) if text.startswith("0x") else text))
    except ValueError as error:
        raise Usage(USAGE) from error
    if not net.is_netmask(dotted):
        raise Usage(USAGE)
    return dotted


def _length(text: str) -> str:
    """The mask of a prefix length."""
    if not text.isdigit() or int(text) > 32:
        raise Usage(USAGE)
    return str(ipaddress.IPv4Network(f"0.0.0.0/{text}").netmask)


def _can_attach(ctx: Context, name: str) -> bool:
    device = ctx.world["odm"]["devices"].get(net.adapter_of(name))
    return name == net.LOOPBACK or (device is not None and device["status"] == 1)


def _unknown(ctx: Context, name: str) -> int:
    """The text of AIX for this is not publicly known, so this one is plain."""
    ctx.err(f"ifconfig: {name}: no such interface")
    return 1
