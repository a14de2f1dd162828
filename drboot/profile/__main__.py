"""``python -m drboot.profile schema|reference``: the pages that are made from the declarations, on standard output."""

from __future__ import annotations

import sys

from drboot.errors import EXIT_CONFIG, EXIT_OK
from drboot.profile import reference, schema

PAGES = {"schema": schema.text, "reference": reference.text}


def main() -> int:
    if len(sys.argv) != 2 or sys.argv[1] not in PAGES:
        sys.stderr.write("usage: python -m drboot.profile schema|reference\n")
        return EXIT_CONFIG
    sys.stdout.write(PAGES[sys.argv[1]]())
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
