"""netstat -r and -i: the kernel's routing table and interfaces.

    Destination        Gateway           Flags   Refs     Use  If   Exp  Groups
    10.1/23            10.1.0.3          U         0   1422409 en0      -      -

    Name  Mtu   Network     Address            Ipkts Ierrs    Opkts Oerrs  Coll
    en0   1500  link#2      a.c6.24.39.41.3    162325     0    60252     0     0

Columns by position: 0, 19, 37, Refs to 48, Use to 58, 59, 68, 75, and the ``=>`` mark at 79; numbers that do not fit
push what follows.  For -i: 0, 6, 12, 24, then numbers that end at 49, 55, 64, 70, 76.
Source: network-and-services.md section 7, transcripts netstat/*.
"""

from __future__ import annotations

import ipaddress
from typing import Dict, List

from drboot.sim import net, net6
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands import names
from drboot.sim.commands.ifconfig import in_order
from drboot.sim.world import Interface, Route

# Assumed: the wording.  The flags are those of IBM's netstat page.
USAGE = (
    "Usage: netstat [-n] [{-A -a} | {-r -C -i -I Interface}] [-f Family] [-d] [-v] [-s] [-m] [-D] [-c] [-P]\n"
    "       [-p Protocol]"
)
# Source: transcript netstat/04: with a French locale these lines are translated and the others are not.
FRENCH = {
    "Routing tables": "Tables de routage",
    "Route tree for Protocol Family 24 (Internet v6):": (
        "Arborescence de la route pour la famille de protocoles 24 (Internet v6):"
    ),
}


def netstat(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "nAarCiI:f:dvsmDcPp:Zou@:", USAGE)
    if operands and not all(word.isdigit() for word in operands):
        raise Usage(USAGE)
    family = flags.get("f", [""])[-1]
    if family not in ("", "inet", "inet6"):
        raise Usage(USAGE)
    if "r" in flags:
        _routes(ctx, "n" in flags, family)
    elif "i" in flags or "I" in flags:
        _interfaces(ctx, "n" in flags, "d" in flags, flags.get("I", [""])[-1], family)
    elif "v" in flags:
        return _adapters(ctx)
    else:
        ctx.err("netstat: only -r, -i, -I and -v are simulated")
        return 1
    return 0


# ---------------------------------------------------------------- -r


def _routes(ctx: Context, numeric: bool, family: str) -> None:
    old = ctx.world["odm"]["oslevel"].startswith("5")
    width = 16 if old else 18
    tree = ctx.variant("netstat_route_tree", "tree")
    header = f"{'Destination':<{width}} Gateway           Flags   Refs     Use  If   Exp  Groups"
    ctx.out(_say(ctx, "Routing tables"))
    ctx.out(header)
    rows = ctx.world["kernel"]["routes"]
    if family != "inet6":
        ctx.out()
        ctx.out(f"Route {tree} for Protocol Family 2 (Internet):")
        _table(ctx, [r for r in rows if ":" not in r["destination"]], width, numeric)
    if family != "inet":
        ctx.out()
        ctx.out(_say(ctx, f"Route {tree} for Protocol Family 24 (Internet v6):"))
        _table(ctx, [r for r in rows if ":" in r["destination"]], width, numeric)


def _table(ctx: Context, rows: List[Route], width: int, numeric: bool) -> None:
    blanks = "   " if ctx.variant("netstat_trailing_blanks", "yes") == "yes" else ""
    book = {} if numeric else names.reverse(ctx)
    for index, row in enumerate(rows):
        more = index + 1 < len(rows) and _key(row) == _key(rows[index + 1])
        shown = "default" if row["destination"] == net6.DEFAULT else row["destination"]
        destination = book.get(shown, shown)
        gateway = book.get(row["gateway"], row["gateway"])
        ctx.out(
            f"{destination:<{width}} {gateway:<17} {row['flags']:<6}{row['refs']:>5}{row['use']:>10} "
            f"{row['interface']:<8} {'-':<6} -" + ("   =>" if more else blanks)
        )


def _key(row: Route) -> object:
    """Rows of one key are a chain in the routing tree: all but the last carry the => mark."""
    if ":" in row["destination"]:
        return object()
    return (row["destination"] == "default", net.position(row["destination"])[0])


def _say(ctx: Context, text: str) -> str:
    """The text in the language of the caller's environment."""
    language = next(filter(None, (ctx.env.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "C")
    return FRENCH.get(text, text) if language.lower().startswith("fr") else text


# ---------------------------------------------------------------- -i


def _interfaces(ctx: Context, numeric: bool, drops: bool, only: str, family: str) -> None:
    book = {} if numeric else names.reverse(ctx)
    if drops:
        ctx.out("Name   Mtu   Network     Address                 Ipkts     Ierrs        Opkts     Oerrs  Coll  Drop")
    else:
        ctx.out("Name  Mtu   Network     Address            Ipkts Ierrs    Opkts Oerrs  Coll")
    for interface in in_order(ctx):
        if only in ("", interface["name"]):
            _interface(ctx, interface, book, drops, family)


def _interface(ctx: Context, interface: Interface, book: Dict[str, str], drops: bool, family: str) -> None:
    name = interface["name"] + ("" if interface["up"] else "*")
    counters = (interface["counters"].get("packets", []) + [0] * 6)[:6]
    if interface["mac"]:
        link = ".".join(f"{int(interface['mac'][i : i + 2], 16):x}" for i in range(0, 12, 2))
    else:
        link = interface["addresses"][0]["address"] if interface["name"].startswith("sit") else ""
    _row(ctx, name, interface["mtu"], f"link#{interface['link']}", link, counters, drops)
    if family != "inet6":
        for held in interface["addresses"]:
            if interface["name"].startswith("sit"):
                continue
            network = _network(held["address"], held["netmask"])
            _row(ctx, name, interface["mtu"], network, book.get(held["address"], held["address"]), counters, drops)
    if family != "inet":
        for address in interface["inet6"]:
            _row(ctx, name, interface["mtu"], address.partition("/")[0], "", counters, drops)


def _row(ctx: Context, name: str, mtu: int, network: str, address: str, numbers: List[int], drops: bool) -> None:
    """Two layouts.  Source: transcripts netstat/01, 15, 21 (usual), 24 (-d, AIX 7.3), 22 (one column wider)."""
    ipkts, ierrs, opkts, oerrs, coll, drop = numbers
    if drops:
        ctx.out(
            f"{name:<6} {mtu:<5} {network:<11} {address:<16} {ipkts:>16} {ierrs:>5} {opkts:>16} {oerrs:>5} {coll:>5} "
            f"{drop:>5}"
        )
        return
    width = 29 if ctx.variant("netstat_interface_width", "28") == "29" else 28
    place = f"{network:<11} {address}" if address else network
    ctx.out(f"{name:<5} {mtu:<5} {place:<{width}} {ipkts:>8} {ierrs:>5} {opkts:>8} {oerrs:>5} {coll:>5}")


def _network(address: str, netmask: str) -> str:
    network = ipaddress.IPv4Network((address, netmask or net.natural_mask(address)), strict=False)
    return net.short_network(network).partition("/")[0]


def _adapters(ctx: Context) -> int:
    """netstat -v: the statistics of every adapter one after another.  Source: transcripts entstat/04 to 15."""
    for interface in in_order(ctx):
        if interface["name"].startswith("en"):
            ctx.raw(ctx.call("/usr/bin/entstat", "-d", net.adapter_of(interface["name"])).out)
    return 0
