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
    channel      for an ibm_ech: rows about the whole channel, below its operating mode
    port         for a member of an 802.3ad channel: rows of its port statistics

Source: network-and-services.md section 9, transcripts entstat/*.
"""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from drboot.sim import net, odm
from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Device

# Assumed: the wording of the usage text.
USAGE = "Usage: entstat [-d] [-r] [-t] Device_Name"
COLUMN = 46
# Source: transcript entstat/06 for the first; the others are assumed
HASH_MODES = {
    "default": "Destination IP address",
    "src_port": "Source TCP/UDP port",
    "dst_port": "Destination TCP/UDP port",
    "src_dst_port": "Source and destination TCP/UDP ports",
}
MODES = {"standard": "Standard mode", "round_robin": "Round-robin"}
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
    ctx.out("-" * 61)
    _statistics(ctx, adapter, operands[0], "d" in flags)
    if "d" in flags and device["type"] == "ibm_ech":
        _members(ctx, adapter)
    return 0


def _statistics(ctx: Context, adapter: str, asked: str, detailed: bool) -> None:
    """One adapter's own section.  Assumed: an adapter that is gone has only its heading and zeros."""
    device = ctx.world["odm"]["devices"].get(adapter)
    stats = ctx.world["kernel"]["adapters"].get(adapter, {})
    llan = device is not None and device["type"] == "IBM,l-lan"
    ctx.out(f"ETHERNET STATISTICS ({asked}) :")
    ctx.out(f"Device Type: {stats.get('device_type', '' if device is None else _device_type(ctx, device))}")
    mac = net.mac_of(ctx, adapter)
    ctx.out(f"Hardware Address: {':'.join(mac[i : i + 2] for i in range(0, 12, 2))}")
    elapsed = stats.get("elapsed", int(ctx.now() - ctx.world["kernel"]["boot_epoch"]) if not stats else None)
    if elapsed is not None:
        ctx.out(_elapsed(elapsed))
    _counters(ctx, stats)
    _general(ctx, stats, llan)
    if detailed:
        _specific(ctx, adapter, stats, llan)


def _device_type(ctx: Context, device: Device) -> str:
    """Source: transcripts entstat/01, 06, and 07 (a VLAN adapter has none)."""
    if device["type"] == "eth":
        return ""
    if device["type"] == "ibm_ech":
        lacp = odm.value(ctx.world, device["name"], "mode") == "8023ad"
        return "IEEE 802.3ad Link Aggregation" if lacp else "EtherChannel"
    return odm.description(device)


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
    _rows(ctx, stats["specific"])


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


def _members(ctx: Context, adapter: str) -> None:
    """A channel's own rows, then the section of each member, the backup adapter last.

    Source: transcripts entstat/06 and 13 for 802.3ad.  Assumed: the headings of other modes; that the number of
    adapters does not count the backup adapter.
    """
    stats = ctx.world["kernel"]["adapters"].get(adapter, {})
    mode = odm.value(ctx.world, adapter, "mode")
    lacp = mode == "8023ad"
    names = [name for name in odm.value(ctx.world, adapter, "adapter_names").split(",") if name]
    backup = odm.value(ctx.world, adapter, "backup_adapter")
    title = f"Statistics for every adapter in the {'IEEE 802.3ad Link Aggregation' if lacp else 'EtherChannel'}:"
    for line in ("=" * 61, "=" * 61, "", title, "-" * len(title), ""):
        ctx.out(line)
    ctx.out(f"Number of adapters: {len(names)}")
    ctx.out("Operating mode: " + ("Standard mode (IEEE 802.3ad)" if lacp else MODES.get(mode, mode)))
    if lacp:
        ctx.out("IEEE 802.3ad Link Aggregation Statistics:")
    _rows(ctx, stats.get("channel", []))
    ctx.out(f"Hash mode: {HASH_MODES.get(odm.value(ctx.world, adapter, 'hash_mode'), HASH_MODES['default'])}")
    ctx.out()
    ctx.out("-" * 61)
    ctx.out()
    members = [*names, backup] if backup not in ("", "NONE") else names
    for number, name in enumerate(members):
        _statistics(ctx, name, name, True)
        port = ctx.world["kernel"]["adapters"].get(name, {}).get("port", [])
        if lacp and port:
            ctx.out()
            ctx.out("IEEE 802.3ad Port Statistics:")
            ctx.out("-----------------------------")
            _rows(ctx, port)
        if number + 1 < len(members):
            ctx.out()
            ctx.out("-" * 61)
            if members[number + 1] == backup:
                ctx.out(f"Backup adapter - {backup}:")
                ctx.out("=" * 22)
            ctx.out()


def _rows(ctx: Context, rows: List[List[Any]]) -> None:
    """Rows [indent, label, value]; a value of null prints the label alone."""
    for indent, label, value in rows:
        ctx.out(indent + label + ("" if value is None else f": {value}"))
