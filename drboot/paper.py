"""The machine as it will be at a site, on paper: what of it can be known from home's capture alone.

The runbook is printed long before the LPAR of the other site is started.  Its steps are the plan's own; what they ask
is answered from here, and what their commands change is noted here, so that one step finds what the one before left.

What AIX gives names to at the time has stand-ins: ``hdisk90001`` is the first disk of the capture, ``en90001`` the
interface of the first row of the address table.  What nobody can know beforehand (defaults of attributes, what ping
says) is UNKNOWN, or no fact at all: FactUnavailable.

Assumed: AIX has reset its devices (aix/boot-and-devices.md section 2): one path to each disk, data VGs not in the ODM,
no addresses, no routes, files as they were.
"""

from __future__ import annotations

from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple

from drboot import paths
from drboot.errors import FactUnavailable, Problem
from drboot.facts import (
    bootlist,
    errpt,
    ifconfig,
    inittab,
    lscfg,
    lsdev,
    lspath,
    lsps,
    lspv,
    lssrc,
    lsvg,
    mount,
    netstat,
    odmget,
    sysdumpdev,
    uname,
)
from drboot.facts.base import FileQuery, Owner, Query
from drboot.facts.route import parse_inet0_route
from drboot.facts.types import Address, Device, Hdisk, Interface, LvName, MountPoint, Pvid, Vgid, VgName
from drboot.paths import Root
from drboot.runner import Command, Ran, Runner
from drboot.seen import Seen
from drboot.settable import CUSTOMISED, PARTS
from drboot.steps.base import Action, Move, Own, Remove, Write
from drboot.steps.dump_device import NOWHERE
from drboot.steps.volume_groups import IMPORTED
from drboot.wanted import Wanted

LOCATION = "U9009.42A.0000000-V1"
FIRST = 90001  # of the stand-ins: no machine has so many
UNKNOWN = "(unknown)"
# Of an interface.  Source: transcripts lsattr/*; aix/network-and-services.md section 3.
DEFAULTS = {"state": "down", "mtu": "1500"}
NO_DEFAULT = ("netaddr", "netmask", "alias4", "alias6", "netaddr6", "prefixlen")


class _Adapter(NamedTuple):
    """A device that is no disk."""

    name: str
    cls: str
    type: str
    location: str
    mac: str = ""


class _Vlans(NamedTuple):
    """What the steps ask of entstat -d."""

    port_vlan_id: Optional[int]
    vlan_tag_ids: Tuple[int, ...] = ()


class _NoRoot(Root):
    """No program of this machine tells what the other one has."""

    def has_program(self, name: str) -> bool:
        return False


