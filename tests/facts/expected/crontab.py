"""Crontab(jobs, lines)."""

from __future__ import annotations

from typing import Any, Dict

EXPECTED: Dict[str, Any] = {
    "01-root-6x": (
        (
            (("0", "11", "*", "*", "*"), "/usr/bin/errclear -d S,O 30", 1),
            (("0", "12", "*", "*", "*"), "/usr/bin/errclear -d H 90", 2),
            (("0", "15", "*", "*", "*"), "/usr/lib/ras/dumpcheck >/dev/null 2>&1", 3),
            (("55", "23", "*", "*", "*"), "/var/perf/pm/bin/pmcfg  >/dev/null 2>&1     #Enable PM Data Collection", 4),
        ),
        (
            "0 11 * * * /usr/bin/errclear -d S,O 30",
            "0 12 * * * /usr/bin/errclear -d H 90",
            "0 15 * * *  /usr/lib/ras/dumpcheck >/dev/null 2>&1",
            "55 23 * * * /var/perf/pm/bin/pmcfg  >/dev/null 2>&1     #Enable PM Data Collection",
        ),
    ),
    "03-error-0481-103": (("0481-103", "0481-103 Cannot open a file in the /var/spool/cron/crontabs directory."),),
}
