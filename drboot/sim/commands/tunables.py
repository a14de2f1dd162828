"""no, tunrestore: network tunables, now and at the next boot.

    no -a           every tunable:  ``            arpqsize = 1024``, the name right-aligned to 25
    no -o t=v       now;  -r -o: at the next boot;  -p -o: both
    no -d t, -D     back to the default

The values for the next boot are in /etc/tunables/nextboot, stanza ``no:``; ``tunrestore -R`` applies them.
Source: network-and-services.md section 13, transcript no/50; IBM's no page for the flags.
"""

from __future__ import annotations

import re
from typing import Dict, List

from drboot.sim.command import Context, Usage, options

NEXTBOOT = "/etc/tunables/nextboot"
# Assumed: the wording of the usage texts.
USAGE = (
    "Usage: no [-p | -r] {-o Tunable[=NewValue]}\n"
    "       no [-p | -r] {-d Tunable}\n"
    "       no [-p | -r] {-D}\n"
    "       no [-p | -r] [-F] -a\n"
    "       no -h [Tunable]\n"
    "       no [-F] -L [Tunable]\n"
    "       no [-F] -x [Tunable]"
)
TUNRESTORE_USAGE = "Usage: tunrestore [-r] -f Filename\n       tunrestore {-R | -D}"
# The defaults of a handful that sites do change.  Source: transcript no/50
DEFAULTS: Dict[str, str] = {
    "arpqsize": "1024",
    "arpt_killc": "20",
    "bcastping": "0",
    "ipforwarding": "0",
    "ipsendredirects": "1",
    "ipsrcrouterecv": "0",
    "rfc1323": "0",
    "sb_max": "1048576",
    "tcp_ephemeral_high": "65535",
    "tcp_ephemeral_low": "32768",
    "tcp_keepidle": "14400",
    "tcp_keepintvl": "150",
    "tcp_nodelayack": "0",
    "tcp_pmtu_discover": "1",
    "tcp_recvspace": "16384",
    "tcp_sendspace": "16384",
    "udp_recvspace": "42080",
    "udp_sendspace": "9216",
}


def no(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "prao:d:DhLxF", USAGE)
    if operands or sum(1 for letter in "aodDLxh" if letter in flags) != 1 or ("p" in flags and "r" in flags):
        raise Usage(USAGE)
    known = _known(ctx)
    if "a" in flags:
        for name in sorted(known):
            ctx.out(f"{name:>25} = {known[name]}")
        return 0
    if "o" in flags:
        return _option(ctx, flags, known)
    if "d" in flags or "D" in flags:
        names = list(ctx.world["kernel"]["tunables"]) if "D" in flags else [flags["d"][-1]]
        return _set(ctx, flags, known, {name: DEFAULTS.get(name, known.get(name, "")) for name in names})
    if "x" in flags:
        for name in sorted(known):
            ctx.out(f"{name},{known[name]},{DEFAULTS.get(name, known[name])},{_next(ctx).get(name, known[name])},,,,,")
        return 0
    ctx.err("no: only -a, -o, -d, -D and -x are simulated")
    return 1


def _option(ctx: Context, flags: Dict[str, List[str]], known: Dict[str, str]) -> int:
    changes: Dict[str, str] = {}
    for text in flags["o"]:
        name, equals, value = text.partition("=")
        if name not in known:
            ctx.err(f"no: {name}")  # AIX's text is not publicly known
            return 1
        if equals:
            changes[name] = value
        else:
            ctx.out(f"{name} = {_next(ctx).get(name, known[name]) if 'r' in flags else known[name]}")
    return _set(ctx, flags, known, changes)


def _set(ctx: Context, flags: Dict[str, List[str]], known: Dict[str, str], changes: Dict[str, str]) -> int:
    if set(changes) - set(known):
        ctx.err(f"no: {sorted(set(changes) - set(known))[0]}")
        return 1
    if "r" not in flags:
        ctx.world["kernel"]["tunables"].update(changes)
    if changes and ("r" in flags or "p" in flags):
        _store_next(ctx, {**_next(ctx), **changes})
    return 0


def tunrestore(ctx: Context, args: List[str]) -> int:
    """``-R``, at boot: what nextboot says holds from now on.  ``-D`` is for mbufs alone, which are not simulated.

    Source: transcript inittab/50, entries ``tunables`` and ``mbuf_resize``; transcript boot-console/01.
    """
    flags, operands = options(args, "rf:RD", TUNRESTORE_USAGE)
    if operands or len({"R", "D", "f"} & set(flags)) != 1:
        raise Usage(TUNRESTORE_USAGE)
    if "D" in flags:
        return 0
    ctx.world["kernel"]["tunables"].update(_next(ctx))
    if "R" in flags:
        ctx.out("Setting tunable parameters...complete")
    return 0


def _known(ctx: Context) -> Dict[str, str]:
    return {**DEFAULTS, **ctx.world["kernel"]["tunables"]}


def _next(ctx: Context) -> Dict[str, str]:
    """The ``no:`` stanza of nextboot: rows ``name = "value"`` up to the next stanza."""
    stanza = re.search(r"^no:\n((?:[ \t].*\n?|\n)*)", ctx.read(NEXTBOOT) or "", re.M)
    return dict(re.findall(r'^[ \t]+(\S+) = "([^"]*)"', stanza.group(1), re.M)) if stanza else {}


def _store_next(ctx: Context, values: Dict[str, str]) -> None:
    body = "no:\n" + "".join(f'\t{name} = "{value}"\n' for name, value in sorted(values.items()))
    text = ctx.read(NEXTBOOT) or ""
    stanza = re.compile(r"^no:\n((?:[ \t].*\n?|\n)*)", re.M)
    ctx.write(NEXTBOOT, stanza.sub(lambda _: body, text) if stanza.search(text) else text + body)
