"""An estate whose drboot entry starts a few lines of sh in place of the shipped launcher."""

from __future__ import annotations

from drboot.sim import root
from drboot.sim.estates.build import Estate
from drboot.sim.init import LAUNCHER

ENTRY = f"drboot:2:wait:{LAUNCHER} </dev/null >/dev/console 2>&1 # DR: acts at another site only"
# $root is the simulated root: given by --root under the unprivileged init, empty under a real one
HEAD = '#!/bin/sh\nroot=\n[ "$1" = --root ] && root=$2\n'


def put(estate: Estate, script: str) -> None:
    """The home LPAR, and so every replica of it, runs ``script`` from the drboot entry."""
    root.write(estate.home.root, LAUNCHER, HEAD + script, 0o755)
    assert estate.home.run("/usr/sbin/mkitab", "-i", "srcmstr", ENTRY).rc == 0
