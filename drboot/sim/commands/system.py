"""uname, oslevel, who, lparstat: what the system says of itself.

Source: boot-and-devices.md sections 1, 15; transcripts uname/*, oslevel/*, who/*, lparstat/*.
"""

from __future__ import annotations

import re
import time
from typing import Dict, List, Tuple

from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.predefined import Level
from drboot.sim.world import World

UNAME_USAGE = "usage: uname [-fFLMWamnprsuv] [-S Name]"
OSLEVEL_USAGE = "usage: oslevel [-r | -s]"
WHO_USAGE = "usage: who [-abHr]"
LPARSTAT_USAGE = "usage: lparstat [-i]"


def uname(ctx: Context, args: List[str]) -> int:
    """The parts asked for on one line, always in the same order.

    Source: transcripts uname/04 (M u L), 09 (r v p), 11 (-a is s n r v m).  Assumed: -F is -f without the partition.
    """
    flags, operands = options(args, "fFLMWamnprsuvS:", UNAME_USAGE)
    if operands:
        raise Usage(UNAME_USAGE)
    firmware, kernel = ctx.world["firmware"], ctx.world["kernel"]
    if "S" in flags:
        kernel["nodename"] = flags["S"][-1]
        return 0
    major, minor, _ = cuat.level(ctx.world["odm"])
    parts: Dict[str, str] = {
        "s": "AIX",
        "n": kernel["nodename"],
        "r": str(minor),
        "v": str(major),
        "m": firmware["uname_m"],
        "p": "powerpc",
        "M": cuat.model_name(firmware),
        "u": firmware["systemid"],
        "L": f"{firmware['partition_number']} {firmware['partition_name']}"
        if firmware["partition_name"]
        else "-1 NULL",
        "f": firmware["uname_f"],
        "F": firmware["uname_f"][:-4] + "0000",
        "W": "0",
    }
    wanted = set(flags) or {"s"}
    if "a" in wanted:
        wanted |= set("snrvm")
    ctx.out(" ".join(text for flag, text in parts.items() if flag in wanted))
    return 0


def oslevel(ctx: Context, args: List[str]) -> int:
    """-s the full level, -r version and technology level, else the base.  Source: transcripts oslevel/*."""
    flags, operands = options(args, "rs", OSLEVEL_USAGE)
    if operands or len(flags) > 1:
        raise Usage(OSLEVEL_USAGE)
    full = ctx.world["odm"]["oslevel"]
    if "s" in flags:
        ctx.out(full)
    elif "r" in flags:
        ctx.out("-".join(full.split("-")[:2]))
    else:
        ctx.out(".".join(full.partition("-")[0]))
    return 0


def who(ctx: Context, args: List[str]) -> int:
    """-b the last boot, -r the run level; nobody is logged in.

    Source: transcripts who/01 (no year, trailing blanks), 03 (blanks lost by its page, so the columns are Assumed).
    """
    flags, operands = options(args, "abHr", WHO_USAGE)
    if operands:
        raise Usage(WHO_USAGE)
    kernel = ctx.world["kernel"]
    booted = time.strftime("%b %d %H:%M", time.gmtime(kernel["boot_epoch"]))
    if "H" in flags:
        ctx.out("Name     Line         Time           PID  Hostname")
    if "b" in flags or "a" in flags:
        ctx.out(f"   .        system boot {booted}" + " " * 21)
    if "r" in flags or "a" in flags:
        ctx.out(f"   .        run-level {kernel['run_level']} {booted}       {kernel['run_level']}    0    S")
    return 0


# ---------------------------------------------------------------- lparstat

ALWAYS: Level = (0, 0, 0)
SINCE_61: Level = (6, 1, 0)
SINCE_72: Level = (7, 2, 0)
# Rows of lparstat -i in order, and the first level that prints them.  Source: transcripts lparstat/02 to 07.
ROWS: Tuple[Tuple[str, Level], ...] = (
    ("Node Name", ALWAYS),
    ("Partition Name", ALWAYS),
    ("Partition Number", ALWAYS),
    ("Type", ALWAYS),
    ("Mode", ALWAYS),
    ("Entitled Capacity", ALWAYS),
    ("Partition Group-ID", ALWAYS),
    ("Shared Pool ID", ALWAYS),
    ("Online Virtual CPUs", ALWAYS),
    ("Maximum Virtual CPUs", ALWAYS),
    ("Minimum Virtual CPUs", ALWAYS),
    ("Online Memory", ALWAYS),
    ("Maximum Memory", ALWAYS),
    ("Minimum Memory", ALWAYS),
    ("Variable Capacity Weight", ALWAYS),
    ("Minimum Capacity", ALWAYS),
    ("Maximum Capacity", ALWAYS),
    ("Capacity Increment", ALWAYS),
    ("Maximum Physical CPUs in system", ALWAYS),
    ("Active Physical CPUs in system", ALWAYS),
    ("Active CPUs in Pool", ALWAYS),
    ("Shared Physical CPUs in system", SINCE_61),
    ("Maximum Capacity of Pool", SINCE_61),
    ("Entitled Capacity of Pool", SINCE_61),
    ("Unallocated Capacity", ALWAYS),
    ("Physical CPU Percentage", ALWAYS),
    ("Unallocated Weight", ALWAYS),
    ("Memory Mode", SINCE_61),
    ("Total I/O Memory Entitlement", SINCE_61),
    ("Variable Memory Capacity Weight", SINCE_61),
    ("Memory Pool ID", SINCE_61),
    ("Physical Memory in the Pool", SINCE_61),
    ("Hypervisor Page Size", SINCE_61),
    ("Unallocated Variable Memory Capacity Weight", SINCE_61),
    ("Unallocated I/O Memory entitlement", SINCE_61),
    ("Memory Group ID of LPAR", SINCE_61),
    ("Desired Virtual CPUs", SINCE_61),
    ("Desired Memory", SINCE_61),
    ("Desired Variable Capacity Weight", SINCE_61),
    ("Desired Capacity", SINCE_61),
    ("Target Memory Expansion Factor", SINCE_61),
    ("Target Memory Expansion Size", SINCE_61),
    ("Power Saving Mode", SINCE_61),
    ("Sub Processor Mode", SINCE_72),
)


