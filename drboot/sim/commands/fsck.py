"""fsck: consistency of file systems, log replay first.

Source: manual page of fsck; transcript fsck/01.  Exit statuses are not publicly verified: variant ``fsck_exit``;
what preening does to a file system that needs a full check: variant ``fsck_preen``.
"""

from __future__ import annotations

from typing import Dict, Iterator, List, Optional

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Filesystem

# Source: fsck manual page (synopsis).
USAGE = """Usage: fsck [-n | -y | -p] [-f] [-V vfs] [-d block]... [-i inode]... [-o options] [-t file]
        [filesystem ...]"""

CLEAN, REPAIRED, ERRORS, FAILED = "clean", "repaired", "errors", "failed"

# Assumed, all of it: a status for each outcome.  "manual" is the meaning most Unix manuals give.
EXIT: Dict[str, Dict[str, int]] = {
    "manual": {CLEAN: 0, REPAIRED: 0, ERRORS: 4, FAILED: 8},
    "bits": {CLEAN: 0, REPAIRED: 2, ERRORS: 4, FAILED: 8},
    "zero": {CLEAN: 0, REPAIRED: 0, ERRORS: 0, FAILED: 8},
}

PHASES = (
    "*** Phase 1 - Initial inode scan",
    "*** Phase 2 - Process remaining directories",
    "*** Phase 3 - Process remaining files",
    "*** Phase 4 - Check and repair inode allocation map",
)


def fsck(ctx: Context, args: List[str]) -> int:
    flags, names = options(args, "nypfV:d:i:o:t:", USAGE)
    if sum(flag in flags for flag in "nyp") > 1:
        raise Usage(USAGE)
    codes = EXIT[ctx.variant("fsck_exit", "manual")]
    worst = 0
    for name in names or [one.point for one in mounts.stanzas(ctx) if one.get("check") not in ("", "false")]:
        worst = max(worst, codes[_check(ctx, name, flags)])
    return worst


def _check(ctx: Context, name: str, flags: Dict[str, List[str]]) -> str:
    """Check one file system, named by device or mount point; which of the outcomes it was."""
    stanza = mounts.find_stanza(ctx, name)
    device = stanza.device if stanza else name
    found = lvm.find_lv(ctx.world, device)
    reason = mounts.device_error(ctx, device)
    if reason or found is None:
        ctx.err(f"fsck: {device}: {reason}")
        return FAILED
    if mounts.is_mounted(ctx.world, device):
        ctx.err(f"fsck: {device}: {mounts.BUSY}")
        return FAILED
    fs = found.lv["fs"]
    ctx.out(f"The current volume is: {device}")
    if fs is None or fs["state"] == "corrupt":
        ctx.err(f"fsck: {device}: {mounts.BAD_FORMAT}")
        return FAILED
    return _check_jfs2(ctx, device, fs, flags)


def _check_jfs2(ctx: Context, device: str, fs: Filesystem, flags: Dict[str, List[str]]) -> str:
    if "f" in flags and fs["state"] == "clean":
        # -f: fast check, nothing is done for one that was unmounted cleanly (manual)
        ctx.out("File system is clean.")
        return CLEAN
    ctx.out("Primary superblock is valid.")
    ctx.out(f"J2_LOGREDO:log redo processing for {device} ")
    ctx.out("Primary superblock is valid.")
    if fs["state"] == "replay" and "n" not in flags:
        fs["state"] = "clean"
    if "p" in flags and fs["state"] == "clean":
        ctx.out("File system is clean.")
        return CLEAN
    for phase in PHASES:
        ctx.out(phase)
    if "n" not in flags:
        fs["guarded_by"] = ""  # a full check clears the guard (AIX 7.2 field notes)
    if fs["state"] != "dirty":
        ctx.out("*** Phase 5 - Check and repair block allocation map")
        ctx.out("File system is clean.")
        return ERRORS if fs["state"] == "replay" else CLEAN
    return _repair(ctx, fs, flags)


def _repair(ctx: Context, fs: Filesystem, flags: Dict[str, List[str]]) -> str:
    """A file system that needs a full check: ask, or answer as -y, -n or -p say."""
    answers = _answers(ctx, flags)
    first = _asked(ctx, "File system inode map is corrupt; FIX?", answers)
    if first:
        ctx.out("Superblock marked dirty because repairs are about to be written.")
    ctx.out("*** Phase 5 - Check and repair block allocation map")
    if not first:
        return ERRORS
    ctx.out("File system is clean.")
    if not _asked(ctx, "Superblock is marked dirty; FIX?", answers):
        return ERRORS
    ctx.out("All observed inconsistencies have been repaired.")
    fs["state"] = "clean"
    return REPAIRED


def _answers(ctx: Context, flags: Dict[str, List[str]]) -> Optional[Iterator[str]]:
    """The operator's answers; None: never asked, always yes."""
    if "y" in flags or ("p" in flags and ctx.variant("fsck_preen", "refuses") == "repairs"):
        return None
    return iter([] if "n" in flags or "p" in flags else ctx.stdin.split())


def _asked(ctx: Context, question: str, answers: Optional[Iterator[str]]) -> bool:
    answer = "y" if answers is None else next(answers, "n")
    ctx.out(f"{question} {answer}")
    return answer.lower().startswith("y")
