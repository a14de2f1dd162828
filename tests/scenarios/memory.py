"""The product run in this process, on an LPAR in memory: what tests/scenarios/lpars.py does with processes.

See drboot/sim/together.py, by which ``drboot-sim fleet`` does the same.
"""

from __future__ import annotations

from drboot.runner import Execute
from drboot.sim.together import apply, arm_at_home, decide, identity, rebooted, run_on, said, wake

__all__ = ["Execute", "apply", "arm_at_home", "decide", "identity", "rebooted", "run_on", "said", "wake"]
