"""Signals to a run that somebody started by hand: how it is stopped, and what does not stop it.

Only such a run listens.  The boot's worker leaves SIGTERM as it is and ends at once, as by a loss of power: it gets
one from a shutdown, which kills whoever is left a moment later (Assumed: by SIGKILL, as shutdown does elsewhere), so
that waiting for an fsck could only hold up the shutdown, and a report of it would never be written.  Each point of a
run is made for such an end (tests/crash); the writer that ran has a process group of its own, and is signalled by
nobody of ours.  A terminal, and with it SIGINT and SIGHUP, it does not have (gate._detached).
"""

from __future__ import annotations

import contextlib
import signal
from typing import Any, Dict, Iterator


class Stop:
    """Whether no further step shall begin.

    asked  the name of the signal that said so; "" while nobody does
    """

    def __init__(self) -> None:
        self.asked = ""

    @property
    def note(self) -> str:
        """For the report of a run that was stopped."""
        return f"The run was stopped by {self.asked}: what ran was waited for, and no further step was begun."


@contextlib.contextmanager
def listening() -> Iterator[Stop]:
    """SIGINT and SIGTERM ask the run to stop, and asking twice is no more; SIGHUP does nothing.

    The network that the operator came in by may go away under him; what was begun is finished all the same.  SIGHUP has
    a handler and is not ignored, since exec leaves to children what is ignored, and hooks start daemons that are told
    by SIGHUP to read their files again.
    """
    stop = Stop()

    def ask(number: int, _frame: Any) -> None:
        stop.asked = stop.asked or signal.Signals(number).name

    before: Dict[signal.Signals, Any] = {
        signal.SIGINT: signal.signal(signal.SIGINT, ask),
        signal.SIGTERM: signal.signal(signal.SIGTERM, ask),
        signal.SIGHUP: signal.signal(signal.SIGHUP, lambda *_: None),
    }
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
