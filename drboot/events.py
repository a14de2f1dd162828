"""The event pipeline: what happens in a run, once said, reaches journal and console through structlog.

    tell = pipeline(run_id, journal, console)
    tell("step", step="names/hosts", outcome="changed", ...)

structlog is imported here and nowhere on a production boot.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from typing import Any, Callable, MutableMapping, Optional

import structlog

from drboot import render
from drboot.errors import plain
from drboot.journal import Journal

EventDict = MutableMapping[str, Any]


class Console:
    """Writes lines to a descriptor from a thread of its own, so that a stopped console stops nobody.

    On AIX a terminal stopped with Ctrl-S blocks its writers (aix/boot-and-devices.md section 4, unverified).
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self._lines: queue.Queue[Optional[str]] = queue.Queue(maxsize=10000)
        self._thread = threading.Thread(target=self._write, name="console", daemon=True)
        self._thread.start()

    def line(self, text: str) -> None:
        """Hand over a line; it is dropped when the console has been blocked for ten thousand of them."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(text)

    def close(self, patience: float = 2.0) -> None:
        """Give what is still waiting ``patience`` seconds, then leave it."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait(None)
        self._thread.join(patience)

    def _write(self) -> None:
        while True:
            text = self._lines.get()
            if text is None:
                return
            data = (plain(text) + "\n").encode("ascii")
            try:
                while data:
                    try:
                        data = data[os.write(self.descriptor, data) :]
                    except BlockingIOError:
                        time.sleep(0.1)
            except OSError:
                return


def _may_be_lost(event: EventDict) -> bool:
    """Whether a power loss may take it: what came to nothing by that very loss, or had changed nothing.

    A command that reads has ended by itself (one that hung is evidence, and kept at once); a process was started.
    """
    if event["event"] == "started":
        return True
    return (event["event"], event.get("kind"), event.get("outcome")) == ("command", "read", "exited")


def pipeline(run: str, journal: Optional[Journal], console: Optional[Console]) -> Callable[..., None]:
    """``tell(event, **keys)``: journal first, then the console, each optional."""

    def to_journal(_logger: Any, _method: str, event: EventDict) -> EventDict:
        if journal is not None:
            journal.append(event, sync=not _may_be_lost(event))
        return event

    def to_console(_logger: Any, _method: str, event: EventDict) -> EventDict:
        if console is not None:
            line = render.console_line(event)
            if line:
                for part in line.splitlines():
                    console.line(part)
        raise structlog.DropEvent

    logger = structlog.wrap_logger(
        None,
        processors=[
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            to_journal,
            to_console,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(0),
        run=run,
    )

    def tell(event: str, **keys: Any) -> None:
        logger.info(event, **keys)

    return tell
