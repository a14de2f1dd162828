"""BootEntry(device, options)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-o-two-paths": (
        ("hdisk0", (("blv", "hd5"), ("pathid", "0"))),
        ("hdisk0", (("blv", "hd5"), ("pathid", "1"))),
    ),
    "03-o-five-paths-powervs": (
        ("hdisk1", (("blv", "hd5"), ("pathid", "0"))),
        ("hdisk1", (("blv", "hd5"), ("pathid", "1"))),
        ("hdisk1", (("blv", "hd5"), ("pathid", "2"))),
        ("hdisk1", (("blv", "hd5"), ("pathid", "3"))),
        ("hdisk1", (("blv", "hd5"), ("pathid", "4"))),
    ),
    "04-o-no-pathid-repeats": (
        ("hdisk0", (("blv", "hd5"),)),
        ("hdisk0", (("blv", "hd5"),)),
        ("hdisk0", (("blv", "hd5"),)),
        ("hdisk0", (("blv", "hd5"),)),
    ),
}
