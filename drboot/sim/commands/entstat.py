"""entstat: the statistics of an Ethernet adapter, with ``-d`` also those of its driver.

What identifies an adapter is in the state of the machine (MAC, VLAN, description); counters are in the kernel's
``adapters``, by adapter name, all optional:

    device_type  the text after ``Device Type:`` where it is not the device's description
    elapsed      seconds since the statistics were reset; absent: no such line
    transmit, receive, general   counter name -> number, 0 when absent
    flags        the driver's flags, row by row as the driver groups them
    family       "" | "older": drivers up to 6.1 leave trailing blanks
    blank_line   whether the driver leaves a line blank after the packets
    title        the driver's name over its own statistics, ``dashes`` the length of the line below it
    specific     driver rows [indent, label, value]; a value of null is a heading

Source: network-and-services.md section 9, transcripts entstat/*.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from drboot.sim import net
from drboot.sim.command import Context, Usage, options

# Assumed: the wording of the usage text.
USAGE = "Usage: entstat [-d] [-r] [-t] Device_Name"
COLUMN = 46
ROWS: Tuple[Tuple[str, str], ...] = (
    ("Broadcast Packets", "Broadcast Packets"),
    ("Multicast Packets", "Multicast Packets"),
    ("No Carrier Sense", "CRC Errors"),
    ("DMA Underrun", "DMA Overrun"),
    ("Lost CTS Errors", "Alignment Errors"),
    ("Max Collision Errors", "No Resource Errors"),
    ("Late Collision Errors", "Receive Collision Errors"),
    ("Deferred", "Packet Too Short Errors"),
    ("SQE Test", "Packet Too Long Errors"),
    ("Timeout Errors", "Packets Discarded by Adapter"),
    ("Single Collision Count", "Receiver Start Count"),
)
HEAD: Tuple[Tuple[str, str], ...] = (
    ("Packets", "Packets"),
    ("Bytes", "Bytes"),
    ("Interrupts", "Interrupts"),
    ("Transmit Errors", "Receive Errors"),
    ("Packets Dropped", "Packets Dropped"),
)
# Source: transcript entstat/01 (AIX 7.3)
LLAN_FLAGS = [
    ["Up", "Broadcast", "Running"],
    ["Simplex", "64BitSupport", "ChecksumOffload"],
    ["LargeSend", "DataRateSet", "PlatformTSO"],
    ["VIOENT", "IPV6_LSO", "IPV6_CSO"],
]


def entstat(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "drt", USAGE)
    if len(operands) != 1:
        raise Usage(USAGE)
    adapter = net.adapter_of(operands[0])
    device = ctx.world["odm"]["devices"].get(adapter)
    errno = ctx.variant("entstat_errno", "")  # what open(2) says, e.g. 13 for a caller who is not root
    if device is None or device["status"] != 1 or errno:
        # Source: transcript entstat/03 for the text.  Assumed: 19 is ENODEV
        ctx.err(f"entstat: 0909-002 Unable to open device {operands[0]}, errno = {errno or 19}")
        return 1
    if "r" in flags:
        ctx.world["kernel"]["adapters"].pop(adapter, None)
    stats = ctx.world["kernel"]["adapters"].get(adapter, {})
    llan = device["type"] == "IBM,l-lan"
    ctx.out("-" * 61)
    ctx.out(f"ETHERNET STATISTICS ({operands[0]}) :")
    kind = stats.get("device_type", device["description"] or ("Virtual I/O Ethernet Adapter (l-lan)" if llan else ""))
    ctx.out(f"Device Type: {kind}")
    mac = net.mac_of(ctx, adapter)
    ctx.out(f"Hardware Address: {':'.join(mac[i : i + 2] for i in range(0, 12, 2))}")
    elapsed = stats.get("elapsed", int(ctx.now() - ctx.world["kernel"]["boot_epoch"]) if not stats else None)
    if elapsed is not None:
        ctx.out(_elapsed(elapsed))
    _counters(ctx, stats)
    _general(ctx, stats, llan)
    if "d" in flags:
        _specific(ctx, adapter, stats, llan)
    return 0


def _elapsed(seconds: float) -> str:
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    return f"Elapsed Time: {days} days {hour} hours {minute} minutes {second} seconds"


def _counters(ctx: Context, stats: Dict[str, Any]) -> None:
    older = stats.get("family", "") == "older"
    transmit, receive = stats.get("transmit", {}), stats.get("receive", {})

    def pair(left: str, right: str) -> None:
        first = f"{left}: {transmit.get(left, 0)}"
        ctx.out(f"{first:<{COLUMN}}{right}: {receive.get(right, 0)}")

    ctx.out()
    ctx.out(f"{'Transmit Statistics:':<{COLUMN}}Receive Statistics:")
    ctx.out(f"{'--------------------':<{COLUMN}}-------------------")
    for left, right in HEAD:
        pair(left, right)
    ctx.out(f"{'':<{COLUMN}}Bad Packets: {receive.get('Bad Packets', 0)}")
    if stats.get("blank_line", False):
        ctx.out()
    longest = f"Max Packets on S/W Transmit Queue: {transmit.get('Max Packets on S/W Transmit Queue', 0)}"
    ctx.out(f"{longest:<45}" if older else longest)
    ctx.out(f"S/W Transmit Queue Overflow: {transmit.get('S/W Transmit Queue Overflow', 0)}")
    length = transmit.get("Current S/W+H/W Transmit Queue Length", 0)
    ctx.out(f"Current S/W+H/W Transmit Queue Length: {length}")
    ctx.out()
    if "inner_elapsed" in stats:
        ctx.out(_elapsed(stats["inner_elapsed"]))
    for left, right in ROWS:
        pair(left, right)
    for label in ("Multiple Collision Count", "Current HW Transmit Queue Length"):
        ctx.out(f"{label}: {transmit.get(label, 0)}")


def _general(ctx: Context, stats: Dict[str, Any], llan: bool) -> None:
    older = stats.get("family", "") == "older"
    general = stats.get("general", {})
    ctx.out()
    ctx.out("General Statistics:")
    ctx.out("-------------------")
    ctx.out(f"No mbuf Errors: {general.get('No mbuf Errors', 0)}")
    ctx.out(f"Adapter Reset Count: {general.get('Adapter Reset Count', 0)}")
    ctx.out(f"Adapter Data Rate: {general.get('Adapter Data Rate', 20000 if llan else 0)}")
    rows = stats.get("flags", LLAN_FLAGS if llan else [["Up", "Broadcast", "Running"]])
    for number, row in enumerate(rows):
        ctx.out(("Driver Flags: " if number == 0 else "\t") + " ".join(row) + (" " if older else ""))


def _specific(ctx: Context, adapter: str, stats: Dict[str, Any], llan: bool) -> None:
    """The driver's own statistics; an adapter without a driver of its own, such as a VLAN, has none."""
    ctx.out()
    if llan:
        _llan(ctx, adapter)
        return
    if "specific" not in stats:
        return
    title = f"{stats['title']} Specific Statistics:"
    ctx.out(title)
    ctx.out("-" * stats.get("dashes", len(title)))
    for indent, label, value in stats["specific"]:
        ctx.out(indent + label + ("" if value is None else f": {value}"))


def _llan(ctx: Context, adapter: str) -> None:
    """The rows of a virtual adapter that tell where it is.

    Source: section 9: ``LAN State: Operational``, ``Port VLAN ID:``, ``VLAN Tag IDs:``, ``Switch ID:``.  Assumed: their
    order, and that the rest of the driver's long list is left out.
    """
    slot = net.slot_of(ctx, adapter)
    title = "Virtual I/O Ethernet Adapter (l-lan) Specific Statistics:"
    ctx.out(title)
    ctx.out("-" * len(title))
    ctx.out("LAN State: Operational")
    ctx.out()
    ctx.out("Hypervisor Send Failures: 0")
    ctx.out()
    ctx.out(f"Port VLAN ID: {slot['vlan'] if slot is not None else 0:>5}")
    ctx.out("VLAN Tag IDs:  None")
    ctx.out()
    ctx.out(f"Switch ID: {ctx.world['firmware']['extra'].get('vswitch', 'ETHERNET0')}")
