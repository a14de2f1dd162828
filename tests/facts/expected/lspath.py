"""Path(status, disk, parent, path id); the fields of -F; Attribute for -A."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-path-attributes-AHE": (("priority", "1", "Priority", "True"),),
    "02-l-hdisk3-two-fscsi": (("Enabled", "hdisk3", "fscsi0", ""), ("Enabled", "hdisk3", "fscsi1", "")),
    "04-missing": (
        ("Missing", "hdisk1", "fscsi1", ""),
        ("Missing", "hdisk4", "fscsi1", ""),
        ("Missing", "hdisk5", "fscsi1", ""),
    ),
    "05-HF-missing": (
        ("hdisk1", "fscsi1", "3", "50060e80100d2a62,0", "Missing"),
        ("hdisk4", "fscsi1", "3", "50060e80100d2a62,2000000000000", "Missing"),
        ("hdisk5", "fscsi1", "3", "50060e80100d2a62,3000000000000", "Missing"),
    ),
    "07-t-path-ids": (
        ("Enabled", "hdisk0", "fscsi0", "0"),
        ("Enabled", "hdisk0", "fscsi1", "1"),
        ("Enabled", "hdisk1", "fscsi0", "0"),
        ("Enabled", "hdisk1", "fscsi1", "1"),
    ),
    "08-F-six-fields-one-row": (("Enabled", "hdisk2", "vscsi0", "810000000000", "Available", "0"),),
    "09-error-0514-546": (("0514-546", "lspath: 0514-546 Invalid parameter - ansibleNegativeTest."),),
}
