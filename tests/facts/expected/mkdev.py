"""Result(name, word); messages of a mkdev that failed."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-l-ent0-433": (("ent0", "Available"),),
    "02-vios-lnagg": (("ent4", "Available"), ("en4", ""), ("et4", "")),
    "04-error-cfgsea-method": (
        (
            "",
            "Method error (/usr/lib/methods/cfgsea): Failed to configure SEA with return code 1 and SEA-specific error"
            " code 10: Detailed info: Setting real adapter ent2 in promiscuous mode failed with error 1",
        ),
    ),
}
