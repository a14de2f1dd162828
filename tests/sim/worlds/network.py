"""Worlds for the network and service transcripts: state keyed from the transcripts, in network.json, never output.

routes       netstat transcript -> [destination, gateway, flags, refs, use, interface]
interfaces   netstat transcript -> kernel interfaces
subsystems   lssrc transcript -> [name, group, PID or 0]
tunables     name -> value of no/50
adapters     entstat transcript -> adapter, its MAC, and its driver's statistics
"""

from __future__ import annotations

import calendar
import json
from pathlib import Path
from typing import Any, Dict, List, Sequence, Tuple

from drboot.sim import net
from drboot.sim.commands import errlog
from drboot.sim.world import (
    World,
    new_device,
    new_interface,
    new_route,
    new_slot,
    new_subsystem,
    new_world,
)

STATE: Dict[str, Any] = json.loads((Path(__file__).parent / "network.json").read_text(encoding="utf-8"))


def variants(world: World, **chosen: str) -> World:
    world["settings"]["variants"].update(chosen)
    return world


def addresses(*rows: Sequence[str]) -> List[Any]:
    return [dict(zip(("address", "netmask", "broadcast"), row)) for row in rows]


def host(*interfaces: Any, hostname: str = "", **variant: str) -> World:
    """A machine whose kernel has these interfaces, and whose ODM agrees with them."""
    world = variants(new_world(), **variant)
    odm, kernel = world["odm"], world["kernel"]
    kernel["hostname"] = hostname
    odm["devices"]["inet0"] = new_device("inet0", "tcpip", "TCPIP", "inet")
    if hostname:
        odm["attributes"]["inet0"] = {"hostname": [hostname]}
    for interface in interfaces:
        name = interface["name"]
        kernel["interfaces"][name] = interface
        if not name.startswith(("en", "lo")):
            continue
        kind = ("LO", "lo") if name.startswith("lo") else ("EN", "en")
        odm["devices"][name] = new_device(name, "if", *kind)
        own: Dict[str, List[str]] = {"state": ["up" if interface["up"] else "down"]}
        held = interface["addresses"]
        if held:
            own["netaddr"], own["netmask"] = [held[0]["address"]], [held[0]["netmask"]]
            own["alias4"] = [f"{each['address']},{each['netmask']}" for each in held[1:]]
        odm["attributes"][name] = {key: values for key, values in own.items() if any(values)}
        if name.startswith("en"):
            add_adapter(world, "ent" + name[2:], interface["mac"])
    return world


def add_adapter(world: World, adapter: str, mac: str, type: str = "IBM,l-lan", vlan: int = 1) -> None:
    slot = f"C{len(world['firmware']['slots']) + 2}"
    physloc = f"U8233.E8B.10086CP-V3-{slot}-T1"
    world["firmware"]["slots"].append(new_slot(slot, "l-lan", type=type, mac=mac, vlan=vlan, physloc=physloc))
    world["odm"]["devices"][adapter] = new_device(adapter, "adapter", "vdevice", type, physloc=physloc, connwhere=slot)


def interface(name: str, *held: Sequence[str], link: int = 2, **fields: Any) -> Any:
    return new_interface(name, addresses=addresses(*held), link=1 if name.startswith("lo") else link, **fields)


def interfaces_of(transcript: str, **variant: str) -> World:
    """What `netstat -in` of the transcript lists."""
    made = []
    for row in STATE["interfaces"][transcript]:
        held = [(address, mask, "") for address, mask in row["addresses"]]
        given = {key: row[key] for key in ("up", "mtu", "mac", "inet6")}
        made.append(
            new_interface(
                row["name"], addresses=addresses(*held), link=row["link"], counters={"packets": row["packets"]}, **given
            )
        )
    return host(*made, **variant)


