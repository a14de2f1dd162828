"""lssrc, startsrc, stopsrc, mkssys, rmssys: the System Resource Controller.

    Subsystem         Group            PID          Status
     syslogd          ras              5374382      active
     xcatd                                          inoperative

Columns start at 1, 18, 35, 48; group and PID can be empty.  ``-a`` lists what runs first, in the order of starting,
and its header has a trailing blank.
Source: network-and-services.md section 15, transcripts lssrc/*, startsrc/*, stopsrc/*, mkssys/*.
"""

from __future__ import annotations

from typing import Dict, List

from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Subsystem, new_subsystem

HEADER = "Subsystem         Group            PID          Status"
# Assumed: the wording of the usage texts.
LSSRC_USAGE = (
    "Usage: lssrc [-h Host] -a\n"
    "       lssrc [-h Host] -g GroupName\n"
    "       lssrc [-h Host] [-l] [-c] -s Subsystem\n"
    "       lssrc [-h Host] [-l] [-c] -p SubsystemPID\n"
    "       lssrc -S [-s Subsystem | -d]"
)
STARTSRC_USAGE = "Usage: startsrc [-a Argument] [-e Environment] [-h Host] {-s Subsystem | -g Group}"
STOPSRC_USAGE = "Usage: stopsrc [-h Host] [-f | -c] {-a | -g Group | -p SubsystemPID | -s Subsystem}"
MKSSYS_USAGE = (
    "Usage: mkssys {-p Path -s Subsystem -u UserID} [-a Arguments] [-e StandardError] [-i StandardInput]\n"
    "       [-o StandardOutput] [-t Synonym] [-O | -R] [-Q | -q] [-K | [-I MessageQueue -m MessageMType |\n"
    "       -f StopForce -n StopNormal -S]] [-E Nice] [-G Group] [-d | -D] [-w Time]"
)
RMSSYS_USAGE = "Usage: rmssys -s Subsystem"
# Source: section 15, puppet's src provider reads these names
LONG_HEADER = (
    "#subsysname:synonym:cmdargs:path:uid:auditid:standin:standout:standerr:action:multi:contact:svrkey:svrmtype:"
    "priority:signorm:sigforce:display:waittime:grpname:"
)


def lssrc(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "ah:g:s:p:lcSd", LSSRC_USAGE)
    if operands or sum(1 for letter in "agsp" if letter in flags) != ("d" not in flags):
        raise Usage(LSSRC_USAGE)
    if not _master_answers(ctx):
        return 1
    _settle(ctx)
    known = ctx.world["odm"]["subsystems"]
    if "S" in flags:
        return _record(ctx, flags["s"][-1]) if "s" in flags else _refuse_usage()
    if "a" in flags:
        running = [known[name] for name in ctx.world["kernel"]["subsystems"] if name in known]
        rest = [subsystem for subsystem in known.values() if subsystem not in running]
        ctx.out(HEADER + " ")
        _rows(ctx, running + rest)
        return 0
    chosen = _chosen(ctx, flags)
    if not chosen:
        return 1
    ctx.out(HEADER)
    _rows(ctx, chosen)
    return 0


def _refuse_usage() -> int:
    raise Usage(LSSRC_USAGE)


def _rows(ctx: Context, subsystems: List[Subsystem]) -> None:
    kernel = ctx.world["kernel"]
    for subsystem in subsystems:
        pid = kernel["subsystems"].get(subsystem["name"])
        state = "stopping" if subsystem["name"] in kernel["stopping"] else "inoperative" if pid is None else "active"
        ctx.out(f" {subsystem['name']:<16} {subsystem['group']:<16} {'' if pid is None else pid:<12} {state}")


def _record(ctx: Context, name: str) -> int:
    """``lssrc -Ss``: one colon record; only the columns that puppet reads are filled with this machine's state."""
    subsystem = ctx.world["odm"]["subsystems"].get(name)
    if subsystem is None:
        return _not_on_file(ctx, f"0513-085 The {name} Subsystem is not on file.")
    ctx.out(LONG_HEADER)
    console = "/dev/console"
    fields = [name, "", subsystem["args"], subsystem["path"], "0", "0", console, console, console, "-O", "-Q",
              subsystem["contact"], "0", "0", "20", "15", "9", "-d", "20", subsystem["group"], ""]  # fmt: skip
    ctx.out(":".join(fields))
    return 0


def startsrc(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "a:e:h:s:g:t:p:", STARTSRC_USAGE)
    if operands or ("s" in flags) == ("g" in flags):
        raise Usage(STARTSRC_USAGE)
    if not _master_answers(ctx):
        return 1
    _settle(ctx)
    chosen = _chosen(ctx, flags)
    rc = 0 if chosen else 1
    kernel = ctx.world["kernel"]
    for subsystem in chosen:
        name = subsystem["name"]
        if name in kernel["subsystems"]:
            _error(ctx, f"0513-029 The {name} Subsystem is already active.", "Multiple instances are not supported.")
            rc = 1
            continue
        kernel["subsystems"][name] = pid = new_pid(ctx)
        ctx.out(f"0513-059 The {name} Subsystem has been started. Subsystem PID is {pid}.")
    return rc


