"""bootlist, bosboot, bootinfo, bootutil: what firmware boots from, and the boot image.

The boot list belongs to firmware: it keeps what it was told (LUN, slot, target), never a device name.  ``bootlist -o``
looks up which hdisk and path that is today.

Source: boot-and-devices.md sections 13, 14; transcripts bootlist/*, bosboot/*, bootinfo/01.
Ids without a text are printed alone: their wording is not publicly known.
"""

from __future__ import annotations

from typing import Dict, List, Optional, Tuple

from drboot.sim import lvm, reset
from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.discovery import path_connection
from drboot.sim.world import Lun, Path, World

BOOTLIST_USAGE = (
    "Usage: bootlist {-m Mode} [-r] [-o] [-v] [-F] [[-i] | [[-f File] [Device [Attr=Value ...] ...]]]\n"
    "       Mode: normal | service | both | prevboot"
)
BOSBOOT_USAGE = (
    "usage: bosboot {-a | -v} [-d device] [-p proto] [-k kernel] [-l lvdev] [-b file] [-I | -D]"
    " [-M primary | standby | both] [-q]"
)
BOOTINFO_USAGE = "usage: bootinfo {-b | -e | -K | -m | -o | -p | -r | -s disk | -T | -y | -z}"
BOOTUTIL_USAGE = "usage: bootutil -c"
MOST_ENTRIES = 5  # Source: section 13, at most five entries including paths
Entry = Dict[str, str]


# ---------------------------------------------------------------- bootlist


def bootlist(ctx: Context, args: List[str]) -> int:
    """Show (-o), empty (-i) or set the list of a mode.  Setting is silent.

    Assumed: more than five entries are cut to the first five (sources give the limit, not the behaviour).
    """
    flags, operands = options(args, "m:roviFf:", BOOTLIST_USAGE)
    mode = flags.get("m", [""])[-1]
    if mode not in ("normal", "service", "both", "prevboot"):
        raise Usage(BOOTLIST_USAGE)
    modes = ["normal", "service"] if mode == "both" else [mode]
    if "f" in flags:
        operands = (ctx.read(flags["f"][-1]) or "").split()
    held = ctx.world["firmware"]["bootlist"]
    if "i" in flags:
        for each in modes:
            held[each] = []
    elif operands:
        entries = _entries(ctx, operands)
        if entries is None:
            return 1
        for each in modes:
            held[each] = [dict(entry) for entry in entries[:MOST_ENTRIES]]
    elif "o" not in flags and "r" not in flags:
        raise Usage(BOOTLIST_USAGE)
    if "o" in flags or "r" in flags:
        for each in modes:
            _show(ctx, each)
    return 0


def _show(ctx: Context, mode: str) -> None:
    if mode == "prevboot":
        boot_device = ctx.world["kernel"]["boot_device"]
        if boot_device:
            ctx.out(boot_device)
        return
    entries = ctx.world["firmware"]["bootlist"].get(mode, [])
    if not entries and ctx.variant("bootlist_empty", "nothing") == "dash":
        ctx.out("-")
    for entry in entries:
        ctx.out(resolve(ctx.world, entry))


def resolve(world: World, entry: Entry) -> str:
    """The line of ``bootlist -o``; ``-`` when no device of today is meant.

    Source: transcripts bootlist/01, 03, and 04 for levels before 6100-06, which print no pathid.
    """
    if entry.get("device"):
        device = world["odm"]["devices"].get(entry["device"])
        words = [f"{key}={text}" for key, text in entry.items() if key != "device"]
        return " ".join([entry["device"], *words]) if device is not None else "-"
    path = _path_of(world, entry)
    if path is None:
        return "-"
    line = f"{path['disk']} blv={entry.get('blv') or 'hd5'}"
    return line if cuat.level(world["odm"]) < (6, 1, 6) else f"{line} pathid={path['path_id']}"


def _path_of(world: World, entry: Entry) -> Optional[Path]:
    """The path of today that this entry names: its LUN through its slot to its target."""
    lun = world["san"]["luns"].get(entry.get("lun", ""))
    if lun is None:
        return None
    devices = world["odm"]["devices"]
    for path in world["odm"]["paths"]:
        disk = devices.get(path["disk"])
        if disk is None or disk["status"] != cuat.AVAILABLE or disk["lun"] != lun["unique_id"]:
            continue
        target = path["connection"].partition(",")[0] if "," in path["connection"] else ""
        if cuat.slot_below(world, path["parent"]) == entry.get("slot") and target == entry.get("target", "").lower():
            return path
    return None


