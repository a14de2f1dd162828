"""Result(name, word); messages of a rmpath that failed."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-deleted": (("path", "Deleted"),),
    "02-error-last-path": (
        ("", "Method error (/usr/lib/methods/undefine):"),
        (
            "0514-076",
            "0514-076 Cannot perform the requested function because the specified paths include all paths for the"
            " device.",
        ),
    ),
}
