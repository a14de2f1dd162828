"""psutil, where there is one: it names lock holders and hung processes, and nothing depends on it.

It cannot be vendored (a C extension built on AIX), and ``-S`` hides the Toolbox's site-packages, so that directory
is looked into explicitly (aix/packaging.md section 5).  Where a 64-bit Python keeps its extensions in lib64,
``sys.platlibdir`` says so.
"""

from __future__ import annotations

import importlib
import os
import sys
from typing import Any, Optional


def psutil() -> Optional[Any]:
    """The module, or None.  Its AIX port raises more than ImportError when it was built for another level."""
    try:
        return importlib.import_module("psutil")
    except ImportError:
        pass
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    for library in dict.fromkeys((sys.platlibdir, "lib")):
        directory = os.path.join(sys.prefix, library, version, "site-packages")
        if os.path.isdir(os.path.join(directory, "psutil")) and directory not in sys.path:
            return _imported(directory)
    return None


def _imported(directory: str) -> Optional[Any]:
    sys.path.append(directory)
    try:
        return importlib.import_module("psutil")
    except Exception:  # a broken extension must not cost a recovery
        return None
    finally:
        sys.path.remove(directory)
