"""ping and arp: who can be reached, and who was.

    PING nodeb: (10.9.53.130): 56 data bytes
    64 bytes from 10.9.53.130: icmp_seq=0 ttl=255 time=0 ms

      ? (172.29.131.16) at 6e:87:70:0:40:3 [ethernet] stored in bucket 16

Source: network-and-services.md section 14, transcripts ping/01, arp/01.  Assumed: the statistics block of ping.
"""

from __future__ import annotations

import ipaddress
from typing import Dict, List

from drboot.sim import net
from drboot.sim.command import Context, Usage, options
from drboot.sim.commands import names

# Assumed: the wording of the usage texts.  The flags are those of IBM's pages.
PING_USAGE = (
    "Usage: ping [-dDnqrvRLU] [-a addr_family] [-c Count] [-w timeout] [-f | -i Wait] [-l Preload] [-I Address]\n"
    "       [-p Pattern] [-s PacketSize] [-S Address] [-T ttl] Host [PacketSize] [Count]"
)
ARP_USAGE = "Usage: arp {-a [-n] | [-n] HostName | -d [-t Type] HostName | -s Type HostName AdapterAddress}"
ENDLESS = 3  # replies of a ping without -c until somebody interrupts it, as in transcript ping/01


def reachable(ctx: Context, address: str) -> bool:
    """Whether something at ``address`` would answer this machine now.

    Own addresses; hosts on the wire of an interface that is up; and, when a route's gateway answers, every host of
    the same site's other VLANs.
    """
    if not net.is_address(address):
        return False
    own = net.own_addresses(ctx)
    interfaces = ctx.world["kernel"]["interfaces"]
    if address in own:
        return interfaces[own[address]]["up"]
    if net.interface_towards(ctx, address):
        return net.host_at(ctx, address) is not None
    row = net.route_to(ctx, address)
    if row is None or "G" not in row["flags"] or net.host_at(ctx, row["gateway"]) is None:
        return False
    site = ctx.world["firmware"]["site"] + "/"
    networks = ctx.world["san"]["networks"]
    return any(
        host["address"] == address and host["answers"]
        for place, hosts in networks.items()
        if place.startswith(site)
        for host in hosts
    )


def ping(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "dDnqrvRLUfa:c:w:i:l:I:p:s:S:T:", PING_USAGE)
    if not 1 <= len(operands) <= 3 or not all(word.isdigit() for word in operands[1:]):
        raise Usage(PING_USAGE)
    count = (flags.get("c") or operands[2:3] or [""])[-1]
    if not all(text.isdigit() for text in [*flags.get("c", []), *flags.get("s", []), *flags.get("w", [])]):
        raise Usage(PING_USAGE)
    size = int((flags.get("s") or operands[1:2] or ["56"])[-1])
    host = operands[0]
    address = names.lookup(ctx, host)
    if not net.is_address(address):
        ctx.err(f"ping: {host}")  # the resolver's message is not known
        return 1
    source = names.lookup(ctx, flags["S"][-1]) if "S" in flags else ""
    found = reachable(ctx, address) and (not source or source in net.own_addresses(ctx))
    neighbour = net.host_at(ctx, address)
    answered = found and not (neighbour is not None and neighbour.get("deaf"))
    ctx.out(f"PING {host}: ({address}): {size} data bytes")
    wanted = int(count) if count else ENDLESS
    if found:
        _remember(ctx, address)
    if answered and "q" not in flags:
        for number in range(wanted):
            ctx.out(f"{size + 8} bytes from {address}: icmp_seq={number} ttl=255 time=0 ms")
    if count:
        received = wanted if answered else 0
        ctx.out()
        ctx.out(f"--- {host} ping statistics ---")
        lost = 100 - 100 * received // wanted if wanted else 0
        ctx.out(f"{wanted} packets transmitted, {received} packets received, {lost}% packet loss")
        if received:
            ctx.out("round-trip min/avg/max = 0/0/0 ms")
    return 0 if answered else 1


def _remember(ctx: Context, address: str) -> None:
    host = net.host_at(ctx, address)
    table = ctx.world["kernel"]["arp"]
    if host is not None and host["mac"] and all(entry[0] != address for entry in table):
        table.append([address, host["mac"]])


def arp(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "and:s:t:", ARP_USAGE)
    table = ctx.world["kernel"]["arp"]
    if "d" in flags:
        address = names.lookup(ctx, flags["d"][-1])
        kept = [entry for entry in table if entry[0] != address]
        gone = len(kept) != len(table)
        table[:] = kept
        return 0 if gone else 1
    if "s" in flags:
        if len(operands) < 2:
            raise Usage(ARP_USAGE)
        address, mac = names.lookup(ctx, operands[0]), "".join(part.zfill(2) for part in operands[1].lower().split(":"))
        if not net.is_address(address) or len(mac) != 12 or set(mac) - set("0123456789abcdef"):
            raise Usage(ARP_USAGE)
        table[:] = [*(entry for entry in table if entry[0] != address), [address, mac]]
        return 0
    if "a" in flags:
        if operands:
            raise Usage(ARP_USAGE)
        book = {} if "n" in flags else names.reverse(ctx)
        _list(ctx, book)
        return 0
    if len(operands) != 1:
        raise Usage(ARP_USAGE)
    address = names.lookup(ctx, operands[0])
    for held, mac in table:
        if held == address:
            ctx.out(f"{operands[0]} ({held}) at {_spell(mac)} [ethernet] stored in bucket {bucket(held)}")
            return 0
    ctx.err(f"arp: {operands[0]}")
    return 1


def _list(ctx: Context, book: Dict[str, str]) -> None:
    table = ctx.world["kernel"]["arp"]
    for address, mac in sorted(table, key=lambda entry: bucket(entry[0])):
        name = book.get(address, "?")
        ctx.out(f"  {name} ({address}) at {_spell(mac)} [ethernet] stored in bucket {bucket(address)}")
        ctx.out()
    ctx.out("bucket:    0     contains:    0 entries")
    ctx.out(f"There are {len(table)} entries in the arp table.")


def bucket(address: str) -> int:
    """The address modulo arptab_nb, 149 by default.  Source: all six rows of transcript arp/01 agree with it."""
    return int(ipaddress.IPv4Address(address)) % 149


def _spell(mac: str) -> str:
    """6e8770004003 -> 6e:87:70:0:40:3."""
    return ":".join(f"{int(mac[i : i + 2], 16):x}" for i in range(0, 12, 2))
