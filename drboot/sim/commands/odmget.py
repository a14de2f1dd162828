"""odmget: objects of a class as stanzas.  CuDv, CuAt, CuPath of devices; VGs and LVs have rows in CuDv and CuDvDr.

Source: boot-and-devices.md section 10; transcripts odmget/01 to 04, 50.
Assumed: nls_index of attributes that no transcript shows is 0; chgstatus is 2 for devices and 1 for LVs.
"""

from __future__ import annotations

import re
from typing import Callable, Dict, Iterator, List, Optional, Tuple, Union

from drboot.sim import odm as cuat
from drboot.sim.command import Context, Usage, options
from drboot.sim.world import Device, World

USAGE = "usage: odmget [-q criteria] class_name ..."
Object = Dict[str, Union[str, int]]
TERM = re.compile(r"""\s*(\w+)\s*(!=|=|like)\s*(?:'([^']*)'|"([^"]*)"|([^\s'"]+))\s*$""", re.IGNORECASE)
LV_TYPE = "logical_volume/lvsubclass/lvtype"
VG_TYPE = "logical_volume/vgsubclass/vgtype"


def odmget(ctx: Context, args: List[str]) -> int:
    """Every object of the classes that fits the criteria; none prints nothing, exit 0."""
    flags, operands = options(args, "q:", USAGE)
    if not operands:
        raise Usage(USAGE)
    terms = _terms(flags["q"][-1]) if "q" in flags else []
    for name in operands:
        rows = CLASSES.get(name)
        if rows is None:
            ctx.err(f"0518-305 odmget: {name}")
            return 1
        for row in rows(ctx.world):
            if all(_fits(row, *term) for term in terms):
                ctx.raw(_stanza(name, row))
    return 0


def _stanza(name: str, row: Object) -> str:
    lines = [f"\n{name}:\n"]
    for key, held in row.items():
        lines.append(f'\t{key} = "{held}"\n' if isinstance(held, str) else f"\t{key} = {held}\n")
    return "".join(lines)


def _terms(text: str) -> List[Tuple[str, str, str]]:
    """``name=inet0 and attribute=route``: every comparison must hold."""
    terms = []
    for part in re.split(r"\s+and\s+", text, flags=re.IGNORECASE):
        found = TERM.match(part)
        if found is None:
            raise Usage(USAGE)
        terms.append((found.group(1), found.group(2).lower(), next(g for g in found.groups()[2:] if g is not None)))
    return terms


def _fits(row: Object, key: str, relation: str, wanted: str) -> bool:
    if key not in row:
        return False
    held = str(row[key])
    if relation == "like":
        pattern = re.escape(wanted).replace(r"\*", ".*").replace(r"\?", ".").replace("%", ".*")
        return re.fullmatch(pattern, held) is not None
    return (held == wanted) == (relation == "=")


def _cudv(world: World) -> Iterator[Object]:
    for device in world["odm"]["devices"].values():
        yield _cudv_row(device["name"], device["status"], 2, device)
    for vg in world["odm"]["vgs"].values():
        status = int(vg["name"] in world["kernel"]["varied_on"])
        yield _cudv_row(vg["name"], status, 1, None, kind=VG_TYPE)
        for lv in vg["lvs"]:
            # Source: transcript odmget/04: LVs of a varied-on rootvg have status 0
            yield _cudv_row(lv, 0, 1, None, parent=vg["name"], kind=LV_TYPE)


def _cudv_row(
    name: str, status: int, changed: int, device: Optional[Device], parent: str = "", kind: str = ""
) -> Object:
    if device is not None:
        parent, kind = device["parent"], f"{device['cls']}/{device['subclass']}/{device['type']}"
    return {
        "name": name,
        "status": status,
        "chgstatus": changed,
        "ddins": "",
        "location": device["location"] if device is not None else "",
        "parent": parent,
        "connwhere": device["connwhere"] if device is not None else "",
        "PdDvLn": kind,
    }


def _cuat(world: World) -> Iterator[Object]:
    """One object per customised value: several routes are several objects."""
    for name, held in world["odm"]["attributes"].items():
        for attribute, values in held.items():
            row = cuat.attribute_of(world, name, attribute) if name in world["odm"]["devices"] else None
            settable = row is None or row.settable.startswith("True")
            for value in values:
                yield {
                    "name": name,
                    "attribute": attribute,
                    "value": value,
                    "type": "R",
                    "generic": "DU" if settable else "D",
                    "rep": "s",
                    "nls_index": 0 if row is None else row.nls_index,
                }
    for vg in world["odm"]["vgs"].values():
        yield {
            "name": vg["name"], "attribute": "vgserial_id", "value": vg["vgid"], "type": "R", "generic": "D",
            "rep": "n", "nls_index": 637,
        }  # fmt: skip


def _cupath(world: World) -> Iterator[Object]:
    """Source: names of the fields as lspath shows them; Assumed: their order."""
    for path in world["odm"]["paths"]:
        yield {
            "name": path["disk"],
            "parent": path["parent"],
            "connection": path["connection"],
            "alias": "",
            "path_status": 0 if path["status"] == "Defined" else 1,
            "path_id": path["path_id"],
        }


def _cudvdr(world: World) -> Iterator[Object]:
    """Major and minor numbers of VGs and LVs.

    Source: the class and its fields: Technical Reference, CuDvDr (resource devno: value1 major, value2 minor, value3
    the device).  Assumed: rows of other devices are left out, since nothing here has their numbers.
    """
    for vg in world["odm"]["vgs"].values():
        yield _devno(vg["major"], 0, vg["name"])
        vgda = world["san"]["vgdas"].get(world["firmware"]["site"], {}).get(vg["vgid"])
        for lv in vgda["lvs"] if vgda else []:
            if lv["name"] in vg["lvs"]:
                yield _devno(vg["major"], lv["number"], lv["name"])


def _devno(major: int, minor: int, name: str) -> Object:
    return {"resource": "devno", "value1": str(major), "value2": str(minor), "value3": name}


CLASSES: Dict[str, Callable[[World], Iterator[Object]]] = {
    "CuDv": _cudv, "CuAt": _cuat, "CuPath": _cupath, "CuDvDr": _cudvdr,
}  # fmt: skip
