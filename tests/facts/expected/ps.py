"""Seconds for etime; Process(user, pid, parent, started, terminal, time, command)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-etime-init": ((1148 * 24 + 20) * 60 + 54) * 60 + 50,
    "02-inittab-child-form": (
        (
            "root",
            18808894,
            1,
            "00:56:19",
            "",
            "0:00",
            "sh -c exec /driver/tests/bloomberg/mbuf_police > /dev/null 2>&1 # Start TCP profile tunables",
        ),
    ),
}
