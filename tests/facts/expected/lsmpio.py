"""MpioPath(disk, path id, status, path status, parent, connection)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-plain": (
        ("hdisk0", 0, "Enabled", ("Sel",), "vscsi0", "810000000000"),
        ("hdisk1", 0, "Enabled", ("Sel",), "vscsi1", "810000000000"),
        ("hdisk4", 0, "Enabled", ("Clo",), "fscsi0", "500507180120c1c4,2000000000000"),
        ("hdisk4", 1, "Enabled", ("Clo",), "fscsi0", "500507180120c5cb,2000000000000"),
    ),
}
