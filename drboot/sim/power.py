"""Ending a simulated machine: what is left when init has gone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from drboot.sim.machine import Machine


def off(machine: Machine, action: str) -> None:
    """Ask whoever runs this LPAR's init to end it: ``action`` is ``reboot`` or ``halt``.

    The request is a file beside the LPAR's documents, never below its root: on AIX nothing of the kind exists.
    """
    path = os.path.join(machine.directory, "power")
    with open(path + ".new", "w", encoding="ascii") as file:
        file.write(action + "\n")
    os.replace(path + ".new", path)
