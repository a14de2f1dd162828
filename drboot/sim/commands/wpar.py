"""lswpar, chwpar, startwpar, stopwpar: workload partitions.

    Name  State  Type  Hostname  Directory   RootVG WPAR
    ----------------------------------------------------
    web   D      S     web       /wpars/web  no

The addresses of a WPAR are aliases of the global environment's interfaces while it is active.
Source: the four manual pages (AIX 7.1, 7.2): syntax, states, what starting and stopping includes; public scripts for
``lswpar -N -c`` with its header name:interface:address:mask_prefix:broadcast, and for ``chwpar -K -N address=A NAME``.
Assumed: the wording of every message; the column widths; names and order of the columns of ``lswpar -c -G``;
that chwpar -N with an address that is there changes it; that a WPAR whose root is not there does not start.
"""

from __future__ import annotations

import ipaddress
from typing import Dict, List, Optional, Tuple

from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Wpar, WparAddress

LSWPAR_USAGE = (
    "Usage: lswpar [-N] [-q] [-s state] [-t type] [wparname ...]\n"
    "       lswpar -G [-s state] [-t type] [wparname ...]\n"
    "       lswpar {-c | -d delim} [-G | -N] [-q]"
)
CHWPAR_USAGE = (
    "Usage: chwpar [-A] [-h hostname] [-N attribute=value ...] wparname\n       chwpar -K [-A] [-N address=A.B.C.D]"
)
STARTWPAR_USAGE = "Usage: startwpar [-a] [-m] [-v] wparname"
STOPWPAR_USAGE = "Usage: stopwpar [-h | -F] [-r] [-t seconds | -N] [-v] wparname"
GENERAL = ("Name", "State", "Type", "Hostname", "Directory", "RootVG WPAR")
NETWORK = ("Name", "Interface", "Address(6)", "Mask/Prefix", "Broadcast")
EVERYTHING = (
    "Type", "Hostname", "Directory", "Owner", "Start/Stop Script", "Auto", "Private /usr", "Checkpointable",
    "Application",
)  # fmt: skip
EVERYTHING_FIELDS = (
    "name", "state", "type", "hostname", "directory", "owner", "script", "auto", "privateusr", "checkpointable",
    "application",
)  # fmt: skip
NETWORK_FIELDS = ("name", "interface", "address", "mask_prefix", "broadcast")


def lswpar(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "cd:GNqs:t:", LSWPAR_USAGE)
    if {"G", "N"} <= set(flags):
        raise Usage(LSWPAR_USAGE)
    known = ctx.world["odm"]["wpars"]
    unknown = [name for name in operands if name not in known]
    for name in unknown:
        ctx.err(f"lswpar: 0960-419 Could not find a workload partition called {name}.")
    chosen = [known[name] for name in sorted(operands or known) if name in known]
    if "s" in flags:
        chosen = [wpar for wpar in chosen if _state(ctx, wpar) == flags["s"][-1].upper()[:1]]
    if "G" in flags:
        rows = [_everything(ctx, wpar) for wpar in chosen]
    else:
        rows = [row for wpar in chosen for row in (_network(wpar) if "N" in flags else [_general(ctx, wpar)])]
    if "c" in flags or "d" in flags:
        names = NETWORK_FIELDS if "N" in flags else tuple(word.lower() for word in GENERAL)
        names = EVERYTHING_FIELDS if "G" in flags else names
        delimiter = flags.get("d", [":"])[-1]
        for row in [] if "q" in flags else [names]:
            ctx.out(delimiter.join(row))
        for row in rows:
            ctx.out(delimiter.join(row))
    elif "G" in flags:
        for row in rows:
            _paragraph(ctx, row)
    elif rows:
        _table(ctx, NETWORK if "N" in flags else GENERAL, rows, "q" in flags)
    return 1 if unknown else 0


def _table(ctx: Context, header: Tuple[str, ...], rows: List[Tuple[str, ...]], quiet: bool) -> None:
    widths = [max(len(row[at]) for row in [header, *rows]) for at in range(len(header))]
    lines = ["  ".join(f"{word:<{width}}" for word, width in zip(row, widths)).rstrip() for row in [header, *rows]]
    for line in lines[1:] if quiet else [lines[0], "-" * (sum(widths) + 2 * len(widths) - 2), *lines[1:]]:
        ctx.out(line)


def _general(ctx: Context, wpar: Wpar) -> Tuple[str, ...]:
    return wpar["name"], _state(ctx, wpar), "S", wpar["hostname"], wpar["directory"], "no"


def _everything(ctx: Context, wpar: Wpar) -> Tuple[str, ...]:
    auto = "yes" if wpar["auto"] else "no"
    return (*_general(ctx, wpar)[:5], "root", "", auto, "no", "no", "")


def _paragraph(ctx: Context, row: Tuple[str, ...]) -> None:
    rule = "=" * 65
    for line in (rule, f"{row[0]} - {'Active' if row[1] == 'A' else 'Defined'}", rule):
        ctx.out(line)
    for title, value in zip(EVERYTHING, row[2:]):
        ctx.out(f"{title + ':':<24} {value}".rstrip())
    ctx.out("")


def _network(wpar: Wpar) -> List[Tuple[str, ...]]:
    return [(wpar["name"], a["interface"], a["address"], a["netmask"], _broadcast(a)) for a in wpar["network"]]


def _broadcast(address: WparAddress) -> str:
    return str(ipaddress.ip_interface(f"{address['address']}/{address['netmask']}").network.broadcast_address)


def _state(ctx: Context, wpar: Wpar) -> str:
    return "A" if wpar["name"] in ctx.world["kernel"]["wpars"] else "D"


