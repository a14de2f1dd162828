"""A crontab: ``crontab -l``, or a file of /var/spool/cron/crontabs.

    0 11 * * * /usr/bin/errclear -d S,O 30

Minute, hour, day of month, month, day of week, command.  Comments start with ``#``.  No crontab: 0481-103, exit status
not 0.

Source: crontab/01 (5.3), 03.
"""

from __future__ import annotations

import re
from typing import NamedTuple, Tuple, Union

from drboot.facts.base import ignore, lines_of

IGNORE = (ignore(r"^[ \t]*#.*$", "comment"),)


class Job(NamedTuple):
    """``when``: the five fields; ``command`` as written; ``line`` counts from 1."""

    when: Tuple[str, ...]
    command: str
    line: int


class Crontab(NamedTuple):
    jobs: Tuple[Job, ...]
    lines: Tuple[str, ...]


_JOB = re.compile(r"\s*(?P<when>[0-9*,/\-]+(?:\s+[0-9*,/\-]+){4})\s+(?P<command>\S.*?)\s*")


def parse(text: Union[str, None]) -> Crontab:
    """The jobs in order.  ParseError for a line that is neither job, comment nor blank."""
    lines = lines_of(text or "")
    jobs = []
    for line in lines:
        if line.text.strip() and not line.text.lstrip().startswith("#"):
            job = line.match(_JOB, "not five fields and a command")
            jobs.append(Job(tuple(job.group("when").split()), job.group("command"), line.number))
    return Crontab(tuple(jobs), tuple(line.text for line in lines))
