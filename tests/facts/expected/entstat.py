"""Ethernet(name, type, mac, link, port link, LAN state, port VLAN, tagged VLANs, switch, driver flags)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-en0-llan-aix73": (
        (
            "en0",
            "Virtual I/O Ethernet Adapter (l-lan)",
            "4E121956B514",
            None,
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Running", "Simplex", "64BitSupport", "ChecksumOffload", "LargeSend"),
                *("DataRateSet", "PlatformTSO", "VIOENT", "IPV6_LSO", "IPV6_CSO"),
            ),
        ),
    ),
    "03-open-error-errno-13": (("0909-002", "entstat: 0909-002 Unable to open device en0, errno = 13"),),
    "04-d-gigabit-link-up": (
        (
            "ent2",
            "4-Port 10/100/1000 Base-TX PCI-Express Adapter (14106803)",
            "E41F13FD2975",
            "Up",
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Running", "Simplex", "Promiscuous", "64BitSupport"),
                *("ChecksumOffload", "LargeSend", "DataRateSet"),
            ),
        ),
    ),
    "06-d-8023ad-head": (
        (
            "ent10",
            "IEEE 802.3ad Link Aggregation",
            "E41F13D828C4",
            None,
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Running", "Simplex", "Promiscuous", "64BitSupport"),
                *("ChecksumOffload", "LargeSend", "DataRateSet"),
            ),
        ),
    ),
    "07-d-vlan-adapter": (
        (
            "ent13",
            "",
            "E41F13D828C4",
            None,
            None,
            None,
            None,
            (),
            None,
            ("Up", "Broadcast", "Running", "Simplex", "64BitSupport", "ChecksumOffload", "DataRateSet"),
        ),
    ),
    "09-d-10gbe-link-down": (
        (
            "ent0",
            "Int Multifunction Card w/ Copper SFP+ 10GbE Adapter",
            "E41F13D72814",
            "Down",
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Simplex", "Limbo", "64BitSupport", "ChecksumOffload", "LargeSend"),
                "DataRateSet",
            ),
        ),
    ),
    "10-d-1gbe-link-up-elx": (
        (
            "ent2",
            "Int Multifunction Card w/ Base-TX 10/100/1000 1GbE Adapter",
            "E41F13D72815",
            "Up",
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Running", "Simplex", "AlternateAddress", "64BitSupport"),
                *("ChecksumOffload", "LargeSend", "DataRateSet"),
            ),
        ),
    ),
    "12-d-empty-device-type-link-up": (
        (
            "ent2",
            "Qlogic combo Gigabit Ethernet PCI-Express Adapter (e4143a161410a003)",
            "E41F13908FF4",
            "Up",
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Running", "Simplex", "Promiscuous", "64BitSupport"),
                *("ChecksumOffload", "PrivateSegment", "LargeSend", "DataRateSet"),
            ),
        ),
    ),
    "13-d-member-of-8023ad": (
        (
            "ent4",
            "Gigabit Ethernet PCIe Adapter (e4145716e4142004)",
            "40F2E95A2168",
            "Up",
            None,
            None,
            None,
            (),
            None,
            (
                *("Up", "Broadcast", "Running", "Simplex", "Promiscuous", "AlternateAddress"),
                *("64BitSupport", "ChecksumOffload", "PrivateSegment", "LargeSend", "DataRateSet"),
            ),
        ),
    ),
    "15-d-shared-ethernet-adapter": (
        (
            "ent22",
            "Shared Ethernet Adapter",
            "E41F13FD2975",
            None,
            None,
            None,
            None,
            (),
            None,
            ("Up", "Broadcast", "Running", "Simplex", "64BitSupport", "ChecksumOffload", "LargeSend", "DataRateSet"),
        ),
    ),
    "16-all-sea-priority-grep": {"Port VLAN ID": "1"},
}
