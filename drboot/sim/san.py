"""Replication: the LUNs of one site get, or refresh, copies at another.

A copy has the PVID and the VGDA of its source, byte for byte, and an identity of its own (unique_id, serial).  A
rootvg LUN carries the files and the ODM of the LPAR that lives on it: ``ESTATE/rootvg/SITE_NNNN/`` holds ``root/``,
``shims.json``, ``odm.json`` and ``number``, which rises with every refresh, so that a booting LPAR can tell a
new copy from the one that it took before.

Source: lvm-and-filesystems.md section 10 (replica LUNs carry the source PVID, but their own serial and UDID); design
section 7.  A copy of a running machine is crash consistent: mounted file systems need their log replayed.
"""

from __future__ import annotations

import copy
import json
import os
import shutil
from typing import Dict, List, NamedTuple, Optional, Sequence

from drboot.sim import root
from drboot.sim.machine import Machine
from drboot.sim.world import Lun, San, Vgda, World


class Taken(NamedTuple):
    """Which rootvg copy an LPAR lives on."""

    lun: str
    number: int


def machines(estate: str) -> List[Machine]:
    directory = os.path.join(os.path.abspath(estate), "lpars")
    return [Machine(os.path.join(directory, name)) for name in sorted(os.listdir(directory))]


def replicate(estate: str, source: str, target: str, luns: Optional[Sequence[str]] = None) -> List[str]:
    """Copy the LUNs of site ``source`` (all, or those with the given ids) to ``target``; the ids of the copies."""
    living = {taken(m).lun: m for m in machines(estate) if taken(m).lun.startswith(source + ":")}
    any_machine = machines(estate)[0]
    copies = []
    with any_machine.edit() as world:
        san = world["san"]
        chosen = [san["luns"][i] for i in sorted(san["luns"]) if i.startswith(source + ":")]
        for lun in chosen:
            if luns is None or lun["id"] in luns:
                copies.append(_copy_lun(san, lun, target))
        for vgid in {san["luns"][i]["vgid"] for i in copies} - {""}:
            san["vgdas"].setdefault(target, {})[vgid] = _copy_vgda(estate, san["vgdas"][source][vgid], target)
    for lun_id in copies:
        origin = world["san"]["luns"][lun_id]["replica_of"]
        if origin in living:
            _copy_rootvg(living[origin], store(estate, lun_id))
    return copies


def _copy_lun(san: San, lun: Lun, target: str) -> str:
    """The id of the copy: an existing partner in either direction, or a new LUN."""
    for other in san["luns"].values():
        if other["site"] == target and (other["replica_of"] == lun["id"] or lun["replica_of"] == other["id"]):
            partner = other
            break
    else:
        partner = copy.deepcopy(lun)
        partner["id"] = target + ":" + lun["id"].partition(":")[2]
        partner["site"] = target
        partner["serial"] = serial(partner["id"])
        partner["unique_id"] = unique_id(partner["id"], partner["kind"])
    twin = copy.deepcopy(lun)
    twin.update({"id": partner["id"], "site": target, "serial": partner["serial"], "unique_id": partner["unique_id"]})
    twin.update({"kind": partner["kind"], "type": partner["type"], "present": partner["present"]})
    twin.update({"replica_of": lun["id"], "writable": True, "reserved_by": ""})
    san["luns"][partner["id"]] = twin
    return partner["id"]


def _copy_vgda(estate: str, vgda: Vgda, target: str) -> Vgda:
    """The VGDA as it is on disk now, and with it the files of its file systems.

    A mounted file system is in the state that needs its log replayed: the copy is crash consistent.
    """
    twin = copy.deepcopy(vgda)
    for lv in twin["lvs"]:
        if lv["fs"] is not None and lv["fs"]["tree"]:
            tree = lv["fs"]["tree"]
            lv["fs"]["tree"] = f"{target}.{tree.partition('.')[2] or tree}"
            trees = os.path.join(os.path.abspath(estate), "trees")
            shutil.rmtree(os.path.join(trees, lv["fs"]["tree"]), ignore_errors=True)
            if os.path.isdir(os.path.join(trees, tree)):
                shutil.copytree(os.path.join(trees, tree), os.path.join(trees, lv["fs"]["tree"]), symlinks=True)
    return twin


def _copy_rootvg(machine: Machine, target: str) -> None:
    number = _number(target) + 1
    root.image(machine.root, target)
    _write_json(os.path.join(target, "odm.json"), machine.load()["odm"])
    _write_json(os.path.join(target, "number"), number)


# ---------------------------------------------------------------- who lives on which LUN


def store(estate: str, lun_id: str) -> str:
    """Where the files and the ODM on a rootvg LUN are kept."""
    return os.path.join(os.path.abspath(estate), "rootvg", lun_id.replace(":", "_"))


def taken(machine: Machine) -> Taken:
    try:
        with open(os.path.join(machine.directory, "rootvg.json"), encoding="utf-8") as file:
            fields: Dict[str, str] = json.load(file)
    except FileNotFoundError:
        return Taken("", 0)
    return Taken(fields["lun"], int(fields["number"]))


def settle(machine: Machine, lun_id: str, number: int = 0) -> None:
    """The LPAR's root and ODM are what is on this LUN."""
    _write_json(os.path.join(machine.directory, "rootvg.json"), {"lun": lun_id, "number": number})


def take(machine: Machine, world: World, lun_id: str) -> bool:
    """Boot from this LUN: the LPAR has its files and its ODM.  False when nothing bootable is on it."""
    source = store(machine.estate, lun_id)
    number = _number(source)
    if taken(machine) == Taken(lun_id, number):
        return True
    if not number:
        return False
    root.take(source, machine.root, machine.directory)
    with open(os.path.join(source, "odm.json"), encoding="utf-8") as file:
        world["odm"] = json.load(file)
    # at once, so that a boot that goes no further does not leave files and ODM of different machines together
    _write_json(os.path.join(machine.directory, "odm.json"), world["odm"])
    settle(machine, lun_id, number)
    return True


def _number(directory: str) -> int:
    try:
        with open(os.path.join(directory, "number"), encoding="utf-8") as file:
            return int(json.load(file))
    except FileNotFoundError:
        return 0


def _write_json(path: str, value: object) -> None:
    with open(path, "w", encoding="utf-8") as file:
        json.dump(value, file, indent=1)


# ---------------------------------------------------------------- identities


def serial(lun_id: str) -> str:
    """A storage serial of eleven characters: the array's seven, which differ per site, and the volume's four."""
    site, _, number = lun_id.partition(":")
    array = 7000000 + sum(ord(letter) * 31**index for index, letter in enumerate(site)) % 2999999
    return f"{array}{number[-4:]:0>4}"


def unique_id(lun_id: str, kind: str = "fcp") -> str:
    """Source: lvm-and-filesystems.md section 10: vendor and serial are in it, ``2107900..IBMfcp`` for a DS8000.
    A virtual SCSI disk wraps what is behind it (transcript lspv/25).
    """
    own = f"200B{serial(lun_id)}07210790003IBMfcp"
    return f"35{own}05VDASD03AIXvscsi" if kind == "vscsi" else own
