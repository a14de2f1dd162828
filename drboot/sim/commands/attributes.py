"""lsattr and chdev: attributes of devices, as the ODM has them and as the kernel follows.

Source: boot-and-devices.md sections 5, 6; network-and-services.md sections 3, 4, 5; transcripts lsattr/*, chdev/*.
Ids without a text are printed alone: their wording is not publicly known.
"""

from __future__ import annotations

import copy
import hashlib
from typing import Dict, List, Optional, Tuple

from drboot.sim import columns, lvm, net, net6, predefined, reset
from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.odm import MethodError
from drboot.sim.predefined import Attribute
from drboot.sim.world import Device

LSATTR_USAGE = (
    "Usage:\n"
    "    lsattr -D|-E|-P [-O] -l Name [-a Attribute]... [-F Format] [-H]\n"
    "    lsattr -D [-O] {-c Class -s Subclass -t Type} [-a Attribute]... [-F Format] [-H]\n"
    "    lsattr -R {-l Name | -c Class -s Subclass -t Type} -a Attribute [-H]"
)
CHDEV_USAGE = "Usage:\n    chdev -l Name [-a Attribute=Value]... [-p Parent] [-w Location] [-P|-T|-U] [-g] [-q]"
COLUMNS = ("attribute", "value", "description", "user_settable")
# Source: boot-and-devices.md section 5: attribute or device unknown
UNKNOWN = 255
# chdev takes them without a PdAt row of that name; they are actions, or rows of another name
INET_ACTIONS = ("delroute", "delrout6", "gateway")
IF_ACTIONS = ("delalias4", "delalias6")


# ---------------------------------------------------------------- lsattr


def lsattr(ctx: Context, args: List[str]) -> int:
    """Attributes of a device: customised (-E), defaults (-D), or the allowed values of one (-R)."""
    flags, operands = options(args, "DEPROHl:a:c:s:t:F:p:w:f:", LSATTR_USAGE)
    modes = [letter for letter in "DEPR" if letter in flags]
    if operands or len(modes) != 1 or ("l" not in flags) == ("t" not in flags and "c" not in flags):
        raise Usage(LSATTR_USAGE)
    wanted = [name for text in flags.get("a", []) for name in text.split(":")]
    rows = _rows(ctx, flags)
    if rows is None:
        return UNKNOWN
    by_name = {row.name: row for row in rows}
    unknown = [name for name in wanted if name not in by_name]
    if unknown:
        ctx.err(f"lsattr: 0514-528 {unknown[0]}")
        return UNKNOWN
    chosen = [by_name[name] for name in wanted] if wanted else rows
    if modes == ["R"]:
        return _allowed(ctx, chosen, wanted)
    device = flags.get("l", [""])[0]
    valued = [(row, [row.default] if modes == ["D"] else cuat.values(ctx.world, device, row)) for row in chosen]
    if "O" in flags:
        if valued:
            ctx.out("#" + ":".join(row.name for row, _ in valued))
            ctx.out(":".join(" ".join(values) for _, values in valued))
        return 0
    table = [(row.name, value, row.description, row.settable) for row, values in valued for value in values]
    _print_table(ctx, table, flags.get("F", [""])[0], "H" in flags)
    return 0


def _rows(ctx: Context, flags: Dict[str, List[str]]) -> Optional[List[Attribute]]:
    """The attributes that the arguments are about; None when there is no such device."""
    if "l" in flags:
        name = flags["l"][0]
        if name not in ctx.world["odm"]["devices"]:
            ctx.err(f"lsattr: 0514-519 {name}")
            return None
        return cuat.attributes_of(ctx.world, name)
    key = [flags.get(letter, [""])[0] for letter in "cst"]
    row = predefined.find(key[0], key[1], key[2])
    if row not in predefined.TYPES:
        ctx.err(f"lsattr: 0514-521 {'/'.join(key)}")
        return None
    return predefined.at_level(row, cuat.level(ctx.world["odm"]))


def _allowed(ctx: Context, chosen: List[Attribute], wanted: List[str]) -> int:
    if len(wanted) != 1:
        raise Usage(LSATTR_USAGE)
    for line in predefined.allowed_text(chosen[0]):
        ctx.out(line)
    return 0


