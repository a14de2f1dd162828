"""The services that must not run, or must run, at a site."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Iterator, Tuple

from drboot.errors import Problem, Where
from drboot.profile.keys import INITTAB_ID, NAME, ListOf
from drboot.profile.nodes import where_of
from drboot.profile.sections import Key, Section


@dataclass(frozen=True)
class Services:
    """``services:`` of a profile."""

    inittab_off: Tuple[str, ...]
    stop: Tuple[str, ...]
    start: Tuple[str, ...]
    hold_cron: Tuple[str, ...]
    at: Where


def _check(services: Services) -> Iterator[Problem]:
    for subsystem in services.start:
        if subsystem in services.stop:
            other = services.stop[services.stop.index(subsystem)]
            yield Problem(
                "service-stopped-and-started",
                f"subsystem {subsystem} is to be stopped and started",
                f"{where_of(subsystem, services.at)} and {where_of(other, services.at)}",
                "it is under stop and under start",
                "take it out of one of the two",
            )


SECTION = Section(
    "services",
    Services,
    meaning="What is held back or started at this site.",
    check=_check,
    keys=(
        Key(
            "inittab_off",
            ListOf(INITTAB_ID),
            "Inittab entries whose action becomes off; one that does not exist is fine.",
            default=(),
            shown="none",
            example="[nimclient, nimsh]",
        ),
        Key("stop", ListOf(NAME), "SRC subsystems to stop.", (), "none", "[snmpd]"),
        Key("start", ListOf(NAME), "SRC subsystems to start.", (), "none", "[xntpd]"),
        Key("hold_cron", ListOf(NAME), "Users whose crontab is set aside.", (), "none", "[oracle]"),
    ),
)
