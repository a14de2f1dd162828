"""DumpSettings(rows)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-opt-l-61": (
        (
            ("primary", "/dev/lg_dumplv"),
            ("secondary", "/dev/sysdumpnull"),
            ("copy directory", "/var/adm/ras"),
            ("forced copy flag", "TRUE"),
            ("always allow dump", "FALSE"),
            ("dump compression", "ON"),
            ("type of dump", "traditional"),
        ),
    ),
}
