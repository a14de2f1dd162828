"""Is it the same machine?  See drboot/sim/likeness.py, which ``drboot-sim fleet --verify`` uses as well."""

from __future__ import annotations

from drboot.sim.likeness import ERRLOG, OF_THE_RUN, PASSING, RUN_ID, SECONDS, SINCE, files, machine_state

__all__ = ["ERRLOG", "OF_THE_RUN", "PASSING", "RUN_ID", "SECONDS", "SINCE", "files", "machine_state"]
