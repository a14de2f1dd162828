"""prtconf, also called lsconf: the machine on a few pages.

Source: boot-and-devices.md section 1, network-and-services.md section 21; transcripts prtconf/*.
"""

from __future__ import annotations

import ipaddress
from typing import List, Tuple

from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands.lscfg import resource_list

USAGE = "Usage: prtconf [-c] [-k] [-L] [-m] [-s] [-v]"
RULE = "=" * 78


def prtconf(ctx: Context, args: List[str]) -> int:
    """Everything, or one fact: -c CPU type, -k kernel type, -L LPAR, -m memory, -s clock speed."""
    flags, operands = options(args, "ckLmsv", USAGE)
    if operands:
        raise Usage(USAGE)
    facts = _facts(ctx)
    single = {"c": "CPU Type", "k": "Kernel Type", "L": "LPAR Info", "m": "Memory Size", "s": "Processor Clock Speed"}
    asked = [label for flag, label in single.items() if flag in flags]
    for label, text in facts:
        if not asked or label in asked:
            ctx.out(f"{label}: {text}")
    if asked:
        return 0
    ctx.out()
    _network(ctx)
    ctx.out()
    _paging(ctx)
    ctx.out()
    _volume_groups(ctx)
    ctx.out()
    for line in resource_list(ctx):
        ctx.out(line)
    return 0


def _facts(ctx: Context) -> List[Tuple[str, str]]:
    world = ctx.world
    firmware, extra = world["firmware"], world["firmware"]["extra"]
    generation = cuat.value(world, "proc0", "type").rpartition("POWER")[2]
    facts = [
        ("System Model", cuat.model_name(firmware)),
        ("Machine Serial Number", cuat.machine_serial(firmware) or "Not Available"),
        ("Processor Type", cuat.value(world, "proc0", "type")),
        ("Processor Implementation Mode", f"POWER {generation}"),
        ("Processor Version", f"PV_{generation}_Compat"),
        ("Number Of Processors", str(firmware["cpus"])),
        ("Processor Clock Speed", f"{int(cuat.value(world, 'proc0', 'frequency')) // 1000000} MHz"),
        ("CPU Type", "64-bit"),
        ("Kernel Type", "64-bit"),
        ("LPAR Info", f"{firmware['partition_number']} {firmware['partition_name']}"),
        ("Memory Size", f"{firmware['memory']} MB"),
        ("Good Memory Size", f"{firmware['memory']} MB"),
        ("Platform Firmware level", firmware["firmware_level"] or "Not Available"),
        ("Firmware Version", cuat.value(world, "sys0", "fwversion")),
        ("Console Login", cuat.value(world, "sys0", "conslogin")),
        ("Auto Restart", cuat.value(world, "sys0", "autorestart")),
        ("Full Core", cuat.value(world, "sys0", "fullcore")),
    ]
    if cuat.level(world["odm"]) >= (7, 2, 0):
        facts.append(("NX Crypto Acceleration", extra.get("nx_crypto", "Not Capable")))
        facts.append(("In-Core Crypto Acceleration", extra.get("in_core_crypto", "Not Capable")))
    return facts


def _network(ctx: Context) -> None:
    """The first interface with an address, the default route, and the resolver."""
    kernel = ctx.world["kernel"]
    address = netmask = ""
    for interface in kernel["interfaces"].values():
        if interface["addresses"] and not interface["name"].startswith("lo"):
            address, netmask = interface["addresses"][0]["address"], interface["addresses"][0]["netmask"]
            break
    gateway = next((route["gateway"] for route in kernel["routes"] if route["destination"] == "default"), "")
    rows = [
        ("Host Name", kernel["hostname"]),
        ("IP Address", address),
        ("Sub Netmask", str(ipaddress.IPv4Address(netmask)) if netmask else ""),
        ("Gateway", gateway),
        ("Name Server", _resolver(ctx, "nameserver")),
        ("Domain Name", _resolver(ctx, "domain")),
    ]
    ctx.out("Network Information")
    for label, text in rows:
        ctx.out(f"        {label}: {text}".rstrip())


def _resolver(ctx: Context, keyword: str) -> str:
    for line in (ctx.read("/etc/resolv.conf") or "").splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == keyword:
            return words[1]
    return ""


def _paging(ctx: Context) -> None:
    """The sum that lsps -s prints: a header, then ``20912MB  0%``."""
    words = ctx.call("/usr/sbin/lsps", "-s").out.split("\n")[1].split()
    ctx.out("Paging Space Information")
    ctx.out(f"        Total Paging Space: {words[0]}")
    ctx.out(f"        Percent Used: {words[1]}")


def _volume_groups(ctx: Context) -> None:
    every = ctx.call("/usr/sbin/lsvg").out.split()
    active = ctx.call("/usr/sbin/lsvg", "-o").out.split()
    ctx.out("Volume Groups Information")
    inactive = [name for name in every if name not in active]
    if inactive:
        for line in (RULE, "Inactive VGs", RULE, *inactive):
            ctx.out(line)
    for line in (RULE, "Active VGs", RULE):
        ctx.out(line)
    for number, name in enumerate(active):
        if number:
            ctx.out()
        ctx.raw(ctx.call("/usr/sbin/lsvg", "-p", name).out)
        ctx.out(RULE)
