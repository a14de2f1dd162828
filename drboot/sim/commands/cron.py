"""crontab: the job tables in /var/spool/cron/crontabs.

Source: boot-and-devices.md section 22, transcripts crontab/*; IBM's crontab page: a user name follows -l, -r, -v, -e.
"""

from __future__ import annotations

from typing import List

from drboot.sim.command import Context, Usage, options

SPOOL = "/var/spool/cron/crontabs"
# Assumed: the wording of the usage text, and of the refusal.
USAGE = "Usage: crontab [-e [UserName] | -l [UserName] | -r [UserName] | -v [UserName] | File]"


def crontab(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "elrv", USAGE)
    if len(flags) > 1 or len(operands) > 1:
        raise Usage(USAGE)
    if not _may(ctx, "root"):
        ctx.err("crontab: root is not authorized to use cron")
        return 1
    if not flags:
        return _install(ctx, operands[0] if operands else "-")
    path = f"{SPOOL}/{operands[0] if operands else 'root'}"
    text = ctx.read(path)
    if text is None:
        ctx.err("0481-103 Cannot open a file in the /var/spool/cron/crontabs directory.")
        return 1
    if "l" in flags:
        ctx.raw(text)
    elif "r" in flags:
        ctx.remove(path)
    else:
        ctx.err("crontab: -e and -v need a terminal, which this machine has not")
        return 1
    return 0


def _may(ctx: Context, user: str) -> bool:
    """Source: IBM's crontab page: cron.allow counts where it exists, for root as well; else cron.deny."""
    allowed, denied = (ctx.read(f"/var/adm/cron/cron.{list_}") for list_ in ("allow", "deny"))
    return user in allowed.split() if allowed is not None else user not in (denied or "").split()


def _install(ctx: Context, source: str) -> int:
    """The file, or standard input, becomes root's table; a table with a bad line is refused."""
    text = ctx.stdin if source == "-" else ctx.read(source)
    if text is None:
        ctx.err(f"crontab: {source}")
        return 1
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.lstrip().startswith("#") and len(line.split(None, 5)) < 6:
            ctx.err(f"crontab: {number}")
            return 1
    ctx.write(f"{SPOOL}/root", text, 0o600)
    return 0
