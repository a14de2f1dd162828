"""hostname, hostent, namerslv: what this machine and its neighbours are called.

``hostname`` sets the kernel's name alone; ``hostent`` edits /etc/hosts, ``namerslv`` edits /etc/resolv.conf, and both
leave every line that is not theirs as it is.
Source: network-and-services.md sections 11 and 12; IBM's hostname, hostent and namerslv pages.  Their success and
error lines are not publicly known (section 22), so what is printed here is plain, and status tells.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Optional

from drboot.sim import net
from drboot.sim.command import Context, Usage, options

HOSTS = "/etc/hosts"
RESOLV = "/etc/resolv.conf"
SAVED = "/etc/resolv.conf.sv"
# Assumed: the wording of the three usage texts.
HOSTNAME_USAGE = "Usage: hostname [-s] [HostName]"
HOSTENT_USAGE = (
    'Usage: hostent -a IPAddress -h "HostName..."\n'
    "       hostent -d IPAddress\n"
    "       hostent -X\n"
    '       hostent -c IPAddress -h "HostName..." [-i NewIPAddress]\n'
    '       hostent -s {IPAddress | "HostName"} [-Z]\n'
    "       hostent -S [-Z]"
)
NAMERSLV_USAGE = (
    "Usage: namerslv -a {-i IPAddress | -D DomainName | -S SearchList}\n"
    "       namerslv -d {-i IPAddress | -n | -l}\n"
    "       namerslv -X [-I]\n"
    "       namerslv -c DomainName\n"
    "       namerslv -C SearchList\n"
    "       namerslv -s [-I | -n | -l] [-Z]\n"
    "       namerslv -b [-i IPAddress [-D DomainName] [-S SearchList]]\n"
    "       namerslv -E FileName\n"
    "       namerslv -e\n"
    "       namerslv -B FileName"
)
MAX_NAMESERVERS = 3  # Source: section 12


# ---------------------------------------------------------------- hostname


def hostname(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "s", HOSTNAME_USAGE)
    if len(operands) > 1 or ("s" in flags and operands):
        raise Usage(HOSTNAME_USAGE)
    kernel = ctx.world["kernel"]
    if operands:
        kernel["hostname"] = operands[0]
        if ctx.variant("hostname_prints", "yes") == "yes":
            ctx.out(operands[0])
        return 0
    ctx.out(kernel["hostname"].partition(".")[0] if "s" in flags else kernel["hostname"])
    return 0


# ---------------------------------------------------------------- /etc/hosts


def lookup(ctx: Context, name: str) -> str:
    """The address of a name as /etc/hosts has it; the name itself when it has none."""
    if net.is_address(name):
        return name
    for line in (ctx.read(HOSTS) or "").splitlines():
        words = _words(line)
        if name in words[1:]:
            return words[0]
    return name


def reverse(ctx: Context) -> Dict[str, str]:
    """Address -> first name, as /etc/hosts has it."""
    book: Dict[str, str] = {}
    for line in (ctx.read(HOSTS) or "").splitlines():
        words = _words(line)
        if len(words) > 1:
            book.setdefault(words[0], words[1])
    return book


def hostent(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "a:d:Xc:h:i:s:SZ", HOSTENT_USAGE)
    modes = [letter for letter in "adXcsS" if letter in flags]
    if len(modes) != 1 or operands:
        raise Usage(HOSTENT_USAGE)
    mode = modes[0]
    if ("h" in flags) != (mode in "ac") or ("i" in flags and mode != "c") or ("Z" in flags and mode not in "sS"):
        raise Usage(HOSTENT_USAGE)
    for text in [*flags.get("a", []), *flags.get("d", []), *flags.get("c", []), *flags.get("i", [])]:
        if not _is_entry_address(text):
            ctx.err(f"{text} is an invalid address.")  # Source: section 1, ansible's mktcpip sample
            return 1
    if mode == "X":
        ctx.write(HOSTS, "".join(line for line in _lines(ctx, HOSTS) if not _words(line)))
        return 0
    if mode in "sS":
        return _show_hosts(ctx, flags["s"][-1] if mode == "s" else "", "Z" in flags)
    return _edit_hosts(ctx, mode, flags)


def _edit_hosts(ctx: Context, mode: str, flags: Dict[str, List[str]]) -> int:
    address = flags[mode][-1]
    lines = _lines(ctx, HOSTS)
    at = next((i for i, line in enumerate(lines) if _words(line)[:1] == [address]), None)
    if (at is None) != (mode == "a"):
        ctx.err(f"hostent: {address}: entry {'is there already' if mode == 'a' else 'not found'}")
        return 1
    if mode == "d":
        del lines[at or 0]
    else:
        row = f"{flags.get('i', [address])[-1]}\t{flags['h'][-1]}\n"
        if at is None:
            lines = [*_ended(lines), row]
        else:
            lines[at] = row
    ctx.write(HOSTS, "".join(lines))
    return 0


def _show_hosts(ctx: Context, wanted: str, colons: bool) -> int:
    """One row per entry.  Assumed: blanks without -Z; with it colons, and no header."""
    found = False
    for line in _lines(ctx, HOSTS):
        words = _words(line)
        if words and (not wanted or wanted in words):
            ctx.out((":" if colons else " ").join(words))
            found = True
    return 0 if found else 1


def _is_entry_address(text: str) -> bool:
    return net.is_address(text) or (":" in text and not set(text.lower()) - set("0123456789abcdef:.%"))


# ---------------------------------------------------------------- /etc/resolv.conf


def namerslv(ctx: Context, args: List[str]) -> int:
    flags, operands = options(args, "adXc:C:sIni:D:S:lZE:eB:b", NAMERSLV_USAGE)
    modes = [letter for letter in "adXcCsEeBb" if letter in flags]
    if len(modes) != 1 or operands:
        raise Usage(NAMERSLV_USAGE)
    mode = modes[0]
    given = [letter for letter in "iDSnlIZ" if letter in flags]
    allowed = {"a": "iDS", "d": "inl", "X": "I", "s": "InlZ", "b": "iDS"}.get(mode, "")
    if set(given) - set(allowed) or (mode in "ad" and len(given) != 1) or (mode == "b" and given and "i" not in given):
        raise Usage(NAMERSLV_USAGE)
    if mode == "s" and len(set(given) - {"Z"}) > 1:
        raise Usage(NAMERSLV_USAGE)
    for text in flags.get("i", []):
        if not net.is_address(text):
            ctx.err(f"{text} is an invalid address.")
            return 1
    return MODES[mode](ctx, flags)


def _add(ctx: Context, flags: Dict[str, List[str]]) -> int:
    lines = _ended(_lines(ctx, RESOLV))
    if "i" in flags:
        servers = _values(lines, "nameserver")
        if flags["i"][-1] in servers:
            return _refused(ctx, "namerslv_duplicate", flags["i"][-1])
        if len(servers) >= MAX_NAMESERVERS:
            return _fail(ctx, flags["i"][-1])
        row = f"nameserver\t{flags['i'][-1]}\n"
    else:
        key = "domain" if "D" in flags else "search"
        value = flags["D" if "D" in flags else "S"][-1]
        if _values(lines, "domain") or _values(lines, "search"):  # one or the other, once
            return _fail(ctx, value)
        row = f"{key}\t{value}\n"
    ctx.write(RESOLV, "".join([*lines, row]))
    return 0


def _delete(ctx: Context, flags: Dict[str, List[str]]) -> int:
    key = "nameserver" if "i" in flags else "domain" if "n" in flags else "search"
    value = flags["i"][-1] if "i" in flags else None
    lines = _lines(ctx, RESOLV)
    kept = [line for line in lines if not _matches(line, key, value)]
    if len(kept) == len(lines):
        return _refused(ctx, "namerslv_absent", value or key)
    ctx.write(RESOLV, "".join(kept))
    return 0


def _delete_all(ctx: Context, flags: Dict[str, List[str]]) -> int:
    keys = ("nameserver",) if "I" in flags else ("nameserver", "domain", "search")
    lines = _lines(ctx, RESOLV)
    if not ctx.exists(RESOLV):
        return _refused(ctx, "namerslv_absent", RESOLV)
    ctx.write(RESOLV, "".join(line for line in lines if not any(_matches(line, key, None) for key in keys)))
    return 0


def _change(ctx: Context, flags: Dict[str, List[str]]) -> int:
    key, value = ("domain", flags["c"][-1]) if "c" in flags else ("search", flags["C"][-1])
    lines = _lines(ctx, RESOLV)
    for index, line in enumerate(lines):
        if _matches(line, key, None):
            lines[index] = f"{key}\t{value}\n"
            ctx.write(RESOLV, "".join(lines))
            return 0
    return _fail(ctx, key)


def _show(ctx: Context, flags: Dict[str, List[str]]) -> int:
    """resolv.conf's own rows.  Source: section 12: scripts take field 2 of `namerslv -s` and `namerslv -sn`."""
    if not ctx.exists(RESOLV):
        return _fail(ctx, RESOLV)
    picked = {"I": "nameserver", "n": "domain", "l": "search"}
    keys = [picked[letter] for letter in "Inl" if letter in flags] or ["domain", "search", "nameserver"]
    for key in keys:
        for value in _values(_lines(ctx, RESOLV), key):
            ctx.out(f"{key}:{value}" if "Z" in flags else f"{key} {value}")
    return 0


