"""lqueryvg, lquerypv, readvgda, getlvodm: what is on a disk, whether its VG is imported or not.

Source: transcripts lqueryvg/*, lquerypv/*, readvgda/*, getlvodm/*; these commands have no public manual page.
"""

from __future__ import annotations

from typing import Callable, Dict, List, Optional, Tuple

from drboot.sim import lvm, mounts
from drboot.sim.command import Context, Usage, options
from drboot.sim.lvm import LvmError
from drboot.sim.world import Lun, Vgda

USAGE_VG = "Usage: lqueryvg [-g VGid | -p PVname] [-NsFncDaLPAvt]"
USAGE_PV = "Usage: lquerypv -h device [offset [length]]"
USAGE_READ = "Usage: readvgda device"
USAGE_ODM = "Usage: getlvodm -j pvname"


# ---------------------------------------------------------------- lqueryvg


def lqueryvg(ctx: Context, args: List[str]) -> int:
    """One letter per field; -t writes labels; -A all fields.

    Source: transcripts lqueryvg/01, 04, 05, 08, 09.  Letters without a transcript: taken from the usage line, assumed.
    """
    known = "NsFncDaLPAvtT"
    for argument in args:
        for letter in argument[1:] if argument.startswith("-") else "":
            if letter in "gp":
                break
            if letter not in known:
                raise Usage(f"lqueryvg: illegal option -- {letter}\n{USAGE_VG}")
    flags = options(args, known + "g:p:", USAGE_VG)[0]  # operands are ignored: transcripts lqueryvg/06 and 07
    if ("g" in flags) == ("p" in flags):
        raise Usage(USAGE_VG)
    try:
        vgda = _by_vgid(ctx, flags["g"][-1]) if "g" in flags else _by_disk(ctx, flags["p"][-1])
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1
    for letters, label, values in _fields(ctx, vgda):
        wanted = any(letter in flags for letter in letters) or ("A" in flags and letters != "T")
        for number, value in enumerate(values if wanted else []):
            shown = label if number == 0 else ""
            ctx.out((f"{shown:<14}\t" if "t" in flags else "") + value)
    return 0


def _by_vgid(ctx: Context, vgid: str) -> Vgda:
    """Source: transcripts lqueryvg/06 and 07: with -g the VG must be varied on."""
    for entry in ctx.world["odm"]["vgs"].values():
        if entry["vgid"] == vgid and entry["name"] in ctx.world["kernel"]["varied_on"]:
            return lvm.site_vgdas(ctx.world)[vgid]
    raise LvmError("0516-010 lqueryvg: Volume group must be varied on; use varyonvg command.")


def _by_disk(ctx: Context, hdisk: str) -> Vgda:
    lun = lvm.lun_of(ctx.world, hdisk[5:] if hdisk.startswith("/dev/") else hdisk)
    vgda = lvm.site_vgdas(ctx.world).get(lun["vgid"]) if lun and lvm.is_readable(ctx.world, lun) else None
    if vgda is None:
        raise LvmError(
            "0516-082 lqueryvg: Unable to access a special device file.",
            "\t Execute redefinevg and synclvodm to build correct environment.",
        )
    return vgda


def _fields(ctx: Context, vgda: Vgda) -> List[Tuple[str, str, List[str]]]:
    """[letters that ask for it, label, values] in the order of -A.  PP Size is a power of two."""
    kinds = {"normal": "0", "big": "1", "scalable": "2"}
    used = sum(lvm.lv_pps(lv) for lv in vgda["lvs"])
    total = sum(pv["pps"] for pv in vgda["pvs"])
    concurrent = any(
        entry["vgid"] == vgda["vgid"] and active.get("mode") == "concurrent"
        for name, active in ctx.world["kernel"]["varied_on"].items()
        for entry in [ctx.world["odm"]["vgs"][name]]
    )
    logical = [f"{vgda['vgid']}.{lv['number']}   {lv['name']} {lv['copies']}  " for lv in vgda["lvs"]]
    return [
        ("N", "Max LVs:", [str(vgda["max_lvs"])]),
        ("s", "PP Size:", [str(20 + (vgda["pp_size"]).bit_length() - 1)]),
        ("F", "Free PPs:", [str(total - used)]),
        ("n", "LV count:", [str(len(vgda["lvs"]))]),
        ("c", "PV count:", [str(len(vgda["pvs"]))]),
        ("D", "Total VGDAs:", [str(lvm.vgda_count(vgda))]),
        ("", "Conc Allowed:", [str(int(vgda["concurrent"]))]),
        ("", "MAX PPs per PV", [str(vgda["max_pps_per_pv"])]),
        ("", "MAX PVs:", [str(vgda["max_pvs"])]),
        ("a", "Conc Autovaryo", ["0"]),
        ("", "Varied on Conc", [str(int(concurrent))]),
        ("L", "Logical:", logical),
        ("P", "Physical:", [_physical(ctx, pv["pvid"], pv["vgdas"], pv["state"]) for pv in vgda["pvs"]]),
        ("", "Total PPs:", [str(total)]),
        ("", "LTG size:", [str(vgda["ltg"])]),
        ("", "HOT SPARE:", ["0"]),
        ("", "AUTO SYNC:", [str(int(vgda["auto_sync"] == "yes"))]),
        ("", "VG PERMISSION:", ["0"]),
        ("", "SNAPSHOT VG:", ["0"]),
        ("", "IS_PRIMARY VG:", ["0"]),
        ("", "PSNFSTPP:", ["4352"]),
        ("", "VARYON MODE:", ["0"]),
        ("", "VG Type:", [kinds[vgda["kind"]]]),
        ("", "Max PPs:", [str(vgda["max_pps"])]),
        ("T", "Time Stamp:", [vgda["timestamp"]]),
    ]


