"""The time of the boot; RunLevel(level, when, now, times, last)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-b-73-exact-padding": "Feb 13 23:31",
    "03-r-runlevel2": ("2", "Aug 19 09:49", "2", 0, "S"),
}
