"""The kernel's side of IPv6 on a simulated LPAR: addresses that somebody configured, and static routes.

No neighbour discovery, no link-local addresses: those come of autoconf6, which a static address does without.

A value of inet0's ``rout6`` is ``type,[flag,value,...],destination,gateway``, as that of ``route`` is:

    net,-hopcount,0,,,::,GW                      default route
    net,-hopcount,0,,,2001:db8:31::/48,GW        a network

Source: network-and-services.md sections 4 (rout6), 6; transcripts netstat/13 (rows), ifconfig/09 (addresses).
Assumed: an address of the ODM is in the kernel at boot and when netaddr6 is changed, with a row for its network and one
for itself through lo0 as netstat/13 has them for a link-local one; without prefixlen its network is 64 bits long.
"""

from __future__ import annotations

import ipaddress
from typing import List, Optional, Tuple

from drboot.sim.command import Context
from drboot.sim.world import Interface, Route, new_route

DEFAULT = "::/0"  # netstat prints "default"
USUAL_LENGTH = 64


def is_address(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True


def add_address(ctx: Context, entry: Interface, address: str, length: int) -> None:
    """The interface has the address, after those that it has already."""
    if any(held.partition("/")[0] == address for held in entry["inet6"]):
        return
    entry["inet6"].append(f"{address}/{length}")
    network = str(ipaddress.IPv6Network((address, length), strict=False))
    if all(row["destination"] != network or row["interface"] != entry["name"] for row in _routes(ctx)):
        _routes(ctx).append(new_route(network, f"link#{entry['link']}", entry["name"], flags="UCX"))
    _routes(ctx).append(new_route(address, "", "lo0", flags="UHXLWl"))


def remove_address(ctx: Context, entry: Interface, address: str) -> bool:
    """The address is off the interface, and its rows with it.  False when it was not there."""
    for held in entry["inet6"]:
        if held.partition("/")[0] == address:
            break
    else:
        return False
    entry["inet6"].remove(held)
    network = ipaddress.IPv6Network(held, strict=False)
    others = [ipaddress.IPv6Network(other, strict=False) for other in entry["inet6"]]
    gone = [(address, "lo0")] + ([] if network in others else [(str(network), entry["name"])])
    _routes(ctx)[:] = [row for row in _routes(ctx) if (row["destination"], row["interface"]) not in gone]
    return True


def parse_route(value: str) -> Optional[Tuple[str, str, str]]:
    """(destination/length, gateway, interface or "") of a ``rout6`` value; None when it has no meaning."""
    fields = value.split(",")
    kind, rest = fields[0], [field for field in fields[1:] if field]
    if kind not in ("net", "host"):
        return None
    flags, words = {}, []
    while rest:
        word = rest.pop(0)
        if word in ("-hopcount", "-prefixlen", "-if", "-mtu") and rest:
            flags[word] = rest.pop(0)
        elif not word.startswith("-"):
            words.append(word)
    if len(words) == 3 and words[2].isdigit():
        words.pop()
    if len(words) != 2 or not is_address(words[1].partition("%")[0]):
        return None
    base, _, length = words[0].partition("/")
    base = "::" if base in ("0", "default") else base
    length = "128" if kind == "host" else length or flags.get("-prefixlen", "0" if base == "::" else "")
    try:
        network = ipaddress.IPv6Network(f"{base}/{length}")
    except ValueError:
        return None
    return str(network), words[1], flags.get("-if", "")


def add_route(ctx: Context, value: str, by_hand: bool = False) -> bool:
    """The kernel routes as the value says.  False when it has that route already, or cannot reach the gateway."""
    parsed = parse_route(value)
    if parsed is None:
        return False
    destination, gateway, named = parsed
    interface = named or _towards(ctx, gateway)
    if not interface or any((r["destination"], r["gateway"]) == (_printed(destination), gateway) for r in _routes(ctx)):
        return False
    flags = "UG" + ("H" if destination.endswith("/128") else "") + ("S" if by_hand else "")
    _routes(ctx).append(new_route(_printed(destination), gateway, interface, flags=flags))
    return True


def delete_route(ctx: Context, value: str) -> bool:
    """The kernel no longer has the route.  False when it had none."""
    parsed = parse_route(value)
    for row in _routes(ctx) if parsed else []:
        if parsed and (row["destination"], row["gateway"]) == (_printed(parsed[0]), parsed[1]) and "G" in row["flags"]:
            _routes(ctx).remove(row)
            return True
    return False


def _printed(network: str) -> str:
    """A host route as the kernel keeps it: without its length."""
    return network[: -len("/128")] if network.endswith("/128") else network


def _towards(ctx: Context, gateway: str) -> str:
    """The interface that has the gateway in one of its networks, "" when none has."""
    for interface in ctx.world["kernel"]["interfaces"].values():
        for held in interface["inet6"]:
            usable = interface["up"] and "%" not in held
            if usable and ipaddress.IPv6Address(gateway) in ipaddress.IPv6Network(held, strict=False):
                return interface["name"]
    return ""


def _routes(ctx: Context) -> List[Route]:
    return ctx.world["kernel"]["routes"]
