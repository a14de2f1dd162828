"""VaryOn(lists, varied_on, names, messages); messages of a varyonvg that failed."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-opt-n-s-pvremoved": (
        (
            (
                ("hdisk1", "000dd31d714bfde2", "PVREMOVED"),
                ("hdisk2", "000dd31d58ba0ce8", "PVREMOVED"),
                ("hdisk3", "000dd32daa568b07", "PVACTIVE"),
                ("hdisk4", "000dd32db9b5ab41", "PVACTIVE"),
            ),
        ),
        ("datavg",),
        (),
        (),
    ),
    "02-no-quorum-0516-052": (
        (
            "0516-052",
            "0516-052 varyonvg: Volume group cannot be varied on without a quorum."
            " More physical volumes in the group must be active.",
        ),
    ),
}
