"""OdmObject(class, fields)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-CuAt-inet0": (
        (
            "CuAt",
            (
                ("name", "inet0"),
                ("attribute", "hostname"),
                ("value", "zeus.example.com"),
                ("type", "R"),
                ("generic", "DU"),
                ("rep", "s"),
                ("nls_index", 24),
            ),
        ),
        (
            "CuAt",
            (
                ("name", "inet0"),
                ("attribute", "route"),
                ("value", "net,-hopcount,0,,0,192.168.10.1"),
                ("type", "R"),
                ("generic", "DU"),
                ("rep", "s"),
                ("nls_index", 0),
            ),
        ),
        (
            "CuAt",
            (
                ("name", "inet0"),
                ("attribute", "route"),
                ("value", "net,-hopcount,0,-netmask,255.255.255.0,,,10.11.12.0,192.168.10.2"),
                ("type", "R"),
                ("generic", "DU"),
                ("rep", "s"),
                ("nls_index", 0),
            ),
        ),
    ),
    "02-CuAt-pvid-deadbeef": (
        (
            "CuAt",
            (
                ("name", "hdisk24"),
                ("attribute", "pvid"),
                ("value", "deadbeefdeadbeef0000000000000000"),
                ("type", "R"),
                ("generic", "D"),
                ("rep", "s"),
                ("nls_index", 2),
            ),
        ),
    ),
    "03-CuDv-processor": (
        ("CuDv", (("name", "proc0"), ("status", 1), ("chgstatus", 2), ("PdDvLn", "processor/sys/proc_rspc"))),
        ("CuDv", (("name", "proc8"), ("status", 0), ("chgstatus", 2), ("PdDvLn", "processor/sys/proc_rspc"))),
    ),
    "04-CuDv-lv": (
        (
            "CuDv",
            (
                ("name", "hd5"),
                ("status", 0),
                ("chgstatus", 1),
                ("ddins", ""),
                ("location", ""),
                ("parent", "rootvg"),
                ("connwhere", ""),
                ("PdDvLn", "logical_volume/lvsubclass/lvtype"),
            ),
        ),
        (
            "CuDv",
            (
                ("name", "hd6"),
                ("status", 0),
                ("chgstatus", 1),
                ("ddins", ""),
                ("location", ""),
                ("parent", "rootvg"),
                ("connwhere", ""),
                ("PdDvLn", "logical_volume/lvsubclass/lvtype"),
            ),
        ),
    ),
    "50-cuat-inet0-hostname-and-two-routes": (
        (
            "CuAt",
            (
                ("name", "inet0"),
                ("attribute", "hostname"),
                ("value", "zeus.example.com"),
                ("type", "R"),
                ("generic", "DU"),
                ("rep", "s"),
                ("nls_index", 24),
            ),
        ),
        (
            "CuAt",
            (
                ("name", "inet0"),
                ("attribute", "route"),
                ("value", "net,-hopcount,0,,0,192.168.10.1"),
                ("type", "R"),
                ("generic", "DU"),
                ("rep", "s"),
                ("nls_index", 0),
            ),
        ),
        (
            "CuAt",
            (
                ("name", "inet0"),
                ("attribute", "route"),
                ("value", "net,-hopcount,0,-netmask,255.255.255.0,,,10.11.12.0,192.168.10.2"),
                ("type", "R"),
                ("generic", "DU"),
                ("rep", "s"),
                ("nls_index", 0),
            ),
        ),
    ),
}
