"""nimclient: what a NIM client says to its master, who is named in /etc/niminfo.

Every attempt to talk to a master is kept in the kernel's ``contacts``, whether it answers or not, so that a test can
prove that the production master was left in peace.
Source: network-and-services.md section 17, transcripts niminfo/*; IBM's nimclient page for the flags.  Its output is
not publicly known, so it prints nothing.
"""

from __future__ import annotations

import re
from typing import Dict, List

from drboot.sim import net
from drboot.sim.command import Context, Hang, Usage, options
from drboot.sim.commands import names, reach

NIMINFO = "/etc/niminfo"
# Assumed: the wording of the usage text.
USAGE = (
    "Usage: nimclient {-d | -p | -P | -c | -C | -r}\n"
    "       nimclient -o Operation [-a Attribute=Value] ...\n"
    "       nimclient -l [-p] ...\n"
    "       nimclient -S {running | shutdown}"
)


def nimclient(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "S:pPdcCrlo:a:L:t:O", USAGE)
    if operands or not flags or ("S" in flags and flags["S"][-1] not in ("running", "shutdown")):
        raise Usage(USAGE)
    info = niminfo(ctx)
    master = info.get("NIM_MASTER_HOSTNAME", "")
    if not master:
        ctx.err("0042-001 nimclient")  # the id of the wrapper message (section 17); its text is not known
        return 1
    ctx.world["kernel"]["contacts"].append(f"nim {master}")
    address = _address(ctx, info, master)
    if not reach.reachable(ctx, address):
        ctx.err("0042-006 nimclient")
        seconds = float(ctx.variant("nim_connect_seconds", "0"))
        if seconds:
            raise Hang(seconds)
        return 1
    return 0


def niminfo(ctx: Context) -> Dict[str, str]:
    """The variables of /etc/niminfo: ``export NIM_NAME=rn12402pl``; none when there is no such file."""
    found = re.findall(r"^export (\w+)=(.*)$", ctx.read(NIMINFO) or "", re.M)
    return {name: value.strip().strip('"').strip() for name, value in found}


def _address(ctx: Context, info: Dict[str, str], master: str) -> str:
    """NIM_HOSTS lists ``address:name:alias`` words; /etc/hosts has the rest."""
    for word in info.get("NIM_HOSTS", "").split():
        address, *others = word.split(":")
        if master in others and net.is_address(address):
            return address
    return names.lookup(ctx, master)
