"""lsdev, cfgmgr, mkdev, rmdev: which devices exist, and their state.

Source: boot-and-devices.md sections 7, 8, 9; transcripts lsdev/*, cfgmgr/*, mkdev/*, rmdev/*.
Ids without a text are printed alone: their wording is not publicly known.
"""

from __future__ import annotations

import copy
import fnmatch
from typing import Dict, List, Optional, Sequence, Set

from drboot.sim import columns, discovery, lvm, net, predefined
from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.odm import AVAILABLE, DEFINED, MethodError
from drboot.sim.predefined import Predefined
from drboot.sim.world import Device, Path, new_device

LSDEV_USAGE = (
    "Usage:\n"
    "    lsdev [-C] [-c Class] [-s Subclass] [-t Type] [-l Name] [-p Parent] [-S State]\n"
    "          [-F Format | -r Column] [-h] [-H]\n"
    "    lsdev -P [-c Class] [-s Subclass] [-t Type] [-F Format | -r Column] [-h] [-H]"
)
CFGMGR_USAGE = "Usage:\n    cfgmgr [-f | -s | -p Phase] [-i Device] [-l Name] [-v]"
MKDEV_USAGE = (
    "Usage:\n"
    "    mkdev {-c Class -s Subclass -t Type} [-l Name] [-a Attribute=Value]... [-d | -S | -R] [-p Parent] [-w Where]\n"
    "    mkdev -l Name [-R | -S] [-q]"
)
RMDEV_USAGE = "Usage:\n    rmdev {-l Name | -p Parent} [-d | -S] [-R] [-q] [-g]"


# ---------------------------------------------------------------- lsdev


def lsdev(ctx: Context, args: List[str]) -> int:
    """Customised devices (-C, the default) or predefined types (-P).  What matches nothing prints nothing, exit 0."""
    flags, operands = options(args, "CPc:s:t:l:p:S:F:r:hHf:x", LSDEV_USAGE)
    if operands or ("C" in flags and "P" in flags) or ("F" in flags and "r" in flags):
        raise Usage(LSDEV_USAGE)
    if "P" in flags:
        return _lsdev_predefined(ctx, flags)
    chosen = [device for device in ordered(ctx) if _matches(device, flags)]
    return _print_devices(ctx, [_fields(device) for device in chosen], flags, _DEFAULT)


_DEFAULT = ("name", "status", "location", "description")


def ordered(ctx: Context) -> List[Device]:
    """All devices as lsdev lists them: by name and number; before AIX 5 in ODM order.

    Source: transcripts lsdev/06 (4.3), 08, 53.
    """
    devices = list(ctx.world["odm"]["devices"].values())
    if cuat.level(ctx.world["odm"]) < (5, 0, 0):
        return devices
    return sorted(devices, key=lambda device: cuat.number_order(device["name"]))


def _matches(device: Device, flags: Dict[str, List[str]]) -> bool:
    wanted = {"c": device["cls"], "s": device["subclass"], "t": device["type"], "p": device["parent"]}
    for letter, held in wanted.items():
        if letter in flags and flags[letter][-1] != held:
            return False
    if "l" in flags and not fnmatch.fnmatchcase(device["name"], flags["l"][-1]):
        return False
    states = {"a": "Available", "d": "Defined", "available": "Available", "defined": "Defined"}
    state = flags.get("S", [""])[-1].lower()
    return not state or states.get(state) == cuat.status_name(device)


def _fields(device: Device) -> Dict[str, str]:
    return {
        "name": device["name"],
        "status": cuat.status_name(device),
        "location": device["location"],
        "physloc": device["physloc"],
        "description": cuat.description(device),
        "class": device["cls"],
        "subclass": device["subclass"],
        "type": device["type"],
        "parent": device["parent"],
        "connwhere": device["connwhere"],
    }


def _print_devices(
    ctx: Context, rows: List[Dict[str, str]], flags: Dict[str, List[str]], default: Sequence[str]
) -> int:
    if "r" in flags:
        column = flags["r"][-1]
        if rows and column not in rows[0]:
            raise Usage(LSDEV_USAGE)
        for text in sorted({row[column] for row in rows}):
            ctx.out(text)
        return 0
    form = flags.get("F", [" "])[-1]
    names = columns.fields_of(form) or list(default)
    if any(name not in _COLUMNS for name in names):
        raise Usage(LSDEV_USAGE)
    header = names if "H" in flags else None
    for line in columns.formatted(form, [[row[name] for name in names] for row in rows], header):
        ctx.out(line)
    return 0


