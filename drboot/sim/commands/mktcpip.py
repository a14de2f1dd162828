"""mktcpip: first configuration of TCP/IP, a sequence of other commands without a way back.

    en1
    host1.example.net
    inet0 changed
    en1 changed

It runs hostent, ``chdev -l inet0 -a hostname=``, ``chdev -l enN -a netaddr= ...`` and, for -g, ``chdev -l inet0 -a
route=``.  When one of them fails the earlier ones stay done.
Source: network-and-services.md section 1, transcripts mktcpip/*; IBM's mktcpip page.
"""

from __future__ import annotations

from typing import Dict, List

from drboot.sim import net
from drboot.sim.command import Context, Result, Usage, options
from drboot.sim.commands import names

# Assumed: the wording of the usage text.
USAGE = (
    "Usage: mktcpip {-S Interface | -h HostName -a Address -i Interface [-s] [-m SubnetMask] [-r RingSpeed]\n"
    "       [-t CableType] [-g DefaultGateway] [-n NameServer -d Domain] [[-c Subchannel] -D Destination]}"
)
CHDEV = "/usr/sbin/chdev"


def mktcpip(ctx: Context, args: List[str]) -> int:
    # -A and -C are not on the page, but SMIT passes them.  Source: section 1
    flags, operands = options(args, "S:h:a:i:sm:r:t:g:n:d:c:D:A:C:", USAGE)
    one = {letter: values[-1] for letter, values in flags.items()}
    if operands:
        raise Usage(USAGE)
    if "S" in one:
        if len(one) != 1:
            raise Usage(USAGE)
        return _show(ctx, one["S"])
    if not {"h", "a", "i"} <= set(one) or ("n" in one) != ("d" in one) or ("c" in one and "D" not in one):
        raise Usage(USAGE)
    return _configure(ctx, one)


def _configure(ctx: Context, one: Dict[str, str]) -> int:
    interface, address, host = one["i"], one["a"], one["h"]
    ctx.out(interface)
    steps: List[List[str]] = []
    known = names.reverse(ctx).get(address) is not None
    steps.append(["/usr/sbin/hostent", "-c" if known else "-a", address, "-h", host])
    steps.append([CHDEV, "-l", "inet0", "-a", f"hostname={host}"])
    change = [CHDEV, "-l", interface, "-a", f"netaddr={address}"]
    if "m" in one:
        change += ["-a", f"netmask={one['m']}"]
    steps.append([*change, "-a", "state=up"])
    if "n" in one:
        steps += _resolver(ctx, one["n"], one["d"])
    if "g" in one:
        steps += _default_route(ctx, one["g"])
    if "s" in one:
        steps.append(["/usr/bin/startsrc", "-g", "tcpip"])
    for step in steps:
        result = ctx.call(step[0], *step[1:])
        if result.rc != 0:
            return _problem(ctx, step[0], result)
        _echo(ctx, step, host)
    return 0


def _echo(ctx: Context, step: List[str], host: str) -> None:
    """The lines of transcript mktcpip/01: host name when it is set, then what chdev says."""
    if step[0] == CHDEV and step[4].startswith("hostname="):
        ctx.out(host)
        ctx.out("inet0 changed")
    elif step[0] == CHDEV and step[2] != "inet0":
        ctx.out(f"{step[2]} changed")


def _resolver(ctx: Context, server: str, domain: str) -> List[List[str]]:
    lines = (ctx.read(names.RESOLV) or "").splitlines()
    steps = []
    if ["nameserver", server] not in [line.split() for line in lines]:
        steps.append(["/usr/sbin/namerslv", "-a", "-i", server])
    if any(line.split()[:1] == ["domain"] for line in lines):
        steps.append(["/usr/sbin/namerslv", "-c", domain])
    elif not any(line.split()[:1] == ["search"] for line in lines):
        steps.append(["/usr/sbin/namerslv", "-a", "-D", domain])
    return steps


def _default_route(ctx: Context, gateway: str) -> List[List[str]]:
    """-g: a default route that is stored already is left alone; over a different one the level decides.

    Source: section 1: a second value is appended rather than the first replaced (field reports; variant).
    """
    stored = ctx.world["odm"]["attributes"].get("inet0", {}).get("route", [])
    parsed = [(value, net.parse_route(value)) for value in stored]
    defaults = [(value, route) for value, route in parsed if route is not None and route.netmask == "0.0.0.0"]
    if any(route.gateway == gateway for _value, route in defaults):
        return []
    steps = []
    if ctx.variant("mktcpip_second_default", "append") == "replace":
        steps = [[CHDEV, "-l", "inet0", "-a", f"delroute={value}"] for value, _route in defaults]
    return [*steps, [CHDEV, "-l", "inet0", "-a", f"route=net,-hopcount,0,,0,{gateway}"]]


def _problem(ctx: Context, program: str, result: Result) -> int:
    """Source: section 1, ansible's sample: cause, then the sub-command and its return code; exit non-zero."""
    for line in (result.err or result.out).splitlines():
        ctx.err(line)
    name = program.rpartition("/")[2]
    ctx.err(f"/usr/sbin/mktcpip: Problem with command: {name}, return code = {result.rc}")
    return result.rc


def _show(ctx: Context, interface: str) -> int:
    """-S: the colon record.  Source: transcript mktcpip/03, section 1 (newer levels have more columns)."""
    device = ctx.world["odm"]["devices"].get(interface)
    if device is None:
        ctx.err(f"mktcpip: {interface}")
        return 1
    attributes = ctx.world["odm"]["attributes"]
    own, inet0 = attributes.get(interface, {}), attributes.get("inet0", {})
    resolver = [line.split() for line in (ctx.read(names.RESOLV) or "").splitlines()]
    gateway = next(
        (r.gateway for r in map(net.parse_route, inet0.get("route", [])) if r is not None and r.netmask == "0.0.0.0"),
        "",
    )
    columns = {
        "host": ctx.world["kernel"]["hostname"],
        "addr": (own.get("netaddr") or [""])[0],
        "mask": (own.get("netmask") or [""])[0],
        "_rawname": interface,
        "nameserv": next((words[1] for words in resolver if words[:1] == ["nameserver"]), ""),
        "domain": next((words[1] for words in resolver if words[:1] == ["domain"]), ""),
        "gateway": gateway,
    }
    if ctx.variant("mktcpip_columns", "new") == "new":
        columns.update({"cost": "0", "activedgd": "no"})  # Assumed: their names; that they exist is known
    columns.update({"type": "N/A", "start": "no"})
    ctx.out("#" + ":".join(columns))
    ctx.out(":".join(columns.values()))
    return 0