def _entries(ctx: Context, operands: List[str]) -> Optional[List[Entry]]:
    """What firmware is to keep for ``dev [blv=hd5] [pathid=0,1] ...``; None after an error message."""
    groups: List[Tuple[str, List[Tuple[str, str]]]] = []
    for word in operands:
        key, equals, text = word.partition("=")
        if not equals:
            groups.append((word, []))
        elif groups:
            groups[-1][1].append((key, text))
        else:
            raise Usage(BOOTLIST_USAGE)
    entries: List[Entry] = []
    for name, given in groups:
        device = ctx.world["odm"]["devices"].get(name)
        if device is None or device["status"] != cuat.AVAILABLE:
            ctx.err(f"bootlist: 0514-210 {name}")
            return None
        if device["cls"] == "adapter":
            entries.append({"device": name, **dict(given)})
            continue
        found = _disk_entries(ctx, name, given)
        if found is None:
            ctx.err(f"bootlist: 0514-221 {name}")
            return None
        entries += found
    return entries


def _disk_entries(ctx: Context, name: str, given: List[Tuple[str, str]]) -> Optional[List[Entry]]:
    """One entry per path asked for (all of them by default).  None: not a disk that boots, or no such path."""
    lun = lvm.lun_of(ctx.world, name)
    if lun is None or not lun["boot_image"]:
        return None
    wanted = [int(number) for key, text in given if key == "pathid" for number in text.split(",") if number.isdigit()]
    blv = dict(given).get("blv", "hd5")
    paths = [path for path in ctx.world["odm"]["paths"] if path["disk"] == name and path["status"] == "Enabled"]
    by_id = {path["path_id"]: path for path in paths}
    if any(number not in by_id for number in wanted):
        return None
    entries = []
    for number in wanted or sorted(by_id):
        slot, target = _place_of(ctx, lun, by_id[number])
        entries.append({"lun": lun["id"], "slot": slot, "target": target, "blv": blv})
    return entries


def _place_of(ctx: Context, lun: Lun, path: Path) -> Tuple[str, str]:
    slot = cuat.slot_below(ctx.world, path["parent"])
    for mapping in ctx.world["firmware"]["mappings"]:
        if (mapping["lun"], mapping["slot"], path_connection(mapping)) == (lun["id"], slot, path["connection"]):
            return slot, mapping["target"]
    return slot, ""


# ---------------------------------------------------------------- bosboot, bootinfo, bootutil


def bosboot(ctx: Context, args: List[str]) -> int:
    """The boot image is written anew; the boot LV is sound again.

    Source: transcripts bosboot/01, 03: without a device, the stale /dev/ipldevice is the error.
    """
    flags, operands = options(args, "avd:p:k:l:b:M:w:IDqT:L", BOSBOOT_USAGE)
    if operands or ("a" not in flags and "v" not in flags):
        raise Usage(BOSBOOT_USAGE)
    odm = ctx.world["odm"]
    name = flags.get("d", [""])[-1].rpartition("/")[2]
    if name in ("", "ipldevice"):
        name = ctx.world["kernel"]["boot_device"] if odm["boot_lv_ok"] else ""
    name = name[1:] if name.startswith("rhdisk") else name
    lun = lvm.lun_of(ctx.world, name)
    if lun is None or lun["pvid"] not in odm["vgs"].get("rootvg", {"pvids": []})["pvids"]:
        ctx.err("0301-150 bosboot: Invalid or no boot device specified!")
        ctx.err(BOSBOOT_USAGE)
        return 1
    if "v" in flags and "a" not in flags:
        return 0
    lun["boot_image"] = lun["boot_image"] or BLOCKS
    lun["boot_time"] = f"{int(ctx.now()):x}"
    odm["boot_lv_ok"] = True
    odm["saved_base"].clear()
    ctx.out(f"bosboot: Boot image is {lun['boot_image']} 512 byte blocks.")
    return 0


BLOCKS = 53276  # Source: transcript bosboot/01


def bootinfo(ctx: Context, args: List[str]) -> int:
    """Facts of the last boot.  Source: transcript bootinfo/01 for -b.  Assumed: the values of the other flags."""
    flags, operands = options(args, "beKmoprs:Tyz", BOOTINFO_USAGE)
    if operands or len(flags) != 1:
        raise Usage(BOOTINFO_USAGE)
    flag = next(iter(flags))
    firmware = ctx.world["firmware"]
    if flag == "s":
        lun = lvm.lun_of(ctx.world, flags["s"][0].rpartition("/")[2])
        ctx.out(str(lun["size"] if lun is not None else 0))
        return 0 if lun is not None else 1
    facts = {
        "b": ctx.world["kernel"]["boot_device"],
        "e": "1",
        "K": "64",
        "m": firmware["model"],
        "o": "",
        "p": "chrp",
        "r": str(firmware["memory"] * 1024),
        "T": "CHRP",
        "y": "64",
        "z": "1" if firmware["cpus"] > 1 else "0",
    }
    ctx.out(facts[flag])
    return 0


def bootutil(ctx: Context, args: List[str]) -> int:
    """-c clears the NVRAM variable that clouddev looks at.

    Source: aixoss/cloud-init packages/aix/cloud-init.spec; no other flag is publicly known.
    """
    flags, operands = options(args, "c", BOOTUTIL_USAGE)
    if operands or not flags:
        raise Usage(BOOTUTIL_USAGE)
    reset.clear_nvram(ctx.world)
    return 0