def lparstat(ctx: Context, args: List[str]) -> int:
    """-i: one row per fact of the partition, ``-`` where it does not apply.

    Source: transcripts lparstat/*; the name rows of 6.1 and 7.1 end in a blank (02), those of 5.3 and 7.2 do not.
    """
    flags, operands = options(args, "i", LPARSTAT_USAGE)
    if operands or "i" not in flags:
        raise Usage(LPARSTAT_USAGE)
    level = cuat.level(ctx.world["odm"])
    facts = _partition_facts(ctx.world)
    for label, since in ROWS:
        if since <= level:
            blank = " " if label.endswith(" Name") and (6, 1, 0) <= level < (7, 2, 0) else ""
            ctx.out(f"{label:<43}: {facts.get(label, '-')}{blank}")
    return 0


def _partition_facts(world: World) -> Dict[str, str]:
    """Values of the rows that are not ``-``.

    What the HMC profile says beyond the CPUs and memory in use is in firmware["extra"], under the row's label in
    lower case with underscores: entitled_capacity, maximum_memory (MB), variable_capacity_weight ...
    """
    firmware = world["firmware"]
    extra, cpus, memory = firmware["extra"], firmware["cpus"], firmware["memory"]
    dedicated = extra.get("dedicated") == "yes"
    threads = cuat.smt_threads(firmware)
    smt = "SMT" if threads == 2 else f"SMT-{threads}"
    entitled = float(extra.get("entitled_capacity", cpus))
    facts = {
        "Node Name": world["kernel"]["nodename"],
        "Partition Name": firmware["partition_name"],
        "Partition Number": str(firmware["partition_number"]),
        "Type": f"{'Dedicated' if dedicated else 'Shared'}-{smt}",
        "Mode": "Capped" if dedicated else "Uncapped",
        "Partition Group-ID": str(32768 + firmware["partition_number"]),
        "Entitled Capacity": f"{entitled:.2f}",
        "Minimum Capacity": "1.00" if dedicated else "0.10",
        "Maximum Capacity": f"{float(cpus):.2f}",
        "Capacity Increment": "1.00" if dedicated else "0.01",
        "Online Virtual CPUs": str(cpus),
        "Maximum Virtual CPUs": str(cpus),
        "Minimum Virtual CPUs": "1",
        "Online Memory": str(memory),
        "Maximum Memory": str(memory),
        "Minimum Memory": str(memory),
        "Maximum Physical CPUs in system": str(cpus),
        "Active Physical CPUs in system": str(cpus),
        "Physical CPU Percentage": f"{100 * entitled / cpus:.2f}%",
        "Shared Physical CPUs in system": "0",
        "Maximum Capacity of Pool": "0",
        "Entitled Capacity of Pool": "0",
        "Memory Mode": "Dedicated",
        "Power Saving Mode": "Disabled",
    }
    if not dedicated:
        facts.update({
            "Shared Pool ID": "0",
            "Variable Capacity Weight": "128",
            "Active CPUs in Pool": str(cpus),
            "Unallocated Capacity": "0.00",
            "Unallocated Weight": "0",
        })  # fmt: skip
    for label, _ in ROWS:
        given = extra.get(re.sub(r"[^a-z]+", "_", label.lower()))
        if given is not None:
            facts[label] = given
    for label in [each for each in facts if each.endswith(" Memory")]:
        facts[label] += " MB"
    facts["Desired Virtual CPUs"] = facts["Online Virtual CPUs"]
    facts["Desired Memory"] = facts["Online Memory"]
    facts["Desired Capacity"] = facts["Entitled Capacity"]
    facts["Desired Variable Capacity Weight"] = facts.get("Variable Capacity Weight", "-")
    return facts
