"""varyonvg, varyoffvg.

Source: manual pages of both; transcripts varyonvg/*.
"""

from __future__ import annotations

from typing import List

from drboot.sim import lvm
from drboot.sim.command import Context, Usage, options
from drboot.sim.lvm import LvmError, PvStatus, Varyon

# Source: varyonvg manual page (synopsis).
USAGE = "Usage: varyonvg [-b] [-c] [-d] [-f] [-k loc|rem] [-M LTGsize] [-n] [-o] [-O] [-p] [-r] [-s] [-t] [-u] vgname"
# Source: varyoffvg manual page (synopsis).
USAGE_OFF = "Usage: varyoffvg [-s] vgname"


def varyonvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "bcdfk:M:noOprstu", USAGE)
    if len(names) != 1:
        raise Usage(USAGE)
    vg = names[0]
    how = Varyon(
        force="f" in flags,
        read_only="r" in flags,
        management="s" in flags,
        no_sync="n" in flags,
        break_reserve="b" in flags or "O" in flags,
        concurrent="c" in flags,
        passive="p" in flags,
    )
    try:
        lvm.require_vg(ctx.world, vg, "getlvodm")
        vgda = lvm.vgda_of(ctx.world, vg)
        if (how.concurrent or how.passive) and vgda is not None and not vgda["concurrent"]:
            # Source: a passive varyon of a VG that is not concurrent capable fails; no public wording
            raise LvmError(f"0516-1353 varyonvg: {vg}")
        show_status(ctx, vg, lvm.vary_on(ctx, vg, how))
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1
    return 0


def show_status(ctx: Context, vg: str, rows: List[PvStatus]) -> None:
    """The ``PV Status:`` list, when there is anything to say.

    Source: transcripts varyonvg/01, importvg/01; their blanks are lost, so that the tabs are assumed.
    """
    label = "PV Status:"
    for row in rows:
        ctx.out(f"{label}\t{row.hdisk}\t{row.pvid}\t{row.word} ")
        label = "\t"
    if rows:
        ctx.out(f"varyonvg: Volume group {vg} is varied on.")


def varyoffvg(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "s", USAGE_OFF)
    if len(names) != 1:
        raise Usage(USAGE_OFF)
    vg = names[0]
    try:
        mode = ctx.world["kernel"]["varied_on"].get(vg)
        lvm.vary_off(ctx, vg)
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1
    if "s" in flags and mode is not None:
        # -s: out of normal and into system management mode, in which LVs cannot be opened
        ctx.world["kernel"]["varied_on"][vg] = {**mode, "mode": "management"}
    return 0