_COLUMNS = tuple(_fields(new_device("", "", "", "")))


def _lsdev_predefined(ctx: Context, flags: Dict[str, List[str]]) -> int:
    rows = []
    for row in predefined.TYPES:
        device = new_device("", row.cls, row.subclass, row.type)
        if _matches(device, {letter: texts for letter, texts in flags.items() if letter in "cst"}):
            rows.append(_fields(device))
    return _print_devices(ctx, rows, flags, ("class", "type", "subclass", "description"))


# ---------------------------------------------------------------- cfgmgr


def cfgmgr(ctx: Context, args: List[str]) -> int:
    """What answers is configured.  Silent without -v."""
    flags, operands = options(args, "fsp:i:l:v", CFGMGR_USAGE)
    if operands:
        raise Usage(CFGMGR_USAGE)
    below = flags["l"][-1] if "l" in flags else None
    if below is not None and below not in ctx.world["odm"]["devices"]:
        ctx.err(f"cfgmgr: 0514-519 {below}")
        return 1
    found = discovery.discover(ctx.world, below, at_boot=False)
    if "v" in flags:
        _trace(ctx, below, found)
    return 0 if cuat.save_base(ctx, "", {}) else 1


RULE = "-" * 16
# device type -> (LEDs while its method runs, configure method, seconds).  Source: transcript cfgmgr/01-opt-v (iscsi,
# hdisk), cfgmgr/01-v-l-vscsi0 (vscsi), cfgmgr/02 (fscsi).  Assumed: the rest.
METHODS = {
    "iscsi": ("25b0", "cfgiscsi", 1),
    "hdisk": ("25f3", "cfgscsidisk", 4),
    "vscsi": ("25b3", "cfg_vclient", 0),
    "fcs": ("2531", "cfg_vfc", 0),
    "fscsi": ("2700", "cfgefscsi", 0),
    "ent": ("2585", "cfgent", 0),
}


def _trace(ctx: Context, below: Optional[str], found: List[str]) -> None:
    """The -v trace: each method in turn, what it printed, and savebase at the end."""
    clock = 0
    order = [below or "sys0", *(name for name in found if name != below)]
    new: Dict[str, List[str]] = {}
    for name in found:
        new.setdefault(ctx.world["odm"]["devices"][name]["parent"], []).append(name)
    for name in order:
        device = ctx.world["odm"]["devices"][name]
        leds, method, seconds = METHODS.get(cuat.row_of(device).prefix, ("538", "cfg" + device["type"], 0))
        for line in (RULE, f"attempting to configure device '{name}'", f"Time: {clock} LEDS: 0x{leds}",
                     f"invoking /usr/lib/methods/{method} -l {name} ", "Number of running methods: 1", RULE,
                     f"Completed method for: {name}, Elapsed time = {seconds}"):  # fmt: skip
            ctx.out(line)
        clock += seconds
        _trace_end(ctx, " ".join(new.get(name, [])))
        for line in (RULE, f"Time: {clock} LEDS: 0x539", "Number of running methods: 0"):
            ctx.out(line)
    ctx.out(RULE)
    ctx.out("calling savebase")
    _trace_end(ctx, "")
    ctx.out(f"Configuration time: {clock} seconds")


def _trace_end(ctx: Context, printed: str) -> None:
    ctx.out("return code = 0")
    if printed:
        ctx.out("****************** stdout ***********")
        ctx.out(printed + " ")
    else:
        ctx.out("****************** no stdout ***********")
    ctx.out("****************** no stderr ***********")


# ---------------------------------------------------------------- mkdev


