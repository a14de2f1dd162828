"""Ping(host, address, replies of sequence number, ttl, milliseconds)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-S-source-three-replies": ("nodeb", "10.9.53.130", ((0, 255, 0), (1, 255, 0), (2, 255, 0))),
}
