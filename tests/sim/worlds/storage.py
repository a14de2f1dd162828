"""Worlds for the storage transcripts: what is on the disks, in the ODM and in the kernel, never output."""

from __future__ import annotations

from typing import Any, Dict, List, Optional, Sequence, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context
from drboot.sim.world import (
    Lv,
    Vgda,
    World,
    new_device,
    new_filesystem,
    new_lun,
    new_lv,
    new_odm_vg,
    new_vg_pv,
    new_vgda,
    new_world,
)

BLOCKS = 2048  # 512-byte blocks in a megabyte

# name, type, LPs, PVs, open, label ("N/A": none)
LvRow = Tuple[str, str, int, int, bool, str]


class Box:
    """A world under construction: an LPAR at the site ``home``."""

    def __init__(self, aix: str = "7300-01-01-2246", **variants: str) -> None:
        self.world: World = new_world()
        self.world["odm"]["oslevel"] = aix
        self.world["kernel"]["running"] = True
        self.world["settings"]["variants"].update(variants)
        self.stanzas: List[Tuple[str, Dict[str, str]]] = []
        self.files: Dict[str, str] = {}

    def hdisk(self, name: str, pvid: str = "", size: int = 10240, device: bool = True, **lun: Any) -> str:
        """A LUN, mapped, and its disk device; ``device=False``: the LUN is gone and so is the device."""
        number = len(self.world["san"]["luns"])
        identity = f"home:{number:04d}"
        unique = lun.pop("unique_id", f"200B{number:08d}IBMfcp")
        made = new_lun(identity, size=size, pvid=pvid, unique_id=unique, present=device, **lun)
        self.world["san"]["luns"][identity] = made
        if device:
            self.world["firmware"]["mappings"].append(
                {"lun": identity, "slot": "C4", "target": "", "lun_number": f"{number << 48:x}"}
            )
            self.world["odm"]["devices"][name] = new_device(name, "disk", "fcp", "mpioosdisk", lun=unique)
            if pvid:
                self.world["odm"]["attributes"][name] = {"pvid": [pvid + "0" * 16]}
        return pvid

    def vg(self, name: str, vgid: str, pvs: Sequence[Tuple[str, int]], on: bool = True, **fields: Any) -> Vgda:
        """A VG on the LUNs with these PVIDs, of so many PPs each; the ODM knows it, and it is varied on."""
        world, site = self.world, self.world["firmware"]["site"]
        vgda = new_vgda(vgid, pvs=[new_vg_pv(pvid, pps=pps) for pvid, pps in pvs], **fields)
        lvm.spread_vgdas(vgda)
        world["san"]["vgdas"].setdefault(site, {})[vgid] = vgda
        for lun in world["san"]["luns"].values():
            if lun["pvid"] in [pvid for pvid, _ in pvs]:
                lun["vgid"] = vgid
        number = len(world["odm"]["vgs"])
        world["odm"]["vgs"][name] = new_odm_vg(
            name, vgid, major=10 + 23 * min(number, 1) + number, pvids=[pvid for pvid, _ in pvs],
            auto_on=vgda["auto_on"],
        )  # fmt: skip
        if on:
            world["kernel"]["varied_on"][name] = {"mode": "active", "order": number + 1, "locked": False}
        return vgda

    def lv(self, vgda: Vgda, name: str, kind: str, extents: List[List[Any]], **fields: Any) -> Lv:
        """An LV with these extents [pvid, first PP, count, copy]."""
        number = 1 + max([lv["number"] for lv in vgda["lvs"]], default=0)
        lps = sum(count for _, _, count, copy in extents if copy == 1)
        lv = new_lv(name, **{"number": number, "type": kind, "extents": extents, "lps": lps, **fields})
        if kind in lvm.JOURNALED and lv["fs"] is None:
            lv["fs"] = new_filesystem(vfs=kind, size=lps * vgda["pp_size"] * BLOCKS)
        vgda["lvs"].append(lv)
        for entry in self.world["odm"]["vgs"].values():
            if entry["vgid"] == vgda["vgid"]:
                entry["lvs"].append(name)
                self.files["/dev/" + name] = lvm.node_text("b", entry["major"], number)
        return lv

    def free_lv(self, vgda: Vgda, name: str, kind: str, lps: int, pvs: int = 1, **fields: Any) -> Lv:
        """An LV of so many LPs somewhere on ``pvs`` of the VG's PVs."""
        lv = self.lv(vgda, name, kind, [], **{"lps": 0, "max_lps": max(512, lps), **fields})
        share = lps // pvs
        chosen = sorted(vgda["pvs"], key=lambda pv: -lvm.total(lvm.free_on(vgda, pv)))[:pvs]
        for number, pv in enumerate(chosen):
            lvm.allocate(vgda, lv, lps - share * (pvs - 1) if number == 0 else share, [pv["pvid"]])
        if lv["fs"] is not None:
            lv["fs"]["size"] = lps * vgda["pp_size"] * BLOCKS
        return lv

    def mount(
        self,
        device: str,
        point: str,
        options: str = "rw",
        vfs: str = "jfs2",
        node: str = "",
        date: str = "Jan 05 09:00",
    ) -> None:
        self.world["kernel"]["mounts"].append(
            {"node": node, "device": device, "point": point, "vfs": vfs, "date": date, "options": options}
        )

    def table(self, vgda: Vgda, rows: Sequence[LvRow], log: str = "") -> None:
        """LVs of a VG, allocated one after the other; open ones are mounted, paged to, or held by an application."""
        for name, kind, lps, pvs, is_open, label in rows:
            lv = self.free_lv(vgda, name, kind, lps, pvs)
            if label != "N/A":
                lv["label"] = label
            if is_open and label != "N/A":
                shown = "loglv00" if kind == "jfs" else log
                self.mount("/dev/" + name, label, "rw,log=" + ("/dev/" + shown if shown else "INLINE"), kind)
            elif is_open and kind == "paging":
                self.world["kernel"]["active_paging"].append(name)
            elif is_open and kind not in lvm.LOGS:
                self.world["kernel"]["open_lvs"].append(name)

    def regions(self, vgda: Vgda, pvid: str, used: Sequence[int], lvs: int = 1, names: Sequence[str] = ()) -> None:
        """LVs that take so many PPs from the start of each of the five regions of a PV; all but one have one PP."""
        pps = next(pv["pps"] for pv in vgda["pvs"] if pv["pvid"] == pvid)
        pieces, start = [], 1
        for size, count in zip(lvm.regions(pps), used):
            pieces.append([start, count])
            start += size
        for number in range(lvs):
            name = names[number] if number < len(names) else f"lv{number:02d}"
            if number < lvs - 1:
                piece = next(one for one in pieces if one[1] > 1)
                piece[1] -= 1
                extents = [[pvid, piece[0] + piece[1], 1, 1]]
            else:
                extents = [[pvid, first, count, 1] for first, count in pieces if count]
            self.lv(vgda, name, "raw", extents)

    def stanza(self, point: str, device: str, vfs: str = "jfs2", mount: str = "true", **attributes: str) -> None:
        self.stanzas.append((point, {"dev": device, "vfs": vfs, "mount": mount, **attributes}))

    def root(self) -> Dict[str, str]:
        """Files of rootvg: /etc/filesystems, the device nodes, and what else the world has been given."""
        text = "\n".join(mounts.stanza_text(point, attributes) for point, attributes in self.stanzas)
        return {"/etc/filesystems": text, **self.files}


