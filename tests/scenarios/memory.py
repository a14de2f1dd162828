"""The product run in this process, on an LPAR in memory: what tests/scenarios/lpars.py does with processes."""

from __future__ import annotations

import os
from typing import Mapping, Tuple

from drboot import boot, gate
from drboot.events import Console
from drboot.runner import Ran
from drboot.sim.inprocess import Gone, InProcess


def apply(lpar: InProcess) -> int:
    """What ``drboot --apply`` does; the exit code, 10 where the run ended in a reboot.  Raises Gone when killed."""
    root = lpar.machine.root

    def run_argv(argv: Tuple[str, ...], environment: Mapping[str, str], killable: bool, deadline: float) -> Ran:
        return Ran(*lpar.execute(argv, environment, killable, deadline))

    stamp = gate.read_stamp(root)
    said = run_argv((root + gate.LSATTR, *gate.QUERY[1:]), gate.ENVIRONMENT, True, gate.DEADLINE)
    decision = gate.decide(stamp, gate.parse_identity(said.stdout.encode()))
    if stamp is None or decision.action != "act":
        return decision.exit_code
    console = os.open(os.devnull, os.O_WRONLY)
    try:
        return boot.run(root, stamp, decision, by="operator", console=Console(console), run_argv=run_argv)
    except Gone as gone:
        if str(gone) == "reboot":
            return 10
        raise
    finally:
        os.close(console)
