"""lscfg: the hardware devices with their location codes and vital product data.

Interfaces, pseudo adapters and LVs are not hardware and have no row.

Source: boot-and-devices.md section 11; transcripts lscfg/*, prtconf/01, 03 for the list of all devices.
"""

from __future__ import annotations

import fnmatch
import textwrap
from typing import List

from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Device

USAGE = "Usage:\n    lscfg [-v] [-p] [-s] [-l Name]"
NOT_HARDWARE_CLASSES = ("if", "tcpip", "rpvserver", "logical_volume")
NOT_HARDWARE_SUBCLASSES = ("pseudo", "vlan")
LABEL = 28  # width of ``Network Address.............``


def lscfg(ctx: Context, args: List[str]) -> int:
    """All devices as a list, or those of -l one by one; -v adds product data, -p the device-tree node."""
    flags, operands = options(args, "vpsl:", USAGE)
    if operands:
        raise Usage(USAGE)
    devices = hardware(ctx)
    if "l" not in flags:
        for line in resource_list(ctx):
            ctx.out(line)
        return 0
    devices = [device for device in devices if fnmatch.fnmatchcase(device["name"], flags["l"][-1])]
    if not devices:
        ctx.err(f"lscfg: {flags['l'][-1]}")
        return 1
    if cuat.level(ctx.world["odm"]) < (5, 0, 0):
        _print_43(ctx, devices)
        return 0
    for device in devices:
        _head(ctx, device, "s" in flags)
        if "v" in flags and device["cls"] != "planar":
            _product_data(ctx, device, alone="p" not in flags)
        if "p" in flags:
            _platform(ctx, device, "v" in flags)
    return 0


def hardware(ctx: Context) -> List[Device]:
    """The devices that have a row, in ODM order."""
    return [
        device
        for device in ctx.world["odm"]["devices"].values()
        if device["cls"] not in NOT_HARDWARE_CLASSES and device["subclass"] not in NOT_HARDWARE_SUBCLASSES
    ]


def resource_list(ctx: Context) -> List[str]:
    """The INSTALLED RESOURCE LIST of lscfg and prtconf.  Source: transcripts prtconf/01, 03, 07."""
    devices = [device for device in hardware(ctx) if device["status"] == cuat.AVAILABLE]
    width = max((len(device["physloc"]) for device in devices), default=0)
    lines = [
        "INSTALLED RESOURCE LIST",
        "",
        "The following resources are installed on the machine.",
        "+/- = Added or deleted from Resource List.",
        "*   = Diagnostic support not available.",
        "",
        "  Model Architecture: chrp",
        "  Model Implementation: Multiple Processor, PCI bus",
        "",
    ]
    for device in devices:
        mark = "+" if cuat.row_of(device).diagnostics else "*"
        lines.append(f"{mark} {device['name']:<16} {device['physloc']:<{width}}  {cuat.description(device)}")
    return [*lines, ""]


def _head(ctx: Context, device: Device, separate: bool) -> None:
    """Name, location code, description; -s puts the description on a line of its own.

    Source: transcripts lscfg/06 (6.1: 8 blanks), 09 (5.3: trailing blanks and a tab).
    """
    place = f"  {device['name']:<16} {device['physloc']}"
    if not separate:
        ctx.out(f"{place}  {cuat.description(device)}")
    elif cuat.level(ctx.world["odm"]) < (6, 1, 0):
        ctx.out(place + "  ")
        ctx.out("\t" + cuat.description(device))
    else:
        ctx.out(place)
        ctx.out("        " + cuat.description(device))
    ctx.out()


def _product_data(ctx: Context, device: Device, alone: bool) -> None:
    for label, text in device["vpd"]:
        ctx.out(vpd_row(label, text))
    if device["vpd"]:
        ctx.out()
        if not alone:
            ctx.out()


def vpd_row(label: str, text: str) -> str:
    """``IBM Host Ethernet Adapter:`` is a heading; anything else is a label and its value."""
    return f"      {label}" if label.endswith(":") else f"        {label.ljust(LABEL, '.')}{text}"


def _platform(ctx: Context, device: Device, verbose: bool) -> None:
    """The device-tree node.  Source: transcripts lscfg/06, 09 (disks), 10 (system planar)."""
    ctx.out("  PLATFORM SPECIFIC")
    ctx.out()
    if device["cls"] == "planar":
        model = cuat.model_name(ctx.world["firmware"])
        for line in (f"  Name:  {model}", f"    Model:  {model}", "    Node:  /", "    Device Type:  chrp", ""):
            ctx.out(line)
        if verbose:
            _system_vpd(ctx, device)
        return
    node = cuat.row_of(device).node
    if node:
        for line in (f"  Name:  {node}", f"    Node:  {node}", "    Device Type:  block"):
            ctx.out(line)


def _system_vpd(ctx: Context, device: Device) -> None:
    """Each section closes with the location code that it names."""
    place = ""
    for number, (label, text) in enumerate([*device["vpd"], [":", ""]]):
        if label.endswith(":") and number:
            ctx.out(f"      Physical Location: {place}")
            ctx.out()
        if label == "Hardware Location Code":
            place = text
        if label != ":":
            ctx.out(vpd_row(label, text))


def _print_43(ctx: Context, devices: List[Device]) -> None:
    """AIX 4.3: a header, short location codes, descriptions wrapped at 80.  Source: transcripts lscfg/05, 55."""
    ctx.out("  DEVICE            LOCATION          DESCRIPTION")
    for number, device in enumerate(devices):
        ctx.out("" if number else "\t")
        wrapped = textwrap.wrap(cuat.description(device), 42)
        ctx.out(f"  {device['name']:<18}{device['location']:<18}{wrapped[0]}")
        for line in wrapped[1:]:
            ctx.out(" " * 38 + line)
        ctx.out()
        for label, text in device["vpd"]:
            ctx.out(vpd_row(label, text))