def _physical(ctx: Context, pvid: str, vgdas: int, state: str) -> str:
    """PVID, number of VGDAs, state.  The state number's meaning is open: 1 in a 5.3 sample, 0 in a 7.2 one."""
    active = "1" if ctx.world["odm"]["oslevel"].startswith("5") else "0"
    number = {"active": active, "missing": "2", "removed": "3"}[state]
    return f"{pvid:<32}{vgdas}   {number}" + ("  " if ctx.world["odm"]["oslevel"].startswith("5") else "")


# ---------------------------------------------------------------- lquerypv


def lquerypv(ctx: Context, args: List[str]) -> int:
    """-h: a hexadecimal dump of a disk's or LV's beginning: 16 bytes per row; offset and length are hexadecimal.

    Source: transcripts lquerypv/01, 02 (disk) and 05 (jfs2 superblock); the words "ORCLDISK" of an ASM disk at 0x20.
    """
    flags, names = options(args, "h:", USAGE_PV)
    if "h" not in flags or len(names) > 2:
        raise Usage(USAGE_PV)
    try:
        start = int(names[0], 16) if names else 0
        length = int(names[1], 16) if len(names) > 1 else 0x100
    except ValueError as error:
        raise Usage(USAGE_PV) from error
    content = _content(ctx, flags["h"][-1])
    if content is None:
        ctx.err("0516-082 lquerypv: Unable to access a special device file.")
        ctx.err("\t Execute redefinevg and synclvodm to build correct environment.")
        return 1
    for at in range(start, start + length, 16):
        row = bytes(content.get(at + byte, 0) for byte in range(16))
        words = " ".join(row[byte : byte + 4].hex().upper() for byte in range(0, 16, 4))
        text = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
        ctx.out(f"{at:08X}   {words}  |{text}|")
    return 0


def _content(ctx: Context, device: str) -> Optional[Dict[int, int]]:
    """The bytes that are not zero, by offset; None when the device cannot be opened."""
    name = device[5:] if device.startswith("/dev/") else device
    lun = lvm.lun_of(ctx.world, name[1:] if name.startswith("rhdisk") else name)
    found = lvm.find_lv(ctx.world, name)
    bytes_at: Dict[int, int] = {}

    def put(offset: int, data: bytes) -> None:
        bytes_at.update({offset + number: byte for number, byte in enumerate(data) if byte})

    if lun is not None and not lvm.reserved_elsewhere(ctx.world, lun):
        _put_disk(lun, put)
        return bytes_at
    if found is not None and not mounts.device_error(ctx, "/dev/" + name):
        if found.lv["fs"] is not None and found.lv["fs"]["state"] != "corrupt":
            for offset in (0x8000, 0xF000):  # primary and secondary superblock
                put(offset, b"J2FS\x00\x00\x00\x01")
        return bytes_at
    return None


def _put_disk(lun: Lun, put: Callable[[int, bytes], None]) -> None:
    if lun["asm"]:
        put(0x20, b"ORCLDISK")
        return
    if lun["pvid"]:
        put(0, bytes.fromhex("C9C2D4C1"))  # IPL record id
        put(0x80, bytes.fromhex(lun["pvid"]))


# ---------------------------------------------------------------- readvgda, getlvodm


def readvgda(ctx: Context, args: List[str]) -> int:
    """Rows ``label:`` and value.  Source: transcript readvgda/01; the other rows' labels from field notes."""
    if len(args) != 1 or args[0].startswith("-"):
        raise Usage(USAGE_READ)
    try:
        vgda = _by_disk(ctx, args[0])
    except LvmError as error:
        for line in error.lines:
            ctx.err(line)
        return 1
    lun = lvm.lun_of(ctx.world, args[0].rpartition("/")[2])
    ctx.out(f"{'pv_id:':<16}{lun['pvid'] if lun else ''}")
    ctx.out(f"{'vgid:':<16}{vgda['vgid']}")
    for lv in vgda["lvs"]:
        ctx.out(f"{'lvname:':<16}{lv['name']}")
    return 0


def getlvodm(ctx: Context, args: List[str]) -> int:
    """-j: the VGID of a disk's VG; -t and -v: between VG names and VGIDs.  Source: transcript getlvodm/01."""
    flags, names = options(args, "j:t:v:", USAGE_ODM)
    if names or len(flags) != 1:
        raise Usage(USAGE_ODM)
    vgs = ctx.world["odm"]["vgs"]
    if "j" in flags:
        hdisk = flags["j"][-1]
        vg = lvm.vg_of_disk(ctx.world, hdisk)
        if not vg:
            ctx.err(f"0516-320 /usr/sbin/getlvodm: Physical volume {hdisk} is not assigned to")
            ctx.err("        a volume group.")
            return 1
        ctx.out(vgs[vg]["vgid"])
        return 0
    wanted = (flags.get("t") or flags["v"])[-1]
    for entry in vgs.values():
        if wanted == entry["vgid" if "t" in flags else "name"]:
            ctx.out(entry["name" if "t" in flags else "vgid"])
            return 0
    ctx.err(f"0516-306 /usr/sbin/getlvodm: Unable to find volume group {wanted} in the Device")
    ctx.err("\tConfiguration Database.")
    return 1
