"""Contact(managed, status, node_id, number, name)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-peer-and-management": (
        (False, "I A", "0xd34ca9a5ea1e37c6", 1, "TESTDB1"),
        (False, "I A", "0x849959f09d9ceec6", 3, "TESTDB3"),
        (False, "S S", "0xe8a76231700ca2eb", 2, "TESTDB2"),
        (True, "I A", "0x12b6b4fd1cebb73f", 1, "10.126.37.29"),
    ),
}
