"""The device reset of ghostdev and clouddev: when a boot does it, and what it takes away.

Source: boot-and-devices.md section 2.  The sources contradict each other on clouddev; the switches are in
variants.py.
"""

from __future__ import annotations

from typing import Dict, List

from drboot.sim import odm as cuat
from drboot.sim.world import World

NVRAM_VARIABLE = "ibm,aix-clearODMdata"
FLAGS = ("ghostdev", "clouddev")


def partition_id(world: World) -> str:
    """What ghostdev compares with the value kept in the ODM: IBM,0206F42A0/1."""
    firmware = world["firmware"]
    return f"{firmware['systemid']}/{firmware['partition_number']}"


def partition_changed(world: World) -> bool:
    """Whether this boot is on another system or partition than the last one of this rootvg.  False at the first."""
    return world["odm"]["saved_partition"] not in ("", partition_id(world))


def boot_reset(world: World) -> str:
    """What this boot does to the ODM before devices are configured: "" | ghostdev | clouddev.

    Attributes that never reached the boot image fall back to what it holds, since phase 1 reads only the image.
    The partition is saved at each boot, so ghostdev fires once per move.
    """
    odm, nvram = world["odm"], world["firmware"]["nvram"]
    cuat.restore_base(odm)
    done = ""
    if flag(world, "clouddev") and world["settings"]["variants"].get("clouddev_mode", "nvram") == "every_boot":
        done = "clouddev"
    elif world["settings"]["variants"].get("clouddev_mode", "nvram") == "nvram":
        if flag(world, "clouddev"):
            nvram.setdefault(NVRAM_VARIABLE, "true")
        if nvram.get(NVRAM_VARIABLE) == "true":
            nvram[NVRAM_VARIABLE] = "false"
            done = "clouddev"
    if flag(world, "ghostdev") and partition_changed(world):
        done = done or "ghostdev"
    odm["saved_partition"] = partition_id(world)
    if done:
        reset_devices(world)
    return done


def flag(world: World, name: str) -> bool:
    """Whether sys0 has the attribute at this level, set to something else than 0."""
    odm = world["odm"]
    if name in odm["missing_attributes"]:
        return False
    return odm["attributes"].get("sys0", {}).get(name, ["0"]) != ["0"]


def reset_devices(world: World) -> None:
    """Customised devices, their attributes, paths, and the definitions of data VGs are gone; rootvg stays.

    ghostdev and clouddev survive.  Whether other sys0 attributes and the dump devices do is open: variants
    ``sys0_survives`` and ``dump_survives``.
    """
    odm = world["odm"]
    kept: Dict[str, List[str]] = {}
    for name, value in odm["attributes"].get("sys0", {}).items():
        if name in FLAGS or world["settings"]["variants"].get("sys0_survives", "no") == "yes":
            kept[name] = value
    odm["devices"] = {}
    odm["attributes"] = {"sys0": kept} if kept else {}
    odm["paths"] = []
    odm["saved_base"] = {}
    if world["settings"]["variants"].get("dump_survives", "yes") == "no":
        odm["dump"] = {}
    odm["vgs"] = {name: vg for name, vg in odm["vgs"].items() if name == "rootvg"}


def clouddev_was_set(world: World, value: str) -> None:
    """``chdev -l sys0 -a clouddev=1`` makes the NVRAM variable, as false: variant ``clouddev_chdev``."""
    variants = world["settings"]["variants"]
    if value != "0" and variants.get("clouddev_chdev", "creates") == "creates":
        world["firmware"]["nvram"].setdefault(NVRAM_VARIABLE, "false")


def clear_nvram(world: World) -> None:
    """``bootutil -c``: the partition has no such variable.  Source: aixoss/cloud-init packages/aix/cloud-init.spec."""
    world["firmware"]["nvram"].pop(NVRAM_VARIABLE, None)
