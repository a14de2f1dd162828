"""PagingSpace(name, disk, VG, MB, used %, active, auto, type, checksum); Summary for -s."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-opt-s-53c": (9216, 1),
    "05-opt-a-after-grow": (("hd6", "hdisk0", "rootvg", 8704, 1, True, True, "lv", 0),),
    "06-opt-a-three-hd6-inactive": (
        ("paging01", "hdisk2", "pagingvg", 61344, 0, True, True, "lv", 0),
        ("paging00", "hdisk1", "pagingvg", 61344, 0, True, True, "lv", 0),
        ("hd6", "hdisk0", "rootvg", 8192, 0, False, True, "lv", 0),
    ),
}
