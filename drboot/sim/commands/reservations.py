"""devrsrv: reservations of a disk.

Source: manual page of devrsrv (7.2); the form of a query, ahix.fr article 1250.
Assumed: the words of the states that no public text shows; a query of a disk that another host holds succeeds.
"""

from __future__ import annotations

from typing import List

from drboot.sim import lvm
from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options

# Source: devrsrv manual page (synopsis).
USAGE = """Usage :
devrsrv -c query | release | prin -s sa | (prout -s sa -r rkey -k sa_key -t prtype) -l devicename
devrsrv -f -l devicename
devrsrv -d"""

POLICIES = {
    "single_path": "SINGLE PATH RESERVE",
    "no_reserve": "NO RESERVE",
    "PR_exclusive": "PR EXCLUSIVE",
    "PR_shared": "PR SHARED",
}


def devrsrv(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "c:fl:des:r:k:t:", USAGE)
    if operands or "l" not in flags or ("f" in flags) == ("c" in flags):
        raise Usage(USAGE)
    name = flags["l"][-1]
    lun = lvm.lun_of(ctx.world, name)
    if lun is None:
        ctx.err(f"devrsrv: {name}")  # no public wording
        return 1
    if "f" in flags or flags["c"][-1] == "release":
        lun["reserved_by"] = ""
        return 0
    if flags["c"][-1] != "query":
        raise Usage(USAGE)
    policy = POLICIES[cuat.value(ctx.world, name, "reserve_policy")]
    elsewhere = lvm.reserved_elsewhere(ctx.world, lun)
    is_open = name in cuat.open_disks(ctx.world) and not elsewhere
    state = "SINGLE PATH RESERVE" if elsewhere else policy if is_open else "NO RESERVE"
    ctx.out("Device Reservation State Information")
    ctx.out("=" * 50)
    for label, value in (
        ("Device Name", name),
        ("Device Open On Current Host?", "YES" if is_open else "NO"),
        ("ODM Reservation Policy", policy),
        ("Device Reservation State", state),
    ):
        ctx.out(f"{label:<32}:  {value}")
    return 0
