"""Got(destination, mask, gateway, interface, interface address, flags, numbers)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-n-get-default": (
        "default",
        "default",
        "172.29.128.13",
        "en0",
        "172.29.174.58",
        ("UP", "GATEWAY", "DONE"),
        (0, 0, 0, 0, 0, 0, 0, -79),
    ),
}