def _print_table(ctx: Context, table: List[Tuple[str, str, str, str]], form: str, header: bool) -> None:
    """With -H the header is followed by an empty line.  Source: transcript lsattr/21."""
    names = columns.fields_of(form) if form else list(COLUMNS)
    if any(name not in COLUMNS for name in names):
        raise Usage(LSATTR_USAGE)
    places = [COLUMNS.index(name) for name in names]
    rows = [[row[place] for place in places] for row in table]
    lines = columns.formatted(form or " ", rows, names if header else None)
    for number, line in enumerate(lines):
        ctx.out(line)
        if header and number == 0:
            ctx.out()


# ---------------------------------------------------------------- chdev


class _Change:
    """What one chdev was asked to do.

    permanent  write the ODM (not with -T)
    now        make the driver or kernel follow (not with -P, and not for a Defined device)
    update     -U: True+ attributes of an open device
    """

    def __init__(self, ctx: Context, device: Device, pairs: List[Tuple[str, str]], flags: Dict[str, List[str]]) -> None:
        self.ctx = ctx
        self.device = device
        self.name = device["name"]
        self.pairs = pairs
        self.permanent = "T" not in flags
        self.now = "P" not in flags and device["status"] == cuat.AVAILABLE
        self.update = "U" in flags
        self.method = cuat.row_of(device).method

    def row(self, name: str) -> Optional[Attribute]:
        return cuat.attribute_of(self.ctx.world, self.name, name)

    def stored(self, row: Attribute) -> List[str]:
        return cuat.values(self.ctx.world, self.name, row)

    def put(self, row: Attribute, values: List[str]) -> None:
        cuat.put(self.ctx.world["odm"], self.name, row, values)


def chdev(ctx: Context, args: List[str]) -> int:
    """The attributes have their new values, in the ODM, in the running system, or in both."""
    flags, operands = options(args, "l:a:p:w:PTUgqf:h", CHDEV_USAGE)
    if operands or "l" not in flags or len([f for f in "PTU" if f in flags]) > 1:
        raise Usage(CHDEV_USAGE)
    failed = int(ctx.variant("chdev_error_exit", "1"))
    name = flags["l"][0]
    odm = ctx.world["odm"]
    device = odm["devices"].get(name)
    if device is None:
        ctx.err(f"chdev: 0514-519 {name}")
        return failed
    change = _Change(ctx, device, _pairs(flags.get("a", [])), flags)
    before = copy.deepcopy(odm["attributes"].get(name, {}))
    try:
        rc = _apply(change)
    except MethodError as error:
        for line in error.lines:
            ctx.err(line)
        return failed
    if odm["attributes"].get(name, {}) != before and not cuat.save_base(ctx, name, before):
        return failed
    ctx.out(f"{name} changed")
    return rc


def _pairs(given: List[str]) -> List[Tuple[str, str]]:
    """``-a a=1 -a b=2`` and ``-a 'a=1 b=2'`` are the same.  A word without = continues the value before it."""
    pairs: List[Tuple[str, str]] = []
    for text in given:
        first = True
        for word in text.split(" "):
            key, equals, value = word.partition("=")
            if equals and (first or key.isidentifier()):
                pairs.append((key, value))
            elif first:
                raise Usage(CHDEV_USAGE)
            elif word:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {word}")
            first = False
    return pairs


def _apply(change: _Change) -> int:
    cls = change.device["cls"]
    pairs = change.pairs
    if cls == "disk":
        pairs = _pv(change)
    extra = {"tcpip": INET_ACTIONS, "if": IF_ACTIONS}.get(cls, ())
    _check(change, [pair for pair in pairs if pair[0] not in extra])
    if cls == "tcpip":
        return _inet(change)
    if cls == "if":
        return _interface(change)
    _refuse_busy(change, pairs)
    if change.permanent:
        for name, value in pairs:
            row = change.row(name)
            assert row is not None
            change.put(row, [value])
            if name == "clouddev":
                reset.clouddev_was_set(change.ctx.world, value)
    return 0


def _check(change: _Change, pairs: List[Tuple[str, str]]) -> None:
    """Every attribute exists, may be changed, and is given a value of its range.

    Assumed: 0514-544 for an attribute that the device lacks (boot-and-devices.md section 6 recalls the id only).
    """
    wrong = []
    for name, value in pairs:
        row = change.row(name)
        if row is None:
            raise MethodError(f"chdev: 0514-544 {name}")
        if not row.settable.startswith("True") or not predefined.allowed(row, value):
            wrong.append(row)
    if wrong:
        cuat.not_valid(change.method, *wrong)


