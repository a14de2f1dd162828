"""VaryOn(lists, varied_on, names, messages)."""

from __future__ import annotations

from typing import Any, Dict

_PVS = (
    ("hdisk2", "000dd32daa568b07", "PVACTIVE"),
    ("hdisk3", "000dd32db9b5ab41", "PVACTIVE"),
    (None, "000dd31d58ba0ce8", "NONAME"),
    (None, "000dd31d714bfde2", "NONAME"),
)

EXPECTED: Dict[str, Any] = {
    "01-opt-f-two-of-four-pvs": (
        (_PVS, _PVS),
        ("datavg", "datavg"),
        ("datavg",),
        ("0516-510", "0516-510", "0516-548"),
    ),
}
