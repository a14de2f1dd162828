"""Entry(id, levels, action, command)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-one-entry-433": (("qemunet", "2", "wait", "/etc/rc.qemu-net > /dev/console 2>&1"),),
    "02-a-two-inserted-after-srcmstr": (
        (
            "AIXDRconfig",
            "2",
            "once",
            "/etc/AIX_DRconfig.ksh > /dev/console 2>&1 #Reconfigure the system for DR on boot.",
        ),
        (
            "AIXDRimportvg",
            "2",
            "once",
            "/etc/AIX_DRimportvg.ksh > /dev/console 2>&1 #Reconfigure the system for DR on boot.",
        ),
    ),
}
