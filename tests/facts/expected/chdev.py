"""Result(name, word); messages of a chdev that failed."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-pv-yes": (("hdisk3", "changed"),),
    "01-sys0-changed": (("sys0", "changed"),),
    "02-chdef-changed": (("queue_depth", "changed"),),
    "02-pv-busy-0514-062": (
        ("", "Method error (/usr/lib/methods/chgdisk):"),
        ("0514-062", "0514-062 Cannot perform the requested function because the specified device is busy. pv"),
    ),
    "03-error-0514-018": (
        ("", "Method error(/usr/lib/methods/chggen):"),
        (
            "0514-018",
            "0514-018 The values specified for thefollowing attributes are not valid:"
            " ncargs ARG/ENV list size in 4Kbyte blocks",
        ),
    ),
    "50-en-changed": (("en2", "changed"),),
}