# ---------------------------------------------------------------- changes


def chwpar(ctx: Context, args: List[str]) -> int:
    """One -N with its attributes, which follow it as words of their own; other flags as getopt would have them."""
    if not args or args[-1].startswith("-") or "=" in args[-1]:
        raise Usage(CHWPAR_USAGE)
    wpar = _known(ctx, "chwpar", args[-1])
    if wpar is None:
        return 1
    words, removes = args[:-1], "-K" in args[:-1]
    while words:
        word = words.pop(0)
        if word == "-A":
            wpar["auto"] = not removes
        elif word == "-h" and words and not removes:
            wpar["hostname"] = words.pop(0)
        elif word == "-N":
            given: Dict[str, str] = {}
            while words and "=" in words[0]:
                key, _, value = words.pop(0).partition("=")
                given[key] = value
            if not (_remove(ctx, wpar, given) if removes else _add(ctx, wpar, given)):
                return 1
        elif word != "-K":
            raise Usage(CHWPAR_USAGE)
    return 0


def _remove(ctx: Context, wpar: Wpar, given: Dict[str, str]) -> bool:
    if set(given) != {"address"}:
        raise Usage(CHWPAR_USAGE)
    found = [a for a in wpar["network"] if a["address"] == given["address"]]
    if not found:
        ctx.err(f"chwpar: 0960-251 {given['address']} is not an address of {wpar['name']}.")
        return False
    for address in found:
        wpar["network"].remove(address)
        if _state(ctx, wpar) == "A":
            _alias_off(ctx, address)
    return True


def _add(ctx: Context, wpar: Wpar, given: Dict[str, str]) -> bool:
    if not set(given) <= {"interface", "address", "netmask", "broadcast"} or not {"interface", "address"} <= set(given):
        raise Usage(CHWPAR_USAGE)
    try:
        ipaddress.ip_interface(f"{given['address']}/{given.get('netmask', '255.255.255.0')}")
    except ValueError:
        ctx.err(f"chwpar: 0960-250 {given['address']} is not a valid address.")
        return False
    if given["interface"] not in ctx.world["odm"]["devices"]:
        ctx.err(f"chwpar: 0960-252 There is no interface {given['interface']}.")
        return False
    _remove_same(ctx, wpar, given["address"])
    added: WparAddress = {
        "interface": given["interface"], "address": given["address"], "netmask": given.get("netmask", "255.255.255.0"),
    }  # fmt: skip
    wpar["network"].append(added)
    return _state(ctx, wpar) == "D" or _alias_on(ctx, "chwpar", added)


def _remove_same(ctx: Context, wpar: Wpar, address: str) -> None:
    for old in [a for a in wpar["network"] if a["address"] == address]:
        wpar["network"].remove(old)
        if _state(ctx, wpar) == "A":
            _alias_off(ctx, old)


def startwpar(ctx: Context, args: List[str]) -> int:
    _, operands = options(args, "amv", STARTWPAR_USAGE)
    if len(operands) != 1:
        raise Usage(STARTWPAR_USAGE)
    wpar = _known(ctx, "startwpar", operands[0])
    if wpar is None:
        return 1
    if _state(ctx, wpar) == "A":
        ctx.err(f"startwpar: 0960-231 Workload partition {wpar['name']} is already active.")
        return 1
    if not ctx.exists(wpar["directory"] + "/etc"):
        ctx.err(f"startwpar: 0960-232 {wpar['directory']} is not the root of a workload partition.")
        return 1
    up: List[WparAddress] = []
    for address in wpar["network"]:
        if not _alias_on(ctx, "startwpar", address):
            for earlier in up:
                _alias_off(ctx, earlier)
            return 1
        up.append(address)
    ctx.world["kernel"]["wpars"].append(wpar["name"])
    ctx.out(f"Starting workload partition {wpar['name']}.")
    ctx.out("Mounting all workload partition file systems.")
    ctx.out("Return Status = SUCCESS.")
    return 0


def stopwpar(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "hFrt:Nv", STOPWPAR_USAGE)
    if len(operands) != 1 or "r" in flags:
        raise Usage(STOPWPAR_USAGE)
    wpar = _known(ctx, "stopwpar", operands[0])
    if wpar is None:
        return 1
    if _state(ctx, wpar) != "A":
        ctx.err(f"stopwpar: 0960-261 Workload partition {wpar['name']} is not active.")
        return 1
    ctx.world["kernel"]["wpars"].remove(wpar["name"])
    for address in wpar["network"]:
        _alias_off(ctx, address)
    ctx.out(f"Stopping workload partition {wpar['name']}.")
    ctx.out("Return Status = SUCCESS.")
    return 0


def _known(ctx: Context, program: str, name: str) -> Optional[Wpar]:
    wpar = ctx.world["odm"]["wpars"].get(name)
    if wpar is None:
        ctx.err(f"{program}: 0960-419 Could not find a workload partition called {name}.")
    return wpar


def _alias_on(ctx: Context, program: str, address: WparAddress) -> bool:
    interface = ctx.world["kernel"]["interfaces"].get(address["interface"])
    if interface is None or not interface["up"]:
        ctx.err(f"{program}: 0960-253 {address['interface']} is not up.")
        return False
    interface["addresses"].append(
        {"address": address["address"], "netmask": address["netmask"], "broadcast": _broadcast(address)}
    )
    return True


def _alias_off(ctx: Context, address: WparAddress) -> None:
    interface = ctx.world["kernel"]["interfaces"].get(address["interface"])
    if interface is not None:
        interface["addresses"] = [held for held in interface["addresses"] if held["address"] != address["address"]]
