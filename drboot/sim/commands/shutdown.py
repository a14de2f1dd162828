"""shutdown, reboot: the end of a running machine.

Source: boot-and-devices.md section 23; IBM's shutdown page for the flags.  What they print is not publicly known, so
they print nothing.  The time of the shutdown is kept by the firmware of this LPAR: a copy of a running rootvg that
wakes elsewhere has no REBOOT_ID entry.
"""

from __future__ import annotations

from typing import List

from drboot.sim import lvm
from drboot.sim.command import Context, PowerOff, Usage, options
from drboot.sim.commands import errlog

# Assumed: the wording of the usage texts.
USAGE = "Usage: shutdown [-d] [-F] [-h] [-i] [-k] [-l] [-m] [-p] [-r] [-t mmddHHMM [yy]] [-u] [-v] [+Time [Message]]"
REBOOT_USAGE = "Usage: reboot [-l] [-n] [-q] [-t mmddHHMM [yy]]"
RC_SHUTDOWN = "/etc/rc.shutdown"


def shutdown(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "dFhiklmprt:uv", USAGE)
    if operands and not (operands[0].lstrip("+").isdigit() or operands[0] == "now" or ":" in operands[0]):
        raise Usage(USAGE)
    if "k" in flags:  # says that it will, and does not
        return 0
    # Assumed: a failing site script stops the shutdown (section 23).  Its exit status is this machine's variant.
    status = int(ctx.variant("rc_shutdown_rc", "0"))
    if ctx.exists(RC_SHUTDOWN) and status:
        return status
    lvm.shut_down(ctx)
    return _end(ctx, "reboot" if "r" in flags else "halt")


def reboot(ctx: Context, args: List[str]) -> int:
    _flags, operands = options(args, "lnqt:", REBOOT_USAGE)
    if operands:
        raise Usage(REBOOT_USAGE)
    return _end(ctx, "reboot")


def _end(ctx: Context, action: str) -> int:
    ctx.world["firmware"]["nvram"][errlog.SHUTDOWN_TIME] = str(int(ctx.now()))
    raise PowerOff(action)
