"""sys0's flags against what the other sites need, and the levels at which a flag is dangerous.

Source: aix/boot-and-devices.md section 2: clouddev=1 resets whenever the partition's NVRAM is new, a replaced system
board included (IBM node n7106763); ghostdev resets when the partition id changes; APAR IJ10723 makes 7200-03-00 and
7200-03-01 take the first boot after an update for such a change (IBM flash 10792225).
"""

from __future__ import annotations

from typing import Iterator, Set, Tuple

from drboot.checks.base import Finding, Production, error, note
from drboot.facts import lsattr, oslevel

WHERE = "sys0"
BAD_LEVELS = ((7200, 3, 0), (7200, 3, 1))


def check(production: Production) -> Iterator[Finding]:
    resets = {site.device_reset: site for site in production.others}
    for flag, reset in (("ghostdev", "ghostdev"), ("clouddev", "clouddev-carried")):
        values = production.seen(lsattr.value("sys0", flag))
        if reset in resets:
            yield from _wanted(flag, values, f"{resets[reset].at} device_reset: {reset}")
        elif values == ("1",):
            yield from _left_on(flag, set(resets))
        if flag == "ghostdev" and values not in ((), ("0",)):
            yield from _level(production)


def _wanted(flag: str, values: Tuple[str, ...], where: str) -> Iterator[Finding]:
    if not values:
        yield error(
            "check-reset-flag-missing",
            f"this level of AIX has no {flag}",
            where,
            f"lsattr does not know sys0 {flag}",
            "update AIX, or set device_reset: clouddev-at-dr or none, which takes plan B; then: drboot arm",
        )
    elif values != ("1",):
        yield error(
            "check-reset-flag-off",
            f"the replica would not reset its devices at DR: {flag} is {values[0] or 'empty'}",
            where,
            f"the profile counts on sys0 {flag}=1, which has to be set before the disks are replicated",
            f"chdev -l sys0 -a {flag}=1, or: drboot arm",
        )


def _left_on(flag: str, resets: Set[str]) -> Iterator[Finding]:
    wanted = ", ".join(sorted(resets)) or "nothing"
    why = f"no other site asks for it (device_reset: {wanted})"
    if flag == "clouddev":
        yield error(
            "check-clouddev-left-on",
            "production would lose its devices when this partition gets new hardware",
            f"{WHERE} clouddev",
            f"clouddev is 1; {why}",
            "chdev -l sys0 -a clouddev=0, then: lsattr -El sys0 -a clouddev",
        )
    else:
        yield note(
            "check-ghostdev-left-on",
            "production would lose its devices when it is restarted as another partition",
            f"{WHERE} ghostdev",
            f"ghostdev is 1; {why}",
            "chdev -l sys0 -a ghostdev=0 where nothing else counts on it",
        )


def _level(production: Production) -> Iterator[Finding]:
    level = production.seen(oslevel.LEVEL)
    if (level.release, level.technology_level, level.service_pack) in BAD_LEVELS:
        yield error(
            "check-ghostdev-level",
            f"{level} may reset production's devices at the boot after an update",
            f"{WHERE} ghostdev",
            "APAR IJ10723: with ghostdev set, this level takes that boot for a change of the partition id",
            "install 7200-03-02-1846 or later, with ghostdev=0 until then",
        )
    yield note(
        "check-ghostdev-mobility",
        "remote restart and offline mobility reset production's devices",
        f"{WHERE} ghostdev",
        "ghostdev is set; whether this partition may be restarted remotely only the HMC knows",
        "have simplified remote restart off for this partition, or use device_reset: clouddev-at-dr",
    )
