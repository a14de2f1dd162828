"""route: changes and shows the kernel's routing table; inet0's ``route`` attribute stays as it is.

Source: network-and-services.md section 8, transcript route/01; IBM's route page for the flags.
"""

from __future__ import annotations

import ipaddress
from typing import Dict, List, Tuple

from drboot.sim import net, net6
from drboot.sim.command import Context, Usage
from drboot.sim.commands import names

# Assumed: the wording of the usage text.
USAGE = (
    "Usage: route [-f] [-n] [-q] [-C] [-v] Command [Family] [[-net | -host] Destination [-netmask Mask] Gateway] ..."
)
# Source: transcript route/01: UG shows as UP, GATEWAY, DONE.  The other names are those of every BSD.
FLAG_NAMES = (("U", "UP"), ("G", "GATEWAY"), ("H", "HOST"), ("S", "STATIC"))


def route(ctx: Context, args: List[str]) -> int:
    words = list(args)
    letters = ""
    while words and words[0].startswith("-"):
        letters += words.pop(0)[1:]
    if not words or set(letters) - set("fnqCv"):
        raise Usage(USAGE)
    command = words.pop(0)
    six = words[:1] in (["-inet6"], ["inet6"])
    if six or words[:1] in (["-inet"], ["inet"]):
        words.pop(0)
    if six and command in ("add", "delete"):
        return _change6(ctx, words, command == "add", "q" in letters)
    if command == "add":
        return _change(ctx, words, True, "q" in letters)
    if command == "delete":
        return _change(ctx, words, False, "q" in letters)
    if command == "get":
        return _get(ctx, words)
    if command == "flush":
        rows = ctx.world["kernel"]["routes"]
        rows[:] = [r for r in rows if "G" not in r["flags"] or r["interface"] == net.LOOPBACK]
        return 0
    raise Usage(USAGE)


def _parse(words: List[str]) -> Tuple[str, Dict[str, str], List[str]]:
    kind, flags, operands = "", {}, []
    rest = list(words)
    while rest:
        word = rest.pop(0)
        if word in ("-net", "-host"):
            kind = word[1:]
        elif word in ("-prefixlen", "-netmask", "-if", "-hopcount", "-interface", "-mtu", "-weight") and rest:
            flags[word] = rest.pop(0)
        elif word == "-static":
            continue
        elif word.startswith("-"):
            raise Usage(USAGE)
        else:
            operands.append(word)
    return kind, flags, operands


def _change(ctx: Context, words: List[str], adding: bool, quiet: bool) -> int:
    kind, flags, operands = _parse(words)
    if len(operands) not in (2, 3):
        raise Usage(USAGE)
    destination, _, length = operands[0].partition("/")
    gateway = names.lookup(ctx, operands[1])
    if length:
        if not length.isdigit() or int(length) > 32:
            raise Usage(USAGE)
        flags["-netmask"] = str(ipaddress.IPv4Network(f"0.0.0.0/{length}").netmask)
    default = destination in ("0", "default", "0.0.0.0")
    if not kind:
        kind = "net" if default or "-netmask" in flags or destination.endswith(".0") or len(destination) < 7 else "host"
    given = [text for flag in ("-netmask", "-if") if flag in flags for text in (flag, flags[flag])]
    value = ",".join([kind, *given, "0" if default else names.lookup(ctx, destination), gateway])
    done = net.add_route(ctx, value, by_hand=True) if adding else net.delete_route(ctx, value)
    if not done:
        # 0821-279 is from memory of administrators; no public text of a failed route add or delete was found
        ctx.err("0821-279")
        return 1
    if not quiet:
        ctx.out(f"{gateway} {kind} {operands[0]}: gateway {gateway}")
    return 0


def _change6(ctx: Context, words: List[str], adding: bool, quiet: bool) -> int:
    """``route add -inet6 [-net | -host] DESTINATION[/LENGTH] [-prefixlen N] GATEWAY``."""
    kind, flags, operands = _parse(words)
    if len(operands) not in (2, 3):
        raise Usage(USAGE)
    default = operands[0] in ("::", "::/0", "default", "0")
    kind = kind or ("net" if default or "/" in operands[0] or "-prefixlen" in flags else "host")
    given = [text for flag in ("-prefixlen", "-if") if flag in flags for text in (flag, flags[flag])]
    value = ",".join([kind, *given, "::" if default else operands[0], operands[1]])
    if not (net6.add_route(ctx, value, by_hand=True) if adding else net6.delete_route(ctx, value)):
        ctx.err("0821-279")
        return 1
    if not quiet:
        ctx.out(f"{operands[1]} {kind} {operands[0]}: gateway {operands[1]}")
    return 0


def _get(ctx: Context, words: List[str]) -> int:
    _kind, _flags, operands = _parse(words)
    if len(operands) != 1:
        raise Usage(USAGE)
    default = operands[0] in ("0", "default", "0.0.0.0")
    address = "0.0.0.0" if default else names.lookup(ctx, operands[0])
    row = net.route_to(ctx, address) if net.is_address(address) else None
    if row is None:
        ctx.err("0821-279")
        return 1
    interface = ctx.world["kernel"]["interfaces"].get(row["interface"])
    own = interface["addresses"][0]["address"] if interface is not None and interface["addresses"] else ""
    start, length = net.position(row["destination"])
    network = ipaddress.IPv4Network((start, length), strict=False)
    ctx.out(f"   route to: {'default' if default else operands[0]}")
    ctx.out(f"destination: {'default' if length == 0 else network.network_address}")
    if "H" not in row["flags"]:
        ctx.out(f"       mask: {'default' if length == 0 else network.netmask}")
    if "G" in row["flags"]:
        ctx.out(f"    gateway: {row['gateway']}")
    ctx.out(f"  interface: {row['interface']}")
    ctx.out(f"interf addr: {own}")
    shown = [name for letter, name in FLAG_NAMES if letter in row["flags"]] + ["DONE"]
    ctx.out(f"      flags: <{','.join(shown)}>")
    ctx.out(" recvpipe  sendpipe  ssthresh  rtt,msec    rttvar  hopcount      mtu     expire")
    # Assumed: a route without an expiry shows the machine's age, negated (transcript route/01 shows -79)
    age = int(ctx.world["kernel"]["boot_epoch"] - ctx.now())
    ctx.out("".join(f"{number:>{width}} " for number, width in zip([0] * 7, (8, 9, 9, 9, 9, 9, 9))) + f"{age:>9}")
    return 0
