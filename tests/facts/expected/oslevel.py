"""Level(release, technology level, service pack, build); the base level."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-s-7300-03": (7300, 3, 0, "2446"),
    "02-s-7200-04": (7200, 4, 1, "1939"),
    "04-s-5300-05": (5300, 5, 4, ""),
    "06-plain-71": "7.1.0.0",
}