def mkdev(ctx: Context, args: List[str]) -> int:
    """A Defined device becomes Available, or a new (pseudo) device exists."""
    flags, operands = options(args, "l:c:s:t:a:dSRp:w:qf:h", MKDEV_USAGE)
    if operands or not ("l" in flags or all(letter in flags for letter in "cst")):
        raise Usage(MKDEV_USAGE)
    try:
        name = flags.get("l", [""])[-1]
        if name not in ctx.world["odm"]["devices"] and "t" not in flags:
            raise MethodError(f"mkdev: 0514-519 {name}")
        if name not in ctx.world["odm"]["devices"]:
            name = _define(ctx, flags)
        if "d" not in flags:
            _configure(ctx, name)
    except MethodError as error:
        return _refused(ctx, error)
    if not cuat.save_base(ctx, name, {}):
        return 1
    ctx.out(f"{name} {cuat.status_name(ctx.world['odm']['devices'][name])}")
    return 0


def _define(ctx: Context, flags: Dict[str, List[str]]) -> str:
    odm = ctx.world["odm"]
    row = predefined.find(flags["c"][-1], flags["s"][-1], flags["t"][-1])
    if row not in predefined.TYPES:
        raise MethodError(f"mkdev: 0514-521 {row.cls}/{row.subclass}/{row.type}")
    given = dict(text.partition("=")[::2] for text in flags.get("a", []))
    known = {attribute.name: attribute for attribute in row.attributes}
    for name, value in given.items():
        if name not in known:
            raise MethodError(f"mkdev: 0514-544 {name}")
        if not predefined.allowed(known[name], value):
            cuat.not_valid("define", known[name])
    _check_lower(ctx, row, given)
    name = flags.get("l", [""])[-1]
    if not name:
        number = next(n for n in range(len(odm["devices"]) + 1) if f"{row.prefix}{n}" not in odm["devices"])
        name = f"{row.prefix}{number}"
    device = new_device(name, row.cls, row.subclass, row.type, status=DEFINED, parent=flags.get("p", [""])[-1])
    device["connwhere"] = flags.get("w", [""])[-1]
    odm["devices"][name] = device
    for attribute, value in given.items():
        cuat.put(odm, name, known[attribute], [value])
    return name


def _check_lower(ctx: Context, row: Predefined, given: Dict[str, str]) -> None:
    """Adapters below a pseudo adapter exist, are Available, and are not in use by an interface of their own.

    Source: network-and-services.md section 10 (members must not be in use); a VLAN shares its base adapter.
    """
    needed = {"ibm_ech": "adapter_names", "eth": "base_adapter"}.get(row.type)
    if needed is None:
        return
    devices = ctx.world["odm"]["devices"]
    for name in given.get(needed, "").split(","):
        attribute = next(each for each in row.attributes if each.name == needed)
        if name not in devices or devices[name]["status"] != AVAILABLE:
            cuat.not_valid("define", attribute)
        if row.type == "ibm_ech" and "en" + name[3:] in ctx.world["kernel"]["interfaces"]:
            cuat.busy("cfgech", attribute)


def _configure(ctx: Context, name: str) -> None:
    """The device is Available, if what it stands for answers.  Assumed: 0514-040 where it does not."""
    device = ctx.world["odm"]["devices"][name]
    if device["status"] == AVAILABLE:
        return
    parent = ctx.world["odm"]["devices"].get(device["parent"])
    if parent is not None and parent["status"] != AVAILABLE:
        raise MethodError(f"Method error (/usr/lib/methods/cfg{device['type']}):", "        0514-029")
    hardware = device["cls"] == "disk" or (device["cls"] == "adapter" and device["subclass"] not in ("pseudo", "vlan"))
    if hardware and _answers(ctx, device):
        discovery.discover(ctx.world, name, at_boot=False)
    elif hardware:
        raise MethodError(f"Method error (/usr/lib/methods/cfg{device['type']}):", "        0514-040")
    device["status"] = AVAILABLE


def _answers(ctx: Context, device: Device) -> bool:
    """Whether firmware presents this adapter, or a path to this disk's LUN."""
    world = ctx.world
    if device["cls"] == "adapter":
        slot = cuat.slot_at(world["firmware"], device)
        return slot is not None and discovery.slot_location(world, slot) == device["physloc"]
    return not device["lun"] or device["lun"] in lvm.luns_here(world)


# ---------------------------------------------------------------- rmdev


