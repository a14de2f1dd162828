"""What the recordings in vxdisk/ say, read by eye."""

from __future__ import annotations

from typing import Any, Dict

from drboot.facts.vxdisk import VxDisk


def _disk(device: str, kind: str, status: str) -> VxDisk:
    return VxDisk(device, kind, "", "", (status,))


EXPECTED: Dict[str, Any] = {
    "01-list-unknown-on-vios": (
        _disk("disk_0", "auto", "unknown"),
        _disk("ibm_ds8x000_02c1", "auto", "unknown"),
        _disk("ibm_ds8x000_0288", "auto", "unknown"),
        _disk("ibm_ds8x000_029a", "auto", "unknown"),
        _disk("ibm_ds8x000_0292", "auto", "unknown"),
        _disk("ibm_ds8x000_0293", "auto", "unknown"),
        _disk("ibm_ds8x000_0337", "auto", "unknown"),
    ),
    "02-list-lvm-disks": (
        _disk("disk_0", "auto:LVM", "LVM"),
        _disk("v_xiv0_108a", "auto:LVM", "LVM"),
    ),
}
