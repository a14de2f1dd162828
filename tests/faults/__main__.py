"""``make faults``: the whole matrix, its table, and whether every promise was kept.

python -m tests.faults [--jobs N] [--every N] [VARIANT ...]
"""

from __future__ import annotations

import argparse
import sys

from tests.faults import matrix


def main() -> int:
    parser = argparse.ArgumentParser(prog="make faults", description="every command x every fault, judged by rules")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--every", type=int, default=1, help="only each n-th fault (1: all of them)")
    parser.add_argument("variants", nargs="*", default=matrix.ALL, help=f"of {' '.join(matrix.ALL)}")
    given = parser.parse_args()
    verdicts = matrix.run(given.variants, given.every, given.jobs, lambda line: print(line, flush=True))
    print(matrix.table(verdicts))
    text, kept = matrix.summary(verdicts)
    print(text)
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