def rmdev(ctx: Context, args: List[str]) -> int:
    """The device is Defined, or with -d no longer in the ODM.  -R takes its children first."""
    flags, operands = options(args, "l:p:dSRqgf:h", RMDEV_USAGE)
    if operands or ("l" in flags) == ("p" in flags):
        raise Usage(RMDEV_USAGE)
    odm = ctx.world["odm"]
    top = (flags.get("l") or flags["p"])[-1]
    if top not in odm["devices"]:
        return _refused(ctx, MethodError(f"rmdev: 0514-519 {top}"))
    removal = _Removal(ctx, "d" in flags)
    below = removal.below(top) if "R" in flags or "p" in flags else []
    rc = 0
    for name in below if "p" in flags else [*below, top]:
        try:
            line = removal.remove(name)
        except MethodError as error:
            rc = _refused(ctx, error)
            break
        if not cuat.save_base(ctx, name, copy.deepcopy(odm["attributes"].get(name, {}))):
            rc = 1
            break
        if "q" not in flags:
            ctx.out(line)
    removal.drop_paths()
    return rc


class _Removal:
    """One rmdev; its tables are made once for all the devices that it takes.

    delete    -d: out of the ODM; else Defined
    children  device -> devices that hang at it, by their parent or by a path
    paths     disk -> its paths
    """

    def __init__(self, ctx: Context, delete: bool) -> None:
        self.ctx = ctx
        self.odm = ctx.world["odm"]
        self.delete = delete
        self.opened = cuat.open_disks(ctx.world)
        self.children = cuat.children(self.odm)
        self.paths: Dict[str, List[Path]] = {}
        for path in self.odm["paths"]:
            self.paths.setdefault(path["disk"], []).append(path)
        self.gone: Set[str] = set()

    def below(self, top: str) -> List[str]:
        """All devices below, children first.  A disk with a path by an adapter that stays is not among them."""
        found: Dict[str, None] = {}
        self._descend(top, found)
        taken = {top, *found}
        return [name for name in found if taken.issuperset(path["parent"] for path in self._configured(name))]

    def _descend(self, name: str, found: Dict[str, None]) -> None:
        for child in self.children.get(name, []):
            if child not in found:
                self._descend(child, found)
                found[child] = None

    def _configured(self, disk: str) -> List[Path]:
        return [path for path in self.paths.get(disk, []) if path["status"] != "Defined"]

    def remove(self, name: str) -> str:
        """Take one device; the line that rmdev prints.  Raises MethodError when it is open or has a child that stays.

        Assumed: a disk that is reached by another adapter as well only loses its paths by this one.
        """
        devices = self.odm["devices"]
        device = devices[name]
        if name in self.opened:
            cuat.busy("ucfgdevice")
        below = [child for child in self.children.get(name, []) if child in devices]
        elsewhere = {child: [path for path in self._configured(child) if path["parent"] != name] for child in below}
        waiting = [child for child in below if not elsewhere[child]]
        if any(devices[child]["status"] == AVAILABLE for child in waiting):
            raise MethodError("Method error (/usr/lib/methods/ucfgdevice):", "        0514-029")
        if self.delete and any(devices[child]["parent"] == name for child in waiting):
            raise MethodError("Method error (/usr/lib/methods/undefine):", "        0514-029")
        if device["cls"] == "if":
            net.set_state(self.ctx, name, "detach")
        for path in self.paths.get(name, []):
            path["status"] = "Defined"
        for child, others in elsewhere.items():
            if others:
                self._leave(child, name, others[0])
        if not self.delete:
            device["status"] = DEFINED
            return f"{name} Defined"
        del devices[name]
        self.odm["attributes"].pop(name, None)
        self.gone.add(name)
        return f"{name} deleted"

    def _leave(self, disk: str, adapter: str, other: Path) -> None:
        """The disk hangs at the adapter of another path from now on."""
        device = self.odm["devices"][disk]
        if device["parent"] == adapter:
            device["parent"], device["connwhere"] = other["parent"], other["connection"]
        for path in self.paths[disk]:
            if path["parent"] == adapter:
                path["status"] = "Defined"

    def drop_paths(self) -> None:
        """No path names a device that is gone."""
        if self.gone:
            paths = self.odm["paths"]
            paths[:] = [path for path in paths if path["disk"] not in self.gone and path["parent"] not in self.gone]


def _refused(ctx: Context, error: MethodError) -> int:
    for line in error.lines:
        ctx.err(line)
    return 1
