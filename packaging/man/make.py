"""``make man``: python packaging/man/make.py DIR [EPOCH] writes the pages below DIR."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from man.pages import write


def main() -> int:
    directory, *rest = sys.argv[1:]
    for path in write(Path(directory), int(rest[0]) if rest else 0):
        sys.stdout.write(f"{path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