def stopsrc(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "h:fcag:p:s:t:", STOPSRC_USAGE)
    if operands or sum(1 for letter in "agps" if letter in flags) != 1 or ("f" in flags and "c" in flags):
        raise Usage(STOPSRC_USAGE)
    if not _master_answers(ctx):
        return 1
    _settle(ctx)
    kernel = ctx.world["kernel"]
    chosen = list(ctx.world["odm"]["subsystems"].values()) if "a" in flags else _chosen(ctx, flags)
    if not chosen:
        return 1
    running = [s["name"] for s in chosen if s["name"] in kernel["subsystems"]]
    if not running:
        _error(ctx, f"0513-004 The Subsystem or Group, {(flags.get('s') or flags.get('g') or [''])[-1]}, is currently "
               "inoperative.")  # fmt: skip
        return int(ctx.variant("stopsrc_inoperative_rc", "1"))
    seconds = float(ctx.variant("stopsrc_seconds", "0"))
    for name in running:
        ctx.out(f"0513-044 The {name} Subsystem was requested to stop.")
        kernel["stopping"][name] = ctx.now() + seconds
    _settle(ctx)
    return 0


def mkssys(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "p:s:u:a:e:i:o:t:ORQqKI:m:f:n:SE:G:dDw:", MKSSYS_USAGE)
    if operands or not {"p", "s", "u"} <= set(flags) or ("K" in flags and "S" in flags):
        raise Usage(MKSSYS_USAGE)
    name = flags["s"][-1]
    if name in ctx.world["odm"]["subsystems"]:
        _error(ctx, f"mkssys: {name}")  # the text for a duplicate is not publicly known
        return 1
    ctx.world["odm"]["subsystems"][name] = new_subsystem(
        name,
        flags.get("G", [""])[-1],
        path=flags["p"][-1],
        args=flags.get("a", [""])[-1],
        contact="-S" if "S" in flags else "-K",
    )
    ctx.out(f"0513-071 The {name} Subsystem has been added.")
    return 0


def rmssys(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "s:", RMSSYS_USAGE)
    if operands or "s" not in flags:
        raise Usage(RMSSYS_USAGE)
    name = flags["s"][-1]
    if name not in ctx.world["odm"]["subsystems"]:
        return _not_on_file(ctx, f"0513-085 The {name} Subsystem is not on file.")
    del ctx.world["odm"]["subsystems"][name]
    ctx.out("0513-083 Subsystem has been Deleted.")
    return 0


def new_pid(ctx: Context) -> int:
    """The next free process id: of ``pids`` as long as there are any, then counting on."""
    kernel = ctx.world["kernel"]
    if kernel["pids"]:
        return kernel["pids"].pop(0)
    pid = kernel["next_pid"]
    kernel["next_pid"] = pid + 65540  # Assumed: AIX's ids are even, large and far apart, as in every transcript
    return pid


def _chosen(ctx: Context, flags: Dict[str, List[str]]) -> List[Subsystem]:
    """What -s, -g or -p names; nothing, and the message, when it is not on file."""
    known = ctx.world["odm"]["subsystems"]
    if "s" in flags:
        if flags["s"][-1] in known:
            return [known[flags["s"][-1]]]
        _not_on_file(ctx, f"0513-085 The {flags['s'][-1]} Subsystem is not on file.")
        return []
    if "g" in flags:
        members = [s for s in known.values() if s["group"] == flags["g"][-1]]
        if not members:
            _not_on_file(ctx, f"0513-086 The {flags['g'][-1]} Group is not on file.")
        return members
    pid = flags["p"][-1]
    found = [known[n] for n, p in ctx.world["kernel"]["subsystems"].items() if str(p) == pid and n in known]
    if not found:
        _error(ctx, f"0513-004 The Subsystem or Group, {pid}, is currently inoperative.")
    return found


def _settle(ctx: Context) -> None:
    """What was asked to stop and has had its time is gone."""
    kernel = ctx.world["kernel"]
    for name, until in list(kernel["stopping"].items()):
        if until <= ctx.now():
            del kernel["stopping"][name]
            kernel["subsystems"].pop(name, None)


def _master_answers(ctx: Context) -> bool:
    """An entry right after srcmstr may run before srcmstr answers.  Source: section 15; the text is not known."""
    delay = float(ctx.variant("srcmstr_delay", "0"))
    if delay and ctx.now() < ctx.world["kernel"]["boot_epoch"] + delay:
        _error(ctx, "0513-001")
        return False
    return True


def _not_on_file(ctx: Context, text: str) -> int:
    _error(ctx, text)
    return 1


def _error(ctx: Context, *lines: str) -> None:
    """Which stream: two projects disagree.  Source: transcript lssrc/04-error-not-on-file."""
    write = ctx.out if ctx.variant("src_error_stream", "stderr") == "stdout" else ctx.err
    for line in lines:
        write(line)
