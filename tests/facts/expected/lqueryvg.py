"""Vgda(logical, physical, values); messages of a lqueryvg that failed."""

from __future__ import annotations

from typing import Any, Dict

_LOGICAL = (
    ("00ce23da00004c00000001099df94648.3", "installlv", 1),
    ("00ce23da00004c00000001099df94648.4", "fslv01", 1),
)

EXPECTED: Dict[str, Any] = {
    "01-opt-tA-by-vgid": (
        _LOGICAL,
        (("00ce23da6409b93f", 1, 1), ("00ce23da6409bb88", 1, 1), ("00ce23daeca0fb0a", 1, 1)),
        (
            ("Max LVs", "256"),
            ("PP Size", "27"),
            ("Free PPs", "4"),
            ("LV count", "2"),
            ("PV count", "3"),
            ("Total VGDAs", "3"),
            ("Conc Allowed", "0"),
            ("MAX PPs per PV", "1016"),
            ("MAX PVs", "32"),
            ("Conc Autovaryo", "0"),
            ("Varied on Conc", "0"),
            ("Total PPs", "239"),
            ("LTG size", "128"),
            ("HOT SPARE", "0"),
            ("AUTO SYNC", "1"),
            ("VG PERMISSION", "0"),
            ("SNAPSHOT VG", "0"),
            ("IS_PRIMARY VG", "0"),
            ("PSNFSTPP", "4352"),
            ("VARYON MODE", "0"),
            ("VG Type", "0"),
            ("Max PPs", "32512"),
        ),
    ),
    "04-opt-tL-by-vgid": (_LOGICAL, (), ()),
    "05-opt-tT-timestamp": ((), (), (("Time Stamp", "47cb69910d21db31"),)),
    "06-vg-not-varied-on": (("0516-010", "0516-010 lqueryvg: Volume group must be varied on; use varyonvg command."),),
    "07-device-not-accessible": (
        (
            "0516-082",
            "0516-082 lqueryvg: Unable to access a special device file."
            " Execute redefinevg and synclvodm to build correct environment.",
        ),
    ),
    "08-usage": (
        ("", "lqueryvg: illegal option -- d"),
        ("", "Usage: lqueryvg [-g VGid | -p PVname] [-NsFncDaLPAvt]"),
    ),
    "09-opt-Ptp-one-pv": ((), (("00cbe20096a8f09f", 2, 0),), ()),
}
