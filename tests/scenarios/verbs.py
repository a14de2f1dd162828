"""The command line run in this process on an LPAR in memory: what lpars.drboot does with processes."""

from __future__ import annotations

import contextlib
import functools
import io

import pytest

from drboot import cli, gate, runner
from drboot.runner import Execute
from drboot.sim.inprocess import InProcess
from tests.scenarios import memory
from tests.scenarios.lpars import Ran


def drboot(lpar: InProcess, *args: str, run_argv: Execute = runner.execute) -> Ran:
    """Run a verb.  ``run_argv`` may stand between drboot and the machine."""
    through = memory.run_on(lpar) if run_argv is runner.execute else run_argv
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(runner, "Runner", functools.partial(runner.Runner, run_argv=through))
        patched.setattr(gate, "query_identity", lambda root, deadline=0: memory.identity(lpar))
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                rc = cli.main(["--root", lpar.machine.root, *args])
            except SystemExit as usage:  # argparse
                rc = int(str(usage.code))
    return Ran(rc, out.getvalue(), err.getvalue())