class Paper(Seen):
    """Facts of a machine that is not there, and what actions make of them."""

    def __init__(self, wanted: Wanted) -> None:
        super().__init__(Runner(_NoRoot("")))
        capture = wanted.capture
        self.wanted = wanted
        self.disks = {f"hdisk{FIRST + at}": disk for at, disk in enumerate(capture.disks)}
        self.groups: Dict[str, Dict[str, Any]] = {}  # those that the ODM knows, rootvg aside
        self.on: List[str] = []
        self.imported = False
        self.attributes: Dict[Tuple[str, str], List[str]] = {}
        self.files: Dict[str, Optional[str]] = {}
        self.owners: Dict[str, Owner] = {}
        self.entries = list(inittab.parse("".join(line + "\n" for line in capture.inittab)))
        self.mounts: List[Tuple[str, str]] = []  # device, mount point
        self.addresses: Dict[str, List[Tuple[str, str]]] = {}  # of the kernel
        self.routes: List[Tuple[str, Optional[int], str]] = []  # of the kernel
        self.active = set(wanted.site.services.stop)
        self.paging = {s.name: [s.vg == "rootvg" and s.active, s.vg == "rootvg" and s.auto] for s in capture.paging}
        self.called = {"hostname": "localhost", "nodename": "localhost"}
        self.boot: Tuple[bootlist.BootEntry, ...] = ()
        self.dump = self._dump_now()
        self.adapters: List[_Adapter] = []
        self.places: List[Tuple[str, str]] = []  # of an adapter: prefix and slot
        self.ents: Dict[str, Tuple[int, ...]] = {}  # of a row's adapter: its VLAN
        self._lspv: Optional[Tuple[Any, Tuple[lspv.Pv, ...]]] = None
        self._lsdev = [lsdev.DeviceRow(Device("sys0"), "sys", "node", "chrp", "Available", "")]
        self._lsdev += [lsdev.DeviceRow(Device(n), "disk", "fcp", "mpioosdisk", "Available", "") for n in self.disks]
        self._make_adapters()
        self._make_files()
        if wanted.site.device_reset == "ghostdev":
            self.attributes["sys0", "ghostdev"] = ["1"]
        if wanted.site.device_reset.startswith("clouddev"):
            self.attributes["sys0", "clouddev"] = ["1"]

    # -- the machine before anything is done

    def _make_adapters(self) -> None:
        """An adapter for each row of the address table, and one for each place where home had an adapter's setting."""
        for row in self.wanted.rows:
            number = FIRST + len(self.ents)
            kind, value = row.match.kind, row.match.value
            place = value if kind == "slot" else f"C{number}"
            self._adapter("ent", place if "-T" in place else place + "-T1", value if kind == "mac" else "")
            self.ents[f"ent{number}"] = (int(value),) if kind == "vlan" else ()
        capture = self.wanted.capture
        kinds = [(one.prefix, one.key) for one in capture.settings if one.kind == "adapter"]
        kinds += [("ent", key) for one in capture.pseudo for _, keys in one.parts for key in keys]
        for prefix, place in kinds:
            base = {"en": "ent", "fscsi": "fcs"}.get(prefix, prefix)
            if place[:1] == "C" and (base, place) not in self.places:
                self._adapter(base, place)

    def _adapter(self, base: str, place: str, mac: str = "") -> None:
        self.places.append((base, place))
        number, location = FIRST + sum(one == base for one, _ in self.places) - 1, f"{LOCATION}-{place}"
        self.adapters.append(_Adapter(f"{base}{number}", "adapter", "vdevice", location, mac))
        below = {"ent": ("en", "if"), "fcs": ("fscsi", "driver")}.get(base)
        if below:
            self.adapters.append(_Adapter(f"{below[0]}{number}", below[1], below[0], location))

    def _make_files(self) -> None:
        wanted, capture = self.wanted, self.wanted.capture
        first = next((one.address for one in capture.interfaces if one.address), "")
        name = capture.hostname.partition(".")[0] or wanted.host
        self.files[paths.ETC_HOSTS] = f"{first}\t{name}\n" if first else ""
        self.files.update({paths.ETC_RESOLV: "", paths.ETC_NETSVC: "", **dict(capture.texts)})
        if any(entry.id.startswith("nim") for entry in self.entries):
            self.files[paths.ETC_NIMINFO] = UNKNOWN
        for user in wanted.site.services.hold_cron:
            self.files[f"{paths.CRONTABS}/{user}"] = UNKNOWN
        text = ""
        for fs in capture.filesystems:
            text += f"\n{fs.mount_point}:\n" + "".join(f"\t{key:<15} = {value}\n" for key, value in fs.attributes)
        self.files[paths.ETC_FILESYSTEMS] = text

    def _dump_now(self) -> Dict[str, str]:
        """As at home, but for a dump device on a logical volume that is not here yet."""
        capture = self.wanted.capture
        gone = {f"/dev/{lv.name}" for vg in capture.volume_groups for lv in vg.lvs}
        values = (
            capture.dump.primary, capture.dump.secondary, capture.dump.copy_directory, capture.dump.forced_copy,
            capture.dump.always_allow, capture.dump.compression, capture.dump.type,
        )  # fmt: skip
        return {key: NOWHERE if value in gone else value for key, value in zip(sysdumpdev.LABELS, values)}

    # -- facts

    def _look(self, query: Any) -> Any:
        try:
            if isinstance(query, FileQuery):
                return query.parse(self.files.get(query.path))
            return self._answer(query)
        except FactUnavailable as failure:
            return failure

    def _answer(self, query: Query[Any]) -> Any:
        if query.program == "lsattr":
            return query.parse("".join(value + "\n" for value in self._attribute(query.args)))
        if query.program == "lssrc" and query.args[:1] == ("-s",):
            return self._subsystems(query.args[1:])
        if query.program == "lscfg" and query.args[:1] == ("-vl",):
            return self._vpd(query.args[1].rstrip("*"))
        if query.program == "entstat" and query.args[-1] in self.ents:
            return tuple(_Vlans(vlan) for vlan in self.ents[query.args[-1]] or (None,))
        if query.program == "lsvg" and len(query.args) == 1 and query.args[0] in self.groups:
            return self._group(query.args[0])
        known: Dict[Any, Callable[[], Any]] = {
            lspv.PVS: self._pvs,
            lspath.IDS: tuple,
            lsvg.ALL: lambda: tuple(map(VgName, ("rootvg", *self.groups))),
            lsvg.VARIED_ON: lambda: tuple(map(VgName, ("rootvg", *self.on))),
            lsvg.pvs(VgName("rootvg")): self._of_rootvg,
            lsdev.DEVICES: self._devices,
            ifconfig.INTERFACES: self._interfaces,
            netstat.ROUTES: self._kernel_routes,
            mount.MOUNTS: lambda: tuple(mount.Mount("", d, MountPoint(p), "jfs2", "", ()) for d, p in self.mounts),
            inittab.ENTRIES: lambda: tuple(self.entries),
            bootlist.NORMAL: lambda: self.boot,
            errpt.DUPLICATES: tuple,
            uname.NODE: lambda: self.called["nodename"],
            uname.HOST: lambda: self.called["hostname"],
            CUSTOMISED: self._customised,
            odmget.attribute("unique_id"): tuple,
            odmget.LOGICAL_VOLUMES: self._logical_volumes,
            lssrc.ALL: lambda: self._subsystems(sorted(self.active) or ["srcmstr"]),
            lsps.ALL: self._paging,
            sysdumpdev.SETTINGS: lambda: sysdumpdev.DumpSettings(tuple(self.dump.items())),
        }
        if query not in known:
            raise FactUnavailable(Problem("fact-unavailable", f"{query} is not known beforehand", str(query)))
        return known[query]()

    def _vpd(self, prefix: str) -> Tuple[lscfg.Vpd, ...]:
        return tuple(
            lscfg.Vpd(
                Device(one.name), one.location, "", (("Network Address", one.mac.replace(":", "")),) if one.mac else ()
            )
            for one in self.adapters
            if one.name.rstrip("0123456789") == prefix
        )

    def _attribute(self, args: Sequence[str]) -> Tuple[str, ...]:
        """lsattr of one attribute: what was set; UNKNOWN where it has a default, none where it has not."""
        device, attribute = args[1], args[args.index("-a") + 1]
        found = self.attributes.get((device, attribute))
        if found is not None:
            return tuple(found)
        if attribute in ("ghostdev", "clouddev"):
            return ("0",)
        if attribute in DEFAULTS and device.startswith("en"):
            return (DEFAULTS[attribute],)
        parts = {name for names in PARTS.values() for name in names}
        return () if device == "inet0" or attribute in (*NO_DEFAULT, *parts) else (UNKNOWN,)

    def _pvs(self) -> Tuple[lspv.Pv, ...]:
        """lspv, as it was unless volume groups have come or gone."""
        state = (tuple(self.groups), tuple(self.on))
        if self._lspv is None or self._lspv[0] != state:
            self._lspv = (state, self._disk_rows())
        return self._lspv[1]

    def _disk_rows(self) -> Tuple[lspv.Pv, ...]:
        vg_of = {pvid: name for name, group in self.groups.items() for pvid in group["pvids"]}
        vg_of.update({disk.pvid: "rootvg" for disk in self.disks.values() if disk.vg == "rootvg"})
        rows = []
        for name, disk in self.disks.items():
            vg = vg_of.get(disk.pvid)
            state = "active" if vg == "rootvg" or vg in self.on else ""
            rows.append(lspv.Pv(Hdisk(name), Pvid(disk.pvid), VgName(vg) if vg else None, state))
        return tuple(rows)

    def _of_rootvg(self) -> Tuple[Tuple[VgName, Tuple[lsvg.PvInVg, ...]], ...]:
        rows = [lsvg.PvInVg(pv.name, "active", 0, 0, "") for pv in self._pvs() if pv.vg == "rootvg"]
        return ((VgName("rootvg"), tuple(rows)),)

    def _group(self, name: str) -> lsvg.Vg:
        group = self.groups[name]
        count = len(group["pvids"])
        return lsvg.Vg(
            VgName(name), Vgid(""), "active", "read/write", 0, 0, 0, 0, 0, 0, 2 if group["quorum"] else 1,
            group["quorum"], count, count, 0, 0, group["auto_on"], (),
        )  # fmt: skip

    def _devices(self) -> Tuple[lsdev.DeviceRow, ...]:
        rows = list(self._lsdev)
        for one in self.adapters:
            parent = "fcs" + one.name[5:] if one.name.startswith("fscsi") else ""
            rows.append(lsdev.DeviceRow(Device(one.name), one.cls, "", one.type, "Available", parent))
        return tuple(rows)

    def _interfaces(self) -> Tuple[ifconfig.InterfaceState, ...]:
        return tuple(
            ifconfig.InterfaceState(
                Interface(name), (), ("UP",), None,
                tuple(ifconfig.Inet(Address(a), Address(mask), None, None) for a, mask in held), (), (),
            )
            for name, held in self.addresses.items()
        )  # fmt: skip

    def _kernel_routes(self) -> Tuple[netstat.KernelRoute, ...]:
        return tuple(
            netstat.KernelRoute(6 if ":" in to else 4, to, to, prefix, via, "UG", 0, 0, Interface("en"))
            for to, prefix, via in self.routes
        )

    def _customised(self) -> Tuple[odmget.OdmObject, ...]:
        return tuple(
            odmget.OdmObject("CuAt", (("name", name), ("attribute", key), ("value", value), ("generic", "DU")))
            for (name, key), values in self.attributes.items()
            for value in values
            if name not in ("sys0", "inet0")
        )

    def _logical_volumes(self) -> Dict[str, str]:
        capture = self.wanted.capture
        found = {lv.name: vg.name for vg in capture.volume_groups if vg.name in self.groups for lv in vg.lvs}
        for space in capture.paging:
            found.setdefault(space.name, space.vg)
        return found

    def _subsystems(self, names: Sequence[str]) -> Tuple[lssrc.Subsystem, ...]:
        return tuple(lssrc.Subsystem(n, "", None, "active" if n in self.active else "inoperative") for n in names)

    def _paging(self) -> Tuple[lsps.PagingSpace, ...]:
        return tuple(
            lsps.PagingSpace(
                LvName(s.name), "", VgName(s.vg), s.size, 0, self.paging[s.name][0], self.paging[s.name][1], "lv", None
            )
            for s in self.wanted.capture.paging
            if s.vg == "rootvg" or s.vg in self.groups
        )

    def owner(self, aix_path: str) -> Optional[Owner]:
        return self.owners.get(aix_path) or (Owner(0, 0, 0o644) if self.files.get(aix_path) is not None else None)

    def is_file(self, aix_path: str) -> bool:
        return self.files.get(aix_path) is not None

    def names(self, aix_directory: str) -> Tuple[str, ...]:
        found = (path.rpartition("/")[::2] for path in self.files if self.is_file(path))
        return tuple(sorted(name for directory, name in found if directory == aix_directory))

    def probe(self, wanted: Command) -> Ran:
        return Ran((wanted.path or wanted.program,), "exited", 1, "", "", 0.0)

    # -- what an action changes

    def act(self, action: Action) -> None:
        """Note what it changes; what it touches is looked at anew afterwards."""
        if isinstance(action, Write):
            self.files[action.path] = action.text
        elif isinstance(action, Move):
            self.files[action.target] = self.files.pop(action.source, UNKNOWN)
        elif isinstance(action, Remove):
            self.files[action.path] = None
        elif isinstance(action, Own):
            self.owners[action.path] = action.owner
        else:
            if not action.path:
                self._command(action.program, list(action.args))
            self.forget(action.touches)
            return
        self.forget({"files", "filesystems"})

    def _command(self, program: str, args: List[str]) -> None:
        flags = {args[at]: args[at + 1] for at in range(len(args) - 1) if args[at][:1] == "-"}
        change = {
            "chdev": self._chdev, "mktcpip": self._mktcpip, "importvg": self._importvg, "chvg": self._chvg,
            "mkdev": self._mkdev, "bootlist": self._bootlist, "route": self._route, "ifconfig": self._ifconfig,
            "crontab": self._crontab,
        }.get(program)  # fmt: skip
        if change is not None:
            change(args, flags)
            return
        last = args[-1] if args else ""
        if program == "varyonvg":
            self.on.append(last)
        elif program == "varyoffvg":
            self.on.remove(last)
        elif program == "exportvg":
            self.groups.pop(last, None)
        elif program == "mount":
            fs = [fs for fs in self.wanted.capture.filesystems if fs.mount_point == last]
            self.mounts.append((fs[0].device if fs else UNKNOWN, last))
        elif program == "umount":
            self.mounts = [one for one in self.mounts if last not in one]
        elif program == "chitab":
            entry = inittab.parse(last)[0]
            self.entries = [entry if one.id == entry.id else one for one in self.entries]
        elif program == "uname":
            self.called["nodename"] = last
        elif program == "hostname":
            self.called["hostname"] = last
        elif program == "startsrc":
            self.active.add(last)
        elif program == "stopsrc":
            self.active.discard(last)
        elif program in ("swapon", "swapoff"):
            self.paging[last[len("/dev/") :]][0] = program == "swapon"
        elif program == "chps":
            self.paging[last][1] = flags["-a"] == "y"
        elif program == "sysdumpdev":
            self.dump["primary" if "-p" in args else "secondary"] = last
        elif program == "cfgmgr":
            self._cfgmgr()

    def _chdev(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        device = flags["-l"]
        pairs = [args[at + 1].partition("=")[::2] for at in range(len(args)) if args[at] == "-a"]
        for key, value in pairs:
            held = self.attributes.setdefault((device, key), [])
            if key in ("alias4", "alias6", "route", "rout6"):
                held.append(value)
            elif key in ("delalias4", "delalias6", "delroute", "delrout6"):
                kept = self.attributes.setdefault((device, key[3:]), [])
                kept[:] = [one for one in kept if one != value]
            else:
                held[:] = [value] if value else []
            if key in ("route", "rout6"):
                found = parse_inet0_route(value)
                self.routes.append((found.destination, found.prefix, found.gateway))
        if device == "inet0" and dict(pairs).get("hostname"):
            self.called["hostname"] = dict(pairs)["hostname"]
        if device.startswith("en") and not device.startswith("ent"):
            self._settle(device)

    def _settle(self, name: str) -> None:
        """The kernel follows the ODM, as it does for chdev of an interface."""

        def of(key: str) -> List[str]:
            return self.attributes.get((name, key), [])

        self.addresses.pop(name, None)
        if of("state") == ["up"] and of("netaddr"):
            aliases = [(a, m) for a, _, m in (value.partition(",") for value in of("alias4"))]
            self.addresses[name] = [(of("netaddr")[0], (of("netmask") or [""])[0]), *aliases]

    def _mktcpip(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        name = flags["-i"]
        self.called["hostname"] = flags["-h"]
        self.attributes["inet0", "hostname"] = [flags["-h"]]
        self.attributes["inet0", "route"] = [f"net,-hopcount,0,,0,{flags['-g']}"]
        self.routes.append(("0.0.0.0", 0, flags["-g"]))  # noqa: S104
        values = {"netaddr": flags["-a"], "netmask": flags["-m"], "state": "up"}
        self.attributes.update({(name, key): [value] for key, value in values.items()})
        self._settle(name)
        self.files[paths.ETC_HOSTS] = UNKNOWN

    def _importvg(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        captured = self.wanted.capture.volume_group(flags["-y"])
        named = [vg for vg in self.wanted.site.volume_groups.named if vg.name == flags["-y"] and vg.pvids]
        pvids = named[0].pvids if named else captured.pvids if captured else ()
        # AUTO ON and quorum are what importvg makes them (seed glvm-white-paper)
        self.imported = True
        self.groups[flags["-y"]] = {"pvids": pvids, "auto_on": True, "quorum": True}
        for lv in captured.lvs if captured else ():
            for device in (f"/dev/r{lv.name}", f"/dev/{lv.name}"):
                self.owners[device] = Owner(*IMPORTED)

    def _chvg(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        group = self.groups[args[-1]]
        group["auto_on"] = flags.get("-a", "y" if group["auto_on"] else "n") == "y"
        group["quorum"] = flags.get("-Q", "y" if group["quorum"] else "n") == "y"

    def _mkdev(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        name = f"ent{FIRST + sum(one.name.startswith('ent') for one in self.adapters)}"
        self.adapters.append(_Adapter(name, "adapter", flags["-t"], ""))
        for at in range(len(args)):
            if args[at] == "-a":
                key, _, value = args[at + 1].partition("=")
                self.attributes[name, key] = [value]

    def _cfgmgr(self) -> None:
        """A pseudo adapter has its interfaces."""
        known = {one.name for one in self.adapters}
        made = [kind + one.name[3:] for one in self.adapters if one.type in PARTS for kind in ("en", "et")]
        self.adapters += [_Adapter(name, "if", name[:2], "") for name in made if name not in known]

    def _bootlist(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        entries: List[bootlist.BootEntry] = []
        for word in args[2:]:
            key, equals, value = word.partition("=")
            if not equals:
                entries.append(bootlist.BootEntry(Device(word), ()))
            else:
                entries[-1] = entries[-1]._replace(options=(*entries[-1].options, (key, value)))
        self.boot = tuple(entries)

    def _crontab(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        if "-r" in flags:
            self.files[f"{paths.CRONTABS}/{flags['-r']}"] = None

    def _route(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        if args[0] == "delete":
            self.routes = [one for one in self.routes if one[2] != args[-1]]

    def _ifconfig(self, args: Sequence[str], flags: Dict[str, str]) -> None:
        if "detach" in args:
            self.addresses.pop(args[0], None)
        elif "alias" in args:
            self.addresses.setdefault(args[0], []).append((args[2], args[4]))
