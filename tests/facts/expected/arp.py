"""Neighbour(address, mac)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-an-six-entries": (
        ("172.29.131.16", "6E8770004003"),
        ("10.153.50.202", "3440B5ABFB5A"),
        ("10.153.1.99", "5254008EF2FB"),
        ("172.29.132.250", "3440B5A5D71E"),
        ("172.29.132.253", "3440B5A5D72A"),
        ("172.29.128.13", "60735C694244"),
    ),
}
