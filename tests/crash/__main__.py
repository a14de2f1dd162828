"""``make crash``; see tests/crash/__init__.py."""

from __future__ import annotations

import sys

from tests.crash.everything import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