def routes_of(transcript: str, level: str = "7200-05-03-2148", **variant: str) -> World:
    """What `netstat -rn` of the transcript lists, with the interfaces that it names."""
    rows = STATE["routes"][transcript]
    names = sorted({row[5] for row in rows})
    made = []
    for number, name in enumerate(names, 2):
        own = list(dict.fromkeys(gw for _, gw, flags, _, _, owner in rows if owner == name and flags in ("U", "UH")))
        lo = name.startswith("lo")
        held = [("127.0.0.1", "255.0.0.0", "127.255.255.255")] if lo else [(a, "", "") for a in own if ":" not in a]
        made.append(interface(name, *held, link=number, mac="" if lo else f"0200000000{number:02x}"))
    world = host(*made, **variant)
    world["odm"]["oslevel"] = level
    world["odm"]["attributes"]["inet0"] = {
        "route": [f"net,-hopcount,0,,0,{row[1]}" for row in rows if row[0] == "default"]
    }
    world["kernel"]["routes"] = [
        new_route(row[0], row[1], row[5], flags=row[2], refs=row[3], use=row[4]) for row in rows
    ]
    return world


def subsystems_of(transcript: str, **variant: str) -> World:
    world = variants(new_world(), **variant)
    for name, group, pid in STATE["subsystems"][transcript]:
        add_subsystem(world, name, group, pid)
    return world


def add_subsystem(world: World, name: str, group: str = "", pid: int = 0) -> World:
    world["odm"]["subsystems"][name] = new_subsystem(name, group)
    if pid:
        world["kernel"]["subsystems"][name] = pid
    return world


def services(*rows: Tuple[str, str, int], pids: Sequence[int] = (), **variant: str) -> World:
    """Subsystems [name, group, PID or 0], and the process ids that are handed out next."""
    world = variants(new_world(), **variant)
    for name, group, pid in rows:
        add_subsystem(world, name, group, pid)
    world["kernel"]["pids"] = list(pids)
    return world


def tunables() -> World:
    world = new_world()
    world["kernel"]["tunables"] = dict(STATE["tunables"])
    return world


def adapter_of(transcript: str) -> World:
    state = dict(STATE["adapters"][transcript])
    name, mac = state.pop("adapter"), state.pop("mac")
    adapter = net.adapter_of(name)
    world = new_world()
    if "channel" in state:  # a pseudo adapter: its members bring the hardware
        world["kernel"]["adapters"][adapter] = state
        return world
    llan = "l-lan" in state["device_type"]
    add_adapter(world, adapter, mac, type="IBM,l-lan" if llan else "14106803")
    world["kernel"]["adapters"][adapter] = state
    return world


def aggregate(world: World, channel: str, members: Sequence[str], mac: str, backup: str = "NONE") -> None:
    """These adapters, made where they are not there yet, form one 802.3ad channel."""
    devices = world["odm"]["devices"]
    for name in [*members, *([backup] if backup != "NONE" else [])]:
        if name not in devices:
            add_adapter(world, name, mac)
    devices[channel] = new_device(channel, "adapter", "pseudo", "ibm_ech")
    world["odm"]["attributes"][channel] = {
        "adapter_names": [",".join(members)], "backup_adapter": [backup], "mode": ["8023ad"],
    }  # fmt: skip


def log(*rows: Tuple[str, str, str, str, str], machine: str = "", node: str = "", label: str = "", sequence: int = 1,
        detail: str = "") -> Dict[str, str]:  # fmt: skip
    """An error log file: rows (id, MMDDhhmmYY[SS], type, class, resource|description), newest first as errpt shows."""
    lines = []
    for number, (identifier, stamp, kind, cls, rest) in enumerate(reversed(rows), sequence):
        resource, _, description = rest.partition("|")
        month, day, hour, minute, year = (int(stamp[i : i + 2]) for i in range(0, 10, 2))
        at = calendar.timegm((2000 + year, month, day, hour, minute, int(stamp[10:] or 0)))
        entry: errlog.Entry = {
            "label": label or description, "id": identifier, "type": kind, "cls": cls, "resource": resource,
            "description": description, "detail": detail, "at": float(at), "sequence": number, "machine": machine,
            "node": node,
        }  # fmt: skip
        lines.append(json.dumps(entry) + "\n")
    return {errlog.LOG: "".join(lines)}
