"""hdcryptmgr: encrypted logical volumes, as far as somebody looks at them.

Source: manual page of hdcryptmgr (7.2), the examples of showvg and showlv.
Assumed: columns as the manual's example has them; a locked LV keeps its percentage.
"""

from __future__ import annotations

from typing import List

from drboot.sim import lvm
from drboot.sim.command import Context, Usage
from drboot.sim.lvm import LvmError

# Source: hdcryptmgr manual page (synopsis).
USAGE = "Usage: hdcryptmgr <action> <..options..>"


def hdcryptmgr(ctx: Context, args: List[str]) -> int:
    if len(args) != 2 or args[0] != "showlv":
        raise Usage(USAGE)
    name = args[1]
    try:
        vgda = lvm.require_active(ctx.world, name) if name in ctx.world["odm"]["vgs"] else None
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1
    found = lvm.find_lv(ctx.world, name)
    lvs = vgda["lvs"] if vgda else [found.lv] if found else []
    if not any(lv["crypto"] for lv in lvs):
        ctx.err(f"hdcryptmgr: {name}")  # no public wording: the VG is not enabled, or nothing has this name
        return 1
    ctx.out(f"{'NAME':<21}{'CRYPTO_STATUS':<17}{'%ENCRYPTED':<17}{'NOTE':<16}")
    for lv in lvs:
        ctx.out(f"{lv['name']:<21}{lv['crypto'] or 'not_enabled':<17}{100 if lv['crypto'] else 0:<16}")
    return 0