def _build(ctx: Context, flags: Dict[str, List[str]]) -> int:
    if "i" not in flags:
        return _move(ctx, SAVED, RESOLV)
    rows = [f"domain\t{value}\n" for value in flags.get("D", [])]
    rows += [f"search\t{value}\n" for value in flags.get("S", [])]
    if len(rows) > 1:
        return _fail(ctx, RESOLV)
    ctx.write(RESOLV, "".join(rows + [f"nameserver\t{value}\n" for value in flags["i"]]))
    return 0


def _move(ctx: Context, source: str, target: str) -> int:
    text = ctx.read(source)
    if text is None:
        return _fail(ctx, source)
    ctx.write(target, text)
    ctx.remove(source)
    return 0


MODES: Dict[str, Callable[[Context, Dict[str, List[str]]], int]] = {
    "a": _add,
    "d": _delete,
    "X": _delete_all,
    "c": _change,
    "C": _change,
    "s": _show,
    "b": _build,
    "E": lambda ctx, flags: _move(ctx, RESOLV, flags["E"][-1]),
    "e": lambda ctx, flags: _move(ctx, RESOLV, SAVED),
    "B": lambda ctx, flags: _move(ctx, flags["B"][-1], RESOLV),
}


def _refused(ctx: Context, variant: str, what: str) -> int:
    """A duplicate or absent entry: whether AIX calls it an error is not publicly known."""
    return 0 if ctx.variant(variant, "error") == "silent" else _fail(ctx, what)


def _fail(ctx: Context, what: str) -> int:
    ctx.err(f"namerslv: {what}")
    return 1


# ---------------------------------------------------------------- lines


def _lines(ctx: Context, path: str) -> List[str]:
    return (ctx.read(path) or "").splitlines(keepends=True)


def _ended(lines: List[str]) -> List[str]:
    """The same lines, the last one with its newline, so that another can follow."""
    return [*lines[:-1], lines[-1] if lines[-1].endswith("\n") else lines[-1] + "\n"] if lines else []


def _words(line: str) -> List[str]:
    return line.partition("#")[0].split()


def _values(lines: List[str], key: str) -> List[str]:
    return [" ".join(line.split()[1:]) for line in lines if _matches(line, key, None)]


def _matches(line: str, key: str, value: Optional[str]) -> bool:
    words = line.split()
    return bool(words) and words[0] == key and (value is None or words[1:2] == [value])
