"""Partition, System, Release, Everything, or the word itself."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-L-lpar99": (99, "lpar1"),
    "02-f-before-lpm": "80000BA02DC00063",
    "04-MuL-no-lpar": ("IBM,7043-260", "IBM,0110CABFD", (None, None)),
    "06-m-7043": "00CCABFD4C00",
    "07-m-73": "00CC00A04B00",
    "09-rvp-73": (3, 7, "powerpc"),
    "11-a-61": ("AIX", "server02", 1, 6, "00C71A624C00"),
    "12-W-not-wpar": 0,
}