def _refuse_busy(change: _Change, pairs: List[Tuple[str, str]]) -> None:
    """A device in use changes in the ODM only (-P), or where the attribute is True+ (-U).  sys0 changes at any time."""
    if not change.now or not _in_use(change):
        return
    held = []
    for name, value in pairs:
        row = change.row(name)
        if row is not None and change.stored(row) != [value] and not (change.update and row.settable == "True+"):
            held.append(row)
    if held:
        cuat.busy(change.method, *held)


def _in_use(change: _Change) -> bool:
    """A disk of a varied-on VG, an adapter with Available children, an Ethernet adapter whose interface is up.

    Source: boot-and-devices.md section 6 (busy disk or adapter attributes), network-and-services.md section 3.
    """
    world = change.ctx.world
    cls, name = change.device["cls"], change.name
    if cls == "disk":
        return name in cuat.open_disks(world)
    if cls == "adapter" and name.startswith("ent"):
        interfaces = world["kernel"]["interfaces"]
        return any(each in interfaces for each in ("en" + name[3:], "et" + name[3:]))
    if cls in ("adapter", "driver"):
        devices = world["odm"]["devices"]
        return any(devices[child]["status"] == cuat.AVAILABLE for child in cuat.children(world["odm"]).get(name, []))
    return False


# ---------------------------------------------------------------- disks


def _pv(change: _Change) -> List[Tuple[str, str]]:
    """pv=yes gives the disk a PVID if it has none, pv=clear wipes it.  Returns the other pairs.

    Source: transcripts chdev/01-pv-yes, 02-pv-busy.  pv=yes overwrites an ASM header (scenarios, ASM-pv).
    """
    asked = [value for name, value in change.pairs if name == "pv"]
    rest = [pair for pair in change.pairs if pair[0] != "pv"]
    if not asked:
        return rest
    world = change.ctx.world
    pv = Attribute("pv", "", "")
    if asked[-1] not in ("yes", "clear"):
        cuat.not_valid(change.method, pv)
    if change.name in cuat.open_disks(world):
        cuat.busy(change.method, pv)
    lun = lvm.lun_of(world, change.name)
    if lun is None or lvm.reserved_elsewhere(world, lun) or not lun["writable"]:
        raise MethodError(f"Method error (/usr/lib/methods/{change.method}):", "        0514-047")
    if asked[-1] == "clear":
        lun["pvid"] = ""
    elif lun["asm"] or not lun["pvid"]:
        lun["pvid"] = _new_pvid(change)
        lun["asm"] = False
    pvid = change.row("pvid")
    if pvid is not None:
        change.put(pvid, [lun["pvid"] + cuat.ZEROS] if lun["pvid"] else [])
    return rest


def _new_pvid(change: _Change) -> str:
    """8 digits of the machine id and 8 that change with time.  Source: boot-and-devices.md section 1 (uname -m)."""
    world = change.ctx.world
    text = f"{change.ctx.now()}/{change.name}/{world['settings']['seed']}"
    digits = hashlib.sha256(text.encode("ascii")).hexdigest()[:8]
    return world["firmware"]["uname_m"][:8].lower() + digits


# ---------------------------------------------------------------- inet0


def _inet(change: _Change) -> int:
    """chginet: ODM first, then the running hostname and route table.

    Source: network-and-services.md section 4: a further route is one more CuAt row; delroute takes the stored string.
    """
    kernel = change.ctx.world["kernel"]
    for name, value in change.pairs:
        if name in ("route", "rout6"):
            _add_route(change, name, value)
        elif name in ("delroute", "delrout6"):
            _delete_route(change, name, value)
        else:
            row = change.row(name)
            if row is None:
                raise MethodError(f"chdev: 0514-544 {name}")
            if change.permanent:
                change.put(row, [value])
            if name == "hostname" and change.now:
                kernel["hostname"] = value
    return 0


def _add_route(change: _Change, name: str, value: str) -> None:
    row = change.row(name)
    assert row is not None
    held = [each for each in change.stored(row) if each]
    choice = change.ctx.variant("route_duplicate", "error")
    if value in held and choice == "error":
        cuat.not_valid(change.method, row)
    if change.permanent and (value not in held or choice == "append"):
        change.put(row, [*held, value])
    if change.now:
        (net if name == "route" else net6).add_route(change.ctx, value)