def pvid(number: int) -> str:
    return f"00f6f42a{number:08x}"


VGID = "00f6f42a00004c000000017a0bd88942"
DATA_VGID = "00f6f42a00004c000000017a0bd88943"


def plain(
    aix: str, disks: Sequence[Tuple[str, str]], vgs: Dict[str, Tuple[Sequence[str], bool]], **variant: str
) -> Box:
    """Disks [name, PVID] and VGs name -> (hdisks, varied on), where nothing more is known."""
    box = Box(aix, **variant)
    known = {name: box.hdisk(name, pv) for name, pv in disks}
    for number, (vg, (hdisks, on)) in enumerate(vgs.items()):
        vgda = box.vg(vg, f"{VGID[:-4]}{number:04x}", [(known[hdisk], 319) for hdisk in hdisks], on)
        box.free_lv(vgda, f"{vg}lv", "raw", 3)
    return box


def small_rootvg(aix: str = "7300-01-01-2246", pp_size: int = 32, pps: int = 319) -> Tuple[Box, Vgda]:
    """rootvg on hdisk0 with its jfs2log, nothing else in it."""
    box = Box(aix)
    vgda = box.vg("rootvg", VGID, [(box.hdisk("hdisk0", pvid(1)), pps)], pp_size=pp_size)
    box.free_lv(vgda, "hd8", "jfs2log", 1)
    return box, vgda


def data_vg(aix: str = "7200-05-03-2148", pp_size: int = 128, pps: int = 800, name: str = "datavg") -> Tuple[Box, Vgda]:
    """rootvg on hdisk0, a data VG on hdisk1 with a log."""
    box, _ = small_rootvg(aix)
    vgda = box.vg(name, DATA_VGID, [(box.hdisk("hdisk1", pvid(2)), pps)], pp_size=pp_size)
    box.free_lv(vgda, "loglv00", "jfs2log", 1)
    return box, vgda


def data_fs(
    lv: str,
    point: str,
    aix: str = "7200-05-03-2148",
    lps: int = 8,
    pp_size: int = 128,
    mounted: bool = False,
    **fs: Any,
) -> Box:
    """One jfs2 file system on an LV of datavg, with its stanza, mounted or not."""
    box, vgda = data_vg(aix, pp_size)
    made = box.free_lv(vgda, lv, "jfs2", lps, label=point)
    assert made["fs"] is not None
    made["fs"].update(fs)  # type: ignore[typeddict-item]
    box.stanza(point, "/dev/" + lv, log="/dev/loglv00", mount="false", options="rw", account="false")
    if mounted:
        box.mount("/dev/" + lv, point, "rw,log=/dev/loglv00")
    return box


def context(box: Box, root: str, stdin: str = "", env: Optional[Dict[str, str]] = None) -> Context:
    """The box as a machine with its files below ``root``."""
    ctx = Context(box.world, root, stdin, env)
    for path, text in box.root().items():
        ctx.write(path, text)
    ctx.wrote_files = False
    return ctx
