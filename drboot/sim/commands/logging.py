"""logger and alog: lines for syslogd, and the circular logs of the boot.

Source: boot-and-devices.md section 20 (alog); IBM's logger and alog pages.
"""

from __future__ import annotations

import re
import time
from typing import Dict, List, Tuple

from drboot.sim.command import Context, Usage, options

SYSLOG_CONF = "/etc/syslog.conf"
# Assumed: the wording of the usage texts.
LOGGER_USAGE = "Usage: logger [-f File] [-i] [-p Priority] [-t Tag] [Message]"
ALOG_USAGE = (
    "Usage: alog -f File [-o] | [-s Size]\n"
    "       alog -t LogType [-f File] [-o] | [-s Size] [-q]\n"
    "       alog -L [-t LogType]"
)
# type -> file and size in bytes.  Source: IBM's alog page; section 20 names boot and console
TYPES: Dict[str, Tuple[str, int]] = {
    "boot": ("/var/adm/ras/bootlog", 131072),
    "bosinst": ("/var/adm/ras/bosinstlog", 16384),
    "nim": ("/var/adm/ras/nimlog", 8192),
    "console": ("/var/adm/ras/conslog", 16384),
    "cfg": ("/var/adm/ras/cfglog", 16384),
    "lvmcfg": ("/var/adm/ras/lvmcfg.log", 20480),
    "dumpsymp": ("/var/adm/ras/dumpsymp", 8192),
}
MINIMUM = 4096
LEVELS = ("emerg", "alert", "crit", "err", "warning", "notice", "info", "debug")
ALIASES = {"panic": "emerg", "error": "err", "warn": "warning"}


def logger(ctx: Context, args: List[str]) -> int:
    """One line to syslogd.  Silent, and 0, also when syslogd does not run: then the line is lost."""
    flags, operands = options(args, "f:ip:t:", LOGGER_USAGE)
    facility, _, level = flags.get("p", ["user.notice"])[-1].rpartition(".")
    level = ALIASES.get(level, level)
    if level not in LEVELS:
        raise Usage(LOGGER_USAGE)
    text = " ".join(operands) if operands else (ctx.read(flags["f"][-1]) or "") if "f" in flags else ctx.stdin
    kernel = ctx.world["kernel"]
    if "syslogd" not in kernel["subsystems"]:
        return 0
    tag = flags.get("t", ["root"])[-1] + (f"[{kernel['next_pid']}]" if "i" in flags else "")
    stamp = time.strftime("%b %d %H:%M:%S", time.gmtime(ctx.now()))
    node = kernel["nodename"].partition(".")[0]
    for line in text.splitlines():
        for path in _files(ctx, facility or "user", level):
            if ctx.exists(path):  # syslogd does not create its files
                ctx.append(path, f"{stamp} {node} {facility or 'user'}:{level} {tag}: {line}\n")
    return 0


def _files(ctx: Context, facility: str, level: str) -> List[str]:
    """The files of syslog.conf whose selector takes this priority: ``*.debug;mail.none /var/log/messages``."""
    found = []
    for line in (ctx.read(SYSLOG_CONF) or "").splitlines():
        words = line.partition("#")[0].split()
        if len(words) < 2 or not words[1].startswith("/"):
            continue
        taken = False
        for selector in words[0].split(";"):
            names, _, lowest = selector.rpartition(".")
            if facility in names.split(",") or "*" in names.split(","):
                lowest = ALIASES.get(lowest, lowest)
                taken = lowest != "none" and lowest in LEVELS and LEVELS.index(level) <= LEVELS.index(lowest)
        if taken:
            found.append(words[1])
    return found


def alog(ctx: Context, args: List[str]) -> int:
    """``-o`` prints a log; without it standard input is copied into the log and, unless -q, to standard output.

    A log that cannot be written loses the text silently (section 20).  AIX's files are binary and circular; here they
    are text that loses its head.
    """
    flags, operands = options([re.sub(r"^-t(?=.)", "-t", word) for word in args], "f:t:os:qLH", ALOG_USAGE)
    if operands:
        raise Usage(ALOG_USAGE)
    kind = flags.get("t", [""])[-1]
    if kind and kind not in TYPES:
        ctx.err(f"alog: {kind}")
        return 2
    if "L" in flags:
        if not kind:
            for name in TYPES:
                ctx.out(name)
        else:
            ctx.out("#file:size:verbosity")
            ctx.out(f"{TYPES[kind][0]}:{TYPES[kind][1]}:1")
        return 0
    if not kind and "f" not in flags:
        raise Usage(ALOG_USAGE)
    if not all(text.isdigit() for text in flags.get("s", [])):
        raise Usage(ALOG_USAGE)
    path = flags["f"][-1] if "f" in flags else TYPES[kind][0]
    size = max(MINIMUM, int(flags["s"][-1]) if "s" in flags else TYPES[kind][1] if kind else MINIMUM)
    if "o" in flags:
        text = ctx.read(path)
        if text is None:
            ctx.err(f"alog: {path}")
            return 2
        ctx.raw(text)
        return 0
    ctx.write(path, ((ctx.read(path) or "") + ctx.stdin)[-size:])
    if "q" not in flags:
        ctx.raw(ctx.stdin)
    return 0