def _delete_route(change: _Change, name: str, value: str) -> None:
    row = change.row("route" if name == "delroute" else "rout6")
    assert row is not None
    held = [each for each in change.stored(row) if each]
    if value not in held:
        if change.ctx.variant("delroute_absent", "error") == "error":
            cuat.not_valid(change.method, row)
        return
    if change.permanent:
        held.remove(value)
        change.put(row, held)
    if change.now and value not in held:
        (net if name == "delroute" else net6).delete_route(change.ctx, value)


# ---------------------------------------------------------------- en, et, lo


def _interface(change: _Change) -> int:
    """chgif: ODM first, then the kernel's interface.  Source: network-and-services.md sections 0, 3."""
    asked = dict(change.pairs)
    _check_addresses(change)
    before6 = cuat.value(change.ctx.world, change.name, "netaddr6")
    for name, value in change.pairs:
        if name in ("alias4", "alias6"):
            _add_alias(change, name, value)
        elif name in IF_ACTIONS:
            _delete_alias(change, name, value)
        elif change.permanent:
            row = change.row(name)
            assert row is not None
            change.put(row, [value])
    if not change.now:
        return 0
    ctx = change.ctx
    if "netaddr" in asked or "netmask" in asked:
        address = asked.get("netaddr", cuat.value(ctx.world, change.name, "netaddr"))
        netmask = asked.get("netmask", cuat.value(ctx.world, change.name, "netmask"))
        if address:
            net.set_address(ctx, change.name, address, netmask)
    interfaces = ctx.world["kernel"]["interfaces"]
    if "netaddr6" in asked or "prefixlen" in asked:
        if change.name in interfaces and before6:
            net6.remove_address(ctx, interfaces[change.name], before6)
        net.addresses6_from_odm(ctx, change.name)
    if "mtu" in asked and change.name in interfaces:
        interfaces[change.name]["mtu"] = int(asked["mtu"])
    if "state" in asked:
        net.set_state(ctx, change.name, asked["state"])
    return int(ctx.variant("state_down_exit", "0")) if asked.get("state") == "down" else 0


def _check_addresses(change: _Change) -> None:
    """Addresses are addresses and masks are masks; an empty one takes the attribute away.

    Assumed: refused as in transcript chdev/03, before the ODM is changed, and with -P too.
    """
    wrong = []
    for name, value in change.pairs:
        address, _, netmask = value.partition(",") if name == "alias4" else ("", "", "")
        valid = {
            "netaddr": value == "" or net.is_address(value),
            "netmask": value == "" or net.is_netmask(value),
            "alias4": net.is_address(address) and (netmask == "" or net.is_netmask(netmask)),
            "netaddr6": value == "" or net6.is_address(value),
            "prefixlen": value == "" or (value.isdigit() and int(value) <= 128),
            "alias6": net6.is_address(value.partition("/")[0]),
        }
        row = change.row(name)
        if row is not None and not valid.get(name, True):
            wrong.append(row)
    if wrong:
        cuat.not_valid(change.method, *wrong)


def _add_alias(change: _Change, name: str, value: str) -> None:
    row = change.row(name)
    assert row is not None
    held = [each for each in change.stored(row) if each]
    sign = "," if name == "alias4" else "/"
    address, _, netmask = value.partition(sign)
    if any(each.partition(sign)[0] == address for each in held):
        if change.ctx.variant("alias4_duplicate", "error") == "error":
            cuat.not_valid(change.method, row)
        return
    if change.permanent:
        change.put(row, [*held, value])
    if change.now and name == "alias4":
        net.add_alias(change.ctx, change.name, address, netmask)
    if change.now and name == "alias6":
        net.addresses6_from_odm(change.ctx, change.name)


def _delete_alias(change: _Change, name: str, value: str) -> None:
    """Assumed: the mask is compared only where one is given."""
    row = change.row(name[len("del") :])
    assert row is not None
    held = [each for each in change.stored(row) if each]
    sign = "," if name == "delalias4" else "/"
    address, comma, _ = value.partition(sign)
    match = [each for each in held if each == value or (not comma and each.partition(sign)[0] == address)]
    if not match:
        if change.ctx.variant("delalias4_absent", "error") == "error":
            cuat.not_valid(change.method, row)
        return
    if change.permanent:
        change.put(row, [each for each in held if each not in match])
    interfaces = change.ctx.world["kernel"]["interfaces"]
    if change.now and name == "delalias4":
        net.remove_address(change.ctx, change.name, address)
    elif change.now and change.name in interfaces:
        net6.remove_address(change.ctx, interfaces[change.name], address)
