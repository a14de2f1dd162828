"""Result(name, word); messages of a rmdev that failed."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-Rdl-hdisk": (("hdisk1", "deleted"),),
    "01-opt-Rdl-disk": (("hdisk10", "deleted"),),
    "03-l-ent0-433": (("ent0", "Defined"),),
    "04-error-savebase-ipldevice": (
        ("0514-508", "0514-508 Cannot save the base customized information on /dev/ipldevice."),
        ("0514-609", "0514-609 Unable to save the base customized information on /dev/ipldevice."),
    ),
    "50-savebase-failure-no-hd5": (
        ("0514-508", "0514-508 Cannot save the base customized information on /dev/ipldevice."),
        ("0514-609", "0514-609 Unable to save the base customized information on /dev/ipldevice."),
    ),
}
