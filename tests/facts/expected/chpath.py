"""Result(name, word)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {"01-disable-enable": (("paths", "Changed"),)}
