"""The switches of a simulated machine where the reference leaves AIX's behaviour open.

A machine's choice is ``settings["variants"][name]``; commands read it with ``ctx.variant(name, default)``.
drboot has to survive every value.
"""

from __future__ import annotations

from typing import Dict, NamedTuple, Tuple


class Variant(NamedTuple):
    """values: the first one is the default.  open: which fact no public source settles, or where sources contradict."""

    values: Tuple[str, ...]
    open: str


VARIANTS: Dict[str, Variant] = {
    # devices: reset, discovery, lsattr, chdev
    "clouddev_mode": Variant(
        ("nvram", "every_boot"),
        "Whether clouddev=1 resets only where the LPAR's NVRAM has no variable yet, or at each boot: the author of the "
        "ghostdev article says both (boot-and-devices.md section 2).",
    ),
    "clouddev_chdev": Variant(
        ("creates", "leaves"),
        "Whether chdev clouddev=1 makes the NVRAM variable as false; then IBM's own recipe, bootutil -c before that "
        "chdev, would have no effect.",
    ),
    "sys0_survives": Variant(
        ("no", "yes"), "Whether sys0 attributes such as maxuproc survive the device reset (section 2: unclear)."
    ),
    "adapter_identity": Variant(
        ("location", "slot"),
        "Whether without a reset a virtual adapter in the same slot of another frame is known again, or the old one "
        "stays Defined beside a new name.",
    ),
    "alias4_duplicate": Variant(("error", "silent"), "chdev alias4 with an address that the interface has already."),
    "delalias4_absent": Variant(("error", "silent"), "chdev delalias4 with an alias that is not there."),
    "route_duplicate": Variant(
        ("error", "silent", "append"),
        "chdev route= with a value that is stored already; duplicates are seen in the field (network section 4).",
    ),
    "delroute_absent": Variant(("error", "silent"), "chdev delroute= with a string that is not stored."),
    "state_down_exit": Variant(
        ("0", "1"), "Exit status of chdev state=down: IBM's cloud-init accepts both (network section 3)."
    ),
    "chdev_error_exit": Variant(("1", "255"), "Exit status of a refused chdev: both plausible (section 6)."),
    "bootlist_empty": Variant(("nothing", "dash"), "What bootlist -o prints for a list that was never set."),
}
